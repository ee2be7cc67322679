"""Joint projects and shared resources: read from lists as offices keep them, stamped, and refused with reasons."""

from datetime import date

import files
import makers
import pytest
from sqlalchemy import select, text

from geodata.ingest.errors import FieldsMissing, PersonalData
from geodata.ingest.projects import JOINT_WORDS, STAGE_WORDS
from geodata.ingest.spellings import LEVEL_WORDS
from geodata.models import JOINTS, LEVELS, STAGES, Demand, Project, ProjectPartner, Resource
from geodata.services import projects
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


PARTNER_HEAD = ("项目编码", "项目名称", "六联", "阶段", "牵头单位", "参与单位", "支持单位", "服务人次")


def partners(session, code):
    found = projects.partners(session, projects.project(session, code))
    return {unit.code: part for unit, part in found}


def told(session, code):
    history = projects.events(session, projects.project(session, code))
    return [(one.seq, one.action, one.from_stage, one.to_stage, one.actor) for one in history]


def test_a_list_names_who_takes_part_and_a_new_list_takes_their_place(session, sheet, unit):
    for code in ("U2", "U3", "U4"):
        makers.add_unit(session, code)
    # whoever leads often stands among the partners too
    row = ("J1", "义诊", "公益", "实施", "春申医院", "单位U2、U3；春申医院", "U4", 1200)
    path = sheet(PARTNER_HEAD, row)
    report = import_file(session, "projects", path)
    assert (report.problems, report.stored) == ([], 1)
    assert partners(session, "J1") == {"U2": "partner", "U3": "partner", "U4": "support"}
    assert projects.project(session, "J1").people_served == 1200
    again = import_file(session, "projects", path)
    assert (again.stored, again.changed, again.unchanged) == (0, 0, 1)
    fewer = import_file(session, "projects", sheet(PARTNER_HEAD, (*row[:5], "U3", None, 1200)))
    assert (fewer.changed, fewer.unchanged) == (1, 0)
    assert partners(session, "J1") == {"U3": "partner"}
    # a list without these columns says nothing of them
    assert import_file(session, "projects", sheet(PARTNER_HEAD[:4], row[:4])).unchanged == 1
    assert partners(session, "J1") == {"U3": "partner"}


def test_partners_that_are_not_there_or_stand_twice_are_told(session, sheet, unit):
    rows = [
        ("J1", "义诊", "公益", None, None, "春申医院、无名医院", None, None),
        ("J2", "义诊", "公益", None, None, "U1", "春申医院", None),
        ("J3", "义诊", "公益", None, None, None, None, -1),
    ]
    report = import_file(session, "projects", sheet(PARTNER_HEAD, *rows))
    assert [(p.row, p.field) for p in report.problems] == [(2, "partners"), (3, "support"), (4, "people_served")]
    assert "无名医院: there is no member unit" in report.problems[0].reason
    assert session.scalars(select(ProjectPartner)).all() == []


def test_a_dry_run_leaves_neither_partners_nor_events(session, sheet, unit):
    row = ("J1", "义诊", "公益", "实施", None, "U1", None, None)
    assert import_file(session, "projects", sheet(PARTNER_HEAD, row), dry_run=True).stored == 1
    assert session.scalar(text("SELECT count(*) FROM project_partner")) == 0
    assert session.scalar(text("SELECT count(*) FROM project_event")) == 0


def test_an_imported_stage_is_an_event_and_the_history_before_it_stays(session, sheet):
    row = ("J1", "义诊", "公益", "签约")
    import_file(session, "projects", sheet(PARTNER_HEAD[:4], row), actor="clerk")
    projects.move(session, "J1", "running", actor="town")
    import_file(session, "projects", sheet(PARTNER_HEAD[:4], (*row[:3], "已完成")), actor="clerk")
    # other contents alone are no event
    import_file(session, "projects", sheet(PARTNER_HEAD[:4], ("J1", "社区义诊", "公益", "已完成")), actor="clerk")
    assert told(session, "J1") == [
        (1, "import", None, "agreed", "clerk"),
        (2, "begin", "agreed", "running", "town"),
        (3, "import", "running", "done", "clerk"),
    ]
    assert projects.events(session, projects.project(session, "J1"))[-1].note == "list.xlsx"


def test_an_imported_end_meets_the_demand_behind_the_project(session, sheet):
    wanted = Demand(code="D1", name="义诊", kind_code="free_clinic", level="town", area_code=WEST, posted_by="town")
    wanted.state = "matched"
    session.add(wanted)
    session.flush()
    import_file(session, "projects", sheet(PARTNER_HEAD[:4], ("J1", "义诊", "公益", "实施")))
    projects.project(session, "J1").demand_id = wanted.id
    session.flush()
    import_file(session, "projects", sheet(PARTNER_HEAD[:4], ("J1", "义诊", "公益", "完成")))
    session.refresh(wanted)
    assert wanted.state == "met"


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
