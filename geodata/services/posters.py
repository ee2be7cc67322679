"""All that a poster of one area tells, gathered once, and the ground its map shows."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from geodata.errors import NoBoundary, NotFound
from geodata.queries import cooperation
from geodata.queries import posters as queries
from geodata.queries.cooperation import HolderRole, NextMeeting
from geodata.queries.coverage import AreaWithout
from geodata.queries.posters import (
    AreaFacts,
    BasemapShape,
    Border,
    Clip,
    Contact,
    Duty,
    GapShape,
    OpenTickets,
    PointSpot,
    UnitSpot,
)
from geodata.queries.scope import Scope
from geodata.services.clocks import day_of
from geodata.services.coverage import areas_unjudged, coverage
from geodata.services.installation import installation

# More lines than a sheet has room for are of no use.
MOST_DUTIES = 60
MOST_ROLES = 4


@dataclass(frozen=True)
class Reach:
    """How much of an area lies within `radius_m` of an active unit: share 0..1, and the ground that does not."""

    run_id: int
    radius_m: float
    share: float
    gap_m2: float


@dataclass(frozen=True)
class Together:
    """What units do together in an area: who convenes its network (None: nobody), and how much there is of each.

    meeting   the next one of its own; None where none is planned, and for those who may not read meetings.
    roles     those at holders of its ground, at most MOST_ROLES.
    """

    convener: str | None
    projects: int
    running: int
    resources: int
    done: int
    pledges: int
    kept: int
    demands_open: int
    demands_met: int
    meeting: NextMeeting | None
    roles: list[HolderRole]


@dataclass(frozen=True)
class Poster:
    """One area as its poster tells it.

    shape       outline in the metre CRS.
    at          when the figures were read, in the district's zone.
    tickets     open ones by state; None for those who may not see all of the area's.
    contacts    first come those of the ground itself; names alone for those who may not read contacts.
    reach       None where the area was not measured.
    duties      who handles what, the most frequent kinds of issue first.
    without     towns and villages inside (or the area itself) without any active unit.
    unjudged    how many towns and villages inside that cannot be told of, by level.
    together    what its units do together.
    """

    area: AreaFacts
    shape: BaseGeometry
    at: datetime
    district_name: str
    is_made_up: bool
    metre_srid: int
    towns: int
    villages: int
    cells: int
    units: list[UnitSpot]
    points: list[PointSpot]
    tickets: list[OpenTickets] | None
    contacts: list[Contact]
    duties: list[Duty]
    reach: Reach | None
    without: list[AreaWithout]
    unjudged: dict[str, int]
    together: Together


@dataclass(frozen=True)
class Ground:
    """What the sheet's map draws, cut to it, metre CRS. `borders` hold the surroundings too, `cells` the area's own."""

    borders: list[Border]
    basemap: list[BasemapShape]
    gaps: list[GapShape]
    cells: list[BaseGeometry]


def poster(session: Session, code: str, *, scope: Scope, with_phones: bool, with_meetings: bool = False) -> Poster:
    """The poster of the district, town or village of that code as it is today.

    scope          of a part of the area's tickets no figure is told: a sheet on a wall would mislead.
    with_phones    whether roles and phones of contacts are told.
    with_meetings  whether the area's next meeting is.

    Raises NotFound, and NoBoundary while nobody has imported its outline.
    """
    area = queries.area(session, code)
    if area is None:
        raise NotFound("area", code)
    if area.shape is None:
        raise NoBoundary(area.name)
    district = installation(session)
    reach, without = _measured(session, area)
    towns, villages = queries.areas_inside(session, area)
    return Poster(
        area=area,
        shape=area.shape,
        at=datetime.now(ZoneInfo(district.timezone)),
        district_name=district.name,
        is_made_up=district.is_made_up,
        metre_srid=district.metre_srid,
        towns=towns,
        villages=villages,
        cells=queries.cells(session, area),
        units=queries.units(session, area),
        points=queries.points(session, area),
        tickets=queries.open_tickets(session, area) if _is_whole(area, scope) else None,
        contacts=queries.contacts(session, area, with_phones=with_phones),
        duties=queries.duties(session, area, most=MOST_DUTIES),
        reach=reach,
        without=without,
        unjudged=areas_unjudged(session, within=None if area.level == "district" else area.code),
        together=_together(session, area, with_meetings=with_meetings),
    )


def ground(
    session: Session, poster: Poster, clip: Clip, *, zoom: int, least_m2: float, with_cells: bool = False
) -> Ground:
    """What a map of the poster shows: borders and base map of a zoom, and the gaps of the area itself.

    least_m2  areas of the base map below it are left out.
    """
    gaps: list[GapShape] = []
    if poster.reach is not None:
        gaps = queries.gaps(session, poster.area, run_id=poster.reach.run_id, clip=clip)
    return Ground(
        borders=queries.borders(session, clip),
        basemap=queries.basemap(session, clip, zoom=zoom, least_m2=least_m2),
        gaps=gaps,
        cells=queries.cell_shapes(session, poster.area, clip) if with_cells else [],
    )


def _together(session: Session, area: AreaFacts, *, with_meetings: bool) -> Together:
    day, code = day_of(session, datetime.now(UTC)), None if area.level == "district" else area.code
    found = cooperation.glance(session, day, town_code=code)
    joints = cooperation.joints(session, day, town_code=code).values()
    return Together(
        convener=cooperation.convener(session, day, level=area.level, code=area.code),
        projects=sum(one.projects for one in joints),
        running=sum(one.running for one in joints),
        resources=found.resources,
        done=sum(one.done for one in joints),
        pledges=found.pledges,
        kept=found.pledges_kept,
        demands_open=found.demands_open,
        demands_met=found.demands_met,
        meeting=cooperation.next_meeting(session, level=area.level, code=area.code) if with_meetings else None,
        roles=cooperation.holder_roles(session, town_code=code, most=MOST_ROLES),
    )


def _is_whole(area: AreaFacts, scope: Scope) -> bool:
    """Whether a scope holds every ticket of an area."""
    towns = {"town": area.code, "village": area.parent_code}
    return scope.has_whole(town_code=towns.get(area.level), village_code=area.code if area.level == "village" else None)


def _measured(session: Session, area: AreaFacts) -> tuple[Reach | None, list[AreaWithout]]:
    """The area's part of the run of the district's own radius, and the areas in it that have no unit."""
    report = coverage(session, radius_m=installation(session).coverage_radius_m)
    without = [one for one in report.without if area.level == "district" or area.code in {one.code, one.parent_code}]
    own = next((share for share in report.shares if (share.level, share.code) == (area.level, area.code)), None)
    if own is None:
        return None, without
    return Reach(report.run_id, report.radius_m, own.share, own.area_m2 - own.covered_m2), without
