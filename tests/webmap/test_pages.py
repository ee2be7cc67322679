import re
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import parse_qs

import pytest
from makers import add_areas, add_block, add_point, add_unit, at
from sqlalchemy import delete, text

from geodata.models import FilingRule, Membership, MemberUnit
from geodata.services.categories import categories, handled_by
from geodata.services.coverage import coverage
from geodata.services.stamps import stamp
from geodata.services.tickets import Position, open_ticket


def fill(session):
    """Two towns, a market that handles rubbish next to a block nobody holds, and two tickets without a limit."""
    session.execute(delete(FilingRule))
    add_areas(session)
    unit = add_unit(session, "U1", 0.6, 0.5, kind="sanitation", opening_hours="24/7", capacity=10)
    unit.liaison_role, unit.liaison_phone = "值班室", "000-5551"
    unit.memberships.append(Membership(level="town", area_code="310112101000"))
    add_unit(session, "U2", 0.7, 0.5, kind="school", is_active=False)
    add_unit(session, "U3", kind="market")
    add_block(session, "B1", 0, 0, 1, 1)
    add_point(session, "P1", 0.6, 0.5, unit)
    stamp(session, MemberUnit)
    west, east = at(0.6, 0.5), at(3.5, 1)
    open_ticket(session, category="0102", title="垃圾", actor="anna", position=Position(*west, "wgs84"))
    open_ticket(session, category="0102", title="远处的垃圾", actor="anna", position=Position(*east, "wgs84"))
    coverage(session, radius_m=500, publish=True)


FILLED_BY = {"town": fill}


@pytest.fixture
def town(ground):
    return ground.told


def rows(answer):
    """Texts of the cells of each row, over all tables of the page."""
    found = [
        re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)
        for row in re.findall(r"<tr\b[^>]*>(.*?)</tr>", answer.text, re.S)
    ]
    return [[re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", cell)).strip() for cell in row] for row in found]


def test_the_map_lists_the_villages_without_a_unit(client, town):
    page = client.get("/").text
    assert "没有单位的居村" in page
    assert "二村" in page
    # where the third village ends nobody knows, nor whether a unit stands in it
    assert "三村" not in page
    assert "1 个居村没有边界，不能判断。" in page


def test_a_district_of_which_only_the_towns_are_known_is_told_town_by_town(client, town, records):
    with records() as session:
        session.execute(text("UPDATE area SET geom = NULL WHERE level = 'village'"))
        session.execute(text("UPDATE member_unit SET village_code = NULL"))
    page = client.get("/").text
    assert "没有单位的街镇" in page
    assert "3 个居村没有边界，不能判断。" in page


def test_the_map_page_stays_small(client, town):
    assert len(client.get("/").data) < 100_000


def test_an_empty_district_has_a_map_all_the_same(client):
    answer = client.get("/")
    assert answer.status_code == 200
    assert '"bounds": null' in answer.text
    assert "每个区域都有单位" not in answer.text


def test_units_are_listed_by_code(client, town):
    listed = [row for row in rows(client.get("/units")) if row[0].startswith("U")]
    assert [row[0] for row in listed] == ["U1", "U2", "U3"]
    assert listed[0][3:6] == ["西镇", "一村", "10"]
    assert "停用" in listed[1][1]
    assert listed[2][6] == "位置未知"


def test_units_show_how_much_lies_with_them_to_those_who_may_read_tickets(town, signed_in):
    listed = rows(signed_in("viewer").get("/units"))
    assert listed[0][5:7] == ["未结工单（件）", "同时受理上限（件）"]
    assert [row[5:7] for row in listed if row[0].startswith("U")] == [["1", "10"], ["0", "不限"], ["0", "不限"]]
    assert listed[-1][:2] == ["合计", "1"]


@pytest.mark.parametrize(
    ("query", "codes"),
    [("kind=school", ["U2"]), ("town=310112101000", ["U1", "U2"]), ("town=310112102000", []), ("kind=nothing", [])],
)
def test_units_are_narrowed_by_kind_and_town(client, town, query, codes):
    answer = client.get(f"/units?{query}")
    assert [row[0] for row in rows(answer) if row[0].startswith("U")] == codes
    assert ("没有符合条件的单位" in answer.text) == (codes == [])


def test_a_unit_says_what_it_handles_and_when_it_is_open(client, town):
    page = client.get("/units/U1").text
    assert "暴露垃圾" in page
    assert "每天 24 小时" in page
    assert "现在开放" in page
    assert "责任点P1" in page
    assert "西镇" in page


def test_contacts_and_tickets_of_a_unit_are_for_those_who_sign_in(client, town, signed_in):
    visitor, officer = client.get("/units/U1").text, signed_in("officer").get("/units/U1").text
    assert "000-5551" not in visitor
    assert "登录后可见工单" in visitor
    assert "000-5551" in officer
    assert "垃圾" in officer


def test_tickets_are_for_those_who_sign_in(client, town, signed_in):
    assert client.get("/tickets").status_code == 401
    assert signed_in("viewer").get("/tickets").status_code == 200


def test_tickets_are_listed_with_whom_they_lie(town, signed_in):
    listed = [row for row in rows(signed_in("viewer").get("/tickets")) if len(row) == 8][1:]
    assert [(row[2], row[5], row[6]) for row in listed] == [
        ("远处的垃圾", "东镇", "东镇"),
        ("垃圾", "单位U1", "西镇 · 一村"),
    ]


def test_tickets_are_ordered_by_report_or_by_deadline(town, records, signed_in):
    now = datetime.now(UTC)
    with records() as session:
        for title, hours in (("明天", 30), ("过期", -3), ("今天", 5)):
            due_at = now + timedelta(hours=hours)
            open_ticket(session, category="0102", title=title, actor="anna", due_at=due_at, assign_now=False)
        past = open_ticket(session, category="0102", title="早已办结", actor="anna", due_at=now - timedelta(days=9))
        past.state = "closed"
    browser = signed_in("viewer")
    listed = [row for row in rows(browser.get("/tickets?sort=due")) if len(row) == 8][1:]
    assert [(row[2], row[4]) for row in listed] == [
        ("过期", "超期 3 小时"),
        ("今天", "还剩 4 小时"),
        ("明天", "还剩 29 小时"),
        ("远处的垃圾", "无期限"),
        ("垃圾", "无期限"),
        ("早已办结", "超期办结"),
    ]
    page = browser.get("/tickets?state=new&sort=due").text
    assert 'aria-sort="ascending"' in page
    assert "state=new&amp;sort=due&amp;due=late" in page
    assert [row[2] for row in rows(browser.get("/tickets?sort=reported")) if len(row) == 8][1] == "早已办结"


NARROWED = {
    "state=work": 2,
    "state=new": 0,
    "state=new,work": 2,
    "area=310112101000": 1,
    "area=310112101001,310112102000": 2,
    "due=late": 0,
    "due=none": 2,
    "category=01": 2,
    "category=0102": 2,
    "category=0101": 0,
    "page=2": 0,
}


def test_tickets_are_narrowed(town, signed_in):
    browser = signed_in("viewer")
    pages = {query: browser.get(f"/tickets?{query}") for query in NARROWED}
    assert {query: len([row for row in rows(page) if len(row) == 8][1:]) for query, page in pages.items()} == NARROWED


def test_the_list_of_tickets_keeps_its_conditions_in_every_link(town, signed_in):
    query = "state=work&category=01&area=310112101000&since=2020-01-01&within=121.4,31.1;121.5,31.1;121.4,31.2"
    page = signed_in("viewer").get(f"/tickets?{query}").text
    links = [unescape(link) for link in re.findall(r'href="([^"]*state=[^"]*)"', page)]
    kept = [parse_qs(re.split("[?#]", link, maxsplit=1)[1]) for link in links]
    on_map = next(facts for link, facts in zip(links, kept, strict=True) if link.startswith("/#"))
    export = next(facts for link, facts in zip(links, kept, strict=True) if link.startswith("/export/tickets.geojson?"))
    assert on_map == export == parse_qs(query)
    assert all(facts["category"] == ["01"] for facts in kept)
    assert '<option value="01" selected>' in page
    assert '<option value="310112101000" selected>' in page
    assert 'type="hidden" name="within"' in page


@pytest.mark.parametrize(
    ("query", "status"), [("state=sleeping", 400), ("page=0", 400), ("page=x", 400), ("order=1", 400), ("sort=1", 400)]
)
def test_tickets_refuse_what_they_cannot_use(town, signed_in, query, status):
    assert signed_in("viewer").get(f"/tickets?{query}").status_code == status


def numbers(signed):
    return re.findall(r"/tickets/(\d{8}-\d{6})", signed.get("/tickets").text)


def test_a_ticket_tells_who_was_chosen_and_why(town, signed_in):
    browser = signed_in("viewer")
    page = browser.get(f"/tickets/{numbers(browser)[-1]}").text
    assert "负责这里的责任点" in page
    assert "在同一居村" in page
    assert "相距 0 米" in page
    assert "上报" in page
    assert "派遣" in page


def test_a_ticket_shows_its_place_on_a_map_drawn_here(town, signed_in):
    browser = signed_in("viewer")
    page = browser.get(f"/tickets/{numbers(browser)[-1]}").text
    assert re.search(r'<svg [^>]*role="img" aria-label="工单 \d{8}-\d{6} 位置图"', page)
    assert re.search(r"比例尺 1:[\d\u2009]+", page)
    assert "121.406000, 31.105000 (WGS&nbsp;84)" in page


def test_a_ticket_without_a_place_has_no_map_and_says_so(town, records, signed_in):
    with records() as session:
        open_ticket(session, category="0102", title="某处", actor="anna")
    browser = signed_in("viewer")
    page = browser.get(f"/tickets/{numbers(browser)[0]}").text
    assert "这件工单的位置未知" in page
    assert 'class="place-picture"' not in page


def test_a_unit_lists_its_tickets_and_says_how_many_are_open(town, signed_in):
    page = signed_in("viewer").get("/units/U1")
    assert "未结 1 件，共 1 件" in page.text
    assert [row[2] for row in rows(page) if len(row) == 7][1:] == ["垃圾"]
    assert "/tickets?unit=U1" in page.text


def test_an_address_with_a_wrong_condition_leads_to_the_page_without_it(signed_in):
    page = signed_in("viewer").get("/units?kid=1", headers={"Accept": "text/html"}).text
    assert re.search(r'<a class="button first" href="/units">去掉条件打开</a>', page)


def test_a_ticket_that_nobody_can_take_is_shown_as_a_gap(town, signed_in):
    browser = signed_in("viewer")
    page = browser.get(f"/tickets/{numbers(browser)[0]}").text
    assert "没有单位可以承办，由东镇办理（空白）" in page


@pytest.mark.parametrize("path", ["/units/nobody", "/tickets/20260101-000001"])
def test_what_is_not_there_is_404_in_words(signed_in, path):
    answer = signed_in("viewer").get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert "这里没有内容" in answer.text


@pytest.mark.parametrize("path", ["/", "/units", "/units/U1", "/coverage", "/tickets", "/indices"])
def test_every_page_speaks_english_without_a_chinese_word_of_ours(town, signed_in, path):
    page = signed_in("viewer").get(f"{path}?lang=en").text
    assert 'lang="en"' in page
    names = (
        r"<select.*?</select>|<script.*?</script>|试验区|[西东]镇|[一二三]村|单位U\d|责任点P1|垃圾|远处的|值班室|中文"
    )
    ours = re.sub(names, "", page, flags=re.S)
    assert re.findall(r"[\u4e00-\u9fff]+", ours) == []


@pytest.mark.parametrize("path", ["/", "/units", "/units/U1", "/coverage", "/tickets", "/indices"])
def test_a_page_has_one_heading_a_title_and_a_main_part(town, signed_in, path):
    page = signed_in("viewer").get(path).text
    assert page.count("<h1") == 1
    assert len(re.findall(r"<main\b", page)) == 1
    assert re.search(r"<title>\S.* · 试验区</title>", page)


def test_what_a_kind_handles_follows_the_duty_list(session):
    handled = {category.code for category in handled_by(session, "sanitation", town_code=None)}
    assert handled
    assert handled < {category.code for category in categories(session)}
