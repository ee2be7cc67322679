"""The desk's form for what others have told: by people, with keys, in both languages."""

import pytest
from reporting import DESK, FORM_READY, PHONE, axe_violations


@pytest.mark.parametrize(
    "size", [pytest.param(PHONE, id="phone"), pytest.param(DESK, id="desk", marks=pytest.mark.slow)]
)
def test_the_desks_form_is_usable_by_all(visit, empty, axe, picture, size):
    seen = visit("district", at=empty, size=size)
    page = seen.open("/intake")
    page.wait_for_selector(FORM_READY)
    page.wait_for_selector("html[data-map-ready=true]")
    assert axe_violations(page, axe) == []
    page.fill("#find", "集市")
    page.locator("#find-list .hit").first.click()
    page.locator("#place-said").get_by_text("西镇 · 一村").wait_for()
    page.select_option("#source", "hotline")
    page.select_option("#category", "0501")
    page.fill("#title", "热线反映摆摊")
    page.fill("#description", "来电13812345678")
    page.click("#send")
    page.locator("#personal").wait_for()
    assert axe_violations(page, axe) == []
    picture(page, f"intake-{size['width']}", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    page.click("#send")
    page.wait_for_url("**/tickets/*-*")
    assert "来电138****5678" in page.locator("main").inner_text()
    assert (seen.foreign, seen.violations) == ([], [])
