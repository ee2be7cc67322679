"""Patrols: that a cell was walked today, and by nobody in particular."""

from datetime import UTC, date, datetime

import pytest
from makers import SOUTH, WEST, add_areas
from sqlalchemy import select, text

from geodata.errors import CellElsewhere, NotFound, OutsideDistrict, PositionTooVague
from geodata.models import CellVisit, DutyGrid, DutyGridCell, UserDutyGrid
from geodata.services.grids import make_grid
from geodata.services.users import add_user
from geodata.services.visits import cell_at, patrol, visit, visited_today

# ten in the morning of 10 March in the district
NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
TOWN = "310112101000"


def allow(_town_code):
    """Everything is allowed."""


@pytest.fixture
def ground(session):
    """Two towns with cells of 200 m; an officer who walks two of them in one duty grid."""
    add_areas(session)
    make_grid(session, size_m=200)
    walker = add_user(session, "omar", password="a long password", role="officer")
    grid = DutyGrid(code="D1", scheme="责任网格", name="一", town_code=TOWN)
    session.add(grid)
    session.flush()
    cells = session.scalars(text("SELECT code FROM grid_cell WHERE town_code = :town ORDER BY code"), {"town": TOWN})
    own = list(cells)[:2]
    session.add_all(DutyGridCell(duty_grid_id=grid.id, cell_code=code) for code in own)
    session.add(UserDutyGrid(user_id=walker.id, duty_grid_id=grid.id))
    session.flush()
    return walker.id, own


def test_a_walk_is_kept_with_its_day_grid_and_town_once(session, ground):
    walker, (cell, other) = ground
    assert visit(session, cell, walker_id=walker, permit=allow, at=NOW) == (cell, "D1", True)
    assert visit(session, cell, walker_id=walker, permit=allow, at=NOW) == (cell, "D1", False)
    (kept,) = session.scalars(select(CellVisit))
    assert (kept.day, kept.cell_code, kept.duty_grid_code, kept.town_code) == (date(2026, 3, 10), cell, "D1", TOWN)
    assert patrol(session, walker, at=NOW) == (2, 1)
    assert visited_today(session, [cell, other, "nowhere"], at=NOW) == {cell}


def test_the_table_has_no_place_for_who_it_was():
    assert set(CellVisit.__table__.columns.keys()) == {"day", "cell_code", "duty_grid_code", "town_code"}


def test_a_day_begins_at_the_districts_midnight(session, ground):
    walker, (cell, _) = ground
    visit(session, cell, walker_id=walker, permit=allow, at=datetime(2026, 3, 10, 15, 59, tzinfo=UTC))
    late = datetime(2026, 3, 10, 16, 0, tzinfo=UTC)
    assert patrol(session, walker, at=late) == (2, 0)
    assert visit(session, cell, walker_id=walker, permit=allow, at=late).is_first


def test_a_cell_of_somebody_elses_grid_is_refused(session, ground):
    walker, own = ground
    foreign = session.scalar(text("SELECT max(code) FROM grid_cell"))
    assert foreign not in own
    with pytest.raises(CellElsewhere, match=foreign):
        visit(session, foreign, walker_id=walker, permit=allow, at=NOW)
    nobody = add_user(session, "free", password="a long password", role="officer").id
    assert visit(session, foreign, walker_id=nobody, permit=allow, at=NOW).duty_grid_code is None
    assert patrol(session, nobody, at=NOW) == (0, 0)


def test_what_the_person_may_not_do_is_asked_before_anything_is_kept(session, ground):
    walker, (cell, _) = ground
    asked = []

    def forbid(town_code):
        asked.append(town_code)
        raise PermissionError

    with pytest.raises(PermissionError):
        visit(session, cell, walker_id=walker, permit=forbid, at=NOW)
    assert asked == [TOWN]
    assert session.scalars(select(CellVisit)).all() == []


def test_a_cell_that_is_not_there_is_not_found(session, ground):
    with pytest.raises(NotFound):
        visit(session, "310112000000000", walker_id=ground[0], permit=allow, at=NOW)


def test_the_cell_one_stands_in_is_found_unless_the_position_is_vaguer_than_a_cell(session, ground):
    place = {"lon": WEST + 0.005, "lat": SOUTH + 0.005}
    code = cell_at(session, **place, accuracy_m=30, at=NOW)
    assert code == cell_at(session, **place, accuracy_m=None, at=NOW)
    inside = text(
        "SELECT ST_Covers(geom, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)) FROM grid_cell WHERE code = :code"
    )
    assert session.scalar(inside, {**place, "code": code})
    with pytest.raises(PositionTooVague, match="good to 250 m only and a cell is 200 m wide"):
        cell_at(session, **place, accuracy_m=250, at=NOW)
    with pytest.raises(OutsideDistrict):
        cell_at(session, lon=WEST - 1, lat=SOUTH, accuracy_m=5, at=NOW)
