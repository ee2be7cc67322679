"""The duty roster: turns that do not overlap, who is there at a moment, and the areas that share a team."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from makers import add_areas, add_unit
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from geodata.errors import NotFound
from geodata.models import ResponsibilityPoint, RosterTurn, ServiceTeam, SharedService
from geodata.record_errors import BadValue, Overlaps
from geodata.services import changes, roster
from geodata.services.imports import import_file
from geodata.services.roster import Slot, add_turns, named, on_duty, remove_turn, share, shared_with, week

TOWN, OTHER, VILLAGE, FAR = "310112101000", "310112102000", "310112101001", "310112102001"
MONDAY = date(2026, 3, 2)
MORNING = Slot(MONDAY, time(8, 30), time(12))


@pytest.fixture(autouse=True)
def team(session):
    """A team in each town, and a point of the western one."""
    add_areas(session)
    session.add_all(
        [
            ServiceTeam(code="T1", name="一队", town_code=TOWN),
            ServiceTeam(code="T2", name="二队", town_code=OTHER),
            ResponsibilityPoint(code="P1", name="一点", town_code=TOWN),
        ]
    )
    session.flush()


def put(session, slot=MORNING, code="T1", kind="team", unit=None, role="值班长"):
    return add_turns(session, named(session, kind, code), slot, actor="town", unit=unit, role=role)


def test_it_works(session):
    unit = add_unit(session, "U1", name="医院")
    put(session, unit=unit)
    found = week(session, MONDAY + timedelta(days=3), town_code=TOWN)
    (service,) = found.services
    assert (found.monday, service.code) == (MONDAY, "T1")
    (turn,) = found.of(service, MONDAY)
    assert (turn.unit_name, turn.role, turn.opens) == ("医院", "值班长", time(8, 30))
    assert found.without(MONDAY + timedelta(days=1)) == [service]


def test_the_same_weekday_of_some_weeks(session):
    made = put(session, MORNING._replace(weeks=3))
    assert [turn.day for turn in made] == [MONDAY + timedelta(weeks=n) for n in range(3)]
    last = changes.latest(session, [roster.KIND], limit=9)
    assert len(last) == 1
    assert last[0].report["after"]["weeks"] == 3


@pytest.mark.parametrize(("opens", "closes"), [((8, 30), (12, 0)), ((11, 0), (13, 0)), ((7, 0), (20, 0))])
def test_nobody_is_put_where_somebody_is_already(session, opens, closes):
    put(session, MORNING._replace(day=MONDAY + timedelta(weeks=1)))
    with pytest.raises(Overlaps, match="2026-03-09"):
        put(session, Slot(MONDAY, time(*opens), time(*closes), weeks=2))
    assert len(session.scalars(select(RosterTurn)).all()) == 1


def test_one_may_follow_the_other(session):
    put(session)
    put(session, Slot(MONDAY, time(12), time(17)))
    put(session, code="T2")


@pytest.mark.parametrize(
    ("slot", "role", "field"),
    [
        (Slot(MONDAY, time(12), time(12)), "岗", "closes"),
        (MORNING._replace(weeks=0), "岗", "weeks"),
        (MORNING._replace(weeks=99), "岗", "weeks"),
        (MORNING, None, "unit"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(session, slot, role, field):
    with pytest.raises(BadValue) as refused:
        put(session, slot, role=role)
    assert refused.value.field == field


def test_who_is_on_duty_follows_the_districts_clock(session):
    put(session)
    at_nine = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    assert [service.code for service, _ in on_duty(session, at_nine)] == ["T1"]
    assert on_duty(session, at_nine + timedelta(hours=3)) == []


def test_a_turn_is_taken_off(session):
    (turn,) = put(session)
    remove_turn(session, turn.id, actor="town")
    assert session.scalars(select(RosterTurn)).all() == []
    with pytest.raises(NotFound):
        remove_turn(session, turn.id, actor="town")


def test_a_shared_team_stands_in_the_week_of_those_who_share_it(session):
    share(session, named(session, "team", "T1"), [("village", FAR)], actor="town")
    assert [one.code for one in week(session, MONDAY, town_code=OTHER).services] == ["T1", "T2"]
    assert week(session, MONDAY, town_code=OTHER).services[0].shared_with == ["三村"]
    assert shared_with(session, named(session, "team", "T1")) == [("village", FAR)]


def test_sharing_replaces_what_was_said_before(session):
    service = named(session, "team", "T1")
    share(session, service, [("village", FAR), ("village", FAR)], actor="town")
    share(session, service, [("town", OTHER)], actor="town")
    share(session, service, [("town", OTHER)], actor="town")
    assert shared_with(session, service) == [("town", OTHER)]
    assert len(changes.latest(session, [roster.KIND_OF_SHARING], limit=9)) == 2


@pytest.mark.parametrize("area", [("village", "999"), ("planet", TOWN), ("village", TOWN)])
def test_an_area_that_is_none_shares_nothing(session, area):
    with pytest.raises(NotFound):
        share(session, named(session, "team", "T1"), [area], actor="town")


def test_an_unknown_team_is_told(session):
    with pytest.raises(NotFound, match="T9"):
        named(session, "team", "T9")


def test_a_roster_comes_in_as_a_sheet(session, tmp_path):
    path = tmp_path / "r.csv"
    lines = ("团队,T1,2026-03-02,8:30,12:00,,值班长", "责任点,P1,2026/3/2,13：00,17:00,,服务岗")
    path.write_text("服务类型,服务编码,日期,开始时间,结束时间,单位编码,值班岗位\n" + "\n".join(lines), encoding="utf-8")
    report = import_file(session, "roster", path)
    assert (report.refused, report.stored) == (None, 2)
    assert {one.of_kind for one in week(session, MONDAY, town_code=TOWN).services} == {"team", "point"}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("团队,T9,2026-03-02,8:30,12:00,,岗", "no team of this code"),
        ("团队,T1,2026-03-02,12:00,8:30,,岗", "after 12:00"),
        ("团队,T1,2026-03-02,8:30,12:00,,", "the unit or the post"),
        ("团队,T1,2026-03-02,25:00,26:00,,岗", "a time such as"),
        ("部门,T1,2026-03-02,8:30,12:00,,岗", "one of"),
    ],
)
def test_a_bad_row_is_told(session, tmp_path, line, reason):
    path = tmp_path / "r.csv"
    path.write_text(f"服务类型,服务编码,日期,开始时间,结束时间,单位编码,值班岗位\n{line}\n", encoding="utf-8")
    assert reason in import_file(session, "roster", path).problems[0].reason


def test_sharing_comes_in_as_a_sheet(session, tmp_path):
    path = tmp_path / "s.csv"
    path.write_text("服务类型,服务编码,层级,区域\n团队,T1,居村,三村\n团队,T8,居村,三村\n", encoding="utf-8")
    report = import_file(session, "shared_services", path, skip_bad=True)
    assert (report.stored, report.bad) == (1, 1)
    assert session.scalars(select(SharedService.area_code)).all() == [FAR]


HEADINGS = "服务类型,服务编码,日期,开始时间,结束时间,单位编码,值班岗位"


def test_turns_that_overlap_are_told_by_row(session, tmp_path):
    put(session)
    lines = ("团队,T1,2026-03-02,11:00,13:00,,岗", "责任点,P1,2026-03-02,8:00,12:00,,岗")
    lines += ("责任点,P1,2026-03-02,11:30,12:30,,二岗", "责任点,P1,2026-03-03,11:30,12:30,,二岗")
    path = tmp_path / "r.csv"
    path.write_text("\n".join((HEADINGS, *lines)), encoding="utf-8")
    report = import_file(session, "roster", path, skip_bad=True)
    one = "; there can be one at a time"
    assert [(problem.row, problem.field, problem.reason) for problem in report.problems] == [
        (2, "opens", f"it overlaps 值班长 from 2026-03-02 08:30 to 12:00 (stored already){one}"),
        (4, "opens", f"it overlaps 岗 from 2026-03-02 08:00 to 12:00 (of row 3){one}"),
    ]
    assert report.stored == 2


def test_a_turn_that_a_row_replaces_is_in_nobody_s_way(session, tmp_path):
    put(session)
    path = tmp_path / "r.csv"
    path.write_text("\n".join((HEADINGS, "团队,T1,2026-03-02,8:30,17:00,,全天岗")), encoding="utf-8")
    report = import_file(session, "roster", path)
    assert (report.refused, report.changed) == (None, 1)


def test_the_database_refuses_turns_that_meet(session):
    put(session)
    session.add(RosterTurn(of_kind="team", of_code="T1", day=MONDAY, opens=time(11), closes=time(13), role="岗"))
    with pytest.raises(IntegrityError, match="roster_turn_one_at_a_time"):
        session.flush()
