"""The gazetteer from files: extracts of OpenStreetMap, layers of lines and areas, lists of doors and other names."""

import files
import geopandas as gpd
import makers
import pytest
import shapely
from geoalchemy2.shape import to_shape
from osm_files import osm_pbf, osm_xml
from shapely.geometry import shape
from sqlalchemy import func, select

from geodata.geocode.geocoder import Geocoder
from geodata.geocode.parse import parse_address
from geodata.ingest.errors import DatumDisagrees, DatumNeeded, FieldsMissing
from geodata.models import GazetteerAlias, GazetteerEntry, GazetteerRoad, ImportRun
from geodata.services.imports import import_file


@pytest.fixture(autouse=True)
def areas(session):
    makers.add_areas(session)


def take(session, path, **options):
    return import_file(session, "gazetteer", path, **{"datum": "wgs84", **options})


def note(report, word):
    return next(one for one in report.notes if one.word == word)


def entries(session, kind=None):
    session.expire_all()
    wanted = select(GazetteerEntry).order_by(GazetteerEntry.kind, GazetteerEntry.name, GazetteerEntry.id)
    return list(session.scalars(wanted if kind is None else wanted.where(GazetteerEntry.kind == kind)))


def roads(session):
    session.expire_all()
    return list(session.scalars(select(GazetteerRoad).order_by(GazetteerRoad.ref)))


def aliases(session):
    session.expire_all()
    wanted = select(GazetteerAlias).order_by(GazetteerAlias.kind, GazetteerAlias.alias_norm)
    return [(one.kind, one.alias_norm, one.target_norm) for one in session.scalars(wanted)]


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
        "a line of house numbers, whose ends count": 1,
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


# -- layers that are no extract ---------------------------------------------------------------------


def line(*spots):
    return {"type": "LineString", "coordinates": [list(makers.at(*spot)) for spot in spots]}


def test_a_layer_of_named_lines_becomes_roads(session, tmp_path):
    frame = gpd.GeoDataFrame(
        {"osm_id": ["7", "8", "9"], "fclass": ["primary", "footway", "primary"], "name": ["春申路", "步道", None]},
        geometry=[shapely.LineString([makers.at(0, 1), makers.at(1, 1)])] * 3,
        crs=4326,
    )
    report = take(session, files.geopackage(tmp_path / "roads.gpkg", roads=frame), mapping={"licence": "=CC0"})
    found = roads(session)
    assert [(one.ref, one.name, one.road_class, one.source, one.licence) for one in found] == [
        ("7", "春申路", "primary", "roads", "CC0")
    ]
    assert found[0].geom is not None
    assert note(report, "no_use").facts["count"] == 2
    assert take(session, tmp_path / "roads.gpkg", mapping={"licence": "=CC0"}).unchanged == 1


def test_a_shapefile_of_roads_with_bridges(session, tmp_path):
    frame = gpd.GeoDataFrame(
        {"osm_id": ["7", "8"], "fclass": ["primary"] * 2, "name": ["春申路", "临河路"], "bridge": ["F", "T"]},
        geometry=[
            shapely.LineString([makers.at(0, 1), makers.at(2, 1)]),
            shapely.LineString([makers.at(1, 0), makers.at(1, 2)]),
        ],
        crs=4326,
    )
    report = take(session, files.zipped_shapefile(tmp_path / "roads.zip", frame, name="roads"))
    assert [(one.ref, one.name, one.layer) for one in roads(session)] == [("7", "春申路", 0), ("8", "临河路", 1)]
    assert "crossings" not in report.words()


def test_a_layer_of_places_by_class(session, tmp_path):
    path = files.geojson(
        tmp_path / "places.geojson",
        ({"name": "张家宅", "fclass": "hamlet"}, files.point(0.5, 1)),
        ({"name": "莘庄", "fclass": "town"}, files.point(0.6, 1)),
        ({"name": "公厕", "fclass": "toilets"}, files.point(0.6, 1)),
        ({"name": None, "fclass": "school"}, files.point(0.6, 1)),
    )
    report = take(session, path)
    assert [(one.name, one.accuracy_m) for one in entries(session)] == [("张家宅", 300)]
    assert note(report, "no_use").facts["count"] == 3


def test_points_lines_and_areas_in_one_geojson(session, tmp_path):
    path = files.geojson(
        tmp_path / "mixed.geojson",
        ({"name": "春申路", "alias": "春申大道"}, line((0, 1), (1, 1))),
        ({"name": "春申公园", "alias": "老公园、春申绿地"}, files.polygon(0.2, 0.2, 0.4, 0.4)),
        ({"road": "春申路", "number": "1150弄23号"}, files.point(0.5, 1)),
        ({"road": "春申路", "lane": "300弄"}, files.point(0.6, 1)),
    )
    report = take(session, path, datum="gcj02", trust_datum=True)
    assert (report.refused, report.problems) == (None, [])
    assert [one.name for one in roads(session)] == ["春申路"]
    assert [(one.kind, one.name, one.lane, one.number) for one in entries(session)] == [
        ("door", "春申路1150弄23号", "1150", "23"),
        ("door", "春申路300弄", "300", None),
        ("place", "春申公园", None, None),
    ]
    park = entries(session, "place")[0]
    # the raw numbers are in the file's own datum, inside the file's own polygon
    assert shape(files.polygon(0.2, 0.2, 0.4, 0.4)).contains(shapely.Point(park.raw_x, park.raw_y))
    assert to_shape(park.geom).distance(shapely.Point(park.raw_x, park.raw_y)) > 0.003
    assert aliases(session) == [
        ("place", "春申绿地", "春申公园"),
        ("place", "老公园", "春申公园"),
        ("road", "春申大道", "春申路"),
    ]


def test_tags_in_a_geojson_are_read_as_tags(session, tmp_path):
    path = files.geojson(
        tmp_path / "overpass.geojson",
        ({"@id": "way/1", "highway": "residential", "name": "春申路", "source": "Bing"}, line((0, 1), (1, 1))),
        ({"@id": "node/1", "addr:street": "春申路", "addr:housenumber": "9号"}, files.point(0.5, 1)),
        ({"@id": "way/2", "natural": "water", "name": "小湖"}, files.polygon(0.2, 0.2, 0.4, 0.4)),
    )
    report = take(session, path)
    assert [(one.ref, one.source) for one in roads(session)] == [("way/1", "overpass")]
    assert [one.name for one in entries(session)] == ["春申路9号"]
    assert note(report, "no_use").facts["why"] == {"natural=water": 1}


def test_a_list_of_other_names(session, tmp_path):
    path = files.table(
        tmp_path / "names.csv",
        "类型,别名,正名,所指",
        "别名,老沪闵路,沪闵路,道路",
        "别名,莘城,莘庄镇,街镇",
        "别名,南方,南方商城,",
        "别名,南方商城,南方商城,地点",
    )
    report = take(session, path, datum=None)
    assert (report.refused, report.stored) == (None, 3)
    assert aliases(session) == [
        ("place", "南方", "南方商城"),
        ("road", "老沪闵路", "沪闵路"),
        ("town", "莘城", "莘庄镇"),
    ]
    assert take(session, path, datum=None).unchanged == 3


def test_a_decided_name_stays_who_decided_it(session, tmp_path):
    session.add(
        GazetteerAlias(
            kind="road", alias="老路", alias_norm="老路", target_norm="新路", source="decision", decided_by="officer"
        )
    )
    path = files.table(tmp_path / "names.csv", "kind,alias,target,what", "alias,老路,新路,road")
    assert take(session, path, datum=None).unchanged == 1
    session.expire_all()
    assert session.scalars(select(GazetteerAlias)).one().source == "decision"


def test_columns_tell_source_licence_and_validity(session, tmp_path):
    path = files.table(
        tmp_path / "own.csv",
        "name,lon,lat,来源,许可,启用日期,停用日期",
        "春申新村,121.41,31.1,民政局,内部,2001-05-01,2030-01-01",
    )
    take(session, path)
    found = entries(session)[0]
    assert (found.source, found.licence) == ("民政局", "内部")
    assert (found.valid_from.isoformat(), found.valid_to.isoformat()) == ("2001-05-01", "2030-01-01")


def test_the_district_is_told_or_read_from_the_address(session, tmp_path):
    path = files.table(
        tmp_path / "own.csv",
        "name,lon,lat,区,地址",
        "甲园,121.41,31.1,闵行区,",
        "乙园,121.41,31.1,,上海市静安区南京西路1号",
        "丙园,121.41,31.1,,南京西路1号",
    )
    take(session, path)
    assert {one.name: one.district for one in entries(session)} == {"甲园": "闵行区", "乙园": "静安区", "丙园": None}


def test_posts_of_a_list(session, tmp_path):
    path = files.table(tmp_path / "posts.csv", "kind,road,桩号,lon,lat", "km_post,沪昆高速,K12+500,121.41,31.1")
    assert take(session, path).problems == []
    assert [(one.name, one.road, one.km) for one in entries(session)] == [("沪昆高速12.5公里", "沪昆高速", 12.5)]


# -- refusals and hostile files ---------------------------------------------------------------------


def test_bad_rows_stop_the_others_unless_told(session, tmp_path):
    path = files.geojson(
        tmp_path / "bad.geojson",
        ({"name": "好路"}, line((0, 1), (1, 1))),
        ({"name": "一点之路"}, {"type": "LineString", "coordinates": [[121.4, 31.1]]}),
        ({"name": "原地之路"}, line((0, 1), (0, 1))),
        ({"name": "长" * 10_000}, files.point(1, 1)),
        ({"name": "无处"}, None),
        ({"name": "平地"}, {"type": "Polygon", "coordinates": [[[121.4, 31.1], [121.41, 31.1], [121.4, 31.1]]]}),
    )
    report = take(session, path)
    assert "5 of 6 rows have problems" in report.refused
    assert sorted({problem.row for problem in report.problems}) == [2, 3, 4, 5, 6]
    assert (roads(session), entries(session)) == ([], [])
    assert take(session, path, skip_bad=True).stored == 1
    assert [one.name for one in roads(session)] == ["好路"]


def test_lines_and_areas_that_cross_themselves_are_taken(session, tmp_path):
    bow = {
        "type": "Polygon",
        "coordinates": [[[121.4, 31.1], [121.41, 31.11], [121.41, 31.1], [121.4, 31.11], [121.4, 31.1]]],
    }
    path = files.geojson(
        tmp_path / "odd.geojson",
        ({"name": "盘山路"}, line((0, 0), (1, 1), (1, 0), (0, 1))),
        ({"name": "蝴蝶园😀"}, bow),
    )
    assert take(session, path).problems == []
    assert [one.name for one in roads(session)] == ["盘山路"]
    assert [one.name_norm for one in entries(session)] == ["蝴蝶园😀"]


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


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        (("name", "莘庄"), FieldsMissing),
        (("lon,lat", "121.4,31.1"), FieldsMissing),
    ],
    ids=["no position", "no name"],
)
def test_a_list_that_cannot_begin(session, tmp_path, lines, error):
    with pytest.raises(error):
        take(session, files.table(tmp_path / "list.csv", *lines))


def test_a_list_of_places_needs_its_datum(session, tmp_path):
    with pytest.raises(DatumNeeded):
        take(session, files.table(tmp_path / "list.csv", "name,lon,lat", "莘庄,121.4,31.1"), datum=None)


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("alias,,沪闵路,road,,", "alias"),
        ("alias,老路,,road,,", "target"),
        ("alias,老路,沪闵路,河流,,", "what"),
        ("place,莘庄,,,,", "position"),
        ("road,莘庄路,,,121.4,31.1", "geometry"),
        ("km_post,莘庄,,,121.4,31.1", "km"),
    ],
)
def test_rows_that_lack_what_they_need(session, tmp_path, line, where):
    path = files.table(
        tmp_path / "rows.csv",
        "kind,alias,target,what,lon,lat,name",
        f"{line},莘庄" if "alias" not in line else f"{line},",
    )
    report = take(session, path)
    assert [problem.field for problem in report.problems] == [where]
    assert session.scalar(select(func.count()).select_from(GazetteerEntry)) == 0
