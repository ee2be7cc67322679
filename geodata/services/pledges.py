"""Pledges of units: which hold at a moment, and which were kept with which ticket.

A unit that has pledged to do something at a place comes before the ordinary choice for tickets of that kind there. When
it reports such a ticket done, that is written down as a pledge kept, with the event as evidence, and never taken back:
a ticket that is reopened later shows itself as such.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from geodata.errors import NotFound
from geodata.ingest.cells import CellRefused, hours
from geodata.models import LEVELS, Category, MemberUnit, Pledge, PledgeKept, Ticket
from geodata.queries import pledges as queries
from geodata.queries.pledges import PledgeThere
from geodata.queries.references import areas
from geodata.record_errors import BadValue, StateRefused
from geodata.services import changes
from geodata.services.clocks import day_of
from geodata.services.stamps import stamp
from geodata.services.units import opening

KIND = "pledges"
FARTHEST_M = 20_000.0
LONGEST_NAME = 100


@dataclass(frozen=True)
class Promise:
    """What a pledge says: what for, where (an area, or metres around a place or the unit), and when.

    lon, lat   WGS 84 degrees; None for the unit's own place.
    """

    name: str
    category_codes: tuple[str, ...] = ()
    level: str | None = None
    area_code: str | None = None
    radius_m: float | None = None
    lon: float | None = None
    lat: float | None = None
    address: str | None = None
    hours: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None


def in_time(pledges: Iterable[PledgeThere], at: datetime, *, timezone: str) -> dict[str, PledgeThere]:
    """The pledge of each unit that holds at a moment, by the unit's code; of several the one of the lowest code."""
    found: dict[str, PledgeThere] = {}
    for one in sorted(pledges, key=lambda each: each.code):
        if one.unit_code in found:
            continue
        if one.hours is None or opening(one.hours, at, timezone=timezone).is_open:
            found[one.unit_code] = one
    return found


def keep(session: Session, held: Ticket, *, seq: int, at: datetime) -> None:
    """Write down that the ticket's unit kept a pledge, where it was chosen for one; the first time counts.

    seq   number of the event in the ticket's history that says so.
    """
    if held.unit_id is None:
        return
    pledge_id = queries.chosen_by(session, ticket_id=held.id, unit_id=held.unit_id)
    if pledge_id is None:
        return
    made = insert(PledgeKept).values(pledge_id=pledge_id, ticket_id=held.id, event_seq=seq, at=at)
    session.execute(made.on_conflict_do_nothing(index_elements=["pledge_id", "ticket_id"]))


def set_pledge(session: Session, told: Promise, *, unit: MemberUnit, actor: str, code: str | None = None) -> Pledge:
    """Write down what a unit promises: a new pledge, or the one of `code` said anew; returns it.

    Raises NotFound for the code, and BadValue for what no pledge can say.
    """
    day = day_of(session, datetime.now(UTC))
    _check(session, told, day)
    found = None if code is None else pledge(session, code)
    before = None if found is None else said(found)
    made = found or Pledge(code=_next_code(session), unit_id=unit.id)
    made.name, made.category_codes = told.name.strip(), sorted(told.category_codes)
    made.level, made.area_code, made.radius_m = told.level, told.area_code, told.radius_m
    made.hours, made.address = told.hours, told.address
    made.valid_from, made.valid_to = told.valid_from or (found.valid_from if found else day), told.valid_to
    if made.valid_to is not None and made.valid_to <= made.valid_from:
        raise BadValue("valid_to", "after", made.valid_to, other=made.valid_from.isoformat())
    _place(made, told)
    session.add(made)
    session.flush()
    stamp(session, Pledge, ids=[made.id])
    after = said(made)
    if before != after:
        facts = {"did": "set" if found else "add", **_key(made, unit), "before": before, "after": after}
        changes.keep(session, KIND, actor=actor, facts=facts)
    return made


def end_pledge(session: Session, code: str, *, actor: str, on: date | None = None) -> None:
    """Let a pledge hold no longer from a day on (None: today); one that has not begun by then never will.

    What was kept stays. Raises NotFound, and StateRefused for one that has ended already.
    """
    found = pledge(session, code)
    last = on or day_of(session, datetime.now(UTC))
    if found.valid_to is not None and found.valid_to <= last:
        raise StateRefused(code, "ended", "ended")
    if last <= found.valid_from:
        raise BadValue("valid_to", "after", last, other=found.valid_from.isoformat())
    before = said(found)
    found.valid_to = last
    session.flush()
    unit = session.get_one(MemberUnit, found.unit_id)
    facts = {"did": "end", **_key(found, unit), "before": before, "after": said(found)}
    changes.keep(session, KIND, actor=actor, facts=facts)


def pledge(session: Session, code: str) -> Pledge:
    """The pledge of that code. Raises NotFound."""
    found = session.scalars(select(Pledge).where(Pledge.code == code)).first()
    if found is None:
        raise NotFound("pledge", code)
    return found


def said(found: Pledge) -> dict[str, Any]:
    """What a pledge says as plain data."""
    names = ("name", "level", "area_code", "radius_m", "hours", "address", "raw_x", "raw_y")
    days = {name: day.isoformat() if (day := getattr(found, name)) else None for name in ("valid_from", "valid_to")}
    return {**{name: getattr(found, name) for name in names}, "category_codes": list(found.category_codes), **days}


def _check(session: Session, told: Promise, day: date) -> None:
    if not told.name.strip():
        raise BadValue("name", "missing")
    if len(told.name) > LONGEST_NAME:
        raise BadValue("name", "too_long", told.name, most=LONGEST_NAME)
    known = set(session.scalars(select(Category.code)))
    for category in told.category_codes:
        if category not in known:
            raise BadValue("category_codes", "unknown", category)
    _check_reach(session, told, day)
    if told.hours is not None:
        try:
            hours(told.hours)
        except CellRefused as refusal:
            raise BadValue("hours", "hours", told.hours) from refusal


def _check_reach(session: Session, told: Promise, day: date) -> None:
    if told.level is not None:
        known = {area.code for area in areas(session, told.level, day)} if told.level in LEVELS else set()
        if told.area_code not in known:
            raise BadValue("area_code", "unknown", told.area_code or told.level)
    if told.level is None and told.category_codes and told.radius_m is None:
        raise BadValue("radius_m", "missing")
    if told.radius_m is not None and not 0 < told.radius_m <= FARTHEST_M:
        raise BadValue("radius_m", "number", told.radius_m, low=1, high=FARTHEST_M)


def _place(made: Pledge, told: Promise) -> None:
    """Put the pledge where it is told to be; whoever tells no place means the unit's."""
    if told.lon is None or told.lat is None:
        made.geom = made.raw_x = made.raw_y = made.datum = made.datum_evidence = made.place_level = None
        return
    if (made.raw_x, made.raw_y) == (told.lon, told.lat) and made.datum == "wgs84":
        return
    made.geom = f"SRID=4326;POINT({told.lon} {told.lat})"  # type: ignore[assignment] # EWKT is taken as well
    made.raw_x, made.raw_y, made.datum, made.datum_evidence = told.lon, told.lat, "wgs84", "declared"
    made.place_level = "manual"


def _next_code(session: Session) -> str:
    """The first free code after the newest."""
    number = (session.scalar(select(func.max(Pledge.id))) or 0) + 1
    taken = set(session.scalars(select(Pledge.code).where(Pledge.code.like("L%"))))
    while f"L{number:03d}" in taken:
        number += 1
    return f"L{number:03d}"


def _key(made: Pledge, unit: MemberUnit) -> dict[str, str]:
    return {"name": made.name, "code": made.code, "unit": unit.code}
