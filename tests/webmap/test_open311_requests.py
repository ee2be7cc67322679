"""Open311: requests taken in as any other report is, and told to whoever asks, masked where they must be."""

import random
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from applications import BASE, HERE, VENDOR, add_application, as_text, fill, key_of, read
from jsonschema import validate
from makers import add_unit, at
from pictures import large_form, photo_bytes
from sqlalchemy import event, func, select, text

from geodata.models import GeocodeResult, Photo, ServiceRequest, Ticket, TicketEvent
from geodata.queries.scope import ALL
from geodata.services.moves import move_ticket
from geodata.services.service_attributes import set_type
from geodata.services.tickets import Position, open_ticket

FILLED_BY = {"app": fill}

KEY = {"api_key": key_of("district")}
MINUTE = timedelta(minutes=1)

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


@pytest.fixture(autouse=True)
def people(app, records):
    with records() as session:
        for name, role, area in (
            ("district", "district", None),
            ("west", "town_office", "310112101000"),
            ("east", "town_office", "310112102000"),
            ("viewer", "viewer", None),
        ):
            add_application(session, name, role, area_code=area)


@pytest.fixture
def post(client):
    """A function that asks for something with the district's key, in JSON unless said otherwise."""

    def send(form="json", **fields):
        return client.post(f"{BASE}/requests.{form}", data={**KEY, **fields})

    return send


def wrong(answer, status=400):
    assert answer.status_code == status, answer.text
    return [one["description"] for one in read(answer)]


def made(answer):
    assert answer.status_code == 200, answer.text
    (told,) = read(answer)
    return told


def both(client, address, **query):
    """What is told in JSON, after it was told alike in XML."""
    told = [client.get(f"{BASE}/{address}.{form}", query_string=query) for form in ("json", "xml")]
    assert [one.status_code for one in told] == [200, 200], told[0].text
    assert as_text(read(told[0])) == read(told[1])
    return read(told[0])


def count(records, model=Ticket):
    with records() as session:
        return session.scalar(select(func.count()).select_from(model))


# --- one is taken in --------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_request_becomes_a_ticket_with_its_unit(post, client, records, form):
    told = made(post(form, **VENDOR, address_string="某路9号门口"))
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


def test_a_long_description_keeps_its_lines_and_all_its_signs(post, client):
    words = "一" * 100 + "\r\n<b>粗体</b> & ]]> 🙂\n" + "字" * 3880
    number = made(post(**VENDOR | {"description": words}))["service_request_id"]
    assert both(client, f"requests/{number}")[0]["description"] == words.replace("\r\n", "\n")


def test_without_words_it_is_called_by_its_kind(post, client):
    number = made(post(**HERE, service_code="0501"))["service_request_id"]
    assert both(client, f"requests/{number}")[0]["description"] == "无照经营游商"


def test_of_whoever_asks_nothing_is_kept_and_nothing_comes_back(post, client, records):
    about = {
        "email": "wang@example.cn",
        "first_name": "王",
        "last_name": "小明",
        "phone": "13800007099",
        "device_id": "device-7099",
        "account_id": "account-7099",
    }
    answer = post(**VENDOR, **about)
    number = made(answer)["service_request_id"]
    told = answer.text + client.get(f"{BASE}/requests/{number}.json", query_string=KEY | {"extensions": "1"}).text
    assert not [value for value in about.values() if value in told]
    with records() as session:
        kept = session.scalar(text("SELECT string_agg(CAST(t AS text), '') FROM ticket AS t"))
        kept += session.scalar(text("SELECT string_agg(CAST(e AS text), '') FROM ticket_event AS e"))
        kept += session.scalar(text("SELECT string_agg(CAST(r AS text), '') FROM service_request AS r"))
    assert not [value for value in about.values() if value in kept]


def test_a_second_one_close_by_is_told_of_the_first(post):
    first = made(post(**VENDOR))
    second = made(post(**VENDOR))
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
def test_an_address_id_is_the_code_of_a_unit(post, records, client, code):
    number = made(post(service_code="0501", address_id=code))["service_request_id"]
    assert placed(records) == ("某路9号", (121.4051, 31.105), "declared")
    assert both(client, f"requests/{number}")[0]["address_id"] == code


def test_an_address_id_is_the_code_of_a_point(post, records):
    made(post(service_code="0501", address_id="P1"))
    assert placed(records) == ("责任点P1", (121.406, 31.105), "declared")


def test_a_request_about_an_object_lies_where_the_object_is(post, records, client):
    number = made(post(service_code="0501", service_object_type="unit", service_object_id="MARKET"))
    (told,) = both(client, f"requests/{number['service_request_id']}", extensions="true")
    assert (told["service_object_type"], told["service_object_id"]) == ("unit", "MARKET")
    assert placed(records)[1] == (121.4051, 31.105)


def test_a_request_about_an_object_may_say_better_where(post, records):
    made(post(**VENDOR, service_object_type="point", service_object_id="P1"))
    assert placed(records)[1] == (121.405, 31.105)


def test_an_address_that_is_known_is_found(post, records, monkeypatch):
    with records() as session:
        add_unit(session, "HALL", 0.7, 0.7, name="社区文化馆", town_code="310112101000")
    made(post(service_code="0501", address_string="社区文化馆"))
    assert placed(records) == ("社区文化馆", (121.407, 31.107), "geocoded")


def test_an_address_that_nobody_knows_waits_for_a_person(post, records, client):
    told = made(post(service_code="0501", address_string="不知道哪里的路 5 号"))
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
def test_a_place_that_cannot_be_used_is_refused(post, records, fields, words):
    told = wrong(post(service_code="0501", **fields))
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
def test_a_code_that_nothing_has_is_not_there(post, records, fields):
    wrong(post(service_code="0501", **fields), 404)
    assert count(records) == 0


# --- what is asked for ------------------------------------------------------------------------------


def test_a_service_that_is_none_is_not_there(post, records):
    (told,) = wrong(post(**VENDOR | {"service_code": "9999"}), 404)
    assert "service_code" in told
    assert count(records) == 0


def test_all_that_is_wrong_is_told_at_once(post):
    told = wrong(post(description="x" * 4001, media_url="javascript:alert(1)"))
    assert [one.split(" ", 1)[0] for one in told] == ["service_code", "description", "media_url", "lat"]


ANSWERS = {
    "attribute[PEOPLE]": "12",
    "attribute[SIGNS][]": ["bunks", "wiring"],
}


def test_answers_are_kept_and_told(post, client, records):
    told = made(post(**HERE, service_code="2101", **ANSWERS))
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


def test_a_moment_is_an_answer(post, records):
    since = {"attribute[PARKED_SINCE]": "2026-03-02T08:00:00 08:00", "attribute[BLOCKED][]": "fire_lane"}
    made(post(**HERE, service_code="0505", **since))
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
def test_an_answer_that_cannot_be_used_is_refused(post, records, code, answers, words):
    told = wrong(post(**HERE, service_code=code, **answers))
    assert len(told) == len(words)
    assert all(part in whole for part, whole in zip(words, told, strict=True))
    assert count(records) == 0


def test_an_answer_that_nobody_asked_for_is_said_not_to_be_kept(post, records):
    told = made(post(**VENDOR, **{"attribute[NAME]": "王小明", "attribute[GAS_NOTICE]": "x"}))
    assert "GAS_NOTICE, NAME" in told["service_notice"]
    with records() as session:
        assert session.scalars(select(ServiceRequest)).one().attributes == {}


def test_the_page_of_the_ticket_shows_the_answers(post, signed_in, records):
    about = {"service_object_type": "unit", "service_object_id": "MARKET", "media_url": "https://example.cn/a.jpg"}
    number = made(post(**HERE, service_code="2101", **ANSWERS, **about))
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
def test_an_address_of_a_picture_is_by_http_or_it_is_refused(post, records, url):
    (told,) = wrong(post(**VENDOR, media_url=url))
    assert told.startswith("media_url")
    assert count(records) == 0


def test_an_address_of_a_picture_is_kept_and_never_fetched(post, client, monkeypatch):
    monkeypatch.setattr("socket.create_connection", lambda *_what: pytest.fail("somebody asked for it"))
    url = "http://127.0.0.1:9/a.jpg?x=1&y=2"
    number = made(post(**VENDOR, media_url=url))["service_request_id"]
    assert both(client, f"requests/{number}", **KEY)[0]["media_url"] == url
    assert both(client, f"requests/{number}")[0]["media_url"] is None


# --- keys -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sent", [{}, {"api_key": ""}, {"api_key": "wrong"}, {"api_key": key_of("nobody")}])
@pytest.mark.parametrize("form", ["json", "xml"])
def test_without_a_good_key_nothing_is_taken_in(client, records, sent, form):
    wrong(client.post(f"{BASE}/requests.{form}", data=VENDOR | sent), 403)
    assert count(records) == 0


def test_whoever_is_signed_in_by_a_browser_needs_a_key_too(signed_in, records):
    browser = signed_in("admin")
    wrong(browser.post(f"{BASE}/requests.json", data=VENDOR), 403)
    assert count(records) == 0


def test_the_key_of_somebody_who_may_not_report_takes_nothing_in(client, records):
    wrong(client.post(f"{BASE}/requests.json", data=VENDOR | {"api_key": key_of("viewer")}), 403)
    assert count(records) == 0


def test_the_key_of_a_town_takes_in_what_lies_there(client, records):
    made(client.post(f"{BASE}/requests.json", data=VENDOR | {"api_key": key_of("west")}))
    wrong(client.post(f"{BASE}/requests.json", data=VENDOR | {"api_key": key_of("east")}), 403)
    assert count(records) == 1


def test_a_key_may_stand_in_the_address(client):
    made(client.post(f"{BASE}/requests.json?api_key={key_of('district')}&jurisdiction_id=310112", data=VENDOR))


@pytest.mark.parametrize("header", ["X-API-Key", "Authorization"])
def test_a_key_may_stand_in_a_header(client, header):
    key = key_of("district")
    told = {header: f"Bearer {key}" if header == "Authorization" else key}
    made(client.post(f"{BASE}/requests.json", data=VENDOR, headers=told))


def test_a_key_does_what_its_scopes_say_and_no_more(client, records):
    with records() as session:
        add_application(session, "app", "district", scopes=["report"])
    by = {"api_key": key_of("app")}
    number = made(client.post(f"{BASE}/requests.json", data=VENDOR | by))["service_request_id"]
    for address in ("requests", f"requests/{number}", f"tokens/{number}", "servicerequestupdates"):
        # what anybody is told, it is told too
        path = f"{BASE}/{address}.json"
        assert client.get(path, query_string=by).json == client.get(path).json
    update = {"service_request_id": number, "update_id": "1", "status": "OPEN", "description": "x"}
    wrong(client.post(f"{BASE}/servicerequestupdates.json", data=update | by), 403)
    with records() as session:
        add_application(session, "reader", "district", scopes=["read"])
    wrong(client.post(f"{BASE}/requests.json", data=VENDOR | {"api_key": key_of("reader")}), 403)
    assert count(records) == 1


def test_a_key_that_works_on_tickets_and_may_not_read_is_told_nothing(client, records):
    with records() as session:
        add_application(session, "app", "district", scopes=["report", "work"])
    by = {"api_key": key_of("app")}
    made(client.post(f"{BASE}/requests.json", data=VENDOR | by))
    wrong(client.get(f"{BASE}/requests.json", query_string=by), 403)


def test_anybody_is_told_a_place_to_ten_metres_and_finds_it_there_alone(client):
    made(client.post(f"{BASE}/requests.json", data=VENDOR | KEY | {"lat": "31.104951", "long": "121.404951"}))
    (exact,) = client.get(f"{BASE}/requests.json", query_string=KEY).json
    (rounded,) = client.get(f"{BASE}/requests.json").json
    assert (exact["lat"], exact["long"]) == (31.104951, 121.404951)
    assert (rounded["lat"], rounded["long"]) == (31.105, 121.405)
    around_told, around_true = "121.40499,31.10499,121.40501,31.10501", "121.40494,31.10494,121.40496,31.10496"
    for box, by, count_of in ((around_told, {}, 1), (around_true, {}, 0), (around_told, KEY, 0), (around_true, KEY, 1)):
        assert len(client.get(f"{BASE}/requests.json", query_string={"bbox": box, **by}).json) == count_of


def test_wrong_keys_have_to_wait_in_the_same_shape(client):
    statuses = [client.get(f"{BASE}/requests.json?api_key=wrong").status_code for _ in range(31)]
    assert statuses == [403] * 30 + [429]
    wrong(client.get(f"{BASE}/requests.json?api_key=wrong"), 429)
    assert client.get(f"{BASE}/requests.json", query_string=KEY).status_code == 200


def test_the_same_request_sent_twice_is_one_ticket(client, records):
    sent = {"data": KEY | VENDOR, "headers": {"Idempotency-Key": "0123456789abcdefghij"}}
    first, second = (client.post(f"{BASE}/requests.xml", **sent) for _ in range(2))
    assert (first.status_code, first.text, first.content_type) == (200, second.text, second.content_type)
    assert count(records) == 1
    other = sent | {"data": KEY | VENDOR | {"description": "别的"}}
    wrong(client.post(f"{BASE}/requests.json", **other))
    assert count(records) == 1


# --- tokens -----------------------------------------------------------------------------------------


def test_a_batch_service_gives_a_token_until_an_office_files_it(post, client, records):
    with records() as session:
        set_type(session, "0501", "batch")
    told = made(post(**VENDOR))
    assert sorted(told) == ["account_id", "service_notice", "token"]
    token = told["token"]
    assert both(client, f"tokens/{token}") == [{"service_request_id": None, "token": token}]
    assert both(client, "requests") == []
    with records() as session:
        number = session.scalars(select(Ticket)).one().number
        assert session.scalars(select(Ticket)).one().state == "reported"
    assert client.get(f"{BASE}/requests/{number}.json").status_code == 404
    with records() as session:
        move_ticket(session, number, "file", actor="somebody", role="district", scope=ALL)
    assert both(client, f"tokens/{token}") == [{"service_request_id": number, "token": token}]
    assert both(client, "requests")[0]["service_request_id"] == number


def test_the_number_of_a_request_is_its_own_token(post, client):
    number = made(post(**VENDOR))["service_request_id"]
    assert both(client, f"tokens/{number}") == [{"service_request_id": number, "token": number}]


# --- lists ------------------------------------------------------------------------------------------


@pytest.fixture
def five(records):
    """Five tickets from today back, ten days apart, of two kinds and in two towns; the last one is closed."""
    now = datetime.now(UTC).replace(microsecond=500_000) - MINUTE
    with records() as session:
        numbers = []
        for n in range(5):
            ticket = open_ticket(
                session,
                category="0102" if n % 2 else "0501",
                title=f"第{n}件",
                actor="somebody",
                position=Position(*at(0.5 + 3 * (n > 2), 0.5), "wgs84"),
                reported_at=now - n * timedelta(days=10),
                assign_now=False,
            )
            numbers.append(ticket.number)
        move_ticket(session, numbers[4], "cancel", actor="somebody", role="district", reason="重复", scope=ALL)
    return numbers, now


def numbers_of(client, **query):
    return [one["service_request_id"] for one in both(client, "requests", **query)]


def test_a_list_is_the_newest_first(client, five):
    assert numbers_of(client) == five[0]


@pytest.mark.parametrize(
    ("query", "which"),
    [
        ({"status": "open"}, [0, 1, 2, 3]),
        ({"status": "closed"}, [4]),
        ({"status": "open,closed"}, [0, 1, 2, 3, 4]),
        ({"service_code": "0501"}, [0, 2, 4]),
        ({"service_code": "0501,0102"}, [0, 1, 2, 3, 4]),
        ({"jurisdiction_id": "310112102000"}, [3, 4]),
        ({"bbox": "121.40,31.10,121.42,31.12"}, [0, 1, 2]),
        ({"long_sw": "121.42", "lat_sw": "31.1", "long_ne": "121.44", "lat_ne": "31.2"}, [3, 4]),
        ({"page_size": "2"}, [0, 1]),
        ({"page_size": "2", "page": "3"}, [4]),
        ({"page_size": "2", "page": "4"}, []),
        ({"limit": "2", "offset": "1"}, [1, 2]),
        ({"max_requests": "1"}, [0]),
        ({"page_size": "5000"}, [0, 1, 2, 3, 4]),
        ({"service_code": "", "status": "", "start_date": "", "page": ""}, [0, 1, 2, 3, 4]),
    ],
)
def test_a_list_of_those_that_fit(client, five, query, which):
    assert numbers_of(client, **query) == [five[0][n] for n in which]


def test_a_list_of_a_window(client, five):
    numbers, now = five
    second = (now - timedelta(days=10)).replace(microsecond=0)
    exact = f"{second:%Y-%m-%dT%H:%M:%SZ}"
    assert numbers_of(client, start_date=exact, end_date=exact) == [numbers[1]]
    local = second.astimezone(tz=None).isoformat()
    assert numbers_of(client, start_date=local, end_date=local.replace("+", " ")) == [numbers[1]]
    assert numbers_of(client, start_date=exact) == numbers[:2]
    assert numbers_of(client, end_date=exact) == numbers[1:]
    day = f"{second + timedelta(hours=8):%Y-%m-%d}"
    assert numbers_of(client, start_date=day, end_date=day) == [numbers[1]]


def test_what_is_older_than_ninety_days_is_not_in_a_list_by_itself(client, records, five):
    with records() as session:
        session.execute(
            text("UPDATE ticket SET reported_at = now() - interval '91 days' WHERE number = :n"), {"n": five[0][0]}
        )
    assert five[0][0] not in numbers_of(client)
    assert numbers_of(client, service_request_id=five[0][0], status="closed", start_date="") == [five[0][0]]


def test_numbers_count_before_all_other_conditions(client, five):
    wanted = ",".join([five[0][4], five[0][0], "NOTHING"])
    assert numbers_of(client, service_request_id=wanted, status="open", service_code="0102") == [five[0][0], five[0][4]]


def test_a_closed_one_says_when_it_ended(client, five, records):
    (told,) = both(client, f"requests/{five[0][4]}")
    assert (told["status"], told["status_notes"]) == ("closed", "已作废")
    assert told["updated_datetime"] > told["requested_datetime"]


def test_a_draft_is_nobodys_request(client, five, records):
    with records() as session:
        session.execute(text("UPDATE ticket SET state = 'draft' WHERE number = :n"), {"n": five[0][0]})
    assert numbers_of(client) == five[0][1:]


# --- who is told what -------------------------------------------------------------------------------


SECRET = "13800007042"


@pytest.fixture
def told_of(records):
    """A ticket in each town with a telephone in every text, and a note with one."""
    with records() as session:
        numbers = []
        for east in (0.5, 3.5):
            ticket = open_ticket(
                session,
                category="0102",
                title=f"垃圾，请打{SECRET}",
                description=f"联系{SECRET}",
                address=f"东川路，{SECRET}",
                actor="somebody",
                position=Position(*at(east, 0.5), "wgs84"),
                assign_now=False,
            )
            move_ticket(session, ticket.number, "note", actor="王小明", role="district", reason=f"回电{SECRET}")
            numbers.append(ticket.number)
    return numbers


ADDRESSES = ("requests", "requests/{number}", "servicerequestupdates")


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("extensions", ["", "true"])
@pytest.mark.parametrize("key", ["", key_of("viewer")])
def test_who_reads_no_words_reads_no_telephone_and_no_name(client, told_of, address, extensions, key):
    told = str(both(client, address.format(number=told_of[0]), extensions=extensions, api_key=key))
    assert told_of[0] in told
    assert SECRET not in told
    assert "王小明" not in told
    assert "somebody" not in told


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_office_reads_its_own_town_in_full_and_no_other(client, told_of, address):
    own, other = told_of
    told = str(both(client, address.format(number=own), extensions="true", api_key=key_of("west")))
    assert SECRET in told
    assert own in told
    assert other not in told


def test_a_request_of_another_town_is_not_there(client, told_of):
    wrong(client.get(f"{BASE}/requests/{told_of[1]}.json?api_key={key_of('west')}"), 404)
    wrong(client.get(f"{BASE}/tokens/{told_of[1]}.json?api_key={key_of('west')}"), 404)
    wrong(client.get(f"{BASE}/requests.json?service_request_id={told_of[1]}&api_key={key_of('west')}"), 404)
    assert both(client, "requests", service_request_id=",".join(told_of), api_key=key_of("west")) != []


def test_extensions_tell_the_way_of_a_request(client, told_of):
    (told,) = both(client, f"requests/{told_of[0]}", extensions="true")
    assert told["extended_attributes"] == {
        "channel": "desk",
        "state": "reported",
        "town_code": "310112101000",
        "village_code": "310112101001",
        "cell_code": None,
        "photos": [],
    }
    assert [one["type"] for one in told["notes"]] == ["report"]
    (told,) = both(client, f"requests/{told_of[0]}", extensions="true", **KEY)
    assert [one["type"] for one in told["notes"]] == ["note", "report"]


# --- hostile ----------------------------------------------------------------------------------------

HOSTILE = (
    *("' OR '1'='1", "1; DROP TABLE ticket", "(select pg_sleep(9))", "{{7*7}}", "${jndi:ldap://x}", "%(x)s", "{0}"),
    *(
        "<script>alert(1)</script>",
        "]]></description><x/>",
        "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>&y;",
    ),
    *("\r\nSet-Cookie: a=b", "\x1b[31m", "\u2028", "\ufffe", "😀" * 50),
)


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_words_are_words(post, client, value):
    number = made(post(**HERE, service_code="0501", description=value + "完"))["service_request_id"]
    (told,) = both(client, f"requests/{number}")
    assert told["description"].endswith("完")
    assert "49" not in told["description"]
    for name in ("service_request_id", "service_code", "status", "start_date", "bbox", "jurisdiction_id", "page"):
        answer = client.get(f"{BASE}/requests.xml", query_string={name: value})
        # what is nothing but blanks was not said
        assert answer.status_code in ({400, 404} if value.strip() else {200})
        assert answer.status_code == 200 or read(answer)
    for path in ("requests", "tokens", "services"):
        assert client.get(f"{BASE}/{path}/{value.replace('/', '%2F')}.json").status_code in {400, 404}


SENT = (
    *HOSTILE,
    *("", " ", "\x00", "x" * 300, "x" * 5000, "null", "[]", "true", "%", ",", "é", "\u202e", "../../etc/passwd"),
    *("0", "-1", "NaN", "inf", "1e400", "1_000", "٣", "9" * 20, "121.405", "2147483648", "9223372036854775808"),
    *("2026-02-30", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "2026-03-02T14:00+99:00", "2026-W53"),
    *("310112102000", "0501", "MARKET", "unit:", "point:P1", "http://[", "https://a/b", "bunks", "FIXED", "CLOSED"),
)


def test_whatever_is_sent_with_a_key_the_program_does_not_err(app, client, monkeypatch):
    monkeypatch.setattr(app, "testing", value=False)
    chance = random.Random(311)  # noqa: S311 - examples, no secrets
    right = {
        "requests": VENDOR
        | {"service_code": "2101", **ANSWERS, "address_string": "某路9号", "media_url": "http://a/b"}
        | {"service_object_type": "unit", "service_object_id": "MARKET", "address_id": "P1", "jurisdiction_id": ""},
        "servicerequestupdates": {
            "service_request_id": made(client.post(f"{BASE}/requests.json", data=KEY | VENDOR))["service_request_id"],
            "update_id": "u1",
            "status": "OPEN",
            "description": "x",
            "updated_datetime": "2026-03-02T14:00:00Z",
            "media_url": "",
            "external_status_code": "x",
            "jurisdiction_id": "",
        },
    }
    statuses = set()
    for n in range(100):
        address = chance.choice(list(right))
        spoilt = {name: chance.choice(SENT) for name in chance.sample(list(right[address]), chance.choice((1, 1, 2)))}
        form = right[address] | {"update_id": f"u{n}"} | spoilt | KEY
        answer = client.post(f"{BASE}/{address}.{chance.choice(('json', 'xml'))}", data=form)
        statuses.add(answer.status_code)
        assert answer.status_code in {200, 400, 404}, (address, spoilt, answer.text)
        assert read(answer)
    assert statuses == {200, 400, 404}


# --- speed ------------------------------------------------------------------------------------------


@contextmanager
def statements(engine):
    """What the database is asked meanwhile."""
    asked = []

    def note(_connection, _cursor, statement, *_more):
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_a_thousand_requests_are_one_statement(client, records, five, fresh_engine):
    with records() as session:
        session.execute(
            text(
                "INSERT INTO ticket (number, source, category_code, title, reported_at, state, geom)"
                " SELECT 'N' || n, 'desk', '0501', '占道', now() - n * interval '1 minute', 'filed',"
                "        ST_SetSRID(ST_MakePoint(121.405, 31.105), 4326) FROM generate_series(1, 1500) AS n"
            )
        )
    with statements(fresh_engine) as asked:
        told = client.get(f"{BASE}/requests.json").json
    assert len(told) == 1000
    # the district's settings are asked for beside
    assert len([one for one in asked if "FROM ticket AS i" in one]) == 1
    assert len(asked) <= 4
