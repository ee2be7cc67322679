"""Our own places: looked up for a whole batch of addresses at once."""

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

# Before the source of a door that a list of places tells by the address of one, and before all that records teach.
LISTED = "listed/"
OF_RECORDS = ("units/", "points/", LISTED)
IS_SURVEYED = f"""{{0}}.source NOT LIKE ALL (ARRAY[{", ".join(f"'{one}%'" for one in OF_RECORDS)}])"""

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

# The neighbour on either side is looked for this far along the numbers; of one lane, so many rows come along.
HOUSES_APART = 200
_OF_A_LANE = 12
_OF_A_ROAD = 200

# Each branch is walked along its index for every asked row: a join would be free to read the whole table.
_EACH = """
    SELECT n.*
      FROM {asked}
     CROSS JOIN LATERAL (
           SELECT {columns}
             FROM gazetteer_entry AS e
            WHERE {where} AND e.geom IS NOT NULL AND {valid}
            ORDER BY {order}
            LIMIT {most}) AS n
"""


def _each(asked: str, where: str, *, order: str = "e.id", most: int = 40) -> str:
    return _EACH.format(asked=asked, columns=_COLUMNS, where=where, valid=VALID.format("e"), order=order, most=most)


_DOOR = "e.road = q.road AND e.kind = 'door'"
_ODD_OR_EVEN = f"{_DOOR} AND e.house % 2 = q.house % 2"
# A gate before the buildings behind it, and what is only counted along a line of the map behind all.
_GATE_FIRST = "e.kind, e.lane IS NOT NULL AND e.number IS NOT NULL, e.id"
_OR_COUNTED = "e.road = q.road AND e.kind IN ('door', 'interpolated')"

_BRANCHES = (
    _each("unnest(CAST(:names AS text[])) AS q (name)", "e.name_norm = q.name AND e.kind = 'place'"),
    _each("asked_crossing AS q", "e.road = q.a AND e.cross_road = q.b AND e.kind = 'crossing'"),
    _each("asked_crossing AS q", "e.road = q.b AND e.cross_road = q.a AND e.kind = 'crossing'"),
    _each("unnest(CAST(:post_roads AS text[])) AS q (road)", "e.road = q.road AND e.kind = 'km_post'", most=2000),
    _each(
        "asked_door AS q",
        f"q.lane <> '' AND q.number <> '' AND {_DOOR} AND e.house = q.house"
        " AND e.lane = q.lane AND e.number = q.number",
    ),
    _each("asked_door AS q", f"q.house IS NULL AND {_DOOR} AND e.number = q.number"),
    _each("asked_house AS q", f"{_OR_COUNTED} AND e.house = q.house", order=_GATE_FIRST, most=_OF_A_LANE),
    _each(
        "asked_house AS q",
        f"{_ODD_OR_EVEN} AND e.house BETWEEN q.house - {HOUSES_APART} AND q.house - 1",
        order="e.house DESC, e.id DESC",
        most=1,
    ),
    _each(
        "asked_house AS q",
        f"{_ODD_OR_EVEN} AND e.house BETWEEN q.house + 1 AND q.house + {HOUSES_APART}",
        order="e.house, e.id",
        most=1,
    ),
)

# The lists travel as arrays, so that a thousand addresses cost one round trip.
ENTRIES = text(f"""
    WITH asked_door AS (
        SELECT * FROM unnest(CAST(:door_roads AS text[]), CAST(:lanes AS text[]), CAST(:numbers AS text[]),
                             CAST(:door_houses AS integer[])) AS t (road, lane, number, house)),
         asked_house AS (
        SELECT DISTINCT road, house FROM asked_door WHERE house IS NOT NULL),
         asked_crossing AS (
        SELECT * FROM unnest(CAST(:road_as AS text[]), CAST(:road_bs AS text[])) AS t (a, b))
    {" UNION ALL ".join(_BRANCHES)}
     ORDER BY id
""")

_ROADS = "unnest(CAST(:roads AS text[])) AS q (road)"

CROSSINGS_ON = text(f"""
    {_each(_ROADS, "e.road = q.road AND e.kind = 'crossing'", most=_OF_A_ROAD)}
     UNION
    {_each(_ROADS, "e.cross_road = q.road AND e.kind = 'crossing'", most=_OF_A_ROAD)}
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


class Door(NamedTuple):
    """What a door is found by; `lane` and `number` are empty where there is none, `house` is None in a village."""

    road: str
    lane: str
    number: str
    house: int | None


Crossing = tuple[str, str]


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
    crossings: Collection[Crossing],
    doors: Collection[Door],
    post_roads: Collection[str],
) -> list[Entry]:
    """Places of these names, these crossings, doors with their neighbours, and posts on these roads, oldest first.

    names      normalised; entries that bear one are given.
    crossings  the two roads in any order.
    doors      also up to twelve that share the house: a lane and what lies behind it, the number on a line of the map;
               and the nearest doors on either side that are odd or even alike, within HOUSES_APART.
    """
    asked = sorted(doors, key=lambda door: (*door[:3], -1 if door.house is None else door.house))
    pairs = sorted(crossings)
    values: dict[str, Any] = {
        "names": sorted(names),
        "road_as": [pair[0] for pair in pairs],
        "road_bs": [pair[1] for pair in pairs],
        "post_roads": sorted(post_roads),
        "door_roads": [door.road for door in asked],
        "lanes": [door.lane for door in asked],
        "numbers": [door.number for door in asked],
        "door_houses": [door.house for door in asked],
    }
    # found by several branches, or for several addresses, a row comes several times
    return [Entry(*row[:19]) for row in {row[19]: row for row in session.execute(ENTRIES, values).all()}.values()]


def crossings_on(session: Session, roads: Iterable[str]) -> list[Entry]:
    """Crossings of each road with any other, at most some hundreds a road, oldest first."""
    return [Entry(*row[:19]) for row in session.execute(CROSSINGS_ON, {"roads": sorted(roads)})]
