"""Tickets as a list to work from, and how many of them lie with each unit."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.queries.scope import Scope
from geodata.queries.sources import DEADLINE
from geodata.queries.ticket_filter import NO_FILTER, TicketFilter

# Names follow the codes of today; at most one area of a level holds a code on a day.
NAMED = """
      JOIN category AS c ON c.code = i.category_code
      LEFT JOIN member_unit AS u ON u.id = i.unit_id
      LEFT JOIN area AS o
        ON o.code = i.office_code AND o.level IN ('district', 'town')
       AND o.valid_from <= CURRENT_DATE AND (o.valid_to IS NULL OR o.valid_to > CURRENT_DATE)
      LEFT JOIN area AS t
        ON t.code = i.town_code AND t.level = 'town'
       AND t.valid_from <= CURRENT_DATE AND (t.valid_to IS NULL OR t.valid_to > CURRENT_DATE)
      LEFT JOIN area AS v
        ON v.code = i.village_code AND v.level = 'village'
       AND v.valid_from <= CURRENT_DATE AND (v.valid_to IS NULL OR v.valid_to > CURRENT_DATE)
"""

# The tickets are chosen before anything is joined to them: of a million, a hundred are.
LINES = f"""
    SELECT i.number, i.title, i.category_code, c.name_zh, c.name_en, i.state, i.reported_at, i.due_at, {DEADLINE},
           u.code, u.name, o.name, t.name, v.name, i.office_code, i.town_code, i.village_code
      FROM (SELECT i.*
              FROM ticket AS i
             WHERE {{condition}}
             ORDER BY {{order}}
             LIMIT :limit OFFSET :skip) AS i
{NAMED}
     ORDER BY {{order}}
"""

ENDED = "i.state IN ('closed', 'cancelled', 'merged')"

# What has ended presses nobody: by deadline it stands below all that is open, its deadline regardless.
ORDERS = {
    "reported": "i.reported_at DESC, i.number DESC",
    "due": f"{ENDED}, CASE WHEN {ENDED} THEN NULL ELSE i.due_at END NULLS LAST, i.reported_at DESC, i.number DESC",
}

ONE = "i.number = :number AND {scope}"

OPEN_BY_UNIT = f"""
    SELECT i.unit_id, count(*) AS number
      FROM ticket AS i
     WHERE i.unit_id IS NOT NULL
       AND NOT {ENDED}
       AND {{scope}}
     GROUP BY i.unit_id
"""


class TicketLine(NamedTuple):
    """One ticket of the list; it lies with a unit or with an office, and areas may be unknown.

    `deadline` is `late`, `soon`, `ontime` or `none`; of a ticket that has ended it says how it ended.
    """

    number: str
    title: str
    category_code: str
    category_zh: str
    category_en: str
    state: str
    reported_at: datetime
    due_at: datetime | None
    deadline: str
    unit_code: str | None
    unit_name: str | None
    office_name: str | None
    town_name: str | None
    village_name: str | None
    office_code: str | None
    town_code: str | None
    village_code: str | None


def lines(
    session: Session, *, limit: int, skip: int = 0, tickets: TicketFilter = NO_FILTER, order: str = "reported"
) -> list[TicketLine]:
    """Tickets that fit the filter, in an order of ORDERS: the newest report or the nearest deadline first."""
    statement = text(LINES.format(condition=tickets.clause(), order=ORDERS[order]))
    found = session.execute(statement, {**tickets.values(), "limit": limit, "skip": skip})
    return [TicketLine(*row) for row in found]


def line(session: Session, number: str, *, scope: Scope) -> TicketLine | None:
    """One ticket as the list has it; None where the scope has none of that number."""
    statement = text(LINES.format(condition=ONE.format(scope=scope.clause()), order=ORDERS["reported"]))
    row = session.execute(statement, {"number": number, "limit": 1, "skip": 0, **scope.values()}).one_or_none()
    return None if row is None else TicketLine(*row)


def open_by_unit(session: Session, *, scope: Scope) -> dict[int, int]:
    """How many open tickets of a scope lie with each unit, by its id; units without any are absent."""
    statement = text(OPEN_BY_UNIT.format(scope=scope.clause()))
    return {row.unit_id: row.number for row in session.execute(statement, scope.values())}
