"""Imports that were made: the list, and the report of each."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from geodata.errors import NotFound
from geodata.models import ImportRun
from geodata.queries import import_runs as queries
from geodata.queries.import_runs import RunLine

__all__ = ["RunLine", "listed", "run", "total"]


def listed(session: Session, *, limit: int, skip: int = 0) -> Sequence[RunLine]:
    """Imports, the newest first, from the web and from the command line."""
    return queries.listed(session, limit=limit, skip=skip)


def total(session: Session) -> int:
    """How many imports there were."""
    return queries.total(session)


def run(session: Session, id_: int) -> ImportRun:
    """An import with its report. Raises NotFound."""
    found = session.get(ImportRun, id_)
    if found is None:
        raise NotFound("import", str(id_))
    return found
