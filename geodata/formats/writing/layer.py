"""What every writer is given: the facts of a collection, and its rows as they come."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from typing import Any, Literal, TypeAlias

from geodata.catalog import Collection

# Pieces of a file on their way out.
Pieces: TypeAlias = Iterator[bytes]

# What a writer takes its rows as, made by geodata/queries: features of GeoJSON, cells of text, or batches of values.
Rows = Literal["features", "cells", "batches"]


@dataclass
class Layer:
    """A collection on its way into a file.

    collection   its id, titles, properties and kind of geometry.
    srid         EPSG number of the coordinates, x before y.
    geometry     what the columns behind the properties hold: `wkb`, `wkt`, `lonlat` or `kml`.
    columns      what those columns are called.
    zone         the district's, for formats whose moments have none.
    total        how many rows there are; None where nobody has counted.
    unplaced     how many of them have no geometry, likewise.
    lost         what the format could not hold, by a fixed word (`text`, `geometry`), counted as it is written.
    """

    collection: Collection
    srid: int
    geometry: str
    columns: tuple[str, ...]
    zone: tzinfo
    total: int | None = None
    unplaced: int | None = None
    lost: Counter[str] = field(default_factory=Counter)

    @property
    def headings(self) -> list[str]:
        """Names of all columns in the order of the rows."""
        return [*self.collection.names, *self.columns]


@dataclass(frozen=True)
class Writer:
    """A format that collections are written in.

    form          its name in addresses and commands.
    suffix        what its files end in.
    rows          what it takes.
    pieces        makes the file as the rows come; None where it needs a file on disk.
    write         writes the file; it may put others beside it, in the same folder.
    takes_crs     whether it can hold another CRS than WGS 84.
    geometries    ways to say where a feature is that one can choose from; empty where the format has its own.
    most          how many rows it can hold; None is any number.
    """

    form: str
    suffix: str
    mimetype: str
    title_zh: str
    title_en: str
    rows: Rows
    pieces: Callable[[Iterable[Any], Layer], Pieces] | None = None
    write: Callable[[Iterable[list[list[Any]]], Layer, Path], None] | None = None
    takes_crs: bool = True
    geometries: tuple[str, ...] = ()
    geometry: str = "wkb"
    most: int | None = None

    @property
    def streams(self) -> bool:
        """Whether the first bytes leave before the last row is read."""
        return self.pieces is not None
