"""Lists, sheets and the shell: by keyboard, by thumb, on paper, in large letters, and with names nobody would give."""

import re

import pytest
from makers import SOUTH, WEST, add_areas, add_point, add_unit
from playwright.sync_api import expect

from geodata.models import Area, MemberUnit, ResponsibilityPoint
from geodata.services.stamps import stamp
from geodata.services.tickets import Position, open_ticket
from geodata.services.users import add_user

PHONE = {"width": 390, "height": 844}
NARROW = {"width": 360, "height": 740}

# sixty letters without a place to break, marks, the other direction, and signs beyond the basic plane
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunte"
ODD = f"{LONG} <script>window.__pwned=1</script> \u202eשלום\u202c 🏘️🧹 𠮷野"

OUT_OF_VIEW = """() => [...document.querySelectorAll("main *")]
  .filter((one) => !one.closest(".table, .chips, .desk-tabs, svg, .unseen, details:not([open])"))
  .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map((one) => one.outerHTML.slice(0, 90))"""


@pytest.fixture(scope="module")
def odd(serve, clone):
    """A site whose unit, point and ticket have names that break what can be broken."""
    engine = clone()
    where = serve(engine)
    with where.records() as session:
        add_areas(session)
        unit = add_unit(
            session, "U1", 0.5, 0.5, name=ODD, kind="sanitation", address=ODD, opening_hours=LONG, liaison_role=ODD
        )
        add_point(session, "P1", 0.5, 0.5, unit).name = ODD
        stamp(session, MemberUnit)
        stamp(session, ResponsibilityPoint)
        place = Position(WEST + 0.005, SOUTH + 0.005, "wgs84")
        open_ticket(session, category="0102", title=ODD, description=ODD, address=ODD, actor=LONG[:40], position=place)
        add_user(session, "district", password="district-demo", role="district")
    return where


def test_the_shell_works_by_keyboard(visit):
    page = visit("officer").open("/tickets")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    assert page.locator(".skip").bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("main a").first).to_be_focused()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_the_menu_of_a_phone_opens_and_closes_by_keyboard_and_thumb(visit):
    page = visit("officer", size=PHONE).open("/units")
    menu, links = page.locator("details.menu"), page.locator(".sheet-of-links")
    page.locator(".menu summary").focus()
    page.keyboard.press("Enter")
    expect(links).to_be_visible()
    page.keyboard.press("Tab")
    expect(links.locator("a").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(links).to_be_hidden()
    expect(page.locator(".menu summary")).to_be_focused()
    page.locator(".menu summary").tap()
    expect(links).to_be_visible()
    page.locator("h1").tap()
    expect(links).to_be_hidden()
    assert menu.get_attribute("open") is None


def test_a_list_sorts_by_its_heads_and_a_click_on_a_row_opens_it(visit):
    page = visit("officer").open("/units")
    page.get_by_role("button", name="名称").click()
    names = page.locator("tbody th a").all_inner_texts()
    assert names == page.evaluate(
        "(names) => [...names].sort(new Intl.Collator('zh-Hans', {numeric: true}).compare)", names
    )
    expect(page.locator("th[aria-sort=ascending]")).to_have_text("名称")
    code = page.locator("tbody tr").first.locator(".of-number").inner_text()
    page.locator("tbody tr").first.locator(".of-kind").click()
    expect(page).to_have_url(re.compile(f"/units/{code}$"))
    page.goto(page.url.split("/units")[0] + "/tickets")
    page.locator("th a.sort", has_text="期限").click()
    expect(page).to_have_url(re.compile("sort=due"))
    expect(page.locator("th[aria-sort=ascending]")).to_have_text("期限")
    assert page.locator(".due.late").count() > 0
    page.locator("tbody tr").first.locator(".of-time").click()
    expect(page).to_have_url(re.compile(r"/tickets/\d{8}-\d{6}$"))


def test_on_a_phone_a_ticket_is_a_card_and_the_filters_are_folded(visit):
    page = visit("officer", size=NARROW).open("/tickets?due=ontime")
    first = page.locator("tbody tr").first.bounding_box()
    # two lines of chips and a button, no more, stand before the first ticket
    assert first["y"] < 310
    assert first["x"] + first["width"] <= NARROW["width"]
    assert page.locator("tbody tr").first.locator(".due").is_visible()
    chosen = page.locator(".chips [aria-current]", has_text="期限内").bounding_box()
    assert 0 <= chosen["x"] <= NARROW["width"] - chosen["width"]
    expect(page.locator("#category")).to_be_hidden()
    page.locator(".fold summary").tap()
    page.select_option("#sort", "due")
    page.get_by_role("button", name="查看").tap()
    expect(page).to_have_url(re.compile("due=ontime.*sort=due"))
    # the link of the title covers the whole card
    place = page.locator("tbody tr").first.locator(".of-place").bounding_box()
    page.touchscreen.tap(place["x"] + 8, place["y"] + 8)
    expect(page).to_have_url(re.compile(r"/tickets/\d{8}-\d{6}$"))


def test_filters_stand_open_where_there_is_room(visit):
    page = visit("officer").open("/tickets")
    expect(page.locator("#category")).to_be_visible()
    expect(page.locator(".fold summary")).to_be_hidden()


def test_on_paper_a_ticket_has_what_is_needed_on_the_spot_and_no_buttons(visit):
    page = visit("officer", color_scheme="dark").open("/tickets")
    page.locator("tbody tr", has=page.locator(".of-unit a")).first.locator("th a").click()
    expect(page.get_by_role("button", name="打印")).to_be_visible()
    page.emulate_media(media="print")
    for gone in (".header", ".next-steps", "button", ".crumbs"):
        assert page.locator(f"{gone}:visible").count() == 0, gone
    for there in (".print-head", ".standing .due", ".place-picture", ".scale", "table.steps", ".by-hand"):
        expect(page.locator(there).first).to_be_visible()
    assert page.locator(".print-head").inner_text().startswith("来源：")
    # the map is as large as its scale says, and light
    width = page.locator(".place-picture").evaluate("(svg) => getComputedStyle(svg).width")
    assert float(width.removesuffix("px")) == pytest.approx(96 * 96 / 25.4, abs=0.5)
    ground = page.locator(".place-picture > rect").evaluate("(rect) => getComputedStyle(rect).fill")
    assert ground == "rgb(248, 248, 246)"


@pytest.mark.parametrize("letters", ["16px", "32px"])
def test_odd_names_stand_as_text_and_push_nothing_out_of_view(visit, odd, letters):
    seen = visit("district", size=NARROW, at=odd)
    with odd.records() as session:
        number = session.connection().exec_driver_sql("SELECT number FROM ticket").scalar_one()
    place = f"lon={WEST + 0.005}&lat={SOUTH + 0.005}"
    for path in (
        "/units",
        "/units/U1",
        "/tickets",
        f"/tickets/{number}",
        f"/where?{place}&category=0102",
        f"/report?{place}",
    ):
        page = seen.open(path)
        page.evaluate("(size) => { document.documentElement.style.fontSize = size; }", letters)
        assert (path, page.evaluate(OUT_OF_VIEW)) == (path, [])
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], path
        assert page.evaluate("window.__pwned") is None
        if path.startswith(("/units", "/tickets")):
            assert "<script>window.__pwned=1</script>" in page.locator("main").inner_text()
    assert seen.blameless()


def test_signing_in_and_being_refused_are_usable_by_all(visit, axe):
    page = visit(size=NARROW, color_scheme="dark").open("/login")
    for act in (
        lambda: None,
        lambda: page.click("main button"),
        lambda: page.goto(page.url.split("/login")[0] + "/tickets"),
    ):
        page.evaluate("document.querySelectorAll('main input').forEach((field) => { field.value = 'x'; })")
        act()
        page.evaluate(axe)
        assert page.evaluate("axe.run().then((found) => found.violations.map((one) => one.id))") == []


@pytest.mark.parametrize("name", ["飞地居委会" * 8, "飞地居委会" * 22, LONG * 2])
def test_a_long_name_leaves_date_and_source_free_on_the_poster(visit, odd, name):
    with odd.records() as session:
        session.query(Area).filter_by(code="310112101001").one().name = name
    page = visit(at=odd).open("/poster/310112101001?size=A4")
    title, source = (page.locator(part).bounding_box() for part in ("#poster-name", ".poster-source"))
    assert title["x"] + title["width"] <= source["x"]
    assert title["y"] >= page.locator(".poster").bounding_box()["y"]
    line = page.locator(".poster-head").bounding_box()
    assert title["y"] + title["height"] <= line["y"] + line["height"]
    # what does not fit even so ends with dots; the whole name is the page's title
    assert name.startswith(page.locator("#poster-name").inner_text().rstrip("…"))
    assert page.title().startswith(name)
