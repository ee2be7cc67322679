"""Lists of the network as offices keep them: conveners, seats, contacts, pilots; what overlaps is told by its row."""

from datetime import date

import files
import makers
import pytest
from sqlalchemy import select

from geodata.ingest.errors import FieldsMissing, PersonalData
from geodata.ingest.seats import BODY_WORDS, POSITION_WORDS
from geodata.models import BODIES, POSITIONS, AreaContact, ConferenceSeat, ConvenerTerm, Membership, PilotArea
from geodata.services.imports import import_file

TOWN, VILLAGE = "310112101000", "310112101001"


@pytest.fixture(autouse=True)
def units(session):
    """Two units by name."""
    makers.add_areas(session)
    return makers.add_unit(session, "U1", name="春申医院"), makers.add_unit(session, "U2", name="东川中学")


@pytest.fixture
def take(session, tmp_path):
    """A function from a kind and rows of a workbook to the report of the import."""

    def read(kind, *rows, **how):
        return import_file(session, kind, files.workbook(tmp_path / "list.xlsx", *rows), **how)

    return read


def told(report):
    return [(problem.row, problem.field, problem.reason) for problem in report.problems]


CONVENERS = ("层级", "区域", "轮值年度", "轮值召集人")


def test_conveners_by_year(session, take):
    report = take("conveners", CONVENERS, ("街镇", "西镇", "2025年度", "春申医院"), ("街镇", "西镇", 2026, "U2"))
    assert (report.refused, report.stored) == (None, 2)
    found = session.scalars(select(ConvenerTerm).order_by(ConvenerTerm.valid_from)).all()
    assert [(one.level, one.area_code, one.valid_from, one.valid_to) for one in found] == [
        ("town", TOWN, date(2025, 1, 1), date(2026, 1, 1)),
        ("town", TOWN, date(2026, 1, 1), date(2027, 1, 1)),
    ]


DAYS = ("区域", "轮值召集人", "开始日期", "截止日期")


def test_terms_that_overlap_in_the_file_are_told_by_row(take):
    report = take(
        "conveners",
        DAYS,
        ("西镇", "U1", "2026-01-01", "2026-12-31"),
        ("东镇", "U1", "2026-06-01", None),
        ("西镇", "U2", "2026-12-31", "2027-12-31"),
    )
    assert report.refused
    assert told(report) == [
        (
            4,
            "valid_from",
            "it overlaps 春申医院 from 2026-01-01 to 2026-12-31 (of row 2); there can be one at a time",
        )
    ]


def test_terms_that_overlap_what_is_stored_are_told_unless_the_file_ends_it(session, take, units):
    session.add(ConvenerTerm(level="town", area_code=TOWN, unit_id=units[0].id, valid_from=date(2026, 1, 1)))
    session.flush()
    new = ("西镇", "U2", "2027-01-01", "2027-12-31")
    report = take("conveners", DAYS, new)
    assert told(report) == [
        (2, "valid_from", "it overlaps 春申医院 from 2026-01-01 on (stored already); there can be one at a time")
    ]
    # the new one stands first, and the one before it ends in the same file
    report = take("conveners", DAYS, new, ("西镇", "U1", "2026-01-01", "2026-12-31"))
    assert (report.refused, report.stored, report.changed) == (None, 1, 1)


def test_a_term_needs_its_days_in_order(take):
    report = take("conveners", DAYS, ("西镇", "U1", "2026-02-01", "2026-01-01"), ("东镇", "U1", None, None))
    assert [(row, field) for row, field, _ in told(report)] == [(2, "last_day"), (3, "valid_from")]


SEATS = ("层级", "区域", "会议", "单位", "席位", "开始日期")


def test_seats_with_the_words_of_the_trade(session, take):
    report = take(
        "seats",
        SEATS,
        ("街镇", "西镇", "联席会议", "春申医院", "主任", "2025-03-01"),
        ("街镇", "西镇", "社区委员会", "U2", "副主任单位", None),
        ("居村", "一村", "村居共治会议", "U2", None, None),
    )
    assert (report.refused, report.stored) == (None, 3)
    found = session.scalars(select(ConferenceSeat).order_by(ConferenceSeat.id)).all()
    assert [(one.body, one.position) for one in found] == [
        ("joint_conference", "chair"),
        ("committee", "deputy"),
        ("village_meeting", "member"),
    ]


def test_two_chairs_two_seats_of_one_and_a_meeting_that_is_not_there_are_refused(take):
    report = take(
        "seats",
        SEATS,
        ("街镇", "西镇", "联席会议", "U1", "主任", "2025-03-01"),
        ("街镇", "西镇", "联席会议", "U2", "主任", "2025-04-01"),
        ("街镇", "西镇", "联席会议", "U1", "成员", "2025-05-01"),
        ("居村", "一村", "联席会议", "U1", "成员", None),
    )
    assert [(row, field) for row, field, _ in told(report)] == [(3, "valid_from"), (4, "valid_from"), (5, "body")]


CONTACTS = ("层级", "区域", "事项", "联系岗位", "电话", "时间")


def test_contacts_are_roles(session, take):
    rows = (
        ("区级", None, "综合协调", "区党建办", "000-1", "24/7"),
        ("居村", "一村", "物业管理", "物业岗", None, None),
    )
    report = take("contacts", CONTACTS, *rows)
    assert (report.refused, report.stored) == (None, 2)
    found = session.scalars(select(AreaContact).order_by(AreaContact.id)).all()
    assert [(one.level, one.area_code, one.phone, one.hours) for one in found] == [
        ("district", "310112", "000-1", "24/7"),
        ("village", VILLAGE, None, None),
    ]
    report = take("contacts", CONTACTS, ("街镇", "西镇", "综合协调", "党建办", None, "白天"))
    assert told(report) == [(2, "hours", "write opening hours such as Mo-Fr 08:30-17:00 or 24/7")]


def test_names_of_people_are_no_roles(take):
    with pytest.raises(FieldsMissing, match="role"):
        take("contacts", ("区域", "事项", "姓名", "手机"), ("西镇", "综合协调", "张三", "13800000000"))
    with pytest.raises(PersonalData):
        take("contacts", (*CONTACTS, "政治面貌"), ("区级", None, "综合协调", "区党建办", None, None, "党员"))


def test_pilots(session, take):
    head = ("试点居村", "试点内容", "开始日期", "截止日期")
    report = take("pilots", head, ("一村", "议事规则", "2025-07-01", None))
    assert (report.refused, report.stored) == (None, 1)
    found = session.scalars(select(PilotArea)).one()
    assert (found.level, found.area_code, found.note, found.valid_to) == ("village", VILLAGE, "议事规则", None)
    report = take("pilots", head, ("一村", "再来", "2026-07-01", None))
    assert "overlaps" in report.problems[0].reason


def test_every_word_of_the_tables_has_spellings():
    assert set(BODY_WORDS.values()) == set(BODIES)
    assert set(POSITION_WORDS.values()) == set(POSITIONS)


MEMBERS = ("单位", "层级", "区域", "开始日期", "结束日期")


def test_memberships_of_one_unit_and_area_that_overlap_are_told_by_row(session, take, units):
    session.add(Membership(unit_id=units[0].id, level="town", area_code=TOWN, valid_from=date(2025, 1, 1)))
    session.flush()
    report = take(
        "memberships",
        MEMBERS,
        ("U1", "街镇", "西镇", "2026-01-01", None),
        ("U2", "街镇", "西镇", "2025-01-01", "2026-01-01"),
        ("U2", "街镇", "西镇", "2025-12-31", None),
        ("U2", "居村", "一村", "2025-06-01", None),
        ("U2", "居村", "二村", "2025-06-01", "2025-06-01"),
    )
    assert report.refused
    one = "; there can be one at a time"
    assert told(report) == [
        (2, "valid_from", f"it overlaps 春申医院 from 2025-01-01 on (stored already){one}"),
        (4, "valid_from", f"it overlaps 东川中学 from 2025-01-01 to 2025-12-31 (of row 3){one}"),
        (6, "valid_to", "it ends before it begins, on 2025-06-01"),
    ]


def test_a_membership_begins_anew_where_the_same_file_ends_the_one_before(session, take, units):
    session.add(Membership(unit_id=units[0].id, level="town", area_code=TOWN, valid_from=date(2025, 1, 1)))
    session.flush()
    rows = ("U1", "街镇", "西镇", "2026-03-01", None), ("U1", "街镇", "西镇", "2025-01-01", "2026-01-01")
    report = take("memberships", MEMBERS, *rows)
    assert (report.refused, report.stored, report.changed) == (None, 1, 1)
    assert take("memberships", MEMBERS, *rows).unchanged == 2
