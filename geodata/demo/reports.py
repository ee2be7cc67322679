"""Made-up tickets of the last half year: reported, filed, assigned, worked, checked and closed by the real verbs."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime

import numpy as np
from numpy.random import Generator
from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.demo import words
from geodata.demo.album import Album
from geodata.demo.ground import Land, lon_lat
from geodata.demo.lives import Cast, live
from geodata.demo.network import Codes
from geodata.demo.people import home_of
from geodata.demo.plans import Plan, Planner
from geodata.demo.spots import Spots
from geodata.demo.streets import Street, nearest_address
from geodata.models import FilingRule
from geodata.services.calendars import calendar
from geodata.services.clocks import day_of
from geodata.services.tickets import Position, Report, open_tickets

Progress = Callable[[int, int], None]

# Two people who tell of the same thing do not stand on the same stone.
APART_M = 8.0
# What the camera or the caller knows of a place, and what a phone does.
TOLD_M, DEVICE_M = 30.0, (8.0, 15.0, 30.0)


def make_tickets(
    session: Session,
    rng: Generator,
    land: Land,
    streets: list[Street],
    *,
    codes: Codes,
    spots: Spots,
    count: int,
    pictured: int,
    now: datetime,
    progress: Progress | None = None,
) -> int:
    """Open `count` tickets in the order of their reports, and let each live as its story has it; returns how many.

    pictured  so many of the newest have photos of what was done, and others where their rule asks for one.
    """
    rules = _rules(session, now)
    plans = Planner(rng, calendar(session), rules, now).plans(count)
    cast = Cast(codes, home_of(land))
    made = open_tickets(session, _reports(rng, land, streets, spots, plans=plans, cast=cast))
    live(session, cast, list(zip(plans, made, strict=True)), Album(), pictured=pictured, progress=progress)
    return count


def _rules(session: Session, now: datetime) -> dict[str, list[FilingRule]]:
    """The district's filing rules in force, by category, the first of each first."""
    day = day_of(session, now)
    wanted = select(FilingRule).where(FilingRule.town_code == "").order_by(FilingRule.rank, FilingRule.code)
    found = defaultdict(list)
    for rule in session.scalars(wanted):
        if rule.valid_from <= day and (rule.valid_to is None or rule.valid_to > day):
            found[rule.category_code].append(rule)
    return dict(found)


def _reports(
    rng: Generator, land: Land, streets: list[Street], spots: Spots, *, plans: Sequence[Plan], cast: "Cast"
) -> list[Report]:
    weights = np.array([village.weight + 0.06 for village in land.villages])
    titles = {code: options for code, _, options in words.REPORTS}
    places: dict[int, tuple[int, float, float]] = {}
    found = []
    for number, plan in enumerate(plans):
        if plan.twin is None:
            village = int(rng.choice(len(weights), p=weights / weights.sum()))
            x, y = (spots.house if plan.category in words.AT_HOME else spots.street)(rng, village)
        else:
            village, x, y = places[id(plan.twin)]
            x, y = x + float(rng.normal(0.0, APART_M)), y + float(rng.normal(0.0, APART_M))
        places[id(plan)] = village, x, y
        # one in two hundred comes in by telephone with no place that anybody could make out
        is_placed = plan.source == "patrol" or plan.twin is not None or plan.story.has_twin or rng.random() > 0.005
        who = {"patrol": "officer", "higher_office": "district", "media": "district"}.get(plan.source, "town")
        told = Report(
            category=plan.category,
            title=str(rng.choice(titles[plan.category])),
            actor=cast.actor(who, land.villages[village].town if is_placed else None),
            reported_at=plan.reported_at,
            position=_position(rng, lon_lat(x, y), plan.source) if is_placed else None,
            address=f"{nearest_address(streets, x, y)}附近" if is_placed else None,
            source=plan.source,
            source_ref=f"{plan.reported_at:%y%m%d}{number:05d}" if plan.source == "hotline" else None,
            due_at=plan.due_at,
        )
        found.append(told)
    return found


def _position(rng: Generator, place: tuple[float, float], source: str) -> Position:
    is_device = source == "patrol"
    accuracy_m = float(rng.choice(DEVICE_M)) if is_device else TOLD_M
    return Position(*place, "wgs84", evidence="device" if is_device else "declared", accuracy_m=accuracy_m)
