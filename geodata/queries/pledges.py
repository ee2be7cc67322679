"""Pledges: which reach a ticket, how they were kept, and the lists of them."""

from collections.abc import Collection
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.queries.scope import ALL, Scope

# THE rule by which a pledge `p` of a unit `u` reaches a place, its hours left out: they are in a notation of their own.
# {place} is in the metre CRS. A pledge without area and radius reaches nothing.
REACHES = """
           p.valid_from <= {day} AND (p.valid_to IS NULL OR p.valid_to > {day})
       AND CASE p.level WHEN 'district' THEN true
                        WHEN 'town' THEN p.area_code = {town}
                        WHEN 'village' THEN p.area_code = {village}
                        ELSE ST_DWithin(COALESCE(p.geom_m, u.geom_m), {place}, p.radius_m) END
"""

# Those that reach a place (metre CRS; null where nobody knows it) for a category on a day.
THERE = f"""
    SELECT u.id AS unit_id, u.code AS unit_code, p.code, p.name, p.hours
      FROM pledge AS p
      JOIN member_unit AS u ON u.id = p.unit_id
     WHERE p.category_codes @> ARRAY[CAST(:category AS text)]
       AND {
    REACHES.format(
        place="ST_SetSRID(ST_MakePoint(:x, :y), :srid)",
        town="CAST(:town_code AS text)",
        village="CAST(:village_code AS text)",
        day=":day",
    )
}
     ORDER BY p.code
"""

# The pledge of the newest decision about a ticket, as long as the ticket lies with the unit of that decision.
_CHOSEN_BY = text("""
    SELECT d.pledge_id
      FROM (SELECT a.unit_id, a.pledge_id
              FROM assignment AS a
             WHERE a.ticket_id = :ticket_id
             ORDER BY a.id DESC
             LIMIT 1) AS d
     WHERE d.unit_id = :unit_id
""")

_IDS = text("SELECT code, id FROM pledge WHERE code = ANY(:codes) ORDER BY code")


class PledgeThere(NamedTuple):
    """A pledge that reaches a place for a category; `hours` in the notation of OpenStreetMap, None for always."""

    unit_id: int
    unit_code: str
    code: str
    name: str
    hours: str | None


def ids(session: Session, codes: Collection[str]) -> dict[str, int]:
    """Ids of pledges by code."""
    return {row.code: row.id for row in session.execute(_IDS, {"codes": sorted(codes)})} if codes else {}


def chosen_by(session: Session, *, ticket_id: int, unit_id: int) -> int | None:
    """Id of the pledge for which the unit was given the ticket; None where it was chosen for another reason."""
    return session.scalars(_CHOSEN_BY, {"ticket_id": ticket_id, "unit_id": unit_id}).first()


_LINES = """
    SELECT p.id, p.code, p.name, u.code AS unit_code, u.name AS unit_name, u.is_active, p.category_codes,
           p.level, p.area_code, a.name AS area_name, p.radius_m, p.hours, p.valid_from, p.valid_to, p.address,
           COALESCE(p.town_code, u.town_code) AS town_code, COALESCE(p.village_code, u.village_code) AS village_code,
           ST_X(COALESCE(p.geom, u.geom)) AS lon, ST_Y(COALESCE(p.geom, u.geom)) AS lat,
           p.geom IS NOT NULL AS is_placed,
           (SELECT count(DISTINCT d.ticket_id) FROM assignment AS d WHERE d.pledge_id = p.id) AS asked,
           (SELECT count(*) FROM pledge_kept AS k WHERE k.pledge_id = p.id) AS kept
      FROM pledge AS p
      JOIN member_unit AS u ON u.id = p.unit_id
      LEFT JOIN area AS a
        ON a.level = p.level AND a.code = p.area_code
       AND a.valid_from <= CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
"""

# A pledge is of the town or village where it is kept: its own place or its unit's, or the area that it is for.
LISTED = text(f"""
    {_LINES}
     WHERE (CAST(:unit AS text) IS NULL OR u.code = :unit)
       AND (CAST(:town AS text) IS NULL OR COALESCE(p.town_code, u.town_code) = :town OR p.area_code = :town)
       AND (CAST(:category AS text) IS NULL OR p.category_codes @> ARRAY[CAST(:category AS text)])
       AND (CAST(:day AS date) IS NULL OR p.valid_to IS NULL OR p.valid_to > :day)
     ORDER BY p.code
     LIMIT :limit
""")

ONE = text(f"""
    {_LINES}
     WHERE p.code = :code
     ORDER BY p.id
""")

_KEPT = """
    SELECT i.number, i.title, i.state, i.category_code, k.event_seq, k.at,
           (SELECT count(*) FROM photo AS f WHERE f.ticket_id = i.id) AS photos,
           EXISTS (SELECT FROM ticket_event AS e
                    WHERE e.ticket_id = i.id AND e.seq > k.event_seq AND e.action = 'reopen') AS is_reopened
      FROM pledge_kept AS k
      JOIN ticket AS i ON i.id = k.ticket_id
     WHERE k.pledge_id = :pledge_id
       AND {scope}
     ORDER BY k.at DESC, k.id DESC
     LIMIT :limit
"""


class PledgeLine(NamedTuple):
    """A pledge with its unit; lon and lat WGS 84 degrees of its own place (`is_placed`) or its unit's.

    asked   tickets that the unit was given for it; `kept` those of them that it reported done.
    """

    id: int
    code: str
    name: str
    unit_code: str
    unit_name: str
    is_active: bool
    category_codes: list[str]
    level: str | None
    area_code: str | None
    area_name: str | None
    radius_m: float | None
    hours: str | None
    valid_from: date
    valid_to: date | None
    address: str | None
    town_code: str | None
    village_code: str | None
    lon: float | None
    lat: float | None
    is_placed: bool
    asked: int
    kept: int


class KeptTicket(NamedTuple):
    """A ticket for which a pledge was kept; the event of the number says so."""

    number: str
    title: str
    state: str
    category_code: str
    event_seq: int
    at: datetime
    photos: int
    is_reopened: bool


def listed(
    session: Session,
    *,
    unit: str | None = None,
    town: str | None = None,
    category: str | None = None,
    day: date | None = None,
    limit: int = 1000,
) -> list[PledgeLine]:
    """Pledges of a unit, town or category (None: all) by code; with `day` those that have not ended before it."""
    values = {"unit": unit, "town": town, "category": category, "day": day, "limit": limit}
    return [PledgeLine(*row) for row in session.execute(LISTED, values)]


def one(session: Session, code: str) -> PledgeLine | None:
    """The pledge of that code; None where there is none."""
    row = session.execute(ONE, {"code": code}).first()
    return PledgeLine(*row) if row else None


def kept_tickets(session: Session, pledge_id: int, *, scope: Scope = ALL, limit: int = 200) -> list[KeptTicket]:
    """Tickets of a scope for which a pledge was kept, the newest first."""
    values = {"pledge_id": pledge_id, "limit": limit, **scope.values()}
    return [KeptTicket(*row) for row in session.execute(text(_KEPT.format(scope=scope.clause())), values)]
