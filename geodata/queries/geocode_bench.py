"""What a trial of the geocoder asks: the areas of many places, and the entry whose name is most alike."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

AREAS_OF = text("""
    SELECT p.row,
           (SELECT min(a.code) FROM area AS a
             WHERE a.level = 'town' AND ST_Covers(a.geom, p.geom) AND a.valid_from <= CURRENT_DATE
               AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)) AS town,
           (SELECT min(a.code) FROM area AS a
             WHERE a.level = 'village' AND ST_Covers(a.geom, p.geom) AND a.valid_from <= CURRENT_DATE
               AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)) AS village,
           (SELECT min(c.code) FROM grid_cell AS c
             WHERE ST_Covers(c.geom, p.geom) AND c.valid_to IS NULL) AS cell
      FROM (SELECT t.row, ST_SetSRID(ST_MakePoint(t.lon, t.lat), 4326) AS geom
              FROM unnest(CAST(:lons AS float8[]), CAST(:lats AS float8[])) WITH ORDINALITY AS t (lon, lat, row)) AS p
     ORDER BY p.row
""")

# Straight over all rows: what a geocoder comes to that knows likeness only.
MOST_ALIKE = text("""
    SELECT t.row, n.lon, n.lat, n.alike
      FROM unnest(CAST(:texts AS text[])) WITH ORDINALITY AS t (name, row)
      LEFT JOIN LATERAL (
           SELECT ST_X(e.geom) AS lon, ST_Y(e.geom) AS lat, similarity(e.name_norm, t.name) AS alike
             FROM gazetteer_entry AS e
            WHERE e.geom IS NOT NULL
            ORDER BY similarity(e.name_norm, t.name) DESC, e.id
            LIMIT 1) AS n ON TRUE
     ORDER BY t.row
""")


class Codes(NamedTuple):
    """Codes of the town, the village and the cell of a place, None where there is none."""

    town: str | None
    village: str | None
    cell: str | None


class Alike(NamedTuple):
    """A place (WGS 84 degrees) by the likeness of its name, 0 to 1; None while the gazetteer is empty."""

    lon: float | None
    lat: float | None
    alike: float | None


def areas_of(session: Session, lons: Sequence[float], lats: Sequence[float]) -> list[Codes]:
    """The areas of today that hold WGS 84 positions, in their order."""
    return [Codes(*row[1:]) for row in session.execute(AREAS_OF, {"lons": list(lons), "lats": list(lats)})]


def most_alike(session: Session, texts: Sequence[str]) -> list[Alike]:
    """For each text the gazetteer entry with the most alike name by trigrams, in their order."""
    return [Alike(*row[1:]) for row in session.execute(MOST_ALIKE, {"texts": list(texts)})]
