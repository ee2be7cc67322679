"""Taking an import back: what it made goes, what it changed is as it was before, and what follows follows again.

All of it or nothing. A row that somebody has changed since, or that later records refer to, stands in the way; with
`only_unchanged` such rows stay as they are and the rest is taken back. History is never deleted: tickets that came with
the import are cancelled and joint projects stopped, each with an event, and the others put back with an event.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from geodata.models import (
    Area,
    Base,
    DutyGrid,
    DutyGridCell,
    GridCell,
    ImportRun,
    Project,
    ProjectPartner,
    Ticket,
)
from geodata.queries import imports as ticket_queries
from geodata.queries import stamping
from geodata.queries import undo as queries
from geodata.queries.import_runs import run as run_line
from geodata.queries.rules import hold_calendar, take_calendar
from geodata.queries.stamping import Disagreement
from geodata.record_errors import ImportBusy, NotUndoable
from geodata.services import announcements, changes, import_changes
from geodata.services.calendars import forget as forget_calendar
from geodata.services.import_changes import DERIVED, KEPT, MOST_OF_ONE
from geodata.services.import_runs import run_of
from geodata.services.installation import installation
from geodata.services.project_imports import tell_stages
from geodata.services.pyramid import fold
from geodata.services.recalculation import recalculate
from geodata.services.search import refresh as refresh_names
from geodata.services.stamps import STAMPED, restamp, stamp
from geodata.services.undo_plan import WHOLE, Conflict, UndoPlan

# Under this kind a taking back stands among the changes by hand.
KIND = "undo"

# More are counted, not listed.
MOST_TOLD = 200

# Their history is only added to, and would have to go with them.
LASTING = (Ticket.__tablename__, Project.__tablename__)

# Of tickets that came in otherwise, an import of areas fills what they lack.
_FILLED = (*import_changes.CODES, "duty_grid_code")
_GROUND = frozenset(model.__tablename__ for model in (Area, GridCell, DutyGrid, DutyGridCell))


def plan(session: Session, run_id: int, *, only_unchanged: bool = False, most: int | None = None) -> UndoPlan:
    """What `undo` would do: everything is tried, and undone again.

    most   a run that changed more rows is refused: it takes longer than whoever asks can wait.

    Raises NotFound, NotUndoable for a run that cannot be taken back whatever else, and ImportBusy.
    """
    run = _ready(session, run_id, most=most)
    savepoint = session.begin_nested()
    try:
        found = _carry_out(session, run, only_unchanged=only_unchanged)
    finally:
        savepoint.rollback()
        _forget_all(session)
    return found


def undo(
    session: Session, run_id: int, *, actor: str, only_unchanged: bool = False, most: int | None = None
) -> UndoPlan:
    """Take an import back, and say what was done; with conflicts nothing, unless `only_unchanged` leaves these alone.

    Raises as `plan`, and NotUndoable with the conflicts.
    """
    run = _ready(session, run_id, most=most)
    savepoint = session.begin_nested()
    try:
        done = _carry_out(session, run, only_unchanged=only_unchanged, actor=actor)
        if done.conflicts and not (only_unchanged and done.may_be_part):
            word = "whole" if only_unchanged and done.is_whole_only else "partly"
            raise NotUndoable(run_id, word, conflicts=done.says())
    except BaseException:
        savepoint.rollback()
        _forget_all(session)
        raise
    savepoint.commit()
    run.undone_at, run.undone_by, run.kept_rows = func.now(), actor, None
    queries.forget(session, run_id)
    facts = {"did": "undo", "run": run_id, "kind": run.kind, "file": run.file_name, "kept": done.conflict_count}
    counted = {one.table: {k: v for k, v in one._asdict().items() if k != "table"} for one in done.counts}
    changes.keep(session, KIND, actor=actor, facts={**facts, "tables": counted})
    refresh_names(session)
    session.refresh(run)
    return UndoPlan(run_line(session, run.id), done.counts, done.conflicts, done.conflict_count)


def _forget_all(session: Session) -> None:
    session.expire_all()
    forget_calendar(session)


def _ready(session: Session, run_id: int, *, most: int | None) -> ImportRun:
    """The run, held; nobody imports meanwhile, and nobody counts time."""
    run_of(session, run_id)
    if not queries.try_take_imports(session):
        raise ImportBusy
    wanted = select(ImportRun).where(ImportRun.id == run_id).with_for_update()
    run = session.scalars(wanted.execution_options(populate_existing=True)).one()
    if run.undone_at is not None:
        raise NotUndoable(run_id, "undone")
    if run.kept_rows == 0:
        raise NotUndoable(run_id, "nothing")
    if run.kept_rows is None:
        raise NotUndoable(run_id, "forgotten", days=KEPT.days, rows=MOST_OF_ONE)
    if most is not None and run.kept_rows > most:
        raise NotUndoable(run_id, "large", rows=run.kept_rows, most=most)
    if run.kind == "calendar":
        take_calendar(session)
    else:
        hold_calendar(session)
    session.flush()
    return run


def _carry_out(session: Session, run: ImportRun, *, only_unchanged: bool, actor: str = "") -> UndoPlan:
    """Take back what can be, within the caller's savepoint."""
    following = () if run.kind == "tickets" else (Ticket.__tablename__,)
    with _listed(session, run, following=following):
        counted = [one for one in queries.counts(session) if one.table not in following]
        found = [_conflict(one) for one in queries.conflicts(session, most=MOST_TOLD)]
        count = sum(one.conflicts for one in counted)
        if not count or (only_unchanged and run.kind not in WHOLE):
            wrong_before = _wrong_codes(session, run)
            try:
                with session.begin_nested():
                    _take_back(session, run, actor=actor)
            except IntegrityError as error:
                found.append(_bound(error))
                count += 1
            else:
                stamped = _stamped(session, _wrong_codes(session, run) - wrong_before)
                found += stamped
                count += len(stamped)
    return UndoPlan(run_line(session, run.id), tuple(counted), tuple(found[:MOST_TOLD]), count)


@contextmanager
def _listed(session: Session, run: ImportRun, *, following: Sequence[str]) -> Iterator[None]:
    queries.list_rows(session, run.id, derived=DERIVED, following=following, lasting=LASTING)
    yield
    queries.unlist(session)


def _conflict(row: queries.ConflictRow) -> Conflict:
    # what a ticket is called is what somebody wrote
    name = None if row.table == Ticket.__tablename__ else row.name
    return Conflict(row.state, row.table, row.label, name, row.by_run, row.by_table, row.by_label, row.uses)


def _bound(error: IntegrityError) -> Conflict:
    said = getattr(error.orig, "diag", None)
    table = getattr(said, "table_name", None) or "records"
    detail = getattr(said, "message_detail", None) or getattr(said, "constraint_name", None) or str(error.orig)
    return Conflict("bound", table, getattr(said, "constraint_name", None) or "", by=detail)


def _wrong_codes(session: Session, run: ImportRun) -> set[Disagreement]:
    """Codes of tickets that are not those of the ground on their day; looked at where a run is about ground."""
    if run.kind not in WHOLE:
        return set()
    session.flush()
    return set(stamping.disagreements(session, Ticket, zone=installation(session).timezone))


def _stamped(session: Session, wrong: Collection[Disagreement]) -> list[Conflict]:
    """Tickets that would not lie in their areas any more: reported since, with codes of the ground as it is now."""
    ids = {one.id for one in wrong}
    numbers = {
        row.id: row.number for row in session.execute(select(Ticket.id, Ticket.number).where(Ticket.id.in_(ids)))
    }
    found = [Conflict("stamped", one.table, numbers[one.id], by=one.column) for one in wrong]
    return sorted(found, key=lambda one: (one.code, one.by or ""))


def _take_back(session: Session, run: ImportRun, *, actor: str) -> None:
    """Rows first, then what follows from them."""
    tables = {one.table for one in queries.counts(session)}
    in_order = [table.name for table in Base.metadata.sorted_tables if table.name in tables]
    parts = {} if run.kind == "tickets" else {Ticket.__tablename__: _FILLED}
    queries.undo_rows(session, run.id, tables=in_order, parts=parts)
    session.expire_all()
    facts: dict[str, object] = {"undone_import": run.id, "file": run.file_name}
    if run.kind == "tickets":
        _tickets_back(session, actor=actor, facts=facts)
    if Project.__tablename__ in tables or ProjectPartner.__tablename__ in tables:
        _projects_back(session, run, actor=actor)
    for model in STAMPED:
        if model.__tablename__ in tables and not (model is Ticket and run.kind != "tickets"):
            stamp(session, model, ids=queries.keys(session, model.__tablename__, states=["same"], is_new=False))
    if tables & _GROUND:
        restamp(session)
    if Ticket.__tablename__ in tables:
        fold(session)
    if run.kind == "calendar":
        forget_calendar(session)
        recalculate(session)
    session.flush()


def _tickets_back(session: Session, *, actor: str, facts: dict[str, object]) -> None:
    """Tickets that came with the import are cancelled; each gets an event, as do those that are as they were before."""
    table = Ticket.__tablename__
    new = queries.keys(session, table, states=["ended"], is_new=True)
    former = queries.keys(session, table, states=["same"], is_new=False)
    queries.cancel_tickets(session, new)
    ticket_queries.touch(session, former)
    told = ticket_queries.add_events(session, [*former, *new], actor=actor, facts=facts)
    announcements.tell(session, told, actions={"import"})
    session.expire_all()


def _projects_back(session: Session, run: ImportRun, *, actor: str) -> None:
    """Projects that came with the import are stopped; their history says so, as that of those put back."""
    table = Project.__tablename__
    new = queries.keys(session, table, states=["ended"], is_new=True)
    if new:
        session.execute(update(Project).where(Project.id.in_(new)).values(stage="stopped"))
        session.expire_all()
    ids = [*new, *queries.keys(session, table, states=["same"], is_new=False)]
    tell_stages(session, ids, actor=actor, note=f"import {run.id} was taken back ({run.file_name})")
