"""What is here, who is responsible, and who could take an issue."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from geodata.errors import NotFound
from geodata.models import LEVELS, Category
from geodata.queries import locate
from geodata.queries.scope import Scope
from geodata.services.area_contacts import PlaceContact, contacts_at
from geodata.services.assignment import judge
from geodata.services.borders import Ruling, rulings
from geodata.services.installation import installation
from geodata.services.units import Opening, opening
from spatial.assign import Reason

# Tickets this near are "here" to somebody who stands in the street.
NEAR_M = 200.0

UNITS_TOLD = 3


class Standing(NamedTuple):
    """Whether a unit may take an issue here and now by the rule of assignment, and why or why not."""

    is_eligible: bool
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class PlaceAnswer:
    """All that is known of one place (WGS 84 degrees).

    Empty lists and None mean that nobody or nothing is there, which is an answer to be shown:
    `is_inside` is False beyond the district and None while no boundary at all is known, `unheld`
    names blocks and points without a holder, `overlapping` the schemes of which two duty grids or
    more hold the place.

    missing      levels of which no area has a boundary: nobody knows which of them holds the place.
    hours        opening of each of `units`, in their order.
    standings    by code of unit; empty where no category was asked about.
    coverage_m   metres to the nearest active unit; None where none has a place.
    borders      what the rule says where a border is near; empty elsewhere.
    contacts     roles to call of the village, the town and the district, by topic, the nearest first.
    """

    lon: float
    lat: float
    is_inside: bool | None
    areas: dict[str, locate.AreaHit | None]
    cell: locate.CellHit | None
    duty_grids: list[locate.DutyGridHit]
    blocks: list[locate.BlockHit]
    points: list[locate.PointHit]
    units: list[locate.UnitNear]
    tickets: list[locate.TicketNear]
    unheld: list[str] = field(default_factory=list)
    overlapping: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    hours: list[Opening] = field(default_factory=list)
    standings: dict[str, Standing] = field(default_factory=dict)
    coverage_m: float | None = None
    borders: list[Ruling] = field(default_factory=list)
    contacts: list[PlaceContact] = field(default_factory=list)


def where(
    session: Session,
    *,
    lon: float,
    lat: float,
    scope: Scope,
    category: str | None = None,
    at: datetime | None = None,
) -> PlaceAnswer:
    """Areas, cell, duty grids, blocks and points with their holders, the three nearest units, open tickets.

    scope  which tickets are told.
    at     the moment opening hours are asked for; None is now.

    With a category each unit says whether the rule of assignment would let it take such an issue here.
    Raises NotFound for a category that is not on the list.
    """
    place = installation(session)
    if category is not None and session.get(Category, category) is None:
        raise NotFound("category", category)
    srid = place.metre_srid
    moment = at or datetime.now(UTC)
    day = moment.astimezone(ZoneInfo(place.timezone)).date()
    areas = locate.areas_at(session, lon=lon, lat=lat, day=day)
    known = locate.levels_with_boundary(session, LEVELS, day=day)
    cell = locate.cell_at(session, lon=lon, lat=lat)
    duty_grids = locate.duty_grids_of(session, cell.code) if cell else []
    blocks = locate.blocks_at(session, lon=lon, lat=lat)
    points = locate.points_at(session, lon=lon, lat=lat, metre_srid=srid)
    units = locate.units_near(session, lon=lon, lat=lat, metre_srid=srid, category=category, limit=UNITS_TOLD)
    return PlaceAnswer(
        lon=lon,
        lat=lat,
        is_inside=bool(areas) if known else None,
        areas={level: areas.get(level) for level in LEVELS},
        cell=cell,
        duty_grids=duty_grids,
        blocks=blocks,
        points=points,
        units=units,
        tickets=locate.open_tickets_near(session, lon=lon, lat=lat, metre_srid=srid, radius_m=NEAR_M, scope=scope),
        unheld=[
            *(block.code for block in blocks if block.holder_code is None),
            *(point.code for point in points if point.holder_code is None),
        ],
        overlapping=[scheme for scheme, many in Counter(grid.scheme for grid in duty_grids).items() if many > 1],
        missing=[level for level in LEVELS if level not in known],
        hours=[opening(unit.opening_hours, moment, timezone=place.timezone) for unit in units],
        standings=_standings(session, lon=lon, lat=lat, category=category, areas=areas, at=moment) if category else {},
        borders=rulings(session, lon=lon, lat=lat, day=day),
        contacts=_contacts(session, areas, at=moment),
        coverage_m=locate.nearest_active_unit_m(session, lon=lon, lat=lat, metre_srid=srid),
    )


def _contacts(session: Session, areas: dict[str, locate.AreaHit], *, at: datetime) -> list[PlaceContact]:
    codes = {level: areas[level].code if level in areas else None for level in LEVELS}
    return contacts_at(
        session, district=codes["district"], town_code=codes["town"], village_code=codes["village"], at=at
    )


def _standings(
    session: Session, *, lon: float, lat: float, category: str, areas: dict[str, locate.AreaHit], at: datetime
) -> dict[str, Standing]:
    codes = {level: areas[level].code if level in areas else None for level in ("town", "village")}
    decision = judge(
        session,
        lon=lon,
        lat=lat,
        category=category,
        town_code=codes["town"],
        village_code=codes["village"],
        at=at,
        nearest=UNITS_TOLD,
    )
    able = {one.unit.code: Standing(True, one.reasons) for one in decision.candidates}  # noqa: FBT003 - named by its place
    unable = {one.unit.code: Standing(False, one.reasons) for one in decision.rejected}  # noqa: FBT003 - likewise
    return able | unable
