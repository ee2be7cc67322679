"""Tickets: the list to work from, and one of them with its assignment and history."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from geodata.models import Assignment, Ticket
from geodata.queries import facets, worklist
from geodata.queries.positions import ticket_at, unit_at
from geodata.queries.ticket_filter import GROUPS, NO_UNIT
from geodata.services import moves, tickets, units
from geodata.services.assignment import assign, latest
from geodata.services.categories import categories
from geodata.services.workflow import MOVES, REASON, Move, moves_from
from webmap import params
from webmap.access import actor, demand, may, needs, role
from webmap.maps.drawing_place import PlaceMap, Spot, place_map
from webmap.maps.layers import ticket_groups
from webmap.maps.styles import UNIT_NEAR
from webmap.pages import areas, words
from webmap.records import current_session, district

bp = Blueprint("tickets", __name__, url_prefix="/tickets")

LINES_A_PAGE = 100
LONGEST_REASON = 500


@bp.get("")
@needs("ticket.read")
def index() -> str:
    """Tickets; the filter of the map narrows them, `sort` orders them, `page` turns."""
    params.only(*params.FILTER_NAMES, "sort", "page")
    tickets_asked = params.ticket_filter()
    sort = params.one_of("sort", tuple(worklist.ORDERS)) or next(iter(worklist.ORDERS))
    query = params.filter_query()
    page = params.whole("page", low=1, high=100_000) or 1
    session = current_session()
    total = facets.total(session, tickets_asked)
    states = facets.by_state(session, tickets_asked)
    deadlines = facets.by_deadline(session, tickets_asked)
    kept = query if sort == "reported" else {**query, "sort": sort}
    skip = LINES_A_PAGE * (page - 1)
    return render_template(
        "tickets.html",
        lines=list_rows(worklist.lines(session, limit=LINES_A_PAGE, skip=skip, tickets=tickets_asked, order=sort)),
        total=total,
        page=page,
        pages=max(1, -(-total // LINES_A_PAGE)),
        sort=sort,
        asked=tickets_asked,
        query=query,
        folded=sum(name in query for name in ("category", "area", "since", "until")),
        address=lambda **changes: url_for("tickets.index", **{**kept, **changes}),
        state_chips=[
            (group, title, sum(states.get(state, 0) for state in GROUPS[group]))
            for group, title in words.groups().items()
        ],
        due_chips=[(due, title, deadlines.get(due, 0)) for due, title in words.deadlines().items()],
        categories=(kinds := categories(session)),
        category_codes={code for kind in kinds for code in (kind.code, kind.code[:2])},
        units=_unit_names(tickets_asked.units),
        towns=areas.names("town"),
        area_names={**areas.names("village"), **areas.names("town")},
    )


@bp.get("/<number>")
@needs("ticket.read")
def show(number: str) -> str:
    """One ticket: what and where, who was chosen and why, who was not, and what happened."""
    session = current_session()
    ticket = tickets.ticket(session, number)
    line = worklist.line(session, number)
    assignment = latest(session, ticket)
    at = ticket_at(session, number)
    return render_template(
        "ticket.html",
        ticket=ticket,
        line=list_rows([line])[0] if line else None,
        at=at,
        picture=_picture(ticket, line, at) if line and at else None,
        names={**areas.names("town"), **areas.names("village"), district().code: district().name},
        assignment=assignment,
        chosen=_chosen(assignment),
        events=tickets.events(session, ticket),
        state_words=words.states(),
        move_words=words.moves(),
        step_words=words.steps(),
        can_assign=_waits_for_the_rule(ticket) and may("ticket.assign", town_code=ticket.town_code),
        moves=_moves(ticket),
        needs_reason=[move.action for move in MOVES.values() if REASON in move.needs],
        reason=words.reason,
        refused=words.refused(assignment.record.get("refused", {})) if assignment else [],
    )


@bp.post("/<number>/assign")
@needs("ticket.assign")
def give(number: str) -> Response:
    """Let the rule pick the unit; the decision and its reasons are on the ticket's page."""
    session = current_session()
    ticket = tickets.ticket(session, number)
    demand("ticket.assign", town_code=ticket.town_code)
    assign(session, ticket, actor=actor(), role=role())
    return redirect(url_for("tickets.show", number=number))


@bp.post("/<number>/<action>")
@needs("ticket.handle")
def move(number: str, action: str) -> Response:
    """Make one move of the workflow; the form carries `reason` where the move needs one."""
    session = current_session()
    ticket = tickets.ticket(session, number)
    demand("ticket.handle", town_code=ticket.town_code)
    reason = request.form.get("reason", "").strip()[:LONGEST_REASON] or None
    moves.move_ticket(session, number, action, actor=actor(), role=role(), reason=reason)
    return redirect(url_for("tickets.show", number=number))


def _unit_names(codes: Sequence[str]) -> list[str]:
    """Names of the units asked about; a code that nobody has stays as it is."""
    known = units.names(current_session(), codes)
    return [words.without_unit() if code == NO_UNIT else known.get(code, code) for code in codes]


def _waits_for_the_rule(ticket: Ticket) -> bool:
    assign_it = MOVES["assign"]
    return ticket.state in assign_it.sources - {assign_it.target}


def _moves(ticket: Ticket) -> list[Move]:
    """Moves that whoever asks may make by hand now."""
    return moves_from(ticket.state, role()) if may("ticket.handle", town_code=ticket.town_code) else []


class Row(NamedTuple):
    """A ticket as lists show it: its line, its state in words with its group, and how its deadline stands."""

    line: worklist.TicketLine
    group: str
    state: str
    due: str


def list_rows(lines: Sequence[worklist.TicketLine]) -> list[Row]:
    """The lines with their words."""
    now = datetime.now(UTC)
    groups = {state: group for group, states in GROUPS.items() for state in states}
    state_words = words.states()
    return [
        Row(
            line,
            group=(group := groups.get(line.state, "")),
            state=state_words.get(line.state, line.state),
            due=words.due(line.deadline, line.due_at, has_ended=group == "closed", now=now),
        )
        for line in lines
    ]


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


def _chosen(assignment: Assignment | None) -> dict[str, object] | None:
    """The unit that took the ticket, as the decision wrote it down; None for an office."""
    if assignment is None or assignment.outcome != "unit":
        return None
    first: dict[str, object] = assignment.record["candidates"][0]
    return first
