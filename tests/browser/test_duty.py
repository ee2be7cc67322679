"""Responsible ground: drawn, reshaped and placed on the map, and the same without a mouse."""

import json
import re

import pytest
from accessibility import RULES
from makers import add_areas, add_unit, at
from playwright.sync_api import expect
from shapely import box

from geodata.db import session_on
from geodata.models import ResponsibilityBlock, ResponsibilityPoint
from geodata.services.duty_changes import Told, add_duty
from geodata.services.users import add_user
from spatial.clean import only_area

READY = "html[data-map-ready=true]"
PHONE = {"width": 390, "height": 844}
TOWN = "310112101000"


@pytest.fixture(scope="module")
def office(serve, clone):
    """A site with two towns, two units, a held block in the west of one town, a point in it, and its office."""
    where = serve(clone())
    with where.records() as session:
        add_areas(session)
        add_unit(session, "U1", 0.5, 0.5, name="物业甲", town_code=TOWN)
        add_unit(session, "U2", 1.5, 0.5, name="居委乙", kind="community", town_code=TOWN)
        held = Told("西块", holder="U1", shape=only_area(box(*at(0, 0), *at(1, 1))))
        add_duty(session, "block", held, actor="town", town_code=TOWN)
        gate = Told("西门", holder="U1", parent="B01", place=at(0.5, 0.5))
        add_duty(session, "point", gate, actor="town", town_code=TOWN)
        add_user(session, "town", password="town-demo", role="town_office", area_code=TOWN)
    return where


def ready(seen, path):
    page = seen.open(path)
    page.wait_for_selector(READY)
    return page


def spot(page, right, down):
    """A place on the map, as shares of its frame."""
    frame = page.locator(".map-region").bounding_box()
    return frame["x"] + right * frame["width"], frame["y"] + down * frame["height"]


def figure(page, word):
    return page.locator(".figures div", has=page.locator(f"dt:text-is('{word}')")).locator("dd")


def test_a_block_drawn_with_the_mouse_is_a_gap_until_somebody_holds_it(visit, office):
    seen = visit("town", at=office)
    page = ready(seen, "/duty")
    expect(figure(page, "责任缺口")).to_have_text("0")
    page.get_by_role("link", name="新增责任区块").click()
    page.wait_for_selector(READY)
    page.fill("#name", "东块")
    page.click("#shape-draw")
    for corner in ((0.6, 0.15), (0.8, 0.15), (0.8, 0.4), (0.6, 0.4)):
        page.mouse.click(*spot(page, *corner))
    page.click("#draw-done")
    expect(page.locator("#shape-said")).to_contain_text("公顷")
    page.get_by_role("button", name="保存").click()
    page.wait_for_url("**/duty/block/B02")
    expect(page.locator(".duty-gaps")).to_contain_text("无人负责")
    page.goto(office.url + "/duty")
    expect(figure(page, "责任缺口")).to_have_text("1")

    page.locator("section", has=page.locator("#gaps")).get_by_role("link", name="东块").click()
    page.fill("#holder", "U2")
    page.fill("#holder_role", "值班室")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".facts").first).to_contain_text("居委乙 值班室")
    expect(page.locator(".duty-gaps")).to_have_count(0)
    page.goto(office.url + "/duty")
    expect(figure(page, "责任缺口")).to_have_text("0")
    expect(figure(page, "责任区块")).to_have_text("2")
    assert seen.blameless()


def test_a_corner_is_dragged_and_the_server_says_what_comes_of_it(visit, office):
    seen = visit("town", at=office)
    page = ready(seen, "/duty/block/B01")
    page.click("#shape-move")
    corner = page.locator(".shape-corner").first
    frame = corner.bounding_box()
    x, y = frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2
    middle = spot(page, 0.5, 0.5)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + (middle[0] - x) / 8, y + (middle[1] - y) / 8, steps=5)
    page.mouse.up()
    expect(page.locator("#shape-said")).to_contain_text("公顷")
    smaller = page.locator("#shape-said").inner_text()
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".change-list")).to_contain_text(re.compile("边界.*ha"))
    size = re.search(r"[\d.]+", smaller)[0]
    expect(page.locator(".facts").first).to_contain_text(f"{size} ha")
    assert float(size) < 106
    assert seen.blameless()


def test_corners_move_by_keys_and_a_border_that_crosses_is_told_with_the_place(visit, office):
    seen = visit("town", at=office)
    page = ready(seen, "/duty/block/B01")
    page.focus("#shape-move")
    page.keyboard.press("Enter")
    page.locator(".shape-corner").first.focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator("#shape-said")).to_contain_text("公顷")
    for _ in range(20):
        page.keyboard.press("Shift+ArrowUp")
    for _ in range(20):
        page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("#shape-said.is-wrong")).to_be_visible()
    page.click("#shape-reset")
    expect(page.locator("#shape-said")).to_have_text("已恢复为保存的边界。")
    assert page.locator("#shape").input_value() == ""
    assert seen.blameless()


def test_without_a_mouse_a_block_is_made_of_villages(visit, office):
    seen = visit("town", at=office)
    page = ready(seen, f"/duty/region/new?town={TOWN}")
    page.focus("#name")
    page.keyboard.type("一村片区")
    page.locator(".made-of > summary").focus()
    page.keyboard.press("Enter")
    page.get_by_label("一村").focus()
    page.keyboard.press("Space")
    page.focus("#shape-take")
    page.keyboard.press("Enter")
    expect(page.locator("#shape-said")).to_contain_text("公顷")
    page.focus("#holder")
    page.keyboard.type("物业甲")
    page.keyboard.press("Enter")
    page.wait_for_url("**/duty/region/R*")
    expect(page.locator("h1")).to_have_text("一村片区")
    expect(page.locator(".facts").first).to_contain_text("ha")
    assert seen.blameless()


def test_a_point_is_set_by_a_click_and_moved_by_keys(visit, office):
    seen = visit("town", at=office)
    page = ready(seen, f"/duty/point/new?town={TOWN}")
    page.fill("#name", "东门")
    page.mouse.click(*spot(page, 0.6, 0.6))
    lon = page.locator("#lon").input_value()
    assert lon
    page.locator(".place-pin").focus()
    page.keyboard.press("ArrowRight")
    assert float(page.locator("#lon").input_value()) > float(lon)
    page.get_by_role("button", name="保存").click()
    page.wait_for_url("**/duty/point/P*")
    with session_on(office.engine) as session:
        made = session.query(ResponsibilityPoint).filter_by(name="东门").one()
        assert made.town_code == TOWN
        session.delete(made)
    assert seen.blameless()


def test_list_and_map_choose_each_other(visit, office):
    seen = visit("town", at=office)
    page = ready(seen, "/duty")
    row = page.locator("#tree ~ .table tr[data-key=B01]")
    row.locator("td").first.click()
    expect(page.locator("#card-title")).to_have_text("西块")
    expect(row).to_have_attribute("aria-current", "true")
    assert page.url.endswith("#block:B01")
    page.keyboard.press("Escape")
    expect(page.locator("#card")).to_be_hidden()
    page.mouse.click(*spot(page, 0.5, 0.7))
    expect(page.locator("#card-title")).to_have_text("西块")
    page.get_by_role("link", name="详情").click()
    page.wait_for_url("**/duty/block/B01")
    assert seen.blameless()


@pytest.mark.parametrize("path", ["/duty", "/duty/block/B01", f"/duty/point/new?town={TOWN}"])
def test_on_a_phone_nothing_has_to_be_scrolled_sideways(visit, office, picture, axe, path):
    seen = visit("town", at=office, size=PHONE)
    page = ready(seen, path)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    page.evaluate(axe)
    assert json.loads(page.evaluate(RULES)) == []
    picture(page, f"duty-phone-{path.strip('/').split('?')[0].replace('/', '-')}", full_page=True)
    assert seen.blameless()


def test_the_pages_keep_the_rules_of_access_on_a_desk(visit, office, picture, axe):
    seen = visit("town", at=office)
    for path in ("/duty", "/duty/block/B01", "/duty/team/new"):
        page = ready(seen, path)
        page.evaluate(axe)
        assert json.loads(page.evaluate(RULES)) == []
        picture(page, f"duty-desk-{path.strip('/').replace('/', '-')}")
    with session_on(office.engine) as session:
        assert session.query(ResponsibilityBlock).count() >= 1
