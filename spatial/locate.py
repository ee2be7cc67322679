"""Which polygon holds each point."""

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray


def tag_points(
    lon: ArrayLike, lat: ArrayLike, polygons: ArrayLike, *, order: ArrayLike | None = None
) -> NDArray[np.int64]:
    """Index of the polygon that covers each point, -1 where none does.

    lon, lat   arrays (n,) in the CRS of the polygons, degrees or metres; edges
               are straight in that CRS, so another CRS may answer otherwise
               within millimetres of a border.
    polygons   array (m,) of polygons, None and empty ones allowed.
    order      one sortable value per polygon; where several cover a point the lowest
               wins, and among equals the lowest index. None: the lowest index.

    A point on the boundary is inside. NaN and infinite points get -1.
    """
    x, y = np.atleast_1d(np.asarray(lon, dtype=np.float64)), np.atleast_1d(np.asarray(lat, dtype=np.float64))
    shapes = np.array(polygons, dtype=object, ndmin=1)
    found = np.full(len(x), -1, dtype=np.int64)
    usable = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    if not usable.size or not shapes.size:
        return found
    # The tree holds the points and the polygons ask, so that each polygon is prepared once.
    points: NDArray[np.object_] = np.asarray(shapely.points(x[usable], y[usable]), dtype=object)
    tree = shapely.STRtree(points)
    polygon, point = tree.query(shapes, predicate="covers")
    ranked = np.arange(len(shapes)) if order is None else np.argsort(np.asarray(order), kind="stable")
    rank = np.empty(len(shapes), dtype=np.int64)
    rank[ranked] = np.arange(len(shapes))
    best = np.full(len(usable), len(shapes), dtype=np.int64)
    np.minimum.at(best, point, rank[polygon])
    hit = best < len(shapes)
    found[usable[hit]] = ranked[best[hit]]
    return found
