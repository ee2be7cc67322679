import json
import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, or_, select

from geodata.models import DutyGridCell, Ticket, UserDutyGrid
from geodata.services.workflow import ENDED

READY = "html[data-map-ready=true]"


def row(page, layer):
    return page.locator(f"#layers li:has(#layer-{layer})")


def number(page, layer):
    return int(row(page, layer).locator(".number").text_content().replace(",", "") or -1)


def unfold(page, what="#layers-box"):
    """Open a part of the panel that is folded away."""
    page.locator(f"{what} > summary").click()


def middle(page):
    """The middle of the map on the screen."""
    box = page.locator("#map_district").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.fixture
def place(site):
    """Longitude and latitude of a unit whose village is known."""
    with site.records() as session:
        row = session.connection().exec_driver_sql(
            "SELECT ST_X(u.geom), ST_Y(u.geom), v.name, u.name"
            " FROM member_unit u JOIN area v ON v.code = u.village_code AND v.level = 'village'"
            " WHERE u.geom IS NOT NULL ORDER BY u.code LIMIT 1"
        )
        return row.one()


def test_the_map_is_drawn_and_says_so(visit):
    page = visit().open()
    assert number(page, "towns") == 3
    assert number(page, "villages") == 12
    assert number(page, "units") >= 30


def test_nothing_is_asked_of_any_other_host_and_nothing_is_complained_of(visit):
    seen = visit("officer")
    page = seen.open()
    page.mouse.click(*middle(page))
    page.wait_for_selector("#card:not([hidden]) .facts")
    assert (seen.foreign, seen.complaints, seen.violations) == ([], [], [])


def test_a_visitor_sees_no_tickets_an_officer_their_own_and_the_district_all(visit):
    assert row(visit().open(), "tickets").count() == 0
    district, officer = visit("district"), visit("officer")
    with district.site.records() as session:
        to_do = Ticket.geom.is_not(None), Ticket.state.not_in(ENDED)
        waiting = session.scalar(select(func.count()).select_from(Ticket).where(*to_do))
        walked = select(DutyGridCell.cell_code).join(
            UserDutyGrid, UserDutyGrid.duty_grid_id == DutyGridCell.duty_grid_id
        )
        own = or_(Ticket.cell_code.in_(walked), Ticket.reported_by == "officer")
        theirs = session.scalar(select(func.count()).select_from(Ticket).where(*to_do, own))
    assert number(district.open(), "tickets") == waiting
    assert number(officer.open(), "tickets") == theirs
    assert 3 < theirs < waiting


def test_a_made_up_district_says_so(visit):
    assert "虚构" in visit().open().locator(".banner").inner_text()


def test_a_click_tells_who_is_responsible(visit, place):
    lon, lat, village, unit = place
    page = visit().open(f"/#view=17/{lat}/{lon}")
    page.mouse.click(*middle(page))
    card = page.locator("#card")
    card.locator(".facts").wait_for()
    assert village in card.inner_text()
    assert unit in card.inner_text()
    assert re.search(r"\d+ m", card.inner_text())


def test_the_card_says_whether_a_unit_takes_the_kind_of_issue(visit, place):
    page = visit().open(f"/#view=17/{place[1]}/{place[0]}&at={place[0]},{place[1]}")
    page.locator("#card .facts").wait_for()
    units = page.locator("#card section", has_text="最近的单位")
    expect(units).not_to_contain_text("受理")
    page.select_option("#category", index=1)
    expect(units).to_contain_text("受理")


def test_keys_do_all_that_a_click_does(visit, place):
    lon, lat, village, _unit = place
    page = visit().open(f"/#view=17/{lat}/{lon}")
    page.focus("#map_district")
    page.keyboard.press("Enter")
    page.locator("#card .facts").wait_for()
    assert village in page.locator("#card").inner_text()
    assert page.evaluate("document.activeElement.id") == "card-title"
    page.keyboard.press("Escape")
    assert page.locator("#card").is_hidden()
    assert page.evaluate("document.activeElement.id") == "map_district"


def test_a_typed_coordinate_asks_as_well(visit, place):
    lon, lat, village, _unit = place
    page = visit().open()
    page.fill("#place", f"{lon}，{lat}")
    page.press("#place", "Enter")
    page.locator("#card .facts").wait_for()
    assert village in page.locator("#card").inner_text()


def test_latitude_first_is_understood_and_told(visit, place):
    page = visit().open()
    page.fill("#place", f"{place[1]}, {place[0]}")
    page.press("#place", "Enter")
    page.locator("#card .facts").wait_for()
    expect(page.locator("#place-hint")).to_contain_text("纬度写在了前面")


def test_what_is_found_nowhere_is_said_in_words(visit):
    page = visit().open()
    page.fill("#place", "没有这个地方")
    page.press("#place", "Enter")
    expect(page.locator("#place-hint")).to_contain_text("没有找到")
    assert page.locator("#place").get_attribute("aria-invalid") == "true"
    assert page.locator("#card").is_hidden()


def test_a_place_outside_the_district_says_so(visit):
    page = visit().open("/#at=10,10")
    expect(page.locator("#card-body")).to_contain_text("本区之外")


def test_a_link_holds_view_layers_and_place(visit, place):
    lon, lat, village, _unit = place
    page = visit().open(f"/#view=16/{lat}/{lon}&on=districts,villages,points&at={lon},{lat}")
    page.locator("#card .facts").wait_for()
    assert village in page.locator("#card").inner_text()
    assert page.locator("#layers input:checked").evaluate_all("all => all.map(one => one.id).sort()") == [
        "layer-districts",
        "layer-points",
        "layer-villages",
    ]
    assert "view=16/" in page.url


@pytest.mark.parametrize(
    "hash_",
    [
        "#view=99/1/1&on=nothing&at=1",
        "#at=<img>,2",
        pytest.param("#view=x/y/z", marks=pytest.mark.slow),
        pytest.param("#%%%", marks=pytest.mark.slow),
    ],
)
def test_a_broken_link_opens_the_whole_district(visit, hash_):
    assert number(visit().open("/" + hash_), "districts") in {1, -1}


def test_back_returns_to_the_place_asked_before(visit, place):
    page = visit().open(f"/#view=16/{place[1]}/{place[0]}")
    page.mouse.click(*middle(page))
    page.locator("#card .facts").wait_for()
    pair = page.locator("#card .pair")
    first = pair.inner_text().split(" (")[0]
    x, y = middle(page)
    page.mouse.click(x - 100, y + 60)
    expect(pair).not_to_contain_text(first)
    page.go_back()
    expect(pair).to_contain_text(first)
    page.go_back()
    expect(page.locator("#card")).to_be_hidden()


def test_switching_a_layer_asks_only_once_for_its_tiles(visit):
    seen = visit()
    page = seen.open()
    unfold(page)
    page.check("#layer-blocks")
    page.wait_for_selector(READY)
    asked = [url for url in seen.requests if "/tiles/blocks/" in url]
    assert asked
    page.uncheck("#layer-blocks")
    page.check("#layer-blocks")
    page.wait_for_selector(READY)
    assert [url for url in seen.requests if "/tiles/blocks/" in url] == asked
    assert "blocks" in page.url


def test_a_new_tile_asks_once_for_all_that_does_not_change_often(visit):
    seen = visit("officer")
    seen.open()
    kinds = {url.split("/tiles/")[1].split("/")[0] for url in seen.requests if "/tiles/" in url}
    assert kinds == {"several", "tickets"}


def test_the_base_map_is_one_switch_with_its_parts_behind_it(visit):
    page = visit().open()
    unfold(page)
    whole, roads = page.locator("#group-base"), page.locator("#layer-roads")
    assert whole.is_checked()
    whole.uncheck()
    assert not roads.is_checked()
    assert "roads" not in page.url
    page.locator("[role=group] details summary").click()
    roads.check()
    assert whole.evaluate("box => box.indeterminate")
    assert "roads" in page.url


def test_a_measure_is_told_in_steps_with_how_many_there_are(visit, site):
    page = visit().open("/#on=districts,coverage_villages")
    steps = page.locator("#legend .legend-group li")
    expect(steps.first).to_contain_text("0–20 %")
    counts = [int(text or 0) for text in steps.locator(".number").all_text_contents()]
    assert sum(counts) == 12


def test_a_click_on_a_dot_selects_it_and_its_row(visit, place):
    lon, lat, _village, unit = place
    page = visit().open(f"/#view=17/{lat}/{lon}&on=districts,villages,units")
    row_of = page.locator("#list-body .row", has_text=unit)
    row_of.first.wait_for()
    page.mouse.click(*middle(page))
    expect(row_of.first).to_have_attribute("aria-current", "true")
    assert "sel=units:" in page.url
    page.keyboard.press("Escape")
    expect(row_of.first).not_to_have_attribute("aria-current", "true")


def test_a_row_of_the_list_opens_its_place_by_keys(visit, place):
    lon, lat, _village, unit = place
    page = visit().open(f"/#view=15/{lat}/{lon}&on=districts,units")
    row_of = page.locator("#list-body .row", has_text=unit).first
    row_of.focus()
    page.keyboard.press("Enter")
    page.locator("#card .facts").wait_for()
    assert unit in page.locator("#card").inner_text()
    expect(row_of).to_have_attribute("aria-current", "true")
    page.go_back()
    expect(page.locator("#card")).to_be_hidden()


def test_the_list_says_what_is_in_view_layer_by_layer(visit):
    page = visit("officer").open()
    tabs = page.locator("#list-tabs .tab")
    expect(tabs.first).to_have_text("工单")
    expect(page.locator("#list-said")).to_contain_text(str(number(page, "tickets")))
    page.locator("#list-tabs .tab", has_text="居村").click()
    expect(page.locator("#list-body .row")).to_have_count(12)
    page.evaluate("location.hash = '#view=14/0/0&on=districts,villages'")
    expect(page.locator("#list-said")).to_contain_text("视野内没有")


def test_offline_says_when_what_is_shown_came(visit):
    page = visit().open()
    page.context.set_offline(True)
    expect(page.locator("#state")).to_contain_text(re.compile(r"离线：显示 \d\d:\d\d 的数据"))
    page.context.set_offline(False)
    expect(page.locator("#state")).to_contain_text("视野内")


def test_cells_are_drawn_from_their_zoom_on(visit, place):
    page = visit().open(f"/#view=13/{place[1]}/{place[0]}")
    assert "放大后显示" in row(page, "grid_cells").text_content()
    page = visit().open(f"/#view=15/{place[1]}/{place[0]}")
    assert number(page, "grid_cells") > 20


def test_the_legend_shows_only_what_is_on(visit):
    page = visit().open()
    expect(page.locator("#legend")).to_contain_text("附近没有单位")
    unfold(page)
    page.uncheck("#layer-gaps")
    expect(page.locator("#legend")).not_to_contain_text("附近没有单位")


def test_a_link_in_the_list_leads_the_map_to_the_area(visit):
    page = visit().open()
    before = page.url
    unfold(page, ".fold:has(.areas)")
    link = page.locator(".areas a").first
    name = link.inner_text()
    link.click()
    expect(page).not_to_have_url(before)
    page.wait_for_selector(READY)
    page.mouse.click(*middle(page))
    page.locator("#card .facts").wait_for()
    assert name in page.locator("#card").inner_text()


def test_layers_that_do_not_arrive_are_named_and_can_be_asked_for_again(visit):
    seen = visit("officer")
    seen.page.route("**/tiles/tickets/**", lambda route: route.fulfill(status=503, body="{}"))
    seen.open(wait=False)
    seen.page.wait_for_selector("html[data-map-ready=failed]")
    assert "工单" in seen.page.locator("#state").inner_text()
    seen.page.unroute("**/tiles/tickets/**")
    seen.page.locator("#state button").click()
    seen.page.wait_for_selector(READY)
    assert number(seen.page, "tickets") > 5


def test_when_nothing_arrives_it_is_said_how_much_is_missing(visit):
    seen = visit()
    seen.page.route("**/tiles/**", lambda route: route.fulfill(status=503, body="{}"))
    seen.open(wait=False)
    seen.page.wait_for_selector("html[data-map-ready=failed]")
    expect(seen.page.locator("#state")).to_contain_text(re.compile(r"有 \d+ 个图层没有取到"))


def test_a_question_that_fails_says_so_and_can_be_asked_again(visit, place):
    seen = visit()
    page = seen.open(f"/#view=17/{place[1]}/{place[0]}")
    page.route("**/where?*", lambda route: route.abort())
    page.mouse.click(*middle(page))
    page.wait_for_selector("#card .wrong")
    page.unroute("**/where?*")
    page.locator("#card-body button").click()
    page.locator("#card .facts").wait_for()


def test_the_machine_can_tell_when_the_map_is_drawing_again(visit, place):
    seen = visit()
    page = seen.open()
    page.evaluate("""() => {
      window.__seen = [];
      new MutationObserver(() => window.__seen.push(document.documentElement.dataset.mapReady))
        .observe(document.documentElement, { attributeFilter: ["data-map-ready"] });
    }""")
    unfold(page)
    page.check("#layer-duty_grids")
    expect(page.locator("html")).to_have_attribute("data-map-ready", "true")
    assert json.loads(page.evaluate("JSON.stringify(window.__seen)"))[0] == "false"


def test_far_from_the_district_the_map_says_that_nothing_is_here(visit):
    page = visit().open("/#view=14/0/0")
    assert "没有" in page.locator("#state").inner_text()
    page.locator("#state button").click()
    expect(page.locator("#state")).to_contain_text("驻区单位")


def test_the_page_speaks_english_too(visit):
    page = visit(lang="en-GB").open()
    assert page.locator("html").get_attribute("lang") == "en"
    assert "Member units" in page.locator("#layers").text_content()
    assert not re.search(r"[\u4e00-\u9fff]", page.locator("#legend").text_content())


def test_a_mouse_over_a_dot_reads_its_name(visit, place):
    lon, lat, _, unit = place
    page = visit().open(f"/#view=17/{lat}/{lon}&on=units,towns")
    x, y = middle(page)
    page.mouse.move(x + 120, y + 120)
    page.mouse.move(x + 2, y)
    hint = page.locator(".map-hint")
    expect(hint).to_have_text(unit)
    page.mouse.move(x + 5, y + 160)
    expect(hint).to_be_hidden()
