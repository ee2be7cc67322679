"""A ticket, its history, clocks and decisions as JSON values, as whoever asks may read them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from flask import url_for

from geodata.errors import NotFound
from geodata.models import Ticket
from geodata.queries.desk import DeskLine, desk_lines
from geodata.queries.ticket_filter import GROUPS, TicketFilter
from geodata.services import borders, clocks, history
from geodata.services.photos import PhotoLine
from spatial.assign import Candidate, Decision, Reason, Rejected
from webmap import access
from webmap.access import reword, ticket_scope, told
from webmap.errors import ScopeLacking
from webmap.languages import language, local, local_or_none
from webmap.pages import ticket_words, words
from webmap.pages.ticket import Clock, Happened, clock_rows, merged_into
from webmap.pages.ticket_moves import allowed, offers
from webmap.pages.ticket_rows import rule_of
from webmap.records import current_session

_GROUP_OF = {state: group for group, states in GROUPS.items() for state in states}


def summaries(lines: Iterable[DeskLine]) -> list[dict[str, Any]]:
    """Tickets as lists have them."""
    say, states, is_english = reword() or str, words.states(), language() == "en"
    return [_summary(one, states, say, is_english=is_english) for one in lines]


def summary_of(number: str) -> dict[str, Any]:
    """One ticket that whoever asks may see, as lists have it."""
    found = desk_lines(current_session(), TicketFilter(scope=ticket_scope()), number=number, limit=1)
    return summaries(found)[0]


def whole(ticket: Ticket) -> dict[str, Any]:
    """All that is told of one ticket that whoever asks may see."""
    session = current_session()
    end = merged_into(ticket)
    able = allowed(ticket)
    return {
        **summary_of(ticket.number),
        "version": history.version(session, ticket),
        "description": told(ticket.description),
        "source": ticket.source,
        "source_ref": ticket.source_ref,
        "reported_by": ticket.reported_by,
        "datum": ticket.datum,
        "accuracy_m": ticket.accuracy_m,
        "duty_grid": ticket.duty_grid_code,
        **{
            name: local_or_none(getattr(ticket, name)) for name in ("filed_at", "dispatched_at", "done_at", "closed_at")
        },
        "updated_at": local(ticket.updated_at),
        "is_self_handled": ticket.is_self_handled,
        "is_binding": ticket.is_binding,
        "is_excused": ticket.is_excused,
        "is_satisfied": ticket.is_satisfied,
        "reopens": ticket.reopen_count,
        "merged_into": end.number if end else None,
        "rule": rule_of(ticket),
        "clocks": [_clock(one) for one in clock_rows(clocks.clocks_of(session, ticket))],
        "borders": [ticket_words.border(ruling) for ruling in borders.of_ticket(session, ticket)],
        "moves": [{"action": one.action, "title": one.title, "asks": list(one.asks)} for one in offers(ticket)],
        "may_be_assigned": able.assign,
        "may_be_given": able.choose,
        "may_be_placed": able.place,
        "may_be_merged": able.merge,
    }


def if_seen(number: str) -> dict[str, Any] | None:
    """All that is told of the ticket of a number; None for whoever does not see it, or not with this key."""
    try:
        return whole(access.ticket(number))
    except (NotFound, ScopeLacking):
        return None


def event(one: Happened) -> dict[str, Any]:
    """One event of a ticket; `told` are sentences beside its title."""
    facts: Mapping[str, Any] = one.event.facts
    return {
        "seq": one.event.seq,
        "at": local(one.event.at),
        "action": one.event.action,
        "title": one.title,
        "by": one.event.actor,
        "from_state": one.event.from_state,
        "to_state": one.event.to_state,
        "unit_code": facts.get("unit_code"),
        "reason": told(facts.get("reason")),
        "told": one.told,
    }


def photo(number: str, one: PhotoLine) -> dict[str, Any]:
    """One photo of a ticket, and where its bytes are."""
    return {
        "id": one.id,
        "seq": one.seq,
        "kind": one.kind,
        "width": one.width,
        "height": one.height,
        "by": one.actor,
        "at": local(one.created_at),
        "href": url_for("v1_photos.large", number=number, photo_id=one.id),
        "small": url_for("v1_photos.small", number=number, photo_id=one.id),
    }


def decision(one: Decision) -> dict[str, Any]:
    """What the rule says of the units for a ticket: who may take it, ranked, and who not, each with reasons."""
    return {
        "outcome": one.outcome,
        "unit": _unit_of(one.candidates[0]) if one.candidates else None,
        "candidates": [{"rank": each.rank, **_standing(each)} for each in one.candidates],
        "rejected": [_standing(each) for each in one.rejected],
        "refused": dict(one.refused),
    }


def reasons(several: Sequence[Reason]) -> list[dict[str, Any]]:
    """Reasons as fixed words with their numbers, and as sentences."""
    return [{"word": one.word, "said": words.reason(one.word, one.facts), "facts": dict(one.facts)} for one in several]


def _standing(one: Candidate | Rejected) -> dict[str, Any]:
    metres = None if one.metres is None else round(one.metres, 1)
    return {"unit": _unit_of(one), "metres": metres, "reasons": reasons(one.reasons)}


def _unit_of(one: Candidate | Rejected) -> dict[str, str]:
    return {"code": one.unit.code, "name": one.unit.name, "kind": one.unit.kind}


def _summary(
    one: DeskLine, states: Mapping[str, str], say: Callable[[str], str], *, is_english: bool
) -> dict[str, Any]:
    line = one.line
    return {
        "number": line.number,
        "href": url_for("v1_tickets.show", number=line.number),
        "title": say(line.title),
        "category": {"code": line.category_code, "name": line.category_en if is_english else line.category_zh},
        "state": line.state,
        "state_name": states.get(line.state, line.state),
        "group": _GROUP_OF.get(line.state, "work"),
        "pending": one.pending,
        "is_supervised": one.is_supervised,
        "returns": one.return_count,
        "reworks": one.rework_count,
        "reported_at": local(line.reported_at),
        "due_at": local_or_none(line.due_at),
        "deadline": line.deadline,
        "place": {
            "lon": _degrees(one.lon),
            "lat": _degrees(one.lat),
            "address": None if one.address is None else say(one.address),
            "town": _named(line.town_code, line.town_name),
            "village": _named(line.village_code, line.village_name),
            "cell": one.cell_code,
        },
        "unit": _named(line.unit_code, line.unit_name),
        "office": _named(line.office_code, line.office_name),
    }


def _degrees(value: float | None) -> float | None:
    return None if value is None else round(value, 7)


def _named(code: str | None, name: str | None) -> dict[str, str | None] | None:
    """A code with its name of today, None where it has none any more; None without a code."""
    return None if code is None else {"code": code, "name": name}


def _clock(one: Clock) -> dict[str, Any]:
    return {
        "stage": one.clock.stage,
        "title": one.title,
        "limit": {"amount": one.clock.amount, "unit": one.clock.unit, "said": one.limit},
        "standing": one.standing,
        "started_at": local(one.clock.started_at),
        "due_at": local_or_none(one.clock.due_at),
        "stopped_at": local_or_none(one.clock.stopped_at),
    }
