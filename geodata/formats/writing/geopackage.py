"""GeoPackage: one layer in an SQLite file."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from geodata.formats.geopackage import DRIVER
from geodata.formats.writing.layer import Layer, Writer


def write(batches: Iterable[list[list[Any]]], layer: Layer, path: Path) -> None:
    """A layer called like the collection, with a spatial index; moments are in UTC."""
    # Arrow and GDAL take a second to load, and most formats need neither
    from geodata.formats import gdal  # noqa: PLC0415
    from geodata.formats.writing import arrow  # noqa: PLC0415

    about = layer.collection
    gdal.write_layer(
        arrow.reader(batches, arrow.schema_of(layer)),
        path,
        driver=DRIVER,
        name=about.id,
        shape=about.shape,
        srid=layer.srid,
        options={"IDENTIFIER": about.title_zh, "DESCRIPTION": about.title_en, "GEOMETRY_NAME": "geom"},
    )


GPKG = Writer(
    "gpkg", ".gpkg", "application/geopackage+sqlite3", "GeoPackage", "GeoPackage", rows="batches", write=write
)
