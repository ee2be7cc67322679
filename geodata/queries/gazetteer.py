"""Our own places: looked up for a whole batch of addresses at once."""

from collections.abc import Collection
from typing import Any, NamedTuple

import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

NAMED_AREAS = text("""
    SELECT a.level, a.code, a.name, a.parent_code,
           CASE WHEN a.level = 'town' THEN ST_AsBinary(a.geom) END AS shape
      FROM area AS a
     WHERE a.level IN ('town', 'village')
       AND a.valid_from <= CURRENT_DATE
       AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
     ORDER BY a.level, a.code
""")

ROAD_NAMES = text("""
    SELECT road AS name FROM gazetteer_entry WHERE road IS NOT NULL
     UNION
    SELECT cross_road FROM gazetteer_entry WHERE cross_road IS NOT NULL
     ORDER BY name
""")

PLACE_NAMES = text("""
    SELECT DISTINCT name_norm
      FROM gazetteer_entry
     WHERE kind = 'place' AND geom IS NOT NULL
     ORDER BY name_norm
""")

PLACED_UNITS = text("""
    SELECT name, ST_X(geom), ST_Y(geom), accuracy_m, town_code
      FROM member_unit
     WHERE geom IS NOT NULL
     ORDER BY code
""")

# The lists travel as arrays, so that a thousand addresses cost one round trip, each branch its index.
# Crossings come by road, whether asked for or not: those that share one road are what a person is offered.
ENTRIES = text("""
    WITH asked_door AS (
        SELECT * FROM unnest(CAST(:door_roads AS text[]), CAST(:lanes AS text[]), CAST(:numbers AS text[]))
                   AS t (road, lane, number))
    SELECT e.kind, e.name, e.name_norm, e.road, e.cross_road, e.lane, e.number, ST_X(e.geom), ST_Y(e.geom),
           e.accuracy_m, e.town_code, e.id
      FROM gazetteer_entry AS e
     WHERE e.kind = 'place' AND e.name_norm = ANY(CAST(:names AS text[])) AND e.geom IS NOT NULL
     UNION
    SELECT e.kind, e.name, e.name_norm, e.road, e.cross_road, e.lane, e.number, ST_X(e.geom), ST_Y(e.geom),
           e.accuracy_m, e.town_code, e.id
      FROM gazetteer_entry AS e
     WHERE e.kind = 'crossing' AND e.road = ANY(CAST(:roads AS text[])) AND e.geom IS NOT NULL
     UNION
    SELECT e.kind, e.name, e.name_norm, e.road, e.cross_road, e.lane, e.number, ST_X(e.geom), ST_Y(e.geom),
           e.accuracy_m, e.town_code, e.id
      FROM gazetteer_entry AS e
     WHERE e.kind = 'crossing' AND e.cross_road = ANY(CAST(:roads AS text[])) AND e.geom IS NOT NULL
     UNION
    SELECT e.kind, e.name, e.name_norm, e.road, e.cross_road, e.lane, e.number, ST_X(e.geom), ST_Y(e.geom),
           e.accuracy_m, e.town_code, e.id
      FROM gazetteer_entry AS e
      JOIN asked_door AS d ON d.road = e.road
       AND d.lane = coalesce(e.lane, '') AND d.number = coalesce(e.number, '')
     WHERE e.kind = 'door' AND e.geom IS NOT NULL
     ORDER BY id
""")


class NamedArea(NamedTuple):
    """A town or village of today; `shape` (EPSG:4326) for towns only, None without a boundary."""

    level: str
    code: str
    name: str
    parent_code: str | None
    shape: shapely.Geometry | None


class Entry(NamedTuple):
    """One place of ours (WGS 84 degrees): a gazetteer entry, or a member unit (`kind` is `unit`)."""

    kind: str
    name: str
    name_norm: str
    road: str | None
    cross_road: str | None
    lane: str | None
    number: str | None
    lon: float
    lat: float
    accuracy_m: float | None
    town_code: str | None


Door = tuple[str, str, str]


def named_areas(session: Session) -> list[NamedArea]:
    """Towns and villages of today by level and code."""
    return [
        NamedArea(row.level, row.code, row.name, row.parent_code, shapely.from_wkb(row.shape))
        for row in session.execute(NAMED_AREAS)
    ]


def road_names(session: Session) -> list[str]:
    """Every road named in the gazetteer, sorted."""
    return list(session.scalars(ROAD_NAMES))


def place_names(session: Session) -> list[str]:
    """The normalised name of every placed place, sorted, each once."""
    return list(session.scalars(PLACE_NAMES))


def placed_units(session: Session) -> list[Entry]:
    """Member units that have a place, by code; `name_norm` is the name as it stands."""
    return [
        Entry("unit", name, name, None, None, None, None, lon, lat, accuracy_m, town_code)
        for name, lon, lat, accuracy_m, town_code in session.execute(PLACED_UNITS)
    ]


def entries(
    session: Session, *, names: Collection[str], roads: Collection[str], doors: Collection[Door]
) -> list[Entry]:
    """Places of these names, crossings on these roads, and these doors, in one round trip, oldest first.

    names   normalised; each entry that bears one is given.
    roads   crossings are given where either road is among them.
    doors   road, lane and number, the latter two empty where there is none.
    """
    asked = sorted(doors)
    values: dict[str, Any] = {
        "names": sorted(names),
        "roads": sorted(roads),
        "door_roads": [door[0] for door in asked],
        "lanes": [door[1] for door in asked],
        "numbers": [door[2] for door in asked],
    }
    return [Entry(*row[:11]) for row in session.execute(ENTRIES, values)]
