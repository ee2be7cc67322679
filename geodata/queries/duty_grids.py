"""Which cells duty grids hold, and what of that changes."""

from collections.abc import Collection
from typing import NamedTuple

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import BigInteger, Text, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

GRIDS = text("""
    SELECT g.id, g.code, g.town_code, ST_AsBinary(g.geom) AS shape
      FROM duty_grid AS g
     WHERE g.scheme = :scheme
     ORDER BY g.code COLLATE "C"
""")

MEMBERS = text("""
    SELECT m.duty_grid_id, m.cell_code
      FROM duty_grid_cell AS m
      JOIN duty_grid AS g ON g.id = m.duty_grid_id
     WHERE g.scheme = :scheme
     ORDER BY m.duty_grid_id, m.cell_code
""")

ADD_MEMBERS = text("""
    INSERT INTO duty_grid_cell (duty_grid_id, cell_code)
    SELECT duty_grid_id, cell_code FROM unnest(:grids, :cells) AS t (duty_grid_id, cell_code)
""").bindparams(bindparam("grids", type_=ARRAY(BigInteger)), bindparam("cells", type_=ARRAY(Text)))

REMOVE_MEMBERS = text("""
    DELETE FROM duty_grid_cell AS m
     USING unnest(:grids, :cells) AS t (duty_grid_id, cell_code)
     WHERE m.duty_grid_id = t.duty_grid_id AND m.cell_code = t.cell_code
""").bindparams(bindparam("grids", type_=ARRAY(BigInteger)), bindparam("cells", type_=ARRAY(Text)))


class GridRow(NamedTuple):
    """A duty grid; `shape` in EPSG:4326, None while it has no boundary."""

    id: int
    code: str
    town_code: str | None
    shape: BaseGeometry | None


def grids_of(session: Session, scheme: str) -> list[GridRow]:
    """The duty grids of a scheme, by code."""
    rows = session.execute(GRIDS, {"scheme": scheme})
    return [
        GridRow(row.id, row.code, row.town_code, None if row.shape is None else shapely.from_wkb(bytes(row.shape)))
        for row in rows
    ]


def members(session: Session, scheme: str) -> dict[int, set[str]]:
    """Codes of the cells of each duty grid of a scheme by its id; without those that have none."""
    found: dict[int, set[str]] = {}
    for grid, cell in session.execute(MEMBERS, {"scheme": scheme}):
        found.setdefault(grid, set()).add(cell)
    return found


def change_members(session: Session, *, gone: Collection[tuple[int, str]], new: Collection[tuple[int, str]]) -> None:
    """Take cells (duty grid's id, cell's code) from duty grids, and give them others."""
    for statement, pairs in ((REMOVE_MEMBERS, sorted(gone)), (ADD_MEMBERS, sorted(new))):
        if pairs:
            grids, cells = zip(*pairs, strict=True)
            session.execute(statement, {"grids": list(grids), "cells": list(cells)})
