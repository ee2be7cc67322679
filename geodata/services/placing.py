"""Giving a record its place: from geocoding, from a candidate, or from a pin set by hand."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import shapely
from geoalchemy2.elements import WKBElement
from geoalchemy2.shape import from_shape, to_shape
from shapely import Point
from sqlalchemy.orm import Session

from geodata.errors import BadSetting
from geodata.geocode.answers import Candidate
from geodata.models import MemberUnit, ResponsibilityPoint, Ticket
from geodata.queries.scope import ALL, Scope
from geodata.services import borders, history
from geodata.services.datums import datum_named
from geodata.services.history import Seen
from geodata.services.moves import check_role, check_state
from geodata.services.stamps import stamp
from geodata.services.workflow import MOVES
from spatial.coordinates import Coordinates
from spatial.errors import BadGeometry

# The place_level of a place that a person pointed at.
BY_HAND = "manual"

Record = MemberUnit | ResponsibilityPoint | Ticket

# Degrees within which two places are one: a centimetre.
_SAME = 1e-7


class NewPlace(NamedTuple):
    """A place to be stored (WGS 84 degrees), with the numbers it came from."""

    lon: float
    lat: float
    level: str
    evidence: str
    accuracy_m: float | None = None
    raw_x: float | None = None
    raw_y: float | None = None
    datum: str | None = None

    def columns(self) -> dict[str, Any]:
        """Values of the columns that hold it."""
        return {
            "geom": from_shape(Point(self.lon, self.lat), srid=4326),
            "raw_x": self.raw_x,
            "raw_y": self.raw_y,
            "datum": self.datum,
            "datum_evidence": self.evidence,
            "accuracy_m": self.accuracy_m,
        }


_NO_PLACE: Mapping[str, None] = dict.fromkeys(("geom", "raw_x", "raw_y", "datum", "datum_evidence", "accuracy_m"))


def position_of(geom: WKBElement | None) -> tuple[float, float] | None:
    """Where a stored point is (lon, lat, WGS 84 degrees); None where there is none."""
    if geom is None:
        return None
    spot = to_shape(geom)
    return float(shapely.get_x(spot)), float(shapely.get_y(spot))


def is_at(geom: WKBElement | None, lon: float | None, lat: float | None) -> bool:
    """Whether a stored point lies at a place (WGS 84 degrees), or neither is anywhere."""
    here = position_of(geom)
    if here is None or lon is None or lat is None:
        return here is None and lon is None
    return abs(here[0] - lon) < _SAME and abs(here[1] - lat) < _SAME


def set_place(
    session: Session,
    record: Record,
    place: NewPlace | None,
    *,
    actor: str,
) -> None:
    """Store a place with a record, or take its place away; a ticket gets the event `place`.

    Area codes are taken away with the place; those of a new one are for `stamps.stamp` to set.
    """
    for name, value in (place.columns() if place else _NO_PLACE).items():
        setattr(record, name, value)
    if place is None:
        record.town_code = record.village_code = record.cell_code = None
    level = place.level if place else None
    if isinstance(record, Ticket):
        tell(session, record, {"level": level, "by": "hand"}, actor=actor)
    else:
        record.place_level = level


def tell(session: Session, ticket: Ticket, facts: dict[str, Any], *, actor: str, at: datetime | None = None) -> None:
    """Add the event `place` to a ticket that this transaction holds."""
    moment = at or datetime.now(UTC)
    ticket.updated_at = moment
    history.append(session, ticket, "place", actor=actor, from_state=ticket.state, facts=facts, at=moment)


def move_place(
    session: Session,
    number: str,
    place: NewPlace,
    *,
    actor: str,
    role: str,
    at: datetime | None = None,
    scope: Scope = ALL,
    seen: Seen = None,
) -> Ticket:
    """Put a ticket that is not ended elsewhere: stamped anew with the areas of the day it was reported.

    The event `place` keeps the codes before and after, and the rulings at borders. The ticket stays with whom it
    lies: the rule can be asked again. Raises NotFound, also for what `scope` does not hold, MoveRefused, and
    TicketChanged for a version other than those `seen`.
    """
    held = history.locked(session, number, scope=scope, seen=seen)
    check_state(held, MOVES["place"])
    check_role(held, MOVES["place"], role)
    moment = at or datetime.now(UTC)
    before = _codes(held)
    for name, value in place.columns().items():
        setattr(held, name, value)
    session.flush()
    stamp(session, Ticket, ids=[held.id])
    session.refresh(held)
    facts = {"level": place.level, "by": "hand", "before": before, "after": _codes(held)}
    found = borders.of_ticket(session, held)
    tell(session, held, {**facts, **({"borders": found} if found else {})}, actor=actor, at=moment)
    return held


def _codes(held: Ticket) -> dict[str, str | None]:
    return {name: getattr(held, name) for name in ("town_code", "village_code", "cell_code", "duty_grid_code")}


def is_place(candidate: Candidate) -> bool:
    """Whether a candidate can be somebody's place: areas have no position, and the middle of a road is nobody's."""
    return candidate.lon is not None and candidate.level != "road"


def of_candidate(chosen: Candidate) -> NewPlace | None:
    """The place of a candidate, None for an area, which has none."""
    if chosen.lon is None or chosen.lat is None:
        return None
    return NewPlace(chosen.lon, chosen.lat, chosen.level, "geocoded", chosen.error_m)


def pin(session: Session, *, lon: float | None, lat: float | None, datum: str) -> NewPlace:
    """The place of a pin set in a datum. Raises BadSetting, UnknownDatum, DecodingOff, BadGeometry."""
    if lon is None or lat is None:
        raise BadSetting("position", f"{lon}, {lat}", "both a longitude and a latitude")
    known = datum_named(session, datum)
    x, y = Coordinates(lon, lat, known).to_wgs84().one()
    if not (math.isfinite(x) and math.isfinite(y)):
        raise BadGeometry(f"({lon:g}, {lat:g}) is no place on the globe in {known}")
    return NewPlace(x, y, BY_HAND, "declared", None, lon, lat, known.name)
