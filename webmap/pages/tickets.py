"""Tickets: the list to work from, and one of them with its assignment and history."""

from collections.abc import Sequence

from flask import Blueprint, render_template, url_for

from geodata.queries import facets, worklist
from geodata.queries.ticket_filter import GROUPS, NO_AREA, NO_UNIT
from geodata.services import units
from geodata.services.categories import categories
from webmap import params
from webmap.access import needs, ticket_scope
from webmap.pages import areas, index_words, paging, ticket, words
from webmap.pages.ticket_rows import list_rows
from webmap.records import current_session

bp = Blueprint("tickets", __name__, url_prefix="/tickets")

LINES_A_PAGE = 100

# Conditions that are set in the folded form.
FOLDED = ("category", "area", "since", "until")


@bp.get("")
@needs("ticket.read")
def index() -> str:
    """Tickets; the filter of the map narrows them, `sort` orders them, `page` turns."""
    params.only(*params.FILTER_NAMES, "sort", "page")
    tickets_asked = params.ticket_filter(ticket_scope())
    sort = params.one_of("sort", tuple(worklist.ORDERS)) or next(iter(worklist.ORDERS))
    query = params.filter_query()
    session = current_session()
    total = facets.total(session, tickets_asked)
    states = facets.by_state(session, tickets_asked)
    deadlines = facets.by_deadline(session, tickets_asked)
    kept = query if sort == "reported" else {**query, "sort": sort}
    at = paging.turned(total, lines=LINES_A_PAGE)
    return render_template(
        "tickets.html",
        lines=list_rows(worklist.lines(session, limit=at.lines, skip=at.skip, tickets=tickets_asked, order=sort)),
        total=total,
        page=at.page,
        pages=at.pages,
        sort=sort,
        asked=tickets_asked,
        query=query,
        folded=sum(name in query for name in FOLDED if not (tickets_asked.index and name in {"since", "until"})),
        index=index_words.told(tickets_asked.index) if tickets_asked.index else None,
        address=lambda **changes: url_for("tickets.index", **{**kept, **changes}),
        state_chips=[
            (group, title, sum(states.get(state, 0) for state in GROUPS[group]))
            for group, title in words.groups().items()
        ],
        due_chips=[(due, title, deadlines.get(due, 0)) for due, title in words.deadlines().items()],
        desk_words=words.desks(),
        categories=(kinds := categories(session)),
        category_codes={code for kind in kinds for code in (kind.code, kind.code[:2])},
        units=_unit_names(tickets_asked.units),
        towns=areas.names("town"),
        area_names={**areas.names("village"), **areas.names("town"), NO_AREA: words.without_town()},
    )


@bp.get("/<number>")
@needs("ticket.read")
def show(number: str) -> str:
    """One ticket: what and where, who was chosen and why, who was not, and what happened."""
    return ticket.page(number)


def _unit_names(codes: Sequence[str]) -> list[str]:
    """Names of the units asked about; a code that nobody has stays as it is."""
    known = units.names(current_session(), codes)
    return [words.without_unit() if code == NO_UNIT else known.get(code, code) for code in codes]
