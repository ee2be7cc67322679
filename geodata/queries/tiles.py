"""Vector tiles of the published collections."""

import math
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.catalog import Collection
from geodata.queries import pyramid
from geodata.queries.pyramid import SQUARES
from geodata.queries.sources import source
from geodata.queries.ticket_filter import NO_FILTER, TicketFilter

EXTENT = 4096

# Units of the extent drawn beyond the edge, so that outlines and dots do not break between tiles.
BUFFER = {"MultiPolygon": 16, "MultiLineString": 64, "Point": 64}

# What a tile holds feature by feature; where there is more, it holds counts.
MOST_POINTS = 5_000
MOST_AREAS = 10_000
MOST_BYTES = 500_000

# Half the world at zoom 0, in metres of EPSG:3857, and so the width of a tile at any zoom.
WORLD_M = 40075016.68557849

# The box test stands bare on the stored EPSG:3857 column, so that its own GiST index is used;
# outlines are simplified by half a pixel of a 512-pixel tile, which no screen can show.
AREAS = """
    WITH near AS (
        SELECT {properties}, {web} AS web
          FROM ({source}) AS s
         WHERE {hit}
         {first}
         LIMIT :limit),
         drawn AS (
        SELECT {drawn_properties},
               ST_AsMVTGeom(ST_SimplifyPreserveTopology(n.web, :half_pixel), ST_TileEnvelope(:z, :x, :y),
                            {extent}, {buffer}) AS geom
          FROM near AS n)
    SELECT c.number,
           CASE WHEN c.number <= :most THEN (
               SELECT COALESCE(ST_AsMVT(drawn, :layer, {extent}, 'geom'), '') FROM drawn WHERE geom IS NOT NULL) END
           AS content
      FROM (SELECT count(*) AS number FROM near) AS c
"""

# Points are tested in degrees, on the index of the table itself.
POINTS = """
    WITH near AS (
        SELECT {properties}, s.geom AS place
          FROM ({source}) AS s
         WHERE s.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326)
         LIMIT :limit),
         drawn AS (
        SELECT {drawn_properties},
               ST_AsMVTGeom(ST_Transform(n.place, 3857), ST_TileEnvelope(:z, :x, :y), {extent}, {buffer}) AS geom
          FROM near AS n)
    SELECT c.number,
           CASE WHEN c.number <= :most THEN (
               SELECT COALESCE(ST_AsMVT(drawn, :layer, {extent}, 'geom'), '') FROM drawn WHERE geom IS NOT NULL) END
           AS content
      FROM (SELECT count(*) AS number FROM near) AS c
"""

# Squares of the world at the tile's zoom, {squares} to a tile's side, by the arithmetic of the map
# itself: a transformation of each point would cost ten times as much. The box is a little wider than
# the tile, and the number of the square decides, so that each point is counted in one tile alone.
# Each count stands at the middle of its points, never at a made-up crossing of the raster.
COUNTED_POINTS = """
    WITH placed AS (
        SELECT (ST_X(s.geom) + 180) / 360 * :world AS x,
               (0.5 - ln(tan(pi() / 4 + radians(ST_Y(s.geom)) / 2)) / (2 * pi())) * :world AS y
          FROM ({source}) AS s
         WHERE s.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326)),
         drawn AS (
        SELECT count(*) AS count,
               ST_MakePoint(round((avg(p.x) - :x * {squares}) * {step}),
                            round((avg(p.y) - :y * {squares}) * {step})) AS geom
          FROM placed AS p
         WHERE floor(p.x / {squares}) = :x AND floor(p.y / {squares}) = :y
         GROUP BY floor(p.x), floor(p.y))
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
) -> bytes:
    """One Mapbox Vector Tile with one layer named like the collection; empty bytes where nothing is.

    tickets   which of the collection `tickets`; no other collection takes conditions.
    run_id    of coverage and gaps: the run shown, instead of the district's own.

    Areas and lines below the collection's `min_zoom` are left out. Points below it, points above
    MOST_POINTS in the tile and areas above MOST_AREAS come counted: points as points, areas as squares
    (those of one `value` together), with a `count`, and with the mean of the collection's measure as
    `value`. Raises nothing for tiles off the ground: they are empty.
    """
    if collection.shape != "Point" and z < collection.min_zoom:
        return b""
    counted = _counted_beforehand(session, collection, z=z, x=x, y=y, tickets=tickets, run_id=run_id)
    if counted is not None:
        return counted
    values = {"z": z, "x": x, "y": y, "layer": collection.id, **tickets.values()}
    if run_id is not None:
        values["run_id"] = run_id
    rows = source(
        collection.id,
        condition=None if tickets.is_empty else tickets.clause(),
        is_run_named=run_id is not None,
    )
    if collection.shape != "Point" or z >= collection.min_zoom:
        content = _one_by_one(session, collection, rows, values)
        if content is not None:
            return content
    return _counted(session, collection, rows, values)


def degrees(z: int, x: int, y: int, *, margin: float) -> dict[str, float]:
    """West, south, east and north of a tile in degrees, wider by a share of the tile on each side."""

    def lat(row: float) -> float:
        return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * row / 2**z))))

    west, east = ((column / 2**z * 360 - 180) for column in (x - margin, x + 1 + margin))
    return {"west": west, "south": lat(y + 1 + margin), "east": east, "north": lat(y - margin)}


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


def _one_by_one(session: Session, collection: Collection, rows: str, values: dict[str, Any]) -> bytes | None:
    """The features themselves; None where there are too many for one tile."""
    z, x, y = values["z"], values["x"], values["y"]
    facts = {
        "source": rows,
        "properties": ", ".join(_drawn(collection, name) for name in collection.on_tile),
        "drawn_properties": ", ".join(f"n.{name}" for name in collection.on_tile),
        "extent": EXTENT,
        "buffer": BUFFER[collection.shape],
    }
    if collection.shape == "Point":
        most = MOST_POINTS
        bound = {**values, **degrees(z, x, y, margin=BUFFER["Point"] / EXTENT), "most": most, "limit": most + 1}
        statement = POINTS.format(**facts)
    else:
        most = MOST_AREAS
        bound = {**values, "half_pixel": WORLD_M / 2**z / 512 / 2, "most": most}
        bound["limit"] = most if collection.shape == "MultiLineString" else most + 1
        web, hit = _on_the_web_map(collection)
        first = ""
        if "from_zoom" in collection.names:
            hit += " AND s.from_zoom <= :z"
            # of too many lines the main ones stay: squares of roads would tell nothing
            first = "ORDER BY s.from_zoom, s.id"
        statement = AREAS.format(web=web, hit=hit, first=first, **facts)
    number, content = session.execute(text(statement), bound).one()
    if content is None:
        return None
    is_heavy = len(content) > MOST_BYTES and (collection.shape == "Point" or number > SQUARES * SQUARES)
    return None if is_heavy and collection.shape != "MultiLineString" else bytes(content)


def _counted(session: Session, collection: Collection, rows: str, values: dict[str, Any]) -> bytes:
    z, x, y = values["z"], values["x"], values["y"]
    facts = {"squares": SQUARES, "step": EXTENT // SQUARES, "extent": EXTENT, "source": rows}
    if collection.shape == "Point":
        # the margin only has to outweigh rounding: squares decide
        bound = {**values, **degrees(z, x, y, margin=1 / EXTENT), "world": 2**z * SQUARES}
        return bytes(session.execute(text(COUNTED_POINTS.format(**facts)), bound).scalar_one())
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
