"""The page of exports: choosing, downloading with progress, cancelling, and all of it without scripts."""

import csv
import re

import pytest
from playwright.sync_api import expect

PHONE = {"width": 390, "height": 844}


def downloaded(page, link):
    with page.expect_download() as found:
        link.click()
    return found.value


def test_a_format_is_chosen_and_a_collection_downloaded(visit, tmp_path):
    page = visit("district").open("/exports?lang=en")
    page.get_by_label("Format").select_option("csv")
    expect(page.locator("#of-geometry")).to_be_visible()
    page.get_by_label("Coordinates").select_option("EPSG:4549")
    file = downloaded(page, page.get_by_role("link", name="Download Towns"))
    assert re.fullmatch(r"towns-\d{8}\.csv", file.suggested_filename)
    file.save_as(tmp_path / "towns.csv")
    rows = list(csv.DictReader((tmp_path / "towns.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert rows
    assert "wkt" in rows[0]
    expect(page.locator("#running")).to_contain_text("done")
    expect(page.locator("#running progress")).to_have_attribute("aria-label", re.compile("Towns · CSV"))
    page.get_by_role("button", name="Dismiss Towns").click()
    expect(page.locator("#running")).to_be_hidden()


def test_a_format_that_is_made_on_disk_is_downloaded_too(visit):
    page = visit("district").open("/exports?lang=en")
    file = downloaded(page, page.get_by_role("link", name="Download Member units"))
    assert re.fullmatch(r"units-\d{8}\.gpkg", file.suggested_filename)
    expect(page.locator("#running [role=status]")).to_contain_text("done, ")


def test_only_what_a_format_takes_is_offered(visit):
    page = visit("viewer").open("/exports?lang=en")
    expect(page.locator("#of-crs")).to_be_visible()
    expect(page.locator("#of-geometry")).to_be_hidden()
    page.get_by_label("Format").select_option("kml")
    expect(page.locator("#of-crs")).to_be_hidden()
    expect(page.get_by_role("link", name="Download Towns")).to_have_attribute("href", "/export/towns.kml")


def test_a_download_can_be_cancelled(visit):
    seen = visit("district")
    page = seen.open("/exports?lang=en")
    # the server never answers
    page.route("**/export/towns.gpkg*", lambda _route: None)
    page.get_by_role("link", name="Download Towns").click()
    page.get_by_role("button", name="Cancel Towns").click()
    expect(page.locator("#running [role=status]")).to_have_text("download cancelled")


def test_the_conditions_of_a_list_go_along(visit):
    page = visit("district").open("/tickets?state=new&lang=en")
    page.get_by_role("link", name="Other formats").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Export: Tickets")
    link = page.get_by_role("link", name="Download Tickets")
    assert "state=new" in link.get_attribute("href")
    expect(page.locator("main")).to_contain_text("state=new")


def test_links_download_without_scripts(browser, visit):
    url = visit("viewer").site.url
    context = browser.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(f"{url}/exports?lang=en")
        page.get_by_label("Format").select_option("geojsonseq")
        page.get_by_role("button", name="Show").click()
        file = downloaded(page, page.get_by_role("link", name="Download Towns"))
        assert file.suggested_filename.endswith(".geojsons")
    finally:
        context.close()


@pytest.mark.parametrize("size", [PHONE, {"width": 1280, "height": 800}], ids=["phone", "desk"])
@pytest.mark.parametrize("lang", ["zh_Hans", "en"])
def test_the_page_fits(visit, picture, size, lang):
    page = visit("district", size=size).open(f"/exports?lang={lang}&form=csv")
    downloaded(page, page.locator("a[data-id=towns]"))
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    picture(page, f"exports-{lang}-{size['width']}")
