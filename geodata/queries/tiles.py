"""Vector tiles of the published collections."""

import math
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.catalog import Collection
from geodata.queries import pyramid
from geodata.queries.coverage import SiteChoice
from geodata.queries.plans import counting
from geodata.queries.pyramid import SQUARES
from geodata.queries.readers import NOBODY, Reader
from geodata.queries.sources import bare_source, source
from geodata.queries.ticket_filter import NO_FILTER, TicketFilter, fitting

EXTENT = 4096

# Units of the extent drawn beyond the edge, so that outlines and dots do not break between tiles.
BUFFER = {"MultiPolygon": 16, "MultiLineString": 64, "Point": 64}

# What a tile holds feature by feature; where there is more, it holds counts.
MOST_POINTS = 5_000
MOST_AREAS = 10_000
MOST_BYTES = 500_000

# Half the world at zoom 0, in metres of EPSG:3857, and so the width of a tile at any zoom.
WORLD_M = 40075016.68557849

# The box test stands bare on the stored column, EPSG:3857 of areas and degrees of points, so that
# its own GiST index is used.
ONE_BY_ONE = """
    WITH near AS (
        SELECT {properties}, {shape} AS shape
          FROM ({source}) AS s
         WHERE {hit}
         {first}
         LIMIT :limit),
         drawn AS (
        SELECT {drawn_properties},
               {drawing} AS geom
          FROM near AS n)
    SELECT c.number,
           CASE WHEN c.number <= :most THEN (
               SELECT COALESCE(ST_AsMVT(drawn, :layer, {extent}, 'geom'), '') FROM drawn WHERE geom IS NOT NULL) END
           AS content
      FROM (SELECT count(*) AS number FROM near) AS c
"""

IN_DEGREES = "s.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326)"

# Outlines are simplified by half a pixel of a 512-pixel tile, which no screen can show.
OUTLINES = {
    "Point": "ST_Transform(n.shape, 3857)",
    "MultiLineString": "ST_SimplifyPreserveTopology(n.shape, :half_pixel)",
    "MultiPolygon": "ST_SimplifyPreserveTopology(n.shape, :half_pixel)",
}

DRAWING = "ST_AsMVTGeom({outline}, ST_TileEnvelope(:z, :x, :y), {extent}, {buffer})"

# What is counted by what the map shows of it must not drop out of it where it is too small to be drawn.
NEVER_DROPPED = frozenset({"gaps"})
SMALLEST = "ST_Expand(ST_PointOnSurface(n.shape), :half_pixel / 2)"

# Squares of the world at the tile's zoom, {squares} to a tile's side, told by the degrees of their edges:
# the arithmetic of the map for each point would take as long as all the rest. The box is a little wider
# than the tile, and the number of the square decides, so that each point is counted in one tile alone.
# Each count stands at the middle of its points, never at a made-up crossing of the raster.
COUNTED_POINTS = """
    WITH placed AS (
        SELECT ST_X(s.geom) AS lon, ST_Y(s.geom) AS lat, s.is_late
          FROM ({source}) AS s
         WHERE {hit}),
         gathered AS (
        SELECT count(*) AS count, NULLIF(count(*) FILTER (WHERE p.is_late), 0) AS late,
               sum(p.lon) / count(*) AS lon, radians(sum(p.lat) / count(*)) AS lat
          FROM placed AS p
         WHERE p.lon >= :first_lon AND p.lon < :last_lon AND p.lat <= :first_lat AND p.lat > :last_lat
         GROUP BY width_bucket(p.lon, CAST(:lons AS float8[])), width_bucket(-p.lat, CAST(:minus_lats AS float8[]))),
         drawn AS (
        SELECT g.count, g.late,
               ST_MakePoint(round(((g.lon + 180) / 360 * :tiles - :x) * {extent}),
                            round(((0.5 - ln(tan(pi() / 4 + g.lat / 2)) / (2 * pi())) * :tiles - :y) * {extent}))
               AS geom
          FROM gathered AS g)
    SELECT COALESCE(ST_AsMVT(drawn, :layer, {extent}, 'geom'), '') FROM drawn
"""

# An area is counted where the middle of its box lies.
COUNTED_AREAS = """
    WITH placed AS (
        SELECT ((ST_XMin(w.web) + ST_XMax(w.web)) / 2 / :width_m + 0.5) * :world AS x,
               (0.5 - (ST_YMin(w.web) + ST_YMax(w.web)) / 2 / :width_m) * :world AS y, w.measure
          FROM (SELECT {web} AS web, CAST({measure} AS float8) AS measure FROM ({source}) AS s WHERE {hit}) AS w),
         counted AS (
        SELECT CAST(floor(p.x) AS integer) AS x, CAST(floor(p.y) AS integer) AS y, count(*) AS count,
               avg(p.measure) AS mean
          FROM placed AS p
         WHERE floor(p.x / {squares}) = :x AND floor(p.y / {squares}) = :y
         GROUP BY 1, 2)
    {drawn}
"""


def tile(
    session: Session,
    collection: Collection,
    *,
    z: int,
    x: int,
    y: int,
    tickets: TicketFilter = NO_FILTER,
    run_id: int | None = None,
    reader: Reader = NOBODY,
    sites: SiteChoice | None = None,
) -> bytes:
    """One Mapbox Vector Tile with one layer named like the collection; empty bytes where nothing is.

    tickets   which of the collection `tickets`; no other collection takes conditions.
    run_id    of coverage and gaps: the run shown, instead of the district's own.
    reader    who asks, where not everybody is told the same.
    sites     of the collection `units`: only those that a coverage counts.

    Areas and lines below the collection's `min_zoom` are left out. Points below it, points above
    MOST_POINTS in the tile and areas above MOST_AREAS come counted: points as points, areas as squares
    (those of one `value` together), with a `count`, and with the mean of the collection's measure as
    `value`; tickets counted from the records also with `late`, how many are late and have not ended
    (absent: none). Raises nothing for tiles off the ground: they are empty.
    """
    if collection.shape != "Point" and z < collection.min_zoom:
        return b""
    counted = _counted_beforehand(session, collection, z=z, x=x, y=y, tickets=tickets, run_id=run_id)
    if counted is not None:
        return counted
    fits = fitting(collection.id, tickets, reader=reader)
    values = {"z": z, "x": x, "y": y, "layer": collection.id, **fits.values()}
    if run_id is not None:
        values["run_id"] = run_id
    condition = None if fits.is_empty else fits.clause()
    if sites is not None:
        values |= sites.values()
        condition = sites.clause()
    if collection.shape != "Point" or z >= collection.min_zoom:
        rows = source(collection.id, condition=condition, is_run_named=run_id is not None)
        content = _one_by_one(session, collection, rows, values)
        if content is not None:
            return content
    rows = bare_source(collection.id, condition=condition, is_run_named=run_id is not None)
    return _counted(session, collection, rows, values)


def degrees(z: int, x: int, y: int, *, margin: float) -> dict[str, float]:
    """West, south, east and north of a tile in degrees, wider by a share of the tile on each side."""
    west, east = (_lon((column) / 2**z) for column in (x - margin, x + 1 + margin))
    south, north = (_lat((row) / 2**z) for row in (y + 1 + margin, y - margin))
    return {"west": west, "south": south, "east": east, "north": north}


def _lon(share: float) -> float:
    """Degrees of a share of the world from the west."""
    return share * 360 - 180


def _lat(share: float) -> float:
    """Degrees of a share of the web map's world from the north."""
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * share))))


def _edges(z: int, x: int, y: int) -> dict[str, Any]:
    """Where the squares of a tile begin and end; neighbours have the very same numbers for what they share."""
    wide = 2**z * SQUARES
    lons = [_lon(column / wide) for column in range(x * SQUARES, (x + 1) * SQUARES + 1)]
    lats = [_lat(row / wide) for row in range(y * SQUARES, (y + 1) * SQUARES + 1)]
    return {
        "lons": lons,
        "minus_lats": [-lat for lat in lats],
        "first_lon": lons[0],
        "last_lon": lons[-1],
        "first_lat": lats[0],
        "last_lat": lats[-1],
        "tiles": 2**z,
    }


def _counted_beforehand(
    session: Session,
    collection: Collection,
    *,
    z: int,
    x: int,
    y: int,
    tickets: TicketFilter,
    run_id: int | None,
) -> bytes | None:
    """The tile from the pyramid; None where it has to be read from the records."""
    if collection.id == "tickets" and z <= pyramid.NEAREST and (tickets.is_empty or tickets.is_open):
        only_open = tickets.is_open
        if z >= collection.min_zoom and pyramid.tickets_in(session, z, x, y, only_open=only_open) <= MOST_POINTS:
            return None
        return pyramid.ticket_tile(session, z, x, y, only_open=only_open)
    if collection.id == "coverage_cells" and z <= pyramid.DEEPEST:
        number = pyramid.cells_in(session, z, x, y, run_id=run_id)
        if number is not None and number > SQUARES * SQUARES:
            return pyramid.cell_tile(session, z, x, y, run_id=run_id)
    return None


def _drawn(collection: Collection, name: str) -> str:
    # whole parts repeat, and so cost a tile little; rounding up would lift a value over its class's edge
    return f"CAST(floor(s.{name}) AS integer) AS {name}" if name == collection.measure else f"s.{name}"


def _drawing(collection: Collection) -> str:
    """The shape as the tile has it, NULL where it is too small to be seen or lies beside the tile."""
    outlines = [OUTLINES[collection.shape], *([SMALLEST] if collection.id in NEVER_DROPPED else [])]
    drawn = [DRAWING.format(outline=each, extent=EXTENT, buffer=BUFFER[collection.shape]) for each in outlines]
    return f"COALESCE({', '.join(drawn)})"


def _one_by_one(session: Session, collection: Collection, rows: str, values: dict[str, Any]) -> bytes | None:
    """The features themselves; None where there are too many for one tile."""
    z, x, y = values["z"], values["x"], values["y"]
    most = MOST_POINTS if collection.shape == "Point" else MOST_AREAS
    bound = {**values, "most": most, "limit": most if collection.shape == "MultiLineString" else most + 1}
    shape, hit, first = "s.geom", IN_DEGREES, ""
    if collection.shape == "Point":
        bound |= degrees(z, x, y, margin=BUFFER["Point"] / EXTENT)
    else:
        bound["half_pixel"] = WORLD_M / 2**z / 512 / 2
        shape, hit = _on_the_web_map(collection)
        if "from_zoom" in collection.names:
            hit += " AND s.from_zoom <= :z"
            # of too many lines the main ones stay: squares of roads would tell nothing
            first = "ORDER BY s.from_zoom, s.id"
    statement = ONE_BY_ONE.format(
        source=rows,
        properties=", ".join(_drawn(collection, name) for name in collection.on_tile),
        drawn_properties=", ".join(f"n.{name}" for name in collection.on_tile),
        shape=shape,
        hit=hit,
        first=first,
        drawing=_drawing(collection),
        extent=EXTENT,
    )
    number, content = session.execute(text(statement), bound).one()
    if content is None:
        return None
    is_heavy = len(content) > MOST_BYTES and (collection.shape == "Point" or number > SQUARES * SQUARES)
    return None if is_heavy and collection.shape != "MultiLineString" else bytes(content)


def _counted(session: Session, collection: Collection, rows: str, values: dict[str, Any]) -> bytes:
    z, x, y = values["z"], values["x"], values["y"]
    facts = {"squares": SQUARES, "extent": EXTENT, "source": rows}
    if collection.shape == "Point":
        # the margin only has to outweigh rounding: squares decide
        bound = {**values, **degrees(z, x, y, margin=1 / EXTENT), **_edges(z, x, y)}
        statement = COUNTED_POINTS.format(hit=IN_DEGREES, **facts)
        with counting(session, by_place="within" in values):
            return bytes(session.execute(text(statement), bound).scalar_one())
    web, hit = _on_the_web_map(collection)
    statement = COUNTED_AREAS.format(
        web=web,
        hit=hit,
        measure=f"s.{collection.measure}" if collection.measure else "NULL",
        drawn=pyramid.squares_drawn(SQUARES),
        **facts,
    )
    bound = {**values, "world": 2**z * SQUARES, "width_m": WORLD_M}
    return bytes(session.execute(text(statement), bound).scalar_one())


def _on_the_web_map(collection: Collection) -> tuple[str, str]:
    """The shape in EPSG:3857, and the test whether its box touches the tile, on the index there is."""
    box = "ST_TileEnvelope(:z, :x, :y)"
    if collection.has_web:
        return "s.geom_web", f"s.geom_web && {box}"
    return "ST_Transform(s.geom, 3857)", f"s.geom && ST_Transform({box}, 4326)"
