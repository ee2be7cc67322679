"""GPX: way points as points, or routes or tracks as lines, read without GDAL."""

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import numpy as np

from geodata.formats import strict_xml
from geodata.formats.errors import LayerNeeded
from geodata.formats.geojson import built
from geodata.formats.heights import heights_dropped
from geodata.formats.strict_xml import text_of
from geodata.formats.table import Fault, Note, Row, Table, Value
from spatial.errors import BadGeometry

SUFFIXES = (".gpx",)
TITLE = "GPX"
# Receivers keep to it; but programs that show Chinese maps save what they show, shifted, in the same format,
# so that the datum is declared and not laid down.
DECLARED = "EPSG:4326"

# By the elements that make them, in the order in which they are looked for.
LAYERS = {"wpt": "waypoints", "rte": "routes", "trk": "tracks"}
COLUMNS = ("name", "cmt", "desc", "type", "sym", "time", "ele")


def looks_right(path: Path) -> bool:
    """Whether the file begins with the root of a GPX file."""
    return strict_xml.begins_with(path, "gpx")


def read(path: Path, *, layer: str | None = None) -> Table:
    """The way points where there are any, else the routes or the tracks; or the layer named.

    Columns are those of COLUMNS that occur, `ele` in metres as a number and the others as text. A track of
    several segments is a line of several parts; heights along lines, extensions and links are left out with a
    note. A position that cannot be read makes its feature's geometry None, and a fault. Raises LayerNeeded,
    TooLarge, Unreadable and WrongFormat.
    """
    found: dict[str, list[Element]] = {name: [] for name in LAYERS.values()}
    for event in strict_xml.walk(path, root="gpx", trees=frozenset(LAYERS), title=TITLE, file=path.name):
        if event.tree is not None:
            found[LAYERS[event.tag]].append(event.tree)
    chosen = _chosen(found, path.name, layer)
    notes = [*_others(found, chosen), *_left_out(found[chosen])]
    return _table(found[chosen], chosen, notes)


def _chosen(found: dict[str, list[Element]], file: str, layer: str | None) -> str:
    filled = [name for name, trees in found.items() if trees]
    if layer is not None:
        if layer not in found:
            raise LayerNeeded(file, filled, layer)
        return layer
    if found["waypoints"] or not filled:
        return "waypoints"
    if len(filled) > 1:
        raise LayerNeeded(file, filled, None)
    return filled[0]


def _others(found: dict[str, list[Element]], chosen: str) -> list[Note]:
    others = {name: len(trees) for name, trees in found.items() if trees and name != chosen}
    if not others:
        return []
    told = ", ".join(f"{count} {name}" for name, count in others.items())
    return [Note("other_layers", f"the {chosen} were read; the file also holds {told}: name one with --layer", others)]


def _left_out(trees: list[Element]) -> list[Note]:
    count = sum(1 for tree in trees for _ in (*tree.iter("extensions"), *tree.iter("link")))
    if not count:
        return []
    return [Note("extensions_left_out", f"{count} extensions and links were left out", {"count": count})]


def _table(trees: list[Element], layer: str, notes: list[Note]) -> Table:
    table = Table((), [], list(range(1, len(trees) + 1)), declared_crs=DECLARED, notes=notes)
    shapes = []
    heights = 0
    for index, tree in enumerate(trees):
        table.rows.append(_cells(tree, index, table.faults))
        try:
            shapes.append(built(_member(tree))[0])
        except BadGeometry as error:
            table.faults.append(Fault(index, "geometry", "", error.reason))
            shapes.append(None)
        heights += layer != "waypoints" and next(tree.iter("ele"), None) is not None
    table.columns = tuple(name for name in COLUMNS if any(name in row for row in table.rows))
    table.rows = [{name: row.get(name) for name in table.columns} for row in table.rows]
    table.geometries = np.array([*shapes, None], dtype=object)[:-1]
    if heights:
        notes.append(heights_dropped(heights))
    return table


def _cells(tree: Element, index: int, faults: list[Fault]) -> Row:
    row: Row = {}
    for child in tree:
        text = text_of(child)
        if child.tag in COLUMNS and text is not None:
            row.setdefault(child.tag, _height(text, index, faults) if child.tag == "ele" else text)
    return row


def _height(text: str, index: int, faults: list[Fault]) -> Value:
    try:
        height = float(text)
    except ValueError:
        height = math.nan
    if math.isfinite(height):
        return height
    faults.append(Fault(index, "ele", text[:40], "this is no height in metres"))
    return None


def _member(tree: Element) -> dict[str, Any]:
    """The geometry as GeoJSON has it; a segment of one position is no line. Raises BadGeometry."""
    if tree.tag == "wpt":
        return {"type": "Point", "coordinates": _position(tree)}
    if tree.tag == "rte":
        lines = [_positions(tree.iter("rtept"))]
    else:
        lines = [_positions(segment.iter("trkpt")) for segment in tree.iter("trkseg")]
    whole = [line for line in lines if len(line) > 1]
    if any(lines) and not whole:
        raise BadGeometry("a line needs two positions, and there is one")
    if len(whole) == 1:
        return {"type": "LineString", "coordinates": whole[0]}
    return {"type": "MultiLineString", "coordinates": whole}


def _positions(points: Iterable[Element]) -> list[list[float]]:
    return [_position(point) for point in points]


def _position(point: Element) -> list[float]:
    given = [point.get(name, "") for name in ("lon", "lat")]
    try:
        position = [float(number) for number in given]
    except ValueError:
        position = [math.nan]
    if not all(map(math.isfinite, position)):
        raise BadGeometry(f"lon={given[0][:20]!r} lat={given[1][:20]!r} is not a position")
    return position
