"""What leaves with every event, in its own transaction: notices to people, messages to other systems."""

from collections.abc import Collection, Sequence

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
