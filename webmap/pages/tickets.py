"""Tickets: the list to work from, and one of them with its assignment and history."""

from datetime import UTC, datetime

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from geodata.models import Assignment, Category, Ticket
from geodata.queries import facets, worklist
from geodata.queries.positions import ticket_at
from geodata.queries.ticket_filter import GROUPS, NO_UNIT
from geodata.services import tickets
from geodata.services.assignment import assign, latest
from geodata.services.categories import categories
from geodata.services.workflow import MOVES, REASON, Move, moves_from
from webmap import params
from webmap.access import actor, demand, may, needs, role
from webmap.languages import language
from webmap.pages import areas, words
from webmap.records import current_session, district

bp = Blueprint("tickets", __name__, url_prefix="/tickets")

LINES_A_PAGE = 100
LONGEST_REASON = 500


@bp.get("")
@needs("ticket.read")
def index() -> str:
    """Tickets, the newest first; the filter of the map narrows them, `page` turns."""
    params.only(*params.FILTER_NAMES, "page")
    tickets_asked = params.ticket_filter()
    query = params.filter_query()
    page = params.whole("page", low=1, high=100_000) or 1
    session = current_session()
    total = facets.total(session, tickets_asked)
    states = facets.by_state(session, tickets_asked)
    deadlines = facets.by_deadline(session, tickets_asked)
    return render_template(
        "tickets.html",
        lines=worklist.lines(session, limit=LINES_A_PAGE, skip=LINES_A_PAGE * (page - 1), tickets=tickets_asked),
        total=total,
        page=page,
        pages=max(1, -(-total // LINES_A_PAGE)),
        asked=tickets_asked,
        query=query,
        address=lambda **changes: url_for("tickets.index", **{**query, **changes}),
        state_chips=[
            (group, title, sum(states.get(state, 0) for state in GROUPS[group]))
            for group, title in words.groups().items()
        ],
        due_chips=[(due, title, deadlines.get(due, 0)) for due, title in words.deadlines().items()],
        categories=(kinds := categories(session)),
        category_codes={code for kind in kinds for code in (kind.code, kind.code[:2])},
        units=[words.without_unit() if code == NO_UNIT else code for code in tickets_asked.units],
        towns=areas.names("town"),
        area_names={**areas.names("village"), **areas.names("town")},
        state_words=words.states(),
        group_of=group_of(),
        remaining=lambda line: _remaining(line, datetime.now(UTC)),
    )


@bp.get("/<number>")
@needs("ticket.read")
def show(number: str) -> str:
    """One ticket: what and where, who was chosen and why, who was not, and what happened."""
    session = current_session()
    ticket = tickets.ticket(session, number)
    assignment = latest(session, ticket)
    names = {**areas.names("town"), **areas.names("village"), district().code: district().name}
    return render_template(
        "ticket.html",
        ticket=ticket,
        category=_category_name(ticket),
        at=ticket_at(session, number),
        names=names,
        assignment=assignment,
        chosen=_chosen(assignment),
        events=tickets.events(session, ticket),
        state_words=words.states(),
        group_of=group_of(),
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
    assign(session, ticket, actor=actor())
    return redirect(url_for("tickets.show", number=number))


@bp.post("/<number>/<action>")
@needs("ticket.handle")
def move(number: str, action: str) -> Response:
    """Make one move of the workflow; the form carries `reason` where the move needs one."""
    session = current_session()
    ticket = tickets.ticket(session, number)
    demand("ticket.handle", town_code=ticket.town_code)
    reason = request.form.get("reason", "").strip()[:LONGEST_REASON] or None
    tickets.move_ticket(session, number, action, actor=actor(), role=role(), reason=reason)
    return redirect(url_for("tickets.show", number=number))


def _waits_for_the_rule(ticket: Ticket) -> bool:
    assign_it = MOVES["assign"]
    return ticket.state in assign_it.sources - {assign_it.target}


def _moves(ticket: Ticket) -> list[Move]:
    """Moves that whoever asks may make by hand now."""
    return moves_from(ticket.state, role()) if may("ticket.handle", town_code=ticket.town_code) else []


def group_of() -> dict[str, str]:
    """The group (new, work, check, closed) of each state, as the map tells them apart."""
    return {state: group for group, states in GROUPS.items() for state in states}


def _remaining(line: worklist.TicketLine, now: datetime) -> str | None:
    """Until when an open ticket is to be done, in words; None where nothing presses any more."""
    if line.due_at is None or line.state in GROUPS["closed"]:
        return None
    return words.remaining(line.due_at, now)


def _category_name(ticket: Ticket) -> str:
    found = current_session().get_one(Category, ticket.category_code)
    return found.name_en if language() == "en" else found.name_zh


def _chosen(assignment: Assignment | None) -> dict[str, object] | None:
    """The unit that took the ticket, as the decision wrote it down; None for an office."""
    if assignment is None or assignment.outcome != "unit":
        return None
    first: dict[str, object] = assignment.record["candidates"][0]
    return first
