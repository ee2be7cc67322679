"""Lines of house numbers on a map: numbers between two doors, which are no doors themselves."""

import files
import makers
import pytest
from gazetteers import aliases, entries, note, take
from geoalchemy2.shape import to_shape
from osm_files import osm_pbf, osm_xml

from geodata.geocode.geocoder import Geocoder
from geodata.models import GazetteerEntry

DOOR = {"addr:street": "春申路"}
# Two doors 190.8 m apart, and a line that goes straight from one to the other.
NODES = {
    1: (121.400, 31.105, {**DOOR, "addr:housenumber": "1"}),
    2: (121.402, 31.105, {**DOOR, "addr:housenumber": "21号"}),
    3: (121.401, 31.106),
}
ODD = {"addr:interpolation": "odd"}


@pytest.fixture(autouse=True)
def areas(session):
    makers.add_areas(session)


def counted(session):
    return {int(one.number): one for one in entries(session, "interpolated")}


@pytest.mark.parametrize("write", [osm_pbf, osm_xml], ids=["pbf", "xml"])
def test_numbers_between_two_doors_lie_along_the_line(session, tmp_path, write):
    path = write(tmp_path / f"city.osm{'.pbf' if write is osm_pbf else ''}", NODES, [(10, [1, 2], ODD)])
    report = take(session, path, datum=None)
    assert note(report, "became").facts == {"door": 2, "interpolated": 9}
    found = counted(session)
    assert sorted(found) == [3, 5, 7, 9, 11, 13, 15, 17, 19]
    assert {(one.road, one.source, one.licence) for one in found.values()} == {("春申路", "city", "ODbL 1.0")}
    middle = to_shape(found[11].geom)
    assert (middle.x, middle.y) == pytest.approx((121.401, 31.105), abs=2e-7)
    # half of 190.4 m at the middle, and the 15 m of any door
    assert found[11].accuracy_m == pytest.approx(50, abs=1.0)
    assert found[3].accuracy_m < found[7].accuracy_m < found[11].accuracy_m
    again = take(session, path, datum=None)
    assert (again.stored, again.changed) == (0, 0)


def test_a_bent_line_is_followed(session, tmp_path):
    take(session, osm_pbf(tmp_path / "city.osm.pbf", NODES, [(10, [2, 3, 1], ODD)]), datum=None)
    middle = to_shape(counted(session)[11].geom)
    assert (middle.x, middle.y) == pytest.approx((121.401, 31.106), abs=2e-7)


@pytest.mark.parametrize(
    ("one", "other", "way", "numbers"),
    [
        pytest.param("2", "8", "even", [4, 6], id="even"),
        pytest.param("8", "2", "even", [4, 6], id="downwards"),
        pytest.param("1", "4", "all", [2, 3], id="all"),
        pytest.param("1", "3", "odd", [], id="nothing between"),
    ],
)
def test_kinds_of_lines(session, tmp_path, one, other, way, numbers):
    nodes = {
        1: (*NODES[1][:2], DOOR | {"addr:housenumber": one}),
        2: (*NODES[2][:2], DOOR | {"addr:housenumber": other}),
    }
    report = take(
        session, osm_pbf(tmp_path / "a.osm.pbf", nodes, [(10, [1, 2], {"addr:interpolation": way})]), datum=None
    )
    assert sorted(counted(session)) == numbers
    assert "no_use" not in report.words()


@pytest.mark.parametrize(
    ("changes", "line", "why"),
    [
        pytest.param({2: {}}, ODD, "without its ends", id="an end without a number"),
        pytest.param({2: DOOR | {"addr:housenumber": "21甲"}}, ODD, "without its ends", id="a letter"),
        pytest.param({2: DOOR | {"addr:housenumber": "88弄21号"}}, ODD, "without its ends", id="in a lane"),
        pytest.param({2: DOOR | {"addr:housenumber": "21;23"}}, ODD, "without its ends", id="two numbers"),
        pytest.param({2: {"addr:street": "临河路", "addr:housenumber": "21"}}, ODD, "not of one road", id="two roads"),
        pytest.param({2: DOOR | {"addr:housenumber": "20"}}, ODD, "not odd or even", id="the other side"),
        pytest.param({2: DOOR | {"addr:housenumber": "301"}}, ODD, "too long", id="too many numbers"),
        pytest.param({}, {"addr:interpolation": "alphabetic"}, "not counted along", id="letters"),
    ],
)
def test_what_cannot_be_counted_along_is_told(session, tmp_path, changes, line, why):
    nodes = {key: (lon, lat, changes.get(key, tags[0] if tags else {})) for key, (lon, lat, *tags) in NODES.items()}
    report = take(session, osm_pbf(tmp_path / "a.osm.pbf", nodes, [(10, [1, 2], line)]), datum=None)
    assert counted(session) == {}
    assert [reason for reason in note(report, "no_use").facts["why"] if why in reason]


def test_the_road_may_stand_on_the_line(session, tmp_path):
    nodes = {1: (*NODES[1][:2], {"addr:housenumber": "1"}), 2: (*NODES[2][:2], {"addr:housenumber": "5"})}
    take(session, osm_pbf(tmp_path / "a.osm.pbf", nodes, [(10, [1, 2], ODD | DOOR)]), datum=None)
    assert [one.name for one in entries(session)] == ["春申路3号"]


def test_a_newer_extract_takes_them_away(session, tmp_path):
    take(session, osm_pbf(tmp_path / "a.osm.pbf", NODES, [(10, [1, 2], ODD)]), datum=None)
    report = take(session, osm_pbf(tmp_path / "a.osm.pbf", NODES), datum=None)
    assert note(report, "removed").facts["entries"] == 9
    assert counted(session) == {}


def test_a_tagged_layer_of_another_format_has_them_too(session, tmp_path):
    line = {"type": "LineString", "coordinates": [[121.4, 31.105], [121.402, 31.105]]}
    path = files.geojson(
        tmp_path / "a.geojson",
        ({**DOOR, "addr:housenumber": "1", "highway": None}, {"type": "Point", "coordinates": [121.4, 31.105]}),
        ({"addr:interpolation": "odd"}, line),
        ({**DOOR, "addr:housenumber": "5"}, {"type": "Point", "coordinates": [121.402, 31.105]}),
    )
    take(session, path)
    assert sorted(counted(session)) == [3]


# -- what they are worth ------------------------------------------------------------------------------


@pytest.fixture
def city(session, tmp_path):
    take(session, osm_pbf(tmp_path / "city.osm.pbf", NODES, [(10, [2, 3, 1], ODD)]), datum=None)
    return session


def answer(session, text):
    return Geocoder(session).geocode(text)


def words(found):
    return [reason.word for reason in found.why]


def test_a_counted_number_is_interpolated_and_no_door(city):
    found = answer(city, "春申路11号")
    assert (found.status, found.level, found.assigns) == ("accepted", "interpolated", ("village", "town"))
    first = found.why[0]
    assert (first.word, first.facts) == ("counted_on_map", {"road": "春申路", "low": 1, "high": 21})
    # 111 m up the bend, where the two doors alone would have it straight between them; a quarter of 293 m
    assert found.candidates[0].lat == pytest.approx(31.106, abs=1e-6)
    assert found.error_m == pytest.approx(76, abs=1)
    assert answer(city, "春申路3号").error_m < found.error_m


def test_without_the_line_the_doors_have_it_straight_between_them(session, tmp_path):
    take(session, osm_pbf(tmp_path / "city.osm.pbf", NODES), datum=None)
    found = answer(session, "春申路11号")
    assert ("between_doors" in words(found), found.lat) == (True, pytest.approx(31.105, abs=1e-6))


def test_along_a_line_beyond_the_limits_of_a_bracket_nothing_is_counted(session, tmp_path):
    far = NODES | {2: (121.4055, 31.105, DOOR | {"addr:housenumber": "21"})}
    report = take(session, osm_pbf(tmp_path / "city.osm.pbf", far, [(10, [1, 2], ODD)]), datum=None)
    assert "a line of house numbers that is too long to count along" in note(report, "no_use").facts["why"]
    assert counted(session) == {}


def test_the_other_side_of_the_road_is_not_counted(city):
    assert "counted_on_map" not in words(answer(city, "春申路10号"))


def test_a_door_goes_before_it(city):
    place = "SRID=4326;POINT(121.4011 31.1051)"
    parts = {"name": "春申路11号", "name_norm": "春申路11号", "road": "春申路", "number": "11", "source": "survey"}
    city.add(GazetteerEntry(kind="door", geom=place, **parts))
    city.flush()
    found = answer(city, "春申路11号")
    assert (found.level, "counted_on_map" in words(found)) == ("door", False)
    assert found.candidates[0].lon == pytest.approx(121.4011)


def test_it_bears_no_witness_for_a_record(city):
    # far from the doors at the ends, near to what is only counted: nothing confirms it
    parts = {"name": "春申路13号", "name_norm": "春申路13号", "road": "春申路", "number": "13", "source": "units/U1"}
    city.add(GazetteerEntry(kind="door", geom="SRID=4326;POINT(121.4012 31.1098)", **parts))
    city.flush()
    found = answer(city, "春申路13号")
    assert (found.status, found.level) == ("review", "door")
    assert "neighbours_agree" not in words(found)


def test_nearer_doors_go_before_it(session, tmp_path):
    beside = {4: (121.4008, 31.1055, "9"), 5: (121.4012, 31.1055, "13")}
    nodes = NODES | {key: (lon, lat, DOOR | {"addr:housenumber": one}) for key, (lon, lat, one) in beside.items()}
    take(session, osm_pbf(tmp_path / "city.osm.pbf", nodes, [(10, [1, 2], ODD)]), datum=None)
    assert "between_doors" in words(answer(session, "春申路11号"))


def test_names_in_english_and_of_former_times_are_other_names(session, tmp_path):
    tags = {"name": "春申路", "name:en": "Chunshen Road", "old_name": "申路", "alt_name": "春申大路;春路"}
    nodes = {
        1: (121.40, 31.105),
        2: (121.41, 31.105),
        3: (121.405, 31.106, {"shop": "yes", "name": "老字号", "name:en": "Old Shop", "official_name": "老字号商店"}),
        4: (121.405, 31.105, DOOR | {"addr:housenumber": "8"}),
    }
    ways = [(10, [1, 2], tags | {"highway": "primary"})]
    take(session, osm_pbf(tmp_path / "city.osm.pbf", nodes, ways), datum=None)
    assert aliases(session) == [
        ("place", "OLD SHOP", "老字号"),
        ("place", "老字号商店", "老字号"),
        ("road", "CHUNSHEN ROAD", "春申路"),
        ("road", "春申大路", "春申路"),
        ("road", "春路", "春申路"),
        ("road", "申路", "春申路"),
    ]
    found = answer(session, "8 Chunshen Road")
    assert (found.status, found.level) == ("accepted", "door")
