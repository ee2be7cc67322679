"""How the map stands when things go wrong: signed out, cut off, an address cut in two, a screen on its side."""

import re

import pytest
from playwright.sync_api import expect

PHONE = {"width": 390, "height": 844}
ON_ITS_SIDE = {"width": 740, "height": 360}
ENLARGED = {"width": 640, "height": 400}
# after which a map first asks again
RETRIED_AFTER_MS = 2_000
READY = "html[data-map-ready=true]"


def test_who_was_signed_out_elsewhere_is_told_and_led_back(visit):
    seen = visit("officer")
    page = seen.open("/#view=13/31.15/122.75&state=new&on=tickets,towns")
    expect(page.locator("#list-said")).to_contain_text("视野内")
    page.context.clear_cookies()
    page.get_by_role("button", name="期限").click()
    page.get_by_label("已超期").check()
    expect(page.locator("#state")).to_contain_text("登录已失效")
    page.get_by_role("link", name="重新登录").click()
    expect(page).to_have_url(re.compile("/login"))
    page.fill("#name", "officer")
    page.fill("#password", "officer-demo")
    page.click("main button")
    page.wait_for_selector(READY)
    assert "due=late" in page.evaluate("location.hash")


def test_what_did_not_come_is_asked_for_again_by_itself(visit):
    page = visit("officer").open()
    page.clock.install()
    broken = re.compile(r"/(tiles|api/list|api/tickets|where)")
    page.route(broken, lambda route: route.fulfill(status=503, body="{}"))
    page.get_by_role("button", name="放大").click()
    expect(page.locator("#state")).to_contain_text("没有")
    expect(page.locator("html")).to_have_attribute("data-map-ready", "failed")
    page.unroute(broken)
    page.clock.fast_forward(RETRIED_AFTER_MS)
    expect(page.locator("html")).to_have_attribute("data-map-ready", "true")
    expect(page.locator("#state")).to_contain_text("视野内")
    expect(page.locator("#list-said")).to_contain_text("视野内")


def test_back_online_everything_is_asked_for_again(visit):
    page = visit("officer").open()
    page.context.set_offline(True)
    expect(page.locator("#state")).to_contain_text("离线")
    box = page.locator("#map_district").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("#card .wrong")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator("#card .facts")).to_be_visible()
    expect(page.locator("#state")).to_contain_text("视野内")


@pytest.mark.parametrize(
    "broken",
    [
        "state=bogus&due=new",
        "within=1,1;2,2;1,2;2,1",
        pytest.param("since=2026-99-99", marks=pytest.mark.slow),
        pytest.param("since=2026-03-02&until=2026-01-01", marks=pytest.mark.slow),
        pytest.param("view=99/x", marks=pytest.mark.slow),
    ],
)
def test_an_address_cut_in_two_leaves_a_living_map(visit, broken):
    seen = visit("officer")
    page = seen.open(f"/#{broken}")
    expect(page.locator("#filters-total")).not_to_have_text("–")
    expect(page.locator("#state")).to_contain_text("视野内")
    assert seen.complaints == []


def test_on_a_phone_pointing_clears_the_map_and_the_answer_comes_up(visit):
    page = visit("officer", size=PHONE, is_mobile=True, reduced_motion="reduce").open()
    panel = page.locator("#panel")
    page.locator("#grip").click()
    page.locator("#grip").click()
    expect(panel).to_have_attribute("data-stop", "full")
    page.get_by_role("button", name="区域").click()
    page.get_by_role("button", name="在地图上点选居村").click()
    expect(panel).to_have_attribute("data-stop", "peek")
    box = page.locator("#map_district").bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2 - 24)
    expect(page.locator("#ground")).to_be_visible()
    page.locator("#draw-done").click()
    expect(panel).to_have_attribute("data-stop", "half")
    expect(page.locator("#ground-title")).to_be_in_viewport()


@pytest.mark.parametrize("size", [ON_ITS_SIDE, ENLARGED])
def test_on_a_low_screen_nothing_lies_on_anything(visit, size):
    page = visit("officer", size=size).open()
    wanted = [".leaflet-control-zoom", ".map-button >> nth=0", ".map-button >> nth=1", "#state", "#legend", "#panel"]
    boxes = {name: page.locator(name).bounding_box() for name in wanted}
    for name, one in boxes.items():
        assert one["x"] >= 0, name
        assert one["y"] + one["height"] <= size["height"] + 1, name
        for other_name, other in boxes.items():
            apart = (
                one["x"] + one["width"] <= other["x"]
                or other["x"] + other["width"] <= one["x"]
                or one["y"] + one["height"] <= other["y"]
                or other["y"] + other["height"] <= one["y"]
            )
            assert name == other_name or apart, (name, other_name)


def test_the_keyboard_goes_from_a_row_to_the_card_and_back(visit):
    page = visit("officer").open()
    row = page.locator("#list-body button.row").nth(2)
    key = row.get_attribute("data-key")
    row.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#card-title")).to_be_focused()
    page.locator("#card .facts").wait_for()
    page.wait_for_selector(READY)
    expect(page.locator("#list-body")).not_to_have_attribute("aria-busy", "true")
    page.keyboard.press("Escape")
    expect(page.locator(f'#list-body button.row[data-key="{key}"]')).to_be_focused()


def test_links_that_skip_leave_the_address_to_the_map(visit):
    page = visit("officer").open()
    before = page.evaluate("location.hash")
    page.locator("a.skip", has_text="跳到地图").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#map_district")).to_be_focused()
    page.locator("a.skip", has_text="跳到列表").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#list-body")).to_be_focused()
    assert page.evaluate("location.hash") == before


def test_one_scale_of_colours_at_a_time(visit):
    page = visit("planner").open("/#view=12/31.15/122.75&on=towns,coverage_towns,coverage_villages")
    page.locator("#layers-box > summary").click()
    shown = [page.locator(f"#layer-coverage_{level}").is_checked() for level in ("towns", "villages", "cells")]
    assert shown.count(True) == 1
    page.locator("#layer-coverage_cells").check()
    for level in ("towns", "villages"):
        expect(page.locator(f"#layer-coverage_{level}")).not_to_be_checked()


def test_two_clicks_zoom_and_ask_nothing_more(visit):
    seen = visit()
    page = seen.open()
    box = page.locator("#map_district").bounding_box()
    before = page.evaluate("location.hash").split("/")[0]
    page.mouse.dblclick(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("#card")).to_be_hidden()
    expect(page).not_to_have_url(re.compile(re.escape(before) + "/"))
    page.wait_for_selector(READY)
    assert sum("/where" in url for url in seen.requests) == 1
