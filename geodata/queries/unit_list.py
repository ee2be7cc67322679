"""Member units by code, a page at a time."""

from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.queries.source_parts import TOWN_OF, VILLAGE_OF
from geodata.queries.ticket_filter import UnitFilter

# By the code, so that no page depends on how many units stand before it.
UNITS = f"""
    SELECT u.code, u.name, u.kind, k.name_zh, k.name_en, u.address, u.is_active, u.capacity, u.opening_hours,
           u.town_code, t.name, u.village_code, v.name, u.cell_code, ST_X(u.geom), ST_Y(u.geom)
      FROM member_unit AS u
      JOIN unit_kind AS k ON k.code = u.kind
{TOWN_OF.format(row="u")}
{VILLAGE_OF.format(row="u")}
     WHERE {{ground}}
       AND (CAST(:kind AS text) IS NULL OR u.kind = :kind)
       AND (CAST(:after AS text) IS NULL OR u.code > :after)
     ORDER BY u.code
     LIMIT :limit
"""


class UnitLine(NamedTuple):
    """One unit; `capacity` None is no limit, lon and lat (WGS 84 degrees) are None while its place is not known."""

    code: str
    name: str
    kind: str
    kind_zh: str
    kind_en: str
    address: str | None
    is_active: bool
    capacity: int | None
    opening_hours: str | None
    town_code: str | None
    town_name: str | None
    village_code: str | None
    village_name: str | None
    cell_code: str | None
    lon: float | None
    lat: float | None


def units_after(
    session: Session, *, units: UnitFilter, kind: str | None = None, after: str | None = None, limit: int
) -> list[UnitLine]:
    """Units on some ground and of a kind (None: any), inactive ones too, from behind the code `after` on."""
    values = {**units.values(), "kind": kind, "after": after, "limit": limit}
    return [UnitLine(*row) for row in session.execute(text(UNITS.format(ground=units.clause())), values)]
