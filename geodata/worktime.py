"""Deadlines: when a time limit runs out, how much of it is used up, and what is left. Pure functions, no database.

Everything that can stop a clock is told in the call: the calendar, and the pauses of this one ticket. So the same call
always gives the same answer, a running deadline can be checked years later, and a rule that is changed rewrites none.

Time is counted in whole microseconds, working days in whole parts of a day, never in floats: a pause moves a deadline
by exactly the time that it covers.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import lru_cache

from geodata.errors import BadLimit, BadPause
from geodata.workcalendar import Calendar, CalendarDay, Spell, calendar_of
from geodata.workyear import DAY, SECOND, WORKING_DAY, microseconds, moment_of

__all__ = [
    "LIMIT_UNITS",
    "Calendar",
    "CalendarDay",
    "Limit",
    "Pause",
    "Spell",
    "calendar_of",
    "deadline",
    "elapsed",
    "left",
    "moment_of_share",
    "working_seconds",
]

LIMIT_UNITS = ("urgent_hours", "working_hours", "working_days", "natural_days")

Pause = tuple[datetime, datetime | None]

_HOUR = 3_600 * SECOND
_PARTS = {"urgent_hours": _HOUR, "working_hours": _HOUR, "working_days": WORKING_DAY, "natural_days": DAY}
_ALWAYS = ("urgent_hours", "natural_days")
_NEVER = 2**63  # microseconds: later than any moment


@dataclass(frozen=True)
class Limit:
    """So much time of one of LIMIT_UNITS; raises BadLimit unless the amount is above 0 and finite.

    urgent_hours   hours that run always.
    natural_days   days of 24 hours that run always.
    working_hours  hours of which only working time counts.
    working_days   each working day is one, however long it is: a moment in it stands for the share of that day's own
                   working time that has passed. Monday 10:00 and one working day is Tuesday 10:00 where both have the
                   same hours; N working days later is always N days of work later.
    """

    amount: float
    unit: str

    def __post_init__(self) -> None:
        if self.unit not in LIMIT_UNITS or not (math.isfinite(self.amount) and self.amount > 0):
            raise BadLimit(self.amount, self.unit, LIMIT_UNITS)


def deadline(start: datetime, limit: Limit, calendar: Calendar, pauses: Sequence[Pause] = ()) -> datetime | None:
    """The first moment, in UTC, at which the time counted since `start` outside the pauses reaches the limit.

    A limit used up by the end of a spell of work ends with that spell, not at the next opening. Pauses are half-open,
    in any order, and count once where they overlap; what they cover before `start` does not matter. None while a pause
    is open, for then the clock stands; unless the limit was reached before it began.

    Raises NaiveMoment for a moment without a time zone, BadPause for a pause that ends before it begins, NoWorkingTime
    where the calendar has none for two years, BeyondCalendar outside the years 1900 to 2199.
    """
    return moment_of_share(start, limit, calendar, 1, pauses)


def moment_of_share(
    start: datetime, limit: Limit, calendar: Calendar, share: float, pauses: Sequence[Pause] = ()
) -> datetime | None:
    """The first moment, in UTC, at which a share of the limit (0.8 is 80 %) is used up; else as `deadline`.

    The share 0 is used up at `start`; one below 0 raises BadLimit.
    """
    if share < 0 or not math.isfinite(share):
        raise BadLimit(limit.amount * share, limit.unit, LIMIT_UNITS)
    begin = microseconds(start)
    need = _need(limit, share)
    if need == 0:
        return moment_of(begin)
    for since, until in _running(begin, pauses):
        if until == _NEVER:
            return moment_of(_reached(since, need, limit, calendar))
        counted = _counted(since, until, limit, calendar)
        if counted >= need:
            return moment_of(_reached(since, need, limit, calendar))
        need -= counted
    return None


def elapsed(start: datetime, until: datetime, limit: Limit, calendar: Calendar, pauses: Sequence[Pause] = ()) -> float:
    """The share of the limit that is used up at `until`: 0 up to `start`, from 1 on since the deadline.

    From `moment_of_share` of a share on it is at least that share. Raises as `deadline`, but for NoWorkingTime.
    """
    return _used(start, until, limit, calendar, pauses) / _need(limit)


def left(now: datetime, start: datetime, limit: Limit, calendar: Calendar, pauses: Sequence[Pause] = ()) -> float:
    """What is left of the limit `now`, in its own unit; negative by as much as it is late. Raises as `elapsed`."""
    return (_need(limit) - _used(start, now, limit, calendar, pauses)) / _PARTS[limit.unit]


def working_seconds(calendar: Calendar, start: datetime, until: datetime) -> float:
    """Working time between two moments in seconds; 0 where `until` is not after `start`. Raises as `elapsed`."""
    begin, end = microseconds(start), microseconds(until)
    return calendar.counted(begin, end) / SECOND if end > begin else 0.0


@lru_cache(maxsize=1024)
def _need(limit: Limit, share: float = 1) -> int:
    """A share of a limit in microseconds, or parts of working days.

    Numbers mean what is written, 0.8 being four fifths: a float's last digits would make 80 % of ten hours a little
    more than eight. Rounded up, so that no share is reached early.
    """
    return math.ceil(Fraction(str(limit.amount)) * Fraction(str(share)) * _PARTS[limit.unit])


def _counted(since: int, until: int, limit: Limit, calendar: Calendar) -> int:
    if limit.unit in _ALWAYS:
        return until - since
    return calendar.counted(since, until, by_day=limit.unit == "working_days")


def _reached(since: int, need: int, limit: Limit, calendar: Calendar) -> int:
    if limit.unit in _ALWAYS:
        return since + need
    return calendar.reached(since, need, by_day=limit.unit == "working_days")


def _used(start: datetime, until: datetime, limit: Limit, calendar: Calendar, pauses: Sequence[Pause]) -> int:
    begin, end = microseconds(start), microseconds(until)
    return sum(
        _counted(since, min(stop, end), limit, calendar) for since, stop in _running(begin, pauses) if since < end
    )


def _running(begin: int, pauses: Sequence[Pause]) -> Iterator[tuple[int, int]]:
    """The stretches in which the clock runs, in order; the last one ends never unless a pause is open."""
    at = begin
    for stops, goes_on in sorted(_span(pause) for pause in pauses):
        if stops > at:
            yield at, stops
        at = max(at, goes_on)
    if at < _NEVER:
        yield at, _NEVER


def _span(pause: Pause) -> tuple[int, int]:
    begins, ends = pause
    stops = microseconds(begins)
    if ends is None:
        return stops, _NEVER
    goes_on = microseconds(ends)
    if goes_on < stops:
        raise BadPause(begins.isoformat(), ends.isoformat())
    return stops, goes_on
