"""The only door to GDAL, with all drivers shut but the ones we read and write.

GDAL chooses a driver by content, so a file called .gpkg may turn out to be a VRT that opens other
files, or a WFS document that calls another host. So every other driver is told to stay away before the
library is first loaded, the reader that calls us has looked at the content itself, paths are those of
files on disk, and the driver that opened a file must be the one that was meant.
"""

import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nanoarrow
import numpy as np
import shapely
from nanoarrow.iterator import UnregisteredExtensionWarning
from numpy.typing import NDArray

ALLOWED = ("ESRI Shapefile", "FlatGeobuf", "GPKG", "LIBKML", "MEM", "OSM")

# All others of the pinned build; a test compares the two, so that an upgrade cannot let one in.
SHUT = (
    *("ADBC", "AIVector", "AVCBin", "AVCE00", "AmigoCloud", "CSV", "CSW", "Carto", "DGN", "DXF", "EDIGEO", "EEDA"),
    *("ESRIJSON", "Elasticsearch", "GDALG", "GML", "GPSBabel", "GPX", "GTFS", "GeoJSON", "GeoJSONSeq", "GeoRSS"),
    *("HTTP", "Idrisi", "JML", "JSONFG", "KML", "LVBAG", "MBTiles", "MVT", "MapInfo File", "MapML", "MiraMonVector"),
    *("NGW", "OAPIF", "ODS", "OGCAPI", "OGR_GMT", "OGR_PDS", "OGR_VRT", "OpenFileGDB", "PCIDSK", "PDF"),
    *("PDS4", "PGDUMP", "PLSCENES", "PMTiles", "S57", "SQLite", "SXF", "Selafin", "TopoJSON", "VDV", "VFK", "VICAR"),
    *("WAsP", "WFS", "XLSX"),
)

os.environ["GDAL_SKIP"] = ",".join(SHUT)
os.environ["CPL_VSIL_CURL_ALLOWED_EXTENSIONS"] = ".none"
os.environ["GDAL_DISABLE_READDIR_ON_OPEN"] = "EMPTY_DIR"
# The driver's own way to fill batches mixes up geometries where some are missing.
os.environ["OGR_FLATGEOBUF_STREAM_BASE_IMPL"] = "YES"

import pyogrio  # noqa: E402 - GDAL reads the lines above when it is loaded
import pyogrio.raw  # noqa: E402 - likewise
from pyogrio.errors import (  # noqa: E402 - likewise
    DataLayerError,
    DataSourceError,
    FeatureError,
    FieldError,
    GeometryError,
)

from geodata.formats.errors import Unreadable, Unwritable, WrongFormat  # noqa: E402 - likewise

_FAILURES = (DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError, UnicodeDecodeError, RuntimeError)

# From here on a float does not hold every whole number.
_EXACT = 2.0**53

# What a batch holds at most: enough that batches cost nothing, few enough that none is felt.
BATCH = 5000


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer as GDAL gives it: columns of values, and geometries (None where missing or not understood)."""

    columns: dict[str, list[Any]]
    geometries: NDArray[np.object_]
    crs: str | None
    odd_geometries: tuple[int, ...]


def layers(path: Path, *, driver: str, file: str) -> list[str]:
    """Names of the layers in a file on disk that hold geometry or rows."""
    _check(path)
    try:
        names = [str(name) for name, _ in pyogrio.list_layers(path)]
    except _FAILURES as error:
        raise Unreadable(file, f"it cannot be opened ({_first_line(error)})") from error
    for name in names[:1]:
        _check_driver(path, name, driver, file)
    return names


def read_layer(
    path: Path,
    name: str,
    *,
    driver: str,
    file: str,
    encoding: str | None = None,
    where: str | None = None,
    options: Mapping[str, str] | None = None,
) -> Layer:
    """All features of one layer. Raises Unreadable and WrongFormat.

    where     a condition in GDAL's own words, made by the reader and never of a user's.
    options   how the driver is to open the file.
    """
    _check(path)
    _check_driver(path, name, driver, file)
    try:
        meta, _, wkb, fields = pyogrio.raw.read(
            path, layer=name, encoding=encoding, where=where, datetime_as_string=True, **(options or {})
        )
    except _FAILURES as error:
        raise Unreadable(file, f"layer {name} cannot be read ({_first_line(error)})") from error
    count = len(fields[0]) if fields else len(wkb if wkb is not None else ())
    shapes = np.full(count, None, dtype=object)
    if wkb is not None:
        shapes = shapely.from_wkb(wkb, on_invalid="ignore")
        shapes[shapely.is_empty(shapes)] = None
    lost = () if wkb is None else tuple(i for i in range(count) if wkb[i] is not None and shapely.is_missing(shapes[i]))
    columns: dict[str, list[Any]] = {}
    rounded: list[str] = []
    for heading, kind, values in zip(meta["fields"], meta["dtypes"], fields, strict=True):
        columns[str(heading)] = _plain(values, str(kind))
        if str(kind) == "int64" and values.dtype.kind == "f" and np.any(np.abs(values) >= _EXACT):
            rounded.append(str(heading))
    if rounded:
        columns |= _whole_numbers(path, name, rounded, file=file, where=where, options=options)
        if {len(values) for values in columns.values()} != {count}:
            raise Unreadable(file, f"layer {name} breaks off before its {count} features")
    return Layer(columns, shapes, meta["crs"], lost)


def _whole_numbers(
    path: Path, name: str, columns: list[str], *, file: str, where: str | None, options: Mapping[str, str] | None
) -> dict[str, list[Any]]:
    """Columns of whole numbers some of which are missing, exactly: the usual way passes them through floats."""
    chosen: dict[str, Any] = {"columns": columns, "read_geometry": False, "use_pyarrow": False}
    found: dict[str, list[Any]] = {column: [] for column in columns}
    try:
        with pyogrio.raw.open_arrow(path, layer=name, where=where, **chosen, **(options or {})) as (_, stream):
            for batch in nanoarrow.c_array_stream(stream):
                table = nanoarrow.Array(batch)
                for index, field in enumerate(table.schema.fields):
                    if field.name in found:
                        found[field.name] += table.child(index).to_pylist()
    except _FAILURES as error:
        raise Unreadable(file, f"layer {name} cannot be read ({_first_line(error)})") from error
    return found


def told_features(path: Path, name: str, *, driver: str, file: str) -> int:
    """How many features the file says the layer has, below zero where it does not say. Raises as `layers`."""
    _check(path)
    return int(_info(path, name, driver, file)["features"])


def count_features(
    path: Path, name: str, *, driver: str, file: str, where: str | None = None, options: Mapping[str, str] | None = None
) -> int:
    """How many features `read_batches` will give: one walk through the file. Raises Unreadable and WrongFormat."""
    _check(path)
    _check_driver(path, name, driver, file)
    chosen: dict[str, Any] = {"columns": [], "read_geometry": False, "return_fids": True}
    try:
        _, fids, _, _ = pyogrio.raw.read(path, layer=name, where=where, **chosen, **(options or {}))
    except _FAILURES as error:
        raise Unreadable(file, f"layer {name} cannot be read ({_first_line(error)})") from error
    return len(fids)


def read_batches(
    path: Path, name: str, *, count: int, file: str, where: str | None = None, options: Mapping[str, str] | None = None
) -> Iterator[Layer]:
    """The features of a layer, at most BATCH at a time; moments in time are text. Raises Unreadable.

    count   as `count_features` tells: what is read this way breaks off in silence where the file is damaged.
    """
    given = 0
    try:
        with pyogrio.raw.open_arrow(
            path,
            layer=name,
            where=where,
            batch_size=BATCH,
            use_pyarrow=False,
            datetime_as_string=True,
            **(options or {}),
        ) as (meta, stream):
            for batch in nanoarrow.c_array_stream(stream):
                layer = _layer_of(batch, meta["crs"])
                given += len(layer.geometries)
                yield layer
    except _FAILURES as error:
        raise Unreadable(file, f"layer {name} cannot be read ({_first_line(error)})") from error
    if given != count:
        raise Unreadable(file, f"layer {name} breaks off after {given} of {count} features")


def _layer_of(batch: Any, crs: str | None) -> Layer:  # noqa: ANN401 - an array of the library, which is not typed
    table = nanoarrow.Array(batch)
    names = [field.name for field in table.schema.fields]
    with warnings.catch_warnings():
        # geometries come as WKB under a name of their own
        warnings.simplefilter("ignore", UnregisteredExtensionWarning)
        columns: dict[str, list[Any]] = {name: table.child(index).to_pylist() for index, name in enumerate(names)}
    wkb = columns.pop("wkb_geometry")
    shapes: NDArray[np.object_] = shapely.from_wkb(np.array([*wkb, None], dtype=object)[:-1], on_invalid="ignore")
    lost = [index for index in np.flatnonzero(shapely.is_missing(shapes)).tolist() if wkb[index] is not None]
    shapes[shapely.is_empty(shapes)] = None
    return Layer(columns, shapes, crs, tuple(lost))


def write_layer(
    rows: Any,  # noqa: ANN401 - a stream of Arrow, whose library is loaded where it is needed
    path: Path,
    *,
    driver: str,
    name: str,
    shape: str,
    srid: int,
    options: Mapping[str, str],
) -> None:
    """A new file of one layer, in the CRS of an EPSG number. Raises Unwritable, and what the rows raise as they come.

    rows      a stream of Arrow with a column `geometry` of WKB.
    shape     which kind of geometry that is.
    options   of the driver, by its own names.
    """
    chosen = dict(options)
    try:
        pyogrio.write_arrow(
            rows,
            path,
            layer=name,
            driver=driver,
            geometry_name="geometry",
            geometry_type=shape,
            crs=f"EPSG:{srid}",
            encoding=chosen.pop("ENCODING", None),
            layer_options=chosen,
        )
    except _FAILURES as error:
        raise Unwritable(path.name, _first_line(error)) from error


@contextmanager
def temporary_files(folder: Path, *, is_sorted: bool = True, memory_mb: int = 100) -> Iterator[None]:
    """While the block lasts, the library's own temporary files lie in this folder.

    is_sorted   whether nodes of OpenStreetMap come by rising number; where they do not, reading them takes longer.
    memory_mb   how much of it is kept in memory, all of which the library fills with zeros each time it opens a file.
    """
    options: dict[str, str | None] = {
        "CPL_TMPDIR": str(folder),
        "OSM_USE_CUSTOM_INDEXING": None if is_sorted else "NO",
        "OSM_MAX_TMPFILE_SIZE": str(memory_mb),
    }
    pyogrio.set_gdal_config_options(options)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(dict.fromkeys(options))


def _check(path: Path) -> None:
    # a path such as /vsicurl/… is no file on disk, and only files on disk go further
    if not path.is_absolute() or not path.is_file() or str(path).startswith("/vsi"):
        raise FileNotFoundError(path)


def _check_driver(path: Path, layer: str, driver: str, file: str) -> None:
    _info(path, layer, driver, file)


def _info(path: Path, layer: str, driver: str, file: str) -> dict[str, Any]:
    try:
        info: dict[str, Any] = pyogrio.read_info(path, layer=layer)
    except _FAILURES as error:
        raise Unreadable(file, f"layer {layer} cannot be opened ({_first_line(error)})") from error
    if info["driver"] != driver:
        raise WrongFormat(file, driver)
    return info


def _first_line(error: BaseException) -> str:
    return str(error).split("\n", 1)[0].split(";", 1)[0][:160]


def _plain(values: NDArray[Any], kind: str) -> list[Any]:
    """Python values: None for NaN, dates as dates; date-times have been read as text.

    Where some are missing, whole numbers and yes and no have been read as floats.
    """
    if kind.startswith("datetime64[D]"):
        return [None if np.isnat(value) else value.item() for value in values]
    plain: list[Any] = values.tolist()
    if values.dtype.kind == "f" and kind.startswith(("int", "uint", "bool")):
        make = bool if kind == "bool" else int
        return [None if value != value else make(value) for value in plain]  # noqa: PLR0124 - only NaN differs from itself
    if values.dtype.kind == "f":
        return [None if value != value else value for value in plain]  # noqa: PLR0124 - only NaN differs from itself
    return plain
