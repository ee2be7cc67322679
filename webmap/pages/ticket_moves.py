"""What can be done with a ticket: the forms that its page offers, and what comes of them."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from geodata.errors import NotFound
from geodata.models import FilingRule, ReturnReason, Ticket
from geodata.queries import rules
from geodata.services import moves, placing, workflow
from geodata.services.assignment import assign
from geodata.services.clocks import day_of
from geodata.services.merging import merge
from geodata.services.photos import clean_photos, move_with_photos
from geodata.services.workflow import MOVES, Move, moves_from
from webmap import access, params
from webmap.access import actor, demand, may, needs, role, ticket_scope
from webmap.languages import language
from webmap.pages import ticket_words
from webmap.records import current_session
from webmap.uploads import photos, takes_photos

bp = Blueprint("ticket_moves", __name__, url_prefix="/tickets")

LONGEST_REASON = 500

# What a person is most likely to do next stands as a button; the rest folds away.
FIRST = frozenset(
    {
        *("file", "accept", "handle", "done", "check", "close", "rework", "resume"),
        *("grant_extend", "refuse_extend", "grant_suspend", "refuse_suspend", "grant_appeal", "refuse_appeal"),
        "answer",
    }
)


# Moves whose forms take photos, and what these show.
PHOTO_KINDS = {"done": "after", "rework": "check", "note": "other"}


@dataclass(frozen=True)
class Offer:
    """A move that the page offers: its words, and which fields its form has.

    asks   `reason`, `code`, `amount`, `satisfied`, `rule`, `photo`, `both_photos`; none for a bare button.
    """

    action: str
    title: str
    asks: tuple[str, ...]
    is_first: bool


@dataclass(frozen=True)
class Allowed:
    """What whoever asks may do with a ticket beside the moves by hand, where its state stands."""

    assign: bool
    choose: bool
    place: bool
    merge: bool


def allowed(ticket: Ticket) -> Allowed:
    """Whether it waits for the rule, and may be given to a unit by hand, put elsewhere, or ended in another."""
    may_assign = may("ticket.assign", ticket=ticket)
    assign_it = MOVES["assign"]
    return Allowed(
        assign=may_assign and ticket.state in assign_it.sources - {assign_it.target},
        choose=may_assign and ticket.state in MOVES["choose"].sources,
        place=may("ticket.handle", ticket=ticket) and ticket.state in MOVES["place"].sources,
        merge=may("ticket.merge", ticket=ticket) and ticket.state in MOVES["merge"].sources,
    )


def offers(ticket: Ticket) -> list[Offer]:
    """Moves that whoever asks may make by hand now, the likely ones first."""
    return offers_to(ticket, role()) if may("ticket.handle", ticket=ticket) else []


def offers_to(ticket: Ticket, role_name: str) -> list[Offer]:
    """Moves that a role may make by hand now on a ticket that it works on, the likely ones first."""
    titles = ticket_words.steps()
    found = [
        Offer(move.action, titles[move.action], _asks(move, ticket), move.action in FIRST)
        for move in moves_from(ticket.state, role_name, ticket.pending)
        if not (move.action == "answer" and not ticket.is_supervised)
        and not (move.action == "return" and (ticket.is_binding or ticket.pending == "appeal"))
    ]
    return sorted(found, key=lambda offer: not offer.is_first)


def choices(ticket: Ticket) -> dict[str, list[tuple[str, str]]]:
    """What the lists of those forms offer: return reasons and filing rules, each a code with its words."""
    is_english = language() == "en"
    filing = rules.filing_rules(
        current_session(),
        category=ticket.category_code,
        town_code=ticket.town_code,
        day=day_of(current_session(), ticket.reported_at),
    )
    return {
        "code": return_codes(),
        "rule": [(each.code, _rule_words(each, is_english=is_english)) for each in filing],
    }


def return_codes() -> list[tuple[str, str]]:
    """Why a unit may return a ticket: codes with their words."""
    reasons = current_session().query(ReturnReason).order_by(ReturnReason.code).all()
    return [(each.code, each.name_en if language() == "en" else each.name_zh) for each in reasons]


def _rule_words(rule: FilingRule, *, is_english: bool) -> str:
    condition = rule.condition_en if is_english else rule.condition_zh
    return f"{condition} · {ticket_words.limit(rule.amount, rule.unit)}"


@bp.post("/<number>/assign")
@needs("ticket.assign")
def give(number: str) -> Response:
    """Let the rule pick the unit; the decision and its reasons are on the ticket's page."""
    ticket = access.ticket(number)
    demand("ticket.assign", ticket=ticket)
    assign(current_session(), ticket, actor=actor(), role=role(), scope=ticket_scope())
    return _on(number)


@bp.post("/<number>/merge")
@needs("ticket.merge")
def end_in_another(number: str) -> Response:
    """End a ticket in another that tells of the same thing; the form carries its number `into` and a `reason`."""
    into = _text("into") or ""
    for each in (number, into):
        demand("ticket.merge", ticket=access.ticket(each))
    reason = _text("reason") or ""
    merge(current_session(), number, into, actor=actor(), role=role(), reason=reason, scope=ticket_scope())
    return _on(into)


@bp.post("/<number>/place")
@needs("ticket.handle")
def place(number: str) -> Response:
    """Put a ticket elsewhere; the form carries `lon`, `lat` and `datum`."""
    demand("ticket.handle", ticket=access.ticket(number))
    spot = placing.pin(current_session(), lon=_number("lon"), lat=_number("lat"), datum=_text("datum") or "wgs84")
    placing.move_place(current_session(), number, spot, actor=actor(), role=role(), scope=ticket_scope())
    return _on(number)


@bp.post("/<number>/<action>")
@needs("ticket.handle")
@takes_photos
def move(number: str, action: str) -> Response:
    """Make one move of the workflow; the form carries what the move needs, and photos."""
    session = current_session()
    demand("ticket.handle", ticket=access.ticket(number))
    taken = photos({"photo": PHOTO_KINDS.get(action, "other"), "before": "before", "after": "after"})
    if taken:
        # others work while pictures are drawn anew
        session.commit()
    move_with_photos(
        session,
        number,
        action,
        actor=actor(),
        role=role(),
        reason=_text("reason"),
        facts=form_facts(action),
        scope=ticket_scope(),
        photos=clean_photos(taken),
    )
    return _on(number)


def _on(number: str) -> Response:
    """On to where the form says, else to the ticket's page.

    To the list where the ticket now lies with others, as after a unit has returned it.
    """
    if back := request.form.get("back"):
        return redirect(params.own_path(back))
    try:
        access.ticket(number)
    except NotFound:
        return redirect(url_for("tickets.index"))
    return redirect(url_for("tickets.show", number=number))


def form_facts(action: str) -> dict[str, Any]:
    """What the form says beside the reason, of what the move asks for."""
    said = {
        workflow.CODE: _text("code"),
        workflow.AMOUNT: _number("amount"),
        workflow.SATISFIED: {"yes": True, "no": False}.get(_text("satisfied") or ""),
        "rule": _text("rule"),
    }
    return {name: said[name] for name in facts_asked(action) if said[name] is not None}


def facts_asked(action: str) -> frozenset[str]:
    """What a move takes beside a reason and photos: some of `code`, `amount`, `satisfied`, `rule`."""
    asked = MOVES[action].needs if action in MOVES else frozenset()
    found = asked & {workflow.CODE, workflow.AMOUNT, workflow.SATISFIED}
    return found | {"rule"} if action in moves.FILING else found


def _asks(move: Move, ticket: Ticket) -> tuple[str, ...]:
    fields = ("code", "amount", "satisfied", "reason", "photo", "both_photos")
    found = [name for name in fields if name in move.needs or (name == "photo" and move.action in PHOTO_KINDS)]
    if move.action in moves.FILING and ticket.rule_id is None:
        found.insert(0, "rule")
    return tuple(found)


def _text(name: str) -> str | None:
    return request.form.get(name, "").strip()[:LONGEST_REASON] or None


def _number(name: str) -> float | None:
    """A finite number of the form, None for anything else."""
    try:
        found = float(request.form.get(name, ""))
    except ValueError:
        return None
    return found if abs(found) < 1e12 else None
