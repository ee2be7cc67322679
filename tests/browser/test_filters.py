"""Which tickets the map shows: chips, weeks, drawn ground, and that map, list and export mean the same ones."""

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from accessibility import EVERY_RULE
from playwright.sync_api import expect
from sqlalchemy import func, select

from geodata.models import Ticket
from geodata.services.workflow import ENDED

READY = "html[data-map-ready=true]"


def total(page):
    return page.locator("#filters-total")


def chip(page, name):
    return page.locator("#chips .chip", has_text=name)


def asked(url):
    """The conditions in a query string, or behind the # of the map's address."""
    parts = urlsplit(url)
    given = parse_qs(parts.query or parts.fragment, keep_blank_values=True)
    return {name: given[name][0] for name in given if name not in {"view", "on", "at", "sel", "v", "bbox", "limit"}}


@pytest.fixture
def stored(site):
    """A function that counts tickets in the database."""

    def count(*conditions):
        with site.records() as session:
            return session.scalar(select(func.count()).select_from(Ticket).where(*conditions))

    return count


def choose(page, name, value):
    chip(page, name).click()
    page.locator(f"#drawer input[value='{value}']").click()


def test_the_map_opens_with_what_waits_for_somebody(visit, stored):
    page = visit("district").open()
    expect(total(page)).to_have_text(str(stored(Ticket.state.not_in(ENDED))))
    expect(chip(page, "状态")).to_contain_text("未结")
    assert asked(page.url) == {"state": "new,work,check"}
    expect(page.locator("#filters-clear")).to_be_hidden()


def test_a_condition_holds_for_map_list_export_and_address_alike(visit):
    seen = visit("officer")
    page = seen.open()
    choose(page, "期限", "late")
    page.wait_for_url(lambda url: "due=late" in url)
    page.wait_for_selector(READY)
    many = int(page.locator("#drawer label", has=page.locator("input[value=late]")).locator(".number").inner_text())
    expect(total(page)).to_have_text(str(many))
    wanted = {"state": "new,work,check", "due": "late"}
    assert asked(page.locator("#open-list").get_attribute("href")) == wanted
    assert asked(page.locator("#open-export").get_attribute("href")) == wanted
    tiles = [url for url in seen.requests if "/tiles/tickets/" in url]
    assert asked(tiles[-1]) == wanted
    expect(page.locator("#list-said")).to_contain_text(str(many))
    features = json.loads(page.request.get(seen.site.url + page.locator("#open-export").get_attribute("href")).text())
    assert len(features["features"]) == many
    assert {one["properties"]["deadline"] for one in features["features"]} == {"late"}


def test_a_condition_asks_for_the_tiles_of_tickets_alone(visit):
    seen = visit("officer")
    page = seen.open()
    before = len(seen.requests)
    choose(page, "状态", "new")
    page.wait_for_url(lambda url: asked(url)["state"] == "work,check")
    page.wait_for_selector(READY)
    assert {url.split("/tiles/")[1].split("/")[0] for url in seen.requests[before:] if "/tiles/" in url} == {"tickets"}


def test_all_conditions_are_cleared_at_once_and_back_brings_them_again(visit):
    page = visit("officer").open("/#on=towns,tickets&state=closed&due=ontime&since=2026-01-05")
    expect(chip(page, "状态")).to_contain_text("已结")
    expect(chip(page, "上报")).to_contain_text("1/5")
    page.click("#filters-clear")
    page.wait_for_url(lambda url: asked(url) == {"state": "new,work,check"})
    page.go_back()
    expect(chip(page, "期限")).to_contain_text("期限内")
    assert asked(page.url) == {"state": "closed", "due": "ontime", "since": "2026-01-05"}


def test_weeks_are_chosen_by_keys_and_played(visit):
    page = visit("officer", reduced_motion="reduce").open("/#on=towns,tickets&category=")
    chip(page, "上报").click()
    first, last = page.get_by_label("开始的一周"), page.get_by_label("结束的一周")
    expect(page.locator("#drawer tr")).not_to_have_count(0)
    first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url(lambda url: "since=" in url and "until=" in url)
    whole = int(last.input_value())
    last.focus()
    page.keyboard.press("Home")
    assert (first.input_value(), last.input_value()) == ("1", "1")
    once = asked(page.url)["since"]
    page.get_by_role("button", name="下一周").or_(page.get_by_role("button", name="逐周播放")).click()
    page.wait_for_url(lambda url: asked(url).get("since", "") > once)
    assert whole > 2
    page.get_by_role("button", name="不限时间").click()
    page.wait_for_url(lambda url: "since=" not in url)


def test_a_visitor_is_told_to_sign_in_and_comes_back_to_the_same_view(visit):
    page = visit().open("/#view=14/31.2/121.3&on=districts,towns")
    expect(page.locator("#filters")).to_be_hidden()
    page.locator(".sign-in-line a").click()
    page.fill("#name", "viewer")
    page.fill("#password", "viewer-demo")
    page.click("main button")
    page.wait_for_selector(READY)
    assert "view=14/31.20000/121.30000&on=districts,towns" in page.url
    expect(page.locator("#filters")).to_be_visible()


def test_the_language_switch_keeps_the_view_and_the_conditions(visit):
    page = visit("officer").open("/#on=districts,towns,tickets&due=late")
    page.locator(".header > .person a", has_text="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.wait_for_selector(READY)
    assert "on=districts,towns,tickets" in page.url
    assert "due=late" in page.url
    expect(chip(page, "Deadline")).to_contain_text("overdue")


def draw(page, *places):
    box = page.locator("#map_district").bounding_box()
    page.get_by_role("button", name="画范围").click()
    for right, down in places:
        page.mouse.click(box["x"] + box["width"] * right, box["y"] + box["height"] * down)


def test_drawn_ground_counts_lists_and_exports_what_is_inside(visit):
    seen = visit("officer")
    page = seen.open()
    expect(total(page)).not_to_have_text("–")
    everything = int(total(page).inner_text())
    draw(page, (0.5, 0.3), (0.8, 0.3), (0.8, 0.6), (0.5, 0.6))
    page.click("#draw-done")
    expect(page.locator("#ground-title")).to_have_text("所画范围内")
    tickets, units = page.locator(".ground-row").nth(0), page.locator(".ground-row").nth(1)
    many = tickets.locator("strong").inner_text()
    assert int(many) < everything
    expect(total(page)).to_have_text(many)
    expect(units.locator("strong")).not_to_have_text("0")
    assert asked(tickets.locator("a").get_attribute("href"))["within"] == asked(page.url)["within"]
    with page.expect_download() as waiting:
        units.locator("a").click()
    features = json.loads(waiting.value.path().read_text(encoding="utf-8"))["features"]
    assert str(len(features)) == units.locator("strong").inner_text()
    west, south, east, north = corners(asked(page.url)["within"])
    assert all(
        west <= lon <= east and south <= lat <= north for lon, lat in (f["geometry"]["coordinates"] for f in features)
    )
    page.click("#ground-clear")
    page.wait_for_url(lambda url: "within" not in url)
    assert seen.blameless()


def corners(within):
    pairs = [tuple(map(float, pair.split(","))) for pair in within.split(";")]
    lons, lats = zip(*pairs, strict=True)
    return min(lons), min(lats), max(lons), max(lats)


def test_drawing_by_keys_asks_nothing_and_escape_leaves_it(visit):
    page = visit("officer").open()
    page.get_by_role("button", name="画范围").click()
    said = page.locator("#draw-said")
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft"):
        page.keyboard.press("Enter")
        before = page.url
        page.keyboard.press(key)
        expect(page).not_to_have_url(before)
    expect(said).to_contain_text("3")
    page.keyboard.press("Backspace")
    expect(said).to_contain_text("2")
    page.keyboard.press("Escape")
    expect(page.locator("#draw-bar")).to_be_hidden()
    assert "within" not in page.url
    expect(page.locator("#card")).to_be_hidden()


def test_sides_that_cross_are_refused_in_words(visit):
    page = visit("officer").open()
    draw(page, (0.5, 0.3), (0.8, 0.6), (0.8, 0.3), (0.5, 0.6))
    page.click("#draw-done")
    expect(page.locator("#draw-said")).to_contain_text("相交")
    assert "within" not in page.url


def test_villages_are_pointed_at(visit, site):
    with site.records() as session:
        row = session.connection().exec_driver_sql(
            "SELECT v.code, v.name, ST_X(p.g), ST_Y(p.g) FROM area v, ST_PointOnSurface(v.geom) AS p(g)"
            " WHERE v.level = 'village' ORDER BY v.code LIMIT 1"
        )
        code, name, lon, lat = row.one()
    page = visit("officer").open(f"/#view=16/{lat}/{lon}")
    chip(page, "区域").click()
    page.get_by_role("button", name="在地图上点选居村").click()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: asked(url).get("area") == code)
    expect(chip(page, "区域")).to_contain_text(name)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "area" not in asked(url))
    expect(page.locator("#card")).to_be_hidden()


@pytest.mark.parametrize(
    "size",
    [
        pytest.param({"width": 360, "height": 740}, id="phone"),
        pytest.param({"width": 1280, "height": 800}, id="desk", marks=pytest.mark.slow),
    ],
)
def test_drawers_drawing_and_drawn_ground_are_usable_by_all(visit, axe, size):
    seen = visit("officer", size=size, lang="en-GB")
    page = seen.open("/#on=towns,units,tickets&within=122,31;123,31;123,32;122,32")
    if size["width"] < 700:
        page.click("#grip")
        page.click("#grip")
    else:
        page.get_by_role("button", name="Draw an area").click()
    page.locator("#layers-box > summary").click()
    page.evaluate(axe)
    for name in ("State", "Time of report"):
        chip(page, name).click()
        page.locator("#drawer li, #drawer tr").first.wait_for(state="attached")
        found = page.evaluate(EVERY_RULE)
        assert json.loads(found) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert seen.blameless()


def test_counts_that_do_not_arrive_say_so_and_can_be_asked_for_again(visit):
    seen = visit("officer")
    seen.page.route("**/api/tickets/counts*", lambda route: route.fulfill(status=503, body="{}"))
    page = seen.open()
    expect(page.locator("#filters-said")).to_contain_text("没有取到")
    seen.page.unroute("**/api/tickets/counts*")
    page.locator("#filters-said button").click()
    expect(total(page)).not_to_have_text("–")


def test_conditions_of_fixed_lists_have_their_words_before_the_counts_come(visit):
    seen = visit("officer")
    seen.page.route("**/api/tickets/counts*", lambda route: route.abort())
    page = seen.open("/#state=new&due=none")
    expect(chip(page, "状态")).to_contain_text("新上报")
    expect(chip(page, "期限")).to_contain_text("无期限")


def test_one_word_may_mean_two_conditions(visit):
    page = visit("officer").open("/#due=none&unit=none")
    expect(total(page)).not_to_have_text("–")
    expect(chip(page, "期限")).to_contain_text("无期限")
    expect(chip(page, "单位")).to_contain_text("没有单位")


def test_a_period_that_is_no_whole_weeks_says_the_servers_number(visit):
    page = visit("officer").open("/#state=new,work,check,closed&since=2026-03-04&until=2026-03-05")
    expect(page.locator("#filters-total")).not_to_have_text("–")
    page.get_by_role("button", name="上报时间").click()
    total = page.locator("#filters-total").inner_text()
    expect(page.locator(".timeline [role=status]")).to_contain_text(f"{total} ")
    page.get_by_label("自", exact=True).fill("2030-01-01")
    page.get_by_label("至", exact=True).fill("2030-01-02")
    expect(page.locator("#filters-total")).to_have_text("0")
    expect(page.locator(".timeline [role=status]")).to_contain_text("0 ")
    assert page.locator(".timeline .bar-on").count() == 0


def test_weeks_that_pass_by_ask_for_tiles_only(visit):
    seen = visit("officer")
    page = seen.open()
    expect(page.locator("#filters-total")).not_to_have_text("–")
    page.get_by_role("button", name="上报时间").click()
    play = page.get_by_role("button", name="逐周播放")
    play.click()
    page.get_by_role("button", name="停", exact=True).wait_for()
    first = page.evaluate("location.hash")
    seen.requests.clear()
    expect(page).not_to_have_url(re.compile(re.escape(first)))
    asked = [url for url in seen.requests if "/api/tickets/counts" in url]
    # the first week is a choice like any other, and its counts may still be on the way
    assert len(asked) <= 1
    page.get_by_role("button", name="停", exact=True).click()
    shown = page.evaluate("location.hash")
    assert "since=" in shown
