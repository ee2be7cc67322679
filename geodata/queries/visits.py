"""Cells that were walked: on which day and for which duty grid, never by whom."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

# Cells at a border are clipped; how large a cell is meant to be, a whole one says.
CELL = text("""
    SELECT c.code, c.town_code,
           sqrt(ST_Area(COALESCE((SELECT w.geom
                                    FROM grid_cell AS w
                                   WHERE w.is_whole AND w.valid_to IS NULL
                                   ORDER BY w.code
                                   LIMIT 1), c.geom)::geography)) AS side_m
      FROM grid_cell AS c
     WHERE c.code = :code AND c.valid_to IS NULL
     ORDER BY c.code
     LIMIT 1
""")

WALKS = text("""
    SELECT count(*) AS grids,
           count(*) FILTER (WHERE EXISTS (
               SELECT
                 FROM duty_grid_cell AS m
                WHERE m.duty_grid_id = w.duty_grid_id AND m.cell_code = :code)) AS with_cell
      FROM user_duty_grid AS w
     WHERE w.user_id = :user_id
""")

# Twice on a day is once.
VISIT = text("""
    INSERT INTO cell_visit (day, cell_code, duty_grid_code, town_code)
    VALUES (:day, :cell_code, :duty_grid_code, :town_code)
        ON CONFLICT DO NOTHING
    RETURNING cell_code
""")

VISITED = text("""
    SELECT v.cell_code
      FROM cell_visit AS v
     WHERE v.day = :day AND v.cell_code = ANY(CAST(:codes AS text[]))
     ORDER BY v.cell_code
""")

# A cell that lies in several of the grids counts once.
PATROL = text("""
    SELECT count(*) AS cells, count(v.cell_code) AS visited
      FROM (SELECT DISTINCT m.cell_code
              FROM user_duty_grid AS w
              JOIN duty_grid_cell AS m ON m.duty_grid_id = w.duty_grid_id
             WHERE w.user_id = :user_id) AS c
      LEFT JOIN cell_visit AS v ON v.day = :day AND v.cell_code = c.cell_code
""")


class CellFacts(NamedTuple):
    """A cell of today's grid: its town (maybe unknown), and the side of a whole one in metres."""

    code: str
    town_code: str | None
    side_m: float


class Walks(NamedTuple):
    """How many duty grids somebody walks, and how many of them hold a cell."""

    grids: int
    with_cell: int


class Patrol(NamedTuple):
    """Cells of the duty grids somebody walks, and how many of them were walked on a day."""

    cells: int
    visited: int


def cell(session: Session, code: str) -> CellFacts | None:
    """The cell of that code in today's grid, None where there is none."""
    row = session.execute(CELL, {"code": code}).first()
    return CellFacts(*row) if row else None


def walks(session: Session, user_id: int, code: str) -> Walks:
    """Whether a cell is in the duty grids that a user walks."""
    return Walks(*session.execute(WALKS, {"user_id": user_id, "code": code}).one())


def add_visit(
    session: Session, *, day: date, cell_code: str, duty_grid_code: str | None, town_code: str | None
) -> bool:
    """Write down that a cell was walked; False where it was already that day."""
    values = {"day": day, "cell_code": cell_code, "duty_grid_code": duty_grid_code, "town_code": town_code}
    return session.execute(VISIT, values).first() is not None


def visited(session: Session, day: date, codes: Sequence[str]) -> set[str]:
    """Those of some cells that were walked on a day."""
    return set(session.scalars(VISITED, {"day": day, "codes": list(codes)}))


def patrol(session: Session, user_id: int, day: date) -> Patrol:
    """How much of a user's own ground was walked on a day, by whomever."""
    return Patrol(*session.execute(PATROL, {"user_id": user_id, "day": day}).one())
