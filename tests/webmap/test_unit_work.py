"""A unit's own page of work: what it has to do, how it does, and the moves that are its own."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from makers import add_areas, add_block, add_unit, at
from sqlalchemy import text

from geodata.models import FilingRule
from geodata.services.moves import move_ticket
from geodata.services.tickets import Position, open_ticket, ticket
from geodata.services.users import add_user

TOWN = "310112101000"
PASSWORD = "a long password"


def fill(session):
    """Four tickets given to a market with room for four and a block of its own; the third was closed too late."""
    session.query(FilingRule).delete()
    add_areas(session)
    unit = add_unit(session, "U1", 0.6, 0.5, kind="market", town_code=TOWN, village_code="310112101001", capacity=4)
    add_unit(session, "U2", 0.9, 0.5, kind="school", town_code=TOWN)
    add_block(session, "B1", 0, 0, 1, 1, unit)
    lon, lat = at(0.5, 0.5)
    found = []
    for title in ("一", "二", "三", "四"):
        made = open_ticket(session, category="0501", title=title, actor="anna", position=Position(lon, lat, "wgs84"))
        found.append(made.number)
    late = ticket(session, found[2])
    late.state, late.closed_at, late.due_at = "closed", datetime.now(UTC), datetime.now(UTC) - timedelta(hours=1)
    move_ticket(session, found[3], "return", actor="omar", role="officer", reason="不归我们", facts={"code": "other"})
    return found


FILLED_BY = {"numbers": fill}


@pytest.fixture
def numbers(ground):
    return ground.told


@pytest.fixture
def market(app, records, numbers):
    """Somebody of the market, signed in."""
    app.config["WTF_CSRF_ENABLED"] = False
    with records() as session:
        add_user(session, "market", password=PASSWORD, role="unit", unit="U1")
    browser = app.test_client()
    assert browser.post("/login", data={"name": "market", "password": PASSWORD}).status_code == 302
    return browser


def listed(page):
    return re.findall(r'<li class="stop" id="t([\d-]+)"', page)


def test_somebody_of_a_unit_lands_on_its_page_and_works_from_there(market, numbers, records):
    answer = market.get("/mine")
    assert (answer.status_code, answer.location) == (302, "/units/U1/work")
    page = market.get(answer.location).text
    assert sorted(listed(page)) == sorted(numbers[:2])
    assert "在办 2 / 可同时承办 4 件" in page
    assert "区块B1" in page
    assert re.search(r"近 30 天按期率.*?0 %</a> <small>0/1", page, re.S)
    assert re.search(r"近 30 天回退</dt><dd class=\"number\">1<", page)
    back = f"/units/U1/work?moved={numbers[0]}"
    for action, form in (("accept", {}), ("handle", {}), ("ask_extend", {"reason": "缺料", "amount": "8"})):
        moved = market.post(f"/tickets/{numbers[0]}/{action}", data={**form, "back": back})
        assert (moved.status_code, moved.location) == (302, back)
    page = market.get(back).text
    assert "处置中" in page
    assert "申请延期" in page
    assert market.post(f"/tickets/{numbers[0]}/done", data={"back": back}).status_code == 302


def test_what_a_unit_returns_is_gone_from_its_list_and_that_is_said(market, numbers):
    back = f"/units/U1/work?moved={numbers[1]}"
    form = {"reason": "不在辖区", "code": "wrong_place", "back": back}
    assert 'name="code"' in market.get("/units/U1/work").text
    answer = market.post(f"/tickets/{numbers[1]}/return", data=form, follow_redirects=True)
    assert f"{numbers[1]} 已转给其他单位。" in answer.text
    assert listed(answer.text) == numbers[:1]


def test_a_unit_sees_no_other_units_work(market, numbers):
    assert market.get("/units/U2/work").status_code == 404
    assert market.get("/units/U9/work").status_code == 404
    assert market.post(f"/tickets/{numbers[3]}/accept").status_code == 404


def test_an_office_looks_over_the_shoulder_of_a_unit(signed_in, numbers):
    office = signed_in("town_office", area_code=TOWN)
    assert 'href="/units/U1/work"' in office.get("/units/U1").text
    page = office.get("/units/U1/work").text
    assert sorted(listed(page)) == sorted(numbers[:2])
    assert "该单位没有在办工单" in office.get("/units/U2/work").text
    english = office.get("/units/U1/work?lang=en").text
    assert "2 of 4 tickets at a time" in english


def test_a_full_unit_says_so(market, numbers, records):
    with records() as session:
        ticket(session, numbers[0])
        session.execute(text("UPDATE member_unit SET capacity = 2 WHERE code = 'U1'"))
    assert "已满" in market.get("/units/U1/work").text


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("planner", 403), ("officer", 200), ("district", 200)])
def test_whose_work_it_is(signed_in, numbers, role, status):
    assert signed_in(role).get("/units/U1/work").status_code == status


def test_an_address_that_says_something_else_is_refused(market):
    assert market.get("/units/U1/work?page=2").status_code == 400
