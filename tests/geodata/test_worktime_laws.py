"""Laws of deadlines, on calendars, limits and pauses that nobody thought of."""

from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from geodata.worktime import (
    LIMIT_UNITS,
    Calendar,
    CalendarDay,
    Limit,
    deadline,
    elapsed,
    left,
    moment_of_share,
    working_seconds,
)

MINUTE = timedelta(minutes=1)
MICROSECOND = timedelta(microseconds=1)
HOURS, DAYS, URGENT, NATURAL = "working_hours", "working_days", "urgent_hours", "natural_days"

# Two weeks from here hold an ordinary spring in Shanghai, and the two nights on which New York puts its clocks
MARCH = datetime(2026, 3, 2, tzinfo=UTC)
OCTOBER = datetime(2026, 10, 26, tzinfo=UTC)
SHANGHAI = ("Asia/Shanghai", MARCH)
PLACES = [SHANGHAI, ("America/New_York", MARCH), ("America/New_York", OCTOBER)]
SPAN_DAYS = 40

OFF = CalendarDay(is_workday=False)


@st.composite
def spells(draw, least=0):
    quarters = sorted(draw(st.sets(st.integers(0, 96), min_size=2 * least, max_size=6)))
    clocks = [time(quarter // 4 % 24, quarter % 4 * 15) for quarter in quarters]
    return tuple(zip(clocks[::2], clocks[1::2], strict=False))


@st.composite
def calendars(draw, place=SHANGHAI):
    """Any hours on any weekday, Mondays always some; a few days of the span are named."""
    zone, base = place
    week = {1: draw(spells(least=1))} | {weekday: draw(spells()) for weekday in range(2, 8)}
    works = sorted(weekday for weekday, found in week.items() if found)
    likes = st.sampled_from([None, *works])
    named = st.one_of(st.just(OFF), likes.map(lambda like: CalendarDay(is_workday=True, as_weekday=like)))
    days = draw(st.dictionaries(st.integers(0, 15), named, max_size=5))
    return Calendar(zone, week, {base.date() + timedelta(days=n): day for n, day in days.items()})


def moments(place=SHANGHAI):
    return st.integers(0, 14 * 1440).map(lambda minute: place[1] + minute * MINUTE)


@st.composite
def pauses(draw, place=SHANGHAI, *, may_stand=False):
    found = []
    for begins in draw(st.lists(moments(place), max_size=4)):
        length = draw(st.integers(0, 4 * 1440))
        found.append((begins, begins + length * MINUTE))
    if may_stand and draw(st.booleans()):
        found.append((draw(moments(place)), None))
    return found


limits = st.builds(
    lambda hundredths, unit: Limit(hundredths / 100, unit), st.integers(1, 1200), st.sampled_from(LIMIT_UNITS)
)
small_limits = st.one_of(
    st.builds(lambda minutes, unit: Limit(minutes / 4, unit), st.integers(1, 60), st.sampled_from((HOURS, URGENT))),
    st.builds(lambda tenths, unit: Limit(tenths / 10, unit), st.integers(1, 25), st.sampled_from((DAYS, NATURAL))),
)


# The slow way, knowing nothing of the fast one: minute after minute, a look at the clock.


@lru_cache(maxsize=4)
def clock_of(zone, base):
    """The days of the span, and for each of its minutes the latest that the clock has shown yet: number of day, minute.

    The span begins three days before the base.
    """
    shown, there = [], ZoneInfo(zone)
    latest = datetime(1, 1, 1)  # noqa: DTZ001 - what a clock shows
    for minute in range(-3 * 1440, SPAN_DAYS * 1440):
        latest = max(latest, (base + minute * MINUTE).astimezone(there).replace(tzinfo=None))
        shown.append((latest.toordinal(), latest.hour * 60 + latest.minute))
    ordinals, minutes = np.array(shown).T
    days = [date.fromordinal(ordinal) for ordinal in range(ordinals[0], ordinals[-1] + 1)]
    return days, ordinals - ordinals[0], minutes


def minutes_of_work(calendar, base):
    """For each minute of the span the number of its day, and whether somebody works then."""
    days, of_day, minutes = clock_of(calendar.zone, base)
    hours = np.zeros((len(days), 1440), dtype=bool)
    for n, day in enumerate(days):
        named = calendar.days.get(day)
        like = day.isoweekday() if named is None else (named.as_weekday or 1)
        if named is None or named.is_workday:
            for opens, closes in calendar.spells.get(like, ()):
                hours[n, opens.hour * 60 + opens.minute : (closes.hour * 60 + closes.minute) or 1440] = True
    return of_day, hours[of_day, minutes]


def slow_deadline(start, limit, calendar, base, paused):
    """The first full minute at which the limit is used up; None when it never is within the span."""
    of_day, counts = minutes_of_work(calendar, base)
    # minutes of work of the whole day, whenever it is begun
    length = np.bincount(of_day, weights=counts)
    if limit.unit in {URGENT, NATURAL}:
        counts = np.ones_like(counts)
    first = (start - base) // MINUTE + 3 * 1440
    counts[:first] = False
    for begins, ends in paused:
        counts[(begins - base) // MINUTE + 3 * 1440 : None if ends is None else (ends - base) // MINUTE + 3 * 1440] = (
            False
        )
    need = Fraction(str(limit.amount)) * {HOURS: 60, DAYS: 1, URGENT: 60, NATURAL: 1440}[limit.unit]
    for minute in np.flatnonzero(counts):
        need -= Fraction(1, int(length[of_day[minute]])) if limit.unit == DAYS else 1
        if need <= 0:
            return base + (int(minute) - 3 * 1440 + 1) * MINUTE
    return None


@pytest.mark.parametrize("place", PLACES, ids=lambda place: f"{place[0]} {place[1]:%B}")
@given(st.data())
def test_the_deadline_is_that_of_stepping_minute_by_minute(place, data):
    calendar = data.draw(calendars(place))
    start, limit = data.draw(moments(place)), data.draw(small_limits)
    paused = data.draw(pauses(place, may_stand=True))
    due = deadline(start, limit, calendar, paused)
    slowly = slow_deadline(start, limit, calendar, place[1], paused)
    if due is None:
        assert slowly is None
    else:
        assume(due < place[1] + timedelta(days=SPAN_DAYS - 2))
        assert slowly - MINUTE < due <= slowly
        if limit.unit != DAYS:
            assert due == slowly


@pytest.mark.parametrize("place", PLACES, ids=lambda place: f"{place[0]} {place[1]:%B}")
@given(st.data())
def test_working_time_is_that_of_stepping_minute_by_minute(place, data):
    zone_calendar = data.draw(calendars(place))
    start, until = data.draw(moments(place)), data.draw(moments(place))
    _, work = minutes_of_work(zone_calendar, place[1])
    first, last = ((moment - place[1]) // MINUTE + 3 * 1440 for moment in (start, until))
    worked = np.count_nonzero(work[first:last])
    assert working_seconds(zone_calendar, start, until) == worked * 60


@given(calendars(), st.lists(moments(), min_size=2, max_size=5).map(sorted), limits, pauses())
def test_who_starts_later_is_due_no_earlier(calendar, starts, limit, paused):
    due = [deadline(start, limit, calendar, paused) for start in starts]
    assert due == sorted(due)


@given(calendars(), moments(), st.sampled_from(LIMIT_UNITS), st.sets(st.integers(1, 900), min_size=2), pauses())
def test_more_time_is_due_later(calendar, start, unit, hundredths, paused):
    due = [deadline(start, Limit(amount / 100, unit), calendar, paused) for amount in sorted(hundredths)]
    assert all(sooner < later for sooner, later in pairwise(due))


@given(calendars(), moments(), limits, pauses())
def test_a_deadline_comes_after_the_start_and_never_within_a_pause(calendar, start, limit, paused):
    due = deadline(start, limit, calendar, paused)
    assert due > start
    assert not any(begins < due <= ends for begins, ends in paused)


@given(calendars(), moments(), limits.filter(lambda limit: limit.unit in {HOURS, DAYS}), pauses())
def test_a_working_deadline_falls_into_working_time_or_on_its_end(calendar, start, limit, paused):
    due = deadline(start, limit, calendar, paused)
    before = (due - MICROSECOND).astimezone(ZoneInfo(calendar.zone))
    assert any(
        opens <= before.time() and (before.time() < closes or closes == time(0))
        for opens, closes in calendar.spells_on(before.date())
    )


@given(calendars(), moments(), limits, pauses())
def test_at_the_deadline_all_is_used_up_and_just_before_it_is_not(calendar, start, limit, paused):
    due = deadline(start, limit, calendar, paused)
    assert 1 <= elapsed(start, due, limit, calendar, paused) < 1 + 1e-7
    assert elapsed(start, due - MICROSECOND, limit, calendar, paused) < 1
    assert left(due, start, limit, calendar, paused) == pytest.approx(0, abs=1e-6)
    assert left(due - MICROSECOND, start, limit, calendar, paused) > 0


@given(calendars(), moments(), limits, st.integers(1, 300), pauses(may_stand=True))
def test_a_share_is_used_up_from_its_moment_on(calendar, start, limit, percent, paused):
    share = percent / 100
    moment = moment_of_share(start, limit, calendar, share, paused)
    if moment is None:
        assert elapsed(start, MARCH + timedelta(days=300), limit, calendar, paused) < share
    else:
        assert elapsed(start, moment, limit, calendar, paused) >= share
        assert elapsed(start, moment - MICROSECOND, limit, calendar, paused) < share


@given(calendars(), moments(), limits, st.lists(moments(), min_size=2).map(sorted), pauses(may_stand=True))
def test_what_is_used_up_only_grows_and_what_is_left_is_the_rest(calendar, start, limit, times, paused):
    shares = [elapsed(start, now, limit, calendar, paused) for now in times]
    assert shares == sorted(shares)
    for now, share in zip(times, shares, strict=True):
        assert left(now, start, limit, calendar, paused) == pytest.approx(limit.amount * (1 - share), abs=1e-6)
        assert share >= 0
        assert share == 0 or now > start


@given(calendars(), moments(), limits.filter(lambda limit: limit.unit == HOURS), pauses())
def test_a_pause_moves_a_deadline_by_exactly_the_time_it_covers(calendar, start, limit, paused):
    due, plain = deadline(start, limit, calendar, paused), deadline(start, limit, calendar)
    covered, reached = timedelta(), start
    for begins, ends in sorted(paused):
        stopped = max(begins, reached)
        if ends > stopped and stopped < due:
            covered += timedelta(seconds=working_seconds(calendar, stopped, ends))
            reached = ends
    assert timedelta(seconds=working_seconds(calendar, plain, due)) == covered


@given(moments(), st.integers(1, 500), st.sampled_from([URGENT, NATURAL]), calendars(), pauses())
def test_what_runs_always_is_plain_arithmetic(start, amount, unit, calendar, paused):
    length = timedelta(hours=amount) if unit == URGENT else timedelta(days=amount)
    limit = Limit(amount, unit)
    assert deadline(start, limit, calendar) == start + length
    due, now = start + length, start
    for begins, ends in sorted(paused):
        stopped = max(begins, now)
        if ends > stopped and stopped < due:
            due += ends - stopped
            now = ends
    assert deadline(start, limit, calendar, paused) == due


@given(calendars(), moments(), limits, pauses(may_stand=True), st.data())
def test_a_pause_in_two_adjoining_parts_is_the_same_pause(calendar, start, limit, paused, data):
    parts = []
    for begins, ends in paused:
        cut = begins + data.draw(st.integers(0, 1440)) * MINUTE
        cut = cut if ends is None else min(cut, ends)
        parts += [(cut, ends), (begins, cut)]
    assert deadline(start, limit, calendar, parts) == deadline(start, limit, calendar, paused)


@given(calendars(), moments(), st.integers(1, 30), st.integers(1, 30))
def test_working_days_one_after_another_add_up(calendar, start, first, second):
    between = deadline(start, Limit(first, DAYS), calendar)
    due = deadline(between, Limit(second, DAYS), calendar)
    # each step is rounded up to a microsecond
    assert left(due, start, Limit(first + second, DAYS), calendar) == pytest.approx(0, abs=1e-8)


@given(moments(), st.integers(1, 90), calendars())
@example(MARCH, 60, Calendar("Asia/Shanghai", dict.fromkeys(range(1, 6), ((time(9), time(17)),)), {}))
def test_so_many_working_days_later_is_so_many_days_of_work_later(start, amount, calendar):
    there = ZoneInfo(calendar.zone)
    begun, day = start.astimezone(there), start.astimezone(there).date()
    assume(not calendar.is_workday(day))
    due = deadline(start, Limit(amount, DAYS), calendar)
    last = (due - MICROSECOND).astimezone(there).date()
    days = [begun.date() + timedelta(days=n) for n in range((last - begun.date()).days + 1)]
    assert sum(calendar.is_workday(day) for day in days) == amount
