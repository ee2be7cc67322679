"""The ground that is cut and measured: each piece of it once, by the smallest area that has a boundary."""

from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from geodata.errors import NoBoundary, NotFound
from geodata.queries import grids as queries
from spatial.clean import only_area
from spatial.crs import to_metre

# Less than this is where two drawings of one border fail to meet.
SLIVER_M2 = 1.0

# An edge is straight in degrees; vertices this close (about 200 m) keep it so within a millimetre
# when it is drawn in metres.
LONGEST_EDGE_DEGREES = 0.002


class Ground(NamedTuple):
    """The part of an area that belongs to no smaller one with a boundary.

    level     `village`, or `town` where its villages have no boundary (yet).
    shape     valid (Multi)Polygon in the metre CRS.
    """

    level: str
    code: str
    name: str
    town_code: str | None
    village_code: str | None
    shape: shapely.Polygon | shapely.MultiPolygon


def grounds(session: Session, *, srid: int) -> list[Ground]:
    """All ground of today in pieces that do not overlap, by town and village; empty without boundaries.

    Ground that two areas of one level claim goes to the lower code, as a place on a border does.
    """
    areas = [a for a in queries.areas_today(session, ("town", "village")) if a.shape is not None]
    shapes = metre_shapes(np.array([a.shape for a in areas], dtype=object), srid)
    villages = [(a, s) for a, s in zip(areas, shapes, strict=True) if a.level == "village"]
    towns = [(a, s) for a, s in zip(areas, shapes, strict=True) if a.level == "town"]
    found = [
        Ground("village", a.code, a.name, a.parent_code, a.code, shape)
        for (a, _), shape in zip(villages, _apart([s for _, s in villages]), strict=True)
        if shape is not None
    ]
    unfinished = _towns_with_missing_villages(session)
    parts = _apart([s for _, s in towns])
    cut = np.array([ground.shape for ground in found], dtype=object)
    with_villages = {ground.town_code for ground in found}
    for (area, _), shape in zip(towns, parts, strict=True):
        if shape is None or (area.code in with_villages and area.code not in unfinished):
            continue
        rest = _without(shape, cut)
        if rest is not None:
            found.append(Ground("town", area.code, area.name, area.code, None, rest))
    return sorted(found, key=lambda ground: (ground.town_code or "", ground.level != "town", ground.code))


def asked(session: Session, pieces: list[Ground], within: str | None) -> list[Ground]:
    """The pieces of one town or village, or all. Raises NotFound, and NoBoundary where there is none of them."""
    if within is None:
        if not pieces:
            raise NoBoundary("this district")
        return pieces
    known = {area.code for area in queries.areas_today(session, ("town", "village"))}
    if within not in known:
        raise NotFound("town or village", within)
    found = [piece for piece in pieces if within in (piece.code, piece.town_code)]
    if not found:
        raise NoBoundary(within)
    return found


def metre_shapes(shapes: NDArray[np.object_], srid: int) -> NDArray[np.object_]:
    """Polygons of EPSG:4326 in the metre CRS, long edges given vertices first; None stays."""
    dense = shapely.segmentize(shapes, LONGEST_EDGE_DEGREES)

    def move(coords: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(to_metre(coords[:, 0], coords[:, 1], srid))

    moved: NDArray[np.object_] = shapely.transform(dense, move)
    bad = ~(shapely.is_valid(moved) | shapely.is_missing(moved))
    moved[bad] = [only_area(shape) for shape in shapely.make_valid(moved[bad])]
    return moved


def frame(pieces: list[Ground], *, srid: int) -> gpd.GeoDataFrame:
    """Ground as a layer with `code` and `geometry`, in the order given."""
    rows: dict[str, Any] = {"code": [ground.code for ground in pieces]}
    return gpd.GeoDataFrame(rows, geometry=[ground.shape for ground in pieces], crs=f"EPSG:{srid}")


def _towns_with_missing_villages(session: Session) -> set[str | None]:
    rows = queries.areas_today(session, ("village",))
    return {row.parent_code for row in rows if row.shape is None}


def _apart(shapes: list[Any]) -> list[Any]:
    """Shapes without the ground that an earlier one has; None where nothing is left."""
    column = np.array(shapes, dtype=object)
    if not column.size:
        return []
    left, right = shapely.STRtree(column).query(column, predicate="intersects")
    kept = list(column)
    for later, earlier in sorted(zip(left.tolist(), right.tolist(), strict=True)):
        if earlier < later and kept[later] is not None:
            kept[later] = _without(kept[later], column[earlier : earlier + 1])
    return kept


def _without(shape: Any, taken: NDArray[np.object_]) -> Any:  # noqa: ANN401 - any polygon in, any out
    """What of a shape is left, without slivers; the shape itself where nothing of it is taken."""
    near = taken[shapely.intersects(taken, shape)] if taken.size else taken
    if not near.size or shapely.area(shapely.intersection(shape, near)).sum() < SLIVER_M2:
        return shape
    parts = only_area(shapely.difference(shape, shapely.union_all(near))).geoms
    large = [part for part in parts if part.area >= SLIVER_M2]
    return shapely.MultiPolygon(large) if large else None
