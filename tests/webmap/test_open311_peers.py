"""Open311: the clients that others have written, over loopback."""

import io
import itertools
from datetime import UTC, datetime, timedelta

import pytest
import requests
from applications import BASE, HERE, add_application, fill, key_of, listening
from georeport import GeoReport
from pictures import photo_bytes
from sqlalchemy import func, select

from geodata.models import Photo
from geodata.services.service_attributes import set_type
from geodata.settings import Open311Settings

# three is older than Python 3
itertools.ifilter = filter
from three import Three  # noqa: E402 - it asks for what the line above makes

FILLED_BY = {"app": fill}
KEY = key_of("district")
WORDS = "东川路 800 号门口有人摆摊；占了盲道 <与> “人行道” & 车道"


@pytest.fixture
def site(app, records):
    """The address of our Open311 on this machine, which calls itself minhang."""
    app.config["OPEN311"] = Open311Settings(jurisdiction="minhang")
    with records() as session:
        add_application(session, "district", "district")
    with listening(app) as url:
        yield url


@pytest.fixture
def three(site):
    return Three(site, api_key=KEY, jurisdiction="minhang")


@pytest.fixture(params=["json", "xml"])
def georeport(request, site):
    return GeoReport(site, jurisdiction="minhang", output_format=request.param)


@pytest.fixture
def two(three):
    """Two requests, so that XML holds a list as well."""
    first = three.post("0501", description=WORDS, **HERE)[0]["service_request_id"]
    second = three.post("0102", description="垃圾", address="某路 9 号", **HERE)[0]["service_request_id"]
    return first, second


# --- georeport --------------------------------------------------------------------------------------


def test_georeport_reads_services(georeport):
    told = {one["service_code"]: one for one in georeport.get_service_list()}
    assert told["0501"]["service_name"] == "无照经营游商"
    assert told["2101"]["metadata"] in {True, "true"}


def test_georeport_reads_a_definition(georeport):
    told = georeport.get_service_definition("0508")
    attributes = told["attributes"]
    attributes = attributes if isinstance(attributes, list) else attributes["attribute"]
    assert [one["code"] for one in attributes] == ["NOISE_TIME", "NOISE_SOURCE"]


def test_georeport_reads_requests(georeport, two):
    told = georeport.get_service_requests()
    assert {one["service_request_id"] for one in told} == set(two)
    assert WORDS in [one["description"] for one in told]
    now = datetime.now(UTC)
    window = {"start_date": f"{now - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}", "end_date": now.isoformat()}
    assert len(georeport.get_service_requests(service_code="0501,0102", status="open", **window)) == 2
    assert len(georeport.get_service_requests(service_request_id=",".join(two))) == 2


def test_georeport_reads_a_request(georeport, two):
    told = georeport.get_service_request(two[0])
    assert (told["service_request_id"], told["description"], told["status"]) == (two[0], WORDS, "open")
    assert (float(told["lat"]), float(told["long"])) == (31.105, 121.405)


@pytest.mark.parametrize(
    ("call", "arguments", "status"),
    [
        ("get_service_definition", {"service_code": "9999"}, 404),
        ("get_service_request", {"service_request_id": "nothing"}, 404),
        ("get_service_requests", {"status": "done"}, 400),
        ("get_service_requests", {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-12-01T00:00:00Z"}, 400),
    ],
)
def test_georeport_raises_where_something_is_wrong(georeport, call, arguments, status):
    with pytest.raises(requests.HTTPError) as raised:
        getattr(georeport, call)(**arguments)
    assert raised.value.response.status_code == status


def test_georeport_raises_for_another_jurisdiction(site):
    with pytest.raises(requests.HTTPError):
        GeoReport(site, jurisdiction="elsewhere").get_service_list()


# --- three ------------------------------------------------------------------------------------------


def test_three_discovers(three, site):
    (endpoint,) = three.discovery()["endpoints"]
    assert endpoint["url"] == site
    assert Three(discovery=f"{site}/discovery.json").discovery()["endpoints"] == [endpoint]


def test_three_reads_services(three):
    assert {"0501", "2101"} <= {one["service_code"] for one in three.services()}
    assert [one["code"] for one in three.services("2101")["attributes"]] == ["PEOPLE", "SIGNS"]


def test_three_reads_requests(three, two):
    now = datetime.now(UTC)
    days = [f"{now + timedelta(days=n):%m-%d-%Y}" for n in (-2, 2)]
    assert {one["service_request_id"] for one in three.requests()} == set(two)
    assert {one["service_request_id"] for one in three.requests(between=days)} == set(two)
    assert [one["service_code"] for one in three.requests("0501", start=days[0], end=days[1])] == ["0501"]
    assert len(three.requests(count=1)) == 1
    assert three.request(two[0])[0]["description"] == WORDS


def test_three_posts_a_picture_with_all_its_fields(three, records):
    (told,) = three.post(
        "0501",
        name="王 小明",
        phone="13800007001",
        address="某路 9 号",
        description=WORDS,
        media=io.BytesIO(photo_bytes()),
        **HERE,
    )
    assert three.request(told["service_request_id"])[0]["address"] == "某路 9 号"
    with records() as session:
        assert session.scalar(select(func.count()).select_from(Photo)) == 1


def test_three_is_told_what_is_wrong(three, site):
    assert three.post("0501", description=WORDS)[0]["code"] == 400
    assert three.post_response.status_code == 400
    assert Three(site, api_key="wrong").post("0501", **HERE)[0]["code"] == 403
    assert Three(site, jurisdiction="elsewhere").services()[0]["code"] == 404


def test_three_asks_by_a_token(three, records):
    (told,) = three.post("0501", description=WORDS, **HERE)
    number = told["service_request_id"]
    assert three.token(number) == [{"service_request_id": number, "token": number}]
    with records() as session:
        set_type(session, "0501", "batch")
    (told,) = three.post("0501", description=WORDS, **HERE)
    assert three.token(told["token"]) == [{"service_request_id": None, "token": told["token"]}]
    assert three.token("nothing")[0]["code"] == 404


# --- plain forms ------------------------------------------------------------------------------------


def test_a_form_by_wire_in_xml(site):
    answer = requests.post(
        f"{site}/requests.xml",
        data={"api_key": KEY, "service_code": "0508", "attribute[NOISE_SOURCE][]": ["music", "crowd"], **HERE},
        timeout=10,
    )
    assert answer.status_code == 200
    assert answer.encoding == "utf-8"
    assert "<service_request_id>" in answer.text
    assert BASE in site
