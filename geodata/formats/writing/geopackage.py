"""GeoPackage: one layer in an SQLite file."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from geodata.formats.geopackage import DRIVER
from geodata.formats.writing.layer import Layer, Writer
from geodata.formats.writing.vector import write_vector


def write(batches: Iterable[list[list[Any]]], layer: Layer, path: Path) -> None:
    """A layer called like the collection, with a spatial index; moments are in UTC."""
    about = layer.collection
    options = {"IDENTIFIER": about.title_zh, "DESCRIPTION": about.title_en, "GEOMETRY_NAME": "geom"}
    write_vector(batches, layer, path, driver=DRIVER, options=options)


GPKG = Writer(
    "gpkg", ".gpkg", "application/geopackage+sqlite3", "GeoPackage", "GeoPackage", rows="batches", write=write
)
