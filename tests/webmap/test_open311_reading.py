"""Open311: requests in lists and one by one, told to whoever asks, masked where they must be, soon."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from applications import BASE, fill_with_people, key_of
from makers import at
from open311_answers import KEY, both, wrong
from sqlalchemy import event, text

from geodata.queries.scope import ALL
from geodata.services.moves import move_ticket
from geodata.services.tickets import Position, open_ticket

FILLED_BY = {"app": fill_with_people}


MINUTE = timedelta(minutes=1)


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
