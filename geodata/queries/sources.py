"""Where the rows of each published collection come from, under the ids of `geodata/catalog.py`.

Each source yields the properties of its collection in their order, then `geom` (EPSG:4326), then
`geom_web` (EPSG:3857) where the catalogue says so. They are plain joins, so that PostgreSQL sees
through them and a box on `geom` or `geom_web` reaches the index of the table.
"""

from geodata.models.base import LEVELS
from geodata.queries.joint_sources import (
    DEMANDS,
    DUTY_TEAMS,
    MEETINGS,
    PLEDGES,
    PROJECTS,
    REGISTRATIONS,
    REGISTRATIONS_OF_TOWNS,
    RESOURCES,
    UNIT_DENSITY,
    WHISTLE_CALLS,
)
from geodata.queries.source_parts import TOWN_ABOVE, TOWN_OF, VILLAGE_OF

AREAS_TODAY = """
    SELECT a.code, a.name, a.area_m2, a.geom IS NOT NULL AS has_boundary, a.valid_from, a.geom, a.geom_web
      FROM area AS a
     WHERE a.level = '{level}'
       AND a.valid_from <= CURRENT_DATE
       AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
"""

VILLAGES = (
    """
    SELECT a.code, a.name, a.parent_code AS town_code, t.name AS town_name, a.area_m2,
           a.geom IS NOT NULL AS has_boundary, a.valid_from, a.geom, a.geom_web
      FROM area AS a
"""
    + TOWN_ABOVE.format(row="a")
    + """
     WHERE a.level = 'village'
       AND a.valid_from <= CURRENT_DATE
       AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
"""
)

GRID_CELLS = (
    """
    SELECT c.code, c.town_code, t.name AS town_name, c.village_code, v.name AS village_name,
           ST_Area(c.geom::geography) AS area_m2, c.is_whole, c.is_provisional, c.geom, c.geom_web
      FROM grid_cell AS c
"""
    + TOWN_OF.format(row="c")
    + VILLAGE_OF.format(row="c")
    + """
     WHERE c.valid_to IS NULL
"""
)

DUTY_GRIDS = """
    SELECT g.code || '|' || g.scheme AS id, g.code, g.name, g.scheme, g.post, g.town_code, g.geom
      FROM duty_grid AS g
"""

REGIONS = """
    SELECT r.code, r.name, r.town_code, u.code AS holder_code, u.name AS holder_name, r.holder_role, r.geom
      FROM region AS r
      LEFT JOIN member_unit AS u ON u.id = r.holder_id
"""

BLOCKS = """
    SELECT b.code, b.name, b.region_code, b.town_code, u.code AS holder_code, u.name AS holder_name,
           b.holder_role, s.code AS team_code, s.name AS team_name, b.geom
      FROM responsibility_block AS b
      LEFT JOIN member_unit AS u ON u.id = b.holder_id
      LEFT JOIN service_team AS s ON s.id = b.team_id
"""

POINTS = """
    SELECT p.code, p.name, p.kind, p.address, p.block_code, u.code AS holder_code, u.name AS holder_name,
           p.holder_role, p.radius_m, p.town_code, p.village_code, p.cell_code, p.accuracy_m, p.geom
      FROM responsibility_point AS p
      LEFT JOIN member_unit AS u ON u.id = p.holder_id
"""

UNITS = (
    """
    SELECT u.code, u.name, u.kind, k.name_zh AS kind_name, u.address, u.is_active, u.capacity, u.opening_hours,
           u.town_code, t.name AS town_name, u.village_code, v.name AS village_name, u.cell_code, u.accuracy_m,
           u.place_level, u.geom
      FROM member_unit AS u
      JOIN unit_kind AS k ON k.code = u.kind
"""
    + TOWN_OF.format(row="u")
    + VILLAGE_OF.format(row="u")
)

# How an open ticket stands at this moment, and whether an ended one was in time. Two open classes
# differ by a day's notice, which is long enough to act.
DEADLINE = """
    CASE WHEN i.due_at IS NULL THEN 'none'
         WHEN i.state IN ('closed', 'cancelled', 'merged')
         THEN CASE WHEN COALESCE(i.closed_at, i.updated_at) > i.due_at THEN 'late' ELSE 'ontime' END
         WHEN i.due_at < now() THEN 'late'
         WHEN i.due_at < now() + INTERVAL '24 hours' THEN 'soon'
         ELSE 'ontime' END
"""

TICKETS = f"""
    SELECT i.number, i.category_code, c.name_zh AS category_name, i.title, i.state, i.source, i.reported_at,
           i.due_at, {DEADLINE} AS deadline, i.closed_at, u.code AS unit_code, u.name AS unit_name, i.office_code,
           i.address, i.town_code, i.village_code, i.cell_code, i.accuracy_m, i.geom
      FROM ticket AS i
      JOIN category AS c ON c.code = i.category_code
      LEFT JOIN member_unit AS u ON u.id = i.unit_id
"""
# What it takes to count tickets, to order them and to see where they are: none of the joins.
BARE_TICKETS = """
    SELECT i.number, i.state, i.reported_at, i.due_at, i.geom,
           i.due_at < now() AND i.state NOT IN ('closed', 'cancelled', 'merged') AS is_late
      FROM ticket AS i
"""

# Unless another is named, the newest run over all units with the district's own radius is shown;
# whoever asks the coverage page for another one changes nothing here.
RUN_SHOWN = """
    (SELECT n.id, n.radius_m
       FROM coverage_run AS n
       JOIN installation AS i ON i.coverage_radius_m = n.radius_m
      WHERE n.category_code IS NULL
      ORDER BY n.id DESC
      LIMIT 1)
"""

RUN_NAMED = "(SELECT n.id, n.radius_m FROM coverage_run AS n WHERE n.id = :run_id)"

GAPS = """
    SELECT g.rank, g.area_code, a.name AS area_name, g.area_m2, r.radius_m, g.geom, g.geom_web
      FROM {run} AS r
      JOIN coverage_gap AS g ON g.run_id = r.id
      LEFT JOIN area AS a
        ON a.code = g.area_code AND a.level <> 'district'
       AND a.valid_from <= CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
"""

COVERAGE_TOWNS = """
    SELECT a.code, a.name, a.area_m2, s.share, s.site_count AS unit_count, r.radius_m, a.geom, a.geom_web
      FROM {run} AS r
      JOIN coverage_area AS s ON s.run_id = r.id AND s.level = 'town'
      JOIN area AS a
        ON a.code = s.code AND a.level = 'town'
       AND a.valid_from <= CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
"""

COVERAGE_VILLAGES = """
    SELECT a.code, a.name, a.parent_code AS town_code, t.name AS town_name, a.area_m2, s.share,
           s.site_count AS unit_count, r.radius_m, a.geom, a.geom_web
      FROM {run} AS r
      JOIN coverage_area AS s ON s.run_id = r.id AND s.level = 'village'
      JOIN area AS a
        ON a.code = s.code AND a.level = 'village'
       AND a.valid_from <= CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
""" + TOWN_ABOVE.format(row="a")

COVERAGE_CELLS = """
    SELECT c.code, c.town_code, c.village_code, n.nearest_m, n.unit_code, c.geom, c.geom_web
      FROM {run} AS r
      JOIN coverage_cell AS n ON n.run_id = r.id
      JOIN grid_cell AS c ON c.code = n.cell_code AND c.valid_to IS NULL
"""

BASEMAP = """
    SELECT b.id, b.name, b.kind, b.from_zoom, b.geom, b.geom_web
      FROM basemap_feature AS b
     WHERE b.theme = '{theme}'
"""

OF_A_RUN = {
    "gaps": GAPS,
    "coverage_towns": COVERAGE_TOWNS,
    "coverage_villages": COVERAGE_VILLAGES,
    "coverage_cells": COVERAGE_CELLS,
}

SOURCES = {
    "districts": AREAS_TODAY.format(level=LEVELS[0]),
    "towns": AREAS_TODAY.format(level=LEVELS[1]),
    "villages": VILLAGES,
    "grid_cells": GRID_CELLS,
    "duty_grids": DUTY_GRIDS,
    "regions": REGIONS,
    "blocks": BLOCKS,
    "points": POINTS,
    "duty_teams": DUTY_TEAMS,
    "units": UNITS,
    "tickets": TICKETS,
    **{id_: rows.format(run=RUN_SHOWN) for id_, rows in OF_A_RUN.items()},
    "projects": PROJECTS,
    "resources": RESOURCES,
    "pledges": PLEDGES,
    "demands": DEMANDS,
    "meetings": MEETINGS,
    "whistle_calls": WHISTLE_CALLS,
    "registrations": REGISTRATIONS,
    "registrations_of_towns": REGISTRATIONS_OF_TOWNS,
    "unit_density": UNIT_DENSITY,
    "green": BASEMAP.format(theme="green"),
    "water": BASEMAP.format(theme="water"),
    "waterways": BASEMAP.format(theme="waterway"),
    "buildings": BASEMAP.format(theme="building"),
    "rails": BASEMAP.format(theme="rail"),
    "roads": BASEMAP.format(theme="road"),
}


def source(collection_id: str, *, condition: str | None = None, is_run_named: bool = False) -> str:
    """The rows of a collection, narrowed.

    condition      SQL on a row of the table: `i` of tickets, `u` of units, `w` of whistle calls, and of no other.
    is_run_named   on coverage and gaps only: the run is the one bound to `:run_id`.
    """
    if is_run_named:
        return OF_A_RUN[collection_id].format(run=RUN_NAMED)
    return _narrowed(SOURCES[collection_id], condition)


def bare_source(collection_id: str, *, condition: str | None = None, is_run_named: bool = False) -> str:
    """The same rows with no more columns than counting, ordering and placing them takes, and with `is_late`.

    Only tickets are that many; of all others these are the rows themselves, never late.
    """
    if collection_id == "tickets":
        return _narrowed(BARE_TICKETS, condition)
    rows = source(collection_id, condition=condition, is_run_named=is_run_named)
    return f"SELECT r.*, false AS is_late FROM ({rows}) AS r"


def _narrowed(rows: str, condition: str | None) -> str:
    return f"{rows}     WHERE {condition}\n" if condition else rows
