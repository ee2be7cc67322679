"""What a reader is told of records that a search has found, and where they are."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.queries.scope import Scope
from geodata.queries.source_parts import TOWN_ABOVE, TOWN_OF, VILLAGE_OF
from geodata.queries.sources import SOURCES

# Every statement yields: key, title, what it is in two languages, its words, the area it lies in, and its place.
DISTRICTS = """
    SELECT a.code, a.name, NULL, NULL, a.level, NULL, a.geom
      FROM area AS a
     WHERE a.level = 'district' AND a.code = ANY(CAST(:keys AS text[]))
       AND a.valid_from <= CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
"""

TOWNS = """
    SELECT a.code, a.name, NULL, NULL, a.level, NULL, a.geom
      FROM area AS a
     WHERE a.level = 'town' AND a.code = ANY(CAST(:keys AS text[]))
       AND a.valid_from <= CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
"""

VILLAGES = (
    """
    SELECT a.code, a.name, NULL, NULL, a.level, t.name, a.geom
      FROM area AS a
"""
    + TOWN_ABOVE.format(row="a")
    + """
     WHERE a.level = 'village' AND a.code = ANY(CAST(:keys AS text[]))
       AND a.valid_from <= CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
"""
)

UNITS = (
    """
    SELECT u.code, u.name, k.name_zh, k.name_en, NULL, concat_ws(' · ', t.name, v.name), u.geom
      FROM member_unit AS u
      JOIN unit_kind AS k ON k.code = u.kind
"""
    + TOWN_OF.format(row="u")
    + VILLAGE_OF.format(row="u")
    + """
     WHERE u.code = ANY(CAST(:keys AS text[]))
"""
)

POINTS = (
    """
    SELECT p.code, p.name, u.name, u.name, NULL, concat_ws(' · ', t.name, v.name), p.geom
      FROM responsibility_point AS p
      LEFT JOIN member_unit AS u ON u.id = p.holder_id
"""
    + TOWN_OF.format(row="p")
    + VILLAGE_OF.format(row="p")
    + """
     WHERE p.code = ANY(CAST(:keys AS text[]))
"""
)

BLOCKS = (
    """
    SELECT b.code, b.name, u.name, u.name, NULL, t.name, b.geom
      FROM responsibility_block AS b
      LEFT JOIN member_unit AS u ON u.id = b.holder_id
"""
    + TOWN_OF.format(row="b")
    + """
     WHERE b.code = ANY(CAST(:keys AS text[]))
"""
)

DUTY_GRIDS = (
    """
    SELECT g.code || '|' || g.scheme, g.name, g.post, g.post, NULL, t.name, g.geom
      FROM duty_grid AS g
"""
    + TOWN_OF.format(row="g")
    + """
     WHERE g.code = ANY(SELECT split_part(k.key, '|', 1) FROM unnest(CAST(:keys AS text[])) AS k (key))
"""
)

PLACES = (
    """
    SELECT CAST(e.id AS text), e.name, NULL, NULL, e.kind, concat_ws(' · ', t.name, v.name), e.geom
      FROM gazetteer_entry AS e
"""
    + TOWN_OF.format(row="e")
    + VILLAGE_OF.format(row="e")
    + """
     WHERE e.id = ANY(CAST(:keys AS bigint[]))
"""
)

# A road of the gazetteer is known by what stands on it. Only a road that is never the first of a
# crossing is looked for as the second, which has no index of its own.
ROADS = """
    SELECT r.key, r.key, NULL, NULL, 'road', NULL,
           COALESCE((SELECT ST_Collect(e.geom) FROM gazetteer_entry AS e WHERE e.road = r.key),
                    (SELECT ST_Collect(e.geom) FROM gazetteer_entry AS e WHERE e.cross_road = r.key))
      FROM unnest(CAST(:keys AS text[])) AS r (key)
"""

BASEMAP = """
    SELECT CAST(b.id AS text), b.name, NULL, NULL, b.theme, NULL, b.geom
      FROM basemap_feature AS b
     WHERE b.id = ANY(CAST(:keys AS bigint[]))
"""

# What has a collection of its own is told and placed as there: {what} is its kind or holder, {word} how it stands.
OF_COLLECTION = (
    """
    SELECT s.code, s.name, {what}, {word}, concat_ws(' · ', t.name, v.name), s.geom
      FROM ({source}) AS s
"""
    + TOWN_OF.format(row="s")
    + VILLAGE_OF.format(row="s")
    + """
     WHERE s.code = ANY(CAST(:keys AS text[]))
"""
)
OF_TOWN = OF_COLLECTION.replace("concat_ws(' · ', t.name, v.name)", "t.name").replace(VILLAGE_OF.format(row="s"), "")

_KIND = "s.kind_name, (SELECT k.name_en FROM resource_kind AS k WHERE k.code = s.{code})"
JOINT = {
    "region": OF_TOWN.format(what="s.holder_name, s.holder_name", word="NULL", source=SOURCES["regions"]),
    "team": OF_TOWN.format(what="s.holder_name, s.holder_name", word="NULL", source=SOURCES["duty_teams"]),
    "project": OF_COLLECTION.format(what="s.lead_name, s.lead_name", word="s.stage", source=SOURCES["projects"]),
    "resource": OF_COLLECTION.format(
        what=_KIND.format(code="kind_code"), word="s.unit_name", source=SOURCES["resources"]
    ),
    "demand": OF_COLLECTION.format(what=_KIND.format(code="kind"), word="s.state", source=SOURCES["demands"]),
    "pledge": OF_COLLECTION.format(what="s.unit_name, s.unit_name", word="NULL", source=SOURCES["pledges"]),
    "meeting": OF_COLLECTION.format(
        what="to_char(s.held_at, 'YYYY-MM-DD'), to_char(s.held_at, 'YYYY-MM-DD')",
        word="s.state",
        source=SOURCES["meetings"],
    ),
}

CELLS = (
    """
    SELECT c.code, c.code, NULL, NULL, NULL, concat_ws(' · ', t.name, v.name), c.geom
      FROM grid_cell AS c
"""
    + TOWN_OF.format(row="c")
    + VILLAGE_OF.format(row="c")
    + """
     WHERE c.code = ANY(CAST(:keys AS text[])) AND c.valid_to IS NULL
"""
)

TICKETS = (
    """
    SELECT i.number, i.title, k.name_zh, k.name_en, i.state, t.name, i.geom
      FROM ticket AS i
      JOIN category AS k ON k.code = i.category_code
"""
    + TOWN_OF.format(row="i")
    + """
     WHERE i.number = ANY(CAST(:keys AS text[]))
       AND {scope}
"""
)

# A place is shown by a point on it, not by the middle of its box, which may lie beside it.
PLACED = """
    SELECT f.key, f.title, f.what_zh, f.what_en, f.word, NULLIF(f.within, ''), ST_X(f.spot), ST_Y(f.spot),
           ST_XMin(f.geom), ST_YMin(f.geom), ST_XMax(f.geom), ST_YMax(f.geom)
      FROM (SELECT s.*, ST_PointOnSurface(s.geom) AS spot
              FROM ({source}) AS s (key, title, what_zh, what_en, word, within, geom)) AS f
     ORDER BY f.key
"""

FOUND = {
    kind: text(PLACED.format(source=source))
    for kind, source in {
        "district": DISTRICTS,
        "town": TOWNS,
        "village": VILLAGES,
        "unit": UNITS,
        "point": POINTS,
        "block": BLOCKS,
        "duty_grid": DUTY_GRIDS,
        "place": PLACES,
        "road": ROADS,
        "basemap": BASEMAP,
        "cell": CELLS,
        **JOINT,
    }.items()
}
FOUND_TICKETS = PLACED.format(source=TICKETS)


class Found(NamedTuple):
    """One record as a search shows it (WGS 84 degrees); a place that is not known is None throughout.

    what_zh, what_en   kind of unit, category, holder, unit, or the day of a meeting; None where there is none.
    word               level of an area, kind of a place, state of a ticket, demand or meeting, stage of a project,
                       unit that lends a resource.
    within             names of the areas it lies in.
    """

    key: str
    title: str
    what_zh: str | None
    what_en: str | None
    word: str | None
    within: str | None
    lon: float | None
    lat: float | None
    west: float | None
    south: float | None
    east: float | None
    north: float | None


def found(session: Session, kind: str, keys: Sequence[str]) -> dict[str, Found]:
    """Records of a kind other than tickets by key; those that are gone are absent."""
    return {row[0]: Found(*row) for row in session.execute(FOUND[kind], {"keys": list(keys)})}


def found_tickets(session: Session, numbers: Sequence[str], *, scope: Scope) -> dict[str, Found]:
    """Tickets by number; those of no such number in the scope are absent."""
    statement = text(FOUND_TICKETS.format(scope=scope.clause()))
    rows = session.execute(statement, {"keys": list(numbers), **scope.values()})
    return {row[0]: Found(*row) for row in rows}
