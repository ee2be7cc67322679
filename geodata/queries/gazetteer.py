"""Our own places: looked up for a whole batch of addresses at once."""

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

NAMED_AREAS = text("""
    SELECT a.level, a.code, a.name, a.parent_code,
           CASE WHEN a.level = 'town' THEN ST_AsBinary(a.geom) END AS shape,
           ST_Area(a.geom_m) AS area_m2
      FROM area AS a
     WHERE a.level IN ('town', 'village')
       AND a.valid_from <= CURRENT_DATE
       AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
     ORDER BY a.level, a.code
""")

# What holds today; a row without days holds always.
VALID = """coalesce({0}.valid_from <= CURRENT_DATE, TRUE) AND coalesce({0}.valid_to > CURRENT_DATE, TRUE)"""

ROAD_NAMES = text(f"""
    SELECT e.road AS name FROM gazetteer_entry AS e WHERE e.road IS NOT NULL AND {VALID.format("e")}
     UNION
    SELECT e.cross_road FROM gazetteer_entry AS e WHERE e.cross_road IS NOT NULL AND {VALID.format("e")}
     UNION
    SELECT r.name_norm FROM gazetteer_road AS r WHERE {VALID.format("r")}
     ORDER BY name
""")

DRAWN_ROADS = text(f"SELECT DISTINCT r.name_norm FROM gazetteer_road AS r WHERE {VALID.format('r')} ORDER BY 1")

LINES = text(f"""
    SELECT r.name_norm, ST_AsBinary(ST_Collect(r.geom_m ORDER BY r.id)) AS line
      FROM gazetteer_road AS r
     WHERE r.name_norm = ANY(CAST(:names AS text[])) AND {VALID.format("r")}
     GROUP BY r.name_norm
     ORDER BY r.name_norm
""")

PLACE_NAMES = text(f"""
    SELECT DISTINCT e.name_norm
      FROM gazetteer_entry AS e
     WHERE e.kind = 'place' AND e.geom IS NOT NULL AND {VALID.format("e")}
     ORDER BY e.name_norm
""")

# A position that stands for many names is where a geocoder puts what it does not know.
DEFAULT_PLACES = text(f"""
    SELECT e.name_norm
      FROM gazetteer_entry AS e
      JOIN (SELECT p.geom
              FROM gazetteer_entry AS p
             WHERE p.kind = 'place' AND p.geom IS NOT NULL
             GROUP BY p.geom
            HAVING count(DISTINCT p.name_norm) >= :names) AS shared ON shared.geom = e.geom
     WHERE e.kind = 'place' AND {VALID.format("e")}
     ORDER BY e.name_norm
""")

ALIASES = text(f"""
    SELECT a.kind, a.alias_norm, a.target_norm
      FROM gazetteer_alias AS a
     WHERE {VALID.format("a")}
     ORDER BY a.kind, a.alias_norm, a.target_norm
""")

PLACED_UNITS = text("""
    SELECT u.name, ST_X(u.geom), ST_Y(u.geom), ST_X(u.geom_m), ST_Y(u.geom_m), u.accuracy_m, u.town_code
      FROM member_unit AS u
     WHERE u.geom IS NOT NULL
     ORDER BY u.code
""")

_COLUMNS = """
    e.kind, e.name, e.name_norm, e.district, e.road, e.cross_road, e.lane, e.sublane, e.number, e.suffix, e.house, e.km,
    ST_X(e.geom), ST_Y(e.geom), ST_X(e.geom_m), ST_Y(e.geom_m), e.accuracy_m, e.town_code, e.source, e.id
"""

# Neighbours are looked for this far along the numbers, and as many houses on either side.
HOUSES_APART = 200
NEIGHBOURS = 4

# Per house one row: a gate before a building behind it.
_NEIGHBOURS = """
    SELECT n.*
      FROM asked_house AS h
     CROSS JOIN LATERAL (
           SELECT DISTINCT ON (e.house) {columns}
             FROM gazetteer_entry AS e
            WHERE e.road = h.road AND e.kind = 'door' AND e.geom IS NOT NULL AND {valid}
              AND e.house {side} AND e.house % 2 = h.house % 2
            ORDER BY e.house {order}, e.lane IS NOT NULL AND e.number IS NOT NULL, e.id
            LIMIT {most}) AS n
"""


def _neighbours(side: str, order: str) -> str:
    return _NEIGHBOURS.format(columns=_COLUMNS, valid=VALID.format("e"), side=side, order=order, most=NEIGHBOURS)


# The lists travel as arrays, so that a thousand addresses cost one round trip, each branch its index.
# Crossings come by road, whether asked for or not: those that share one road are what a person is offered.
ENTRIES = text(f"""
    WITH asked_door AS (
        SELECT * FROM unnest(CAST(:door_roads AS text[]), CAST(:lanes AS text[]), CAST(:numbers AS text[]))
                   AS t (road, lane, number)),
         asked_lane AS (
        SELECT DISTINCT road, lane FROM asked_door WHERE lane <> ''),
         asked_house AS (
        SELECT * FROM unnest(CAST(:house_roads AS text[]), CAST(:houses AS integer[])) AS t (road, house))
    SELECT {_COLUMNS}
      FROM gazetteer_entry AS e
     WHERE e.kind = 'place' AND e.name_norm = ANY(CAST(:names AS text[])) AND e.geom IS NOT NULL AND {VALID.format("e")}
     UNION
    SELECT {_COLUMNS}
      FROM gazetteer_entry AS e
     WHERE e.kind IN ('crossing', 'km_post') AND e.road = ANY(CAST(:roads AS text[])) AND e.geom IS NOT NULL
       AND {VALID.format("e")}
     UNION
    SELECT {_COLUMNS}
      FROM gazetteer_entry AS e
     WHERE e.kind = 'crossing' AND e.cross_road = ANY(CAST(:roads AS text[])) AND e.geom IS NOT NULL
       AND {VALID.format("e")}
     UNION
    SELECT {_COLUMNS}
      FROM gazetteer_entry AS e
      JOIN asked_door AS d ON d.road = e.road
       AND d.lane = coalesce(e.lane, '') AND d.number = coalesce(e.number, '')
     WHERE e.kind = 'door' AND e.geom IS NOT NULL AND {VALID.format("e")}
     UNION
    SELECT n.*
      FROM asked_lane AS l
     CROSS JOIN LATERAL (
           SELECT {_COLUMNS}
             FROM gazetteer_entry AS e
            WHERE e.road = l.road AND e.lane = l.lane AND e.kind = 'door' AND e.geom IS NOT NULL AND {VALID.format("e")}
            ORDER BY e.number IS NOT NULL, e.id
            LIMIT 12) AS n
     UNION
    {_neighbours(f"BETWEEN h.house - {HOUSES_APART} AND h.house", "DESC")}
     UNION
    {_neighbours(f"BETWEEN h.house + 1 AND h.house + {HOUSES_APART}", "ASC")}
     ORDER BY id
""")


class NamedArea(NamedTuple):
    """A town or village of today; `shape` (EPSG:4326) for towns only, None without a boundary."""

    level: str
    code: str
    name: str
    parent_code: str | None
    shape: shapely.Geometry | None
    area_m2: float | None


class Entry(NamedTuple):
    """One place of ours (WGS 84 degrees, metres of the district): an entry, or a member unit (`kind` is `unit`)."""

    kind: str
    name: str
    name_norm: str
    district: str | None
    road: str | None
    cross_road: str | None
    lane: str | None
    sublane: str | None
    number: str | None
    suffix: str | None
    house: int | None
    km: float | None
    lon: float
    lat: float
    x: float
    y: float
    accuracy_m: float | None
    town_code: str | None
    source: str


class Alias(NamedTuple):
    """Another name, and the listed name it stands for, both normalised."""

    kind: str
    alias: str
    target: str


Door = tuple[str, str, str]
House = tuple[str, int]


def named_areas(session: Session) -> list[NamedArea]:
    """Towns and villages of today by level and code."""
    return [
        NamedArea(row.level, row.code, row.name, row.parent_code, shapely.from_wkb(row.shape), row.area_m2)
        for row in session.execute(NAMED_AREAS)
    ]


def road_names(session: Session) -> list[str]:
    """Every road named in the gazetteer, sorted."""
    return list(session.scalars(ROAD_NAMES))


def drawn_roads(session: Session) -> frozenset[str]:
    """The normalised names of the roads that have lines."""
    return frozenset(session.scalars(DRAWN_ROADS))


def lines(session: Session, names: Iterable[str]) -> dict[str, shapely.Geometry]:
    """All stretches of each road in the district's metre CRS, by normalised name; nothing for a road without lines."""
    return {row.name_norm: shapely.from_wkb(row.line) for row in session.execute(LINES, {"names": sorted(names)})}


def place_names(session: Session) -> list[str]:
    """The normalised name of every placed place, sorted, each once."""
    return list(session.scalars(PLACE_NAMES))


def default_places(session: Session, *, names: int) -> frozenset[str]:
    """The names of places whose one position at least `names` differently named places share."""
    return frozenset(session.scalars(DEFAULT_PLACES, {"names": names}))


def aliases(session: Session) -> list[Alias]:
    """All other names that hold today, by kind and name."""
    return [Alias(*row) for row in session.execute(ALIASES)]


def placed_units(session: Session) -> list[Entry]:
    """Member units that have a place, by code; `name_norm` is the name as it stands."""
    nothing = (None,) * 9
    return [
        Entry("unit", name, name, *nothing, lon, lat, x, y, accuracy_m, town_code, "units")
        for name, lon, lat, x, y, accuracy_m, town_code in session.execute(PLACED_UNITS)
    ]


def entries(
    session: Session,
    *,
    names: Collection[str],
    roads: Collection[str],
    doors: Collection[Door],
    houses: Collection[House],
) -> list[Entry]:
    """Places of these names, crossings and posts on these roads, these doors with their neighbours, oldest first.

    names   normalised; each entry that bears one is given.
    roads   crossings are given where either road is among them.
    doors   road, lane and number, the latter two empty where there is none; of a lane, up to twelve of its doors.
    houses  road and number: the NEIGHBOURS nearest on either side that are odd or even alike, within HOUSES_APART.
    """
    asked, near = sorted(doors), sorted(houses)
    values: dict[str, Any] = {
        "names": sorted(names),
        "roads": sorted(roads),
        "door_roads": [door[0] for door in asked],
        "lanes": [door[1] for door in asked],
        "numbers": [door[2] for door in asked],
        "house_roads": [house[0] for house in near],
        "houses": [house[1] for house in near],
    }
    return [Entry(*row[:19]) for row in session.execute(ENTRIES, values)]
