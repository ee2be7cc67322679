"""A village posts what it needs, the town accepts what fits best, and it is a project: by mouse, thumb, keys."""

import json
import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from geodata.models import Demand, Project

READY = "html[data-map-ready=true]"
NARROW = {"width": 390, "height": 844}
PAGES = ("/demands", "/demands/D001", "/demands/new", "/resources", "/resources/S002", "/resources/new")

# What is touched, but for links within a text.
TARGETS = """() => JSON.stringify(
  [...document.querySelectorAll(`main :is(button, select, summary, textarea, .button, .tick,
    input:not([type=hidden], [type=checkbox], [type=radio]))`)]
  .filter((one) => one.offsetParent)
  .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect().height])
  .filter(([, height]) => height > 0 && height < 43.5))"""


@pytest.fixture(scope="module")
def here(serve, made_up):
    """The small made-up district, for these tests alone."""
    return serve(made_up(pool_size=12))


def violations(page, axe):
    # a policy without unsafe-inline refuses a script tag, but not what the test itself evaluates
    page.evaluate(axe)
    return json.loads(page.evaluate("axe.run().then((found) => JSON.stringify(found.violations.map((one) => one.id)))"))


def test_a_village_posts_a_demand_the_town_accepts_the_best_and_it_is_a_project(visit, here, picture):
    officer = visit("officer", at=here)
    page = officer.open("/demands")
    page.get_by_role("link", name="提出需求").click()
    page.wait_for_selector(READY)
    page.select_option("#kind", label="义诊健康")
    page.fill("#name", "中医义诊")
    page.fill("#people", "50")
    page.select_option("#area", label="荷风居委会")
    page.locator("#pick-map .leaflet-container").click()
    expect(page.locator("#place-said")).to_contain_text(re.compile(r"坐标 122\.\d{6}, 31\.\d{6}"))
    page.get_by_role("button", name="提交").click()
    expect(page.locator("h1")).to_have_text("中医义诊")
    where = page.url.removeprefix(here.url)
    # the village asks, the office decides
    expect(page.locator(".fitting > li").first).to_contain_text("专家义诊")
    expect(page.get_by_text("采用", exact=True)).to_have_count(0)
    assert officer.blameless()

    town = visit("town", at=here)
    page = town.open(where)
    best = page.locator(".fitting > li").first
    expect(best.locator(".reasons")).to_contain_text("可容纳 80 人 ≥ 50 人")
    best.get_by_text("采用", exact=True).click()
    picture(page, "demand-accept")
    best.get_by_role("button", name="采用并立项").click()
    expect(page.locator("#decided")).to_contain_text("已采用")
    expect(page.locator(".standing")).to_contain_text("对接实施中")
    assert town.blameless()
    with here.records() as session:
        held = session.scalars(select(Demand).where(Demand.name == "中医义诊")).one()
        project = session.scalars(select(Project).where(Project.demand_id == held.id)).one()
        assert (project.name, project.area_code, project.stage) == ("中医义诊", held.area_code, "proposed")


def test_without_scripts_a_demand_is_posted_with_a_written_coordinate(visit, here):
    page = visit("officer", at=here, java_script_enabled=False).open("/demands/new")
    page.select_option("#kind", "parking")
    page.fill("#name", "夜间停车")
    page.select_option("#area", label="荷风居委会")
    page.locator("summary", has_text="坐标").click()
    page.fill("#lon", "1")
    page.fill("#lat", "2")
    page.get_by_role("button", name="提交").click()
    expect(page.locator("#wrong-place")).to_be_visible()
    page.fill("#lon", "122.75")
    page.fill("#lat", "31.149")
    page.get_by_role("button", name="提交").click()
    expect(page.locator("h1")).to_have_text("夜间停车")
    expect(page.locator("dl.facts")).to_contain_text("122.750000, 31.149000")


def test_the_pin_is_put_and_taken_away_by_keys(visit, here):
    page = visit("officer", at=here).open("/demands/new")
    page.wait_for_selector(READY)
    page.locator("#pick-map .leaflet-container").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#lon")).to_have_value(re.compile(r"122\.\d+"))
    # the pin goes on by the arrow keys
    lon = float(page.input_value("#lon"))
    page.locator(".place-pin").focus()
    page.keyboard.press("Shift+ArrowRight")
    assert float(page.input_value("#lon")) > lon
    page.get_by_role("button", name="清除位置").click()
    expect(page.locator("#lon")).to_have_value("")
    expect(page.locator("#pick-nowhere")).to_be_visible()
    expect(page.locator("#pick-nowhere")).to_have_text("未选位置：本居村范围内均可")
    expect(page.locator(".place-pin")).to_have_count(0)


@pytest.mark.parametrize("lang", ["zh-CN", pytest.param("en-GB", marks=pytest.mark.slow)])
@pytest.mark.parametrize("path", PAGES)
def test_on_a_phone_nothing_is_wider_than_the_screen_and_every_target_is_large_enough(visit, here, axe, path, lang):
    seen = visit("town", at=here, size=NARROW, lang=lang)
    page = seen.open(path)
    if path.endswith("/new"):
        page.wait_for_selector(READY)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    assert json.loads(page.evaluate(TARGETS)) == []
    if lang == "zh-CN":
        assert violations(page, axe) == []
    assert seen.blameless()


def test_unmet_demands_are_on_the_map_and_in_its_list(visit, here):
    page = visit("town", at=here).open("/#on=demands,districts,towns")
    rows = page.locator("#list-body")
    expect(rows).to_contain_text("老年人义诊")
    expect(rows).to_contain_text("义诊健康 · 荷风居委会 · 待对接")
    page.locator("#list-body a, #list-body button", has_text="老年人义诊").first.click()
    expect(page.get_by_text("老年人义诊").first).to_be_visible()
