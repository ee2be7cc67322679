import re

import pytest
from makers import add_areas, add_unit
from sqlalchemy import func, select

from geodata.models import Ticket

PLACE = {"lon": "121.405", "lat": "31.105"}
GOOD = {**PLACE, "category": "0501", "title": "路边摆摊"}


@pytest.fixture
def officer(signed_in, records):
    with records() as session:
        add_areas(session)
        add_unit(session, "MARKET", 0.51, 0.5, kind="market", town_code="310112101000")
    return signed_in("officer")


def stored(records):
    with records() as session:
        return session.scalar(select(func.count()).select_from(Ticket))


def test_a_report_becomes_a_ticket_with_its_unit(officer, records):
    page = officer.get("/report?lon=121.405&lat=31.105&category=0501")
    assert "一村" in page.text
    assert re.search(r'value="0501" selected', page.text)
    answer = officer.post("/report", data={**GOOD, "description": "每天傍晚\r\n都有", "address": "某路9号"})
    assert answer.status_code == 302
    assert "单位MARKET" in officer.get(answer.location).text
    with records() as session:
        made = session.scalars(select(Ticket)).one()
        assert (made.title, made.description, made.address) == ("路边摆摊", "每天傍晚\n都有", "某路9号")
        assert (made.datum, made.datum_evidence, made.accuracy_m, made.town_code) == (
            "wgs84",
            "declared",
            None,
            "310112101000",
        )


def test_the_position_of_a_device_is_kept_as_such(officer, records):
    page = officer.get("/report?lon=121.405&lat=31.105&accuracy=12")
    assert 'name="accuracy_m" value="12.0"' in page.text
    officer.post("/report", data={**GOOD, "accuracy_m": "12"})
    with records() as session:
        made = session.scalars(select(Ticket)).one()
        assert (made.datum_evidence, made.accuracy_m) == ("device", 12)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"category": ""}, "请选择问题类别"),
        ({"category": "9999"}, "请选择问题类别"),
        ({"title": "  "}, "请用几个字说明问题"),
        ({"title": "长" * 101}, "最多 100 字"),
        ({"description": "长" * 2001}, "最多 2000 字"),
        ({"lon": "", "lat": ""}, "还没有位置"),
        ({"lon": "nan"}, "还没有位置"),
        ({"lon": "10", "lat": "10"}, "本区之外"),
        ({"accuracy_m": "300"}, "定位误差 300 米"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(officer, records, changes, words):
    answer = officer.post("/report?lang=zh_Hans", data={**GOOD, "address": "某路9号", **changes})
    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="某路9号"' in answer.text
    assert stored(records) == 0


def test_what_is_reported_already_is_shown_before_another_is_sent(officer, records):
    number = officer.post("/report", data=GOOD).location.rsplit("/", 1)[1]
    seen_first = officer.post("/report", data=GOOD)
    assert seen_first.status_code == 200
    assert number in seen_first.text
    assert "路边摆摊" in seen_first.text
    assert stored(records) == 1
    assert number in officer.get("/report?lon=121.405&lat=31.105&category=0501").text
    assert officer.post("/report", data={**GOOD, "seen": number}).status_code == 302
    assert stored(records) == 2


def test_who_may_not_report_is_refused(client, signed_in, officer):
    assert client.get("/report", headers={"Accept": "application/json"}).status_code == 401
    for role in ("viewer", "planner"):
        browser = signed_in(role)
        assert browser.get("/report", headers={"Accept": "application/json"}).status_code == 403
        assert browser.post("/report", data=GOOD, headers={"Accept": "application/json"}).status_code == 403


def test_a_form_that_is_not_ours_is_refused(app, officer, records):
    app.config["WTF_CSRF_ENABLED"] = True
    assert officer.post("/report", data=GOOD).status_code == 403
    assert stored(records) == 0


def test_fields_that_are_not_asked_for_change_nothing(officer, records):
    officer.post(
        "/report", data={**GOOD, "state": "closed", "number": "X", "town_code": "310112102000", "actor": "admin"}
    )
    with records() as session:
        made = session.scalars(select(Ticket)).one()
        assert (made.state, made.town_code) == ("dispatched", "310112101000")
        assert made.number != "X"


def test_hostile_words_stand_as_text(officer):
    page = officer.post("/report", data={**GOOD, "title": "", "description": "</textarea><script>alert(1)</script>"})
    assert "<script>alert" not in page.text
    assert officer.get("/report?lon=121.405&lat=31.105&category=<b>").status_code == 200
    assert officer.get("/report?lon=x&lat=1").status_code == 400
