"""Made-up tickets of the last two months, opened, assigned and worked by the real verbs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import shapely
from numpy.random import Generator
from sqlalchemy.orm import Session

from geodata.demo import words
from geodata.demo.ground import Land, spot_in, to_degrees
from geodata.demo.streets import Street, nearest_address
from geodata.models import Ticket
from geodata.services.tickets import Position, move_ticket, open_ticket

Progress = Callable[[int, int], None]

DAYS = 60
# Reports per hour of the day; the night is quiet.
HOURS = (1, 1, 0, 0, 0, 2, 5, 9, 12, 12, 11, 9, 7, 8, 9, 9, 9, 8, 8, 7, 6, 5, 3, 2)


@dataclass(frozen=True)
class Step:
    """One move by one of the sample users, so many hours (about) after the one before."""

    action: str
    actor: str
    role: str
    hours: float
    reason: str | None = None


WORK = (
    Step("accept", "officer", "officer", 3.0),
    Step("handle", "officer", "officer", 4.0),
    Step("done", "officer", "officer", 16.0),
    Step("check", "town", "town_office", 8.0),
    Step("close", "town", "town_office", 1.0),
)
RETURN = (Step("return", "officer", "officer", 5.0, "不在本单位职责范围"),)


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
    moments = _moments(rng, count, now)
    weights = np.array([village.weight + 0.06 for village in land.villages])
    categories = [code for code, _, _ in words.REPORTS]
    shares = np.array([share for _, share, _ in words.REPORTS], dtype=np.float64)
    titles = {code: options for code, _, options in words.REPORTS}
    for done, moment in enumerate(moments, start=1):
        village = int(rng.choice(len(weights), p=weights / weights.sum()))
        category = str(rng.choice(categories, p=shares / shares.sum()))
        x, y = spot_in(rng, land.villages[village].shape)
        place = to_degrees(shapely.Point(x, y))
        # one in two hundred comes in by telephone with no place that anybody could make out
        is_placed = rng.random() > 0.005
        source = str(rng.choice(words.SOURCES))
        made = open_ticket(
            session,
            category=category,
            title=str(rng.choice(titles[category])),
            actor="officer" if source == "patrol" else "town",
            position=_position(rng, place, source) if is_placed else None,
            address=f"{nearest_address(streets, x, y)}附近" if is_placed else None,
            source=source,
            reported_at=moment,
        )
        _work(session, rng, made, now=now)
        if progress:
            progress(done, count)
    return count


def _position(rng: Generator, place: shapely.Point, source: str) -> Position:
    is_device = source == "patrol"
    return Position(
        round(place.x, 7),
        round(place.y, 7),
        "wgs84",
        evidence="device" if is_device else "declared",
        accuracy_m=float(rng.choice([8.0, 15.0, 30.0])) if is_device else 30.0,
    )


def _moments(rng: Generator, count: int, now: datetime) -> list[datetime]:
    """Times of report in the last sixty days, whole seconds, the oldest first."""
    share = np.array(HOURS, dtype=np.float64)
    found = []
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
    moment = made.reported_at
    for step in steps:
        moment += timedelta(seconds=int(3600 * step.hours * rng.uniform(0.2, 1.8)))
        if moment >= now:
            return
        move_ticket(
            session,
            made.number,
            step.action,
            actor=step.actor,
            role=step.role,
            reason=step.reason,
            at=moment,
        )
