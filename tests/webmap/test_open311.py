"""Open311: what is offered and where; both forms; what is refused, and how."""

import pytest
from applications import BASE, add_application, as_text, fill, key_of, read
from jsonschema import validate
from sqlalchemy.exc import OperationalError

from geodata.errors import BadSetting
from geodata.services.service_attributes import set_type
from geodata.settings import Open311Settings

FILLED_BY = {"app": fill}

TEXT = {"type": "string"}
SERVICE = {
    "type": "object",
    "required": ["service_code", "service_name", "metadata", "type"],
    "properties": {
        "service_code": TEXT,
        "service_name": TEXT,
        "metadata": {"type": "boolean"},
        "type": {"enum": ["realtime", "batch", "blackbox"]},
        "keywords": TEXT,
        "group": TEXT,
    },
}
VALUE = {"type": "object", "required": ["key", "name"], "properties": {"key": TEXT, "name": TEXT}}
ATTRIBUTE = {
    "type": "object",
    "required": ["variable", "code", "datatype", "required"],
    "properties": {
        "variable": {"type": "boolean"},
        "required": {"type": "boolean"},
        "code": TEXT,
        "datatype": {"enum": ["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"]},
        "order": {"type": "integer", "minimum": 1},
        "values": {"type": "array", "items": VALUE},
    },
}


def both(client, address, **how):
    """What an address says, in JSON, after it has said the same in XML."""
    path, _, query = address.partition("?")
    query = f"?{query}" if query else ""
    told = [client.get(f"{BASE}/{path}.{form}{query}", **how) for form in ("json", "xml")]
    assert {answer.status_code for answer in told} == {200}, told[0].text
    assert told[0].content_type == "application/json; charset=utf-8"
    assert told[1].content_type == "text/xml; charset=utf-8"
    assert told[1].text.startswith('<?xml version="1.0" encoding="utf-8"?>')
    assert as_text(read(told[0])) == read(told[1])
    return read(told[0])


def refused(client, address, status, **how):
    """The descriptions of the errors of an address, alike in both forms."""
    method = client.post if "data" in how else client.get
    path, _, query = address.partition("?")
    query = f"?{query}" if query else ""
    told = [method(f"{BASE}/{path}.{form}{query}", **how) for form in ("json", "xml")]
    assert [answer.status_code for answer in told] == [status, status], told[0].text
    assert as_text(read(told[0])) == read(told[1])
    assert told[1].text.partition("\n")[2].startswith("<errors><error><code>")
    assert all(isinstance(one["code"], int) and one["description"] for one in read(told[0]))
    return [one["description"] for one in read(told[0])]


# --- discovery --------------------------------------------------------------------------------------


def test_discovery_says_where_everything_is(client):
    told = both(client, "discovery")
    assert told["contact"] == "试验区网格化管理中心"
    assert told["key_service"]
    (endpoint,) = told["endpoints"]
    assert endpoint["url"] == f"http://localhost{BASE}"
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert endpoint["formats"] == ["text/xml", "application/json"]
    assert endpoint["type"] == "production"
    assert endpoint["changeset"] == told["changeset"]


def test_discovery_names_the_contact_of_the_operator(app, client):
    app.config["OPEN311"] = Open311Settings(contact="网格中心 <电话 12345>")
    assert both(client, "discovery")["contact"] == "网格中心 <电话 12345>"


def test_discovery_in_english(client):
    assert "Grid governance centre" in both(client, "discovery?lang=en")["contact"]


# --- services ---------------------------------------------------------------------------------------


def test_services_are_the_categories(client):
    told = both(client, "services")
    validate(told, {"type": "array", "minItems": 50, "items": SERVICE})
    (vendor,) = [one for one in told if one["service_code"] == "0501"]
    assert vendor == {
        "service_code": "0501",
        "service_name": "无照经营游商",
        "description": "街面秩序：无照经营游商",
        "metadata": False,
        "type": "realtime",
        "keywords": "无照经营游商,unlicensed street vending,street order",
        "group": "街面秩序",
    }
    assert {one["service_code"] for one in told if one["metadata"]} >= {"0301", "0508", "2101"}


def test_services_with_extensions_tell_groups(client):
    assert both(client, "services?extensions=true&lang=en")[0]["groups"] == ["city appearance"]


def test_a_service_of_which_the_number_comes_later_is_batch(client, records):
    with records() as session:
        set_type(session, "2101", "batch")
    assert {one["service_code"] for one in both(client, "services") if one["type"] == "batch"} == {"2101"}


@pytest.mark.parametrize(
    ("query", "is_served"),
    [
        ("lat=31.105&long=121.405", True),
        ("lat=31.105&long=121.405&jurisdiction_id=310112101000", True),
        ("lat=31.105&long=121.405&jurisdiction_id=310112102000", False),
        ("lat=30&long=120", False),
    ],
)
def test_services_by_place(client, query, is_served):
    assert bool(both(client, f"services?{query}")) == is_served
    told = both(client, f"location?{query}")
    assert told["location_found"] is is_served
    assert [one["jurisdiction_id"] for one in told["jurisdictions"]] == (["310112"] if is_served else [])


@pytest.mark.parametrize("code", ["0301", "0403", "0508", "2101", "2102", "0101"])
def test_a_definition_asks_its_questions(client, code):
    told = both(client, f"services/{code}")
    validate(told["attributes"], {"type": "array", "minItems": 1, "items": ATTRIBUTE})
    assert told["service_code"] == code
    assert len({one["order"] for one in told["attributes"]}) == len(told["attributes"])
    assert all(bool(one["values"]) == one["datatype"].endswith("list") for one in told["attributes"])


def test_a_definition_in_either_language(client):
    (noise,) = [one for one in both(client, "services/0508")["attributes"] if one["code"] == "NOISE_SOURCE"]
    assert {"key": "speaker", "name": "喇叭叫卖"} in noise["values"]
    (noise,) = [one for one in both(client, "services/0508?lang=en")["attributes"] if one["code"] == "NOISE_SOURCE"]
    assert (noise["datatype"], noise["description"]) == ("multivaluelist", "What kind of noise")
    assert {"key": "speaker", "name": "loudspeaker"} in noise["values"]


def test_a_definition_without_questions_is_empty(client):
    assert both(client, "services/0501") == {"service_code": "0501", "attributes": []}


# --- jurisdictions ----------------------------------------------------------------------------------


@pytest.mark.parametrize("named", ["", "310112", "minhang", "MINHANG", "310112101000"])
def test_the_district_is_meant_by_its_code_its_name_or_nothing(app, client, named):
    app.config["OPEN311"] = Open311Settings(jurisdiction="minhang")
    assert both(client, f"services?jurisdiction_id={named}")


@pytest.mark.parametrize(
    "address",
    ["services", "services/0508", "requests", "requests/1", "tokens/1", "servicerequestupdates", "location"],
)
@pytest.mark.parametrize("named", ["minhang", "310112199000", "' OR 1=1 --"])
def test_any_other_jurisdiction_is_not_there(client, address, named):
    (told,) = refused(client, f"{address}?jurisdiction_id={named}", 404)
    assert "jurisdiction_id" in told


# --- what is refused ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("services/9999", 404),
        ("tokens/nothing", 404),
        ("requests/20260101-000001", 404),
        ("requests?service_request_id=20260101-000001,x", 404),
        ("requests?service_code=0501,9999", 404),
        ("location?lat=31&long=121&service_code=9999", 404),
        ("location", 400),
        ("location?lat=31", 400),
        ("location?lat=x&long=121", 400),
        ("services?lat=91&long=121", 400),
        ("requests?status=done", 400),
        ("requests?page=0", 400),
        ("requests?page_size=x", 400),
        ("requests?page_size=-1", 400),
        ("requests?bbox=1,2,3", 400),
        ("requests?bbox=NaN,1,2,3", 400),
        ("requests?long_sw=121", 400),
        ("requests?long_sw=122&lat_sw=31&long_ne=121&lat_ne=32", 400),
        ("requests?start_date=yesterday", 400),
        ("requests?start_date=0001-01-01T00:00:00Z", 400),
        ("requests?end_date=9999-12-31T23:59:59-14:00", 400),
        ("requests?start_date=2026-01-01T00:00:00Z&end_date=2026-04-02T00:00:00Z", 400),
        ("requests?start_date=2026-03-01T00:00:00Z&end_date=2026-02-01T00:00:00Z", 400),
        ("servicerequestupdates?start_date=1&end_date=2", 400),
        ("requests?api_key=wrong", 403),
        ("servicerequestupdates?api_key=wrong", 403),
        ("nothing", 404),
        ("requests/1/2", 404),
    ],
)
def test_every_error_has_the_shape_of_open311(client, address, status):
    refused(client, address, status)


@pytest.mark.parametrize(
    "path", ["/open311/v2", "/open311/v2/", "/open311/", "/open311/v2/services", "/open311/v3/services.xml"]
)
def test_an_address_that_is_none_answers_in_xml(client, path):
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (404, "text/xml")
    assert read(answer)[0]["code"] == "404"


def test_a_method_that_is_none_answers_in_the_same_shape(client):
    for method in ("DELETE", "PUT", "PATCH"):
        answer = client.open(f"{BASE}/requests.json", method=method)
        assert answer.status_code == 405
        assert read(answer)[0]["code"] == 405


def test_what_is_too_large_answers_in_the_same_shape(client):
    answer = client.post(f"{BASE}/requests.json", data={"description": "x" * (3 * 1024 * 1024)})
    assert answer.status_code == 413
    assert read(answer)[0]["code"] == 413


def test_what_no_text_can_hold_is_refused(client):
    refused(client, "requests?service_code=%00", 400)


def test_what_is_unknown_in_a_query_is_passed_over(client):
    assert both(client, "requests?use_reference=1&has_photo=x&api_version=2") == []


def test_signs_that_no_xml_can_hold_are_left_out(app, client):
    app.config["OPEN311"] = Open311Settings(contact="a\x0bb\x1fc]]>&<!--\r\nd")
    assert both(client, "discovery")["contact"] == "abc]]>&<!--\nd"


def test_a_database_that_is_away_is_told_in_the_same_shape(client, monkeypatch):
    def away(*_what):
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr("webmap.api.open311.categories", away)
    refused(client, "services", 503)
    assert client.get(f"{BASE}/services.xml").headers["Retry-After"] == "2"


def test_an_error_of_the_program_is_told_in_the_same_shape_and_tells_nothing(app, client, monkeypatch):
    def broken(*_what):
        raise RuntimeError("secret of the program")

    monkeypatch.setattr("webmap.api.open311.categories", broken)
    monkeypatch.setattr(app, "testing", value=False)
    assert not [one for one in refused(client, "services", 500) if "secret" in one]


def test_addresses_begin_with_https_where_people_come_so(app, client):
    app.config["SESSION_COOKIE_SECURE"] = True
    assert both(client, "discovery")["endpoints"][0]["url"] == f"https://localhost{BASE}"


# --- the door ---------------------------------------------------------------------------------------


def test_a_door_that_is_shut_is_not_there(app, client):
    app.config["OPEN311"] = Open311Settings(mode="off")
    for address in ("discovery", "services", "requests", "servicerequestupdates"):
        refused(client, address, 404)
    refused(client, "requests", 404, data={"service_code": "0501"})


def test_a_door_for_keys_tells_visitors_what_may_be_asked_for_and_no_requests(app, client):
    app.config["OPEN311"] = Open311Settings(mode="keys")
    both(client, "discovery")
    both(client, "services")
    for address in ("requests", "requests/1", "servicerequestupdates", "tokens/1"):
        refused(client, address, 403)


def test_a_door_for_keys_opens_with_one(app, client, records):
    app.config["OPEN311"] = Open311Settings(mode="keys")
    with records() as session:
        add_application(session, "planner", "planner")
    assert both(client, f"requests?api_key={key_of('planner')}") == []


def test_settings_of_the_door():
    assert Open311Settings.from_environment({}) == Open311Settings("open", None, None)
    told = {"WANGGE_OPEN311": " Keys", "WANGGE_OPEN311_JURISDICTION": "minhang ", "WANGGE_OPEN311_CONTACT": ""}
    assert Open311Settings.from_environment(told) == Open311Settings("keys", "minhang", None)
    with pytest.raises(BadSetting, match="open, keys, off"):
        Open311Settings.from_environment({"WANGGE_OPEN311": "yes"})
