import pytest
from makers import add_areas, add_block, add_unit

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
