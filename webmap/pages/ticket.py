"""The page of one ticket."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from flask import render_template
from flask_babel import gettext as _

from geodata.models import ReturnReason, StageClock, Ticket, TicketEvent
from geodata.queries import worklist
from geodata.queries.locate import SimilarTicket
from geodata.queries.positions import ticket_at, unit_at
from geodata.services import borders, clocks, merging, tickets, units
from geodata.services.assignment import given, latest
from geodata.services.deadlines import explain
from geodata.services.photos import photos_of
from geodata.services.workflow import ENDED, MOVES
from webmap import access
from webmap.access import account, may, ticket_scope, told
from webmap.maps.drawing_place import PlaceMap, Spot, place_map
from webmap.maps.layers import ticket_groups
from webmap.maps.styles import UNIT_NEAR
from webmap.pages import areas, handover, ticket_words, whistle_words, words
from webmap.pages.deadline_words import DeadlineTold, deadline_told
from webmap.pages.resolution_rows import origin_of
from webmap.pages.service_words import application_of
from webmap.pages.ticket_moves import allowed, choices, offers
from webmap.pages.ticket_rows import list_rows, rule_of
from webmap.pages.whistle import calls_of_ticket
from webmap.records import current_session, district


class Happened(NamedTuple):
    """One line of the history: the event, its name, and what it tells beside."""

    event: TicketEvent
    title: str
    told: list[str]


class Clock(NamedTuple):
    """One clock of a stage in words; `standing` is `running`, `paused`, `intime` or `late`."""

    clock: StageClock
    title: str
    limit: str
    standing: str


def page(number: str) -> str:
    """One ticket: what and where, who was chosen and why, who was not, and what happened."""
    session = current_session()
    ticket = access.ticket(number)
    line = worklist.line(session, number, scope=ticket_scope())
    assignment = latest(session, ticket)
    at = ticket_at(session, number, scope=ticket_scope())
    able = allowed(ticket)
    known = clocks.clocks_of(session, ticket)
    return render_template(
        "ticket.html",
        ticket=ticket,
        line=list_rows([line])[0] if line else None,
        at=at,
        picture=_picture(ticket, line, at) if line and at else None,
        names={**areas.names("town"), **areas.names("village"), district().code: district().name},
        assignment=assignment,
        chosen=given(assignment) if assignment else None,
        history=history_of(ticket),
        clocks=clock_rows(known),
        deadlines=_deadlines(known),
        photos=photos_of(session, ticket) if may("photo.read", ticket=ticket) else [],
        can_see_photos=may("photo.read", ticket=ticket),
        photo_words=words.photos(),
        source_words=words.sources(),
        origin=origin_of("ticket", number),
        application=application_of(ticket),
        calls=calls_of_ticket(ticket.id),
        call_states=whistle_words.states(),
        can_call=may("whistle.call", ticket=ticket) and ticket.state not in ENDED,
        rule=rule_of(ticket),
        borders=[ticket_words.border(ruling) for ruling in borders.of_ticket(session, ticket)],
        pending=ticket_words.pending().get(ticket.pending or ""),
        state_words=words.states(),
        step_words=ticket_words.steps(),
        can_assign=able.assign,
        offers=offers(ticket),
        choices=choices(ticket),
        can_choose=able.choose,
        can_place=able.place,
        similar=_similar(ticket) if may("ticket.merge", ticket=ticket) else [],
        merged=merging.merged_into(session, ticket, scope=ticket_scope()),
        merged_into=merged_into(ticket),
        link=handover.of_ticket(ticket),
        followed=merging.followed(session, ticket, account().id) if may("ticket.follow", ticket=ticket) else None,
        told=told,
        reason=words.reason,
        refused=words.refused(assignment.record.get("refused", {})) if assignment else [],
    )


def _similar(ticket: Ticket) -> list[SimilarTicket]:
    """Tickets it could end in."""
    if ticket.state not in MOVES["merge"].sources:
        return []
    return merging.similar_to(current_session(), ticket, scope=ticket_scope())


def merged_into(ticket: Ticket) -> Ticket | None:
    """The ticket it ended in, where whoever asks may see that one too."""
    kept = current_session().get(Ticket, ticket.merged_into_id) if ticket.merged_into_id else None
    return kept if kept is not None and may("ticket.read", ticket=kept) else None


def history_of(ticket: Ticket) -> list[Happened]:
    """What happened to a ticket, in order, as whoever asks may read it."""
    session = current_session()
    events = tickets.events(session, ticket)
    reasons: Mapping[str, ReturnReason] = {each.code: each for each in session.query(ReturnReason)}
    codes = {str(code) for event in events if (code := event.facts.get("unit_code"))}
    known = units.names(session, sorted(codes))
    titles = ticket_words.moves()
    return [
        Happened(
            event,
            titles.get(event.action, event.action),
            [told(sentence) or "" for sentence in ticket_words.happened(event, reasons, known)],
        )
        for event in events
    ]


def clock_rows(known: Sequence[StageClock]) -> list[Clock]:
    """Clocks of a ticket in words."""
    titles = ticket_words.stages()
    return [
        Clock(clock, titles[clock.stage], ticket_words.limit(clock.amount, clock.unit), _stands(clock))
        for clock in known
    ]


def _deadlines(known: Sequence[StageClock]) -> list[tuple[str, DeadlineTold]]:
    """Stages with how their deadlines came about: those whose clocks go or stand, else the last one for handling."""
    titles = ticket_words.stages()
    going = [clock for clock in known if clock.stopped_at is None]
    handling = [clock for clock in known if clock.stage == clocks.HANDLE]
    return [(titles[clock.stage], deadline_told(explain(current_session(), clock))) for clock in going or handling[-1:]]


def _stands(clock: StageClock) -> str:
    if clock.stopped_at is not None:
        return "late" if clock.due_at is not None and clock.stopped_at > clock.due_at else "intime"
    return "paused" if clock.due_at is None else "running"


def _picture(ticket: Ticket, line: worklist.TicketLine, at: tuple[float, float]) -> PlaceMap:
    """The ground about the ticket, with the unit it lies with where that is near."""
    style = next(style for _title, style, states in ticket_groups() if line.state in states)
    spots = [Spot(*at, style)]
    unit = unit_at(current_session(), line.unit_code) if line.unit_code else None
    if unit:
        spots.append(Spot(*unit, UNIT_NEAR, line.unit_name or ""))
    title = _("Map of the place of ticket %(number)s", number=line.number)
    return place_map(
        current_session(),
        spots,
        title=title,
        metre_srid=district().metre_srid,
        village_code=ticket.village_code,
    )
