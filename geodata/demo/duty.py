"""Made-up regions, blocks, points and teams: the home town whole, a few other towns in part, with gaps on purpose."""

from collections.abc import Sequence
from itertools import count
from typing import NamedTuple, cast

import numpy as np
import shapely
from numpy.random import Generator
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.demo import words
from geodata.demo.ground import GRID_M, Land, area_element, lon_lat, point_element, spot_in
from geodata.demo.network import Codes
from geodata.demo.people import home_of
from geodata.demo.scene import Scene
from geodata.demo.spots import Spots
from geodata.models import (
    DUTY_MODELS,
    Duty,
    DutyDeputy,
    Membership,
    MemberUnit,
    Region,
    ResponsibilityBlock,
    ResponsibilityPoint,
    ServiceTeam,
)
from spatial.clean import only_area

NUMBERS = "一二三四五六七八九十"

# What answers for a block, and the post that does so; of other kinds it is the general office.
BLOCK_KINDS = ("property", "community", "urban_management")
ROLES = {
    "property": "物业服务中心值班岗",
    "community": "居委会值班岗",
    "urban_management": "中队值班岗",
    "police": "值班室",
    "school": "总务处",
    "hospital": "总值班室",
}
OFFICE = "综合办公室"

# Nobody answers for the last of so many.
BLOCKS_HELD = 7
POINTS_HELD = 5
# One point of so many stands beyond its own block, as lists have it when a gate was moved.
POINTS_ASTRAY = 20


class Ground(NamedTuple):
    """How much of a town is shared out: as many teams as blocks."""

    regions: int
    blocks: int
    points: int


class MadeDuty(NamedTuple):
    """All that was made, each in the order of its codes; `block.team_id` is for whoever has stored the teams."""

    teams: list[ServiceTeam]
    regions: list[Region]
    blocks: list[ResponsibilityBlock]
    points: list[ResponsibilityPoint]


class _Piece(NamedTuple):
    block: ResponsibilityBlock
    shape: BaseGeometry


def make_duty(
    rng: Generator,
    land: Land,
    codes: Codes,
    units: Sequence[MemberUnit],
    *,
    spots: Spots,
    home: Ground,
    elsewhere: Sequence[Ground],
) -> MadeDuty:
    """The home town first, then as many of the next busiest towns as `elsewhere` has entries."""
    made = MadeDuty([], [], [], [])
    busiest = sorted(range(land.towns), key=lambda town: (-_weight(land, town), town))
    others = [town for town in busiest if town != home_of(land)]
    for town, ground in zip([home_of(land), *others], [home, *elsewhere], strict=False):
        code = codes.towns[town]
        able = [unit for unit in units if unit.is_active and unit.memberships[0].area_code == code]
        pieces = _share_out(made, land, town, code, ground=ground)
        _give(made, pieces, able)
        for number in range(ground.points):
            made.points.append(_point(rng, made, land, spots, pieces=pieces, turn=number, able=able))
    return made


def cut(shape: BaseGeometry, parts: int) -> list[BaseGeometry]:
    """A shape of the metre CRS in compact parts of about the same size, from south-west to north-east."""
    if parts == 1:
        return [shape]
    low = parts // 2
    west, south, east, north = shape.bounds
    is_wide = east - west >= north - south

    def below(at: float) -> BaseGeometry:
        box = (west, south, at, north) if is_wide else (west, south, east, at)
        return shapely.intersection(shape, shapely.box(*box))

    first, last = (west, east) if is_wide else (south, north)
    for _ in range(30):
        middle = (first + last) / 2.0
        first, last = (middle, last) if below(middle).area < shape.area * low / parts else (first, middle)
    at = round(last / GRID_M) * GRID_M
    rest = (at, south, east, north) if is_wide else (west, at, east, north)
    halves = (only_area(below(at)), only_area(shapely.intersection(shape, shapely.box(*rest))))
    return [*cut(halves[0], low), *cut(halves[1], parts - low)]


def add_deputies(session: Session, scene: Scene) -> None:
    """Deputies of what has a holder: two of most blocks, one of most points, regions and teams."""
    rng = scene.chance("deputies")
    memberships = select(Membership.unit_id, Membership.area_code)
    areas = {row.unit_id: row.area_code for row in session.execute(memberships.order_by(Membership.id))}
    units = list(session.scalars(select(MemberUnit).where(MemberUnit.is_active).order_by(MemberUnit.code)))
    blocks = select(ResponsibilityBlock.code, ResponsibilityBlock.town_code)
    towns = {row.code: row.town_code for row in session.execute(blocks)}
    for kind, model in DUTY_MODELS.items():
        most = 2 if kind == "block" else 1
        wanted = select(model).where(model.holder_id.is_not(None)).order_by(model.code)
        held = cast("Sequence[Duty]", session.scalars(wanted).all())
        for number, one in enumerate(held):
            town = towns.get(one.block_code or "") if isinstance(one, ResponsibilityPoint) else one.town_code
            able = [unit for unit in units if areas.get(unit.id) == town and unit.id != one.holder_id]
            # a few have none, so that it can be seen who lacks one
            many = min(most, len(able)) if number % 6 != 5 else 0
            for rank, chosen in enumerate(rng.choice(len(able), many, replace=False) if many else (), start=1):
                deputy = able[int(chosen)]
                session.add(
                    DutyDeputy(of_kind=kind, of_code=one.code, rank=rank, unit_id=deputy.id, role=_role(deputy))
                )


def _weight(land: Land, town: int) -> float:
    return sum(land.villages[number].weight for number in land.of_town(town))


def _role(unit: MemberUnit) -> str:
    return ROLES.get(unit.kind, OFFICE)


def _share_out(made: MadeDuty, land: Land, town: int, code: str, *, ground: Ground) -> list[_Piece]:
    """Regions of about the same size, each with its blocks and a team for each block."""
    stem = words.TOWNS[town].removesuffix("街道").removesuffix("镇")
    pieces = []
    for number, shape in enumerate(cut(land.town_shapes[town], ground.regions)):
        region = Region(
            code=f"R{len(made.regions) + 1:02d}",
            name=f"{stem}第{NUMBERS[number]}片区",
            town_code=code,
            geom=area_element(shape),
        )
        made.regions.append(region)
        mine = ground.blocks // ground.regions + (number < ground.blocks % ground.regions)
        for turn, piece in enumerate(cut(shape, mine)):
            block = ResponsibilityBlock(
                code=f"B{len(made.blocks) + 1:02d}",
                name=f"{stem}第{NUMBERS[number]}片区第{NUMBERS[turn]}区块",
                region_code=region.code,
                town_code=code,
                geom=area_element(piece),
            )
            made.blocks.append(block)
            pieces.append(_Piece(block, piece))
            made.teams.append(_team(len(made.teams) + 1, code, f"{stem}第{len(pieces)}服务团队"))
    return pieces


def _give(made: MadeDuty, pieces: Sequence[_Piece], able: Sequence[MemberUnit]) -> None:
    """A holder of the town for each of its blocks but every seventh, each another one while there are enough."""
    wanted = sorted(able, key=lambda unit: (unit.kind not in BLOCK_KINDS, unit.code))
    turns = count()
    for piece in pieces:
        if not wanted or made.blocks.index(piece.block) % BLOCKS_HELD == BLOCKS_HELD - 1:
            continue
        holder = wanted[next(turns) % len(wanted)]
        piece.block.holder_id, piece.block.holder_role = holder.id, _role(holder)
    heads = [unit for unit in able if unit.kind in {"community", "urban_management", "police"}] or wanted
    named: list[Region | ServiceTeam] = [*made.regions, *made.teams]
    for number, one in enumerate(named):
        if heads and one.holder_id is None and one.town_code == pieces[0].block.town_code:
            holder = heads[number % len(heads)]
            one.holder_id, one.holder_role = holder.id, "片区联络岗" if isinstance(one, Region) else "团队值班岗"


def _team(number: int, town_code: str, name: str) -> ServiceTeam:
    return ServiceTeam(
        code=f"T{number:02d}",
        name=name,
        town_code=town_code,
        contact_role="团队值班",
        contact_phone=f"000-5551-{number:04d}",
    )


def _point(
    rng: Generator,
    made: MadeDuty,
    land: Land,
    spots: Spots,
    *,
    pieces: Sequence[_Piece],
    turn: int,
    able: Sequence[MemberUnit],
) -> ResponsibilityPoint:
    """A point in a block, each block in turn; every fifth has nobody who answers for it."""
    number = len(made.points)
    piece = pieces[turn % len(pieces)]
    x, y, village = _spot(rng, land, spots, piece.shape)
    own = pieces[(turn + 1) % len(pieces)] if number % POINTS_ASTRAY == POINTS_ASTRAY - 1 else piece
    holder = able[int(rng.integers(len(able)))] if able and number % POINTS_HELD != POINTS_HELD - 1 else None
    kind = words.POINT_KINDS[number % len(words.POINT_KINDS)]
    lon, lat = lon_lat(x, y)
    return ResponsibilityPoint(
        code=f"P{number + 1:03d}",
        name=f"{words.VILLAGES[village]}{kind}",
        kind=kind,
        block_code=own.block.code,
        holder_id=holder.id if holder else None,
        holder_role=_role(holder) if holder else None,
        radius_m=float(rng.choice([60.0, 80.0, 120.0])),
        geom=point_element(lon, lat),
        raw_x=lon,
        raw_y=lat,
        datum="wgs84",
        datum_evidence="declared",
        accuracy_m=10.0,
        place_level="given",
    )


def _spot(rng: Generator, land: Land, spots: Spots, shape: BaseGeometry) -> tuple[float, float, int]:
    """A place beside a street of the block, metre CRS, and the village it is in; anywhere in it if need be."""
    shares = np.array([shapely.intersection(village.shape, shape).area for village in land.villages])
    for _ in range(30):
        village = int(rng.choice(len(shares), p=shares / shares.sum()))
        x, y = spots.street(rng, village)
        if shapely.intersects_xy(shape, x, y):
            return x, y, village
    x, y = spot_in(rng, shape)
    middles = [village.shape.distance(shapely.Point(x, y)) for village in land.villages]
    return x, y, int(np.argmin(middles))
