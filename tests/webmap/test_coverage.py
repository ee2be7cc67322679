"""The coverage page, its files, and trials."""

import csv
import io
import json
import math
import re
from urllib.parse import quote

import mapbox_vector_tile
import pytest
from makers import add_areas, add_unit, at

from geodata.models import CoverageRun, MemberUnit
from geodata.queries import tiles
from geodata.services.coverage import coverage
from geodata.services.grids import make_grid
from geodata.services.stamps import stamp

FIRST = "310112101001"


def fill(session):
    """Two towns and two villages, a unit that handles rubbish in the first, a closed school beside it."""
    add_areas(session)
    make_grid(session, size_m=500.0)
    add_unit(session, "U1", 0.6, 0.5, kind="sanitation", name="=环卫所")
    add_unit(session, "U2", 0.7, 0.5, kind="school", is_active=False)
    add_unit(session, "U3", kind="market")
    stamp(session, MemberUnit)
    coverage(session, radius_m=500, publish=True)


FILLED_BY = {"town": fill}


@pytest.fixture
def town(ground):
    return ground.told


def rows(answer):
    """Texts of the cells of each row, over all tables of the page."""
    found = [
        re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)
        for row in re.findall(r"<tr\b[^>]*>(.*?)</tr>", answer.text, re.S)
    ]
    return [[re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", cell)).strip() for cell in row] for row in found]


def config(answer):
    """What the page tells its scripts."""
    return json.loads(
        re.search(r'<script type="application/json" id="map-config">(.*?)</script>', answer.text).group(1)
    )


def tile_of(lon, lat, *, zoom):
    """Column and row of the tile in which a place lies."""
    down = math.asinh(math.tan(math.radians(lat))) / math.pi
    return math.floor((lon / 360 + 0.5) * 2**zoom), math.floor((0.5 - down / 2) * 2**zoom)


def trial(client, **query):
    return client.get("/api/coverage/try", query_string=query)


def test_the_page_tells_shares_gaps_and_areas_without_a_unit(client, town):
    listed = rows(client.get("/coverage"))
    assert not [row for row in listed if row[0] == "三村"]
    assert "1 个居村没有边界，不能判断。" in client.get("/coverage").text
    assert ["东镇", "街镇", "–", "已知"] in listed
    east = next(row for row in listed if row[0] == "东镇" and len(row) == 7)
    assert east[1:4] == ["0.0", "4.23", "0"]
    assert east[4] == "423.1"
    first = next(row for row in listed if row[0] == "一村 西镇")
    assert first[3] == "1"
    assert 200 < int(first[5]) < int(first[6]) < 1700


def test_the_foot_sums_up_what_stands_above(client, town):
    listed = [row for row in rows(client.get("/coverage")) if len(row) == 7]
    towns = [row for row in listed if row[0] in {"西镇", "东镇"}]
    foot = next(row for row in listed[listed.index(towns[-1]) :] if row[0] == "合计")
    for column in (2, 3, 4):
        assert float(foot[column]) == pytest.approx(sum(float(row[column]) for row in towns), abs=0.11)


def test_radius_category_level_and_what_is_shown_are_taken_from_the_address(client, town):
    answer = client.get("/coverage?radius=2000&category=0102&level=town&show=nearest")
    assert "2000 米以内" in answer.text
    assert '<option value="0102" selected>' in answer.text
    told = config(answer)
    assert told["run"] == {"radius": "2000", "category": "0102"}
    assert {layer["id"] for layer in told["layers"] if layer["isOn"]} >= {"coverage_cells", "towns", "units"}
    assert not {"gaps", "coverage_towns"} & {layer["id"] for layer in told["layers"] if layer["isOn"]}


def test_the_legend_counts_the_areas_of_the_run(client, town):
    layers = {layer["id"]: layer for layer in config(client.get("/coverage?radius=2000"))["layers"]}
    counts = [one["count"] for one in layers["coverage_villages"]["classes"]]
    # two villages are measured, the third has no boundary
    assert sum(counts[:-1]) == 2
    assert counts[-1] == 1


@pytest.mark.parametrize(
    ("query", "counted"),
    [
        pytest.param("", {"U1"}, id="only those in use"),
        pytest.param("?category=0102", {"U1"}, id="a kind that handles it"),
        pytest.param("?category=0101", set(), id="no kind that handles it"),
    ],
)
def test_the_map_draws_the_units_that_count_and_no_others(client, town, query, counted):
    x, y = tile_of(*at(0.6, 0.5), zoom=14)
    answer = client.get(f"/api/coverage/units/14/{x}/{y}.mvt{query}")
    features = mapbox_vector_tile.decode(answer.data)["units"]["features"] if answer.status_code == 200 else []
    assert {feature["properties"]["code"] for feature in features} == counted
    report = client.get(f"/coverage{query}")
    layers = {layer["id"]: layer for layer in config(report)["layers"]}
    assert layers["units"]["classes"][0]["count"] == len(counted)
    assert layers["units"]["url"].startswith("/api/coverage/units/")
    assert ("category=" in layers["units"]["url"]) == bool(query)


def test_where_a_tile_holds_too_many_units_it_holds_their_number(client, town, records, monkeypatch):
    monkeypatch.setattr(tiles, "MOST_POINTS", 1)
    with records() as session:
        for number in range(30):
            add_unit(session, f"M{number}", 0.6 + number / 20, 0.5)
    x, y = tile_of(*at(0.6, 0.5), zoom=8)
    tile = mapbox_vector_tile.decode(client.get(f"/api/coverage/units/8/{x}/{y}.mvt").data)["units"]
    assert sum(feature["properties"]["count"] for feature in tile["features"]) == 31


def test_tiles_of_units_refuse_what_they_cannot_use(client, town):
    asked = ["14/99999/1.mvt", "23/1/1.mvt", "14/1/1.mvt?radius=500", "14/1/1.mvt"]
    statuses = {path: client.get(f"/api/coverage/units/{path}").status_code for path in asked}
    assert list(statuses.values()) == [404, 404, 400, 204]


def test_the_page_refuses_what_it_cannot_use(client, town):
    asked = ["radius=0", "radius=x", "radius=1e9", "category=9999", "colour=red", "level=cell", "show=all"]
    statuses = {query: client.get(f"/coverage?{query}").status_code for query in asked}
    assert statuses == {query: 404 if query.startswith("category") else 400 for query in asked}


def test_without_any_boundary_the_page_says_what_to_do(client):
    answer = client.get("/coverage")
    assert answer.status_code == 200
    assert "wangge import areas" in answer.text


def test_a_visitor_has_the_radii_of_the_list_and_who_signs_in_has_any(client, town, signed_in):
    viewer = signed_in("viewer")
    for path in ("/coverage?radius=650", "/coverage/areas.csv?radius=650", "/api/coverage/try?radius=650&closed=U1"):
        assert client.get(path).status_code == 401
        assert viewer.get(path).status_code == 200


def test_the_table_is_a_file_for_a_spreadsheet(client, town, records):
    with records() as session:
        session.connection().exec_driver_sql("UPDATE area SET name = '=1+1' WHERE code = %s", (FIRST,))
    answer = client.get("/coverage/areas.csv?level=village")
    assert answer.mimetype == "text/csv"
    assert "coverage-villages-500m.csv" in answer.headers["Content-Disposition"]
    assert answer.text.startswith("\ufeff")
    head, *table = csv.reader(io.StringIO(answer.text.lstrip("\ufeff")))
    assert head[:4] == ["编码", "区域", "所属", "覆盖率 %"]
    assert {row[0] for row in table} == {FIRST, "310112101002"}
    assert next(row for row in table if row[0] == FIRST)[1] == "'=1+1"


def test_shares_and_gaps_of_any_run_are_exported_once_it_is_there(client, town):
    assert client.get("/export/gaps.geojson?radius=800").status_code == 404
    client.get("/coverage?radius=800")
    for name in ("gaps", "coverage_villages", "coverage_towns"):
        told = client.get(f"/export/{name}.geojson?radius=800").get_json(force=True)
        assert {feature["properties"]["radius_m"] for feature in told["features"]} == {800}
        own = client.get(f"/export/{name}.geojson").get_json(force=True)
        assert {feature["properties"]["radius_m"] for feature in own["features"]} == {500}


def test_a_trial_tells_what_closing_and_opening_change(client, town):
    lon, lat = at(1.5, 1.0)
    found = trial(client, radius=500, closed="U1", open=f"{lon:.5f},{lat:.5f}").get_json()
    assert found["radius_m"] == 500
    assert found["closed"][0]["name"] == "=环卫所"
    areas = {area["code"]: area for area in found["areas"]}
    assert areas[FIRST]["share"] < areas[FIRST]["was"]
    assert areas["310112101002"]["share"] > areas["310112101002"]["was"]
    assert {(area["name"], area["was"]) for area in found["without"]} == {("一村", False), ("二村", True)}
    changes = {feature["properties"]["change"] for feature in found["gaps"]["features"]}
    assert changes == {"lost", "gained"}
    assert found["lost_m2"] == pytest.approx(3.1416 * 500**2, rel=0.01)
    assert set(found["district"]) == {"share", "was"}


def test_a_trial_says_it_in_one_sentence_of_the_readers_language(client, town):
    said = trial(client, radius=500, closed="U1").get_json()["said"]
    assert re.fullmatch(
        r"关闭=环卫所后：一村覆盖率由 \d+\u00a0% 降到 0\u00a0%；新增空白 \d+\.\d 公顷；2 个区域不再有单位。", said
    )
    english = trial(client, radius=500, closed="U1", lang="en").get_json()["said"]
    assert re.fullmatch(
        r"=环卫所 closed: coverage of 一村 falls from \d+\u00a0% to 0\u00a0%; "
        r"\d+\.\d ha of new gaps; 2 areas are left without a unit\.",
        english,
    )
    assert trial(client, radius=500, closed="U2", lang="en").get_json()["said"].endswith("coverage stays as it is.")


def test_a_trial_stores_nothing_but_the_run_it_compares_with(client, town, records):
    trial(client, radius=800, closed="U1")
    trial(client, radius=800, closed="U1", open="121.41,31.11")
    with records() as session:
        runs = session.query(CoverageRun).order_by(CoverageRun.radius_m).all()
        assert [(run.radius_m, run.site_count) for run in runs] == [(500, 1), (800, 1)]


INSIDE = "121.41,31.11"

# Asked in one district: making one takes longer than all of them together.
REFUSED = {
    "": 400,
    "closed=U9": 404,
    "closed=%27%3Bdrop": 404,
    "closed=" + quote("甲" * 300): 404,
    "closed=" + ",".join(f"U{n}" for n in range(21)): 400,
    "open=121.41": 400,
    "open=121.41,31.11,5": 400,
    "open=a,b": 400,
    "open=nan,31": 400,
    "open=1e999,31": 400,
    "open=200,31": 400,
    "open=;": 400,
    "open=31.11,121.41": 400,
    "open=0,0": 422,
    "open=" + ";".join([INSIDE] * 400): 400,
    "open=" + ";".join(f"121.41,31.11{n:02}" for n in range(21)): 400,
    f"open={INSIDE}&radius=1": 400,
    f"open={INSIDE}&category=9999": 404,
    f"open={INSIDE}&save=1": 400,
}


def test_a_trial_refuses_what_it_cannot_use(client, town):
    answers = {query: client.get(f"/api/coverage/try?{query}") for query in REFUSED}
    assert {query: answer.status_code for query, answer in answers.items()} == REFUSED
    assert {answer.mimetype for answer in answers.values()} == {"application/problem+json"}
    assert "outside the district" in answers["open=0,0"].get_json()["detail"]
    assert "'U9'" in answers["closed=U9"].get_json()["detail"]
