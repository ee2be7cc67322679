"""Known places that tell the datum of a file: points on roads, and what the district has placed."""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.queries.gazetteer import IS_SURVEYED, LISTED

# One road of many doors tells no more than some of them.
MOST_ON_A_ROAD = 200

# A place that bears the name of a road (a station does) stands at it.
POINTS_ON_ROADS = text(f"""
    SELECT p.road, p.lon, p.lat
      FROM (SELECT q.road, ST_X(e.geom) AS lon, ST_Y(e.geom) AS lat,
                   row_number() OVER (PARTITION BY q.road ORDER BY e.id) AS nth
              FROM unnest(CAST(:roads AS text[])) AS q (road)
              JOIN gazetteer_entry AS e
                ON e.road = q.road OR e.cross_road = q.road OR (e.kind = 'place' AND e.name_norm = q.road)
             WHERE e.source <> :source AND {IS_SURVEYED.format("e")}
               AND e.geom IS NOT NULL AND e.kind NOT IN ('km_post', 'interpolated')) AS p
     WHERE p.nth <= :most
     ORDER BY p.road, p.nth
""")

# Corners of a line may be far apart: points are put between them.
LINES_OF_ROADS = text("""
    SELECT r.name_norm AS road, ST_X(d.geom) AS lon, ST_Y(d.geom) AS lat
      FROM gazetteer_road AS r
     CROSS JOIN LATERAL ST_DumpPoints(ST_Segmentize(r.geom::geography, 50)::geometry) AS d
     WHERE r.name_norm = ANY(:roads) AND r.source <> :source
     ORDER BY r.name_norm, r.id, d.path
""")

OWN_PLACES = text("""
    SELECT o.lon, o.lat, o.address
      FROM (SELECT 1 AS kind, u.id, ST_X(u.geom) AS lon, ST_Y(u.geom) AS lat, u.address
              FROM member_unit AS u WHERE u.geom IS NOT NULL
             UNION ALL
            SELECT 2, p.id, ST_X(p.geom), ST_Y(p.geom), p.address
              FROM responsibility_point AS p WHERE p.geom IS NOT NULL) AS o
     ORDER BY o.kind, o.id
     LIMIT :most
""")


KNOWN_SPOTS = text(f"""
    SELECT ST_X(e.geom) AS lon, ST_Y(e.geom) AS lat
      FROM gazetteer_entry AS e
     WHERE e.geom IS NOT NULL AND e.source NOT IN (:source, '{LISTED}' || :source)
     ORDER BY e.id
     LIMIT 1000
""")


class Spot(NamedTuple):
    """Somewhere in the district, WGS 84 degrees."""

    lon: float
    lat: float


class RoadPoint(NamedTuple):
    """A known point of a road, WGS 84 degrees."""

    road: str
    lon: float
    lat: float


class OwnPlace(NamedTuple):
    """A unit or duty point of the district, WGS 84 degrees."""

    lon: float
    lat: float
    address: str | None


def points_on_roads(session: Session, roads: Collection[str], *, besides: str) -> list[RoadPoint]:
    """Entries of the gazetteer on roads of these (normalised) names, those of source `besides` left out."""
    bound = {"roads": sorted(roads), "source": besides, "most": MOST_ON_A_ROAD}
    return [RoadPoint(*row) for row in session.execute(POINTS_ON_ROADS, bound)]


def lines_of_roads(session: Session, roads: Collection[str], *, besides: str) -> list[RoadPoint]:
    """Points all along the lines of roads of these (normalised) names, those of source `besides` left out."""
    found = session.execute(LINES_OF_ROADS, {"roads": sorted(roads), "source": besides})
    return [RoadPoint(*row) for row in found]


def own_places(session: Session, *, most: int) -> list[OwnPlace]:
    """Units and duty points that have a place, at most so many."""
    return [OwnPlace(*row) for row in session.execute(OWN_PLACES, {"most": most})]


def known_spots(session: Session, *, besides: str) -> list[Spot]:
    """Entries of the gazetteer, a thousand at most, those of source `besides` left out."""
    return [Spot(*row) for row in session.execute(KNOWN_SPOTS, {"source": besides})]
