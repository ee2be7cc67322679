"""Limits of stages and steps of warning: the district's, a town's own, and back."""

from datetime import UTC, date, datetime, timedelta

import pytest
from makers import add_areas, at
from sqlalchemy import select

from geodata.errors import BadLimit, BadSetting, DayPassed, NotFound
from geodata.models import ImportRun
from geodata.services import limits
from geodata.services.clocks import running
from geodata.services.tickets import Position, open_ticket
from geodata.worktime import Limit

WEST, EAST = "310112101000", "310112102000"


@pytest.fixture
def town(session):
    add_areas(session)
    return session


def row(session, stage, town_code=""):
    return next(one for one in limits.stages(session, town_code=town_code) if one.stage == stage)


def test_every_stage_is_listed_in_the_order_of_a_tickets_life(town):
    found = limits.stages(town)
    assert [one.stage for one in found][:4] == ["verify", "dispatch", "accept", "handle"]
    assert row(town, "verify").limit == Limit(2, "working_hours")
    # its limits are those of the filing rules
    assert row(town, "handle").limit is None
    assert row(town, "handle").warned == {0.5: ["unit"], 0.8: ["unit", "post"], 1: ["town_office"], 1.5: ["district"]}


def test_a_town_has_its_own_limit_and_the_others_the_districts(town):
    limits.set_limit(town, "verify", Limit(1, "urgent_hours"), actor="anna", town_code=WEST)
    assert (row(town, "verify", WEST).limit, row(town, "verify", WEST).is_own) == (Limit(1, "urgent_hours"), True)
    assert (row(town, "verify", EAST).limit, row(town, "verify", EAST).is_own) == (Limit(2, "working_hours"), False)


def test_a_changed_limit_counts_for_clocks_that_start_from_then_on(town):
    def opened():
        place = Position(*at(0.5, 1.0), "wgs84")
        return open_ticket(town, category="0102", title="x", actor="anna", position=place, assign_now=False)

    early = opened()
    limits.set_limit(town, "verify", Limit(1, "urgent_hours"), actor="anna")
    late = opened()
    assert [(clock.amount, clock.unit) for one in (early, late) for clock in running(town, one)] == [
        (2, "working_hours"),
        (1, "urgent_hours"),
    ]


def test_a_stage_without_a_limit_has_no_clock(town):
    limits.set_limit(town, "verify", None, actor="anna")
    assert row(town, "verify").limit is None
    made = open_ticket(town, category="0102", title="x", actor="anna", assign_now=False)
    assert running(town, made) == []


def test_a_limit_may_be_planned(town):
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date()
    limits.set_limit(town, "check", Limit(1, "working_days"), actor="anna", since=tomorrow)
    assert row(town, "check").limit == Limit(2, "working_days")
    later = [one for one in limits.stages(town, day=tomorrow) if one.stage == "check"]
    assert later[0].limit == Limit(1, "working_days")


def test_warnings_of_a_town_stand_in_place_of_the_districts_stage_by_stage(town):
    limits.set_warnings(town, "handle", {1.0: ["town_office", "district"]}, actor="anna", town_code=WEST)
    assert row(town, "handle", WEST).warned == {1.0: ["town_office", "district"]}
    assert row(town, "handle", WEST).warnings_are_own
    assert row(town, "accept", WEST).warned == {1.0: ["town_office"]}
    assert len(row(town, "handle", EAST).warned) == 4


def test_a_town_goes_back_to_what_the_district_says(town):
    limits.set_limit(town, "check", Limit(1, "working_days"), actor="anna", town_code=WEST)
    limits.set_warnings(town, "check", {0.5: ["post"]}, actor="anna", town_code=WEST)
    limits.follow_district(town, "check", actor="anna", town_code=WEST)
    assert row(town, "check", WEST) == row(town, "check")


def test_who_changed_a_limit_is_kept_and_saying_the_same_is_no_change(town):
    limits.set_limit(town, "check", Limit(1, "working_days"), actor="anna")
    limits.set_limit(town, "check", Limit(1, "working_days"), actor="berta")
    limits.set_warnings(town, "check", {1.0: ["town_office"]}, actor="berta")
    kept = town.scalars(select(ImportRun).order_by(ImportRun.id)).all()
    assert [(one.kind, one.actor) for one in kept] == [("stage_limits", "anna")]
    assert kept[0].report["before"]["amount"] == 2


@pytest.mark.parametrize(
    ("call", "error"),
    [
        pytest.param(lambda s: limits.set_limit(s, "handle", None, actor="a"), NotFound, id="handling has none"),
        pytest.param(lambda s: limits.set_limit(s, "sleep", None, actor="a"), NotFound, id="no such stage"),
        pytest.param(
            lambda s: limits.set_limit(s, "check", None, actor="a", since=date(2020, 1, 1)), DayPassed, id="over"
        ),
        pytest.param(lambda s: limits.set_limit(s, "check", None, actor="a", town_code="1"), NotFound, id="no town"),
        pytest.param(lambda s: limits.set_limit(s, "check", Limit(0, "x"), actor="a"), BadLimit, id="no limit"),
        pytest.param(
            lambda s: limits.set_limit(s, "check", Limit(9999, "working_days"), actor="a"), BadSetting, id="too long"
        ),
        pytest.param(lambda s: limits.set_warnings(s, "check", {0.0: ["unit"]}, actor="a"), BadSetting, id="share 0"),
        pytest.param(lambda s: limits.set_warnings(s, "check", {1.0: ["king"]}, actor="a"), NotFound, id="whom"),
        pytest.param(lambda s: limits.follow_district(s, "check", actor="a", town_code=""), NotFound, id="itself"),
    ],
)
def test_what_cannot_be_is_refused(town, call, error):
    before = limits.stages(town)
    with pytest.raises(error):
        call(town)
    assert limits.stages(town) == before
