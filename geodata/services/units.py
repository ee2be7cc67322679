"""Member units: looked up, listed, and whether they are open."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours, ParserError  # type: ignore[attr-defined]  # its stub leaves the error out
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from geodata.errors import NotFound
from geodata.models import MemberUnit, ResponsibilityBlock, ResponsibilityPoint


class Opening(NamedTuple):
    """Whether a unit is open, and until when.

    is_open   None when the hours are not known or cannot be read.
    until     the next moment it closes, with its zone; None when it is not open or never closes.
    """

    is_open: bool | None
    until: datetime | None


UNKNOWN = Opening(None, None)

WEEKS_SEEN = 5


class Held(NamedTuple):
    """What a unit answers for, each by code."""

    blocks: list[ResponsibilityBlock]
    points: list[ResponsibilityPoint]


def opening(hours: str | None, at: datetime, *, timezone: str) -> Opening:
    """What opening hours in the notation of OpenStreetMap say about an aware moment.

    timezone  zone of the place, such as Asia/Shanghai; `at` may be in any.
    """
    rules = _rules(hours, timezone) if hours else None
    if rules is None:
        return UNKNOWN
    here = at.astimezone(ZoneInfo(timezone))
    if rules.is_unknown(here):
        return UNKNOWN
    if not rules.is_open(here):
        return Opening(False, None)  # noqa: FBT003 - the field is named by its place
    return Opening(True, rules.next_change(here))  # noqa: FBT003 - likewise


def weekdays_open(hours: str | None, first: date, *, timezone: str) -> frozenset[int] | None:
    """Days of the week (0 Monday) on which opening hours begin a spell in the five weeks from a day on.

    Five weeks hold every second Saturday of a month. None when the hours are not known or cannot be read.
    """
    return _weekdays(hours, first, timezone) if hours else None


@lru_cache(maxsize=4096)
def _weekdays(hours: str, first: date, timezone: str) -> frozenset[int] | None:
    rules = _rules(hours, timezone)
    if rules is None:
        return None
    start = datetime.combine(first, time(), tzinfo=ZoneInfo(timezone))
    found: set[int] = set()
    for begins, ends, state, _comments in rules.intervals(start, start + timedelta(days=WEEKS_SEEN * 7)):
        if str(state) == "unknown":
            return None
        if str(state) == "open":
            days = min((ends - begins).days, 6)
            # a spell over midnight is the first day's, one of several days is all of theirs
            found |= {(begins + timedelta(days=step)).weekday() for step in range(days + 1)}
    return frozenset(found)


def unit(session: Session, code: str) -> MemberUnit:
    """The unit of that code, memberships loaded. Raises NotFound."""
    wanted = select(MemberUnit).where(MemberUnit.code == code).options(selectinload(MemberUnit.memberships))
    found = session.scalars(wanted).first()
    if found is None:
        raise NotFound("unit", code)
    return found


def names(session: Session, codes: Sequence[str]) -> dict[str, str]:
    """Names of units by code; codes that nobody has are absent."""
    found = session.execute(select(MemberUnit.code, MemberUnit.name).where(MemberUnit.code.in_(codes)))
    return {row.code: row.name for row in found}


def named(session: Session, said: str) -> list[MemberUnit]:
    """Units of a code, else of a name, by code; none where nobody is called so."""
    by_code = session.scalars(select(MemberUnit).where(MemberUnit.code == said)).all()
    if by_code:
        return list(by_code)
    return list(session.scalars(select(MemberUnit).where(MemberUnit.name == said).order_by(MemberUnit.code)))


def held_by(session: Session, unit_id: int) -> Held:
    """Responsibility blocks and points of which the unit is the holder."""
    blocks = select(ResponsibilityBlock).where(ResponsibilityBlock.holder_id == unit_id)
    points = select(ResponsibilityPoint).where(ResponsibilityPoint.holder_id == unit_id)
    return Held(
        list(session.scalars(blocks.order_by(ResponsibilityBlock.code))),
        list(session.scalars(points.order_by(ResponsibilityPoint.code))),
    )


def list_units(
    session: Session,
    *,
    kind: str | None = None,
    town_code: str | None = None,
    village_code: str | None = None,
    limit: int = 1000,
) -> list[MemberUnit]:
    """Units by code, inactive ones too; the conditions given must all hold."""
    wanted = select(MemberUnit).order_by(MemberUnit.code).limit(limit)
    if kind is not None:
        wanted = wanted.where(MemberUnit.kind == kind)
    if town_code is not None:
        wanted = wanted.where(MemberUnit.town_code == town_code)
    if village_code is not None:
        wanted = wanted.where(MemberUnit.village_code == village_code)
    return list(session.scalars(wanted))


@lru_cache(maxsize=4096)
def _rules(hours: str, timezone: str) -> OpeningHours | None:
    try:
        return OpeningHours(hours, timezone=ZoneInfo(timezone))
    except ParserError:
        # an import refuses such text; what came in before the check counts as not known
        return None
