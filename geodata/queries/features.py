"""Rows of the published collections, as GeoJSON straight from PostgreSQL; and which rows are meant."""

import io
import json
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from psycopg import Copy
from psycopg.sql import SQL
from sqlalchemy import Connection, text

from geodata.catalog import Collection
from geodata.queries.readers import NOBODY, Reader
from geodata.queries.scope import Condition
from geodata.queries.sources import source
from geodata.queries.ticket_filter import ALL_UNITS, NO_FILTER, TicketFilter, UnitFilter, fitting
from spatial.crs_uris import named

# Seven decimals are a centimetre, finer than any source; of metres, three are a millimetre.
DECIMALS = 7
DECIMALS_OF_METRES = 3

WGS84 = 4326

# COPY hands over small pieces; a client is better served with fewer larger ones.
BLOCK_BYTES = 128 * 1024

# Rows stand in the order of their key, so that two exports of the same data are the same bytes.
ROWS = """
    SELECT {columns}
      FROM ({source}) AS s
     WHERE {conditions}
     ORDER BY s.{key}
"""

# Strings are built rather than JSON values: it is the fastest form measured. PostGIS 3.3 writes
# `{"type": null}` for a missing geometry, which is not GeoJSON, so null is written by hand. The 0
# keeps it from naming the CRS in every geometry.
FEATURE = """'{{"type":"Feature","id":' || to_json(s.{key}) || ',"geometry":'
           || COALESCE(ST_AsGeoJSON({geom}, {decimals}, 0), 'null')
           || ',"properties":' || (SELECT row_to_json(p) FROM (SELECT {properties}) AS p) || '}}' AS feature"""

IN_BOX = """s.geom && ST_MakeEnvelope(CAST(:west AS float8), CAST(:south AS float8),
                                      CAST(:east AS float8), CAST(:north AS float8), 4326)"""

OF_CODES = "s.{key} = ANY(CAST(:codes AS text[]))"


class Box(NamedTuple):
    """A box in EPSG:4326 degrees."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True)
class Selection:
    """Which rows of a collection, and for whom; without a word more, all that nobody in particular may read.

    box         what touches it; features without geometry are left out.
    tickets     which of the collection `tickets`.
    units       which of the collection `units`.
    run_id      of coverage and gaps: the run told, instead of the district's own.
    reader      who asks, where not everybody is told the same.
    codes       keys of the rows meant, of a collection whose key is text; None is no condition.
    condition   a further condition in SQL on a row `s` of the collection, whose names are none of the above's.
    """

    collection: Collection
    box: Box | None = None
    tickets: TicketFilter = NO_FILTER
    units: UnitFilter = ALL_UNITS
    run_id: int | None = None
    reader: Reader = NOBODY
    codes: frozenset[str] | None = None
    condition: Condition | None = None

    def rows(self, columns: str) -> str:
        """SQL that gives these columns of each row `s`, in the order of the key; its names are those of `values()`."""
        return ROWS.format(
            columns=columns, source=self._source(), conditions=self._conditions(), key=self.collection.key
        )

    def unordered(self, columns: str) -> str:
        """The same without an order, for figures over all rows."""
        return self.rows(columns).rpartition("ORDER BY")[0]

    def values(self) -> dict[str, Any]:
        """What the names in the SQL are bound to."""
        found = {"run_id": self.run_id, **self._fits.values()}
        if self.box is not None:
            found |= self.box._asdict()
        if self.codes is not None:
            found["codes"] = sorted(self.codes)
        return found | (self.condition.values if self.condition else {})

    @property
    def _fits(self) -> Any:  # noqa: ANN401 - any of what `fitting` gives
        return fitting(self.collection.id, self.tickets, self.units, self.reader)

    def _source(self) -> str:
        condition = None if self._fits.is_empty else self._fits.clause()
        return source(self.collection.id, condition=condition, is_run_named=self.run_id is not None)

    def _conditions(self) -> str:
        found = [IN_BOX] if self.box is not None else []
        if self.codes is not None:
            found.append(OF_CODES.format(key=self.collection.key))
        if self.condition is not None:
            found.append(f"({self.condition.text})")
        return "\n       AND ".join(found) or "TRUE"


def placed(srid: int) -> str:
    """The geometry of a row in SQL, x before y, in the CRS of an EPSG number."""
    return "s.geom" if srid == WGS84 else f"ST_Transform(s.geom, {int(srid)})"


def decimals(srid: int) -> int:
    """How many decimals coordinates have in text."""
    return DECIMALS if named(srid).is_degrees else DECIMALS_OF_METRES


@contextmanager
def copied(connection: Connection, selection: Selection, columns: str) -> Iterator[Copy]:
    """The rows on their way out by COPY; the connection stays in use until the block ends."""
    driver = connection.connection.driver_connection
    if driver is None:
        raise RuntimeError("the connection is closed")
    # COPY is sent by the driver itself, which spells `:name` its own way
    rows = str(text(selection.rows(columns)).compile(dialect=connection.dialect))
    statement = SQL("COPY ({}) TO STDOUT").format(SQL(rows))
    with driver.cursor() as cursor, cursor.copy(statement, selection.values()) as copy:
        yield copy


def features(
    connection: Connection,
    selection: Selection,
    *,
    srid: int = WGS84,
    reword: Callable[[str], str] | None = None,
) -> Generator[bytes, None, None]:
    """Each row as a GeoJSON Feature without a line break in it, in the order of the key, with flat memory.

    reword    what free text becomes for whoever it is told to; None leaves it as it was written.

    Features without geometry have `"geometry": null`. The connection stays in use until the last is taken.
    """
    collection = selection.collection
    # rings turn as RFC 7946 has them
    geom = f"ST_ForcePolygonCCW({placed(srid)})" if collection.shape == "MultiPolygon" else placed(srid)
    column = FEATURE.format(
        key=collection.key,
        geom=geom,
        decimals=decimals(srid),
        properties=", ".join(f"s.{name}" for name in collection.names),
    )
    names = collection.free_text if reword else ()
    with copied(connection, selection, column) as copy:
        for row in copy:
            # text COPY doubles backslashes; JSON text holds no raw tab or line break to undo
            feature = bytes(row).rstrip(b"\n").replace(b"\\\\", b"\\")
            yield _reworded(feature, names, reword) if names and reword else feature


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
    """A FeatureCollection in WGS 84 (RFC 7946) in pieces; the rows as `Selection` and `features` say."""
    selection = Selection(collection, box, tickets, units, run_id, reader)
    return feature_collection(features(connection, selection, reword=reword))


def feature_collection(found: Iterable[bytes], *, srid: int = WGS84) -> Iterator[bytes]:
    """Features as one FeatureCollection, in blocks, each feature on a line of its own.

    srid    RFC 7946 knows WGS 84 alone; any other CRS is named as GeoJSON did in 2008, which GIS programs still read.
    """
    member = {"crs": {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{srid}"}}}
    said = "" if srid == WGS84 else json.dumps(member, separators=(",", ":"))[1:-1] + ","
    head = f'{{"type":"FeatureCollection",{said}"features":[\n'
    return in_blocks(_divided(head.encode(), found))


def _divided(head: bytes, found: Iterable[bytes]) -> Iterator[bytes]:
    yield head
    divider = b""
    for feature in found:
        yield divider + feature
        divider = b",\n"
    yield b"\n]}\n"


def in_blocks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of about 128 kB, and one at least."""
    buffer = io.BytesIO()
    for piece in pieces:
        buffer.write(piece)
        if buffer.tell() >= BLOCK_BYTES:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _reworded(feature: bytes, names: tuple[str, ...], reword: Callable[[str], str]) -> bytes:
    """A feature with these of its properties in other words."""
    told = json.loads(feature)
    told["properties"] |= {name: reword(text) for name in names if (text := told["properties"][name]) is not None}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
