from datetime import UTC, datetime

import pytest
from makers import add_areas, add_block, add_point, add_unit, at, square
from sqlalchemy import text

from geodata.errors import BadSetting, NotFound
from geodata.models import DutyGrid, DutyGridCell, GridCell
from geodata.queries.scope import ALL
from geodata.services.assignment import assign
from geodata.services.merging import similar
from geodata.services.places import where
from geodata.services.reports import Telling, is_reportable, report, town_at
from geodata.services.tickets import Position

# a Tuesday, 10 o'clock in the district
WORKING = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
NIGHT = datetime(2026, 3, 10, 16, 0, tzinfo=UTC)


@pytest.fixture
def town(session):
    add_areas(session)
    return session


def ask(session, east, north, **more):
    lon, lat = at(east, north)
    return where(session, lon=lon, lat=lat, **{"scope": ALL, **more})


def test_a_place_has_its_areas(town):
    answer = ask(town, 0.5, 0.5)
    assert answer.is_inside
    assert [answer.areas[level].name for level in ("district", "town", "village")] == ["试验区", "西镇", "一村"]


def test_where_villages_have_no_boundary_the_town_still_answers(town):
    answer = ask(town, 3, 1)
    assert answer.areas["town"].name == "东镇"
    assert answer.areas["village"] is None


def test_on_a_border_the_lower_code_is_home(town):
    assert ask(town, 1, 1).areas["village"].code == "310112101001"


def test_beyond_the_district_nobody_answers(town):
    answer = ask(town, 50, 50)
    assert not answer.is_inside
    assert (answer.cell, answer.blocks, answer.points) == (None, [], [])


def test_the_smallest_block_comes_first_and_those_without_holder_are_named(town):
    holder = add_unit(town, "U1", 0.2, 0.2)
    add_block(town, "B-LARGE", 0, 0, 2, 2)
    add_block(town, "B-SMALL", 0, 0, 1, 1, holder)
    answer = ask(town, 0.5, 0.5)
    assert [(block.code, block.holder_code) for block in answer.blocks] == [("B-SMALL", "U1"), ("B-LARGE", None)]
    assert answer.unheld == ["B-LARGE"]


def test_a_point_answers_as_far_as_its_radius_reaches(town):
    add_point(town, "P1", 0.5, 0.5, radius_m=100)
    assert [point.code for point in ask(town, 0.55, 0.5).points] == ["P1"]
    assert ask(town, 0.65, 0.5).points == []


def test_the_nearest_three_units_come_with_metres(town):
    for code, east in [("FAR", 1.9), ("NEAR", 0.6), ("MID", 1.0), ("NEXT", 0.7)]:
        add_unit(town, code, east, 0.5)
    units = ask(town, 0.5, 0.5).units
    assert [unit.code for unit in units] == ["NEAR", "NEXT", "MID"]
    # a hundredth of a degree of longitude is 954.9 m at 31.105° N
    assert units[0].metres == pytest.approx(95.5, abs=0.3)
    assert units[0].handles is None


def test_metres_decide_not_degrees(town):
    # 0.1 of a hundredth: 95 m east, 111 m north; in degrees they would tie and the code decide
    add_unit(town, "A-NORTH", 0.5, 0.6)
    add_unit(town, "B-EAST", 0.6, 0.5)
    assert [unit.code for unit in ask(town, 0.5, 0.5).units] == ["B-EAST", "A-NORTH"]


def test_with_a_category_each_unit_says_whether_it_handles_it(town):
    add_unit(town, "MARKET", 0.6, 0.5, kind="market")
    add_unit(town, "SCHOOL", 0.7, 0.5, kind="school")
    assert [unit.handles for unit in ask(town, 0.5, 0.5, category="0501", scope=ALL).units] == [True, False]


def test_an_unknown_category_is_refused(town):
    with pytest.raises(NotFound, match="9999"):
        ask(town, 0.5, 0.5, category="9999")


def test_each_unit_says_whether_it_is_open_and_until_when(town):
    add_unit(town, "DAY", 0.6, 0.5, opening_hours="Mo-Fr 08:00-18:00")
    add_unit(town, "UNSAID", 0.7, 0.5)
    day, unsaid = ask(town, 0.5, 0.5, at=WORKING).hours
    assert (day.is_open, f"{day.until:%H:%M}") == (True, "18:00")
    assert (unsaid.is_open, unsaid.until) == (None, None)
    assert ask(town, 0.5, 0.5, at=NIGHT).hours[0].is_open is False


def test_the_rule_of_assignment_says_who_may_take_an_issue_and_why_not(town):
    add_unit(town, "MARKET", 0.6, 0.5, kind="market", town_code="310112101000")
    add_unit(town, "SCHOOL", 0.7, 0.5, kind="school", town_code="310112101000")
    add_unit(town, "ASLEEP", 0.8, 0.5, kind="market", town_code="310112101000", opening_hours="Mo-Fr 08:00-18:00")
    answer = ask(town, 0.5, 0.5, category="0501", scope=ALL, at=NIGHT)
    assert {code: one.is_eligible for code, one in answer.standings.items()} == {
        "MARKET": True,
        "SCHOOL": False,
        "ASLEEP": False,
    }
    assert [reason.word for reason in answer.standings["SCHOOL"].reasons] == ["wrong_kind"]
    assert [reason.word for reason in answer.standings["ASLEEP"].reasons] == ["closed"]
    assert ask(town, 0.5, 0.5).standings == {}


def test_card_and_assignment_agree(town):
    add_unit(town, "ELSEWHERE", 0.52, 0.5, kind="market", town_code="310112102000")
    add_unit(town, "RIGHT", 0.6, 0.5, kind="market", town_code="310112101000")
    able = [code for code, one in ask(town, 0.5, 0.5, category="0501", scope=ALL).standings.items() if one.is_eligible]
    lon, lat = at(0.5, 0.5)
    made = report(town, Telling(Position(lon, lat, "wgs84"), "0501", "摊贩", "o"))
    assert assign(town, made, actor="o", dry_run=True).chosen.unit.code == "RIGHT"
    assert able == ["RIGHT"]


def test_a_holder_of_the_block_here_is_judged_too(town):
    holder = add_unit(town, "HOLDER", 1.9, 1.9, kind="market", town_code="310112101000")
    add_block(town, "B1", 0, 0, 1, 1, holder)
    for number in range(4):
        add_unit(town, f"NEAR{number}", 0.5 + number / 100, 0.5, kind="school")
    assert ask(town, 0.5, 0.5, category="0501", scope=ALL).standings["HOLDER"].is_eligible


def test_two_duty_grids_of_one_scheme_overlap(town):
    town.add(GridCell(code="C1", geom=square(0, 0, 1, 1)))
    grids = [DutyGrid(scheme="responsibility", code=code, name=code) for code in ("G1", "G2")]
    town.add_all([*grids, DutyGrid(scheme="comprehensive", code="G3", name="G3")])
    town.flush()
    town.add(DutyGridCell(duty_grid_id=grids[0].id, cell_code="C1"))
    town.flush()
    assert ask(town, 0.5, 0.5).overlapping == []
    town.add(DutyGridCell(duty_grid_id=grids[1].id, cell_code="C1"))
    town.flush()
    assert ask(town, 0.5, 0.5).overlapping == ["responsibility"]


def test_who_is_not_active_covers_nothing(town):
    assert ask(town, 0.5, 0.5).coverage_m is None
    add_unit(town, "GONE", 0.5, 0.5, is_active=False)
    add_unit(town, "HERE", 0.6, 0.5)
    answer = ask(town, 0.5, 0.5)
    assert answer.units[0].code == "GONE"
    assert answer.coverage_m == pytest.approx(95.5, abs=0.3)


def test_reports_of_the_same_thing_are_those_near_of_late_and_still_open(town):
    lon, lat = at(0.5, 0.5)
    made = report(town, Telling(Position(lon, lat, "wgs84"), "0501", "摊贩", "o"))
    assert made.datum_evidence == "declared"
    assert [one.number for one in similar(town, lon=lon, lat=lat, category="0501", scope=ALL)] == [made.number]
    # 0.04 of a hundredth of a degree is 44 m, 0.05 is 55 m
    assert similar(town, lon=lon, lat=lat + 0.0004, category="0501", scope=ALL) != []
    assert similar(town, lon=lon, lat=lat + 0.0005, category="0501", scope=ALL) == []
    assert similar(town, lon=lon, lat=lat, category="0502", scope=ALL) == []
    assert similar(town, lon=lon, lat=lat, category="0501", scope=ALL, at=datetime(2100, 1, 1, tzinfo=UTC)) == []


def test_nothing_is_reported_from_beyond_the_district_or_from_a_vague_position(town):
    assert is_reportable(town, lon=121.405, lat=31.105)
    assert not is_reportable(town, lon=10, lat=10)
    with pytest.raises(BadSetting, match="in the district"):
        report(town, Telling(Position(10, 10, "wgs84"), "0501", "x", "o"))
    with pytest.raises(BadSetting, match="at most 100"):
        report(town, Telling(Position(121.405, 31.105, "wgs84", "device", 300), "0501", "x", "o"))
    made = report(town, Telling(Position(121.405, 31.105, "wgs84", "device", 12), "0501", "x", "o"))
    assert (made.datum_evidence, made.accuracy_m) == ("device", 12)


def test_boundaries_hold_from_the_morning_of_the_districts_day(town, monkeypatch):
    class Night(datetime):
        @classmethod
        def now(cls, tz=None):
            return NIGHT.astimezone(tz)

    # midnight of the eleventh in the district, and still the tenth in UTC
    monkeypatch.setattr("geodata.services.reports.datetime", Night)
    for day, is_inside in (("2026-03-11", True), ("2026-03-12", False)):
        town.execute(text("UPDATE area SET valid_from = :day"), {"day": day})
        assert is_reportable(town, lon=121.405, lat=31.105) is is_inside
        assert town_at(town, lon=121.405, lat=31.105) == ("310112101000" if is_inside else None)


def test_where_no_boundary_is_known_everywhere_can_be_reported(session):
    assert is_reportable(session, lon=10, lat=10)
