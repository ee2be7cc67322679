"""GeoParquet, versions 1.0 and 1.1: a Parquet file that tells in its metadata which column holds geometry."""

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata import strict_json
from geodata.errors import NotJson
from geodata.formats import wkb
from geodata.formats.errors import LayerNeeded, Unreadable
from geodata.formats.heights import without_heights
from geodata.formats.table import Fault, Note, Table, Value

if TYPE_CHECKING:
    import pyarrow as pa

    from geodata.formats.parquet import Column, Parquet

SUFFIXES = (".parquet", ".geoparquet")
TITLE = "GeoParquet"
# What a file without `crs` is in: longitude and latitude on WGS 84.
DEFAULT_CRS = "EPSG:4326"
_MARK = b"PAR1"
# Both marks and the length of the footer.
_LEAST_BYTES = 12
_MOST_CRS = 100_000
# The index of a table that pandas wrote beside its columns.
_INDEX = re.compile(r"__index_level_\d+__")


class _Geometry(NamedTuple):
    """The column with the geometry, how it is encoded, what the file says of its CRS, and its column of boxes."""

    name: str
    encoding: str
    crs: str | None
    beside: frozenset[str]


def looks_right(path: Path) -> bool:
    """Whether the file begins and ends as a Parquet file; one that is locked ends otherwise."""
    with path.open("rb") as file:
        head = file.read(len(_MARK))
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - len(_MARK)))
        return size >= _LEAST_BYTES and head == _MARK == file.read()


def read(path: Path, *, layer: str | None = None) -> Table:
    """The rows, with the geometry of the primary column, in batches.

    Geometry is read from WKB and from the encoding `point`. Lists, structures and bytes are left out with a note,
    as are heights and further columns of geometry. Raises LayerNeeded where a layer is named, as there are none,
    TooLarge, and Unreadable, also for a Parquet file without geometry.
    """
    from geodata.formats import parquet  # noqa: PLC0415 - Arrow takes its time to load, and CSV needs none of it

    if layer is not None:
        raise LayerNeeded(path.name, [], layer)
    opened = parquet.Parquet(path)
    notes: list[Note] = []
    geometry = _geometry(opened, notes)
    shaped = _shaped(opened, geometry)
    columns = [one for one in opened.columns if one.is_read and one.name != geometry.name]
    columns = [one for one in columns if not _INDEX.fullmatch(one.name)]
    _check_names(path.name, [*columns, shaped])
    left_out = [
        one.name for one in opened.columns if not one.is_read and one.name not in {geometry.name, *geometry.beside}
    ]
    if left_out:
        text = f"columns of lists, structures, bytes or further geometry were left out: {', '.join(left_out)[:300]}"
        notes.append(Note("columns_left_out", text, {"columns": left_out}))
    return _table(opened, columns, shaped, geometry, notes)


def _table(
    opened: "Parquet", columns: "list[Column]", shaped: "Column", geometry: _Geometry, notes: list[Note]
) -> Table:
    from geodata.formats.parquet_values import values_of  # noqa: PLC0415 - it loads Arrow

    headings = [one.name for one in columns]
    table = Table(tuple(headings), [], [], declared_crs=geometry.crs, notes=notes)
    shapes: list[NDArray[np.object_]] = [np.empty(0, dtype=object)]
    for arrays in opened.batches([*columns, shaped]):
        start = len(table.rows)
        cells: list[list[Value]] = []
        for heading, array in zip(headings, arrays[:-1], strict=True):
            values, faults = values_of(array)
            cells.append(values)
            table.faults += [Fault(start + index, heading, "", reason) for index, reason in faults]
        found, lost = _points(arrays[-1]) if geometry.encoding == "point" else _from_wkb(arrays[-1])
        shapes.append(found)
        table.faults += [Fault(start + index, "geometry", "", "the geometry is damaged") for index in lost]
        table.rows += [dict(zip(headings, row, strict=True)) for row in zip(*cells, strict=True)] or [
            {} for _ in range(len(found))
        ]
    table.numbers = list(range(1, len(table.rows) + 1))
    table.geometries, dropped = without_heights(np.concatenate(shapes))
    notes += dropped
    return table


def _from_wkb(array: "pa.Array") -> tuple[NDArray[np.object_], list[int]]:
    """Geometries of a column of bytes, each different one made once."""
    if not hasattr(array, "dictionary"):
        return wkb.shapes_of(array.to_pylist())
    indices = array.indices.to_pylist()
    once = array.indices.unique().drop_null()
    used = once.to_pylist()
    made, lost = wkb.shapes_of(array.dictionary.take(once).to_pylist())
    by_index: dict[int | None, Any] = {None: None, **dict(zip(used, made.tolist(), strict=True))}
    bad = {used[place] for place in lost}
    shapes = np.array([*(by_index[index] for index in indices), None], dtype=object)[:-1]
    return shapes, [row for row, index in enumerate(indices) if index in bad]


def _points(array: "pa.Array") -> tuple[NDArray[np.object_], list[int]]:
    """Points of a structure of x and y; one that lacks a number, or has NaN for both, is empty."""
    axes = [axis for axis in ("x", "y", "z") if array.type.get_field_index(axis) >= 0]
    read = [np.asarray(array.field(axis).to_numpy(zero_copy_only=False), dtype=np.float64) for axis in axes]
    x, y = read[:2]
    is_there = ~np.asarray(array.is_null()) & ~(np.isnan(x) & np.isnan(y))
    shapes = np.full(len(array), None, dtype=object)
    is_good = is_there & np.isfinite(x) & np.isfinite(y)
    shapes[is_good] = shapely.points(*(numbers[is_good] for numbers in read))
    return shapes, np.flatnonzero(is_there & ~is_good).tolist()


# -- what the metadata say ------------------------------------------------------------------------


def _geometry(opened: "Parquet", notes: list[Note]) -> _Geometry:
    raw = (opened.schema.metadata or {}).get(b"geo")
    if raw is None:
        raise Unreadable(opened.file, "it has no `geo` metadata, so it is Parquet without geometry of GeoParquet 1.x")
    try:
        told = strict_json.parse(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Unreadable(opened.file, "its `geo` metadata are not UTF-8") from error
    except NotJson as error:
        raise Unreadable(opened.file, f"its `geo` metadata are no JSON: {error.reason}", error.position) from error
    version = str(_member(told, "version", "", opened.file))
    if not version.startswith("1."):
        raise Unreadable(opened.file, f"it says it is GeoParquet {version[:20]!r}, and 1.0 and 1.1 are read")
    columns = _member(told, "columns", {}, opened.file)
    name = _member(told, "primary_column", "", opened.file)
    mine = _member(columns, name, None, opened.file) if isinstance(name, str) else None
    if not isinstance(mine, dict):
        raise Unreadable(opened.file, "its `geo` metadata do not tell the column with the geometry")
    encoding = _member(mine, "encoding", "", opened.file)
    if encoding not in {"WKB", "point"}:
        raise Unreadable(opened.file, f"its geometry is encoded as {str(encoding)[:40]!r}; write it again as WKB")
    if _member(mine, "edges", "planar", opened.file) != "planar":
        notes.append(Note("edges", "the file's edges follow the globe; they were taken as straight"))
    return _Geometry(name, encoding, _declared(mine, opened.file, notes), _boxes(columns))


def _member(value: Any, name: str, default: Any, file: str) -> Any:  # noqa: ANN401 - any JSON value
    if not isinstance(value, dict):
        raise Unreadable(file, "its `geo` metadata do not tell the column with the geometry")
    return value.get(name, default)


def _boxes(columns: Any) -> frozenset[str]:  # noqa: ANN401 - any JSON value
    """Names of the columns that hold the boxes around geometries, which nobody misses."""
    found = set()
    for told in columns.values() if isinstance(columns, dict) else ():
        covering = told.get("covering") if isinstance(told, dict) else None
        box = covering.get("bbox") if isinstance(covering, dict) else None
        corner = box.get("xmin") if isinstance(box, dict) else None
        if isinstance(corner, list) and corner and isinstance(corner[0], str):
            found.add(corner[0])
    return frozenset(found)


def _declared(told: dict[str, Any], file: str, notes: list[Note]) -> str | None:
    """`EPSG:N` or WKT; None where the file says that nobody knows, or says it unreadably."""
    if "crs" not in told:
        return DEFAULT_CRS
    crs = told["crs"]
    if crs is None:
        notes.append(Note("crs_undefined", "the file says that its CRS is not known; the declared datum counts"))
        return None
    known = crs.get("id") if isinstance(crs, dict) else None
    if isinstance(known, dict):
        authority, code = str(known.get("authority")).upper(), str(known.get("code"))
        if (authority, code) == ("OGC", "CRS84"):
            return DEFAULT_CRS
        if authority == "EPSG" and re.fullmatch(r"\d{4,6}", code, re.ASCII):
            return f"EPSG:{code}"
    return _wkt(crs, file, notes)


def _wkt(crs: Any, file: str, notes: list[Note]) -> str | None:  # noqa: ANN401 - any JSON value
    from pyproj import CRS  # noqa: PLC0415 - only a CRS without a number needs it
    from pyproj.exceptions import CRSError  # noqa: PLC0415 - likewise

    try:
        if not isinstance(crs, dict) or len(str(crs)) > _MOST_CRS:
            raise CRSError(file)
        return str(CRS.from_json_dict(crs).to_wkt())
    except CRSError:
        notes.append(Note("crs_ignored", "the file's CRS could not be read; the declared datum counts"))
        return None


def _shaped(opened: "Parquet", geometry: _Geometry) -> "Column":
    """The column with the geometry. Raises Unreadable where it is not of the type its encoding needs."""
    from geodata.formats.parquet_values import is_bytes, is_numbers  # noqa: PLC0415 - it loads Arrow

    found = [one for one in opened.columns if one.name == geometry.name]
    if len(found) != 1:
        raise Unreadable(opened.file, f"it has no column {geometry.name[:40]!r} for its geometry")
    fits = is_bytes(found[0].type) if geometry.encoding == "WKB" else is_numbers(found[0].type, ("x", "y"))
    if not fits:
        raise Unreadable(opened.file, f"the column {geometry.name} is not the {geometry.encoding} that it should be")
    return found[0]


def _check_names(file: str, columns: "list[Column]") -> None:
    names = [one.name for one in columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Unreadable(file, f"columns stand more than once: {', '.join(twice)[:300]}")
