"""What is changed in the network of an area: who belongs to it, who convenes and sits in it, and where pilots are.

Times are told by their first day and their last; stored is the day after the last. Who changed what is kept.
"""

from datetime import date, timedelta
from typing import Any, TypeVar

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from geodata.models import (
    BODIES_OF,
    POSITIONS,
    Area,
    ConferenceSeat,
    ConvenerTerm,
    Membership,
    MemberUnit,
    PilotArea,
)
from geodata.models.base import Base
from geodata.record_errors import BadValue, Overlaps
from geodata.services import changes
from geodata.services.network import area_of

# Kinds under which changes are kept; those of contacts stand with their own verbs.
MEMBERSHIP, CONVENER, SEAT, PILOT = "memberships", "conveners", "seats", "pilots"

Timed = Membership | ConvenerTerm | ConferenceSeat | PilotArea
Row = TypeVar("Row", Membership, ConvenerTerm, ConferenceSeat, PilotArea)


def unit_named(session: Session, said: str, field: str = "unit") -> MemberUnit:
    """The unit of a code, or of a name only one has. Raises BadValue."""
    by_code = session.scalars(select(MemberUnit).where(MemberUnit.code == said)).first()
    if by_code is not None:
        return by_code
    found = session.scalars(select(MemberUnit).where(MemberUnit.name == said).order_by(MemberUnit.code)).all()
    if not found:
        raise BadValue(field, "unknown", said)
    if len(found) > 1:
        raise BadValue(field, "choice", said, known=", ".join(unit.code for unit in found))
    return found[0]


def join(session: Session, level: str, code: str, *, unit: str, since: date, actor: str) -> Membership:
    """Have a unit belong to an area's network from a day on. Raises NotFound, BadValue, Overlaps."""
    _hold(session, level, code)
    who = unit_named(session, unit)
    made = Membership(unit_id=who.id, level=level, area_code=code, valid_from=since)
    _refuse_meeting(session, made, _rows(session, Membership, level, code, unit_id=who.id))
    return _add(session, MEMBERSHIP, made, who.name, actor=actor)


def leave(session: Session, level: str, code: str, *, row_id: int, last: date, actor: str) -> None:
    """End a membership with its last day, and with it what seats and terms the unit has here beyond that day.

    One that would not even begin is taken out. Raises NotFound, and BadValue for a row that is not of this area.
    """
    _hold(session, level, code)
    row = _row(session, Membership, level, code, row_id)
    end = last + timedelta(days=1)
    others: list[Timed] = [
        *_rows(session, ConvenerTerm, level, code, unit_id=row.unit_id),
        *_rows(session, ConferenceSeat, level, code, unit_id=row.unit_id),
    ]
    for other in others:
        if other.valid_to is None or other.valid_to > end:
            _end(session, other, end, actor=actor)
    _end(session, row, end, actor=actor)


def set_convener(
    session: Session,
    level: str,
    code: str,
    *,
    unit: str,
    since: date,
    last: date | None,
    replaces: bool,
    actor: str,
) -> ConvenerTerm:
    """Have a unit convene from a day to its last day (None: until somebody else does).

    replaces  the term that runs on that day ends the day before; else it is in the way.

    Raises NotFound, BadValue for a unit that is no member of the area then, and Overlaps that says with which term.
    """
    _hold(session, level, code)
    who = unit_named(session, unit)
    _check_member(session, who, level, code, since)
    made = ConvenerTerm(level=level, area_code=code, unit_id=who.id, valid_from=since, valid_to=_after(since, last))
    there = _rows(session, ConvenerTerm, level, code)
    running = [one for one in there if one.valid_from < since and _meets(one, made)]
    _refuse_meeting(session, made, [one for one in there if not replaces or one not in running])
    for one in running:
        _end(session, one, since, actor=actor)
    return _add(session, CONVENER, made, who.name, actor=actor)


def end_convener(session: Session, level: str, code: str, *, row_id: int, last: date, actor: str) -> None:
    """End a term with its last day; one that would not even begin is taken out. Raises NotFound, BadValue."""
    _hold(session, level, code)
    _end(session, _row(session, ConvenerTerm, level, code, row_id), last + timedelta(days=1), actor=actor)


def set_seat(
    session: Session,
    level: str,
    code: str,
    *,
    body: str,
    unit: str,
    position: str,
    since: date,
    actor: str,
    last: date | None = None,
) -> ConferenceSeat:
    """Have a unit sit in a body from a day on; the seat it has there then ends the day before.

    Raises NotFound, BadValue, and Overlaps where the seat of another unit is in the chair then, or where the unit has
    a seat that begins later.
    """
    _hold(session, level, code)
    who = unit_named(session, unit)
    if body not in BODIES_OF[level]:
        raise BadValue("body", "choice", body, known=", ".join(BODIES_OF[level]))
    if position not in POSITIONS:
        raise BadValue("position", "choice", position, known=", ".join(POSITIONS))
    made = ConferenceSeat(level=level, area_code=code, body=body, unit_id=who.id, position=position)
    made.valid_from, made.valid_to = since, _after(since, last)
    there = [one for one in _rows(session, ConferenceSeat, level, code) if one.body == body]
    own = [one for one in there if one.unit_id == who.id and _meets(one, made)]
    _refuse_meeting(session, made, [one for one in own if one.valid_from > since])
    if position == "chair":
        others = [one for one in there if one.position == "chair" and one.unit_id != who.id]
        _refuse_meeting(session, made, others)
    for one in own:
        _end(session, one, since, actor=actor)
    return _add(session, SEAT, made, who.name, actor=actor)


def end_seat(session: Session, level: str, code: str, *, row_id: int, last: date, actor: str) -> None:
    """End a seat with its last day; one that would not even begin is taken out. Raises NotFound, BadValue."""
    _hold(session, level, code)
    _end(session, _row(session, ConferenceSeat, level, code, row_id), last + timedelta(days=1), actor=actor)


def start_pilot(
    session: Session,
    level: str,
    code: str,
    *,
    since: date,
    actor: str,
    last: date | None = None,
    note: str | None = None,
) -> PilotArea:
    """Make an area a pilot from a day on. Raises NotFound, BadValue, Overlaps."""
    name = _hold(session, level, code)
    made = PilotArea(level=level, area_code=code, valid_from=since, valid_to=_after(since, last), note=note)
    _refuse_meeting(session, made, _rows(session, PilotArea, level, code))
    return _add(session, PILOT, made, name, actor=actor)


def end_pilot(session: Session, level: str, code: str, *, row_id: int, last: date, actor: str) -> None:
    """End a pilot with its last day; one that would not even begin is taken out. Raises NotFound, BadValue."""
    _hold(session, level, code)
    _end(session, _row(session, PilotArea, level, code, row_id), last + timedelta(days=1), actor=actor)


def last_day(valid_to: date | None) -> date | None:
    """The last day of a time that ends before `valid_to`; None for an open end."""
    return None if valid_to is None else valid_to - timedelta(days=1)


def _hold(session: Session, level: str, code: str) -> str:
    """Let one change an area's network at a time; returns the area's name. Raises NotFound."""
    area = area_of(session, level, code)
    held = select(Area.id).where(Area.level == level, Area.code == code).order_by(Area.id).with_for_update()
    session.execute(held)
    return area.name


def _rows(session: Session, model: type[Row], level: str, code: str, *, unit_id: int | None = None) -> list[Row]:
    wanted = select(model).where(model.level == level, model.area_code == code)
    if unit_id is not None and not issubclass(model, PilotArea):
        wanted = wanted.where(model.unit_id == unit_id)
    return list(session.scalars(wanted.order_by(model.valid_from, model.id)))


def _row(session: Session, model: type[Row], level: str, code: str, row_id: int) -> Row:
    found = session.get(model, row_id)
    if found is None or (found.level, found.area_code) != (level, code):
        raise BadValue("id", "unknown", row_id)
    return found


def _check_member(session: Session, unit: MemberUnit, level: str, code: str, day: date) -> None:
    wanted = select(Membership.id).where(
        Membership.unit_id == unit.id,
        Membership.level == level,
        Membership.area_code == code,
        Membership.valid_from <= day,
        or_(Membership.valid_to.is_(None), Membership.valid_to > day),
    )
    if session.scalars(wanted.order_by(Membership.id)).first() is None:
        raise BadValue("unit", "member", unit.name, day=day.isoformat())


def _after(since: date, last: date | None) -> date | None:
    if last is not None and last < since:
        raise BadValue("last", "after", last, other=since.isoformat())
    return None if last is None else last + timedelta(days=1)


def _meets(one: Timed, other: Timed) -> bool:
    return (one.valid_to is None or other.valid_from < one.valid_to) and (
        other.valid_to is None or one.valid_from < other.valid_to
    )


def _refuse_meeting(session: Session, made: Timed, there: list[Row]) -> None:
    for one in there:
        if _meets(one, made):
            raise Overlaps(told(session, made), told(session, one))


def told(session: Session, row: Timed) -> str:
    """A time by its unit and its days."""
    unit_id = None if isinstance(row, PilotArea) else row.unit_id
    unit = session.get(MemberUnit, unit_id) if unit_id is not None else None
    last = last_day(row.valid_to)
    days = f"{row.valid_from} – {last or '…'}"
    return days if unit is None else f"{unit.name} ({days})"


def _add(session: Session, kind: str, made: Row, name: str, *, actor: str) -> Row:
    session.add(made)
    session.flush()
    facts = {"did": "add", "name": name, **_key(made), "before": None, "after": _said(made)}
    changes.keep(session, kind, actor=actor, facts=facts)
    return made


def _end(session: Session, row: Timed, end: date, *, actor: str) -> None:
    """End a row on a day; one that begins then or later is taken out, as if it had never been meant."""
    before, kind = _said(row), _kind_of(row)
    unit = None if isinstance(row, PilotArea) else session.get(MemberUnit, row.unit_id)
    facts: dict[str, Any] = {"name": unit.name if unit else "", **_key(row), "before": before}
    if end <= row.valid_from:
        session.delete(row)
        facts |= {"did": "remove", "after": None}
    else:
        row.valid_to = end
        facts |= {"did": "end", "after": _said(row)}
    session.flush()
    changes.keep(session, kind, actor=actor, facts=facts)


def _kind_of(row: Base) -> str:
    kinds = {Membership: MEMBERSHIP, ConvenerTerm: CONVENER, ConferenceSeat: SEAT, PilotArea: PILOT}
    return kinds[type(row)]


def _key(row: Timed) -> dict[str, Any]:
    return {"level": row.level, "area_code": row.area_code}


def _said(row: Timed) -> dict[str, Any]:
    """What a row says as plain data."""
    last = last_day(row.valid_to)
    said: dict[str, Any] = {"since": row.valid_from.isoformat(), "last": last.isoformat() if last else None}
    if isinstance(row, ConferenceSeat):
        said |= {"body": row.body, "position": row.position}
    if isinstance(row, PilotArea):
        said["note"] = row.note
    return said
