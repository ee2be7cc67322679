"""What stamping reads and writes: places, the areas of their days, and the codes that belong together."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy import BigInteger, Boolean, Column, Date, Text, cast, func, literal_column, or_, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from geodata.models import MemberUnit, ResponsibilityPoint, Ticket
from geodata.models.base import Base
from geodata.queries.loading import staged

STAMPS = ("town_code", "village_code", "cell_code")

# A place that an address was found to have, and that may lie farther off than this, is in no cell for sure.
CELL_ERROR_M = 60.0
_IS_SURE = f"NOT coalesce({{0}}.datum_evidence = 'geocoded' AND {{0}}.accuracy_m > {CELL_ERROR_M}, FALSE)"


class Places(NamedTuple):
    """Rows to stamp by id: the day that counts, and the place in WGS 84 degrees (NaN without one).

    is_sure   whether the place is good enough to tell a cell from its neighbours.
    """

    ids: list[int]
    days: list[date]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    is_sure: NDArray[np.bool_]


class Ground(NamedTuple):
    """One area or cell with a boundary, and the days on which it was in force."""

    level: str
    code: str
    valid_from: date
    valid_to: date | None
    shape: bytes


class Disagreement(NamedTuple):
    """A stored code that is not the code of the area at the place; `found` is None where there is no area."""

    table: str
    id: int
    column: str
    stored: str | None
    found: str | None


# Anything in force on one of the days between first and last; the caller picks for each day.
_GROUND = """
    SELECT level, code, valid_from, valid_to, ST_AsBinary(geom) AS shape
      FROM area
     WHERE level IN ('town', 'village') AND geom IS NOT NULL
       AND valid_from <= :last AND (valid_to IS NULL OR valid_to > :first){near}
     UNION ALL
    SELECT 'cell', code, valid_from, valid_to, ST_AsBinary(geom)
      FROM grid_cell
     WHERE valid_from <= :last AND (valid_to IS NULL OR valid_to > :first){near}
     ORDER BY 1, 2, 3
"""
GROUND = text(_GROUND.format(near=""))
GROUND_NEAR = text(_GROUND.format(near="\n       AND geom && ST_SetSRID(ST_GeomFromWKB(:near), 4326)"))

TODAY = text("SELECT CURRENT_DATE")

# The post that answers for a cell: that of the first scheme, and in it of the lower code.
POST_OF_CELL = """
    SELECT DISTINCT ON (m.cell_code) m.cell_code, g.code
      FROM duty_grid_cell AS m
      JOIN duty_grid AS g ON g.id = m.duty_grid_id
     ORDER BY m.cell_code, g.scheme, g.code
"""

# Cells of a grid that was cut again stay written on old tickets. A code may come back for other ground, so what it
# meant follows from the day of the report; who answers for that ground now is the heir of most of it, or its heir.
HEIRS = f"""
    WITH RECURSIVE post AS ({POST_OF_CELL}),
         cut AS (
        SELECT s.old_code, s.new_code, s.cut_on,
               LAG(s.cut_on, 1, CAST('-infinity' AS date)) OVER (PARTITION BY s.old_code ORDER BY s.cut_on) AS since
          FROM (SELECT DISTINCT ON (old_code, cut_on) old_code, new_code, cut_on
                  FROM cell_succession
                 ORDER BY old_code, cut_on, share DESC, new_code) AS s),
         line AS (
        SELECT c.old_code, c.since, c.cut_on, c.new_code, c.cut_on AS reached
          FROM cut AS c
         UNION ALL
        SELECT l.old_code, l.since, l.cut_on, c.new_code, c.cut_on
          FROM line AS l
          JOIN cut AS c ON c.old_code = l.new_code AND c.since <= l.reached AND c.cut_on > l.reached),
         heir AS (
        SELECT DISTINCT ON (old_code, cut_on) old_code, since, cut_on, new_code
          FROM line
         ORDER BY old_code, cut_on, reached DESC),
         answer AS (
        SELECT t.id, p.code
          FROM ticket AS t
          LEFT JOIN heir AS h
            ON h.old_code = t.cell_code AND t.reported_at >= h.since AND t.reported_at < h.cut_on
          LEFT JOIN post AS p ON p.cell_code = COALESCE(h.new_code, t.cell_code))
"""

GIVE_POSTS = text(f"""
{HEIRS}
    UPDATE ticket AS i
       SET duty_grid_code = n.code
      FROM answer AS n
     WHERE n.id = i.id AND i.duty_grid_code IS DISTINCT FROM n.code
       AND (CAST(:ids AS bigint[]) IS NULL OR i.id = ANY(CAST(:ids AS bigint[])))
""")

POSTS_WRONG = text(f"""
{HEIRS}
    SELECT 'ticket', i.id, 'duty_grid_code', i.duty_grid_code, n.code
      FROM ticket AS i
      JOIN answer AS n ON n.id = i.id
     WHERE i.duty_grid_code IS DISTINCT FROM n.code
     ORDER BY i.id
""")

# A post keeps its ground when the grid is cut again: it takes over each new cell of which its old ones make up most.
HEIRS_OF_POSTS = text("""
    SELECT DISTINCT ON (n.new_code, g.scheme) n.duty_grid_id, n.new_code
      FROM (SELECT m.duty_grid_id, s.new_code, sum(s.share * ST_Area(c.geom_m)) AS area_m2
              FROM cell_succession AS s
              JOIN duty_grid_cell AS m ON m.cell_code = s.old_code
              JOIN grid_cell AS c ON c.code = s.old_code AND c.valid_to = s.cut_on
             WHERE s.cut_on = :day
             GROUP BY m.duty_grid_id, s.new_code) AS n
      JOIN duty_grid AS g ON g.id = n.duty_grid_id
     ORDER BY n.new_code, g.scheme, n.area_m2 DESC, g.code
""")

# What ended that day, and what is no cell at all; a code may have come back for other ground.
TAKE_CELLS = text("""
    DELETE FROM duty_grid_cell AS m
     WHERE EXISTS (SELECT FROM cell_succession AS s WHERE s.cut_on = :day AND s.old_code = m.cell_code)
        OR NOT EXISTS (SELECT FROM grid_cell AS c WHERE c.code = m.cell_code AND c.valid_to IS NULL)
""")

HAND_CELLS = text("""
    INSERT INTO duty_grid_cell (duty_grid_id, cell_code)
    SELECT duty_grid_id, cell_code
      FROM unnest(CAST(:grids AS integer[]), CAST(:cells AS text[])) AS n (duty_grid_id, cell_code)
        ON CONFLICT DO NOTHING
""")

TICKETS_OF_TODAY = text("SELECT id FROM ticket WHERE reported_at >= CURRENT_DATE AND geom IS NOT NULL ORDER BY id")

# Whatever the box of some ground touches: more than what lies on it, never less.
IDS_NEAR = "SELECT id FROM {table} WHERE geom && ST_SetSRID(ST_GeomFromWKB(:ground), 4326) ORDER BY id"

# The answer of PostGIS itself, asked point by point: slow, and independent of how stamps are made.
DISAGREEMENTS = """
    SELECT s.id, s.town_code, s.village_code, s.cell_code,
           town.code AS town_found, village.code AS village_found, cell.code AS cell_found
      FROM (SELECT t.id, t.town_code, t.village_code, t.cell_code, t.geom, {day} AS day, {is_sure} AS is_sure
              FROM {table} AS t) AS s
      LEFT JOIN LATERAL (
        SELECT min(a.code COLLATE "C") AS code FROM area AS a
         WHERE a.level = 'town' AND ST_Covers(a.geom, s.geom)
           AND a.valid_from <= s.day AND (a.valid_to IS NULL OR a.valid_to > s.day)) AS town ON true
      LEFT JOIN LATERAL (
        SELECT min(a.code COLLATE "C") AS code FROM area AS a
         WHERE a.level = 'village' AND ST_Covers(a.geom, s.geom)
           AND a.valid_from <= s.day AND (a.valid_to IS NULL OR a.valid_to > s.day)) AS village ON true
      LEFT JOIN LATERAL (
        SELECT min(c.code COLLATE "C") AS code FROM grid_cell AS c
         WHERE s.is_sure AND ST_Covers(c.geom, s.geom)
           AND c.valid_from <= s.day AND (c.valid_to IS NULL OR c.valid_to > s.day)) AS cell ON true
     WHERE (s.town_code, s.village_code, s.cell_code) IS DISTINCT FROM (town.code, village.code, cell.code)
     ORDER BY s.id
"""


def places(session: Session, model: type[Base], *, ids: Sequence[int] | None, only_missing: bool, zone: str) -> Places:
    """The rows of `model` to stamp, by id.

    ids           only these; None for all.
    only_missing  only rows that have a place and lack one of the codes.
    zone          time zone in which the day of a ticket's report is told; the day of other rows is today.
    """
    table = model.metadata.tables[model.__tablename__]
    lon, lat = func.ST_X(table.c.geom), func.ST_Y(table.c.geom)
    is_sure = literal_column(_is_sure(model, table.name), Boolean).label("is_sure")
    query = select(table.c.id, lon, lat, _day(model, zone).label("day"), is_sure)
    if ids is not None:
        query = query.where(table.c.id == func.any(cast(list(ids), ARRAY(BigInteger))))
    if only_missing:
        query = query.where(or_(*(table.c[name].is_(None) for name in STAMPS)), table.c.geom.is_not(None))
    rows = session.execute(query.order_by(table.c.id)).all()
    x, y = (np.array([row[i] for row in rows], dtype=np.float64) for i in (1, 2))
    sure = np.array([row.is_sure for row in rows], dtype=bool)
    return Places([row.id for row in rows], [row.day for row in rows], x, y, sure)


def ground(session: Session, first: date, last: date, *, near: BaseGeometry | None = None) -> list[Ground]:
    """Towns, villages and cells in force on any day from `first` to `last`, by level, code and beginning.

    near   only those that touch the box of some ground (EPSG:4326).
    """
    bound = {"first": first, "last": last, **({} if near is None else {"near": shapely.to_wkb(near)})}
    return [Ground(*row) for row in session.execute(GROUND if near is None else GROUND_NEAR, bound)]


def shapes(grounds: Sequence[Ground]) -> NDArray[np.object_]:
    """The boundaries of areas, as geometries in EPSG:4326."""
    made: NDArray[np.object_] = shapely.from_wkb(np.array([one.shape for one in grounds] + [None], dtype=object))[:-1]
    return made


def write_stamps(session: Session, model: type[Base], rows: Iterable[Sequence[Any]], *, only_missing: bool) -> int:
    """Store codes by id; rows are (id, town_code, village_code, cell_code). Returns how many changed.

    only_missing   fill what is empty, and leave a code that is there.
    """
    table = model.metadata.tables[model.__tablename__]
    columns: list[Column[Any]] = [Column("id", BigInteger), *(Column(name, Text) for name in STAMPS)]
    with staged(session, columns, rows) as source:
        new = {
            name: func.coalesce(table.c[name], source.c[name]) if only_missing else source.c[name] for name in STAMPS
        }
        differs = or_(*(table.c[name].is_distinct_from(value) for name, value in new.items()))
        change = update(table).where(table.c.id == source.c.id, differs).values(new).returning(table.c.id)
        return len(session.execute(change).all())


def disagreements(session: Session, model: type[Base], *, zone: str) -> list[Disagreement]:
    """Rows of `model` whose stored codes PostGIS does not confirm, by id; one entry per code."""
    day = "(t.reported_at AT TIME ZONE :zone)::date" if model is Ticket else "CURRENT_DATE"
    query = text(DISAGREEMENTS.format(table=model.__tablename__, day=day, is_sure=_is_sure(model, "t")))
    rows = session.execute(query, {"zone": zone} if model is Ticket else {})
    return [
        Disagreement(model.__tablename__, row.id, f"{level}_code", stored, found)
        for row in rows
        for level, stored, found in (
            ("town", row.town_code, row.town_found),
            ("village", row.village_code, row.village_found),
            ("cell", row.cell_code, row.cell_found),
        )
        if stored != found
    ]


def give_posts(session: Session, ids: Sequence[int] | None = None) -> None:
    """Set the duty grid of tickets from their cells; None for all."""
    session.execute(GIVE_POSTS, {"ids": None if ids is None else list(ids)})


def pass_posts_on(session: Session, day: date) -> None:
    """Let duty grids take over the new cells on their ground from those that ended that day."""
    heirs = session.execute(HEIRS_OF_POSTS, {"day": day}).all()
    session.execute(TAKE_CELLS, {"day": day})
    if heirs:
        grids, cells = zip(*heirs, strict=True)
        session.execute(HAND_CELLS, {"grids": list(grids), "cells": list(cells)})


def ids_near(session: Session, model: type[Base], ground: BaseGeometry) -> list[int]:
    """Ids of the rows of `model` whose place is in the box of some ground (EPSG:4326)."""
    statement = text(IDS_NEAR.format(table=model.__tablename__))
    return list(session.scalars(statement, {"ground": shapely.to_wkb(ground)}))


def tickets_of_today(session: Session) -> list[int]:
    """Ids of the tickets with a place that were reported on the day it is in the district."""
    return list(session.scalars(TICKETS_OF_TODAY))


def wrong_posts(session: Session) -> list[Disagreement]:
    """Tickets whose duty grid is not that of their cell, by id."""
    return [Disagreement(*row) for row in session.execute(POSTS_WRONG)]


def today(session: Session) -> date:
    """The day it is in the district: the database's clock is set to its zone."""
    day: date = session.execute(TODAY).scalar_one()
    return day


def _is_sure(model: type[Base], table: str) -> str:
    """A ticket always has a cell, as somebody must answer for it; of units and points, only what is sure of it."""
    return _IS_SURE.format(table) if model in {MemberUnit, ResponsibilityPoint} else "TRUE"


def _day(model: type[Base], zone: str) -> Any:  # noqa: ANN401 - an SQL expression
    if model is not Ticket:
        return func.current_date()
    return cast(func.timezone(zone, Ticket.reported_at), Date)
