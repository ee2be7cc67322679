"""Raw conversions between a datum and WGS 84, for this package alone.

Nothing here knows whether its numbers have been converted already: outside of this package they travel as
`spatial.coordinates.Coordinates` and `Shapes`, which can be converted once. A test of the house's rules refuses
any other import.
"""

from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from spatial import decoding, gcj02
from spatial.crs import GCJ02, WGS84_SRID, Datum, crs_of, move, on_globe, pair, srid_of
from spatial.errors import BadGeometry
from spatial.gcj02 import Floats, LonLat

# Longest edge left straight when shapes are bent: at 500 m a GCJ-02 edge bends by 0.014 m.
LONGEST_EDGE_M = 500.0
_LONGEST_EDGE_DEGREES = 0.0045
_MOST_NEW_VERTICES = 1_000_000


def to_wgs84(x: ArrayLike, y: ArrayLike, datum: Datum) -> LonLat:
    """WGS 84 degrees (lon, lat) of coordinates in a datum.

    x, y   arrays of one shape: degrees, or the unit of a projected CRS.

    CGCS2000 is taken as equal to WGS 84 (they differ by less than a metre).
    A coordinate that is no place on the globe (NaN, infinite, |lat| > 90,
    |lon| > 180, outside the projection) becomes a NaN pair; nothing is raised.
    """
    px, py = pair(x, y)
    if datum.name in {"wgs84", "cgcs2000"}:
        lon, lat = px, py
    elif datum.is_shifted:
        lon, lat = (decoding.gcj02_to_wgs84 if datum == GCJ02 else decoding.bd09_to_wgs84)(px, py)
    elif datum.similarity is not None:
        lon, lat = move(*datum.similarity.to_metre(px, py), source=datum.similarity.srid, target=WGS84_SRID)
    else:
        lon, lat = move(px, py, source=srid_of(datum), target=WGS84_SRID)
    return on_globe(lon, lat)


def from_wgs84(lon: ArrayLike, lat: ArrayLike, datum: Datum) -> LonLat:
    """Coordinates (x, y) in a datum of WGS 84 degrees; NaN pairs for what is no place on the globe."""
    px, py = on_globe(*pair(lon, lat))
    if datum.name in {"wgs84", "cgcs2000"}:
        return px, py
    if datum.is_shifted:
        return (gcj02.wgs84_to_gcj02 if datum == GCJ02 else gcj02.wgs84_to_bd09)(px, py)
    if datum.similarity is not None:
        return datum.similarity.from_metre(*move(px, py, source=WGS84_SRID, target=datum.similarity.srid))
    return move(px, py, source=WGS84_SRID, target=srid_of(datum))


def geometries_to_wgs84(geoms: ArrayLike, datum: Datum) -> NDArray[np.object_]:
    """Geometries in WGS 84 degrees of geometries in a datum.

    geoms   any array of shapely geometries, None allowed and kept; a Z is dropped.

    A straight edge of a shifted or projected datum is a curve on the ground,
    so edges longer than about 500 m get vertices first. These depend on the edge
    alone and not on its direction: neighbours keep their common border to the bit.
    Raises BadGeometry with the geometry's number when a vertex is no place on the globe.
    """
    shapes = np.array(shapely.force_2d(np.asarray(geoms, dtype=object)), dtype=object, ndmin=1)
    moved = _vertices_moved(shapes, datum)  # before edges are cut: one to nowhere would need endless vertices
    longest = _longest_edge(datum)
    if longest is None:
        return moved
    cut = np.empty(len(shapes), dtype=object)
    for index, shape in enumerate(shapes):
        _refuse_endless(shape, longest, index)
        cut[index] = None if shape is None else _densified(shape, longest)
    return _vertices_moved(cut, datum)


def _longest_edge(datum: Datum) -> float | None:
    if datum.is_shifted:
        return _LONGEST_EDGE_DEGREES
    if datum.is_local:
        return LONGEST_EDGE_M
    if datum.is_projected:
        return LONGEST_EDGE_M / float(crs_of(srid_of(datum)).axis_info[0].unit_conversion_factor)
    return None


def _vertices_moved(shapes: NDArray[np.object_], datum: Datum) -> NDArray[np.object_]:
    coords, owner = shapely.get_coordinates(shapes, return_index=True)
    lon, lat = to_wgs84(coords[:, 0], coords[:, 1], datum)
    lost = np.flatnonzero(np.isnan(lon))
    if lost.size:
        x, y = coords[lost[0]]
        raise BadGeometry(f"({x:g}, {y:g}) is no place on the globe in {datum}", int(owner[lost[0]]))
    moved: NDArray[np.object_] = shapely.set_coordinates(shapes.copy(), np.column_stack([lon, lat]))
    return moved


def _refuse_endless(shape: BaseGeometry | None, longest: float, index: int) -> None:
    """A scribble across the globe is no area of a district, and would fill the memory."""
    if shape is not None and shape.length / longest > _MOST_NEW_VERTICES:
        raise BadGeometry("its edges are too long in all to be converted", index)


def _densified(shape: BaseGeometry, longest: float) -> BaseGeometry:
    """The shape with vertices added so that no edge is longer than `longest`."""
    if shape.is_empty or isinstance(shape, shapely.Point | shapely.MultiPoint):
        return shape
    if isinstance(shape, shapely.Polygon):
        rings = [_densified_line(shapely.get_coordinates(ring), longest) for ring in shape.interiors]
        return shapely.Polygon(_densified_line(shapely.get_coordinates(shape.exterior), longest), rings)
    if isinstance(shape, shapely.LineString):  # a LinearRing is one, too
        return type(shape)(_densified_line(shapely.get_coordinates(shape), longest))
    maker: Any = type(shape)  # a Multi… or a GeometryCollection: each is made of its parts
    return maker([_densified(part, longest) for part in shapely.get_parts(shape)])  # type: ignore[no-any-return] # what a maker makes


def _densified_line(coords: Floats, longest: float) -> Floats:
    """Vertices (n, 2) with others put between them, the same ones in either direction.

    Interpolating from the start gives other last digits than from the end, so
    every edge is walked from its lesser end (by x, then y) and turned afterwards.
    """
    a, b = coords[:-1], coords[1:]
    turned = (a[:, 0] > b[:, 0]) | ((a[:, 0] == b[:, 0]) & (a[:, 1] > b[:, 1]))
    low, high = np.where(turned[:, None], b, a), np.where(turned[:, None], a, b)
    length = np.hypot(high[:, 0] - low[:, 0], high[:, 1] - low[:, 1])
    pieces = np.ceil(length / longest).astype(np.int64).clip(1)
    edge = np.repeat(np.arange(len(a)), pieces)
    step = np.arange(len(edge)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    of_low = np.where(turned[edge], pieces[edge] - step, step)
    points = low[edge] + (of_low / pieces[edge])[:, None] * (high - low)[edge]
    points[step == 0] = a  # the given vertices stay to the bit
    return np.vstack([points, coords[-1:]])
