"""Minhang from boundaries to assignments: grid, coverage by the stations, tickets to stations."""

import csv

import pytest
from geoalchemy2.shape import to_shape
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geodata.models import Area, Assignment, DutyRule, GridCell, Membership, MemberUnit, Ticket
from geodata.services.assignment import replay
from geodata.services.coverage import areas_without_units, coverage
from geodata.services.grids import check_grid, make_grid
from geodata.services.imports import import_file
from geodata.services.stamps import check_stamps
from geodata.services.tickets import Position, open_ticket

pytestmark = pytest.mark.real

DISTRICT = {"code": "310112", "name": "闵行区", "metre_crs": "EPSG:4549"}


@pytest.fixture(scope="module")
def minhang(clone, real_data):
    """The towns and the stations, imported as a user would; every test undoes what it adds."""
    engine = clone(**DISTRICT)
    with Session(engine) as session:
        towns = real_data / "minhang-boundaries" / "minhang_towns_gcj02.geojson"
        report = import_file(session, "areas", towns, datum="gcj02", level="town")
        assert (report.stored, report.refused) == (14, None)
        stations = real_data / "minhang-points" / "energy_stations_bd09.csv"
        report = import_file(session, "units", stations, datum="bd09", mapping={"kind": "=station"})
        assert (report.stored, report.refused) == (64, None)
        session.commit()
    return engine


@pytest.fixture
def chain(minhang):
    with Session(minhang) as session:
        yield session
        session.rollback()


def test_cells_of_a_hundred_metres_fill_the_towns_and_lie_in_one_town_each(chain):
    made = make_grid(chain, size_m=100.0)
    towns_m2 = chain.scalar(select(func.sum(Area.area_m2)).where(Area.level == "town"))
    assert made.areas == 14
    assert made.provisional == made.cells
    assert made.area_m2 == pytest.approx(towns_m2, rel=1e-4)
    assert made.area_m2 / 1e6 == pytest.approx(372.79, abs=0.05)
    report = check_grid(chain)
    assert report.faults == ()
    assert check_stamps(chain) == []
    by_town = dict(chain.execute(select(GridCell.town_code, func.count()).group_by(GridCell.town_code)).all())
    assert len(by_town) == 14
    assert sum(by_town.values()) == made.cells


def test_the_stations_cover_two_towns_as_published(chain):
    report = coverage(chain, radius_m=1000.0)
    towns = report.of_level("town")
    assert report.site_count == 64
    assert (towns[0].name, towns[-1].name) == ("马桥镇", "莘庄镇")
    assert 100 * towns[0].share == pytest.approx(0.2, abs=0.5)
    assert 100 * towns[-1].share == pytest.approx(68.0, abs=0.5)
    without = {area.name for area in areas_without_units(chain, level="town")}
    assert without == {share.name for share in towns if share.site_count == 0}


def test_tickets_at_the_estates_go_to_stations_of_their_town_or_to_its_office(chain, real_data):
    # stations answer for nothing on the duty list; one made-up line lets the rule run on real places
    chain.add(DutyRule(category_code="0102", unit_kind="station", role="handle"))
    estates = real_data / "minhang-points" / "rental_estates_gcj02.csv"
    with estates.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        open_ticket(
            chain,
            category="0102",
            title="暴露垃圾",
            actor="officer",
            position=Position(float(row["lng_gcj02"]), float(row["lat_gcj02"]), "gcj02"),
            source="estates",
        )
    tickets = list(chain.scalars(select(Ticket)))
    assert len(tickets) == len(rows) == 311
    units = {unit.id: unit for unit in chain.scalars(select(MemberUnit))}
    with_unit = [ticket for ticket in tickets if ticket.unit_id is not None]
    assert with_unit
    assert all(units[ticket.unit_id].town_code == ticket.town_code for ticket in with_unit)
    assert all((ticket.unit_id is None) != (ticket.office_code is None) for ticket in tickets)
    for kept in chain.scalars(select(Assignment)):
        again = replay(kept.record)
        assert (again.chosen.unit.code if again.chosen else None) == (
            units[kept.unit_id].code if kept.unit_id else None
        )
        if again.chosen:
            assert again.chosen.metres <= 2000.0


def test_a_district_member_serves_every_town(chain):
    chain.add(DutyRule(category_code="0102", unit_kind="station", role="handle"))
    unit = chain.scalars(select(MemberUnit).where(MemberUnit.geom.is_not(None)).order_by(MemberUnit.code)).first()
    unit.memberships = [Membership(level="district", area_code="310112")]
    chain.flush()
    place = to_shape(unit.geom)
    made = open_ticket(
        chain,
        category="0102",
        title="暴露垃圾",
        actor="officer",
        position=Position(place.x + 0.0001, place.y, "wgs84"),
    )
    assert made.unit_id is not None
