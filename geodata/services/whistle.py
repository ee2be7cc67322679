"""Whistle calls (吹哨报到): units and offices are called to a place by a time, arrive, and leave with tasks.

Tasks are resolutions of the call (`geodata.services.resolutions`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geodata.errors import NotFound
from geodata.models import MemberUnit, Resolution, WhistleCall, WhistleInvitee
from geodata.queries import meetings as codes
from geodata.queries import whistle as queries
from geodata.queries.scope import ALL, Scope, area_of_level
from geodata.record_errors import BadValue, HasResolutions, StateRefused
from geodata.services import announcements, changes, history, notices
from geodata.services.clocks import day_of
from geodata.services.meetings import LonLat, check_area, check_place, settle

# The kind under which changes by hand are kept.
KIND = "whistle_calls"

CALLED, MET, CLOSED, CANCELLED = "called", "met", "closed", "cancelled"
RUNNING = frozenset({CALLED, MET})

MOST_INVITED = 20
LONGEST_REASON = 500
LONGEST_MINUTES = 4000

# Who says from farther away that they have arrived is believed, and the distance is shown.
NEAR_M = 300.0


@dataclass(frozen=True)
class Invited:
    """Who is called: a unit (its code) or the office of an area (its code), and which part of it should come."""

    unit: str | None = None
    office: str | None = None
    part: str | None = None


@dataclass(frozen=True)
class CallDraft:
    """A call; `place` is WGS 84 degrees (lon, lat), `ticket` the number of the ticket that it is about."""

    level: str
    area_code: str
    reason: str
    meet_at: datetime
    place: LonLat
    invited: tuple[Invited, ...]
    address: str | None = None
    ticket: str | None = None


def whistle_call(session: Session, code: str, *, is_held_back: bool = False) -> WhistleCall:
    """The call of that code; with `is_held_back` locked against others until the end. Raises NotFound."""
    wanted = select(WhistleCall).where(WhistleCall.code == code)
    if is_held_back:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(wanted).first()
    if found is None:
        raise NotFound("whistle call", code)
    return found


def call(
    session: Session, draft: CallDraft, *, actor: str, scope: Scope = ALL, at: datetime | None = None
) -> WhistleCall:
    """Call units and offices to a place, and tell them; a call about a ticket is noted in its history too.

    scope   of the tickets that the caller sees; about any other there is none to call for.

    Raises BadValue, and NotFound for the ticket.
    """
    moment = at or datetime.now(UTC)
    _check(session, draft)
    ticket = None if draft.ticket is None else history.locked(session, draft.ticket, scope=scope)
    prefix = f"W{day_of(session, moment):%Y%m}-"
    made = WhistleCall(
        code=f"{prefix}{codes.next_number(session, WhistleCall.__tablename__, prefix):03d}",
        ticket_id=ticket.id if ticket else None,
        level=draft.level,
        area_code=draft.area_code,
        reason=draft.reason.strip(),
        meet_at=draft.meet_at,
        address=draft.address,
        state=CALLED,
        called_by=actor,
        called_at=moment,
    )
    session.add(made)
    session.flush()
    settle(session, made, draft.place)
    session.add_all(_invitees(session, made, draft.invited))
    session.flush()
    if ticket is not None:
        facts = {"reason": made.reason, "whistle": made.code}
        history.append(session, ticket, "note", actor=actor, from_state=ticket.state, facts=facts, at=moment)
    _keep(session, made, "add", actor=actor)
    _tell(session, made, notices.CALLED, actor=actor, at=moment)
    return made


def arrive(
    session: Session,
    code: str,
    seq: int,
    *,
    actor: str,
    at: datetime | None = None,
    place: LonLat | None = None,
    note: str | None = None,
) -> WhistleInvitee:
    """Write down that one of those called is there, once; the first of them makes the call a meeting on the spot.

    place   where they say so (WGS 84 degrees); None where nobody knows.

    Raises NotFound, and StateRefused for a call that is over and for who has arrived already.
    """
    held = whistle_call(session, code, is_held_back=True)
    _demand_running(held, "arrived at")
    found = _invitee(session, held, seq)
    if found.arrived_at is not None:
        raise StateRefused("invitee", "there", "arrived again")
    found.arrived_at, found.note = at or _now(), note
    if place is not None:
        found.arrived_lon, found.arrived_lat = place
        metres = queries.metres_from(session, held.id, lon=place[0], lat=place[1])
        found.arrived_m = None if metres is None else round(metres, 1)
    held.state = MET
    _keep(session, held, "move", actor=actor, after={"arrived": _name(session, found)})
    return found


def take_back(
    session: Session, code: str, seq: int, *, reason: str, actor: str, at: datetime | None = None
) -> WhistleInvitee:
    """Take back an arrival that was noted by mistake; what was noted stays among the changes, with the reason.

    The one it concerns is told. A call at which nobody is there any more waits again. Raises NotFound, BadValue without
    a reason, and StateRefused for a call that was called off and for who has not arrived.
    """
    if not reason.strip():
        raise BadValue("why", "missing")
    held = whistle_call(session, code, is_held_back=True)
    if held.state == CANCELLED:
        raise StateRefused("whistle call", held.state, "arrived at")
    found = _invitee(session, held, seq)
    if found.arrived_at is None:
        raise StateRefused("invitee", "not there", "taken back")
    name = _name(session, found)
    before = {"arrived": name, "arrived_at": found.arrived_at.astimezone(UTC).isoformat(), "arrived_m": found.arrived_m}
    found.arrived_at = found.arrived_lon = found.arrived_lat = found.arrived_m = found.note = None
    session.flush()
    others = select(WhistleInvitee.id).where(
        WhistleInvitee.call_id == held.id, WhistleInvitee.arrived_at.is_not(None)
    )  # fmt: skip
    if held.state == MET and session.scalars(others.limit(1)).first() is None:
        held.state = CALLED
    _keep(session, held, "move", actor=actor, before=before, after={"why": reason.strip()})
    _tell(session, held, notices.ARRIVAL_TAKEN_BACK, actor=actor, at=at or datetime.now(UTC), seq=seq)
    return found


def close(session: Session, code: str, *, minutes: str, actor: str, at: datetime | None = None) -> WhistleCall:
    """End a call with what was found and agreed; of a closed one, put the minutes right, with what they said kept.

    Raises NotFound, BadValue without minutes, and StateRefused for one that was called off.
    """
    held = whistle_call(session, code, is_held_back=True)
    if held.state == CANCELLED:
        raise StateRefused("whistle call", held.state, CLOSED)
    if not minutes.strip():
        raise BadValue("minutes", "missing")
    if len(minutes) > LONGEST_MINUTES:
        raise BadValue("minutes", "too_long", minutes, most=LONGEST_MINUTES)
    before = {"state": held.state, "minutes": held.minutes}
    held.minutes = minutes
    if held.state != CLOSED:
        held.state, held.closed_at = CLOSED, at or _now()
    _keep(session, held, "end", actor=actor, before=before)
    return held


def cancel(session: Session, code: str, *, reason: str, actor: str, at: datetime | None = None) -> WhistleCall:
    """Call a call off, say why, and tell those who are called.

    Raises NotFound, BadValue without a reason, StateRefused for one that is over, and HasResolutions where tasks are
    written down: these go on, and so the call is closed.
    """
    if not reason.strip():
        raise BadValue("reason", "missing")
    held = whistle_call(session, code, is_held_back=True)
    _demand_running(held, CANCELLED)
    tasks = session.scalar(select(func.count(Resolution.id)).where(Resolution.whistle_id == held.id)) or 0
    if tasks:
        raise HasResolutions(held.code, tasks)
    before = {"state": held.state, "minutes": held.minutes}
    moment = at or _now()
    held.state, held.minutes, held.closed_at = CANCELLED, reason, moment
    session.flush()
    _keep(session, held, "end", actor=actor, before=before)
    _tell(session, held, notices.CALLED_OFF, actor=actor, at=moment)
    return held


def _now() -> datetime:
    """To the second, as sheets tell it: what goes out comes in again as it was."""
    return datetime.now(UTC).replace(microsecond=0)


def _check(session: Session, draft: CallDraft) -> None:
    check_area(session, draft.level, draft.area_code)
    if not draft.reason.strip():
        raise BadValue("reason", "missing")
    if len(draft.reason) > LONGEST_REASON:
        raise BadValue("reason", "too_long", draft.reason, most=LONGEST_REASON)
    if draft.meet_at.tzinfo is None:
        raise BadValue("meet_at", "moment", draft.meet_at)
    check_place(session, draft.place)
    if not draft.invited:
        raise BadValue("who_1", "missing")
    if len(draft.invited) > MOST_INVITED:
        raise BadValue("who_1", "whole", len(draft.invited), low=1, high=MOST_INVITED)


def _invitees(session: Session, made: WhistleCall, invited: Sequence[Invited]) -> list[WhistleInvitee]:
    """Those invited, each unit and office once, with the departments of several lines together."""
    found: list[WhistleInvitee] = []
    for number, one in enumerate(invited, start=1):
        unit_id = None if one.unit is None else _unit_id(session, one.unit, field=f"who_{number}")
        if unit_id is None and not _has_office(session, one.office):
            raise BadValue(f"who_{number}", "unknown", one.office or "")
        office = None if unit_id is not None else one.office
        there = next((each for each in found if (each.unit_id, each.office_code) == (unit_id, office)), None)
        if there is None:
            seq = len(found) + 1
            found.append(WhistleInvitee(call_id=made.id, seq=seq, unit_id=unit_id, office_code=office, part=one.part))
        elif one.part:
            there.part = f"{there.part}、{one.part}" if there.part else one.part
    return found


def _invitee(session: Session, held: WhistleCall, seq: int) -> WhistleInvitee:
    wanted = select(WhistleInvitee).where(WhistleInvitee.call_id == held.id, WhistleInvitee.seq == seq)
    found = session.scalars(wanted.execution_options(populate_existing=True)).first()
    if found is None:
        raise NotFound("invitee", str(seq))
    return found


def _tell(session: Session, held: WhistleCall, word: str, *, actor: str, at: datetime, seq: int | None = None) -> None:
    facts = {"whistle": held.code, "by": actor}
    announcements.tell_called(session, held.id, word, facts=facts, actor=actor, at=at, seq=seq)


def _name(session: Session, one: WhistleInvitee) -> str | None:
    unit = session.get(MemberUnit, one.unit_id) if one.unit_id else None
    return unit.name if unit else one.office_code


def _unit_id(session: Session, code: str, *, field: str) -> int:
    found = session.scalar(select(MemberUnit.id).where(MemberUnit.code == code))
    if found is None:
        raise BadValue(field, "unknown", code)
    return found


def _has_office(session: Session, code: str | None) -> bool:
    return code is not None and any(area_of_level(session, level, code) for level in ("town", "district"))


def _demand_running(held: WhistleCall, action: str) -> None:
    if held.state not in RUNNING:
        raise StateRefused("whistle call", held.state, action)


def _keep(
    session: Session,
    held: WhistleCall,
    did: str,
    *,
    actor: str,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    told = after or {"state": held.state, "minutes": held.minutes}
    facts = {"did": did, "name": held.code, "code": held.code, "before": before, "after": told}
    changes.keep(session, KIND, actor=actor, facts=facts)
