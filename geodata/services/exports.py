"""Collections as files: what may be asked for, the file as it streams, and the file as it is made on disk."""

import errno
import math
import os
import shutil
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

from geodata.errors import BadSetting
from geodata.export_errors import ExportTooLong
from geodata.formats.errors import Unwritable
from geodata.formats.writing import Layer, Writer
from geodata.models import Installation
from geodata.queries import feature_rows
from geodata.queries.feature_rows import LONLAT, WKT, Counted, Reword, geometry_columns
from geodata.queries.features import WGS84, Selection, features
from spatial import crs_uris

# No export is worth more of the database's time than this; a whole district takes seconds.
EXPORT_LIMIT_S = 300

# With less room than this left, a file that cannot be written has met the end of the disk.
LEAST_ROOM_BYTES = 1024 * 1024

# Told of how many rows have been written, and how many there are.
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Order:
    """One file that is asked for.

    selection   which rows.
    writer      in which format.
    srid        in which CRS.
    geometry    how the columns behind the properties say where, as `feature_rows` names it.
    zone        the district's, by its name.
    reword      what free text becomes for whoever asks; None leaves it as it was written.
    """

    selection: Selection
    writer: Writer
    srid: int
    geometry: str
    zone: str
    reword: Reword = None

    def layer(self, counts: Counted | None = None) -> Layer:
        """What the writer is told."""
        total, unplaced = counts or (None, None)
        columns = geometry_columns(self.geometry, self.srid)
        return Layer(self.selection.collection, self.srid, self.geometry, columns, ZoneInfo(self.zone), total, unplaced)


def order(
    selection: Selection,
    writer: Writer,
    *,
    place: Installation,
    crs: str | None = None,
    geometry: str | None = None,
    reword: Reword = None,
) -> Order:
    """An order that can be carried out.

    crs         name or URI of a CRS that the district offers; whatever its axes, files have x before y. None is WGS 84.
    geometry    LONLAT or WKT in tables; None is LONLAT for points and WKT for everything else.

    Raises UnknownCrs, and BadSetting for a CRS that the format cannot hold and for a geometry that it has not.
    """
    srid = WGS84 if crs is None else crs_uris.find(crs, crs_uris.offered(place.metre_srid)).srid
    if srid != WGS84 and not writer.takes_crs:
        raise BadSetting("crs", crs or "", f"left out: {writer.title_en} is always in WGS 84")
    if geometry is not None and geometry not in writer.geometries:
        wanted = f"one of {', '.join(writer.geometries)}" if writer.geometries else "left out of this format"
        raise BadSetting("geometry", geometry, wanted)
    usual = LONLAT if selection.collection.shape == "Point" else WKT
    chosen = (geometry or usual) if writer.geometries else writer.geometry
    return Order(selection, writer, srid, chosen, place.timezone, reword)


def counted(connection: Connection, selection: Selection) -> Counted:
    """How many rows a selection has, and how many of them have no geometry."""
    return feature_rows.counted(connection, selection)


def stream(connection: Connection, asked: Order, progress: Progress | None = None) -> Iterator[bytes]:
    """The file in pieces as the rows come, with flat memory; of a writer that streams.

    The connection stays in use until the last piece is taken. With `progress` the rows are counted first.
    """
    if asked.writer.pieces is None:
        raise ValueError(asked.writer.form)
    found: Generator[Any, None, None]
    if asked.writer.rows == "features":
        found = features(connection, asked.selection, srid=asked.srid, reword=asked.reword)
    else:
        found = feature_rows.cells(
            connection, asked.selection, geometry=asked.geometry, srid=asked.srid, reword=asked.reword
        )
    # whoever leaves early leaves no statement behind
    with closing(found):
        total = counted(connection, asked.selection).total if progress else 0
        rows = _told(found, progress, total) if progress else found
        yield from asked.writer.pieces(rows, asked.layer())


def _told(rows: Iterable[Any], progress: Progress, total: int) -> Iterator[Any]:
    done = 0
    progress(done, total)
    for done, row in enumerate(rows, start=1):
        if done % feature_rows.BATCH == 0:
            progress(done, total)
        yield row
    progress(done, max(done, total))


def make(
    engine: Engine, asked: Order, path: Path, progress: Progress | None = None, *, limit_s: float | None = None
) -> Layer:
    """Write the file of any writer, with flat memory; tells what could not be held. No connection is kept.

    path      in a folder of its own, where the writer may put others beside it.
    limit_s   how long it may take; None is as long as it takes.

    Raises BadSetting for more rows than the format holds, ExportTooLong, Unwritable and OSError.
    """
    tell = progress or _nobody
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        limit(connection, limit_s)
        if asked.writer.write is None:
            with path.open("wb") as file:
                file.writelines(stream(connection, asked, tell))
            return asked.layer()
        counts = counted(connection, asked.selection)
        most = asked.writer.most
        if most is not None and counts.total > most:
            raise BadSetting("format", asked.writer.form, f"one that holds {counts.total:,} rows; it holds {most:,}")
        layer = asked.layer(counts)
        found = feature_rows.batches(
            connection, asked.selection, geometry=asked.geometry, srid=asked.srid, reword=asked.reword
        )
        rows = _Watched(found, partial(_tell, tell, counts.total), limit_s)
        try:
            with closing(found):
                asked.writer.write(rows, layer, path)
        except Exception as error:
            # libraries in between turn an error of the rows, or of the disk, into one of their own
            if rows.error is not None:
                raise rows.error from None
            if isinstance(error, Unwritable) and shutil.disk_usage(path.parent).free < LEAST_ROOM_BYTES:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path)) from error
            raise
        if rows.done != counts.total:
            raise Unwritable(path.name, f"it breaks off after {rows.done} of {counts.total} rows")
        return layer


def limit(connection: Connection, limit_s: float | None = EXPORT_LIMIT_S) -> None:
    """Give the statements of this transaction as long as an export may take; None is for ever."""
    connection.exec_driver_sql(f"SET LOCAL statement_timeout = '{(limit_s or 0):.0f}s'")


def _nobody(_done: int, _total: int) -> None:
    """Nobody asks how far it is."""


def _tell(progress: Progress, total: int, done: int) -> None:
    progress(done, total)


class _Watched:
    """Batches of rows that are counted on their way, with the error that ended them."""

    def __init__(self, batches: Iterator[list[list[Any]]], tell: Callable[[int], None], limit_s: float | None) -> None:
        self.done = 0
        self.error: Exception | None = None
        self._batches = batches
        self._tell = tell
        self._limit_s = limit_s or math.inf
        self._begun = time.monotonic()

    def __iter__(self) -> Iterator[list[list[Any]]]:
        try:
            self._tell(0)
            for rows in self._batches:
                yield rows
                self.done += len(rows)
                self._tell(self.done)
                if time.monotonic() - self._begun > self._limit_s:
                    raise ExportTooLong(self._limit_s)
        except Exception as error:
            self.error = error
            raise
