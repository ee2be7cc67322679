"""GeoJSON (RFC 7946), read without GDAL and written feature by feature."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geodata import strict_json
from geodata.errors import NotJson
from geodata.formats.errors import TooLarge, Unreadable
from geodata.formats.table import Fault, Note, Row, Table, Value
from spatial.clean import close_rings
from spatial.errors import BadGeometry

SUFFIXES = (".geojson", ".json")
TITLE = "GeoJSON"
MAX_BYTES = 128 * 1024 * 1024

# How deep the coordinates of a type nest: a position is 1.
_DEPTHS = {"Point": 1, "MultiPoint": 2, "LineString": 2, "MultiLineString": 3, "Polygon": 3, "MultiPolygon": 4}
_KNOWN_CRS = re.compile(r"urn:ogc:def:crs:(?:OGC:1\.3:(CRS84)|EPSG:[0-9.]*:(\d{4,6}))")


def looks_right(path: Path) -> bool:
    """Whether the file begins like a JSON object."""
    with path.open("rb") as file:
        return file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")


def read(path: Path, *, layer: str | None = None) -> Table:  # noqa: ARG001 - all readers are called alike; there is one layer
    """The features of a collection, or the one feature of a file that is a feature.

    Rings left open are closed and noted in `closed_rings`. A geometry that cannot be built is a fault
    of its row, and None. A `crs` member says nothing by RFC 7946; one that names an EPSG code by urn
    becomes `declared_crs`, any other only a note. Raises Unreadable and TooLarge.
    """
    if path.stat().st_size > MAX_BYTES:
        raise TooLarge(path.name, f"it has {path.stat().st_size:,} bytes", f"{MAX_BYTES:,}")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(path.name, "GeoJSON must be UTF-8 and this is not", f"byte {error.start}") from error
    try:
        root = strict_json.parse(text)
    except NotJson as error:
        raise Unreadable(path.name, error.reason, error.position) from error
    table = Table((), [], [])
    features = _features(root, path.name)
    table.declared_crs = _declared(root, table.notes)
    geometries = []
    for index, feature in enumerate(features):
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            raise Unreadable(path.name, "this is not a feature", f"feature {index + 1}")
        table.rows.append(_cells(feature, path.name, index))
        table.numbers.append(index + 1)
        geometries.append(_geometry(feature.get("geometry"), index, table))
    table.columns = tuple(dict.fromkeys(column for row in table.rows for column in row))
    for row in table.rows:
        for column in table.columns:
            row.setdefault(column, None)
    table.geometries = np.array([*geometries, None], dtype=object)[:-1]
    return table


def write(features: Iterable[tuple[Mapping[str, Value], BaseGeometry | None]]) -> Iterator[bytes]:
    """A feature collection in UTF-8, piece by piece; geometries in WGS 84 degrees, seven decimals."""
    yield b'{"type":"FeatureCollection","features":['
    for number, (properties, geometry) in enumerate(features):
        shape = "null" if geometry is None else shapely.to_geojson(shapely.set_precision(geometry, 1e-7))
        cells = json.dumps(properties, ensure_ascii=False, default=str, allow_nan=False)
        yield f'{"," if number else ""}\n{{"type":"Feature","properties":{cells},"geometry":{shape}}}'.encode()
    yield b"\n]}\n"


def _features(root: Any, file: str) -> list[Any]:  # noqa: ANN401 - any JSON value
    kind = root.get("type") if isinstance(root, dict) else None
    if kind == "Feature":
        return [root]
    if kind != "FeatureCollection" or not isinstance(root.get("features"), list):
        raise Unreadable(file, "this JSON is not a GeoJSON feature collection")
    return list(root["features"])


def _declared(root: dict[str, Any], notes: list[Note]) -> str | None:
    crs = root.get("crs")
    if crs is None:
        return None
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = str(properties.get("name", "")) if isinstance(properties, dict) else ""
    known = _KNOWN_CRS.fullmatch(name)
    if known is None:
        notes.append(Note("crs_ignored", "the file's `crs` member was ignored; the declared datum counts"))
        return None
    return f"EPSG:{known[2] or 4326}"


def _cells(feature: dict[str, Any], file: str, index: int) -> Row:
    properties = feature.get("properties")
    if properties is None:
        properties = {}
    if not isinstance(properties, dict):
        raise Unreadable(file, "the properties are not an object", f"feature {index + 1}")
    row = {key: _cell(value) for key, value in properties.items()}
    if "id" in feature and "id" not in row:
        row["id"] = _cell(feature["id"])
    return row


def _cell(value: Any) -> Value:  # noqa: ANN401 - any JSON value
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return json.dumps(value, ensure_ascii=False)


def _geometry(member: Any, index: int, table: Table) -> BaseGeometry | None:  # noqa: ANN401 - any JSON value
    if member is None:
        return None
    try:
        shape, gap = built(member)
    except BadGeometry as error:
        where = f" at {error.position}" if error.position is not None else ""
        table.faults.append(Fault(index, "geometry", _kind_of(member), f"{error.reason}{where}"))
        return None
    if gap is not None:
        table.closed_rings[index] = gap
    return shape


def _kind_of(member: Any) -> str:  # noqa: ANN401 - any JSON value
    return str(member.get("type", ""))[:40] if isinstance(member, dict) else type(member).__name__


def built(member: Any) -> tuple[BaseGeometry | None, float | None]:  # noqa: ANN401 - any JSON value
    """The geometry of a GeoJSON geometry object, and the widest gap of its rings closed here, in metres.

    None for an empty one, and None where no ring was open. Raises BadGeometry.
    """
    kind = _kind_of(member)
    if kind == "GeometryCollection":
        parts = member.get("geometries")
        if not isinstance(parts, list):
            raise BadGeometry("a GeometryCollection without a list of geometries")
        made = [built(part) for part in parts]
        shapes = [shape for shape, _ in made if shape is not None]
        gaps = [gap for _, gap in made if gap is not None]
        return (shapely.GeometryCollection(shapes) if shapes else None), max(gaps, default=None)
    if kind not in _DEPTHS:
        raise BadGeometry(f"{kind!r} is not a type of geometry")
    coordinates = member.get("coordinates")
    if coordinates in ([], None):
        return None, None
    _check_nesting(coordinates, _DEPTHS[kind], "")
    gap = None
    if kind in {"Polygon", "MultiPolygon"}:
        coordinates, gap = close_rings(coordinates)
    try:
        return shapely.geometry.shape({"type": kind, "coordinates": coordinates}), gap
    except (ValueError, IndexError, TypeError, shapely.errors.GEOSException) as error:
        raise BadGeometry(f"no {kind} can be made of these coordinates ({error})") from error


def _check_nesting(coordinates: Any, depth: int, where: str) -> None:  # noqa: ANN401 - any JSON value
    """Refuse what is not lists in lists down to positions of two to four numbers; a fourth is dropped."""
    if not isinstance(coordinates, list):
        raise BadGeometry("a list is missing in the coordinates", where or None)
    if depth > 1:
        for number, inner in enumerate(coordinates):
            _check_nesting(inner, depth - 1, f"{where}{'.' if where else 'vertex '}{number + 1}")
        return
    if not 2 <= len(coordinates) <= 4 or not all(type(value) in {int, float} for value in coordinates):
        raise BadGeometry(f"{str(coordinates)[:40]} is not a position", where or None)
    # what stands behind the height has no meaning that a reader could know
    del coordinates[3:]
