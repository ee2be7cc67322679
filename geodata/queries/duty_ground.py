"""Regions, blocks, points and teams with who answers for each, and where the ground is not as it should be."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

# A null town asks for all of them, and so does a null code.
REGIONS = text("""
    SELECT r.code, r.name, r.town_code, u.code AS holder_code, u.name AS holder_name,
           u.is_active AS is_holder_active, r.holder_role,
           ST_Area(CAST(r.geom AS geography)) AS area_m2,
           (SELECT count(*) FROM responsibility_point AS p
              JOIN responsibility_block AS b ON b.code = p.block_code
             WHERE b.region_code = r.code) AS point_count,
           ST_XMin(r.geom) AS west, ST_YMin(r.geom) AS south, ST_XMax(r.geom) AS east, ST_YMax(r.geom) AS north
      FROM region AS r
      LEFT JOIN member_unit AS u ON u.id = r.holder_id
     WHERE (CAST(:town AS text) IS NULL OR r.town_code = :town)
       AND (CAST(:code AS text) IS NULL OR r.code = :code)
     ORDER BY r.town_code, r.code
""")

BLOCKS = text("""
    SELECT b.code, b.name, b.town_code, u.code AS holder_code, u.name AS holder_name,
           u.is_active AS is_holder_active, b.holder_role,
           ST_Area(CAST(b.geom AS geography)) AS area_m2,
           (SELECT count(*) FROM responsibility_point AS p WHERE p.block_code = b.code) AS point_count,
           ST_XMin(b.geom) AS west, ST_YMin(b.geom) AS south, ST_XMax(b.geom) AS east, ST_YMax(b.geom) AS north,
           b.region_code AS parent_code, r.code IS NOT NULL AS has_parent, s.code AS team_code, s.name AS team_name
      FROM responsibility_block AS b
      LEFT JOIN region AS r ON r.code = b.region_code
      LEFT JOIN member_unit AS u ON u.id = b.holder_id
      LEFT JOIN service_team AS s ON s.id = b.team_id
     WHERE (CAST(:town AS text) IS NULL OR b.town_code = :town)
       AND (CAST(:code AS text) IS NULL OR b.code = :code)
     ORDER BY b.town_code, b.code
""")

# A point is of the town of its block; without one, of the town that it lies in.
POINTS = text("""
    SELECT p.code, p.name, COALESCE(b.town_code, p.town_code) AS town_code, u.code AS holder_code,
           u.name AS holder_name, u.is_active AS is_holder_active, p.holder_role,
           CAST(NULL AS float) AS area_m2, 0 AS point_count,
           ST_X(p.geom) AS west, ST_Y(p.geom) AS south, ST_X(p.geom) AS east, ST_Y(p.geom) AS north,
           p.block_code AS parent_code, b.code IS NOT NULL AS has_parent, CAST(NULL AS text) AS team_code,
           CAST(NULL AS text) AS team_name, ST_Covers(b.geom, p.geom) AS is_in_own,
           EXISTS (SELECT FROM responsibility_block AS o WHERE ST_Covers(o.geom, p.geom)) AS is_in_any
      FROM responsibility_point AS p
      LEFT JOIN responsibility_block AS b ON b.code = p.block_code
      LEFT JOIN member_unit AS u ON u.id = p.holder_id
     WHERE (CAST(:town AS text) IS NULL OR COALESCE(b.town_code, p.town_code) = :town)
       AND (CAST(:code AS text) IS NULL OR p.code = :code)
     ORDER BY COALESCE(b.town_code, p.town_code), p.code
""")

TEAMS = text("""
    SELECT t.code, t.name, t.town_code, u.code AS holder_code, u.name AS holder_name,
           u.is_active AS is_holder_active, t.holder_role, CAST(NULL AS float) AS area_m2,
           (SELECT count(*) FROM responsibility_point AS p
              JOIN responsibility_block AS b ON b.code = p.block_code
             WHERE b.team_id = t.id) AS point_count,
           CAST(NULL AS float) AS west, CAST(NULL AS float) AS south, CAST(NULL AS float) AS east,
           CAST(NULL AS float) AS north, CAST(NULL AS text) AS parent_code, false AS has_parent,
           CAST(NULL AS text) AS team_code, CAST(NULL AS text) AS team_name, CAST(NULL AS boolean) AS is_in_own,
           false AS is_in_any,
           ARRAY(SELECT b.code FROM responsibility_block AS b WHERE b.team_id = t.id ORDER BY b.code) AS block_codes
      FROM service_team AS t
      LEFT JOIN member_unit AS u ON u.id = t.holder_id
     WHERE (CAST(:town AS text) IS NULL OR t.town_code = :town)
       AND (CAST(:code AS text) IS NULL OR t.code = :code)
     ORDER BY t.town_code, t.code
""")

_OF_KIND: Mapping[str, TextClause] = {"region": REGIONS, "block": BLOCKS, "point": POINTS, "team": TEAMS}

DEPUTIES = text("""
    SELECT d.of_kind, d.of_code, u.code, u.name, u.is_active, d.role
      FROM duty_deputy AS d
      JOIN member_unit AS u ON u.id = d.unit_id
     WHERE CAST(:code AS text) IS NULL OR (d.of_kind = :kind AND d.of_code = :code)
     ORDER BY d.of_kind, d.of_code, d.rank
""")

# Drawn borders never fit to the centimetre, so a share of the smaller of two is allowed.
OVERLAPPING = text("""
    SELECT b.code, o.code AS other_code, o.name AS other_name,
           ST_Area(ST_Intersection(b.geom_m, o.geom_m)) AS shared_m2
      FROM responsibility_block AS b
      JOIN responsibility_block AS o ON o.id <> b.id AND o.geom_m && b.geom_m AND ST_Intersects(o.geom_m, b.geom_m)
     WHERE (CAST(:town AS text) IS NULL OR b.town_code = :town)
       AND ST_Area(ST_Intersection(b.geom_m, o.geom_m)) > :allowed * LEAST(ST_Area(b.geom_m), ST_Area(o.geom_m))
     ORDER BY b.code, o.code
""")

BEYOND_TOWN = text("""
    SELECT b.code, ST_Area(ST_Difference(b.geom_m, t.geom_m)) AS outside_m2
      FROM responsibility_block AS b
      JOIN area AS t
        ON t.level = 'town' AND t.code = b.town_code
       AND t.valid_from <= CURRENT_DATE AND (t.valid_to IS NULL OR t.valid_to > CURRENT_DATE)
     WHERE (CAST(:town AS text) IS NULL OR b.town_code = :town)
       AND NOT ST_CoveredBy(b.geom_m, t.geom_m)
       AND ST_Area(ST_Difference(b.geom_m, t.geom_m)) > :allowed * ST_Area(b.geom_m)
     ORDER BY b.code
""")


UNITS = text("""
    SELECT u.code || ' ' || u.name
      FROM member_unit AS u
     WHERE u.is_active
     ORDER BY u.town_code IS DISTINCT FROM :town, u.code
     LIMIT :limit
""")


class DutyRow(NamedTuple):
    """One region, block, point or team.

    town_code    None where nothing says of which town it is.
    area_m2      on the ellipsoid; None for points, teams, and what has no border.
    west … north its box in WGS 84 degrees, None without a place.
    parent_code  the region of a block, the block of a point; `has_parent` whether there is such a one.
    is_in_own    whether a point lies in its own block, None where one of both has no place.
    is_in_any    whether a point lies in any block.
    block_codes  those that a team serves.
    """

    code: str
    name: str
    town_code: str | None
    holder_code: str | None
    holder_name: str | None
    is_holder_active: bool | None
    holder_role: str | None
    area_m2: float | None
    point_count: int
    west: float | None
    south: float | None
    east: float | None
    north: float | None
    parent_code: str | None = None
    has_parent: bool = False
    team_code: str | None = None
    team_name: str | None = None
    is_in_own: bool | None = None
    is_in_any: bool = False
    block_codes: Sequence[str] = ()


class DeputyRow(NamedTuple):
    """A deputy; the role is that of the unit that answers, and never a person."""

    code: str
    name: str
    is_active: bool
    role: str | None


class Overlapping(NamedTuple):
    """Another block that covers part of the same ground, with m² of the plane."""

    code: str
    name: str
    shared_m2: float


def duties(session: Session, kind: str, *, town_code: str | None = None, code: str | None = None) -> list[DutyRow]:
    """Regions, blocks, points or teams (`kind`) of a town, of a code, or all, by town and code."""
    return [DutyRow(*row) for row in session.execute(_OF_KIND[kind], {"town": town_code, "code": code})]


def deputies(
    session: Session, *, kind: str | None = None, code: str | None = None
) -> dict[tuple[str, str], list[DeputyRow]]:
    """Deputies by kind and code of what they are of, those who step in first before others; of one, or of all."""
    found: dict[tuple[str, str], list[DeputyRow]] = defaultdict(list)
    for row in session.execute(DEPUTIES, {"kind": kind, "code": code}):
        found[row.of_kind, row.of_code].append(DeputyRow(*row[2:]))
    return found


def units_to_choose(session: Session, town_code: str | None, *, limit: int = 1000) -> list[str]:
    """Code and name of active units, those of the town first."""
    return list(session.scalars(UNITS, {"town": town_code, "limit": limit}))


def overlapping(session: Session, *, town_code: str | None, allowed: float) -> dict[str, list[Overlapping]]:
    """Blocks that share more than a part `allowed` (0..1) of the smaller, by code of each of them."""
    found: dict[str, list[Overlapping]] = defaultdict(list)
    for row in session.execute(OVERLAPPING, {"town": town_code, "allowed": allowed}):
        found[row.code].append(Overlapping(*row[1:]))
    return found


def beyond_town(session: Session, *, town_code: str | None, allowed: float) -> dict[str, float]:
    """m² by which blocks reach beyond their town, where it is more than a part `allowed` of them."""
    found = session.execute(BEYOND_TOWN, {"town": town_code, "allowed": allowed})
    return {row.code: row.outside_m2 for row in found}
