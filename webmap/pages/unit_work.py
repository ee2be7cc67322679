"""The work of one unit: its open tickets by deadline with the next move beside each, and how it does."""

from datetime import UTC, datetime, timedelta

from flask import Blueprint, render_template, url_for

from geodata.errors import NotFound
from geodata.models import MemberUnit
from geodata.queries.desk import desk_lines
from geodata.queries.ticket_filter import OPEN_GROUPS, TicketFilter
from geodata.queries.unit_work import unit_figures
from geodata.services import units
from geodata.services.clocks import day_of
from geodata.services.dashboard import LATELY_DAYS
from webmap import params
from webmap.access import needs, own_unit, ticket_scope
from webmap.pages.stops import cards_by_deadline, moved_row
from webmap.pages.ticket_moves import return_codes
from webmap.records import current_session

bp = Blueprint("unit_work", __name__, url_prefix="/units")

# The list of tickets has the others.
MOST_TICKETS = 60


@bp.get("/<code>/work")
@needs("ticket.handle")
def show(code: str) -> str:
    """Open tickets of a unit, for those who work on them; somebody of a unit has their own unit's alone."""
    params.only("moved")
    session = current_session()
    unit = _readable(code)
    lately = day_of(session, datetime.now(UTC)) - timedelta(days=LATELY_DAYS - 1)
    asked = TicketFilter(units=(code,), states=tuple(sorted(OPEN_GROUPS)), scope=ticket_scope())
    number = params.text("moved")
    figures = unit_figures(session, unit.id, lately=lately, scope=ticket_scope(), is_own=own_unit() is not None)
    return render_template(
        "unit_work.html",
        unit=unit,
        rows=cards_by_deadline(desk_lines(session, asked, limit=MOST_TICKETS)),
        figures=figures,
        is_cut=figures.open > MOST_TICKETS,
        held=units.held_by(session, unit.id),
        lately=lately,
        lately_days=LATELY_DAYS,
        moved=(row := moved_row(number)),
        gone=None if row else number,
        back=url_for("unit_work.show", code=code),
        codes=return_codes(),
        is_own=own_unit() is not None,
    )


def _readable(code: str) -> MemberUnit:
    """The unit of that code. Raises NotFound, to somebody of a unit also for every other one."""
    unit = units.unit(current_session(), code)
    own = own_unit()
    if own is not None and own.id != unit.id:
        raise NotFound("unit", code)
    return unit
