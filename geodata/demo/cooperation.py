"""Made-up joint projects of all six joints, and what units lend to others."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
from numpy.random import Generator
from sqlalchemy.orm import Session

from geodata.demo import words
from geodata.demo.ground import Land, lon_lat, point_element
from geodata.demo.network import Codes
from geodata.demo.spots import Spots
from geodata.models import MemberUnit
from geodata.models.cooperation import JOINTS, Project, Resource

# Of eight projects, what stage each has come to.
COURSE = ("running", "done", "agreed", "running", "proposed", "running", "done", "stopped")
LEVELS = ("town", "village", "town", "district")


def add_cooperation(
    session: Session,
    rng: Generator,
    land: Land,
    codes: Codes,
    units: Sequence[MemberUnit],
    *,
    spots: Spots,
    projects: int,
    resources: int,
    today: date,
) -> None:
    """Add so many projects, turn by turn of each joint, and resources; some have a place of their own."""
    able = [unit for unit in units if unit.geom is not None and unit.is_active]
    for number in range(projects):
        project, village = _project(rng, number, land, codes, able, today=today)
        # what a town or the district does is run from the leading unit; a village's project is in the village
        if project.level != "district" and number % 3 != 1:
            _settle(project, spots.house(rng, village))
        session.add(project)
    for number in range(resources):
        resource, village = _resource(rng, number, able, land, codes)
        # most are at the unit that lends them
        if number % 5 == 4:
            _settle(resource, spots.house(rng, village))
        session.add(resource)
    session.flush()


def _project(
    rng: Generator, number: int, land: Land, codes: Codes, units: Sequence[MemberUnit], *, today: date
) -> tuple[Project, int]:
    """A project, and the number of a village that it concerns."""
    joint = JOINTS[number % len(JOINTS)]
    name, outcome = words.PROJECTS[joint][number // len(JOINTS)]
    stage, level = COURSE[number % len(COURSE)], LEVELS[(number // 3) % len(LEVELS)]
    village = _busy(rng, land)
    town = codes.towns[land.villages[village].town]
    mine = [unit for unit in units if unit.memberships[0].area_code == (town if level != "district" else words.CODE)]
    lead = (mine or units)[int(rng.integers(len(mine or units)))]
    begins, ends = _dates(rng, stage, today)
    area_code = {"district": words.CODE, "town": town, "village": codes.villages[village]}[level]
    made = Project(
        code=f"J{number + 1:03d}",
        name=f"{_place_name(level, village, land)}{name}",
        joint=joint,
        level=level,
        area_code=area_code,
        stage=stage,
        lead_unit_id=lead.id,
        starts_on=begins,
        ends_on=ends,
        outcome=outcome if stage == "done" else None,
    )
    return made, village


def _place_name(level: str, village: int, land: Land) -> str:
    if level == "district":
        return words.NAME
    return words.VILLAGES[village] if level == "village" else words.TOWNS[land.villages[village].town][:-2]


def _dates(rng: Generator, stage: str, today: date) -> tuple[date | None, date | None]:
    """First and last day, as the stage has it."""
    length = timedelta(days=int(rng.integers(90, 360)))
    if stage == "proposed":
        return None, None
    if stage == "agreed":
        begins = today + timedelta(days=int(rng.integers(7, 60)))
    elif stage == "running":
        begins = today - length * float(rng.uniform(0.2, 0.8))
    else:
        begins = today - length - timedelta(days=int(rng.integers(10, 120)))
    return begins, begins + length


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


def _busy(rng: Generator, land: Land) -> int:
    """Number of a village, rather one where much happens."""
    weights = np.sqrt([village.weight + 0.01 for village in land.villages])
    return int(rng.choice(len(weights), p=weights / weights.sum()))


def _settle(made: Project | Resource, place: tuple[float, float]) -> None:
    made.raw_x, made.raw_y = lon, lat = lon_lat(*place)
    made.geom = point_element(lon, lat)
    made.datum, made.datum_evidence, made.accuracy_m, made.place_level = "wgs84", "declared", 10.0, "given"
