"""Joint projects and shared resources: read from lists as offices keep them, stamped, and refused with reasons."""

from datetime import date

import files
import makers
import pytest
from sqlalchemy import select, text

from geodata.ingest.errors import FieldsMissing, PersonalData
from geodata.ingest.projects import JOINT_WORDS, STAGE_WORDS
from geodata.ingest.spellings import LEVEL_WORDS
from geodata.models import JOINTS, LEVELS, STAGES, Project, Resource
from geodata.services.imports import import_file
from geodata.services.stamps import check_stamps, restamp

WEST, EAST = "310112101000", "310112102000"


@pytest.fixture(autouse=True)
def areas(session):
    makers.add_areas(session)


@pytest.fixture
def unit(session):
    return makers.add_unit(session, "U1", name="春申医院")


@pytest.fixture
def sheet(tmp_path):
    """A function that makes a workbook of its rows."""
    return lambda *rows: files.workbook(tmp_path / "list.xlsx", *rows)


def project(session, name):
    session.expire_all()
    return session.scalars(select(Project).where(Project.name == name)).one()


HEAD = (
    *("项目名称", "六联/板块", "层级", "所属区域", "阶段", "牵头单位", "开始日期", "结束日期", "成效"),
    *("地址", "经度", "纬度"),
)
CLINIC = (
    *("社区义诊", "公益服务联做", "街镇", "东镇", "进行中", "春申医院", date(2026, 3, 1), "2026-12-31", None),
    *("临河路1号", 121.425, 31.11),
)


def test_projects_of_an_offices_list(session, sheet, unit):
    alliance = ("党建联盟", "区域党建联建", "区级", None, "已完成", None, None, None, "十二家签约", None, None, None)
    path = sheet(HEAD, CLINIC, alliance)
    report = import_file(session, "projects", path, datum="wgs84")
    assert (report.refused, report.problems, report.stored) == (None, [], 2)
    clinic = project(session, "社区义诊")
    assert (clinic.joint, clinic.level, clinic.area_code, clinic.stage) == ("welfare", "town", EAST, "running")
    assert (clinic.lead_unit_id, clinic.starts_on, clinic.ends_on) == (unit.id, date(2026, 3, 1), date(2026, 12, 31))
    assert (clinic.town_code, clinic.place_level, clinic.accuracy_m) == (EAST, "given", 10.0)
    named = project(session, "党建联盟")
    assert (named.joint, named.level, named.area_code, named.geom) == ("party_building", "district", "310112", None)
    assert (named.stage, named.outcome) == ("done", "十二家签约")
    again = import_file(session, "projects", path, datum="wgs84")
    assert (again.stored, again.changed, again.unchanged) == (0, 0, 2)
    assert check_stamps(session) == []


def test_english_headings_and_codes(session, sheet):
    head = ("code", "name", "joint", "level", "area_code", "stage", "start_date")
    report = import_file(
        session, "projects", sheet(head, ("J1", "Reading", "culture", "village", 310112101001, "", ""))
    )
    assert (report.problems, report.stored) == ([], 1)
    reading = project(session, "Reading")
    assert (reading.code, reading.area_code, reading.stage, reading.starts_on) == (
        "J1",
        "310112101001",
        "proposed",
        None,
    )


def test_every_bad_row_is_told_with_its_reason(session, sheet):
    rows = [
        ("义诊", "公益", "街镇", "南镇", None, None, None, None),
        ("义诊", "旅游", "街镇", "东镇", None, None, None, None),
        ("义诊", "公益", "街镇", "东镇", "睡着", None, None, None),
        ("义诊", "公益", "街镇", "东镇", None, "无名医院", None, None),
        ("义诊", "公益", "街镇", "东镇", None, None, "2026-05-01", "2026-04-01"),
        (None, "公益", "街镇", "东镇", None, None, None, None),
    ]
    report = import_file(session, "projects", sheet(HEAD[:8], *rows))
    assert "6 of 6 rows have problems" in report.refused
    assert [(p.row, p.field) for p in report.problems] == [
        (2, "area_code"),
        (3, "joint"),
        (4, "stage"),
        (5, "lead"),
        (6, "ends_on"),
        (7, "name"),
    ]
    reasons = [p.reason for p in report.problems]
    assert "there is no town of this code or name" in reasons[0]
    assert "party_building, governance" in reasons[1]
    assert "before it begins, on 2026-05-01" in reasons[4]
    assert session.scalar(text("SELECT count(*) FROM project")) == 0


def test_a_list_without_joints_cannot_begin(session, sheet):
    with pytest.raises(FieldsMissing, match="joint"):
        import_file(session, "projects", sheet(("项目名称",), ("义诊",)))


def test_a_name_that_two_villages_share_asks_for_the_code(session, sheet):
    session.execute(text("UPDATE area SET name = '一村' WHERE code = '310112101002'"))
    row = ("义诊", "公益", "居村", "一村")
    report = import_file(session, "projects", sheet(HEAD[:4], row))
    assert "give the code, one of 310112101001, 310112101002" in report.problems[0].reason


def test_resources_with_and_without_a_place_of_their_own(session, sheet, unit):
    head = ("资源名称", "类型", "提供单位", "容量", "开放时间", "地址", "经度", "纬度")
    path = sheet(
        head,
        ("会议室", "场地", "U1", 80, "工作日", None, None, None),
        ("义诊车", "服务", "春申医院", "2辆", None, None, 121.425, 31.11),
    )
    report = import_file(session, "resources", path, datum="wgs84")
    assert (report.problems, report.stored) == ([], 2)
    hall, car = session.scalars(select(Resource).order_by(Resource.kind)).all()
    assert (hall.unit_id, hall.capacity, hall.available, hall.geom) == (unit.id, "80", "工作日", None)
    assert (car.unit_id, car.town_code, car.village_code) == (unit.id, EAST, None)
    assert import_file(session, "resources", path, datum="wgs84").unchanged == 2
    shown = "SELECT count(*) FROM resource AS r JOIN member_unit AS u ON u.id = r.unit_id WHERE r.geom IS NULL"
    assert session.scalar(text(shown)) == 1
    assert check_stamps(session) == []


def test_their_codes_follow_new_boundaries(session, sheet):
    import_file(session, "projects", sheet(HEAD, (*CLINIC[:5], None, *CLINIC[6:])), datum="wgs84")
    assert project(session, "社区义诊").town_code == EAST
    # the western town takes all of the ground
    session.execute(text("UPDATE area SET geom = NULL WHERE code = :code"), {"code": EAST})
    whole = {"geom": makers.square(0, 0, 4, 2), "code": WEST}
    session.execute(text("UPDATE area SET geom = ST_GeomFromEWKT(:geom) WHERE code = :code"), whole)
    assert [one.table for one in check_stamps(session)] == ["project"]
    restamp(session)
    assert project(session, "社区义诊").town_code == WEST
    assert check_stamps(session) == []


@pytest.mark.parametrize("kind", ["projects", "resources"])
@pytest.mark.parametrize("heading", ["政治面貌", "身份证号", "病史"])
def test_columns_about_persons_are_refused(session, sheet, kind, heading):
    with pytest.raises(PersonalData, match=heading):
        import_file(session, kind, sheet(("名称", "六联", heading), ("义诊", "公益", "x")))


def test_every_word_means_something_that_can_be_stored():
    assert set(JOINT_WORDS.values()) == set(JOINTS)
    assert set(STAGE_WORDS.values()) == set(STAGES)
    assert set(LEVEL_WORDS.values()) == set(LEVELS)
