"""The list of somebody who works outside: what waits for them, in which order, and their patrol."""

import re

import pytest
from makers import SOUTH, WEST, add_areas, add_unit, at
from sqlalchemy import select

from geodata.models import CellVisit, DutyGrid, DutyGridCell, FilingRule, Ticket, User, UserDutyGrid
from geodata.services.grids import make_grid
from geodata.services.moves import move_ticket
from geodata.services.tickets import Position, open_ticket, ticket

TOWN = "310112101000"
JSON = {"Accept": "application/json"}


def fill(session):
    """Three tickets in the western town, given to a market there: west, middle, east along one street."""
    session.query(FilingRule).delete()
    add_areas(session)
    make_grid(session, size_m=200)
    add_unit(session, "U1", 0.6, 0.5, kind="market", town_code=TOWN, village_code="310112101001")
    found = []
    for east, title in ((0.3, "西"), (0.9, "东"), (0.6, "中")):
        lon, lat = at(east, 0.5)
        made = open_ticket(session, category="0501", title=title, actor="anna", position=Position(lon, lat, "wgs84"))
        found.append(made.number)
    return found


FILLED_BY = {"numbers": fill}


@pytest.fixture
def numbers(ground):
    return ground.told


@pytest.fixture
def officer(signed_in, numbers, records):
    """An officer who walks the cell of the first ticket."""
    browser = signed_in("officer")
    with records() as session:
        user = session.scalars(select(User).where(User.name == "officer")).one()
        grid = DutyGrid(code="D1", scheme="责任网格", name="一", town_code=TOWN)
        session.add(grid)
        session.flush()
        cell = ticket(session, numbers[0]).cell_code
        session.add(DutyGridCell(duty_grid_id=grid.id, cell_code=cell))
        session.add(UserDutyGrid(user_id=user.id, duty_grid_id=grid.id))
    return browser


@pytest.fixture
def walker(signed_in, numbers):
    """An officer for the whole district."""
    return signed_in("officer")


def listed(page):
    return re.findall(r'<li class="stop" id="t([\d-]+)"', page)


def test_the_list_has_what_waits_with_the_next_move_under_the_thumb(walker, numbers):
    page = walker.get("/mine").text
    assert sorted(listed(page)) == sorted(numbers)
    assert f'action="/tickets/{numbers[0]}/accept"' in page
    assert '全部待办 <span class="number">3</span>' in page
    assert f'name="back" value="/mine?moved={numbers[0]}"' in page


def test_a_move_from_the_list_leads_back_to_it_and_says_how_it_stands(walker, numbers, records):
    back = f"/mine?desk=accept&moved={numbers[0]}"
    answer = walker.post(f"/tickets/{numbers[0]}/accept", data={"back": back})
    assert (answer.status_code, answer.location) == (302, back)
    page = walker.get(answer.location).text
    assert 'role="status"><a' in page
    assert "已接单" in page
    assert sorted(listed(page)) == sorted(numbers[1:])
    elsewhere = walker.post(f"/tickets/{numbers[1]}/accept", data={"back": "https://evil.example/"})
    assert elsewhere.location == "/"


def test_what_i_handled_is_checked_by_somebody_else(walker, signed_in, numbers, records):
    for action in ("accept", "handle", "done"):
        walker.post(f"/tickets/{numbers[0]}/{action}")
    page = walker.get("/mine").text
    assert numbers[0] not in listed(page)
    assert '待核查 <span class="number">0</span>' in page
    other = signed_in("district").get("/mine?desk=check").text
    assert listed(other) == [numbers[0]]
    assert f'action="/tickets/{numbers[0]}/check"' in other


def test_by_the_way_the_list_begins_with_the_most_urgent(walker, numbers, records):
    with records() as session:
        ticket(session, numbers[1]).due_at = ticket(session, numbers[1]).reported_at
    page = walker.get("/mine?sort=route").text
    assert listed(page) == [numbers[1], numbers[2], numbers[0]]
    assert "第 2 站 · 相距 286 米" in page or "第 2 站 · 相距 287 米" in page
    assert "从最急的一张走起，直线共 57" in page


def test_a_walk_from_where_one_stands_is_told_and_the_place_is_kept_nowhere(walker, numbers, records):
    lon, lat = at(0.2, 0.5)
    answer = walker.post("/mine/route", data={"lon": lon, "lat": lat})
    told = answer.get_json()
    assert [stop["number"] for stop in told["stops"]] == [numbers[0], numbers[2], numbers[1]]
    assert told["stops"][0]["leg"] == pytest.approx(95, abs=1)
    assert told["metres"] == pytest.approx(sum(stop["leg"] for stop in told["stops"]), abs=2)
    for form in ({}, {"lon": "x", "lat": "1"}, {"lon": "nan", "lat": "31"}, {"lon": "200", "lat": "31"}):
        assert walker.post("/mine/route", data=form).status_code == 400


def test_a_walked_cell_is_written_down_and_the_patrol_counts_it(officer, numbers, records):
    assert "今日已巡 0 / 1 格" in officer.get("/mine").text
    with records() as session:
        cell = ticket(session, numbers[0]).cell_code
    answer = officer.post("/mine/visits", data={"cell": cell, "back": "/mine"}, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.location) == (302, "/mine")
    page = officer.get("/mine").text
    assert "今日已巡 1 / 1 格" in page
    assert "本格今日已巡</span>" in page
    with records() as session:
        (kept,) = session.scalars(select(CellVisit))
        assert (kept.cell_code, kept.duty_grid_code, kept.town_code) == (cell, "D1", TOWN)


def test_the_cell_one_stands_in_is_found_by_the_server(officer, numbers):
    lon, lat = at(0.3, 0.5)
    place = {"lon": lon, "lat": lat, "accuracy_m": 20}
    first = officer.post("/mine/visits", data=place, headers=JSON).get_json()
    assert (first["visited"], first["cells"]) == (1, 1)
    assert first["said"].endswith("格今日已巡。")
    again = officer.post("/mine/visits", data=place, headers=JSON).get_json()
    assert again["said"].endswith("格今日已记过。")
    vague = officer.post("/mine/visits", data={**place, "accuracy_m": 900}, headers=JSON)
    assert vague.status_code == 409
    assert vague.get_json()["said"].startswith("定位误差约 900 米")
    lon, lat = at(0.9, 0.5)
    foreign = officer.post("/mine/visits", data={"lon": lon, "lat": lat}, headers=JSON)
    assert foreign.status_code == 409
    assert "不在您的责任网格内" in foreign.get_json()["said"]


@pytest.mark.parametrize(
    ("form", "status"),
    [
        pytest.param({}, 400, id="nothing said"),
        pytest.param({"cell": "310112000000000"}, 404, id="no such cell"),
        pytest.param({"lon": WEST - 1, "lat": SOUTH}, 422, id="outside"),
        pytest.param({"lon": WEST, "lat": SOUTH, "accuracy_m": "-3"}, 400, id="less than exact"),
    ],
)
def test_a_walk_that_cannot_be_is_refused(walker, form, status):
    assert walker.post("/mine/visits", data=form, headers=JSON).status_code == status


@pytest.mark.parametrize("query", ["desk=file", "sort=loud", "moved=a%00b", "page=2"])
def test_an_address_that_says_something_else_is_refused(walker, query):
    assert walker.get(f"/mine?{query}").status_code == 400


@pytest.mark.parametrize(
    ("role", "status"), [("viewer", 403), ("planner", 403), ("town_office", 200), ("district", 200)]
)
def test_who_has_a_list_of_their_own(signed_in, numbers, role, status):
    assert signed_in(role).get("/mine").status_code == status


def test_a_visitor_signs_in_first(client, app, numbers):
    app.config["WTF_CSRF_ENABLED"] = False
    assert client.get("/mine").status_code == 401
    for path in ("/mine/route", "/mine/visits"):
        assert client.post(path).status_code == 401


def test_a_list_with_nothing_in_it_says_so(walker, numbers, records):
    with records() as session:
        for each in session.scalars(select(Ticket)):
            move_ticket(session, each.number, "cancel", actor="zhao", role="town_office", reason="演练")
    page = walker.get("/mine").text
    assert listed(page) == []
    assert "没有待您办理的工单" in page
