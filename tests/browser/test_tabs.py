"""The row of pages of co-governance: one row on a phone, with the present page always in it."""

import pytest

PHONE = {"width": 390, "height": 844}
WIDE = {"width": 1280, "height": 800}
PAGES = ("/cooperation", "/projects", "/meetings", "/evaluation", "/district")

SEEN = """() => {
  const row = document.querySelector(".desk-tabs");
  const present = row.querySelector("[aria-current]").getBoundingClientRect();
  const frame = row.getBoundingClientRect();
  return {height: frame.height, left: present.left - frame.left, right: frame.right - present.right,
          wide: document.documentElement.scrollWidth};
}"""


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_phone_has_one_row_with_the_present_page_in_sight(visit, path, scripts):
    page = visit("town", size=PHONE, java_script_enabled=scripts).open(path)
    # the tool asks in a world of its own, which is open where the page's scripts are not
    seen = page.evaluate(SEEN)
    assert seen["height"] < 60
    assert seen["left"] >= 0
    assert seen["right"] >= 0
    assert seen["wide"] == PHONE["width"]


def test_the_keyboard_reaches_the_last_page_and_shows_it(visit):
    page = visit("town", size=PHONE).open("/cooperation")
    last = page.locator(".desk-tabs a").last
    last.focus()
    box = last.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]
    page.keyboard.press("Enter")
    page.wait_for_url("**/district")


def test_a_desk_has_all_pages_in_sight(visit):
    page = visit("town", size=WIDE).open("/cooperation")
    assert page.locator(".desk-tabs").evaluate("(row) => row.scrollWidth - row.clientWidth") == 0
