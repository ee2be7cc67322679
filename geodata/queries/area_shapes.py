"""The shapes of areas for a small map in a page."""

from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

# As SVG has it: x to the right, y downwards, in metres of the district's CRS. 60 m are less than a pixel there.
SHAPES = text("""
    SELECT s.code, s.name, s.area_m2, ST_AsSVG(s.shape, 0, 0) AS path, ST_X(s.middle) AS x, -ST_Y(s.middle) AS y,
           ST_XMin(s.shape) AS west, -ST_YMax(s.shape) AS north, ST_XMax(s.shape) AS east, -ST_YMin(s.shape) AS south
      FROM (SELECT a.code, a.name, a.area_m2, p.shape, ST_PointOnSurface(p.shape) AS middle
              FROM area AS a
              LEFT JOIN LATERAL (SELECT ST_SimplifyPreserveTopology(a.geom_m, :step_m) AS shape) AS p
                ON a.geom IS NOT NULL
             WHERE a.level = :level
               AND (CAST(:parent_code AS text) IS NULL OR a.parent_code = :parent_code)
               AND a.valid_from <= CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)) AS s
     ORDER BY s.code
""")

# What is less than a pixel on the map of a district, and of a town.
STEP_M = {"town": 60.0, "village": 30.0}


class AreaShape(NamedTuple):
    """An area of today; all from `path` on is None where it has no boundary.

    path, x, y, box   data of an SVG path, a point inside, and the box around it: metres, y downwards.
    """

    code: str
    name: str
    area_m2: float | None
    path: str | None
    x: float | None
    y: float | None
    west: float | None
    north: float | None
    east: float | None
    south: float | None


def area_shapes(session: Session, level: str, *, parent_code: str | None = None) -> list[AreaShape]:
    """The towns or villages of today (those of a parent, None: all) by code, with or without a boundary."""
    values = {"level": level, "parent_code": parent_code, "step_m": STEP_M[level]}
    return [AreaShape(*row) for row in session.execute(SHAPES, values)]
