"""Who is on duty at the made-up teams, and which areas share some of them."""

from datetime import time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.demo.scene import Scene
from geodata.models import MemberUnit, RosterTurn, ServiceTeam, SharedService

WEEKS = 4
ROLES = ("值班长", "巡查岗", "服务岗")


def add_roster(session: Session, scene: Scene) -> None:
    """Turns of four weeks around now; every fourth team is shared with a village next to it, and has no weekend."""
    chance = scene.chance("roster")
    monday = scene.now.date() - timedelta(days=scene.now.weekday() + 7)
    teams = list(session.scalars(select(ServiceTeam).order_by(ServiceTeam.code)))
    for number, team in enumerate(teams):
        if team.town_code is None:
            continue
        wanted = select(MemberUnit).where(MemberUnit.town_code == team.town_code, MemberUnit.is_active)
        units = list(session.scalars(wanted.order_by(MemberUnit.code)))
        for day in (monday + timedelta(days=n) for n in range(7 * WEEKS)):
            if day.weekday() >= 5 and number % 4 == 3:
                continue
            unit = units[int(chance.integers(len(units)))] if units else None
            for opens, closes in ((time(8, 30), time(13)), (time(13), time(20))):
                session.add(
                    RosterTurn(
                        of_kind="team",
                        of_code=team.code,
                        day=day,
                        opens=opens,
                        closes=closes,
                        unit_id=unit.id if unit else None,
                        role=ROLES[number % len(ROLES)],
                    )
                )
        if number % 4 == 0:
            others = [code for code in scene.codes.villages if not code.startswith(team.town_code[:9])]
            if others:
                session.add(
                    SharedService(
                        of_kind="team", of_code=team.code, level="village", area_code=others[number % len(others)]
                    )
                )
