"""Shared resources: offered, changed, ended; which demands they fit is for `matching`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.errors import NotFound
from geodata.ingest.cells import CellRefused
from geodata.ingest.cells import hours as checked_hours
from geodata.models import MemberUnit, Resource, ResourceKind
from geodata.queries import resources as queries
from geodata.queries.resources import ResourceRow
from geodata.record_errors import BadValue, StateRefused
from geodata.services import changes, joint_records
from geodata.services.joint_records import LONGEST_NAME, today

# The kind under which changes by hand are kept.
KIND = "resources"

TOLD = (
    *("name", "kind_code", "kind", "capacity", "capacity_count", "available", "hours", "audience"),
    *("valid_from", "valid_to", "address"),
)


@dataclass(frozen=True)
class ResourceDraft:
    """What somebody writes of a resource.

    unit_code        the unit that lends it.
    kind, capacity, available   the provider's own words beside `kind_code`, `capacity_count` and `hours`.
    hours            when it is open, in the notation of OpenStreetMap; None when not told.
    valid_to         the first day on which it is no longer offered; None for an open end.
    place            longitude and latitude, WGS 84 degrees; None: it is where its unit is.
    """

    name: str
    unit_code: str
    kind_code: str | None = None
    kind: str | None = None
    capacity: str | None = None
    capacity_count: int | None = None
    available: str | None = None
    hours: str | None = None
    audience: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    place: tuple[float, float] | None = None
    address: str | None = None


def resource(session: Session, code: str) -> ResourceRow:
    """The resource of that code, as it is shown. Raises NotFound."""
    found = queries.resource_row(session, code)
    if found is None:
        raise NotFound("resource", code)
    return found


def add(session: Session, draft: ResourceDraft, *, actor: str) -> Resource:
    """Write down what a unit lends, under a code of its own. Raises BadValue, with the draft's field."""
    told, place = _checked(session, draft), joint_records.checked_place(session, draft.place)
    made = Resource(code=joint_records.next_code(session, Resource), **told)
    session.add(made)
    session.flush()
    joint_records.put(session, made, place)
    _keep(session, made, "add", actor=actor, before=None)
    return made


def change(session: Session, code: str, draft: ResourceDraft, *, actor: str) -> Resource:
    """Let a resource say what the draft says. Raises NotFound and BadValue."""
    held = locked(session, code)
    told, place = _checked(session, draft), joint_records.checked_place(session, draft.place)
    before = said(session, held)
    for column, value in told.items():
        setattr(held, column, value)
    joint_records.put(session, held, place)
    if said(session, held) != before:
        _keep(session, held, "set", actor=actor, before=before)
    return held


def end(session: Session, code: str, *, actor: str, on: date | None = None) -> Resource:
    """Offer it no longer from a day on (None: today); what it takes part in goes on.

    One that begins on that day or later ends with its first day. Raises NotFound, BadValue for a day that is over,
    and StateRefused for what has ended already.
    """
    held, now = locked(session, code), today(session)
    day = on or now
    joint_records.check_day("valid_to", day)
    if day < now:
        raise BadValue("valid_to", "after", day, other=(now - timedelta(days=1)).isoformat())
    if held.valid_to is not None and held.valid_to <= now:
        raise StateRefused(f"resource {held.code}", "ended", "ended")
    before = said(session, held)
    held.valid_to = day if held.valid_from is None or held.valid_from < day else held.valid_from + timedelta(days=1)
    session.flush()
    _keep(session, held, "end", actor=actor, before=before)
    return held


def locked(session: Session, code: str) -> Resource:
    """The resource as it stands, held against all others until this transaction ends. Raises NotFound."""
    wanted = select(Resource).where(Resource.code == code).with_for_update()
    found = session.scalars(wanted.execution_options(populate_existing=True)).first()
    if found is None:
        raise NotFound("resource", code)
    return found


def said(session: Session, held: Resource) -> dict[str, Any]:
    """What a resource says, as facts of a change; its unit and kind by name."""
    unit = session.get(MemberUnit, held.unit_id) if held.unit_id is not None else None
    kind = session.get(ResourceKind, held.kind_code) if held.kind_code is not None else None
    names = {"unit": unit.name if unit else None, "kind_name": kind.name_zh if kind else None}
    return joint_records.said(held, TOLD) | names


def _checked(session: Session, draft: ResourceDraft) -> dict[str, Any]:
    """The columns that a draft fills, each looked at; all but the place. Raises BadValue."""
    unit = session.scalars(select(MemberUnit).where(MemberUnit.code == draft.unit_code)).first()
    if unit is None:
        raise BadValue("unit_code", "unknown", draft.unit_code)
    for field, told in (("valid_from", draft.valid_from), ("valid_to", draft.valid_to)):
        joint_records.check_day(field, told)
    if draft.valid_from and draft.valid_to and draft.valid_to <= draft.valid_from:
        raise BadValue("valid_to", "after", draft.valid_to, other=draft.valid_from.isoformat())
    return {
        "name": joint_records.name(draft.name),
        "unit_id": unit.id,
        "kind_code": joint_records.known_kind(session, draft.kind_code) if draft.kind_code else None,
        "kind": joint_records.words("kind", draft.kind, longest=LONGEST_NAME),
        "capacity": joint_records.words("capacity", draft.capacity, longest=LONGEST_NAME),
        "capacity_count": joint_records.count("capacity_count", draft.capacity_count),
        "available": joint_records.words("available", draft.available, longest=LONGEST_NAME),
        "hours": _hours(draft.hours),
        "audience": joint_records.words("audience", draft.audience, longest=LONGEST_NAME),
        "valid_from": draft.valid_from,
        "valid_to": draft.valid_to,
        "address": joint_records.words("address", draft.address, longest=LONGEST_NAME),
    }


def _hours(told: str | None) -> str | None:
    found = joint_records.words("hours", told, longest=LONGEST_NAME)
    try:
        return None if found is None else checked_hours(found)
    except CellRefused as error:
        raise BadValue("hours", "hours", told or "") from error


def _keep(session: Session, held: Resource, did: str, *, actor: str, before: Mapping[str, Any] | None) -> None:
    facts = {"did": did, "code": held.code, "name": held.name, "before": before, "after": said(session, held)}
    changes.keep(session, KIND, actor=actor, facts=facts)
