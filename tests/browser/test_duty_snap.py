"""Borders drawn beside others: corners fall on theirs and sides follow them, unless one says no."""

import json

import pytest
from makers import add_areas, at
from playwright.sync_api import expect
from shapely import Polygon
from sqlalchemy import select

from geodata.models import ResponsibilityBlock
from geodata.services.duty_changes import Told, add_duty
from geodata.services.duty_shapes import stored_shape
from geodata.services.users import add_user
from spatial.clean import only_area

READY = "html[data-map-ready=true]"
# the borders beside have come
SNAPS = ".leaflet-container[data-snaps]"
TOWN = "310112101000"

# Its eastern side bends between two corners.
BENT = [(0.4, 0.4), (0.8, 0.4), (0.9, 0.7), (0.8, 1.0), (0.4, 1.0)]

CALL = """async ([name, given]) => JSON.stringify((await import("/static/js/snap.js"))[name](...given))"""

FIND_MAP = """([lon, lat]) => {
  const map = Object.values(window).find((one) => one && one.latLngToContainerPoint);
  const { x, y } = map.latLngToContainerPoint([lat, lon]);
  const frame = map.getContainer().getBoundingClientRect();
  return [frame.x + x, frame.y + y];
}"""


@pytest.fixture(scope="module")
def office(serve, clone):
    """A site with a block whose eastern side bends, and the office of its town."""
    where = serve(clone())
    with where.records() as session:
        add_areas(session)
        shape = only_area(Polygon([at(*corner) for corner in BENT]))
        add_duty(session, "block", Told("弯块", shape=shape), actor="town", town_code=TOWN)
        add_user(session, "town", password="town-demo", role="town_office", area_code=TOWN)
    return where


def call(page, name, *given):
    return json.loads(page.evaluate(CALL, [name, list(given)]))


def draw(page, corners, *, off_px=5):
    """Draw a block by clicks that miss each corner by a few pixels."""
    page.click("#shape-draw")
    for corner in corners:
        x, y = page.evaluate(FIND_MAP, list(at(*corner)))
        page.mouse.click(x + off_px, y - off_px)
    page.click("#draw-done")
    expect(page.locator("#shape-said")).to_contain_text("公顷")


def save(page, office, name):
    """Save what was drawn; its shape and that of the block beside."""
    page.fill("#name", name)
    page.get_by_role("button", name="保存").click()
    page.wait_for_url("**/duty/block/B*")
    with office.records() as session:
        found = {one.name: stored_shape(one) for one in session.scalars(select(ResponsibilityBlock))}
        made = session.scalars(select(ResponsibilityBlock).where(ResponsibilityBlock.name == name)).one()
        session.delete(made)
    return found[name], found["弯块"]


def opened(visit, office):
    seen = visit("town", at=office)
    page = seen.open(f"/duty/block/new?town={TOWN}")
    page.wait_for_selector(READY)
    page.wait_for_selector(SNAPS)
    return seen, page


def test_a_block_drawn_beside_another_shares_its_border_to_the_centimetre(visit, office, picture):
    seen, page = opened(visit, office)
    draw(page, [(0.8, 0.4), (0.8, 1.0), (1.4, 1.0), (1.4, 0.4)])
    picture(page, "duty-snap")
    made, beside = save(page, office, "东块")
    # the bend, which nobody clicked, is its corner too
    corners = made.geoms[0].exterior.coords
    assert at(0.9, 0.7) == pytest.approx(min(corners, key=lambda one: abs(one[1] - at(0, 0.7)[1])))
    # neither shared ground nor a sliver between: the hull of both has no hole, and their sum is the whole
    assert made.intersection(beside).area == pytest.approx(0, abs=1e-13)
    assert made.union(beside).area == pytest.approx(made.area + beside.area, rel=1e-9)
    assert made.union(beside).geom_type == "Polygon"
    assert len(made.union(beside).interiors) == 0
    assert seen.blameless()


def test_switched_off_corners_stay_where_they_were_clicked(visit, office):
    _seen, page = opened(visit, office)
    page.get_by_label("贴合相邻边界").uncheck()
    draw(page, [(1.0, 0.4), (1.0, 1.0), (1.4, 1.0), (1.4, 0.4)])
    made, _beside = save(page, office, "自由块")
    # the border of the two villages lies at 1.0
    assert all(abs(lon - at(1.0, 0)[0]) > 1e-6 for lon, _lat in made.geoms[0].exterior.coords)
    page.goto(f"{office.url}/duty/block/new?town={TOWN}")
    page.wait_for_selector(READY)
    page.wait_for_selector(SNAPS)
    draw(page, [(1.0, 0.4), (1.0, 1.0), (1.4, 1.0), (1.4, 0.4)])
    made, _beside = save(page, office, "贴合块")
    assert sum(lon == pytest.approx(at(1.0, 0)[0], abs=1e-8) for lon, _lat in made.geoms[0].exterior.coords) >= 2


def test_a_dragged_corner_falls_on_the_corner_beside(visit, office):
    seen, page = opened(visit, office)
    page.get_by_label("贴合相邻边界").uncheck()
    draw(page, [(1.2, 0.5), (1.2, 0.9), (1.5, 0.9), (1.5, 0.5)])
    page.get_by_label("贴合相邻边界").check()
    corner = page.locator(".shape-corner").first
    frame = corner.bounding_box()
    page.mouse.move(frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2)
    page.mouse.down()
    x, y = page.evaluate(FIND_MAP, list(at(0.9, 0.7)))
    page.mouse.move(x + 7, y + 3, steps=8)
    page.mouse.up()
    shape = json.loads(page.input_value("#shape"))["coordinates"][0][0]
    assert list(at(0.9, 0.7)) in [pytest.approx(one, abs=1e-8) for one in shape]
    assert seen.blameless()


@pytest.fixture(scope="module")
def page(browser, office):
    context = browser.new_context()
    page = context.new_page()
    page.goto(office.url + "/login")
    yield page
    context.close()


RING = [[0, 0], [1, 0], [1, 1], [0, 1]]


@pytest.mark.parametrize(
    ("place", "found"),
    [
        ([1.01, 0.02], [1, 0]),
        ([0.5, -0.03], [0.5, 0]),
        ([0.5, 0.5], None),
        ([1.2, 1.2], None),
    ],
    ids=["a corner before a nearer side", "a side", "inside", "out of reach"],
)
def test_the_nearest_corner_or_side_is_meant(page, place, found):
    snapped = call(page, "nearest", place, [RING], 0.05)
    assert (snapped and snapped["at"]) == found


def test_a_corner_that_two_rings_share_lies_on_both(page):
    other = [[1, 0], [2, 0], [2, 1], [1, 1]]
    snapped = call(page, "nearest", [1.01, 0.01], [RING, other], 0.05)
    assert sorted(one["ring"] for one in snapped["on"]) == [0, 1]


def test_the_way_between_two_places_follows_the_border_the_shorter_way(page):
    bent = [[0, 0], [1, 0], [1.2, 0.5], [1, 1], [0, 1]]
    corners = [call(page, "nearest", place, [bent], 0.05) for place in ([1, 0], [1, 1], [0, 0], [0.5, 0])]
    assert call(page, "between", corners[0], corners[1], [bent]) == [[1.2, 0.5]]
    assert call(page, "between", corners[1], corners[0], [bent]) == [[1.2, 0.5]]
    # neighbours have none between them, and from the middle of a side there is none to its end
    assert call(page, "between", corners[2], corners[0], [bent]) == []
    assert call(page, "between", corners[3], corners[0], [bent]) == []


def test_nobody_who_crosses_over_is_led_all_around(page):
    long = [[0, 0], [0.1, 0], [0.1, 5], [0, 5]]
    hook = [[0, 0], [5, 0], [5, 0.1], [0, 0.1]]
    one, other = (call(page, "nearest", place, [hook], 0.02) for place in ([1, 0], [1, 0.1]))
    assert call(page, "between", one, other, [hook]) == []
    far, away = call(page, "nearest", [0, 0], [hook], 0.01), call(page, "nearest", [0.1, 5], [long], 0.01)
    assert call(page, "between", far, {**away, "on": [{"ring": 1, "along": 2}]}, [hook, long]) == []


def test_the_box_is_only_where_a_border_can_be_drawn(visit, office):
    seen = visit("town", at=office)
    page = seen.open(f"/duty/point/new?town={TOWN}")
    expect(page.locator("#shape-snap")).to_have_count(0)
    assert seen.blameless()
