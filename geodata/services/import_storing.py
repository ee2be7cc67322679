"""Good rows of an import into their table, and what follows for other tables; undone where nothing is to stay."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy.orm import Session

from geodata.ingest.kinds import PLACE_COLUMNS, Job, Record
from geodata.models import DutyGrid, DutyRule, FilingRule, GazetteerEntry, Installation, Project, Ticket
from geodata.models.base import Base, Stamped
from geodata.queries import duty_list
from geodata.queries import imports as queries
from geodata.queries.loading import Merged, keys_of, merge
from geodata.queries.rules import close_versions
from geodata.queries.tickets import next_numbers
from geodata.services import announcements, import_changes
from geodata.services.areas import after_areas, before_areas
from geodata.services.duty_grids import after_duty_grids
from geodata.services.gazetteer import take_gazetteer
from geodata.services.project_imports import after_projects
from geodata.services.pyramid import fold
from geodata.services.stamps import restamp, stamp

# Of these a version begins where the one before it ends.
_CLOSE_VERSIONS: dict[type[Base], Callable[[Session], None]] = {
    FilingRule: close_versions,
    DutyRule: duty_list.close_versions,
}

_KEPT_TOGETHER = (*PLACE_COLUMNS, "origin")


@contextmanager
def undone_if(session: Session, *, is_dry: bool) -> Iterator[None]:
    """A savepoint around the storing: undone after a dry run, and after any error."""
    savepoint = session.begin_nested()
    try:
        if not is_dry:
            import_changes.begin(session)
        yield
        session.flush()
    except BaseException:
        savepoint.rollback()
        raise
    if is_dry:
        savepoint.rollback()
    else:
        savepoint.commit()


def store(session: Session, job: Job, records: Sequence[Record], settings: Installation, *, actor: str) -> None:
    """Bring the good records of a job into their table, count them in its report, and do what follows.

    To be called within `undone_if`, as the tables that follow are changed one after another.
    """
    kind, report = job.kind, job.report
    if kind.model is GazetteerEntry:
        _show(session, job, take_gazetteer(session, job, records), records)
        return
    if kind.model is Ticket:
        _number(session, job, records)
    if kind.name == "areas":
        before_areas(session, job)
    columns = list(dict.fromkeys(name for record in records for name in record.values))
    rows = ([record.values.get(name) for name in columns] for record in records)
    merged = merge(
        session,
        kind.model,
        columns,
        rows,
        key=kind.key,
        where=kind.key_where,
        kept_together=_KEPT_TOGETHER,
        only_new=job.only_new,
    )
    report.stored, report.changed, report.unchanged = len(merged.stored), len(merged.changed), merged.unchanged
    _show(session, job, merged, records)
    session.expire_all()
    if issubclass(kind.model, Stamped):
        stamp(session, kind.model, ids=sorted({*merged.stored, *merged.moved}))
    _follow(session, job, merged, records, settings, actor=actor)


def _show(session: Session, job: Job, merged: Merged, records: Sequence[Record]) -> None:
    """Tell whoever looks at a dry run which rows are new, and which change what is there."""
    if job.preview is not None:
        kind = job.kind
        new, changed = (keys_of(session, kind.model, ids, kind.key) for ids in (merged.stored, merged.changed))
        job.preview.see_stored(records, kind.key, new=new, changed=changed)


def _follow(
    session: Session,
    job: Job,
    merged: Merged,
    records: Sequence[Record],
    settings: Installation,
    *,
    actor: str,
) -> None:
    """Do what comes after the storing, by kind."""
    kind = job.kind
    if kind.model is Ticket:
        _keep_history(session, job, merged, settings, actor=actor)
        fold(session)
    if kind.model is Project:
        after_projects(session, job, merged, actor=actor)
    if kind.name == "areas":
        after_areas(session, job, merged, metre_srid=settings.metre_srid)
    if kind.model in _CLOSE_VERSIONS:
        _CLOSE_VERSIONS[kind.model](session)
    if kind.model is DutyGrid:
        after_duty_grids(session, job, merged, records, metre_srid=settings.metre_srid)
    if kind.name == "grid" and (merged.stored or merged.changed):
        restamp(session)


def _number(session: Session, job: Job, records: Sequence[Record]) -> None:
    """Give every ticket its number: the one it has, or a new one of the day it was reported."""
    known = queries.numbers_there(session, job.source)
    new = [record for record in records if record.values["source_ref"] not in known]
    days = [record.values["reported_at"].astimezone(job.zone).date() for record in new]
    for record, number in zip(new, next_numbers(session, days), strict=True):
        record.values["number"] = number
    for record in records:
        record.values.setdefault("number", known.get(record.values["source_ref"]))


def _keep_history(session: Session, job: Job, merged: Merged, settings: Installation, *, actor: str) -> None:
    """Offices and events of the tickets that are new or changed."""
    queries.set_offices(session, sorted({*merged.stored, *merged.moved}), district_code=settings.code)
    queries.touch(session, merged.changed)
    facts: dict[str, object] = {"source": job.source, "file": job.report.file}
    told = queries.add_events(session, [*merged.stored, *merged.changed], actor=actor, facts=facts)
    announcements.tell(session, told, actions={"import"})
    session.expire_all()
