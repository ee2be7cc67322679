"""Assignment in a browser: many tickets weighed and given, one by hand, a policy tried and changed."""

import json
import re

import pytest
from accessibility import RULES
from playwright.sync_api import expect

SIZES = {"desk": {"width": 1280, "height": 800}, "narrow": {"width": 360, "height": 740}}


@pytest.fixture(scope="module")
def offices(serve, made_up):
    """A district of these tests' own, as they give its tickets away."""
    return serve(made_up(pool_size=12))


def waiting(page):
    """How many tickets the page says wait."""
    return int(re.search(r"\d+", page.locator("h2").first.inner_text()).group())


def tries(page, metres="600"):
    """Fill in a policy that reaches less far, and try it over all past tickets."""
    page.fill("#max_distance_m", metres)
    page.select_option("#rank-village", "")
    page.select_option("#rank-score", "3")
    page.fill("#weight-load", "60")
    page.fill("#since", "2025-01-01")
    page.locator("button[formaction*=try]").click()
    page.locator("#tried").wait_for()


@pytest.mark.parametrize(
    ("size", "lang", "scheme"),
    [
        ("desk", "zh-CN", "light"),
        ("narrow", "en-GB", "dark"),
        pytest.param("narrow", "zh-CN", "dark", marks=pytest.mark.slow),
        pytest.param("narrow", "en-GB", "light", marks=pytest.mark.slow),
    ],
)
def test_the_pages_are_usable_by_all(visit, offices, axe, picture, size, lang, scheme):
    seen = visit("district", at=offices, size=SIZES[size], lang=lang, color_scheme=scheme)
    with offices.records() as session:
        ask = session.connection().exec_driver_sql
        number = ask("SELECT number FROM ticket WHERE state = 'reported' ORDER BY number DESC LIMIT 1").scalar_one()
    for name, path in {"assign": "/assign", "assign-one": f"/assign/{number}", "policy": "/policy"}.items():
        page = seen.open(path)
        if name == "policy":
            tries(page)
        assert len(picture(page, f"{name}-{size}-{lang[:2]}-{scheme}", is_looked_at=True, full_page=True)) > 5_000
        page.evaluate(axe)
        assert json.loads(page.evaluate(RULES)) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"], path
        if size == "narrow":
            small = "button, select, summary.button, input:not([type=hidden], [type=radio]), .unit-option"
            boxes = [one.bounding_box() for one in page.locator(f"main :is({small})").all()]
            assert [box for box in boxes if box and box["height"] < 43.5] == []
    assert seen.blameless()


def test_a_policy_is_tried_then_holds_and_is_among_those_that_held(visit, offices):
    page = visit("district", at=offices).open("/policy")
    tries(page)
    drawn = page.locator(".moves-map svg")
    expect(drawn).to_be_visible()
    assert page.locator("#tried tbody tr").count() > 0
    page.fill("#note", "试行三个月")
    page.get_by_role("button", name="保存，即刻生效").click()
    expect(page.locator(".flash")).to_contain_text("新策略已生效")
    expect(page.locator(".of-policies tbody tr").first).to_contain_text("试行三个月")
    page.get_by_role("button", name="恢复默认策略").click()
    expect(page.locator(".flash")).to_contain_text("原策略已停止使用")


def test_a_ticket_is_chosen_for_by_keyboard_and_the_rest_given_in_one_click(visit, offices):
    seen = visit("district", at=offices)
    page = seen.open("/assign")
    before = waiting(page)
    title = page.locator(".of-ways .of-title a").first
    number = title.get_attribute("href").rsplit("/", 1)[1]
    title.click()
    page.locator(f"a[href='/assign/{number}']", has_text="人工选择单位").click()
    page.locator("[name=unit]:enabled").first.focus()
    page.keyboard.press("Space")
    page.fill("#reason", "离得最近")
    page.locator("#reason").press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/tickets/{number}")
    expect(page.locator("main")).to_contain_text("离得最近")
    page = seen.open("/assign")
    assert waiting(page) == before - 1
    page.get_by_role("button", name="按统筹结果派遣").click()
    expect(page.locator(".flash")).to_contain_text("已派遣")
    expect(page.locator(".empty")).to_contain_text("没有待派的工单")
    assert seen.blameless()
