import pytest

from spatial.degrees import read_degrees

BOUNDS = (121.3, 31.0, 121.6, 31.3)


@pytest.mark.parametrize(
    "typed",
    [
        "121.45, 31.12",
        "121.45 31.12",
        "１２１．４５，３１．１２",
        "121.45°，31.12°",
        "(121.45, 31.12)",
        "121.450000, 31.120000 (WGS 84)",
        "121.45,31.12 CGCS2000",
        "E121.45 N31.12",
        "N31.12 E121.45",
        "31.12N, 121.45E",
        "31.12°N 121.45°E",
        "31.12N121.45E",
        "lat: 31.12, lng: 121.45",
        "东经121.45度，北纬31.12度",
        "121°27'00\"E 31°07'12\"N",
        "31°07′12″N, 121°27′00″E",
        "１２１度２７分，３１度７分１２秒",
        "121°27',31°7.2'",
    ],
)
def test_a_pair_is_read_however_it_is_written(typed):
    found = read_degrees(typed, BOUNDS)
    assert (found.lon, found.lat, found.is_swapped) == (pytest.approx(121.45), pytest.approx(31.12), False)


def test_latitude_first_is_understood_and_told():
    assert read_degrees("31.12, 121.45", BOUNDS) == (121.45, 31.12, True, False)
    assert read_degrees("31.12, 121.45") == (121.45, 31.12, True, False)


def test_a_pair_that_could_be_either_is_swapped_only_for_a_district_it_then_lies_in():
    assert read_degrees("40.78, -73.97", (-74.05, 40.6, -73.9, 40.9)).is_swapped
    assert read_degrees("40.78, -73.97") == (40.78, -73.97, False, False)


def test_letters_give_the_sign():
    assert read_degrees("40°47'S 73.5°W")[:2] == (-73.5, pytest.approx(-40.783333333))


@pytest.mark.parametrize(
    "typed",
    [
        *("", "121.45", "1,2,3", "七宝镇", "200, 100", "1e3, 2", "NaN, 1", "310112101001", "121.4531.12"),
        *("E121 E31", "121°75', 31°", "12101, 31", "东川路100号", "1'; DROP TABLE", "°, °", "9" * 200, ", " * 100),
    ],
)
def test_what_is_no_pair_is_nothing(typed):
    assert read_degrees(typed, BOUNDS) is None
