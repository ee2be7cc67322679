"""Places, units, coverage and indices for other systems: as the pages tell them."""

import pytest
from makers import at
from two_towns import CANARIES, OWN_TOWN

HERE = "lon=121.405&lat=31.105&category=0501"


def test_where_is_that_of_the_page(program, app, towns):
    told = program("officer").get(f"/where?{HERE}").json
    assert (told["town"]["code"], told["units"][0]["code"]) == (OWN_TOWN, "U1")
    assert [one["number"] for one in told["tickets"]] == [towns["OWN"]]
    visitor = app.test_client().get(f"/api/v1/where?{HERE}").json
    assert visitor == app.test_client().get(f"/where?{HERE}", headers={"Accept": "application/json"}).json
    assert visitor["tickets"] is None


@pytest.mark.parametrize("query", ["lon=121.4", "lon=x&lat=31", "lon=121.4&lat=31.1&radius=5", "lon=181&lat=0"])
def test_no_place_is_none(program, query):
    assert program("officer").get(f"/where?{query}").status_code == 400


def test_addresses_come_back_in_their_order_with_their_places(program):
    told = program("viewer").post("/geocode", {"addresses": ["单位U1", "火星路1号"]}).json["items"]
    assert [one["address"] for one in told] == ["单位U1", "火星路1号"]
    first = told[0]["candidates"][0]
    assert (first["name"], first["level"]) == ("单位U1", "place")
    assert (first["lon"], first["lat"]) == pytest.approx(at(0.6, 0.5))
    assert (told[1]["status"], told[1]["lon"]) == ("review", None)


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"addresses": []},
        {"addresses": [""]},
        {"addresses": ["x"] * 101},
        {"addresses": ["x" * 201]},
        {"addresses": "x"},
    ],
)
def test_what_is_no_list_of_addresses_is_refused(program, sent):
    assert program("viewer").post("/geocode", sent).status_code == 422


def test_looking_up_addresses_is_for_those_who_sign_in(app, towns):
    app.config["WTF_CSRF_ENABLED"] = False
    assert app.test_client().post("/api/v1/geocode", json={"addresses": ["x"]}).status_code == 401


def test_coverage_is_told_by_town_with_those_without_any_unit(program):
    told = program("planner").get("/coverage?radius=500&level=village").json
    assert (told["radius_m"], told["level"], told["units"], told["next"]) == (500, "village", 2, None)
    shares = {one["code"]: one for one in told["items"]}
    assert shares["310112101002"]["share"] < shares["310112101001"]["share"] < 1
    assert shares["310112101001"]["units"] == 1
    assert "310112101002" in {one["code"] for one in told["without"]}


def test_gaps_are_paged_by_rank_and_lose_none(program):
    asked = program("planner")
    whole = asked.get("/coverage/gaps?radius=500").json["items"]
    assert [one["rank"] for one in whole] == list(range(1, len(whole) + 1))
    assert len(whole) > 1
    assert asked.all("/coverage/gaps?radius=500&limit=1") == whole
    assert {one["geometry"]["type"] for one in whole} <= {"Polygon", "MultiPolygon"}


def test_a_trial_tells_what_would_change(program):
    told = program("planner").get("/coverage/trial?radius=500&closed=U1&lang=en").json
    assert (told["closed"][0]["code"], told["gained_m2"]) == ("U1", 0)
    assert told["lost_m2"] == pytest.approx(3.14159 * 500**2, rel=0.03)


@pytest.mark.parametrize("query", ["radius=5", "radius=x", "level=street", "nosuch=1", "category=9999"])
def test_no_coverage_is_of_what_there_is_not(program, query):
    assert program("planner").get(f"/coverage?{query}").status_code in {400, 404}


def test_a_radius_of_ones_own_is_for_those_who_sign_in(app, program):
    assert app.test_client().get("/api/v1/coverage?radius=333").status_code == 401
    assert program("viewer").get("/coverage?radius=333").status_code == 200


def test_units_are_listed_by_code_and_ground(program):
    asked = program("viewer")
    assert [one["code"] for one in asked.all("/units?limit=1")] == ["U1", "U2"]
    (one,) = asked.get(f"/units?area={OWN_TOWN}&kind=market&lang=en").json["items"]
    assert (one["code"], one["place"]["town"], one["is_active"]) == ("U1", {"code": OWN_TOWN, "name": "西镇"}, True)
    assert asked.get("/units?kind=school").json["items"] == []
    assert asked.get("/units?kind=nosuch").status_code == 404
    assert not [phone for phone in CANARIES.values() if phone in program("admin").get("/units").text]


def test_a_unit_leads_to_its_feature(program, app, towns):
    href = program("viewer").get("/units").json["items"][0]["href"]
    assert app.test_client().get(f"{href}?f=json").json["properties"]["code"] == "U1"


def test_categories_are_all_there_are(program):
    told = program("viewer").get("/categories").json["items"]
    assert [one["code"] for one in told] == sorted(one["code"] for one in told)
    assert {"code": "0102", "name_zh": "暴露垃圾", "name_en": "exposed rubbish"}.items() <= told[1].items()


def test_indices_are_those_of_the_page(program):
    asked = program("district")
    told = asked.get("/indices?index=filing&level=town&period=2026&lang=en").json
    assert [one["id"] for one in told["indices"]] == ["filing"]
    assert {row["of"] for row in told["rows"]} >= {OWN_TOWN}
    assert asked.get("/indices?level=street").status_code == 400
