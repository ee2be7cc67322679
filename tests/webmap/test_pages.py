import re
from html import unescape
from urllib.parse import parse_qs

import pytest
from makers import add_areas, add_block, add_point, add_unit, at

from geodata.models import Membership, MemberUnit
from geodata.services.categories import categories, handled_by
from geodata.services.coverage import coverage
from geodata.services.stamps import stamp
from geodata.services.tickets import Position, open_ticket


@pytest.fixture
def town(records):
    """Two towns, a market that handles rubbish next to a block nobody holds, and two tickets."""
    with records() as session:
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


def rows(answer):
    """Texts of the cells of each row, over all tables of the page."""
    found = [
        re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S) for row in re.findall(r"<tr>(.*?)</tr>", answer.text, re.S)
    ]
    return [[re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", cell)).strip() for cell in row] for row in found]


def test_the_map_lists_the_villages_without_a_unit(client, town):
    page = client.get("/").text
    assert "没有单位的居村" in page
    assert "三村" in page
    assert "缺边界" in page


def test_the_map_page_stays_small(client, town):
    assert len(client.get("/").data) < 100_000


def test_an_empty_district_has_a_map_all_the_same(client):
    answer = client.get("/")
    assert answer.status_code == 200
    assert '"bounds": null' in answer.text


def test_units_are_listed_by_code(client, town):
    listed = [row for row in rows(client.get("/units")) if row[0].startswith("U")]
    assert [row[0] for row in listed] == ["U1", "U2", "U3"]
    assert listed[0][3:6] == ["西镇", "一村", "10"]
    assert "停用" in listed[1][1]
    assert listed[2][6] == "位置未知"


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
    assert "24/7" in page
    assert "开放" in page
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
    listed = [row for row in rows(signed_in("viewer").get("/tickets")) if len(row) == 9][1:]
    assert [(row[2], row[5], row[6]) for row in listed] == [
        ("远处的垃圾", "东镇", "东镇"),
        ("垃圾", "单位U1", "西镇"),
    ]


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
    assert {query: len([row for row in rows(page) if len(row) == 9][1:]) for query, page in pages.items()} == NARROWED


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
    ("query", "status"), [("state=sleeping", 400), ("page=0", 400), ("page=x", 400), ("order=1", 400)]
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


def test_a_ticket_that_nobody_can_take_is_shown_as_a_gap(town, signed_in):
    browser = signed_in("viewer")
    page = browser.get(f"/tickets/{numbers(browser)[0]}").text
    assert "没有单位可以承办，由东镇办理（空白）" in page


@pytest.mark.parametrize("path", ["/units/nobody", "/tickets/20260101-000001"])
def test_what_is_not_there_is_404_in_words(signed_in, path):
    answer = signed_in("viewer").get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert "这里没有内容" in answer.text


@pytest.mark.parametrize("path", ["/", "/units", "/units/U1", "/coverage", "/tickets"])
def test_every_page_speaks_english_without_a_chinese_word_of_ours(town, signed_in, path):
    page = signed_in("viewer").get(f"{path}?lang=en").text
    assert 'lang="en"' in page
    names = r"<select.*?</select>|<script.*?</script>|试验区|[西东]镇|[一二三]村|单位U\d|垃圾|远处的|值班室|中文"
    ours = re.sub(names, "", page, flags=re.S)
    assert re.findall(r"[\u4e00-\u9fff]+", ours) == []


@pytest.mark.parametrize("path", ["/", "/units", "/units/U1", "/coverage", "/tickets"])
def test_a_page_has_one_heading_a_title_and_a_main_part(town, signed_in, path):
    page = signed_in("viewer").get(path).text
    assert page.count("<h1") == 1
    assert len(re.findall(r"<main\b", page)) == 1
    assert re.search(r"<title>\S.* · 试验区</title>", page)


def test_what_a_kind_handles_follows_the_duty_list(session):
    handled = {category.code for category in handled_by(session, "sanitation", town_code=None)}
    assert handled
    assert handled < {category.code for category in categories(session)}
