"""Tickets: reported, looked up, and moved through their life."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from geoalchemy2.shape import from_shape
from shapely import Point
from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.errors import BadSetting, MoveRefused, NotFound
from geodata.models import Category, Ticket
from geodata.queries import locate
from geodata.queries import tickets as queries
from geodata.services import history
from geodata.services.assignment import assign_new
from geodata.services.history import events
from geodata.services.installation import installation
from geodata.services.stamps import stamp
from geodata.services.workflow import BY_RULE, HANDLING, MOVES, OTHER_PERSON, REASON, Move
from spatial.crs import Datum, to_wgs84
from spatial.errors import BadGeometry

__all__ = [
    "Position",
    "Report",
    "Step",
    "events",
    "move_through",
    "move_ticket",
    "open_ticket",
    "open_tickets",
    "ticket",
]


@dataclass(frozen=True)
class Position:
    """Where something was reported: x (longitude, easting) and y as received, in a declared datum.

    evidence    how the datum is known: `declared`, or `device` for a phone's own position.
    accuracy_m  expected error, None when nobody said.
    """

    x: float
    y: float
    datum: str
    evidence: str = "declared"
    accuracy_m: float | None = None


@dataclass(frozen=True)
class Report:
    """What somebody reports; see `open_ticket`. `source` and `source_ref` name it where it comes from.

    due_at   until when it should be done; None where nobody has set a limit.
    """

    category: str
    title: str
    actor: str
    reported_at: datetime
    position: Position | None = None
    address: str | None = None
    description: str | None = None
    source: str = "desk"
    source_ref: str | None = None
    due_at: datetime | None = None


class Step(NamedTuple):
    """One move by hand: who makes it, in which role, why (where a reason is needed) and when."""

    action: str
    actor: str
    role: str
    reason: str | None
    at: datetime


class _LonLat(NamedTuple):
    lon: float
    lat: float


def ticket(session: Session, number: str) -> Ticket:
    """The ticket of that number. Raises NotFound."""
    found = session.scalars(select(Ticket).where(Ticket.number == number)).first()
    if found is None:
        raise NotFound("ticket", number)
    return found


def open_ticket(
    session: Session,
    *,
    category: str,
    title: str,
    actor: str,
    position: Position | None = None,
    address: str | None = None,
    description: str | None = None,
    source: str = "desk",
    source_ref: str | None = None,
    reported_at: datetime | None = None,
    due_at: datetime | None = None,
    assign_now: bool = True,
) -> Ticket:
    """Store a report: number, area codes of its day, first event and assignment, in this one transaction.

    A report without a place is kept all the same; it lies with the district's office.
    Raises NotFound for the category, UnknownDatum, BadGeometry for a place that is nowhere on the
    globe, and BadSetting for an empty title.
    """
    moment = reported_at or datetime.now(UTC)
    told = Report(category, title, actor, moment, position, address, description, source, source_ref, due_at)
    made, where = _draft(session, told)
    made.number = queries.next_numbers(session, [_day(session, moment)])[0]
    if where is not None:
        _stamp(session, made, where)
    session.add(made)
    session.flush()
    history.begin(session, [(made, _born(told))])
    if assign_now:
        assign_new(session, made, actor=actor, at=moment)
    return made


def open_tickets(session: Session, reports: Sequence[Report]) -> list[Ticket]:
    """Store many reports at once, in their order and each with its first event; none is assigned yet.

    Raises as `open_ticket` does, before anything is stored.
    """
    made = [_draft(session, told)[0] for told in reports]
    numbers = queries.next_numbers(session, [_day(session, told.reported_at) for told in reports])
    for each, number in zip(made, numbers, strict=True):
        each.number = number
    session.add_all(made)
    session.flush()
    history.begin(session, [(each, _born(told)) for each, told in zip(made, reports, strict=True)])
    ids = [each.id for each in made]
    stamp(session, Ticket, ids=ids)
    # the stamps were set behind the session's back
    read_again = select(Ticket).where(Ticket.id.in_(ids)).execution_options(populate_existing=True)
    session.scalars(read_again).all()
    return made


def move_ticket(
    session: Session,
    number: str,
    action: str,
    *,
    actor: str,
    role: str,
    reason: str | None = None,
    at: datetime | None = None,
) -> Ticket:
    """Make one move of the workflow by hand, with its event.

    actor   name of the person, for the history and for four eyes.
    role    what the person may do is the role's.

    A returned ticket lies with the office of its town until it is assigned again. Raises NotFound, and
    MoveRefused where the state, the role, a missing reason or the same person stand against it.
    """
    return move_through(session, number, [Step(action, actor, role, reason, at or datetime.now(UTC))])


def move_through(session: Session, number: str, steps: Sequence[Step]) -> Ticket:
    """Make several moves one after the other, all or none; see `move_ticket`."""
    held = history.locked(session, number)
    past = events(session, held)
    handlers = {event.actor for event in past if event.action in HANDLING}
    made = []
    for step in steps:
        move = _allowed(held, step, handlers)
        facts: dict[str, Any] = {"reason": step.reason} if step.reason else {}
        if move.target == "returned":
            facts |= {"returned_by_id": held.unit_id} if held.unit_id is not None else {}
            held.unit_id, held.office_code = None, held.town_code or installation(session).code
        if move.target == "closed":
            held.closed_at = step.at
        if step.action in HANDLING:
            handlers.add(step.actor)
        made.append(history.Entry(step.action, step.actor, held.state, move.target, facts, step.at))
        held.state, held.updated_at = move.target, step.at
    history.append_all(session, held, made, last=past[-1].seq if past else 0)
    return held


def _allowed(held: Ticket, step: Step, handlers: set[str]) -> Move:
    move = MOVES.get(step.action)
    if move is None or step.action in BY_RULE:
        raise NotFound("move", step.action, [name for name in MOVES if name not in BY_RULE])
    if held.state not in move.sources:
        wanted = " or ".join(sorted(move.sources))
        raise MoveRefused(held.number, step.action, f"it is {held.state!r} and must be {wanted}")
    if step.role not in move.roles:
        able = ", ".join(sorted(move.roles))
        raise MoveRefused(held.number, step.action, f"the role {step.role!r} may not; ask {able}")
    if REASON in move.needs and not (step.reason or "").strip():
        raise MoveRefused(held.number, step.action, "it needs a reason; say why")
    if OTHER_PERSON in move.needs and step.actor in handlers:
        why = f"{step.actor!r} handled it; somebody else must look at the result"
        raise MoveRefused(held.number, step.action, why)
    return move


def _day(session: Session, moment: datetime) -> date:
    """The district's day of a moment."""
    return moment.astimezone(ZoneInfo(installation(session).timezone)).date()


def _born(told: Report) -> history.Entry:
    return history.Entry("report", told.actor, None, "reported", {"source": told.source}, told.reported_at)


def _draft(session: Session, told: Report) -> tuple[Ticket, _LonLat | None]:
    """A ticket without number and codes yet, and where it is."""
    if session.get(Category, told.category) is None:
        raise NotFound("category", told.category)
    if not told.title.strip():
        raise BadSetting("title", told.title, "a few words that say what is wrong")
    made = Ticket(
        source=told.source,
        source_ref=told.source_ref,
        category_code=told.category,
        title=told.title.strip(),
        description=told.description,
        address=told.address,
        state="reported",
        reported_at=told.reported_at,
        due_at=told.due_at,
        updated_at=told.reported_at,
    )
    return made, _place(made, told.position) if told.position is not None else None


def _place(made: Ticket, position: Position) -> _LonLat:
    datum = Datum.parse(position.datum)
    lon, lat = (float(values[0]) for values in to_wgs84(position.x, position.y, datum))
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise BadGeometry(f"({position.x:g}, {position.y:g}) is no place on the globe in {datum}")
    made.geom = from_shape(Point(lon, lat), srid=4326)
    made.raw_x, made.raw_y = position.x, position.y
    made.datum, made.datum_evidence = datum.name, position.evidence
    made.accuracy_m = position.accuracy_m
    return _LonLat(lon, lat)


def _stamp(session: Session, made: Ticket, where: _LonLat) -> None:
    """Codes of the day it was reported; one place at a time asks the index rather than loads all areas."""
    day = _day(session, made.reported_at)
    areas = locate.areas_at(session, lon=where.lon, lat=where.lat, day=day)
    made.town_code = areas["town"].code if "town" in areas else None
    made.village_code = areas["village"].code if "village" in areas else None
    made.cell_code = queries.cell_on(session, lon=where.lon, lat=where.lat, day=day)
