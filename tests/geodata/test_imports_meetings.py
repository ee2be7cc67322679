"""Meetings and their resolutions from lists as offices keep them, and refused with reasons."""

from datetime import UTC, date, datetime

import files
import makers
import pytest
from sqlalchemy import select

from geodata.ingest import meetings, resolutions
from geodata.ingest.meetings import BODY_WORDS
from geodata.models import BODIES, MEETING_STATES, RESOLUTION_STATES, TARGETS, Meeting, Resolution
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
    assert [(one.field, one.reason) for one in report.problems] == [("state", "it was held: it has 1 resolutions")]
    assert session.scalars(select(Meeting.state)).all() == ["held"]


@pytest.mark.parametrize("state", ["cancelled", "planned"])
def test_what_was_not_held_has_no_resolutions(bring, state):
    words = {word: spelling for spelling, word in meetings.STATE_WORDS.items()}
    bring("meetings", MEETINGS, (*MARCH[:6], words[state], *MARCH[7:]))
    report = bring("resolutions", RESOLUTIONS, ("H1", 1, "清理后巷", None, None, None, None, None, None))
    assert [one.field for one in report.problems] == ["meeting"]
    assert state in report.problems[0].reason
