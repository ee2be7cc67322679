"""The comparison of towns: figures that open their tickets, a map of one of them, and who sees whose."""

import csv
import html
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from makers import add_areas

from geodata.models import Ticket

WEST, EAST = "310112101000", "310112102000"


@pytest.fixture
def district(records):
    """The western town has three open tickets, one of them late, and three that were closed lately, one too late."""
    now = datetime.now(UTC)

    def add(session, number, town=WEST, **facts):
        told = {"source": "s", "category_code": "0102", "title": "垃圾", "state": "reported", "reported_at": now}
        session.add(Ticket(number=number, town_code=town, **{**told, **facts}))

    with records() as session:
        add_areas(session)
        add(session, "NEW")
        add(session, "LATE", state="handling", due_at=now - timedelta(hours=2))
        add(session, "DONE", state="done")
        for number, left in (("C1", 1), ("C2", 1), ("C3", -1)):
            ended = now - timedelta(minutes=5)
            add(session, number, state="closed", closed_at=ended, due_at=ended + timedelta(hours=left), rework_count=1)
        add(session, "EAST", EAST, state="returned")


def rows(page):
    """Texts of the cells of each row of the table."""
    found = re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", page, re.S)
    return [
        [re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", cell)).strip() for cell in re.split("<td", row)] for row in found
    ]


def test_towns_stand_side_by_side_with_the_district_below(signed_in, district):
    page = signed_in("district").get("/dashboard").text
    found = {row[0]: [cell.split(">", 1)[-1].strip() for cell in row[1:]] for row in rows(page)}
    assert list(found) == ["西镇", "东镇", "试验区"]
    assert found["西镇"][:5] == ["3", "1", "0", "1", "0.7"]
    assert found["西镇"][7:9] == ["66.7 2/3", "100.0 3/3"]
    assert found["东镇"][:4] == ["1", "0", "1", "0"]
    assert found["东镇"][7] == "–"
    assert found["试验区"][0] == "4"


def test_every_figure_opens_as_many_tickets_as_it_says(signed_in, district):
    browser = signed_in("district")
    checked = 0
    for row in re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", browser.get("/dashboard").text, re.S):
        cells = [
            re.search(r'<a href="([^"]+)">([\d.,]+)</a>(?: <span[^>]*>(\d+)/(\d+))?', cell)
            for cell in row.split("<td")[1:]
        ]
        counts = {place: cell.group(2) for place, cell in enumerate(cells) if cell and place in {0, 1, 2, 3, 5, 6}}
        counts |= {place: cells[place].group(4) for place in (7,) if cells[place]}
        counts |= {place: cells[place].group(3) for place in (8, 9) if cells[place]}
        for place, count in counts.items():
            listed = browser.get(html.unescape(cells[place].group(1))).text
            assert re.search(r"共 (\d+)", listed).group(1) == count, cells[place].group(1)
            checked += 1
    assert checked > 20


def test_the_map_shows_one_figure_in_five_colours_and_small_maps_lead_to_the_others(signed_in, district):
    page = signed_in("district").get("/dashboard?show=check").text
    assert '<h2 id="map-title">待核查</h2>' in page
    assert f'<use href="#town-{WEST}" class="step-5">' in page
    assert f'<use href="#town-{EAST}" class="step-1">' in page
    assert 'href="/dashboard?show=ontime"' in page
    without = signed_in("planner").get("/dashboard?show=ontime").text
    assert f'<use href="#town-{EAST}" class="no-data">' in without
    assert "无数据" in without


def test_a_town_office_sees_its_own_town_and_the_district(signed_in, district):
    page = signed_in("town_office", area_code=WEST).get("/dashboard").text
    assert [row[0] for row in rows(page)] == ["西镇", "试验区"]
    assert "东镇" not in page
    assert "one-map" not in page
    # its own figures open their tickets; those of the others are nobody's business
    assert f"area={WEST}" in page
    assert re.search(r"<tfoot>(.*?)</tfoot>", page, re.S).group(1).count("<a ") == 0
    table = signed_in("viewer", area_code=EAST).get("/dashboard/towns.csv").text
    assert "西镇" not in table


def test_the_table_is_there_as_a_sheet(signed_in, district):
    answer = signed_in("district").get("/dashboard/towns.csv")
    assert answer.mimetype == "text/csv"
    table = list(csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    assert table[0][:4] == ["编码", "街镇", "在办", "超期"]
    assert [line[:4] for line in table[1:]] == [
        [WEST, "西镇", "3", "1"],
        [EAST, "东镇", "1", "0"],
        ["", "试验区", "4", "1"],
    ]


@pytest.mark.parametrize(
    ("path", "status"),
    [("/dashboard?show=nothing", 400), ("/dashboard?page=2", 400), ("/dashboard/towns.csv?x=1", 400)],
)
def test_what_cannot_be_shown_is_refused(signed_in, path, status):
    assert signed_in("district").get(path).status_code == status


def test_a_visitor_signs_in_first(client):
    assert client.get("/dashboard").status_code == 401
    assert client.get("/dashboard/towns.csv").status_code == 401


def test_a_district_without_towns_says_what_there_is(signed_in):
    page = signed_in("district").get("/dashboard")
    assert page.status_code == 200
    assert [row[0] for row in rows(page.text)] == ["试验区"]
