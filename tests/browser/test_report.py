"""A report from the street: in three taps, with and without a network, exactly once, and not twice the same thing."""

import pytest
from frames import in_frames
from reporting import DESK, HOSTILE, LON, PHONE, an_open_ticket, axe_violations, choose, count, gps
from sqlalchemy import select

from geodata.models import Category, Photo, Ticket, TicketFollow

# how long the form waits for a better position
PATIENCE_MS = 10_000


@pytest.mark.parametrize("lang", ["zh-CN", "en-GB"])
def test_a_report_takes_three_taps_on_a_phone(report, empty, picture, lang):
    seen, page = report(lang=lang)
    picture(page, f"report-place-{lang[:2]}")
    page.click("#own-position")
    page.locator(".kinds").wait_for()
    picture(page, f"report-kind-{lang[:2]}")
    choose(page)
    page.locator("#send").wait_for()
    said = page.locator("#summary").inner_text()
    assert ("精度约 8 米，在本网格内" if lang == "zh-CN" else "good to about 8 m, within this cell") in said
    assert "西镇 · 一村" in said
    picture(page, f"report-send-{lang[:2]}")
    page.click("#send")
    page.wait_for_url("**/tickets/*-*")
    assert seen.blameless()
    with empty.records() as session:
        made = session.scalars(select(Ticket)).one()
        assert (made.datum_evidence, made.accuracy_m, made.category_code) == ("device", 8, "0501")
        assert made.title == ("无照经营游商" if lang == "zh-CN" else "unlicensed street vending")


def test_photos_are_made_small_on_the_phone_and_seen_before_they_are_sent(report, empty, photo, picture):
    seen, page = report("/report?unit=MARKET&category=0501")
    page.click("[data-of=send] button")
    page.set_input_files("#photos", [str(photo), str(photo)])
    page.locator("#photos-chosen img").nth(1).wait_for()
    picture(page, "report-photos")
    page.locator("#photos-chosen button").first.click()
    assert page.locator("#photos-chosen img").count() == 1
    with page.expect_request(lambda request: request.method == "POST") as sending:
        page.click("#send")
    page.wait_for_url("**/tickets/*-*")
    assert 0 < int(sending.value.all_headers()["content-length"]) < photo.stat().st_size
    page.locator(".photo-strip img").wait_for()
    page.locator(".photo-strip img").scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('.photo-strip img').naturalWidth > 0")
    assert page.evaluate("document.querySelector('.photo-strip img').naturalWidth") == 320
    assert seen.blameless()
    with empty.records() as session:
        row = session.scalars(select(Photo)).one()
        assert (row.width, row.height, row.kind) == (1600, 1200, "report")


@pytest.mark.parametrize(
    ("accuracy", "words", "goes_on"),
    [(60, "精度约 60 米，可能在相邻网格", True), (300, "定位误差 300 米", False)],
)
def test_how_well_a_position_is_known_is_said(report, accuracy, words, goes_on):
    _seen, page = report(**gps(accuracy))
    page.clock.install()
    page.click("#own-position")
    page.get_by_text(f"{accuracy} 米").first.wait_for(state="attached")
    # a better one is waited for, and none comes
    page.clock.fast_forward(PATIENCE_MS)
    page.get_by_text(words).first.wait_for(state="attached")
    assert page.locator("#report").get_attribute("data-now") == ("kind" if goes_on else "place")
    if not goes_on:
        page.click("#next")
        assert words in page.locator("#place > .field-wrong").inner_text()


def test_a_position_beyond_the_district_leads_nowhere(report):
    _seen, page = report(**gps(lon=LON + 1))
    page.click("#own-position")
    page.get_by_text("本区之外").wait_for()
    page.click("#next")
    assert page.locator("#report").get_attribute("data-now") == "place"


def test_who_does_not_allow_a_position_is_told_of_other_ways(report):
    _seen, page = report(permissions=[])
    page.click("#own-position")
    page.get_by_text("浏览器未允许定位").wait_for()
    page.fill("#find", "集市")
    page.locator("#find-list .hit").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.locator("#place-said").get_by_text("西镇 · 一村").wait_for()
    page.click("#next")
    choose(page)
    assert page.input_value("[name=origin]") == "unit"
    assert page.input_value("#address") == "集市"


def test_a_place_is_pointed_at_on_the_map_by_hand_and_by_keys(report):
    seen, page = report(size=DESK)
    page.wait_for_selector("html[data-map-ready=true]")
    box = page.locator("#map_district").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.get_by_text("镇").first.wait_for()
    by_hand = page.input_value("[name=lon]")
    assert by_hand
    page.focus("#map_district")
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("() => !document.querySelector('.leaflet-pan-anim')")
    page.keyboard.press("Enter")
    page.wait_for_function("(was) => document.querySelector('[name=lon]').value !== was", arg=by_hand)
    assert float(page.input_value("[name=lon]")) < float(by_hand)
    assert page.input_value("[name=origin]") == "pin"
    assert seen.blameless()


# --- not twice the same thing -------------------------------------------------------------------------------


def test_tickets_like_it_are_compared_and_one_follows(report, empty, photo, picture):
    number = an_open_ticket(empty)
    seen, page = report()
    page.click("#own-position")
    page.locator(".kinds").wait_for()
    choose(page)
    page.set_input_files("#photos", str(photo))
    pair = page.locator(".alike-pair")
    pair.locator("img").nth(1).wait_for()
    text = pair.inner_text()
    assert all(words in text for words in ("我的", number, "集市门口摆摊", "相距 20 米", "已派遣"))
    picture(page, "report-alike", full_page=True)
    page.click("#send")
    page.get_by_text("请先确认是不是同一件").wait_for()
    assert count(empty) == 1
    pair.get_by_role("button", name="同一件，关注").click()
    page.get_by_text(f"已关注工单 {number}").wait_for()
    assert (count(empty), count(empty, TicketFollow)) == (1, 1)
    assert seen.blameless()


def test_whoever_has_another_thing_says_so_and_sends_it(report, empty):
    an_open_ticket(empty)
    seen, page = report("/report?unit=MARKET&category=0501", size=DESK)
    page.get_by_role("button", name="我的是另一件").click()
    page.click("#send")
    page.wait_for_url("**/tickets/*-*")
    assert count(empty) == 2
    assert seen.blameless()


# --- put right at once ---------------------------------------------------------------------------------------


def test_what_was_put_right_at_once_needs_both_photos(report, empty, photo):
    seen, page = report("/report?unit=MARKET&category=0501")
    page.click("[data-of=send] button")
    assert not page.locator("#handled-photos").is_visible()
    page.check("#handled")
    page.set_input_files("#before", str(photo))
    page.locator("#before-chosen img").wait_for()
    page.click("#send")
    assert "处置前、处置后照片各一张" in page.locator(".stage > .field-wrong").inner_text()
    page.set_input_files("#after", str(photo))
    page.locator("#after-chosen img").wait_for()
    page.click("#send")
    page.wait_for_url("**/tickets/*-*")
    assert "自行处置" in page.locator("main").inner_text()
    with empty.records() as session:
        assert session.scalars(select(Ticket.state)).one() == "done"
    assert seen.blameless()


# --- hostile words, no scripts, all people --------------------------------------------------------------------


def test_no_words_ever_run(report, empty, tmp_path):
    with empty.records() as session:
        was = session.get_one(Category, "0501").name_zh
        session.get_one(Category, "0501").name_zh = HOSTILE
    try:
        number = an_open_ticket(empty, HOSTILE)
        photo = tmp_path / "<img src=x onerror=window.__pwned=1>.jpg"
        photo.write_bytes(b"no photo at all")
        seen, page = report("/report?unit=MARKET&category=0501")
        page.click("[data-of=send] button")
        for field in ("#title", "#description", "#address"):
            page.fill(field, HOSTILE)
        page.set_input_files("#photos", str(photo))
        page.get_by_text("本机打不开").wait_for()
        page.locator(".alike-pair").get_by_text(number).wait_for()
        assert HOSTILE in page.locator(".alike-pair").inner_text()
        page.get_by_role("button", name="我的是另一件").click()
        page.click("#send")
        page.locator(".field-wrong").get_by_text("第 1 张照片").wait_for()
        assert HOSTILE in page.input_value("#title")
        page.context.set_offline(True)
        page.click("#send")
        page.get_by_text("待发送 1 条").wait_for()
        assert page.evaluate("window.__pwned") is None
        assert page.evaluate("document.querySelectorAll('img[src=x]').length") == 0
        assert (seen.foreign, seen.violations) == ([], [])
    finally:
        with empty.records() as session:
            session.get_one(Category, "0501").name_zh = was


def test_the_form_works_without_scripts(visit, empty, photo, picture):
    page = visit("officer", at=empty, size=PHONE, java_script_enabled=False).open("/report")
    page.fill("#find", "集市")
    page.click("button[name=look]")
    page.locator("input[name=spot]").first.check()
    choose(page)
    page.set_input_files("#photos", str(photo))
    picture(page, "report-plain", full_page=True)
    page.click("#send")
    page.wait_for_url("**/tickets/*-*")
    assert (count(empty), count(empty, Photo)) == (1, 1)


@in_frames
def test_the_form_is_usable_by_all(report, empty, axe, picture, photo, size, lang):
    an_open_ticket(empty)
    seen, page = report(size=size, lang=lang, color_scheme="dark" if lang == "en-GB" else "light")
    assert axe_violations(page, axe) == []
    page.click("#own-position")
    page.locator(".kinds").wait_for()
    assert axe_violations(page, axe) == []
    choose(page)
    page.set_input_files("#photos", str(photo))
    page.locator(".alike-pair img").nth(1).wait_for()
    page.check("#handled")
    assert axe_violations(page, axe) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    picture(page, f"report-{size['width']}-{lang[:2]}", full_page=True)
    assert seen.blameless()
