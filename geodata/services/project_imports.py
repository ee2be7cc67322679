"""What an import of joint projects does beside storing its rows: events of new stages, and who takes part."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from geodata.ingest.kinds import Job
from geodata.models import Project, ProjectEvent, ProjectPartner
from geodata.queries.loading import Merged
from geodata.services.projects import follow_demand


def after_projects(session: Session, job: Job, merged: Merged, *, actor: str) -> None:
    """Append an event wherever a project's history does not end in the stage that the file gives it; set partners.

    A project of which nothing but its partners changed counts as changed in the report.
    """
    ids = [*merged.stored, *merged.changed]
    tell_stages(session, ids, actor=actor, note=job.report.file)
    touched = _set_partners(session, job) - set(ids)
    job.report.changed += len(touched)
    job.report.unchanged -= len(touched)


def tell_stages(session: Session, ids: Sequence[int], *, actor: str, note: str) -> None:
    """Append an event to each of these projects whose history does not end in its stage."""
    wanted = select(ProjectEvent).where(ProjectEvent.project_id.in_(ids)).order_by(ProjectEvent.seq)
    last = {event.project_id: event for event in session.scalars(wanted)}
    now = datetime.now(UTC)
    for one in session.scalars(select(Project).where(Project.id.in_(ids)).order_by(Project.id)):
        was = last[one.id].to_stage if one.id in last else None
        if was == one.stage:
            continue
        seq = last[one.id].seq + 1 if one.id in last else 1
        told = ProjectEvent(project_id=one.id, seq=seq, at=now, action="import", actor=actor, note=note)
        told.from_stage, told.to_stage = was, one.stage
        session.add(told)
        follow_demand(session, one, was=was)
    session.flush()


def _set_partners(session: Session, job: Job) -> set[int]:
    """Let the projects of rows that tell it have just these partners; ids of those whose partners changed."""
    rows = {row["code"]: row for row in job.beside.get(ProjectPartner, ())}
    if not rows:
        return set()
    found = session.execute(select(Project.code, Project.id).where(Project.code.in_(rows)))
    ids = {row.code: row.id for row in found}
    there: dict[int, dict[int, str]] = {}
    known = select(ProjectPartner).where(ProjectPartner.project_id.in_(ids.values()))
    for one in session.scalars(known):
        there.setdefault(one.project_id, {})[one.unit_id] = one.part
    touched = set()
    for code, row in rows.items():
        # a row left out for its problems has no project
        if (number := ids.get(code)) is None:
            continue
        is_told, units = row["fields"], row["units"]
        was = there.get(number, {})
        kept = {unit: part for unit, part in was.items() if part not in is_told}
        wanted = kept | units
        if wanted == was:
            continue
        touched.add(number)
        session.execute(delete(ProjectPartner).where(ProjectPartner.project_id == number))
        session.add_all(ProjectPartner(project_id=number, unit_id=unit, part=part) for unit, part in wanted.items())
        session.flush()
    return touched
