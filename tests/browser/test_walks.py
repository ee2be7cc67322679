"""The five founding kinds of issue, each walked from the report in the street to the closed case by those who do it."""

import pytest
from makers import add_areas, add_unit, at
from pictures import photo_bytes
from reporting import axe_violations

from geodata.services.chain import verify
from geodata.services.grids import make_grid
from geodata.services.history import events
from geodata.services.tickets import ticket
from geodata.services.users import add_user

PHONE = {"width": 390, "height": 844}
WEST = "310112101000"
LON, LAT = at(0.5, 0.5)
PEOPLE = {"officer": "officer", "checker": "officer", "town": "town_office"}


@pytest.fixture(scope="module")
def street(serve, clone):
    """Two towns, cells, a squad that handles everything of the street, and people of the western town."""
    where = serve(clone())
    with where.records() as session:
        add_areas(session)
        make_grid(session, size_m=100)
        for kind in ("urban_management", "sanitation", "police", "community", "property"):
            add_unit(session, kind.upper(), 0.51, 0.5, kind=kind, town_code=WEST)
        for name, role in PEOPLE.items():
            add_user(session, name, password=f"{name}-demo", role=role, area_code=WEST)
    return where


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "IMG_0001.jpg"
    path.write_bytes(photo_bytes("seagreen", size=(1600, 1200)))
    return str(path)


def report(visit, street, category):
    """An officer with a phone reports where they stand; returns the number."""
    gps = {"longitude": LON, "latitude": LAT, "accuracy": 8}
    page = visit("officer", at=street, size=PHONE, geolocation=gps, permissions=["geolocation"]).open("/report")
    page.wait_for_selector("html[data-report-ready=true]")
    page.click("#own-position")
    page.locator(".kinds").wait_for()
    page.locator(f".kind:has(input[value='{category}'])").click()
    page.locator("#send").wait_for()
    page.click("#send")
    page.wait_for_url("**/tickets/*-*")
    return page.url.rpartition("/")[2]


def step(page, action, *, photo=None):
    """Make one move by its form on the ticket's page."""
    form = page.locator(f"form[action$='/{action}']")
    if not form.locator("button").is_visible():
        page.locator(f"details.step:has(form[action$='/{action}']) > summary").click()
    if photo:
        form.locator("input[type=file]").set_input_files(photo)
    form.locator("button").click()
    page.locator("table.steps").last.wait_for()


@pytest.mark.parametrize(
    "category",
    [
        pytest.param("0301", id="noise"),
        pytest.param("0101", id="illegal structure", marks=pytest.mark.slow),
        pytest.param("0102", id="rubbish", marks=pytest.mark.slow),
        pytest.param("0501", id="street trading", marks=pytest.mark.slow),
        pytest.param("2101", id="group rental", marks=pytest.mark.slow),
    ],
)
def test_from_the_report_to_the_closed_case(visit, street, photo, picture, category):
    number = report(visit, street, category)
    office = visit("town", at=street).open(f"/tickets/{number}", wait=False)
    assert office.locator("h2", has_text="派遣结果").count() == 1
    officer = visit("officer", at=street, size=PHONE).open(f"/tickets/{number}", wait=False)
    step(officer, "accept")
    step(officer, "handle")
    step(officer, "done", photo=photo)
    # whoever handled it is told that somebody else must look
    officer.locator("form[action$='/close'] button").click()
    officer.get_by_text("处置人不能核查").wait_for()
    checker = visit("checker", at=street, size=PHONE)
    page = checker.open(f"/tickets/{number}", wait=False)
    step(page, "check")
    step(page, "close")
    assert "已结案" in page.inner_text(".standing")
    picture(page, f"walk-{category}", full_page=True)
    assert checker.blameless()
    with street.records() as session:
        told = [event.action for event in events(session, ticket(session, number))]
        assert told == ["report", "assign", "accept", "handle", "done", "check", "close"]
        assert verify(session).is_whole


def test_a_unit_without_a_sign_in_works_by_a_link_that_is_used_up(visit, street, photo, picture, axe):
    number = report(visit, street, "0501")
    office = visit("town", at=street).open(f"/tickets/{number}", wait=False)
    office.locator("form[action$='/handover'] button").click()
    sheet = office.locator("#address")
    sheet.wait_for()
    picture(office, "handover-sheet", full_page=True)
    unit = visit(at=street, size=PHONE)
    path = sheet.inner_text().removeprefix(street.url)
    page = unit.open(path, wait=False)
    assert axe_violations(page, axe) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    for action in ("accept", "handle"):
        page.locator(f"form[action$='/{action}'] button").click()
        page.locator(f"form[action$='/{action}']").wait_for(state="detached")
    page.locator("details.step:has(form[action$='/done']) > summary").click()
    page.locator("form[action$='/done'] input[type=file]").set_input_files(photo)
    picture(page, "handover-phone", full_page=True)
    page.locator("form[action$='/done'] button").click()
    page.locator("form[action$='/done']").wait_for(state="detached")
    picture(page, "handover-done", full_page=True)
    assert unit.blameless()
    office.goto(f"{street.url}/tickets/{number}")
    assert "已处置" in office.inner_text(".standing")
    # the link has done its work, for whoever finds the sheet
    late = visit(at=street, size=PHONE)
    assert late.page.goto(street.url + path).status == 410
    with street.records() as session:
        told = [event.action for event in events(session, ticket(session, number))]
        assert told == ["report", "assign", "accept", "handle", "done"]
