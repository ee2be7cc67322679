"""GeoPackage: one layer of an SQLite file."""

import shutil
import tempfile
from pathlib import Path

from geodata.formats.errors import LayerNeeded, TooLarge
from geodata.formats.layers import table_of
from geodata.formats.table import Table

SUFFIXES = (".gpkg",)
TITLE = "GeoPackage"
DRIVER = "GPKG"
MAX_BYTES = 1024 * 1024 * 1024
_SQLITE = b"SQLite format 3\0"
_APPLICATION = slice(68, 72)
_APPLICATIONS = (b"GPKG", b"GP10", b"GP11")


def looks_right(path: Path) -> bool:
    """Whether the file is an SQLite file that calls itself a GeoPackage."""
    with path.open("rb") as file:
        head = file.read(100)
    return head.startswith(_SQLITE) and head[_APPLICATION] in _APPLICATIONS


def read(path: Path, *, layer: str | None = None) -> Table:
    """The features of its one layer, or of the one named `layer`.

    A copy is read, as opening may write beside the file. Raises LayerNeeded, Unreadable, TooLarge.
    """
    from geodata.formats import gdal  # noqa: PLC0415 - GDAL takes half a second to load, and CSV needs none of it

    if path.stat().st_size > MAX_BYTES:
        raise TooLarge(path.name, f"it has {path.stat().st_size:,} bytes", f"{MAX_BYTES:,}")
    with tempfile.TemporaryDirectory(prefix="wangge-") as folder:
        copy = Path(folder).resolve() / "layer.gpkg"
        shutil.copyfile(path, copy)
        names = gdal.layers(copy, driver=DRIVER, file=path.name)
        chosen = layer if layer is not None else names[0] if len(names) == 1 else None
        if chosen not in names:
            raise LayerNeeded(path.name, names, layer)
        return table_of(gdal.read_layer(copy, chosen, driver=DRIVER, file=path.name), [])
