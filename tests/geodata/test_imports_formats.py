"""Files of every newer format from one end to the other: stored once, in the right place, and told."""

import files
import geopandas as gpd
import makers
import pytest
import shapely
from sqlalchemy import func, select

from geodata.formats.errors import FileRefused
from geodata.ingest.errors import DatumDisagrees, DatumNeeded, FieldsMissing
from geodata.models import Area, GazetteerEntry, MemberUnit, ResponsibilityBlock, ResponsibilityPoint
from geodata.services.imports import import_file
from geodata.services.stamps import check_stamps
from spatial.gcj02 import wgs84_to_gcj02

BOXES = (shapely.box(121.40, 31.10, 121.41, 31.12), shapely.box(121.41, 31.10, 121.42, 31.12))


@pytest.fixture(autouse=True)
def areas(session):
    makers.add_areas(session)


def twice(session, kind, path, **options):
    """The report of the first import; the second one must change nothing."""
    first = import_file(session, kind, path, **options)
    assert (first.refused, first.problems) == (None, [])
    second = import_file(session, kind, path, **options)
    assert (second.stored, second.changed, second.unchanged) == (0, 0, first.stored)
    return first


# -- KML ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["单位.kml", "单位.kmz"])
def test_units_of_a_kml_in_gcj02(name, session, tmp_path):
    true = shapely.Point(121.405, 31.105)
    (x,), (y,) = wgs84_to_gcj02([true.x], [true.y])
    shape = f"<Point><coordinates>{x:.7f},{y:.7f},5</coordinates></Point>"
    path = files.kml(tmp_path / name, files.placemark("𠮷光小学", shape, 编码="0501", 类型="学校"))
    report = twice(session, "units", path, datum="gcj02")
    unit = session.scalars(select(MemberUnit)).one()
    assert (unit.code, unit.name, unit.kind, unit.datum) == ("0501", "𠮷光小学", "school", "gcj02")
    lon, lat = session.execute(select(func.ST_X(MemberUnit.geom), func.ST_Y(MemberUnit.geom))).one()
    assert (lon, lat) == (pytest.approx(true.x, abs=2e-6), pytest.approx(true.y, abs=2e-6))
    assert unit.raw_x == pytest.approx(x, abs=1e-7)
    assert unit.village_code == "310112101001"
    assert "heights_dropped" in report.words()
    assert check_stamps(session) == []


def test_a_kml_does_not_lay_its_datum_down(session, tmp_path):
    path = files.kml(tmp_path / "a.kml", files.placemark("甲", files.kml_point(1, 1)))
    with pytest.raises(DatumNeeded):
        import_file(session, "units", path)


def test_a_kml_row_without_position_or_with_a_track_is_told(session, tmp_path):
    parts = [files.placemark("甲"), files.placemark("乙", "<Track/>"), files.placemark("丙", files.kml_point(1, 1))]
    path = files.kml(tmp_path / "a.kml", *parts)
    report = import_file(session, "points", path, datum="wgs84")
    assert [(problem.row, problem.field) for problem in report.problems] == [(2, "geometry")]
    assert "Track is a kind of geometry that is not read" in report.problems[0].reason
    assert report.refused is not None
    assert import_file(session, "points", path, datum="wgs84", skip_bad=True).stored == 2


def test_blocks_and_gazetteer_of_a_kml(session, tmp_path):
    blocks = files.kml(tmp_path / "b.kml", files.placemark("一区块", files.kml_box(0, 0, 1, 1), 编码="Q1"))
    assert twice(session, "blocks", blocks, datum="wgs84").stored == 1
    assert session.scalar(select(func.ST_NPoints(ResponsibilityBlock.geom))) == 5
    places = files.kml(tmp_path / "g.kml", files.placemark("人民公园", files.kml_point(1, 1)))
    assert twice(session, "gazetteer", places, datum="wgs84").stored == 1
    assert session.scalars(select(GazetteerEntry.name)).one() == "人民公园"


# -- GPX ------------------------------------------------------------------------------------------


def test_points_of_a_gpx(session, tmp_path):
    stops = [f'<wpt lat="31.1{i}" lon="121.405"><ele>4</ele><name>巡查点{i}</name></wpt>' for i in range(1, 4)]
    report = twice(session, "points", files.gpx(tmp_path / "walk.gpx", *stops), datum="wgs84")
    assert report.stored == 3
    names = session.scalars(select(ResponsibilityPoint.name).order_by(ResponsibilityPoint.name)).all()
    assert names == ["巡查点1", "巡查点2", "巡查点3"]


def test_tracks_of_a_gpx_are_no_points(session, tmp_path):
    track = '<trk><name>甲</name><trkseg><trkpt lat="31.1" lon="121.4"/><trkpt lat="31.2" lon="121.4"/></trkseg></trk>'
    report = import_file(session, "points", files.gpx(tmp_path / "walk.gpx", track), datum="wgs84")
    assert [problem.reason for problem in report.problems] == ["a point is needed, and this is a LineString"]


# -- FlatGeobuf -----------------------------------------------------------------------------------


def villages():
    """Two villages in metres of EPSG:4549."""
    boxes = gpd.GeoSeries(
        [shapely.box(121.40, 31.10, 121.41, 31.12), shapely.box(121.41, 31.10, 121.42, 31.12)], crs=4326
    )
    columns = {"code": ["310112101001", "310112101002"], "name": ["一村", "𠮷村"]}
    return gpd.GeoDataFrame(columns, geometry=boxes).to_crs(4549)


def test_villages_of_a_flatgeobuf_in_metres(session, tmp_path):
    frame = villages()
    path = files.flatgeobuf(tmp_path / "villages.fgb", frame)
    before = session.scalar(select(func.count()).select_from(Area))
    report = import_file(session, "areas", path, datum="epsg:4549", level="village")
    assert (report.refused, report.problems) == (None, [])
    assert report.stored + report.changed + report.unchanged == 2
    again = import_file(session, "areas", path, datum="epsg:4549", level="village")
    assert (again.stored, again.changed, again.unchanged) == (0, 0, 2)
    assert session.scalar(select(func.count()).select_from(Area)) - before == report.stored
    area = session.scalar(select(Area.area_m2).where(Area.code == "310112101002", Area.valid_to.is_(None)))
    assert area == pytest.approx(frame.area[1], rel=1e-3)


def test_a_flatgeobuf_in_metres_declared_as_degrees_is_refused(session, tmp_path):
    path = files.flatgeobuf(tmp_path / "villages.fgb", villages())
    with pytest.raises(DatumDisagrees, match=r"CGCS2000 / 3-degree"):
        import_file(session, "areas", path, datum="wgs84", level="village")


# -- GeoParquet -----------------------------------------------------------------------------------


def blocks(shapes=BOXES):
    columns = {"编码": ["007", "008"], "名称": ["一区块", "𠮷区块"], "空": [None, None]}
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=4326)


def test_blocks_of_a_geoparquet(session, tmp_path):
    report = twice(session, "blocks", files.geoparquet(tmp_path / "blocks.parquet", blocks()), datum="wgs84")
    assert report.stored == 2
    assert session.scalars(select(ResponsibilityBlock.code).order_by(ResponsibilityBlock.code)).all() == ["007", "008"]


def test_units_of_a_geoparquet_of_points(session, tmp_path):
    frame = blocks([shapely.Point(121.405, 31.105), None])
    options = {"geometry_encoding": "geoarrow", "schema_version": "1.1.0"}
    report = twice(session, "units", files.geoparquet(tmp_path / "units.parquet", frame, **options), datum="wgs84")
    assert report.stored == 2
    assert session.scalars(select(MemberUnit.name).where(MemberUnit.geom.is_(None))).one() == "𠮷区块"


def test_mixed_geometry_is_a_problem_of_its_row(session, tmp_path):
    frame = blocks([shapely.box(121.40, 31.10, 121.41, 31.12), shapely.Point(121.405, 31.105)])
    for path in (files.geoparquet(tmp_path / "a.parquet", frame), files.flatgeobuf(tmp_path / "a.fgb", frame)):
        report = import_file(session, "blocks", path, datum="wgs84")
        assert [(problem.row, problem.field) for problem in report.problems] == [(2, "geometry")]


# -- all of them ----------------------------------------------------------------------------------

EMPTY = {
    "a.kml": files.kml,
    "a.gpx": files.gpx,
    "a.fgb": lambda path: files.flatgeobuf(path, blocks().head(0)),
    "a.parquet": lambda path: files.geoparquet(path, blocks().head(0)),
}


@pytest.mark.parametrize("name", list(EMPTY))
def test_an_empty_file_stores_nothing(name, session, tmp_path):
    path = EMPTY[name](tmp_path / name)
    if name.endswith((".kml", ".gpx")):
        with pytest.raises(FieldsMissing):
            import_file(session, "units", path, datum="wgs84")
    else:
        assert import_file(session, "units", path, datum="wgs84").stored == 0


@pytest.mark.parametrize("name", ["a.kml", "a.kmz", "a.gpx", "a.fgb", "a.parquet", "a.geoparquet"])
def test_a_file_of_nothing_is_refused(name, session, tmp_path):
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(FileRefused, match="the content is not"):
        import_file(session, "units", tmp_path / name, datum="wgs84")
