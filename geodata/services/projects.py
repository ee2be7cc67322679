"""Joint projects: started, changed, moved from stage to stage; every move is an event that stays."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import shapely
from geoalchemy2.shape import from_shape
from shapely import Point
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from geodata.errors import NotFound
from geodata.models import LEVELS, MemberUnit
from geodata.models.cooperation import JOINTS, STAGES, Demand, JointMatch, Project, ProjectEvent, ProjectPartner
from geodata.queries import generations
from geodata.queries import projects as queries
from geodata.queries.scope import area_of_level
from geodata.record_errors import BadValue, DemandTaken, StateRefused
from geodata.services import changes, joint_records
from geodata.services.installation import installation
from geodata.services.placing import BY_HAND, is_at, position_of
from geodata.services.project_stages import OUTCOME, REASON, move_between
from geodata.services.stamps import stamp

# The kind under which changes by hand are kept.
KIND = "projects"

PARTS = ("partner", "support")

LONGEST_NAME = 200
LONGEST_WORDS = 2000
MOST_PARTNERS = 100
MOST_SERVED = 10_000_000


@dataclass(frozen=True)
class ProjectDraft:
    """What somebody writes of a project.

    partners   (id of the unit, "partner" or "support"); the lead is none of them.
    place      longitude and latitude, WGS 84 degrees; None: it is drawn at its lead unit.
    """

    name: str
    joint: str
    level: str
    area_code: str | None
    stage: str = "proposed"
    lead_unit_id: int | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    outcome: str | None = None
    people_served: int | None = None
    demand_id: int | None = None
    partners: tuple[tuple[int, str], ...] = ()
    place: tuple[float, float] | None = None
    address: str | None = None


def project(session: Session, code: str) -> Project:
    """The project of that code. Raises NotFound."""
    found = session.scalars(select(Project).where(Project.code == code)).first()
    if found is None:
        raise NotFound("project", code)
    return found


def start(session: Session, draft: ProjectDraft, *, actor: str, note: str | None = None) -> Project:
    """Write down a new project under the next free code; its first event tells in which stage it begins.

    note   why, or out of what; needed for one that is written down as stopped already.

    Raises BadValue, with the draft's field, for what cannot be stored.
    """
    told, words = _checked(session, draft), _words("note", note)
    if draft.stage not in STAGES:
        raise BadValue("stage", "unknown", draft.stage)
    if draft.stage == "done" and told["outcome"] is None:
        raise BadValue("outcome", "missing")
    if draft.stage == "stopped" and words is None:
        raise BadValue("note", "missing")
    made = Project(code=queries.next_code(session), stage=draft.stage, **told)
    _put(made, draft)
    session.add(made)
    session.flush()
    _set_partners(session, made, draft)
    _append(session, made, "start", actor=actor, from_stage=None, note=words)
    follow_demand(session, made, was=None)
    stamp(session, Project, ids=[made.id])
    facts = {"did": "add", "code": made.code, "name": made.name, "before": None, "after": said(session, made)}
    changes.keep(session, KIND, actor=actor, facts=facts)
    return made


def change(session: Session, code: str, draft: ProjectDraft, *, actor: str) -> Project:
    """Let a project say what the draft says, but for its stage, which only `move` changes.

    A done project keeps an outcome. Raises NotFound and BadValue.
    """
    held = _locked(session, code)
    told = _checked(session, draft)
    if held.stage == "done" and told["outcome"] is None:
        raise BadValue("outcome", "missing")
    before = said(session, held)
    for name, value in told.items():
        setattr(held, name, value)
    if not is_at(held.geom, *(draft.place or (None, None))):
        _put(held, draft)
    _set_partners(session, held, draft)
    session.flush()
    stamp(session, Project, ids=[held.id])
    after = said(session, held)
    if after != before:
        facts = {"did": "set", "code": code, "name": held.name, "before": before, "after": after}
        changes.keep(session, KIND, actor=actor, facts=facts)
    return held


def move(
    session: Session,
    code: str,
    to_stage: str,
    *,
    actor: str,
    note: str | None = None,
    outcome: str | None = None,
    people_served: int | None = None,
    at: datetime | None = None,
) -> Project:
    """Take a project to another stage, as `project_stages.MOVES` allows it.

    outcome, people_served   what came of it, taken when it is done; what it says already stands otherwise.
    at                       an aware moment; None is now.

    A project that begins or is done gets that day where it has none. The demand it was for becomes met when it is
    done, and is matched again when it is taken up anew. Raises NotFound, BadValue, StateRefused where its stage does
    not lead there: also for the second of two who move it at once; and DemandTaken where one that was stopped is taken
    up again while its demand is no longer open.
    """
    if to_stage not in STAGES:
        raise BadValue("to_stage", "unknown", to_stage)
    held = _locked(session, code)
    step, was = move_between(held.stage, to_stage), held.stage
    if step is None:
        raise StateRefused(held.code, held.stage, to_stage)
    words = _words("note", note)
    if step.needs == REASON and words is None:
        raise BadValue("note", "missing")
    moment = at or datetime.now(UTC)
    if was == "stopped":
        _take_up(session, held)
    if step.needs == OUTCOME:
        held.outcome = _words("outcome", outcome) or held.outcome
        if held.outcome is None:
            raise BadValue("outcome", "missing")
        if people_served is not None:
            held.people_served = _served(people_served)
    _date(session, held, to_stage, moment)
    held.stage = to_stage
    _append(session, held, step.action, actor=actor, from_stage=was, note=words, at=moment)
    follow_demand(session, held, was=was)
    return held


def events(session: Session, made: Project) -> list[ProjectEvent]:
    """What happened to a project, the first first."""
    wanted = select(ProjectEvent).where(ProjectEvent.project_id == made.id).order_by(ProjectEvent.seq)
    return list(session.scalars(wanted))


def partners(session: Session, made: Project) -> list[tuple[MemberUnit, str]]:
    """Units that take part beside the lead, and as what: partners first, then who supports, each by code."""
    wanted = (
        select(MemberUnit, ProjectPartner.part)
        .join(ProjectPartner, ProjectPartner.unit_id == MemberUnit.id)
        .where(ProjectPartner.project_id == made.id)
        .order_by(ProjectPartner.part, MemberUnit.code)
    )
    return [(row[0], row[1]) for row in session.execute(wanted)]


def follow_demand(session: Session, held: Project, *, was: str | None) -> None:
    """Let the demand behind a project follow its stage: met when it is done, matched again when it no longer is."""
    if held.demand_id is None or (was == "done") == (held.stage == "done"):
        return
    before, after = ("matched", "met") if held.stage == "done" else ("met", "matched")
    session.execute(update(Demand).where(Demand.id == held.demand_id, Demand.state == before).values(state=after))


def _take_up(session: Session, held: Project) -> None:
    """Look after the demand again for which a stopped project was; one asked for anew meanwhile is matched with it.

    Raises DemandTaken where another project does, or where the demand is met or withdrawn.
    """
    if held.demand_id is None:
        return
    wanted = select(Demand).where(Demand.id == held.demand_id).with_for_update()
    demand = session.scalars(wanted.execution_options(populate_existing=True)).one()
    matches = list(session.scalars(select(JointMatch).where(JointMatch.demand_id == demand.id).order_by(JointMatch.id)))
    others = [one.project_id for one in matches if one.state == "accepted" and one.project_id != held.id]
    other = session.get(Project, others[0]) if others and others[0] is not None else None
    if other is not None or demand.state not in {"open", "matched"}:
        raise DemandTaken(held.code, demand.code, demand.state, by=other.code if other else None)
    for match in matches:
        if match.project_id == held.id:
            match.state = "accepted"
    demand.state = "matched"
    session.flush()


def said(session: Session, held: Project) -> dict[str, Any]:
    """What a project says, as facts of a change: units by their names, days as text."""
    lead = None if held.lead_unit_id is None else session.get(MemberUnit, held.lead_unit_id)
    place = position_of(held.geom)
    return {
        "name": held.name,
        "joint": held.joint,
        "level": held.level,
        "area_code": held.area_code,
        "lead": lead.name if lead else None,
        "partners": [unit.name for unit, part in partners(session, held) if part == "partner"],
        "support": [unit.name for unit, part in partners(session, held) if part == "support"],
        "starts_on": held.starts_on.isoformat() if held.starts_on else None,
        "ends_on": held.ends_on.isoformat() if held.ends_on else None,
        "outcome": held.outcome,
        "people_served": held.people_served,
        "address": held.address,
        "place": f"{place[0]:.6f}, {place[1]:.6f}" if place else None,
    }


def _locked(session: Session, code: str) -> Project:
    """The project as it stands, held against all others until this transaction ends. Raises NotFound."""
    wanted = select(Project).where(Project.code == code).with_for_update()
    found = session.scalars(wanted.execution_options(populate_existing=True)).first()
    if found is None:
        raise NotFound("project", code)
    return found


def _checked(session: Session, draft: ProjectDraft) -> dict[str, Any]:
    """The columns that a draft fills, each looked at; all but the stage and the place. Raises BadValue."""
    name = " ".join((_words("name", draft.name, longest=LONGEST_NAME) or "").split())
    if not name:
        raise BadValue("name", "missing")
    for field, word, known in (("joint", draft.joint, JOINTS), ("level", draft.level, LEVELS)):
        if word not in known:
            raise BadValue(field, "unknown", word)
    _check_days(draft)
    if draft.demand_id is not None and session.get(Demand, draft.demand_id) is None:
        raise BadValue("demand", "unknown", draft.demand_id)
    if draft.lead_unit_id is not None and session.get(MemberUnit, draft.lead_unit_id) is None:
        raise BadValue("lead", "unknown", draft.lead_unit_id)
    _check_partners(session, draft)
    _check_place(session, draft)
    return {
        "name": name,
        "joint": draft.joint,
        "level": draft.level,
        "area_code": _area(session, draft),
        "lead_unit_id": draft.lead_unit_id,
        "starts_on": draft.starts_on,
        "ends_on": draft.ends_on,
        "outcome": _words("outcome", draft.outcome),
        "people_served": None if draft.people_served is None else _served(draft.people_served),
        "demand_id": draft.demand_id,
        "address": _words("address", draft.address, longest=LONGEST_NAME),
    }


def _area(session: Session, draft: ProjectDraft) -> str:
    """The code of the area it is of; a project of the district needs none to be told."""
    if draft.level == LEVELS[0]:
        return installation(session).code
    if not draft.area_code:
        raise BadValue("area_code", "missing")
    if area_of_level(session, draft.level, draft.area_code) is None:
        raise BadValue("area_code", "unknown", draft.area_code)
    return draft.area_code


def _check_days(draft: ProjectDraft) -> None:
    for field, told in (("starts_on", draft.starts_on), ("ends_on", draft.ends_on)):
        joint_records.check_day(field, told)
    if draft.starts_on and draft.ends_on and draft.ends_on < draft.starts_on:
        raise BadValue("ends_on", "after", draft.ends_on, other=draft.starts_on.isoformat())


def _check_partners(session: Session, draft: ProjectDraft) -> None:
    ids = [unit_id for unit_id, _ in draft.partners]
    if len(ids) > MOST_PARTNERS:
        raise BadValue("partners", "whole", len(ids), low=0, high=MOST_PARTNERS)
    for unit_id, part in draft.partners:
        if part not in PARTS:
            raise BadValue("partners", "unknown", part)
        if ids.count(unit_id) > 1 or unit_id == draft.lead_unit_id:
            raise BadValue("partners", "taken", _name_of(session, unit_id))
    there = set(session.scalars(select(MemberUnit.id).where(MemberUnit.id.in_(ids))))
    gone = [unit_id for unit_id in ids if unit_id not in there]
    if gone:
        raise BadValue("partners", "unknown", gone[0])


def _name_of(session: Session, unit_id: int) -> str:
    found = session.get(MemberUnit, unit_id)
    return found.name if found else str(unit_id)


def _check_place(session: Session, draft: ProjectDraft) -> None:
    if draft.place is None:
        return
    lon, lat = draft.place
    outline = generations.district(session).geom
    # false of nan too
    is_on_earth = -180 <= lon <= 180 and -90 <= lat <= 90
    if not is_on_earth or (outline is not None and not shapely.covers(outline, Point(lon, lat))):
        raise BadValue("place", "place", f"{lon}, {lat}")


def _words(field: str, told: str | None, *, longest: int = LONGEST_WORDS) -> str | None:
    """Text without control characters but line breaks, and without blanks around it; None where nothing is left."""
    kept = "".join(sign for sign in told or "" if sign == "\n" or unicodedata.category(sign) not in {"Cc", "Cs"})
    if len(kept.strip()) > longest:
        raise BadValue(field, "too_long", kept, most=longest)
    return kept.strip() or None


def _served(told: int) -> int:
    if not 0 <= told <= MOST_SERVED:
        raise BadValue("people_served", "whole", told, low=0, high=MOST_SERVED)
    return told


def _put(held: Project, draft: ProjectDraft) -> None:
    """Set the place of a project, or take it away."""
    if draft.place is None:
        held.geom = held.raw_x = held.raw_y = held.accuracy_m = None
        held.datum = held.datum_evidence = held.place_level = None
        held.town_code = held.village_code = held.cell_code = None
        return
    held.raw_x, held.raw_y = draft.place
    held.geom = from_shape(Point(*draft.place), srid=4326)
    held.datum, held.datum_evidence, held.accuracy_m, held.place_level = "wgs84", "declared", None, BY_HAND


def _set_partners(session: Session, held: Project, draft: ProjectDraft) -> None:
    wanted: Mapping[int, str] = dict(draft.partners)
    there = session.scalars(select(ProjectPartner).where(ProjectPartner.project_id == held.id))
    known = {one.unit_id: one for one in there}
    for unit_id, one in known.items():
        if unit_id not in wanted:
            session.delete(one)
        else:
            one.part = wanted[unit_id]
    for unit_id in wanted.keys() - known.keys():
        session.add(ProjectPartner(project_id=held.id, unit_id=unit_id, part=wanted[unit_id]))
    session.flush()


def _date(session: Session, held: Project, to_stage: str, moment: datetime) -> None:
    day = moment.astimezone(ZoneInfo(installation(session).timezone)).date()
    if to_stage == "running" and held.starts_on is None and (held.ends_on is None or held.ends_on >= day):
        held.starts_on = day
    if to_stage == "done" and held.ends_on is None and (held.starts_on is None or held.starts_on <= day):
        held.ends_on = day


def _append(
    session: Session,
    held: Project,
    action: str,
    *,
    actor: str,
    from_stage: str | None,
    note: str | None = None,
    at: datetime | None = None,
) -> None:
    """Add the next event of a project that this transaction holds."""
    last = session.scalar(select(func.max(ProjectEvent.seq)).where(ProjectEvent.project_id == held.id)) or 0
    told = ProjectEvent(
        project_id=held.id,
        seq=last + 1,
        at=at or datetime.now(UTC),
        action=action,
        from_stage=from_stage,
        to_stage=held.stage,
        actor=actor,
        note=note,
    )
    session.add(told)
    session.flush()
