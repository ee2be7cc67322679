"""Messages to other systems: written beside the events, claimed one by one, delivered or given up."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, TextClause, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Session

# Codes and moments only: no title, no description, no address, no reason, nobody's name. A webhook without words
# hears of all moves, one without a town of all towns.
WRITE = text("""
    INSERT INTO outbox_message (webhook_id, ticket_id, word, payload)
    SELECT w.id, e.ticket_id, e.action, jsonb_build_object(
               'id', e.id, 'word', e.action, 'ticket', i.number, 'seq', e.seq, 'hash', e.hash,
               'at', to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
               'state', e.to_state, 'category', i.category_code, 'unit', u.code, 'office', i.office_code,
               'town', i.town_code, 'village', i.village_code, 'cell', i.cell_code, 'duty_grid', i.duty_grid_code)
      FROM webhook AS w
      JOIN ticket_event AS e ON e.id = ANY(:ids)
      JOIN ticket AS i ON i.id = e.ticket_id
      LEFT JOIN member_unit AS u ON u.id = i.unit_id
     WHERE w.is_active
       AND (w.words = '[]' OR w.words ? e.action)
       AND (w.town_code IS NULL OR w.town_code = i.town_code)
     ORDER BY e.id, w.id
""").bindparams(bindparam("ids", type_=ARRAY(BigInteger)))

# Of a whistle call: who is called, by code, and no word of why. A call about a ticket keeps to the order of its events.
WRITE_CALL = text("""
    INSERT INTO outbox_message (webhook_id, ticket_id, word, payload)
    SELECT h.id, w.ticket_id, CAST(:word AS text), jsonb_build_object(
               'word', CAST(:word AS text), 'whistle', w.code, 'ticket', i.number, 'state', w.state,
               'at', to_char(CAST(:at AS timestamptz) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
               'meet_at', to_char(w.meet_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
               'town', w.town_code, 'village', w.village_code, 'cell', w.cell_code,
               'called', (SELECT jsonb_agg(COALESCE(u.code, n.office_code) ORDER BY n.seq, n.id)
                            FROM whistle_invitee AS n
                            LEFT JOIN member_unit AS u ON u.id = n.unit_id
                           WHERE n.call_id = w.id))
      FROM webhook AS h
      JOIN whistle_call AS w ON w.id = :call_id
      LEFT JOIN ticket AS i ON i.id = w.ticket_id
     WHERE h.is_active
       AND (h.words = '[]' OR h.words ? CAST(:word AS text))
       AND (h.town_code IS NULL OR h.town_code = w.town_code)
     ORDER BY h.id
""")

DUE = text("""
    SELECT w.id
      FROM webhook AS w
     WHERE w.is_active
       AND EXISTS (SELECT FROM outbox_message AS m
                    WHERE m.webhook_id = w.id AND m.delivered_at IS NULL AND m.dead_at IS NULL
                      AND m.next_try_at <= :now)
     ORDER BY w.id
""")

# The next message to a webhook: of each ticket only the first that is neither delivered nor given up. Its next try
# is set before this one is made, so that no other sender takes it meanwhile, and none who dies in the middle holds it.
CLAIM = text("""
    WITH next AS (
        SELECT m.id
          FROM outbox_message AS m
         WHERE m.webhook_id = :webhook_id
           AND m.delivered_at IS NULL AND m.dead_at IS NULL
           AND m.next_try_at <= :now
           AND NOT EXISTS (SELECT FROM outbox_message AS p
                            WHERE p.webhook_id = m.webhook_id AND p.ticket_id = m.ticket_id AND p.id < m.id
                              AND p.delivered_at IS NULL AND p.dead_at IS NULL)
         ORDER BY m.id
         LIMIT 1
           FOR UPDATE SKIP LOCKED)
    UPDATE outbox_message AS m
       SET attempts = m.attempts + 1,
           next_try_at = CAST(:now AS timestamptz)
                       + make_interval(secs => (CAST(:pauses_s AS double precision[]))[LEAST(m.attempts + 1, :most)])
      FROM next, webhook AS w
     WHERE m.id = next.id AND w.id = m.webhook_id
    RETURNING m.id, m.word, m.payload, m.attempts, w.name, w.url, w.secret
""")

DELIVERED = text("""
    UPDATE outbox_message SET delivered_at = :at, last_error = NULL
     WHERE id = :id AND delivered_at IS NULL
""")

# Given up after the last try, unless somebody has put it back at the beginning meanwhile.
FAILED = text("""
    UPDATE outbox_message
       SET last_error = :error, dead_at = CASE WHEN attempts >= :most THEN CAST(:at AS timestamptz) END
     WHERE id = :id AND delivered_at IS NULL
""")

# A sender that died in its last try told nobody.
BURY = text("""
    UPDATE outbox_message
       SET dead_at = :now, last_error = COALESCE(last_error, 'the sender ended in the middle of the last try')
     WHERE delivered_at IS NULL AND dead_at IS NULL AND attempts >= :most AND next_try_at <= :now
""")

AGAIN = """
    UPDATE outbox_message
       SET attempts = 0, next_try_at = :now, delivered_at = NULL, dead_at = NULL, last_error = NULL
     WHERE {condition}
"""
ONE = "id = :id AND (CAST(:webhook_id AS integer) IS NULL OR webhook_id = :webhook_id)"
ALL_SINCE = "webhook_id = :webhook_id AND created_at >= :since AND (delivered_at IS NOT NULL OR dead_at IS NOT NULL)"

ADD = text("""
    INSERT INTO outbox_message (webhook_id, word, payload, created_at, next_try_at)
    VALUES (:webhook_id, :word, :payload, :now, :now) RETURNING id
""").bindparams(bindparam("payload", type_=JSONB))

STANDINGS = {
    "waiting": "m.delivered_at IS NULL AND m.dead_at IS NULL",
    "delivered": "m.delivered_at IS NOT NULL",
    "dead": "m.dead_at IS NOT NULL",
}

LINES = """
    SELECT m.id, w.name, m.word, i.number, m.created_at, m.attempts, m.next_try_at, m.delivered_at, m.dead_at,
           m.last_error
      FROM (SELECT m.*
              FROM outbox_message AS m
             WHERE {condition}
             ORDER BY m.id DESC
             LIMIT :limit) AS m
      JOIN webhook AS w ON w.id = m.webhook_id
      LEFT JOIN ticket AS i ON i.id = m.ticket_id
     ORDER BY m.id DESC
"""

# By the partial indexes: what has been delivered is not counted, for there are millions of it.
COUNTS = text("""
    SELECT w.id, q.number, d.number, q.oldest
      FROM webhook AS w
     CROSS JOIN LATERAL (SELECT count(*) AS number, min(m.created_at) AS oldest
                           FROM outbox_message AS m
                          WHERE m.webhook_id = w.id AND m.delivered_at IS NULL AND m.dead_at IS NULL) AS q
     CROSS JOIN LATERAL (SELECT count(*) AS number
                           FROM outbox_message AS m
                          WHERE m.webhook_id = w.id AND m.dead_at IS NOT NULL) AS d
     ORDER BY w.id
""")

# What waits is never forgotten, however old.
PRUNE = text("DELETE FROM outbox_message WHERE delivered_at < :before OR dead_at < :before")


class Claimed(NamedTuple):
    """A message that is this sender's to deliver now, and where to; `attempts` counts this try."""

    id: int
    word: str
    payload: dict[str, Any]
    attempts: int
    webhook: str
    url: str
    secret: str


class MessageLine(NamedTuple):
    """How a message stands; no ticket is a trial."""

    id: int
    webhook: str
    word: str
    ticket: str | None
    created_at: datetime
    attempts: int
    next_try_at: datetime
    delivered_at: datetime | None
    dead_at: datetime | None
    last_error: str | None

    @property
    def standing(self) -> str:
        """`waiting`, `delivered` or `dead`."""
        if self.delivered_at is not None:
            return "delivered"
        return "waiting" if self.dead_at is None else "dead"


class Counts(NamedTuple):
    """Messages of a webhook that wait or were given up, and since when the oldest waits."""

    waiting: int
    dead: int
    oldest: datetime | None


def write(session: Session, ids: Sequence[int]) -> None:
    """One message for each of these events and each active webhook that wants to hear of it."""
    session.execute(WRITE, {"ids": list(ids)})


def write_call(session: Session, call_id: int, *, word: str, at: datetime) -> None:
    """One message about a whistle call for each active webhook that wants to hear of it."""
    session.execute(WRITE_CALL, {"call_id": call_id, "word": word, "at": at})


def add(session: Session, *, webhook_id: int, word: str, payload: Mapping[str, Any], now: datetime) -> int:
    """One message about no ticket; returns its number."""
    values = {"webhook_id": webhook_id, "word": word, "payload": dict(payload), "now": now}
    return int(session.execute(ADD, values).scalar_one())


def due(session: Session, *, now: datetime) -> list[int]:
    """Active webhooks for which a message may be sent now."""
    return list(session.scalars(DUE, {"now": now}))


def claim(session: Session, *, webhook_id: int, now: datetime, pauses_s: Sequence[float]) -> Claimed | None:
    """Take the next message to a webhook; None where none may be sent now.

    pauses_s   seconds until the try after the first, the second …; there are as many tries.
    """
    values = {"webhook_id": webhook_id, "now": now, "pauses_s": list(pauses_s), "most": len(pauses_s)}
    row = session.execute(CLAIM, values).first()
    return None if row is None else Claimed(*row)


def delivered(session: Session, message_id: int, *, at: datetime) -> None:
    """Mark a message as arrived."""
    session.execute(DELIVERED, {"id": message_id, "at": at})


def failed(session: Session, message_id: int, *, error: str, at: datetime, most: int) -> None:
    """Write down why a try failed; after `most` tries the message is given up."""
    session.execute(FAILED, {"id": message_id, "error": error, "at": at, "most": most})


def bury(session: Session, *, now: datetime, most: int) -> None:
    """Give up messages whose sender died in their last try."""
    session.execute(BURY, {"now": now, "most": most})


def again(session: Session, message_id: int, *, now: datetime, webhook_id: int | None = None) -> bool:
    """Put a message back at the beginning; whether there is one of that number (and of that webhook)."""
    values = {"id": message_id, "webhook_id": webhook_id, "now": now}
    return _changed(session, text(AGAIN.format(condition=ONE)), values) > 0


def all_again(session: Session, *, webhook_id: int, since: datetime, now: datetime) -> int:
    """Put all messages of a webhook written since a moment back at the beginning; returns how many."""
    values = {"webhook_id": webhook_id, "since": since, "now": now}
    return _changed(session, text(AGAIN.format(condition=ALL_SINCE)), values)


def lines(
    session: Session, *, webhook_id: int | None = None, standing: str | None = None, limit: int = 100
) -> list[MessageLine]:
    """Messages, the newest first; of one webhook, or standing so (a word of STANDINGS)."""
    conditions = ["m.webhook_id = :webhook_id"] if webhook_id is not None else []
    conditions += [STANDINGS[standing]] if standing else []
    statement = text(LINES.format(condition=" AND ".join(conditions) or "TRUE"))
    found = session.execute(statement, {"limit": limit, **({"webhook_id": webhook_id} if webhook_id else {})})
    return [MessageLine(*row) for row in found]


def counts(session: Session) -> dict[int, Counts]:
    """How the messages of each webhook stand, by its id."""
    return {row[0]: Counts(*row[1:]) for row in session.execute(COUNTS)}


def prune(session: Session, *, before: datetime) -> int:
    """Delete messages that were delivered or given up before a moment; returns how many."""
    return _changed(session, PRUNE, {"before": before})


def _changed(session: Session, statement: TextClause, values: Mapping[str, Any]) -> int:
    return int(session.execute(statement, values).rowcount)  # type: ignore[attr-defined] # a cursor's result has it
