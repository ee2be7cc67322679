"""Ground out of reach as points to be covered, and the ground that chosen sites really cover."""

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from spatial.clean import only_area
from spatial.coverage import discs


class OpenCells(NamedTuple):
    """For each cell the ground in it that is out of reach: its middle (n, 2; NaN where none is) and its planar m²."""

    xy: NDArray[np.float64]
    area_m2: NDArray[np.float64]


class Gain(NamedTuple):
    """A site, by its number, and the ground that it covers and none before it: a MultiPolygon."""

    site: int
    ground: shapely.MultiPolygon


def open_cells(cells: NDArray[np.object_], gaps: NDArray[np.object_]) -> OpenCells:
    """What of each cell lies in gaps.

    cells, gaps   Polygons or MultiPolygons in one metre CRS; gaps do not overlap each other.
    """
    area_m2: NDArray[np.float64] = np.zeros(len(cells))
    moments = np.zeros((len(cells), 2))
    if len(cells) and len(gaps):
        shapely.prepare(gaps)
        cell, gap = shapely.STRtree(cells).query(gaps, predicate="intersects")[::-1]
        parts = cells[cell]
        cut = ~shapely.covers(gaps[gap], parts)
        parts[cut] = shapely.intersection(parts[cut], gaps[gap[cut]])
        size = shapely.area(parts)
        area_m2 = np.bincount(cell, weights=size, minlength=len(cells)).astype(np.float64)
        for axis, middle in enumerate(shapely.get_coordinates(shapely.centroid(parts[size > 0])).T):
            moments[:, axis] = np.bincount(cell[size > 0], weights=middle * size[size > 0], minlength=len(cells))
    with np.errstate(invalid="ignore"):
        return OpenCells(moments / area_m2[:, None], area_m2)


def gains_in_turn(gaps: NDArray[np.object_], sites_xy: ArrayLike, *, radius_m: float) -> list[Gain]:
    """The sites, each time the one that covers most of what is left of the gaps, and that ground.

    gaps       Polygons that do not overlap, in the metre CRS of the sites (n, 2).

    Of sites that cover the same to a hundredth of a m² the lower number is first; those that cover nothing more
    are left out.
    """
    drawn, left = discs(sites_xy, radius_m=radius_m), gaps.copy()
    waiting = list(range(len(drawn)))
    # what is left only shrinks, so that what a site covered of it once is the most that it ever will
    most = [_ground(left, disc) for disc in drawn]
    is_now = [True] * len(drawn)
    found: list[Gain] = []
    while waiting:
        best = max(waiting, key=lambda site: (round(most[site].area, 2), -site))
        if not is_now[best]:
            most[best], is_now[best] = _ground(left, drawn[best]), True
            continue
        waiting.remove(best)
        if most[best].area <= 0:
            break
        found.append(Gain(best, most[best]))
        meets = shapely.intersects(left, drawn[best])
        left[meets] = shapely.difference(left[meets], drawn[best])
        for site in waiting:
            is_now[site] = False
    return found


def _ground(left: NDArray[np.object_], disc: shapely.Polygon) -> shapely.MultiPolygon:
    near = left[shapely.intersects(left, disc)]
    return only_area(shapely.union_all(shapely.intersection(near, disc)))
