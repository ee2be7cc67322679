"""Open311: requests taken in as any other report is, and told to whoever asks, masked where they must be."""

import pytest
from applications import BASE, HERE, VENDOR, fill_with_people, key_of
from jsonschema import validate
from makers import add_unit
from open311_answers import ANSWERS, KEY, both, count, made, wrong
from pictures import large_form, photo_bytes
from sqlalchemy import func, select, text

from geodata.models import GeocodeResult, Photo, ServiceRequest, Ticket, TicketEvent

FILLED_BY = {"app": fill_with_people}


TEXT, MAYBE, MOMENT = {"type": "string"}, {"type": ["string", "null"]}, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00$"


REQUEST = {
    "type": "object",
    "required": ["service_request_id", "status", "service_code", "requested_datetime"],
    "properties": {
        "service_request_id": TEXT,
        "service_code": TEXT,
        "status": {"enum": ["open", "closed"]},
        "requested_datetime": {"type": "string", "pattern": MOMENT},
        "updated_datetime": {"type": "string", "pattern": MOMENT},
        "expected_datetime": MAYBE,
        "lat": {"type": ["number", "null"]},
        "long": {"type": ["number", "null"]},
        **dict.fromkeys(("description", "address", "address_id", "zipcode", "media_url", "service_notice"), MAYBE),
    },
}


FIELDS = (
    *("service_request_id", "status", "status_notes", "service_name", "service_code", "description"),
    *("agency_responsible", "service_notice", "requested_datetime", "updated_datetime", "expected_datetime"),
    *("address", "address_id", "zipcode", "lat", "long", "media_url"),
)


# --- one is taken in --------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_request_becomes_a_ticket_with_its_unit(filing, client, records, form):
    told = made(filing(form, **VENDOR, address_string="某路9号门口"))
    assert sorted(told) == ["account_id", "service_notice", "service_request_id"]
    (again,) = both(client, f"requests/{told['service_request_id']}")
    validate(again, REQUEST)
    assert tuple(again) == FIELDS
    assert again["description"] == "路边摆摊，占了盲道"
    assert (again["status"], again["status_notes"], again["agency_responsible"]) == ("open", "已派遣", "集市")
    assert (again["lat"], again["long"], again["address"]) == (31.105, 121.405, "某路9号门口")
    assert again["expected_datetime"] is not None
    with records() as session:
        ticket = session.scalars(select(Ticket)).one()
        assert (ticket.source, ticket.reported_by, ticket.state) == ("open311", "district", "dispatched")
        assert (ticket.title, ticket.description, ticket.datum) == ("路边摆摊，占了盲道", None, "wgs84")
        assert (ticket.town_code, ticket.village_code) == ("310112101000", "310112101001")


def test_a_long_description_keeps_its_lines_and_all_its_signs(filing, client):
    words = "一" * 100 + "\r\n<b>粗体</b> & ]]> 🙂\n" + "字" * 3880
    number = made(filing(**VENDOR | {"description": words}))["service_request_id"]
    assert both(client, f"requests/{number}")[0]["description"] == words.replace("\r\n", "\n")


def test_without_words_it_is_called_by_its_kind(filing, client):
    number = made(filing(**HERE, service_code="0501"))["service_request_id"]
    assert both(client, f"requests/{number}")[0]["description"] == "无照经营游商"


def test_of_whoever_asks_nothing_is_kept_and_nothing_comes_back(filing, client, records):
    about = {
        "email": "wang@example.cn",
        "first_name": "王",
        "last_name": "小明",
        "phone": "13800007099",
        "device_id": "device-7099",
        "account_id": "account-7099",
    }
    answer = filing(**VENDOR, **about)
    number = made(answer)["service_request_id"]
    told = answer.text + client.get(f"{BASE}/requests/{number}.json", query_string=KEY | {"extensions": "1"}).text
    assert not [value for value in about.values() if value in told]
    with records() as session:
        kept = session.scalar(text("SELECT string_agg(CAST(t AS text), '') FROM ticket AS t"))
        kept += session.scalar(text("SELECT string_agg(CAST(e AS text), '') FROM ticket_event AS e"))
        kept += session.scalar(text("SELECT string_agg(CAST(r AS text), '') FROM service_request AS r"))
    assert not [value for value in about.values() if value in kept]


def test_a_second_one_close_by_is_told_of_the_first(filing):
    first = made(filing(**VENDOR))
    second = made(filing(**VENDOR))
    assert first["service_notice"] is None
    assert first["service_request_id"] in second["service_notice"]
    assert second["service_request_id"] != first["service_request_id"]


# --- where it is -----------------------------------------------------------------------------------


def placed(records):
    with records() as session:
        ticket = session.scalars(select(Ticket)).one()
        x, y = session.execute(select(func.ST_X(Ticket.geom), func.ST_Y(Ticket.geom))).one()
        return ticket.address, None if x is None else (round(x, 6), round(y, 6)), ticket.datum_evidence


@pytest.mark.parametrize("code", ["MARKET", "unit:MARKET"])
def test_an_address_id_is_the_code_of_a_unit(filing, records, client, code):
    number = made(filing(service_code="0501", address_id=code))["service_request_id"]
    assert placed(records) == ("某路9号", (121.4051, 31.105), "declared")
    assert both(client, f"requests/{number}")[0]["address_id"] == code


def test_an_address_id_is_the_code_of_a_point(filing, records):
    made(filing(service_code="0501", address_id="P1"))
    assert placed(records) == ("责任点P1", (121.406, 31.105), "declared")


def test_a_request_about_an_object_lies_where_the_object_is(filing, records, client):
    number = made(filing(service_code="0501", service_object_type="unit", service_object_id="MARKET"))
    (told,) = both(client, f"requests/{number['service_request_id']}", extensions="true")
    assert (told["service_object_type"], told["service_object_id"]) == ("unit", "MARKET")
    assert placed(records)[1] == (121.4051, 31.105)


def test_a_request_about_an_object_may_say_better_where(filing, records):
    made(filing(**VENDOR, service_object_type="point", service_object_id="P1"))
    assert placed(records)[1] == (121.405, 31.105)


def test_an_address_that_is_known_is_found(filing, records, monkeypatch):
    with records() as session:
        add_unit(session, "HALL", 0.7, 0.7, name="社区文化馆", town_code="310112101000")
    made(filing(service_code="0501", address_string="社区文化馆"))
    assert placed(records) == ("社区文化馆", (121.407, 31.107), "geocoded")


def test_an_address_that_nobody_knows_waits_for_a_person(filing, records, client):
    told = made(filing(service_code="0501", address_string="不知道哪里的路 5 号"))
    assert "核定位置" in told["service_notice"]
    (again,) = both(client, f"requests/{told['service_request_id']}")
    assert (again["lat"], again["long"], again["agency_responsible"]) == (None, None, "试验区")
    with records() as session:
        waiting = session.scalars(select(GeocodeResult)).one()
        assert (waiting.target_kind, waiting.target_code) == ("tickets", told["service_request_id"])
        assert waiting.status == "review"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, ["lat and long are required"]),
        ({"lat": "31.105"}, ["long is required"]),
        ({"long": "121.405", "address_string": "某路9号"}, ["lat is required"]),
        ({"lat": "x", "long": "121.405"}, ["lat cannot be used"]),
        ({"lat": "NaN", "long": "inf"}, ["long cannot be used", "lat cannot be used"]),
        ({"lat": "91", "long": "121.405"}, ["lat cannot be used"]),
        ({"lat": "31.105", "long": "1e400"}, ["long cannot be used"]),
        ({"lat": "30", "long": "120"}, ["must lie in the district"]),
        ({"service_object_type": "unit", **HERE}, ["service_object_id is required"]),
        ({"service_object_type": "tree", "service_object_id": "1", **HERE}, ["must be one of unit, point"]),
        ({"jurisdiction_id": "310112102000", **HERE}, ["must lie in the town 310112102000"]),
    ],
)
def test_a_place_that_cannot_be_used_is_refused(filing, records, fields, words):
    told = wrong(filing(service_code="0501", **fields))
    assert len(told) == len(words)
    assert all(part in whole for part, whole in zip(words, told, strict=True))
    assert count(records) == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"address_id": "NOBODY"},
        {"address_id": "tree:1"},
        {"service_object_type": "point", "service_object_id": "MARKET"},
        {"service_object_type": "unit", "service_object_id": "NOBODY", **HERE},
    ],
)
def test_a_code_that_nothing_has_is_not_there(filing, records, fields):
    wrong(filing(service_code="0501", **fields), 404)
    assert count(records) == 0


# --- what is asked for ------------------------------------------------------------------------------


def test_a_service_that_is_none_is_not_there(filing, records):
    (told,) = wrong(filing(**VENDOR | {"service_code": "9999"}), 404)
    assert "service_code" in told
    assert count(records) == 0


def test_all_that_is_wrong_is_told_at_once(filing):
    told = wrong(filing(description="x" * 4001, media_url="javascript:alert(1)"))
    assert [one.split(" ", 1)[0] for one in told] == ["service_code", "description", "media_url", "lat"]


def test_answers_are_kept_and_told(filing, client, records):
    told = made(filing(**HERE, service_code="2101", **ANSWERS))
    with records() as session:
        kept = session.scalars(select(ServiceRequest)).one().attributes
    assert kept == {"PEOPLE": "12", "SIGNS": ["bunks", "wiring"]}
    (again,) = both(client, f"requests/{told['service_request_id']}", extensions="true")
    assert again["attributes"] == [
        {"code": "PEOPLE", "name": "大约住了多少人", "values": [{"key": "12", "name": "12"}]},
        {
            "code": "SIGNS",
            "name": "看到什么",
            "values": [{"key": "bunks", "name": "上下铺"}, {"key": "wiring", "name": "乱拉电线"}],
        },
    ]


def test_a_moment_is_an_answer(filing, records):
    since = {"attribute[PARKED_SINCE]": "2026-03-02T08:00:00 08:00", "attribute[BLOCKED][]": "fire_lane"}
    made(filing(**HERE, service_code="0505", **since))
    with records() as session:
        assert session.scalars(select(ServiceRequest)).one().attributes["BLOCKED"] == ["fire_lane"]


@pytest.mark.parametrize(
    ("code", "answers", "words"),
    [
        ("2101", {}, ["attribute[PEOPLE] is required"]),
        ("2101", {"attribute[PEOPLE]": " "}, ["attribute[PEOPLE] is required"]),
        ("2101", {"attribute[PEOPLE]": "many"}, ["must be a number"]),
        ("2101", {"attribute[PEOPLE]": "1e999"}, ["must be a number"]),
        ("2101", {"attribute[PEOPLE]": ["1", "2"]}, ["takes one value"]),
        ("2101", {"attribute[PEOPLE]": "1", "attribute[SIGNS][]": ["bunks", "x"]}, ["must be of the keys"]),
        ("0508", {"attribute[NOISE_TIME]": "noon"}, ["must be of the keys"]),
        ("0505", {"attribute[PARKED_SINCE]": "yesterday"}, ["must be a date and time"]),
        ("0101", {"attribute[STRUCTURE]": "x" * 4001}, ["takes at most 4000"]),
    ],
)
def test_an_answer_that_cannot_be_used_is_refused(filing, records, code, answers, words):
    told = wrong(filing(**HERE, service_code=code, **answers))
    assert len(told) == len(words)
    assert all(part in whole for part, whole in zip(words, told, strict=True))
    assert count(records) == 0


def test_an_answer_that_nobody_asked_for_is_said_not_to_be_kept(filing, records):
    told = made(filing(**VENDOR, **{"attribute[NAME]": "王小明", "attribute[GAS_NOTICE]": "x"}))
    assert "GAS_NOTICE, NAME" in told["service_notice"]
    with records() as session:
        assert session.scalars(select(ServiceRequest)).one().attributes == {}


def test_the_page_of_the_ticket_shows_the_answers(filing, signed_in, records):
    about = {"service_object_type": "unit", "service_object_id": "MARKET", "media_url": "https://example.cn/a.jpg"}
    number = made(filing(**HERE, service_code="2101", **ANSWERS, **about))
    page = signed_in("admin").get(f"/tickets/{number['service_request_id']}").text
    for words in (
        "大约住了多少人",
        "上下铺",
        "乱拉电线",
        "其他应用（Open311）",
        "https://example.cn/a.jpg",
        "集市 (MARKET)",
    ):
        assert words in page


# --- pictures ---------------------------------------------------------------------------------------


def test_pictures_come_with_the_request_and_are_told_to_those_who_see_photos(client, records):
    form = large_form(KEY | VENDOR, [("media", photo_bytes(), "照片.jpg"), ("media[]", photo_bytes(), "x.jpg")])
    number = made(client.post(f"{BASE}/requests.json", **form))["service_request_id"]
    assert count(records, Photo) == 2
    assert both(client, f"requests/{number}")[0]["media_url"] is None
    (told,) = both(client, f"requests/{number}", **KEY)
    assert told["media_url"].startswith(f"http://localhost/tickets/{number}/photos/")
    assert both(client, f"requests/{number}", api_key=key_of("viewer"))[0]["media_url"] is None
    with records() as session:
        first = session.scalars(select(TicketEvent).order_by(TicketEvent.id)).first()
        assert (first.action, len(first.facts["photo_sha256"])) == ("report", 2)


@pytest.mark.parametrize(
    "content", [b"", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", b"GIF89a/*", photo_bytes()[:200]]
)
def test_what_is_no_picture_is_refused_and_nothing_is_kept(client, records, content):
    wrong(client.post(f"{BASE}/requests.json", **large_form(KEY | VENDOR, [("media", content, "x.svg")])))
    assert count(records) == 0


def test_too_many_pictures_are_refused(client, records):
    many = [("media", photo_bytes(), f"{n}.jpg") for n in range(7)]
    wrong(client.post(f"{BASE}/requests.json", **large_form(KEY | VENDOR, many)))
    assert count(records) == 0


@pytest.mark.parametrize(
    "url",
    [
        *("javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "/etc/passwd", "//host/x", "ftp://host/x"),
        *("http://", "http://a b/", 'http://a/"onload=', "http://[::1", "https://a/" + "x" * 1000),
    ],
)
def test_an_address_of_a_picture_is_by_http_or_it_is_refused(filing, records, url):
    (told,) = wrong(filing(**VENDOR, media_url=url))
    assert told.startswith("media_url")
    assert count(records) == 0


def test_an_address_of_a_picture_is_kept_and_never_fetched(filing, client, monkeypatch):
    monkeypatch.setattr("socket.create_connection", lambda *_what: pytest.fail("somebody asked for it"))
    url = "http://127.0.0.1:9/a.jpg?x=1&y=2"
    number = made(filing(**VENDOR, media_url=url))["service_request_id"]
    assert both(client, f"requests/{number}", **KEY)[0]["media_url"] == url
    assert both(client, f"requests/{number}")[0]["media_url"] is None
