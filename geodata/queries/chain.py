"""The chains of events read again: what does not hold, and what all of them come to."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

# The hash of each row is made again from the row and the hash before it, by the function that made it.
BROKEN = text("""
    SELECT i.number, e.seq, 'hash' AS what
      FROM ticket_event AS e
      JOIN ticket AS i ON i.id = e.ticket_id
      LEFT JOIN ticket_event AS p ON p.ticket_id = e.ticket_id AND p.seq = e.seq - 1
     WHERE e.hash <> ticket_event_hash(COALESCE(p.hash, ''), e)
     UNION ALL
    SELECT i.number, n.events + 1, 'gap'
      FROM (SELECT ticket_id, count(*) AS events, max(seq) AS last FROM ticket_event GROUP BY ticket_id) AS n
      JOIN ticket AS i ON i.id = n.ticket_id
     WHERE n.events <> n.last
     UNION ALL
    SELECT i.number, 0, 'no_events'
      FROM ticket AS i
     WHERE NOT EXISTS (SELECT FROM ticket_event AS e WHERE e.ticket_id = i.id)
     ORDER BY 1, 2, 3
""")

COLUMNS = (
    *("state", "reported_by", "filed_at", "dispatched_at", "done_at", "closed_at"),
    *("rework_count", "return_count", "reopen_count", "pending"),
    *("is_supervised", "is_binding", "is_excused", "is_self_handled", "is_satisfied", "office_code"),
)

# One pass in the order of the tickets; a chain is some rows, so that memory stays flat.
EVENTS = text(f"""
    SELECT i.number, {", ".join("i." + name + " AS own_" + name for name in COLUMNS)}, u.code AS own_unit_code,
           e.action, e.actor, e.from_state, e.to_state, e.facts, e.at
      FROM ticket AS i
      JOIN ticket_event AS e ON e.ticket_id = i.id
      LEFT JOIN member_unit AS u ON u.id = i.unit_id
     ORDER BY i.id, e.seq
""")

# Whoever is just writing is waited for, so that no event with a lower number comes later.
HOLD_STILL = text("LOCK TABLE ticket_event IN SHARE MODE")

ENDS = text("""
    SELECT count(*) AS tickets, COALESCE(sum(c.events), 0) AS events, COALESCE(max(c.last_id), 0) AS last_id,
           encode(sha256(convert_to(COALESCE(string_agg(c.ticket_id || ':' || c.hash, ',' ORDER BY c.ticket_id), ''),
                                    'UTF8')), 'hex') AS digest
      FROM (SELECT DISTINCT ON (e.ticket_id) e.ticket_id, e.hash,
                   count(*) OVER (PARTITION BY e.ticket_id) AS events,
                   max(e.id) OVER (PARTITION BY e.ticket_id) AS last_id
              FROM ticket_event AS e
             WHERE e.id <= CAST(:last_id AS bigint)
             ORDER BY e.ticket_id, e.seq DESC) AS c
""")

NEWEST = text("SELECT COALESCE(max(id), 0) FROM ticket_event")


class Break(NamedTuple):
    """A place where a chain does not hold: `hash`, `gap` or `no_events`, at the event of that number."""

    number: str
    seq: int
    what: str


class Ends(NamedTuple):
    """What the ends of all chains come to."""

    tickets: int
    events: int
    last_event_id: int
    digest: str


def breaks(session: Session) -> list[Break]:
    """Where chains do not hold, by ticket and event; empty is as it should be."""
    return [Break(*row) for row in session.execute(BROKEN)]


def chains(session: Session) -> Iterator[tuple[str, Any, Sequence[Any]]]:
    """Each ticket's number, its own columns as `own_…` of a row, and its events in their order."""
    rows = session.execute(EVENTS, execution_options={"yield_per": 5000})
    for number, found in groupby(rows, key=lambda row: row.number):
        events = list(found)
        yield number, events[0], events


def ends(session: Session, *, last_event_id: int | None = None) -> Ends:
    """The ends of all chains, as they were when that event was the newest; None for now."""
    if last_event_id is None:
        last_event_id = int(session.execute(NEWEST).scalar_one())
    row = session.execute(ENDS, {"last_id": last_event_id}).one()
    return Ends(row.tickets, int(row.events), last_event_id, row.digest)


def hold_still(session: Session) -> None:
    """Wait for all who are writing events, and let nobody begin until this transaction ends."""
    session.execute(HOLD_STILL)
