"""Stamps: what lies where, on which day, and that what is stored equals point in polygon."""

from datetime import UTC, date, datetime

import makers
import numpy as np
import pytest
from sqlalchemy import select, text

from geodata.models import Area, GazetteerEntry, GridCell, MemberUnit, ResponsibilityPoint, Ticket
from geodata.services.stamps import check_stamps, stamp


@pytest.fixture
def areas(session):
    makers.add_areas(session)


def add_ticket(session, ref, east, north, *, at=datetime(2024, 4, 16, tzinfo=UTC), **facts):
    ticket = Ticket(number=ref, source="test", source_ref=ref, category_code="0501", title="x", reported_at=at, **facts)
    ticket.geom = None if east is None else makers.spot(east, north)
    session.add(ticket)
    session.flush()
    return ticket


def codes(row):
    return row.town_code, row.village_code, row.cell_code


@pytest.mark.usefixtures("areas")
@pytest.mark.parametrize(
    ("east", "north", "town", "village"),
    [
        pytest.param(0.5, 1, "310112101000", "310112101001", id="inside"),
        pytest.param(1, 1, "310112101000", "310112101001", id="on the line between villages: the lower code"),
        pytest.param(2, 1, "310112101000", "310112101002", id="on the line between towns: the lower code"),
        pytest.param(0, 0, "310112101000", "310112101001", id="on the corner of the district"),
        pytest.param(3, 1, "310112102000", None, id="where villages have no boundary"),
        pytest.param(9, 9, None, None, id="outside"),
    ],
)
def test_a_unit_is_stamped_by_its_place(east, north, town, village, session):
    unit = makers.add_unit(session, "A1", east, north)
    stamp(session, MemberUnit)
    assert codes(unit) == (town, village, None)
    assert check_stamps(session) == []


@pytest.mark.usefixtures("areas")
def test_the_count_is_of_rows_that_changed(session):
    makers.add_unit(session, "A1", 0.5, 1)
    makers.add_unit(session, "A2", 9, 9)
    assert stamp(session, MemberUnit) == 1
    assert stamp(session, MemberUnit) == 0


@pytest.mark.usefixtures("areas")
def test_only_the_rows_named_are_stamped(session):
    first, second = (makers.add_unit(session, code, 0.5, 1) for code in ("A1", "A2"))
    stamp(session, MemberUnit, ids=[second.id])
    assert (first.town_code, second.town_code) == (None, "310112101000")
    assert stamp(session, MemberUnit, ids=[]) == 0


@pytest.mark.usefixtures("areas")
def test_a_unit_that_loses_its_place_loses_its_codes(session):
    unit = makers.add_unit(session, "A1", 0.5, 1)
    stamp(session, MemberUnit)
    unit.geom = None
    stamp(session, MemberUnit)
    assert codes(unit) == (None, None, None)


@pytest.mark.usefixtures("areas")
def test_cells_are_stamped_too(session):
    session.add_all(
        [
            GridCell(code="310112101001001", geom=makers.square(0, 0, 1, 1)),
            GridCell(code="310112101001002", geom=makers.square(0, 0, 1, 1), valid_to=date(2020, 1, 1)),
        ]
    )
    unit = makers.add_unit(session, "A1", 0.5, 0.5)
    stamp(session, MemberUnit)
    assert unit.cell_code == "310112101001001"


@pytest.mark.usefixtures("areas")
def test_points_and_gazetteer_are_stamped_alike(session):
    point = makers.add_point(session, "P1", 0.5, 1)
    entry = GazetteerEntry(kind="place", name="桥", name_norm="桥", geom=makers.spot(0.5, 1))
    session.add(entry)
    session.flush()
    for model in (ResponsibilityPoint, GazetteerEntry):
        stamp(session, model)
    assert point.village_code == entry.village_code == "310112101001"


@pytest.fixture
def generations(session):
    """A town that was one until 2020, and two since: the eastern half is new."""
    halves = [("310112101000", 0, 1), ("310112109000", 1, 2)]
    session.add(
        Area(level="town", code="310112101000", name="旧镇", geom=makers.square(0, 0, 2, 2), valid_to=date(2020, 1, 1))
    )
    session.add_all(
        Area(level="town", code=code, name=code, geom=makers.square(west, 0, east, 2), valid_from=date(2020, 1, 1))
        for code, west, east in halves
    )
    session.flush()


@pytest.mark.usefixtures("generations")
@pytest.mark.parametrize(
    ("at", "town"),
    [
        pytest.param(datetime(2015, 5, 5, tzinfo=UTC), "310112101000", id="before"),
        pytest.param(datetime(2024, 5, 5, tzinfo=UTC), "310112109000", id="after"),
        pytest.param(datetime(2019, 12, 31, 15, 59, tzinfo=UTC), "310112101000", id="the last minute in Shanghai"),
        pytest.param(datetime(2019, 12, 31, 16, 0, tzinfo=UTC), "310112109000", id="the first minute in Shanghai"),
    ],
)
def test_a_ticket_lies_in_the_town_of_its_day(at, town, session):
    ticket = add_ticket(session, "1", 1.5, 1, at=at)
    stamp(session, Ticket)
    assert ticket.town_code == town
    assert check_stamps(session) == []


@pytest.mark.usefixtures("generations")
def test_tickets_of_many_days_are_stamped_at_once(session):
    days = [datetime(year, 5, 5, tzinfo=UTC) for year in (2012, 2015, 2019, 2020, 2024)]
    tickets = [add_ticket(session, str(i), 1.5, 1, at=day) for i, day in enumerate(days)]
    assert stamp(session, Ticket) == 5
    assert [ticket.town_code[6:9] for ticket in tickets] == ["101", "101", "101", "109", "109"]


@pytest.mark.usefixtures("areas")
def test_what_a_ticket_was_stamped_with_stays(session):
    ticket = add_ticket(session, "1", 0.5, 1, town_code="310112777000")
    stamp(session, Ticket, only_missing=True)
    assert codes(ticket) == ("310112777000", "310112101001", None)


@pytest.mark.usefixtures("areas")
def test_a_wrong_stamp_is_found(session):
    unit = makers.add_unit(session, "A1", 0.5, 1, town_code="310112102000", village_code="310112101001")
    found = check_stamps(session)
    assert [(one.table, one.id, one.column, one.stored, one.found) for one in found] == [
        ("member_unit", unit.id, "town_code", "310112102000", "310112101000")
    ]


@pytest.mark.usefixtures("areas")
def test_stamps_agree_with_postgis_everywhere(session):
    rng = np.random.default_rng(20240416)
    # half of the places anywhere, half of them exactly on lines
    for i, (east, north) in enumerate(rng.uniform(-0.5, 4.5, (150, 2))):
        where = (round(east), north) if i % 2 else (east, north)
        makers.add_unit(session, f"A{i}", *where)
    stamp(session, MemberUnit)
    assert check_stamps(session) == []
    placed = session.scalars(select(MemberUnit.town_code).where(MemberUnit.town_code.is_not(None))).all()
    assert 30 < len(placed) < 150


@pytest.mark.usefixtures("areas")
def test_the_staging_table_is_gone_afterwards(session):
    makers.add_unit(session, "A1", 0.5, 1)
    stamp(session, MemberUnit)
    assert session.execute(text("SELECT to_regclass('staged_rows')")).scalar_one() is None


@pytest.mark.usefixtures("areas")
@pytest.mark.parametrize(
    ("facts", "cell"),
    [
        pytest.param({"datum_evidence": "declared", "accuracy_m": 500.0}, "310112101001001", id="given by somebody"),
        pytest.param({"datum_evidence": "geocoded", "accuracy_m": 60.0}, "310112101001001", id="found to the door"),
        pytest.param({"datum_evidence": "geocoded", "accuracy_m": 60.5}, None, id="found too roughly for a cell"),
    ],
)
def test_a_cell_is_given_only_to_a_place_that_is_sure_of_it(facts, cell, session):
    session.add(GridCell(code="310112101001001", geom=makers.square(0, 0, 1, 1)))
    unit = makers.add_unit(session, "A1", 0.5, 0.5, **facts)
    stamp(session, MemberUnit)
    assert codes(unit) == ("310112101000", "310112101001", cell)
    assert check_stamps(session) == []
