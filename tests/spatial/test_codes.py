import pytest

from spatial.codes import CodePattern
from spatial.errors import BadCode, BadPattern, TooManyCells

SHANGHAI = CodePattern.parse("{district:6}{town:3}{village:3}{cell:3}")
NEW_YORK = CodePattern.parse("{town:1}{village:2}{cell:4}")


def test_a_pattern_is_read():
    assert SHANGHAI.parts == (("district", 6), ("town", 3), ("village", 3), ("cell", 3))
    assert SHANGHAI.levels == ("district", "town", "village")
    assert SHANGHAI.text == "{district:6}{town:3}{village:3}{cell:3}"
    assert (SHANGHAI.padded, NEW_YORK.padded) == (True, False)
    assert CodePattern.parse(NEW_YORK.text, padded=True).padded


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("", "not a row", id="empty"),
        pytest.param("{district}{cell:3}", "not a row", id="no width"),
        pytest.param("{district:6}-{cell:3}", "not a row", id="something between"),
        pytest.param("{district:6}{town:3}", "end with", id="no cell"),
        pytest.param("{cell:3}", "end with", id="no area"),
        pytest.param("{cell:3}{town:3}", "end with", id="cell first"),
        pytest.param("{town:3}{town:3}{cell:3}", "twice", id="named twice"),
        pytest.param("{town:0}{cell:3}", "1 to 12", id="width 0"),
    ],
)
def test_a_pattern_that_cannot_be_read_is_refused(text, why):
    with pytest.raises(BadPattern, match=why):
        CodePattern.parse(text)


@pytest.mark.parametrize(
    ("pattern", "code", "parts"),
    [
        (SHANGHAI, "310112", {"district": "310112"}),
        (SHANGHAI, "310112101", {"district": "310112", "town": "101"}),
        (SHANGHAI, "310112101000", {"district": "310112", "town": "101", "village": "000"}),
        (SHANGHAI, "310112101005", {"district": "310112", "town": "101", "village": "005"}),
        (SHANGHAI, "310112101005017", {"district": "310112", "town": "101", "village": "005", "cell": "017"}),
        (SHANGHAI, "31011210100000017", {"district": "310112", "town": "101", "village": "000", "cell": "00017"}),
        (NEW_YORK, "1010042", {"town": "1", "village": "01", "cell": "0042"}),
    ],
)
def test_a_code_is_split(pattern, code, parts):
    assert pattern.split(code) == parts


@pytest.mark.parametrize(
    "code", ["", "31011", "3101121", "31011210100", "3101121010050171", "310112-101", "310112101005ABC", "３１０１１２"]
)
def test_a_code_that_does_not_fit_is_refused(code):
    with pytest.raises(BadCode, match="does not fit") as caught:
        SHANGHAI.split(code)
    assert (caught.value.code, caught.value.pattern) == (code, SHANGHAI.text)


@pytest.mark.parametrize(
    ("pattern", "code", "level"),
    [
        (SHANGHAI, "310112", "district"),
        (SHANGHAI, "310112000000", "district"),
        (SHANGHAI, "310112101", "town"),
        (SHANGHAI, "310112101000", "town"),
        (SHANGHAI, "310112100000", "town"),
        (SHANGHAI, "310112101005", "village"),
        (SHANGHAI, "310112101005001", "cell"),
        (SHANGHAI, "31011210100000001", "cell"),
        (NEW_YORK, "1", "town"),
        (NEW_YORK, "101", "village"),
    ],
)
def test_a_code_tells_its_level(pattern, code, level):
    assert pattern.level_of(code) == level


@pytest.mark.parametrize(
    ("pattern", "code", "level", "parent_level", "parent"),
    [
        pytest.param(SHANGHAI, "310112101005", "village", "town", "310112101000", id="village to padded town"),
        pytest.param(SHANGHAI, "310112101005", "village", "district", "310112", id="village to district"),
        pytest.param(SHANGHAI, "310112101000", "town", "district", "310112", id="padded town to district"),
        pytest.param(SHANGHAI, "310112101", "town", "district", "310112", id="short town to district"),
        pytest.param(SHANGHAI, "310112101005017", "cell", "village", "310112101005", id="cell to village"),
        pytest.param(SHANGHAI, "310112101005017", "cell", "town", "310112101000", id="cell to town"),
        pytest.param(SHANGHAI, "31011210100000017", "cell", "town", "310112101000", id="provisional cell to town"),
        pytest.param(NEW_YORK, "101", "village", "town", "1", id="board to borough"),
        pytest.param(NEW_YORK, "1010042", "cell", "village", "101", id="cell to board"),
    ],
)
def test_a_code_has_a_parent(pattern, code, level, parent_level, parent):
    assert pattern.parent_code(code, level, parent_level) == parent


@pytest.mark.parametrize(
    ("code", "level", "parent_level"),
    [
        pytest.param("310112", "village", "town", id="too short"),
        pytest.param("310112101", "village", "town", id="a town is no village"),
        pytest.param("310112101005", "town", "village", id="downwards"),
        pytest.param("310112101005", "village", "village", id="itself"),
        pytest.param("310112101005", "cell", "town", id="not a cell"),
        pytest.param("310112101005", "village", "county", id="no such level"),
    ],
)
def test_a_parent_that_cannot_be_told_is_refused(code, level, parent_level):
    with pytest.raises(BadCode):
        SHANGHAI.parent_code(code, level, parent_level)


@pytest.mark.parametrize(
    ("pattern", "code", "area"),
    [
        (SHANGHAI, "310112101005017", "310112101005"),
        (SHANGHAI, "31011210100000017", "310112101000"),
        (SHANGHAI, "310112101005", "310112101005"),
        (NEW_YORK, "1010042", "101"),
        (NEW_YORK, "10000042", "1"),
    ],
)
def test_the_area_of_a_cell(pattern, code, area):
    assert pattern.area_part(code) == area


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [("310112101000", "310112101", True), ("310112", "310112000000", True), ("310112101000", "310112102000", False)],
)
def test_two_spellings_of_one_area(left, right, same):
    assert SHANGHAI.is_same(left, right) is same


@pytest.mark.parametrize(
    ("pattern", "area_code", "cut_level", "code", "is_provisional"),
    [
        pytest.param(SHANGHAI, "310112101005", "village", "310112101005007", False, id="within a village"),
        pytest.param(SHANGHAI, "310112101000", "town", "31011210100000007", True, id="within a town"),
        pytest.param(SHANGHAI, "310112101", "town", "31011210100000007", True, id="within a town, short"),
        pytest.param(SHANGHAI, "310112", "district", "31011200000000007", True, id="within the district"),
        pytest.param(NEW_YORK, "101", "village", "1010007", False, id="within a board"),
        pytest.param(NEW_YORK, "1", "town", "10000007", True, id="within a borough"),
    ],
)
def test_a_cell_gets_its_code(pattern, area_code, cut_level, code, is_provisional):
    assert pattern.cell_code(area_code, 7, cut_level=cut_level) == code
    assert pattern.is_provisional(code) is is_provisional
    assert pattern.is_same(pattern.area_part(code), area_code)


def test_the_last_cell_still_has_a_code():
    assert SHANGHAI.cell_code("310112101005", 999, cut_level="village") == "310112101005999"
    assert SHANGHAI.cell_code("310112101000", 99_999, cut_level="town") == "31011210100099999"


@pytest.mark.parametrize(
    ("area_code", "running", "cut_level", "limit", "hint"),
    [
        pytest.param("310112101005", 1000, "village", 999, r"\{cell:4\}", id="village"),
        pytest.param("310112101000", 100_000, "town", 99_999, "larger cells", id="town"),
    ],
)
def test_one_cell_more_is_refused_with_a_way_out(area_code, running, cut_level, limit, hint):
    with pytest.raises(TooManyCells, match=hint) as caught:
        SHANGHAI.cell_code(area_code, running, cut_level=cut_level)
    assert (caught.value.area_code, caught.value.count, caught.value.limit) == (area_code, running, limit)


@pytest.mark.parametrize(
    ("area_code", "running", "cut_level"),
    [
        pytest.param("310112101", 1, "village", id="town code for a village"),
        pytest.param("310112101005", 1, "town", id="village code for a town"),
        pytest.param("310112101005001", 1, "village", id="cell code"),
        pytest.param("310112101005", 1, "cell", id="cells in a cell"),
        pytest.param("310112101005", 0, "village", id="number 0"),
        pytest.param("310112101005", -3, "village", id="negative number"),
    ],
)
def test_a_cell_code_of_the_wrong_area_is_refused(area_code, running, cut_level):
    with pytest.raises(BadCode):
        SHANGHAI.cell_code(area_code, running, cut_level=cut_level)
