"""The gazetteer from extracts of OpenStreetMap."""

import files
import makers
import pytest
import shapely
from gazetteers import aliases, entries, note, roads, take
from geoalchemy2.shape import to_shape
from osm_files import osm_pbf, osm_xml
from sqlalchemy import select, text

from geodata.formats import gdal
from geodata.formats.errors import Unreadable
from geodata.geocode.geocoder import Geocoder
from geodata.geocode.parse import parse_address
from geodata.ingest.errors import DatumDisagrees
from geodata.models import ImportRun


@pytest.fixture(autouse=True)
def areas(session):
    makers.add_areas(session)


# A street from west to east, one from south to north that meets it, and a motorway above both.
NODES = {
    1: (121.400, 31.105),
    2: (121.410, 31.105),
    3: (121.420, 31.105),
    4: (121.410, 31.100),
    5: (121.410, 31.110),
    6: (121.404, 31.103),
    7: (121.406, 31.103),
    8: (121.406, 31.104),
    9: (121.404, 31.104),
    10: (121.404, 31.1052, {"addr:housenumber": "88-1号", "addr:street": "春申路"}),
    11: (121.405, 31.1052, {"addr:housenumber": "甲5号", "addr:street": "春申路", "shop": "yes", "name": "老字号面馆"}),
    12: (121.406, 31.1052, {"highway": "bus_stop", "name": "春申路临河路"}),
    13: (121.407, 31.1052, {"amenity": "bench", "name": "小凳"}),
    14: (121.408, 31.1001, {"highway": "milestone", "distance": "12.5"}),
    15: (121.409, 31.1052, {"addr:housenumber": "1-99;101", "addr:street": "春申路"}),
    16: (121.402, 31.1001, {"highway": "milestone", "pk": "K13+200"}),
    17: (121.400, 31.1),
    18: (121.420, 31.1),
    19: (121.405, 31.101, {"place": "hamlet", "name": "张家宅", "alt_name": "张宅;老张家"}),
    20: (121.405, 31.102, {"addr:housenumber": "12号", "addr:place": "张家宅"}),
    21: (121.406, 31.102, {"addr:housenumber": "7"}),
    22: (121.407, 31.102, {"addr:housenumber": "见门卫", "addr:street": "春申路"}),
    23: (121.9, 31.9, {"amenity": "school", "name": "远方小学"}),
    24: (121.408, 31.1052, {"addr:housenumber": "春申路200弄5号"}),
}
WAYS = [
    (10, [1, 2], {"highway": "primary", "name": "春申路", "old_name": "春申公路", "name:zh": "春申路"}),
    (11, [2, 3], {"highway": "primary", "name": "春申路"}),
    (12, [4, 2, 5], {"highway": "residential", "name": "临河路"}),
    (13, [17, 18], {"highway": "motorway", "name": "沪昆高速公路", "ref": "G60", "bridge": "yes", "layer": "2"}),
    (14, [1, 5], {"highway": "footway", "name": "滨江步道"}),
    (15, [6, 7, 8, 9, 6], {"building": "yes", "addr:housenumber": "23号", "addr:street": "春申路1150弄"}),
    (16, [6, 7, 8, 9, 6], {"landuse": "residential", "name": "春申花园", "official_name": "春申花园小区"}),
    (17, [6, 7, 8, 9, 6], {"building": "apartments", "name": "3号楼"}),
    (18, [1, 2], {"waterway": "river", "name": "横泾"}),
    (19, [1, 2], {"addr:interpolation": "odd"}),
    (20, [6, 7, 8, 9, 6], {"boundary": "administrative", "name": "一村"}),
    (21, [1, 2], {"highway": "residential"}),
]


@pytest.fixture(params=["pbf", "xml"])
def extract(request, tmp_path):
    if request.param == "pbf":
        return osm_pbf(tmp_path / "minhang.osm.pbf", NODES, WAYS)
    return osm_xml(tmp_path / "minhang.osm", NODES, WAYS)


def test_an_extract_of_openstreetmap(session, extract):
    report = take(session, extract, datum=None)
    assert (report.refused, report.problems, report.datum) == (None, [], "wgs84")
    assert [(one.ref, one.name, one.road_class, one.layer, one.source, one.licence) for one in roads(session)] == [
        ("way/10", "春申路", "primary", 0, "minhang", "ODbL 1.0"),
        ("way/11", "春申路", "primary", 0, "minhang", "ODbL 1.0"),
        ("way/12", "临河路", "residential", 0, "minhang", "ODbL 1.0"),
        ("way/13", "沪昆高速公路", "motorway", 2, "minhang", "ODbL 1.0"),
    ]
    doors = [(one.name, one.lane, one.number, one.suffix, one.house) for one in entries(session, "door")]
    assert doors == [
        ("张家宅12号", None, "12", None, 12),
        ("春申路1-99号", None, "1", "-99", 1),
        ("春申路101号", None, "101", None, 101),
        ("春申路1150弄23号", "1150", "23", None, 1150),
        ("春申路200弄5号", "200", "5", None, 200),
        ("春申路5甲号", None, "5", "甲", 5),
        ("春申路88-1号", None, "88", "-1", 88),
    ]
    assert {one.licence for one in entries(session)} == {"ODbL 1.0"}
    assert [one.name for one in entries(session, "place")] == ["张家宅", "春申花园", "老字号面馆"]
    posts = [(one.name, one.road, one.km) for one in entries(session, "km_post")]
    assert posts == [("沪昆高速公路12.5公里", "沪昆高速公路", 12.5), ("沪昆高速公路13.2公里", "沪昆高速公路", 13.2)]
    assert aliases(session) == [
        ("place", "张宅", "张家宅"),
        ("place", "春申花园小区", "春申花园"),
        ("place", "老张家", "张家宅"),
        ("road", "G60", "沪昆高速公路"),
        ("road", "春申公路", "春申路"),
    ]


def test_no_feature_of_an_extract_is_lost_without_a_word(session, extract):
    report = take(session, extract, datum=None)
    assert note(report, "became").facts == {
        "alias": 5,
        "crossing": 1,
        "door": 7,
        "km_post": 2,
        "place": 3,
        "road": 4,
    }
    assert note(report, "no_use").facts["why"] == {
        "amenity=bench": 1,
        "highway=footway": 1,
        "a name that is only a number": 1,
        "waterway=river": 1,
        "a line of house numbers without its ends": 1,
        "boundary=administrative": 1,
        "a house number without its road": 1,
        "a house number that could not be read": 1,
    }
    assert note(report, "beyond_district").facts == {"count": 1}
    run = session.scalars(select(ImportRun)).one()
    assert run.report["notes"] == [one.to_json() for one in report.notes]


def test_the_same_extract_again_changes_nothing(session, extract):
    first = take(session, extract, datum=None)
    before = [(one.id, one.name) for one in entries(session)]
    again = take(session, extract, datum=None)
    assert (again.stored, again.changed, again.unchanged) == (0, 0, first.stored)
    assert [(one.id, one.name) for one in entries(session)] == before
    assert "crossings" not in again.words()


def test_a_dry_run_stores_nothing_and_tells_the_same(session, extract):
    tried = take(session, extract, datum=None, dry_run=True)
    assert (entries(session), roads(session), aliases(session)) == ([], [], [])
    real = take(session, extract, datum=None)
    assert (tried.stored, tried.words()) == (real.stored, real.words())


def test_a_newer_extract_takes_away_what_it_has_no_more(session, tmp_path):
    take(session, osm_pbf(tmp_path / "city.osm.pbf", NODES, WAYS), datum=None)
    take(session, files.table(tmp_path / "own.csv", "name,lon,lat", "自家门,121.41,31.1"))
    fewer = {key: place for key, place in NODES.items() if key not in {10, 19}}
    report = take(session, osm_pbf(tmp_path / "city.osm.pbf", fewer, WAYS[1:]), datum=None)
    # 张家宅 with its two other names, the door 88-1, and a stretch with the old name of its road
    assert note(report, "removed").facts == {"entries": 2, "roads": 1, "aliases": 3}
    assert "way/10" not in {one.ref for one in roads(session)}
    names = {one.name for one in entries(session)}
    assert "自家门" in names
    assert "春申路88-1号" not in names


def test_one_layer_of_an_extract_takes_nothing_away(session, extract):
    take(session, extract, datum=None)
    report = take(session, extract, datum=None, layer="lines")
    assert (report.stored, report.changed, "removed" in report.words()) == (0, 0, False)
    assert len(entries(session, "door")) == 7


def test_bad_rows_keep_what_the_file_has_no_more(session, tmp_path):
    take(session, osm_pbf(tmp_path / "city.osm.pbf", NODES, WAYS), datum=None)
    bad = {1: NODES[1], 2: NODES[2], 10: (121.404, 31.1052, {"name": "长" * 300, "shop": "yes"})}
    report = take(session, osm_pbf(tmp_path / "city.osm.pbf", bad, WAYS[:1]), datum=None, skip_bad=True)
    assert "kept" in report.words()
    assert len(roads(session)) == 4


def test_an_area_becomes_a_point_in_it_with_its_size_as_error(session, extract):
    take(session, extract, datum=None)
    found = entries(session, "place")[1]
    box = shapely.box(121.404, 31.103, 121.406, 31.104)
    assert found.name == "春申花园"
    assert to_shape(found.geom).within(box)
    # 190.6 m by 111.2 m: a circle of that area has a radius of 82 m
    assert found.accuracy_m == pytest.approx(82.1, abs=0.6)
    assert found.town_code == "310112101000"


def test_nodes_are_worth_what_they_stand_for(session, extract):
    take(session, extract, datum=None)
    worth = {one.name: one.accuracy_m for one in entries(session)}
    assert (worth["张家宅"], worth["老字号面馆"], worth["春申路88-1号"], worth["春申路临河路"]) == (300, 25, 15, 60)


def test_every_door_of_an_extract_is_found_by_its_own_name(session, tmp_path):
    streets = ["春申路", "七莘路", "沪闵路", "罗阳三村", "一号路", "Main Street"]
    numbers = ["1", "23号", "88-1", "甲5号", "1150弄23号", "300弄", "77弄2支弄9号", "5号乙", "二十号"]
    nodes = {}
    for i, street in enumerate(streets):
        for j, number in enumerate(numbers if street != "Main Street" else ["1", "23", "405"]):
            place = (round(121.4001 + j * 0.002, 7), round(31.1001 + i * 0.003, 7))
            nodes[100 * i + j + 1] = (*place, {"addr:street": street, "addr:housenumber": number})
    report = take(session, osm_pbf(tmp_path / "doors.osm.pbf", nodes), datum=None)
    assert report.stored == len(nodes)
    dictionary = Geocoder(session).gazetteer.dictionary
    for door in entries(session, "door"):
        parsed = parse_address(door.name, dictionary)
        read = (parsed.road or parsed.place, parsed.lane, parsed.sublane, parsed.number, parsed.suffix)
        assert read == (door.road, door.lane, door.sublane, door.number, door.suffix), door.name
        assert parse_address(door.name_norm, dictionary).number == door.number
    plain = [door for door in entries(session, "door") if not (door.suffix or door.sublane)]
    answers = Geocoder(session).geocode_many([door.name for door in plain])
    assert {answer.level for answer in answers} == {"door"}
    for door, answer in zip(plain, answers, strict=True):
        place = to_shape(door.geom)
        # whether it is accepted is for its neighbours to say; what is found first is the door itself
        first = answer.candidates[0]
        assert (first.lon, first.lat) == pytest.approx((place.x, place.y), abs=1e-6), door.name


# -- in batches --------------------------------------------------------------------------------------

STAGES = text("SELECT count(*) FROM pg_class WHERE relname LIKE 'staged%'")


def test_however_small_the_batches_are_the_same_comes_of_it(session, extract, monkeypatch):
    whole = take(session, extract, datum=None, dry_run=True)
    monkeypatch.setattr(gdal, "BATCH", 2)
    told = []
    report = take(session, extract, datum=None, progress=lambda done, total: told.append((done, total)))
    assert {**report.to_json(), "dry_run": True} == whole.to_json()
    assert told[-1] == (report.rows, report.rows)
    assert len(told) > report.rows / 2
    # ids follow the file, whatever the batches
    again = take(session, extract, datum=None)
    assert (again.stored, again.changed) == (0, 0)
    assert session.scalar(STAGES) == 0


def test_a_bad_row_in_the_last_batch_keeps_all_others_out(session, tmp_path, monkeypatch):
    monkeypatch.setattr(gdal, "BATCH", 2)
    names = {number: f"店{number}" if number % 9 else "长" * 300 for number in range(1, 28)}
    shops = {number: (121.4 + number * 1e-4, 31.1, {"shop": "yes", "name": name}) for number, name in names.items()}
    path = osm_pbf(tmp_path / "shops.osm.pbf", shops)
    report = take(session, path, datum=None)
    assert [(one.row, one.field) for one in report.problems] == [(9, "name"), (18, "name"), (27, "name")]
    assert "3 of 27 rows have problems" in report.refused
    assert (entries(session), session.scalar(STAGES)) == ([], 0)
    assert take(session, path, datum=None, skip_bad=True).stored == 24


def test_a_file_that_breaks_off_stores_nothing(session, extract, monkeypatch):
    real = gdal.count_features
    monkeypatch.setattr(gdal, "count_features", lambda *args, **options: real(*args, **options) + 1)
    with pytest.raises(Unreadable, match="breaks off"):
        take(session, extract, datum=None)
    assert (entries(session), roads(session), session.scalar(STAGES)) == ([], [], 0)


# -- refusals and hostile files ---------------------------------------------------------------------


def test_a_hostile_extract_is_taken_or_told(session, tmp_path):
    odd = {
        1: (121.40, 31.10, {"name": "😀", "shop": "yes"}),
        2: (121.41, 31.10, {"addr:street": "春申路", "addr:housenumber": "99999999999999999999号"}),
        3: (121.42, 31.10, {"addr:street": "😀", "addr:housenumber": "1"}),
        4: (121.42, 31.11, {"highway": "milestone", "distance": "1e999"}),
        5: (121.42, 31.12, {"addr:street": " ", "addr:housenumber": " "}),
        6: (121.43, 31.10, {"name": "%s; DROP TABLE area", "shop": "yes"}),
        7: (121.40, 31.105),
    }
    ways = [
        (1, [7, 7], {"highway": "primary", "name": "原地路", "layer": "99999999999"}),
        (2, [1, 2, 3, 1, 3], {"highway": "primary", "name": "绕路", "layer": "-3", "alt_name": "绕路;;绕 路; "}),
    ]
    report = take(session, osm_xml(tmp_path / "odd.osm", odd, ways), datum=None, skip_bad=True)
    assert report.refused is None
    assert [(one.name, one.layer) for one in roads(session)] == [("绕路", -3)]
    assert {one.name for one in entries(session)} == {"😀", "1 😀", "%s; DROP TABLE area"}
    assert aliases(session) == []


def test_the_extract_of_another_place_is_refused(session, tmp_path):
    nodes = {1: (100.0, 10.0, {"name": "远方", "shop": "yes"})}
    report = take(session, osm_pbf(tmp_path / "far.osm.pbf", nodes), datum=None)
    assert "none of the 1 features is near the district" in report.refused


def test_an_extract_declared_as_another_datum_is_refused(session, extract):
    with pytest.raises(DatumDisagrees, match=r"declared as GCJ-02, but the file's format says WGS 84"):
        take(session, extract, datum="gcj02")
    assert take(session, extract, datum="cgcs2000").refused is None
    assert take(session, extract, datum="gcj02", trust_datum=True, source="shifted").refused is None
