"""Keys that senders give their requests, so that one that is sent twice acts once."""

import json
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from geodata.errors import KeyBusy

# A request with the same key under way holds the row: whoever comes second waits for it, but not for ever.
WAIT = text("SELECT set_config('lock_timeout', :milliseconds, true)")

CLAIM = text("""
    INSERT INTO request_key (actor, key, body_hash)
    VALUES (:actor, :key, :body_hash)
        ON CONFLICT (actor, key) DO NOTHING
    RETURNING key
""")

FOUND = text("""
    SELECT k.body_hash, k.status, k.answer
      FROM request_key AS k
     WHERE k.actor = :actor AND k.key = :key
     ORDER BY k.key
""")

KEEP = text("""
    UPDATE request_key
       SET status = :status, answer = CAST(:answer AS jsonb)
     WHERE actor = :actor AND key = :key
""")

# A few at a time, by whoever sends next: nothing else has to run for it.
FORGET = text("""
    DELETE FROM request_key
     WHERE (actor, key) IN (
           SELECT k.actor, k.key
             FROM request_key AS k
            WHERE k.created_at < now() - CAST(:kept AS interval)
            ORDER BY k.created_at, k.actor, k.key
            LIMIT 100
              FOR UPDATE SKIP LOCKED)
""")

_LOCK_TIMEOUT = "55P03"


class KeptAnswer(NamedTuple):
    """What a key was used for; `status` is None where no answer was kept."""

    body_hash: str
    status: int | None
    answer: dict[str, Any] | None


def claim(session: Session, *, actor: str, key: str, body_hash: str, wait_ms: int) -> bool:
    """Take a key for this transaction; False where it has been used before.

    Waits while another transaction holds it. Raises KeyBusy, after which this transaction is of no more use.
    """
    session.execute(WAIT, {"milliseconds": str(wait_ms)})
    try:
        taken = session.scalar(CLAIM, {"actor": actor, "key": key, "body_hash": body_hash})
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) == _LOCK_TIMEOUT:
            raise KeyBusy(key) from error
        raise
    return taken is not None


def found(session: Session, *, actor: str, key: str) -> KeptAnswer | None:
    """What a key was used for; None for one that was not."""
    row = session.execute(FOUND, {"actor": actor, "key": key}).first()
    return KeptAnswer(*row) if row else None


def keep(session: Session, *, actor: str, key: str, status: int, answer: dict[str, Any]) -> None:
    """Write down the answer to the request of a key that this transaction has taken."""
    session.execute(
        KEEP, {"actor": actor, "key": key, "status": status, "answer": json.dumps(answer, ensure_ascii=False)}
    )


def forget(session: Session, *, kept: str) -> None:
    """Drop some of the keys that are older than an interval (`7 days`)."""
    session.execute(FORGET, {"kept": kept})
