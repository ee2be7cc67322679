"""Which column is taken for which field."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.ingest.cells import text
from geodata.ingest.columns import Field, Source, bind, key_of
from geodata.ingest.errors import BadMapping, FieldsMissing, PersonalData
from spatial.crs import BD09, GCJ02, WGS84

NAME = Field("name", text, ("名称", "unit_name"), required=True)
CODE = Field("code", text, ("编码",))


def bound(*headings, places=True, declared=None, **mapping):
    return bind((NAME, CODE), headings, mapping=mapping, places=places, declared=declared)


@pytest.mark.parametrize(
    "heading", ["name", "NAME", "名称", " 名 称 ", "Unit Name", "UNIT-NAME", "unit_name", "ｎａｍｅ"]
)
def test_headings_are_known_in_any_spelling(heading):
    assert bound(heading).sources == {"name": Source(column=heading)}


def test_the_first_spelling_wins_and_the_rest_is_told():
    found = bound("unit_name", "名称", "colour")
    assert found.sources["name"].column == "名称"
    assert found.unused == ("unit_name", "colour")


def test_a_mapping_goes_before_what_is_recognised():
    found = bound("name", "title", "key", name="title", code="key")
    assert found.sources == {"name": Source(column="title"), "code": Source(column="key")}


@pytest.mark.parametrize("asked", ["name", "名称", "Unit Name"])
def test_a_mapping_may_name_a_field_by_any_heading_it_is_recognised_by(asked):
    assert bound("title", **{asked: "title"}).sources == {"name": Source(column="title")}


def test_a_fields_own_name_goes_before_a_heading_of_another():
    other = Field("unit_name", text)
    found = bind((NAME, other), ("a", "b"), mapping={"name": "a", "unit_name": "b"}, places=False, declared=None)
    assert {name: source.column for name, source in found.sources.items()} == {"name": "a", "unit_name": "b"}


def test_one_heading_may_serve_two_fields():
    assert {source.column for source in bound("id", name="id", code="id").sources.values()} == {"id"}


def test_a_constant_serves_every_row():
    found = bound(name="=西镇")
    assert found.sources["name"].of({}) == "西镇"


@pytest.mark.parametrize(
    ("mapping", "reason"),
    [
        pytest.param({"colour": "name"}, "no field 'colour'; there are name, code, lon, lat", id="field"),
        pytest.param({"name": "titel"}, "no heading 'titel'; there are name, x9", id="heading"),
    ],
)
def test_a_mapping_that_misses_lists_what_there_is(mapping, reason):
    with pytest.raises(BadMapping, match=reason):
        bound("name", "x9", **mapping)


def test_a_required_field_without_heading_is_refused():
    with pytest.raises(FieldsMissing, match=r"as name; .*--map name=HEADING.*headings are 编码, colour"):
        bound("编码", "colour")


@pytest.mark.parametrize(
    ("headings", "declared", "taken", "hint"),
    [
        pytest.param(["lon", "lat"], None, ("lon", "lat"), None, id="plain"),
        pytest.param(["latitude", "longitude"], WGS84, ("longitude", "latitude"), None, id="in words"),
        pytest.param(["经度", "纬度"], WGS84, ("经度", "纬度"), None, id="Chinese"),
        pytest.param(["X", "Y"], WGS84, ("X", "Y"), None, id="letters"),
        pytest.param(["lng_bd09", "lat_bd09"], BD09, ("lng_bd09", "lat_bd09"), BD09, id="with the datum"),
        pytest.param(["lng_bd09", "lat_bd09"], WGS84, ("lng_bd09", "lat_bd09"), BD09, id="with another datum"),
        pytest.param(["lng_bd09", "lat_bd09"], None, ("lng_bd09", "lat_bd09"), BD09, id="a datum nobody declared"),
        pytest.param(
            ["lng_wgs84", "lat_wgs84", "lng_gcj02", "lat_gcj02"],
            GCJ02,
            ("lng_gcj02", "lat_gcj02"),
            GCJ02,
            id="the declared pair of several",
        ),
        pytest.param(
            ["lng_wgs84", "lat_wgs84", "lon", "lat"], GCJ02, ("lon", "lat"), None, id="the plain pair of several"
        ),
        pytest.param(
            ["lng_gcj02_first_pass", "lat_gcj02_first_pass", "lng_gcj02", "lat_gcj02"],
            GCJ02,
            ("lng_gcj02", "lat_gcj02"),
            GCJ02,
            id="a pair with another ending is something else",
        ),
    ],
)
def test_coordinates_are_found_in_pairs(headings, declared, taken, hint):
    found = bound("name", *headings, declared=declared)
    assert (found.sources["lon"].column, found.sources["lat"].column) == taken
    assert found.place_hint == hint


@pytest.mark.parametrize("headings", [["lon"], ["lon", "纬度线"], ["lng_bd09", "lat_gcj02"]])
def test_half_a_pair_is_no_pair(headings):
    assert "lon" not in bound("name", *headings).sources


def test_half_a_mapped_pair_is_refused():
    with pytest.raises(FieldsMissing, match="as lat"):
        bound("name", "a", lon="a")


def test_a_kind_without_places_takes_no_coordinates():
    assert "lon" not in bound("name", "lon", "lat", places=False).sources


@pytest.mark.parametrize(
    "heading",
    [
        "政治面貌",
        "是否党员",
        "身份证号",
        "民族",
        "宗教信仰",
        "病史",
        "ID card",
        "ethnicity",
        "Party Member",
        "passport_no",
    ],
)
def test_columns_about_persons_are_refused(heading):
    with pytest.raises(PersonalData, match="about persons"):
        bound("name", heading)


@pytest.mark.parametrize("heading", ["党组织数", "报到党员数", "编号", "valid", "残值"])
def test_counts_and_other_words_are_not_about_persons(heading):
    assert bound("name", heading).unused == (heading,)


@given(st.text())
def test_the_key_of_a_heading_is_its_own_key(heading):
    assert key_of(key_of(heading)) == key_of(heading)
