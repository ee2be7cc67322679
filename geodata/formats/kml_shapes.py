"""Geometries of KML, made into what GeoJSON has for them."""

import math
from typing import Any
from xml.etree.ElementTree import Element

from geodata.formats.strict_xml import text_of
from spatial.errors import BadGeometry

SHAPES = ("Point", "LineString", "LinearRing", "Polygon", "MultiGeometry")
# Google's tracks and quadrilaterals, and models in three dimensions.
NOT_READ = ("Track", "MultiTrack", "Model", "LatLonQuad")


def member_of(element: Element) -> tuple[dict[str, Any], bool]:
    """The geometry object of GeoJSON for one of SHAPES, in the plane, and whether it had heights.

    Raises BadGeometry for one of NOT_READ, also deep inside, and for numbers that are no position.
    """
    if element.tag in NOT_READ:
        raise BadGeometry(f"{element.tag} is a kind of geometry that is not read")
    if element.tag == "MultiGeometry":
        return _collection(element)
    if element.tag == "Polygon":
        read = [_positions(ring) for ring in element.iterfind("outerBoundaryIs/LinearRing")]
        has_outline = any(ring for ring, _ in read)
        read += [_positions(ring) for ring in element.iterfind("innerBoundaryIs/LinearRing")]
        filled = [ring for ring, _ in read if ring]
        if filled and not has_outline:
            raise BadGeometry("the polygon has holes and no outline")
        return {"type": "Polygon", "coordinates": filled}, any(is_high for _, is_high in read)
    positions, is_high = _positions(element)
    if element.tag == "Point":
        if len(positions) > 1:
            raise BadGeometry("a point has one position, and this has several")
        return {"type": "Point", "coordinates": positions[0] if positions else []}, is_high
    return {"type": "LineString", "coordinates": positions}, is_high


def _collection(element: Element) -> tuple[dict[str, Any], bool]:
    """Parts of one kind as a multi-geometry, of several as a collection."""
    read = [member_of(child) for child in element if child.tag in (*SHAPES, *NOT_READ)]
    parts = [part for part, _ in read if part.get("coordinates") or part.get("geometries")]
    is_high = any(high for _, high in read)
    kinds = {part["type"] for part in parts}
    if len(kinds) == 1 and kinds <= {"Point", "LineString", "Polygon"}:
        return {"type": f"Multi{kinds.pop()}", "coordinates": [part["coordinates"] for part in parts]}, is_high
    return {"type": "GeometryCollection", "geometries": parts}, is_high


def _positions(element: Element) -> tuple[list[list[float]], bool]:
    """Positions of two numbers each, and whether any had a height.

    They stand apart by spaces, their numbers by commas; people write spaces after the commas, too.
    """
    texts = (text_of(element.find("coordinates")) or "").split()
    if any(text.startswith(",") or text.endswith(",") for text in texts):
        texts = " ".join(texts).replace(" ,", ",").replace(", ", ",").split()
    positions: list[list[float]] = []
    is_high = False
    for text in texts:
        numbers = text.split(",")
        try:
            position = [float(number) for number in numbers[:3] if number]
        except ValueError:
            position = []
        if not 2 <= len(numbers) <= 3 or len(position) < 2 or not all(map(math.isfinite, position)):
            raise BadGeometry(f"{text[:40]!r} is not a position", f"vertex {len(positions) + 1}")
        is_high = is_high or (len(position) > 2 and position[2] != 0)
        positions.append(position[:2])
    return positions, is_high
