"""What a shape that somebody draws comes to: its area, what it overlaps, and what it is made of."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

HOLD = text("SELECT pg_advisory_xact_lock(hashtext('duty_ground'), hashtext(:town))")

FACTS = text("""
    WITH drawn AS (SELECT ST_SetSRID(ST_GeomFromWKB(:wkb), 4326) AS geom),
         metric AS (SELECT ST_Transform(geom, :metre_srid) AS geom_m FROM drawn)
    SELECT ST_Area(CAST(d.geom AS geography)) AS area_m2, ST_Area(m.geom_m) AS plane_m2, t.name AS town_name,
           CASE WHEN t.geom_m IS NULL THEN NULL
                WHEN ST_CoveredBy(m.geom_m, t.geom_m) THEN 0
                ELSE ST_Area(ST_Difference(m.geom_m, t.geom_m)) END AS outside_m2,
           (SELECT count(*) FROM responsibility_point AS p WHERE ST_Covers(d.geom, p.geom)) AS point_count
      FROM drawn AS d
     CROSS JOIN metric AS m
      LEFT JOIN area AS t
        ON t.level = 'town' AND t.code = :town
       AND t.valid_from <= CURRENT_DATE AND (t.valid_to IS NULL OR t.valid_to > CURRENT_DATE)
     ORDER BY t.code
""")

_SHARED = """
    WITH drawn AS (SELECT ST_Transform(ST_SetSRID(ST_GeomFromWKB(:wkb), 4326), :metre_srid) AS geom_m)
    SELECT o.code, o.name, ST_Area(ST_Intersection(d.geom_m, o.geom_m)) AS shared_m2, ST_Area(o.geom_m) AS other_m2
      FROM drawn AS d
      JOIN {table} AS o ON o.geom_m && d.geom_m AND ST_Intersects(o.geom_m, d.geom_m)
     WHERE o.code IS DISTINCT FROM :code
       AND (o.town_code IS NULL OR o.town_code = :town)
     ORDER BY shared_m2 DESC, o.code
"""
SHARED: Mapping[str, TextClause] = {
    "region": text(_SHARED.format(table="region")),
    "block": text(_SHARED.format(table="responsibility_block")),
}

# Villages by code or name, cells and blocks by code; of the town that the shape is for.
PARTS = text("""
    SELECT a.code AS said, ST_AsBinary(a.geom) AS wkb
      FROM area AS a
     WHERE a.level = 'village' AND a.parent_code = :town AND a.geom IS NOT NULL AND a.code = ANY(:codes)
       AND a.valid_from <= CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
     UNION ALL
    SELECT a.name, ST_AsBinary(a.geom)
      FROM area AS a
     WHERE a.level = 'village' AND a.parent_code = :town AND a.geom IS NOT NULL AND a.name = ANY(:codes)
       AND a.valid_from <= CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
     UNION ALL
    SELECT c.code, ST_AsBinary(c.geom)
      FROM grid_cell AS c
     WHERE c.valid_to IS NULL AND c.town_code = :town AND c.geom IS NOT NULL AND c.code = ANY(:codes)
     UNION ALL
    SELECT b.code, ST_AsBinary(b.geom)
      FROM responsibility_block AS b
     WHERE b.town_code = :town AND b.geom IS NOT NULL AND b.code = ANY(:codes)
     ORDER BY 1, 2
""")

VILLAGES = text("""
    SELECT a.code, a.name
      FROM area AS a
     WHERE a.level = 'village' AND a.parent_code = :town AND a.geom IS NOT NULL
       AND a.valid_from <= CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
     ORDER BY a.code, a.name
""")


class ShapeFacts(NamedTuple):
    """`area_m2` on the ellipsoid, `plane_m2` in the district's CRS; `outside_m2` beyond the town, None: no border."""

    area_m2: float
    plane_m2: float
    town_name: str | None
    outside_m2: float | None
    point_count: int


class Shared(NamedTuple):
    """Ground in common with another one of the same kind, m² of the plane."""

    code: str
    name: str
    shared_m2: float
    other_m2: float


def hold_town(session: Session, town_code: str | None) -> None:
    """Wait for whoever changes the ground of the same town, until this transaction ends."""
    session.execute(HOLD, {"town": town_code or ""})


def facts(session: Session, shape: BaseGeometry, *, town_code: str | None, metre_srid: int) -> ShapeFacts:
    """What a valid polygon (WGS 84 degrees) comes to."""
    values = {"wkb": shapely.to_wkb(shape), "town": town_code, "metre_srid": metre_srid}
    return ShapeFacts(*session.execute(FACTS, values).one())


def shared(
    session: Session, kind: str, shape: BaseGeometry, *, code: str | None, town_code: str | None, metre_srid: int
) -> list[Shared]:
    """Regions or blocks of the town that a polygon (WGS 84 degrees) overlaps, but for `code`; the most first."""
    values: dict[str, Any] = {"wkb": shapely.to_wkb(shape), "town": town_code, "metre_srid": metre_srid, "code": code}
    return [Shared(*row) for row in session.execute(SHARED[kind], values)]


def parts(session: Session, codes: Sequence[str], *, town_code: str | None) -> dict[str, BaseGeometry]:
    """Shapes (WGS 84 degrees) of villages, cells and blocks of a town by what was said; unknown ones are absent."""
    rows = session.execute(PARTS, {"codes": list(codes), "town": town_code})
    return {row.said: shapely.from_wkb(bytes(row.wkb)) for row in rows}


def villages(session: Session, town_code: str | None) -> dict[str, str]:
    """Names of the villages of a town that have a border, by code."""
    return {row.code: row.name for row in session.execute(VILLAGES, {"town": town_code})}
