"""Made-up member units, unevenly spread."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from geodata.demo import words
from geodata.demo.ground import Land, lon_lat, point_element
from geodata.demo.spots import Spots
from geodata.demo.streets import Street, nearest_address
from geodata.models import Membership, MemberUnit

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
# When those joined and left that have closed.
JOINED, LEFT = date(2015, 6, 1), date(2020, 6, 1)
DISTRICT_LEVEL = ("government", "utility", "hospital", "culture", "bank", "enterprise")


@dataclass(frozen=True)
class Codes:
    """Codes of the areas: towns, and villages in the land's order."""

    towns: list[str]
    villages: list[str]


class _Names:
    """Names that no two units share: public ones after their place, the others after a brand."""

    def __init__(self, rng: Generator) -> None:
        self._rng = rng
        self._used: set[str] = set()

    def of(self, level: str, kind: str, *, town: str, village: str) -> str:
        facts = {
            "town": town.removesuffix("街道").removesuffix("镇"),
            "village": village,
            "brand": str(self._rng.choice(words.BRANDS)),
        }
        forms = words.OF_DISTRICT[kind] if level == "district" else words.OF_TOWN[kind]
        # one of a kind has its own name; those of which there are many turn by turn
        first = len(self._used) % len(forms) if kind in words.MANY else 0
        for form in (*forms[first:], *forms[:first], *words.ONE_MORE):
            name = form.format(**facts, last=forms[first].format(**facts))
            if name not in self._used:
                self._used.add(name)
                return name
        raise RuntimeError(f"no name is left for one more {kind} in {town}")


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
    closed: int,
) -> list[MemberUnit]:
    """Units with one membership each, in force but for the `closed` ones; the last few have an address and no position.

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
    while len(plan) < district_level + town_level + closed:
        village = int(rng.choice(len(weights), p=weights / weights.sum()))
        plan.append(("town", str(rng.choice(kinds, p=shares / shares.sum())), village))
    made = []
    for number, (level, kind, village) in enumerate(plan, start=1):
        town = land.villages[village].town
        name = names.of(level, kind, town=words.TOWNS[town], village=words.VILLAGES[village])
        unit = _unit(rng, f"U{number:04d}", name, kind)
        _settle(unit, words.TOWNS[town], spots.house(rng, village), streets)
        area = codes.towns[town] if level == "town" else words.CODE
        unit.memberships = [Membership(level=level, area_code=area)]
        made.append(unit)
    # some before those without a position have closed and left the network
    for unit in made[len(made) - addresses_only - closed : len(made) - addresses_only]:
        unit.is_active = False
        unit.memberships[0].valid_from, unit.memberships[0].valid_to = JOINED, LEFT
    _take_positions(made[len(made) - addresses_only :], streets, land)
    return made


def _core(land: Land, weights: NDArray[np.float64]) -> list[tuple[str, str, int]]:
    found = []
    for town in range(land.towns):
        busiest = max(land.of_town(town), key=lambda number: weights[number])
        found += [("town", kind, busiest) for kind in CORE if town not in LACKING.get(kind, ())]
    return found


def _unit(rng: Generator, code: str, name: str, kind: str) -> MemberUnit:
    capacity = words.CAPACITY[kind]
    number = int(code[1:])
    return MemberUnit(
        code=code,
        name=name,
        kind=kind,
        capacity=capacity,
        # a few have told no hours, which is not the same as being closed
        opening_hours=words.HOURS[kind] or None if rng.random() > 0.06 else None,
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
