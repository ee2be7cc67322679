"""Made-up member units, unevenly spread, and the regions, blocks, points and teams of three towns."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.random import Generator
from numpy.typing import NDArray

from geodata.demo import words
from geodata.demo.ground import Land, area_element, lon_lat, point_element
from geodata.demo.spots import Spots
from geodata.demo.streets import Street, nearest_address
from geodata.models import Membership, MemberUnit, Region, ResponsibilityBlock, ResponsibilityPoint, ServiceTeam

# One of each in a town, but for the towns that lack it: there the office has to step in.
CORE = ("police", "urban_management", "sanitation", "community")
LACKING = {"urban_management": (2, 9, 11), "sanitation": (5, 11), "police": (11,), "community": (7,)}

OTHERS = {
    "property": 35,
    "shop": 26,
    "enterprise": 26,
    "school": 20,
    "market": 10,
    "construction": 9,
    "bank": 8,
    "station": 7,
    "hospital": 6,
    "culture": 6,
    "other": 5,
}
DISTRICT_LEVEL = ("government", "utility", "hospital", "culture", "bank", "enterprise")


@dataclass(frozen=True)
class Codes:
    """Codes of the areas: towns, and villages in the land's order."""

    towns: list[str]
    villages: list[str]


@dataclass(frozen=True)
class Network:
    """All that was made of one kind each; units by code."""

    units: list[MemberUnit]
    teams: list[ServiceTeam]
    regions: list[Region]
    blocks: list[ResponsibilityBlock]
    points: list[ResponsibilityPoint]


class _Names:
    """Names that no two units share."""

    def __init__(self, rng: Generator) -> None:
        self._rng = rng
        self._used: set[str] = set()

    def of(self, stem: str, kind: str) -> str:
        ending = words.KINDS[kind][0]
        for number in range(1, 100):
            name = f"{stem}{'第' + str(number) if number > 1 else ''}{ending}"
            if name not in self._used:
                self._used.add(name)
                return name
        raise RuntimeError(f"no name is left for {stem}{ending}")

    def brand(self) -> str:
        return str(self._rng.choice(words.BRANDS))


def make_units(
    rng: Generator,
    land: Land,
    codes: Codes,
    streets: list[Street],
    *,
    spots: Spots,
    district_level: int,
    town_level: int,
    addresses_only: int,
) -> list[MemberUnit]:
    """Units with one membership each; the last few have an address and no position.

    They crowd where much happens, and a quarter of the villages has none.
    """
    names = _Names(rng)
    weights = np.array([village.weight for village in land.villages])
    plan: list[tuple[str, str, int]] = []  # level, kind, number of the village
    for number in range(district_level):
        village = int(rng.choice(len(weights), p=weights / weights.sum()))
        plan.append(("district", DISTRICT_LEVEL[number % len(DISTRICT_LEVEL)], village))
    plan += _core(land, weights)[:town_level]
    kinds, shares = list(OTHERS), np.array(list(OTHERS.values()), dtype=np.float64)
    while len(plan) < district_level + town_level:
        village = int(rng.choice(len(weights), p=weights / weights.sum()))
        plan.append(("town", str(rng.choice(kinds, p=shares / shares.sum())), village))
    made = []
    for number, (level, kind, village) in enumerate(plan, start=1):
        town = land.villages[village].town
        stem = words.TOWNS[town][:-2] if kind in CORE and level == "town" else names.brand()
        unit = _unit(rng, f"U{number:04d}", names.of(stem, kind), kind)
        _settle(unit, words.TOWNS[town], spots.house(rng, village), streets)
        area = codes.towns[town] if level == "town" else words.CODE
        unit.memberships = [Membership(level=level, area_code=area)]
        made.append(unit)
    _take_positions(made[len(made) - addresses_only :], streets, land)
    return made


def make_network(
    rng: Generator, land: Land, codes: Codes, units: list[MemberUnit], *, spots: Spots, blocks: int, points: int
) -> Network:
    """Two regions in each of the three busiest towns with their blocks, points and teams; some have no holder."""
    chosen = _busy_villages(land, blocks)
    teams = [_team(number, codes.towns[land.villages[v].town]) for number, v in enumerate(chosen, start=1)]
    made_blocks: list[ResponsibilityBlock] = []
    regions: list[Region] = []
    for town in sorted({land.villages[v].town for v in chosen}):
        mine = [v for v in chosen if land.villages[v].town == town]
        for half, part in enumerate((mine[: (len(mine) + 1) // 2], mine[(len(mine) + 1) // 2 :]), start=1):
            if not part:
                continue
            region = Region(
                code=f"R{len(regions) + 1:02d}",
                name=f"{words.TOWNS[town][:-2]}{'东西'[half - 1]}片区",
                town_code=codes.towns[town],
                geom=area_element(shapely.coverage_union_all([land.villages[v].shape for v in part])),
            )
            regions.append(region)
            made_blocks += [_block(v, chosen.index(v) + 1, region, land) for v in part]
    _give_blocks(made_blocks, units)
    made_points = []
    for number in range(points):
        turn = number % len(chosen)
        made_points.append(_point(rng, number, chosen[turn], spots, block=made_blocks[turn], units=units))
    return Network(units, teams, regions, made_blocks, made_points)


def _core(land: Land, weights: NDArray[np.float64]) -> list[tuple[str, str, int]]:
    found = []
    for town in range(land.towns):
        busiest = max(land.of_town(town), key=lambda number: weights[number])
        found += [("town", kind, busiest) for kind in CORE if town not in LACKING.get(kind, ())]
    return found


def _unit(rng: Generator, code: str, name: str, kind: str) -> MemberUnit:
    capacity = words.KINDS[kind][1]
    number = int(code[1:])
    return MemberUnit(
        code=code,
        name=name,
        kind=kind,
        capacity=capacity,
        # a few have told no hours, which is not the same as being closed
        opening_hours=words.HOURS[kind] or None if rng.random() > 0.06 else None,
        is_active=bool(rng.random() > 0.02),
        liaison_role="值班室" if kind in CORE else "综合办公室",
        liaison_phone=f"000-5550-{number:04d}",
    )


def _settle(unit: MemberUnit, town: str, place: tuple[float, float], streets: list[Street]) -> None:
    x, y = place
    unit.address = f"{words.NAME}{town}{nearest_address(streets, x, y)}"
    unit.raw_x, unit.raw_y = lon, lat = lon_lat(x, y)
    unit.geom = point_element(lon, lat)
    unit.datum, unit.datum_evidence, unit.accuracy_m, unit.place_level = "wgs84", "declared", 10.0, "given"


def _take_positions(units: list[MemberUnit], streets: list[Street], land: Land) -> None:
    """Leave only addresses: some that can be found, one of each kind that cannot without a person."""
    east = [street for street in streets if street.is_east]
    north = [street for street in streets if not street.is_east]
    for number, unit in enumerate(units):
        unit.geom = unit.raw_x = unit.raw_y = unit.datum = unit.datum_evidence = None
        unit.accuracy_m = unit.place_level = None
        street = east[number % len(east)]
        along = street.length_m * (0.35 + 0.05 * number)
        forms = (
            f"{words.NAME}{street.name}{street.number(round(along / 180.0) * 180.0)}号",
            f"{words.NAME}{street.name}与{north[number % len(north)].name}路口",
            f"{words.NAME}{words.TOWNS[number % land.towns]}",
            f"{words.NAME}无名路{number + 1}号",
        )
        unit.address = forms[(0, 1, 0, 1, 2, 0, 3, 1, 0, 2)[number % 10]]


def _busy_villages(land: Land, count: int) -> list[int]:
    """Villages of the three towns where most happens, in the land's order."""
    sums = [sum(land.villages[v].weight for v in land.of_town(town)) for town in range(land.towns)]
    towns = sorted(sorted(range(land.towns), key=lambda town: -sums[town])[:3])
    share = [count // 3 + (1 if rank < count % 3 else 0) for rank in range(3)]
    pool = [v for town, n in zip(towns, share, strict=False) for v in land.of_town(town)[:n]]
    rest = [v for town in towns for v in land.of_town(town) if v not in pool]
    return sorted(pool + rest[: count - len(pool)])


def _block(village: int, number: int, region: Region, land: Land) -> ResponsibilityBlock:
    return ResponsibilityBlock(
        code=f"B{number:02d}",
        name=f"{words.VILLAGES[village]}责任区块",
        region_code=region.code,
        town_code=region.town_code,
        geom=area_element(land.villages[village].shape),
    )


def _give_blocks(blocks: list[ResponsibilityBlock], units: list[MemberUnit]) -> None:
    """A holder of the town for each block but every seventh."""
    taken: set[str] = set()
    for number, block in enumerate(blocks):
        if number % 7 == 6:
            continue
        able = [u for u in units if u.kind in ("property", "community", "urban_management") and u.is_active]
        mine = [u for u in able if u.memberships[0].area_code == block.town_code and u.code not in taken]
        if mine:
            taken.add(mine[0].code)
            block.holder_id = mine[0].id


def _team(number: int, town_code: str) -> ServiceTeam:
    return ServiceTeam(
        code=f"T{number:02d}",
        name=f"第{number}服务团队",
        town_code=town_code,
        contact_role="团队值班",
        contact_phone=f"000-5551-{number:04d}",
    )


def _point(
    rng: Generator,
    number: int,
    village: int,
    spots: Spots,
    *,
    block: ResponsibilityBlock,
    units: list[MemberUnit],
) -> ResponsibilityPoint:
    """A point in a village; every fifth has nobody who answers for it."""
    kind = words.POINT_KINDS[number % len(words.POINT_KINDS)]
    able = [u for u in units if u.memberships[0].area_code == block.town_code and u.is_active]
    holder = able[int(rng.integers(len(able)))] if able and number % 5 != 4 else None
    lon, lat = lon_lat(*spots.street(rng, village))
    return ResponsibilityPoint(
        code=f"P{number + 1:03d}",
        name=f"{words.VILLAGES[village]}{kind}",
        kind=kind,
        block_code=block.code,
        holder_id=holder.id if holder else None,
        radius_m=float(rng.choice([60.0, 80.0, 120.0])),
        geom=point_element(lon, lat),
        raw_x=lon,
        raw_y=lat,
        datum="wgs84",
        datum_evidence="declared",
        accuracy_m=10.0,
        place_level="given",
    )
