"""What a report of a period tells beside indices: how many tickets came and went, which are overdue, where they are."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.queries.indices import Days
from geodata.queries.ticket_filter import TicketFilter

# Open at the end of a period: reported by then, and closed, cancelled or merged only after it, if at all. When the
# latter two happened the ticket's last change tells.
STILL_OPEN = """i.reported_at < p.by
       AND (i.state NOT IN ('closed', 'cancelled', 'merged') OR COALESCE(i.closed_at, i.updated_at) >= p.by)"""

VOLUMES = f"""
    SELECT c.reported, c.closed, c.open, c.overdue
      FROM unnest(CAST(:sinces AS date[]), CAST(:untils AS date[])) WITH ORDINALITY AS d (since, until, number)
     CROSS JOIN LATERAL (
           SELECT CAST(d.since AS timestamptz) AS start, LEAST(CAST(d.until + 1 AS timestamptz), now()) AS by) AS p
     CROSS JOIN LATERAL (
           SELECT count(*) FILTER (WHERE i.reported_at >= p.start AND i.reported_at < p.by) AS reported,
                  count(*) FILTER (WHERE i.closed_at >= p.start AND i.closed_at < p.by) AS closed,
                  count(*) FILTER (WHERE {STILL_OPEN}) AS open,
                  count(*) FILTER (WHERE {STILL_OPEN} AND i.due_at < p.by) AS overdue
             FROM ticket AS i
            WHERE {{condition}}) AS c
     ORDER BY d.number
"""

END = """
     CROSS JOIN LATERAL (
           SELECT CAST(CAST(:since AS date) AS timestamptz) AS start,
                  LEAST(CAST(CAST(:until AS date) + 1 AS timestamptz), now()) AS by) AS p
"""

OVERDUE = f"""
    SELECT i.number, i.title, k.name_zh, k.name_en, u.name, o.name, v.name, i.due_at,
           CAST(extract(epoch FROM p.by - i.due_at) / 86400 AS float8)
      FROM ticket AS i
      {END}
      JOIN category AS k ON k.code = i.category_code
      LEFT JOIN member_unit AS u ON u.id = i.unit_id
      LEFT JOIN area AS o
        ON o.code = i.office_code AND o.level IN ('district', 'town')
       AND o.valid_from <= CURRENT_DATE AND (o.valid_to IS NULL OR o.valid_to > CURRENT_DATE)
      LEFT JOIN area AS v
        ON v.code = i.village_code AND v.level = 'village'
       AND v.valid_from <= CURRENT_DATE AND (v.valid_to IS NULL OR v.valid_to > CURRENT_DATE)
     WHERE {STILL_OPEN}
       AND i.due_at < p.by
       AND {{condition}}
     ORDER BY i.due_at, i.number
     LIMIT :most
"""

SPOTS = f"""
    SELECT ST_X(i.geom_m) AS x, ST_Y(i.geom_m) AS y, i.state
      FROM ticket AS i
      {END}
     WHERE i.reported_at >= p.start AND i.reported_at < p.by
       AND i.geom_m IS NOT NULL
       AND {{condition}}
     ORDER BY i.reported_at, i.number
     LIMIT :most
"""


class Volume(NamedTuple):
    """Tickets of a period: reported and closed in it, open and past their deadline at its end."""

    reported: int
    closed: int
    open: int
    overdue: int


class OverdueTicket(NamedTuple):
    """A ticket that was open past its deadline at the end of a period; it lies with a unit or with an office."""

    number: str
    title: str
    category_zh: str
    category_en: str
    unit_name: str | None
    office_name: str | None
    village_name: str | None
    due_at: datetime
    days: float


class TicketSpot(NamedTuple):
    """Where a ticket is (metre CRS), and its state now."""

    x: float
    y: float
    state: str


def volumes(session: Session, periods: Sequence[Days], tickets: TicketFilter) -> list[Volume]:
    """Tickets of a filter that came, went and stayed, period by period in their order."""
    days = {"sinces": [each.since for each in periods], "untils": [each.until for each in periods]}
    statement = text(VOLUMES.format(condition=tickets.clause()))
    return [Volume(*row) for row in session.execute(statement, {**tickets.values(), **days})]


def overdue(session: Session, period: Days, tickets: TicketFilter, *, most: int) -> list[OverdueTicket]:
    """Tickets open past their deadline at the end of a period, the longest overdue first."""
    statement = text(OVERDUE.format(condition=tickets.clause()))
    rows = session.execute(statement, {**tickets.values(), **_days(period), "most": most})
    return [OverdueTicket(*row) for row in rows]


def spots(session: Session, period: Days, tickets: TicketFilter, *, most: int) -> list[TicketSpot]:
    """Places of tickets reported in a period, the oldest first; those whose place is not known are left out."""
    statement = text(SPOTS.format(condition=tickets.clause()))
    return [TicketSpot(*row) for row in session.execute(statement, {**tickets.values(), **_days(period), "most": most})]


def _days(period: Days) -> dict[str, object]:
    return {"since": period.since, "until": period.until}
