import pytest
from makers import add_areas, add_block, add_unit, at
from sqlalchemy import text

PLACE = "lon=121.405&lat=31.105"


@pytest.fixture
def town(records):
    with records() as session:
        add_areas(session)
        add_unit(session, "U1", 0.6, 0.5, kind="market")
        add_block(session, "B1", 0, 0, 1, 1)


def ask(client, query, accept="application/json"):
    return client.get(f"/where?{query}", headers={"Accept": accept})


def test_programs_get_json(client, town):
    place = ask(client, PLACE).get_json()
    assert (place["district"]["name"], place["town"]["name"], place["village"]["name"]) == ("试验区", "西镇", "一村")
    assert place["units"][0]["metres"] == 95
    assert place["unheld"] == ["B1"]


def test_a_level_without_any_boundary_is_told_from_a_place_in_none(client, town, records):
    assert ask(client, PLACE).get_json()["missing"] == []
    with records() as session:
        session.execute(text("UPDATE area SET geom = NULL WHERE level = 'village'"))
    place = ask(client, PLACE).get_json()
    assert (place["is_inside"], place["village"], place["missing"]) == (True, None, ["village"])
    assert "边界未导入" in ask(client, PLACE, "text/html").text
    assert ask(client, "lon=10&lat=10").get_json()["is_inside"] is False


def test_without_any_boundary_nobody_is_told_to_be_outside(client, signed_in):
    place = ask(client, PLACE).get_json()
    assert (place["is_inside"], place["missing"]) == (None, ["district", "town", "village"])
    page = ask(client, PLACE, "text/html").text
    assert "在本区之外" not in page
    assert "边界未导入" in page
    # where anything may be reported the place may be reported from as well
    assert ask(signed_in("officer"), PLACE).get_json()["report"]


def test_people_get_a_page(client, town):
    answer = ask(client, PLACE, "text/html,application/xhtml+xml")
    assert answer.mimetype == "text/html"
    assert "一村" in answer.text


def test_a_visitor_sees_no_tickets_and_no_contacts(client, town, signed_in):
    assert ask(client, PLACE).get_json()["tickets"] is None
    assert ask(signed_in("viewer"), PLACE).get_json()["tickets"] == []


@pytest.mark.parametrize(
    "query",
    ["", "lon=121", "lat=31", "lon=x&lat=31", "lon=nan&lat=31", "lon=1e999&lat=31", "lon=181&lat=0", "lon=121&lat=91"],
)
def test_a_place_that_cannot_be_read_is_refused_in_words(client, query):
    answer = ask(client, query)
    assert answer.status_code == 400
    assert "must be" in answer.get_json()["detail"]


def test_an_unknown_category_is_404(client, town):
    assert ask(client, PLACE + "&category=9999").status_code == 404


def test_an_unknown_parameter_is_refused(client):
    assert ask(client, PLACE + "&sort=1").status_code == 400


def test_units_say_their_hours_and_whether_they_may_take_an_issue(client, town, records):
    with records() as session:
        add_unit(session, "U2", 0.7, 0.5, kind="school", opening_hours="24/7")
    plain, school = ask(client, PLACE + "&lang=en").get_json()["units"]
    assert (plain["is_open"], plain["until"], plain["eligible"], plain["reasons"]) == (None, None, None, [])
    assert (plain["hours"], school["hours"], school["is_open"]) == ("opening hours not known", "open now", True)
    judged = ask(client, PLACE + "&category=0501&lang=en").get_json()["units"]
    assert [unit["eligible"] for unit in judged] == [False, False]
    assert judged[0]["reasons"] == ["does not serve this town"]
    assert "its kind is not on the governance list for this category" in judged[1]["reasons"]


def test_a_report_is_offered_to_those_who_may_and_only_in_the_district(client, town, signed_in):
    officer = signed_in("officer")
    assert ask(client, PLACE).get_json()["report"] is None
    report = ask(officer, PLACE + "&category=0501").get_json()["report"]
    assert report == "/report?lon=121.405000&lat=31.105000&category=0501"
    assert officer.get(report).status_code == 200
    assert ask(officer, "lon=10&lat=10").get_json()["report"] is None


def test_the_page_says_what_the_card_says(client, town):
    page = ask(client, PLACE + "&category=0501&lang=zh_Hans", "text/html").text
    for words in ("西镇", "95 m", "无人负责", "不服务该街镇", "/poster/310112101001"):
        assert words in page
    assert ask(client, PLACE).get_json()["coverage_m"] == 95


def test_several_responsible_and_nobody_are_both_said(client, town, records):
    with records() as session:
        add_block(session, "B2", 0, 0, 2, 2, add_unit(session, "U9", 1.9, 1.9))
    place = ask(client, PLACE).get_json()
    assert [block["holder_code"] for block in place["blocks"]] == [None, "U9"]
    assert "单位U9" in ask(client, PLACE, "text/html").text


def test_near_a_border_both_sides_are_told(town, client):
    lon, lat = at(1.0 - 0.0105, 1.0)
    answer = client.get(f"/where?lon={lon}&lat={lat}", headers={"Accept": "application/json"}).json
    assert [(one["level"], one["rule"], one["chosen"]) for one in answer["borders"]] == [
        ("village", "holds", "310112101001")
    ]
    assert "距边界 10 米" in answer["borders"][0]["said"]
    assert "临近边界" in client.get(f"/where?lon={lon}&lat={lat}").text


@pytest.mark.parametrize("path", ["/where?lon=30&lat=0", "/where?lon=-150&lat=1&category=0501"])
def test_a_place_that_the_districts_metres_do_not_reach_is_refused(client, town, path):
    answer = client.get(path, headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert "do not exist" in answer.json["detail"]
