"""Made-up tickets of the last half year, opened, assigned and worked by the real verbs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.random import Generator
from sqlalchemy.orm import Session

from geodata.demo import words
from geodata.demo.ground import Land, lon_lat
from geodata.demo.network import Codes
from geodata.demo.people import actor_of, home_of
from geodata.demo.spots import Spots
from geodata.demo.streets import Street, nearest_address
from geodata.models import Ticket
from geodata.services.assignment import assign_new
from geodata.services.moves import Step, move_through
from geodata.services.tickets import Position, Report, open_tickets

Progress = Callable[[int, int], None]

DAYS = 26 * 7
# From Monday to Sunday; and over the weeks more and more is reported, as more people come to know how.
WEEKDAYS = (1.2, 1.05, 1.0, 1.0, 1.1, 0.7, 0.55)
GROWTH_DAYS = 105.0
# Reports per hour of the day; the night is quiet.
HOURS = (1, 1, 0, 0, 0, 2, 5, 9, 12, 12, 11, 9, 7, 8, 9, 9, 9, 8, 8, 7, 6, 5, 3, 2)


@dataclass(frozen=True)
class Habit:
    """One move by `who` of a town (see `people`), so many hours (about) after the one before."""

    action: str
    who: str
    role: str
    hours: float
    reason: str | None = None


WORK: tuple[Habit, ...] = (
    Habit("accept", "officer", "officer", 3.0),
    Habit("handle", "officer", "officer", 4.0),
    Habit("done", "officer", "officer", 16.0),
    Habit("check", "checker", "officer", 8.0),
    Habit("close", "town", "town_office", 1.0),
)
# How an open ticket stands, in turn; four of them show every case.
STANDINGS = ("late", "ontime", "soon", "none", "ontime", "ontime", "late", "ontime", "soon", "ontime")
RETURN: tuple[Habit, ...] = (Habit("return", "officer", "officer", 5.0, "不在本单位职责范围"),)


def make_tickets(
    session: Session,
    rng: Generator,
    land: Land,
    streets: list[Street],
    *,
    codes: Codes,
    spots: Spots,
    count: int,
    now: datetime,
    progress: Progress | None = None,
) -> int:
    """Open `count` tickets in the order of their reports and work the older ones; returns how many.

    The newest wait with their offices to be assigned. Those still open are late, due within a day, in
    time, or without a limit: some of each.
    """
    home = home_of(land)
    towns = {code: number for number, code in enumerate(codes.towns)}
    made = open_tickets(session, _reports(rng, land, streets, spots, moments=_moments(rng, count, now)))
    waiting = made[-max(2, count // 60) :]
    for done, each in enumerate(made, start=1):
        if each in waiting:
            each.office_code = each.town_code or words.CODE
        else:
            assign_new(session, each, actor="system", at=each.reported_at)
            # the last few are still at work, however few there are
            is_young = now - each.reported_at < timedelta(days=8) or done > count - len(WORK) - 3
            turn = done % (len(WORK) + 1) if is_young else len(WORK)
            _work(session, rng, each, turn=turn, now=now, town=towns.get(each.town_code or ""), home=home)
        if progress:
            progress(done, count)
    still_open = [each for each in made if each.closed_at is None]
    for number, each in enumerate(still_open):
        each.due_at = _due(rng, STANDINGS[number % len(STANDINGS)], each.reported_at, now)
    session.flush()
    return count


def _reports(
    rng: Generator, land: Land, streets: list[Street], spots: Spots, *, moments: list[datetime]
) -> list[Report]:
    weights = np.array([village.weight + 0.06 for village in land.villages])
    categories = [code for code, _, _ in words.REPORTS]
    shares = np.array([share for _, share, _ in words.REPORTS], dtype=np.float64)
    titles = {code: options for code, _, options in words.REPORTS}
    found, home = [], home_of(land)
    for moment in moments:
        village = int(rng.choice(len(weights), p=weights / weights.sum()))
        category = str(rng.choice(categories, p=shares / shares.sum()))
        x, y = (spots.house if category in words.AT_HOME else spots.street)(rng, village)
        # one in two hundred comes in by telephone with no place that anybody could make out
        is_placed = rng.random() > 0.005
        source = str(rng.choice(words.SOURCES))
        town = land.villages[village].town
        told = Report(
            category=category,
            title=str(rng.choice(titles[category])),
            actor=actor_of("officer" if source == "patrol" else "town", town if is_placed else None, home=home),
            reported_at=moment,
            position=_position(rng, lon_lat(x, y), source) if is_placed else None,
            address=f"{nearest_address(streets, x, y)}附近" if is_placed else None,
            source=source,
            due_at=moment + timedelta(hours=words.LIMITS_H[category]) if rng.random() > 0.05 else None,
        )
        found.append(told)
    return found


def _position(rng: Generator, place: tuple[float, float], source: str) -> Position:
    is_device = source == "patrol"
    return Position(
        *place,
        "wgs84",
        evidence="device" if is_device else "declared",
        accuracy_m=float(rng.choice([8.0, 15.0, 30.0])) if is_device else 30.0,
    )


def _moments(rng: Generator, count: int, now: datetime) -> list[datetime]:
    """Times of report in the last half year, whole seconds, the oldest first."""
    share = np.array(HOURS, dtype=np.float64)
    back = np.arange(DAYS)
    days = np.array([WEEKDAYS[(now - timedelta(days=int(n))).weekday()] for n in back]) * np.exp(-back / GROWTH_DAYS)
    found: list[datetime] = []
    while len(found) < count:
        day = now - timedelta(days=int(rng.choice(back, p=days / days.sum())))
        hour = int(rng.choice(24, p=share / share.sum()))
        seconds = int(rng.integers(0, 3600))
        moment = day.replace(hour=hour, minute=seconds // 60, second=seconds % 60, microsecond=0)
        if now - timedelta(days=DAYS) < moment < now - timedelta(minutes=5):
            found.append(moment)
    return sorted(found)


def _work(
    session: Session, rng: Generator, made: Ticket, *, turn: int, now: datetime, town: int | None, home: int
) -> None:
    """Make the first `turn` moves of the usual work, now and then fewer; never past the present."""
    age_days = (now - made.reported_at) / timedelta(days=1)
    # hardly anything is left of what is older than a month
    left = 0.1 if age_days < 30.0 else 0.02
    luck = rng.random()
    usual = turn if luck > left else int(rng.integers(0, 3))
    steps = RETURN if luck < 0.3 * left else WORK[:usual]
    # what has a long limit takes long
    pace = max(1.0, words.LIMITS_H[made.category_code] / 72.0)
    moment, made_steps = made.reported_at, []
    for step in steps:
        moment += timedelta(seconds=int(3600 * pace * step.hours * rng.uniform(0.2, 1.8)))
        if moment >= now:
            break
        made_steps.append(Step(step.action, actor_of(step.who, town, home=home), step.role, moment, step.reason))
    if made_steps:
        move_through(session, made.number, made_steps)


def _due(rng: Generator, standing: str, reported_at: datetime, now: datetime) -> datetime | None:
    """The limit of an open ticket that stands so, to the minute."""
    if standing == "none":
        return None
    if standing == "late" and now - reported_at > timedelta(days=1):
        due = now - min(timedelta(days=9), now - reported_at) * float(rng.uniform(0.05, 0.6))
    elif standing == "soon":
        due = now + timedelta(hours=float(rng.uniform(2.0, 22.0)))
    else:
        due = now + timedelta(hours=float(rng.uniform(30.0, 240.0)))
    return due.replace(second=0, microsecond=0)
