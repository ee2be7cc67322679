"""The gazetteer from files that are no extract: layers of lines and areas, lists of doors, posts and other names."""

import files
import geopandas as gpd
import makers
import pytest
import shapely
from gazetteers import aliases, entries, note, roads, take
from geoalchemy2.shape import to_shape
from shapely.geometry import shape
from sqlalchemy import func, select

from geodata.geocode.geocoder import Geocoder
from geodata.ingest.errors import DatumNeeded, FieldsMissing
from geodata.models import GazetteerAlias, GazetteerEntry


@pytest.fixture(autouse=True)
def areas(session):
    makers.add_areas(session)


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
    found = {one.name: one.district for one in entries(session) if one.kind == "place"}
    assert found == {"甲园": "闵行区", "乙园": "静安区", "丙园": None}


def test_a_place_with_an_address_tells_its_door_too(session, tmp_path):
    path = files.table(
        tmp_path / "stations.csv",
        "name,lon,lat,地址",
        "甲站,121.41,31.1,试验区临河路100号",
        "乙站,121.42,31.1,试验区临河路120号对面",
        "丙站,121.43,31.1,试验区临河路中山路口",
        "丁站,121.44,31.1,静安区南京西路1号",
        "戊站,121.45,31.1,东镇临河路140号",
    )
    # of the five only the first says which door it stands at: beside it, at a crossing, elsewhere, in another town
    take(session, path)
    doors = [one for one in entries(session) if one.kind == "door"]
    assert [(one.name, one.road, one.number, one.source) for one in doors] == [
        ("临河路100号", "临河路", "100", "listed/stations")
    ]
    assert take(session, path).changed == 0


@pytest.mark.parametrize(
    ("east", "status"),
    [
        pytest.param(None, "review", id="one record alone"),
        pytest.param(121.41, "review", id="the very same spot, as of one record taken in twice"),
        pytest.param(121.41005, "accepted", id="five metres on"),
    ],
)
def test_a_door_that_only_a_list_tells_needs_another_witness(session, tmp_path, east, status):
    take(session, files.table(tmp_path / "one.csv", "name,lon,lat,地址", "甲站,121.41,31.1,临河路100号"))
    if east:
        take(session, files.table(tmp_path / "other.csv", "name,lon,lat,地址", f"乙店,{east},31.1,临河路100号"))
    answer = Geocoder(session).geocode("临河路100号")
    assert (answer.level, answer.status) == ("door", status)


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
