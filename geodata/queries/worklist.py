"""Tickets as a list to work from, the newest first."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.queries.ticket_filter import NO_FILTER, TicketFilter

# Names follow the codes of today; at most one area of a level holds a code on a day.
LINES = """
    SELECT i.number, i.title, i.category_code, c.name_zh, c.name_en, i.state, i.reported_at, i.due_at,
           i.geom IS NOT NULL,
           u.code, u.name, o.name, t.name, v.name
      FROM ticket AS i
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
     WHERE {condition}
     ORDER BY i.reported_at DESC, i.number DESC
     LIMIT :limit OFFSET :skip
"""


class TicketLine(NamedTuple):
    """One ticket of the list; it lies with a unit or with an office, and areas may be unknown."""

    number: str
    title: str
    category_code: str
    category_zh: str
    category_en: str
    state: str
    reported_at: datetime
    due_at: datetime | None
    has_place: bool
    unit_code: str | None
    unit_name: str | None
    office_name: str | None
    town_name: str | None
    village_name: str | None


def lines(session: Session, *, limit: int, skip: int = 0, tickets: TicketFilter = NO_FILTER) -> list[TicketLine]:
    """Tickets that fit the filter, the newest report first."""
    values = {**tickets.values(), "limit": limit, "skip": skip}
    found = session.execute(text(LINES.format(condition=tickets.clause())), values)
    return [TicketLine(*row) for row in found]
