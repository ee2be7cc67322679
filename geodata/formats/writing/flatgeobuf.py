"""FlatGeobuf: one layer, with a spatial index where every feature has a place."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from geodata.formats.writing.layer import Layer, Writer

DRIVER = "FlatGeobuf"


def write(batches: Iterable[list[list[Any]]], layer: Layer, path: Path) -> None:
    """The rows in their order without an index where some have no geometry, else in the order of the index."""
    from geodata.formats import gdal  # noqa: PLC0415 - as in geopackage.py
    from geodata.formats.writing import arrow  # noqa: PLC0415 - likewise

    about = layer.collection
    gdal.write_layer(
        arrow.reader(batches, arrow.schema_of(layer)),
        path,
        driver=DRIVER,
        name=about.id,
        shape=about.shape,
        srid=layer.srid,
        options={"SPATIAL_INDEX": "NO" if layer.unplaced else "YES", "TITLE": about.title_zh},
    )


FGB = Writer("fgb", ".fgb", "application/flatgeobuf", "FlatGeobuf", "FlatGeobuf", rows="batches", write=write)
