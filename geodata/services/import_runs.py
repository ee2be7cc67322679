"""Imports that were made, as a list."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from geodata.queries import import_runs as queries
from geodata.queries.import_runs import RunLine

__all__ = ["RunLine", "listed", "total"]


def listed(session: Session, *, limit: int, skip: int = 0) -> Sequence[RunLine]:
    """Imports, the newest first, from the web and from the command line."""
    return queries.listed(session, limit=limit, skip=skip)


def total(session: Session) -> int:
    """How many imports there were."""
    return queries.total(session)
