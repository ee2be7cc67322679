"""The stories of co-governance, as somebody new would go through them: with nothing but the screen, in Chinese."""

import json
import re
from datetime import timedelta

import pytest
from makers import today
from playwright.sync_api import expect

NARROW = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}
PAGES = (
    "/cooperation",
    "/registrations",
    "/registrations/edit",
    "/district",
    "/evaluation?of=unit",
    "/evaluation?of=village",
    "/roster",
)


@pytest.fixture(scope="module")
def here(serve, made_up, moment):
    """The small made-up district as of now, for these tests alone: what it waits for is still to come."""
    return serve(made_up(moment, pool_size=12))


def violations(page, axe):
    page.evaluate(axe)
    return json.loads(page.evaluate("axe.run().then((found) => JSON.stringify(found.violations.map((one) => one.id)))"))


def test_a_demand_meets_a_free_clinic_and_ends_as_a_project_with_an_outcome(visit, here, picture):
    seen = visit("town", at=here)
    page = seen.open("/cooperation")
    page.locator(".systems a", has_text="需求对接").click()
    page.get_by_role("link", name="老年人义诊").first.click()
    best = page.locator(".fitting > li").first
    expect(best).to_contain_text("专家义诊")
    expect(best.locator(".reasons")).to_contain_text("同类：义诊健康")
    best.get_by_text("采用", exact=True).click()
    best.get_by_role("button", name="采用并立项").click()
    expect(page.locator(".standing")).to_contain_text("对接实施中")
    demand = page.url
    page.locator("main a[href^='/projects/']").first.click()
    expect(page.locator("h1")).to_contain_text("老年人义诊")
    move(page, "agreed", "签约")
    move(page, "running", "实施中")
    move(page, "done", "已完成", outcome="周六上午为老人义诊三场", people_served="126")
    expect(page.locator("main")).to_contain_text("周六上午为老人义诊三场")
    expect(page.locator("main")).to_contain_text("126")
    picture(page, "story-demand", full_page=True)
    page.goto(demand)
    expect(page.locator(".standing")).to_contain_text("已满足")
    assert seen.blameless()


def move(page, stage, told, **written):
    """Move the project on by the form of its page."""
    step = page.locator(f"#move-{stage}")
    step.locator("summary").click()
    for name, words in written.items():
        step.locator(f"[name={name}]").fill(words)
    step.locator("button.first").click()
    expect(page.locator(".standing")).to_contain_text(told)


def test_a_yearly_evaluation_opens_every_figure_down_to_its_records(visit, here, picture):
    seen = visit("district", at=here)
    page = seen.open("/cooperation")
    page.locator(".systems a", has_text="排名").click()
    # in the first weeks of a year it is the one before that is looked at
    page.get_by_label("周期").fill(str((today() - timedelta(days=60)).year))
    page.get_by_role("button", name="查看").click()
    page.locator("table.ranking tbody th a").first.click()
    name = page.locator("h1").inner_text()
    figures = page.locator("section.index", has=page.locator("details"))
    assert figures.count() >= 2
    for figure in figures.all():
        summed = re.search(r"([\d,]+)(?:\.\d+)?(?: ha)? ÷ ([\d,]+)", figure.locator(".sum").inner_text())
        figure.locator("summary").click()
        rows = figure.locator("tbody tr")
        expect(rows.first).to_be_visible()
        told = rows.locator("td:last-child").all_inner_texts()
        if set(told) <= {"计入", "未计入"}:
            assert (told.count("计入"), len(told)) == tuple(int(one.replace(",", "")) for one in summed.groups())
    picture(page, "story-evaluation", full_page=True)
    link = page.locator("section.index tbody a[href^='/tickets/'], section.index tbody a[href^='/projects/']").first
    link.click()
    expect(page.locator("h1")).not_to_have_text(name)
    assert seen.blameless()


@pytest.mark.parametrize(
    "size", [pytest.param(NARROW, id="phone"), pytest.param(DESK, id="desk", marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("path", PAGES)
def test_each_page_fits_its_screen_and_all_can_read_it(visit, here, axe, path, size):
    seen = visit("district", at=here, size=size)
    page = seen.open(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert violations(page, axe) == []
    assert seen.blameless()


def test_a_certificate_is_a_sheet_of_paper(visit, here, picture):
    page = visit("district", at=here).open("/evaluation?of=unit&period=2025")
    page.locator(".runs a").first.click()
    page.locator(".published tbody tr").first.get_by_role("link", name="证书").click()
    expect(page.locator(".certificate h1")).to_have_text("评价证书")
    page.emulate_media(media="print")
    expect(page.locator("header.header")).to_be_hidden()
    picture(page, "certificate", full_page=True)
