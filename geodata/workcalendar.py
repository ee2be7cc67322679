"""The working calendar of a district: weekdays with their hours, days off and make-up workdays (调休). No database.

A calendar lays out each year once, when it is first asked about it, as sorted arrays (`workyear`); every question is
then a bisection. Keep the object: a new one lays its years out again.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from geodata.errors import BadCalendar, BeyondCalendar, NoWorkingTime
from geodata.workyear import DAY, FIRST_YEAR, LAST_YEAR, SECOND, Clocks, Year, laid_out

Spell = tuple[time, time]

_MEAN_YEAR = 31_556_952 * SECOND
_MONDAY = 1


@dataclass(frozen=True)
class CalendarDay:
    """What a named day is: off, or a workday with the hours of `as_weekday` (1 Monday to 7; None is Monday)."""

    is_workday: bool
    as_weekday: int | None = None


@dataclass(frozen=True)
class Calendar:
    """When the offices of a district work.

    zone    name of the time zone whose clock they go by.
    spells  of each weekday (1 Monday to 7 Sunday) the spells of work, in order and without overlap; a weekday that is
            missing or has none is free. A spell that closes at 00:00 lasts until midnight.
    days    the days that do not follow their weekday.

    Raises BadCalendar where these contradict themselves. A calendar may be without any working time: limits that run
    always do with it, the others raise NoWorkingTime.
    """

    zone: str
    spells: Mapping[int, tuple[Spell, ...]]
    days: Mapping[date, CalendarDay]

    def __post_init__(self) -> None:
        # our own copies: years that are laid out would not notice a change
        object.__setattr__(self, "spells", dict(self.spells))
        object.__setattr__(self, "days", dict(self.days))
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise BadCalendar(f"there is no time zone {self.zone!r}") from error
        for weekday, spells in self.spells.items():
            _check_spells(_weekday(weekday), spells)
        works = any(self.spells.values())
        for day, named in self.days.items():
            if named.is_workday:
                like = _weekday(_MONDAY if named.as_weekday is None else named.as_weekday)
                if works and not self.spells.get(like):
                    raise BadCalendar(f"workday {day} takes the hours of weekday {like}, which has none")

    def spells_on(self, day: date) -> tuple[Spell, ...]:
        """The spells of work of a day, in order; none where it is free."""
        return self.spells.get(self._like(day), ())

    def is_workday(self, day: date) -> bool:
        """Whether there is work on that day."""
        return bool(self.spells_on(day))

    def counted(self, start: int, until: int, *, by_day: bool = False) -> int:
        """Working time from `start` to `until`, not before it, both in microseconds since 1970.

        Microseconds; with `by_day` WORKING_DAY parts for each working day, spread evenly over its own working time.
        """
        year, last = self._year_at(start), self._year_at(until)
        between = sum(self._year(number).total(by_day=by_day) for number in range(year.number, last.number))
        return between + last.counted(until, by_day=by_day) - year.counted(start, by_day=by_day)

    def reached(self, start: int, need: int, *, by_day: bool = False) -> int:
        """The first moment at which `need` (above 0, in the units of `counted`) has been counted since `start`.

        Raises NoWorkingTime where two whole years pass without any, BeyondCalendar after the year 2199.
        """
        year = self._year_at(start)
        target = need + year.counted(start, by_day=by_day)
        empty = 0
        while target > year.total(by_day=by_day):
            target -= year.total(by_day=by_day)
            year = self._year(year.number + 1)
            empty = 0 if year.days else empty + 1
            if empty == 2:
                raise NoWorkingTime(self.zone, year.number - 1, year.number)
        return year.reached(target, by_day=by_day)

    def _like(self, day: date) -> int:
        """The weekday whose hours a day has; 0 is a day off."""
        named = self.days.get(day)
        if named is None:
            return day.isoweekday()
        return (named.as_weekday or _MONDAY) if named.is_workday else 0

    @cached_property
    def _years(self) -> dict[int, Year]:
        return {}

    def _year(self, number: int) -> Year:
        found = self._years.get(number)
        if found is None:
            if not FIRST_YEAR <= number <= LAST_YEAR:
                raise BeyondCalendar(FIRST_YEAR, LAST_YEAR)
            clocks = {weekday: [_clocks(spell) for spell in spells] for weekday, spells in self.spells.items()}

            def clocks_on(day: date) -> Clocks:
                return clocks.get(self._like(day), ())

            found = self._years[number] = laid_out(number, ZoneInfo(self.zone), clocks_on)
        return found

    def _year_at(self, moment: int) -> Year:
        guess = 1970 + moment // _MEAN_YEAR
        year = self._year(min(max(guess, FIRST_YEAR), LAST_YEAR))
        while moment < year.first:
            year = self._year(year.number - 1)
        while moment >= year.until:
            year = self._year(year.number + 1)
        return year


def calendar_of(days: Iterable[Mapping[str, object]], hours: Iterable[Mapping[str, object]], zone: str) -> Calendar:
    """The calendar written in rows, as text (the seeds) or with types (tables); other columns do not matter.

    days   day, is_workday (true or false), as_weekday (empty is Monday); each day once, in any order.
    hours  weekday (1 Monday to 7), opens, closes; in any order. A weekday without a row is free.

    Raises BadCalendar with the value that cannot be used.
    """
    named: dict[date, CalendarDay] = {}
    for row in days:
        day = _day(row["day"])
        if day in named:
            raise BadCalendar(f"day {day} is named twice")
        like = row.get("as_weekday")
        named[day] = CalendarDay(_flag(row["is_workday"]), None if like in {None, ""} else _weekday(like))
    spells: dict[int, list[Spell]] = {}
    for row in hours:
        spells.setdefault(_weekday(row["weekday"]), []).append((_time(row["opens"]), _time(row["closes"])))
    return Calendar(zone, {weekday: tuple(sorted(found)) for weekday, found in spells.items()}, named)


def _clocks(spell: Spell) -> tuple[int, int]:
    """Opening and closing in microseconds on the clock; closing at 00:00 is the end of the day."""
    opens, closes = (
        ((clock.hour * 60 + clock.minute) * 60 + clock.second) * SECOND + clock.microsecond for clock in spell
    )
    return opens, closes or DAY


def _check_spells(weekday: int, spells: Iterable[Spell]) -> None:
    ended = 0
    for spell in spells:
        opens, closes = _clocks(spell)
        if closes <= opens:
            raise BadCalendar(f"weekday {weekday} opens at {spell[0]} and closes at {spell[1]}, which is not later")
        if opens < ended:
            raise BadCalendar(f"weekday {weekday} opens at {spell[0]}, before the last spell of work has ended")
        ended = closes


def _weekday(value: object) -> int:
    if not re.fullmatch(r"[1-7]", str(value).strip()):
        raise BadCalendar(f"weekday {value!r} is none of 1 (Monday) to 7 (Sunday)")
    return int(str(value))


def _day(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError as error:
        raise BadCalendar(f"{value!r} is no day such as 2026-02-14") from error


def _flag(value: object) -> bool:
    word = str(value).strip().lower()
    if word not in {"true", "false"}:
        raise BadCalendar(f"is_workday is {value!r}, neither true nor false")
    return word == "true"


def _time(value: object) -> time:
    if isinstance(value, time):
        return value
    word = str(value).strip()
    try:
        return time() if word in {"24:00", "24:00:00"} else time.fromisoformat(word)
    except ValueError as error:
        raise BadCalendar(f"{value!r} is no time of day such as 09:00") from error
