"""Made-up patrols of the last weeks: most duty grids are walked all over, a few hardly."""

from collections import defaultdict
from datetime import date, timedelta

from numpy.random import Generator
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from geodata.models import CellVisit, DutyGrid, DutyGridCell
from geodata.services.calendars import calendar

WEEKS = 4
# Share of its cells that a grid's officer gets to; one grid in so many is neglected.
WALKED, NEGLECTED, NEGLECTED_EVERY = (0.85, 1.0), (0.15, 0.4), 8
# Working days until the same cell is walked again.
ROUND_DAYS = (4, 7)


def add_visits(session: Session, rng: Generator, *, today: date) -> None:
    """Add visits of cells on the working days of the last weeks: each grid's officer goes round in turns."""
    found = select(DutyGrid.code, DutyGrid.town_code, DutyGridCell.cell_code).join(
        DutyGridCell, DutyGridCell.duty_grid_id == DutyGrid.id
    )
    cells = defaultdict(list)
    for code, town, cell in session.execute(found.order_by(DutyGrid.code, DutyGridCell.cell_code)):
        cells[code, town].append(cell)
    days = [today - timedelta(days=back) for back in range(1, WEEKS * 7 + 1)]
    working = [day for day in reversed(days) if calendar(session).spells_on(day)]
    rows = []
    for number, ((code, town), mine) in enumerate(cells.items()):
        low, high = NEGLECTED if number % NEGLECTED_EVERY == NEGLECTED_EVERY - 1 else WALKED
        many = round(len(mine) * float(rng.uniform(low, high)))
        turn = int(rng.integers(*ROUND_DAYS))
        for place, cell in enumerate(rng.permutation(mine)[:many]):
            rows += [
                {"day": day, "cell_code": str(cell), "duty_grid_code": code, "town_code": town}
                for day in working[place % turn :: turn]
            ]
    if rows:
        session.execute(insert(CellVisit), rows)
