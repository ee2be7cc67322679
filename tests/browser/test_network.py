"""The network by hand: the office of a town changes its convener, on a desk and with a thumb."""

import json
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import delete, select

from geodata.models import ConvenerTerm, Membership, MemberUnit, User
from geodata.queries.stamping import today

SIZES = {"desk": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}

# What is touched, but for links within a text and heads of columns.
TARGETS = """() => JSON.stringify(
  [...document.querySelectorAll(`main :is(button:not(.sort), select, summary, textarea, .button, .tick,
    input:not([type=hidden], [type=checkbox], [type=radio]))`)]
  .filter((one) => one.offsetParent)
  .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect().height])
  .filter(([, height]) => height > 0 && height < 43.5))"""


def axe_violations(page, axe):
    page.evaluate(axe)
    return json.loads(page.evaluate("axe.run().then((found) => JSON.stringify(found.violations.map((one) => one.id)))"))


@pytest.mark.parametrize(("size", "lang"), [("desk", "zh-CN"), ("phone", "en-GB")])
def test_an_area_is_readable_by_all_and_never_wider_than_the_screen(visit, axe, picture, size, lang):
    seen = visit("town", size=SIZES[size], lang=lang)
    page = seen.open("/network", wait=False)
    expect(page.locator(".rotation li")).not_to_have_count(0)
    picture(page, f"network-{size}-{lang[:2]}")
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    assert json.loads(page.evaluate(TARGETS)) == []
    assert axe_violations(page, axe) == []
    assert seen.blameless()


@pytest.fixture
def convener(site):
    """The name of the unit that convenes in the sample users' town, since some days and for some more."""
    with site.records() as session:
        town = session.scalars(select(User.area_code).where(User.name == "town")).one()
        member = session.scalars(select(Membership).where(Membership.area_code == town).order_by(Membership.id)).first()
        session.execute(delete(ConvenerTerm).where(ConvenerTerm.area_code == town))
        now = today(session)
        days = {"valid_from": now - timedelta(days=30), "valid_to": now + timedelta(days=300)}
        session.add(ConvenerTerm(level="town", area_code=town, unit_id=member.unit_id, **days))
        return session.get(MemberUnit, member.unit_id).name


def test_a_convener_in_the_way_is_told_and_makes_way_when_asked(visit, convener):
    page = visit("town", size=SIZES["phone"]).open("/network", wait=False)
    expect(page.locator(".rotation .now a").first).to_have_text(convener)
    page.get_by_role("link", name="安排轮值召集人").click()
    today = page.evaluate("new Intl.DateTimeFormat('sv-SE', {timeZone: 'Asia/Shanghai'}).format(new Date())")
    page.select_option("#unit", index=2)
    assert page.locator("#unit option:checked").inner_text() != convener
    page.fill("#since", today)
    page.fill("#last", today)
    page.get_by_role("button", name="保存").click()
    # the other stays until it is told to go
    expect(page.locator("[role=alert]")).to_contain_text(convener)
    expect(page.locator("#since")).to_have_value(today)
    chosen = page.locator("#unit option:checked").inner_text()
    page.check("#replaces")
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES["phone"]["width"]
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".rotation .now a").first).to_have_text(chosen)
    expect(page.locator(".change-list")).to_contain_text(chosen)
