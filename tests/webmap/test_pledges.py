"""The pages of pledges: the list, one of them with what it was kept for, and the forms."""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
from makers import add_areas, add_unit, at

from geodata.queries.pledges import one
from geodata.services.assignment import assign
from geodata.services.moves import move_ticket
from geodata.services.tickets import Position, open_ticket

WEST, EAST = "310112101000", "310112102000"
FORM = {"unit": "BANK", "name": "门前三包", "category_codes": ["0102", "0104"], "radius_m": "400"}


@pytest.fixture(autouse=True)
def town(records):
    with records() as session:
        add_areas(session)
        add_unit(session, "NEAR", 1.0, 1.0, kind="property", town_code=WEST)
        add_unit(session, "BANK", 1.3, 1.0, kind="bank", town_code=WEST, village_code="310112101002")
        add_unit(session, "FAR", 3.0, 1.0, kind="bank", town_code=EAST)


def text_of(answer):
    page = re.sub(r"<(script|style)\b.*?</\1>", " ", answer.text, flags=re.S)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", page)))


def stored(records, code="L001"):
    with records() as session:
        return one(session, code)


def add(browser, **more):
    answer = browser.post("/pledges/new", data=FORM | more)
    assert answer.status_code == 302, text_of(answer)
    return answer.headers["Location"]


def kept_ticket(records):
    """A ticket that was given to the bank for its pledge and reported done."""
    with records() as session:
        where = Position(*at(1.1, 1.0), "wgs84")
        facts = {"category": "0102", "title": "路边垃圾", "actor": "officer", "assign_now": False}
        held = open_ticket(session, position=where, **facts)
        decision = assign(session, held, actor="town")
        assert decision.chosen is not None
        assert decision.chosen.unit.code == "BANK"
        for action, photos in (("accept", ()), ("handle", ()), ("done", ("after",))):
            move_ticket(session, held.number, action, actor="li", role="officer", photos=photos)
        return held.number


def test_a_pledge_is_written_down_and_read_by_everybody(signed_in, records, client):
    address = add(signed_in("district"), hours="08:00-18:00")
    made = stored(records)
    assert (made.name, made.category_codes, made.radius_m, made.hours) == (
        "门前三包",
        ["0102", "0104"],
        400.0,
        "08:00-18:00",
    )
    page = text_of(client.get(address))
    assert "单位周围 400 米" in page
    assert "暴露垃圾、道路不洁" in page
    assert "门前三包" in text_of(client.get("/pledges"))
    assert "门前三包" in text_of(client.get("/units/BANK"))


def test_the_list_is_narrowed_to_town_unit_and_kind_of_issue(signed_in, records):
    browser = signed_in("district")
    add(browser)
    add(browser, unit="FAR", name="夜间开放停车场", category_codes=["0505"])
    for query, shown, hidden in (
        (f"town={WEST}", "门前三包", "夜间开放停车场"),
        ("unit=FAR", "夜间开放停车场", "门前三包"),
        ("category=0505", "夜间开放停车场", "门前三包"),
    ):
        page = text_of(browser.get(f"/pledges?{query}"))
        assert shown in page
        assert hidden not in page


def test_a_kept_pledge_shows_its_ticket_and_that_it_was_reopened(signed_in, records):
    browser = signed_in("district")
    address = add(browser)
    number = kept_ticket(records)
    page = text_of(browser.get(address))
    assert "因承诺派到的工单 1" in page
    assert "其中已兑现 1" in page
    assert number in page
    assert "已重办" not in page
    assert "承诺：门前三包" in text_of(browser.get(f"/tickets/{number}"))
    with records() as session:
        move_ticket(session, number, "check", actor="wang", role="officer")
        move_ticket(session, number, "close", actor="zhao", role="town_office")
        move_ticket(session, number, "reopen", actor="zhao", role="town_office", reason="又脏了")
    page = text_of(browser.get(address))
    assert number in page
    assert "已重办" in page


def test_tickets_of_a_pledge_are_for_those_who_sign_in(signed_in, records, client):
    address = add(signed_in("district"))
    number = kept_ticket(records)
    page = text_of(client.get(address))
    assert number not in page
    assert "其中已兑现 1" in page


def test_a_town_office_keeps_the_pledges_of_its_own_units_alone(signed_in, records):
    office = signed_in("town_office", area_code=WEST)
    add(office)
    assert office.post("/pledges/new", data=FORM | {"unit": "FAR"}).status_code == 403
    assert signed_in("planner").get("/pledges/L001/edit").status_code == 403


def test_a_change_and_an_end_are_told_with_who_made_them(signed_in, records):
    browser = signed_in("district")
    address = add(browser)
    browser.post(f"{address}/edit", data=FORM | {"name": "门前四包", "radius_m": "80"})
    assert stored(records).radius_m == 80.0
    soon = (datetime.now(UTC) + timedelta(days=30)).date()
    browser.post(f"{address}/end", data={"valid_to": soon.isoformat()})
    assert stored(records).valid_to == soon
    page = text_of(browser.get(address))
    assert "承诺 门前三包 → 门前四包" in page
    assert "半径（米） 400.0 → 80.0" in page


@pytest.mark.parametrize(
    ("more", "field"),
    [
        pytest.param({"unit": "没有"}, "unit", id="no such unit"),
        pytest.param({"name": " "}, "name", id="no name"),
        pytest.param({"radius_m": ""}, "radius_m", id="reaching nowhere"),
        pytest.param({"radius_m": "99999"}, "radius_m", id="too far"),
        pytest.param({"hours": "晚上"}, "hours", id="no hours"),
        pytest.param({"area_code": "town 310112999000"}, "area_code", id="no such town"),
        pytest.param({"category_codes": ["9999"]}, "category_codes", id="no such kind"),
        pytest.param({"lon": "121.4"}, "place", id="half a place"),
        pytest.param({"valid_from": "2026-05-01", "valid_to": "2026-04-01"}, "valid_to", id="ending before it begins"),
    ],
)
def test_a_refused_form_says_at_which_field_and_keeps_what_was_typed(signed_in, records, more, field):
    answer = signed_in("district").post("/pledges/new", data=FORM | more)
    assert answer.status_code == 422
    assert f'id="wrong-{field}"' in answer.text
    assert 'value="0104" checked' in answer.text or field == "category_codes"
    assert stored(records) is None


def test_a_pledge_for_a_whole_town_and_one_at_a_place_of_its_own(signed_in, records, client):
    browser = signed_in("district")
    add(browser, area_code=f"town {EAST}")
    made = stored(records)
    assert (made.level, made.area_code, made.radius_m) == ("town", EAST, None)
    lon, lat = at(3.0, 1.0)
    address = add(browser, lon=str(lon), lat=str(lat), name="停车场")
    made = stored(records, address.rsplit("/", 1)[1])
    assert made.town_code == EAST
    assert "位置周围 400 米" in text_of(client.get(address))
    assert "东镇全域" in text_of(client.get("/pledges/L001"))


def test_an_ended_pledge_is_left_out_unless_asked_for(signed_in, records):
    browser = signed_in("district")
    add(browser, valid_from="2020-01-01", valid_to="2021-01-01")
    assert stored(records).valid_to == date(2021, 1, 1)
    assert "没有符合条件的承诺" in text_of(browser.get("/pledges"))
    page = text_of(browser.get("/pledges?ended=yes"))
    assert "已结束" in page
    assert browser.post("/pledges/L001/end", data={}).status_code == 409
    assert browser.get("/pledges/L999").status_code == 404
