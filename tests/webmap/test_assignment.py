"""Pages of assignment: many at once, one by hand, and the policy that both follow."""

import re

import pytest
from makers import add_areas, add_unit, at
from sqlalchemy import func, select

from geodata.models import Assignment, AssignmentPolicy
from geodata.services.assignment import given, latest
from geodata.services.policies import former, set_policy
from geodata.services.tickets import Position, open_ticket, ticket
from spatial.assign import Policy

WEST, EAST = "310112101000", "310112102000"


def fill(session):
    """Numbers of two western tickets, of which the first stands between two units with room for one, and an eastern."""
    add_areas(session)
    set_policy(session, WEST, Policy(order=("metres",)), actor="centre")
    for code, east in (("U1", 0.2), ("U2", 0.9)):
        add_unit(session, code, east, 1.0, capacity=1, town_code=WEST, village_code="310112101001")
    add_unit(session, "B1", 0.9, 1.1, kind="bank", town_code=WEST, village_code="310112101001")
    numbers = []
    for east in (0.6, 0.95, 3.0):
        place = Position(*at(east, 1.0), "wgs84")
        made = open_ticket(session, category="0102", title="垃圾", actor="anna", position=place, assign_now=False)
        numbers.append(made.number)
    return numbers


FILLED_BY = {"street": fill}


@pytest.fixture
def street(ground):
    return ground.told


def lies_with(records, *numbers):
    """Codes of the units that have the tickets, None for an office or nobody."""
    found = []
    with records() as session:
        for number in numbers:
            kept = latest(session, ticket(session, number))
            unit = given(kept) if kept else None
            found.append(unit["unit"]["code"] if unit else None)
    return found


def proposed(page):
    """The numbers that the page's buttons carry."""
    return re.search(r'name="numbers" value="([^"]*)"', page).group(1).split()


def test_both_ways_stand_beside_each_other_and_nothing_is_done(signed_in, street, records):
    page = signed_in("town_office", area_code=WEST).get("/assign").text
    assert "待派工单 2 件" in page
    assert "同样派出 2 件，总距离少 572 米（57%）" in page
    assert "两种方式有 2 件不同" in page
    assert proposed(page) == street[:2]
    assert lies_with(records, *street) == [None, None, None]


@pytest.mark.parametrize(
    ("method", "units"),
    [pytest.param("optimum", ["U1", "U2"], id="weighed together"), pytest.param("greedy", ["U2", "U1"], id="in turn")],
)
def test_one_click_gives_the_tickets_as_proposed(signed_in, street, records, method, units):
    office = signed_in("town_office", area_code=WEST)
    sent = {"method": method, "town": WEST, "numbers": " ".join(proposed(office.get("/assign").text))}
    answer = office.post("/assign", data=sent, follow_redirects=True)
    assert "已派遣：到单位 2 件，由街镇办理 0 件" in answer.text
    assert "没有待派的工单" in answer.text
    assert lies_with(records, *street) == [*units, None]
    again = office.post("/assign", data=sent, follow_redirects=True)
    assert "已不在待派状态：2 件" in again.text


def test_the_ticket_s_page_shows_the_unit_that_the_batch_gave_it_to(signed_in, street):
    office = signed_in("town_office", area_code=WEST)
    office.post("/assign", data={"method": "optimum", "numbers": street[:2]})
    page = office.get(f"/tickets/{street[0]}").text
    assert re.search(r"派遣结果.*?单位U1", page, re.S)


def test_tickets_picked_elsewhere_are_proposed_first(signed_in, street):
    office = signed_in("town_office", area_code=WEST)
    page = office.post("/assign/selection", data={"numbers": street[1]}).text
    assert "所选工单" in page
    assert proposed(page) == [street[1]]
    office.post("/assign", data={"method": "greedy", "numbers": f"{street[1]},{street[1]}"})
    page = office.post("/assign/selection", data={"numbers": street[:2]}).text
    assert "所选工单中有 1 件不在待派状态" in page


def test_the_district_sees_all_towns_or_one(signed_in, street):
    centre = signed_in("district")
    assert proposed(centre.get("/assign").text) == street
    assert proposed(centre.get(f"/assign?town={EAST}").text) == street[2:]


@pytest.mark.parametrize(
    ("role", "area", "status"),
    [
        pytest.param("viewer", None, 403, id="may only look"),
        pytest.param("officer", WEST, 403, id="does not assign"),
        pytest.param("town_office", EAST, 404, id="another town's office"),
        pytest.param("town_office", WEST, 200, id="its own office"),
        pytest.param("district", None, 200, id="the district centre"),
    ],
)
def test_who_may_look_and_give(signed_in, street, records, role, area, status):
    browser = signed_in(role, area_code=area)
    numbers = {"numbers": street[:2]}
    assert browser.get(f"/assign?town={WEST}").status_code == (403 if status == 404 else status)
    assert browser.get(f"/assign/{street[0]}").status_code == status
    assert browser.post("/assign/selection", data=numbers).status_code == status
    moved = 302 if status == 200 else status
    assert browser.post("/assign", data={**numbers, "method": "greedy"}).status_code == moved
    assert (lies_with(records, street[0]) == ["U2"]) is (status == 200)


@pytest.mark.parametrize(
    ("role", "area", "reads", "sets"),
    [
        pytest.param("viewer", None, 403, 403, id="may only look at the map"),
        pytest.param("officer", WEST, 200, 403, id="reads and tries it"),
        pytest.param("planner", None, 200, 403, id="reads and tries it everywhere"),
        pytest.param("town_office", EAST, 200, 403, id="another town's office"),
        pytest.param("town_office", WEST, 200, 302, id="its own office"),
        pytest.param("district", None, 200, 302, id="the district centre"),
    ],
)
def test_who_may_read_and_change_a_policy(signed_in, street, records, role, area, reads, sets):
    browser = signed_in(role, area_code=area)
    page = browser.get(f"/policy?town={WEST}")
    assert page.status_code == reads
    assert ("保存，即刻生效" in page.text) is (sets == 302)
    assert browser.post("/policy/end", data={"town": WEST}).status_code == sets
    with records() as session:
        assert (former(session, WEST)[0].valid_to is not None) is (sets == 302)


def test_a_trial_tells_only_of_tickets_that_whoever_asks_may_see(signed_in, street):
    signed_in("district").post("/assign", data={"method": "greedy", "numbers": street})
    tried = {"town": "", "max_distance_m": "20", "since": "2020-01-01", "until": "2099-12-31"}
    assert street[0] in signed_in("planner").post("/policy/try", data=tried).text
    office = signed_in("town_office", area_code=EAST)
    assert office.post("/policy/try", data={**tried, "town": WEST}).status_code == 403
    page = office.post("/policy/try", data={**tried, "town": EAST}).text
    assert not any(number in page for number in street[:2])


def test_a_town_s_office_reaches_neither_the_whole_district_nor_another_town(signed_in, street, records):
    office = signed_in("town_office", area_code=WEST)
    assert office.get(f"/assign?town={EAST}").status_code == 403
    assert office.post("/assign", data={"method": "greedy", "numbers": street}).status_code == 404
    assert office.post("/policy", data={"town": "", "max_distance_m": "900"}).status_code == 403
    assert office.post("/policy/end", data={"town": EAST}).status_code == 403
    assert lies_with(records, *street) == [None] * 3


def test_a_visitor_is_asked_to_sign_in(app, street):
    app.config["WTF_CSRF_ENABLED"] = False
    browser = app.test_client()
    for address in ("/assign", f"/assign/{street[0]}", "/policy"):
        assert browser.get(address).status_code == 401
    for address in ("/assign", "/assign/selection", f"/assign/{street[0]}", "/policy", "/policy/try", "/policy/end"):
        assert browser.post(address).status_code == 401


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        pytest.param({"method": "luck", "numbers": "20200101-000001"}, 400, id="unknown method"),
        pytest.param({"method": "greedy", "numbers": " , "}, 400, id="no number"),
        pytest.param({"method": "greedy", "numbers": "20200101-000001"}, 404, id="a ticket that is not there"),
        pytest.param({"method": "greedy", "numbers": "'; --"}, 404, id="no number at all"),
    ],
)
def test_what_cannot_be_given_is_refused(signed_in, street, sent, status):
    assert signed_in("district").post("/assign", data=sent).status_code == status


# ---- one by hand


def test_a_unit_is_chosen_from_the_list_with_a_reason(signed_in, street, records):
    office = signed_in("town_office", area_code=WEST)
    page = office.get(f"/assign/{street[0]}").text
    assert page.index("单位U2") < page.index("单位U1") < page.index("单位B1")
    assert "治理清单目录中这类单位不受理此类别" in page
    answer = office.post(f"/assign/{street[0]}", data={"unit": "U1", "reason": "U2 搬迁"}, follow_redirects=True)
    assert "U2 搬迁" in answer.text
    assert lies_with(records, street[0]) == ["U1"]
    with records() as session:
        kept = latest(session, ticket(session, street[0]))
        assert (kept.method, kept.reason, kept.actor) == ("hand", "U2 搬迁", "town_office")


def test_any_unit_may_be_named_by_its_code(signed_in, street, records):
    office = signed_in("town_office", area_code=WEST)
    office.post(f"/assign/{street[0]}", data={"unit": "U1", "other": " B1 ", "reason": "行内自查"})
    assert lies_with(records, street[0]) == ["B1"]
    told = office.get(f"/tickets/{street[0]}").text
    assert "人工选择：行内自查" in told
    assert re.search(r"规则的不同意见：\s*治理清单目录中这类单位不受理此类别", told)
    page = office.get(f"/assign/{street[0]}").text
    assert re.search(r'value="B1" disabled', page)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        pytest.param({"reason": "近"}, "请选择单位，或填写编码", id="nobody chosen"),
        pytest.param({"other": "Z9", "reason": "近"}, "没有编码为“Z9”的单位", id="unknown code"),
    ],
)
def test_a_slip_leads_back_to_the_list(signed_in, street, records, sent, said):
    office = signed_in("town_office", area_code=WEST)
    assert said in office.post(f"/assign/{street[0]}", data=sent, follow_redirects=True).text
    assert lies_with(records, street[0]) == [None]


def test_a_choice_without_a_reason_is_refused(signed_in, street, records):
    office = signed_in("town_office", area_code=WEST)
    assert office.post(f"/assign/{street[0]}", data={"unit": "U1", "reason": " "}).status_code == 409
    assert lies_with(records, street[0]) == [None]


def test_the_ticket_s_page_leads_to_the_choice_for_those_who_may(signed_in, street):
    link = f'href="/assign/{street[0]}"'
    assert link in signed_in("town_office", area_code=WEST).get(f"/tickets/{street[0]}").text
    assert link not in signed_in("officer").get(f"/tickets/{street[0]}").text


# ---- the policy

FORM = {
    "town": WEST,
    "rank-holder_point": "1",
    "rank-holder_block": "2",
    "rank-score": "3",
    "weight-load": "60",
    "weight-village": "",
    "max_distance_m": "1200",
    "since": "2020-01-01",
    "until": "2099-12-31",
    "note": "试行",
}


def test_a_town_s_office_changes_its_own_policy_from_now_on(signed_in, street, records):
    office = signed_in("town_office", area_code=WEST)
    assert "距离" in office.get("/policy").text
    page = office.post("/policy", data=FORM, follow_redirects=True).text
    assert "新策略已生效" in page
    assert "责任点 → 责任区块 → 综合分" in page
    assert "每件在办工单 60 m" in page
    with records() as session:
        newest, oldest = former(session, WEST)
        assert (newest.rank_order, newest.weights["load"], newest.max_distance_m) == (
            ["holder_point", "holder_block", "score"],
            60,
            1200,
        )
        assert (newest.note, newest.actor, newest.valid_to) == ("试行", "town_office", None)
        assert (oldest.rank_order, oldest.valid_to) == (["metres"], newest.valid_from)


def test_a_town_may_follow_the_district_again(signed_in, street, records):
    office = signed_in("town_office", area_code=WEST)
    page = office.post("/policy/end", data={"town": WEST}, follow_redirects=True).text
    assert "原策略已停止使用" in page
    assert "默认策略" in page
    with records() as session:
        assert former(session, WEST)[0].valid_to is not None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"max_distance_m": "0"}, "最远距离要填大于 0 的米数", id="no distance"),
        pytest.param({"max_distance_m": "far"}, "最远距离要填大于 0 的米数", id="no number"),
        pytest.param({"weight-load": "-5"}, "“每件在办工单”要填不小于 0 的米数", id="weight below nothing"),
        pytest.param({"weight-load": "1e999"}, "“每件在办工单”要填不小于 0 的米数", id="weight without end"),
        pytest.param({"weight-load": "&lt;b&gt;<b>"}, "“每件在办工单”要填不小于 0 的米数", id="markup"),
    ],
)
@pytest.mark.parametrize("address", ["/policy", "/policy/try"])
def test_a_slip_of_the_form_is_said_at_its_field_and_nothing_changes(signed_in, street, records, change, said, address):
    answer = signed_in("town_office", area_code=WEST).post(address, data={**FORM, **change})
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="试行"' in answer.text
    assert "<b>" not in answer.text
    with records() as session:
        assert session.scalar(select(func.count()).select_from(AssignmentPolicy)) == 1


def test_a_period_that_ends_before_it_begins_is_said(signed_in, street):
    office = signed_in("town_office", area_code=WEST)
    for change in ({"until": "2019-01-01"}, {"since": "soon"}):
        answer = office.post("/policy/try", data={**FORM, **change})
        assert (answer.status_code, "开始日期不能晚于结束日期" in answer.text) == (422, True)


def test_a_change_is_tried_over_past_tickets_with_counts_a_map_and_a_list(signed_in, street, records):
    office = signed_in("town_office", area_code=WEST)
    office.post("/assign", data={"method": "greedy", "numbers": street[:2]})
    page = office.post("/policy/try", data={**FORM, "max_distance_m": "20"}).text
    figures = dict(re.findall(r"<dt>([^<]*)</dt><dd>([\d,]+)</dd>", page))
    assert (figures["重新试算"], figures["单位改为街镇"], figures["单位不变"]) == ("2", "2", "0")
    assert page.count(f'href="/tickets/{street[0]}"') == 1
    assert '<svg xmlns="http://www.w3.org/2000/svg"' in page
    assert 'class="moves-picture"' in page
    with records() as session:
        assert session.scalar(select(func.count()).select_from(AssignmentPolicy)) == 1
        assert session.scalar(select(func.count()).select_from(Assignment)) == 2


def test_without_past_tickets_a_trial_says_so(signed_in, street):
    page = signed_in("district").post("/policy/try", data={**FORM, "town": EAST}).text
    assert "这段时间没有按规则派遣的工单" in page
    assert "moves-picture" not in page
