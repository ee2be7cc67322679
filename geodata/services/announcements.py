"""What leaves with every event, in its own transaction: notices to people, messages to other systems."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from geodata.services import notices, outbox


def tell(session: Session, ids: Sequence[int], *, actions: Collection[str]) -> None:
    """Tell people and other systems of events, however many, in a few statements.

    ids      of events that are in the table, with their tickets as they stand after them.
    actions  the moves among them.
    """
    if not ids:
        return
    notices.tell(session, ids, actions=actions)
    outbox.tell(session, ids)


def tell_called(
    session: Session,
    call_id: int,
    word: str,
    *,
    facts: Mapping[str, Any],
    actor: str,
    at: datetime,
    seq: int | None = None,
) -> None:
    """Tell those whom a whistle call names of a word of `notices.CALLS`, and other systems of it.

    seq   of the one that it concerns alone; None concerns all, and only that is told to other systems.
    """
    notices.tell_called(session, call_id, word, facts=facts, actor=actor, at=at, seq=seq)
    if seq is None:
        outbox.tell_call(session, call_id, word, at=at)
