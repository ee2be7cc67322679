"""The calendar as people see and change it, and the deadlines that go along."""

import threading
from datetime import UTC, date, datetime, time, timedelta

import pytest
from makers import add_areas, add_unit, at
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geodata.errors import BadCalendar, BeyondCalendar, NoWorkingTime
from geodata.models import CalendarDay, ImportRun, StageClock, Ticket
from geodata.services import calendars
from geodata.services.assignment import assign
from geodata.services.calendar_changes import DayChange, HoursChange, change, read_spells, said_spells
from geodata.services.clocks import running
from geodata.services.moves import move_ticket
from geodata.services.recalculation import recalculate
from geodata.services.tickets import Position, open_ticket

WEST = "310112101000"
# Tuesday, half past nine in Shanghai; the ordinary day is 9 to 12 and 13 to 17
MORNING = datetime(2026, 3, 10, 1, 30, tzinfo=UTC)
TUESDAY, WEDNESDAY = date(2026, 3, 10), date(2026, 3, 11)
OFF = DayChange(WEDNESDAY, WEDNESDAY, "off", name_zh="临时放假", name_en="sudden holiday")


@pytest.fixture
def town(session):
    add_areas(session)
    add_unit(session, "U1", 0.5, 1.1, town_code=WEST)
    return session


def dispatched(session, category="0103", moment=MORNING):
    """A ticket with a unit; piled rubbish (0103) has two working days."""
    place = Position(*at(0.5, 1.0), "wgs84")
    facts = {"category": category, "title": "渣土", "actor": "officer", "reported_at": moment}
    made = open_ticket(session, **facts, position=place, assign_now=False)
    assign(session, made, actor="town", at=moment)
    assert made.state == "dispatched"
    return made


def deadlines(session):
    wanted = select(StageClock.ticket_id, StageClock.stage, StageClock.due_at).order_by(StageClock.id)
    return [tuple(row) for row in session.execute(wanted)]


def test_a_year_is_laid_out_in_weeks_from_monday(session):
    year = calendars.year_of(session, 2026)
    assert [len(month.weeks) for month in year.months] == [5, 5, 6, 5, 5, 5, 5, 6, 5, 5, 6, 5]
    january = year.months[0].weeks[0]
    assert [cell and cell.day.day for cell in january] == [None, None, None, 1, 2, 3, 4]
    assert [cell and cell.kind for cell in january] == [None, None, None, "off", "off", "off", "made_up"]
    assert january[3].name.zh == "元旦"
    assert january[6].spells == ((time(9), time(12)), (time(13), time(17)))


def test_the_year_counts_as_the_calendar_does(session):
    known = calendars.calendar(session)
    for number in (2025, 2026, 2027):
        year = calendars.year_of(session, number)
        days = [day for month in year.months for week in month.weeks for day in week if day]
        assert [day.day for day in days] == [date(number, 1, 1) + timedelta(days=n) for n in range(len(days))]
        assert [bool(day.spells) for day in days] == [known.is_workday(day.day) for day in days]
        assert year.working_days == sum(known.is_workday(day.day) for day in days)


def test_the_working_days_of_2026_counted_by_hand(session):
    # 261 days from Monday to Friday; of them off 2 in January, 6 in February, 1 in April, 3 in May, 1 in June, 1 in
    # September and 5 in October; made up 2 in February and 1 each in January, May, September and October
    year = calendars.year_of(session, 2026)
    assert year.working_days == 261 - 19 + 6
    assert [month.working_days for month in year.months] == [21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23]


def test_days_off_are_brought_together_under_their_names(session):
    named = calendars.year_of(session, 2026).named
    spring = next(span for span in named if span.name.en == "Spring Festival")
    assert (spring.first, spring.last, spring.days, spring.kind) == (date(2026, 2, 15), date(2026, 2, 23), 9, "off")
    assert [span.first for span in named if span.kind == "made_up"] == [
        date(2026, 1, 4),
        date(2026, 2, 14),
        date(2026, 2, 28),
        date(2026, 5, 9),
        date(2026, 9, 20),
        date(2026, 10, 10),
    ]


@pytest.mark.parametrize("number", [1899, 2200, 0])
def test_no_year_beyond_the_calendar(session, number):
    with pytest.raises(BeyondCalendar):
        calendars.year_of(session, number)


def test_a_holiday_announced_later_moves_running_deadlines_and_no_limit(town):
    made = dispatched(town)
    # two working days from Tuesday half past nine
    assert made.due_at == MORNING + timedelta(days=2)
    moved = change(town, [OFF], actor="anna")
    assert made.due_at == MORNING + timedelta(days=3)
    told = {one.stage: (one.number, one.before, one.after) for one in moved}
    assert told["handle"] == (made.number, MORNING + timedelta(days=2), MORNING + timedelta(days=3))
    assert {one.seconds for one in moved if one.stage == "handle"} == {86_400.0}
    handling = next(clock for clock in running(town, made) if clock.stage == "handle")
    assert (handling.amount, handling.unit, handling.due_at) == (2, "working_days", made.due_at)


def test_a_dry_run_says_what_the_real_change_does_and_changes_nothing(town):
    for hours in range(3):
        dispatched(town, moment=MORNING + timedelta(hours=hours))
    before = deadlines(town)
    expected = change(town, [OFF], actor="anna", dry_run=True)
    assert len({one.number for one in expected}) == 3
    assert deadlines(town) == before
    assert town.get(CalendarDay, WEDNESDAY) is None
    assert calendars.calendar(town).is_workday(WEDNESDAY)
    assert town.scalar(select(func.count()).select_from(ImportRun)) == 0
    assert change(town, [OFF], actor="anna") == expected
    assert deadlines(town) != before


def test_a_change_of_days_moves_what_counting_all_anew_would_move(town):
    """Deadlines before the first changed day are not even read; none of them would move."""
    for hours in (0, 3, 24, 48, 100):
        dispatched(town, moment=MORNING + timedelta(hours=hours))
    stands = dispatched(town)
    move_ticket(town, stands.number, "accept", actor="a", role="officer", at=MORNING)
    move_ticket(town, stands.number, "ask_suspend", actor="a", role="officer", reason="x", at=MORNING)
    move_ticket(town, stands.number, "grant_suspend", actor="b", role="town_office", at=MORNING)
    for day in range(9, 20):
        change(town, [DayChange(date(2026, 3, day), date(2026, 3, day), "off" if day % 3 else "work")], actor="anna")
        assert recalculate(town) == []


def test_counting_again_moves_nothing(town):
    dispatched(town)
    assert recalculate(town) == []
    change(town, [OFF], actor="anna")
    assert recalculate(town) == []


def test_a_make_up_day_and_longer_hours_bring_deadlines_forward(town):
    friday = MORNING + timedelta(days=3)
    made = dispatched(town, moment=friday)
    assert made.due_at == friday + timedelta(days=4)
    change(town, [DayChange(date(2026, 3, 14), date(2026, 3, 14), "work", name_zh="补班")], actor="anna")
    assert made.due_at == friday + timedelta(days=3)
    change(town, [DayChange(date(2026, 3, 14), date(2026, 3, 14), "normal")], actor="anna")
    assert made.due_at == friday + timedelta(days=4)


def test_what_runs_always_follows_no_calendar(town):
    made = dispatched(town, category="0501")
    assert made.due_at == MORNING + timedelta(hours=2)
    change(town, [DayChange(TUESDAY, TUESDAY, "off")], actor="anna")
    assert made.due_at == MORNING + timedelta(hours=2)


def test_what_has_stopped_is_history(town):
    made = dispatched(town)
    move_ticket(town, made.number, "accept", actor="anna", role="officer", at=MORNING + timedelta(minutes=5))
    move_ticket(
        town, made.number, "done", actor="anna", role="officer", photos=("after",), at=MORNING + timedelta(minutes=9)
    )
    before = town.scalars(select(StageClock).where(StageClock.stage == "handle")).one().due_at
    change(town, [OFF], actor="anna")
    assert town.scalars(select(StageClock).where(StageClock.stage == "handle")).one().due_at == before


def test_a_deadline_that_is_not_the_clocks_stays(town):
    made = dispatched(town)
    earlier = MORNING + timedelta(hours=1)
    made.due_at = earlier
    moved = change(town, [OFF], actor="anna")
    assert made.number in {one.number for one in moved}
    assert town.get_one(Ticket, made.id).due_at == earlier


def test_who_changed_the_calendar_is_kept(town):
    dispatched(town)
    change(town, [OFF, HoursChange((6,), read_spells("09:00-12:00"))], actor="anna")
    kept = town.scalars(select(ImportRun)).one()
    assert (kept.kind, kept.actor, kept.report["moved"]) == ("calendar", "anna", 1)
    assert kept.report["changes"] == [
        {"first": "2026-03-11", "last": "2026-03-11", "kind": "off", "name_zh": OFF.name_zh, "name_en": OFF.name_en},
        {"weekdays": [6], "hours": "09:00-12:00"},
    ]


def test_one_language_is_enough_for_the_name_of_a_day(town):
    change(town, [DayChange(TUESDAY, WEDNESDAY, "off", name_zh="校庆")], actor="anna")
    assert calendars.day_names(town, TUESDAY, WEDNESDAY) == dict.fromkeys((TUESDAY, WEDNESDAY), ("校庆", "校庆"))


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param(DayChange(WEDNESDAY, TUESDAY, "off"), id="ends before it begins"),
        pytest.param(DayChange(TUESDAY, date(2026, 12, 31), "off"), id="most of a year"),
        pytest.param(DayChange(date(1800, 1, 1), date(1800, 1, 1), "off"), id="long ago"),
        pytest.param(DayChange(TUESDAY, TUESDAY, "work", as_weekday=8), id="eighth weekday"),
        pytest.param(DayChange(TUESDAY, TUESDAY, "work", as_weekday=7), id="the hours of a free weekday"),
        pytest.param(DayChange(TUESDAY, TUESDAY, "off", name_zh="长" * 61), id="long name"),
        pytest.param(HoursChange((0,), ()), id="weekday nought"),
        pytest.param(HoursChange((1,), ((time(9), time(12)), (time(11), time(17)))), id="spells that overlap"),
        pytest.param(HoursChange((1,), ((time(9), time(9)),)), id="no time at all"),
        pytest.param(HoursChange((1,), ((time(9), time(0)),)), id="until midnight"),
    ],
)
def test_a_calendar_that_cannot_be_is_refused(town, wanted):
    dispatched(town)
    before = deadlines(town)
    with pytest.raises(BadCalendar):
        change(town, [OFF, wanted], actor="anna")
    assert deadlines(town) == before
    assert town.get(CalendarDay, WEDNESDAY) is None
    assert calendars.calendar(town).is_workday(WEDNESDAY)


def test_no_calendar_lets_clocks_wait_for_ever(town):
    dispatched(town)
    with pytest.raises(NoWorkingTime):
        change(town, [DayChange(date(2026, 1, 4), date(2026, 1, 4), "normal"), HoursChange((1, 2, 3, 4, 5), ())],
               actor="anna")  # fmt: skip


@pytest.mark.parametrize(
    ("said", "spells"),
    [
        ("09:00-12:00, 13:00-17:00", ((time(9), time(12)), (time(13), time(17)))),
        ("13:30–17:30 9:00–11:30", ((time(9), time(11, 30)), (time(13, 30), time(17, 30)))),
        ("9:00至12:00；13:00到17:00", ((time(9), time(12)), (time(13), time(17)))),
        ("  ", ()),
    ],
)
def test_hours_are_read_as_people_write_them(said, spells):
    assert read_spells(said) == spells
    assert read_spells(said_spells(spells)) == spells


@pytest.mark.parametrize("said", ["9-5", "09:00", "25:00-26:00", "09:00-12:00 and so on"])
def test_hours_that_are_none_are_refused(said):
    with pytest.raises(BadCalendar):
        read_spells(said)


def test_a_clock_that_starts_while_the_calendar_changes_follows_the_new_one(fresh_engine):
    """Whoever starts a clock waits until the change is in, and counts by it."""
    with Session(fresh_engine) as session:
        add_areas(session)
        add_unit(session, "U1", 0.5, 1.1, town_code=WEST)
        session.commit()
    started, found = threading.Event(), []

    def start_one():
        with Session(fresh_engine) as other:
            started.set()
            found.append(dispatched(other).due_at)
            other.commit()

    with Session(fresh_engine) as session:
        change(session, [OFF], actor="anna")
        worker = threading.Thread(target=start_one)
        worker.start()
        assert started.wait(30)
        worker.join(1)
        # it waits for us
        assert worker.is_alive()
        session.commit()
        worker.join(30)
    assert found == [MORNING + timedelta(days=3)]
