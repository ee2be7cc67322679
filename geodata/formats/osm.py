"""OpenStreetMap extracts, .osm.pbf and .osm in XML: what a base map draws, or what has a name or a house number."""

import re
import tempfile
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.formats.errors import LayerNeeded, TooLarge
from geodata.formats.table import Row, Table

if TYPE_CHECKING:
    from geodata.formats.gdal import Layer

SUFFIXES = (".pbf", ".osm")
TITLE = "OpenStreetMap data"
DRIVER = "OSM"
FIXED_DATUM = "wgs84"
MAX_BYTES = 1024 * 1024 * 1024
# Nodes, unpacked; with less memory than they need reading goes on, from a file.
MEMORY_FOR_EACH_BYTE, MOST_MEMORY_MB = 16, 100

# The tags of osm.ini; a feature without any of them is not read.
TAGS = ("highway", "railway", "waterway", "water", "landuse", "natural", "leisure", "building")
LAYERS = {
    "lines": TAGS[:3],
    "multilinestrings": TAGS[:3],
    "multipolygons": TAGS[2:],
}


class Reading(NamedTuple):
    """One way to read an extract: its settings, the columns there are, and what is read of each layer."""

    settings: str
    columns: tuple[str, ...]
    layers: Mapping[str, str]


DRAWN = Reading(
    "osm.ini",
    ("id", "name", *TAGS),
    {layer: " OR ".join(f"{tag} IS NOT NULL" for tag in tags) for layer, tags in LAYERS.items()},
)

# The tags that tell what a named thing is, the first that it has before the others.
MEANINGS = (
    *("highway", "railway", "public_transport", "place", "amenity", "shop", "office", "leisure", "tourism"),
    *("healthcare", "historic", "man_made", "craft", "landuse", "building", "natural", "waterway", "boundary"),
)
OTHER_NAMES = ("name:zh", "name:en", "official_name", "short_name", "alt_name", "old_name")
DOOR_TAGS = ("addr:housenumber", "addr:street", "addr:place", "addr:district")
LEVEL_TAGS = ("bridge", "tunnel", "layer")
_HAS_NAME = "name IS NOT NULL OR name_zh IS NOT NULL"
_HAS_DOOR = f"{_HAS_NAME} OR addr_housenumber IS NOT NULL"
NAMED = Reading(
    "osm_names.ini",
    ("id", "what", "name", *OTHER_NAMES, "ref", *DOOR_TAGS, *LEVEL_TAGS, "addr:interpolation", "distance", "pk"),
    {
        # lines before points: which points they need is known by then
        "lines": f"{_HAS_NAME} OR addr_interpolation IS NOT NULL",
        "points": f"{_HAS_DOOR} OR highway = 'milestone'",
        "multipolygons": _HAS_DOOR,
    },
)
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
    return _read(path, DRAWN, layer)


def read_named(path: Path, *, layer: str | None = None) -> Table:
    """Features with a name or a house number, ends of interpolations, and milestones; of all layers or the one named.

    `id` is `node/N`, `way/N` or `relation/N`; `what` the first of MEANINGS that a feature has, as `tag=value`.
    Routes are not read: they are roads once more. Otherwise as `read`.
    """
    return _read(path, NAMED, layer)


class Batches(NamedTuple):
    """An extract in batches: an empty table that tells columns and datum, how many features there are, the tables."""

    head: Table
    total: int
    tables: Iterator[Table]


@contextmanager
def named_batches(path: Path, *, layer: str | None = None) -> Iterator[Batches]:
    """What `read_named` reads, a batch at a time and numbered through; the file is walked twice, and first counted.

    Raises as `read`: for what cannot be opened or is damaged before the first batch comes.
    """
    from geodata.formats import gdal  # noqa: PLC0415 - GDAL takes half a second to load, and CSV needs none of it

    with _opened(path, NAMED, layer) as (wanted, options):
        counts = {
            name: gdal.count_features(path, name, driver=DRIVER, file=path.name, where=where, options=options)
            for name, where in wanted.items()
        }

        def tables() -> Generator[Table, None, None]:
            done = 0
            for name, where in wanted.items():
                batches = gdal.read_batches(
                    path, name, count=counts[name], file=path.name, where=where, options=options
                )
                for found in batches:
                    yield _table(NAMED, _rows(found, name, NAMED.columns), found.geometries, after=done)
                    done += len(found.geometries)

        batches = tables()
        try:
            yield Batches(_table(NAMED, [], np.empty(0, dtype=object)), sum(counts.values()), batches)
        finally:
            # whoever stopped in the middle leaves the file open
            batches.close()


def _read(path: Path, reading: Reading, layer: str | None) -> Table:
    from geodata.formats import gdal  # noqa: PLC0415 - GDAL takes half a second to load, and CSV needs none of it

    rows: list[Row] = []
    shapes = []
    with _opened(path, reading, layer) as (wanted, options):
        for name, where in wanted.items():
            found = gdal.read_layer(path, name, driver=DRIVER, file=path.name, where=where, options=options)
            rows += _rows(found, name, reading.columns)
            shapes.append(found.geometries)
    return _table(reading, rows, np.concatenate(shapes))


@contextmanager
def _opened(path: Path, reading: Reading, layer: str | None) -> Iterator[tuple[Mapping[str, str], dict[str, str]]]:
    """The layers to read, by name with the condition of each, and how the driver is to open the file."""
    from geodata.formats import gdal  # noqa: PLC0415 - GDAL takes half a second to load, and CSV needs none of it

    size = path.stat().st_size
    if size > MAX_BYTES:
        raise TooLarge(path.name, f"it has {size:,} bytes", f"{MAX_BYTES:,}")
    if layer is not None and layer not in reading.layers:
        raise LayerNeeded(path.name, list(reading.layers), layer)
    with (
        tempfile.TemporaryDirectory(prefix="wangge-") as folder,
        as_file(files(__package__) / reading.settings) as settings,
        # what does not fit into memory while ways are put together; editors save nodes as they please
        gdal.temporary_files(
            Path(folder),
            is_sorted=path.suffix.lower() == ".pbf",
            memory_mb=min(MOST_MEMORY_MB, 1 + size * MEMORY_FOR_EACH_BYTE // 1024**2),
        ),
    ):
        wanted = reading.layers if layer is None else {layer: reading.layers[layer]}
        yield wanted, {"CONFIG_FILE": str(settings)}


def _table(reading: Reading, rows: list[Row], shapes: NDArray[np.object_], *, after: int = 0) -> Table:
    numbers = list(range(after + 1, after + len(rows) + 1))
    return Table(reading.columns, rows, numbers, geometries=shapes, fixed_datum=FIXED_DATUM)


def _rows(found: "Layer", name: str, wanted: tuple[str, ...]) -> list[Row]:
    """The features of a layer, each with all columns; areas come of relations and of closed ways."""
    nothing: list[None] = [None] * len(found.geometries)
    own = found.columns["osm_id"]
    if name == "points":
        ids = [f"node/{one}" for one in own]
    else:
        relations = own if name != "lines" else nothing
        ways = own if name == "lines" else found.columns.get("osm_way_id", nothing)
        ids = [f"relation/{one}" if one else f"way/{other}" for one, other in zip(relations, ways, strict=True)]
    columns = {one: found.columns.get(one.replace(":", "_"), nothing) for one in wanted} | {"id": ids}
    if "what" in wanted:
        columns["what"] = _meanings(found, len(ids))
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]


def _meanings(found: "Layer", count: int) -> list[str | None]:
    """For each feature the first of MEANINGS that it has, `building=yes` only where nothing else tells."""
    meanings: list[str | None] = [None] * count
    for tag in MEANINGS:
        for index, value in enumerate(found.columns.get(tag, ())):
            if value and meanings[index] is None:
                meanings[index] = f"{tag}={value}"
    return meanings
