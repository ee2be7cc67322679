"""Demands of areas as pages and the rule of matching see them: each with its kind, its area and its place."""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

# Without a place of its own a demand stands in the middle of its area, on ground that is the area's.
SHOWN = """
    SELECT d.id, d.code, d.name, d.kind_code, k.name_zh AS kind_zh, k.name_en AS kind_en, d.level, d.area_code,
           a.name AS area_name, d.details, d.audience, d.people, d.needed_from, d.needed_until, d.state,
           d.posted_by, d.posted_at, d.address,
           COALESCE(d.town_code, CASE d.level WHEN 'town' THEN d.area_code
                                              WHEN 'village' THEN a.parent_code END) AS town_code,
           COALESCE(d.village_code, CASE d.level WHEN 'village' THEN d.area_code END) AS village_code,
           d.geom IS NOT NULL AS is_placed, ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat, ST_X(p.geom_m) AS x,
           ST_Y(p.geom_m) AS y
      FROM demand AS d
      JOIN resource_kind AS k ON k.code = d.kind_code
      LEFT JOIN area AS a
        ON a.level = d.level AND a.code = d.area_code
       AND a.valid_from <= CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
     CROSS JOIN LATERAL (SELECT COALESCE(d.geom, ST_PointOnSurface(a.geom)) AS geom,
                                COALESCE(d.geom_m, ST_Transform(ST_PointOnSurface(a.geom), :metre_srid)) AS geom_m) AS p
"""

ONE = text(f"{SHOWN} WHERE d.code = :code ORDER BY d.code")

OPEN = text(f"""
{SHOWN}
     WHERE d.state = 'open' AND (CAST(:kind AS text) IS NULL OR d.kind_code = :kind)
     ORDER BY d.code
""")

# What is unmet stands first, the soonest needed at the top.
LISTED = text(f"""
{SHOWN}
     WHERE (CAST(:kind AS text) IS NULL OR d.kind_code = :kind)
       AND (CAST(:state AS text) IS NULL OR d.state = :state)
       AND (CAST(:area AS text) IS NULL OR d.area_code = :area OR a.parent_code = :area)
       AND (CAST(:words AS text) IS NULL
            OR strpos(lower(concat_ws(' ', d.code, d.name, d.details, d.audience, a.name)), lower(:words)) > 0)
     ORDER BY array_position(CAST(:states AS text[]), d.state), d.needed_until NULLS LAST, d.posted_at DESC, d.code
     LIMIT :limit
""")

COUNTS = text("SELECT d.state, count(*) AS total FROM demand AS d GROUP BY d.state ORDER BY d.state")

# A number that nobody else gets, even at the same moment.
NEXT_NUMBER = "SELECT nextval(pg_get_serial_sequence('{table}', 'id'))"
NEXT_NUMBERS = {table: text(NEXT_NUMBER.format(table=table)) for table in ("demand", "resource")}


class DemandRow(NamedTuple):
    """A demand with what it takes to show and to match it; x and y in the metre CRS, lon and lat WGS 84 degrees.

    town_code, village_code   of its place, else of its area; `is_placed` says that the place is its own, and not
                              the middle of its area.
    """

    id: int
    code: str
    name: str
    kind_code: str
    kind_zh: str
    kind_en: str
    level: str
    area_code: str
    area_name: str | None
    details: str | None
    audience: str | None
    people: int | None
    needed_from: date | None
    needed_until: date | None
    state: str
    posted_by: str
    posted_at: datetime
    address: str | None
    town_code: str | None
    village_code: str | None
    is_placed: bool
    lon: float | None
    lat: float | None
    x: float | None
    y: float | None


class DemandFilter(NamedTuple):
    """Which demands are meant; None is no condition. `area` is a village's code, or a town's with its villages."""

    kind: str | None = None
    state: str | None = None
    area: str | None = None
    words: str | None = None


def demand_row(session: Session, code: str, *, metre_srid: int) -> DemandRow | None:
    """The demand of a code; None where there is none."""
    row = session.execute(ONE, {"code": code, "metre_srid": metre_srid}).first()
    return DemandRow(*row) if row else None


def open_demands(session: Session, kind: str | None, *, metre_srid: int) -> list[DemandRow]:
    """Demands of a kind (None: of all) that nobody meets yet, by code."""
    return [DemandRow(*row) for row in session.execute(OPEN, {"kind": kind, "metre_srid": metre_srid})]


def listed(
    session: Session, wanted: DemandFilter, *, states: tuple[str, ...], metre_srid: int, limit: int
) -> list[DemandRow]:
    """Demands that a filter lets through: by state in the order of `states`, then the soonest needed."""
    bound = {**wanted._asdict(), "states": list(states), "metre_srid": metre_srid, "limit": limit}
    return [DemandRow(*row) for row in session.execute(LISTED, bound)]


def counts(session: Session) -> dict[str, int]:
    """How many demands there are of each state; states that none has are absent."""
    return {row.state: row.total for row in session.execute(COUNTS)}


def next_number(session: Session, table: str) -> int:
    """A number that no other record of `demand` or `resource` gets."""
    return int(session.execute(NEXT_NUMBERS[table]).scalar_one())
