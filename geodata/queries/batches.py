"""Everything that a batch of assignments asks about, each in one statement for all its tickets and units."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from geodata.queries.pledges import REACHES, PledgeThere
from geodata.queries.scope import ALL, Scope

# Those the rule may be asked about; of a referee's the state says nothing, and `pending` does.
WAITING = """
    SELECT i.id, i.number, i.title, i.category_code, i.town_code, i.village_code, i.pending, i.unit_id, i.reported_at,
           ST_X(i.geom) AS lon, ST_Y(i.geom) AS lat,
           (SELECT r.code FROM filing_rule AS r WHERE r.id = i.rule_id) AS rule_code
      FROM ticket AS i
     WHERE i.state IN ('reported', 'verifying', 'filed', 'returned', 'reopened')
       AND (CAST(:town_code AS text) IS NULL OR i.town_code = CAST(:town_code AS text))
       AND (CAST(:numbers AS text[]) IS NULL OR i.number = ANY(CAST(:numbers AS text[])))
       AND {scope}
     ORDER BY i.reported_at, i.number
     LIMIT :limit
"""

COUNT_WAITING = """
    SELECT count(*)
      FROM ticket AS i
     WHERE i.state IN ('reported', 'verifying', 'filed', 'returned', 'reopened')
       AND (CAST(:town_code AS text) IS NULL OR i.town_code = CAST(:town_code AS text))
       AND {scope}
"""

# The load is that of single assignments, without the tickets that are about to be given.
UNITS = text("""
    SELECT u.id, u.code, u.name, u.kind, ST_X(u.geom_m) AS x, ST_Y(u.geom_m) AS y, u.is_active, u.opening_hours,
           u.capacity, u.town_code, u.village_code, COALESCE(l.load, 0) AS load
      FROM member_unit AS u
      LEFT JOIN (
            SELECT i.unit_id, count(*) AS load
              FROM ticket AS i
             WHERE i.unit_id IS NOT NULL
               AND i.state NOT IN ('done', 'checking', 'closed', 'cancelled', 'merged')
               AND NOT i.id = ANY(:ticket_ids)
             GROUP BY i.unit_id) AS l ON l.unit_id = u.id
     ORDER BY u.code
""")

# As the statement for one ticket: a member of a village serves the town that the village lay in on the day.
SERVED = text("""
    SELECT m.unit_id, m.level = 'district' AS is_everywhere,
           CASE m.level WHEN 'town' THEN m.area_code ELSE v.parent_code END AS town_code
      FROM membership AS m
      LEFT JOIN area AS v
        ON m.level = 'village' AND v.level = 'village' AND v.code = m.area_code
       AND v.valid_from <= :day AND (v.valid_to IS NULL OR v.valid_to > :day)
     WHERE m.valid_from <= :day
       AND (m.valid_to IS NULL OR m.valid_to > :day)
     ORDER BY m.unit_id, m.id
""")

POINT_HOLDERS = text("""
    SELECT DISTINCT i.id AS ticket_id, u.code
      FROM ticket AS i
      JOIN responsibility_point AS p
        ON p.geom_m && ST_Expand(i.geom_m, (SELECT max(radius_m) FROM responsibility_point))
       AND ST_Distance(p.geom_m, i.geom_m) <= p.radius_m
      JOIN member_unit AS u ON u.id = p.holder_id
     WHERE i.id = ANY(:ticket_ids)
     ORDER BY i.id, u.code
""")

BLOCK_HOLDERS = text("""
    SELECT DISTINCT i.id AS ticket_id, u.code
      FROM ticket AS i
      JOIN responsibility_block AS b ON ST_Covers(b.geom, i.geom)
      JOIN member_unit AS u ON u.id = b.holder_id
     WHERE i.id = ANY(:ticket_ids)
     ORDER BY i.id, u.code
""")

PLEDGES = text(f"""
    SELECT i.id AS ticket_id, u.id AS unit_id, u.code AS unit_code, p.code, p.name, p.hours
      FROM ticket AS i
      JOIN pledge AS p ON p.category_codes @> ARRAY[i.category_code]
      JOIN member_unit AS u ON u.id = p.unit_id
     WHERE i.id = ANY(:ticket_ids)
       AND {REACHES.format(place="i.geom_m", town="i.town_code", village="i.village_code", day=":day")}
     ORDER BY i.id, p.code
""")

RETURNED_BY = text("""
    SELECT DISTINCT e.ticket_id, u.code
      FROM ticket_event AS e
      JOIN member_unit AS u ON u.id = CAST(e.facts ->> 'returned_by_id' AS integer)
     WHERE e.action = 'return'
       AND e.ticket_id = ANY(:ticket_ids)
     ORDER BY e.ticket_id, u.code
""")

LAST_RETURNS = text("""
    SELECT u.code, i.category_code, max(e.at) AS returned_at
      FROM ticket_event AS e
      JOIN ticket AS i ON i.id = e.ticket_id
      JOIN member_unit AS u ON u.id = CAST(e.facts ->> 'returned_by_id' AS integer)
     WHERE e.action = 'return'
       AND e.at <= :moment
       AND i.category_code = ANY(:categories)
     GROUP BY u.code, i.category_code
     ORDER BY u.code, i.category_code
""")


class WaitingTicket(NamedTuple):
    """A ticket that is to be given to somebody; lon and lat WGS 84 degrees, None where its place is not known.

    rule_code   of the filing rule it has been filed under, None before that.
    """

    id: int
    number: str
    title: str
    category: str
    town_code: str | None
    village_code: str | None
    pending: str | None
    unit_id: int | None
    reported_at: datetime
    lon: float | None
    lat: float | None
    rule_code: str | None


class Unit(NamedTuple):
    """What the database knows about a unit for any ticket; x and y in the metre CRS."""

    id: int
    code: str
    name: str
    kind: str
    x: float | None
    y: float | None
    is_active: bool
    opening_hours: str | None
    capacity: int | None
    town_code: str | None
    village_code: str | None
    load: int


class Holders(NamedTuple):
    """Codes of units by ticket: who holds a point, or a block, at its place, and who returned it.

    pledges   those that reach it, by code.
    """

    points: dict[int, set[str]]
    blocks: dict[int, set[str]]
    returned: dict[int, set[str]]
    pledges: dict[int, list[PledgeThere]]


def waiting(
    session: Session,
    *,
    town_code: str | None = None,
    numbers: Sequence[str] | None = None,
    limit: int | None = None,
    scope: Scope = ALL,
) -> list[WaitingTicket]:
    """Tickets of a scope that wait to be given, the oldest report first: of a town, of these numbers, or all."""
    values = {"town_code": town_code, "numbers": None if numbers is None else list(numbers), "limit": limit}
    statement = text(WAITING.format(scope=scope.clause()))
    return [WaitingTicket(*row) for row in session.execute(statement, {**values, **scope.values()})]


def count_waiting(session: Session, *, town_code: str | None = None, scope: Scope = ALL) -> int:
    """How many of a scope wait, in a town or at all."""
    statement = text(COUNT_WAITING.format(scope=scope.clause()))
    count: int = session.execute(statement, {"town_code": town_code, **scope.values()}).scalar_one()
    return count


def units(session: Session, *, ticket_ids: Sequence[int] = ()) -> list[Unit]:
    """All units, by code; these tickets weigh on nobody."""
    return [Unit(*row) for row in session.execute(UNITS, {"ticket_ids": list(ticket_ids)})]


def served(session: Session, *, day: date) -> dict[int, frozenset[str] | None]:
    """Towns that units serve by their memberships, None for all; units without one that day are absent."""
    found: dict[int, set[str]] = defaultdict(set)
    everywhere = set()
    for unit_id, is_everywhere, town_code in session.execute(SERVED, {"day": day}):
        found[unit_id] |= {town_code} - {None}
        if is_everywhere:
            everywhere.add(unit_id)
    return {unit_id: None if unit_id in everywhere else frozenset(towns) for unit_id, towns in found.items()}


def holders(session: Session, ticket_ids: Sequence[int], *, day: date) -> Holders:
    """Who has a particular part in these tickets on a day; tickets in which nobody has are absent."""
    points, blocks, returned = (
        _by_ticket(session, which, ticket_ids) for which in (POINT_HOLDERS, BLOCK_HOLDERS, RETURNED_BY)
    )
    pledges: dict[int, list[PledgeThere]] = defaultdict(list)
    for ticket_id, *row in session.execute(PLEDGES, {"ticket_ids": list(ticket_ids), "day": day}):
        pledges[ticket_id].append(PledgeThere(*row))
    return Holders(points, blocks, returned, dict(pledges))


def last_returns(session: Session, *, categories: Sequence[str], moment: datetime) -> dict[str, dict[str, datetime]]:
    """When units last returned a ticket until a moment: by unit code, then category."""
    found: dict[str, dict[str, datetime]] = defaultdict(dict)
    for code, category, returned_at in session.execute(
        LAST_RETURNS, {"categories": list(categories), "moment": moment}
    ):
        found[code][category] = returned_at
    return dict(found)


def _by_ticket(session: Session, which: TextClause, ticket_ids: Sequence[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for ticket_id, code in session.execute(which, {"ticket_ids": list(ticket_ids)}):
        found[ticket_id].add(code)
    return dict(found)
