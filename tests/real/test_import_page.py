"""Files of Minhang as published, brought in through the page by a planner: boundaries first, then what lies in them."""

import re

import pytest
from browser.conftest import browser_type_launch_args, picture, serve, visit  # noqa: F401 - fixtures of the page tests
from playwright.sync_api import expect
from sqlalchemy import func, select

from geodata.models import Area, GazetteerEntry, MemberUnit
from geodata.services.stamps import check_stamps
from geodata.services.users import add_user

pytestmark = [pytest.mark.real, pytest.mark.browser]

READY = "html[data-map-ready=true]"


@pytest.fixture(scope="session")
def site(serve, clone):  # noqa: F811 - the fixture named above
    """An empty district of Minhang's code, and its planner."""
    where = serve(clone(name="闵行区"))
    with where.records() as session:
        add_user(session, "planner", password="planner-demo", role="planner")
    return where


def send(page, path, kind):
    page.goto(page.url.partition("/import")[0] + "/import" if "/import" in page.url else page.url)
    page.select_option("#kind", kind)
    page.set_input_files("#file", path)
    page.click("#send button.first")
    page.wait_for_url(re.compile(r"/import/[0-9a-f]{32}$"))


def choose(page, datum):
    with page.expect_navigation():
        page.locator(f"input[name=datum][value={datum}]").check()
    page.wait_for_selector(READY)


def take(page):
    with page.expect_navigation(url=re.compile(r"/imports/\d+$")):
        page.locator("#run button").click()


def figures(page):
    return [int(text) for text in page.locator(".import-figures dd").all_inner_texts()]


def test_boundaries_stations_and_estates_of_minhang_come_in_through_the_page(visit, real_data, site, picture):  # noqa: F811
    seen = visit("planner")
    page = seen.open("/import", wait=False)
    send(page, real_data / "minhang-boundaries" / "minhang_towns_gcj02.geojson", "areas")
    expect(page.locator("[data-word=DatumNeeded]")).to_be_visible()
    choose(page, "gcj02")
    assert figures(page) == [14, 14, 0, 0, 0]
    expect(page.locator("path.import-ground.is-new")).to_have_count(14)
    picture(page, "import-real-towns", full_page=True)
    take(page)

    send(page, real_data / "minhang-points" / "energy_stations_bd09.csv", "units")
    expect(page.locator(".verdict .says")).to_contain_text("BD-09")
    choose(page, "wgs84")
    expect(page.locator(".says.is-late")).to_be_visible()
    expect(page.locator("#run")).to_have_count(0)
    choose(page, "bd09")
    expect(page.locator(".says.is-ok")).to_be_visible()
    assert figures(page) == [64, 64, 0, 0, 0]
    expect(page.locator(".import-dot.is-new")).to_have_count(64)
    picture(page, "import-real-stations", full_page=True)
    take(page)

    send(page, real_data / "minhang-points" / "rental_estates_gcj02.csv", "gazetteer")
    choose(page, "gcj02")
    rows, new, *_others = figures(page)
    assert rows == new > 0
    take(page)

    with site.records() as session:
        assert session.scalar(select(func.count()).select_from(Area).where(Area.level == "town")) == 14
        assert (
            session.scalar(select(func.count()).select_from(MemberUnit).where(MemberUnit.town_code.is_not(None))) == 64
        )
        assert session.scalar(select(func.count()).select_from(GazetteerEntry)) == new
        assert check_stamps(session) == []
    assert seen.blameless()
