import re

import pytest
from makers import add_areas, add_unit, at
from sqlalchemy import update

from geodata.models import FilingRule
from geodata.services.clocks import clocks_of
from geodata.services.tickets import Position, events, open_ticket, ticket

WEST, EAST = "310112101000", "310112102000"


@pytest.fixture
def number(records):
    """A report in the western town, not yet given to anybody, with a market 95 m away."""
    with records() as session:
        # tests of photos send them; these are about the moves
        session.execute(update(FilingRule).values(needs_photo=False))
        add_areas(session)
        add_unit(session, "U1", 0.6, 0.5, kind="market", town_code=WEST, village_code="310112101001")
        lon, lat = at(0.5, 0.5)
        made = open_ticket(
            session, category="0501", title="占道", actor="anna", position=Position(lon, lat, "wgs84"), assign_now=False
        )
        return made.number


def state(records, number):
    with records() as session:
        return ticket(session, number).state


def test_one_click_assigns_and_the_page_says_why(signed_in, number, records):
    office = signed_in("town_office", area_code=WEST)
    assert f'/tickets/{number}/assign"' in office.get(f"/tickets/{number}").text
    answer = office.post(f"/tickets/{number}/assign", follow_redirects=True)
    assert answer.status_code == 200
    assert "单位U1" in answer.text
    assert "相距 95 米" in answer.text
    assert state(records, number) == "dispatched"


def test_a_ticket_goes_from_hand_to_hand_until_somebody_else_closes_it(signed_in, number, records):
    officer, office = signed_in("officer"), signed_in("town_office", area_code=WEST)
    office.post(f"/tickets/{number}/assign")
    for action in ("accept", "handle", "done"):
        assert officer.post(f"/tickets/{number}/{action}").status_code == 302
    assert officer.post(f"/tickets/{number}/close").status_code == 409
    assert state(records, number) == "done"
    assert office.post(f"/tickets/{number}/close").status_code == 302
    assert state(records, number) == "closed"
    with records() as session:
        told = [(event.seq, event.action) for event in events(session, ticket(session, number))]
    assert told == list(enumerate(["report", "assign", "accept", "handle", "done", "close"], start=1))


def test_returning_wants_a_reason(signed_in, number, records):
    office = signed_in("town_office", area_code=WEST)
    office.post(f"/tickets/{number}/assign")
    assert office.post(f"/tickets/{number}/return", data={"reason": "  "}).status_code == 409
    answer = office.post(f"/tickets/{number}/return", data={"reason": "不归我们"}, follow_redirects=True)
    assert "不归我们" in answer.text
    assert state(records, number) == "returned"


@pytest.mark.parametrize(
    ("role", "area", "status"),
    [
        pytest.param("viewer", None, 403, id="may only look"),
        pytest.param("officer", None, 403, id="does not assign"),
        pytest.param("town_office", EAST, 404, id="another town's office, for which there is no such ticket"),
        pytest.param("town_office", WEST, 302, id="its own office"),
        pytest.param("district", None, 302, id="the district centre"),
    ],
)
def test_who_may_assign(signed_in, number, records, role, area, status):
    assert signed_in(role, area_code=area).post(f"/tickets/{number}/assign").status_code == status
    assert state(records, number) == ("dispatched" if status == 302 else "reported")


def test_a_visitor_can_do_nothing(app, number, records):
    app.config["WTF_CSRF_ENABLED"] = False
    assert app.test_client().post(f"/tickets/{number}/assign").status_code == 401
    assert state(records, number) == "reported"


def test_buttons_are_only_those_that_work(signed_in, number):
    assert "下一步" not in signed_in("viewer").get(f"/tickets/{number}").text
    office = signed_in("town_office", area_code=WEST)
    before = office.get(f"/tickets/{number}").text
    office.post(f"/tickets/{number}/assign")
    after = office.get(f"/tickets/{number}").text
    steps = [f'action="/tickets/{number}/{action}"' for action in ("assign", "accept", "close")]
    assert [step in before for step in steps] == [True, False, False]
    assert [step in after for step in steps] == [False, True, False]


@pytest.mark.parametrize("action", ["fly", "report", "assign'--", "close"])
def test_a_move_that_is_not_there_or_not_now_is_refused(signed_in, number, records, action):
    assert signed_in("district").post(f"/tickets/{number}/{action}").status_code in {404, 409}
    assert state(records, number) == "reported"


def test_a_form_without_its_token_is_refused(app, signed_in, number, records):
    office = signed_in("town_office", area_code=WEST)
    app.config["WTF_CSRF_ENABLED"] = True
    assert office.post(f"/tickets/{number}/assign").status_code == 403
    assert state(records, number) == "reported"


def test_who_comes_too_late_reads_who_was_first(signed_in, number):
    officer, office = signed_in("officer"), signed_in("town_office", area_code=WEST)
    office.post(f"/tickets/{number}/assign")
    officer.post(f"/tickets/{number}/accept")
    answer = office.post(f"/tickets/{number}/accept")
    assert answer.status_code == 409
    assert "已有人先办理：officer" in answer.text


def test_the_page_offers_what_each_move_asks_for(signed_in, number, records):
    officer, office = signed_in("officer"), signed_in("town_office", area_code=WEST)
    page = office.get(f"/tickets/{number}").text
    assert f'/tickets/{number}/file"' in page
    assert f'/tickets/{number}/accept"' not in page
    office.post(f"/tickets/{number}/assign")
    officer.post(f"/tickets/{number}/accept")
    page = officer.get(f"/tickets/{number}").text
    assert 'name="code" required' in page
    assert 'name="amount"' in page
    assert officer.post(f"/tickets/{number}/ask_extend", data={"reason": "雨", "amount": "两"}).status_code == 409
    assert officer.post(f"/tickets/{number}/ask_extend", data={"reason": "雨", "amount": "2"}).status_code == 302
    assert "延期待批" in office.get(f"/tickets/{number}").text
    assert office.post(f"/tickets/{number}/grant_extend").status_code == 302
    assert "延长 2" in office.get(f"/tickets/{number}").text


def test_a_ticket_is_merged_and_moved_from_its_page(signed_in, number, records):
    office = signed_in("town_office", area_code=WEST)
    with records() as session:
        lon, lat = at(0.5, 0.5)
        place = Position(lon, lat, "wgs84")
        other = open_ticket(session, category="0501", title="又占道", actor="anna", position=place).number
    assert f'value="{other}"' in office.get(f"/tickets/{number}").text
    assert office.post(f"/tickets/{number}/merge", data={"into": other, "reason": "同一摊"}).status_code == 302
    assert "已并入" in office.get(f"/tickets/{number}").text
    assert office.post(f"/tickets/{number}/merge", data={"into": "20260101-000001", "reason": "x"}).status_code == 404
    lon, lat = at(1.5, 0.5)
    assert office.post(f"/tickets/{other}/place", data={"lon": lon, "lat": lat}).status_code == 302
    with records() as session:
        assert ticket(session, other).village_code == "310112101002"
    assert office.post(f"/tickets/{other}/place", data={"lon": "nan", "lat": lat}).status_code == 422


def test_unknown_moves_and_fields_change_nothing(signed_in, number, records):
    office = signed_in("town_office", area_code=WEST)
    assert office.post(f"/tickets/{number}/fly").status_code == 404
    assert office.post(f"/tickets/{number}/report").status_code == 404
    assert office.post(f"/tickets/{number}/file", data={"state": "closed", "rule": "99"}).status_code == 404
    assert state(records, number) == "reported"


def test_a_unit_is_chosen_by_hand_with_a_reason(signed_in, number, records):
    office = signed_in("town_office", area_code=WEST)
    with records() as session:
        add_unit(session, "U9", 0.7, 0.5, kind="school", town_code=WEST)
    office.post(f"/tickets/{number}/assign")
    way = f"/assign/{number}"
    assert f'href="{way}"' in office.get(f"/tickets/{number}").text
    assert office.post(way, data={"unit": "U9", "reason": " "}).status_code == 409
    assert "U0" in office.post(way, data={"other": "U0", "reason": "近"}, follow_redirects=True).text
    answer = office.post(way, data={"unit": "U9", "reason": "校门口"}, follow_redirects=True)
    assert "校门口" in answer.text
    assert "单位U9" in answer.text
    with records() as session:
        assert [event.action for event in events(session, ticket(session, number))] == ["report", "assign", "choose"]


def test_the_page_says_how_the_deadline_came_about(signed_in, number, records):
    office = signed_in("town_office", area_code=WEST)
    office.post(f"/tickets/{number}/assign")
    page = office.get(f"/tickets/{number}?lang=en").text
    told = re.findall(r'<div class="deadline-told small">\s*<p><strong>.*?</strong>&ensp;(.*?)</p>', page, re.S)
    assert told
    with records() as session:
        running = [clock for clock in clocks_of(session, ticket(session, number)) if clock.stopped_at is None]
    assert len(told) == len(running)
    assert all(sentence.startswith("From ") for sentence in told)
    assert page.count("How this was counted") == len(told)
