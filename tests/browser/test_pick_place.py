"""The place of a form of co-governance, the same in each: by its name, by the device, by a finger, by keys."""

import json
import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from geodata.models import Meeting, MemberUnit, Resolution
from geodata.services.placing import position_of

READY = "html[data-map-ready=true]"
PHONE = {"width": 390, "height": 844}

FORMS = {
    "pledge": "/pledges/new",
    "project": "/projects/new",
    "meeting": "/meetings/new",
    "demand": "/demands/new",
    "resource": "/resources/new",
    "whistle": "/whistle/new",
    "duty point": "/duty/point/new",
}


def axe_violations(page, axe):
    page.evaluate(axe)
    return json.loads(page.evaluate("axe.run().then((found) => JSON.stringify(found.violations.map((one) => one.id)))"))


def a_unit(site):
    """Name and place of a unit that only one has."""
    with site.records() as session:
        found = session.scalars(select(MemberUnit).where(MemberUnit.geom.is_not(None)).order_by(MemberUnit.id)).first()
        return found.name, position_of(found.geom)


# the first two, and all of them with --slow
@pytest.mark.parametrize(
    "path",
    [pytest.param(path, id=name, marks=[pytest.mark.slow] * (n > 1)) for n, (name, path) in enumerate(FORMS.items())],
)
def test_every_form_takes_its_place_by_name_and_says_where_that_lies(visit, site, axe, path):
    name, (lon, lat) = a_unit(site)
    seen = visit("town", size=PHONE)
    page = seen.open(path)
    page.wait_for_selector(READY)
    page.fill("#find", name)
    page.locator("#find-list .hit", has_text=name).first.click()
    expect(page.locator("#place-said")).to_contain_text(f"坐标 {lon:.6f}, {lat:.6f}")
    expect(page.locator("#place-said strong")).to_contain_text("居委会")
    expect(page.locator("#place-said")).to_contain_text("单元网格")
    expect(page.locator(".place-pin")).to_have_count(1)
    assert float(page.input_value("#lon")) == pytest.approx(lon, abs=1e-6)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert axe_violations(page, axe) == []
    assert seen.blameless()


def test_the_device_says_where_one_is(visit, site):
    _name, (lon, lat) = a_unit(site)
    how = {"permissions": ["geolocation"], "geolocation": {"longitude": lon, "latitude": lat, "accuracy": 8}}
    page = visit("town", size=PHONE, **how).open("/meetings/new")
    page.wait_for_selector(READY)
    page.get_by_role("button", name="用我的位置").click()
    expect(page.locator("#lon")).to_have_value(re.compile(r"122\.\d+"))
    expect(page.locator("#place-said")).to_contain_text("单元网格")
    assert float(page.input_value("#lon")) == pytest.approx(lon, abs=1e-6)


def test_a_pin_is_dragged_and_a_written_coordinate_moves_it(visit, site):
    _name, (lon, lat) = a_unit(site)
    seen = visit("town")
    page = seen.open("/projects/new")
    page.wait_for_selector(READY)
    page.locator("summary", has_text="坐标").click()
    page.fill("#lon", f"{lon:.6f}")
    page.fill("#lat", f"{lat:.6f}")
    page.locator("#lat").blur()
    pin = page.locator(".place-pin")
    expect(pin).to_have_count(1)
    frame = pin.bounding_box()
    x, y = frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y - 20, steps=6)
    page.mouse.up()
    expect(page.locator("#lon")).not_to_have_value(f"{lon:.6f}")
    assert float(page.input_value("#lon")) > lon
    assert float(page.input_value("#lat")) > lat
    assert seen.blameless()


def test_the_area_in_which_a_place_lies_is_chosen_where_none_is_yet(visit, site):
    page = visit("town").open("/demands/new")
    page.wait_for_selector(READY)
    page.select_option("#area", "")
    page.locator("#pick-map .leaflet-container").click()
    expect(page.locator("#area")).to_have_value(re.compile(r"village:\d+"))
    named = page.locator("#area option:checked").inner_text()
    expect(page.locator("#place-said strong")).to_contain_text(named.split(" · ")[-1].strip())


def test_without_scripts_a_name_is_enough(visit, site):
    name, (lon, lat) = a_unit(site)
    page = visit("town", java_script_enabled=False).open("/meetings/new", wait=False)
    page.fill("#name", "现场会")
    page.fill("#held_at", "2026-03-09T09:00")
    page.fill("#find", "没有这样的地方")
    page.locator("form.rule-form button.first").click()
    expect(page.locator("#wrong-place")).to_be_visible()
    page.fill("#find", name)
    page.locator("form.rule-form button.first").click()
    expect(page.locator("h1")).to_have_text("现场会")
    with site.records() as session:
        held = session.scalars(select(Meeting).where(Meeting.name == "现场会")).one()
        assert position_of(held.geom) == pytest.approx((lon, lat))
        session.delete(held)


def test_a_task_becomes_a_ticket_at_a_place_on_the_map(visit, site):
    with site.records() as session:
        wanted = select(Resolution.id).where(Resolution.target_kind.is_(None)).order_by(Resolution.id)
        number = session.scalars(wanted).first()
    seen = visit("district", size=PHONE)
    page = seen.open(f"/resolutions/{number}/ticket")
    page.wait_for_selector(READY)
    expect(page.locator("#title")).not_to_have_value("")
    expect(page.locator(".place-pin")).to_have_count(1)
    expect(page.locator("#place-said")).to_contain_text("单元网格")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert seen.blameless()
