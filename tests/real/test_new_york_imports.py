"""New York, with nothing changed but settings: other codes, another zone, another metre CRS, another language."""

import csv
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geodata.models import Area, Ticket
from geodata.services.imports import import_file
from geodata.services.stamps import check_stamps

pytestmark = pytest.mark.real

BOROUGHS = {"MANHATTAN": 1, "BRONX": 2, "BROOKLYN": 3, "QUEENS": 4, "STATEN ISLAND": 5}


@pytest.fixture
def city(make_district):
    """A session on the five boroughs' installation."""
    engine = make_district(
        code="NYC",
        name="New York",
        metre_crs="EPSG:32618",
        timezone="America/New_York",
        lang="en",
        code_pattern="{town:1}{village:2}{cell:5}",
    )
    with Session(engine) as session:
        yield session


@pytest.fixture
def take(city, real_data):
    """A function that imports one of the real files."""
    folder = real_data / "nyc-311"
    return lambda kind, name, **options: import_file(city, kind, folder / name, **{"datum": "wgs84", **options})


@pytest.fixture
def areas(take):
    """Boroughs and community districts, taken in."""
    return (
        take("areas", "nyc_boroughs.geojson", level="town", mapping={"code": "boro_code", "name": "boro_name"}),
        take("areas", "nyc_community_districts.geojson", level="village", mapping={"code": "BoroCD", "name": "BoroCD"}),
    )


def test_boroughs_and_community_districts(city, areas):
    boroughs, districts = areas
    assert (boroughs.stored, boroughs.problems, boroughs.repairs) == (5, [], [])
    assert (districts.stored, districts.problems) == (71, [])
    assert next(note for note in districts.notes if note.word == "parents").facts == {"code": 71}
    wrong = select(func.count()).where(Area.level == "village", func.left(Area.code, 1) != Area.parent_code)
    assert city.scalar(wrong) == 0


@pytest.mark.usefixtures("areas")
def test_a_thousand_tickets_lie_where_the_city_says(city, take, real_data):
    constant = {"category_code": "=0501"}
    report = take("tickets", "nyc_311_2024-04.csv", mapping=constant)
    assert (report.stored, report.problems, report.refused) == (1000, [], None)
    assert next(note for note in report.notes if note.word == "no_position").facts["count"] == 23
    codes = dict(city.execute(select(Ticket.source_ref, Ticket.village_code)).all())
    with (real_data / "nyc-311/nyc_311_2024-04.csv").open(encoding="utf-8") as lines:
        told = [(row["unique_key"], board_of(row)) for row in csv.DictReader(lines) if row["latitude"]]
    checked = [(codes[key], board) for key, board in told if board is not None]
    assert len(checked) == 975
    assert sum(code == board for code, board in checked) >= 969
    assert check_stamps(city) == []
    assert take("tickets", "nyc_311_2024-04.csv", mapping=constant).unchanged == 1000


def board_of(row):
    """The code of the board that the city wrote on the ticket, None where it wrote none."""
    number, _, borough = row["community_board"].partition(" ")
    if not number.isdigit() or number == "0" or borough not in BOROUGHS:
        return None
    return f"{BOROUGHS[borough]}{int(number):02}"


@pytest.mark.usefixtures("areas")
def test_tickets_keep_their_state_time_and_office(city, take):
    take("tickets", "nyc_311_2024-04.csv", mapping={"category_code": "=0501"})
    states = select(Ticket.state, func.count()).group_by(Ticket.state).order_by(Ticket.state)
    assert [tuple(row) for row in city.execute(states)] == [
        ("closed", 293),
        ("filed", 6),
        ("handling", 277),
        ("reported", 424),
    ]
    first = city.scalars(select(Ticket).where(Ticket.source_ref == "60879417")).one()
    assert first.reported_at == datetime(2024, 4, 16, 3, 3, 15, tzinfo=ZoneInfo("America/New_York"))
    without = select(Ticket.office_code).where(Ticket.geom.is_(None)).distinct()
    assert city.scalars(without).all() == ["NYC"]


@pytest.mark.usefixtures("areas")
def test_kinds_of_complaint_that_are_not_ours_are_problems(take):
    report = take("tickets", "nyc_311_2024-04.csv")
    assert report.bad > 900
    assert {problem.field for problem in report.problems} == {"category_code"}
