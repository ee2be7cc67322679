"""Reporting an issue from the map: what is there already, and the ticket that comes of it."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from geodata.errors import BadSetting
from geodata.models import Ticket
from geodata.queries import locate
from geodata.queries.locate import SimilarTicket
from geodata.queries.scope import Scope
from geodata.services.installation import installation
from geodata.services.tickets import Position, open_ticket

SIMILAR_M = 50.0
SIMILAR_DAYS = 7

# A place known less exactly than this would send the ticket to a neighbour.
WORST_ACCURACY_M = 100.0


def similar(
    session: Session, *, lon: float, lat: float, category: str, scope: Scope, at: datetime | None = None
) -> list[SimilarTicket]:
    """Open tickets of a scope and category within 50 m of a WGS 84 point and of the last 7 days: the nearest 5."""
    since = (at or datetime.now(UTC)) - timedelta(days=SIMILAR_DAYS)
    return locate.similar_tickets(
        session,
        lon=lon,
        lat=lat,
        metre_srid=installation(session).metre_srid,
        category=category,
        radius_m=SIMILAR_M,
        since=since,
        scope=scope,
    )


def is_reportable(session: Session, *, lon: float, lat: float) -> bool:
    """Whether a WGS 84 point lies in the district; where no boundary is known yet, everywhere does."""
    today = datetime.now(UTC).date()
    return bool(locate.areas_at(session, lon=lon, lat=lat, day=today)) or not locate.has_boundaries(session)


def town_at(session: Session, *, lon: float, lat: float) -> str | None:
    """Code of the town that holds a WGS 84 point today; None where none does."""
    areas = locate.areas_at(session, lon=lon, lat=lat, day=datetime.now(UTC).date())
    return areas["town"].code if "town" in areas else None


def report(
    session: Session,
    *,
    lon: float,
    lat: float,
    category: str,
    title: str,
    actor: str,
    description: str | None = None,
    address: str | None = None,
    accuracy_m: float | None = None,
) -> Ticket:
    """Store what somebody reports of a place (WGS 84 degrees) and give it to the unit the rule picks.

    accuracy_m   of a device's own position; None where the place was pointed at on the map.

    Raises BadSetting for a place beyond the district or known too badly, and as `open_ticket` does.
    """
    if not is_reportable(session, lon=lon, lat=lat):
        raise BadSetting("place", f"{lon:.6f}, {lat:.6f}", "in the district")
    if accuracy_m is not None and accuracy_m > WORST_ACCURACY_M:
        raise BadSetting("accuracy_m", f"{accuracy_m:g}", f"at most {WORST_ACCURACY_M:g}")
    evidence = "declared" if accuracy_m is None else "device"
    return open_ticket(
        session,
        category=category,
        title=title,
        actor=actor,
        position=Position(lon, lat, "wgs84", evidence, accuracy_m),
        address=address,
        description=description,
        source="map",
    )
