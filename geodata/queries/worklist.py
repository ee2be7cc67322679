"""Tickets as a list to work from, the newest first."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

# Names follow the codes of today; at most one area of a level holds a code on a day.
LINES = text("""
    SELECT i.number, i.title, i.category_code, c.name_zh, c.name_en, i.state, i.reported_at, i.geom IS NOT NULL,
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
     WHERE (CAST(:states AS text[]) IS NULL OR i.state = ANY(CAST(:states AS text[])))
       AND (CAST(:category AS text) IS NULL OR i.category_code = :category)
       AND (CAST(:town_code AS text) IS NULL OR i.town_code = :town_code)
     ORDER BY i.reported_at DESC, i.number DESC
     LIMIT :limit OFFSET :skip
""")

STATES = text("""
    SELECT i.state, count(*)
      FROM ticket AS i
     WHERE (CAST(:category AS text) IS NULL OR i.category_code = :category)
       AND (CAST(:town_code AS text) IS NULL OR i.town_code = :town_code)
     GROUP BY i.state
     ORDER BY i.state
""")


class TicketLine(NamedTuple):
    """One ticket of the list; it lies with a unit or with an office, and areas may be unknown."""

    number: str
    title: str
    category_code: str
    category_zh: str
    category_en: str
    state: str
    reported_at: datetime
    has_place: bool
    unit_code: str | None
    unit_name: str | None
    office_name: str | None
    town_name: str | None
    village_name: str | None


def lines(
    session: Session,
    *,
    limit: int,
    skip: int = 0,
    states: Sequence[str] | None = None,
    category: str | None = None,
    town_code: str | None = None,
) -> list[TicketLine]:
    """Tickets for which all the given conditions hold, the newest report first; `states` None is any."""
    values = {"states": list(states) if states else None, "category": category, "town_code": town_code}
    return [TicketLine(*row) for row in session.execute(LINES, {**values, "limit": limit, "skip": skip})]


def by_state(session: Session, *, category: str | None = None, town_code: str | None = None) -> dict[str, int]:
    """How many tickets are in each state; states without any are absent."""
    found = session.execute(STATES, {"category": category, "town_code": town_code})
    return {state: number for state, number in found}  # noqa: C416 - a Row is not a pair to mypy
