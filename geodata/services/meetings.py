"""Meetings of an area: planned, held, written down, and put right afterwards with what was changed kept.

Seats are taken over from those of the body (`ConferenceSeat`) as they are on the day of the meeting.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from geodata.errors import NotFound
from geodata.models import BODIES, LEVELS, POSITIONS, Meeting, MeetingSeat, MemberUnit, WhistleCall
from geodata.queries import meetings as queries
from geodata.queries import scope as areas
from geodata.record_errors import BadValue, StateRefused
from geodata.services import changes, reports
from geodata.services.clocks import day_of
from geodata.services.installation import installation
from geodata.services.placing import BY_HAND, NewPlace, is_at, position_of
from geodata.services.stamps import stamp

# The kind under which changes by hand are kept, as the import is called.
KIND = "meetings"

# The body of a village, which no other level has.
OF_VILLAGES = "village_meeting"

PLANNED, HELD, CANCELLED = "planned", "held", "cancelled"

# Of units with the same name so many are told.
MOST_NAMED = 5

# Minutes are held to about thirty pages.
LONGEST_MINUTES = 20_000

LonLat = tuple[float, float]


@dataclass(frozen=True)
class MeetingDraft:
    """A meeting as it is planned; `place` is WGS 84 degrees (lon, lat), `address` the place in words."""

    name: str
    body: str
    level: str
    area_code: str
    held_at: datetime
    agenda: str | None = None
    address: str | None = None
    place: LonLat | None = None


def meeting(session: Session, code: str, *, is_held_back: bool = False) -> Meeting:
    """The meeting of that code; with `is_held_back` locked against others until the end. Raises NotFound."""
    wanted = select(Meeting).where(Meeting.code == code)
    if is_held_back:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(wanted).first()
    if found is None:
        raise NotFound("meeting", code)
    return found


def plan(session: Session, draft: MeetingDraft, *, actor: str) -> Meeting:
    """Write down a meeting that is to be, with the seats of its body on that day. Raises BadValue."""
    check(session, draft)
    made = Meeting(code=_code(session, draft.held_at), state=PLANNED, **_columns(draft))
    session.add(made)
    session.flush()
    settle(session, made, draft.place)
    take_seats(session, made)
    _keep(session, made, "add", actor=actor, before=None)
    return made


def change(session: Session, code: str, draft: MeetingDraft, *, actor: str) -> Meeting:
    """Have a planned meeting be another time, place or body; another body, area or day has other seats.

    Raises NotFound, BadValue, and StateRefused for one that is held or cancelled.
    """
    held = meeting(session, code, is_held_back=True)
    _demand_state(held, PLANNED, "changed")
    check(session, draft)
    before, seated = _told(session, held), _seated_as(session, held)
    for name, value in _columns(draft).items():
        setattr(held, name, value)
    session.flush()
    settle(session, held, draft.place)
    if _seated_as(session, held) != seated:
        session.execute(delete(MeetingSeat).where(MeetingSeat.meeting_id == held.id))
        take_seats(session, held)
    _keep(session, held, "set", actor=actor, before=before)
    return held


def cancel(session: Session, code: str, *, actor: str) -> Meeting:
    """Have a planned meeting not be. Raises NotFound, and StateRefused for one that is over."""
    held = meeting(session, code, is_held_back=True)
    _demand_state(held, PLANNED, CANCELLED)
    before = _told(session, held)
    held.state = CANCELLED
    _keep(session, held, "end", actor=actor, before=before)
    return held


def hold(
    session: Session,
    code: str,
    *,
    came: Collection[str],
    minutes: str | None,
    actor: str,
    now: datetime | None = None,
) -> Meeting:
    """Write down who came (codes of units) and what was said; of a held meeting, put that right.

    Both are kept as they were and as they are. Raises NotFound, BadValue for a unit without a seat, for minutes
    that are too long and before the day of the meeting, and StateRefused for a meeting that was cancelled.
    """
    held = meeting(session, code, is_held_back=True)
    if held.state == CANCELLED:
        raise StateRefused("meeting", held.state, HELD)
    if not has_come(session, held.held_at, now=now):
        raise BadValue("minutes", "early", day=day_of(session, held.held_at).isoformat())
    if minutes is not None and len(minutes) > LONGEST_MINUTES:
        raise BadValue("minutes", "too_long", minutes, most=LONGEST_MINUTES)
    seats = queries.seats_of(session, held.id)
    unknown = set(came) - {seat.code for seat in seats}
    if unknown:
        raise BadValue("came", "unknown", min(unknown))
    before = {**_told(session, held), "came": _names(seats)}
    held.state, held.minutes = HELD, minutes
    rows = session.scalars(select(MeetingSeat).where(MeetingSeat.meeting_id == held.id))
    codes = {seat.unit_id: seat.code for seat in seats}
    for row in rows:
        row.attended = codes[row.unit_id] in came
    session.flush()
    _keep(session, held, "set", actor=actor, before=before, came=_names(queries.seats_of(session, held.id)))
    return held


def has_come(session: Session, held_at: datetime, *, now: datetime | None = None) -> bool:
    """Whether the day of a meeting has come: one may begin before its hour."""
    return day_of(session, held_at) <= day_of(session, now or datetime.now(UTC))


def invite(session: Session, code: str, unit_code: str, *, position: str = "member", actor: str) -> MeetingSeat:
    """Give a unit a seat at this meeting alone, or another position. Raises NotFound, BadValue, StateRefused."""
    held = meeting(session, code, is_held_back=True)
    if held.state == CANCELLED:
        raise StateRefused("meeting", held.state, "changed")
    if position not in POSITIONS:
        raise BadValue("position", "choice", position, known=", ".join(POSITIONS))
    unit = unit_named(session, unit_code)
    seat = session.get(MeetingSeat, (held.id, unit.id))
    if seat is None:
        seat = MeetingSeat(meeting_id=held.id, unit_id=unit.id)
        session.add(seat)
    seat.position = position
    session.flush()
    changes.keep(session, KIND, actor=actor, facts={"did": "set", "code": code, "name": held.name, "seat": unit.name})
    return seat


def unit_named(session: Session, said: str, *, field: str = "unit") -> MemberUnit:
    """The unit of a code, or of a name only one has. Raises BadValue for none and for several."""
    named = select(MemberUnit).where((MemberUnit.code == said) | (MemberUnit.name == said))
    found = list(session.scalars(named.order_by(MemberUnit.code != said, MemberUnit.code).limit(MOST_NAMED)))
    if not found:
        raise BadValue(field, "unknown", said)
    if len(found) > 1 and found[0].code != said:
        raise BadValue(field, "choice", said, known=", ".join(one.code for one in found))
    return found[0]


def take_seats(session: Session, held: Meeting) -> int:
    """Seat the units of the body as it is on the meeting's day; returns how many those are."""
    day = day_of(session, held.held_at)
    found = queries.seats_on(session, level=held.level, area_code=held.area_code, body=held.body, day=day)
    session.add_all(MeetingSeat(meeting_id=held.id, unit_id=unit, position=position) for unit, position in found)
    session.flush()
    return len(found)


def check(session: Session, draft: MeetingDraft) -> None:
    """Raise BadValue for what no meeting can be."""
    if not draft.name.strip():
        raise BadValue("name", "missing")
    if draft.body not in BODIES:
        raise BadValue("body", "choice", draft.body, known=", ".join(BODIES))
    check_area(session, draft.level, draft.area_code)
    of_level = [body for body in BODIES if (body == OF_VILLAGES) == (draft.level == "village")]
    if draft.body not in of_level:
        raise BadValue("body", "unknown", draft.body)
    if draft.held_at.tzinfo is None:
        raise BadValue("held_at", "moment", draft.held_at)
    check_place(session, draft.place)


def check_area(session: Session, level: str, code: str) -> None:
    """Raise BadValue for an area that there is not today."""
    if level not in LEVELS or areas.area_of_level(session, level, code) is None:
        raise BadValue("area", "unknown", code)


def check_place(session: Session, place: LonLat | None) -> None:
    """Raise BadValue for a place (WGS 84 degrees) beyond the district."""
    if place is not None and not reports.is_reportable(session, lon=place[0], lat=place[1]):
        raise BadValue("lon", "place", f"{place[0]:.6f}, {place[1]:.6f}")


def settle(session: Session, record: Meeting | WhistleCall, place: LonLat | None) -> None:
    """Put a stored record at a place (WGS 84 degrees) or nowhere, with the codes of the areas it lies in."""
    lon, lat = place or (None, None)
    if is_at(record.geom, lon, lat):
        return
    names = ("geom", "raw_x", "raw_y", "datum", "datum_evidence", "accuracy_m")
    columns: dict[str, Any] = dict.fromkeys(names)
    if place is not None:
        lon, lat = place
        columns = NewPlace(lon, lat, BY_HAND, "declared", None, lon, lat, "wgs84").columns()
    for name, value in columns.items():
        setattr(record, name, value)
    record.place_level = BY_HAND if place is not None else None
    record.town_code = record.village_code = record.cell_code = None
    session.flush()
    if place is not None:
        stamp(session, type(record), ids=[record.id])


def _code(session: Session, held_at: datetime) -> str:
    prefix = f"M{day_of(session, held_at):%Y%m}-"
    return f"{prefix}{queries.next_number(session, Meeting.__tablename__, prefix):03d}"


def _columns(draft: MeetingDraft) -> dict[str, Any]:
    columns = asdict(draft)
    del columns["place"]
    return columns | {"name": draft.name.strip()}


def _demand_state(held: Meeting, state: str, action: str) -> None:
    if held.state != state:
        raise StateRefused("meeting", held.state, action)


def _seated_as(session: Session, held: Meeting) -> tuple[str, str, str, date]:
    return held.level, held.area_code, held.body, day_of(session, held.held_at)


def _names(seats: Collection[queries.Seat]) -> list[str]:
    return [seat.name for seat in seats if seat.attended]


def _told(session: Session, held: Meeting) -> dict[str, Any]:
    """What is kept of a meeting when it changes, its time by the district's clock."""
    zone = ZoneInfo(installation(session).timezone)
    place = position_of(held.geom)
    return {
        "name": held.name,
        "body": held.body,
        "level": held.level,
        "area_code": held.area_code,
        "held_at": held.held_at.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
        "state": held.state,
        "agenda": held.agenda,
        "minutes": held.minutes,
        "address": held.address,
        "place": f"{place[0]:.6f}, {place[1]:.6f}" if place else None,
    }


def _keep(
    session: Session,
    held: Meeting,
    did: str,
    *,
    actor: str,
    before: dict[str, Any] | None,
    came: list[str] | None = None,
) -> None:
    after = _told(session, held) | ({"came": came} if came is not None else {})
    facts = {"did": did, "name": held.name, "code": held.code, "before": before, "after": after}
    changes.keep(session, KIND, actor=actor, facts=facts)
