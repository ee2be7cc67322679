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
        "geo:31.12,121.45",
        "geo:31.12,121.45,8;crs=wgs84;u=35",
        "POINT(121.45 31.12)",
        "SRID=4326;Point ( 121.45 31.12 )",
        '{"lat":31.12,"lon":121.45}',
        "{'longitude': 121.45, 'latitude': 31.12}",
        '{"lng": "121.45", "lat": "31.12"}',
        '{"type":"Point","coordinates":[121.45,31.12]}',
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


@pytest.mark.parametrize("typed", ["−73.97, 40.78", "–73.97 40.78", "geo:40.78,−73.97", "POINT(-73.97 40.78)"])
def test_a_minus_is_read_however_it_is_printed(typed):
    assert read_degrees(typed)[:3] == (-73.97, 40.78, False)


def test_what_programs_write_is_read_as_they_mean_it_though_the_other_way_would_lie_here():
    assert read_degrees("geo:10,20", (9.0, 19.0, 11.0, 21.0))[:3] == (20.0, 10.0, False)
    assert read_degrees("POINT(20 10)", (9.0, 19.0, 11.0, 21.0))[:3] == (20.0, 10.0, False)


def test_letters_give_the_sign():
    assert read_degrees("40°47'S 73.5°W")[:2] == (-73.5, pytest.approx(-40.783333333))


@pytest.mark.parametrize(
    "typed",
    [
        *("", "121.45", "1,2,3", "七宝镇", "200, 100", "1e3, 2", "NaN, 1", "310112101001", "121.4531.12"),
        *("geo:31", "geo:31,121;crs=gcj02", "POINT(121 31 7)", "LINESTRING(1 2, 3 4)", "{}", '{"a":1,"b":2}'),
        *("{" * 200, '{"lat":31,"lon":121,"x":1}', "geo:" + "1," * 200, "POINT" + "(" * 200),
        *("E121 E31", "121°75', 31°", "12101, 31", "东川路100号", "1'; DROP TABLE", "°, °", "9" * 200, ", " * 100),
    ],
)
def test_what_is_no_pair_is_nothing(typed):
    assert read_degrees(typed, BOUNDS) is None
