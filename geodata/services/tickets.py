"""Tickets: reported, looked up, and moved through their life."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from geoalchemy2.shape import from_shape
from shapely import Point
from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.errors import BadSetting, NotFound
from geodata.models import Category, Ticket
from geodata.queries import locate
from geodata.queries import tickets as queries
from geodata.queries.scope import ALL, Scope
from geodata.services import borders, clocks, history
from geodata.services.assignment import assign_new
from geodata.services.datums import datum_named
from geodata.services.history import events
from geodata.services.installation import installation
from geodata.services.stamps import stamp
from geodata.services.standing import Entry
from spatial.coordinates import Coordinates
from spatial.errors import BadGeometry

__all__ = [
    "Position",
    "Report",
    "events",
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
    facts    what its first event keeps beside: checksums of photos.
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
    facts: Mapping[str, Any] = field(default_factory=dict)


class _LonLat(NamedTuple):
    lon: float
    lat: float


def ticket(session: Session, number: str, *, scope: Scope = ALL) -> Ticket:
    """The ticket of that number.

    Raises NotFound where the scope has none of it, in the same words as where there is none at all.
    """
    found = session.scalars(queries.of_number(number, scope)).first()
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
    facts: Mapping[str, Any] | None = None,
) -> Ticket:
    """Store a report: number, area codes of its day, first event and assignment, in this one transaction.

    A report without a place is kept all the same; it lies with the district's office.
    Raises NotFound for the category, UnknownDatum, BadGeometry for a place that is nowhere on the
    globe, and BadSetting for an empty title.
    """
    moment = reported_at or datetime.now(UTC)
    told = Report(
        category, title, actor, moment, position, address, description, source, source_ref, due_at, facts or {}
    )
    made, where = _draft(session, told)
    made.number = queries.next_numbers(session, [clocks.day_of(session, moment)])[0]
    if where is not None:
        _stamp(session, made, where)
    _begin(session, [(made, told)])
    if assign_now:
        assign_new(session, made, actor=actor, at=moment)
    return made


def open_tickets(session: Session, reports: Sequence[Report]) -> list[Ticket]:
    """Store many reports at once, in their order and each with its first event; none is assigned yet.

    Raises as `open_ticket` does, before anything is stored.
    """
    made = [_draft(session, told)[0] for told in reports]
    numbers = queries.next_numbers(session, [clocks.day_of(session, told.reported_at) for told in reports])
    for each, number in zip(made, numbers, strict=True):
        each.number = number
    session.add_all(made)
    session.flush()
    ids = [each.id for each in made]
    stamp(session, Ticket, ids=ids)
    # the stamps were set behind the session's back
    read_again = select(Ticket).where(Ticket.id.in_(ids)).execution_options(populate_existing=True)
    session.scalars(read_again).all()
    _begin(session, list(zip(made, reports, strict=True)))
    return made


def _begin(session: Session, born: Sequence[tuple[Ticket, Report]]) -> None:
    """Store tickets that are numbered and stamped, with their offices, first events and first clocks."""
    district = installation(session).code
    entries = []
    with session.no_autoflush:
        for made, told in born:
            facts: dict[str, Any] = {**told.facts, "source": told.source, "office_code": made.town_code or district}
            if made.geom is not None and (found := borders.of_ticket(session, made)):
                facts["borders"] = found
            entry = Entry("report", told.actor, None, "reported", facts, told.reported_at)
            made.reported_by, made.office_code = entry.actor, facts["office_code"]
            entries.append((made, entry))
    session.add_all(made for made, _ in entries)
    session.flush()
    history.begin(session, entries)
    clocks.begin(session, [made for made, _ in entries])


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
    return made, _place(session, made, told.position) if told.position is not None else None


def _place(session: Session, made: Ticket, position: Position) -> _LonLat:
    datum = datum_named(session, position.datum)
    lon, lat = Coordinates(position.x, position.y, datum).to_wgs84().one()
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise BadGeometry(f"({position.x:g}, {position.y:g}) is no place on the globe in {datum}")
    made.geom = from_shape(Point(lon, lat), srid=4326)
    made.raw_x, made.raw_y = position.x, position.y
    made.datum, made.datum_evidence = datum.name, position.evidence
    made.accuracy_m = position.accuracy_m
    return _LonLat(lon, lat)


def _stamp(session: Session, made: Ticket, where: _LonLat) -> None:
    """Codes of the day it was reported; one place at a time asks the index rather than loads all areas."""
    day = clocks.day_of(session, made.reported_at)
    areas = locate.areas_at(session, lon=where.lon, lat=where.lat, day=day)
    made.town_code = areas["town"].code if "town" in areas else None
    made.village_code = areas["village"].code if "village" in areas else None
    made.cell_code = queries.cell_on(session, lon=where.lon, lat=where.lat, day=day)
    made.duty_grid_code = queries.duty_grid_of(session, made.cell_code, day=day)
