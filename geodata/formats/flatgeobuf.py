"""FlatGeobuf: the one layer of a file made to be read from front to back."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from geodata.formats.errors import LayerNeeded, TooLarge, Unreadable
from geodata.formats.heights import without_heights
from geodata.formats.layers import table_of
from geodata.formats.table import Table

if TYPE_CHECKING:
    from geodata.formats.gdal import Layer

SUFFIXES = (".fgb",)
TITLE = "FlatGeobuf"
DRIVER = "FlatGeobuf"
MAX_BYTES = 1024 * 1024 * 1024
_MAGIC = b"fgb\x03fgb"
# The least that a feature takes, its length and an empty table; a header that tells of more features lies.
_FEATURE_BYTES = 16


def looks_right(path: Path) -> bool:
    """Whether the file begins with the mark of a FlatGeobuf of version 3, the one in use."""
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def read(path: Path, *, layer: str | None = None) -> Table:
    """The features of the layer, whose name may be given; heights are dropped with a note.

    Moments in time are text with their zone. Raises LayerNeeded, TooLarge, Unreadable and WrongFormat.
    """
    from geodata.formats import gdal  # noqa: PLC0415 - GDAL takes half a second to load, and CSV needs none of it

    size = path.stat().st_size
    if size > MAX_BYTES:
        raise TooLarge(path.name, f"it has {size:,} bytes", f"{MAX_BYTES:,}")
    names = gdal.layers(path, driver=DRIVER, file=path.name)
    if not names:
        raise Unreadable(path.name, "no layer can be made of its header")
    if len(names) != 1 or layer not in {None, *names}:
        raise LayerNeeded(path.name, names, layer)
    told = gdal.told_features(path, names[0], driver=DRIVER, file=path.name)
    if told > size // _FEATURE_BYTES:
        raise Unreadable(path.name, f"it says it has {told:,} features, and so many do not fit into {size:,} bytes")
    count = gdal.count_features(path, names[0], driver=DRIVER, file=path.name)
    if count:
        whole = _joined(list(gdal.read_batches(path, names[0], count=count, file=path.name)))
    else:
        whole = gdal.read_layer(path, names[0], driver=DRIVER, file=path.name)
    shapes, notes = without_heights(whole.geometries)
    return table_of(replace(whole, geometries=shapes), notes)


def _joined(batches: "list[Layer]") -> "Layer":
    """The batches as one layer."""
    starts = np.cumsum([0, *(len(batch.geometries) for batch in batches)]).tolist()
    return replace(
        batches[0],
        columns={name: [value for batch in batches for value in batch.columns[name]] for name in batches[0].columns},
        geometries=np.concatenate([batch.geometries for batch in batches]),
        odd_geometries=tuple(
            start + index for start, batch in zip(starts, batches, strict=False) for index in batch.odd_geometries
        ),
    )
