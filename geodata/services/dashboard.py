"""The towns of a district side by side, by what is to be done now and how it went lately."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy.orm import Session

from geodata.queries import dashboard as queries
from geodata.queries.area_shapes import AreaShape, area_shapes
from geodata.queries.dashboard import TownFigures
from geodata.services.clocks import day_of

# Rates and medians are of what was closed within so many days, today included.
LATELY_DAYS = 30


@dataclass(frozen=True)
class Days:
    """First days, in the district's zone: of this week (Monday), of this month, and of `lately`."""

    week: date
    month: date
    lately: date


@dataclass(frozen=True)
class Town:
    """One line of the comparison.

    shape     None for the district as a whole, and for tickets of no town of today.
    area_ha   hectares; None where a boundary is not known.
    """

    figures: TownFigures
    shape: AreaShape | None
    area_ha: float | None

    @property
    def in_time(self) -> float | None:
        """Per cent of those closed lately, with a deadline, that were in time."""
        return _per_cent(self.figures.in_time, self.figures.in_time + self.figures.too_late)

    @property
    def reworked(self) -> float | None:
        """Per cent of those closed lately that failed a check."""
        return _per_cent(self.figures.reworked, self.figures.closed)

    @property
    def bounced(self) -> float | None:
        """Per cent of those closed lately that were returned."""
        return _per_cent(self.figures.bounced, self.figures.closed)

    @property
    def density(self) -> float | None:
        """Open tickets on 100 hectares."""
        return 100 * self.figures.open / self.area_ha if self.area_ha else None


@dataclass(frozen=True)
class Comparison:
    """All towns of today by code, then tickets of no town where there are any, and the district as a whole."""

    days: Days
    towns: list[Town]
    elsewhere: list[Town]
    whole: Town


def compare(session: Session, *, at: datetime | None = None) -> Comparison:
    """How the towns stand at a moment (None: now)."""
    days = _days(day_of(session, at or datetime.now(UTC)))
    found = queries.town_figures(session, week=days.week, month=days.month, lately=days.lately)
    by_code = {each.town_code: each for each in found if not each.is_whole}
    shapes = area_shapes(session, "town")
    hectares = [None if shape.area_m2 is None else shape.area_m2 / 1e4 for shape in shapes]
    known = [each for each in hectares if each is not None]
    return Comparison(
        days=days,
        towns=[
            Town(by_code.pop(shape.code, _none(shape.code)), shape, area_ha)
            for shape, area_ha in zip(shapes, hectares, strict=True)
        ],
        elsewhere=[Town(figures, None, None) for figures in by_code.values()],
        # of a district that is measured only in part nobody knows how large it is
        whole=Town(found[-1], None, sum(known) if shapes and len(known) == len(shapes) else None),
    )


def _days(today: date) -> Days:
    return Days(
        week=today - timedelta(days=today.weekday()),
        month=today.replace(day=1),
        lately=today - timedelta(days=LATELY_DAYS - 1),
    )


def _per_cent(part: int, whole: int) -> float | None:
    return 100 * part / whole if whole else None


def _none(code: str) -> TownFigures:
    return TownFigures(code, *(False, *(0,) * 11), None, None)
