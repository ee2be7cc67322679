"""A made-up district with all that belongs to it, the same from the same seed."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from geoalchemy2.shape import from_shape
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from geodata.db import session_on
from geodata.demo import words
from geodata.demo.basemap import add_basemap, draw
from geodata.demo.cooperation import add_cooperation
from geodata.demo.duty import Ground, make_duty
from geodata.demo.ground import METRE_SRID, Land, area_element, make_land
from geodata.demo.network import Codes, make_units
from geodata.demo.patrols import add_visits
from geodata.demo.people import SIGN_INS, SignIn, add_people, settle_in
from geodata.demo.reports import make_tickets
from geodata.demo.scene import Scene
from geodata.demo.spots import Spots
from geodata.demo.streets import Street, make_gazetteer, make_streets
from geodata.demo.systems import add_systems
from geodata.demo.unsettled import make_unsettled
from geodata.errors import AlreadyInitialised
from geodata.models import (
    Area,
    BasemapFeature,
    Category,
    DutyGrid,
    DutyGridCell,
    FilingRule,
    GeocodeResult,
    GridCell,
    MemberUnit,
    Project,
    Resource,
    ResponsibilityBlock,
    ResponsibilityPoint,
    ServiceTeam,
    Ticket,
)
from geodata.queries import grids as cell_queries
from geodata.services import search
from geodata.services.coverage import coverage
from geodata.services.geocoding import geocode_records
from geodata.services.grids import make_grid
from geodata.services.installation import init_district, installation
from geodata.services.pyramid import fold
from spatial.clean import only_area

__all__ = ["SIGN_INS", "DemoSummary", "Scale", "SignIn", "build_demo"]

Progress = Callable[[int, int], None]

TIMEZONE = "Asia/Shanghai"
SEED = 20150601
CELL_M = 100.0
RADIUS_M = 500.0
SCHEME = "responsibility"


@dataclass(frozen=True)
class Scale:
    """How much is made up; of regions, blocks and points `home` in the home town, `elsewhere` in others.

    Units of towns are `town_level` and `unsettled` together; `closed` ones belong to no network any more.
    """

    towns: int
    villages: int
    radius_m: float
    streets: int
    estates: int
    district_level: int
    town_level: int
    addresses_only: int
    closed: int
    unsettled: int
    home: Ground
    elsewhere: tuple[Ground, ...]
    tickets: int
    pictured: int
    resources: int


HOME, OTHER = Ground(6, 16, 43), Ground(2, 3, 6)
FULL = Scale(13, 80, 3350.0, 8, 40, 26, 200, 10, 4, 18, HOME, (OTHER, OTHER), 800, 40, 14)
SMALL = Scale(3, 12, 1200.0, 4, 8, 4, 36, 4, 0, 0, Ground(2, 4, 7), (Ground(1, 2, 3),), 40, 8, 5)


@dataclass(frozen=True)
class DemoSummary:
    """What is in the district; `is_new` False when it was there already."""

    code: str
    name: str
    is_new: bool
    towns: int
    villages: int
    cells: int
    units: int
    blocks: int
    points: int
    teams: int
    tickets: int
    projects: int
    resources: int
    basemap_features: int
    to_review: int

    def to_json(self) -> dict[str, Any]:
        """The figures as JSON values."""
        return asdict(self)


def build_demo(
    engine: Engine, *, now: datetime | None = None, small: bool = False, progress: Progress | None = None
) -> DemoSummary:
    """Fill an empty database with the made-up district, all of it or nothing; there already, it stays as it is.

    now    the moment that tickets lead up to; None is this one. The same moment gives the same records.
    small  a tenth of it, for tests.

    Raises AlreadyInitialised where another district lives, or one of this code that is not made up.
    """
    made = init_district(
        engine,
        code=words.CODE,
        name=words.NAME,
        within=words.WITHIN,
        metre_crs=f"EPSG:{METRE_SRID}",
        timezone=TIMEZONE,
        is_made_up=True,
    )
    if not made.is_made_up:
        raise AlreadyInitialised(made.code, made.name)
    with session_on(engine) as session:
        is_new = session.scalar(select(func.count()).select_from(Area).where(Area.level == "town")) == 0
        if is_new:
            moment = (now or datetime.now(ZoneInfo(TIMEZONE))).astimezone(ZoneInfo(TIMEZONE))
            _fill(session, SMALL if small else FULL, moment, progress)
            fold(session)
            search.refresh(session)
        return _summary(session, is_new=is_new)


def _fill(session: Session, scale: Scale, now: datetime, progress: Progress | None) -> None:
    rng = np.random.default_rng(SEED)
    land = make_land(rng, towns=scale.towns, villages=scale.villages, radius_m=scale.radius_m)
    streets = make_streets(scale.radius_m, count=scale.streets)
    codes = _add_areas(session, land)
    drawn = draw(np.random.default_rng((SEED, 1)), land, streets, radius_m=scale.radius_m)
    add_basemap(session, drawn)
    spots = Spots(land, drawn)
    session.add_all(make_gazetteer(rng, land, streets, spots.house, estates=scale.estates))
    units = _add_network(session, rng, land, codes, streets=streets, spots=spots, scale=scale)
    add_cooperation(
        session,
        np.random.default_rng((SEED, 2)),
        land,
        codes,
        units,
        spots=spots,
        resources=scale.resources,
    )
    make_grid(session, size_m=CELL_M)
    cell_queries.refresh_statistics(session)
    named = list(zip(words.TOWNS, codes.towns, strict=False))
    east, north = words.ROADS_EAST[: scale.streets], words.ROADS_NORTH[: scale.streets + 1]
    session.add_all(make_unsettled(named, east, north, count=scale.unsettled))
    geocode_records(session, kind="units")
    _add_duty_grids(session, codes)
    add_visits(session, np.random.default_rng((SEED, 4)), today=now.date())
    add_people(session, land, codes)
    # a session forgets rows that nobody holds, and every ticket asks for these
    held = [installation(session), *session.scalars(select(Category)), *session.scalars(select(FilingRule))]
    make_tickets(
        session,
        np.random.default_rng((SEED, 3)),
        land,
        streets,
        codes=codes,
        spots=spots,
        count=scale.tickets,
        pictured=scale.pictured,
        now=now,
        progress=progress,
    )
    held.clear()
    settle_in(session, land, codes, now=now)
    is_small = scale is SMALL
    add_systems(session, Scene(land, codes, spots, now, is_small, SEED))
    coverage(session, radius_m=RADIUS_M, publish=True)


def _add_areas(session: Session, land: Land) -> Codes:
    towns = [f"{words.CODE}{town + 1:03d}000" for town in range(land.towns)]
    villages = [
        f"{towns[village.town][:9]}{land.of_town(village.town).index(number) + 1:03d}"
        for number, village in enumerate(land.villages)
    ]
    district = session.scalars(select(Area).where(Area.level == "district")).one()
    district.geom, district.name_en, district.datum = area_element(land.outline), words.NAME_EN, "wgs84"
    session.add_all(
        Area(
            level="town",
            code=code,
            name=words.TOWNS[town],
            parent_code=words.CODE,
            geom=area_element(land.town_shapes[town]),
            datum="wgs84",
            origin="demo",
        )
        for town, code in enumerate(towns)
    )
    session.add_all(
        Area(
            level="village",
            code=code,
            name=f"{words.VILLAGES[number]}{'居委会' if words.TOWNS[village.town].endswith('街道') else '村'}",
            parent_code=towns[village.town],
            geom=area_element(village.shape),
            datum="wgs84",
            origin="demo",
        )
        for number, (code, village) in enumerate(zip(villages, land.villages, strict=True))
    )
    session.flush()
    return Codes(towns, villages)


def _add_network(
    session: Session,
    rng: np.random.Generator,
    land: Land,
    codes: Codes,
    *,
    streets: list[Street],
    spots: Spots,
    scale: Scale,
) -> list[MemberUnit]:
    units = make_units(
        rng,
        land,
        codes,
        streets,
        spots=spots,
        district_level=scale.district_level,
        town_level=scale.town_level,
        addresses_only=scale.addresses_only,
        closed=scale.closed,
    )
    session.add_all(units)
    session.flush()
    duty = make_duty(rng, land, codes, units, spots=spots, home=scale.home, elsewhere=scale.elsewhere)
    session.add_all(duty.teams)
    session.flush()
    for block, team in zip(duty.blocks, duty.teams, strict=True):
        block.team_id = team.id
    session.add_all([*duty.regions, *duty.blocks, *duty.points])
    session.flush()
    return units


def _add_duty_grids(session: Session, codes: Codes) -> None:
    """Two posts in each village, its western and its eastern cells."""
    cells = defaultdict(list)
    for cell in cell_queries.current_cells(session):
        cells[cell.village_code].append(cell)
    grids = []
    for code in codes.villages:
        mine = sorted(cells[code], key=lambda cell: (cell.gx or 0, cell.gy or 0, cell.code))
        half = (len(mine) + 1) // 2
        for number, part in enumerate((mine[:half], mine[half:]), start=1):
            if not part:
                continue
            grid = DutyGrid(
                scheme=SCHEME,
                code=f"{code}D{number}",
                name=f"第{number}责任网格",
                town_code=f"{code[:9]}000",
                post=f"网格员岗{code[-6:]}-{number}",
                geom=from_shape(only_area(shapely.union_all([cell.shape for cell in part])), srid=4326),
            )
            grids.append((grid, part))
    session.add_all(grid for grid, _ in grids)
    session.flush()
    session.add_all(DutyGridCell(duty_grid_id=grid.id, cell_code=cell.code) for grid, part in grids for cell in part)
    session.flush()


def _summary(session: Session, *, is_new: bool) -> DemoSummary:
    def count(model: Any, *conditions: Any) -> int:  # noqa: ANN401 - a table and its conditions
        return session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0

    there = installation(session)
    return DemoSummary(
        code=there.code,
        name=there.name,
        is_new=is_new,
        towns=count(Area, Area.level == "town"),
        villages=count(Area, Area.level == "village"),
        cells=count(GridCell, GridCell.valid_to.is_(None)),
        units=count(MemberUnit),
        blocks=count(ResponsibilityBlock),
        points=count(ResponsibilityPoint),
        teams=count(ServiceTeam),
        tickets=count(Ticket),
        projects=count(Project),
        resources=count(Resource),
        basemap_features=count(BasemapFeature),
        to_review=count(GeocodeResult, GeocodeResult.status == "review"),
    )
