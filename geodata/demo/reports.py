"""Made-up tickets of the last two months, opened, assigned and worked by the real verbs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.random import Generator
from sqlalchemy.orm import Session

from geodata.demo import words
from geodata.demo.ground import Land, lon_lat, spot_in
from geodata.demo.streets import Street, nearest_address
from geodata.models import Ticket
from geodata.services.assignment import assign_new
from geodata.services.tickets import Position, Report, Step, move_through, open_tickets

Progress = Callable[[int, int], None]

DAYS = 60
# Reports per hour of the day; the night is quiet.
HOURS = (1, 1, 0, 0, 0, 2, 5, 9, 12, 12, 11, 9, 7, 8, 9, 9, 9, 8, 8, 7, 6, 5, 3, 2)


@dataclass(frozen=True)
class Habit:
    """One move by one of the sample users, so many hours (about) after the one before."""

    action: str
    actor: str
    role: str
    hours: float
    reason: str | None = None


WORK: tuple[Habit, ...] = (
    Habit("accept", "officer", "officer", 3.0),
    Habit("handle", "officer", "officer", 4.0),
    Habit("done", "officer", "officer", 16.0),
    Habit("check", "town", "town_office", 8.0),
    Habit("close", "town", "town_office", 1.0),
)
RETURN: tuple[Habit, ...] = (Habit("return", "officer", "officer", 5.0, "不在本单位职责范围"),)


def make_tickets(
    session: Session,
    rng: Generator,
    land: Land,
    streets: list[Street],
    *,
    count: int,
    now: datetime,
    progress: Progress | None = None,
) -> int:
    """Open `count` tickets in the order of their reports and work the older ones; returns how many."""
    made = open_tickets(session, _reports(rng, land, streets, _moments(rng, count, now)))
    for done, each in enumerate(made, start=1):
        assign_new(session, each, actor="system", at=each.reported_at)
        _work(session, rng, each, now=now)
        if progress:
            progress(done, count)
    return count


def _reports(rng: Generator, land: Land, streets: list[Street], moments: list[datetime]) -> list[Report]:
    weights = np.array([village.weight + 0.06 for village in land.villages])
    categories = [code for code, _, _ in words.REPORTS]
    shares = np.array([share for _, share, _ in words.REPORTS], dtype=np.float64)
    titles = {code: options for code, _, options in words.REPORTS}
    found = []
    for moment in moments:
        village = int(rng.choice(len(weights), p=weights / weights.sum()))
        category = str(rng.choice(categories, p=shares / shares.sum()))
        x, y = spot_in(rng, land.villages[village].shape)
        # one in two hundred comes in by telephone with no place that anybody could make out
        is_placed = rng.random() > 0.005
        source = str(rng.choice(words.SOURCES))
        told = Report(
            category=category,
            title=str(rng.choice(titles[category])),
            actor="officer" if source == "patrol" else "town",
            reported_at=moment,
            position=_position(rng, lon_lat(x, y), source) if is_placed else None,
            address=f"{nearest_address(streets, x, y)}附近" if is_placed else None,
            source=source,
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
    """Times of report in the last sixty days, whole seconds, the oldest first."""
    share = np.array(HOURS, dtype=np.float64)
    found: list[datetime] = []
    while len(found) < count:
        day = now - timedelta(days=int(rng.integers(0, DAYS)))
        hour = int(rng.choice(24, p=share / share.sum()))
        seconds = int(rng.integers(0, 3600))
        moment = day.replace(hour=hour, minute=seconds // 60, second=seconds % 60, microsecond=0)
        if now - timedelta(days=DAYS) < moment < now - timedelta(minutes=5):
            found.append(moment)
    return sorted(found)


def _work(session: Session, rng: Generator, made: Ticket, *, now: datetime) -> None:
    """Move a ticket as far as one of its age has usually come; never past the present."""
    age_days = (now - made.reported_at) / timedelta(days=1)
    luck = rng.random()
    if luck < 0.03:
        steps = RETURN
    else:
        usual = len(WORK) if age_days > 8.0 else int(rng.integers(0, len(WORK) + 1))
        steps = WORK[: usual if luck < 0.93 else int(rng.integers(0, 3))]
    moment, made_steps = made.reported_at, []
    for step in steps:
        moment += timedelta(seconds=int(3600 * step.hours * rng.uniform(0.2, 1.8)))
        if moment >= now:
            break
        made_steps.append(Step(step.action, step.actor, step.role, step.reason, moment))
    if made_steps:
        move_through(session, made.number, made_steps)
