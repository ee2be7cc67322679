"""The pages of whistle calls: called from a ticket or a place, who says they are there, minutes and tasks."""

from datetime import UTC, datetime, timedelta

import pytest
from makers import add_areas, add_unit, at
from sqlalchemy import select

from geodata.models import MemberUnit, Ticket, WhistleCall, WhistleInvitee
from geodata.services import whistle
from geodata.services.pyramid import fold
from geodata.services.tickets import Position, open_ticket
from geodata.services.users import add_user
from geodata.services.whistle import CallDraft, Invited

WEST, EAST = "310112101000", "310112102000"
NINE = datetime(2026, 3, 10, 1, 0, tzinfo=UTC)
CODE = "W202603-001"
CALL = {
    "area": f"town:{WEST}",
    "reason": "后巷建筑垃圾偷倒",
    "meet_at": "2026-03-10T09:00",
    "lon": "121.405",
    "lat": "31.11",
    "address": "菜场后巷",
    "who_1": "单位U1",
    "part_1": "安保部",
    "who_2": WEST,
    "part_2": "城管科",
}


def fill(session):
    add_areas(session)
    for code, town in (("U1", WEST), ("U2", EAST)):
        add_unit(session, code, 0.5, 1.1, town_code=town)
    place = Position(*at(0.5, 1.0), "wgs84")
    made = open_ticket(session, category="0102", title="后巷垃圾", actor="anna", position=place, address="后巷")
    fold(session)
    return made.number


FILLED_BY = {"records": fill}


@pytest.fixture
def number(ground):
    """The ticket that there is, of the western town."""
    return ground.told


@pytest.fixture
def office(signed_in):
    """Somebody of the western town's office."""
    return signed_in("town_office", area_code=WEST)


@pytest.fixture
def unit(app, records, office):
    """Somebody of the unit U1."""
    with records() as session:
        add_user(session, "unit", password="a long password", role="unit", unit="U1")
    browser = app.test_client()
    browser.post("/login", data={"name": "unit", "password": "a long password"})
    return browser


@pytest.fixture
def called(office, records):
    """A call of the western town to U1 and the town's office; its code."""
    with records() as session:
        invited = (Invited("U1", part="安保部"), Invited(office=WEST, part="城管科"))
        draft = CallDraft("town", WEST, "后巷偷倒", NINE, at(0.5, 1.0), invited)
        return whistle.call(session, draft, actor="town_office", at=NINE - timedelta(hours=1)).code


def arrivals(records):
    with records() as session:
        return [
            (one.seq, one.arrived_at is not None, one.arrived_m)
            for one in session.scalars(select(WhistleInvitee).order_by(WhistleInvitee.seq))
        ]


def test_an_office_calls_units_and_offices_to_a_place(office, records):
    answer = office.post("/whistle", data=CALL)
    assert answer.status_code == 302
    page = office.get(answer.location).text
    told = ("后巷建筑垃圾偷倒", "菜场后巷", "单位U1", "安保部", "西镇", "城管科", "待到场", "应到 2 家，已到 0 家")
    assert [word for word in told if word not in page] == []
    assert "place-map" in page
    listed = office.get("/whistle").text
    assert "后巷建筑垃圾偷倒" in listed
    assert "进行中 1 件" in listed


def test_a_call_about_a_ticket_is_prefilled_and_each_leads_to_the_other(office, number):
    assert f"/whistle/new?ticket={number}" in office.get(f"/tickets/{number}").text
    form = office.get(f"/whistle/new?ticket={number}").text
    assert all(word in form for word in ("后巷垃圾", f'value="{number}"', 'value="121.405000"', 'value="31.110000"'))
    answer = office.post("/whistle", data=CALL | {"ticket": number})
    assert f'href="/tickets/{number}"' in office.get(answer.location).text
    ticket = office.get(f"/tickets/{number}").text
    assert answer.location in ticket
    assert "后巷建筑垃圾偷倒" in ticket


def test_a_call_for_a_place_begins_there(signed_in):
    form = signed_in("district").get("/whistle/new?lon=121.435&lat=31.105").text
    assert 'value="121.435000"' in form
    assert 'value="31.105000"' in form
    assert f'value="town:{EAST}" selected' in form


@pytest.mark.parametrize(
    "typed",
    [
        {"reason": ""},
        {"meet_at": ""},
        {"meet_at": "soon"},
        {"lon": "", "lat": ""},
        {"lon": "", "lat": "", "find": "没有这个地方"},
        {"lon": "121.4", "lat": ""},
        {"who_1": "", "part_1": "", "who_2": "", "part_2": ""},
        {"who_1": "没有这个单位"},
        {"who_3": "", "part_3": "城管科"},
        {"part_1": "长" * 101},
    ],
)
def test_a_refused_call_comes_back_as_it_was_typed(office, records, typed):
    answer = office.post("/whistle", data=CALL | typed)
    assert answer.status_code == 422
    assert "菜场后巷" in answer.text
    assert 'aria-invalid="true"' in answer.text
    with records() as session:
        assert session.scalars(select(WhistleCall)).all() == []


def test_nobody_calls_for_another_town_nor_about_a_ticket_they_do_not_see(office, records, signed_in, number):
    assert office.post("/whistle", data=CALL | {"area": f"town:{EAST}"}).status_code == 403
    other = signed_in("officer", area_code=EAST)
    assert other.get(f"/whistle/new?ticket={number}").status_code == 404
    form = CALL | {"area": f"town:{EAST}", "ticket": number}
    assert other.post("/whistle", data=form).status_code == 404


def test_a_unit_says_that_it_is_there_and_how_far_that_is_is_shown(unit, called, records):
    page = unit.get(f"/whistle/{called}").text
    assert page.count("我已到场") == 1
    assert "代记到场" not in page
    form = {"seq": "1", "lon": "121.405", "lat": "31.1155"}
    assert unit.post(f"/whistle/{called}/arrive", data=form).status_code == 302
    page = unit.get(f"/whistle/{called}").text
    # 5.5 thousandths of a degree of latitude
    assert 'class="mark asked">不在现场，距现场 610 米' in page
    assert "我已到场" not in page
    assert [one[:2] for one in arrivals(records)] == [(1, True), (2, False)]
    assert unit.post(f"/whistle/{called}/arrive", data=form).status_code == 422


def test_without_a_position_the_arrival_counts_and_says_so(unit, called, records):
    unit.post(f"/whistle/{called}/arrive", data={"seq": "1", "lon": "", "lat": ""})
    assert arrivals(records)[0] == (1, True, None)
    assert "未记录位置" in unit.get(f"/whistle/{called}").text


def test_an_arrival_is_taken_back_with_a_reason_that_stays_on_the_page(unit, office, called, records):
    for seq in ("1", "2"):
        office.post(f"/whistle/{called}/arrive", data={"seq": seq})
    assert unit.get(f"/whistle/{called}").text.count(f'action="/whistle/{called}/take-back"') == 1
    assert unit.post(f"/whistle/{called}/take-back", data={"seq": "2", "why": "x"}).status_code == 403
    refused = unit.post(f"/whistle/{called}/take-back", data={"seq": "1", "why": ""})
    assert refused.status_code == 422
    assert 'aria-invalid="true"' in refused.text
    assert unit.post(f"/whistle/{called}/take-back", data={"seq": "1", "why": "点错了"}).status_code == 302
    assert [one[1] for one in arrivals(records)] == [False, True]
    page = office.get(f"/whistle/{called}").text
    assert all(word in page for word in ("撤销原因", "点错了", "应到 2 家，已到 1 家"))
    assert "我已到场" in unit.get(f"/whistle/{called}").text
    assert unit.post(f"/whistle/{called}/take-back", data={"seq": "1", "why": "x"}).status_code == 422


def test_who_is_called_finds_the_call_among_their_notices(unit, office, records):
    code = office.post("/whistle", data=CALL).location.removeprefix("/whistle/")
    page = unit.get("/notices").text
    told = ("请到现场（吹哨）", "2026-03-10 09:00 前到场", "后巷建筑垃圾偷倒", f'href="/whistle/{code}"')
    assert [word for word in told if word not in page] == []
    office.post(f"/whistle/{code}/cancel", data={"reason": "天气原因改期"})
    page = unit.get("/notices").text
    assert "吹哨已取消" in page
    # what is over hurries nobody
    assert "urgent" not in page


def test_a_unit_speaks_for_itself_alone_and_the_caller_for_all(unit, office, called, records):
    assert unit.post(f"/whistle/{called}/arrive", data={"seq": "2"}).status_code == 403
    for seq in ("1", "2"):
        form = {"seq": seq, "note": "电话确认"}
        assert office.post(f"/whistle/{called}/arrive", data=form).status_code == 302
    assert [one[1] for one in arrivals(records)] == [True, True]
    assert "现场处置" in office.get(f"/whistle/{called}").text


@pytest.mark.parametrize(
    "form",
    [{}, {"seq": "9"}, {"seq": "-1"}, {"seq": "1", "lon": "x", "lat": "y"}, {"seq": "1", "lon": "121"}],
)
def test_an_arrival_that_cannot_be_is_refused(unit, called, records, form):
    assert unit.post(f"/whistle/{called}/arrive", data=form).status_code == 422
    assert not arrivals(records)[0][1]


def test_a_call_is_finished_with_minutes_and_its_tasks_are_tracked(office, called, records, number):
    assert office.post(f"/whistle/{called}/close", data={"minutes": ""}).status_code == 422
    office.post(f"/whistle/{called}/close", data={"minutes": "当场约定两件事"})
    answer = office.post(f"/whistle/{called}/tasks", data={"words": "清运垃圾", "unit": "U1", "due_on": "2026-03-20"})
    assert answer.location == f"/whistle/{called}#r1"
    page = office.get(f"/whistle/{called}").text
    assert all(word in page for word in ("已办结", "当场约定两件事", "清运垃圾", "单位U1", "转为工单"))
    assert "我已到场" not in page
    assert "/resolutions/1/ticket" in page
    form = {"category": "0102", "title": "清运垃圾", "find": "单位U1"}
    answer = office.post("/resolutions/1/ticket", data=form)
    assert answer.location == f"/whistle/{called}#r1"
    with records() as session:
        made = session.scalars(select(Ticket).where(Ticket.source == "whistle")).one().number
    ticket = office.get(f"/tickets/{made}").text
    assert f'href="/whistle/{called}#r1"' in ticket
    assert "吹哨 W202603-001 第 1 项任务" in ticket
    refused = office.post("/resolutions/1/project", data={"joint": "welfare", "name": "x"})
    assert refused.status_code == 422
    assert "清运垃圾" in refused.text


def test_a_call_is_called_off_with_its_reason(office, called):
    office.post(f"/whistle/{called}/cancel", data={"reason": "天气原因改期"})
    page = office.get(f"/whistle/{called}").text
    assert "天气原因改期" in page
    assert "已取消" in page
    assert office.post(f"/whistle/{called}/tasks", data={"words": "x"}).status_code == 422


def test_a_unit_sees_the_calls_to_itself_alone(unit, called, records, app):
    assert called in unit.get("/whistle").text
    with records() as session:
        session.scalars(select(MemberUnit).where(MemberUnit.code == "U2")).one()
        add_user(session, "other", password="a long password", role="unit", unit="U2")
    other = app.test_client()
    other.post("/login", data={"name": "other", "password": "a long password"})
    assert called not in other.get("/whistle").text
    assert other.get(f"/whistle/{called}").status_code == 404
    assert other.post(f"/whistle/{called}/arrive", data={"seq": "1"}).status_code == 404


def test_another_towns_tasks_are_not_there_for_an_officer(signed_in, office, called):
    office.post(f"/whistle/{called}/tasks", data={"words": "清运垃圾"})
    other = signed_in("officer", area_code=EAST)
    assert other.post("/resolutions/1/words", data={"words": "x"}).status_code == 404
    own = signed_in("planner")
    assert own.post("/resolutions/1/words", data={"words": "x"}).status_code == 403


def test_what_people_write_is_shown_as_text(office):
    evil = "<script>window.__pwned=1</script>{{7*7}}"
    answer = office.post("/whistle", data=CALL | {"reason": evil, "address": evil, "part_1": evil})
    for path in ("/whistle", answer.location):
        page = office.get(path).text
        assert "<script>window" not in page
        assert "{{7*7}}" in page
