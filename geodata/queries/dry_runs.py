"""Past decisions of the rule, and what units had to do at past moments."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.queries.scope import ALL, Scope

# The last decision of the rule for each ticket; those of a hand are a person's, and no policy would change them.
PAST = """
    SELECT d.id, d.record, i.id AS ticket_id, i.number, i.title, ST_X(i.geom) AS lon, ST_Y(i.geom) AS lat
      FROM (SELECT DISTINCT ON (a.ticket_id) a.id, a.ticket_id, a.decided_at, a.record
              FROM assignment AS a
              JOIN ticket AS i ON i.id = a.ticket_id
             WHERE a.method <> 'hand'
               AND a.decided_at >= :since
               AND a.decided_at < :until
               AND (CAST(:town_code AS text) IS NULL OR i.town_code = CAST(:town_code AS text))
               AND {scope}
             ORDER BY a.ticket_id, a.id DESC) AS d
      JOIN ticket AS i ON i.id = d.ticket_id
     ORDER BY d.decided_at DESC, d.id DESC
     LIMIT :limit
"""

COUNTS = """
    SELECT count(DISTINCT a.ticket_id) FILTER (WHERE a.method <> 'hand') AS by_rule,
           count(*) FILTER (WHERE a.method = 'hand') AS by_hand
      FROM assignment AS a
      JOIN ticket AS i ON i.id = a.ticket_id
     WHERE a.decided_at >= :since
       AND a.decided_at < :until
       AND (CAST(:town_code AS text) IS NULL OR i.town_code = CAST(:town_code AS text))
       AND {scope}
"""

# From when until when tickets lay with the units that have them now; those still there have no end.
HELD = text("""
    SELECT u.code, i.dispatched_at, COALESCE(i.done_at, i.closed_at) AS ended_at
      FROM ticket AS i
      JOIN member_unit AS u ON u.id = i.unit_id
     WHERE i.dispatched_at IS NOT NULL
       AND i.dispatched_at < :until
       AND (COALESCE(i.done_at, i.closed_at) IS NULL OR COALESCE(i.done_at, i.closed_at) >= :since)
     ORDER BY u.code, i.dispatched_at, i.id
""")


class Past(NamedTuple):
    """A past decision, and the ticket it was about; lon and lat WGS 84 degrees."""

    id: int
    record: Mapping[str, Any]
    ticket_id: int
    number: str
    title: str
    lon: float | None
    lat: float | None


class Counts(NamedTuple):
    """How many tickets the rule decided about in a period, and how many choices were made by hand."""

    by_rule: int
    by_hand: int


class Held(NamedTuple):
    """A spell in which a ticket lay with a unit; no end where it still does."""

    unit_code: str
    since: datetime
    until: datetime | None


def past(
    session: Session,
    *,
    town_code: str | None,
    since: datetime,
    until: datetime,
    limit: int | None = None,
    scope: Scope = ALL,
) -> Iterator[Past]:
    """The last decision of the rule in a period for each ticket of a town, or of all (None), the newest first."""
    values = {"town_code": town_code, "since": since, "until": until, "limit": limit}
    for row in session.execute(text(PAST.format(scope=scope.clause())), {**values, **scope.values()}):
        yield Past(*row)


def counts(session: Session, *, town_code: str | None, since: datetime, until: datetime, scope: Scope = ALL) -> Counts:
    """How much of a scope there is in a period."""
    values = {"town_code": town_code, "since": since, "until": until, **scope.values()}
    return Counts(*session.execute(text(COUNTS.format(scope=scope.clause())), values).one())


def held(session: Session, *, since: datetime, until: datetime) -> list[Held]:
    """Spells in which tickets lay with units, of those that touch a period."""
    return [Held(*row) for row in session.execute(HELD, {"since": since, "until": until})]
