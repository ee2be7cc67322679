"""What rows of a file may refer to: categories, kinds, units, teams, and the areas of a day."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import and_, exists, func, or_, select, text
from sqlalchemy.orm import Session

from geodata.models import (
    DUTY_MODELS,
    Area,
    Category,
    MemberUnit,
    ResourceKind,
    ResponsibilityPoint,
    ServiceTeam,
    Ticket,
    TicketEvent,
    UnitKind,
    WorkingHours,
)
from geodata.queries.gazetteer import IS_SURVEYED


class AreaFact(NamedTuple):
    """An area in force on the day asked for."""

    code: str
    name: str
    parent_code: str | None
    valid_from: date
    valid_to: date | None
    has_boundary: bool
    origin: str


class CategoryFact(NamedTuple):
    """A category of the governance list."""

    code: str
    name_zh: str
    name_en: str


class UnitFact(NamedTuple):
    """A member unit by the ways a file may name it."""

    id: int
    code: str
    name: str
    address: str | None


class TicketFact(NamedTuple):
    """A ticket that came from the same source before; `is_moved_on` says that others than imports worked on it."""

    id: int
    state: str
    closed_at: datetime | None
    is_moved_on: bool


# One place per name, the middle of all that bear it; names with places far apart say nothing, and what was
# learned from records is no witness of theirs.
PLACES_NAMED = text(f"""
    SELECT name_norm, avg(ST_X(geom)) AS lon, avg(ST_Y(geom)) AS lat
      FROM gazetteer_entry AS e
     WHERE name_norm = ANY(:names) AND source <> :source AND geom IS NOT NULL AND kind = 'place'
       AND {IS_SURVEYED.format("e")}
     GROUP BY name_norm
    HAVING ST_Length(ST_BoundingDiagonal(ST_Collect(geom))::geography) < 300
     ORDER BY name_norm
""")


def categories(session: Session) -> list[CategoryFact]:
    """All categories, by code."""
    rows = session.execute(select(Category.code, Category.name_zh, Category.name_en).order_by(Category.code))
    return [CategoryFact(*row) for row in rows]


def unit_kinds(session: Session) -> list[CategoryFact]:
    """All kinds of unit, by code."""
    rows = session.execute(select(UnitKind.code, UnitKind.name_zh, UnitKind.name_en).order_by(UnitKind.code))
    return [CategoryFact(*row) for row in rows]


def resource_kinds(session: Session) -> list[CategoryFact]:
    """All kinds of resource, by code."""
    kind = ResourceKind
    rows = session.execute(select(kind.code, kind.name_zh, kind.name_en).order_by(kind.code))
    return [CategoryFact(*row) for row in rows]


def units(session: Session) -> list[UnitFact]:
    """All member units, by code."""
    rows = session.execute(
        select(MemberUnit.id, MemberUnit.code, MemberUnit.name, MemberUnit.address).order_by(MemberUnit.code)
    )
    return [UnitFact(*row) for row in rows]


def teams(session: Session) -> list[UnitFact]:
    """All service teams, by code."""
    rows = session.execute(select(ServiceTeam.id, ServiceTeam.code, ServiceTeam.name).order_by(ServiceTeam.code))
    return [UnitFact(row.id, row.code, row.name, None) for row in rows]


def point_codes(session: Session) -> list[str]:
    """Codes of all responsibility points, in order."""
    return list(session.scalars(select(ResponsibilityPoint.code).order_by(ResponsibilityPoint.code)))


def grounds(session: Session, kind: str) -> list[UnitFact]:
    """All regions, blocks, points or teams (`kind`), by code."""
    model = DUTY_MODELS[kind]
    rows = session.execute(select(model.id, model.code, model.name).order_by(model.code))
    return [UnitFact(row.id, row.code, row.name, None) for row in rows]


def areas(session: Session, level: str, day: date) -> list[AreaFact]:
    """Areas of one level in force on a day, by code."""
    query = (
        select(
            Area.code,
            Area.name,
            Area.parent_code,
            Area.valid_from,
            Area.valid_to,
            Area.geom.is_not(None),
            Area.origin,
        )
        .where(Area.level == level, Area.valid_from <= day, or_(Area.valid_to.is_(None), Area.valid_to > day))
        .order_by(Area.code)
    )
    return [AreaFact(*row) for row in session.execute(query)]


def area_shapes(session: Session, level: str, day: date) -> dict[str, BaseGeometry]:
    """Boundaries (EPSG:4326) of the areas of one level in force on a day, by code; without those that have none."""
    query = (
        select(Area.code, func.ST_AsBinary(Area.geom))
        .where(
            Area.level == level,
            Area.geom.is_not(None),
            Area.valid_from <= day,
            or_(Area.valid_to.is_(None), Area.valid_to > day),
        )
        .order_by(Area.code)
    )
    return {code: shapely.from_wkb(bytes(shape)) for code, shape in session.execute(query)}


def generations(session: Session, level: str) -> list[date]:
    """The days on which a set of areas of this level begins, in order."""
    days = select(Area.valid_from).where(Area.level == level).distinct().order_by(Area.valid_from)
    return list(session.scalars(days))


def places_named(session: Session, names: Sequence[str], *, besides: str) -> dict[str, tuple[float, float]]:
    """Lon and lat of gazetteer places by normalised name, those of source `besides` left out."""
    rows = session.execute(PLACES_NAMED, {"names": sorted(set(names)), "source": besides})
    return {row.name_norm: (row.lon, row.lat) for row in rows}


def ticket_ids(session: Session, numbers: Sequence[str]) -> dict[str, int]:
    """Ids of tickets by their numbers, of those that there are."""
    query = select(Ticket.number, Ticket.id).where(Ticket.number.in_(sorted(set(numbers)))).order_by(Ticket.id)
    return {row.number: row.id for row in session.execute(query)}


def tickets_of(session: Session, source: str, refs: Sequence[str]) -> dict[str, TicketFact]:
    """Tickets of one source by their number there."""
    worked_on = exists().where(and_(TicketEvent.ticket_id == Ticket.id, TicketEvent.action != "import"))
    found: dict[str, TicketFact] = {}
    for start in range(0, len(refs), 5000):
        part = list(refs[start : start + 5000])
        query = select(Ticket.source_ref, Ticket.id, Ticket.state, Ticket.closed_at, worked_on).where(
            Ticket.source == source, Ticket.source_ref.in_(part)
        )
        found |= {str(row[0]): TicketFact(row[1], row[2], row[3], row[4]) for row in session.execute(query)}
    return found


def working_weekdays(session: Session) -> list[int]:
    """Weekdays (1 Monday to 7) that have hours of work, in order."""
    return list(session.scalars(select(WorkingHours.weekday).distinct().order_by(WorkingHours.weekday)))
