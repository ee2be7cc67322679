"""Counts of double registration by area, unit and period."""

from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

# A count below this is told to nobody outside its area.
SMALL = 5

# Areas and units as they are today, each with its counts of the period where there are any.
AREA_COUNTS = text("""
    SELECT a.level, a.code, a.name, a.parent_code,
           r.members_total, r.members_registered, r.units_registered, r.pledges_claimed, r.id IS NOT NULL AS is_stated
      FROM area AS a
      LEFT JOIN registration_count AS r ON r.of_kind = a.level AND r.of_code = a.code AND r.period = :period
     WHERE a.valid_from <= CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
     ORDER BY CASE a.level WHEN 'district' THEN 1 WHEN 'town' THEN 2 ELSE 3 END, a.code, a.id
""")

UNIT_COUNTS = text("""
    SELECT u.id, u.code, u.name, u.town_code, u.village_code,
           r.members_total, r.members_registered, r.units_registered, r.pledges_claimed
      FROM registration_count AS r
      JOIN member_unit AS u ON u.code = r.of_code
     WHERE r.of_kind = 'unit' AND r.period = :period
       AND (CAST(:town_code AS text) IS NULL OR u.town_code = :town_code)
     ORDER BY u.code
     LIMIT :limit
""")

PERIODS = text("SELECT DISTINCT period, last_day FROM registration_count ORDER BY last_day DESC, period DESC")


class AreaCounts(NamedTuple):
    """Counts of an area in a period, null where nobody counted; `is_stated` where the area has a row of its own."""

    level: str
    code: str
    name: str
    parent_code: str | None
    members_total: int | None
    members_registered: int | None
    units_registered: int | None
    pledges_claimed: int | None
    is_stated: bool


class UnitCounts(NamedTuple):
    """Counts of a unit in a period."""

    id: int
    code: str
    name: str
    town_code: str | None
    village_code: str | None
    members_total: int | None
    members_registered: int | None
    units_registered: int | None
    pledges_claimed: int | None


def area_counts(session: Session, period: str) -> list[AreaCounts]:
    """All areas of today, the district first, then towns and villages by code."""
    return [AreaCounts(*row) for row in session.execute(AREA_COUNTS, {"period": period})]


def unit_counts(session: Session, period: str, *, town_code: str | None, limit: int) -> list[UnitCounts]:
    """Units (of a town, None: of all) that have counts of the period, by code."""
    values = {"period": period, "town_code": town_code, "limit": limit}
    return [UnitCounts(*row) for row in session.execute(UNIT_COUNTS, values)]


def periods(session: Session) -> list[str]:
    """Periods of which there are counts, the newest first."""
    return list(session.scalars(PERIODS))
