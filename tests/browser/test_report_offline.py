"""Reports without a network: kept in the browser, and sent exactly once."""

import pytest
from reporting import FORM_READY, an_open_ticket, choose, count, kept_offline, until

from geodata.models import Photo, RequestKey


def test_without_a_network_a_report_waits_and_then_arrives_once(report, empty, photo, picture):
    seen, page = report()
    kept_offline(page)
    page.context.set_offline(True)
    page.goto(empty.url + "/report")
    page.wait_for_selector(FORM_READY)
    page.click("#own-position")
    page.locator(".kinds").wait_for()
    choose(page)
    page.set_input_files("#photos", str(photo))
    page.locator("#photos-chosen img").wait_for()
    page.click("#send")
    page.get_by_text("已存在本机").wait_for()
    assert page.locator("#outbox-title").inner_text() == "待发送 1 条"
    picture(page, "report-offline")
    # the phone is put away and taken out again
    page.goto(empty.url + "/report")
    page.wait_for_selector(FORM_READY)
    page.get_by_text("待发送 1 条").wait_for()
    assert "1 张照片" in page.locator("#outbox-list").inner_text()
    assert count(empty) == 0
    page.context.set_offline(False)
    page.get_by_text("已发送：工单").wait_for()
    assert not page.locator("#outbox").is_visible()
    assert (count(empty), count(empty, Photo), count(empty, RequestKey)) == (1, 1, 1)
    assert (seen.foreign, seen.violations) == ([], [])


def test_an_answer_that_was_lost_makes_no_second_ticket(report, empty):
    _seen, page = report("/report?unit=MARKET&category=0501")
    page.click("[data-of=send] button")
    lost = []

    def lose(route):
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    page.context.route("**/report", lose)
    page.click("#send")
    page.get_by_text("已存在本机").wait_for()
    assert (lost, count(empty)) == ([201], 1)
    page.locator("#outbox-list").get_by_role("button", name="重试").click()
    page.get_by_text("已发送：工单").wait_for()
    assert (count(empty), count(empty, RequestKey)) == (1, 1)


def test_two_windows_send_what_waits_once(report, empty):
    _seen, page = report("/report?unit=MARKET&category=0501")
    kept_offline(page)
    page.context.set_offline(True)
    page.click("[data-of=send] button")
    page.click("#send")
    page.get_by_text("待发送 1 条").wait_for()
    other = page.context.new_page()
    other.goto(empty.url + "/report")
    other.get_by_text("待发送 1 条").wait_for()
    page.context.set_offline(False)
    for window in (page, other):
        window.wait_for_function("() => document.querySelector('#outbox').hidden")
    assert count(empty) == 1


def test_what_was_reported_meanwhile_is_compared_before_it_is_sent(report, empty):
    _seen, page = report("/report?unit=MARKET&category=0501")
    kept_offline(page)
    page.context.set_offline(True)
    page.click("[data-of=send] button")
    page.fill("#title", "摆摊占道")
    page.click("#send")
    page.get_by_text("待发送 1 条").wait_for()
    an_open_ticket(empty)
    page.context.set_offline(False)
    page.get_by_text("期间已有类似上报").wait_for()
    assert count(empty) == 1
    page.locator("#outbox-list").get_by_role("button", name="对比").click()
    page.locator(".alike-pair").wait_for()
    assert page.input_value("#title") == "摆摊占道"
    page.get_by_role("button", name="我的是另一件").click()
    page.click("#send")
    page.wait_for_url("**/tickets/*-*")
    assert count(empty) == 2


def test_what_one_person_wrote_another_does_not_send(visit, report, empty):
    _seen, page = report("/report?unit=MARKET&category=0501")
    kept_offline(page)
    page.context.set_offline(True)
    page.click("[data-of=send] button")
    page.click("#send")
    page.get_by_text("待发送 1 条").wait_for()
    # signed out meanwhile, it waits for its writer
    page.context.clear_cookies(name="wangge")
    page.context.set_offline(False)
    page.get_by_text("登录后发送").wait_for()
    page.goto(empty.url + "/login?next=/report")
    page.fill("#name", "district")
    page.fill("#password", "district-demo")
    page.click("main button")
    page.wait_for_selector(FORM_READY)
    assert "由 officer 填写" in page.locator("#outbox-list").inner_text()
    assert page.locator("#outbox-list").get_by_role("button", name="重试").count() == 0
    button = page.locator("#outbox-list button")
    button.click()
    assert button.inner_text() == "确认删除"
    button.click()
    page.wait_for_function("() => document.querySelector('#outbox').hidden")
    assert count(empty) == 0


def test_no_other_page_opens_without_a_network(report, empty):
    _seen, page = report()
    kept_offline(page)
    page.context.set_offline(True)
    for path in ("/tickets", "/", "/reports"):
        with pytest.raises(Exception, match="ERR_INTERNET_DISCONNECTED"):
            page.goto(empty.url + path)


def test_what_was_typed_comes_back(report, empty, photo):
    _seen, page = report()
    page.click("#own-position")
    page.locator(".kinds").wait_for()
    choose(page, "0102")
    page.fill("#description", "桶满了")
    page.set_input_files("#photos", str(photo))
    page.locator("#photos-chosen img").wait_for()
    until(
        page,
        """() => new Promise((resolve) => {
          const asking = indexedDB.open("wangge-report");
          asking.onsuccess = () => {
            const got = asking.result.transaction("draft").objectStore("draft").get("officer");
            got.onsuccess = () => resolve(Boolean(got.result && got.result.photos.length));
          };
        })""",
    )
    page.reload()
    page.wait_for_selector(FORM_READY)
    page.get_by_text("的草稿").wait_for()
    assert page.input_value("#description") == "桶满了"
    assert page.locator("#photos-chosen img").count() == 1
    assert page.is_checked("input[value='0102']")
    page.get_by_role("button", name="重新填写").click()
    page.locator("#report[data-now=place]").wait_for()
    assert page.input_value("#description") == ""
