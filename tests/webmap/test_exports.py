import pytest
from makers import add_areas, add_unit, spot
from sqlalchemy import text

from geodata.catalog import COLLECTIONS
from geodata.db import make_engine
from geodata.models import Ticket
from webmap.records import ENGINE


def test_towns_leave_as_geojson(client, records):
    with records() as session:
        add_areas(session)
    answer = client.get("/export/towns.geojson")
    assert answer.status_code == 200
    assert answer.mimetype == "application/geo+json"
    assert [feature["properties"]["name"] for feature in answer.get_json(force=True)["features"]] == ["西镇", "东镇"]


def test_a_box_cuts_the_export(client, records):
    with records() as session:
        add_unit(session, "IN", 1, 1)
        add_unit(session, "OUT", 3, 1)
    answer = client.get("/export/units.geojson?bbox=121.40,31.10,121.42,31.12")
    assert [feature["id"] for feature in answer.get_json(force=True)["features"]] == ["IN"]


def test_the_index_names_every_collection(client):
    assert [entry["id"] for entry in client.get("/export/").get_json()] == [c.id for c in COLLECTIONS]


@pytest.mark.parametrize(
    "query",
    [
        "bbox=1,2,3",
        "bbox=1,2,3,x",
        "bbox=nan,2,3,4",
        "bbox=1,2,inf,4",
        "bbox=5,2,3,4",
        "bbox=1,9,3,4",
        "bbox=1,2,3,400",
        "bbox=" + "1" * 300,
        "bbox=1;drop table area,2,3,4",
        "sortby=name",
        "bbox=١,2,3,4",
    ],
)
def test_a_box_that_cannot_be_read_is_refused(client, query):
    answer = client.get(f"/export/towns.geojson?{query}")
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    assert set(answer.get_json()) == {"type", "title", "status", "detail", "said"}


@pytest.mark.parametrize("name", ["nothing", "code;drop table area", "(select 1)", "1' OR '1'='1", "../etc", "%2e%2e"])
def test_an_unknown_collection_is_404(client, name):
    assert client.get(f"/export/{name}.geojson").status_code == 404


def test_tickets_need_a_sign_in(client, signed_in):
    assert client.get("/export/tickets.geojson").status_code == 401
    assert signed_in("viewer").get("/export/tickets.geojson").status_code == 200


def test_an_export_of_tickets_takes_the_filter_and_a_box(signed_in, records):
    with records() as session:
        for number, (state, east) in enumerate((("reported", 1), ("closed", 1), ("reported", 3))):
            facts = {"source": "s", "category_code": "0102", "title": "t", "reported_at": text("now()")}
            session.add(Ticket(number=f"T{number}", state=state, geom=spot(east, 1), **facts))
    browser = signed_in("viewer")

    def exported(query):
        answer = browser.get(f"/export/tickets.geojson?{query}").get_json(force=True)
        return [feature["id"] for feature in answer["features"]]

    assert exported("") == ["T0", "T1", "T2"]
    assert exported("state=new&category=01") == ["T0", "T2"]
    assert exported("state=new&bbox=121.40,31.10,121.42,31.12") == ["T0"]
    assert exported("within=121.42,31.1;121.44,31.1;121.44,31.12;121.42,31.12") == ["T2"]
    assert exported("unit=it's 100% %(odd)s :odd") == []
    assert browser.get("/export/units.geojson?state=new").status_code == 400


def test_words_of_tickets_leave_without_numbers_of_people_but_with_codes(signed_in, records):
    words = "电话13812345678，网格310112101001001"
    hidden = "电话138****5678，网格310112101001001"
    with records() as session:
        facts = {"source": "s", "category_code": "0102", "state": "reported", "reported_at": text("now()")}
        session.add(Ticket(number="T0", title=words, address="", **facts))
        session.add(Ticket(number="T1", title="无号码", **facts))
    titles = {
        role: {
            feature["properties"]["title"]
            for feature in signed_in(role).get("/export/tickets.geojson").get_json(force=True)["features"]
        }
        for role in ("viewer", "district")
    }
    assert titles == {"viewer": {hidden, "无号码"}, "district": {words, "无号码"}}


@pytest.mark.parametrize("collection", [c.id for c in COLLECTIONS])
def test_an_export_needs_one_connection_alone(app, fresh_engine, signed_in, collection):
    """Five at once that each wait for a second one would wait for ever."""
    browser = signed_in("admin")
    alone = make_engine(fresh_engine.url.render_as_string(hide_password=False), statement_timeout_s=9.0, pool_size=1)
    app.extensions[ENGINE] = alone
    try:
        assert browser.get(f"/export/{collection}.geojson").status_code == 200
    finally:
        alone.dispose()
