"""Changing the working calendar: days off, make-up workdays and hours, with the deadlines that move along."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from sqlalchemy import delete
from sqlalchemy.orm import Session

from geodata.errors import BadCalendar
from geodata.ingest.calendar import day_values
from geodata.ingest.kinds import Job
from geodata.ingest.report import KEPT
from geodata.models import CalendarDay, WorkingHours
from geodata.queries.rules import take_calendar
from geodata.services import changes
from geodata.services.calendars import calendar, forget
from geodata.services.recalculation import MovedDeadline, recalculate
from geodata.worktime import Calendar, Spell
from geodata.workyear import FIRST_YEAR, LAST_YEAR

KIND = "calendar"

LONGEST_SPAN_DAYS = 60
LONGEST_NAME = 60

_SPELL = re.compile(r"(\d{1,2}:\d{2})\s*[-–—~至到]\s*(\d{1,2}:\d{2})")


@dataclass(frozen=True)
class DayChange:
    """What the days from `first` to `last` are to be: off, a workday, or (`normal`) what their weekday is.

    as_weekday   whose hours a workday has, 1 Monday to 7; None is Monday.
    name_zh, name_en   why; the English name is the Chinese one where it is left empty, and the other way round.
    """

    first: date
    last: date
    kind: Literal["off", "work", "normal"]
    as_weekday: int | None = None
    name_zh: str = ""
    name_en: str = ""


@dataclass(frozen=True)
class HoursChange:
    """The spells of work that these weekdays (1 Monday to 7) are to have; none makes them free."""

    weekdays: tuple[int, ...]
    spells: tuple[Spell, ...]


def change(
    session: Session, wanted: Sequence[DayChange | HoursChange], *, actor: str, dry_run: bool = False
) -> list[MovedDeadline]:
    """Change the calendar, and with it the deadlines of running clocks; returns those that move.

    dry_run   do everything and undo it: what is returned is what the real change would move.

    Raises BadCalendar for days and hours that cannot be, and NoWorkingTime where clocks would wait for ever.
    """
    for one in wanted:
        _check(one)
    if not dry_run:
        take_calendar(session)
    savepoint = session.begin_nested()
    try:
        moved = _carry_out(session, wanted, dry_run=dry_run)
    except BaseException:
        savepoint.rollback()
        forget(session)
        raise
    if dry_run:
        savepoint.rollback()
        forget(session)
        return moved
    savepoint.commit()
    facts = {"did": "set", "changes": [_said(one) for one in wanted], "moved": len(moved)}
    changes.keep(session, KIND, actor=actor, facts=facts)
    return moved


def _carry_out(session: Session, wanted: Sequence[DayChange | HoursChange], *, dry_run: bool) -> list[MovedDeadline]:
    for one in wanted:
        if isinstance(one, DayChange):
            _set_days(session, one)
        else:
            _set_hours(session, one)
    session.flush()
    forget(session)
    # read at once: it says what contradicts itself, also where no clock runs
    calendar(session)
    days = [one.first for one in wanted if isinstance(one, DayChange)]
    return recalculate(session, dry_run=dry_run, since=min(days) if days and len(days) == len(wanted) else None)


def after_calendar(session: Session, job: Job) -> None:
    """After days came in from a file: deadlines follow, and the report says which. Raises BadCalendar."""
    forget(session)
    calendar(session)
    moved = recalculate(session, dry_run=job.report.dry_run)
    if moved:
        listed = [
            {"number": one.number, "stage": one.stage, "before": _iso(one.before), "after": _iso(one.after)}
            for one in moved[:KEPT]
        ]
        text = f"{len(moved)} deadlines of running clocks {'would move' if job.report.dry_run else 'moved'}"
        job.report.note("deadlines_moved", text, {"count": len(moved), "deadlines": listed})


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def read_spells(said: str) -> tuple[Spell, ...]:
    """Spells of work from words such as `09:00-12:00, 13:00-17:00`, in order; none from nothing. Raises BadCalendar."""
    found = [(_time(opens), _time(closes)) for opens, closes in _SPELL.findall(said)]
    if re.sub(r"[\s,，;；、]", "", _SPELL.sub("", said)):
        raise BadCalendar(f"{said.strip()!r} are no hours such as 09:00-12:00, 13:00-17:00")
    return tuple(sorted(found))


def said_spells(spells: Sequence[Spell]) -> str:
    """Spells as `read_spells` reads them."""
    return ", ".join(f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in spells)


def _time(said: str) -> time:
    try:
        return time.fromisoformat(said.zfill(5))
    except ValueError as error:
        raise BadCalendar(f"{said!r} is no time of day such as 09:00") from error


def _check(wanted: DayChange | HoursChange) -> None:
    """Raise BadCalendar for a change that no calendar could take."""
    if isinstance(wanted, HoursChange):
        # also says which spells overlap
        Calendar("UTC", dict.fromkeys(wanted.weekdays, wanted.spells), {})
        late = [closes for _, closes in wanted.spells if closes == time()]
        if late:
            raise BadCalendar("a spell of work ends at midnight; let it end at 23:59 at the latest")
        return
    if not FIRST_YEAR <= wanted.first.year <= wanted.last.year <= LAST_YEAR or wanted.last < wanted.first:
        raise BadCalendar(f"{wanted.first} to {wanted.last} are no days from {FIRST_YEAR} to {LAST_YEAR}, in order")
    count = (wanted.last - wanted.first).days + 1
    if count > LONGEST_SPAN_DAYS:
        raise BadCalendar(f"{wanted.first} to {wanted.last} are {count} days, more than {LONGEST_SPAN_DAYS} at once")
    if wanted.as_weekday is not None and not 1 <= wanted.as_weekday <= 7:
        raise BadCalendar(f"weekday {wanted.as_weekday!r} is none of 1 (Monday) to 7 (Sunday)")
    if len(wanted.name_zh) > LONGEST_NAME or len(wanted.name_en) > LONGEST_NAME:
        raise BadCalendar(f"a name has more than {LONGEST_NAME} characters")


def _set_days(session: Session, wanted: DayChange) -> None:
    session.execute(delete(CalendarDay).where(CalendarDay.day.between(wanted.first, wanted.last)))
    if wanted.kind == "normal":
        return
    named = day_values(
        is_workday=wanted.kind == "work",
        as_weekday=wanted.as_weekday,
        name_zh=wanted.name_zh.strip(),
        name_en=wanted.name_en.strip(),
    )
    session.add_all(CalendarDay(day=day, **named) for day in _days(wanted.first, wanted.last))


def _set_hours(session: Session, wanted: HoursChange) -> None:
    session.execute(delete(WorkingHours).where(WorkingHours.weekday.in_(wanted.weekdays)))
    session.add_all(
        WorkingHours(weekday=weekday, opens=opens, closes=closes)
        for weekday in sorted(set(wanted.weekdays))
        for opens, closes in wanted.spells
    )


def _days(first: date, last: date) -> Iterator[date]:
    for count in range((last - first).days + 1):
        yield first + timedelta(days=count)


def _said(wanted: DayChange | HoursChange) -> dict[str, object]:
    if isinstance(wanted, HoursChange):
        return {"weekdays": list(wanted.weekdays), "hours": said_spells(wanted.spells)}
    return {name: str(value) for name, value in asdict(wanted).items() if value not in {None, ""}}
