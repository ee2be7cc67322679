"""One year of working time laid out on the line of real time. Pure arithmetic in whole microseconds since 1970.

The clock on the wall decides when an office works, and what passes between two moments is real time. The two meet in
one rule, which also holds where clocks are put forward or back: a spell of work runs from the first moment at which the
clock shows its opening, or later, to the first at which it shows its closing, or later. So a time that comes twice
means its first coming, and one that is skipped means the moment of the jump.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import lcm
from zoneinfo import ZoneInfo

from geodata.errors import BeyondCalendar, NaiveMoment

FIRST_YEAR, LAST_YEAR = 1900, 2199
SECOND = 1_000_000
DAY = 86_400 * SECOND
# Parts of a working day. Every length in whole minutes, up to the 25 hours of a day on which clocks go back, divides
# them, so that shares of days of different hours add up without rounding.
WORKING_DAY = 60 * SECOND * lcm(*range(1, 1501))

Clocks = Iterable[tuple[int, int]]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(moment: datetime) -> int:
    """An aware moment as microseconds since 1970; raises NaiveMoment where it has no time zone."""
    if moment.utcoffset() is None:
        raise NaiveMoment(moment.isoformat())
    return (moment - _EPOCH) // _MICROSECOND


_BEGIN = microseconds(datetime(FIRST_YEAR, 1, 1, tzinfo=UTC))
_END = microseconds(datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC))


def moment_of(since: int) -> datetime:
    """The moment so many microseconds after 1970, in UTC; raises BeyondCalendar outside the years 1900 to 2199."""
    if not _BEGIN <= since < _END:
        raise BeyondCalendar(FIRST_YEAR, LAST_YEAR)
    return _EPOCH + since * _MICROSECOND


@dataclass(frozen=True, slots=True)
class Year:
    """A year laid out, everything in microseconds.

    first, until    its first moment, and the first of the next year.
    opens, closes   moments of each spell of work; one that the clock skips has no length.
    worked          time worked in this year up to each closing.
    days            time worked in this year up to the end of each working day.
    """

    number: int
    first: int
    until: int
    opens: list[int]
    closes: list[int]
    worked: list[int]
    days: list[int]

    def total(self, *, by_day: bool) -> int:
        """Working time of the whole year: microseconds, or WORKING_DAY parts for each working day."""
        if by_day:
            return len(self.days) * WORKING_DAY
        return self.worked[-1] if self.worked else 0

    def counted(self, moment: int, *, by_day: bool) -> int:
        """Working time of this year before a moment in it, in the units of `total`."""
        spell = bisect_right(self.opens, moment) - 1
        if spell < 0:
            return 0
        worked = self.worked[spell] - max(0, self.closes[spell] - moment)
        if not by_day:
            return worked
        whole = bisect_left(self.days, worked)
        begun = worked - self._worked_before(whole)
        return whole * WORKING_DAY + begun * WORKING_DAY // self._length(whole)

    def reached(self, target: int, *, by_day: bool) -> int:
        """The first moment at which `counted` is `target`, which is above 0 and not above the total."""
        if by_day:
            whole, short = divmod(target - 1, WORKING_DAY)
            # rounded up, so that the time has really been reached
            begun = -(-(short + 1) * self._length(whole) // WORKING_DAY)
            target = self._worked_before(whole) + begun
        spell = bisect_left(self.worked, target)
        return self.closes[spell] - (self.worked[spell] - target)

    def _worked_before(self, day: int) -> int:
        return self.days[day - 1] if day else 0

    def _length(self, day: int) -> int:
        return self.days[day] - self._worked_before(day)


def laid_out(number: int, zone: ZoneInfo, clocks_on: Callable[[date], Clocks]) -> Year:
    """A year of a zone; `clocks_on` gives the spells of a day, in order, as microseconds on the clock."""
    day = datetime(number, 1, 1)  # noqa: DTZ001 - what the clock on the wall shows
    midnight = first = _first_showing(day, zone)
    opens: list[int] = []
    closes: list[int] = []
    worked: list[int] = []
    days: list[int] = []
    so_far = 0
    while day.year == number:
        before, morrow = so_far, day + timedelta(days=1)
        next_midnight = _first_showing(morrow, zone)
        is_even = next_midnight - midnight == DAY  # no shift of the clock on this day
        for opens_at, closes_at in clocks_on(day.date()):
            if is_even:
                opened, closed = midnight + opens_at, midnight + closes_at
            else:
                opened = _first_showing(day + opens_at * _MICROSECOND, zone)
                closed = _first_showing(day + closes_at * _MICROSECOND, zone)
            so_far += closed - opened
            opens.append(opened)
            closes.append(closed)
            worked.append(so_far)
        if so_far > before:
            days.append(so_far)
        day, midnight = morrow, next_midnight
    return Year(number, first, midnight, opens, closes, worked, days)


def _first_showing(wall: datetime, zone: ZoneInfo) -> int:
    """The first moment at which the clock of a zone shows `wall` (naive) or later."""
    at = wall.replace(tzinfo=zone)
    found = microseconds(at)
    again = microseconds(wall.replace(tzinfo=zone, fold=1))
    if again >= found:
        return found
    # The clock skips this time, and its two readings lie on either side of the jump.
    skipped = at.utcoffset()
    low, high = again // SECOND, found // SECOND
    while high - low > 1:
        middle = (low + high) // 2
        there = (_EPOCH + timedelta(seconds=middle)).astimezone(zone)
        low, high = (middle, high) if there.utcoffset() == skipped else (low, middle)
    return high * SECOND
