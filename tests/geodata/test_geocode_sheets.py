"""The review sheet: written out, filled in by a person, read back, and every way to fill it in wrongly."""

import numpy as np
import openpyxl
import pytest
from lookups import position, result, unit
from makers import add_unit, at
from sqlalchemy import select

from geodata.errors import BadSetting
from geodata.formats import delimited, read, xlsx
from geodata.models import GeocodeDecision
from geodata.services.geocoding import decide, geocode_records, read_review, review_rows, write_review
from geodata.services.review_sheets import HEADINGS
from spatial.coordinates import Wgs84
from spatial.crs import BD09


def fill(path, code, **cells):
    """Write cells into the row of a record, as a person would."""
    table = read(path)
    rows = [[row[name] for name in table.columns] for row in table.rows]
    for row in rows:
        if row[1] == code:
            for name, value in cells.items():
                row[HEADINGS.index(name)] = value
    if path.suffix == ".csv":
        path.write_bytes(b"".join(delimited.write(HEADINGS, rows)))
    else:
        path.write_bytes(xlsx.write(HEADINGS, rows))


@pytest.fixture(params=[".xlsx", ".csv"])
def sheet(request, places, tmp_path):
    """A written sheet of three units that wait: two parks, a town, an unknown road."""
    for code, address in (("U1", "人民公园"), ("U2", "西镇"), ("U3", "星海路8号")):
        add_unit(places, code, address=address)
    geocode_records(places)
    path = tmp_path / f"review{request.param}"
    assert write_review(places, path) == 3
    return path


def test_a_sheet_shows_text_parts_reasons_and_candidates(sheet):
    first = read(sheet).rows[0]
    assert tuple(read(sheet).columns) == HEADINGS
    assert (first["kind"], first["code"], first["text"], first["parsed"]) == (
        "units",
        "U1",
        "人民公园",
        "place=人民公园",
    )
    assert str(first["candidate_1"]).startswith("人民公园 (place, 121.40500 31.10200")
    assert "ambiguous" in str(first["why"])
    assert first["decision"] is None


def test_an_empty_sheet_settles_nothing(places, sheet):
    report = read_review(places, sheet, actor="desk")
    assert (report.rows, report.settled, report.open, report.problems) == (3, 0, 3, ())
    assert len(review_rows(places)) == 3


def test_decisions_of_a_sheet_are_settled(places, sheet):
    lon, lat = at(2.5, 1)
    fill(sheet, "U1", decision=2)
    fill(sheet, "U2", decision="无")
    fill(sheet, "U3", lon=lon, lat=lat, datum="WGS-84")
    report = read_review(places, sheet, actor="desk")
    assert (report.settled, report.open, report.problems) == (3, 0, ())
    assert position(places, "U1") == pytest.approx(at(3.5, 0.2))
    assert unit(places, "U2").geom is None
    assert position(places, "U3") == pytest.approx((lon, lat))
    assert review_rows(places) == []
    assert geocode_records(places).rows == 0


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        pytest.param({"decision": 3}, "decision", id="no such candidate"),
        pytest.param({"decision": "maybe"}, "decision", id="no decision we know"),
        pytest.param({"lon": 121.4, "lat": 31.1}, "datum", id="pin without datum"),
        pytest.param({"lon": 121.4, "lat": 31.1, "datum": "moon"}, "datum", id="unknown datum"),
        pytest.param({"lon": 121.4, "datum": "wgs84"}, "lat", id="half a pin"),
        pytest.param({"lon": "east", "lat": 31.1, "datum": "wgs84"}, "lon", id="no number"),
        pytest.param({"lon": 31.1, "lat": 121.4, "datum": "wgs84"}, "lon", id="swapped"),
        pytest.param({"decision": 1, "lon": 121.4, "lat": 31.1, "datum": "wgs84"}, "decision", id="both"),
        pytest.param({"decision": 1, "text": "人民广场"}, "text", id="another address"),
        pytest.param({"decision": 1, "candidate_1": "北站"}, "decision", id="another candidate"),
    ],
)
def test_one_bad_row_stops_the_sheet_unless_told_otherwise(places, sheet, cells, field):
    fill(sheet, "U1", **cells)
    fill(sheet, "U3", decision="none")
    report = read_review(places, sheet, actor="desk")
    assert [(one.row, one.field) for one in report.problems] == [(2, field)]
    assert (report.settled, len(review_rows(places))) == (0, 3)
    assert read_review(places, sheet, actor="desk", skip_bad=True).settled == 1
    assert [row.target_code for row in review_rows(places)] == ["U1", "U2"]


def test_an_area_cannot_be_chosen_in_a_sheet(places, sheet):
    fill(sheet, "U2", decision=1)
    report = read_review(places, sheet, actor="desk")
    assert "has no position" in report.problems[0].reason


def test_a_sheet_that_is_read_twice_changes_nothing_and_says_so(places, sheet):
    lon, lat = at(2.5, 1)
    fill(sheet, "U1", decision=1)
    fill(sheet, "U2", decision="无")
    fill(sheet, "U3", lon=lon, lat=lat, datum="wgs84")
    first = read_review(places, sheet, actor="desk")
    made = places.scalars(select(GeocodeDecision.id)).all()
    again = read_review(places, sheet, actor="somebody else")
    assert (first.settled, first.unchanged) == (3, 0)
    assert (again.settled, again.unchanged, again.open, again.problems) == (0, 3, 0, ())
    assert places.scalars(select(GeocodeDecision.id)).all() == made


def test_a_sheet_that_says_otherwise_than_was_decided_since_is_told_so(places, sheet):
    fill(sheet, "U1", decision=1)
    decide(places, "units", "U1", actor="somebody", candidate=2)
    report = read_review(places, sheet, actor="desk")
    assert "does not wait" in report.problems[0].reason


def test_a_filled_in_sheet_is_not_written_over_before_it_was_read(places, sheet):
    fill(sheet, "U1", decision=1)
    with pytest.raises(BadSetting, match="--decisions first"):
        write_review(places, sheet)
    read_review(places, sheet, actor="desk")
    assert write_review(places, sheet) == 2


def test_a_name_is_remembered_where_the_sheet_says_so(places, sheet):
    fill(sheet, "U1", decision=1, remember="是")
    read_review(places, sheet, actor="desk")
    assert [one.remember for one in places.scalars(select(GeocodeDecision))] == [True]


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param({"decision": 1, "remember": "perhaps"}, id="no word we know"),
        pytest.param({"decision": "none", "remember": "yes"}, id="nowhere explains nothing"),
    ],
)
def test_what_cannot_be_remembered_is_told(places, sheet, cells):
    fill(sheet, "U1", **cells)
    assert [one.field for one in read_review(places, sheet, actor="desk").problems] == ["remember"]


def test_a_workbook_offers_what_can_be_chosen(places, tmp_path):
    add_unit(places, "U1", address="人民公园")
    geocode_records(places)
    path = tmp_path / "review.xlsx"
    write_review(places, path)
    page = openpyxl.load_workbook(path).active
    offered = {str(one.sqref).split("2:")[0]: one.formula1 for one in page.data_validations.dataValidation}
    letters = {openpyxl.utils.get_column_letter(HEADINGS.index(name) + 1): name for name in ("decision", "remember")}
    assert {letters[letter]: words for letter, words in offered.items() if letter in letters} == {
        "decision": '"1,2,3,none"',
        "remember": '"yes,no"',
    }


def test_a_record_that_stands_twice_is_told_so(places, tmp_path):
    add_unit(places, "U1", address="人民公园")
    geocode_records(places)
    path = tmp_path / "review.csv"
    write_review(places, path)
    fill(path, "U1", decision=1)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines, lines[1]]))
    report = read_review(places, path, actor="desk")
    assert "more than once" in report.problems[0].reason


def test_a_sheet_without_its_columns_is_told_so(places, tmp_path):
    path = tmp_path / "review.csv"
    path.write_text("kind,code,decision\nunits,U1,1\n", encoding="utf-8")
    report = read_review(places, path, actor="desk")
    assert {one.field for one in report.problems} >= {"text", "lon", "lat", "datum"}


@pytest.mark.parametrize("name", ["review.geojson", "review.zip"])
def test_only_spreadsheets_are_written(places, tmp_path, name):
    with pytest.raises(BadSetting, match=r"\.xlsx or \.csv"):
        write_review(places, tmp_path / name)


def test_an_address_like_a_formula_is_harmless_and_comes_back(places, tmp_path):
    address = '=HYPERLINK("http://a.example")\x07'
    add_unit(places, "U1", address=address)
    geocode_records(places)
    book, text_file = tmp_path / "review.xlsx", tmp_path / "review.csv"
    write_review(places, book)
    write_review(places, text_file)
    assert openpyxl.load_workbook(book).active["C2"].data_type == "s"
    assert b",\"'=HYPERLINK" in text_file.read_bytes()
    for path in (book, text_file):
        fill(path, "U1", decision="none")
        assert read_review(places, path, actor="desk").problems == ()
        decide(places, "units", "U1", nowhere=True, actor="desk")
        result(places, "U1").status = "review"
    assert result(places, "U1").text == address


def test_positions_whose_places_speak_against_their_datum_need_a_yes(places, tmp_path):
    rng = np.random.default_rng(3)
    spots = np.array([at(east, north) for east, north in rng.uniform((0.1, 0.1), (1.9, 1.9), (40, 2))])
    for number in range(40):
        add_unit(places, f"V{number}", address=f"西镇未名路{number}号")
    geocode_records(places)
    path = tmp_path / "review.csv"
    assert write_review(places, path) == 40
    bd09 = Wgs84(*spots.T).written_in(BD09)
    for number in range(40):
        fill(path, f"V{number}", lon=float(bd09.x[number]), lat=float(bd09.y[number]), datum="wgs84")

    report = read_review(places, path, actor="desk")
    ((row, field, value, reason),) = report.problems
    assert (row, field, value, report.settled) == (1, "datum", "wgs84", 0)
    assert "It looks like BD-09" in reason
    assert unit(places, "V1").geom is None
    assert read_review(places, path, actor="desk", trust_datum=True).settled == 40
