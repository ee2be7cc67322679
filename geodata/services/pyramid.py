"""The counts of tickets for the low zooms, kept up with the tickets."""

from sqlalchemy.orm import Session

from geodata.queries import pyramid as queries

# More changes than this slow down a tile; reading fewer is not felt.
MOST_PENDING = 2_000

# A reader who finds changes waiting folds so many and no more.
ONE_SITTING = 50_000


def fold(session: Session, *, most: int | None = None) -> int:
    """Move what has changed into the counts of all zooms, and say how many changes that were.

    Tiles are right before and after: this makes them quick. Nothing is done while another
    transaction folds. `most` bounds the work; the rest waits for the next time.
    """
    if not queries.try_lock(session):
        return 0
    return queries.fold(session, most=most or 2**31 - 1)


def is_due(session: Session) -> bool:
    """Whether so much has changed that folding is worth its time."""
    return queries.pending(session, most=MOST_PENDING + 1) > MOST_PENDING
