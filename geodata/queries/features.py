"""Rows of the published collections, as GeoJSON straight from PostgreSQL."""

import io
import json
from collections.abc import Callable, Iterator
from typing import NamedTuple

from psycopg.sql import SQL, Composed, Identifier
from sqlalchemy import Connection, text

from geodata.catalog import Collection
from geodata.queries.readers import NOBODY, CountsTold, Reader
from geodata.queries.sources import source
from geodata.queries.ticket_filter import ALL_UNITS, NO_FILTER, TicketFilter, UnitFilter, fitting
from geodata.queries.whistle import CallScope

# Seven decimals are a centimetre, finer than any source.
DECIMALS = 7

# COPY hands over small pieces; a client is better served with fewer larger ones.
BLOCK_BYTES = 128 * 1024

# Strings are built rather than JSON values: it is the fastest form measured. PostGIS 3.3 writes
# `{"type": null}` for a missing geometry, which is not GeoJSON, so null is written by hand.
# Rows stand in the order of their key, so that two exports of the same data are the same bytes.
FEATURES = """
    SELECT '{{"type":"Feature","id":' || to_json(s.{key}) || ',"geometry":'
           || COALESCE(ST_AsGeoJSON(s.geom, {decimals}), 'null')
           || ',"properties":' || (SELECT row_to_json(p) FROM (SELECT {properties}) AS p) || '}}' AS feature
      FROM ({source}) AS s
     WHERE %(west)s::float8 IS NULL
        OR s.geom && ST_MakeEnvelope(%(west)s::float8, %(south)s::float8, %(east)s::float8, %(north)s::float8, 4326)
     ORDER BY s.{key}
"""


class Box(NamedTuple):
    """A box in EPSG:4326 degrees."""

    west: float
    south: float
    east: float
    north: float


def _features(
    connection: Connection,
    collection: Collection,
    fits: TicketFilter | UnitFilter | CallScope | CountsTold,
    run_id: int | None,
) -> Composed:
    condition = None if fits.is_empty else fits.clause()
    rows = source(collection.id, condition=condition, is_run_named=run_id is not None)
    return SQL(FEATURES).format(
        key=Identifier(collection.key),
        decimals=SQL(str(DECIMALS)),
        properties=SQL(", ").join(Identifier("s", name) for name in collection.names),
        # COPY is sent by the driver itself, which spells `:name` its own way
        source=SQL(str(text(rows).compile(dialect=connection.dialect))),
    )


def stream_geojson(
    connection: Connection,
    collection: Collection,
    box: Box | None = None,
    *,
    tickets: TicketFilter = NO_FILTER,
    units: UnitFilter = ALL_UNITS,
    run_id: int | None = None,
    reader: Reader = NOBODY,
    reword: Callable[[str], str] | None = None,
) -> Iterator[bytes]:
    """A FeatureCollection in pieces of about 128 kB, by COPY, with flat memory.

    tickets   which of the collection `tickets`.
    units     which of the collection `units`; no other collection takes conditions.
    run_id    of coverage and gaps: the run told, instead of the district's own.
    reader    who asks, where not everybody is told the same.
    reword    what free text becomes for whoever it is told to; None leaves it as it was written.

    Features without geometry have `"geometry": null`, and a box leaves them out. Rows come in the
    order of the collection's key. The connection stays in use until the last piece is taken.
    """
    fits = fitting(collection.id, tickets, units, reader)
    bounds = {**(box._asdict() if box else dict.fromkeys(Box._fields)), **fits.values(), "run_id": run_id}
    driver = connection.connection.driver_connection
    if driver is None:
        raise RuntimeError("the connection is closed")
    buffer = io.BytesIO()
    buffer.write(b'{"type":"FeatureCollection","features":[\n')
    with (
        driver.cursor() as cursor,
        cursor.copy(SQL("COPY ({}) TO STDOUT").format(_features(connection, collection, fits, run_id)), bounds) as copy,
    ):
        divider = b""
        for row in copy:
            # text COPY doubles backslashes; JSON text holds no raw tab or line break to undo
            feature = bytes(row).rstrip(b"\n").replace(b"\\\\", b"\\")
            buffer.write(divider)
            buffer.write(_reworded(feature, collection.free_text, reword) if reword else feature)
            divider = b",\n"
            if buffer.tell() >= BLOCK_BYTES:
                yield buffer.getvalue()
                buffer.seek(0)
                buffer.truncate()
    buffer.write(b"\n]}\n")
    yield buffer.getvalue()


def _reworded(feature: bytes, names: tuple[str, ...], reword: Callable[[str], str]) -> bytes:
    """A feature with these of its properties in other words."""
    if not names:
        return feature
    told = json.loads(feature)
    told["properties"] |= {name: reword(text) for name in names if (text := told["properties"][name]) is not None}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
