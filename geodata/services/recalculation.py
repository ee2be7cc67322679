"""Deadlines follow the calendar: when it changes, those of running clocks are counted anew.

Limits stay as they were copied when the clocks started; only what of the time that passes counts has become another.
Clocks that have been stopped are history and stay as they are, and so do limits that run always.
"""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from geodata.queries import rules as queries
from geodata.queries.rules import NewDeadline, RunningClock
from geodata.services.calendars import calendar
from geodata.services.clocks import HANDLE, pauses_from
from geodata.worktime import Limit, deadline

# So many at once stay far below the time that a page may take for one statement.
_AT_ONCE = 2_000


class MovedDeadline(NamedTuple):
    """A deadline that a calendar moves, on the district's clock; None while the ticket's clock stands."""

    number: str
    title: str
    town_code: str | None
    stage: str
    before: datetime | None
    after: datetime | None

    @property
    def seconds(self) -> float:
        """By how much it moves, later above 0; 0 where it stood before or stands now."""
        return (self.after - self.before).total_seconds() if self.before and self.after else 0.0


def recalculate(session: Session, *, dry_run: bool = False, since: date | None = None) -> list[MovedDeadline]:
    """Count the deadlines of all running clocks by the calendar as it stands; returns those that move, by ticket.

    since   the first day that counts otherwise than before, where that is known: deadlines before it stay unread.

    The deadline of a ticket moves with that of its handling clock, unless it is another one, such as the earlier of
    a ticket merged into it. With `dry_run` nothing is written. Raises NoWorkingTime for a calendar without any.
    """
    session.flush()
    if not dry_run:
        queries.take_calendar(session)
    known = calendar(session)
    zone = ZoneInfo(known.zone)
    first = None if since is None else datetime.combine(since, time(), zone)
    moved: list[tuple[RunningClock, datetime | None]] = []
    for clock in queries.running_in_working_time(session, since=first):
        limit = Limit(clock.amount, clock.unit)
        due = deadline(clock.started_at, limit, known, pauses_from(clock.pauses))
        if due != clock.due_at:
            moved.append((clock, due))
    if not dry_run:
        _write(session, [_new(clock, due) for clock, due in moved])
    found = [
        MovedDeadline(
            clock.number, clock.title, clock.town_code, clock.stage, _there(clock.due_at, zone), _there(due, zone)
        )
        for clock, due in moved
    ]
    return sorted(found, key=lambda one: (one.number, one.stage))


def _there(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    return None if moment is None else moment.astimezone(zone)


def _new(clock: RunningClock, due: datetime | None) -> NewDeadline:
    with_ticket = clock.stage == HANDLE and clock.ticket_due_at == clock.due_at
    return NewDeadline(clock.id, clock.ticket_id, due, with_ticket)


def _write(session: Session, moved: Sequence[NewDeadline]) -> None:
    for start in range(0, len(moved), _AT_ONCE):
        queries.set_deadlines(session, moved[start : start + _AT_ONCE])
    if moved:
        # written behind the session's back
        session.expire_all()
