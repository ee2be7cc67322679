"""Meetings: planned with the seats of their body, held with who came, and put right with what was there before kept."""

from datetime import UTC, date, datetime

import pytest
from makers import add_areas, add_unit, at
from sqlalchemy import select

from geodata.errors import NotFound
from geodata.models import ConferenceSeat, ImportRun, Meeting
from geodata.queries import meetings as queries
from geodata.record_errors import BadValue, StateRefused
from geodata.services import meetings
from geodata.services.meetings import MeetingDraft
from geodata.services.stamps import check_stamps

WEST, VILLAGE = "310112101000", "310112101001"
MARCH = datetime(2026, 3, 5, 6, 0, tzinfo=UTC)
CONFERENCE = MeetingDraft("三月联席会议", "joint_conference", "town", WEST, MARCH)


def draft(**facts):
    return MeetingDraft(**{**vars(CONFERENCE), **facts})


def seat(session, unit, position="member", body="joint_conference", since=date(2026, 1, 1), until=None):
    session.add(
        ConferenceSeat(
            level="town",
            area_code=WEST,
            body=body,
            unit_id=unit.id,
            position=position,
            valid_from=since,
            valid_to=until,
        )
    )
    session.flush()


@pytest.fixture
def town(session):
    """A town whose conference U2 chairs, with U1 as a member and U3 gone since February; the committee is U3's."""
    add_areas(session)
    units = [add_unit(session, code, 0.5, 0.5, town_code=WEST) for code in ("U1", "U2", "U3")]
    seat(session, units[0])
    seat(session, units[1], "chair")
    seat(session, units[2], until=date(2026, 2, 1))
    seat(session, units[2], "chair", body="committee")
    return session


def seats(session, made):
    return [(one.code, one.position, one.attended) for one in queries.seats_of(session, made.id)]


def test_a_planned_meeting_seats_the_body_as_it_is_on_that_day(town):
    made = meetings.plan(town, CONFERENCE, actor="office")
    assert made.code == "M202603-001"
    assert made.state == "planned"
    assert seats(town, made) == [("U2", "chair", None), ("U1", "member", None)]


def test_codes_run_within_the_month_of_the_meeting(town):
    codes = [meetings.plan(town, draft(held_at=day), actor="office").code for day in (MARCH, MARCH)]
    # the last evening of March in Greenwich is April here
    codes.append(meetings.plan(town, draft(held_at=datetime(2026, 3, 31, 20, tzinfo=UTC)), actor="office").code)
    assert codes == ["M202603-001", "M202603-002", "M202604-001"]


def test_another_day_or_body_has_other_seats_and_another_name_the_same(town):
    made = meetings.plan(town, draft(held_at=datetime(2026, 1, 5, tzinfo=UTC)), actor="office")
    assert [code for code, _, _ in seats(town, made)] == ["U2", "U1", "U3"]
    meetings.invite(town, made.code, "U3", position="deputy", actor="office")
    meetings.change(town, made.code, draft(name="改名", held_at=datetime(2026, 1, 5, tzinfo=UTC)), actor="office")
    assert ("U3", "deputy", None) in seats(town, made)
    meetings.change(town, made.code, CONFERENCE, actor="office")
    assert [code for code, _, _ in seats(town, made)] == ["U2", "U1"]
    meetings.change(town, made.code, draft(body="committee"), actor="office")
    assert [code for code, _, _ in seats(town, made)] == ["U3"]


def test_a_meeting_is_held_with_who_came_and_what_was_said(town):
    made = meetings.plan(town, CONFERENCE, actor="office")
    meetings.hold(town, made.code, came=["U2"], minutes="议定三件事", actor="office")
    assert (made.state, made.minutes) == ("held", "议定三件事")
    assert seats(town, made) == [("U2", "chair", True), ("U1", "member", False)]


def test_minutes_are_put_right_and_what_they_said_before_is_kept(town):
    made = meetings.plan(town, CONFERENCE, actor="office")
    meetings.hold(town, made.code, came=["U2"], minutes="议定两件事", actor="office")
    meetings.hold(town, made.code, came=["U1", "U2"], minutes="议定三件事", actor="clerk")
    last = town.scalars(select(ImportRun).where(ImportRun.kind == "meetings").order_by(ImportRun.id.desc())).first()
    assert last.actor == "clerk"
    assert (last.report["before"]["minutes"], last.report["after"]["minutes"]) == ("议定两件事", "议定三件事")
    assert (last.report["before"]["came"], last.report["after"]["came"]) == (["单位U2"], ["单位U2", "单位U1"])


def test_a_place_of_its_own_is_stamped_with_the_areas_it_lies_in(town):
    made = meetings.plan(town, draft(place=at(0.5, 0.5), address="东川路1号"), actor="office")
    assert (made.town_code, made.village_code) == (WEST, VILLAGE)
    assert [one for one in check_stamps(town) if one.table == "meeting"] == []
    meetings.change(town, made.code, CONFERENCE, actor="office")
    assert (made.geom, made.town_code, made.address) == (None, None, None)


@pytest.mark.parametrize(
    ("field", "facts"),
    [
        pytest.param("name", {"name": " "}, id="no name"),
        pytest.param("body", {"body": "party"}, id="no such body"),
        pytest.param("body", {"body": "village_meeting"}, id="a village's body in a town"),
        pytest.param("body", {"level": "village", "area_code": VILLAGE}, id="a town's body in a village"),
        pytest.param("area", {"area_code": "310112999000"}, id="no such area"),
        pytest.param("area", {"level": "street"}, id="no such level"),
        pytest.param("held_at", {"held_at": datetime(2026, 3, 5)}, id="no zone"),  # noqa: DTZ001 - what is refused
        pytest.param("lon", {"place": (0.0, 0.0)}, id="beyond the district"),
    ],
)
def test_what_no_meeting_can_be_is_told_at_its_field(town, field, facts):
    with pytest.raises(BadValue) as caught:
        meetings.plan(town, draft(**facts), actor="office")
    assert caught.value.field == field
    assert town.scalars(select(Meeting)).all() == []


def test_a_unit_without_a_seat_cannot_have_come(town):
    made = meetings.plan(town, CONFERENCE, actor="office")
    with pytest.raises(BadValue) as caught:
        meetings.hold(town, made.code, came=["U3"], minutes=None, actor="office")
    assert (caught.value.field, caught.value.value) == ("came", "U3")
    meetings.invite(town, made.code, "U3", actor="office")
    meetings.hold(town, made.code, came=["U3"], minutes=None, actor="office")


def test_a_meeting_is_noted_from_its_own_day_on(town):
    # the district's day begins at 16:00 of UTC
    made = meetings.plan(town, draft(held_at=datetime(2026, 3, 5, 1, tzinfo=UTC)), actor="office")
    told = {"came": [], "minutes": None, "actor": "office"}
    with pytest.raises(BadValue) as caught:
        meetings.hold(town, made.code, now=datetime(2026, 3, 4, 15, 59, tzinfo=UTC), **told)
    assert (caught.value.word, caught.value.facts, made.state) == ("early", {"day": "2026-03-05"}, "planned")
    meetings.hold(town, made.code, now=datetime(2026, 3, 4, 22, 30, tzinfo=UTC), **told)
    assert made.state == "held"


def test_a_cancelled_meeting_stays_so_and_a_held_one_is_not_planned_anew(town):
    cancelled = meetings.plan(town, CONFERENCE, actor="office")
    meetings.cancel(town, cancelled.code, actor="office")
    for deed in (
        lambda: meetings.hold(town, cancelled.code, came=[], minutes=None, actor="office"),
        lambda: meetings.change(town, cancelled.code, CONFERENCE, actor="office"),
        lambda: meetings.invite(town, cancelled.code, "U3", actor="office"),
    ):
        with pytest.raises(StateRefused):
            deed()
    held = meetings.plan(town, CONFERENCE, actor="office")
    meetings.hold(town, held.code, came=[], minutes=None, actor="office")
    for deed in (meetings.cancel, lambda *what, **who: meetings.change(*what, CONFERENCE, **who)):
        with pytest.raises(StateRefused):
            deed(town, held.code, actor="office")


def test_an_unknown_meeting_is_told(town):
    with pytest.raises(NotFound, match="M1"):
        meetings.meeting(town, "M1")


def listed(session, **asked):
    whole = {"since": datetime(2026, 1, 1, tzinfo=UTC), "before": datetime(2027, 1, 1, tzinfo=UTC)}
    return [line.code for line in queries.listed(session, **{**whole, **asked})]


def test_a_list_is_narrowed_by_days_body_state_and_area(town):
    first = meetings.plan(town, CONFERENCE, actor="office").code
    committee = meetings.plan(town, draft(body="committee", held_at=datetime(2026, 4, 1, tzinfo=UTC)), actor="o").code
    village = draft(
        body="village_meeting", level="village", area_code=VILLAGE, held_at=datetime(2026, 5, 1, tzinfo=UTC)
    )
    village = meetings.plan(town, village, actor="o").code
    district = draft(level="district", area_code="310112", held_at=datetime(2026, 6, 1, tzinfo=UTC))
    district = meetings.plan(town, district, actor="o").code
    meetings.cancel(town, committee, actor="office")
    assert listed(town) == [first, committee, village, district]
    assert listed(town, before=datetime(2026, 4, 1, tzinfo=UTC)) == [first]
    assert listed(town, body="committee") == [committee]
    assert listed(town, state="planned") == [first, village, district]
    # a town's list has its villages' meetings, a village's only its own
    assert listed(town, area=WEST) == [first, committee, village]
    assert listed(town, area=VILLAGE) == [village]
    assert listed(town, area="310112") == [district]
