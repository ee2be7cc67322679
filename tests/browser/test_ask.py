"""Asking the map: the search field, the card, the device's position, copying, and the way to a report."""

import re

import pytest
from playwright.sync_api import expect

PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def unit(site):
    """Code, name, longitude, latitude and village of a unit of the district."""
    with site.records() as session:
        row = session.connection().exec_driver_sql(
            "SELECT u.code, u.name, ST_X(u.geom), ST_Y(u.geom), v.name"
            " FROM member_unit u JOIN area v ON v.code = u.village_code AND v.level = 'village'"
            " WHERE u.geom IS NOT NULL ORDER BY u.code LIMIT 1"
        )
        return row.one()


def test_typing_lists_hits_and_keys_choose_one(visit, unit):
    code, name, _lon, _lat, village = unit
    seen = visit()
    page = seen.open()
    field = page.locator("#place")
    field.fill(name[:2])
    options = page.locator("#place-list [role=option]")
    expect(options.filter(has_text=name).first).to_be_visible()
    assert field.get_attribute("aria-expanded") == "true"
    field.press("Escape")
    expect(page.locator("#place-list")).to_be_hidden()
    field.fill(name)
    expect(page.locator("#place-list")).to_be_visible()
    expect(options.first).to_contain_text(name)
    field.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    assert field.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    field.press("Enter")
    expect(page.locator("#card .facts")).to_contain_text(village)
    expect(page).to_have_url(re.compile(f"sel=units:{code}"))
    assert page.evaluate("document.activeElement.id") == "card-title"
    field.fill("")
    field.focus()
    expect(page.locator("#place-list")).to_contain_text("刚才查过")
    expect(options).to_have_count(1)
    assert seen.blameless()


def test_enter_takes_the_first_answer_and_says_when_there_is_none(visit, unit):
    page = visit().open()
    page.fill("#place", unit.name)
    page.press("#place", "Enter")
    expect(page.locator("#card")).to_contain_text(unit.name)
    page.fill("#place", "绝无此名")
    page.press("#place", "Enter")
    expect(page.locator("#place-hint")).to_contain_text("没有找到“绝无此名”")
    expect(page.locator("#place")).to_have_attribute("aria-invalid", "true")
    page.fill("#place", f"{unit[3]}, {unit[2]}")
    page.press("#place", "Enter")
    expect(page.locator("#place-hint")).to_contain_text("纬度写在了前面")
    expect(page.locator("#card .pair")).to_contain_text(f"{unit[2]:.6f}, {unit[3]:.6f} (WGS 84)")


def test_nothing_is_searched_while_a_word_is_being_composed(visit):
    seen = visit()
    page = seen.open()
    page.evaluate("""() => {
      const field = document.getElementById("place");
      field.value = "q";
      field.dispatchEvent(new InputEvent("input", { isComposing: true }));
    }""")
    page.fill("#place", "学校")
    expect(page.locator("#place-list [role=option]").first).to_be_visible()
    assert [url.split("q=")[1] for url in seen.requests if "/api/search" in url] == ["%E5%AD%A6%E6%A0%A1"]


def test_a_search_that_fails_says_so_and_can_be_asked_again(visit, unit):
    page = visit().open()
    page.route("**/api/search?*", lambda route: route.abort())
    page.fill("#place", unit.name)
    expect(page.locator("#place-hint")).to_contain_text("查找没有回应")
    page.unroute("**/api/search?*")
    page.locator("#place-hint button").click()
    expect(page.locator("#place-list")).to_contain_text(unit.name)


def test_the_card_judges_units_copies_and_leads_to_a_report(visit, unit):
    _code, _name, lon, lat, village = unit
    seen = visit("officer")
    page = seen.open(f"/#view=17/{lat}/{lon}&at={lon},{lat}")
    card = page.locator("#card")
    expect(card.locator(".facts")).to_contain_text(village)
    expect(card.locator("a[href^='/poster/']")).to_have_count(2)
    page.select_option("#category", index=1)
    expect(card.locator(".may, .may-not")).to_have_count(3)
    chosen = page.locator("#category").input_value()
    # the clipboard is refused to this window, so that the old way must do
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('refused')); }")
    copy = card.get_by_role("button", name="复制坐标")
    copy.click()
    expect(card.get_by_role("button", name="已复制")).to_be_visible()
    card.get_by_role("link", name="在此上报").click()
    expect(page).to_have_url(re.compile(f"/report\\?.*category={chosen}"))
    expect(page.locator("#place")).to_contain_text(village)
    page.fill("#title", "试报一件")
    page.wait_for_function("() => document.querySelector('#place-said strong')")
    if page.locator(".alike-pair").count():
        page.get_by_role("button", name="我的是另一件").click()
    page.click("#send")
    expect(page).to_have_url(re.compile(r"/tickets/\d{8}-\d+"))
    expect(page.locator("h1")).to_contain_text("试报一件")
    assert seen.blameless()


def test_a_visitor_is_not_offered_a_report(visit, unit):
    page = visit().open(f"/#at={unit[2]},{unit[3]}")
    expect(page.locator("#card .facts")).to_be_visible()
    expect(page.locator("#card .card-report")).to_have_count(0)


@pytest.mark.parametrize(
    ("accuracy", "offers"), [pytest.param(20, True, id="exact"), pytest.param(300, False, id="too vague")]
)
def test_the_device_tells_its_place_with_a_circle_and_metres(visit, unit, accuracy, offers):
    where = {"longitude": unit[2], "latitude": unit[3], "accuracy": accuracy}
    page = visit("officer", size=PHONE, geolocation=where, permissions=["geolocation"]).open()
    page.get_by_role("button", name="我的位置").click()
    expect(page.locator("#card .facts")).to_contain_text(unit[4])
    expect(page.locator("#card .pair")).to_contain_text(f"误差约 {accuracy} 米")
    expect(page.locator(".own-position")).to_have_count(1)
    if offers:
        expect(page.locator("#card .card-report a")).to_have_attribute("href", re.compile("accuracy=20$"))
    else:
        expect(page.locator("#card")).to_contain_text("定位误差 300 米，不能据此上报")


def test_a_browser_that_may_not_tell_says_so(visit):
    page = visit(permissions=[]).open()
    page.get_by_role("button", name="我的位置").click()
    expect(page.locator("#state")).to_contain_text("浏览器未获准定位")


def test_on_a_phone_the_list_has_room_and_gives_way_to_the_card(visit, unit):
    page = visit(size=PHONE).open()
    page.fill("#place", unit.name)
    hit = page.locator("#place-list [role=option]").first
    expect(hit).to_be_visible()
    box = hit.bounding_box()
    assert box["height"] >= 44
    hit.tap()
    expect(page.locator("#card .facts")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_the_list_the_card_and_the_report_are_accessible(visit, unit, axe):
    page = visit("officer").open(f"/#at={unit[2]},{unit[3]}")
    expect(page.locator("#card .facts")).to_be_visible()
    page.fill("#place", unit.name)
    expect(page.locator("#place-list [role=option]").first).to_be_visible()
    for path in (None, f"/report?lon={unit[2]}&lat={unit[3]}", f"/where?lon={unit[2]}&lat={unit[3]}"):
        if path:
            page.goto(page.url.split("/")[0] + "//" + page.url.split("/")[2] + path)
        page.evaluate(axe)
        found = page.evaluate("axe.run().then((answer) => answer.violations.map((one) => [one.id, one.nodes[0].html]))")
        assert found == [], path


@pytest.fixture
def closed(site):
    """Number, longitude, latitude and title of a ticket that has ended."""
    with site.records() as session:
        return (
            session.connection()
            .exec_driver_sql(
                "SELECT number, ST_X(geom), ST_Y(geom), title FROM ticket"
                " WHERE state = 'closed' AND geom IS NOT NULL ORDER BY number LIMIT 1"
            )
            .one()
        )


def test_the_card_begins_with_what_was_chosen(visit):
    page = visit("officer").open()
    row = page.locator("#list-body li").first
    title = row.locator("button span").inner_text()
    row.locator("button").click()
    head = page.locator("#card .card-subject")
    expect(head.locator("strong")).to_have_text(title)
    number = page.evaluate("decodeURIComponent(location.hash)").split("sel=tickets:")[1].split("&")[0]
    expect(head).to_contain_text(number)
    expect(head.locator("a")).to_have_attribute("href", f"/tickets/{number}")
    page.keyboard.press("Escape")
    page.locator("#map_district").click(position={"x": 700, "y": 20})
    expect(head).to_be_hidden()


def test_a_ticket_that_the_conditions_leave_out_can_still_be_shown(visit, closed):
    number, lon, lat, title = closed
    page = visit("officer").open(
        f"/#view=17/{lat}/{lon}&at={lon},{lat}&sel=tickets:{number}&state=new&on=tickets,towns"
    )
    head = page.locator("#card .card-subject")
    expect(head.locator("strong")).to_have_text(title)
    expect(head).to_contain_text("当前筛选不含这件工单")
    head.get_by_role("button", name="显示全部工单").click()
    expect(head).not_to_contain_text("当前筛选不含这件工单")
    assert "state=" not in page.evaluate("location.hash")


def test_the_kind_of_issue_is_part_of_the_address(visit, unit):
    lon, lat = unit[2:4]
    page = visit("officer").open(f"/#view=16/{lat}/{lon}&at={lon},{lat}")
    page.locator("#card .facts").wait_for()
    page.locator("#category").select_option(index=2)
    chosen = page.locator("#category").input_value()
    expect(page.locator("#card")).to_contain_text("受理")
    page.wait_for_url(lambda url: f"kind={chosen}" in url)
    page.reload()
    page.locator("#card .facts").wait_for()
    assert page.locator("#category").input_value() == chosen


def test_a_click_on_a_cluster_comes_nearer_and_asks_nothing(visit):
    seen = visit("officer", size=PHONE)
    page = seen.open("/#view=11/31.15/122.75&on=tickets,towns&state=new,work,check")
    middle = page.evaluate(
        """() => {
        const map = document.querySelector("#map_district").getBoundingClientRect();
        const canvas = document.querySelector("canvas.map-overlay");
        const box = canvas.getBoundingClientRect();
        const pen = canvas.getContext("2d");
        const ratio = canvas.width / box.width;
        let [x, y, n] = [0, 0, 0];
        const dots = pen.getImageData(0, 0, canvas.width, canvas.height);
        const ring = getComputedStyle(document.documentElement).getPropertyValue("--ticket-work").trim();
        const want = [1, 3, 5].map((at) => parseInt(ring.slice(at, at + 2), 16));
        for (let at = 0; at < dots.data.length; at += 4) {
          if (!want.every((value, place) => dots.data[at + place] === value)) continue;
          x = (at / 4) % canvas.width; y = Math.floor(at / 4 / canvas.width); n += 1;
          break;
        }
        return { x: box.x + x / ratio, y: box.y + y / ratio + 6, n };
      }"""
    )
    assert middle["n"], "no cluster is drawn"
    seen.requests.clear()
    page.mouse.click(middle["x"], middle["y"])
    expect(page).not_to_have_url(re.compile("view=11/"))
    expect(page.locator("#card")).to_be_hidden()
    assert not [url for url in seen.requests if "/where" in url]


def test_without_scripts_a_phone_reaches_the_form(visit):
    page = visit(size=PHONE, java_script_enabled=False).open("/", wait=False)
    page.locator("#lat").scroll_into_view_if_needed()
    expect(page.locator("#lat")).to_be_in_viewport()
    expect(page.locator("#state")).to_be_hidden()
