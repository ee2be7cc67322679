"""Which of several areas holds the most of each cell."""

from itertools import pairwise

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from spatial.crs import require_metric, require_same_crs

# Shares of a cell that differ by less are equal: the last digits of an overlay are chance.
TIE = 1e-6


def holder_of_most(cells: gpd.GeoSeries, areas: gpd.GeoSeries) -> NDArray[np.int64]:
    """Number of the area that holds the most of each cell, -1 where more of it lies in none than in any one.

    cells   polygons in a metre CRS, any index; missing and empty ones have no holder.
    areas   polygons, same CRS, in the order that breaks ties: the earlier wins. They may overlap, be missing,
            and be none at all.

    So the slivers of a border drawn twice give nobody a cell of the other side, and where areas meet in a cell
    the largest part decides. Raises CrsMismatch, NotMetric.
    """
    require_same_crs(cells, areas)
    require_metric(cells)
    grounds = np.asarray(cells.array, dtype=object)
    shapes = np.asarray(areas.array, dtype=object)
    found = np.full(len(grounds), -1, dtype=np.int64)
    area, cell = shapely.STRtree(grounds).query(shapes, predicate="intersects")
    pieces = shapely.intersection(grounds[cell], shapes[area])
    shares = shapely.area(pieces) / shapely.area(grounds[cell])
    # by cell; within it the largest share first, and among equals the earlier area; those that only touch are out
    order = np.lexsort((area, -np.round(shares / TIE), cell))
    order = order[shares[order] > TIE]
    area, cell, shares, pieces = area[order], cell[order], shares[order], pieces[order]
    starts = np.flatnonzero(np.r_[True, cell[1:] != cell[:-1]]) if len(cell) else cell
    for start, end in pairwise([*starts.tolist(), len(cell)]):
        # areas that overlap cover their common ground once
        covered = shares[start] if end - start == 1 else _area(pieces[start:end]) / shapely.area(grounds[cell[start]])
        if shares[start] >= 1.0 - covered - TIE:
            found[cell[start]] = area[start]
    return found


def _area(pieces: NDArray[np.object_]) -> float:
    return float(shapely.union_all(pieces).area)
