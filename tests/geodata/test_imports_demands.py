"""Demands, resources and their kinds: read from lists as offices keep them, and refused with reasons."""

from datetime import date

import files
import makers
import pytest
from sqlalchemy import select

from geodata.ingest.demands import DEMAND_STATE_WORDS
from geodata.ingest.errors import FieldsMissing, PersonalData
from geodata.models import DEMAND_STATES, Demand, Resource, ResourceKind
from geodata.services.imports import import_file
from geodata.services.stamps import check_stamps

WEST, FIRST = "310112101000", "310112101001"
HEAD = ("需求名称", "需求类型", "层级", "所属区域", "需求内容", "人数", "开始日期", "截止日期", "状态", "经度", "纬度")
CLINIC = ("老年人义诊", "义诊健康", "居村", "一村", "量血压", 60, date(2026, 3, 1), "2026-04-30", None, 121.405, 31.105)


@pytest.fixture(autouse=True)
def areas(session):
    makers.add_areas(session)


@pytest.fixture
def sheet(tmp_path):
    """A function that makes a workbook of its rows."""
    return lambda *rows: files.workbook(tmp_path / "list.xlsx", *rows)


def stored(session, model):
    session.expire_all()
    return session.scalars(select(model).order_by(model.code)).all()


def problems(report):
    return [(one.row, one.field, one.reason) for one in report.problems]


def test_demands_of_an_offices_list(session, sheet):
    parking = ("夜间停车", "parking", None, "西镇", None, None, None, None, "已满足", None, None)
    path = sheet(HEAD, CLINIC, parking)
    report = import_file(session, "demands", path, datum="wgs84")
    assert (report.refused, report.problems, report.stored) == (None, [], 2)
    clinic, other = sorted(stored(session, Demand), key=lambda one: one.kind_code)
    assert (clinic.code[0], clinic.kind_code, clinic.level, clinic.area_code) == ("D", "free_clinic", "village", FIRST)
    assert (clinic.people, clinic.needed_from, clinic.needed_until) == (60, date(2026, 3, 1), date(2026, 4, 30))
    assert (clinic.state, clinic.village_code, clinic.posted_by) == ("open", FIRST, "import")
    assert (other.level, other.area_code, other.state, other.geom) == ("town", WEST, "met", None)
    assert check_stamps(session) == []
    again = import_file(session, "demands", path, datum="wgs84")
    assert (again.stored, again.changed, again.unchanged) == (0, 0, 2)


def test_every_bad_row_of_demands_is_told_with_field_and_reason(session, sheet):
    rows = [
        CLINIC,
        ("甲", "变戏法", "居村", "一村"),
        ("乙", "parking", "居村", "无此村"),
        ("丙", "parking", "居村", None),
        ("丁", "parking", "居村", "一村", None, 0),
        ("戊", "parking", "居村", "一村", None, 10, "2026-05-01", "2026-04-01"),
        ("己", "parking", "居村", "一村", None, 10, None, "下个月"),
        ("庚", "parking", "居村", "一村", None, 10, None, None, "也许"),
    ]
    report = import_file(
        session, "demands", sheet(HEAD, *[(*row, *[None] * (11 - len(row))) for row in rows]), datum="wgs84"
    )
    assert [(row, field) for row, field, _why in problems(report)] == [
        *[(3, "kind_code"), (4, "area_code"), (5, "area_code"), (6, "people"), (7, "needed_until")],
        *[(8, "needed_until"), (9, "state")],
    ]
    assert "no kind of resource of this code or name" in report.problems[0].reason
    assert stored(session, Demand) == []


def test_a_list_without_kinds_cannot_come_in(session, sheet):
    with pytest.raises(FieldsMissing, match="kind_code"):
        import_file(session, "demands", sheet(("需求名称", "所属居村"), ("停车", "一村")))


@pytest.mark.parametrize("kind", ["demands", "resource_kinds"])
@pytest.mark.parametrize("heading", ["政治面貌", "身份证号", "病史"])
def test_columns_about_persons_are_refused(session, sheet, kind, heading):
    with pytest.raises(PersonalData, match=heading):
        import_file(session, kind, sheet(("名称", "类型", "编码", heading), ("义诊", "义诊健康", "X1", "x")))


def test_every_word_of_a_state_means_one_that_can_be_stored():
    assert set(DEMAND_STATE_WORDS.values()) == set(DEMAND_STATES)


def test_the_words_of_a_kind_name_it_or_stay_words(session, sheet):
    makers.add_unit(session, "U1", name="春申医院")
    head = ("资源编码", "资源名称", "资源类型", "提供单位", "容纳人数", "开放规则", "服务对象", "开始日期", "结束日期")
    path = sheet(
        head,
        ("S1", "专家义诊", "义诊健康", "U1", 80, "Sa 08:30-11:30", "老年人", "2026-01-01", "2027-01-01"),
        ("S2", "义诊车", "流动服务", "U1", None, None, None, None, None),
    )
    report = import_file(session, "resources", path)
    assert (problems(report), report.stored) == ([], 2)
    clinic, car = stored(session, Resource)
    assert (clinic.kind_code, clinic.kind, clinic.capacity_count, clinic.hours) == (
        *("free_clinic", "义诊健康", 80),
        "Sa 08:30-11:30",
    )
    assert (clinic.audience, clinic.valid_from, clinic.valid_to) == ("老年人", date(2026, 1, 1), date(2027, 1, 1))
    assert (car.kind_code, car.kind, car.capacity_count) == (None, "流动服务", None)
    assert import_file(session, "resources", path).unchanged == 2


def test_what_a_resource_cannot_be_is_told(session, sheet):
    head = ("资源编码", "资源名称", "类型编码", "容纳人数", "开放规则", "开始日期", "结束日期")
    rows = [
        ("S1", "甲", "magic", None, None, None, None),
        ("S2", "乙", "venue", 0, None, None, None),
        ("S3", "丙", "venue", None, "周六上午", None, None),
        ("S4", "丁", "venue", None, None, "2026-03-01", "2026-03-01"),
    ]
    report = import_file(session, "resources", sheet(head, *rows))
    assert [(row, field) for row, field, _why in problems(report)] == [
        *[(2, "kind_code"), (3, "capacity_count"), (4, "hours"), (5, "valid_to")],
    ]


def test_kinds_are_added_and_renamed_and_share_no_name(session, sheet):
    head = ("类型编码", "中文名称", "英文名称")
    report = import_file(session, "resource_kinds", sheet(head, ("pets", "宠物服务", "pets"), ("venue", "场地", None)))
    assert (problems(report), report.stored, report.changed) == ([], 1, 1)
    assert session.get(ResourceKind, "venue", populate_existing=True).name_en == "场地"
    bad = import_file(
        session, "resource_kinds", sheet(head, ("p2", "停车位", "p2"), ("p3", "新", "n"), ("p4", "新", "m"))
    )
    assert [(row, field) for row, field, _why in problems(bad)] == [(2, "name_zh"), (4, "name_zh")]
