"""How a deadline came about: from when, how long, which days did not count, when the clock stood, until when."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from geodata.models import StageClock
from geodata.services.calendars import Day, DayName, Span, calendar, day_names, day_of_calendar, spans
from geodata.services.clocks import limit_of, pauses_of
from geodata.worktime import Calendar, Limit, Pause, deadline, left

_ALWAYS = ("urgent_hours", "natural_days")
_UNNAMED = DayName("", "")


@dataclass(frozen=True)
class Run:
    """What a deadline follows from; moments with any time zone. `due_at` None while the clock stands."""

    stage: str
    limit: Limit
    started_at: datetime
    pauses: tuple[Pause, ...] = ()
    due_at: datetime | None = None
    stopped_at: datetime | None = None


@dataclass(frozen=True)
class Explanation:
    """How a deadline came about; every moment on the district's clock.

    due_at     None while the clock stands.
    pauses     when it stood, in order; the end None while it stands.
    skipped    days between start and deadline that did not count, brought together: `off` with their name, `rest`
               the weekdays without hours, without one. None at all where the limit runs always.
    made_up    workdays among them that would have been free by their weekday.
    left       how much of the limit is left, in its own unit; below 0 by as much as it is late.
    is_by_todays_calendar   whether counting by today's calendar gives this very deadline: a clock that stopped before
               the calendar changed keeps its own.
    """

    stage: str
    limit: Limit
    started_at: datetime
    due_at: datetime | None
    stopped_at: datetime | None
    pauses: tuple[Pause, ...]
    skipped: tuple[Span, ...]
    made_up: tuple[Span, ...]
    left: float
    is_by_todays_calendar: bool

    @property
    def runs_always(self) -> bool:
        """Whether nights and days off count like all others."""
        return self.limit.unit in _ALWAYS


def explain(session: Session, clock: StageClock, *, now: datetime | None = None) -> Explanation:
    """How the deadline of a ticket's clock came about, as it stands `now` (None: this moment)."""
    run = Run(clock.stage, limit_of(clock), clock.started_at, tuple(pauses_of(clock)), clock.due_at, clock.stopped_at)
    known = calendar(session)
    moment = now or datetime.now(UTC)
    days = _days(run, known, moment)
    return explained(run, known, day_names(session, days[0], days[1]), now=moment)


def explained(run: Run, known: Calendar, names: Mapping[date, DayName], *, now: datetime) -> Explanation:
    """The same from plain values. `names` tell why days do not follow their weekday. Raises as `deadline` does."""
    zone = ZoneInfo(known.zone)
    first, last = _days(run, known, now)
    counting = [] if run.limit.unit in _ALWAYS else list(_passed(run, known, names, first, last))
    skipped = [one if one.name else Day(one.day, one.kind, one.spells, _UNNAMED) for one in counting if not one.spells]
    until = min(run.stopped_at, now) if run.stopped_at else now
    return Explanation(
        stage=run.stage,
        limit=run.limit,
        started_at=run.started_at.astimezone(zone),
        due_at=_there(run.due_at, zone),
        stopped_at=_there(run.stopped_at, zone),
        pauses=tuple((begin.astimezone(zone), _there(end, zone)) for begin, end in sorted(run.pauses, key=_begin)),
        skipped=tuple(spans(skipped)),
        made_up=tuple(spans([one for one in counting if one.kind == "made_up"])),
        left=left(until, run.started_at, run.limit, known, run.pauses),
        is_by_todays_calendar=deadline(run.started_at, run.limit, known, run.pauses) == run.due_at,
    )


def _days(run: Run, known: Calendar, now: datetime) -> tuple[date, date]:
    """The first and the last day that matter: to the deadline, or to where the clock stands."""
    zone = ZoneInfo(known.zone)
    standing = [begin for begin, end in run.pauses if end is None]
    until = run.due_at or (min(standing) if standing else run.stopped_at or now)
    return run.started_at.astimezone(zone).date(), max(until, run.started_at).astimezone(zone).date()


def _passed(run: Run, known: Calendar, names: Mapping[date, DayName], first: date, last: date) -> Iterator[Day]:
    """Days on which the clock ran at any moment, in order."""
    zone = ZoneInfo(known.zone)
    for count in range((last - first).days + 1):
        day = first + timedelta(days=count)
        begins = max(datetime.combine(day, time(), zone), run.started_at)
        ends = datetime.combine(day + timedelta(days=1), time(), zone)
        if not any(stops <= begins and (goes_on is None or goes_on >= ends) for stops, goes_on in run.pauses):
            yield day_of_calendar(day, known, names)


def _begin(pause: Pause) -> datetime:
    return pause[0]


def _there(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    return None if moment is None else moment.astimezone(zone)
