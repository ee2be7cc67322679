"""What fills the gazetteer from what is there already: crossings of its roads, records with a place of their own."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

# Two ends that should meet may miss each other by this much.
MEET_M = 1.0
# The carriageways of two wide roads meet four times, and it is one crossing.
MERGE_M = 60.0
# What a crossing is worth at best: the middle of two carriageways is nowhere a car stands.
LEAST_M = 10.0
# A position that more addresses than this share is where a geocoder puts what it does not find.
MOST_ADDRESSES = 6

ROADS = "roads"

# Stretches of one layer meet wherever their lines do. Where a bridge or a tunnel is one of them, they
# meet only where one of the two ends on the other: there cars can turn, and elsewhere they pass over.
# NOT IN makes a hash of the list whatever the planner believes of its length.
CROSSINGS = text("""
    WITH pair AS (
        SELECT a.name_norm AS road, b.name_norm AS cross_road, a.name, b.name AS cross_name,
               a.geom_m AS line, b.geom_m AS cross_line, a.layer = b.layer AS is_level,
               CASE WHEN a.licence = b.licence THEN a.licence
                    ELSE concat_ws('; ', nullif(a.licence, ''), nullif(b.licence, '')) END AS licence,
               least(a.valid_to, b.valid_to) AS valid_to
          FROM gazetteer_road AS a
          JOIN gazetteer_road AS b ON ST_DWithin(a.geom_m, b.geom_m, :meet_m) AND a.name_norm < b.name_norm
         WHERE (a.valid_from IS NULL OR a.valid_from <= CURRENT_DATE)
           AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
           AND (b.valid_from IS NULL OR b.valid_from <= CURRENT_DATE)
           AND (b.valid_to IS NULL OR b.valid_to > CURRENT_DATE)),
    meeting AS (
        SELECT p.road, p.cross_road, p.name, p.cross_name, p.licence, p.valid_to, ST_Centroid(d.geom) AS spot
          FROM pair AS p
         CROSS JOIN LATERAL ST_Dump(
               CASE WHEN ST_Intersects(p.line, p.cross_line) THEN ST_Intersection(p.line, p.cross_line)
                    ELSE ST_ClosestPoint(p.line, p.cross_line) END) AS d
         WHERE p.is_level
         UNION ALL
        SELECT p.road, p.cross_road, p.name, p.cross_name, p.licence, p.valid_to, d.geom
          FROM pair AS p
         CROSS JOIN LATERAL ST_Dump(ST_Boundary(p.line)) AS d
         WHERE NOT p.is_level AND ST_DWithin(d.geom, p.cross_line, :meet_m)
         UNION ALL
        SELECT p.road, p.cross_road, p.name, p.cross_name, p.licence, p.valid_to, d.geom
          FROM pair AS p
         CROSS JOIN LATERAL ST_Dump(ST_Boundary(p.cross_line)) AS d
         WHERE NOT p.is_level AND ST_DWithin(d.geom, p.line, :meet_m)),
    numbered AS (
        SELECT m.*, ST_ClusterDBSCAN(m.spot, :merge_m, 1) OVER (PARTITION BY m.road, m.cross_road) AS number
          FROM meeting AS m),
    merged AS (
        SELECT n.road, n.cross_road, min(n.name) AS name, min(n.cross_name) AS cross_name,
               string_agg(DISTINCT n.licence, '; ' ORDER BY n.licence) AS licence,
               CASE WHEN NOT bool_or(n.valid_to IS NULL) THEN max(n.valid_to) END AS valid_to,
               ST_Collect(n.spot ORDER BY ST_X(n.spot), ST_Y(n.spot)) AS spots
          FROM numbered AS n
         GROUP BY n.road, n.cross_road, n.number),
    centred AS (
        SELECT m.*, ST_Centroid(m.spots) AS centre, ST_Transform(ST_Centroid(m.spots), 4326) AS place
          FROM merged AS m),
    wanted AS MATERIALIZED (
        SELECT c.road, c.cross_road, c.licence, c.valid_to,
               CASE WHEN c.road || c.cross_road ~ :han THEN c.name || c.cross_name || '路口'
                    ELSE c.name || ' & ' || c.cross_name END AS name,
               CASE WHEN c.road || c.cross_road ~ :han THEN c.road || c.cross_road || '路口'
                    ELSE c.road || ' & ' || c.cross_road END AS name_norm,
               CAST(round(CAST(ST_X(c.place) AS numeric), 7) AS double precision) AS lon,
               CAST(round(CAST(ST_Y(c.place) AS numeric), 7) AS double precision) AS lat,
               greatest(:least_m, round(CAST(ST_MaxDistance(c.centre, c.spots) AS numeric), 1)) AS accuracy_m
          FROM centred AS c),
    gone AS (
        DELETE FROM gazetteer_entry AS e
         WHERE e.kind = 'crossing' AND e.source = :source
           AND (e.road, e.cross_road, e.raw_x, e.raw_y) NOT IN
               (SELECT w.road, w.cross_road, w.lon, w.lat FROM wanted AS w)
        RETURNING e.id),
    changed AS (
        UPDATE gazetteer_entry AS e
           SET name = w.name, accuracy_m = w.accuracy_m, licence = w.licence, valid_to = w.valid_to
          FROM wanted AS w
         WHERE e.kind = 'crossing' AND e.source = :source AND e.road = w.road AND e.cross_road = w.cross_road
           AND e.raw_x = w.lon AND e.raw_y = w.lat
           AND (e.name, e.accuracy_m, e.licence, e.valid_to) IS DISTINCT FROM
               (w.name, w.accuracy_m, w.licence, w.valid_to)
        RETURNING e.id),
    added AS (
        INSERT INTO gazetteer_entry (kind, name, name_norm, road, cross_road, geom, raw_x, raw_y, datum,
                                     datum_evidence, accuracy_m, source, licence, valid_to)
        SELECT 'crossing', w.name, w.name_norm, w.road, w.cross_road,
               ST_SetSRID(ST_MakePoint(w.lon, w.lat), 4326), w.lon, w.lat, 'wgs84', 'declared', w.accuracy_m,
               :source, w.licence, w.valid_to
          FROM wanted AS w
         WHERE (w.road, w.cross_road, w.lon, w.lat) NOT IN
               (SELECT e.road, e.cross_road, e.raw_x, e.raw_y
                  FROM gazetteer_entry AS e
                 WHERE e.kind = 'crossing' AND e.source = :source AND e.road IS NOT NULL
                   AND e.cross_road IS NOT NULL AND e.raw_x IS NOT NULL AND e.raw_y IS NOT NULL)
         ORDER BY w.name, w.lon, w.lat
        RETURNING id)
    SELECT 'gone' AS what, id FROM gone
     UNION ALL
    SELECT 'changed', id FROM changed
     UNION ALL
    SELECT 'added', id FROM added
     ORDER BY what, id
""")

# Staged by `geodata.queries.loading.Stage`, and analysed: the planner then takes one pass for it.
REMOVE_ENTRIES = text("""
    DELETE FROM gazetteer_entry AS e
     WHERE e.source = :source AND e.raw_x IS NOT NULL AND e.raw_y IS NOT NULL
       AND NOT EXISTS (
           SELECT FROM staged_gazetteer_entry AS s
            WHERE s.kind = e.kind AND s.name = e.name AND s.raw_x = e.raw_x AND s.raw_y = e.raw_y)
""")

REMOVE_ROADS = text("""
    DELETE FROM gazetteer_road AS r
     WHERE r.source = :source AND NOT EXISTS (SELECT FROM staged_gazetteer_road AS s WHERE s.ref = r.ref)
""")

# What a person has decided is nobody's to take away.
REMOVE_ALIASES = text("""
    DELETE FROM gazetteer_alias AS a
     WHERE a.source = :source AND a.decided_by IS NULL
       AND NOT EXISTS (
           SELECT FROM staged_gazetteer_alias AS s
            WHERE s.kind = a.kind AND s.alias_norm = a.alias_norm AND s.target_norm = a.target_norm)
""")

# Places that geocoding found would teach it nothing but its own mistakes; what a person decided is written down then.
_OWN_PLACES = """
    placed AS (
        SELECT 'units/' || u.code AS source, u.address, u.geom, u.raw_x, u.raw_y, u.datum, u.datum_evidence,
               u.accuracy_m, u.town_code, u.place_level
          FROM member_unit AS u
         WHERE u.geom IS NOT NULL AND btrim(u.address) <> ''
         UNION ALL
        SELECT 'points/' || p.code, p.address, p.geom, p.raw_x, p.raw_y, p.datum, p.datum_evidence,
               p.accuracy_m, p.town_code, p.place_level
          FROM responsibility_point AS p
         WHERE p.geom IS NOT NULL AND btrim(p.address) <> ''),
    own AS (
        SELECT p.source, p.address, ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat, p.raw_x, p.raw_y, p.datum,
               p.datum_evidence, p.accuracy_m, p.town_code
          FROM placed AS p
         WHERE p.datum_evidence IN ('declared', 'device')
           AND (p.place_level IS NULL OR p.place_level = 'given')),
    crowded AS (
        SELECT o.lon, o.lat
          FROM own AS o
         GROUP BY o.lon, o.lat
        HAVING count(DISTINCT btrim(o.address)) > :most),
    worth AS (
        SELECT o.*
          FROM own AS o
         WHERE (o.lon, o.lat) NOT IN (SELECT c.lon, c.lat FROM crowded AS c))
"""

_LEARNED = "(e.source LIKE 'units/%' OR e.source LIKE 'points/%') AND e.kind IN ('door', 'place')"

FORGET = text(f"""
    WITH {_OWN_PLACES}
    DELETE FROM gazetteer_entry AS e
     WHERE {_LEARNED}
       AND (e.source, coalesce(e.address, ''), ST_X(e.geom), ST_Y(e.geom), coalesce(e.accuracy_m, -1.0)) NOT IN
           (SELECT w.source, w.address, w.lon, w.lat, coalesce(w.accuracy_m, -1.0) FROM worth AS w)
""")

TO_LEARN = text(f"""
    WITH {_OWN_PLACES}
    SELECT w.source, w.address, w.lon, w.lat, w.raw_x, w.raw_y, w.datum, w.datum_evidence, w.accuracy_m, w.town_code
      FROM worth AS w
     WHERE w.source NOT IN (SELECT e.source FROM gazetteer_entry AS e WHERE {_LEARNED})
     ORDER BY w.source
""")

# Sources that are records of ours are one each.
ENTRY_COUNTS = text("""
    SELECT e.kind, CASE WHEN e.source LIKE 'units/%' THEN 'units' WHEN e.source LIKE 'points/%' THEN 'points'
                        ELSE e.source END AS origin, e.licence, count(*)
      FROM gazetteer_entry AS e
     GROUP BY e.kind, origin, e.licence
     UNION ALL
    SELECT 'road', r.source, r.licence, count(*)
      FROM gazetteer_road AS r
     GROUP BY r.source, r.licence
     UNION ALL
    SELECT 'alias', a.source, '', count(*)
      FROM gazetteer_alias AS a
     GROUP BY a.source
     ORDER BY 1, 2, 3
""")

ROAD_FIGURES = text("""
    WITH door AS (
        SELECT e.road, count(*) AS doors FROM gazetteer_entry AS e WHERE e.kind = 'door' GROUP BY e.road)
    SELECT (SELECT count(DISTINCT r.name_norm) FROM gazetteer_road AS r),
           (SELECT coalesce(sum(ST_Length(r.geom_m)), 0.0) / 1000.0 FROM gazetteer_road AS r),
           (SELECT count(*) FROM door),
           (SELECT coalesce(sum(d.doors), 0) FROM door AS d),
           (SELECT coalesce(percentile_disc(0.5) WITHIN GROUP (ORDER BY d.doors), 0) FROM door AS d),
           (SELECT coalesce(max(d.doors), 0) FROM door AS d),
           (SELECT max(i.at) FROM import_run AS i WHERE i.kind = 'gazetteer')
""")


class CrossingChanges(NamedTuple):
    """Ids of the crossings that are gone, that changed, and that are new."""

    gone: list[int]
    changed: list[int]
    added: list[int]


class OwnPlace(NamedTuple):
    """A record's address with the place it has by its own account (WGS 84 degrees); `source` is `units/CODE`."""

    source: str
    address: str
    lon: float
    lat: float
    raw_x: float | None
    raw_y: float | None
    datum: str | None
    datum_evidence: str
    accuracy_m: float | None
    town_code: str | None


class SourceCount(NamedTuple):
    """How many rows of a kind come from a source, and under what licence."""

    kind: str
    source: str
    licence: str
    rows: int


class RoadFigures(NamedTuple):
    """How much of roads and doors there is; `last_import` is None before the first."""

    roads: int
    road_km: float
    roads_with_doors: int
    doors: int
    doors_median: int
    doors_most: int
    last_import: datetime | None


def set_crossings(session: Session, *, han: str) -> CrossingChanges:
    """Make the crossings of source ROADS those of the roads of today; `han` matches names in Chinese."""
    facts = {"meet_m": MEET_M, "merge_m": MERGE_M, "least_m": LEAST_M, "source": ROADS, "han": han}
    found = CrossingChanges([], [], [])
    for what, key in session.execute(CROSSINGS, facts):
        getattr(found, what).append(key)
    return found


def remove_unstaged(session: Session, source: str) -> tuple[int, int, int]:
    """Remove a source's entries, stretches and other names that are not among the staged; how many of each."""
    facts = {"source": source}
    entries, roads, aliases = (
        _removed(session, statement, facts) for statement in (REMOVE_ENTRIES, REMOVE_ROADS, REMOVE_ALIASES)
    )
    return entries, roads, aliases


def forget_records(session: Session) -> int:
    """Remove what was learned from records that have changed since, or are gone; returns how many entries."""
    return _removed(session, FORGET, {"most": MOST_ADDRESSES})


def places_to_learn(session: Session) -> list[OwnPlace]:
    """Records with an address and a place of their own from which nothing is learned yet, by source."""
    return [OwnPlace(*row) for row in session.execute(TO_LEARN, {"most": MOST_ADDRESSES})]


def source_counts(session: Session) -> list[SourceCount]:
    """Rows by kind (also `road` and `alias`), source and licence."""
    return [SourceCount(*row) for row in session.execute(ENTRY_COUNTS)]


def road_figures(session: Session) -> RoadFigures:
    """Roads and doors in figures."""
    return RoadFigures(*session.execute(ROAD_FIGURES).one())


def _removed(session: Session, statement: Any, facts: dict[str, Any]) -> int:  # noqa: ANN401 - a text with or without types
    return int(session.execute(statement, facts).rowcount)  # type: ignore[attr-defined] # a cursor's result has it
