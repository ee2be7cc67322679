"""Open311: keys, tokens, and what nobody should send."""

import random

import pytest
from applications import BASE, HERE, VENDOR, add_application, fill_with_people, key_of, read
from open311_answers import ANSWERS, KEY, both, count, made, wrong
from sqlalchemy import select

from geodata.models import Ticket
from geodata.queries.scope import ALL
from geodata.services.moves import move_ticket
from geodata.services.service_attributes import set_type

FILLED_BY = {"app": fill_with_people}


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


def test_a_batch_service_gives_a_token_until_an_office_files_it(filing, client, records):
    with records() as session:
        set_type(session, "0501", "batch")
    told = made(filing(**VENDOR))
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


def test_the_number_of_a_request_is_its_own_token(filing, client):
    number = made(filing(**VENDOR))["service_request_id"]
    assert both(client, f"tokens/{number}") == [{"service_request_id": number, "token": number}]


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
def test_hostile_words_are_words(filing, client, value):
    number = made(filing(**HERE, service_code="0501", description=value + "完"))["service_request_id"]
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
