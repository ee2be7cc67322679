"""Stamping: the codes of the town, village and cell that a place lies in, stored beside it.

The predicate is point in polygon in EPSG:4326, edges straight in degrees, everywhere: another
CRS bends edges and would give another answer within a hand's breadth of a border. A place on a border
belongs to the lower code. It runs in this process, as one tree of points asked by all polygons is
many times faster than asking the database place by place.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from geodata.models import (
    Demand,
    GazetteerEntry,
    Meeting,
    MemberUnit,
    Pledge,
    Project,
    Resource,
    ResponsibilityPoint,
    Ticket,
    WhistleCall,
)
from geodata.models.base import Base
from geodata.queries import stamping
from geodata.queries.stamping import Disagreement, Ground
from geodata.services.installation import installation
from spatial.locate import tag_points

STAMPED: tuple[type[Base], ...] = (
    MemberUnit,
    ResponsibilityPoint,
    GazetteerEntry,
    Project,
    Resource,
    Pledge,
    Demand,
    Meeting,
    WhistleCall,
    Ticket,
)

_LEVELS = ("town", "village", "cell")


def stamp(
    session: Session,
    model: type[Base],
    *,
    ids: Sequence[int] | None = None,
    only_missing: bool = False,
    near: BaseGeometry | None = None,
) -> int:
    """Set `town_code`, `village_code` and `cell_code` of rows from their places; returns how many rows changed.

    Tickets also get `duty_grid_code`, the post that answers for their cell today.

    model         one of STAMPED: all follow the areas of today but Ticket, which follows those of the day it
                  was reported, in the district's time zone.
    ids           only these rows; None for all.
    only_missing  fill codes that are empty and change none: what a ticket was stamped with stays.
    near          ground (EPSG:4326) in whose box all of these rows lie: areas elsewhere are not even read.

    A code is null outside every area of its level, and where the areas have no boundary; that of the cell also for
    units and points whose place was found from an address and is not sure enough to tell cells apart.
    """
    if ids is not None and not ids:
        return 0
    zone = installation(session).timezone
    # rows added by the ORM must be in the table before it is read
    session.flush()
    rows = stamping.places(session, model, ids=ids, only_missing=only_missing, zone=zone)
    if not rows.ids:
        return 0
    ground = stamping.ground(session, min(rows.days), max(rows.days), near=near)
    codes = {level: np.full(len(rows.ids), None, dtype=object) for level in _LEVELS}
    days = np.array(rows.days, dtype="datetime64[D]")
    for first, last in _spells(ground, min(rows.days), max(rows.days)):
        mine = (days >= np.datetime64(first)) & (days <= np.datetime64(last))
        if mine.any():
            for level in _LEVELS:
                valid = [one for one in ground if one.level == level and _in_force(one, first)]
                codes[level][mine] = _codes_at(rows.lon[mine], rows.lat[mine], valid)
    codes["cell"][~rows.is_sure] = None
    done = zip(rows.ids, *(codes[level].tolist() for level in _LEVELS), strict=True)
    changed = stamping.write_stamps(session, model, done, only_missing=only_missing)
    if model is Ticket:
        stamping.give_posts(session, ids)
    # what the session has in memory no longer says what the table says
    session.expire_all()
    return changed


def restamp(session: Session) -> None:
    """Stamp all places with the areas of today, and tickets with what they lack.

    A grid that was cut today holds for tickets that were reported today, whatever hour it was.
    """
    for model in STAMPED:
        if model is not Ticket:
            stamp(session, model)
    stamp(session, Ticket, only_missing=True)
    stamp(session, Ticket, ids=stamping.tickets_of_today(session))
    # who answers for a cell is a matter of today
    stamping.give_posts(session)


def restamp_near(session: Session, ground: BaseGeometry) -> None:
    """Stamp anew what lies on ground (EPSG:4326) of which another area or cell is in force from today on.

    Tickets that were reported before keep their codes: they follow the areas of their day.
    """
    session.flush()
    of_today = set(stamping.tickets_of_today(session))
    for model in STAMPED:
        ids = stamping.ids_near(session, model, ground)
        stamp(session, model, ids=[id_ for id_ in ids if id_ in of_today] if model is Ticket else ids, near=ground)


def check_stamps(session: Session) -> list[Disagreement]:
    """Stored codes that point in polygon does not confirm, by table and id; an empty list is as it should be.

    PostGIS answers here, apart from the code that stamps.
    """
    session.flush()
    zone = installation(session).timezone
    found = [one for model in STAMPED for one in stamping.disagreements(session, model, zone=zone)]
    return found + stamping.wrong_posts(session)


def _spells(ground: Sequence[Ground], first: date, last: date) -> list[tuple[date, date]]:
    """The days from `first` to `last` cut wherever an area begins or ends; each piece first and last day."""
    cuts = {first, last + timedelta(days=1)}
    for one in ground:
        cuts |= {day for day in (one.valid_from, one.valid_to) if day is not None and first < day <= last}
    return [(start, end - timedelta(days=1)) for start, end in pairwise(sorted(cuts))]


def _in_force(one: Ground, day: date) -> bool:
    return one.valid_from <= day and (one.valid_to is None or one.valid_to > day)


def _codes_at(lon: NDArray[np.float64], lat: NDArray[np.float64], areas: Sequence[Ground]) -> NDArray[np.object_]:
    found = np.full(len(lon), None, dtype=object)
    if areas:
        codes = np.array([one.code for one in areas], dtype=object)
        hit = tag_points(lon, lat, stamping.shapes(areas), order=codes.astype(str))
        found[hit >= 0] = codes[hit[hit >= 0]]
    return found
