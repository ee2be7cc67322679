"""Keys of programs: noting that one is used."""

from sqlalchemy import text
from sqlalchemy.orm import Session

# Requests by one key come many at a time: one of them writes, the others neither write nor wait for it.
NOTE_USE = text("""
    UPDATE api_key
       SET last_used_at = now()
     WHERE id = (
           SELECT k.id
             FROM api_key AS k
            WHERE k.id = :id
              AND (k.last_used_at IS NULL OR k.last_used_at < now() - CAST(:seldom AS interval))
              FOR UPDATE SKIP LOCKED)
    RETURNING id
""")


def note_use(session: Session, id: int, *, seldom: str) -> bool:  # noqa: A002 - the column's own name
    """Write down that a key is used now, unless that was done within an interval (`1 hour`); whether it was written."""
    return session.scalar(NOTE_USE, {"id": id, "seldom": seldom}) is not None
