"""One layer of a format that GDAL writes from batches of Arrow."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from geodata.formats.writing.layer import Layer


def write_vector(
    batches: Iterable[list[list[Any]]], layer: Layer, path: Path, *, driver: str, options: Mapping[str, str]
) -> None:
    """Write a layer called like its collection, with the collection's properties as columns.

    driver, options   GDAL's name of the format, and what its driver is told of the layer.

    Raises as `gdal.write_layer`.
    """
    # Arrow and GDAL take a second to load, and most formats need neither
    from geodata.formats import gdal  # noqa: PLC0415
    from geodata.formats.writing import arrow  # noqa: PLC0415

    about = layer.collection
    gdal.write_layer(
        arrow.reader(batches, arrow.schema_of(layer)),
        path,
        driver=driver,
        name=about.id,
        shape=about.shape,
        srid=layer.srid,
        options=dict(options),
    )
