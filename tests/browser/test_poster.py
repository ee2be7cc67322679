"""The poster in a browser: fits the screen, prints as one sheet, usable by all, asks nobody else."""

import json
import re
import zlib

import pytest
from accessibility import RULES
from playwright.sync_api import expect

PHONE = {"width": 360, "height": 740}
TOWN = "990101001000"
# what does not fit its box: the sheet, the panel beside the map, a box of the flow
OVERFULL = """() => [...document.querySelectorAll(".poster, .poster-panel, .poster-flow li")]
  .filter((one) => one.scrollHeight > one.clientHeight + 1 || one.scrollWidth > one.clientWidth + 1)
  .map((one) => one.className || one.tagName)"""


def page_count(document):
    unpacked = [document]
    for one in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", document, re.DOTALL):
        try:
            unpacked.append(zlib.decompress(one))
        except zlib.error:
            continue
    return len(re.findall(rb"/Type\s*/Page\b", b"\n".join(unpacked)))


@pytest.mark.parametrize("lang", ["zh-CN", pytest.param("en-GB", marks=pytest.mark.slow)])
def test_the_sheet_fits_its_boxes_prints_as_one_page_and_is_usable_by_all(visit, axe, picture, lang):
    seen = visit("officer", lang=lang)
    for code in ("990101", TOWN, "990101001001"):
        for size in ("A3", "A4"):
            page = seen.open(f"/poster/{code}?size={size}")
            assert (code, size, page.evaluate(OVERFULL)) == (code, size, [])
    page.evaluate(axe)
    assert json.loads(page.evaluate(RULES)) == []
    assert page_count(page.pdf(prefer_css_page_size=True, print_background=True)) == 1
    picture(page, f"poster-{lang}", full_page=True)
    assert seen.blameless()


def test_on_a_phone_the_sheet_shrinks_to_the_width_and_can_be_seen_as_large_as_it_is(visit, axe):
    seen = visit(size=PHONE)
    page = seen.open(f"/poster/{TOWN}")
    width = "document.querySelector('.poster').getBoundingClientRect().width"
    assert page.evaluate(width) <= PHONE["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.locator("#actual").click()
    expect(page.locator("#actual")).to_have_attribute("aria-pressed", "true")
    # 420 mm of CSS
    assert page.evaluate(width) == pytest.approx(420 * 96 / 25.4, abs=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.evaluate(axe)
    assert json.loads(page.evaluate(RULES)) == []
    assert seen.blameless()


def test_the_list_below_holds_what_the_map_shows(visit):
    page = visit().open(f"/poster/{TOWN}")
    figure = page.locator(".poster-figures dd").nth(1).inner_text()
    assert page.locator(".poster-twin table").first.locator("tbody tr").count() == int(figure)
    assert page.locator(".poster-twin").is_visible()
    page.emulate_media(media="print")
    assert not page.locator(".poster-twin").is_visible()
    assert not page.locator(".poster-tools").is_visible()
