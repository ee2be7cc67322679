"""What is done with a ticket: the moves of its life, its place, its end in another, and notes."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response
from flask_babel import lazy_gettext as _l

from geodata.services import merging, placing
from geodata.services.history import Seen
from geodata.services.moves import LONGEST_EXTENSION
from geodata.services.photos import NewPhoto, clean_photos, move_with_photos
from geodata.services.tickets import ticket as ticket_of
from geodata.services.workflow import MOVES
from webmap import access, params
from webmap.access import actor, demand, needs, role, ticket_scope
from webmap.api.v1 import ticket_facts
from webmap.api.v1.tickets import ETAG
from webmap.api.v1.versions import LARGEST_VERSION, seen, with_version
from webmap.bodies import JsonBody
from webmap.errors import BadMember
from webmap.idempotency import act_once, answered, once
from webmap.openapi import Answer, Body, described
from webmap.openapi.parameters import LANG
from webmap.openapi.shapes import JSON, ref
from webmap.openapi.v1_parameters import IDEMPOTENCY_KEY, IF_MATCH
from webmap.pages.ticket import history_of
from webmap.pages.ticket_moves import LONGEST_REASON, PHOTO_KINDS, facts_asked
from webmap.records import current_session
from webmap.responses import as_json
from webmap.uploads import photos, takes_photos

bp = Blueprint("v1_moves", __name__, url_prefix="/api/v1/tickets")

# Services of their own make these, and take what the others do not.
PLACE, MERGE = "place", "merge"
PLACED = ("lon", "lat", "datum")

ACTIONS = (*(move.action for move in MOVES.values() if not move.is_by_rule), PLACE, MERGE)

CODE = {"type": "string", "minLength": 1, "maxLength": 100}
REASON = {"type": "string", "maxLength": LONGEST_REASON}
VERSION = {"type": "integer", "minimum": 0, "maximum": LARGEST_VERSION}

MOVE = JsonBody(
    {
        "action": {"type": "string", "enum": list(ACTIONS)},
        "version": VERSION,
        "reason": REASON,
        "code": CODE,
        "amount": {"type": "number", "minimum": 0, "maximum": LONGEST_EXTENSION},
        "satisfied": {"type": "boolean"},
        "rule": CODE,
        "into": CODE,
        "lon": {"type": "number", "minimum": -1e8, "maximum": 1e8},
        "lat": {"type": "number", "minimum": -1e8, "maximum": 1e8},
        "datum": CODE,
    },
    required=("action",),
    files={"photo": "other", "before": "before", "after": "after"},
)
COMMENT = JsonBody(
    {"text": {"type": "string", "minLength": 1, "maxLength": LONGEST_REASON}, "version": VERSION}, required=("text",)
)

# Members that any move may have.
ALWAYS = frozenset({"action", "version", "reason"})


@bp.post("/<number>/moves")
@described(
    _l("Make a move with a ticket: accept it, report it done, check it, return it …"),
    "v1",
    {200: Answer(_l("What has happened, and the ticket as it is now"), {JSON: ref("Moved")}, headers=ETAG)},
    query=(LANG, IDEMPOTENCY_KEY, IF_MATCH),
    body=Body(MOVE.content),
    errors=(409, 412, 413, 415, 422),
    is_open=False,
    method="POST",
)
@takes_photos
@needs("ticket.handle")
def move(number: str) -> Response:
    """Make one move; `moves` of the ticket tells which are open to whoever asks, and what each takes.

    With `If-Match` or `version` nothing is done to a ticket that has changed since: 412.
    """
    params.only()
    had = answered()
    if had is not None:
        return had
    sent = MOVE.sent()
    demand("ticket.handle", ticket=access.ticket(number))
    action, goes_by = sent["action"], seen(sent)
    _only_asked(action, sent)
    taken = photos({**MOVE.files, "photo": PHOTO_KINDS.get(action, "other")})
    if taken and action in {PLACE, MERGE}:
        raise BadMember("/photo", f"left out with {action}")
    if taken:
        # others work while pictures are drawn anew
        current_session().commit()
    kept = clean_photos(taken)

    def act() -> Response:
        _act(number, sent, kept, goes_by)
        return moved(number)

    return act_once(act)


@bp.post("/<number>/comments")
@described(
    _l("Add a note to a ticket"),
    "v1",
    {201: Answer(_l("The note as an event, and the ticket as it is now"), {JSON: ref("Moved")}, headers=ETAG)},
    query=(LANG, IDEMPOTENCY_KEY, IF_MATCH),
    body=Body(COMMENT.content),
    errors=(409, 412, 413, 415, 422),
    is_open=False,
    method="POST",
)
@needs("ticket.handle")
@once
def comment(number: str) -> Response:
    """Add a note, which stands in the history; free text is told masked to those who may not read words."""
    params.only()
    sent = COMMENT.sent()
    demand("ticket.handle", ticket=access.ticket(number))
    _act(number, {"action": "note", "reason": sent["text"]}, (), seen(sent))
    return moved(number, status=201)


def _only_asked(action: str, sent: Mapping[str, Any]) -> None:
    """Refuse members that the move has no use for: whoever sends them means another one."""
    taken = ALWAYS | facts_asked(action)
    taken |= set(PLACED) if action == PLACE else {"into"} if action == MERGE else set()
    for name in sorted(set(sent) - taken):
        raise BadMember(f"/{name}", f"left out with {action}")
    wanted = PLACED[:2] if action == PLACE else ("into",) if action == MERGE else ()
    for name in wanted:
        if name not in sent:
            raise BadMember(f"/{name}", f"given with {action}")


def _act(number: str, sent: Mapping[str, Any], kept: Sequence[NewPhoto], goes_by: Seen) -> None:
    """Do what was sent, by the service that does it for the pages."""
    session = current_session()
    who: dict[str, Any] = {"actor": actor(), "role": role(), "seen": goes_by}
    action, reason = sent["action"], (sent.get("reason") or "").strip()
    if action == MERGE:
        for each in (number, sent["into"]):
            demand("ticket.merge", ticket=access.ticket(each))
        merging.merge(session, number, sent["into"], reason=reason, scope=ticket_scope(), **who)
    elif action == PLACE:
        spot = placing.pin(session, lon=sent["lon"], lat=sent["lat"], datum=sent.get("datum", "wgs84"))
        placing.move_place(session, number, spot, scope=ticket_scope(), **who)
    else:
        facts = {name: sent[name] for name in facts_asked(action) if name in sent}
        move_with_photos(
            session, number, action, reason=reason or None, facts=facts, photos=kept, scope=ticket_scope(), **who
        )


def moved(number: str, *, status: int = 200, **more: Any) -> Response:  # noqa: ANN401 - any JSON value
    """The newest event of a ticket, and the ticket where whoever asks still sees it; `more` stands beside."""
    ticket = ticket_of(current_session(), number)
    latest = ticket_facts.event(history_of(ticket)[-1])
    now = {"event": latest, "ticket": ticket_facts.if_seen(number)}
    facts = {"number": number, "version": latest["seq"], **more, **now}
    return with_version(as_json(facts, status=status), latest["seq"])
