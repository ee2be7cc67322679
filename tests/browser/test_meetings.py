"""A conference is held, its resolution becomes a ticket, and the ticket's end shows at the meeting; on any screen."""

import json

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from geodata.models import Meeting, Ticket

NARROW = {"width": 360, "height": 740}


def axe_violations(page, axe):
    page.evaluate(axe)
    return json.loads(page.evaluate("axe.run().then((found) => JSON.stringify(found.violations.map((one) => one.id)))"))


def code_of(site, state):
    with site.records() as session:
        wanted = select(Meeting.code).where(Meeting.state == state).order_by(Meeting.held_at.desc())
        return session.scalars(wanted).first()


def test_a_conferences_resolution_becomes_a_ticket_whose_end_carries_it_out(visit, site, picture):
    seen = visit("district")
    page = seen.open("/meetings/new")
    page.fill("#name", "整治后巷联席会议")
    page.select_option("#body", "joint_conference")
    page.select_option("#area", index=1)
    page.fill("#held_at", "2026-03-09T14:30")
    page.fill("#agenda", "1. 后巷垃圾")
    page.locator("form.rule-form button.first").click()
    expect(page.locator("h1")).to_have_text("整治后巷联席会议")
    if not page.locator("#hold details[open]").count():
        page.locator("#hold summary").click()
    page.fill("#minutes", "议定由环卫单位清运后巷垃圾。")
    page.locator("#hold button.first").click()
    expect(page.locator(".minutes")).to_contain_text("清运后巷垃圾")
    page.fill("#new-words", "清运后巷积存垃圾")
    unit = page.locator("#units option").first.get_attribute("value")
    page.fill("#new-unit", unit)
    page.locator("form:has(#new-words) button.first").click()
    expect(page.locator("#r1")).to_contain_text(unit)
    page.locator("#r1").get_by_role("link", name="转为工单").click()
    page.select_option("#category", "0102")
    page.locator("form:has(#category) button.first").click()
    link = page.locator("#r1 .became a")
    expect(link).to_contain_text("工单")
    picture(page, "meeting-resolution", full_page=True)
    meeting = page.url.partition("#")[0]
    number = link.get_attribute("href").rpartition("/")[2]
    link.click()
    expect(page.locator("main")).to_contain_text("整治后巷联席会议第 1 项议定")
    with site.records() as session:
        session.scalars(select(Ticket).where(Ticket.number == number)).one().state = "closed"
    page.goto(meeting)
    expect(page.locator("#r1 .state")).to_have_text("已落实")
    assert seen.blameless()


@pytest.mark.parametrize("path", ["/meetings", "held", "planned", "/meetings/new"])
@pytest.mark.parametrize("lang", ["en-GB", pytest.param("zh-CN", marks=pytest.mark.slow)])
def test_on_a_phone_nothing_is_wider_than_the_screen_and_all_can_read_it(visit, site, axe, path, lang):
    seen = visit("district", size=NARROW, lang=lang)
    page = seen.open(path if path.startswith("/") else f"/meetings/{code_of(site, path)}")
    for fold in page.locator("main details").all():
        fold.evaluate("(one) => { one.open = true; }")
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    assert axe_violations(page, axe) == []
    assert seen.blameless()


def test_the_minutes_are_a_sheet_of_paper(visit, site, picture):
    page = visit("district").open(f"/meetings/{code_of(site, 'held')}")
    page.emulate_media(media="print")
    assert page.locator("form:visible, button:visible, summary:visible").count() == 0
    expect(page.locator(".minutes")).to_be_visible()
    picture(page, "meeting-paper", full_page=True)
