"""Families of file formats: one file each with read(), and write() where we write them; one register.

A file is known by its ending and must have the content to match: neither alone decides.
"""

from contextlib import AbstractContextManager
from pathlib import Path
from types import ModuleType

from geodata.errors import NotFound
from geodata.formats import (
    delimited,
    flatgeobuf,
    geojson,
    geopackage,
    geoparquet,
    gpx,
    kml,
    osm,
    shapefile,
    xlsx,
)
from geodata.formats.errors import UnknownFormat, WrongFormat
from geodata.formats.table import Table

FORMATS: tuple[ModuleType, ...] = (
    *(geojson, shapefile, geopackage, flatgeobuf, geoparquet, kml, gpx, osm),
    *(delimited, xlsx),
)


def read(path: Path, *, layer: str | None = None, named: bool = False) -> Table:
    """The table in a file on disk.

    layer   the sheet or layer to take, where a file may hold several.
    named   of an extract of OpenStreetMap, what has a name or a house number instead of what a map draws.

    Raises NotFound where there is no such file, and FileRefused with the reason for one that cannot
    be read (errors.py lists them).
    """
    if not path.is_file():
        raise NotFound("file", str(path))
    family = family_of(path)
    if not family.looks_right(path):
        raise WrongFormat(path.name, family.TITLE)
    reader = family.read_named if named and family is osm else family.read
    table: Table = reader(path.resolve(), layer=layer)
    return table


def comes_in_batches(path: Path) -> bool:
    """Whether `in_batches` reads the file: an extract of OpenStreetMap."""
    return family_of(path) is osm


def in_batches(path: Path, *, layer: str | None = None) -> AbstractContextManager[osm.Batches]:
    """What `read` with `named` gives of an extract of OpenStreetMap, a batch at a time. Raises as `read` does."""
    if not path.is_file():
        raise NotFound("file", str(path))
    if not osm.looks_right(path):
        raise WrongFormat(path.name, osm.TITLE)
    return osm.named_batches(path.resolve(), layer=layer)


def family_of(path: Path) -> ModuleType:
    """The family whose ending the file has. Raises UnknownFormat."""
    suffix = path.suffix.lower()
    for family in FORMATS:
        if suffix in family.SUFFIXES:
            return family
    known = [ending for family in FORMATS for ending in family.SUFFIXES]
    raise UnknownFormat(path.name, path.suffix, known)
