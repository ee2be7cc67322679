import pytest
from makers import add_areas, add_block, add_point, add_unit, at

from geodata.errors import NotFound
from geodata.services.places import where


@pytest.fixture
def town(session):
    add_areas(session)
    return session


def ask(session, east, north, **more):
    lon, lat = at(east, north)
    return where(session, lon=lon, lat=lat, **more)


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
    assert [unit.handles for unit in ask(town, 0.5, 0.5, category="0501").units] == [True, False]


def test_an_unknown_category_is_refused(town):
    with pytest.raises(NotFound, match="9999"):
        ask(town, 0.5, 0.5, category="9999")
