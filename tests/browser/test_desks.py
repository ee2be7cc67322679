"""The desks: an office clears its queue by keys, somebody outside walks their list, towns stand side by side."""

import json
import re
from datetime import UTC, datetime

import pytest
from accessibility import EVERY_RULE
from frames import in_frames
from playwright.sync_api import expect
from sqlalchemy import select, text

from geodata.models import Ticket

NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
PHONE = {"width": 390, "height": 844}
READY = "html[data-map-ready=true]"
SMALL = """() => [...document.querySelectorAll(".stop button, .stop summary, .order a, .patrol button")]
  .filter((one) => one.offsetHeight > 0 && one.offsetHeight < 44).map((one) => one.outerHTML)"""


@pytest.fixture(scope="module")
def desk(serve, made_up):
    """The small made-up district for this file alone: its tickets are moved."""
    where = serve(made_up(pool_size=12))
    with where.records() as session:
        # five that nobody has filed yet, in the town whose office `town` is
        town = session.scalar(text("SELECT area_code FROM user_account WHERE name = 'town'"))
        tickets = session.scalars(select(Ticket).where(Ticket.town_code == town).order_by(Ticket.number.desc())).all()
        for each in tickets[:5]:
            each.state, each.unit_id, each.office_code, each.pending = "reported", None, town, None
            each.filed_at = each.dispatched_at = each.done_at = each.closed_at = None
    return where


@pytest.fixture
def queue(visit, desk):
    """A function that opens the queue of the town's office and waits for its rows."""

    def start(path="/queue", **how):
        seen = visit("town", at=desk, **how)
        page = seen.open(path)
        page.wait_for_selector(READY)
        page.wait_for_selector("#queue-rows li[data-number]")
        return seen, page

    return start


def states(desk, numbers):
    with desk.records() as session:
        found = session.execute(select(Ticket.number, Ticket.state).where(Ticket.number.in_(numbers)))
        return dict(found.all())


def listed(page):
    return page.locator("#queue-rows li[data-number]").evaluate_all("(rows) => rows.map((row) => row.dataset.number)")


def here(page):
    return page.locator("#queue-rows li.is-here").get_attribute("data-number")


def usable_by_all(page, axe):
    page.evaluate(axe)
    assert json.loads(page.evaluate(EVERY_RULE)) == []


def test_a_clerk_clears_a_queue_by_keys_alone(queue, desk):
    seen, page = queue("/queue?desk=file")
    numbers = listed(page)
    assert len(numbers) >= 5
    page.keyboard.press("j")
    assert here(page) == numbers[0]
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert here(page) == numbers[0]
    page.keyboard.press("f")
    expect(page.locator("#queue-rows li[data-number]")).to_have_count(len(numbers) - 1)
    expect(page.locator("#queue-result")).to_contain_text("已办 1 件")
    assert states(desk, numbers[:1]) == {numbers[0]: "filed"}
    # the next ticket has come to where the first one was
    assert here(page) == numbers[1]
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    expect(page.locator("#queue-actions")).to_contain_text("已选 3 张")
    page.keyboard.press("a")
    expect(page.locator("#queue-result")).to_contain_text("已办 3 件")
    assert set(states(desk, numbers[1:4]).values()) == {"dispatched"}
    # what ends a ticket asks why before it is done
    expect(page.locator("#queue-rows li[data-number]")).to_have_count(len(numbers) - 4)
    last = here(page)
    page.keyboard.press("z")
    expect(page.locator("#queue-reason-text")).to_be_focused()
    page.keyboard.press("Escape")
    assert states(desk, [last]) == {last: "reported"}
    page.keyboard.press("z")
    page.keyboard.type("fax 重复")
    page.keyboard.press("Enter")
    expect(page.locator("#queue-result")).to_contain_text("已办 1 件")
    assert states(desk, [last]) == {last: "cancelled"}
    assert seen.blameless()


def test_the_card_opens_by_enter_closes_by_escape_and_the_map_marks_the_ticket(queue):
    seen, page = queue("/queue?state=new,work,check")
    page.keyboard.press("ArrowDown")
    number = here(page)
    page.keyboard.press("Enter")
    expect(page.locator("#card")).to_be_visible()
    expect(page.locator("#card-title")).to_be_focused()
    expect(page.locator("#card .standing")).to_contain_text(number)
    assert page.locator("#card-body a").get_attribute("href") == f"/tickets/{number}"
    page.keyboard.press("Escape")
    expect(page.locator("#card")).to_be_hidden()
    expect(page.locator("#queue-rows li.is-here button")).to_be_focused()
    assert here(page) == number
    assert seen.blameless()


def test_question_mark_lists_the_keys_and_single_letters_can_be_switched_off(queue):
    _, page = queue("/queue?state=new,work,check")
    page.keyboard.press("?")
    expect(page.locator("#keys dl")).to_be_visible()
    page.locator("#keys-on").uncheck()
    page.locator("#queue-rows button.row").first.focus()
    before = here(page)
    page.keyboard.press("j")
    assert here(page) == before
    page.keyboard.press("ArrowDown")
    assert here(page) != before


def test_list_map_and_address_show_the_same_tickets(queue):
    seen, page = queue()
    assert "desk=file,assign,approve,own,check" in page.url
    page.click("[data-desk=open]")
    page.wait_for_url(lambda url: "state=new,work,check" in url and "desk=" not in url)
    page.wait_for_selector(READY)
    expect(page.locator("[data-desk=open]")).to_have_attribute("aria-pressed", "true")
    total = page.locator("[data-desk=open] .number").inner_text()
    expect(page.locator("#filters-total")).to_have_text(total)
    expect(page.locator("#queue-said")).to_contain_text(f"共 {total} 张")
    tiles = [url for url in seen.requests if "/tiles/tickets/" in url]
    assert "state=new,work,check" in tiles[-1]
    page.select_option("#queue-sort", "reported")
    page.wait_for_url(lambda url: "sort=reported" in url)
    page.go_back()
    page.wait_for_url(lambda url: "sort=" not in url)
    expect(page.locator("#queue-sort")).to_have_value("due")
    page.locator("a[hreflang=en]").first.click()
    page.wait_for_url(lambda url: "state=new" in url and "lang=en" in url)
    expect(page.locator("h1")).to_contain_text("To do")


def test_a_box_on_the_map_chooses_what_lies_in_it(queue):
    seen, page = queue("/queue?state=new,work,check")
    many = len(listed(page))
    page.get_by_role("button", name="框选").click()
    frame = page.locator(".leaflet-container").bounding_box()
    # beside the buttons of the map
    for right, down in ((0.25, 0.15), (0.97, 0.88)):
        page.mouse.click(frame["x"] + frame["width"] * right, frame["y"] + frame["height"] * down)
    page.wait_for_url(re.compile("within="))
    expect(page.locator("#queue-rows li.is-chosen").first).to_be_visible()
    chosen = page.locator("#queue-rows li.is-chosen").count()
    assert chosen == len(listed(page)) <= many
    expect(page.locator("#queue-actions")).to_contain_text(f"已选 {chosen} 张")
    page.keyboard.press("Escape")
    expect(page.locator("#queue-rows li.is-chosen")).to_have_count(0)
    assert seen.blameless()


def test_a_view_is_saved_and_opens_with_the_same_tickets(queue):
    _, page = queue("/queue?state=new,work,check&sort=reported")
    page.locator("summary", has_text="常用视图").click()
    page.fill("#view-name", "最新的")
    page.locator("#keep button").click()
    page.wait_for_url(re.compile("sort=reported"))
    page.goto(page.url.split("/queue")[0] + "/queue")
    page.wait_for_selector(READY)
    page.locator("summary", has_text="常用视图").click()
    page.get_by_role("link", name="最新的").click()
    page.wait_for_url(re.compile("state=new,work,check.*sort=reported"))


def test_two_clerks_at_once_are_told_of_one_another(queue, desk):
    with desk.records() as session:
        town = session.scalar(text("SELECT area_code FROM user_account WHERE name = 'town'"))
        held = session.scalars(select(Ticket).where(Ticket.town_code == town).order_by(Ticket.number)).first()
        held.state, held.unit_id, held.office_code, held.pending = "reported", None, town, None
        held.closed_at = held.done_at = held.filed_at = None
        number = held.number
    _, first = queue("/queue?desk=file")
    _, second = queue("/queue?desk=file")
    for page in (first, second):
        page.locator(f"#queue-rows li[data-number='{number}'] input").check()
        page.keyboard.press("f")
        expect(page.locator("#queue-result")).to_contain_text(number)
    expect(second.locator("#queue-result .due.late")).to_contain_text("town")
    assert states(desk, [number]) == {number: "filed"}


def test_somebody_outside_walks_their_list_from_where_they_stand(visit, desk, picture):
    with desk.records() as session:
        lon, lat = session.execute(
            text("SELECT ST_X(ST_Centroid(ST_Extent(geom))), ST_Y(ST_Centroid(ST_Extent(geom))) FROM ticket")
        ).one()
    place = {"longitude": lon, "latitude": lat, "accuracy": 25}
    seen = visit("officer", at=desk, size=PHONE, geolocation=place, permissions=["geolocation"])
    page = seen.open("/mine")
    assert page.locator(".stop").count() > 0
    page.locator("#by-route").tap()
    page.wait_for_selector("html[data-routed=true]")
    expect(page.locator("#route-said")).to_contain_text("定位误差约 25 米")
    legs = page.locator(".stop .leg:visible").all_inner_texts()
    assert legs[0].startswith("第 1 站")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert page.evaluate(SMALL) == []
    # where somebody stands is in no address
    assert not [url for url in seen.requests if f"{lat:.2f}" in url]
    picture(page, "desk-mine-phone")
    card = page.locator(".stop", has=page.get_by_role("button", name="接单")).first
    if card.count():
        number = card.get_attribute("data-number")
        card.get_by_role("button", name="接单").tap()
        page.wait_for_url(re.compile(f"moved={number}"))
        expect(page.locator(".flash")).to_contain_text("已接单")
    assert seen.blameless()


def test_without_a_position_the_list_says_so_and_keeps_its_order(visit, desk):
    seen = visit("officer", at=desk, size=PHONE)
    page = seen.open("/mine?sort=route")
    expect(page.locator("#route-said")).to_contain_text("没有定位权限")
    assert page.locator(".stop").count() > 0


def test_a_unit_has_its_own_page(visit, desk):
    seen = visit("unit", at=desk, size=PHONE)
    page = seen.open("/mine")
    page.wait_for_url(re.compile("/units/.+/work"))
    expect(page.locator("h1")).to_be_visible()
    assert seen.blameless()


def test_towns_stand_side_by_side_and_sort(visit, desk):
    seen = visit("district", at=desk)
    page = seen.open("/dashboard")
    page.get_by_role("button", name="在办", exact=True).click()
    values = page.locator("tbody td:nth-child(2)").evaluate_all("(cells) => cells.map((cell) => +cell.dataset.value)")
    assert values == sorted(values)
    page.locator(".small-maps a", has_text="按期率").click()
    page.wait_for_url(re.compile("show=ontime"))
    expect(page.locator("#map-title")).to_contain_text("按期率")
    page.locator("tfoot td a").first.click()
    page.wait_for_url(re.compile("/tickets"))
    assert seen.blameless()


@in_frames
@pytest.mark.parametrize(
    ("name", "path"),
    [("town", "/queue"), ("officer", "/mine"), ("unit", "/mine"), ("district", "/dashboard"), ("officer", "/tickets")],
    ids=["queue", "mine", "unit", "dashboard", "tickets"],
)
def test_every_desk_is_usable_by_all_and_fits(visit, desk, axe, picture, name, path, size, lang):
    seen = visit(name, at=desk, lang=lang, size=size)
    page = seen.open(path)
    if path == "/queue":
        page.wait_for_selector(READY)
        page.wait_for_selector("#queue-rows li[data-number]")
        page.locator("#queue-rows input").first.check()
    usable_by_all(page, axe)
    picture(page, f"desk-{name}{path.replace('/', '-')}-{size['width']}-{lang[:2]}")
    width = page.evaluate("document.documentElement.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert seen.blameless()


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("town", "/queue"),
        pytest.param("district", "/dashboard", marks=pytest.mark.slow),
        pytest.param("officer", "/mine", marks=pytest.mark.slow),
    ],
)
def test_in_the_dark_the_desks_are_as_plain(visit, desk, axe, picture, name, path):
    page = visit(name, at=desk, color_scheme="dark").open(path)
    if path == "/queue":
        page.wait_for_selector(READY)
        # the map may be drawn before the rows are there
        page.wait_for_selector("#queue-rows li[data-number]")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        expect(page.locator("#card")).to_be_visible()
    usable_by_all(page, axe)
    picture(page, f"desk-{name}-dark")
