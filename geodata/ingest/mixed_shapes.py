"""Positions of a file that holds points, lines and polygons together: a polygon becomes a point inside it."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geodata.ingest.kinds import Job, Record
from geodata.ingest.places import ACCURACY_M, place_features, place_points, shape_array

_METRES_PER_DEGREE = 111_195.0
_AREAS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
_POINTS = (shapely.GeometryType.POINT, shapely.GeometryType.MULTIPOINT)


def place_mixed(records: Sequence[Record], job: Job) -> None:
    """Set `lon`, `lat` of records that are points or polygons, and leave lines as shapes in WGS 84.

    A polygon is placed at a point inside it, with the radius of a circle of its area as `accuracy_m`
    unless the row tells one. A shape of any other type becomes a problem.
    """
    shapes = shape_array([record.shape for record in records])
    types = shapely.get_type_id(shapes)
    areas = [records[i] for i in np.flatnonzero(np.isin(types, _AREAS)).tolist()]
    inside = _points_inside(shape_array([record.shape for record in areas]))
    place_features([record for record in records if record.shape is not None and not _is_point(record.shape)], job)
    sizes = _radii_m(shape_array([record.shape for record in areas]))
    for record, point, radius_m in zip(areas, inside, sizes.tolist(), strict=True):
        if record.shape is None or shapely.is_empty(point):
            # place_features has told why, or there is no ground in it
            if record.shape is not None:
                job.problem(record, "geometry", "the polygon has no area", "")
            record.shape = None
            continue
        record.shape = point
        if record.cells.get("accuracy_m") is None:
            record.cells["accuracy_m"] = round(max(radius_m, ACCURACY_M), 1)
    for record in records:
        if isinstance(record.shape, shapely.MultiPoint):
            record.shape = record.shape.centroid
        elif isinstance(record.shape, shapely.GeometryCollection):
            lines = [one for one in shapely.get_parts(record.shape) if one.geom_type in {"LineString", "LinearRing"}]
            if not lines:
                job.problem(record, "geometry", "a point, a line or a polygon is needed, and this is a collection", "")
                record.shape = None
    place_points([record for record in records if record.shape is None or _is_point(record.shape)], job)


def _is_point(shape: BaseGeometry) -> bool:
    return shapely.get_type_id(shape) in _POINTS


def _points_inside(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """A point within each polygon, in the file's own coordinates; empty where there is no ground in it."""
    bad = ~shapely.is_valid(shapes)
    if bad.any():
        shapes = shapes.copy()
        shapes[bad] = shapely.make_valid(shapes[bad])
    points: NDArray[np.object_] = shapely.point_on_surface(shapes)
    points[shapely.area(shapes) == 0.0] = shapely.Point()
    return points


def _radii_m(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    """Radius of a circle of each polygon's area; WGS 84 degrees in, metres out, good to a percent."""
    bounds = shapely.bounds(shapes)
    squeeze = np.cos(np.radians((bounds[:, 1] + bounds[:, 3]) / 2.0))
    area_m2 = shapely.area(shapes) * _METRES_PER_DEGREE**2 * squeeze
    return np.sqrt(np.nan_to_num(area_m2) / np.pi)
