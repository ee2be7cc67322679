"""A joint project from its first word to its outcome: by hand, with a mouse, on a phone, and without scripts."""

import json

import pytest
from accessibility import RULES
from playwright.sync_api import expect

SIZES = {"desk": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
VIEWS = ("board", "calendar", "list", "map")
NAME = "河畔长椅认养"


# What is touched, but for links within a text; heads of tables are not on a phone's screen.
TARGETS = """() => JSON.stringify(
  [...document.querySelectorAll(
    "main :is(button, select, summary, textarea, .button, .chips a, input:not([type=hidden]))"
  )]
  .filter((one) => one.offsetParent && !one.closest("thead"))
  .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect().height])
  .filter(([, height]) => height > 0 && height < 43.5))"""


def card(page, stage):
    return page.locator(f".column[data-stage={stage}] .card", has_text=NAME)


def test_an_office_takes_a_project_over_the_board_to_its_outcome(visit, picture):
    seen = visit("town", size=SIZES["desk"])
    page = seen.open("/projects")
    page.get_by_role("link", name="新建项目").click()
    page.fill("#name", NAME)
    page.select_option("#joint", "civility")
    page.locator("#area option[value^='town:']").first.wait_for(state="attached")
    page.select_option("#area", page.locator("#area option[value^='town:']").first.get_attribute("value"))
    names = page.locator("#units option")
    page.fill("#lead", names.nth(0).get_attribute("value"))
    partners = page.locator("input[name=partner]")
    for turn in range(2):
        partners.nth(turn).fill(names.nth(turn + 1).get_attribute("value"))
    page.get_by_role("button", name="再加一个").first.click()
    expect(partners).to_have_count(3)
    partners.nth(2).fill(names.nth(3).get_attribute("value"))
    page.get_by_role("button", name="保存").click()
    expect(page.locator("h1")).to_have_text(NAME)
    expect(page.locator(".flash")).to_contain_text("项目已建档")
    expect(page.locator("dd .plain-list li")).to_have_count(3)
    address = page.url

    # by the menu of its card
    page.goto(seen.site.url + "/projects?view=board&joint=civility")
    card(page, "proposed").locator("summary").click()
    card(page, "proposed").get_by_role("button", name="签约").click()
    expect(page.locator(".flash")).to_contain_text(f"{NAME}：签约。")
    assert "joint=civility" in page.url
    # drawn by the mouse
    card(page, "agreed").drag_to(page.locator(".column[data-stage=running]"))
    expect(page.locator(".flash")).to_contain_text(f"{NAME}：实施中。")
    # what needs a word leads to its form
    card(page, "running").drag_to(page.locator(".column[data-stage=done]"))
    expect(page.locator("#outcome")).to_be_visible()
    page.fill("#outcome", "认养长椅三十二张")
    page.fill("#people_served", "640")
    page.locator("#move-done").get_by_role("button", name="完成").click()
    expect(page.locator(".standing")).to_contain_text("已完成")
    expect(page.locator(".course li")).to_have_count(4)
    picture(page, "project-done", full_page=True)

    for view in VIEWS:
        page.goto(seen.site.url + f"/projects?view={view}&q={NAME}")
        expect(page.locator("main").get_by_role("link", name=NAME).first).to_be_visible()
    page.locator(".projects-picture a").first.click()
    assert page.url == address
    assert seen.blameless()


def test_without_scripts_a_card_is_moved_all_the_same(visit, site):
    page = visit("district", java_script_enabled=False).open("/projects?stage=proposed", wait=False)
    first = page.locator(".column[data-stage=proposed] .card[data-moves]").first
    name = first.locator("h3").inner_text()
    first.locator("summary").click()
    first.get_by_role("button", name="签约").click()
    expect(page.locator(".flash")).to_contain_text(f"{name}：签约。")
    page.goto(site.url + "/projects?stage=agreed")
    expect(page.locator(".column[data-stage=agreed]")).to_contain_text(name)


@pytest.mark.parametrize("size", ["phone", pytest.param("desk", marks=pytest.mark.slow)])
@pytest.mark.parametrize("path", [*(f"/projects?view={view}" for view in VIEWS), "/projects/new", "/projects/J001"])
def test_every_page_fits_its_screen_and_can_be_read_by_all(visit, axe, picture, path, size):
    seen = visit("district", size=SIZES[size], lang="en-GB" if size == "desk" else "zh-CN")
    page = seen.open(path)
    picture(page, f"projects-{path.rpartition('=')[2].strip('/').replace('/', '-')}-{size}", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    page.evaluate(axe)
    assert json.loads(page.evaluate(RULES)) == []
    if size == "phone":
        assert json.loads(page.evaluate(TARGETS)) == []
    assert seen.blameless()
