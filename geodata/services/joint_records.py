"""What demands and resources share when somebody writes them: words, days, a place."""

import unicodedata
from datetime import UTC, date, datetime, timedelta
from typing import Any

import shapely
from shapely import Point
from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.models import Demand, Resource, ResourceKind
from geodata.queries import demands as queries
from geodata.queries import generations
from geodata.record_errors import BadValue
from geodata.services.clocks import day_of
from geodata.services.placing import NewPlace, is_at, pin, position_of
from geodata.services.stamps import stamp

LONGEST_NAME = 100
LONGEST_WORDS = 2000
MOST_PEOPLE = 1_000_000

# Nobody plans beyond this, and no list reaches farther back.
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 1, 1)

# A code whose number is free may have come in with a list.
_LETTERS: dict[type[Demand | Resource], str] = {Demand: "D", Resource: "S"}

_NO_PLACE = ("geom", "raw_x", "raw_y", "datum", "datum_evidence", "accuracy_m", "place_level")


def today(session: Session) -> date:
    """The district's day."""
    return day_of(session, datetime.now(UTC))


def kinds(session: Session) -> list[ResourceKind]:
    """The kinds of resource, by code."""
    return list(session.scalars(select(ResourceKind).order_by(ResourceKind.code)))


def known_kind(session: Session, code: str) -> str:
    """The code, where there is such a kind. Raises BadValue."""
    if session.get(ResourceKind, code) is None:
        raise BadValue("kind_code", "unknown", code)
    return code


def words(field: str, told: str | None, *, longest: int = LONGEST_WORDS) -> str | None:
    """Text without control characters but line breaks, None where nothing is left. Raises BadValue for a longer one."""
    kept = "".join(sign for sign in told or "" if sign == "\n" or unicodedata.category(sign) not in {"Cc", "Cs"})
    if len(kept.strip()) > longest:
        raise BadValue(field, "too_long", kept, most=longest)
    return kept.strip() or None


def name(told: str | None) -> str:
    """A name on one line. Raises BadValue."""
    found = " ".join((words("name", told, longest=LONGEST_NAME) or "").split())
    if not found:
        raise BadValue("name", "missing")
    return found


def count(field: str, told: int | None) -> int | None:
    """How many people, None where nobody said. Raises BadValue."""
    if told is not None and not 1 <= told <= MOST_PEOPLE:
        raise BadValue(field, "whole", told, low=1, high=MOST_PEOPLE)
    return told


def check_day(field: str, told: date | None) -> None:
    """Raise BadValue for a day that nobody means."""
    if told is not None and not FIRST_DAY <= told < LAST_DAY:
        raise BadValue(field, "day", told)


def last_day(end: date | None) -> date | None:
    """The last day of a span that ends before a day."""
    return None if end is None else end - timedelta(days=1)


def next_code(session: Session, model: type[Demand | Resource]) -> str:
    """A code that no other record of the table has."""
    while True:
        code = f"{_LETTERS[model]}{queries.next_number(session, model.__tablename__):04d}"
        if session.scalar(select(model.id).where(model.code == code)) is None:
            return code


def checked_place(session: Session, place: tuple[float, float] | None) -> NewPlace | None:
    """A place within the district (WGS 84 degrees) as it is stored. Raises BadValue."""
    if place is None:
        return None
    lon, lat = place
    outline = generations.district(session).geom
    # false of nan too
    is_on_earth = -180 <= lon <= 180 and -90 <= lat <= 90
    if not is_on_earth or (outline is not None and not shapely.covers(outline, Point(lon, lat))):
        raise BadValue("place", "place", f"{lon}, {lat}")
    return pin(session, lon=lon, lat=lat, datum="wgs84")


def put(session: Session, held: Demand | Resource, place: NewPlace | None) -> None:
    """Give a stored record its place and the codes of its areas, or take them away; one that it has stays as it is."""
    if not is_at(held.geom, *((place.lon, place.lat) if place else (None, None))):
        for column in _NO_PLACE:
            setattr(held, column, None)
        held.town_code = held.village_code = held.cell_code = None
        if place is not None:
            for column, value in place.columns().items():
                setattr(held, column, value)
            held.place_level = place.level
    session.flush()
    stamp(session, type(held), ids=[held.id])
    session.refresh(held)


def said(held: Demand | Resource, columns: tuple[str, ...]) -> dict[str, Any]:
    """What a record says, as facts of a change: days as text, the place as a pair."""
    facts = {column: getattr(held, column) for column in columns}
    place = position_of(held.geom)
    facts = {column: value.isoformat() if isinstance(value, date) else value for column, value in facts.items()}
    return facts | {"place": f"{place[0]:.6f}, {place[1]:.6f}" if place else None}
