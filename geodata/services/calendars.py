"""The district's working calendar, as its tables have it: to count with, and a year of it to look at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.errors import BeyondCalendar
from geodata.models import CalendarDay, WorkingHours
from geodata.services.installation import installation
from geodata.worktime import Calendar, Spell, calendar_of
from geodata.workyear import FIRST_YEAR, LAST_YEAR

_KEPT = "working calendar"

# work   a weekday with hours          rest  a weekday without
# off    a day that is named as free   made_up  one that is named as a workday
KindOfDay = Literal["work", "rest", "off", "made_up"]


class DayName(NamedTuple):
    """Why a day does not follow its weekday, in both languages; either may be empty."""

    zh: str
    en: str


@dataclass(frozen=True)
class Day:
    """One day of a year.

    spells   of work, in order; none where it is free.
    name     of a day that does not follow its weekday, None for all others.
    """

    day: date
    kind: KindOfDay
    spells: tuple[Spell, ...]
    name: DayName | None = None


class Span(NamedTuple):
    """Days on end of one kind and name, both ends among them."""

    first: date
    last: date
    kind: KindOfDay
    name: DayName

    @property
    def days(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class Month:
    """A month: its weeks of seven days from Monday, None where they are those of its neighbours."""

    first: date
    weeks: tuple[tuple[Day | None, ...], ...]
    working_days: int


@dataclass(frozen=True)
class YearOfDays:
    """A year day by day.

    working_days   days with working time in it.
    named          the days that do not follow their weekday, brought together where they go on.
    """

    number: int
    months: tuple[Month, ...]
    working_days: int
    named: tuple[Span, ...]


def calendar(session: Session) -> Calendar:
    """Days off, make-up workdays and working hours of the district, read once a session.

    Whoever changes them in a session calls `forget` there.
    """
    if _KEPT not in session.info:
        days = session.scalars(select(CalendarDay).order_by(CalendarDay.day))
        hours = session.scalars(select(WorkingHours).order_by(WorkingHours.weekday, WorkingHours.opens))
        session.info[_KEPT] = calendar_of(
            [{"day": one.day, "is_workday": one.is_workday, "as_weekday": one.as_weekday} for one in days],
            [{"weekday": one.weekday, "opens": one.opens, "closes": one.closes} for one in hours],
            installation(session).timezone,
        )
    found: Calendar = session.info[_KEPT]
    return found


def forget(session: Session) -> None:
    """Read the tables again the next time."""
    session.info.pop(_KEPT, None)


def day_names(session: Session, first: date, last: date) -> dict[date, DayName]:
    """Names of the days from one day to another that do not follow their weekday."""
    wanted = select(CalendarDay).where(CalendarDay.day.between(first, last)).order_by(CalendarDay.day)
    return {one.day: DayName(one.name_zh, one.name_en) for one in session.scalars(wanted)}


def known_years(session: Session) -> list[int]:
    """Years of which any day is named, in order: the others know weekdays alone."""
    return sorted({day.year for day in session.scalars(select(CalendarDay.day))})


def year_of(session: Session, number: int) -> YearOfDays:
    """A year as it counts in this district. Raises BeyondCalendar outside the years that calendars go to."""
    if not FIRST_YEAR <= number <= LAST_YEAR:
        raise BeyondCalendar(FIRST_YEAR, LAST_YEAR)
    names = day_names(session, date(number, 1, 1), date(number, 12, 31))
    return laid_out(number, calendar(session), names)


def laid_out(number: int, known: Calendar, names: Mapping[date, DayName]) -> YearOfDays:
    """A year of a calendar day by day; days that the calendar names and `names` does not have an empty name."""
    months = tuple(_month(date(number, month, 1), known, names) for month in range(1, 13))
    days = [day for month in months for week in month.weeks for day in week if day is not None]
    return YearOfDays(number, months, sum(month.working_days for month in months), tuple(spans(days)))


def day_of_calendar(day: date, known: Calendar, names: Mapping[date, DayName]) -> Day:
    """What a day is."""
    spells = known.spells_on(day)
    named = known.days.get(day)
    if named is None:
        return Day(day, "work" if spells else "rest", spells)
    return Day(day, "made_up" if named.is_workday else "off", spells, names.get(day, DayName("", "")))


def spans(days: Sequence[Day]) -> list[Span]:
    """Named days brought together where they go on under one name; days must be in order."""
    found: list[Span] = []
    for one in days:
        if one.name is None:
            continue
        before = found[-1] if found else None
        goes_on = before is not None and before.last == one.day - timedelta(days=1)
        if before is not None and goes_on and (before.kind, before.name) == (one.kind, one.name):
            found[-1] = before._replace(last=one.day)
        else:
            found.append(Span(one.day, one.day, one.kind, one.name))
    return found


def _month(first: date, known: Calendar, names: Mapping[date, DayName]) -> Month:
    cells: list[Day | None] = [None] * first.weekday()
    day = first
    while day.month == first.month:
        cells.append(day_of_calendar(day, known, names))
        day += timedelta(days=1)
    cells += [None] * (-len(cells) % 7)
    weeks = tuple(tuple(cells[start : start + 7]) for start in range(0, len(cells), 7))
    return Month(first, weeks, sum(1 for cell in cells if cell is not None and cell.spells))
