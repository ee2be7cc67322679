"""Patrols: a cell was walked today. That it was is kept, never by whom or at which hour."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from geodata.errors import CellElsewhere, NotFound, OutsideDistrict, PositionTooVague
from geodata.queries import visits as queries
from geodata.queries.tickets import cell_on, duty_grid_of
from geodata.queries.visits import Patrol
from geodata.services.clocks import day_of


class Visit(NamedTuple):
    """A cell that was walked; `is_first` where nobody had written that down on this day."""

    cell_code: str
    duty_grid_code: str | None
    is_first: bool


def visit(
    session: Session,
    cell_code: str,
    *,
    walker_id: int,
    permit: Callable[[str | None], None],
    at: datetime | None = None,
) -> Visit:
    """Write down that a cell was walked on the district's day of a moment (None: now); twice is once.

    walker_id   whose duty grids must hold the cell; somebody without any may walk every cell.
    permit      raises where the person may do nothing in a town (its code, None for unknown).

    Raises NotFound for a cell that today's grid does not have, and CellElsewhere.
    """
    found = queries.cell(session, cell_code)
    if found is None:
        raise NotFound("grid cell", cell_code)
    permit(found.town_code)
    walks = queries.walks(session, walker_id, cell_code)
    if walks.grids and not walks.with_cell:
        raise CellElsewhere(cell_code)
    day = day_of(session, at or datetime.now(UTC))
    grid = duty_grid_of(session, cell_code, day=day)
    is_first = queries.add_visit(
        session,
        day=day,
        cell_code=cell_code,
        duty_grid_code=grid,
        town_code=found.town_code,
    )
    return Visit(cell_code, grid, is_first)


def cell_at(session: Session, *, lon: float, lat: float, accuracy_m: float | None, at: datetime | None = None) -> str:
    """Code of the cell that a device stands in, WGS 84 degrees.

    Raises OutsideDistrict where there is no cell, PositionTooVague where the place is known less exactly than
    the cell is large.
    """
    code = cell_on(session, lon=lon, lat=lat, day=day_of(session, at or datetime.now(UTC)))
    found = queries.cell(session, code) if code else None
    if found is None:
        raise OutsideDistrict(lon, lat)
    if accuracy_m is not None and accuracy_m > found.side_m:
        raise PositionTooVague(accuracy_m, found.side_m)
    return found.code


def patrol(session: Session, walker_id: int, *, at: datetime | None = None) -> Patrol:
    """How many cells of their own duty grids somebody has, and how many were walked on that day, by whomever."""
    return queries.patrol(session, walker_id, day_of(session, at or datetime.now(UTC)))


def visited_today(session: Session, codes: Sequence[str], *, at: datetime | None = None) -> set[str]:
    """Those of some cells that were walked on the district's day of a moment."""
    return queries.visited(session, day_of(session, at or datetime.now(UTC)), codes)
