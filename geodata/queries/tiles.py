"""Vector tiles of the published collections."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.catalog import Collection
from geodata.queries.sources import DRAWN

EXTENT = 4096

# Units of the extent drawn beyond the edge, so that outlines and dots do not break between tiles.
BUFFER = {"MultiPolygon": 16, "MultiLineString": 64, "Point": 64}

# Below the collection's own zoom a point tile holds counts in this many bins each way.
BINS = 32

# The box test stands bare on the stored EPSG:3857 column, so that its own GiST index is used;
# outlines are simplified by half a pixel of a 512-pixel tile, which no screen can show.
POLYGONS = """
    WITH here AS (SELECT ST_TileEnvelope(:z, :x, :y) AS box),
         drawn AS (
        SELECT {properties},
               ST_AsMVTGeom(ST_SimplifyPreserveTopology({web}, :half_pixel), here.box, {extent}, {buffer}) AS geom
          FROM here, ({source}) AS s
         WHERE {hit})
    SELECT COALESCE(ST_AsMVT(drawn, :layer, {extent}, 'geom'), '') FROM drawn WHERE geom IS NOT NULL
"""

# Points are tested in degrees, on the index of the table itself.
POINTS = """
    WITH here AS (SELECT ST_TileEnvelope(:z, :x, :y) AS box,
                         ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => {margin}), 4326) AS degrees),
         drawn AS (
        SELECT {properties}, ST_AsMVTGeom(ST_Transform(s.geom, 3857), here.box, {extent}, {buffer}) AS geom
          FROM here, ({source}) AS s
         WHERE s.geom && here.degrees)
    SELECT COALESCE(ST_AsMVT(drawn, :layer, {extent}, 'geom'), '') FROM drawn WHERE geom IS NOT NULL
"""

# Each bin's count stands at the middle of its points, never at a made-up crossing of the raster.
BINNED = """
    WITH here AS (
        SELECT ST_TileEnvelope(:z, :x, :y) AS box, ST_Transform(ST_TileEnvelope(:z, :x, :y), 4326) AS degrees),
         inside AS (
        SELECT ST_Transform(s.geom, 3857) AS geom FROM here, ({source}) AS s WHERE s.geom && here.degrees),
         drawn AS (
        SELECT count(*) AS count, ST_AsMVTGeom(ST_Centroid(ST_Collect(i.geom)), h.box, {extent}, {buffer}) AS geom
          FROM inside AS i, here AS h
         GROUP BY floor((ST_X(i.geom) - ST_XMin(h.box)) / (ST_XMax(h.box) - ST_XMin(h.box)) * {bins}),
                  floor((ST_Y(i.geom) - ST_YMin(h.box)) / (ST_YMax(h.box) - ST_YMin(h.box)) * {bins}),
                  h.box)
    SELECT COALESCE(ST_AsMVT(drawn, :layer, {extent}, 'geom'), '') FROM drawn WHERE geom IS NOT NULL
"""

WORLD_M = 40075016.68557849


def tile(session: Session, collection: Collection, *, z: int, x: int, y: int) -> bytes:
    """One Mapbox Vector Tile with one layer named like the collection; empty bytes where nothing is.

    Polygons below the collection's `min_zoom` are left out. Points below it come as bins with a
    `count` and no other property. Raises nothing for tiles off the ground: they are empty.
    """
    binned = collection.shape == "Point" and z < collection.min_zoom
    if z < collection.min_zoom and not binned:
        return b""
    values = {"z": z, "x": x, "y": y, "layer": collection.id}
    if collection.shape != "Point":
        values["half_pixel"] = WORLD_M / 2**z / 512 / 2
    statement = text(_statement(collection, binned=binned))
    return bytes(session.execute(statement, values).scalar() or b"")


def _statement(collection: Collection, *, binned: bool) -> str:
    facts = {
        "source": DRAWN[collection.id],
        "properties": ", ".join(f"s.{name}" for name in collection.on_tile),
        "extent": EXTENT,
        "buffer": BUFFER[collection.shape],
        "margin": BUFFER["Point"] / EXTENT,
        "bins": BINS,
    }
    if binned:
        return BINNED.format(**facts)
    if collection.shape == "Point":
        return POINTS.format(**facts)
    web = "s.geom_web" if collection.has_web else "ST_Transform(s.geom, 3857)"
    hit = "s.geom_web && here.box" if collection.has_web else "s.geom && ST_Transform(here.box, 4326)"
    if "from_zoom" in collection.names:
        hit += " AND s.from_zoom <= :z"
    return POLYGONS.format(web=web, hit=hit, **facts)
