"""GPX: way points as points, or routes or tracks as lines, read without GDAL."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import numpy as np
from shapely.geometry.base import BaseGeometry

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
    found = {name: _Layer(name) for name in LAYERS.values()}
    for event in strict_xml.walk(path, root="gpx", trees=frozenset(LAYERS), title=TITLE, file=path.name):
        if event.tree is not None:
            found[LAYERS[event.tag]].add(event.tree)
    chosen = _chosen({name: len(one.rows) for name, one in found.items()}, path.name, layer)
    notes = []
    if others := {name: len(one.rows) for name, one in found.items() if one.rows and name != chosen}:
        told = ", ".join(f"{count} {name}" for name, count in others.items())
        text = f"the {chosen} were read; the file also holds {told}: name one with --layer"
        notes.append(Note("other_layers", text, others))
    return found[chosen].table(notes)


@dataclass(slots=True)
class _Layer:
    """What was read of one kind of element; the trees themselves are large and are not kept."""

    name: str
    rows: list[Row] = field(default_factory=list)
    shapes: list[BaseGeometry | None] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    left_out: int = 0
    heights: int = 0

    def add(self, tree: Element) -> None:
        """Take one element in."""
        index = len(self.rows)
        self.rows.append(_cells(tree, index, self.faults))
        shape = None
        try:
            shape = built(_member(tree))[0]
        except BadGeometry as error:
            self.faults.append(Fault(index, "geometry", "", error.reason))
        self.shapes.append(shape)
        self.heights += self.name != "waypoints" and next(tree.iter("ele"), None) is not None
        self.left_out += sum(1 for _ in (*tree.iter("extensions"), *tree.iter("link")))

    def table(self, notes: list[Note]) -> Table:
        """All of it, with columns for what occurs."""
        if self.left_out:
            text = f"{self.left_out} extensions and links were left out"
            notes.append(Note("extensions_left_out", text, {"count": self.left_out}))
        if self.heights:
            notes.append(heights_dropped(self.heights))
        columns = tuple(name for name in COLUMNS if any(name in row for row in self.rows))
        return Table(
            columns,
            [{name: row.get(name) for name in columns} for row in self.rows],
            list(range(1, len(self.rows) + 1)),
            geometries=np.array([*self.shapes, None], dtype=object)[:-1],
            declared_crs=DECLARED,
            notes=notes,
            faults=self.faults,
        )


def _chosen(counts: Mapping[str, int], file: str, layer: str | None) -> str:
    filled = [name for name, count in counts.items() if count]
    if layer is not None:
        if layer not in counts:
            raise LayerNeeded(file, filled, layer)
        return layer
    if counts["waypoints"] or not filled:
        return "waypoints"
    if len(filled) > 1:
        raise LayerNeeded(file, filled, None)
    return filled[0]


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
