"""Any district: the map goes where its data are, and draws what it was given."""

import re

from makers import add_areas, add_unit, square
from playwright.sync_api import expect

from geodata.models import Area

SHAPE = "SRID=4326;MULTIPOLYGON(((-74.02 40.70,-73.91 40.70,-73.91 40.88,-74.02 40.88,-74.02 40.70)))"

# What the tile under a place of the screen shows there: red, green, blue, and 0 where nothing is drawn.
COLOUR_AT = """([x, y]) => {
  const tile = [...document.querySelectorAll(".leaflet-tile-container canvas")].find((one) => {
    const box = one.getBoundingClientRect();
    return x >= box.left && x < box.right && y >= box.top && y < box.bottom;
  });
  const box = tile.getBoundingClientRect();
  const scale = tile.width / box.width;
  return [...tile.getContext("2d").getImageData((x - box.left) * scale, (y - box.top) * scale, 1, 1).data];
}"""


def middle(page):
    box = page.locator("#map_district").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_another_country_needs_only_settings(visit, serve, clone):
    engine = clone(code="36061", name="Manhattan", metre_crs="EPSG:32618", timezone="America/New_York", lang="en")
    site = serve(engine)
    with site.records() as session:
        session.query(Area).filter_by(level="district").one().geom = SHAPE
    page = visit(at=site, lang="en-US").open()
    page.locator(".leaflet-control-zoom-in").click()
    expect(page).to_have_url(re.compile("/40.7[0-9]+/-7[34]"))
    assert page.locator("html").get_attribute("lang") == "en"
    page.fill("#place", "nowhere at all")
    expect(page.locator("#place-hint")).to_contain_text("-73.97, 40.79")
    page.fill("#place", "40.79, -73.97")
    page.press("#place", "Enter")
    expect(page.locator("#card")).to_contain_text("-73.970000, 40.790000")


def test_a_district_without_any_boundary_shows_what_it_has(visit, serve, clone):
    site = serve(clone())
    page = visit(at=site).open()
    expect(page.locator("#state")).to_contain_text("本区数据还未导入")
    with site.records() as session:
        add_unit(session, "U1", 1, 1)
    page = visit(at=site).open()
    expect(page.locator("#state")).to_contain_text("驻区单位 1")


def test_a_hole_in_the_district_is_left_bare(visit, serve, clone):
    site = serve(clone())
    with site.records() as session:
        add_areas(session)
        hole = square(1.5, 0.5, 2.5, 1.5).split("(((")[1]
        session.query(Area).filter_by(level="district").one().geom = f"{square(0, 0, 4, 2)[:-2]},({hole}"
    page = visit(at=site).open("/#view=15/31.11/121.42&on=districts")
    x, y = middle(page)
    assert page.evaluate(COLOUR_AT, [x, y])[3] == 0
    page = visit(at=site).open("/#view=15/31.11/121.409&on=districts")
    assert page.evaluate(COLOUR_AT, [x, y])[3] == 255


def test_the_dark_scheme_draws_the_same_tiles_again_without_asking(visit):
    seen = visit(color_scheme="light")
    page = seen.open("/#on=districts")
    x, y = middle(page)
    light = page.evaluate(COLOUR_AT, [x, y])
    # the list of what is in view asks in its own time
    expect(page.locator("#list-body li")).not_to_have_count(0)
    asked = len(seen.requests)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(
        f"([x, y, light]) => ({COLOUR_AT})([x, y]).join() !== light", arg=[x, y, ",".join(map(str, light))]
    )
    assert sum(page.evaluate(COLOUR_AT, [x, y])[:3]) < sum(light[:3])
    assert len(seen.requests) == asked
