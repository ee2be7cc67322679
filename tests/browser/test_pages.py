"""Every page, wide and narrow, in both languages: readable by all, complete, and asking nobody else."""

import json
import re

import pytest
from accessibility import RULES
from playwright.sync_api import expect

SIZES = {
    "desk": {"width": 1280, "height": 800},
    "phone": {"width": 390, "height": 844},
    "narrow": {"width": 360, "height": 740},
}
PAGES = {
    "map": "/",
    "tickets": "/tickets",
    "ticket": "TICKET",
    "units": "/units",
    "unit": "UNIT",
    "coverage": "/coverage",
    "indices": "/indices?period=2026-02",
    "index": "/indices?index=handling_in_time&period=2026-02&level=village",
    "cells": "/indices/cells",
    "period-report": "/report-of/990101?period=2026-02",
    "where": "/where?lon=LON&lat=LAT",
    "report": "/report?lon=LON&lat=LAT",
    "rules": "/rules",
    "rule": "/rules/0102",
    "rule-form": "/rules/0102/edit?code=1",
    "limits": "/rules/limits",
    "limit-form": "/rules/limits/handle",
    "calendar": "/rules/calendar?year=2026",
    "login": "/login",
    "error": "/nothing",
}


@pytest.fixture(scope="module")
def path_of(site):
    """A function that fills in what this district has."""
    with site.records() as session:
        ask = session.connection().exec_driver_sql
        unit, lon, lat = ask(
            "SELECT code, ST_X(geom), ST_Y(geom) FROM member_unit WHERE geom IS NOT NULL ORDER BY code LIMIT 1"
        ).one()
        ticket = ask("SELECT number FROM ticket ORDER BY number LIMIT 1").scalar_one()
    facts = {"UNIT": f"/units/{unit}", "TICKET": f"/tickets/{ticket}", "LON": str(lon), "LAT": str(lat)}

    def fill(path):
        for name, value in facts.items():
            path = path.replace(name, value)
        return path

    return fill


def asks_nobody_and_complains_of_nothing(seen):
    # the refusals (a visitor's 401, a viewer's 403) and the missing page were asked for; nothing else may be said
    asked_for = re.compile(r"status of 40[134]\b")
    return (seen.foreign, [said for said in seen.complaints if not asked_for.search(said)]) == ([], [])


def axe_violations(page, axe):
    # a policy without unsafe-inline refuses a script tag, but not what the test itself evaluates
    page.evaluate(axe)
    return json.loads(page.evaluate(RULES))


# Each page wide in Chinese or narrow in English; each in every width in both languages and in both schemes with --slow.
FRAMES = [
    pytest.param("desk", "zh-CN", "light", 0, id="desk-zh-light"),
    pytest.param("narrow", "en-GB", "dark", 1, id="narrow-en-dark"),
    pytest.param("desk", "en-GB", "dark", 0, id="desk-en-dark", marks=pytest.mark.slow),
    pytest.param("narrow", "zh-CN", "light", 1, id="narrow-zh-light", marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("size", "lang", "scheme", "turn"), FRAMES)
def test_every_page_is_usable_by_all(pytestconfig, visit, path_of, axe, picture, size, lang, scheme, turn):
    seen = visit("district", size=SIZES[size], lang=lang, color_scheme=scheme)
    found = {}
    step = 1 if pytestconfig.getoption("--slow") else 2
    for name, path in list(PAGES.items())[turn if step == 2 else 0 :: step]:
        page = seen.open(path_of(path))
        # that it is not blank is all a machine can tell; the rest is for people to look at
        assert len(picture(page, f"{name}-{size}-{lang[:2]}-{scheme}", is_looked_at=True)) > 5_000
        if violations := axe_violations(page, axe):
            found[name] = violations
        assert seen.violations == []
        assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"], path
    assert found == {}
    assert asks_nobody_and_complains_of_nothing(seen)


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_the_map_with_its_card_and_list_open_is_usable_by_all(visit, path_of, axe, size):
    place = path_of("at=LON,LAT")
    page = visit("district", size=SIZES[size]).open(f"/#{place}")
    page.locator("#card .facts").wait_for()
    assert axe_violations(page, axe) == []
    page.keyboard.press("Escape")
    if size == "phone":
        page.click("#grip")
        page.click("#grip")
    assert axe_violations(page, axe) == []


# An office sees every page in the test above.
@pytest.mark.parametrize("name", [None, "viewer"])
def test_no_page_asks_another_host_complains_or_breaks_the_policy(visit, path_of, name):
    seen = visit(name)
    for path in PAGES.values():
        seen.open(path_of(path))
        assert seen.violations == []
    assert asks_nobody_and_complains_of_nothing(seen)


def test_on_a_phone_every_target_is_large_enough_for_a_thumb(visit):
    page = visit("district", size=SIZES["narrow"]).open()
    page.click("#grip")
    small = page.evaluate("""() => JSON.stringify(
      [...document.querySelectorAll("button, select, summary, .areas a, #layers li")]
      .filter((one) => one.offsetParent)
      .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
      .filter(([, box]) => box.height > 0 && box.height < 43.5)
      .map(([html, box]) => `${html} ${box.height}`))""")
    assert json.loads(small) == []


def test_the_sheet_has_three_stops(visit):
    page = visit(size=SIZES["phone"]).open()
    height = lambda: page.locator("#panel").bounding_box()["height"]  # noqa: E731 - read three times
    page.emulate_media(reduced_motion="reduce")
    peek = height()
    page.click("#grip")
    half = height()
    page.click("#grip")
    full = height()
    assert peek == pytest.approx(96, abs=2)
    assert peek < half < full
    page.click("#grip")
    assert height() == peek


def test_the_lists_and_the_question_work_without_scripts(visit, path_of):
    page = visit(java_script_enabled=False).open("/", wait=False)
    page.fill("#lon", path_of("LON"))
    page.fill("#lat", path_of("LAT"))
    page.locator("form[action='/where'] button:visible").click()
    expect(page.locator("h1")).to_contain_text("这里由谁负责")
    page.goto(page.url.split("/where")[0] + "/coverage?radius=800")
    assert "800" in page.locator("main").inner_text()


def test_the_language_switch_keeps_the_page(visit):
    page = visit().open("/coverage")
    page.locator(".header > .person a", has_text="English").click()
    expect(page.locator("h1")).to_have_text("Coverage")
    assert page.url.split("?")[0].endswith("/coverage")


def test_signing_in_leads_back_and_signing_out_ends_it(visit):
    page = visit().open("/units")
    page.locator(".header > .person a", has_text="登录").click()
    page.fill("#name", "viewer")
    page.fill("#password", "viewer-demo")
    page.click("main button")
    page.wait_for_url("**/units")
    page.locator(".header > .person button").click()
    page.wait_for_url("**/")
    expect(page.locator(".header > .person a", has_text="登录")).to_be_visible()
