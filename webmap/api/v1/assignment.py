"""Giving tickets to units: who may take one and why, one by the rule or by hand, all that wait at once."""

from typing import Any

from flask import Blueprint, Response
from flask_babel import lazy_gettext as _l

from geodata.services import assignment, batches
from geodata.services.batches import METHODS, BatchSummary
from geodata.services.history import version
from spatial.assign import Decision
from webmap import access, params
from webmap.access import actor, demand, needs, own_area, role, ticket_scope
from webmap.api.v1 import ticket_facts
from webmap.api.v1.moves import CODE, REASON, VERSION, moved
from webmap.api.v1.tickets import ETAG
from webmap.api.v1.versions import seen, with_version
from webmap.bodies import JsonBody
from webmap.errors import BadMember
from webmap.idempotency import once
from webmap.languages import local
from webmap.openapi import Answer, Body, described
from webmap.openapi.parameters import LANG
from webmap.openapi.shapes import JSON, ref
from webmap.openapi.v1_parameters import IDEMPOTENCY_KEY, IF_MATCH
from webmap.pages.assignment import MOST, weighed
from webmap.records import current_session
from webmap.responses import as_json

bp = Blueprint("v1_assignment", __name__, url_prefix="/api/v1")

ASSIGNMENT = JsonBody({"unit": CODE, "reason": REASON, "version": VERSION, "dry_run": {"type": "boolean"}})
BATCH = JsonBody(
    {
        "town": CODE,
        "numbers": {"type": "array", "items": CODE, "minItems": 1, "maxItems": MOST, "uniqueItems": True},
        "method": {"type": "string", "enum": list(METHODS), "default": METHODS[0]},
        "limit": {"type": "integer", "minimum": 1, "maximum": MOST, "default": MOST},
        "dry_run": {"type": "boolean", "default": False},
    }
)


@bp.get("/tickets/<number>/candidates")
@described(
    _l("Units that may take a ticket, ranked, and those that may not, with the reasons"),
    "v1",
    {200: Answer(_l("What the rule of assignment says now"), {JSON: ref("Candidates")}, headers=ETAG)},
    query=(LANG,),
    errors=(409,),
    is_open=False,
)
@needs("ticket.assign")
def candidates(number: str) -> Response:
    """What the rule says of the units for a ticket that can be given to one; nothing is stored."""
    params.only()
    ticket, found = weighed(number)
    facts = {"number": number, "at": local(found.place.at), **ticket_facts.decision(found.decision)}
    return with_version(as_json(facts), version(current_session(), ticket))


@bp.post("/tickets/<number>/assignment")
@described(
    _l("Give a ticket to a unit: by the rule, or to one that is named"),
    "v1",
    {200: Answer(_l("Who has it, why, and the ticket as it is now"), {JSON: ref("Assigned")}, headers=ETAG)},
    query=(LANG, IDEMPOTENCY_KEY, IF_MATCH),
    body=Body(ASSIGNMENT.content),
    errors=(409, 412, 413, 415, 422),
    is_open=False,
    method="POST",
)
@needs("ticket.assign")
@once
def assign(number: str) -> Response:
    """Let the rule pick the unit, or give the ticket to `unit` by hand with a `reason`; `dry_run` only decides."""
    params.only()
    sent = ASSIGNMENT.sent()
    session, ticket = current_session(), access.ticket(number)
    demand("ticket.assign", ticket=ticket)
    is_dry = sent.get("dry_run", False)
    who: dict[str, Any] = {"actor": actor(), "role": role(), "seen": seen(sent)}
    if "unit" in sent:
        if is_dry:
            raise BadMember("/dry_run", "left out with unit: candidates tell what would speak against it")
        found = assignment.choose(
            session, number, sent["unit"], reason=sent.get("reason", ""), scope=ticket_scope(), **who
        )
        against = ticket_facts.reasons(found.refusals)
        return moved(number, is_dry_run=False, method="hand", refusals=against, decision=None)
    if "reason" in sent:
        raise BadMember("/reason", "left out without unit: the rule tells its reasons itself")
    decision = assignment.assign(session, ticket, dry_run=is_dry, scope=ticket_scope(), **who)
    if is_dry:
        return _decided(number, decision)
    told = ticket_facts.decision(decision)
    return moved(number, is_dry_run=False, method="rule", refusals=[], decision=told)


@bp.post("/assignments")
@described(
    _l("Give many tickets that wait to units"),
    "v1",
    {200: Answer(_l("What it comes to, and who has which"), {JSON: ref("Batch")})},
    query=(LANG, IDEMPOTENCY_KEY),
    body=Body(BATCH.content),
    errors=(409, 413, 415, 422),
    is_open=False,
    method="POST",
)
@needs("ticket.assign")
@once
def assign_waiting() -> Response:
    """Give the tickets that wait in a `town`, or those of `numbers` among them, to units; `dry_run` only decides.

    Without both those of one's own area; of the whole district for those who work for it.
    """
    params.only()
    # a key that may not read sees none that waits, which would look as if there were none
    demand("ticket.read")
    sent = BATCH.sent()
    session, numbers = current_session(), sent.get("numbers")
    town = sent.get("town") or own_area()
    if numbers is not None:
        # whose they are, the scope says of each
        town = sent.get("town")
        batches.states_of(session, numbers, scope=ticket_scope())
    if numbers is None or town is not None:
        demand("ticket.assign", town_code=town or "")
    is_dry = sent.get("dry_run", False)
    made = batches.assign_batch(
        session,
        town,
        numbers=numbers,
        method=sent.get("method", METHODS[0]),
        limit=sent.get("limit", MOST),
        actor=actor(),
        role=role(),
        dry_run=is_dry,
        scope=ticket_scope(),
    )
    return as_json({"is_dry_run": is_dry, "town": town, **_batch(made)})


def _decided(number: str, decision: Decision) -> Response:
    """What the rule would do, and the ticket as it stays."""
    now = ticket_facts.whole(access.ticket(number))
    facts = {"number": number, "version": now["version"], "is_dry_run": True, "method": "rule", "refusals": []}
    told = facts | {"decision": ticket_facts.decision(decision), "event": None, "ticket": now}
    return with_version(as_json(told), now["version"])


def _batch(made: BatchSummary) -> dict[str, Any]:
    """The figures of a batch, and who has which ticket; the unit is null where an office has it."""
    given = [
        {"number": number, "unit": None if turn.given is None else turn.given.unit.code}
        for number, turn in made.decisions.items()
    ]
    return {**made.to_json(), "decisions": given}
