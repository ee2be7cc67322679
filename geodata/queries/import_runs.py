"""What has been imported, run by run."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

# The figures alone: a report may hold a thousand problems. Changes by hand stand there too, without a file.
RUNS = """
    SELECT r.id, r.kind, r.file_name, r.datum, r.actor, r.at,
           CAST(coalesce(r.report ->> 'rows', '0') AS bigint),
           CASE WHEN f.is_refused THEN 0 ELSE CAST(coalesce(r.report ->> 'stored', '0') AS bigint) END,
           CASE WHEN f.is_refused THEN 0 ELSE CAST(coalesce(r.report ->> 'changed', '0') AS bigint) END,
           CAST(coalesce(r.report ->> 'bad', '0') AS bigint), f.is_refused,
           coalesce(r.kept_rows, 0) > 0 AND r.undone_at IS NULL, r.undone_at, r.undone_by
      FROM import_run AS r
     CROSS JOIN LATERAL (SELECT r.report ->> 'refused' IS NOT NULL AS is_refused) AS f
     WHERE r.file_name <> ''
"""
LISTED = text(
    RUNS
    + """
       AND (cardinality(CAST(:kinds AS text[])) = 0 OR r.kind = ANY(CAST(:kinds AS text[])))
     ORDER BY r.id DESC
     LIMIT :limit OFFSET :skip
"""
)
OF_NUMBER = text(RUNS + "       AND r.id = :number")

TOTAL = text("SELECT count(*) FROM import_run WHERE file_name <> ''")


class Run(NamedTuple):
    """One import as lists show it.

    rows, stored, changed, bad   of the file; nothing is stored or changed where it was refused.
    is_undoable                  what it changed is kept, and nobody has taken it back.
    """

    number: int
    kind: str
    file: str
    datum: str | None
    actor: str
    at: datetime
    rows: int
    stored: int
    changed: int
    bad: int
    is_refused: bool
    is_undoable: bool
    undone_at: datetime | None
    undone_by: str | None

    def to_json(self) -> dict[str, Any]:
        """The run as JSON values."""
        undone_at = self.undone_at.isoformat() if self.undone_at else None
        return {**self._asdict(), "at": self.at.isoformat(), "undone_at": undone_at}


def listed(session: Session, *, limit: int, skip: int = 0, kinds: Sequence[str] = ()) -> list[Run]:
    """Imports, the newest first; those of some kinds only where these are named."""
    found = session.execute(LISTED, {"limit": limit, "skip": skip, "kinds": list(kinds)})
    return [Run(*row) for row in found]


def run(session: Session, number: int) -> Run:
    """The import of a number that there is."""
    return Run(*session.execute(OF_NUMBER, {"number": number}).one())


def total(session: Session) -> int:
    """How many imports there were."""
    return int(session.execute(TOTAL).scalar_one())
