"""Blowing the whistle on a phone: who is called says with one tap that they are there, with or without a position."""

import json

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from geodata.models import WhistleCall
from geodata.services.placing import position_of

PHONE = {"width": 390, "height": 844}


def axe_violations(page, axe):
    page.evaluate(axe)
    return json.loads(page.evaluate("axe.run().then((found) => JSON.stringify(found.violations.map((one) => one.id)))"))


def running(site):
    """Code and place of the call that is waited for."""
    with site.records() as session:
        found = session.scalars(select(WhistleCall).where(WhistleCall.state == "called")).first()
        return found.code, position_of(found.geom)


def blow(page):
    """Call the town's own office to a place; the page of that call."""
    page.fill("#reason", "后巷偷倒，请到现场")
    page.fill("#who_1", page.locator("#area option:checked").inner_text().strip())
    page.fill("#part_1", "城管科")
    page.locator("form.rule-form button.first").click()
    page.wait_for_selector("form[data-arrives]")


@pytest.mark.parametrize("has_position", [True, False], ids=["with a position", "without one"])
def test_one_tap_says_that_an_office_is_there(visit, site, has_position):
    _code, (lon, lat) = running(site)
    how = {"permissions": ["geolocation"], "geolocation": {"longitude": lon, "latitude": lat}} if has_position else {}
    seen = visit("town", size=PHONE, **how)
    page = seen.open(f"/whistle/new?lon={lon:.6f}&lat={lat:.6f}")
    blow(page)
    page.locator("form[data-arrives] button").click()
    own = page.locator(".invitees .own")
    expect(own).to_contain_text("到场", timeout=15_000)
    expect(own).to_contain_text("距现场 0 米" if has_position else "未记录位置")
    expect(page.locator("form[data-arrives]")).to_have_count(0)
    assert seen.complaints == []


def test_without_scripts_an_arrival_is_noted_too(visit, site):
    _code, (lon, lat) = running(site)
    page = visit("town", size=PHONE, java_script_enabled=False).open(
        f"/whistle/new?lon={lon:.6f}&lat={lat:.6f}", wait=False
    )
    page.fill("#reason", "后巷偷倒，请到现场")
    page.fill("#who_1", page.locator("#area option:checked").inner_text().strip())
    page.locator("form.rule-form button.first").click()
    page.locator("form[data-arrives] button").click()
    expect(page.locator(".invitees .own")).to_contain_text("未记录位置")


@pytest.mark.parametrize("lang", ["en-GB", "zh-CN"])
def test_on_a_phone_nothing_is_wider_than_the_screen_and_all_can_read_it(visit, site, axe, picture, lang):
    code, _place = running(site)
    seen = visit("town", size=PHONE, lang=lang)
    for path in ("/whistle", "/whistle/new", f"/whistle/{code}"):
        page = seen.open(path)
        for fold in page.locator("main details").all():
            fold.evaluate("(one) => { one.open = true; }")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
        assert axe_violations(page, axe) == [], path
    picture(page, f"whistle-{lang[:2]}", full_page=True)
    assert seen.blameless()
