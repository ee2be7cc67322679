"""What lies at a place, and what is near it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.queries.duty_list import ANY_RULE, HOLDS
from geodata.queries.scope import Scope

# ST_Covers, not ST_Contains: a place on the border line still has a home, by rule that of the lower
# code. The column stays bare inside the predicate so that its GiST index is used.
AREAS_AT = text("""
    SELECT DISTINCT ON (a.level) a.level, a.code, a.name
      FROM area AS a
     WHERE ST_Covers(a.geom, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326))
       AND a.valid_from <= :day
       AND (a.valid_to IS NULL OR a.valid_to > :day)
     ORDER BY a.level, a.code
""")

CELL_AT = text("""
    SELECT c.code, c.town_code, c.village_code
      FROM grid_cell AS c
     WHERE ST_Covers(c.geom, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326))
       AND c.valid_to IS NULL
     ORDER BY c.code
     LIMIT 1
""")

DUTY_GRIDS_OF_CELL = text("""
    SELECT g.scheme, g.code, g.name, g.post
      FROM duty_grid_cell AS m
      JOIN duty_grid AS g ON g.id = m.duty_grid_id
     WHERE m.cell_code = :cell_code
     ORDER BY g.scheme, g.code
""")

# Blocks may overlap; the smallest is the most particular.
BLOCKS_AT = text("""
    SELECT b.code, b.name, u.code AS holder_code, u.name AS holder_name, s.name AS team_name, s.contact_role,
           s.contact_phone, b.holder_role, d.name AS deputy_name, d.role AS deputy_role
      FROM responsibility_block AS b
      LEFT JOIN member_unit AS u ON u.id = b.holder_id
      LEFT JOIN service_team AS s ON s.id = b.team_id
      LEFT JOIN LATERAL (
            SELECT m.name, y.role
              FROM duty_deputy AS y
              JOIN member_unit AS m ON m.id = y.unit_id
             WHERE y.of_kind = 'block' AND y.of_code = b.code
             ORDER BY y.rank
             LIMIT 1) AS d ON true
     WHERE ST_Covers(b.geom, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326))
     ORDER BY ST_Area(b.geom), b.code
""")

# The nearest few are fetched through the index, then asked whether their own radius reaches the place.
POINTS_AT = text("""
    WITH here AS (
        SELECT ST_Transform(ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), :metre_srid) AS place),
         near AS (
        SELECT p.code, p.name, p.radius_m, p.holder_id, p.holder_role, p.geom_m <-> here.place AS metres
          FROM responsibility_point AS p, here
         WHERE p.geom_m IS NOT NULL
         ORDER BY p.geom_m <-> here.place
         LIMIT 20)
    SELECT n.code, n.name, n.metres, u.code AS holder_code, u.name AS holder_name, n.holder_role,
           d.name AS deputy_name, d.role AS deputy_role
      FROM near AS n
      LEFT JOIN member_unit AS u ON u.id = n.holder_id
      LEFT JOIN LATERAL (
            SELECT m.name, y.role
              FROM duty_deputy AS y
              JOIN member_unit AS m ON m.id = y.unit_id
             WHERE y.of_kind = 'point' AND y.of_code = n.code
             ORDER BY y.rank
             LIMIT 1) AS d ON true
     WHERE n.metres <= n.radius_m
     ORDER BY n.metres, n.code
""")

OPEN_TICKETS_NEAR = """
    WITH here AS (
        SELECT ST_Transform(ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), :metre_srid) AS place)
    SELECT i.number, c.name_zh, c.name_en, i.state, i.reported_at, i.geom_m <-> here.place AS metres
      FROM ticket AS i
      JOIN category AS c ON c.code = i.category_code, here
     WHERE i.geom_m && ST_Expand(here.place, :radius_m)
       AND ST_DWithin(i.geom_m, here.place, :radius_m)
       AND i.state NOT IN ('closed', 'cancelled', 'merged')
       AND {scope}
     ORDER BY metres, i.number
     LIMIT :limit
"""

# Reports of the same thing come from steps apart and within days.
SIMILAR_TICKETS = """
    WITH here AS (
        SELECT ST_Transform(ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), :metre_srid) AS place)
    SELECT i.number, c.name_zh, c.name_en, i.state, i.reported_at, i.geom_m <-> here.place AS metres, i.title
      FROM ticket AS i
      JOIN category AS c ON c.code = i.category_code, here
     WHERE i.geom_m && ST_Expand(here.place, :radius_m)
       AND ST_DWithin(i.geom_m, here.place, :radius_m)
       AND i.category_code = :category
       AND i.reported_at >= :since
       AND i.state NOT IN ('closed', 'cancelled', 'merged')
       AND {scope}
     ORDER BY metres, i.number
     LIMIT :limit
"""

# As the crow flies; who only sits there and is not active covers nothing.
NEAREST_ACTIVE_UNIT = text("""
    WITH here AS (
        SELECT ST_Transform(ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), :metre_srid) AS place)
    SELECT u.geom_m <-> here.place AS metres
      FROM member_unit AS u, here
     WHERE u.geom_m IS NOT NULL AND u.is_active
     ORDER BY u.geom_m <-> here.place
     LIMIT 1
""")

ANY_BOUNDARY = text("SELECT EXISTS (SELECT FROM area AS a WHERE a.geom IS NOT NULL)")

LEVELS_WITH_BOUNDARY = text("""
    SELECT l.level
      FROM unnest(CAST(:levels AS text[])) AS l (level)
     WHERE EXISTS (
            SELECT
              FROM area AS a
             WHERE a.level = l.level
               AND a.geom IS NOT NULL
               AND a.valid_from <= :day
               AND (a.valid_to IS NULL OR a.valid_to > :day))
""")


# Both sides of every border that runs within so many metres of the place. The metres are those to the side's own
# boundary, whether the place is inside or out.
SIDES_AT = text("""
    WITH here AS (
        SELECT ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) AS place,
               ST_Transform(ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), :metre_srid) AS place_m)
    SELECT a.level, a.code, a.name, ST_Covers(a.geom, here.place) AS holds,
           ST_Distance(ST_Boundary(a.geom_m), here.place_m) AS metres
      FROM area AS a, here
     WHERE a.level IN ('town', 'village')
       AND a.geom_m && ST_Expand(here.place_m, :border_m)
       AND ST_DWithin(a.geom_m, here.place_m, :border_m)
       AND a.valid_from <= :day
       AND (a.valid_to IS NULL OR a.valid_to > :day)
     ORDER BY a.level, holds DESC, a.code
""")


class SideHit(NamedTuple):
    """One side of a border near a place: the area, whether it holds the place, and metres to its boundary."""

    level: str
    code: str
    name: str
    holds: bool
    metres: float


class AreaHit(NamedTuple):
    """The area of one level that holds the place."""

    level: str
    code: str
    name: str


class CellHit(NamedTuple):
    """The current grid cell that holds the place."""

    code: str
    town_code: str | None
    village_code: str | None


class DutyGridHit(NamedTuple):
    """A duty grid the cell belongs to."""

    scheme: str
    code: str
    name: str
    post: str | None


class BlockHit(NamedTuple):
    """A responsibility block that holds the place, its holder (None: nobody), and the deputy who steps in first."""

    code: str
    name: str
    holder_code: str | None
    holder_name: str | None
    team_name: str | None
    contact_role: str | None
    contact_phone: str | None
    holder_role: str | None = None
    deputy_name: str | None = None
    deputy_role: str | None = None


class PointHit(NamedTuple):
    """A responsibility point whose radius reaches the place."""

    code: str
    name: str
    metres: float
    holder_code: str | None
    holder_name: str | None
    holder_role: str | None = None
    deputy_name: str | None = None
    deputy_role: str | None = None


class TicketNear(NamedTuple):
    """An open ticket near the place."""

    number: str
    category_zh: str
    category_en: str
    state: str
    reported_at: datetime
    metres: float


class SimilarTicket(NamedTuple):
    """An open ticket of the same category, near and of late."""

    number: str
    category_zh: str
    category_en: str
    state: str
    reported_at: datetime
    metres: float
    title: str


def areas_at(session: Session, *, lon: float, lat: float, day: date) -> dict[str, AreaHit]:
    """The area of each level that held a WGS 84 point (degrees) on a day; levels without one are absent."""
    found = session.execute(AREAS_AT, {"lon": lon, "lat": lat, "day": day})
    return {row.level: AreaHit(*row) for row in found}


def sides_at(
    session: Session, *, lon: float, lat: float, day: date, metre_srid: int, border_m: float
) -> dict[str, list[SideHit]]:
    """Towns and villages within `border_m` of a WGS 84 point on a day, of levels with more than one, holders first."""
    values = {"lon": lon, "lat": lat, "day": day, "metre_srid": metre_srid, "border_m": border_m}
    found: dict[str, list[SideHit]] = {}
    for row in session.execute(SIDES_AT, values):
        found.setdefault(row.level, []).append(SideHit(*row))
    return {level: sides for level, sides in found.items() if len(sides) > 1}


def cell_at(session: Session, *, lon: float, lat: float) -> CellHit | None:
    """The current cell at a WGS 84 point, of the lower code on a border."""
    row = session.execute(CELL_AT, {"lon": lon, "lat": lat}).first()
    return CellHit(*row) if row else None


def duty_grids_of(session: Session, cell_code: str) -> list[DutyGridHit]:
    """Duty grids that hold a cell, by scheme; maybe none, maybe several."""
    return [DutyGridHit(*row) for row in session.execute(DUTY_GRIDS_OF_CELL, {"cell_code": cell_code})]


def blocks_at(session: Session, *, lon: float, lat: float) -> list[BlockHit]:
    """Responsibility blocks at a WGS 84 point, smallest first."""
    return [BlockHit(*row) for row in session.execute(BLOCKS_AT, {"lon": lon, "lat": lat})]


def points_at(session: Session, *, lon: float, lat: float, metre_srid: int) -> list[PointHit]:
    """Responsibility points whose radius reaches a WGS 84 point, nearest first."""
    found = session.execute(POINTS_AT, {"lon": lon, "lat": lat, "metre_srid": metre_srid})
    return [PointHit(*row) for row in found]


def open_tickets_near(
    session: Session, *, lon: float, lat: float, metre_srid: int, radius_m: float, scope: Scope, limit: int = 20
) -> list[TicketNear]:
    """Tickets of a scope not yet ended within `radius_m` of a WGS 84 point, nearest first."""
    values = {"lon": lon, "lat": lat, "metre_srid": metre_srid, "radius_m": radius_m, "limit": limit}
    statement = text(OPEN_TICKETS_NEAR.format(scope=scope.clause()))
    return [TicketNear(*row) for row in session.execute(statement, {**values, **scope.values()})]


def similar_tickets(
    session: Session,
    *,
    lon: float,
    lat: float,
    metre_srid: int,
    category: str,
    radius_m: float,
    since: datetime,
    scope: Scope,
    limit: int = 5,
) -> list[SimilarTicket]:
    """Tickets of a scope and category not yet ended, within `radius_m` and reported since a moment, nearest first."""
    values = {"lon": lon, "lat": lat, "metre_srid": metre_srid, "category": category, "limit": limit}
    statement = text(SIMILAR_TICKETS.format(scope=scope.clause()))
    found = session.execute(statement, {**values, "radius_m": radius_m, "since": since, **scope.values()})
    return [SimilarTicket(*row) for row in found]


def nearest_active_unit_m(session: Session, *, lon: float, lat: float, metre_srid: int) -> float | None:
    """Metres from a WGS 84 point to the nearest active unit; None where no active unit has a place."""
    metres: float | None = session.scalar(NEAREST_ACTIVE_UNIT, {"lon": lon, "lat": lat, "metre_srid": metre_srid})
    return metres


def has_boundaries(session: Session) -> bool:
    """Whether any area has a boundary, so that a place in none of them is outside."""
    return bool(session.scalar(ANY_BOUNDARY))


def levels_with_boundary(session: Session, levels: Sequence[str], *, day: date) -> set[str]:
    """Those of the levels on which any area had a boundary on a day."""
    return set(session.scalars(LEVELS_WITH_BOUNDARY, {"levels": list(levels), "day": day}))


# KNN on the metre column; in degrees the nearest would be the wrong one. The code breaks ties among the few
# that the index has fetched: in its own ORDER BY it would keep the index from being used.
_HOLDS = HOLDS.format(
    row="d", category="CAST(:category AS text)", town="COALESCE(u.town_code, '')", rule=ANY_RULE, day="CURRENT_DATE"
)
UNITS_NEAR = text(f"""
    WITH here AS (
        SELECT ST_Transform(ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), :metre_srid) AS place),
         near AS (
        SELECT u.id, u.geom_m <-> here.place AS metres
          FROM member_unit AS u, here
         WHERE u.geom_m IS NOT NULL
         ORDER BY u.geom_m <-> here.place
         LIMIT :limit + 8)
    SELECT u.code, u.name, u.kind, k.name_zh, k.name_en, n.metres, u.is_active, u.opening_hours,
           ST_X(u.geom) AS lon, ST_Y(u.geom) AS lat,
           CASE WHEN CAST(:category AS text) IS NULL THEN NULL
                ELSE EXISTS (SELECT FROM duty_rule AS d
                              WHERE d.category_code = :category AND d.unit_kind = u.kind AND d.role = 'handle'
                                AND {_HOLDS}) END AS handles
      FROM near AS n
      JOIN member_unit AS u ON u.id = n.id
      JOIN unit_kind AS k ON k.code = u.kind
     ORDER BY n.metres, u.code
     LIMIT :limit
""")


class UnitNear(NamedTuple):
    """A unit near the place; `handles` is None when no category was asked about."""

    code: str
    name: str
    kind: str
    kind_zh: str
    kind_en: str
    metres: float
    is_active: bool
    opening_hours: str | None
    lon: float
    lat: float
    handles: bool | None


def units_near(
    session: Session, *, lon: float, lat: float, metre_srid: int, category: str | None = None, limit: int = 3
) -> list[UnitNear]:
    """The nearest units of any kind to a WGS 84 point, nearest first, with metres in the district's CRS."""
    values = {"lon": lon, "lat": lat, "metre_srid": metre_srid, "category": category, "limit": limit}
    return [UnitNear(*row) for row in session.execute(UNITS_NEAR, values)]
