"""Vector tiles of the units that a coverage counts."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.queries.coverage import HANDLES

EXTENT = 4096

# Units of the extent beyond the edge, so that a dot does not break between tiles.
BUFFER = 64

# Where a tile holds more, it holds counts: a point for each square of 16 pixels that has any.
MOST_POINTS = 5_000
SQUARE = EXTENT // 16

# The margin of the envelope is the buffer; a count belongs to the one tile in which its points lie.
SITES_TILE = text(f"""
    WITH near AS (
        SELECT u.code, u.name, u.geom
          FROM member_unit AS u
         WHERE u.is_active
           AND u.geom && ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => {BUFFER / EXTENT}), 4326)
           AND {HANDLES}),
         drawn AS (
        SELECT n.code, n.name,
               ST_AsMVTGeom(ST_Transform(n.geom, 3857), ST_TileEnvelope(:z, :x, :y), {EXTENT}, {BUFFER}) AS geom
          FROM near AS n),
         counted AS (
        SELECT count(*) AS count, ST_MakePoint(round(avg(ST_X(d.geom))), round(avg(ST_Y(d.geom)))) AS geom
          FROM drawn AS d
         WHERE ST_X(d.geom) >= 0 AND ST_X(d.geom) < {EXTENT} AND ST_Y(d.geom) >= 0 AND ST_Y(d.geom) < {EXTENT}
         GROUP BY floor(ST_X(d.geom) / {SQUARE}), floor(ST_Y(d.geom) / {SQUARE}))
    SELECT CASE WHEN (SELECT count(*) FROM near) <= :most
                THEN (SELECT ST_AsMVT(drawn, :layer, {EXTENT}, 'geom') FROM drawn WHERE geom IS NOT NULL)
                ELSE (SELECT ST_AsMVT(counted, :layer, {EXTENT}, 'geom') FROM counted) END AS content
""")


def sites_tile(session: Session, *, z: int, x: int, y: int, layer: str, category: str | None) -> bytes:
    """Active units with a place, with a category only those whose kind handles it; empty bytes where none is.

    Features have `code` and `name`, or `count` where there are more than MOST_POINTS in the tile.
    """
    values = {"z": z, "x": x, "y": y, "layer": layer, "category": category, "most": MOST_POINTS}
    content = session.execute(SITES_TILE, values).scalar_one()
    return bytes(content or b"")
