"""Made-up meetings: of each town its conference, congress and committee, of its busiest village the villagers' own.

Those that are over have minutes and resolutions. Of these some became a ticket or a project there is, others are open,
and a few late.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from numpy.random import Generator
from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.demo import words
from geodata.demo.ground import lon_lat, point_element
from geodata.demo.meeting_words import AFTER, AGENDAS, MINUTES, NAMES, RESOLVED, VILLAGE_RESOLVED
from geodata.demo.scene import Scene
from geodata.models import ConferenceSeat, Meeting, MeetingSeat, Membership, Project, Resolution, Ticket
from geodata.services.stamps import stamp
from geodata.services.workflow import ENDED

# Body, days from now, hour; what is ahead is planned.
COURSE = (
    ("joint_conference", -96, 14),
    ("committee", -61, 9),
    ("congress", -40, 14),
    ("village_meeting", -33, 19),
    ("committee", -26, 9),
    ("joint_conference", -12, 14),
    ("village_meeting", -4, 19),
    ("committee", 3, 9),
    ("village_meeting", 12, 19),
    ("joint_conference", 19, 14),
    ("congress", 41, 14),
)
SEATS = 6

# When a resolution is due, in days from the meeting.
DUE = (14, 30, 45, 60, None)

# A ticket that a resolution became was reported within so many days of the meeting.
SOON_DAYS = 10


@dataclass
class _Supply:
    """What is there to be referred to, by town; each ticket and project is taken once."""

    units: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    tickets: dict[str, list[tuple[date, str, str]]] = field(default_factory=lambda: defaultdict(list))
    projects: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    seats: dict[tuple[str, str], list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))


def add_meetings(session: Session, scene: Scene) -> None:
    """Add the meetings of every town, most at that of the sample users."""
    rng = scene.chance("meetings")
    supply = _supply(session)
    numbers: dict[str, int] = defaultdict(int)
    made: list[tuple[Meeting, str]] = []
    for town in scene.codes.towns:
        for turn, (body, days, hour) in enumerate(COURSE):
            # elsewhere than at home every other one is enough to see
            if town != scene.home and turn % 2 == 0 and days < 0:
                continue
            held_at = _at(scene.now, days, hour)
            numbers[prefix := f"M{held_at:%Y%m}-"] += 1
            code = f"{prefix}{numbers[prefix]:03d}"
            made.append((_meeting(rng, scene, town=town, body=body, held_at=held_at, code=code), town))
    session.add_all(meeting for meeting, _town in made)
    session.flush()
    for meeting, town in made:
        _seat(session, rng, meeting, supply.seats[meeting.area_code, meeting.body] or _some(rng, supply, town))
        if meeting.state == "held":
            session.add_all(_resolved(rng, meeting, town, supply, today=scene.now.date()))
    stamp(session, Meeting)


def _supply(session: Session) -> _Supply:
    found = _Supply()
    members = select(Membership.area_code, Membership.unit_id).where(Membership.level == "town")
    for area, unit in session.execute(members.order_by(Membership.unit_id)):
        found.units[area].append(unit)
    tickets = select(Ticket.town_code, Ticket.reported_at, Ticket.number, Ticket.title, Ticket.state)
    for town, reported_at, number, title, state in session.execute(tickets.order_by(Ticket.reported_at, Ticket.id)):
        if town and (state == "closed" or state not in ENDED):
            found.tickets[town].append((reported_at.date(), number, title))
    projects = select(Project.area_code, Project.code, Project.name).where(Project.area_code.is_not(None))
    for of, code, name in session.execute(projects.order_by(Project.id)):
        found.projects[str(of)].append((code, name))
    seats = select(ConferenceSeat.area_code, ConferenceSeat.body, ConferenceSeat.unit_id, ConferenceSeat.position)
    for area, body, unit, position in session.execute(seats.where(ConferenceSeat.valid_to.is_(None))):
        if unit not in {one for one, _position in found.seats[area, body]}:
            found.seats[area, body].append((unit, position))
    return found


def _at(now: datetime, days: int, hour: int) -> datetime:
    """That many days from now, on a workday but for what is held in the evening."""
    day = (now + timedelta(days=days)).date()
    if hour < 18:
        day -= timedelta(days=max(0, day.weekday() - 4))
    return datetime.combine(day, time(hour, 30 if hour > 12 else 0), tzinfo=now.tzinfo)


def _meeting(rng: Generator, scene: Scene, *, town: str, body: str, held_at: datetime, code: str) -> Meeting:
    village = max(scene.villages_of(town), key=lambda one: scene.land.villages[scene.number_of(one)].weight)
    level, area = ("village", village) if body == "village_meeting" else ("town", town)
    name = words.TOWNS[scene.codes.towns.index(town)]
    here = f"{words.VILLAGES[scene.number_of(village)]}居民区" if level == "village" else name
    is_over = held_at < scene.now
    agenda = [str(one) for one in rng.choice(AGENDAS[level], size=3, replace=False)]
    made = Meeting(
        code=code,
        name=NAMES[body].format(here=here, month=held_at.month),
        body=body,
        level=level,
        area_code=area,
        held_at=held_at,
        state="held" if is_over else "planned",
        agenda="\n".join(f"{number}. {one}" for number, one in enumerate(agenda, start=1)),
        minutes=MINUTES[level].format(here=here, first=agenda[0], second=agenda[1]) if is_over else None,
        address=f"{here}{'议事厅' if level == 'village' else '党群服务中心二楼会议室'}",
    )
    if level == "village":
        made.raw_x, made.raw_y = lon, lat = lon_lat(*scene.spots.house(rng, scene.number_of(village)))
        made.geom = point_element(lon, lat)
        made.datum, made.datum_evidence, made.accuracy_m, made.place_level = "wgs84", "declared", 10.0, "given"
    return made


def _some(rng: Generator, supply: _Supply, town: str) -> list[tuple[int, str]]:
    units = supply.units[town]
    chosen = rng.permutation(len(units))[:SEATS]
    positions = ("chair", "deputy", *("member",) * SEATS)
    return [(units[number], position) for number, position in zip(chosen, positions, strict=False)]


def _seat(session: Session, rng: Generator, meeting: Meeting, seats: list[tuple[int, str]]) -> None:
    is_over = meeting.state == "held"
    for unit, position in seats:
        attended = bool(position == "chair" or rng.random() > 0.15) if is_over else None
        session.add(MeetingSeat(meeting_id=meeting.id, unit_id=unit, position=position, attended=attended))


def _resolved(rng: Generator, meeting: Meeting, town: str, supply: _Supply, *, today: date) -> list[Resolution]:
    """Three resolutions: one that is work on a ticket there is, one on a project there is, one of words alone."""
    held_on, pool = meeting.held_at.date(), VILLAGE_RESOLVED if meeting.level == "village" else RESOLVED
    units = supply.units[town]
    targets: list[tuple[str | None, str | None, str]] = [(None, None, str(rng.choice(pool)))]
    days = (held_on, held_on + timedelta(days=SOON_DAYS))
    soon = next((one for one in supply.tickets[town] if days[0] < one[0] <= days[1]), None)
    if soon is not None:
        supply.tickets[town].remove(soon)
        targets.insert(0, ("ticket", soon[1], AFTER["ticket"].format(name=soon[2])))
    if supply.projects[meeting.area_code]:
        project, name = supply.projects[meeting.area_code].pop(0)
        targets.append(("project", project, AFTER["project"].format(name=name)))
    made = []
    for seq, (kind, code, told) in enumerate(targets, start=1):
        until = DUE[int(rng.integers(len(DUE)))]
        one = Resolution(
            meeting_id=meeting.id,
            seq=seq,
            words=told,
            unit_id=int(rng.choice(units)) if units else None,
            due_on=held_on + timedelta(days=until) if until else None,
            state="open",
            target_kind=kind,
            target_code=code,
        )
        # what was only words is done after a while, most of it
        if kind is None and (today - held_on).days > 45 and rng.random() < 0.6:
            one.state, one.note = "done", AFTER["note"]
        made.append(one)
    return made
