"""What an import changes is kept row by row, so that it can be taken back (`geodata.services.undo`)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.errors import NotFound
from geodata.models import ImportRun, Ticket
from geodata.queries import undo as queries
from geodata.services.changes import BY_HAND
from geodata.services.stamps import STAMPED

# So long can an import be taken back, so many rows are kept of one, and of all together.
KEPT = timedelta(days=90)
MOST_OF_ONE = 2_000_000
MOST_OF_ALL = 5_000_000

CODES = ("town_code", "village_code", "cell_code")
# What follows from other records and is set again with them: it does not tell whether somebody changed the row.
DERIVED: Mapping[str, Sequence[str]] = {
    **{model.__tablename__: CODES for model in STAMPED},
    Ticket.__tablename__: (*CODES, "duty_grid_code", "due_at"),
}


@dataclass(frozen=True)
class Run:
    """One import as lists show it.

    stored, changed, bad  rows of the file; 0 where it was refused.
    is_refused            nothing was stored.
    is_undoable           what it changed is kept, and nobody has taken it back.
    """

    number: int
    kind: str
    file: str
    actor: str
    at: datetime
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
        return {**asdict(self), "at": self.at.isoformat(), "undone_at": undone_at}


def hold(session: Session) -> None:
    """Let nobody take an import back while this transaction imports; waits while somebody does."""
    queries.hold_imports(session)


def begin(session: Session) -> None:
    """Keep from now on what this transaction changes, until `settle`."""
    session.flush()
    if not queries.is_keeping(session):
        queries.begin_keeping(session)


def settle(session: Session, run: ImportRun) -> None:
    """Write down what was kept as the changes of a run; none where it stored nothing, unknown where they are too many.

    What is too old or lies behind too many newer rows is forgotten.
    """
    if not queries.is_keeping(session):
        run.kept_rows = 0
        session.flush()
        return
    run.kept_rows = queries.settle(session, run.id, most=MOST_OF_ONE, derived=DERIVED)
    session.flush()
    queries.prune(session, age=KEPT, most=MOST_OF_ALL)
    session.refresh(run, ["kept_rows"])


def run_of(session: Session, number: int) -> ImportRun:
    """The import of that number. Raises NotFound, also for a change by hand, which comes from no file."""
    found = session.get(ImportRun, number) if 0 < number < 2**63 else None
    if found is None or found.file_name == BY_HAND:
        raise NotFound("import", str(number))
    return found


def runs(session: Session, *, limit: int, kinds: Sequence[str] = ()) -> list[Run]:
    """The last imports, the newest first; those of some kinds only where these are named."""
    wanted = select(ImportRun).where(ImportRun.file_name != BY_HAND)
    if kinds:
        wanted = wanted.where(ImportRun.kind.in_(kinds))
    return [as_run(one) for one in session.scalars(wanted.order_by(ImportRun.id.desc()).limit(limit))]


def as_run(one: ImportRun) -> Run:
    """An import as lists show it."""
    report = one.report
    is_refused = report.get("refused") is not None
    return Run(
        number=one.id,
        kind=one.kind,
        file=one.file_name,
        actor=one.actor,
        at=one.at,
        stored=0 if is_refused else int(report.get("stored", 0)),
        changed=0 if is_refused else int(report.get("changed", 0)),
        bad=int(report.get("bad", 0)),
        is_refused=is_refused,
        is_undoable=bool(one.kept_rows) and one.undone_at is None,
        undone_at=one.undone_at,
        undone_by=one.undone_by,
    )
