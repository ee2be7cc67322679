"""How deadlines came about: days that did not count, and when clocks stood."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from makers import add_areas, add_unit, at

from geodata import seed
from geodata.services.assignment import assign
from geodata.services.calendar_changes import DayChange, change
from geodata.services.calendars import DayName
from geodata.services.clocks import clocks_of
from geodata.services.deadlines import Run, explain, explained
from geodata.services.moves import move_ticket
from geodata.services.tickets import Position, open_ticket
from geodata.worktime import Limit, calendar_of, deadline

ZONE = ZoneInfo("Asia/Shanghai")
DAYS = [row for row in seed.rows("calendar_days") if row["zone"] == "Asia/Shanghai"]
KNOWN = calendar_of(DAYS, seed.rows("working_hours"), "Asia/Shanghai")
NAMES = {date.fromisoformat(row["day"]): DayName(row["name_zh"], row["name_en"]) for row in DAYS}
NIGHT = Limit(12, "urgent_hours")


def there(month, day, hour=0, minute=0):
    return datetime(2026, month, day, hour, minute, tzinfo=ZONE)


def told(start, limit, *, pauses=(), now=None, known=KNOWN):
    due = deadline(start, limit, known, pauses)
    run = Run("handle", limit, start, tuple(pauses), due)
    return explained(run, known, NAMES, now=now or start)


def shown(spans):
    return [(f"{span.first:%m-%d}", f"{span.last:%m-%d}", span.kind, span.name.en) for span in spans]


@pytest.mark.parametrize(
    ("start", "limit", "due", "skipped", "made_up"),
    [
        pytest.param(there(3, 10, 9, 30), Limit(2, "working_hours"), there(3, 10, 11, 30), [], [], id="one morning"),
        pytest.param(
            there(9, 30, 15), Limit(4, "working_hours"), there(10, 8, 11),
            [("10-01", "10-07", "off", "National Day")], [], id="over the national day",
        ),
        pytest.param(
            there(10, 9, 15), Limit(4, "working_hours"), there(10, 10, 11),
            [], [("10-10", "10-10", "made_up", "Make-up workday for National Day")], id="a Saturday that counts",
        ),
        pytest.param(
            there(3, 13, 15), Limit(1, "working_days"), there(3, 16, 15), [("03-14", "03-15", "rest", "")], [],
            id="over a weekend",
        ),
        pytest.param(
            there(9, 24, 15), Limit(2, "working_days"), there(9, 29, 15),
            [("09-25", "09-27", "off", "Mid-Autumn Festival")], [], id="a holiday that ends on Sunday",
        ),
        pytest.param(there(9, 30, 15), NIGHT, there(10, 1, 3), [], [], id="day and night"),
        pytest.param(there(9, 30, 15), Limit(7, "natural_days"), there(10, 7, 15), [], [], id="natural days"),
        pytest.param(
            there(3, 14, 15), Limit(1, "working_hours"), there(3, 16, 10), [("03-14", "03-15", "rest", "")], [],
            id="begun on a Saturday",
        ),
    ],
)  # fmt: skip
def test_the_days_between_start_and_deadline_that_do_not_count(start, limit, due, skipped, made_up):
    found = told(start, limit)
    assert (found.started_at, found.due_at) == (start, due)
    assert (shown(found.skipped), shown(found.made_up)) == (skipped, made_up)
    assert found.is_by_todays_calendar
    assert found.runs_always == (limit.unit in {"urgent_hours", "natural_days"})


def test_every_day_that_is_passed_over_is_told_once():
    start = there(9, 1, 10)
    found = told(start, Limit(30, "working_days"))
    skipped = {span.first + timedelta(days=count) for span in found.skipped for count in range(span.days)}
    last = found.due_at.astimezone(ZONE).date()
    between = {start.date() + timedelta(days=count) for count in range((last - start.date()).days + 1)}
    assert skipped == {day for day in between if not KNOWN.is_workday(day)}
    assert sum(span.days for span in found.skipped) == len(skipped)


def test_a_pause_is_told_and_the_days_in_it_are_not():
    stood = (there(9, 30, 16), there(10, 9, 9))
    found = told(there(9, 30, 15), Limit(4, "working_hours"), pauses=[stood])
    assert found.pauses == (stood,)
    assert found.skipped == ()
    assert found.due_at == there(10, 9, 12)


def test_while_the_clock_stands_there_is_no_deadline():
    stood = (there(3, 10, 11), None)
    found = told(there(3, 10, 9), Limit(4, "working_hours"), pauses=[stood], now=there(3, 20, 9))
    assert (found.due_at, found.pauses, found.left) == (None, (stood,), 2.0)


@pytest.mark.parametrize(("hour", "left"), [(10, 3.0), (14, 0.0), (16, -2.0)])
def test_what_is_left_is_in_the_unit_of_the_limit(hour, left):
    assert told(there(3, 10, 9), Limit(4, "working_hours"), now=there(3, 10, hour)).left == left


def test_every_moment_is_on_the_districts_clock():
    hours = [{"weekday": n, "opens": "09:00", "closes": "17:00"} for n in range(1, 6)]
    york = calendar_of([], hours, "America/New_York")
    start = datetime(2026, 10, 1, 13, 0, tzinfo=UTC)
    found = told(start, Limit(2, "working_hours"), known=york)
    assert found.started_at.time() == time(9)
    assert found.due_at.tzinfo == ZoneInfo("America/New_York")
    # no holiday there, although the names of Chinese ones are at hand
    assert (found.due_at.time(), found.skipped) == (time(11), ())


@pytest.fixture
def town(session):
    add_areas(session)
    add_unit(session, "U1", 0.5, 1.1, town_code="310112101000")
    return session


def dispatched(session, moment):
    place = Position(*at(0.5, 1.0), "wgs84")
    facts = {"category": "0102", "title": "垃圾", "actor": "officer", "reported_at": moment}
    made = open_ticket(session, **facts, position=place, assign_now=False)
    assign(session, made, actor="town", at=moment)
    return made


def test_the_clock_of_a_ticket_is_explained(town):
    made = dispatched(town, there(9, 30, 15))
    handling = next(clock for clock in clocks_of(town, made) if clock.stage == "handle")
    found = explain(town, handling, now=there(9, 30, 16))
    assert (found.stage, found.limit, found.due_at) == ("handle", Limit(4, "working_hours"), there(10, 8, 11))
    assert [span.name for span in found.skipped] == [DayName("国庆节", "National Day")]
    assert (found.left, found.is_by_todays_calendar) == (3.0, True)


def test_a_clock_that_stopped_before_the_calendar_changed_says_so(town):
    made = dispatched(town, there(3, 10, 9))
    move_ticket(town, made.number, "accept", actor="a", role="officer", at=there(3, 10, 10))
    move_ticket(town, made.number, "done", actor="a", role="officer", photos=("after",), at=there(3, 10, 11))
    day = date(2026, 3, 10)
    change(town, [DayChange(day, day, "off", name_zh="临时放假")], actor="anna")
    stopped = next(clock for clock in clocks_of(town, made) if clock.stage == "handle")
    found = explain(town, stopped)
    assert (found.due_at, found.is_by_todays_calendar) == (there(3, 10, 14), False)
