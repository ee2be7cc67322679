"""What is seen of an import before it is one: the same import, tried and undone."""

import json
import os
import time
from io import BytesIO

import files
import geopandas as gpd
import makers
import pytest
from import_forms import HEAD
from sqlalchemy import func, select

from geodata.errors import NotFound
from geodata.formats.errors import TooLarge, UnknownFormat
from geodata.ingest.preview import Preview
from geodata.models import ImportRun, MemberUnit
from geodata.record_errors import UploadsFull
from geodata.services import import_files
from geodata.services.import_checks import Options, check, problems
from geodata.services.imports import import_file
from spatial.coordinates import Wgs84
from spatial.crs import GCJ02

SEEN = {"dry_run": True, "skip_bad": True}


def seen(session, path, kind="units", **options):
    preview = Preview()
    report = import_file(session, kind, path, **{"datum": "wgs84", "preview": preview, **SEEN, **options})
    return preview, report


# -- what a dry run shows ------------------------------------------------------------------------------


def test_rows_are_shown_as_they_would_be_stored_and_none_is(session, units):
    makers.add_areas(session)
    import_file(session, "units", units("A1,甲,学校,,121.405,31.105", "A2,乙,其他,,,"), datum="wgs84")
    lines = ("A1,甲,医疗机构,,121.405,31.105", "A2,乙,其他,,,", "A3,丙,其他,,121.5,31.5", "A4,丁,其他,,121.4,x")
    preview, report = seen(session, units(*lines))
    assert (report.stored, report.changed, report.unchanged, report.bad) == (1, 1, 1, 1)
    rows = list(preview.rows())
    assert [(row.row, row.standing, row.is_outside) for row in rows] == [
        (2, "changed", False),
        (3, "unchanged", False),
        (4, "new", True),
        (5, "bad", False),
    ]
    assert (rows[0].values["kind"], rows[0].lon, rows[0].lat) == ("hospital", 121.405, 31.105)
    assert "geom" not in rows[0].values
    assert [place.row for place in preview.places()] == [2, 4]
    assert session.scalar(select(func.count()).select_from(MemberUnit)) == 2


def test_headings_are_shown_with_their_fields_and_first_contents(session, units):
    preview, _report = seen(session, units("A1,甲,学校,路1号,121.405,31.105", "A1,甲,学校,路1号,121.405,31.105"))
    assert [heading.name for heading in preview.headings] == HEAD.split(",")
    assert preview.headings[0].samples == ("A1",)
    assert preview.matched == {
        "name": "名称",
        "code": "编码",
        "kind": "类型",
        "address": "地址",
        "lon": "经度",
        "lat": "纬度",
    }
    assert [field.name for field in preview.fields if field.is_required] == ["name"]


def test_a_heading_that_is_left_out_is_as_if_it_were_not_there(session, units):
    path = units("A1,甲,学校,路1号,121.405,31.105")
    preview, report = seen(session, path, leave_out=["地址", "经度", "纬度"], datum=None)
    assert set(preview.matched) == {"name", "code", "kind"}
    assert report.stored == 1
    assert "address" not in next(preview.rows()).values


def test_what_is_left_out_is_kept_as_it_was(session, units):
    path = units("A1,甲,学校,路1号,121.405,31.105")
    import_file(session, "units", path, datum="wgs84")
    import_file(session, "units", units("A1,甲,学校,,121.405,31.105"), datum="wgs84", leave_out=["地址"])
    assert session.scalar(select(MemberUnit.address)) == "路1号"


def test_places_are_chosen_evenly_and_the_odd_ones_first(session, units):
    makers.add_areas(session)
    lines = [f"A{n},甲{n},学校,,{121.40 + n / 10000:.4f},31.105" for n in range(100)]
    lines[7] = "A7,甲7,学校,,121.6,31.6"
    preview = Preview(most=10)
    import_file(session, "units", units(*lines), datum="wgs84", preview=preview, **SEEN)
    shown = preview.places()
    assert (preview.placed, len(shown)) == (100, 10)
    assert 9 in [place.row for place in shown]
    assert [place.row for place in shown] == sorted(place.row for place in shown)
    assert shown[-1].row > 80


@pytest.mark.parametrize(
    ("kind", "name", "lines", "standings"),
    [
        pytest.param("memberships", "单位编码,层级,区域编码", ("U1,区级,310112",), ["new"], id="a key of numbers"),
        pytest.param("resource_kinds", "编码,名称", ("x1,某类",), ["new"], id="a key that is the primary key"),
        pytest.param(
            "pilots", "层级,区域编码,起始日期", ("村,310112101001,2026-01-01",), ["new"], id="a key with a day"
        ),
    ],
)
def test_standings_are_told_of_every_kind_of_key(session, tmp_path, kind, name, lines, standings):
    makers.add_areas(session)
    makers.add_unit(session, "U1")
    path = files.table(tmp_path / "list.csv", name, *lines)
    preview, report = seen(session, path, kind, datum=None)
    assert report.stored == len(lines), report.problems
    assert [row.standing for row in preview.rows()] == standings
    import_file(session, kind, path)
    again, _report = seen(session, path, kind, datum=None)
    assert [row.standing for row in again.rows()] == ["unchanged"] * len(lines)


# -- a file that waits -----------------------------------------------------------------------------------


def test_a_file_waits_in_a_folder_of_its_own_for_its_owner(sent, tmp_path):
    one = sent("a,b\n1,2\n")
    assert one.path.read_text() == "a,b\n1,2\n"
    assert (one.folder.stat().st_mode & 0o777, one.path.stat().st_mode & 0o777) == (0o700, 0o600)
    assert (tmp_path / "imports").stat().st_mode & 0o777 == 0o700
    assert import_files.found(tmp_path, one.id, owner_id=1) == one
    assert import_files.waiting(tmp_path, owner_id=1) == [one]
    assert import_files.waiting(tmp_path, owner_id=2) == []


@pytest.mark.parametrize("id_", ["", "..", "../imports", "A" * 32, "0" * 32, "0" * 31 + "/", "\x00", "x" * 5000])
def test_an_id_that_is_none_is_not_found(sent, tmp_path, id_):
    sent("a")
    with pytest.raises(NotFound):
        import_files.found(tmp_path, id_, owner_id=1)


def test_a_file_of_somebody_else_is_not_found(sent, tmp_path):
    one = sent("a")
    with pytest.raises(NotFound):
        import_files.found(tmp_path, one.id, owner_id=2)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("../../etc/passwd.csv", "passwd.csv"),
        ("C:\\x\\单位.csv", "单位.csv"),
        ("/abs/a.csv", "a.csv"),
        ("a\x00\r\nb\u202e.csv", "ab.csv"),
        ("<img src=x onerror=alert(1)>.csv", "<img src=x onerror=alert(1)>.csv"),
        ("=HYPERLINK(1).csv", "=HYPERLINK(1).csv"),
        ("名" * 300 + ".csv", "名" * 96 + ".csv"),
    ],
)
def test_a_name_is_made_harmless_and_never_is_a_path(sent, tmp_path, name, told):
    one = sent("a", name)
    assert one.name == told
    assert one.path.parent.parent == tmp_path / "imports"
    assert one.path.name == "data.csv"


@pytest.mark.parametrize("name", ["x.exe", "x", "", "x.csv.vrt", "x.osm.pbf", "x.docx", "x.svg"])
def test_what_no_import_reads_is_not_taken(sent, tmp_path, name):
    with pytest.raises(UnknownFormat):
        sent("a", name)
    assert import_files.waiting(tmp_path, owner_id=1) == []


def test_too_large_a_file_leaves_nothing_behind(sent, tmp_path):
    with pytest.raises(TooLarge, match="0 MB"):
        sent("x" * 10_001)
    assert [path for path in (tmp_path / "imports").iterdir() if path.is_dir()] == []


def test_five_files_may_wait_and_no_sixth(sent):
    first, *_others = [sent("a") for _ in range(5)]
    with pytest.raises(UploadsFull):
        sent("a")
    sent("a", owner_id=2)
    import_files.discard(first)
    sent("a")


def test_as_many_bytes_may_wait_as_three_of_the_largest_files_have(sent):
    for _ in range(3):
        sent("x" * 9_999)
    sent("xxx")
    with pytest.raises(UploadsFull):
        sent("x")


def test_where_there_is_no_room_nothing_is_left_behind(tmp_path):
    class Full(BytesIO):
        def read(self, _size):
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        import_files.keep(tmp_path, Full(), name="a.csv", owner_id=1, kind="units", most_bytes=10)
    assert import_files.waiting(tmp_path, owner_id=1) == []
    assert [path for path in (tmp_path / "imports").iterdir() if path.is_dir()] == []


def test_after_a_day_a_file_is_gone_and_the_next_who_comes_takes_it_away(sent, tmp_path):
    one = sent("a")
    facts = json.loads((one.folder / "upload.json").read_text())
    (one.folder / "upload.json").write_text(json.dumps(facts | {"sent_at": time.time() - 24 * 3600 - 1}))
    with pytest.raises(NotFound):
        import_files.found(tmp_path, one.id, owner_id=1)
    assert import_files.waiting(tmp_path, owner_id=1) == []
    other = sent("b")
    assert not one.folder.exists()
    assert other.folder.exists()


def test_a_folder_that_was_never_finished_goes_too(sent, tmp_path):
    one = sent("a")
    (one.folder / "upload.json").unlink()
    import_files.sweep(tmp_path)
    assert one.folder.exists()
    os.utime(one.folder, (0, 0))
    import_files.sweep(tmp_path)
    assert not one.folder.exists()


def test_a_file_that_is_worked_on_stays_however_old(sent, tmp_path):
    one = sent("a")
    facts = json.loads((one.folder / "upload.json").read_text())
    (one.folder / "upload.json").write_text(json.dumps(facts | {"sent_at": 0}))
    with one.held() as is_mine:
        assert is_mine
        assert import_files.sweep(tmp_path) == 0
    assert import_files.sweep(tmp_path) == 1


# -- a check -----------------------------------------------------------------------------------------------


def checked(session, file, **options):
    made = Options(**{"version": "v", **options})
    file.write("options", made.to_json())
    return check(session, file, made)


def test_a_check_tells_figures_rows_and_places(session, sent):
    makers.add_areas(session)
    file = sent(f"{HEAD}\nA1,甲,学校,,121.405,31.105\nA2,乙,其他,,,\nA3,,其他,,121.41,31.1\n")
    facts = checked(session, file, datum="wgs84")
    assert [facts[name] for name in ("rows", "stored", "changed", "unchanged", "bad")] == [3, 2, 0, 0, 1]
    assert (facts["error"], facts["refused"], facts["placed"], facts["shown"]) == (None, None, 2, 2)
    assert [row["standing"] for row in facts["first"]] == ["new", "new", "bad"]
    assert [tuple(one) for one in problems(file)] == [(4, "name", "", "it is empty")]
    places = file.read("places")["features"]
    assert [place["properties"]["standing"] for place in places] == ["new", "bad"]
    assert places[0]["geometry"] == {"type": "Point", "coordinates": [121.405, 31.105]}
    assert session.scalar(select(func.count()).select_from(ImportRun)) == 0


def test_without_a_datum_a_check_says_what_it_looks_like_and_that_one_is_needed(session, sent):
    makers.add_areas(session)
    lon, lat = [121.405 + n / 10000 for n in range(30)], [31.105] * 30
    raw = Wgs84(lon, lat).written_in(GCJ02)
    lines = [f"A{n},甲{n},学校,西镇路{n}号,{x:.6f},{y:.6f}" for n, (x, y) in enumerate(zip(raw.x, raw.y, strict=True))]
    facts = checked(session, sent("\n".join([HEAD, *lines])))
    assert facts["error"]["word"] == "DatumNeeded"
    assert facts["finding"]["rows"] == 30
    assert {one["datum"] for one in facts["finding"]["hypotheses"]} >= {"gcj02"}
    assert facts["matched"]["lon"] == "经度"
    facts = checked(session, sent("\n".join([HEAD, *lines])), datum="unknown")
    assert facts["error"]["word"] == "DatumNeeded"


def test_without_places_no_datum_is_needed(session, sent):
    facts = checked(session, sent("编码,名称\nA1,甲\n"))
    assert (facts["error"], facts["stored"], facts["finding"]) == (None, 1, None)


def test_headings_are_told_although_one_is_missing(session, sent):
    facts = checked(session, sent("甲,乙,地址\nA1,x,y\n"), datum="wgs84")
    assert (facts["error"]["word"], facts["error"]["fields"]) == ("FieldsMissing", ["name"])
    assert [name for name, _samples in facts["headings"]] == ["甲", "乙", "地址"]
    assert facts["matched"] == {"address": "地址"}
    facts = checked(session, sent("甲,乙,地址\nA1,x,y\n"), datum="wgs84", mapping={"name": "乙", "kind": "=学校"})
    assert (facts["error"], facts["matched"]["name"], facts["matched"]["kind"]) == (None, "乙", "=学校")


def test_of_a_file_about_persons_nothing_is_kept(session, sent):
    file = sent("名称,身份证号\n甲,310112199001011234\n")
    facts = checked(session, file)
    assert (facts["error"]["word"], facts["headings"]) == ("PersonalData", [])
    assert not file.path.exists()
    assert "310112199001011234" not in "".join(path.read_text() for path in file.folder.iterdir())
    file = sent("名称,身份证号\n甲,310112199001011234\n")
    assert checked(session, file, leave_out=["身份证号"])["error"]["word"] == "PersonalData"


@pytest.mark.parametrize(
    ("content", "name", "word"),
    [
        pytest.param(b"PK\x03\x04", "a.csv", "WrongFormat", id="a zip that says it is a sheet"),
        pytest.param(b"{}", "a.geojson", "Unreadable", id="no collection"),
        pytest.param(b"<OGRVRTDataSource/>", "a.csv", "WrongFormat", id="a virtual source"),
        pytest.param(b"PK\x03\x04", "a.zip", "WrongFormat", id="a broken zip"),
        pytest.param(b"", "a.csv", "Unreadable", id="empty"),
    ],
)
def test_what_cannot_be_read_is_a_fact_that_names_no_path(session, sent, tmp_path, content, name, word):
    facts = checked(session, sent(content, name))
    assert facts["error"]["word"] == word
    assert str(tmp_path) not in json.dumps(facts)


def test_evidence_against_the_datum_is_told_and_may_be_overruled(session, sent):
    makers.add_areas(session)
    # they lie in the town that they name by GCJ-02 alone
    raw = Wgs84([121.4008 + n / 1e5 for n in range(40)], [31.105] * 40).written_in(GCJ02)
    east = Wgs84([121.4199 - n / 1e5 for n in range(40)], [31.105] * 40).written_in(GCJ02)
    lines = [
        f"{k}{n},甲{k}{n},学校,西镇东川路{n}号,{x:.6f},{y:.6f}"
        for k, part in (("A", raw), ("B", east))
        for n, (x, y) in enumerate(zip(part.x, part.y, strict=True))
    ]
    content = "\n".join([HEAD, *lines])
    facts = checked(session, sent(content), datum="wgs84")
    assert facts["refused_for"] == "datum"
    assert facts["stored"] == 0
    facts = checked(session, sent(content), datum="wgs84", trust_datum=True)
    assert (facts["refused"], facts["stored"]) == (None, 80)
    facts = checked(session, sent(content), datum="gcj02")
    assert (facts["refused"], facts["stored"]) == (None, 80)


def test_of_several_sheets_one_is_to_be_named(session, sent, tmp_path):
    frames = {name: gpd.GeoDataFrame({"name": [name]}, geometry=[None], crs=4326) for name in ("one", "two")}
    path = files.geopackage(tmp_path / "two.gpkg", **frames)
    file = sent(path.read_bytes(), "two.gpkg", most_bytes=1_000_000)
    facts = checked(session, file)
    assert (facts["error"]["word"], facts["error"]["layers"]) == ("LayerNeeded", ["one", "two"])
    assert checked(session, file, layer="two", datum="wgs84")["first"][0]["values"].count("two") == 1
