"""Cutting the grid, and checking one."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from geodata.errors import BadSetting
from geodata.models import OPEN_START
from geodata.queries import grids as queries
from geodata.queries.grids import CellRow, EndedCell, Heir, NewCell
from geodata.queries.stamping import pass_posts_on
from geodata.services.grounds import Ground, asked, frame, grounds, metre_shapes
from geodata.services.installation import installation
from geodata.services.stamps import restamp
from spatial.cells import CellsReport, check_cells, make_cells
from spatial.codes import CodePattern
from spatial.crs import from_metre, geodesic_area_m2

Progress = Callable[[int, int], None]

# Neighbouring cells are drawn to the micrometre; a share below this is rounding.
LEAST_SHARE = 1e-6
TOLERANCE_M2 = 1.0
SIZES_M = (5.0, 10_000.0)


@dataclass(frozen=True)
class GridSummary:
    """What cutting the grid came to.

    cells        current cells in the ground asked for, after it.
    stored, retired, unchanged   of them new; former ones ended; left as they were.
    provisional  cells cut within towns, where villages have no boundary.
    area_m2      geodesic area of all these cells.
    """

    size_m: float
    areas: int
    cells: int
    stored: int
    retired: int
    unchanged: int
    provisional: int
    area_m2: float

    def to_json(self) -> dict[str, Any]:
        """The figures as JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class Fault:
    """One fault of a grid: `gap`, `overlap`, `in_several` or `outside`, and the codes it concerns."""

    what: str
    codes: tuple[str, ...]
    area_m2: float


@dataclass(frozen=True)
class GridReport:
    """The check of the current grid; faults by kind, the largest first. No faults: it tiles the ground."""

    cells: int
    areas: int
    faults: tuple[Fault, ...]

    @property
    def is_clean(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults

    def to_json(self) -> dict[str, Any]:
        """The report as JSON values."""
        return {**asdict(self), "is_clean": self.is_clean}


def make_grid(
    session: Session, *, size_m: float = 100.0, within: str | None = None, progress: Progress | None = None
) -> GridSummary:
    """Cut square cells of `size_m` in the metre CRS, clipped to villages, or towns where these have no boundary.

    within   code of one town or village; the rest of the grid stays.

    Cells that come out as they are now stay; others end today and hand their ground on, which is
    written down with shares. Stamps are set anew. Raises NotFound, NoBoundary, TooManyCells.
    """
    if not SIZES_M[0] <= size_m <= SIZES_M[1]:
        raise BadSetting("--size", f"{size_m:g}", "5 to 10000 metres")
    settings = installation(session)
    pieces = asked(session, grounds(session, srid=settings.metre_srid), within)
    day = queries.today(session)
    wanted = _cut(pieces, settings.metre_srid, settings.code_pattern, size_m=size_m, progress=progress)
    there = queries.current_cells(session, within)
    stay, gone = _compare(wanted, there)
    fresh = [cell for cell in wanted if cell.code not in stay]
    if fresh or gone:
        _replace(session, fresh, gone, within=within, day=day, srid=settings.metre_srid)
    return GridSummary(
        size_m=size_m,
        areas=len(pieces),
        cells=len(wanted),
        stored=len(fresh),
        retired=len(gone),
        unchanged=len(stay),
        provisional=sum(cell.is_provisional for cell in wanted),
        area_m2=float(geodesic_area_m2(_column([cell.shape for cell in wanted])).sum()),
    )


def check_grid(session: Session) -> GridReport:
    """Whether the current cells, cut here or imported, tile the ground: each in one area, no gaps, no overlaps.

    Faults below 1 m² are not told.
    """
    srid = installation(session).metre_srid
    pieces = grounds(session, srid=srid)
    cells = queries.current_cells(session)
    shapes = metre_shapes(_column([cell.shape for cell in cells]), srid)
    layer = gpd.GeoDataFrame({"code": [cell.code for cell in cells]}, geometry=shapes, crs=f"EPSG:{srid}")
    found = check_cells(layer, frame(pieces, srid=srid), tolerance_m2=TOLERANCE_M2)
    return GridReport(len(cells), len(pieces), _faults(found, [cell.code for cell in cells]))


def _cut(
    pieces: list[Ground], srid: int, pattern_text: str, *, size_m: float, progress: Progress | None
) -> list[NewCell]:
    """Cells of the ground, with codes; `valid_from` is that of a first grid."""
    pattern = CodePattern.parse(pattern_text)
    found: list[NewCell] = []
    for done, piece in enumerate(pieces, start=1):
        made = make_cells(frame([piece], srid=srid), size_m=size_m)
        pattern.check_count(piece.code, len(made), cut_level=piece.level)
        # one code is made with all checks; the others differ in the running number alone
        first = pattern.cell_code(piece.code, 1, cut_level=piece.level)
        stem, digits = first[: pattern.area_width], len(first) - pattern.area_width
        shapes = _to_degrees(np.asarray(made.geometry.array, dtype=object), srid)
        columns = (made[name].tolist() for name in ("running", "gx", "gy", "is_whole"))
        found += [
            NewCell(
                code=f"{stem}{running:0{digits}d}",
                town_code=piece.town_code,
                village_code=piece.village_code,
                size_m=size_m,
                gx=gx,
                gy=gy,
                is_whole=is_whole,
                is_provisional=piece.level != "village",
                valid_from=OPEN_START,
                shape=shape,
            )
            for running, gx, gy, is_whole, shape in zip(*columns, shapes, strict=True)
        ]
        if progress:
            progress(done, len(pieces))
    return found


def _to_degrees(shapes: NDArray[np.object_], srid: int) -> NDArray[np.object_]:
    """Cells as MultiPolygons in EPSG:4326; at most a square wide, so straight edges stay straight."""

    def move(coords: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(from_metre(coords[:, 0], coords[:, 1], srid))

    moved = shapely.transform(shapes, move)
    single = shapely.get_type_id(moved) == shapely.GeometryType.POLYGON.value
    moved[single] = shapely.multipolygons(moved[single][:, None]) if single.any() else moved[single]
    degrees: NDArray[np.object_] = moved
    return degrees


def _compare(wanted: list[NewCell], there: list[CellRow]) -> tuple[set[str], list[CellRow]]:
    """Codes of the cells that stay as they are, and the cells that go."""
    by_code = {cell.code: cell for cell in wanted}
    shapes = dict(zip(by_code, shapely.to_wkb(_column([c.shape for c in by_code.values()])), strict=True))
    old = shapely.to_wkb(_column([cell.shape for cell in there]))
    stay, gone = set(), []
    for cell, shape in zip(there, old, strict=True):
        new = by_code.get(cell.code)
        if new is not None and new[1:6] == cell[2:7] and shapes[cell.code] == shape:
            stay.add(cell.code)
        else:
            gone.append(cell)
    return stay, gone


def _replace(
    session: Session, fresh: list[NewCell], gone: list[CellRow], *, within: str | None, day: date, srid: int
) -> None:
    queries.end_cells(session, [cell.id for cell in gone])
    ended = queries.cells_ended_today(session, within)
    # a first grid holds for tickets of the past as well; a later one begins with its own day
    start = day if ended else OPEN_START
    queries.add_cells(session, [cell._replace(valid_from=start) for cell in fresh])
    if ended:
        current = queries.current_cells(session, within)
        queries.replace_succession(session, [cell.code for cell in ended], heirs(ended, current, srid))
        pass_posts_on(session, day)
    queries.refresh_statistics(session)
    session.expire_all()
    restamp(session)


def heirs(ended: list[EndedCell], current: list[CellRow], srid: int) -> list[Heir]:
    """Who took over from whom, by old and new code; shares of one old cell add up to what is covered."""
    old = metre_shapes(_column([cell.shape for cell in ended]), srid)
    new = metre_shapes(_column([cell.shape for cell in current]), srid)
    heir, former = shapely.STRtree(new).query(old, predicate="intersects")[::-1]
    share = shapely.area(shapely.intersection(old[former], new[heir])) / shapely.area(old[former])
    kept = np.flatnonzero(share > LEAST_SHARE)
    found = [Heir(ended[former[i]].code, current[heir[i]].code, float(min(share[i], 1.0))) for i in kept]
    return sorted(found)


def _faults(found: CellsReport, codes: list[str]) -> tuple[Fault, ...]:
    return (
        *(Fault("gap", (gap.area_code,), gap.area_m2) for gap in found.gaps),
        *(Fault("overlap", (codes[o.i], codes[o.j]), o.area_m2) for o in found.overlaps),
        *(Fault("in_several", (codes[s.cell], *s.area_codes), s.area_m2) for s in found.in_several),
        *(Fault("outside", (codes[s.cell],), s.area_m2) for s in found.outside),
    )


def _column(shapes: list[Any]) -> NDArray[np.object_]:
    column = np.empty(len(shapes), dtype=object)
    column[:] = shapes
    return column
