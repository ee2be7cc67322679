"""The duty roster (值班) of teams and points, and the areas that share them (党群联动)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from geodata.errors import NotFound
from geodata.models import LEVELS, MemberUnit, ResponsibilityPoint, RosterTurn, ServiceTeam, SharedService
from geodata.queries import roster as queries
from geodata.queries.roster import NamedService, Service, Turn
from geodata.queries.scope import area_of_level
from geodata.record_errors import BadValue, Overlaps
from geodata.services import changes
from geodata.services.installation import installation

KIND = "roster"
KIND_OF_SHARING = "shared_services"

DAYS = 7
MOST_WEEKS = 26


class Slot(NamedTuple):
    """When somebody is on duty: first day, times of the district's clock, and for how many weeks in a row."""

    day: date
    opens: time
    closes: time
    weeks: int = 1


@dataclass(frozen=True)
class Week:
    """Seven days from Monday: the services, and their turns by (kind, code) and day."""

    monday: date
    services: list[Service]
    turns: dict[tuple[str, str, date], list[Turn]]

    @property
    def days(self) -> list[date]:
        """The days in order."""
        return [self.monday + timedelta(days=n) for n in range(DAYS)]

    def of(self, service: Service, day: date) -> list[Turn]:
        """The turns of a service on a day, by time."""
        return self.turns.get((service.of_kind, service.code, day), [])

    def has_turns(self, service: Service) -> bool:
        """Whether anybody is on duty at a service on any of the days."""
        return any(self.of(service, day) for day in self.days)

    def without(self, day: date) -> list[Service]:
        """Services that have a roster this week but nobody on a day."""
        used = {(kind, code) for kind, code, _ in self.turns}
        return [one for one in self.services if (one.of_kind, one.code) in used and not self.of(one, day)]


def week(session: Session, day: date, *, town_code: str | None = None) -> Week:
    """The week of a day for a town's services and those shared with it (None: for all)."""
    monday = day - timedelta(days=day.weekday())
    turns: dict[tuple[str, str, date], list[Turn]] = {}
    for turn in queries.turns(session, monday, monday + timedelta(days=DAYS - 1)):
        turns.setdefault((turn.of_kind, turn.of_code, turn.day), []).append(turn)
    return Week(monday, queries.services(session, town_code=town_code), turns)


def on_duty(session: Session, at: datetime, *, town_code: str | None = None) -> list[tuple[Service, Turn]]:
    """Who is on duty at a moment, by service."""
    local = at.astimezone(ZoneInfo(installation(session).timezone))
    found = week(session, local.date(), town_code=town_code)
    clock = local.time().replace(tzinfo=None)
    return [
        (service, turn)
        for service in found.services
        for turn in found.of(service, local.date())
        if turn.opens <= clock < turn.closes
    ]


def named(session: Session, of_kind: str, code: str) -> NamedService:
    """The team or point of that code. Raises NotFound."""
    found = queries.service(session, of_kind, code)
    if found is None:
        raise NotFound(of_kind, code)
    return found


def add_turns(
    session: Session, service: NamedService, slot: Slot, *, actor: str, unit: MemberUnit | None, role: str | None
) -> list[RosterTurn]:
    """Put a unit, or a role, on duty at a team or point, on one day or the same weekday of some weeks.

    Raises BadValue for times that do not follow each other, too many weeks, and where neither unit nor role is told;
    Overlaps where somebody has that time already.
    """
    if slot.closes <= slot.opens:
        raise BadValue("closes", "after", slot.closes.isoformat("minutes"), other=slot.opens.isoformat("minutes"))
    if not 1 <= slot.weeks <= MOST_WEEKS:
        raise BadValue("weeks", "whole", slot.weeks, low=1, high=MOST_WEEKS)
    if unit is None and not role:
        raise BadValue("unit", "missing")
    _hold(session, service)
    made = []
    for number in range(slot.weeks):
        day = slot.day + timedelta(weeks=number)
        _check_free(session, service, day, slot)
        made.append(
            RosterTurn(
                of_kind=service.of_kind,
                of_code=service.code,
                day=day,
                opens=slot.opens,
                closes=slot.closes,
                unit_id=unit.id if unit else None,
                role=role,
            )
        )
    session.add_all(made)
    session.flush()
    facts = {"did": "add", "name": f"{service.name} {slot.day}", "of_kind": service.of_kind, "of_code": service.code}
    after = {"day": slot.day.isoformat(), "hours": _hours(slot.opens, slot.closes), "weeks": slot.weeks}
    after |= {"who": " ".join(filter(None, (unit.name if unit else None, role)))}
    changes.keep(session, KIND, actor=actor, facts={**facts, "before": None, "after": after})
    return made


def remove_turn(session: Session, turn_id: int, *, actor: str) -> None:
    """Take a turn off the roster. Raises NotFound."""
    turn = session.get(RosterTurn, turn_id)
    if turn is None:
        raise NotFound("turn", str(turn_id))
    facts = {"did": "remove", "name": f"{turn.of_code} {turn.day}", "of_kind": turn.of_kind, "of_code": turn.of_code}
    before = {"day": turn.day.isoformat(), "hours": _hours(turn.opens, turn.closes)}
    session.delete(turn)
    changes.keep(session, KIND, actor=actor, facts={**facts, "before": before, "after": None})


def share(session: Session, service: NamedService, areas: Sequence[tuple[str, str]], *, actor: str) -> None:
    """Say which areas (level, code) a team or point serves beside its own, in place of those before.

    Raises NotFound.
    """
    for level, code in areas:
        if level not in LEVELS or area_of_level(session, level, code) is None:
            raise NotFound(level, code)
    mine = (SharedService.of_kind == service.of_kind, SharedService.of_code == service.code)
    former = session.scalars(select(SharedService).where(*mine).order_by(SharedService.level, SharedService.area_code))
    before = [one.area_code for one in former]
    session.execute(delete(SharedService).where(*mine))
    session.add_all(
        SharedService(of_kind=service.of_kind, of_code=service.code, level=level, area_code=code)
        for level, code in dict.fromkeys(areas)
    )
    session.flush()
    after = sorted(code for _, code in set(areas))
    if before != after:
        facts = {"did": "set", "name": service.name, "of_kind": service.of_kind, "of_code": service.code}
        facts_ = {**facts, "before": {"areas": before}, "after": {"areas": after}}
        changes.keep(session, KIND_OF_SHARING, actor=actor, facts=facts_)


def shared_with(session: Session, service: NamedService) -> list[tuple[str, str]]:
    """The areas (level, code) that a team or point serves beside its own."""
    wanted = select(SharedService.level, SharedService.area_code).where(
        SharedService.of_kind == service.of_kind, SharedService.of_code == service.code
    )
    return [(row.level, row.area_code) for row in session.execute(wanted.order_by(SharedService.id))]


def _hold(session: Session, service: NamedService) -> None:
    """Change the roster of a team or point one after the other."""
    model = ServiceTeam if service.of_kind == "team" else ResponsibilityPoint
    session.execute(select(model.id).where(model.code == service.code).with_for_update())


def _check_free(session: Session, service: NamedService, day: date, slot: Slot) -> None:
    wanted = select(RosterTurn).where(
        RosterTurn.of_kind == service.of_kind,
        RosterTurn.of_code == service.code,
        RosterTurn.day == day,
        RosterTurn.opens < slot.closes,
        RosterTurn.closes > slot.opens,
    )
    there = session.scalars(wanted).first()
    if there is not None:
        raise Overlaps(f"{service.name} {day}", f"{day} {_hours(there.opens, there.closes)}")


def _hours(opens: time, closes: time) -> str:
    return f"{opens:%H:%M}–{closes:%H:%M}"
