"""Warnings at 50, 80, 100 and 150 %: each step once, in order, to whom the table says; never while a clock stands."""

from datetime import UTC, datetime, timedelta

import pytest
from makers import add_areas, add_unit, at
from sqlalchemy import delete, select, text

from geodata.models import Notice, StageClock, User, WarningSent, WarningStep
from geodata.queries import warnings as queries
from geodata.services.moves import move_ticket
from geodata.services.tickets import Position, open_ticket
from geodata.services.warnings import warn
from geodata.worktime import Limit, calendar_of, elapsed, moment_of_share

WEST = "310112101000"
# Tuesday, half past nine in Shanghai
MORNING = datetime(2026, 3, 10, 1, 30, tzinfo=UTC)


@pytest.fixture
def town(session):
    """A town with somebody of every kind, a unit, and rules by which handling takes ten hours, day and night."""
    add_areas(session)
    unit = add_unit(session, "U1", 0.5, 1.1, town_code=WEST)
    people = {
        "unit": ("unit", {"unit_id": unit.id}),
        "post": ("officer", {"area_code": WEST}),
        "office": ("town_office", {"area_code": WEST}),
        "centre": ("district", {}),
    }
    session.add_all(
        User(name=name, role=role, password_hash="-", stamp="-", **facts) for name, (role, facts) in people.items()
    )
    session.execute(text("UPDATE filing_rule SET amount = 10, unit = 'urgent_hours' WHERE category_code = '0102'"))
    # of the other stages another test speaks
    session.execute(delete(WarningStep).where(WarningStep.stage != "handle"))
    return session


def opened(session, **facts):
    made = open_ticket(
        session,
        category="0102",
        title="垃圾",
        actor="reporter",
        position=Position(*at(0.5, 1.0), "wgs84"),
        reported_at=MORNING,
        **facts,
    )
    session.execute(delete(Notice))
    return made


def after(session, **by):
    """What is heard for the first time so long after the morning: (name, share) in the order of names."""
    session.execute(delete(Notice))
    session.expire_all()
    count = warn(session, now=MORNING + timedelta(**by))
    wanted = select(User.name, Notice.facts).join(Notice, Notice.user_id == User.id).where(Notice.word == "warning")
    heard = [(name, facts["share"]) for name, facts in session.execute(wanted.order_by(User.name, Notice.id))]
    assert bool(count) == bool(heard)
    return heard


def test_every_step_is_heard_once_by_whom_the_table_says(town):
    opened(town)
    assert after(town, hours=4, minutes=59) == []
    assert after(town, hours=5) == [("unit", 0.5)]
    assert after(town, hours=5) == []
    assert after(town, hours=7, minutes=59) == []
    assert after(town, hours=8) == [("post", 0.8), ("unit", 0.8)]
    assert after(town, hours=10) == [("office", 1.0)]
    assert after(town, hours=15) == [("centre", 1.5)]
    assert after(town, days=30) == []


def test_after_a_long_sleep_each_hears_of_the_highest_step_alone(town):
    opened(town)
    assert after(town, days=3) == [("centre", 1.5), ("office", 1.0), ("post", 0.8), ("unit", 0.8)]
    assert len(town.scalars(select(WarningSent)).all()) == 5
    assert after(town, days=4) == []


def test_a_warning_says_stage_share_and_deadline_and_nothing_else(town):
    made = opened(town)
    warn(town, now=MORNING + timedelta(hours=5))
    kept = town.scalars(select(Notice)).one()
    assert kept.ticket_id == made.id
    assert kept.facts == {
        "stage": "handle",
        "share": 0.5,
        "due_at": (MORNING + timedelta(hours=10)).isoformat(),
    }


def test_where_no_unit_has_it_the_office_hears_what_the_unit_would(town):
    town.execute(text("UPDATE member_unit SET is_active = false"))
    opened(town)
    assert after(town, hours=5) == [("office", 0.5)]


def go(session, made, action, actor, role, *, hours, **more):
    return move_ticket(
        session, made.number, action, actor=actor, role=role, at=MORNING + timedelta(hours=hours), **more
    )


def test_a_clock_that_stands_warns_nobody_and_counts_on_afterwards(town):
    made = opened(town)
    go(town, made, "accept", "post", "officer", hours=1)
    go(town, made, "ask_suspend", "post", "officer", hours=2, reason="等材料")
    go(town, made, "grant_suspend", "office", "town_office", hours=4)
    assert after(town, days=20) == []
    go(town, made, "resume", "post", "officer", hours=100)
    assert after(town, hours=100, minutes=59) == []
    assert after(town, hours=101) == [("unit", 0.5)]


def test_a_clock_that_was_stopped_warns_nobody(town):
    made = opened(town)
    go(town, made, "accept", "post", "officer", hours=1)
    go(town, made, "done", "post", "officer", hours=2, photos=("after",))
    assert after(town, days=20) == []


def test_with_more_time_the_steps_that_lie_ahead_once_more_are_heard_once_more(town):
    made = opened(town)
    assert after(town, hours=9) == [("post", 0.8), ("unit", 0.8)]
    go(town, made, "ask_extend", "unit", "unit", hours=9, reason="要调车", facts={"amount": 10.0})
    go(town, made, "grant_extend", "office", "town_office", hours=9)
    # nine hours of twenty: half lies ahead again
    assert after(town, hours=9) == []
    assert after(town, hours=10) == [("unit", 0.5)]
    assert after(town, hours=16) == [("post", 0.8), ("unit", 0.8)]


def step(session, share, whom, town_code="", stage="handle"):
    session.add(WarningStep(stage=stage, town_code=town_code, share=share, whom=whom))
    session.flush()


def test_the_steps_of_a_town_stand_in_the_place_of_the_districts(town):
    step(town, 0.9, "town_office", WEST)
    opened(town)
    assert after(town, hours=8) == []
    assert after(town, hours=9) == [("office", 0.9)]
    assert after(town, days=3) == []


def test_a_town_has_its_own_steps_stage_by_stage(town):
    step(town, 0.1, "district", WEST, stage="check")
    opened(town)
    assert after(town, hours=5) == [("unit", 0.5)]


def test_a_step_that_is_added_below_what_was_heard_stays_silent(town):
    opened(town)
    assert after(town, hours=8) == [("post", 0.8), ("unit", 0.8)]
    step(town, 0.6, "unit")
    step(town, 0.7, "follower")
    step(town, 0.75, "town_office")
    assert after(town, hours=8) == [("office", 0.75)]
    step(town, 0.81, "unit")
    assert after(town, hours=8, minutes=6) == [("unit", 0.81)]


def test_a_step_that_is_taken_away_is_not_heard(town):
    opened(town)
    town.execute(delete(WarningStep).where(WarningStep.share >= 1))
    assert after(town, days=3) == [("post", 0.8), ("unit", 0.8)]


def test_followers_may_hear_too(town):
    town.add(User(name="reporter", role="viewer", password_hash="-", stamp="-"))
    town.flush()
    step(town, 1.0, "follower")
    opened(town)
    assert ("reporter", 1.0) in after(town, hours=10)


@pytest.mark.parametrize("unit", ["urgent_hours", "working_hours", "working_days", "natural_days"])
@pytest.mark.parametrize("amount", [0.5, 1.0, 2.5, 10.0])
@pytest.mark.parametrize("start_h", [0, 9, 40, 100])
def test_no_step_is_missed_or_early_whatever_the_limit(town, unit, amount, start_h):
    """What is chosen cheaply by the database is all that the calendar says: a step goes out in its very second."""
    opened(town, assign_now=False)
    clock = town.scalars(select(StageClock)).one()
    start = MORNING + timedelta(hours=start_h)
    clock.stage, clock.unit, clock.amount, clock.started_at = "handle", unit, amount, start
    days = _calendar(town)
    clock.due_at = moment_of_share(start, Limit(amount, unit), days, 1)
    town.flush()
    for share, people in ((0.5, 1), (0.8, 2), (1.0, 1), (1.5, 1)):
        moment = moment_of_share(start, Limit(amount, unit), days, share)
        assert elapsed(start, moment, Limit(amount, unit), days) >= share
        assert warn(town, now=moment - timedelta(microseconds=1)) == 0
        assert warn(town, now=moment) == people


def _calendar(session):
    days = session.execute(text("SELECT day, is_workday, as_weekday FROM calendar_day ORDER BY day")).mappings()
    hours = session.execute(text("SELECT weekday, opens, closes FROM working_hours ORDER BY 1, 2")).mappings()
    return calendar_of(list(days), list(hours), "Asia/Shanghai")


def test_two_who_warn_at_once_warn_once(town, monkeypatch):
    opened(town)
    moment, read = MORNING + timedelta(hours=5), queries.nearly_reached

    def read_then_be_overtaken(session, **facts):
        found = read(session, **facts)
        session.add_all(
            WarningSent(clock_id=one.clock_id, share=one.share, whom=one.whom, sent_at=moment) for one in found
        )
        session.flush()
        return found

    monkeypatch.setattr(queries, "nearly_reached", read_then_be_overtaken)
    assert warn(town, now=moment) == 0
    assert town.scalars(select(Notice)).all() == []
