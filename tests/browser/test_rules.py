"""Rules and calendar by hand: with a thumb, without scripts, and readable by all."""

import json

import pytest
from playwright.sync_api import expect

SIZES = {"desk": {"width": 1280, "height": 800}, "narrow": {"width": 360, "height": 740}}
FORMS = ["/rules/0102/edit?code=1", "/rules/limits/handle", "/rules/calendar?year=2026", "/rules"]

# What is touched, but for links within a text.
TARGETS = """() => JSON.stringify(
  [...document.querySelectorAll(`main :is(button, select, summary, textarea, .button, label.box, .tick, .of-action a,
    .jump a, input:not([type=hidden], [type=checkbox], [type=radio]))`)]
  .filter((one) => one.offsetParent)
  .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect().height])
  .filter(([, height]) => height > 0 && height < 43.5))"""


def axe_violations(page, axe):
    # a policy without unsafe-inline refuses a script tag, but not what the test itself evaluates
    page.evaluate(axe)
    return json.loads(page.evaluate("axe.run().then((found) => JSON.stringify(found.violations.map((one) => one.id)))"))


def choose_days(page, first, last):
    page.fill("#first", first)
    page.fill("#last", last)
    page.fill("#name_zh", "临时放假")
    page.locator("form:has(#first) button").click()


@pytest.mark.parametrize(("size", "lang"), [("desk", "en-GB"), ("narrow", "zh-CN")])
def test_what_would_move_is_shown_to_all(visit, axe, picture, size, lang):
    seen = visit("district", size=SIZES[size], lang=lang)
    page = seen.open("/rules/calendar?year=2026")
    choose_days(page, "2026-03-10", "2026-03-12")
    page.wait_for_selector(".of-change")
    picture(page, f"calendar-preview-{size}-{lang[:2]}")
    assert axe_violations(page, axe) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    assert seen.blameless()


def test_without_scripts_a_rule_is_changed_and_a_wrong_one_told(visit):
    page = visit("district", java_script_enabled=False).open("/rules/0203/edit?code=1", wait=False)
    page.fill("#amount", "3")
    page.locator("form:has(#amount) button.first").click()
    expect(page.locator("main")).to_contain_text("3 个工作小时")
    page.goto(page.url.split("/rules")[0] + "/rules/0203/edit?code=1")
    page.fill("#condition_zh", " ")
    page.locator("form:has(#amount) button.first").click()
    expect(page.locator("[role=alert]")).to_be_visible()
    expect(page.locator("#condition_zh")).to_have_attribute("aria-invalid", "true")


@pytest.mark.parametrize("path", FORMS)
def test_on_a_phone_every_target_is_large_enough_for_a_thumb(visit, path):
    page = visit("district", size=SIZES["narrow"]).open(path)
    assert json.loads(page.evaluate(TARGETS)) == []


def test_the_whole_year_fits_on_one_sheet_of_paper(visit, picture):
    page = visit("district").open("/rules/calendar?year=2026")
    page.emulate_media(media="print")
    assert page.locator(".month:visible").count() == 12
    assert page.locator("form:visible").count() == 0
    picture(page, "calendar-paper", full_page=True)
