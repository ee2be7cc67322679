"""Square grid cells of a metre CRS, clipped to areas, and the check of a grid.

The squares belong to one raster for the whole CRS: square (gx, gy) covers
x from gx·size to (gx + 1)·size and y likewise. So the cell of a position
is arithmetic, and two neighbouring areas cut the same square along their border.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from spatial.clean import Overlap, check_coverage, only_area
from spatial.crs import require_metric, require_same_crs
from spatial.errors import BadGeometry

# A piece below a square millimetre is a rounding of the overlay, not ground.
CRUMB_M2 = 1e-6

# Clipping costs by the vertices of the area, so large outlines are halved along raster lines first.
_VERTICES_AT_ONCE = 400
_SQUARES_AT_ONCE = 4096

_Window = tuple[int, int, int, int]


class CellIndex(NamedTuple):
    """Raster column and row of positions."""

    gx: NDArray[np.int64]
    gy: NDArray[np.int64]


class Missing(NamedTuple):
    """Ground of an area that no cell covers."""

    area_code: str
    area_m2: float
    geometry: BaseGeometry


class Stray(NamedTuple):
    """A cell (by its place in the layer) that reaches outside, or into several areas."""

    cell: int
    area_m2: float
    area_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CellsReport:
    """Where a grid departs from "no gaps, no overlaps, one area per cell"; largest first."""

    gaps: list[Missing]
    overlaps: list[Overlap]
    in_several: list[Stray]
    outside: list[Stray]

    @property
    def is_clean(self) -> bool:
        """Whether nothing is wrong with the grid."""
        return not (self.gaps or self.overlaps or self.in_several or self.outside)


def cell_index(x: ArrayLike, y: ArrayLike, size_m: float) -> CellIndex:
    """Raster column and row of positions in the metre CRS.

    A position on a line belongs to the square east or north of it. Positions
    must be finite: BadGeometry otherwise.
    """
    px, py = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if not (np.isfinite(px).all() and np.isfinite(py).all()):
        raise BadGeometry("a position is not finite, so it lies in no cell")
    return CellIndex(np.floor(px / size_m).astype(np.int64), np.floor(py / size_m).astype(np.int64))


def make_cells(areas: gpd.GeoDataFrame, *, size_m: float) -> gpd.GeoDataFrame:
    """Square cells clipped to areas, without gaps or overlaps.

    areas    columns `code` and `geometry`: valid polygons that do not overlap, in
             a metre CRS; areas without geometry get no cells.
    size_m   edge of the square, above 0.

    Returns one row per square and area with `area_code`, `gx`, `gy`, `is_whole`
    (the piece is the full square), `running` and `geometry` (a MultiPolygon
    when the piece is in parts), in the areas' order and then by `running`.

    `running` counts from 1 inside each area as one reads a page: rows from north
    to south, and inside a row from west to east. Pieces below 1 mm² are
    dropped. Raises NotMetric and BadGeometry.
    """
    require_metric(areas)
    if not (np.isfinite(size_m) and size_m > 0):
        raise BadGeometry(f"a cell cannot have edges of {size_m:g} m")
    codes = np.asarray(areas["code"], dtype=object)
    frames = []
    for number, shape in enumerate(np.asarray(areas.geometry.array, dtype=object)):
        if shape is None or shape.is_empty:
            continue
        if not shape.is_valid:
            raise BadGeometry(f"area {codes[number]} is not valid: {shapely.is_valid_reason(shape)}", number)
        frames.append(_cells_of(codes[number], shape, size_m))
    if not frames:
        frames = [_frame("", *_no_squares())]
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), geometry="geometry", crs=areas.crs)


def check_cells(cells: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, *, tolerance_m2: float) -> CellsReport:
    """What is wrong with a grid, made here or brought along.

    cells          `geometry`, any shapes of cells; columns other than that are not read.
    areas          `code` and `geometry`, same metre CRS.
    tolerance_m2   smaller faults are not told.

    Cells are numbered by their place in the layer. Raises CrsMismatch and NotMetric.
    """
    require_same_crs(cells, areas)
    require_metric(cells)
    pieces = np.asarray(cells.geometry.array, dtype=object)
    grounds = np.asarray(areas.geometry.array, dtype=object)
    codes = np.asarray(areas["code"], dtype=object)
    inside = _shares(pieces, grounds)
    return CellsReport(
        gaps=_gaps(pieces, grounds, codes, tolerance_m2),
        overlaps=check_coverage(cells, tolerance_m2=tolerance_m2).overlaps,
        in_several=_in_several(inside, codes, tolerance_m2),
        outside=_outside(pieces, grounds, inside, tolerance_m2),
    )


def _cells_of(code: str, area: BaseGeometry, size_m: float) -> pd.DataFrame:
    found = list(_cut(area, _window_of(area, size_m), size_m))
    gx, gy, whole, shapes = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.lexsort((gx, -gy))
    return _frame(code, gx[order], gy[order], whole[order], shapes[order])


def _frame(
    code: str,
    gx: NDArray[np.int64],
    gy: NDArray[np.int64],
    whole: NDArray[np.bool_],
    shapes: NDArray[np.object_],
) -> pd.DataFrame:
    columns = {"area_code": np.full(len(gx), code, dtype=object), "gx": gx, "gy": gy, "is_whole": whole}
    return pd.DataFrame({**columns, "running": np.arange(1, len(gx) + 1), "geometry": shapes})


_Squares = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_], NDArray[np.object_]]


def _no_squares() -> _Squares:
    none = np.empty(0, dtype=np.int64)
    return none, none, np.empty(0, dtype=bool), np.empty(0, dtype=object)


def _window_of(shape: BaseGeometry, size_m: float) -> _Window:
    """Columns and rows (first, first, one past the last, one past the last) around a shape."""
    west, south, east, north = shape.bounds
    return (
        *(int(np.floor(west / size_m)), int(np.floor(south / size_m))),
        *(int(np.floor(east / size_m)) + 1, int(np.floor(north / size_m)) + 1),
    )


def _cut(area: BaseGeometry, window: _Window, size_m: float) -> Iterator[_Squares]:
    """Squares of a window clipped to the area, window halved until it is small enough."""
    gx0, gy0, gx1, gy1 = window
    wide, high = gx1 - gx0, gy1 - gy0
    is_small = wide * high <= _SQUARES_AT_ONCE and shapely.get_num_coordinates(area) <= _VERTICES_AT_ONCE
    if is_small or wide * high <= 4:
        yield _cut_at_once(area, window, size_m)
        return
    if wide >= high:
        middle = gx0 + wide // 2
        halves = [(gx0, gy0, middle, gy1), (middle, gy0, gx1, gy1)]
    else:
        middle = gy0 + high // 2
        halves = [(gx0, gy0, gx1, middle), (gx0, middle, gx1, gy1)]
    for half in halves:
        west, south, east, north = (edge * size_m for edge in half)
        box = shapely.box(west, south, east, north)
        piece = only_area(shapely.intersection(area, box))
        if not piece.is_empty:
            yield from _cut(piece, half, size_m)


def _cut_at_once(area: BaseGeometry, window: _Window, size_m: float) -> _Squares:
    gx0, gy0, gx1, gy1 = window
    gx, gy = (axis.ravel() for axis in np.meshgrid(np.arange(gx0, gx1), np.arange(gy0, gy1)))
    boxes = shapely.box(gx * size_m, gy * size_m, (gx + 1) * size_m, (gy + 1) * size_m)
    shapely.prepare(area)
    touched = shapely.intersects(area, boxes)
    gx, gy, boxes = gx[touched], gy[touched], boxes[touched]
    whole = shapely.covers(area, boxes)
    shapes = boxes.copy()
    shapes[~whole] = [_tidy(piece) for piece in shapely.intersection(area, boxes[~whole])]
    kept = shapely.area(shapes) > min(CRUMB_M2, size_m * size_m / 2.0)
    return gx[kept], gy[kept], whole[kept], shapes[kept]


def _tidy(piece: BaseGeometry) -> BaseGeometry:
    """A Polygon, or a MultiPolygon of several, of what an overlay handed back."""
    area = only_area(piece)
    return area.geoms[0] if len(area.geoms) == 1 else area


class _Shares(NamedTuple):
    cell: NDArray[np.int64]
    area: NDArray[np.int64]
    area_m2: NDArray[np.float64]


def _shares(pieces: NDArray[np.object_], grounds: NDArray[np.object_]) -> _Shares:
    """How much of each cell lies in each area it touches; whole cells are not overlaid."""
    tree = shapely.STRtree(pieces)
    area, cell = tree.query(grounds, predicate="intersects")
    shapely.prepare(grounds)
    whole = shapely.covers(grounds[area], pieces[cell])
    shared = np.where(whole, shapely.area(pieces[cell]), 0.0)
    # The rest is overlaid with small parts of the areas: an overlay costs by all vertices it is given.
    parts, owner = _small_parts(grounds)
    part, piece = tree.query(parts, predicate="intersects")
    keys = owner[part] * len(pieces) + piece
    pairs = area * len(pieces) + cell
    order = np.argsort(pairs)
    place = order[np.searchsorted(pairs, keys, sorter=order)]
    rest = ~whole[place]
    overlaid = shapely.area(shapely.intersection(parts[part[rest]], pieces[piece[rest]]))
    np.add.at(shared, place[rest], overlaid)
    return _Shares(cell, area, shared)


def _small_parts(grounds: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """The areas cut into parts of few vertices, and the area each part is of."""
    parts = [(part, i) for i, ground in enumerate(grounds) if ground is not None for part in _halved(ground)]
    shapes = np.empty(len(parts), dtype=object)
    shapes[:] = [part for part, _ in parts]
    return shapes, np.array([owner for _, owner in parts], dtype=np.int64)


def _halved(shape: BaseGeometry) -> Iterator[BaseGeometry]:
    if shapely.get_num_coordinates(shape) <= _VERTICES_AT_ONCE:
        yield shape
        return
    west, south, east, north = shape.bounds
    x, y = (west + east) / 2.0, (south + north) / 2.0
    if east - west >= north - south:
        halves = [shapely.box(west, south, x, north), shapely.box(x, south, east, north)]
    else:
        halves = [shapely.box(west, south, east, y), shapely.box(west, y, east, north)]
    for half in halves:
        yield from _halved(only_area(shapely.intersection(shape, half)))


def _gaps(
    pieces: NDArray[np.object_], grounds: NDArray[np.object_], codes: NDArray[np.object_], tolerance_m2: float
) -> list[Missing]:
    covered = shapely.union_all(pieces[~shapely.is_missing(pieces)])
    gaps = []
    for code, ground in zip(codes, grounds, strict=True):
        if ground is None:
            continue
        parts = only_area(shapely.difference(ground, covered)).geoms
        gaps += [Missing(str(code), float(part.area), part) for part in parts if part.area > tolerance_m2]
    return sorted(gaps, key=lambda gap: (-gap.area_m2, gap.area_code, gap.geometry.bounds))


def _in_several(inside: _Shares, codes: NDArray[np.object_], tolerance_m2: float) -> list[Stray]:
    real = inside.area_m2 > tolerance_m2
    cell, area, shared = inside.cell[real], inside.area[real], inside.area_m2[real]
    numbers, counts = np.unique(cell, return_counts=True)
    strays = []
    for number in numbers[counts > 1]:
        mine = cell == number
        names = tuple(sorted(str(codes[i]) for i in area[mine]))
        strays.append(Stray(int(number), float(shared[mine].sum() - shared[mine].max()), names))
    return sorted(strays, key=lambda stray: (-stray.area_m2, stray.cell))


def _outside(
    pieces: NDArray[np.object_], grounds: NDArray[np.object_], inside: _Shares, tolerance_m2: float
) -> list[Stray]:
    held = np.bincount(inside.cell, weights=inside.area_m2, minlength=len(pieces))
    suspects = np.flatnonzero(shapely.area(pieces) - held > tolerance_m2)
    ground = shapely.union_all(grounds[~shapely.is_missing(grounds)])
    beyond = shapely.area(shapely.difference(pieces[suspects], ground))
    strays = [Stray(int(i), float(area), ()) for i, area in zip(suspects, beyond, strict=True) if area > tolerance_m2]
    return sorted(strays, key=lambda stray: (-stray.area_m2, stray.cell))
