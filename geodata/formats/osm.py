"""OpenStreetMap extracts: .osm.pbf, and .osm in XML; the lines and areas that a base map may use."""

import re
import tempfile
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from geodata.formats.errors import LayerNeeded, TooLarge
from geodata.formats.table import Row, Table

if TYPE_CHECKING:
    from geodata.formats.gdal import Layer

SUFFIXES = (".pbf", ".osm")
TITLE = "OpenStreetMap data"
DRIVER = "OSM"
MAX_BYTES = 1024 * 1024 * 1024

# The tags of osm.ini; a feature without any of them is not read.
TAGS = ("highway", "railway", "waterway", "water", "landuse", "natural", "leisure", "building")
LAYERS = {
    "lines": TAGS[:3],
    "multilinestrings": TAGS[:3],
    "multipolygons": TAGS[2:],
}
_HEAD_BYTES = 4096
# Entities are declared in a document type before the root, and OpenStreetMap has none.
_XML = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>)?\s*(?:<!--(?:(?!--).)*-->\s*)*<osm[\s>]", re.DOTALL)


def looks_right(path: Path) -> bool:
    """Whether the file begins with the header block of a .pbf, or with an XML root that no document type precedes."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if path.suffix.lower() == ".pbf":
        return head[:3] == b"\0\0\0" and b"OSMHeader" in head[:32]
    return _XML.match(head) is not None


def read(path: Path, *, layer: str | None = None) -> Table:
    """Features with one of TAGS, of all three LAYERS or of the one named.

    `id` is `way/N` or `relation/N`. Coordinates are WGS 84, which the format lays down. Raises
    LayerNeeded, Unreadable, TooLarge.
    """
    from geodata.formats import gdal  # noqa: PLC0415 - GDAL takes half a second to load, and CSV needs none of it

    if path.stat().st_size > MAX_BYTES:
        raise TooLarge(path.name, f"it has {path.stat().st_size:,} bytes", f"{MAX_BYTES:,}")
    if layer is not None and layer not in LAYERS:
        raise LayerNeeded(path.name, list(LAYERS), layer)
    rows: list[Row] = []
    shapes = []
    with (
        tempfile.TemporaryDirectory(prefix="wangge-") as folder,
        as_file(files(__package__) / "osm.ini") as settings,
        # what does not fit into memory while ways are put together
        gdal.temporary_files(Path(folder)),
    ):
        for name in LAYERS if layer is None else (layer,):
            where = " OR ".join(f"{tag} IS NOT NULL" for tag in LAYERS[name])
            options = {"CONFIG_FILE": str(settings)}
            found = gdal.read_layer(path, name, driver=DRIVER, file=path.name, where=where, options=options)
            rows += _rows(found, name)
            shapes.append(found.geometries)
    return Table(
        ("id", "name", *TAGS),
        rows,
        list(range(1, len(rows) + 1)),
        geometries=np.concatenate(shapes),
        fixed_datum="wgs84",
    )


def _rows(found: "Layer", name: str) -> list[Row]:
    """The features of a layer, each with all columns; areas come of relations and of closed ways."""
    nothing: list[None] = [None] * len(found.geometries)
    relations = found.columns["osm_id"] if name != "lines" else nothing
    ways = found.columns["osm_id"] if name == "lines" else found.columns.get("osm_way_id", nothing)
    ids = [f"relation/{one}" if one else f"way/{other}" for one, other in zip(relations, ways, strict=True)]
    columns = {"id": ids, "name": found.columns["name"], **{tag: found.columns.get(tag, nothing) for tag in TAGS}}
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]
