"""What an import changes is kept row by row, so that it can be taken back (`geodata.services.undo`)."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy.orm import Session

from geodata.models import ImportRun, Ticket
from geodata.queries import undo as queries
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
