"""The desk of an office: its rows, its moves on many tickets, and its saved views."""

import json
import re

import pytest
from makers import add_areas, add_unit, at

from geodata.services.moves import move_ticket
from geodata.services.tickets import Position, open_ticket, ticket

WEST, EAST = "310112101000", "310112102000"
JSON = {"Accept": "application/json"}


@pytest.fixture
def numbers(records):
    """Three reports of the western town that wait for their office, with a market close by; one of the eastern."""
    with records() as session:
        add_areas(session)
        add_unit(session, "U1", 0.6, 0.5, kind="market", town_code=WEST, village_code="310112101001")
        found = []
        for east, title in ((0.5, "占道一"), (0.5, "占道二"), (0.5, "占道三"), (3.5, "占道东")):
            lon, lat = at(east, 0.5)
            position = Position(lon, lat, "wgs84")
            made = open_ticket(session, category="0501", title=title, actor="anna", position=position, assign_now=False)
            found.append(made.number)
        return found


@pytest.fixture
def office(signed_in):
    return signed_in("town_office", area_code=WEST)


def state(records, number):
    with records() as session:
        return ticket(session, number).state


def move(browser, numbers, action, **form):
    return browser.post("/queue/move", data={"number": numbers, "action": action, **form}, headers=JSON)


def test_the_desk_opens_with_what_waits_for_the_office(office, numbers):
    page = office.get("/queue")
    assert page.status_code == 200
    config = json.loads(re.search(r'id="map-config">(.*?)</script>', page.text, re.S).group(1))
    assert config["desk"]["todo"] == ["file", "assign", "approve", "own", "check"]
    assert [one["key"] for one in config["desk"]["actions"]][:2] == ["f", "a"]
    assert 'href="/queue" aria-current="page"' in page.text
    district = office.get("/queue?lang=en&desk=late&sort=reported").text
    assert "To do" in district


def test_rows_say_what_it_is_how_it_stands_and_what_can_be_done(office, numbers):
    answer = office.get(f"/api/queue?desk=file&area={WEST}").get_json()
    assert [row["number"] for row in answer["rows"]] == numbers[:3]
    first = answer["rows"][0]
    assert (first["title"], first["state"], first["group"]) == ("占道一", "已上报", "new")
    assert (first["deadline"], first["due"]) == ("none", "无期限")
    assert (first["who"], first["place"]) == ("西镇政府（办事处）", "一村") or first["place"] == "一村"
    assert first["can"] == ["file", "assign", "supervise", "cancel"]
    assert (first["lon"], first["lat"]) == pytest.approx(at(0.5, 0.5))
    assert answer["total"] == 3
    assert answer["counts"]["file"] == answer["counts"]["open"] == answer["counts"]["todo"] == 3
    assert answer["next"] is None


def test_pages_of_rows_follow_one_another_in_both_orders(office, numbers):
    # the last is another town's
    own = numbers[:3]
    for sort, expected in (("due", own), ("reported", own[::-1])):
        found, address = [], f"/api/queue?limit=2&sort={sort}"
        answer = office.get(address).get_json()
        while True:
            found += [row["number"] for row in answer["rows"]]
            if answer["next"] is None:
                break
            answer = office.get(f"{address}&after={answer['next']}").get_json()
            assert "total" not in answer
        assert found == expected


def test_one_row_is_found_by_its_number(office, numbers):
    answer = office.get(f"/api/queue?key={numbers[2]}").get_json()
    assert [row["number"] for row in answer["rows"]] == [numbers[2]]
    assert office.get("/api/queue?key=20000101-000001").get_json()["rows"] == []


@pytest.mark.parametrize("query", ["after=x", "after=0_1_2", "sort=loudest", "desk=kitchen", "limit=0", "limit=201"])
def test_what_cannot_be_listed_is_refused_in_words(office, query):
    answer = office.get(f"/api/queue?{query}")
    assert answer.status_code == 400
    assert answer.get_json()["said"]


def test_many_are_moved_at_once_and_each_says_what_became_of_it(office, numbers, records):
    with records() as session:
        move_ticket(session, numbers[1], "file", actor="qian", role="town_office")
    answer = move(office, [numbers[0], numbers[1], "20000101-000001"], "file").get_json()
    assert (answer["done"], answer["refused"]) == (1, 2)
    told = {one["number"]: (one["isDone"], one["said"]) for one in answer["outcomes"]}
    assert told[numbers[0]] == (True, "立案 · 已立案")
    assert told[numbers[1]][0] is False
    assert "qian" in told[numbers[1]][1]
    assert told["20000101-000001"] == (False, "这里没有“20000101-000001”。")
    assert [state(records, number) for number in numbers[:3]] == ["filed", "filed", "reported"]


def test_assigning_many_by_the_rule_says_who_has_each(office, numbers, records):
    answer = move(office, numbers[:2], "assign").get_json()
    assert [one["said"] for one in answer["outcomes"]] == ["已派给单位U1"] * 2
    assert [state(records, number) for number in numbers[:2]] == ["dispatched", "dispatched"]


def test_cancelling_wants_a_reason_each_time(office, numbers, records):
    answer = move(office, numbers[:2], "cancel").get_json()
    assert (answer["done"], {one["said"] for one in answer["outcomes"]}) == (0, {"这一步需要填写原因。"})
    assert move(office, numbers[:2], "cancel", reason="重复上报").get_json()["done"] == 2
    assert state(records, numbers[0]) == "cancelled"


def test_without_scripts_the_outcome_is_a_page_that_leads_back(office, numbers):
    form = {"number": numbers[:2], "action": "assign", "back": "/queue?desk=file"}
    page = office.post("/queue/move", data=form, headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert "已办 2 件，未办 0 件" in page.text
    assert 'href="/queue?desk=file"' in page.text
    elsewhere = office.post("/queue/move", data={**form, "back": "//evil.example/x"}, headers={"Accept": "text/html"})
    assert "evil" not in elsewhere.text


def test_another_towns_ticket_is_refused_for_itself(office, numbers, records):
    answer = move(office, [numbers[3], numbers[0]], "assign").get_json()
    assert [one["isDone"] for one in answer["outcomes"]] == [False, True]
    # in the same words as one that is not there
    assert answer["outcomes"][0]["said"] == f"这里没有“{numbers[3]}”。"
    assert office.get(f"/api/queue?key={numbers[3]}").get_json()["rows"] == []
    assert state(records, numbers[3]) == "reported"


@pytest.mark.parametrize("action", ["", "merge", "report", "fly"])
def test_an_action_that_the_desk_does_not_have_is_not_found(office, numbers, action):
    assert move(office, numbers[:1], action).status_code == 404


def test_more_than_anybody_looks_at_are_refused(office, numbers, records):
    answer = move(office, [numbers[0], *(f"2000-{number}" for number in range(200))], "file")
    assert answer.status_code == 409
    assert answer.get_json()["said"] == "一次最多 200 件，这里有 201 件。"
    assert state(records, numbers[0]) == "reported"


def test_nothing_at_all_is_nothing(office):
    assert move(office, [], "file").get_json() == {"done": 0, "refused": 0, "outcomes": []}


def test_a_form_without_its_token_is_refused(app, office, numbers, records):
    app.config["WTF_CSRF_ENABLED"] = True
    assert move(office, numbers[:1], "file").status_code == 403
    assert state(records, numbers[0]) == "reported"


@pytest.mark.parametrize("path", ["/queue", "/api/queue"])
@pytest.mark.parametrize(
    ("role", "status"), [("viewer", 403), ("officer", 403), ("planner", 403), ("district", 200), ("admin", 200)]
)
def test_the_desk_is_the_offices(signed_in, numbers, path, role, status):
    assert signed_in(role).get(path).status_code == status


def test_a_visitor_signs_in_first(client, numbers):
    assert client.get("/queue").status_code == 401
    assert client.get("/api/queue").status_code == 401


def test_a_view_is_saved_opened_renamed_and_deleted(office, numbers):
    answer = office.post("/queue/views?desk=late,file&sort=reported", data={"name": "要紧的"})
    assert answer.status_code == 302
    assert answer.location == "/queue?desk=late,file&sort=reported"
    page = office.get(answer.location).text
    assert '<a href="/queue?desk=late,file&amp;sort=reported" data-view>要紧的</a>' in page
    number = re.search(r"/queue/views/(\d+)/rename", page).group(1)
    assert office.post(f"/queue/views/{number}/rename", data={"name": "更要紧的"}).status_code == 302
    assert "更要紧的" in office.get("/queue").text
    gone = office.post(f"/queue/views/{number}/delete", data={"back": "/queue?desk=file"})
    assert gone.location == "/queue?desk=file"
    assert "更要紧的" not in office.get("/queue").text


def test_a_view_that_nobody_could_open_or_read_is_not_kept(office):
    assert office.post("/queue/views?desk=kitchen", data={"name": "x"}).status_code == 400
    assert office.post("/queue/views?desk=late", data={"name": "  "}).status_code == 422
    assert office.post("/queue/views/99/rename", data={"name": "x"}).status_code == 404


def test_views_are_nobody_elses(signed_in, office, numbers):
    office.post("/queue/views?desk=late", data={"name": "要紧的"})
    number = re.search(r"/queue/views/(\d+)/rename", office.get("/queue").text).group(1)
    other = signed_in("district")
    assert "要紧的" not in other.get("/queue").text
    for verb in ("rename", "delete"):
        assert other.post(f"/queue/views/{number}/{verb}", data={"name": "x"}).status_code == 404
