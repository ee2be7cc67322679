"""Keys of programs on their page: made, shown once, copied, used, revoked."""

import pytest
from accessibility import EVERY_RULE
from frames import in_frames
from playwright.sync_api import expect

PHONE = {"width": 390, "height": 844}
READS = "/api/indices"


@pytest.fixture
def keys(visit, site):
    """A function that opens the page of keys."""

    def start(name="officer", **how):
        seen = visit(name, at=site, **how)
        return seen, seen.open("/keys")

    return start


def make(page, name):
    page.fill("#name", name)
    page.check("[name=scope][value=report]")
    page.click(".hook-form button")
    return page.locator(".secret code").first.inner_text()


def use(page, site, key):
    """The status of a program's request; that the browser sends its cookie along must make no difference."""
    return page.request.get(site.url + READS, headers={"Authorization": f"Bearer {key}"}).status


@in_frames
def test_a_key_is_made_copied_used_and_revoked(keys, site, axe, picture, lang, size):
    seen, page = keys(lang=lang, size=size, permissions=["clipboard-read", "clipboard-write"])
    picture(page, f"keys-{lang}-{size['width']}-before", full_page=True)
    name = f"热线对接 {lang} {size['width']}"
    key = make(page, name)
    assert use(page, site, key) == 200
    page.click(".secret button")
    expect(page.locator(".secret button")).to_have_text("已复制" if lang == "zh-CN" else "Copied")
    assert page.evaluate("navigator.clipboard.readText()") == key
    picture(page, f"keys-{lang}-{size['width']}-made", full_page=True)

    page.goto(f"{site.url}/keys")
    assert key[-43:] not in page.content()
    row = page.locator("tr", has_text=name)
    expect(row).to_contain_text(key[:11])
    row.locator("summary").click()
    picture(page, f"keys-{lang}-{size['width']}-revoke", full_page=True)
    page.evaluate(axe)
    assert page.evaluate(EVERY_RULE) == "[]"
    row.locator("form button").click()
    expect(page.locator(".flash")).to_contain_text(name)
    assert use(page, site, key) == 401
    expect(page.locator("tr", has_text=name).locator("summary")).to_have_count(0)
    assert seen.blameless()


def test_what_is_wrong_stands_beside_its_field(keys):
    _, page = keys()
    page.fill("#name", "x")
    page.uncheck("[name=scope][value=read]")
    page.click(".hook-form button")
    expect(page.locator(".scopes .wrong-field")).to_be_visible()
    expect(page.locator("#name")).to_have_value("x")


def test_the_head_of_a_page_has_room_for_the_way_there(visit, site):
    page = visit("planner", size={"width": 1280, "height": 700}, lang="en", at=site).open("/units")
    for width in (761, 900, 1024, 1061, 1280):
        page.set_viewport_size({"width": width, "height": 700})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        is_folded = page.locator(".menu").is_visible()
        assert page.locator(".header > .person a[href='/keys']").is_visible() is not is_folded
    page.set_viewport_size({"width": 900, "height": 700})
    page.locator(".menu summary").click()
    page.locator(".menu a[href='/keys']").click()
    expect(page.locator("h1")).to_have_text("API keys")
