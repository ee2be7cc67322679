"""Made-up shared resources: what units lend to others."""

from collections.abc import Sequence

from numpy.random import Generator
from sqlalchemy.orm import Session

from geodata.demo import words
from geodata.demo.ground import Land, lon_lat, point_element
from geodata.demo.network import Codes
from geodata.demo.spots import Spots
from geodata.models import MemberUnit
from geodata.models.cooperation import Resource


def add_cooperation(
    session: Session,
    rng: Generator,
    land: Land,
    codes: Codes,
    units: Sequence[MemberUnit],
    *,
    spots: Spots,
    resources: int,
) -> None:
    """Add so many resources; some have a place of their own."""
    able = [unit for unit in units if unit.geom is not None and unit.is_active]
    for number in range(resources):
        resource, village = _resource(rng, number, able, land, codes)
        # most are at the unit that lends them
        if number % 5 == 4:
            _settle(resource, spots.house(rng, village))
        session.add(resource)
    session.flush()


def _resource(
    rng: Generator, number: int, units: Sequence[MemberUnit], land: Land, codes: Codes
) -> tuple[Resource, int]:
    """A resource, and the number of the busiest village that its unit works for."""
    name, kind, lenders, capacity, available = words.RESOURCES[number]
    able = [unit for unit in units if unit.kind in lenders] or list(units)
    unit = able[int(rng.integers(len(able)))]
    made = Resource(
        code=f"S{number + 1:03d}", name=name, kind=kind, unit_id=unit.id, capacity=capacity, available=available
    )
    town = unit.memberships[0].area_code
    of_town = land.of_town(codes.towns.index(town)) if town in codes.towns else list(range(len(land.villages)))
    return made, max(of_town, key=lambda village: land.villages[village].weight)


def _settle(made: Resource, place: tuple[float, float]) -> None:
    made.raw_x, made.raw_y = lon, lat = lon_lat(*place)
    made.geom = point_element(lon, lat)
    made.datum, made.datum_evidence, made.accuracy_m, made.place_level = "wgs84", "declared", 10.0, "given"
