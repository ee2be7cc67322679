"""Reporting an issue: how well its place is known, what is there already, and the ticket that comes of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from geodata.errors import BadSetting, NotFound, SourceKnown
from geodata.models import Category, Ticket
from geodata.queries import locate
from geodata.queries import photos as photo_queries
from geodata.queries import reports as queries
from geodata.queries.locate import SimilarTicket
from geodata.queries.reports import NamedPlace
from geodata.queries.scope import Scope
from geodata.services import photos as kept
from geodata.services.clocks import day_of
from geodata.services.datums import datum_named
from geodata.services.installation import installation
from geodata.services.merging import similar
from geodata.services.photos import NewPhoto
from geodata.services.tickets import Position, open_ticket
from spatial.coordinates import Coordinates

# A place known less exactly than this would send the ticket to a neighbour.
WORST_ACCURACY_M = 100.0

USUAL_SHOWN = 6
PHOTOS_COMPARED = 3

# Where offices hear of issues. Of whoever told of one nothing is kept but this.
SOURCES = ("patrol", "hotline", "resident", "media", "higher_office", "video")

SURE, NEIGHBOUR, COARSE, REFUSED = "sure", "neighbour", "coarse", "refused"


@dataclass(frozen=True)
class Telling:
    """What is reported; `position` is None where nobody can say where it is.

    source, source_ref   where it comes from, and the number it has there.
    reported_at          None is now.
    """

    position: Position | None
    category: str
    title: str
    actor: str
    description: str | None = None
    address: str | None = None
    source: str = "map"
    source_ref: str | None = None
    reported_at: datetime | None = None


class Exactness(NamedTuple):
    """How well a place is known, against its cell.

    level    `sure` (within the cell), `neighbour` (may lie in the next one), `coarse` (worse than the cell is wide) or
             `refused` (too badly known to report).
    wide_m   width of the cell, None where there is none.
    """

    level: str
    accuracy_m: float
    wide_m: float | None


class Alike(NamedTuple):
    """A ticket that may be the same thing, with the ids of its first photos."""

    ticket: SimilarTicket
    photos: list[int]


def lon_lat(session: Session, position: Position) -> tuple[float, float]:
    """A position as WGS 84 degrees. Raises UnknownDatum and DecodingOff."""
    return Coordinates(position.x, position.y, datum_named(session, position.datum)).to_wgs84().one()


def exactness(session: Session, *, lon: float, lat: float, accuracy_m: float) -> Exactness:
    """How a position of a device (WGS 84 degrees, expected error in metres) stands against its cell."""
    room = queries.room_at(session, lon=lon, lat=lat, metre_srid=installation(session).metre_srid)
    wide_m = room.wide_m if room else None
    if accuracy_m > WORST_ACCURACY_M:
        return Exactness(REFUSED, accuracy_m, wide_m)
    if room is None:
        return Exactness(SURE, accuracy_m, wide_m)
    if accuracy_m > room.wide_m:
        return Exactness(COARSE, accuracy_m, wide_m)
    return Exactness(NEIGHBOUR if accuracy_m > room.border_m else SURE, accuracy_m, wide_m)


def alike(session: Session, *, lon: float, lat: float, category: str, scope: Scope) -> list[Alike]:
    """Open tickets of a scope and category, as near and as late as its own row says, with photos: the nearest 5.

    Raises NotFound for a category that is not on the list.
    """
    if session.get(Category, category) is None:
        raise NotFound("category", category)
    found = similar(session, lon=lon, lat=lat, category=category, scope=scope)
    pictures = photo_queries.first_photos(session, [one.number for one in found], most=PHOTOS_COMPARED)
    return [Alike(one, pictures.get(one.number, [])) for one in found]


def usual_categories(session: Session) -> list[Category]:
    """The kinds of issue to offer first: reported most of late, then those the district has rules for."""
    codes = queries.usual_categories(session, most=USUAL_SHOWN)
    codes += [code for code in queries.ruled_categories(session, most=USUAL_SHOWN * 2) if code not in codes]
    known = {kind.code: kind for kind in session.scalars(select(Category).where(Category.code.in_(codes)))}
    return [known[code] for code in codes if code in known][:USUAL_SHOWN]


def place_of(session: Session, kind: str, code: str) -> NamedPlace:
    """Where a `unit` or a responsibility `point` is. Raises NotFound where nobody knows."""
    found = queries.named_place(session, kind, code)
    if found is None:
        raise NotFound(f"place of the {kind}", code)
    return found


def is_reportable(session: Session, *, lon: float, lat: float) -> bool:
    """Whether a WGS 84 point lies in the district; where no boundary is known yet, everywhere does."""
    today = day_of(session, datetime.now(UTC))
    return bool(locate.areas_at(session, lon=lon, lat=lat, day=today)) or not locate.has_boundaries(session)


def town_at(session: Session, *, lon: float, lat: float) -> str | None:
    """Code of the town that holds a WGS 84 point today; None where none does."""
    areas = locate.areas_at(session, lon=lon, lat=lat, day=day_of(session, datetime.now(UTC)))
    return areas["town"].code if "town" in areas else None


def report(session: Session, told: Telling, *, photos: Sequence[NewPhoto] = (), assign_now: bool = True) -> Ticket:
    """Store what somebody reports of a place, with its photos, and give it to the unit the rule picks.

    Without `assign_now` it waits until an office files it.

    Raises BadSetting for a place beyond the district or known too badly, SourceKnown for what has been written down
    from that source before, and as `open_ticket` does.
    """
    _check(session, told)
    made = _open(session, told, photos, assign_now=assign_now)
    kept.add_photos(session, made, photos, actor=told.actor, seq=1)
    return made


def report_handled(session: Session, told: Telling, *, role: str, photos: Sequence[NewPhoto]) -> Ticket:
    """Store what somebody has found and put right at once: reported and done, with photos `before` and `after`.

    Raises as `report` does, and MoveRefused where a photo is missing or the role may not.
    """
    _check(session, told)
    made = _open(session, told, (), assign_now=False)
    return kept.move_with_photos(
        session, made.number, "self_handle", actor=told.actor, role=role, photos=photos, at=told.reported_at
    )


def _check(session: Session, told: Telling) -> None:
    if told.position is not None:
        lon, lat = lon_lat(session, told.position)
        accuracy_m = told.position.accuracy_m
        if not is_reportable(session, lon=lon, lat=lat):
            raise BadSetting("place", f"{lon:.6f}, {lat:.6f}", "in the district")
        if accuracy_m is not None and accuracy_m > WORST_ACCURACY_M:
            raise BadSetting("accuracy_m", f"{accuracy_m:g}", f"at most {WORST_ACCURACY_M:g}")
    if told.source_ref is not None and (number := _number_of(session, told)):
        raise SourceKnown(told.source, told.source_ref, number)


def _open(session: Session, told: Telling, photos: Sequence[NewPhoto], *, assign_now: bool) -> Ticket:
    try:
        with session.begin_nested():
            return open_ticket(
                session,
                category=told.category,
                title=told.title,
                actor=told.actor,
                position=told.position,
                address=told.address,
                description=told.description,
                source=told.source,
                source_ref=told.source_ref,
                reported_at=told.reported_at,
                assign_now=assign_now,
                facts=_told(photos),
            )
    except IntegrityError:
        # somebody else has written it down since it was looked for
        number = _number_of(session, told)
        if told.source_ref is None or number is None:
            raise
        raise SourceKnown(told.source, told.source_ref, number) from None


def _told(photos: Sequence[NewPhoto]) -> dict[str, Any]:
    return {"photos": [photo.kind for photo in photos], **kept.checksums(photos)} if photos else {}


def _number_of(session: Session, told: Telling) -> str | None:
    same = select(Ticket.number).where(Ticket.source == told.source, Ticket.source_ref == told.source_ref)
    return session.scalar(same)
