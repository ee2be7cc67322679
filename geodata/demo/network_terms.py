"""Who convenes and sits in the made-up district's network, whom to call there, and where pilots are."""

from collections.abc import Sequence
from datetime import date
from itertools import count

from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.demo import words
from geodata.demo.scene import Scene
from geodata.models import (
    BODIES_OF,
    AreaContact,
    ConferenceSeat,
    ConvenerTerm,
    Membership,
    MemberUnit,
    PilotArea,
)

# A network is some years old; who convenes next year is settled in the second half of this one.
BEGAN_YEARS_AGO = 2
SETTLED_FROM_MONTH = 7

# Seats in each body: so many deputies behind the chair, and members after them.
DEPUTIES, MEMBERS = 2, 5

# One village in each of so many towns.
PILOTS, PILOTS_OF_SMALL = 4, 2
PILOT_NOTES = ("村居共治会议议事规则", "停车位错时共享", "楼道堆物自治公约", "沿街商户自律联盟")

WORKDAYS, EVERY_DAY = "Mo-Fr 08:30-17:00", "Mo-Su 08:00-20:00"
TOPICS = {
    "district": (("综合协调", "区域化党建办值班岗", WORKDAYS), ("市容环卫", "区网格中心值班岗", "24/7")),
    "town": (
        ("综合协调", "社区党建办联络岗", WORKDAYS),
        ("市容环卫", "城运分中心值班岗", "24/7"),
        ("物业管理", "房管办值班岗", WORKDAYS),
    ),
    "village": (("综合协调", "党群服务站值班岗", EVERY_DAY), ("物业管理", "居委物业联络岗", WORKDAYS)),
}


def add_network_terms(session: Session, scene: Scene) -> None:
    """Add villages' members, conveners of past, this and next year, seats, contacts and pilots."""
    units = list(session.scalars(select(MemberUnit).where(MemberUnit.is_active).order_by(MemberUnit.code)))
    _add_village_members(session, units)
    session.flush()
    members = _members(session)
    areas = [("district", words.CODE), *(("town", code) for code in scene.codes.towns)]
    # the last town has no convener this year, and the one before it has no chair: gaps to be seen, but not at home
    unhelped = [code for level, code in areas if level == "town" and code != scene.home]
    for number, (level, code) in enumerate(areas):
        able = members.get((level, code), [])
        if able:
            _add_terms(session, level, code, able, scene, number=number, is_behind=code == unhelped[-1])
            _add_seats(session, level, code, able, scene, has_chair=code != unhelped[-2])
    _add_pilots(session, scene, members)
    _add_contacts(session, scene)


def _add_village_members(session: Session, units: Sequence[MemberUnit]) -> None:
    """Every other unit of a town's network belongs to that of the village where it stands as well."""
    of_town = [unit for unit in units if unit.village_code and unit.memberships[0].level == "town"]
    for unit in of_town[::2]:
        session.add(Membership(unit_id=unit.id, level="village", area_code=unit.village_code))


def _members(session: Session) -> dict[tuple[str, str], list[int]]:
    """Ids of the active members of each area, by level and code."""
    found: dict[tuple[str, str], list[int]] = {}
    wanted = select(Membership.level, Membership.area_code, Membership.unit_id).join(MemberUnit)
    for level, code, unit_id in session.execute(wanted.where(MemberUnit.is_active).order_by(MemberUnit.code)):
        found.setdefault((level, code), []).append(unit_id)
    return found


def _add_terms(
    session: Session, level: str, code: str, able: Sequence[int], scene: Scene, *, number: int, is_behind: bool
) -> None:
    this = scene.now.year
    years = [*range(this - BEGAN_YEARS_AGO, this + (0 if is_behind else 1))]
    # next year's is settled early by some
    if not is_behind and (scene.now.month >= SETTLED_FROM_MONTH or number % 2 == 0):
        years.append(this + 1)
    for year in years:
        unit_id = able[(year + number) % len(able)]
        session.add(
            ConvenerTerm(
                level=level,
                area_code=code,
                unit_id=unit_id,
                valid_from=date(year, 1, 1),
                valid_to=date(year + 1, 1, 1),
            )
        )


def _add_seats(session: Session, level: str, code: str, able: Sequence[int], scene: Scene, *, has_chair: bool) -> None:
    since = date(scene.now.year - 1, 3, 1)
    for number, body in enumerate(BODIES_OF[level]):
        turned = [*able[number % len(able) :], *able[: number % len(able)]]
        for place, unit_id in enumerate(turned[: 1 + DEPUTIES + MEMBERS]):
            position = "chair" if place == 0 else "deputy" if place <= DEPUTIES else "member"
            if position == "chair" and not has_chair:
                position = "member"
            session.add(
                ConferenceSeat(
                    level=level, area_code=code, body=body, unit_id=unit_id, position=position, valid_from=since
                )
            )


def _add_pilots(session: Session, scene: Scene, members: dict[tuple[str, str], list[int]]) -> None:
    """Pilots stand where some units take part; there the village has its meeting and its convener too."""
    made, most = 0, PILOTS_OF_SMALL if scene.is_small else PILOTS
    for town in scene.codes.towns:
        villages = [code for code in scene.villages_of(town) if members.get(("village", code))]
        if not villages or made == most:
            continue
        code = max(villages, key=lambda one: (len(members["village", one]), one))
        note, since = PILOT_NOTES[made % len(PILOT_NOTES)], date(scene.now.year - 1, 7, 1)
        session.add(PilotArea(level="village", area_code=code, note=note, valid_from=since))
        _add_terms(session, "village", code, members["village", code], scene, number=made, is_behind=False)
        _add_seats(session, "village", code, members["village", code], scene, has_chair=True)
        made += 1


def _add_contacts(session: Session, scene: Scene) -> None:
    numbers = count(1)
    areas = [("district", words.CODE), *(("town", code) for code in scene.codes.towns)]
    areas += [("village", code) for code in scene.codes.villages]
    for level, code in areas:
        for topic, role, hours in TOPICS[level]:
            phone = f"000-5552-{next(numbers):04d}"
            session.add(AreaContact(level=level, area_code=code, topic=topic, role=role, phone=phone, hours=hours))
