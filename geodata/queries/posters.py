"""What a poster shows of one area: figures, lists, and shapes in the metre CRS cut to the sheet."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Row, TextClause, text
from sqlalchemy.orm import Session

from geodata.queries.duty_list import ANY_RULE, HOLDS

# Whether a stamped row belongs to the area; written out by level, so that each reaches its index.
_WITHIN = {"district": "true", "town": "{row}.town_code = :code", "village": "{row}.village_code = :code"}

TODAY = "{row}.valid_from <= CURRENT_DATE AND ({row}.valid_to IS NULL OR {row}.valid_to > CURRENT_DATE)"

# Lines are thinned by Douglas and Peucker to what the eye can tell on paper, after they were cut to the sheet.
_SHAPE = "ST_AsBinary(ST_Simplify(ST_ClipByBox2D({row}.geom_m, ST_MakeEnvelope(:west, :south, :east, :north)), :step))"

AREA = text(f"""
    SELECT a.level, a.code, a.name, a.name_en, a.parent_code, p.name AS parent_name, a.area_m2,
           ST_AsBinary(a.geom_m) AS shape
      FROM area AS a
      LEFT JOIN area AS p
        ON p.code = a.parent_code AND p.level <> a.level AND {TODAY.format(row="p")}
     WHERE a.code = :code
       AND {TODAY.format(row="a")}
     ORDER BY CASE a.level WHEN 'district' THEN 1 WHEN 'town' THEN 2 ELSE 3 END, a.id
     LIMIT 1
""")

CODES = text(f"""
    SELECT a.code
      FROM area AS a
     WHERE {TODAY.format(row="a")}
     ORDER BY CASE a.level WHEN 'district' THEN 1 WHEN 'town' THEN 2 ELSE 3 END, a.code
""")

AREAS_INSIDE = text(f"""
    SELECT count(*) FILTER (WHERE a.level = 'town') AS towns, count(*) FILTER (WHERE a.level = 'village') AS villages
      FROM area AS a
     WHERE {TODAY.format(row="a")}
       AND (CAST(:level AS text) = 'district' OR a.parent_code = :code)
""")

BORDERS = text(f"""
    SELECT a.level, a.code, a.name, a.parent_code, {_SHAPE.format(row="a")} AS shape
      FROM area AS a
     WHERE a.geom_m && ST_SetSRID(ST_MakeEnvelope(:west, :south, :east, :north), ST_SRID(a.geom_m))
       AND {TODAY.format(row="a")}
     ORDER BY a.level, a.code
""")

BASEMAP = text(f"""
    SELECT f.theme, f.kind, f.source, {_SHAPE.format(row="f")} AS shape
      FROM basemap_feature AS f
     WHERE f.geom_m && ST_SetSRID(ST_MakeEnvelope(:west, :south, :east, :north), ST_SRID(f.geom_m))
       AND f.from_zoom <= :zoom
       AND (f.theme IN ('road', 'rail', 'waterway') OR ST_Area(f.geom_m) >= :least_m2)
     ORDER BY f.theme, f.id
""")

GAPS = text(f"""
    SELECT g.rank, g.area_m2, n.name AS area_name, {_SHAPE.format(row="g")} AS shape
      FROM coverage_gap AS g
      LEFT JOIN area AS n
        ON n.code = g.area_code AND n.level <> 'district' AND {TODAY.format(row="n")}
     WHERE g.run_id = :run_id
       AND (CAST(:level AS text) = 'district'
            OR g.area_code = :code
            OR EXISTS (SELECT 1 FROM area AS a
                        WHERE a.code = g.area_code AND a.parent_code = :code AND {TODAY.format(row="a")}))
     ORDER BY g.rank
""")

_CELL_SHAPES = f"""
    SELECT {_SHAPE.format(row="c")} AS shape
      FROM grid_cell AS c
     WHERE c.valid_to IS NULL
       AND {{within}}
     ORDER BY c.code
"""

_HOLDS = HOLDS.format(row="d", category="c.code", town="CAST(:town AS text)", rule=ANY_RULE, day="CURRENT_DATE")

# The kinds of issue that come up most are told first; the count itself stays here.
DUTIES = text(f"""
    SELECT c.name_zh, c.name_en, array_agg(DISTINCT k.name_zh) AS kinds_zh, array_agg(DISTINCT k.name_en) AS kinds_en
      FROM category AS c
      JOIN duty_rule AS d ON d.category_code = c.code AND d.role = 'handle' AND {_HOLDS}
      JOIN unit_kind AS k ON k.code = d.unit_kind
      LEFT JOIN (SELECT i.category_code, count(*) AS number FROM ticket AS i GROUP BY i.category_code) AS r
        ON r.category_code = c.code
     GROUP BY c.code, r.number
     ORDER BY COALESCE(r.number, 0) DESC, c.code
     LIMIT :most
""")

_CELLS = """
    SELECT count(*)
      FROM grid_cell AS c
     WHERE c.valid_to IS NULL
       AND {within}
"""

# A unit whose place is not known belongs where it is a member.
_UNITS = """
    SELECT u.code, u.name, u.kind, ST_X(u.geom_m) AS x, ST_Y(u.geom_m) AS y
      FROM member_unit AS u
     WHERE u.is_active
       AND ({within}
            OR (u.geom IS NULL AND EXISTS (
                SELECT 1
                  FROM membership AS m
                 WHERE m.unit_id = u.id AND m.area_code = :code AND m.valid_from <= CURRENT_DATE
                   AND (m.valid_to IS NULL OR m.valid_to > CURRENT_DATE))))
     ORDER BY u.geom_m IS NULL, u.kind, u.code
"""

_POINTS = """
    SELECT p.code, p.name, u.name AS holder_name, ST_X(p.geom_m) AS x, ST_Y(p.geom_m) AS y
      FROM responsibility_point AS p
      LEFT JOIN member_unit AS u ON u.id = p.holder_id
     WHERE {within}
     ORDER BY u.id IS NOT NULL, p.code
"""

_OPEN_TICKETS = """
    SELECT i.state, count(*) AS number, count(*) FILTER (WHERE i.due_at < now()) AS late
      FROM ticket AS i
     WHERE i.state NOT IN ('closed', 'cancelled', 'merged')
       AND {within}
     GROUP BY i.state
     ORDER BY i.state
"""


def _by_level(statement: str, row: str) -> dict[str, TextClause]:
    return {level: text(statement.format(within=within.format(row=row))) for level, within in _WITHIN.items()}


CELLS = _by_level(_CELLS, "c")
CELL_SHAPES = _by_level(_CELL_SHAPES, "c")
UNITS = _by_level(_UNITS, "u")
POINTS = _by_level(_POINTS, "p")
OPEN_TICKETS = _by_level(_OPEN_TICKETS, "i")

# Who is called first: the posts and teams of the ground itself, then the units of the area's own network.
TEAMS = text("""
    SELECT s.name, s.contact_role AS role, s.contact_phone AS phone
      FROM service_team AS s
     WHERE s.town_code = :code
     ORDER BY s.code
""")

# The inner ground counts: a block that only meets the village's border does not serve it.
TEAMS_OF_VILLAGE = text(f"""
    SELECT s.name, s.contact_role AS role, s.contact_phone AS phone
      FROM service_team AS s
     WHERE EXISTS (
            SELECT 1
              FROM responsibility_block AS b
              JOIN area AS a ON a.level = 'village' AND a.code = :code AND {TODAY.format(row="a")}
             WHERE b.team_id = s.id
               AND b.geom_m && a.geom_m
               AND ST_Intersects(b.geom_m, ST_Buffer(a.geom_m, -20)))
     ORDER BY s.code
""")

POSTS = text(f"""
    SELECT g.name, g.post AS role, NULL AS phone
      FROM duty_grid AS g
      JOIN area AS a ON a.level = 'village' AND a.code = :code AND {TODAY.format(row="a")}
     WHERE g.post IS NOT NULL
       AND g.geom_m && a.geom_m
       AND ST_Covers(a.geom_m, ST_PointOnSurface(g.geom_m))
     ORDER BY g.scheme, g.code
""")

LIAISONS = text("""
    SELECT u.name, u.liaison_role AS role, u.liaison_phone AS phone
      FROM member_unit AS u
     WHERE u.is_active
       AND u.liaison_role IS NOT NULL
       AND EXISTS (
            SELECT 1
              FROM membership AS m
             WHERE m.unit_id = u.id AND m.level = :level AND m.area_code = :code AND m.valid_from <= CURRENT_DATE
               AND (m.valid_to IS NULL OR m.valid_to > CURRENT_DATE))
     ORDER BY u.kind, u.code
""")


class Clip(NamedTuple):
    """The ground of a sheet, metre CRS, and the step below which nothing can be told apart on it."""

    west: float
    south: float
    east: float
    north: float
    step_m: float

    def values(self) -> dict[str, float]:
        """Values to bind."""
        return {"west": self.west, "south": self.south, "east": self.east, "north": self.north, "step": self.step_m}


class AreaFacts(NamedTuple):
    """An area of today; `shape` in the metre CRS, None while its boundary is missing."""

    level: str
    code: str
    name: str
    name_en: str | None
    parent_code: str | None
    parent_name: str | None
    area_m2: float | None
    shape: BaseGeometry | None


class Border(NamedTuple):
    """An area as far as the sheet shows it, metre CRS."""

    level: str
    code: str
    name: str
    parent_code: str | None
    shape: BaseGeometry


class BasemapShape(NamedTuple):
    """A feature of the base map as far as the sheet shows it, metre CRS."""

    theme: str
    kind: str | None
    source: str
    shape: BaseGeometry


class GapShape(NamedTuple):
    """A gap of a coverage run; `shape` is what the sheet shows of it, metre CRS, maybe empty."""

    rank: int
    area_m2: float
    area_name: str | None
    shape: BaseGeometry


class UnitSpot(NamedTuple):
    """An active unit; x and y in the metre CRS, None while its place is not known."""

    code: str
    name: str
    kind: str
    x: float | None
    y: float | None


class PointSpot(NamedTuple):
    """A responsibility point; without a holder nobody answers for it."""

    code: str
    name: str
    holder_name: str | None
    x: float | None
    y: float | None


class Contact(NamedTuple):
    """Whom to call: a team, post or unit, the role that answers, and its duty phone."""

    name: str
    role: str | None
    phone: str | None


class Duty(NamedTuple):
    """A kind of issue, and the kinds of unit that handle it; in both languages, kinds by name."""

    name_zh: str
    name_en: str
    kinds_zh: list[str]
    kinds_en: list[str]


class OpenTickets(NamedTuple):
    """Open tickets of one state, and how many of them are past their limit."""

    state: str
    number: int
    late: int


def area(session: Session, code: str) -> AreaFacts | None:
    """The area of that code as it is today; None where there is none."""
    row = session.execute(AREA, {"code": code}).one_or_none()
    return None if row is None else AreaFacts(*_with_shape(row))


def area_codes(session: Session) -> list[str]:
    """Codes of all areas of today: the district, then towns, then villages."""
    return list(session.scalars(CODES))


def areas_inside(session: Session, area: AreaFacts) -> tuple[int, int]:
    """How many towns and villages lie in an area."""
    row = session.execute(AREAS_INSIDE, {"level": area.level, "code": area.code}).one()
    return row.towns, row.villages


def cells(session: Session, area: AreaFacts) -> int:
    """How many grid cells an area has today."""
    return int(session.execute(CELLS[area.level], _named(area)).scalar_one())


def units(session: Session, area: AreaFacts) -> list[UnitSpot]:
    """Active units of an area by kind and code; those whose place is not known stand last."""
    return [UnitSpot(*row) for row in session.execute(UNITS[area.level], {"code": area.code})]


def points(session: Session, area: AreaFacts) -> list[PointSpot]:
    """Responsibility points of an area by code, those without a holder first."""
    return [PointSpot(*row) for row in session.execute(POINTS[area.level], _named(area))]


def open_tickets(session: Session, area: AreaFacts) -> list[OpenTickets]:
    """Open tickets of an area by state."""
    return [OpenTickets(*row) for row in session.execute(OPEN_TICKETS[area.level], _named(area))]


def contacts(session: Session, area: AreaFacts, *, with_phones: bool) -> list[Contact]:
    """Posts and teams of the ground, then the units of the area's own network, each in the order of codes.

    Without phones, teams and units stand with their names alone; the posts are on the map for everybody.
    """
    named = {"code": area.code}
    teams = {"town": TEAMS, "village": TEAMS_OF_VILLAGE}.get(area.level)
    posts = [Contact(*row) for row in session.execute(POSTS, named)] if area.level == "village" else []
    called = [Contact(*row) for row in session.execute(teams, named)] if teams is not None else []
    called += [Contact(*row) for row in session.execute(LIAISONS, {"level": area.level, "code": area.code})]
    return posts + (called if with_phones else [Contact(one.name, None, None) for one in called])


def duties(session: Session, area: AreaFacts, *, most: int) -> list[Duty]:
    """Who handles what by the governance list of the area's town, the most frequent kinds of issue first."""
    town = {"town": area.code, "village": area.parent_code}.get(area.level) or ""
    return [Duty(*row) for row in session.execute(DUTIES, {"town": town, "most": most})]


def cell_shapes(session: Session, area: AreaFacts, clip: Clip) -> list[BaseGeometry]:
    """Grid cells of an area, metre CRS, by code."""
    found = session.execute(CELL_SHAPES[area.level], {**clip.values(), **_named(area)})
    return [shape for row in found if (shape := _shape(row.shape)) is not None]


def borders(session: Session, clip: Clip) -> list[Border]:
    """Areas of today that the sheet touches, by level and code."""
    found = session.execute(BORDERS, clip.values())
    return [Border(*values) for row in found if (values := _with_shape(row))[-1] is not None]


def basemap(session: Session, clip: Clip, *, zoom: int, least_m2: float) -> list[BasemapShape]:
    """Features of the base map drawn at a zoom; areas smaller than `least_m2` are left out."""
    found = session.execute(BASEMAP, {**clip.values(), "zoom": zoom, "least_m2": least_m2})
    return [BasemapShape(*values) for row in found if (values := _with_shape(row))[-1] is not None]


def gaps(session: Session, area: AreaFacts, *, run_id: int, clip: Clip) -> list[GapShape]:
    """Gaps of a coverage run in an area, by rank."""
    found = session.execute(GAPS, {**clip.values(), "run_id": run_id, "level": area.level, "code": area.code})
    return [GapShape(*_with_shape(row, shapely.GeometryCollection())) for row in found]


def _named(area: AreaFacts) -> Mapping[str, str]:
    return {} if area.level == "district" else {"code": area.code}


def _with_shape(row: Row[Any], missing: BaseGeometry | None = None) -> list[Any]:
    """The values of a row whose last one is a shape from the database, which becomes one of ours."""
    return [*row[:-1], _shape(row[-1]) or missing]


def _shape(wkb: object) -> BaseGeometry | None:
    """A shape from the database; what thinning has left nothing of counts as none."""
    if not isinstance(wkb, bytes | memoryview):
        return None
    found: BaseGeometry = shapely.from_wkb(bytes(wkb))
    return None if found.is_empty else found
