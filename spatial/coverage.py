"""How much of each area lies within a radius of some site, where the gaps are, how far the nearest site is.

A disc is drawn as a regular 128-gon with the circle's own area, so that it is right on average:
its edge runs between 0.02 % inside and 0.02 % outside of the radius (0.2 m at 1,000 m).
"""

from dataclasses import dataclass
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from spatial.clean import only_area
from spatial.crs import require_metric, require_same_crs
from spatial.errors import BadGeometry

DISC_SIDES = 128
SLIVER_M2 = 1.0

# Rounds in which only the nearest sites are taken, before all within reach are: first those nearest to a
# point of what is left, then those nearest to its corners, of which so many at most are asked.
NEAREST_FIRST = 6
CORNERS_NEXT = 6
CORNERS = 200


class Nearest(NamedTuple):
    """For each point, the nearest site's number (-1: none) and its distance in metres (NaN: none)."""

    site: NDArray[np.int64]
    metres: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What `cover` found.

    shares    on the areas' order: `code`, `area_m2`, `covered_m2`, `share` (0..1),
              `site_count`, `gap_m2`. An area without geometry has NaN and 0 sites.
    gaps      `area_code`, `area_m2`, `geometry` (Polygon): one row per connected gap and
              area, the largest first; the areas' CRS.
    without   codes of areas with a geometry and no site on it, in the areas' order.
    """

    radius_m: float
    shares: pd.DataFrame
    gaps: gpd.GeoDataFrame
    without: list[str]


@dataclass(frozen=True, slots=True)
class CoverageChange:
    """What closing some sites and opening others does, as `change_of_cover` found it.

    areas     on the areas' order: `code`, `lost_m2`, `gained_m2`; 0 where nothing happens.
    pieces    `change` (`lost` or `gained`), `area_m2`, `geometry` (Polygon): the ground itself within
              any of the areas, a row per connected piece, the largest first; the areas' CRS.
    """

    radius_m: float
    areas: pd.DataFrame
    pieces: gpd.GeoDataFrame


def cover(areas: gpd.GeoDataFrame, sites: gpd.GeoDataFrame | gpd.GeoSeries, *, radius_m: float) -> Coverage:
    """Share of each area within `radius_m` of a site, in a straight line, and the exact rest.

    areas      columns `code` and `geometry`: valid polygons in a metre CRS, which may
               overlap; missing geometry is allowed.
    sites      points, same CRS; missing and empty ones are passed over, and there may be none.
    radius_m   above 0.

    Areas are planar m² of that CRS. Sites outside an area cover ground in it
    all the same; a site on a common border counts as being in both areas. Gaps
    below 1 m² count as covered. Raises CrsMismatch, NotMetric, BadGeometry.
    """
    require_same_crs(areas, sites)
    require_metric(areas)
    if not (np.isfinite(radius_m) and radius_m > 0):
        raise BadGeometry(f"a radius of {radius_m:g} m covers nothing")
    codes = np.asarray(areas["code"], dtype=object)
    grounds = np.asarray(areas.geometry.array, dtype=object)
    points = _points_of(sites)
    gaps = _gaps(codes, grounds, _reached(grounds, points, radius_m), crs=areas.crs)
    counts = _site_counts(grounds, points)
    shares = _shares(codes, grounds, counts, gaps)
    known = ~(shapely.is_missing(grounds) | shapely.is_empty(grounds))
    return Coverage(
        radius_m=radius_m,
        shares=shares,
        gaps=gaps.drop(columns="number"),
        without=[str(code) for code in codes[known & (counts == 0)]],
    )


def change_of_cover(
    areas: gpd.GeoDataFrame,
    kept: gpd.GeoSeries,
    *,
    closed: gpd.GeoSeries,
    opened: gpd.GeoSeries,
    radius_m: float,
) -> CoverageChange:
    """Ground that is no longer within `radius_m` of a site, and ground that now is.

    areas      as for `cover`; those that no disc of a closed or opened site meets may be left out.
    kept       sites that stay; those beyond `reach_m(radius_m)` of every closed or opened one may be left out.
    closed     sites that were there and go.
    opened     sites that were not there and come.

    A share before, less lost and plus gained, is the share that `cover` finds with the sites really
    changed, to within 1 m² for each piece of ground so small: such pieces are nothing, here as there.
    Planar m². Raises CrsMismatch, NotMetric, BadGeometry.
    """
    for sites in (kept, closed, opened):
        require_same_crs(areas, sites)
    require_metric(areas)
    if not (np.isfinite(radius_m) and radius_m > 0):
        raise BadGeometry(f"a radius of {radius_m:g} m covers nothing")
    stay, leave, come = (shapely.get_coordinates(_points_of(sites)) for sites in (kept, closed, opened))
    corner_m = _corner_m(radius_m)
    grounds = np.asarray(areas.geometry.array, dtype=object)
    # discs reach beyond the areas, where there is nobody to cover them and nothing to be told
    around = shapely.convex_hull(shapely.GeometryCollection([one for one in grounds if one is not None]))
    columns: dict[str, object] = {"code": np.asarray(areas["code"], dtype=object)}
    rows: list[tuple[str, float, BaseGeometry]] = []
    for change, changed, others in (("lost", leave, [stay, come]), ("gained", come, [stay, leave])):
        ground = _only_reached_by(changed, np.concatenate(others), corner_m, within=around)
        parts = np.array([only_area(part) for part in shapely.intersection(grounds, ground)], dtype=object)
        columns[f"{change}_m2"] = np.array([_without_slivers(part).area for part in parts], dtype=np.float64)
        whole = _without_slivers(only_area(shapely.union_all(parts)))
        rows += [(change, piece.area, piece) for piece in whole.geoms]
    rows.sort(key=lambda row: (-row[1], row[0], row[2].bounds))
    frame = pd.DataFrame(rows, columns=["change", "area_m2", "geometry"]).astype({"area_m2": "float64"})
    pieces = gpd.GeoDataFrame(frame, geometry="geometry", crs=areas.crs)
    return CoverageChange(radius_m=radius_m, areas=pd.DataFrame(columns), pieces=pieces)


def reach_m(radius_m: float) -> float:
    """Metres beyond which two sites have no ground in common."""
    return 2.0 * _corner_m(radius_m)


def nearest_site_m(points_xy: ArrayLike, sites_xy: ArrayLike) -> Nearest:
    """The nearest site of each point, and the metres to it.

    points_xy, sites_xy   arrays (n, 2) and (m, 2) in one metre CRS.

    Ties go to the lowest site number. A point with NaN, and every point when there
    is no site, gets -1 and NaN; sites with NaN are never the nearest.
    """
    points, sites = _xy(points_xy), _xy(sites_xy)
    index = np.full(len(points), -1, dtype=np.int64)
    metres = np.full(len(points), np.nan)
    usable = np.flatnonzero(np.isfinite(points).all(axis=1))
    real = np.flatnonzero(np.isfinite(sites).all(axis=1))
    if not usable.size or not real.size:
        return Nearest(index, metres)
    places: NDArray[np.object_] = np.asarray(shapely.points(sites[real]), dtype=object)
    tree = shapely.STRtree(places)
    point, site = tree.query_nearest(shapely.points(points[usable]), all_matches=True)
    best = np.full(len(usable), len(real), dtype=np.int64)
    np.minimum.at(best, point, site)
    index[usable] = real[best]
    delta = points[usable] - sites[index[usable]]
    metres[usable] = np.sqrt(delta[:, 0] ** 2 + delta[:, 1] ** 2)
    return Nearest(index, metres)


def distance_to_nearest(cells: gpd.GeoDataFrame, sites: gpd.GeoDataFrame | gpd.GeoSeries) -> pd.Series:
    """Metres from a point inside each cell (its centre, where that is inside) to the nearest site.

    Both layers in one metre CRS. Floats on the cells' index; NaN for a cell
    without geometry and, for all cells, when there is no site. Raises CrsMismatch, NotMetric.
    """
    require_same_crs(cells, sites)
    require_metric(cells)
    shapes = np.asarray(cells.geometry.array, dtype=object)
    centres = inner_points(shapes)
    found = nearest_site_m(centres, shapely.get_coordinates(_points_of(sites)))
    return pd.Series(found.metres, index=cells.index, name="metres")


def inner_points(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    """Centroid (n, 2) of each shape, or a point on it where the centroid is outside; NaN for none."""
    centres = shapely.centroid(shapes)
    astray = ~shapely.intersects(centres, shapes) & ~shapely.is_missing(shapes)
    centres[astray] = shapely.point_on_surface(shapes[astray])
    return np.column_stack([shapely.get_x(centres), shapely.get_y(centres)])


def discs(places_xy: ArrayLike, *, radius_m: float) -> NDArray[np.object_]:
    """The ground within the radius of each place (n, 2) as `cover` draws it: n Polygons in the same metre CRS."""
    places = shapely.points(_xy(places_xy))
    drawn: NDArray[np.object_] = np.asarray(
        shapely.buffer(places, _corner_m(radius_m), quad_segs=DISC_SIDES // 4), dtype=object
    )
    return drawn


def _xy(values: ArrayLike) -> NDArray[np.float64]:
    return np.asarray(values, dtype=np.float64).reshape(-1, 2)


def _points_of(sites: gpd.GeoDataFrame | gpd.GeoSeries) -> NDArray[np.object_]:
    points: NDArray[np.object_] = np.asarray(sites.geometry.array, dtype=object)
    points = points[~(shapely.is_missing(points) | shapely.is_empty(points))]
    wrong = np.flatnonzero(shapely.get_type_id(points) != shapely.GeometryType.POINT.value)
    if wrong.size:
        raise BadGeometry("a site must be a point", int(wrong[0]))
    return points


def _reached(grounds: NDArray[np.object_], points: NDArray[np.object_], radius_m: float) -> BaseGeometry:
    """All ground within the radius: the union of the discs that can touch an area."""
    corner_m = _corner_m(radius_m)
    boxes = shapely.bounds(grounds)
    boxes = boxes[np.isfinite(boxes[:, 0])]
    if not len(boxes):
        return shapely.Polygon()
    (west, south), (east, north) = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    x, y = shapely.get_x(points), shapely.get_y(points)
    near = (x >= west - corner_m) & (x <= east + corner_m) & (y >= south - corner_m) & (y <= north + corner_m)
    return _discs(shapely.get_coordinates(points[near]), corner_m)


def _corner_m(radius_m: float) -> float:
    """Metres from a disc's middle to its corners."""
    turn = 2.0 * np.pi / DISC_SIDES
    return radius_m * float(np.sqrt(turn / np.sin(turn)))


def _discs(xy: NDArray[np.float64], corner_m: float) -> BaseGeometry:
    """The union of the discs about these places."""
    places = shapely.points(np.unique(xy, axis=0))
    return shapely.union_all(shapely.buffer(places, corner_m, quad_segs=DISC_SIDES // 4))


def _only_reached_by(
    sites: NDArray[np.float64], others: NDArray[np.float64], corner_m: float, *, within: BaseGeometry
) -> BaseGeometry:
    """Ground of the sites' discs that no other's disc has; nothing outside of `within` is asked about.

    The sites nearest to what is left go first: where they stand close they cover it after a few rounds,
    whatever the number of all within reach.
    """
    left = shapely.intersection(_discs(sites, corner_m), within)
    waiting: NDArray[np.object_] = np.asarray(shapely.points(np.unique(others, axis=0)), dtype=object)
    for round_ in range(NEAREST_FIRST + CORNERS_NEXT + 1):
        shapely.prepare(left)
        waiting = waiting[shapely.dwithin(left, waiting, corner_m)]
        if not waiting.size:
            break
        nearest = np.arange(waiting.size)
        if round_ < NEAREST_FIRST + CORNERS_NEXT:
            spots = _spots(left, corners=CORNERS if round_ >= NEAREST_FIRST else 0)
            nearest = np.unique(shapely.STRtree(waiting).nearest(spots))
        left = shapely.difference(left, _discs(shapely.get_coordinates(waiting[nearest]), corner_m))
        waiting = np.delete(waiting, nearest)
    return left


def _spots(ground: BaseGeometry, *, corners: int) -> NDArray[np.object_]:
    """A point on each part of the ground, and of all its corners so many at most."""
    on: NDArray[np.object_] = np.asarray(shapely.point_on_surface(shapely.get_parts(ground)), dtype=object)
    if not corners:
        return on
    xy = shapely.get_coordinates(ground)
    some = xy[:: -(-len(xy) // corners)]
    return np.concatenate([on, np.asarray(shapely.points(some), dtype=object)])


def _without_slivers(ground: shapely.MultiPolygon) -> shapely.MultiPolygon:
    return shapely.MultiPolygon([part for part in ground.geoms if part.area >= SLIVER_M2])


def _gaps(
    codes: NDArray[np.object_], grounds: NDArray[np.object_], reached: BaseGeometry, *, crs: object
) -> gpd.GeoDataFrame:
    rows = []
    shapely.prepare(reached)
    for number, ground in enumerate(grounds):
        if ground is None or ground.is_empty or shapely.covers(reached, ground):
            continue
        left = ground if not shapely.intersects(reached, ground) else shapely.difference(ground, reached)
        rows += [(number, codes[number], p.area, p) for p in only_area(left).geoms if p.area >= SLIVER_M2]
    rows.sort(key=lambda row: (-row[2], row[0], row[3].bounds))
    frame = pd.DataFrame(rows, columns=["number", "area_code", "area_m2", "geometry"])
    return gpd.GeoDataFrame(frame.astype({"number": "int64", "area_m2": "float64"}), geometry="geometry", crs=crs)


def _site_counts(grounds: NDArray[np.object_], points: NDArray[np.object_]) -> NDArray[np.int64]:
    if not points.size:
        return np.zeros(len(grounds), dtype=np.int64)
    ground, _ = shapely.STRtree(points).query(grounds, predicate="covers")
    return np.bincount(ground, minlength=len(grounds)).astype(np.int64)


def _shares(
    codes: NDArray[np.object_],
    grounds: NDArray[np.object_],
    counts: NDArray[np.int64],
    gaps: gpd.GeoDataFrame,
) -> pd.DataFrame:
    area_m2 = np.where(shapely.is_missing(grounds) | shapely.is_empty(grounds), np.nan, shapely.area(grounds))
    gap_m2 = np.bincount(gaps["number"], weights=gaps["area_m2"], minlength=len(grounds))
    gap_m2 = np.where(np.isnan(area_m2), np.nan, gap_m2)
    covered_m2 = np.maximum(area_m2 - gap_m2, 0.0)
    return pd.DataFrame(
        {
            "code": codes,
            "area_m2": area_m2,
            "covered_m2": covered_m2,
            "share": covered_m2 / area_m2,
            "site_count": counts,
            "gap_m2": gap_m2,
        }
    )
