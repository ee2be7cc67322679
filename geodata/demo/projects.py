"""Made-up joint projects of all six joints on three levels, with who takes part and how they came to where they are."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from numpy.random import Generator
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from geodata.demo import project_words, words
from geodata.demo.ground import lon_lat, point_element
from geodata.demo.people import actor_of, home_of
from geodata.demo.project_words import Plan
from geodata.demo.scene import Scene
from geodata.models import JOINTS, MemberUnit, Project, ProjectEvent, ProjectPartner
from geodata.services.stamps import stamp

# Projects of the district, of the towns and of villages; the first two are the founding article's.
FULL, SMALL = (25, 160, 40), (2, 6, 3)

# The stages that projects have come to, turn by turn; as many as share no factor with the joints, nor with the towns.
COURSE = ("running", "done", "agreed", "proposed", "running", "done", "stopped", "done", "running", "running", "done")

# One project in so many that run is behind its day, has no place of its own, was taken up anew after its end.
LATE_IN, PLACELESS_IN, AGAIN_IN = 5, 3, 9
FEWEST_PARTNERS = 2


class Seat(NamedTuple):
    """Whose project it is: the area, the number of its town (None: the district's) and of a village for its place."""

    level: str
    code: str
    name: str
    town: int | None
    village: int


def add_projects(session: Session, scene: Scene) -> None:
    """Add projects with their partners and events; the busiest town and its villages come first."""
    rng = scene.chance("projects")
    seats = _seats(rng, scene)
    units = list(session.scalars(select(MemberUnit).options(selectinload(MemberUnit.memberships)).order_by("code")))
    able = [unit for unit in units if unit.is_active and unit.geom is not None]
    made = [_project(rng, number, seat, able, scene) for number, seat in enumerate(seats)]
    session.add_all(made)
    session.flush()
    for number, (project, seat) in enumerate(zip(made, seats, strict=True)):
        session.add_all(_partners(rng, project, seat, able))
        session.add_all(_events(rng, number, project, seat, scene))
    session.flush()
    stamp(session, Project)


def _seats(rng: Generator, scene: Scene) -> list[Seat]:
    """One for each project, the district's first."""
    land, codes = scene.land, scene.codes
    of_district, of_towns, of_villages = SMALL if scene.is_small else FULL
    home = home_of(land)
    towns = [home, *(town for town in range(land.towns) if town != home)]
    weights = [village.weight for village in land.villages]
    busiest = sorted(range(len(weights)), key=lambda number: (land.villages[number].town != home, -weights[number]))
    seats = [
        Seat("district", words.CODE, words.NAME, None, int(rng.integers(len(weights)))) for _ in range(of_district)
    ]
    for number in range(of_towns):
        town = towns[number % len(towns)]
        mine = land.of_town(town)
        name = words.TOWNS[town].removesuffix("街道").removesuffix("镇")
        seats.append(Seat("town", codes.towns[town], name, town, mine[int(rng.integers(len(mine)))]))
    for number in range(of_villages):
        village = busiest[number % len(busiest)]
        town = land.villages[village].town
        seats.append(Seat("village", codes.villages[village], words.VILLAGES[village], town, village))
    return seats


def _project(rng: Generator, number: int, seat: Seat, units: Sequence[MemberUnit], scene: Scene) -> Project:
    joint = JOINTS[number % len(JOINTS)]
    plan, stage = _plan(number, joint, seat), COURSE[number % len(COURSE)]
    # of a town's units those that rather do such things
    leaders = [unit for unit in _members(units, seat) if unit.kind in project_words.LEADERS[joint]]
    choice = leaders or _members(units, seat)
    lead = choice[int(rng.integers(len(choice)))]
    made = Project(
        code=f"J{number + 1:03d}",
        name=f"{seat.name}{plan.name}",
        joint=joint,
        level=seat.level,
        area_code=seat.code,
        stage=stage,
        lead_unit_id=lead.id,
    )
    _date(rng, number, made, scene.now)
    if stage == "done":
        made.outcome = plan.outcome
        made.people_served = int(rng.integers(*plan.served, endpoint=True)) if plan.served else None
    # what a district or town does is often run from the leading unit
    if seat.level == "village" or number % PLACELESS_IN:
        _settle(made, scene.spots.house(rng, seat.village))
    return made


def _plan(number: int, joint: str, seat: Seat) -> Plan:
    """One of a joint's plans, so that no area has the same twice."""
    plans = project_words.PLANS[joint]
    turn = number // len(JOINTS)
    return plans[(turn if seat.town is None else turn // 13 + seat.town + len(seat.level)) % len(plans)]


def _members(units: Sequence[MemberUnit], seat: Seat) -> list[MemberUnit]:
    """Units of the area's network, of a village those of its town; all where there is none."""
    code = seat.code if seat.level != "village" else f"{seat.code[:9]}000"
    return [unit for unit in units if any(part.area_code == code for part in unit.memberships)] or list(units)


def _date(rng: Generator, number: int, made: Project, now: datetime) -> None:
    """First and last day, as the stage has it; what is only proposed often has none yet."""
    today, length = now.date(), timedelta(days=int(rng.integers(80, 330)))
    if made.stage == "proposed":
        if number % 2:
            made.starts_on = today + timedelta(days=int(rng.integers(30, 120)))
            made.ends_on = made.starts_on + length
        return
    if made.stage == "agreed":
        begins = today + timedelta(days=int(rng.integers(7, 60)))
    elif made.stage == "running" and number % LATE_IN:
        begins = today - length * float(rng.uniform(0.1, 0.85))
    elif made.stage == "done":
        begins = today - length - timedelta(days=int(rng.integers(10, 420)))
    else:
        begins = today - length - timedelta(days=int(rng.integers(3, 40)))
    made.starts_on, made.ends_on = begins, begins + length


def _settle(made: Project, place: tuple[float, float]) -> None:
    made.raw_x, made.raw_y = lon, lat = lon_lat(*place)
    made.geom = point_element(lon, lat)
    made.datum, made.datum_evidence, made.accuracy_m, made.place_level = "wgs84", "declared", 10.0, "given"


def _partners(rng: Generator, made: Project, seat: Seat, units: Sequence[MemberUnit]) -> list[ProjectPartner]:
    others = [unit for unit in _members(units, seat) if unit.id != made.lead_unit_id]
    if len(others) < FEWEST_PARTNERS:
        # where units are missing, those of other places help
        others = [unit for unit in units if unit.id != made.lead_unit_id]
    count = min(len(others), int(rng.integers(FEWEST_PARTNERS, 6)))
    chosen = rng.choice(len(others), size=count, replace=False).tolist()
    return [
        ProjectPartner(
            project_id=made.id, unit_id=others[index].id, part="support" if turn and turn == count - 1 else "partner"
        )
        for turn, index in enumerate(chosen)
    ]


def _events(rng: Generator, number: int, made: Project, seat: Seat, scene: Scene) -> list[ProjectEvent]:
    """How it came to its stage, in the order of the days."""
    told = list(_course(rng, number, made, scene.now))
    actor = actor_of("town", seat.town, home=home_of(scene.land))
    events, stage = [], None
    for seq, (at, action, to_stage, note) in enumerate(told, start=1):
        when = _in_office(at, scene.now)
        event = ProjectEvent(project_id=made.id, seq=seq, at=when, action=action, actor=actor, note=note)
        event.from_stage, event.to_stage = stage, to_stage
        events.append(event)
        stage = to_stage
    return events


def _course(rng: Generator, number: int, made: Project, now: datetime) -> list[tuple[datetime, str, str, str | None]]:
    """The events of a project as (when, what, into which stage, why)."""

    def one_of(notes: Sequence[str | None]) -> str | None:
        return notes[int(rng.integers(len(notes)))]

    def before(moment: datetime, low: int, high: int) -> datetime:
        return moment - timedelta(hours=float(rng.uniform(low * 24, high * 24)))

    begun = now if made.starts_on is None else now + (made.starts_on - now.date())
    agreed = before(min(begun, now), 3, 20)
    told: list[tuple[datetime, str, str, str | None]] = [(before(agreed, 8, 40), "start", "proposed", None)]
    if made.stage == "proposed":
        return told
    told.append((agreed, "agree", "agreed", one_of(project_words.AGREED)))
    if made.stage == "agreed":
        return told
    told.append((begun, "begin", "running", one_of(project_words.BEGUN)))
    length = (now if made.ends_on is None else min(now, now + (made.ends_on - now.date()))) - begun
    if made.stage == "stopped":
        told.append((begun + length * float(rng.uniform(0.3, 0.8)), "stop", "stopped", one_of(project_words.STOPPED)))
    elif made.stage == "done":
        if number % AGAIN_IN == 1:
            told.append((begun + length * 0.6, "finish", "done", None))
            told.append((begun + length * 0.7, "reopen", "running", one_of(project_words.REOPENED)))
        told.append((begun + length, "finish", "done", None))
    return told


def _in_office(at: datetime, now: datetime) -> datetime:
    """The day's moment that lies as far between nine and five as the given one between midnight and midnight."""
    return min(at.replace(hour=9 + at.hour // 3), now)
