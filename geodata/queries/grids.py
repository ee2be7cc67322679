"""The ground that cells are cut from, and the cells on it."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy import text
from sqlalchemy.orm import Session

TODAY = text("SELECT CURRENT_DATE")

AREAS_TODAY = text("""
    SELECT a.level, a.code, a.name, a.parent_code, ST_AsBinary(a.geom) AS shape
      FROM area AS a
     WHERE a.level = ANY(:levels)
       AND a.valid_from <= CURRENT_DATE
       AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
     ORDER BY a.level, a.code
""")

CELLS = text("""
    SELECT c.id, c.code, c.town_code, c.village_code, c.size_m, c.gx, c.gy, c.valid_from,
           ST_AsBinary(c.geom) AS shape
      FROM grid_cell AS c
     WHERE c.valid_to IS NULL
       AND (CAST(:within AS text) IS NULL OR c.town_code = :within OR c.village_code = :within)
     ORDER BY c.code
""")

CELLS_NEAR = text("""
    SELECT c.id, c.code, c.town_code, c.village_code, c.size_m, c.gx, c.gy, c.valid_from,
           ST_AsBinary(c.geom) AS shape
      FROM grid_cell AS c
     WHERE c.valid_to IS NULL AND c.geom && ST_SetSRID(ST_GeomFromWKB(:ground), 4326)
     ORDER BY c.code
""")

CELL_OF_CODE = text("""
    SELECT c.id, c.code, c.town_code, c.village_code, c.size_m, c.gx, c.gy, c.valid_from,
           ST_AsBinary(c.geom) AS shape
      FROM grid_cell AS c
     WHERE c.valid_to IS NULL AND c.code = :code
       FOR UPDATE
""")

# Which posts hold which of some cells.
POSTS_OF_CELLS = text("""
    SELECT m.duty_grid_id, m.cell_code
      FROM duty_grid_cell AS m
     WHERE m.cell_code = ANY(:codes)
     ORDER BY 1, 2
""")

CELLS_ENDED_TODAY = text("""
    SELECT c.code, ST_AsBinary(c.geom) AS shape
      FROM grid_cell AS c
     WHERE c.valid_to = CURRENT_DATE
       AND (CAST(:within AS text) IS NULL OR c.town_code = :within OR c.village_code = :within)
     ORDER BY c.code
""")

# A cell that was cut and is replaced on one day was never worked with, and leaves no trace.
DROP_CELLS_OF_TODAY = text("""
    DELETE FROM grid_cell
     WHERE id = ANY(:ids)
       AND valid_from = CURRENT_DATE
""")

RETIRE_CELLS = text("""
    UPDATE grid_cell
       SET valid_to = CURRENT_DATE
     WHERE id = ANY(:ids)
       AND valid_from < CURRENT_DATE
""")

COPY_CELLS = """
    COPY grid_cell (code, town_code, village_code, size_m, gx, gy, is_whole, is_provisional, valid_from, geom)
    FROM STDIN
"""

FORGET_SUCCESSION_OF_TODAY = text("""
    DELETE FROM cell_succession
     WHERE cut_on = CURRENT_DATE
       AND old_code = ANY(:codes)
""")

ADD_SUCCESSION = text("""
    INSERT INTO cell_succession (old_code, new_code, cut_on, share)
    SELECT old_code, new_code, CURRENT_DATE, share
      FROM unnest(CAST(:old AS text[]), CAST(:new AS text[]), CAST(:share AS float8[])) AS t (old_code, new_code, share)
""")

# Fresh statistics: what follows a cut (stamps, tiles, tickets) asks the new cells at once.
ANALYZE = text("ANALYZE area, grid_cell, member_unit, responsibility_point, responsibility_block")


class AreaShape(NamedTuple):
    """An area of today; `shape` in EPSG:4326, None while the boundary is missing."""

    level: str
    code: str
    name: str
    parent_code: str | None
    shape: shapely.MultiPolygon | None


class CellRow(NamedTuple):
    """A current cell; `shape` in EPSG:4326, column, row and size are None for an imported one."""

    id: int
    code: str
    town_code: str | None
    village_code: str | None
    size_m: float | None
    gx: int | None
    gy: int | None
    valid_from: date
    shape: shapely.MultiPolygon


class NewCell(NamedTuple):
    """A cell to store; `shape` is a MultiPolygon in EPSG:4326; no column, row or size of one drawn by hand."""

    code: str
    town_code: str | None
    village_code: str | None
    size_m: float | None
    gx: int | None
    gy: int | None
    is_whole: bool
    is_provisional: bool
    valid_from: date
    shape: shapely.MultiPolygon


class EndedCell(NamedTuple):
    """A cell that was retired today; `shape` in EPSG:4326."""

    code: str
    shape: shapely.MultiPolygon


class Heir(NamedTuple):
    """A new cell on the ground of an old one, with its share of the old one's area (0..1)."""

    old_code: str
    new_code: str
    share: float


def today(session: Session) -> date:
    """The district's day."""
    day: date = session.execute(TODAY).scalar_one()
    return day


def areas_today(session: Session, levels: Sequence[str]) -> list[AreaShape]:
    """Areas of these levels, by level and code, those without boundary included."""
    rows = session.execute(AREAS_TODAY, {"levels": list(levels)}).all()
    shapes = _shapes([row.shape for row in rows])
    return [
        AreaShape(row.level, row.code, row.name, row.parent_code, shape)
        for row, shape in zip(rows, shapes, strict=True)
    ]


def current_cells(session: Session, within: str | None = None) -> list[CellRow]:
    """Cells of today by code; all, or those of one town or village."""
    return _cells(session.execute(CELLS, {"within": within}).all())


def cells_near(session: Session, ground: BaseGeometry) -> list[CellRow]:
    """Cells of today by code that touch the box of some ground (EPSG:4326)."""
    return _cells(session.execute(CELLS_NEAR, {"ground": shapely.to_wkb(ground)}).all())


def cell_of_code(session: Session, code: str) -> CellRow | None:
    """The cell of today of a code, kept from others until this transaction ends; None where there is none."""
    return next(iter(_cells(session.execute(CELL_OF_CODE, {"code": code}).all())), None)


def posts_of_cells(session: Session, codes: Sequence[str]) -> list[tuple[int, str]]:
    """Ids of duty grids with the code of each of these cells that they hold."""
    return [(row.duty_grid_id, row.cell_code) for row in session.execute(POSTS_OF_CELLS, {"codes": list(codes)})]


def cells_ended_today(session: Session, within: str | None = None) -> list[EndedCell]:
    """Cells whose last day was yesterday, by code."""
    rows = session.execute(CELLS_ENDED_TODAY, {"within": within}).all()
    shapes = _shapes([row.shape for row in rows])
    return [EndedCell(row.code, shape) for row, shape in zip(rows, shapes, strict=True)]


def end_cells(session: Session, ids: Sequence[int]) -> None:
    """Retire cells as of today; those cut only today are dropped."""
    session.execute(DROP_CELLS_OF_TODAY, {"ids": list(ids)})
    session.execute(RETIRE_CELLS, {"ids": list(ids)})


def add_cells(session: Session, cells: Sequence[NewCell]) -> None:
    """Store cells, by COPY."""
    driver = session.connection().connection.driver_connection
    if driver is None:
        raise RuntimeError("the connection is closed")
    shapes = shapely.set_srid(np.array([cell.shape for cell in cells] + [None], dtype=object)[:-1], 4326)
    texts = shapely.to_wkb(shapes, hex=True, include_srid=True)
    with driver.cursor() as cursor, cursor.copy(COPY_CELLS) as copy:
        for cell, shape in zip(cells, texts, strict=True):
            copy.write_row((*cell[:-1], shape))


def replace_succession(session: Session, old_codes: Sequence[str], heirs: Sequence[Heir]) -> None:
    """Write down who took over the ground of cells that end today, in place of what was written today."""
    session.execute(FORGET_SUCCESSION_OF_TODAY, {"codes": list(old_codes)})
    if heirs:
        old, new, share = zip(*heirs, strict=True)
        session.execute(ADD_SUCCESSION, {"old": list(old), "new": list(new), "share": list(share)})


def refresh_statistics(session: Session) -> None:
    """Let the planner know of the new cells."""
    session.execute(ANALYZE)


def _cells(rows: Sequence[Any]) -> list[CellRow]:
    shapes = _shapes([row.shape for row in rows])
    return [
        CellRow(row.id, row.code, row.town_code, row.village_code, row.size_m, row.gx, row.gy, row.valid_from, shape)
        for row, shape in zip(rows, shapes, strict=True)
    ]


def _shapes(found: Sequence[bytes | None]) -> NDArray[np.object_]:
    column = np.empty(len(found), dtype=object)
    column[:] = [None if raw is None else bytes(raw) for raw in found]
    shapes: NDArray[np.object_] = shapely.from_wkb(column)
    return shapes
