"""The district at a glance: towns side by side, how evenly units are spread, what was stated beside what is counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.errors import NotFound
from geodata.ingest.figures import FIGURES, LARGEST, SHARES
from geodata.models import StatedFigure
from geodata.queries import figures as queries
from geodata.queries.figures import Stated, TownRow, VillageRow
from geodata.queries.scope import area_of_level
from geodata.record_errors import BadValue
from geodata.services import changes, periods, registrations
from geodata.services.registrations import Told
from spatial.spread import Lorenz, gini, lorenz, theil

KIND = "figures"


class FigureKey(NamedTuple):
    """Which figure of which area in which period (`2015`, `2015-Q2`, `2015-06`)."""

    figure: str
    level: str
    area_code: str
    period: str


@dataclass(frozen=True)
class FigureLine:
    """One figure: what was stated (None: nothing), and what is counted here (None: nothing can be)."""

    figure: str
    stated: Stated | None
    counted: float | None
    is_told: bool = True

    @property
    def agrees(self) -> bool | None:
        """Whether both are the same number, shares to a tenth of a per cent; None where one is missing."""
        if self.stated is None or self.counted is None:
            return None
        return abs(self.stated.value - self.counted) < (5e-4 if self.figure in SHARES else 0.5)


@dataclass(frozen=True)
class Spread:
    """How evenly active units are spread over villages.

    gini      0 (evenly) to below 1; by village, and by ground (None while a village has no boundary).
    between   share of the unevenness (Theil) that lies between towns, 0..1; the rest lies within them.
    by_town   the index of Gini within each town, None where it has no unit.
    curve     Lorenz, by village.
    without   villages that have no unit.
    """

    villages: int
    units: int
    gini: float | None
    gini_by_ground: float | None
    theil: float | None
    between: float | None
    by_town: dict[str, float | None]
    curve: Lorenz | None
    without: list[VillageRow]

    def share_of_fullest(self, part: float) -> float | None:
        """The share of all units that the fullest part (0..1) of the villages has."""
        if self.curve is None:
            return None
        return 1.0 - float(np.interp(1.0 - part, self.curve.sizes, self.curve.amounts))


def figure_lines(session: Session, level: str, code: str, *, told: Told | None, total: Told | None, units: Told | None
                 ) -> list[FigureLine]:  # fmt: skip
    """Every figure of an area, stated and counted, in the order of FIGURES.

    told, total, units   members registered, all members and units registered, as the reader may know them.
    """
    stated = {one.figure: one for one in queries.stated(session, level, code)}
    counted: dict[str, float | None] = dict(queries.counted(session, level, code))
    registered = _exact(told)
    everybody = _exact(total)
    counted |= {"members_registered": registered, "units_registered": _exact(units)}
    counted["members_rate"] = registered / everybody if registered is not None and everybody else None
    return [FigureLine(figure, stated.get(figure), counted.get(figure)) for figure in FIGURES]


def state_figure(
    session: Session, of: FigureKey, value: float, *, actor: str, source: str | None = None
) -> StatedFigure:
    """Write down what somebody stated of an area; the same figure, area and period again is corrected.

    Raises NotFound for the area, BadValue for figure, period and value.
    """
    figure, level, code, period = of
    if figure not in FIGURES:
        raise BadValue("figure", "unknown", figure)
    told = periods.period(period)
    if told.kind not in registrations.PERIODS:
        raise BadValue("period", "period", period)
    if not 0 <= value <= (1 if figure in SHARES else LARGEST):
        raise BadValue("value", "number", value, low=0, high=1 if figure in SHARES else LARGEST)
    if area_of_level(session, level, code) is None:
        raise NotFound(level, code)
    wanted = select(StatedFigure).where(
        StatedFigure.figure == figure, StatedFigure.level == level, StatedFigure.area_code == code,
        StatedFigure.period == told.word,
    )  # fmt: skip
    row = session.scalars(wanted.with_for_update()).one_or_none()
    before = None if row is None else {"value": row.value, "source": row.source}
    if row is None:
        row = StatedFigure(figure=figure, level=level, area_code=code, period=told.word, value=value, source=source)
        session.add(row)
    row.value, row.source = value, source
    session.flush()
    after = {"value": value, "source": source}
    if before != after:
        facts = {"did": "set", "name": f"{figure} {told.word}", "figure": figure, "level": level, "area_code": code}
        changes.keep(session, KIND, actor=actor, facts={**facts, "before": before, "after": after})
    return row


def town_rows(session: Session) -> list[TownRow]:
    """The towns of today by code, with what each has."""
    return queries.towns(session)


def village_rows(session: Session) -> list[VillageRow]:
    """The villages of today by code, with the active units that stand in each."""
    return queries.village_units(session)


def spread(session: Session) -> Spread:
    """How evenly the active units are spread over the villages of today."""
    rows = queries.village_units(session)
    counts = [row.units for row in rows]
    grounds = [row.area_m2 for row in rows]
    known = [ground for ground in grounds if ground]
    towns = [row.town_code or "" for row in rows]
    parts = theil(counts, towns) if rows else None
    return Spread(
        villages=len(rows),
        units=sum(counts),
        gini=gini(counts) if rows else None,
        gini_by_ground=gini(counts, known) if rows and len(known) == len(rows) else None,
        theil=parts.total if parts else None,
        between=parts.between / parts.total if parts and parts.total else None,
        by_town=_by_town(rows),
        curve=lorenz(counts) if rows else None,
        without=[row for row in rows if not row.units],
    )


def _by_town(rows: Sequence[VillageRow]) -> dict[str, float | None]:
    counts: dict[str, list[int]] = {}
    for row in rows:
        counts.setdefault(row.town_code or "", []).append(row.units)
    return {town: gini(held) for town, held in counts.items()}


def _exact(told: Told | None) -> float | None:
    return None if told is None or told.word else told.value
