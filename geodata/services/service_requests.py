"""Requests of other applications: where they are, the ticket that comes of one, and its token."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy.orm import Session

from geodata.errors import NotFound
from geodata.geocode.answers import GeocodeAnswer
from geodata.geocode.geocoder import Geocoder
from geodata.models import Category, ServiceRequest, Ticket
from geodata.queries import service_requests as queries
from geodata.queries.reports import NamedPlace
from geodata.queries.scope import Scope
from geodata.services import geocoding, reports
from geodata.services.photos import NewPhoto
from geodata.services.service_attributes import Kept
from geodata.services.tickets import Position

SOURCE = "open311"

LONGEST_TITLE = 60

OBJECTS = ("unit", "point")


@dataclass(frozen=True)
class Wish:
    """What an application asks for; of whoever used it nothing is kept.

    lon, lat     WGS 84 degrees, None where the place is told otherwise.
    address      in words; looked up where nothing else says where it is.
    address_id   code of a unit or responsibility point, with `unit:` or `point:` before it or without.
    object_type  `unit` or `point` that the request is about, with its `object_code`.
    attributes   answers as `service_attributes.checked` gives them.
    """

    category: str
    actor: str
    lon: float | None = None
    lat: float | None = None
    description: str | None = None
    address: str | None = None
    address_id: str | None = None
    object_type: str | None = None
    object_code: str | None = None
    attributes: Mapping[str, Kept] = field(default_factory=dict)
    media_url: str | None = None


class Spot(NamedTuple):
    """Where a request is; `position` is None where nobody can say, and `found` what was found for its address."""

    position: Position | None
    address: str | None
    found: GeocodeAnswer | None = None


class Filed(NamedTuple):
    """A ticket that was asked for; with a `token` its number is told when an office has filed it."""

    ticket: Ticket
    token: str | None


def spot(session: Session, wish: Wish) -> Spot:
    """Where a request is: by its coordinates, else its `address_id`, its object, or its address.

    Raises NotFound for a code that nothing with a place has.
    """
    named = None
    if wish.address_id:
        named = _named(session, wish.address_id)
    if wish.object_type and wish.object_code:
        of_object = reports.place_of(session, wish.object_type, wish.object_code)
        named = named or of_object
    if wish.lon is not None and wish.lat is not None:
        address = wish.address or (named.address or named.name if named else None)
        return Spot(Position(wish.lon, wish.lat, "wgs84"), address)
    if named is not None:
        return Spot(Position(named.lon, named.lat, "wgs84"), wish.address or named.address or named.name)
    return _looked_up(session, wish.address) if wish.address else Spot(None, None)


def file_request(session: Session, wish: Wish, where: Spot, *, photos: Sequence[NewPhoto] = ()) -> Filed:
    """Store what is asked for as any other report is; one of a batch service waits for an office to file it.

    Raises as `reports.report` does.
    """
    kind = session.get(Category, wish.category)
    if kind is None:
        raise NotFound("service_code", wish.category)
    is_batch = kind.service_type == "batch"
    title, description = _title(wish.description or kind.name_zh)
    told = reports.Telling(
        position=where.position,
        category=wish.category,
        title=title,
        actor=wish.actor,
        description=description,
        address=where.address,
        source=SOURCE,
    )
    made = reports.report(session, told, photos=photos, assign_now=not is_batch)
    token = secrets.token_urlsafe(16) if is_batch else None
    session.add(
        ServiceRequest(
            ticket_id=made.id,
            token=token,
            attributes=dict(wish.attributes),
            media_url=wish.media_url,
            object_type=wish.object_type,
            object_code=wish.object_code,
            address_id=wish.address_id,
        )
    )
    if where.position is None and where.found is not None:
        geocoding.let_wait(session, made, where.found)
    session.flush()
    return Filed(made, token)


def number_of(session: Session, token: str, *, scope: Scope) -> str | None:
    """The number of the ticket that a token was handed out for; None until an office has filed it.

    The number of a ticket in the scope is its own token. Raises NotFound.
    """
    is_known, number = queries.number_of_token(session, token)
    if is_known:
        return number
    if queries.requests(session, queries.RequestFilter(scope, numbers=(token,)), limit=1):
        return token
    raise NotFound("token", token)


def words_of(title: str, description: str | None) -> str:
    """The words of a ticket in one, as applications know them; a title that was taken from them is not said twice."""
    if description is None:
        return title
    return description if description.startswith(title.removesuffix("…")) else f"{title}\n{description}"


def _named(session: Session, address_id: str) -> NamedPlace:
    kind, divider, code = address_id.partition(":")
    if divider and kind in OBJECTS:
        return reports.place_of(session, kind, code)
    for each in OBJECTS:
        try:
            return reports.place_of(session, each, address_id)
        except NotFound:
            continue
    raise NotFound("address_id", address_id)


def _looked_up(session: Session, address: str) -> Spot:
    """An address with its place, where the gazetteer is sure and exact enough; else it waits for a person."""
    found = Geocoder(session).geocode(address)
    is_exact = found.error_m is None or found.error_m <= reports.WORST_ACCURACY_M
    if found.status != "accepted" or found.lon is None or found.lat is None or not is_exact:
        return Spot(None, address, found)
    if not reports.is_reportable(session, lon=found.lon, lat=found.lat):
        return Spot(None, address, found)
    return Spot(Position(found.lon, found.lat, "wgs84", "geocoded", found.error_m), address)


def _title(words: str) -> tuple[str, str | None]:
    """A title for lists, and the whole where it says more."""
    first = words.strip().split("\n", 1)[0].strip()
    title = first if len(first) <= LONGEST_TITLE else first[: LONGEST_TITLE - 1] + "…"
    return title, None if title == words.strip() else words.strip()
