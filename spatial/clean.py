"""Repair of polygons, with a report of every change, and the check that areas tile the ground.

Nothing is repaired silently: whatever differs between what came and what is
handed back is a Repair with a fixed word. What cannot be read as an area at
all is refused with its position.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from spatial.crs import geodesic_area_m2, require_metric
from spatial.errors import BadGeometry

# A part or hole smaller than this is a slip of the drawing, not ground.
SLIVER_M2 = 1.0

_GEOD = pyproj.Geod(ellps="WGS84")
_EARTH_M2_PER_DEGREE2 = 1.24e10
_SPIKE_SINE = 1e-9


class RepairKind(StrEnum):
    """What was done to a shape."""

    RING_CLOSED = "ring_closed"
    SELF_INTERSECTION = "self_intersection"
    WINDING = "winding"
    DUPLICATE_VERTEX = "duplicate_vertex"
    SPIKE = "spike"
    SLIVER_DROPPED = "sliver_dropped"
    EMPTY_PART_DROPPED = "empty_part_dropped"
    NOT_AREA_DROPPED = "not_area_dropped"
    Z_DROPPED = "z_dropped"
    NOT_LINE_DROPPED = "not_line_dropped"
    NO_LENGTH_DROPPED = "no_length_dropped"


@dataclass(frozen=True, slots=True)
class Repair:
    """One change to the geometry at `index`; areas on the ellipsoid, before and after all changes to it."""

    index: int
    what: RepairKind
    detail: str
    area_before_m2: float
    area_after_m2: float


class Overlap(NamedTuple):
    """Ground that the polygons numbered i < j both cover."""

    i: int
    j: int
    area_m2: float
    geometry: BaseGeometry


class Gap(NamedTuple):
    """Ground that no polygon covers although others surround it."""

    area_m2: float
    geometry: BaseGeometry


@dataclass(frozen=True, slots=True)
class CoverageReport:
    """Where a set of polygons fails to tile the ground; both lists have the largest first."""

    overlaps: list[Overlap]
    gaps: list[Gap]

    @property
    def is_clean(self) -> bool:
        """Whether there is neither overlap nor gap."""
        return not self.overlaps and not self.gaps


def close_rings(coords: Any) -> tuple[Any, float | None]:  # noqa: ANN401 - GeoJSON's nested lists
    """Polygon or MultiPolygon coordinates of GeoJSON, in degrees, with every open ring closed.

    Returns the coordinates, new where a ring was open, and the widest gap in
    metres between the first and last vertex of a ring that was open; None when
    all were closed. Raises BadGeometry for what is not such a nest of lists.
    """
    if not isinstance(coords, list | tuple) or not coords:
        raise BadGeometry("the coordinates are not a list of rings")
    if _is_ring(coords):
        return _closed_ring(list(coords))
    closed, gaps = [], []
    for inner in coords:
        ring, gap = close_rings(inner)
        closed.append(ring)
        gaps.append(gap)
    return closed, max((gap for gap in gaps if gap is not None), default=None)


def repair_polygons(geoms: ArrayLike) -> tuple[NDArray[np.object_], list[Repair]]:
    """Valid MultiPolygons of shapes in WGS 84 degrees, and every change made.

    geoms   polygons, multi-polygons or collections that hold some.

    Returned polygons have counter-clockwise outer rings (RFC 7946), no Z, no
    repeated vertices, spikes or slivers below 1 m². Raises BadGeometry with the geometry's
    number for None, for a coordinate that is NaN, infinite or out of range, and
    where no area is left.
    """
    shapes = np.array(geoms, dtype=object, ndmin=1)
    _refuse_bad_coordinates(shapes)
    fixed = np.empty(len(shapes), dtype=object)
    repairs: list[Repair] = []
    for index, shape in enumerate(shapes):
        fixed[index], changes = _repaired(shape)
        if fixed[index].is_empty:
            raise BadGeometry("no area is left after repair", index)
        if changes:
            before, after = (float(area) for area in geodesic_area_m2([shape, fixed[index]]))
            repairs += [Repair(index, what, detail, before, after) for what, detail in changes]
    return fixed, repairs


def check_coverage(polygons: gpd.GeoDataFrame | gpd.GeoSeries, *, tolerance_m2: float) -> CoverageReport:
    """Overlaps and gaps of polygons that should tile the ground.

    polygons       valid polygons in a metre CRS; missing and empty ones are skipped,
                   but count in the numbering.
    tolerance_m2   smaller overlaps and gaps are not told.

    A gap is a hole of the union, also where one polygon has it alone; a bay
    open to the outside is not a gap. Raises NotMetric.
    """
    require_metric(polygons)
    shapes = np.asarray(polygons.geometry.array, dtype=object)
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    once = left < right
    left, right = left[once], right[once]
    left, right = _with_common_box(shapes, left, right, tolerance_m2)
    shared = shapely.intersection(shapes[left], shapes[right])
    areas = shapely.area(shared)
    overlaps = [
        Overlap(int(i), int(j), float(area), only_area(shape))
        for i, j, area, shape in zip(left, right, areas, shared, strict=True)
        if area > tolerance_m2
    ]
    holes = holes_of(shapely.union_all(shapes[~shapely.is_missing(shapes)]))
    gaps = [Gap(float(hole.area), hole) for hole in holes if hole.area > tolerance_m2]
    overlaps.sort(key=lambda overlap: (-overlap.area_m2, overlap.i, overlap.j))
    gaps.sort(key=lambda gap: (-gap.area_m2, gap.geometry.bounds))
    return CoverageReport(overlaps, gaps)


def _with_common_box(
    shapes: NDArray[np.object_], left: NDArray[np.int64], right: NDArray[np.int64], tolerance_m2: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Only the pairs whose boxes share more than the tolerance: most neighbours of a grid touch in a line."""
    boxes = shapely.bounds(shapes)
    low = np.maximum(boxes[left, :2], boxes[right, :2])
    high = np.minimum(boxes[left, 2:], boxes[right, 2:])
    shared = np.prod(np.maximum(high - low, 0.0), axis=1) > tolerance_m2
    return left[shared], right[shared]


def holes_of(shape: BaseGeometry) -> list[shapely.Polygon]:
    """The holes of a polygon or multi-polygon, as polygons."""
    return [
        shapely.Polygon(ring)
        for part in shapely.get_parts(shape)
        if isinstance(part, shapely.Polygon)
        for ring in part.interiors
    ]


def only_area(shape: BaseGeometry) -> shapely.MultiPolygon:
    """The polygons of any shape; the points and lines an overlay leaves behind are dropped."""
    return shapely.MultiPolygon(_polygons_of(shape))


def _polygons_of(shape: BaseGeometry) -> list[shapely.Polygon]:
    if isinstance(shape, shapely.Polygon):
        return [] if shape.is_empty else [shape]
    if isinstance(shape, shapely.MultiPolygon | shapely.GeometryCollection):
        return [polygon for part in shape.geoms for polygon in _polygons_of(part)]
    return []


def _is_ring(coords: Sequence[Any]) -> bool:
    return all(
        isinstance(vertex, list | tuple) and len(vertex) >= 2 and all(_is_number(value) for value in vertex)
        for vertex in coords
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _closed_ring(ring: list[Any]) -> tuple[list[Any], float | None]:
    first, last = ring[0], ring[-1]
    if len({tuple(vertex) for vertex in ring}) < 3:
        raise BadGeometry("a ring needs at least three different vertices")
    if list(first) == list(last):
        return ring, None
    _, _, gap_m = _GEOD.inv(first[0], first[1], last[0], last[1])
    return [*ring, first], float(gap_m)


def _refuse_bad_coordinates(shapes: NDArray[np.object_]) -> None:
    missing = np.flatnonzero(shapely.is_missing(shapes))
    if missing.size:
        raise BadGeometry("there is no geometry", int(missing[0]))
    coords, owner = shapely.get_coordinates(shapes, return_index=True)
    with np.errstate(invalid="ignore"):
        good = (np.abs(coords[:, 0]) <= 180.0) & (np.abs(coords[:, 1]) <= 90.0)
    bad = np.flatnonzero(~good)
    if bad.size:
        number = int(owner[bad[0]])
        vertex = int(bad[0] - np.searchsorted(owner, number))
        lon, lat = coords[bad[0]]
        reason = f"({lon:g}, {lat:g}) is not a longitude and latitude in degrees"
        raise BadGeometry(reason, f"geometry {number}, vertex {vertex}")


_Changes = list[tuple[RepairKind, str]]


def _repaired(shape: BaseGeometry) -> tuple[shapely.MultiPolygon, _Changes]:
    changes: _Changes = []
    if shape.has_z:
        changes.append((RepairKind.Z_DROPPED, "heights are not kept"))
        shape = shapely.force_2d(shape)
    polygons = _polygons_of(shape)
    _note_parts(shape, polygons, changes)
    counts: Counter[RepairKind] = Counter()
    polygons = [_thinned(polygon, counts) for polygon in polygons]
    changes += [(what, f"{count} vertices dropped") for what, count in counts.items() if count]
    _note_winding(polygons, changes)
    whole = shapely.MultiPolygon([polygon for polygon in polygons if not polygon.is_empty])
    if not whole.is_valid:
        changes.append((RepairKind.SELF_INTERSECTION, shapely.is_valid_reason(whole)))
        whole = only_area(shapely.make_valid(whole, method="structure", keep_collapsed=False))
    parts = [_without_slivers(part, changes) for part in whole.geoms]
    kept = [part for part in parts if part is not None]
    return shapely.MultiPolygon([shapely.orient_polygons(part, exterior_cw=False) for part in kept]), changes


def _note_parts(shape: BaseGeometry, polygons: list[shapely.Polygon], changes: _Changes) -> None:
    leaves = _leaves(shape)
    empty = sum(1 for leaf in leaves if leaf.is_empty)
    other = len(leaves) - empty - len(polygons)
    if empty:
        changes.append((RepairKind.EMPTY_PART_DROPPED, f"{empty} empty"))
    if other:
        changes.append((RepairKind.NOT_AREA_DROPPED, f"{other} points or lines"))


def _leaves(shape: BaseGeometry) -> list[BaseGeometry]:
    if isinstance(shape, shapely.MultiPolygon | shapely.GeometryCollection):
        return [leaf for part in shape.geoms for leaf in _leaves(part)]
    return [shape]


def _thinned(polygon: shapely.Polygon, counts: Counter[RepairKind]) -> shapely.Polygon:
    """The polygon without repeated vertices and spikes; a ring that collapses goes."""
    rings = []
    for number, ring in enumerate([polygon.exterior, *polygon.interiors]):
        coords = shapely.get_coordinates(ring)
        single = coords[np.append(True, np.any(np.diff(coords, axis=0) != 0, axis=1))]
        smooth = _without_spikes(single)
        counts[RepairKind.DUPLICATE_VERTEX] += len(coords) - len(single)
        counts[RepairKind.SPIKE] += len(single) - len(smooth)
        if len(smooth) >= 4:
            rings.append(smooth)
        elif number == 0:
            return shapely.Polygon()
    return shapely.Polygon(rings[0], rings[1:])


def _without_spikes(coords: NDArray[np.float64]) -> NDArray[np.float64]:
    """A closed ring without the tips at which it turns straight back on itself."""
    ring = coords[:-1]
    while len(ring) >= 3:
        before, after = ring - np.roll(ring, 1, axis=0), np.roll(ring, -1, axis=0) - ring
        cross = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
        dot = (before * after).sum(axis=1)
        lengths = np.hypot(*before.T) * np.hypot(*after.T)
        tips = np.flatnonzero((np.abs(cross) <= _SPIKE_SINE * lengths) & (dot < 0) | (lengths == 0))
        if not tips.size:
            break
        ring = np.delete(ring, tips[0], axis=0)
    return np.vstack([ring, ring[:1]]) if len(ring) else coords[:0]


def _note_winding(polygons: list[shapely.Polygon], changes: _Changes) -> None:
    wrong = 0
    for polygon in polygons:
        if polygon.is_empty:
            continue
        wrong += not polygon.exterior.is_ccw
        wrong += sum(1 for ring in polygon.interiors if ring.is_ccw)
    if wrong:
        changes.append((RepairKind.WINDING, f"{wrong} rings turned"))


def _without_slivers(polygon: shapely.Polygon, changes: _Changes) -> shapely.Polygon | None:
    if _rough_m2(polygon) < SLIVER_M2:
        changes.append((RepairKind.SLIVER_DROPPED, f"a part of {_rough_m2(polygon):.3g} m²"))
        return None
    holes = [ring for ring in polygon.interiors if _rough_m2(shapely.Polygon(ring)) >= SLIVER_M2]
    if len(holes) == len(polygon.interiors):
        return polygon
    changes.append((RepairKind.SLIVER_DROPPED, f"{len(polygon.interiors) - len(holes)} holes"))
    return shapely.Polygon(polygon.exterior, holes)


def _rough_m2(polygon: shapely.Polygon) -> float:
    """Area from degrees, good enough to tell a sliver."""
    lat = (polygon.bounds[1] + polygon.bounds[3]) / 2.0
    return float(polygon.area * _EARTH_M2_PER_DEGREE2 * np.cos(np.radians(lat)))
