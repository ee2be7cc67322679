"""A file brought in by hand: the datum told from its places, a heading matched, rows seen on the map, then stored."""

import json
import re

import pytest
from accessibility import RULES
from makers import add_areas
from playwright.sync_api import expect
from sqlalchemy import func, select

from geodata.models import MemberUnit
from geodata.services.imports import import_file
from geodata.services.users import add_user
from spatial.coordinates import Wgs84
from spatial.crs import GCJ02

READY = "html[data-map-ready=true]"
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}


def site_with_a_planner(where):
    """The same site with two towns and a planner."""
    with where.records() as session:
        add_areas(session)
        add_user(session, "planner", password="planner-demo", role="planner")
    return where


@pytest.fixture(scope="module")
def town(serve, clone):
    """A site with two towns and a planner."""
    return site_with_a_planner(serve(clone()))


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """Units with odd headings, along both sides of the border of the two towns, in GCJ-02."""
    west = [(121.4195 - n / 2000, 31.102 + n / 4000) for n in range(20)]
    east = [(121.4205 + n / 2000, 31.102 + n / 4000) for n in range(20)]
    lines = []
    for town, places in (("西镇", west), ("东镇", east)):
        raw = Wgs84([lon for lon, _lat in places], [lat for _lon, lat in places]).written_in(GCJ02)
        lines += [
            f"{town}第{n}单位,{town}东川路{n}号,{x:.6f},{y:.6f},<b>{n}</b>"
            for n, (x, y) in enumerate(zip(raw.x, raw.y, strict=True))
        ]
    path = tmp_path_factory.mktemp("files") / "驻区 单位.csv"
    path.write_text("\n".join(["机构全名叫啥,地址,lng,lat,备注<i>", *lines, ",空,,,"]), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def stocked(serve, clone, odd):
    """Another one, where the odd units are already."""
    where = site_with_a_planner(serve(clone()))
    with where.records() as session:
        found = import_file(session, "units", odd, datum="gcj02", mapping={"name": "机构全名叫啥"}, skip_bad=True)
        assert found.stored == 40
    return where


def send(page, path, kind="units"):
    page.select_option("#kind", kind)
    page.set_input_files("#file", path)
    page.click("#send button.first")
    page.wait_for_url(re.compile(r"/import/[0-9a-f]{32}$"))


def change(page, act):
    """Do what has the page looked at again."""
    with page.expect_navigation():
        act()


def test_from_a_file_with_odd_headings_to_units_on_the_map(visit, town, odd, picture):
    seen = visit("planner", at=town)
    page = seen.open("/import")
    expect(page.locator("#about-kind")).to_contain_text("单位")
    picture(page, "import-send-desk", full_page=True)
    send(page, odd)
    # no heading is known as the name, and it is told before anything else
    expect(page.locator("[data-word=FieldsMissing], [data-word=DatumNeeded]")).to_be_visible()
    expect(page.locator(".verdict")).to_contain_text("GCJ-02")
    change(page, lambda: page.get_by_label("机构全名叫啥").select_option("name"))
    expect(page.locator("[data-word=DatumNeeded]")).to_be_visible()
    picture(page, "import-datum-desk", full_page=True)
    change(page, lambda: page.get_by_role("radio", name="GCJ-02").check())
    page.wait_for_selector(READY)
    expect(page.locator(".verdict .says")).to_contain_text("相符")
    expect(page.locator(".import-dot.is-new")).to_have_count(40)
    expect(page.locator(".import-figures dd")).to_have_text(["41", "40", "0", "0", "1"])
    expect(page.locator("#problems-title")).to_contain_text("1")
    picture(page, "import-check-desk", full_page=True)
    assert page.evaluate("window.__pwned") is None
    page.get_by_label("略过有问题的 1 行").check()
    with page.expect_navigation(url=re.compile(r"/imports/\d+$")):
        page.get_by_role("button", name="导入").click()
    expect(page.locator("h1")).to_have_text("驻区 单位.csv")
    picture(page, "import-done-desk", full_page=True)
    with town.records() as session:
        assert session.scalar(select(func.count()).select_from(MemberUnit)) == 40
        one = session.scalars(select(MemberUnit).where(MemberUnit.name == "西镇第0单位")).one()
        assert (one.datum, one.town_code) == ("gcj02", "310112101000")
    page.get_by_role("link", name="查看记录").click()
    expect(page.locator("main")).to_contain_text("西镇第")
    assert seen.blameless()


def test_the_same_file_once_more_changes_nothing_and_another_datum_is_refused(visit, stocked, odd):
    seen = visit("planner", at=stocked, lang="en")
    page = seen.open("/import")
    send(page, odd)
    change(page, lambda: page.get_by_label("机构全名叫啥").select_option("name"))
    change(page, lambda: page.get_by_role("radio", name="WGS 84", exact=True).check())
    expect(page.locator(".says.is-late")).to_be_visible()
    expect(page.locator("#run")).to_have_count(0)
    change(page, lambda: page.locator("input[name=trust_datum]").check())
    expect(page.locator("#run")).to_be_visible()
    change(page, lambda: page.locator("input[name=trust_datum]").uncheck())
    change(page, lambda: page.get_by_role("radio", name="GCJ-02").check())
    expect(page.locator(".import-figures dd")).to_have_text(["41", "0", "0", "40", "1"])
    page.wait_for_selector(READY)
    expect(page.locator(".import-dot.is-unchanged")).to_have_count(40)
    page.get_by_role("button", name="Discard the file").click()
    expect(page.locator(".flash")).to_contain_text("was discarded")
    assert seen.blameless()


@pytest.mark.parametrize(
    "size", [pytest.param(PHONE, id="phone"), pytest.param(DESK, id="desk", marks=pytest.mark.slow)]
)
def test_readers_of_any_kind_can_use_the_pages(visit, town, odd, axe, size, picture):
    name = "phone" if size == PHONE else "desk"
    seen = visit("planner", at=town, size=size, lang="en")
    page = seen.open("/import")
    page.evaluate(axe)
    assert json.loads(page.evaluate(RULES)) == []
    picture(page, f"import-send-{name}-en", full_page=True)
    send(page, odd)
    change(page, lambda: page.get_by_label("机构全名叫啥").select_option("name"))
    change(page, lambda: page.get_by_role("radio", name="GCJ-02").check())
    page.wait_for_selector(READY)
    page.evaluate(axe)
    assert json.loads(page.evaluate(RULES)) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    picture(page, f"import-check-{name}-en", full_page=True)
    page.goto(f"{town.url}/imports")
    page.evaluate(axe)
    assert json.loads(page.evaluate(RULES)) == []
    picture(page, f"imports-{name}-en", full_page=True)


def test_without_scripts_the_same_is_done(visit, town, odd):
    seen = visit("planner", at=town, java_script_enabled=False)
    page = seen.open("/import")
    page.select_option("#kind", "units")
    page.set_input_files("#file", odd)
    page.click("#send button.first")
    page.get_by_label("机构全名叫啥").select_option("name")
    page.get_by_role("radio", name="GCJ-02").check()
    page.click("#again")
    expect(page.locator(".import-figures dd")).to_have_text(["41", "0", "0", "40", "1"])
    page.get_by_label("略过有问题的 1 行").check()
    page.get_by_role("button", name="导入").click()
    expect(page.locator("h1")).to_have_text("驻区 单位.csv")
    expect(page.locator(".import-figures")).to_be_visible()
