"""A file of units from one end to the other: what is stored, what is told, what is refused."""

from datetime import date

import files
import geopandas as gpd
import makers
import pytest
import shapely
from sqlalchemy import func, select, text

from geodata.ingest import KINDS, kind_of
from geodata.ingest.errors import (
    BadMapping,
    BadOption,
    DatumDisagrees,
    DatumNeeded,
    FieldsMissing,
    PersonalData,
    UnknownKind,
)
from geodata.models import ImportRun, MemberUnit
from geodata.services.imports import import_file
from geodata.services.stamps import check_stamps
from spatial.errors import UnknownDatum

HEAD = "编码,名称,类型,地址,经度,纬度"


@pytest.fixture
def units(tmp_path):
    """A function that makes a file of units from its lines."""
    return lambda *lines, head=HEAD: files.table(tmp_path / "units.csv", head, *lines)


def take(session, path, **options):
    return import_file(session, "units", path, **{"datum": "wgs84", **options})


def unit(session, code):
    return session.scalars(select(MemberUnit).where(MemberUnit.code == code)).one()


def words(report):
    return set(report.words())


def test_it_works(session, units):
    makers.add_areas(session)
    report = take(session, units("A1,莘光小学,学校,春申路1号,121.405,31.105", "A2,无址单位,其他,,,"))
    assert (report.rows, report.stored, report.changed, report.unchanged, report.bad) == (2, 2, 0, 0, 0)
    assert report.refused is None
    placed = unit(session, "A1")
    assert (placed.kind, placed.address, placed.place_level) == ("school", "春申路1号", "given")
    assert (placed.raw_x, placed.raw_y, placed.datum, placed.datum_evidence) == (121.405, 31.105, "wgs84", "declared")
    assert placed.accuracy_m == 10.0
    assert (placed.town_code, placed.village_code) == ("310112101000", "310112101001")
    assert unit(session, "A2").geom is None
    assert check_stamps(session) == []


def test_the_same_file_again_changes_nothing(session, units):
    path = units("A1,甲,学校,春申路1号,121.405,31.105", "A2,乙,其他,,,")
    take(session, path)
    report = take(session, path)
    assert (report.stored, report.changed, report.unchanged) == (0, 0, 2)


def test_a_changed_row_is_changed_and_a_new_one_stored(session, units):
    take(session, units("A1,甲,学校,,121.405,31.105", "A2,乙,其他,,,"))
    report = take(session, units("A1,甲,医疗机构,,121.405,31.105", "A2,乙,其他,,,", "A3,丙,其他,,,"))
    assert (report.stored, report.changed, report.unchanged) == (1, 1, 1)
    assert unit(session, "A1").kind == "hospital"


def test_a_unit_that_moves_is_stamped_anew(session, units):
    makers.add_areas(session)
    take(session, units("A1,甲,学校,,121.405,31.105"))
    take(session, units("A1,甲,学校,,121.415,31.105"))
    assert unit(session, "A1").village_code == "310112101002"


def test_a_row_without_place_leaves_the_place_that_is_known(session, units):
    take(session, units("A1,甲,学校,,121.405,31.105"))
    report = take(session, units("A1,甲,学校,,,"))
    assert report.unchanged == 1
    assert unit(session, "A1").raw_x == 121.405


def test_columns_not_in_the_file_are_left_alone(session, units):
    take(session, units("A1,甲,学校,7", head="编码,名称,类型,容量"))
    take(session, units("A1,乙", head="编码,名称"))
    kept = unit(session, "A1")
    assert (kept.name, kept.kind, kept.capacity) == ("乙", "school", 7)


def test_every_problem_of_every_row_is_told_and_nothing_is_stored(session, units):
    report = take(
        session,
        units("A1,好,学校,,121.405,31.105", "A2,,马戏团,,121.4,abc", "A3,丙,学校,,999,31.1", "A4,丁,学校,,121.4,"),
    )
    assert [(p.row, p.field, p.value) for p in report.problems] == [
        (3, "name", ""),
        (3, "kind", "马戏团"),
        (3, "lat", "abc"),
        (4, "position", "999.0, 31.1"),
        (5, "lat", ""),
    ]
    assert (report.rows, report.bad, report.stored) == (4, 3, 0)
    assert "3 of 4 rows have problems" in report.refused
    assert session.scalar(select(func.count()).select_from(MemberUnit)) == 0


def test_skip_bad_stores_the_good_rows(session, units):
    report = take(session, units("A1,好,学校,,121.405,31.105", "A2,,学校,,,"), skip_bad=True)
    assert (report.stored, report.bad, report.refused) == (1, 1, None)


def test_a_dry_run_tells_the_same_figures_and_stores_nothing(session, units):
    path = units("A1,甲,学校,,121.405,31.105", "A2,乙,其他,,,")
    dry = take(session, path, dry_run=True)
    assert (dry.stored, dry.dry_run) == (2, True)
    assert session.scalar(select(func.count()).select_from(MemberUnit)) == 0
    assert session.scalar(select(func.count()).select_from(ImportRun)) == 0
    assert take(session, path).stored == dry.stored


def test_repeated_rows_count_once_and_contradicting_rows_are_problems(session, units):
    report = take(session, units("A1,甲,学校,,,", "A1,甲,学校,,,", "A1,乙,学校,,,"))
    assert [(p.row, p.value) for p in report.problems] == [(4, "A1")]
    assert "row 2 has the same key" in report.problems[0].reason
    assert "duplicates" in words(report)


def test_units_without_codes_get_stable_ones(session, units):
    path = units("甲,春申路1号", "甲,春申路2号", head="名称,地址")
    report = take(session, path)
    assert (report.stored, take(session, path).unchanged) == (2, 2)
    assert {"made_codes", "kind_unknown"} <= words(report)
    assert {one.kind for one in session.scalars(select(MemberUnit))} == {"other"}


def test_a_unit_known_by_code_is_found_by_name_and_address(session, units):
    take(session, units("A1,甲,学校,春申路1号,,"))
    report = take(session, units("甲,春申路1号,9", head="名称,地址,容量"))
    assert (report.changed, unit(session, "A1").capacity) == (1, 9)


@pytest.mark.parametrize("value", ["学校", "school", "School", "SCHOOL "])
def test_kinds_are_known_by_code_and_by_name(value, session, units):
    take(session, units(f"A1,甲,{value},,,"))
    assert unit(session, "A1").kind == "school"


def test_a_constant_gives_all_rows_one_value(session, units):
    take(session, units("甲", "乙", head="名称"), mapping={"kind": "=station"})
    assert {one.kind for one in session.scalars(select(MemberUnit))} == {"station"}


def test_an_import_is_recorded_with_its_report(session, units):
    path = units("A1,甲,学校,,121.405,31.105")
    take(session, path, actor="planner")
    run = session.scalars(select(ImportRun)).one()
    assert (run.kind, run.file_name, run.datum, run.actor) == ("units", "units.csv", "wgs84", "planner")
    assert len(run.sha256) == 64
    assert run.report["stored"] == 1


def test_progress_is_told_up_to_the_last_row(session, units):
    told = []
    take(session, units("A1,甲,学校,,,", "A2,乙,学校,,,"), progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (2, 2)


def test_the_report_as_plain_data_has_the_promised_names(session, units):
    plain = take(session, units("A1,甲,学校,,121.405,31.105")).to_json()
    assert {"kind", "rows", "stored", "changed", "unchanged", "bad", "problems", "notes", "repairs", "verdict"} <= set(
        plain
    )
    assert plain["problems"] == []


# -- what cannot begin ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "error", "reason"),
    [
        pytest.param({"datum": None}, DatumNeeded, "no default", id="no datum"),
        pytest.param({"datum": "mercury"}, UnknownDatum, "mercury", id="an unknown datum"),
        pytest.param({"mapping": {"colour": "名称"}}, BadMapping, "no field 'colour'", id="an unknown field"),
        pytest.param({"mapping": {"name": "titel"}}, BadMapping, "no heading 'titel'", id="an unknown heading"),
        pytest.param({"level": "town"}, BadOption, "only areas have a level", id="a level"),
        pytest.param({"valid_from": date(2024, 1, 1)}, BadOption, "only areas have generations", id="a day"),
    ],
)
def test_an_import_asked_for_wrongly_does_not_begin(options, error, reason, session, units):
    with pytest.raises(error, match=reason):
        take(session, units("A1,甲,学校,,121.405,31.105"), **options)


def test_an_unknown_kind_lists_those_there_are(session, units):
    with pytest.raises(UnknownKind, match="areas, grid, units"):
        import_file(session, "people", units("A1,甲,学校,,,"))


def test_columns_about_persons_are_refused(session, units):
    with pytest.raises(PersonalData, match="政治面貌"):
        take(session, units("A1,甲,群众", head="编码,名称,政治面貌"))


def test_a_file_without_names_is_refused(session, units):
    with pytest.raises(FieldsMissing, match="as name"):
        take(session, units("1", head="colour"))


def test_no_datum_is_needed_where_there_are_no_coordinates(session, units):
    assert take(session, units("A1,甲", head="编码,名称"), datum=None).stored == 1


def test_the_datum_in_the_headings_is_only_a_hint(session, units):
    with pytest.raises(DatumNeeded, match="headings say BD-09"):
        take(session, units("甲,121.4,31.1", head="名称,lng_bd09,lat_bd09"), datum=None)


# -- where the places are -------------------------------------------------------------------------


def test_every_row_is_a_record_of_the_register():
    assert [kind.name for kind in KINDS] == list(dict.fromkeys(kind.name for kind in KINDS))
    assert all(kind_of(kind.name) is kind for kind in KINDS)


@pytest.mark.parametrize(
    ("datum", "x", "y"),
    [
        pytest.param("wgs84", "121.405", "31.105", id="WGS 84"),
        pytest.param("epsg:4490", "121.405", "31.105", id="CGCS2000"),
        pytest.param("gcj02", "121.4095", "31.1028", id="GCJ-02"),
        pytest.param("bd09", "121.416", "31.109", id="BD-09"),
        pytest.param("epsg:4549", "634100", "3443450", id="metres"),
    ],
)
def test_places_come_to_wgs84_and_keep_their_raw_numbers(datum, x, y, session, units):
    take(session, units(f"A1,甲,学校,,{x},{y}"), datum=datum)
    kept = unit(session, "A1")
    lon, lat = session.execute(select(func.ST_X(MemberUnit.geom), func.ST_Y(MemberUnit.geom))).one()
    assert (lon, lat) == pytest.approx((121.405, 31.105), abs=0.002)
    assert (kept.raw_x, kept.raw_y) == (float(x), float(y))


def test_points_of_geojson_are_places(session, tmp_path):
    path = files.geojson(tmp_path / "a.geojson", ({"编码": "A1", "名称": "甲"}, files.point(0.5, 0.5)))
    take(session, path)
    assert unit(session, "A1").raw_x == pytest.approx(121.405)


def test_a_polygon_is_no_place_of_a_unit(session, tmp_path):
    path = files.geojson(tmp_path / "a.geojson", ({"名称": "甲"}, files.polygon(0, 0, 1, 1)))
    assert "a point is needed" in take(session, path).problems[0].reason


@pytest.mark.parametrize(
    ("place", "datum", "reason"),
    [
        pytest.param("31.105,121.405", "wgs84", "x and y swapped", id="swapped"),
        pytest.param("0,0", "wgs84", "unknown position", id="null island"),
        pytest.param("634100,3442900", "wgs84", "metres", id="metres declared as degrees"),
        pytest.param("121.4,31.1", "epsg:4549", "degrees", id="degrees declared as metres"),
        pytest.param("1e308,1e308", "wgs84", "metres", id="huge"),
    ],
)
def test_a_place_that_is_none_is_a_problem(place, datum, reason, session, units):
    problem = take(session, units(f"A1,甲,学校,,{place}"), datum=datum).problems[0]
    assert (problem.row, problem.field) == (2, "position")
    assert reason in problem.reason


@pytest.mark.parametrize(
    ("x", "y"),
    [
        pytest.param(3442900, 634100, id="axes exchanged"),
        pytest.param(634100, 1442900, id="another part of the country"),
    ],
)
def test_a_file_that_lies_elsewhere_is_refused(x, y, session, units):
    report = take(session, units(f"A1,甲,学校,,{x},{y}"), datum="epsg:4549")
    assert "1 of 1 positions lie far outside the area of EPSG:4549" in report.refused


def test_a_file_of_the_next_district_is_refused_unless_trusted(session, units):
    makers.add_areas(session)
    path = units("A1,甲,学校,,121.60,31.105", "A2,乙,学校,,121.60,31.106")
    report = take(session, path)
    assert "2 of 2 positions lie outside the district and 5 km around it" in report.refused
    assert report.stored == 0
    trusted = take(session, path, trust_datum=True)
    assert (trusted.stored, trusted.refused) == (2, None)
    assert {"datum_trusted", "outside_district"} <= words(trusted)


def test_a_heading_that_names_another_datum_refuses_the_file(session, units):
    path = units("甲,121.405,31.105", head="名称,lng_bd09,lat_bd09")
    report = take(session, path)
    assert "headings of the coordinates say BD-09, and WGS 84 was declared" in report.refused
    assert take(session, path, trust_datum=True).stored == 1


def test_a_projected_prj_that_disagrees_is_refused(session, tmp_path):
    frame = gpd.GeoDataFrame({"name": ["甲"]}, geometry=[shapely.Point(634100, 3442900)], crs=4549)
    path = files.zipped_shapefile(tmp_path / "a.zip", frame)
    with pytest.raises(DatumDisagrees, match="EPSG:32651, but the file's own CRS says"):
        take(session, path, datum="epsg:32651")
    assert take(session, path, datum="epsg:4549").stored == 1


def test_a_prj_in_degrees_is_no_evidence(session, tmp_path):
    frame = gpd.GeoDataFrame({"name": ["甲"]}, geometry=[shapely.Point(121.4095, 31.1028)], crs=4326)
    take(session, files.zipped_shapefile(tmp_path / "a.zip", frame), datum="gcj02")
    assert session.scalars(select(MemberUnit.datum)).one() == "gcj02"


def test_metres_under_a_prj_in_degrees_are_taken_as_declared(session, tmp_path):
    frame = gpd.GeoDataFrame({"name": ["甲"]}, geometry=[shapely.Point(634100, 3443450)], crs=4490)
    path = files.zipped_shapefile(tmp_path / "a.zip", frame)
    assert take(session, path, datum="epsg:4549").stored == 1
    assert "metres" in take(session, path, datum="cgcs2000").problems[0].reason


def test_a_file_without_rows_stores_nothing_and_says_so(session, units):
    report = take(session, units())
    assert (report.rows, report.refused) == (0, None)
    assert "empty_file" in words(report)


def test_an_address_in_another_town_is_flagged_and_kept(session, units):
    makers.add_areas(session)
    report = take(session, units("A1,甲,学校,西镇春申路1号,121.405,31.105", "A2,乙,学校,西镇春申路2号,121.435,31.105"))
    notes = [note for note in report.notes if note.word == "address_elsewhere"]
    assert [note.facts for note in notes] == [{"row": 3, "named": "310112101000", "found": "310112102000"}]
    assert report.stored == 2


def test_an_accuracy_of_its_own_is_kept(session, units):
    take(session, units("A1,甲,121.405,31.105,3", head="编码,名称,经度,纬度,精度"))
    assert unit(session, "A1").accuracy_m == 3.0


def test_coordinates_with_few_decimals_are_coarse(session, units):
    lines = [f"A{i},单位{i},121.4{i % 10}{i // 10},31.1{i % 7}{i % 9}" for i in range(30)]
    report = take(session, units(*lines, head="编码,名称,经度,纬度"))
    assert "coarse" in words(report)
    assert unit(session, "A1").accuracy_m == pytest.approx(73, abs=2)  # half a thousandth of a degree each way


def test_a_default_place_of_a_geocoder_is_told(session, units):
    lines = [f"A{i},单位{i},学校,,121.405,31.105" for i in range(8)]
    assert "repeated_position" in words(take(session, units(*lines)))


def test_formulas_are_only_text(session, units):
    take(session, units('A1,"=HYPERLINK(""http://x"")",学校,,,'))
    assert unit(session, "A1").name == '=HYPERLINK("http://x")'


def test_an_import_may_follow_another_in_one_transaction(session, units):
    take(session, units("A1,甲,学校,,,"))
    take(session, units("A2,乙,学校,,,"))
    assert session.execute(text("SELECT to_regclass('staged_rows')")).scalar_one() is None
