"""What is here, and who is responsible."""

from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from geodata.errors import NotFound
from geodata.models import LEVELS, Category
from geodata.queries import locate
from geodata.services.installation import installation

# Tickets this near are "here" to somebody who stands in the street.
NEAR_M = 200.0


@dataclass(frozen=True)
class PlaceAnswer:
    """All that is known of one place (WGS 84 degrees).

    Empty lists and None mean that nobody or nothing is there, which is an answer to be shown:
    `is_inside` is False beyond the district, `unheld` names blocks and points without a holder.
    """

    lon: float
    lat: float
    is_inside: bool
    areas: dict[str, locate.AreaHit | None]
    cell: locate.CellHit | None
    duty_grids: list[locate.DutyGridHit]
    blocks: list[locate.BlockHit]
    points: list[locate.PointHit]
    units: list[locate.UnitNear]
    tickets: list[locate.TicketNear]
    unheld: list[str] = field(default_factory=list)


def where(session: Session, *, lon: float, lat: float, category: str | None = None) -> PlaceAnswer:
    """Areas, cell, duty grids, blocks and points with their holders, the three nearest units, open tickets.

    With a category each unit says whether its kind handles it. Raises NotFound for a category that
    is not on the list.
    """
    place = installation(session)
    if category is not None and session.get(Category, category) is None:
        raise NotFound("category", category)
    srid = place.metre_srid
    today = datetime.now(ZoneInfo(place.timezone)).date()
    areas = locate.areas_at(session, lon=lon, lat=lat, day=today)
    cell = locate.cell_at(session, lon=lon, lat=lat)
    blocks = locate.blocks_at(session, lon=lon, lat=lat)
    points = locate.points_at(session, lon=lon, lat=lat, metre_srid=srid)
    return PlaceAnswer(
        lon=lon,
        lat=lat,
        is_inside=bool(areas),
        areas={level: areas.get(level) for level in LEVELS},
        cell=cell,
        duty_grids=locate.duty_grids_of(session, cell.code) if cell else [],
        blocks=blocks,
        points=points,
        units=locate.units_near(session, lon=lon, lat=lat, metre_srid=srid, category=category),
        tickets=locate.open_tickets_near(session, lon=lon, lat=lat, metre_srid=srid, radius_m=NEAR_M),
        unheld=[
            *(block.code for block in blocks if block.holder_code is None),
            *(point.code for point in points if point.holder_code is None),
        ],
    )
