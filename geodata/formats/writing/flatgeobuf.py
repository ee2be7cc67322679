"""FlatGeobuf: one layer, with a spatial index where every feature has a place."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from geodata.formats.writing.layer import Layer, Writer
from geodata.formats.writing.vector import write_vector

DRIVER = "FlatGeobuf"


def write(batches: Iterable[list[list[Any]]], layer: Layer, path: Path) -> None:
    """The rows in their order without an index where some have no geometry, else in the order of the index."""
    options = {"SPATIAL_INDEX": "NO" if layer.unplaced else "YES", "TITLE": layer.collection.title_zh}
    write_vector(batches, layer, path, driver=DRIVER, options=options)


FGB = Writer("fgb", ".fgb", "application/flatgeobuf", "FlatGeobuf", "FlatGeobuf", rows="batches", write=write)
