"""What has been imported, run by run."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

# The figures alone: a report may hold a thousand problems. Changes by hand stand there too, without a file.
LISTED = text("""
    SELECT r.id, r.kind, r.file_name, r.datum, r.actor, r.at,
           CAST(coalesce(r.report ->> 'rows', '0') AS bigint),
           CAST(coalesce(r.report ->> 'stored', '0') AS bigint),
           CAST(coalesce(r.report ->> 'changed', '0') AS bigint),
           CAST(coalesce(r.report ->> 'unchanged', '0') AS bigint),
           CAST(coalesce(r.report ->> 'bad', '0') AS bigint),
           r.report ->> 'refused' IS NOT NULL, r.undone_at IS NOT NULL
      FROM import_run AS r
     WHERE r.file_name <> ''
     ORDER BY r.at DESC, r.id DESC
     LIMIT :limit OFFSET :skip
""")

TOTAL = text("SELECT count(*) FROM import_run WHERE file_name <> ''")


class RunLine(NamedTuple):
    """One import; `is_refused` where nothing of it was stored, `is_undone` where it was taken back."""

    id: int
    kind: str
    file_name: str
    datum: str | None
    actor: str
    at: datetime
    rows: int
    stored: int
    changed: int
    unchanged: int
    bad: int
    is_refused: bool
    is_undone: bool


def listed(session: Session, *, limit: int, skip: int = 0) -> Sequence[RunLine]:
    """Imports, the newest first."""
    return [RunLine(*row) for row in session.execute(LISTED, {"limit": limit, "skip": skip})]


def total(session: Session) -> int:
    """How many imports there were."""
    return int(session.execute(TOTAL).scalar_one())
