"""Geometries that stand in a filter: checked, and brought to EPSG:4326 as WKB before any SQL is written."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.queries.cql_literals import shown
from geodata.queries.cql_tree import At, Box, Shape
from geodata.record_errors import FilterRefused
from spatial.coordinates import Coordinates, Shapes, Wgs84
from spatial.crs import Datum

MAX_VERTICES: Final = 10_000

# A straight edge of a projected CRS is a curve in degrees and gets a vertex every 500 m. As many of these as a
# filter may have of its own.
MAX_EDGES_KM: Final = MAX_VERTICES * 500 // 1000

# A place is told to the centimetre, also by those CRSs that no longer know it far away from their middle.
_SAME_M: Final = 0.01

# In Web Mercator edges along the axes are straight in degrees too, however long.
_WEB_SRID: Final = 3857

_LEAST: Final = {"LineString": 2, "Polygon": 4}
_EAST_END: Final = 180.0


class Axes(NamedTuple):
    """What the numbers of a filter's geometries mean.

    srid    EPSG number of their CRS.
    is_yx   whether they stand in the order latitude or northing, longitude or easting.
    """

    srid: int
    is_yx: bool


def geometry(found: Shape | Box, axes: Axes) -> BaseGeometry:
    """A valid geometry in EPSG:4326, longitude before latitude; heights are dropped.

    A collection becomes the ground that its parts cover together: one kind of geometry where they are of one kind.
    Raises FilterRefused for coordinates that do not fit the kind, rings that are open, outlines that cross themselves,
    and positions that are no place on the globe.
    """
    if isinstance(found, Box):
        return _box(found, axes)
    _check_vertices(found)
    made = _moved(_made(found, axes), axes, found.at)
    if found.kind == "GeometryCollection":
        for part in shapely.get_parts(made):
            _check_valid(part, found.at)
        return shapely.union_all(shapely.get_parts(made))
    _check_valid(made, found.at)
    return made


def _made(found: Shape, axes: Axes) -> BaseGeometry:
    """The geometry of what was written, x before y, in its own CRS."""
    if found.kind == "GeometryCollection":
        if not found.coordinates:
            raise FilterRefused("few", found.at, kind=found.kind, least=1)
        return shapely.GeometryCollection([_made(part, axes) for part in _only_shapes(found)])
    read = _Reading(found.kind, found.at, axes)
    makers: dict[str, Callable[[Any], BaseGeometry]] = {
        "Point": lambda part: shapely.Point(read.position(part)),
        "MultiPoint": lambda parts: shapely.MultiPoint(read.several(parts, read.position)),
        "LineString": lambda part: shapely.LineString(read.line(part)),
        "MultiLineString": lambda parts: shapely.MultiLineString(read.several(parts, read.line)),
        "Polygon": read.polygon,
        "MultiPolygon": lambda parts: shapely.MultiPolygon(read.several(parts, read.polygon)),
    }
    return makers[found.kind](found.coordinates)


class _Reading(NamedTuple):
    """How nested lists become the coordinates of one kind of geometry."""

    kind: str
    at: At
    axes: Axes

    def position(self, found: Any) -> tuple[float, float]:  # noqa: ANN401 - any value of a list
        if (
            not isinstance(found, list)
            or len(found) not in {2, 3}
            or not all(type(number) in {int, float} for number in found)
        ):
            raise FilterRefused("position", self.at, found=shown(found), kind=self.kind)
        x, y = (float(number) for number in found[:2])
        return (y, x) if self.axes.is_yx else (x, y)

    def several(self, found: Any, read_one: Any, *, least: int = 1) -> list[Any]:  # noqa: ANN401 - any value of a list
        if not isinstance(found, list):
            raise FilterRefused("position", self.at, found=shown(found), kind=self.kind)
        parts = [read_one(one) for one in found]
        if len(parts) < least:
            raise FilterRefused("few", self.at, kind=self.kind, least=least)
        return parts

    def line(self, found: Any) -> list[tuple[float, float]]:  # noqa: ANN401 - any value of a list
        return self.several(found, self.position, least=_LEAST["LineString"])

    def ring(self, found: Any) -> list[tuple[float, float]]:  # noqa: ANN401 - any value of a list
        ring = self.several(found, self.position, least=_LEAST["Polygon"])
        if ring[0] != ring[-1]:
            raise FilterRefused("open_ring", self.at)
        return ring

    def polygon(self, found: Any) -> shapely.Polygon:  # noqa: ANN401 - any value of a list
        outer, *inner = self.several(found, self.ring)
        return shapely.Polygon(outer, inner)


def _box(found: Box, axes: Axes) -> BaseGeometry:
    """The area of a box; one whose west lies east of its east crosses the antimeridian."""
    if len(found.corners) not in {4, 6}:
        raise FilterRefused("box", found.at)
    half = len(found.corners) // 2
    (a, b), (c, d) = found.corners[:2], found.corners[half : half + 2]
    west, south, east, north = (float(one) for one in ((b, a, d, c) if axes.is_yx else (a, b, c, d)))
    is_projected = _datum(axes.srid).is_projected
    if south > north or (is_projected and west > east):
        raise FilterRefused("box", found.at)
    if is_projected and axes.srid != _WEB_SRID:
        return _moved(_area(west, south, east, north), axes, found.at)
    corners = _placed([west, east], [south, north], axes, found.at)
    (west, east), (south, north) = corners.lon.tolist(), corners.lat.tolist()
    if west > east:
        return shapely.union_all([_area(west, south, _EAST_END, north), _area(-_EAST_END, south, east, north)])
    return _area(west, south, east, north)


def _area(west: float, south: float, east: float, north: float) -> BaseGeometry:
    """A box, or the line or point that it is where it has no width or height."""
    if west == east and south == north:
        return shapely.Point(west, south)
    if west == east or south == north:
        return shapely.LineString([(west, south), (east, north)])
    return shapely.box(west, south, east, north)


def _moved(made: BaseGeometry, axes: Axes, at: At) -> BaseGeometry:
    datum = _datum(axes.srid)
    x, y = shapely.get_coordinates(made).T.tolist()
    _placed(x, y, axes, at)
    if datum.is_projected and made.length > MAX_EDGES_KM * 1000:
        raise FilterRefused("edges", at, most_km=MAX_EDGES_KM)
    moved: BaseGeometry = Shapes([made], datum).to_wgs84()[0]
    return moved


def _placed(x: list[float], y: list[float], axes: Axes, at: At) -> Wgs84:
    """Where positions lie; all of them on the globe, and where their CRS would put them again."""
    datum = _datum(axes.srid)
    places = Coordinates(x, y, datum).to_wgs84()
    is_good = places.is_place
    if datum.is_projected:
        back = places.written_in(datum)
        is_good = is_good & (np.abs(back.x - x) <= _SAME_M) & (np.abs(back.y - y) <= _SAME_M)
    if not is_good.all():
        bad = int(is_good.argmin())
        first, second = (y[bad], x[bad]) if axes.is_yx else (x[bad], y[bad])
        raise FilterRefused("place", at, x=f"{first:g}", y=f"{second:g}", srid=axes.srid)
    return places


def _check_vertices(found: Shape) -> None:
    """Count before anything is built; nothing here goes deeper than the brackets that were counted before."""
    count = 0
    waiting: list[Any] = [found.coordinates]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Shape):
            part = part.coordinates
        if isinstance(part, list):
            if part and not isinstance(part[0], list | Shape):
                count += 1
            else:
                waiting.extend(part)
    if count > MAX_VERTICES:
        raise FilterRefused("vertices", found.at, most=MAX_VERTICES)


def _check_valid(made: BaseGeometry, at: At) -> None:
    if made.is_valid:
        return
    place = re.search(r"\[(\S+) (\S+)\]", shapely.is_valid_reason(made))
    lon, lat = (f"{float(place[1]):.6f}", f"{float(place[2]):.6f}") if place else ("?", "?")
    raise FilterRefused("invalid", at, lon=lon, lat=lat)


def _only_shapes(found: Shape) -> list[Shape]:
    for part in found.coordinates:
        if not isinstance(part, Shape):
            raise FilterRefused("position", found.at, found=shown(part), kind=found.kind)
    return found.coordinates


@lru_cache(maxsize=16)
def _datum(srid: int) -> Datum:
    return Datum.parse(f"epsg:{srid}")
