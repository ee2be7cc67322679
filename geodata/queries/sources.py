"""Where the rows of each published collection come from, under the ids of `geodata/catalog.py`.

Each source yields the properties of its collection in their order, then `geom` (EPSG:4326), then
`geom_web` (EPSG:3857) where the catalogue says so. They are plain joins, so that PostgreSQL sees
through them and a box on `geom` or `geom_web` reaches the index of the table.
"""

from geodata.models.base import LEVELS

AREAS_TODAY = """
    SELECT a.code, a.name, a.area_m2, a.geom IS NOT NULL AS has_boundary, a.valid_from, a.geom, a.geom_web
      FROM area AS a
     WHERE a.level = '{level}'
       AND a.valid_from <= CURRENT_DATE
       AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
"""

VILLAGES = """
    SELECT a.code, a.name, a.parent_code AS town_code, t.name AS town_name, a.area_m2,
           a.geom IS NOT NULL AS has_boundary, a.valid_from, a.geom, a.geom_web
      FROM area AS a
      LEFT JOIN area AS t
        ON t.level = 'town' AND t.code = a.parent_code
       AND t.valid_from <= CURRENT_DATE AND (t.valid_to IS NULL OR t.valid_to > CURRENT_DATE)
     WHERE a.level = 'village'
       AND a.valid_from <= CURRENT_DATE
       AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
"""

# Names follow the codes of today; at most one area of a level holds a code on a day.
TOWN_OF = """
      LEFT JOIN area AS t
        ON t.level = 'town' AND t.code = {row}.town_code
       AND t.valid_from <= CURRENT_DATE AND (t.valid_to IS NULL OR t.valid_to > CURRENT_DATE)
"""

VILLAGE_OF = """
      LEFT JOIN area AS v
        ON v.level = 'village' AND v.code = {row}.village_code
       AND v.valid_from <= CURRENT_DATE AND (v.valid_to IS NULL OR v.valid_to > CURRENT_DATE)
"""

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
    SELECT g.code, g.name, g.scheme, g.post, g.town_code, g.geom
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
      LEFT JOIN area AS t
        ON t.level = 'town' AND t.code = a.parent_code
       AND t.valid_from <= CURRENT_DATE AND (t.valid_to IS NULL OR t.valid_to > CURRENT_DATE)
"""

COVERAGE_CELLS = """
    SELECT c.code, c.town_code, c.village_code, n.nearest_m, n.unit_code, c.geom, c.geom_web
      FROM {run} AS r
      JOIN coverage_cell AS n ON n.run_id = r.id
      JOIN grid_cell AS c ON c.code = n.cell_code AND c.valid_to IS NULL
"""

# What has no place of its own is drawn where its unit stands.
PROJECTS = """
    SELECT j.code, j.name, j.joint, j.level, j.area_code, j.stage, u.code AS lead_code, u.name AS lead_name,
           (SELECT string_agg(m.name, '、' ORDER BY m.code)
              FROM project_partner AS p
              JOIN member_unit AS m ON m.id = p.unit_id
             WHERE p.project_id = j.id) AS partner_names,
           j.starts_on, j.ends_on, j.outcome, j.people_served, j.address, j.town_code, j.village_code, j.cell_code,
           COALESCE(j.geom, u.geom) AS geom
      FROM project AS j
      LEFT JOIN member_unit AS u ON u.id = j.lead_unit_id
"""

RESOURCES = """
    SELECT r.code, r.name, r.kind, r.kind_code, k.name_zh AS kind_name, u.code AS unit_code, u.name AS unit_name,
           r.audience, r.capacity, r.capacity_count, r.available, r.hours, r.valid_from, r.valid_to, r.address,
           COALESCE(r.town_code, u.town_code) AS town_code, COALESCE(r.village_code, u.village_code) AS village_code,
           COALESCE(r.cell_code, u.cell_code) AS cell_code, COALESCE(r.geom, u.geom) AS geom
      FROM resource AS r
      LEFT JOIN resource_kind AS k ON k.code = r.kind_code
      LEFT JOIN member_unit AS u ON u.id = r.unit_id
"""

PLEDGES = """
    SELECT p.code, p.name, u.code AS unit_code, u.name AS unit_name,
           array_to_string(p.category_codes, ',') AS categories,
           p.level, p.area_code, p.radius_m, p.hours, p.valid_from, p.valid_to, p.address,
           COALESCE(p.town_code, u.town_code) AS town_code, COALESCE(p.village_code, u.village_code) AS village_code,
           COALESCE(p.cell_code, u.cell_code) AS cell_code, COALESCE(p.geom, u.geom) AS geom
      FROM pledge AS p
      JOIN member_unit AS u ON u.id = p.unit_id
"""

# Without a place of its own a demand is drawn in the middle of its area, on ground that is the area's.
DEMANDS = """
    SELECT d.code, d.name, d.kind_code AS kind, k.name_zh AS kind_name, d.level, d.area_code, a.name AS area_name,
           d.people, d.needed_from, d.needed_until, d.state, d.state = 'open' AS is_unmet,
           COALESCE(d.town_code, CASE d.level WHEN 'town' THEN d.area_code
                                              WHEN 'village' THEN a.parent_code END) AS town_code,
           COALESCE(d.village_code, CASE d.level WHEN 'village' THEN d.area_code END) AS village_code,
           d.cell_code, COALESCE(d.geom, ST_PointOnSurface(a.geom)) AS geom
      FROM demand AS d
      JOIN resource_kind AS k ON k.code = d.kind_code
      LEFT JOIN area AS a
        ON a.level = d.level AND a.code = d.area_code
       AND a.valid_from <= CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
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
    "units": UNITS,
    "tickets": TICKETS,
    **{id_: rows.format(run=RUN_SHOWN) for id_, rows in OF_A_RUN.items()},
    "projects": PROJECTS,
    "resources": RESOURCES,
    "pledges": PLEDGES,
    "demands": DEMANDS,
    "green": BASEMAP.format(theme="green"),
    "water": BASEMAP.format(theme="water"),
    "waterways": BASEMAP.format(theme="waterway"),
    "buildings": BASEMAP.format(theme="building"),
    "rails": BASEMAP.format(theme="rail"),
    "roads": BASEMAP.format(theme="road"),
}


def source(collection_id: str, *, condition: str | None = None, is_run_named: bool = False) -> str:
    """The rows of a collection, narrowed.

    condition      SQL on a row of the table: `i` of tickets, `u` of units, and of no other.
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
