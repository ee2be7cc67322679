"""Demands of areas: posted, changed, withdrawn, taken up again; who meets them is for `matching`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.errors import NotFound
from geodata.models import LEVELS, Demand, JointMatch, Project, ResourceKind
from geodata.models.cooperation import DEMAND_STATES
from geodata.queries import demands as queries
from geodata.queries.demands import DemandFilter, DemandRow
from geodata.queries.scope import area_of_level
from geodata.record_errors import BadValue, StateRefused
from geodata.services import changes, joint_records
from geodata.services.installation import installation
from geodata.services.joint_records import LONGEST_NAME, today

# The kind under which changes by hand are kept.
KIND = "demands"

# What is unmet stands first in lists; what is over, last.
STATES = DEMAND_STATES

TOLD = (
    *("name", "kind_code", "level", "area_code", "details", "audience", "people", "needed_from", "needed_until"),
    *("address", "state"),
)


@dataclass(frozen=True)
class DemandDraft:
    """What somebody writes of a demand.

    level, area_code   the area that asks.
    people             for how many at a time; None where that does not matter.
    needed_from, needed_until   days, both included; None for an open end.
    place              longitude and latitude, WGS 84 degrees; None: it is wanted in the area, wherever.
    """

    name: str
    kind_code: str
    level: str
    area_code: str
    details: str | None = None
    audience: str | None = None
    people: int | None = None
    needed_from: date | None = None
    needed_until: date | None = None
    place: tuple[float, float] | None = None
    address: str | None = None


def demand(session: Session, code: str) -> DemandRow:
    """The demand of that code, as it is shown. Raises NotFound."""
    found = queries.demand_row(session, code, metre_srid=installation(session).metre_srid)
    if found is None:
        raise NotFound("demand", code)
    return found


def listed(session: Session, wanted: DemandFilter, *, limit: int) -> list[DemandRow]:
    """Demands that a filter lets through: what is unmet first, the soonest needed at the top."""
    return queries.listed(session, wanted, states=STATES, metre_srid=installation(session).metre_srid, limit=limit)


def post(session: Session, draft: DemandDraft, *, actor: str) -> Demand:
    """Write down a new demand under a code of its own; it is open. Raises BadValue, with the draft's field."""
    told = _checked(session, draft)
    yesterday = today(session) - timedelta(days=1)
    if draft.needed_until is not None and draft.needed_until <= yesterday:
        raise BadValue("needed_until", "after", draft.needed_until, other=yesterday.isoformat())
    place = joint_records.checked_place(session, draft.place)
    made = Demand(code=joint_records.next_code(session, Demand), posted_by=actor, state="open", **told)
    session.add(made)
    session.flush()
    joint_records.put(session, made, place)
    _keep(session, made, "add", actor=actor, before=None)
    return made


def change(session: Session, code: str, draft: DemandDraft, *, actor: str) -> Demand:
    """Let an open demand say what the draft says. Raises NotFound, BadValue, and StateRefused for one not open."""
    held = locked(session, code)
    _demand_state(held, ("open",), "changed")
    told, place = _checked(session, draft), joint_records.checked_place(session, draft.place)
    before = said(session, held)
    for column, value in told.items():
        setattr(held, column, value)
    joint_records.put(session, held, place)
    if said(session, held) != before:
        _keep(session, held, "set", actor=actor, before=before)
    return held


def withdraw(session: Session, code: str, *, actor: str, reason: str | None) -> Demand:
    """Take back a demand that nobody meets yet. Raises NotFound, BadValue without a reason, StateRefused."""
    why = _reason(reason)
    held = locked(session, code)
    _demand_state(held, ("open",), "withdrawn")
    return _move(session, held, "withdrawn", did="withdraw", actor=actor, reason=why)


def reopen(session: Session, code: str, *, actor: str, reason: str | None) -> Demand:
    """Ask anew for what was withdrawn, or whose joint project was stopped; that match counts as declined from then on.

    Raises NotFound, BadValue without a reason, and StateRefused for any other.
    """
    why = _reason(reason)
    held = locked(session, code)
    _demand_state(held, ("withdrawn", "matched"), "reopened")
    if held.state == "matched":
        _give_up(session, held, why)
    return _move(session, held, "open", did="reopen", actor=actor, reason=why)


def locked(session: Session, code: str) -> Demand:
    """The demand as it stands, held against all others until this transaction ends. Raises NotFound."""
    wanted = select(Demand).where(Demand.code == code).with_for_update()
    found = session.scalars(wanted.execution_options(populate_existing=True)).first()
    if found is None:
        raise NotFound("demand", code)
    return found


def said(session: Session, held: Demand) -> dict[str, Any]:
    """What a demand says, as facts of a change; its kind and area by name too."""
    kind, shown = session.get(ResourceKind, held.kind_code), demand(session, held.code)
    names = {"kind": kind.name_zh if kind else None, "area": shown.area_name}
    return joint_records.said(held, TOLD) | names


def draft_of(held: DemandRow) -> DemandDraft:
    """What a demand says, to be changed."""
    place = (held.lon, held.lat) if held.is_placed and held.lon is not None and held.lat is not None else None
    return DemandDraft(
        name=held.name,
        kind_code=held.kind_code,
        level=held.level,
        area_code=held.area_code,
        details=held.details,
        audience=held.audience,
        people=held.people,
        needed_from=held.needed_from,
        needed_until=held.needed_until,
        place=place,
        address=held.address,
    )


def _checked(session: Session, draft: DemandDraft) -> dict[str, Any]:
    """The columns that a draft fills, each looked at; all but the place. Raises BadValue."""
    if draft.level not in LEVELS:
        raise BadValue("level", "unknown", draft.level)
    if area_of_level(session, draft.level, draft.area_code) is None:
        raise BadValue("area_code", "unknown", draft.area_code)
    for field, told in (("needed_from", draft.needed_from), ("needed_until", draft.needed_until)):
        joint_records.check_day(field, told)
    if draft.needed_from and draft.needed_until and draft.needed_until < draft.needed_from:
        raise BadValue("needed_until", "after", draft.needed_until, other=draft.needed_from.isoformat())
    return {
        "name": joint_records.name(draft.name),
        "kind_code": joint_records.known_kind(session, draft.kind_code),
        "level": draft.level,
        "area_code": draft.area_code,
        "details": joint_records.words("details", draft.details),
        "audience": joint_records.words("audience", draft.audience, longest=LONGEST_NAME),
        "people": joint_records.count("people", draft.people),
        "needed_from": draft.needed_from,
        "needed_until": draft.needed_until,
        "address": joint_records.words("address", draft.address, longest=LONGEST_NAME),
    }


def _reason(told: str | None) -> str:
    found = joint_records.words("reason", told)
    if found is None:
        raise BadValue("reason", "missing")
    return found


def _demand_state(held: Demand, states: tuple[str, ...], action: str) -> None:
    if held.state not in states:
        raise StateRefused(f"demand {held.code}", held.state, action)


def _give_up(session: Session, held: Demand, why: str) -> None:
    """Turn the accepted match of a demand into a declined one. Raises StateRefused unless its projects were stopped."""
    going_on = select(Project.id).where(Project.demand_id == held.id, Project.stage != "stopped")
    if session.scalars(going_on.order_by(Project.id)).first() is not None:
        raise StateRefused(f"demand {held.code}", held.state, "reopened")
    wanted = select(JointMatch).where(JointMatch.demand_id == held.id, JointMatch.state == "accepted")
    match = session.scalars(wanted.with_for_update()).first()
    if match is not None:
        match.state, match.note = "declined", why


def _move(session: Session, held: Demand, state: str, *, did: str, actor: str, reason: str) -> Demand:
    before = said(session, held)
    held.state = state
    session.flush()
    _keep(session, held, did, actor=actor, before=before, note=reason)
    return held


def _keep(
    session: Session,
    held: Demand,
    did: str,
    *,
    actor: str,
    before: Mapping[str, Any] | None,
    note: str | None = None,
) -> None:
    after = said(session, held) | ({"note": note} if note else {})
    facts = {"did": did, "code": held.code, "name": held.name, "before": before, "after": after}
    changes.keep(session, KIND, actor=actor, facts=facts)
