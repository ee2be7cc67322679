"""Sites and cells that coverage is measured with, and areas where there is no unit."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.queries.duty_list import ANY_RULE, HOLDS, IN_FORCE
from geodata.queries.features import Box

_HOLDS = HOLDS.format(
    row="d", category=":category", town="COALESCE(u.town_code, '')", rule=ANY_RULE, day="CURRENT_DATE"
)

# A unit is judged by the list of its own town.
HANDLES = f"""
           (CAST(:category AS text) IS NULL OR EXISTS (
            SELECT 1
              FROM duty_rule AS d
             WHERE d.category_code = :category
               AND d.role = 'handle'
               AND d.unit_kind = u.kind
               AND {_HOLDS}))
"""


class SiteChoice(NamedTuple):
    """The units that a coverage counts: active, and with a category of a kind that handles it."""

    category: str | None

    def clause(self) -> str:
        """A condition in SQL on a row `u` of `member_unit`, with the names of `values()` as `:name`."""
        return f"u.is_active AND {HANDLES}"

    def values(self) -> dict[str, str | None]:
        """What the names of the clause are bound to."""
        return {"category": self.category}


SITES = text(f"""
    SELECT u.code, ST_X(u.geom_m) AS x, ST_Y(u.geom_m) AS y
      FROM member_unit AS u
     WHERE u.is_active
       AND u.geom IS NOT NULL
       AND {HANDLES}
     ORDER BY u.code
""")

CELLS = text("""
    SELECT c.code, ST_AsBinary(c.geom_m) AS shape
      FROM grid_cell AS c
     WHERE c.valid_to IS NULL
     ORDER BY c.code
""")

# All roles, since any line of a town's own sets the district's aside there.
DUTY_KEY = text(f"""
    SELECT COALESCE(md5(string_agg(DISTINCT concat_ws(':', d.unit_kind, d.role, d.town_code), ',')), '')
      FROM duty_rule AS d
     WHERE d.category_code = :category
       AND {IN_FORCE.format(row="d", day="CURRENT_DATE")}
""")

# Of an area without boundary something is known only where units name it, whether they count or not: a unit
# that stands there cannot be told. IN, so that the units are hashed once and not read for each area; IS NOT
# TRUE for the rest, since a unit without the code makes the answer null.
JUDGED = """
           (a.geom IS NOT NULL
            OR a.code IN (SELECT CASE CAST(:level AS text) WHEN 'village' THEN k.village_code ELSE k.town_code END
                            FROM member_unit AS k)
            OR a.code IN (SELECT k.area_code
                            FROM membership AS k
                           WHERE k.level = :level
                             AND k.valid_from <= CURRENT_DATE
                             AND (k.valid_to IS NULL OR k.valid_to > CURRENT_DATE)))
"""

# A unit is in an area where it stands there, or belongs to the area's network although its
# place is not known: the second is all there is for areas without boundary.
# The level is asked of the bound value, not of `a`, so that the units are hashed once and not read for each area.
WITHOUT_UNITS = text(f"""
    WITH handling AS (
        SELECT u.id, u.town_code, u.village_code
          FROM member_unit AS u
         WHERE u.is_active
           AND u.code <> ALL(CAST(:closed AS text[]))
           AND {HANDLES})
    SELECT a.level, a.code, a.name, a.parent_code, p.name AS parent_name, a.geom IS NOT NULL AS has_boundary
      FROM area AS a
      LEFT JOIN area AS p
        ON p.code = a.parent_code
       AND p.level = CASE a.level WHEN 'village' THEN 'town' ELSE 'district' END
       AND p.valid_from <= CURRENT_DATE AND (p.valid_to IS NULL OR p.valid_to > CURRENT_DATE)
     WHERE a.level = :level
       AND a.valid_from <= CURRENT_DATE
       AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
       AND {JUDGED}
       AND NOT EXISTS (
            SELECT 1 FROM handling AS h
             WHERE CASE CAST(:level AS text) WHEN 'village' THEN h.village_code ELSE h.town_code END = a.code)
       AND NOT EXISTS (
            SELECT 1
              FROM membership AS m
              JOIN handling AS h ON h.id = m.unit_id
             WHERE m.level = a.level
               AND m.area_code = a.code
               AND m.valid_from <= CURRENT_DATE
               AND (m.valid_to IS NULL OR m.valid_to > CURRENT_DATE))
     ORDER BY a.parent_code, a.code
""")

UNJUDGED = text(f"""
    SELECT count(*)
      FROM area AS a
     WHERE a.level = :level
       AND a.valid_from <= CURRENT_DATE
       AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
       AND (CAST(:within AS text) IS NULL OR a.parent_code = :within)
       AND {JUDGED} IS NOT TRUE
""")

COPY_CELLS = "COPY coverage_cell (run_id, cell_code, nearest_m, unit_code) FROM STDIN"

GAPS = text("""
    SELECT g.rank, g.area_code, a.name AS area_name, g.area_m2
      FROM coverage_gap AS g
      LEFT JOIN area AS a
        ON a.code = g.area_code AND a.level <> 'district'
       AND a.valid_from <= CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
     WHERE g.run_id = :run_id
     ORDER BY g.rank
""")

SHARES = text("""
    SELECT s.level, s.code, a.name, a.parent_code, p.name AS parent_name, s.area_m2, s.covered_m2, s.share,
           s.site_count
      FROM coverage_area AS s
      LEFT JOIN area AS a
        ON a.code = s.code AND a.level = s.level
       AND a.valid_from <= CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
      LEFT JOIN area AS p
        ON p.code = a.parent_code AND p.level <> a.level
       AND p.valid_from <= CURRENT_DATE AND (p.valid_to IS NULL OR p.valid_to > CURRENT_DATE)
     WHERE s.run_id = :run_id
     ORDER BY s.share, s.level, s.code
""")

GAP_SHAPES = text("""
    SELECT g.rank, ST_AsGeoJSON(g.geom, 7) AS shape
      FROM coverage_gap AS g
     WHERE g.run_id = :run_id
     ORDER BY g.rank
""")


# By the key of the row, so that no page depends on how many gaps are larger.
GAPS_AFTER = text("""
    SELECT g.rank, g.area_code, a.name AS area_name, g.area_m2, ST_AsGeoJSON(g.geom, 7) AS shape
      FROM coverage_gap AS g
      LEFT JOIN area AS a
        ON a.code = g.area_code AND a.level <> 'district'
       AND a.valid_from <= CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
     WHERE g.run_id = :run_id
       AND g.rank > :after
     ORDER BY g.rank
     LIMIT :limit
""")

GAP_BOXES = text("""
    SELECT g.rank, ST_XMin(g.geom), ST_YMin(g.geom), ST_XMax(g.geom), ST_YMax(g.geom)
      FROM coverage_gap AS g
     WHERE g.run_id = :run_id
       AND g.rank <= :most
     ORDER BY g.rank
""")

# A cell without a village belongs to its town all the same, and every cell to the district.
NEAREST_BY_AREA = text("""
    SELECT CASE WHEN GROUPING(c.village_code) = 0 THEN 'village'
                WHEN GROUPING(c.town_code) = 0 THEN 'town'
                ELSE 'district' END AS level,
           COALESCE(c.village_code, c.town_code) AS code, avg(n.nearest_m) AS mean_m, max(n.nearest_m) AS farthest_m
      FROM coverage_cell AS n
      JOIN grid_cell AS c ON c.code = n.cell_code AND c.valid_to IS NULL
     WHERE n.run_id = :run_id
     GROUP BY GROUPING SETS ((c.village_code), (c.town_code), ())
    HAVING avg(n.nearest_m) IS NOT NULL
     ORDER BY 1, 2
""")


class Nearest(NamedTuple):
    """Metres from the cells of an area to their nearest unit: on average, and from the farthest one."""

    mean_m: float
    farthest_m: float


class Sites(NamedTuple):
    """Units that count: codes, and positions (n, 2) in the metre CRS."""

    codes: list[str]
    xy: NDArray[np.float64]


class Cells(NamedTuple):
    """Current cells: codes, and shapes in the metre CRS."""

    codes: list[str]
    shapes: NDArray[np.object_]


class AreaWithout(NamedTuple):
    """An area of today without any active unit; `has_boundary` False means that its outline is missing."""

    level: str
    code: str
    name: str
    parent_code: str | None
    parent_name: str | None
    has_boundary: bool


class AreaShare(NamedTuple):
    """Share (0..1) of an area within the radius; areas geodesic."""

    level: str
    code: str
    name: str | None
    parent_code: str | None
    parent_name: str | None
    area_m2: float
    covered_m2: float
    share: float
    site_count: int


class Gap(NamedTuple):
    """A connected piece of ground beyond the radius; rank 1 is the largest."""

    rank: int
    area_code: str
    area_name: str | None
    area_m2: float


def sites(session: Session, category: str | None) -> Sites:
    """Active units with a place, by code; with a category only those whose kind handles it."""
    rows = session.execute(SITES, {"category": category}).all()
    xy = np.array([(row.x, row.y) for row in rows], dtype=np.float64).reshape(-1, 2)
    return Sites([row.code for row in rows], xy)


def cells(session: Session) -> Cells:
    """Current cells, by code."""
    rows = session.execute(CELLS).all()
    column = np.empty(len(rows), dtype=object)
    column[:] = [bytes(row.shape) for row in rows]
    return Cells([row.code for row in rows], shapely.from_wkb(column))


def duty_key(session: Session, category: str | None) -> str:
    """A text that changes with the kinds of unit that handle a category."""
    if category is None:
        return ""
    key: str = session.execute(DUTY_KEY, {"category": category}).scalar_one()
    return key


def add_cells(session: Session, run_id: int, rows: Sequence[tuple[str, float | None, str | None]]) -> None:
    """Store code, metres to the nearest site, and that site's code, by COPY."""
    driver = session.connection().connection.driver_connection
    if driver is None:
        raise RuntimeError("the connection is closed")
    with driver.cursor() as cursor, cursor.copy(COPY_CELLS) as copy:
        for row in rows:
            copy.write_row((run_id, *row))


def without_units(
    session: Session, *, level: str, category: str | None, closed: Sequence[str] = ()
) -> list[AreaWithout]:
    """Areas of a level without any active unit, by parent and code; units of the codes `closed` do not count.

    Areas that cannot be judged are left out: those without a boundary that no unit names.
    """
    found = session.execute(WITHOUT_UNITS, {"level": level, "category": category, "closed": list(closed)})
    return [AreaWithout(*row) for row in found]


def unjudged(session: Session, *, level: str, within: str | None = None) -> int:
    """How many areas of a level cannot be judged; `within` a town only its villages."""
    return int(session.execute(UNJUDGED, {"level": level, "within": within}).scalar_one())


def shares(session: Session, run_id: int) -> list[AreaShare]:
    """Covered shares of a run, the lowest first."""
    return [AreaShare(*row) for row in session.execute(SHARES, {"run_id": run_id})]


def gaps(session: Session, run_id: int) -> list[Gap]:
    """Gaps of a run by rank."""
    return [Gap(*row) for row in session.execute(GAPS, {"run_id": run_id})]


def gaps_after(session: Session, run_id: int, *, after: int, limit: int) -> list[tuple[Gap, Any]]:
    """Gaps of a run from behind a rank on (0: from the largest), each with its GeoJSON geometry as `gap_shapes`."""
    rows = session.execute(GAPS_AFTER, {"run_id": run_id, "after": after, "limit": limit})
    return [(Gap(*row[:-1]), json.loads(row.shape)) for row in rows]


def gap_boxes(session: Session, run_id: int, *, most: int) -> dict[int, Box]:
    """Boxes of the largest gaps of a run by rank."""
    rows = session.execute(GAP_BOXES, {"run_id": run_id, "most": most})
    return {rank: Box(*sides) for rank, *sides in rows}


def nearest_by_area(session: Session, run_id: int) -> dict[tuple[str, str | None], Nearest]:
    """Nearest units of a run's cells by level and code; the whole district under (`district`, None).

    Areas without cells are absent; so are all where there are no cells, or no unit.
    """
    rows = session.execute(NEAREST_BY_AREA, {"run_id": run_id})
    return {(row.level, row.code): Nearest(row.mean_m, row.farthest_m) for row in rows}


def gap_shapes(session: Session, run_id: int) -> dict[int, Any]:
    """GeoJSON geometries (EPSG:4326, seven decimals) of a run's gaps by rank."""
    return {row.rank: json.loads(row.shape) for row in session.execute(GAP_SHAPES, {"run_id": run_id})}
