"""The coverage page: map and tables as one, and trying out what closing and opening units would change."""

import json
import re

import pytest
from accessibility import RULES
from playwright.sync_api import expect

READY = "html[data-map-ready=true]"
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
NARROW = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def lone(site):
    """The unit that alone covers most ground of its village: code, name, longitude, latitude, and that village."""
    with site.records() as session:
        return (
            session.connection()
            .exec_driver_sql("""
                SELECT u.code, u.name, ST_X(u.geom) AS lon, ST_Y(u.geom) AS lat, a.code AS village, a.name AS place
                  FROM member_unit AS u
                  JOIN area AS a ON a.level = 'village' AND a.code = u.village_code
                 WHERE u.is_active AND u.geom IS NOT NULL
                 ORDER BY ST_Area(ST_Difference(ST_Intersection(ST_Buffer(u.geom_m, 500), a.geom_m),
                                                (SELECT ST_Union(ST_Buffer(o.geom_m, 500))
                                                   FROM member_unit AS o
                                                  WHERE o.is_active AND o.id <> u.id))) DESC, u.code
                 LIMIT 1
            """)
            .one()
        )


def ready(seen, path="/coverage"):
    page = seen.open(path)
    page.wait_for_selector(READY)
    return page


def at(lone, zoom=16):
    return f"/coverage?level=village#view={zoom}/{lone.lat:.5f}/{lone.lon:.5f}"


def middle(page):
    box = page.locator(".coverage-map").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def axe_violations(page, axe):
    page.evaluate(axe)
    return json.loads(page.evaluate(RULES))


def test_map_and_tables_are_one(visit, lone):
    seen = visit()
    page = ready(seen, "/coverage?level=village")
    row = page.locator(f'.ranked[data-level=village] tr[data-key="{lone.village}"]')
    before = page.url
    row.locator("a").click()
    expect(page.locator("#card-title")).to_have_text(lone.place)
    expect(row).to_have_attribute("aria-current", "true")
    expect(page.locator("#card-body dd").first).to_have_text(re.compile(r"\d+\.\d"))
    assert page.url != before
    assert f"sel=villages:{lone.village}" in page.url
    page.keyboard.press("Escape")
    expect(page.locator("#card")).to_be_hidden()

    page.goto(seen.site.url + at(lone))
    page.reload()
    page.wait_for_selector(READY)
    page.mouse.click(*middle(page))
    expect(page.locator("#card-title")).to_have_text(lone.place)
    expect(row).to_have_attribute("aria-current", "true")
    expect(row).to_be_in_viewport()
    assert seen.blameless()


@pytest.mark.parametrize("size", [DESK, NARROW], ids=["desk", "narrow phone"])
def test_numbers_of_map_and_page_are_the_same_and_no_figure_is_cut(visit, size):
    seen = visit(size=size, lang="en-GB")
    page = ready(seen, "/coverage?level=village&show=share")
    legend, figures = page.locator("#legend-body"), page.locator(".figures > div")
    if size is NARROW:
        page.locator("#legend summary").click()
    for name, told in (("unit that counts", "Units counted"), ("no unit within reach", "Gaps")):
        row = legend.locator("li", has_text=name).last.locator(".number")
        expect(row).to_have_text(figures.filter(has=page.get_by_text(told, exact=True)).locator("dd").inner_text())
    for show in ("Share covered", "Nearest unit"):
        page.get_by_text(show, exact=True).click()
        page.wait_for_selector(READY)
        wide = page.locator(".ranked[data-level=village] .table").evaluate("(one) => one.scrollWidth - one.clientWidth")
        assert wide <= 0
    assert seen.blameless()


def test_tables_sort_by_their_headings(visit):
    seen = visit()
    page = ready(seen, "/coverage?level=village")
    table = page.locator(".ranked[data-level=village]")
    heading = table.locator("th", has_text="面积")
    sizes = lambda: [float(text) for text in table.locator("tbody td.of-size").all_inner_texts()]  # noqa: E731 - read twice
    heading.locator("button").click()
    expect(heading).to_have_attribute("aria-sort", "ascending")
    assert sizes() == sorted(sizes())
    heading.locator("button").press("Enter")
    expect(heading).to_have_attribute("aria-sort", "descending")
    assert sizes() == sorted(sizes(), reverse=True)
    assert table.locator("[aria-sort]").count() == 1


def test_what_is_shown_changes_without_another_page(visit):
    seen = visit()
    page = ready(seen, "/coverage?level=village&radius=800")
    page.evaluate("() => { window.here = true; }")
    page.get_by_text("最近单位", exact=True).click()
    page.wait_for_selector(READY)
    expect(page.locator(".ranked[data-level=village] .of-nearest").first).to_be_visible()
    expect(page.locator("#legend")).to_contain_text("m 及以上")
    page.get_by_text("街镇", exact=True).first.click()
    expect(page.locator(".ranked[data-level=town]")).to_be_visible()
    expect(page.locator(".ranked[data-level=village]")).to_be_hidden()
    assert page.evaluate("window.here") is True
    assert "show=nearest" in page.url
    assert "level=town" in page.url
    asked = [url for url in seen.requests if "/tiles/coverage_cells/" in url]
    assert asked
    assert all("radius=800" in url for url in asked)
    assert seen.blameless()


def test_trying_out_says_what_would_change_and_saves_nothing(visit, site, lone):
    seen = visit()
    page = ready(seen, at(lone))
    page.click("#try")
    page.mouse.click(*middle(page))
    said = page.locator("#trial-said")
    expect(said).to_contain_text(f"关闭{lone.name}后：")
    expect(said).to_contain_text("新增空白")
    expect(page.locator("#trial-rows tr", has_text=lone.place)).to_contain_text("▼")
    expect(page.locator("path.ground-edge.lost").first).to_be_attached()
    assert f"closed={lone.code}" in page.url

    page.fill("#trial-place", f"{lone.lon + 0.0005:.6f}, {lone.lat:.6f}")
    page.press("#trial-place", "Enter")
    expect(said).to_contain_text("新设 1 个单位")
    expect(page.locator("#trial-changes li")).to_have_count(2)

    page.fill("#trial-place", "0, 0")
    page.press("#trial-place", "Enter")
    expect(page.locator("#trial-hint")).to_contain_text("本区之外")
    expect(page.locator("#trial-changes li")).to_have_count(2)

    link = page.url
    page.goto("about:blank")
    page.goto(link)
    expect(said).to_contain_text("新设 1 个单位")
    expect(page.locator("#trial-changes")).to_contain_text(lone.name)
    for _ in range(2):
        page.locator("#trial-changes button").first.click()
    expect(said).to_be_empty()
    expect(page.locator("path.ground-edge")).to_have_count(0)
    assert "closed=" not in page.url
    with site.records() as session:
        ask = session.connection().exec_driver_sql
        assert ask("SELECT is_active FROM member_unit WHERE code = %s", (lone.code,)).scalar_one() is True
    # the place beyond the district was asked for
    assert [text for text in seen.complaints if "status of 422" not in text] == []
    assert (seen.foreign, seen.violations) == ([], [])


def test_a_unit_is_closed_and_opened_again_by_keys_alone(visit, lone):
    page = ready(visit(lang="en-GB"), at(lone))
    page.locator("#try").press("Enter")
    said = page.locator("#trial-said")
    page.locator(".leaflet-container").press("Enter")
    expect(said).to_contain_text(f"{lone.name} closed:")
    page.locator("#trial-changes button").press("Enter")
    expect(page.locator("#trial-changes")).to_contain_text("Nothing changed yet.")
    expect(page.locator("#trial-title")).to_be_focused()


@pytest.mark.parametrize(
    ("size", "lang"),
    [pytest.param(PHONE, "en-GB", id="phone"), pytest.param(DESK, "zh-CN", id="desk", marks=pytest.mark.slow)],
)
def test_card_and_trial_are_usable_by_all(visit, lone, axe, size, lang):
    page = ready(
        visit("district", size=size, lang=lang), f"{at(lone, zoom=14)}&sel=villages:{lone.village}&closed={lone.code}"
    )
    expect(page.locator("#trial-rows tr").first).to_be_visible()
    expect(page.locator("#card")).to_be_visible()
    assert axe_violations(page, axe) == []


def test_on_a_narrow_phone_nothing_is_cut_and_targets_fit_a_thumb(visit, lone):
    page = ready(visit(size=NARROW), f"{at(lone)}&closed={lone.code}")
    expect(page.locator("#trial-result")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    small = page.evaluate("""() => JSON.stringify(
      [...document.querySelectorAll("main button, main select, main summary, main a, .choice label")]
      .filter((one) => one.offsetParent)
      .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect().height])
      .filter(([, height]) => height > 0 && height < 43.5))""")
    assert json.loads(small) == []


ADDRESSES = {
    "": "#",
    "#sel=gaps:3&closed=U1,U2&open=121.4,31.1": "#sel=gaps:3&closed=U1,U2&open=121.400000,31.100000",
    "#view=13/31.1/121.4&sel=nothing&open=31.1;x,y;500,1": "#view=13/31.10000/121.40000",
    "#view=13/x/121.4&other=1": "#",
    "#closed=%3Cimg%20src=x%3E": "#closed=%3Cimg%20src%3Dx%3E",
    "#closed=" + "U1," * 30: "#closed=" + ",".join(["U1"] * 20),
}


def test_the_address_keeps_what_can_be_used(visit):
    page = visit().open("/login")
    script = """async (hashes) => {
      const { read, write } = await import("/static/js/coverage-address.js");
      return hashes.map((hash) => write(read(hash)));
    }"""
    assert page.evaluate(script, list(ADDRESSES)) == list(ADDRESSES.values())


def test_without_scripts_the_tables_are_there(visit):
    page = visit(java_script_enabled=False).open("/coverage?level=town&show=nearest", wait=False)
    expect(page.locator(".ranked[data-level=town] tbody tr").first).to_be_visible()
    expect(page.locator(".ranked[data-level=town] .of-nearest").first).to_be_visible()
    expect(page.locator("#try")).to_be_hidden()
