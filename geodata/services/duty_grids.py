"""What follows from an import of duty grids: which cells each holds, what is amiss, and who answers for tickets."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from sqlalchemy.orm import Session

from geodata.ingest.kinds import Job, Record
from geodata.ingest.places import shape_array
from geodata.queries import duty_grids as queries
from geodata.queries.duty_grids import GridRow
from geodata.queries.grids import CellRow, current_cells
from geodata.queries.loading import Merged
from geodata.services.grounds import metre_shapes
from geodata.services.stamps import restamp
from spatial.clean import check_coverage
from spatial.holding import holder_of_most

# Overlaps below this are the coarseness of drawing.
TOLERANCE_M2 = 1.0
_TOLD = 5
_KEPT = 1000


@dataclass(frozen=True)
class _Scheme:
    """The duty grids of one scheme, as they are after the rows went in and before their cells did.

    grids   by id; `mine` are those of the file.
    before  cells of each grid by its id.
    """

    name: str
    grids: Mapping[int, GridRow]
    mine: Mapping[int, Record]
    before: Mapping[int, set[str]]
    cells: Sequence[CellRow]
    metre_srid: int


def after_duty_grids(session: Session, job: Job, merged: Merged, records: Sequence[Record], *, metre_srid: int) -> None:
    """Give the duty grids of the file their cells, note what is amiss, and stamp tickets anew where cells changed.

    A list gives a grid exactly the cells it names. A drawing gives each cell it touches, or touched, to the one grid
    of the scheme that holds the most of it, whether that is in the file or was there before; see `holder_of_most`.
    """
    cells = current_cells(session)
    has_changed = False
    for name in sorted({record.values["scheme"] for record in records}):
        told = {record.values["code"]: record for record in records if record.values["scheme"] == name}
        grids = {grid.id: grid for grid in queries.grids_of(session, name)}
        mine = {grid.id: told[grid.code] for grid in grids.values() if grid.code in told}
        scheme = _Scheme(name, grids, mine, queries.members(session, name), cells, metre_srid)
        has_changed |= _settle(session, job, merged, scheme)
    if has_changed:
        restamp(session)


def _settle(session: Session, job: Job, merged: Merged, scheme: _Scheme) -> bool:
    """Settle the cells of one scheme; whether any changed hands."""
    if "cell_code" in job.fields:
        after = {**scheme.before, **{number: record.cells["cells"] for number, record in scheme.mine.items()}}
    else:
        after = _by_ground(scheme)
        _note_overlaps(job, scheme)
    gone, new = _pairs(scheme.before) - _pairs(after), _pairs(after) - _pairs(scheme.before)
    queries.change_members(session, gone=gone, new=new)
    # a grid whose own columns stayed has changed all the same when its cells did
    others = len({number for number, _ in gone | new} & scheme.mine.keys() - {*merged.stored, *merged.changed})
    job.report.changed += others
    job.report.unchanged -= others
    _note_cells(job, scheme, after)
    _note_others(job, scheme, after, gone)
    return bool(gone or new)


def _by_ground(scheme: _Scheme) -> dict[int, Collection[str]]:
    """Cells by grid, where those that the grids of the file touch or had go to whoever holds the most of them."""
    drawn = [grid for grid in scheme.grids.values() if grid.shape is not None]
    shapes = metre_shapes(shape_array([grid.shape for grid in drawn]), scheme.metre_srid)
    grounds = metre_shapes(shape_array([cell.shape for cell in scheme.cells]), scheme.metre_srid)
    is_mine = np.array([grid.id in scheme.mine for grid in drawn], dtype=bool)
    touched = set(shapely.STRtree(grounds).query(shapes[is_mine], predicate="intersects")[1].tolist())
    had = {code for number in scheme.mine for code in scheme.before.get(number, ())}
    asked = sorted(touched | {i for i, cell in enumerate(scheme.cells) if cell.code in had})
    crs = f"EPSG:{scheme.metre_srid}"
    holders = holder_of_most(gpd.GeoSeries(grounds[asked], crs=crs), gpd.GeoSeries(shapes, crs=crs))
    taken = {scheme.cells[i].code for i in asked}
    after = {number: codes - taken for number, codes in scheme.before.items() if number not in scheme.mine}
    for i, holder in zip(asked, holders.tolist(), strict=True):
        if holder >= 0:
            after.setdefault(drawn[holder].id, set()).add(scheme.cells[i].code)
    return {**after}


def _pairs(members: Mapping[int, Collection[str]]) -> set[tuple[int, str]]:
    return {(number, code) for number, codes in members.items() for code in codes}


def _note_overlaps(job: Job, scheme: _Scheme) -> None:
    drawn = [grid for grid in scheme.grids.values() if grid.shape is not None]
    shapes = metre_shapes(shape_array([grid.shape for grid in drawn]), scheme.metre_srid)
    layer = gpd.GeoSeries(shapes, crs=f"EPSG:{scheme.metre_srid}")
    pairs = [
        (drawn[one.i].code, drawn[one.j].code, round(one.area_m2, 1))
        for one in check_coverage(layer, tolerance_m2=TOLERANCE_M2).overlaps
        if not scheme.mine.keys().isdisjoint({drawn[one.i].id, drawn[one.j].id})
    ]
    if pairs:
        told = "; ".join(f"{left} and {right} {area / 1e4:.4f} ha" for left, right, area in pairs[:_TOLD])
        text = f"{len(pairs)} overlaps of duty grids, where each cell went to the one that holds more of it: {told}"
        job.report.note("overlaps", text, {"count": len(pairs), "pairs": [list(pair) for pair in pairs[:_KEPT]]})


def _note_cells(job: Job, scheme: _Scheme, after: Mapping[int, Collection[str]]) -> None:
    """Note the grids of the file without cells, and cells of their towns without a grid."""
    empty = [scheme.grids[number].code for number in scheme.mine if not after.get(number)]
    _note(job, "grids_without_cells", f"duty grids ({scheme.name}) hold no cell", empty)
    held = {code for codes in after.values() for code in codes}
    towns = {scheme.grids[number].town_code for number in scheme.mine} - {None}
    nobodys = [cell.code for cell in scheme.cells if cell.town_code in towns and cell.code not in held]
    _note(job, "cells_without_grid", f"cells in the towns of the file are in no duty grid ({scheme.name})", nobodys)


def _note_others(
    job: Job, scheme: _Scheme, after: Mapping[int, Collection[str]], gone: Collection[tuple[int, str]]
) -> None:
    """Note cells in two grids, cells of other towns, and grids outside the file that gave cells away."""
    of_cell: dict[str, list[int]] = {}
    for number, code in sorted(_pairs(after)):
        of_cell.setdefault(code, []).append(number)
    shared = [
        f"{code} ({', '.join(sorted(scheme.grids[number].code for number in numbers))})"
        for code, numbers in of_cell.items()
        if len(numbers) > 1 and not scheme.mine.keys().isdisjoint(numbers)
    ]
    _note(job, "cells_in_two", f"cells are in two duty grids ({scheme.name}); list both grids anew", shared)
    towns = {cell.code: cell.town_code for cell in scheme.cells}
    strays = [
        code
        for number in scheme.mine
        for code in after.get(number, ())
        if towns.get(code) != scheme.grids[number].town_code
    ]
    _note(job, "cells_of_other_towns", "cells lie in another town than their duty grid", strays)
    givers = {scheme.grids[number].code for number, _ in gone if number not in scheme.mine}
    _note(job, "cells_taken", "duty grids that are not in the file lost cells to those that are", givers)


def _note(job: Job, word: str, what: str, codes: Collection[str]) -> None:
    if not codes:
        return
    listed = sorted(codes)
    told = ", ".join(listed[:_TOLD]) + (", …" if len(listed) > _TOLD else "")
    job.report.note(word, f"{len(listed)} {what}: {told}", {"count": len(listed), "codes": listed[:_KEPT]})
