"""Meetings and their resolutions from lists as offices keep them, and refused with reasons."""

from datetime import UTC, date, datetime, timedelta

import files
import makers
import pytest
from sqlalchemy import select

from geodata.ingest import meetings, resolutions
from geodata.ingest.meetings import BODY_WORDS
from geodata.ingest.whistle import CALL_STATE_WORDS
from geodata.models import (
    BODIES,
    MEETING_STATES,
    RESOLUTION_STATES,
    TARGETS,
    WHISTLE_STATES,
    Meeting,
    MeetingSeat,
    Resolution,
    WhistleCall,
    WhistleInvitee,
)
from geodata.queries import resolutions as queries
from geodata.queries.scope import ALL
from geodata.services.imports import import_file
from geodata.services.stamps import check_stamps
from geodata.services.tickets import Position, open_ticket

WEST, VILLAGE = "310112101000", "310112101001"
MEETINGS = (
    *("会议编码", "会议名称", "会议类型", "层级", "所属区域", "会议时间"),
    *("状态", "议程", "纪要", "地点", "经度", "纬度"),
)
MARCH = (
    *("H1", "三月联席会议", "联席会议", "街镇", "西镇", "2026-03-05 14:00"),
    *("已召开", "一、通报", "议定两件事", "二楼", 121.405, 31.105),
)
RESOLUTIONS = ("会议编码", "序号", "议定事项", "责任单位", "完成期限", "办理结果", "转为", "转办编号", "备注")


@pytest.fixture(autouse=True)
def areas(session):
    makers.add_areas(session)
    makers.add_unit(session, "U1", name="春申医院")


@pytest.fixture
def bring(session, tmp_path):
    """A function that imports the rows of a workbook."""

    def do(kind, *rows, **how):
        return import_file(session, kind, files.workbook(tmp_path / "list.xlsx", *rows), datum="wgs84", **how)

    return do


def reasons(report):
    return [(one.row, one.field) for one in report.problems]


def test_meetings_of_an_offices_list(session, bring):
    village = (None, "一村共治会", "村居共治会议", None, "一村", date(2026, 3, 6), None, None, None, None, None, None)
    report = bring("meetings", MEETINGS, MARCH, village)
    assert (report.refused, report.problems, report.stored) == (None, [], 2)
    made = session.scalars(select(Meeting).where(Meeting.code == "H1")).one()
    assert (made.body, made.level, made.area_code, made.state) == ("joint_conference", "town", WEST, "held")
    assert (made.held_at, made.minutes) == (datetime(2026, 3, 5, 6, tzinfo=UTC), "议定两件事")
    assert (made.village_code, made.address, made.place_level) == (VILLAGE, "二楼", "given")
    other = session.scalars(select(Meeting).where(Meeting.name == "一村共治会")).one()
    assert (other.level, other.area_code, other.state, other.code[0]) == ("village", VILLAGE, "planned", "M")
    assert [one for one in check_stamps(session) if one.table == "meeting"] == []
    again = bring("meetings", MEETINGS, MARCH, village)
    assert (again.stored, again.changed) == (0, 0)


def test_a_meeting_that_cannot_be_is_told_with_row_and_field(bring):
    bad = [
        ("H2", "x", "党员大会", "街镇", "西镇", "2026-03-05", None, None, None, None, None, None),
        ("H3", "x", "村居共治会议", "街镇", "西镇", "2026-03-05", None, None, None, None, None, None),
        ("H4", "x", "联席会议", "街镇", "北镇", "2026-03-05", None, None, None, None, None, None),
        ("H5", "x", "联席会议", "街镇", "西镇", "三月", None, None, None, None, None, None),
    ]
    report = bring("meetings", MEETINGS, *bad)
    assert report.refused
    assert sorted(reasons(report)) == [(2, "body"), (3, "body"), (4, "area_code"), (5, "held_at")]


def test_resolutions_follow_the_tickets_they_became(session, bring):
    bring("meetings", MEETINGS, MARCH)
    place = Position(*makers.at(0.5, 1.0), "wgs84")
    number = open_ticket(session, category="0102", title="垃圾", actor="office", position=place).number
    rows = [
        ("H1", 1, "清运垃圾", "春申医院", "2026-04-01", None, "工单", number, None),
        ("H1", 2, "装路灯", None, None, "已落实", None, None, "路灯已亮"),
    ]
    report = bring("resolutions", RESOLUTIONS, *rows)
    assert (report.refused, report.problems, report.stored) == (None, [], 2)
    meeting = session.scalars(select(Meeting)).one()
    told = [(one.words, one.unit_code, one.state, one.target_code) for one in _of(session, meeting)]
    assert told == [("清运垃圾", "U1", "open", number), ("装路灯", None, "done", None)]
    assert (bring("resolutions", RESOLUTIONS, *rows).changed) == 0


def _of(session, meeting):
    return queries.of_meeting(session, meeting.id, scope=ALL)


def test_a_resolution_that_cannot_be_is_told_with_row_and_field(session, bring):
    bring("meetings", MEETINGS, MARCH)
    bad = [
        ("H9", 1, "x", None, None, None, None, None, None),
        ("H1", 0, "x", None, None, None, None, None, None),
        ("H1", 3, None, None, None, None, None, None, None),
        ("H1", 4, "x", "无名医院", None, None, None, None, None),
        ("H1", 5, "x", None, None, None, "工单", None, None),
        ("H1", 6, "x", None, None, None, "工单", "20260101-000001", None),
    ]
    report = bring("resolutions", RESOLUTIONS, *bad)
    assert report.refused
    wanted = ["meeting", "seq", "words", "unit", "target_code", "target_code"]
    assert sorted(reasons(report)) == list(enumerate(wanted, start=2))
    assert session.scalars(select(Resolution)).all() == []


def test_every_word_of_ours_has_a_spelling_that_lists_use():
    assert set(BODY_WORDS.values()) == set(BODIES)
    assert set(meetings.STATE_WORDS.values()) == set(MEETING_STATES)
    assert set(resolutions.STATE_WORDS.values()) == set(RESOLUTION_STATES)
    assert set(resolutions.TARGET_WORDS.values()) == set(TARGETS)


def test_a_meeting_with_resolutions_stays_held(session, bring):
    bring("meetings", MEETINGS, MARCH)
    bring("resolutions", RESOLUTIONS, ("H1", 1, "清理后巷", None, None, None, None, None, None))
    report = bring("meetings", MEETINGS, (*MARCH[:6], "已取消", *MARCH[7:]))
    assert [(one.field, one.reason) for one in report.problems] == [
        ("state", "it was held, for it has 1 resolutions; leave its state at held")
    ]
    assert session.scalars(select(Meeting.state)).all() == ["held"]


def test_a_meeting_is_not_held_before_its_day(session, bring):
    to_come = makers.today() + timedelta(days=3)
    report = bring("meetings", MEETINGS, (*MARCH[:5], to_come, *MARCH[6:]))
    assert [(one.field, one.reason) for one in report.problems] == [
        ("state", f"the meeting is on {to_come}; note it as held from that day on, or correct its time")
    ]
    assert session.scalars(select(Meeting)).all() == []


@pytest.mark.parametrize("state", ["cancelled", "planned"])
def test_what_was_not_held_has_no_resolutions(bring, state):
    words = {word: spelling for spelling, word in meetings.STATE_WORDS.items()}
    bring("meetings", MEETINGS, (*MARCH[:6], words[state], *MARCH[7:]))
    report = bring("resolutions", RESOLUTIONS, ("H1", 1, "清理后巷", None, None, None, None, None, None))
    assert [one.field for one in report.problems] == ["meeting"]
    assert state in report.problems[0].reason


# -- who came, and whistle calls -------------------------------------------------------------------------

SEATS = ("会议编码", "单位", "席位", "到会")
CALLS = ("吹哨编码", "事由", "层级", "区域", "到场时限", "状态", "现场结论", "工单编号", "经度", "纬度")
CALL = ("W1", "后巷堆物", "街镇", "西镇", "2026-03-05 14:00", "现场处置", None, None, 121.405, 31.105)
CALLED = ("吹哨编码", "序号", "单位", "办公室", "科室", "到场时间", "距现场米数")
TASKS = ("吹哨编码", "序号", "议定事项", "责任单位", "完成期限", "办理结果")


def test_who_came_to_a_meeting(session, bring):
    bring("meetings", MEETINGS, MARCH)
    report = bring("meeting_seats", SEATS, ("H1", "春申医院", "主任单位", "是"))
    assert (report.refused, report.problems, report.stored) == (None, [], 1)
    (seat,) = session.scalars(select(MeetingSeat))
    assert (seat.position, seat.attended) == ("chair", True)
    assert bring("meeting_seats", SEATS, ("H1", "春申医院", None, "否")).changed == 1
    assert reasons(bring("meeting_seats", SEATS, ("H9", "春申医院", None, None), ("H1", "无此单位", None, None))) == [
        (2, "meeting"),
        (3, "unit"),
    ]


def test_a_call_comes_with_who_was_called_and_what_was_left_to_do(session, bring):
    assert bring("whistle_calls", CALLS, CALL).problems == []
    office, unit = ("W1", 1, None, "西镇", "综合科", "2026-03-05 13:55", 12.5), ("W1", 2, "春申医院", *[None] * 4)
    assert bring("whistle_invitees", CALLED, office, unit).problems == []
    assert bring("whistle_tasks", TASKS, ("W1", 1, "装路灯", "春申医院", "2026-04-01", "办理中")).problems == []
    (call,) = session.scalars(select(WhistleCall))
    assert (call.level, call.area_code, call.state, call.called_by) == ("town", WEST, "met", "import")
    assert (call.village_code, call.meet_at) == (VILLAGE, datetime(2026, 3, 5, 6, tzinfo=UTC))
    first, second = session.scalars(select(WhistleInvitee).order_by(WhistleInvitee.seq))
    assert (first.office_code, first.part, first.arrived_m, first.arrived_lon) == (WEST, "综合科", 12.5, None)
    assert (second.unit_id is not None, second.arrived_at) == (True, None)
    (task,) = session.scalars(select(Resolution))
    assert (task.whistle_id, task.meeting_id, task.due_on) == (call.id, None, date(2026, 4, 1))
    for kind, head, row in (("whistle_calls", CALLS, CALL), ("whistle_invitees", CALLED, office)):
        again = bring(kind, head, row)
        assert (again.stored, again.changed) == (0, 0)


def test_a_call_that_is_there_stays_whose_it_is(session, bring):
    bring("whistle_calls", CALLS, CALL)
    session.scalars(select(WhistleCall)).one().called_by = "anna"
    session.flush()
    bring("whistle_calls", CALLS, (*CALL[:1], "后巷又堆物", *CALL[2:]))
    (call,) = session.scalars(select(WhistleCall).execution_options(populate_existing=True))
    assert (call.reason, call.called_by) == ("后巷又堆物", "anna")


@pytest.mark.parametrize(
    ("kind", "head", "row", "field"),
    [
        ("whistle_calls", CALLS, ("W2", "x", "街镇", "北镇", "2026-03-05", *[None] * 5), "area_code"),
        ("whistle_calls", CALLS, ("W2", "x", "街镇", "西镇", "三月", *[None] * 5), "meet_at"),
        ("whistle_calls", CALLS, ("W2", "x", "街镇", "西镇", "2026-03-05", None, None, "T404", None, None), "ticket"),
        ("whistle_invitees", CALLED, ("W9", 1, "春申医院", *[None] * 4), "call"),
        ("whistle_invitees", CALLED, ("W1", 1, "春申医院", "西镇", *[None] * 3), "unit"),
        ("whistle_invitees", CALLED, ("W1", 1, *[None] * 5), "unit"),
        ("whistle_invitees", CALLED, ("W1", 1, None, "北镇", *[None] * 3), "office"),
        ("whistle_invitees", CALLED, ("W1", 0, "春申医院", *[None] * 4), "seq"),
        ("whistle_tasks", TASKS, ("W1", 0, "装路灯", None, None, None), "seq"),
    ],
)
def test_what_cannot_be_said_of_a_call_is_told_with_row_and_field(bring, kind, head, row, field):
    bring("whistle_calls", CALLS, CALL)
    assert reasons(bring(kind, head, row)) == [(2, field)]


def test_every_state_of_a_call_can_be_written_in_chinese():
    assert set(CALL_STATE_WORDS.values()) == set(WHISTLE_STATES)
