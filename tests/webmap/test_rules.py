"""The pages of rules, limits and calendar: what they show, who may change what, and what a wrong form says."""

import io
import re
from datetime import UTC, date, datetime, timedelta
from html import unescape

import openpyxl
import pytest
from makers import add_areas
from sqlalchemy import select

from geodata.db import session_on
from geodata.models import CalendarDay, StageClock
from geodata.services import calendars, limits, rules
from geodata.services.rules import Rule
from geodata.services.tickets import open_ticket
from geodata.services.users import add_user
from geodata.settings import Settings
from webmap.app import create_app

WEST, EAST = "310112101000", "310112102000"
SOON = (datetime.now(UTC) + timedelta(days=30)).date()
FORM = {"code": "1", "condition_zh": "路口有垃圾", "closing_zh": "清走", "amount": "3", "unit": "working_hours"}


@pytest.fixture(autouse=True)
def town(records):
    with records() as session:
        add_areas(session)


def text_of(answer):
    page = re.sub(r"<(script|style)\b.*?</\1>", " ", answer.text, flags=re.S)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", page)))


def rule(records, code="1", *, category="0102", town_code="", day=None):
    with records() as session:
        found = rules.rules_by_code(session, category, town_code=town_code, day=day)
        return rules.told_by(found[code]) if code in found else None


def test_every_category_is_listed_with_its_limits_in_words(signed_in):
    page = text_of(signed_in("viewer").get("/rules"))
    assert "56 类，101 条" in page
    assert (
        "私搭乱建 0101 5 个工作日 新发现的搭建，正在施工 需照片 30 天 已建成的违法搭建 需照片 24 小时（昼夜计）" in page
    )
    english = text_of(signed_in("officer").get("/rules?lang=en"))
    assert "4 working hours rubbish lies scattered or heaped in a public place" in english


@pytest.mark.parametrize("path", ["/rules", "/rules/0102", "/rules/limits", "/rules/calendar", "/rules/export.csv"])
def test_rules_are_for_those_who_sign_in(client, path):
    assert client.get(path).status_code == 401


def test_an_officer_reads_rules_and_changes_none(signed_in, records):
    officer = signed_in("officer")
    for path in ("/rules/0102", "/rules/limits", "/rules/calendar"):
        page = officer.get(path)
        assert page.status_code == 200
        assert '<form class="rule-form"' not in page.text
        assert "/edit" not in page.text
    for path in ("/rules/0102/edit", "/rules/limits/check"):
        assert officer.get(path).status_code == 403
        assert officer.post(path, data=FORM).status_code == 403
    for path in (
        "/rules/0102/end",
        "/rules/copy",
        "/rules/limits/check/follow",
        "/rules/calendar",
        "/rules/calendar/preview",
    ):
        assert officer.post(path, data=FORM).status_code == 403
    assert rule(records).amount == 4


def test_a_town_office_sees_its_own_town_first_and_sets_its_own_rules(signed_in, records):
    office = signed_in("town_office", area_code=WEST)
    page = text_of(office.get("/rules/0102"))
    assert "西镇对这一类没有自定条件，沿用区级。" in page
    answer = office.post("/rules/copy", data={"town": WEST, "category": "0102"}, follow_redirects=True)
    assert "西镇有自定条件，区级条件在当地不适用。" in text_of(answer)
    assert 'value="路口' not in office.get("/rules/0102/edit?code=1").text
    answer = office.post("/rules/0102/edit", data={**FORM, "town": WEST}, follow_redirects=True)
    assert "路口有垃圾 清走 3 个工作小时" in text_of(answer)
    assert (rule(records, town_code=WEST).amount, rule(records).amount) == (3, 4)
    listed = text_of(office.get("/rules"))
    assert "西镇有 1 类自定条件" in listed


@pytest.mark.parametrize("whose", ["", EAST])
def test_a_town_office_changes_neither_the_district_nor_another_town(signed_in, records, whose):
    office = signed_in("town_office", area_code=WEST)
    for path in ("/rules/0102/edit", "/rules/0102/end", "/rules/limits/check", "/rules/limits/check/follow"):
        assert office.post(path, data={**FORM, "town": whose}).status_code == 403
    for path in ("/rules/calendar", "/rules/calendar/preview"):
        assert office.post(path, data={"what": "days", "first": "2027-01-01", "kind": "off"}).status_code == 403
    assert rule(records).amount == 4
    assert '<form class="rule-form"' not in office.get("/rules/calendar").text


def test_the_district_plans_a_change_and_the_page_tells_versions_and_who(signed_in, records):
    district = signed_in("district")
    answer = district.post("/rules/0102/edit", data={**FORM, "since": SOON.isoformat()}, follow_redirects=True)
    page = text_of(answer)
    assert "待生效" in page
    assert "district：修改条件 1" in page
    assert (rule(records).amount, rule(records, day=SOON).amount) == (4, 3)
    district.post("/rules/0102/edit", data={**FORM, "code": "2", "amount": "9"})
    assert "历史版本" in text_of(district.get("/rules/0102"))


def test_a_rule_is_added_and_ended(signed_in, records):
    district = signed_in("district")
    assert 'name="code" value="5"' in district.get("/rules/0102/edit").text
    district.post("/rules/0102/edit", data={**FORM, "code": "5", "is_new": "yes", "needs_photo": "yes"})
    assert (rule(records, "5").rank, rule(records, "5").needs_photo) == (5, True)
    assert "需照片" in text_of(district.get("/rules/0102"))
    answer = district.post("/rules/0102/end", data={"code": "5"}, follow_redirects=True)
    assert "路口有垃圾" not in text_of(answer)
    assert district.post("/rules/0102/end", data={"code": "5"}).status_code == 404


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        pytest.param({"amount": "0"}, "amount", "填大于 0 的数", id="no time"),
        pytest.param({"amount": "much"}, "amount", "填大于 0 的数", id="no number"),
        pytest.param({"amount": "nan"}, "amount", "填大于 0 的数", id="nan"),
        pytest.param({"amount": "5000"}, "amount", "最多 1000", id="too long"),
        pytest.param({"unit": "weeks"}, "amount", "填大于 0 的数", id="no unit"),
        pytest.param({"condition_zh": " "}, "condition_zh", "写一句话", id="no condition"),
        pytest.param({"closing_zh": "长" * 501}, "closing_zh", "不超过 500 字", id="long words"),
        pytest.param({"rank": "0"}, "rank", "1 到 999", id="no rank"),
        pytest.param({"rank": "inf"}, "rank", "1 到 999", id="endless rank"),
        pytest.param({"code": "a b", "is_new": "yes"}, "code", "字母或数字", id="no code"),
        pytest.param({"since": "2020-01-01"}, "since", "或以后的日期", id="a day that is over"),
    ],
)
def test_a_wrong_form_says_so_beside_the_field_and_keeps_what_was_typed(signed_in, records, changes, field, words):
    answer = signed_in("district").post("/rules/0102/edit", data={**FORM, "closing_en": "gone & done", **changes})
    assert answer.status_code == 422
    assert re.search(rf'id="wrong-{field}">[^<]*{words}', answer.text)
    assert re.search(rf'name="{field}"[^>]*aria-invalid="true"', answer.text, re.S)
    assert "gone &amp; done" in answer.text
    assert rule(records).amount == 4


def test_what_is_not_there_is_not_found(signed_in):
    district = signed_in("district")
    for path in ("/rules/9999", "/rules?town=310112999000", "/rules/0102/edit?code=99", "/rules/limits/sleep"):
        assert district.get(path).status_code == 404, path
    assert district.post("/rules/9999/edit", data=FORM).status_code == 404
    assert district.get("/rules?twon=1").status_code == 400
    assert district.post("/rules/copy", data={"town": ""}).status_code == 404


def test_words_that_people_wrote_are_text_and_nothing_else(signed_in, records):
    evil = "<script>alert(1)</script>"
    with records() as session:
        rules.set_rule(session, "0102", "1", Rule(evil, evil, 1, "working_days", source=evil), actor=evil)
    for path in ("/rules", "/rules/0102", "/rules/0102/edit?code=1"):
        page = (
            signed_in("district" if path == "/rules" else f"{'admin' if 'edit' in path else 'planner'}").get(path).text
        )
        assert evil not in page


def test_the_list_is_taken_along_as_a_file(signed_in):
    viewer = signed_in("viewer")
    answer = viewer.get("/rules/export.xlsx")
    assert answer.mimetype.endswith("sheetml.sheet")
    assert "filing-rules.xlsx" in answer.headers["Content-Disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    assert (sheet.max_row, sheet["A1"].value, sheet["A2"].value) == (102, "类别编码", "0101")
    assert viewer.get(f"/rules/export.csv?town={WEST}").text.count("\n") == 1
    assert viewer.get("/rules/export.doc").status_code == 404


def test_limits_and_warnings_are_one_table(signed_in):
    page = text_of(signed_in("viewer").get("/rules/limits"))
    assert "用去 50 % 用去 80 % 用去 100 % 用去 150 %" in page
    assert "处置 按立案条件 承办单位 承办单位 责任网格员 街镇 区中心" in page
    assert "核查 2 个工作日" in page


def test_a_town_sets_a_limit_and_warnings_and_goes_back_to_the_district(signed_in, records):
    office = signed_in("town_office", area_code=WEST)
    told = {"town": WEST, "amount": "1", "unit": "working_days", "0.5 post": "yes", "1 town_office": "yes"}
    answer = office.post("/rules/limits/check", data=told, follow_redirects=True)
    assert "核查 1 个工作日 自定 责任网格员 – 街镇 –" in text_of(answer)
    with records() as session:
        row = next(one for one in limits.stages(session, town_code=WEST) if one.stage == "check")
        assert row.warned == {0.5: ["post"], 1.0: ["town_office"]}
    assert 'name="0.5 post" value="yes" checked' in office.get("/rules/limits/check").text
    answer = office.post("/rules/limits/check/follow", data={"town": WEST}, follow_redirects=True)
    assert "核查 2 个工作日 – – 街镇 –" in text_of(answer)


def test_no_amount_is_no_limit_and_a_wrong_one_is_told(signed_in, records):
    district = signed_in("district")
    answer = district.post("/rules/limits/check", data={"amount": "-2", "unit": "working_days", "is_typed": "yes"})
    assert answer.status_code == 422
    assert 'id="wrong-amount"' in answer.text
    answer = district.post("/rules/limits/check", data={"amount": "", "unit": "working_days"}, follow_redirects=True)
    assert "核查 不限时" in text_of(answer) or "核查 不限" in text_of(answer)


def cells(page):
    """Kinds of all days of the year in their order, as the page says them."""
    return re.findall(r'<td class="day (\w+)', page)


@pytest.mark.parametrize("year", [2025, 2026, 2030])
def test_the_year_of_the_page_is_that_of_the_calendar(signed_in, records, year):
    page = signed_in("viewer").get(f"/rules/calendar?year={year}").text
    with records() as session:
        known = calendars.calendar(session)
        found = calendars.year_of(session, year)
    first = date(year, 1, 1)
    days = [first + timedelta(days=count) for count in range((date(year + 1, 1, 1) - first).days)]
    shown = cells(page)
    assert len(shown) == len(days)
    assert [kind in {"work", "made_up"} for kind in shown] == [known.is_workday(day) for day in days]
    assert [kind in {"off", "made_up"} for kind in shown] == [day in known.days for day in days]
    assert f"<dd>{found.working_days}</dd>" in page
    assert re.findall(r">(\d+) 个工作日<", page) == [str(month.working_days) for month in found.months]


def test_a_year_nobody_has_named_days_of_says_so(signed_in):
    viewer = signed_in("viewer")
    assert "2030 年还没有录入放假安排" in text_of(viewer.get("/rules/calendar?year=2030"))
    assert "还没有录入" not in text_of(viewer.get("/rules/calendar?year=2026"))
    assert viewer.get("/rules/calendar?year=1066").status_code == 400


@pytest.fixture
def waiting(records):
    """A ticket that waits to be verified, and its deadline."""
    with records() as session:
        moment = datetime(2026, 3, 10, 8, 30, tzinfo=UTC)
        made = open_ticket(session, category="0102", title="垃圾", actor="anna", reported_at=moment, assign_now=False)
        return made.number


def due(records):
    with records() as session:
        return session.scalars(select(StageClock.due_at)).one()


DAYS = {"what": "days", "first": "2026-03-11", "last": "2026-03-12", "kind": "off", "name_zh": "临时放假"}


def test_a_change_is_shown_before_it_is_made(signed_in, records, waiting):
    district, before = signed_in("district"), due(records)
    preview = district.post("/rules/calendar/preview", data=DAYS)
    page = text_of(preview)
    assert "3月11–12日 放假 · 临时放假" in page.replace("2026年", "")
    assert waiting in page
    assert "推后 2 天" in page
    assert due(records) == before
    with records() as session:
        assert session.get(CalendarDay, date(2026, 3, 11)) is None
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', preview.text))
    assert {name: hidden[name] for name in DAYS} == DAYS
    answer = district.post("/rules/calendar", data=hidden, follow_redirects=True)
    assert "日历已修改，1 个正在计时的期限随之移动。" in text_of(answer)
    assert due(records) == before + timedelta(days=2)


def test_hours_are_changed_the_same_way(signed_in, records, waiting):
    district, before = signed_in("district"), due(records)
    told = {"what": "hours", "weekday": ["1", "2", "3", "4", "5"], "spells": "09:00-12:00, 13:00-18:00"}
    preview = district.post("/rules/calendar/preview", data=told)
    assert "提前 1 小时" in text_of(preview)
    assert preview.text.count('name="weekday"') == 5
    district.post("/rules/calendar", data=told)
    assert due(records) < before


@pytest.mark.parametrize(
    "told",
    [
        pytest.param({**DAYS, "last": "2026-03-01"}, id="ends before it begins"),
        pytest.param({**DAYS, "first": ""}, id="no day"),
        pytest.param({**DAYS, "first": "soon"}, id="not a day"),
        pytest.param({**DAYS, "kind": "maybe"}, id="no kind"),
        pytest.param({**DAYS, "kind": "work", "like": "7"}, id="the hours of a free weekday"),
        pytest.param({"what": "hours", "weekday": ["1"], "spells": "9-5"}, id="no hours"),
        pytest.param({"what": "hours", "spells": "09:00-12:00"}, id="no weekday"),
        pytest.param({"what": "hours", "weekday": [*"12345"], "spells": ""}, id="no working time at all"),
    ],
)
@pytest.mark.parametrize("path", ["/rules/calendar", "/rules/calendar/preview"])
def test_a_calendar_that_cannot_be_is_told_in_words(signed_in, records, waiting, told, path):
    before = due(records)
    answer = signed_in("district").post(path, data=told)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert due(records) == before


def test_another_zone_has_its_own_year(make_district, tmp_path):
    """New York: no Chinese holiday on the page."""
    engine = make_district(
        code="36061", name="Manhattan", metre_crs="EPSG:32618", timezone="America/New_York", lang="en"
    )
    other = create_app(Settings(data_dir=tmp_path), engine=engine, testing=True)
    other.config["WTF_CSRF_ENABLED"] = False
    with session_on(engine) as session:
        add_user(session, "v", password="a long password", role="viewer")
    browser = other.test_client()
    browser.post("/login", data={"name": "v", "password": "a long password"})
    page = text_of(browser.get("/rules/calendar?year=2026"))
    assert "National Day" not in page
    assert "Working days 261" in page
    assert "4 working hours" in text_of(browser.get("/rules"))
