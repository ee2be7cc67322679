"""Resolutions: numbered within their meeting or whistle call, made into tickets, projects or demands, and settled.

How far one is follows from what it became (`geodata.queries.resolutions`); here is only what somebody has said.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geodata.errors import NotFound
from geodata.models import RESOLUTION_STATES, Meeting, MemberUnit, Resolution, WhistleCall
from geodata.queries import resolutions as queries
from geodata.queries.resolutions import ResolutionLine
from geodata.queries.scope import Scope
from geodata.record_errors import BadValue, StateRefused
from geodata.services import changes, resolution_targets
from geodata.services.resolution_targets import (
    DemandWanted,
    Origin,
    ProjectWanted,
    TicketWanted,
    origin_kind,
    reference,
)

# The kind under which changes by hand are kept, as the import is called.
KIND = "resolutions"

OPEN = "open"

LONGEST_WORDS = 2000

# The states in which there may be resolutions.
WRITTEN = frozenset({"held", "called", "met", "closed"})


@dataclass(frozen=True)
class ResolutionDraft:
    """What was resolved, which unit (its code) sees to it, and by when."""

    words: str
    unit: str | None = None
    due_on: date | None = None


def resolution(session: Session, resolution_id: int) -> Resolution:
    """The resolution of that id. Raises NotFound."""
    found = session.get(Resolution, resolution_id)
    if found is None:
        raise NotFound("resolution", str(resolution_id))
    return found


def origin_of(session: Session, held: Resolution) -> Origin:
    """The meeting or the whistle call that a resolution is of."""
    found: Origin | None = (
        session.get(Meeting, held.meeting_id) if held.meeting_id else session.get(WhistleCall, held.whistle_id)
    )
    if found is None:
        raise NotFound("meeting", str(held.meeting_id or held.whistle_id))
    return found


def origin_line(session: Session, kind: str, code: str, *, scope: Scope) -> ResolutionLine | None:
    """The resolution that a ticket, project or demand was made of; None where it comes from none."""
    found = queries.of_target(session, kind, code, scope=scope)
    return found[0] if found else None


def resolve(session: Session, origin: Origin, draft: ResolutionDraft, *, actor: str) -> Resolution:
    """Write down what was resolved under the next number. Raises BadValue, and StateRefused before a meeting is held.

    Numbers have no gaps, also when several people write at once.
    """
    _hold(session, origin)
    if origin.state not in WRITTEN:
        raise StateRefused(origin_kind(origin), origin.state, "resolved upon")
    column = Resolution.meeting_id if isinstance(origin, Meeting) else Resolution.whistle_id
    last = session.scalar(select(func.max(Resolution.seq)).where(column == origin.id)) or 0
    made = Resolution(seq=last + 1, state=OPEN, **_columns(session, draft))
    setattr(made, column.key, origin.id)
    session.add(made)
    session.flush()
    _keep(session, made, origin, "add", actor=actor, before=None)
    return made


def change(session: Session, resolution_id: int, draft: ResolutionDraft, *, actor: str) -> Resolution:
    """Put the words, the unit or the day of a resolution right. Raises NotFound and BadValue."""
    held = _locked(session, resolution_id)
    before = _told(session, held)
    for name, value in _columns(session, draft).items():
        setattr(held, name, value)
    session.flush()
    _keep(session, held, origin_of(session, held), "set", actor=actor, before=before)
    return held


def settle(session: Session, resolution_id: int, state: str, *, note: str | None, actor: str) -> Resolution:
    """Say that a resolution is done or dropped, and why; or that it is open after all.

    Open again, it follows what it became. Raises NotFound, BadValue without a note, and StateRefused where it is so
    already.
    """
    if state not in RESOLUTION_STATES:
        raise BadValue("state", "choice", state, known=", ".join(RESOLUTION_STATES))
    if state != OPEN and not (note or "").strip():
        raise BadValue("note", "missing")
    held = _locked(session, resolution_id)
    if held.state == state:
        raise StateRefused("resolution", held.state, state)
    before = _told(session, held)
    held.state, held.note = state, note
    _keep(session, held, origin_of(session, held), "set", actor=actor, before=before)
    return held


def to_ticket(
    session: Session, resolution_id: int, wanted: TicketWanted, *, actor: str, at: datetime | None = None
) -> str:
    """Open a ticket of a resolution; returns its number. Raises NotFound, BadValue and StateRefused (see `_become`)."""

    def make(held: Resolution, origin: Origin) -> str:
        return resolution_targets.open_ticket(session, held, origin, wanted, actor=actor, at=at)

    return _become(session, resolution_id, "ticket", make, actor=actor)


def to_project(session: Session, resolution_id: int, wanted: ProjectWanted, *, actor: str) -> str:
    """Start a project of a resolution; returns its code. Raises as `to_ticket`."""

    def make(held: Resolution, origin: Origin) -> str:
        return resolution_targets.start_project(session, held, origin, wanted, actor=actor)

    return _become(session, resolution_id, "project", make, actor=actor)


def to_demand(session: Session, resolution_id: int, wanted: DemandWanted, *, actor: str) -> str:
    """Post a demand of a resolution; returns its code. Raises as `to_ticket`."""

    def make(held: Resolution, origin: Origin) -> str:
        return resolution_targets.post_demand(session, held, origin, wanted, actor=actor)

    return _become(session, resolution_id, "demand", make, actor=actor)


def _become(
    session: Session, resolution_id: int, kind: str, make: Callable[[Resolution, Origin], str], *, actor: str
) -> str:
    """Make what a resolution becomes, once: of two who do it at once the second is refused, in whatever kind."""
    held = _locked(session, resolution_id)
    origin = origin_of(session, held)
    if held.target_kind is not None or held.state != OPEN:
        raise StateRefused(f"resolution {reference(held, origin)}", held.target_kind or held.state, f"made a {kind}")
    code = make(held, origin)
    held.target_kind, held.target_code = kind, code
    session.flush()
    _keep(session, held, origin, "move", actor=actor, before={**_told(session, held), "target": None})
    return code


def _hold(session: Session, origin: Origin) -> None:
    """Hold the meeting or call against others, and read it as it is now."""
    session.refresh(origin, with_for_update=True)


def _locked(session: Session, resolution_id: int) -> Resolution:
    wanted = select(Resolution).where(Resolution.id == resolution_id).with_for_update()
    found = session.scalars(wanted.execution_options(populate_existing=True)).first()
    if found is None:
        raise NotFound("resolution", str(resolution_id))
    return found


def _columns(session: Session, draft: ResolutionDraft) -> dict[str, Any]:
    words = draft.words.strip()
    if not words:
        raise BadValue("words", "missing")
    if len(words) > LONGEST_WORDS:
        raise BadValue("words", "too_long", words, most=LONGEST_WORDS)
    unit_id = None
    if draft.unit is not None:
        unit_id = session.scalar(select(MemberUnit.id).where(MemberUnit.code == draft.unit))
        if unit_id is None:
            raise BadValue("unit", "unknown", draft.unit)
    return {"words": words, "unit_id": unit_id, "due_on": draft.due_on}


def _told(session: Session, held: Resolution) -> dict[str, Any]:
    """What is kept of a resolution when it changes."""
    unit = session.get(MemberUnit, held.unit_id) if held.unit_id else None
    return {
        "words": held.words,
        "unit": unit.name if unit else None,
        "due_on": held.due_on.isoformat() if held.due_on else None,
        "state": held.state,
        "note": held.note,
        "target": f"{held.target_kind} {held.target_code}" if held.target_kind else None,
    }


def _keep(
    session: Session, held: Resolution, origin: Origin, did: str, *, actor: str, before: dict[str, Any] | None
) -> None:
    facts = {
        "did": did,
        "name": reference(held, origin),
        "code": origin.code,
        "seq": held.seq,
        "before": before,
        "after": _told(session, held),
    }
    changes.keep(session, KIND, actor=actor, facts=facts)
