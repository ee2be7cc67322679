"""Imports that were made, from the web and from the command line."""

from sqlalchemy.orm import Session

from geodata.errors import NotFound
from geodata.models import ImportRun
from geodata.queries.import_runs import Run, listed, total
from geodata.services.changes import BY_HAND

__all__ = ["Run", "listed", "run_of", "total"]


def run_of(session: Session, number: int) -> ImportRun:
    """The import of that number. Raises NotFound, also for a change by hand, which comes from no file."""
    found = session.get(ImportRun, number) if 0 < number < 2**63 else None
    if found is None or found.file_name == BY_HAND:
        raise NotFound("import", str(number))
    return found
