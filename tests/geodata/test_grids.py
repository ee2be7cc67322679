"""Cutting the grid over villages and towns, again and again, and checking it."""

from datetime import UTC, datetime, timedelta

import pytest
from makers import add_areas, add_unit, at, square
from sqlalchemy import func, select, text

from geodata.errors import BadSetting, NoBoundary, NotFound
from geodata.models import OPEN_START, Area, CellSuccession, DutyGrid, DutyGridCell, GridCell
from geodata.queries.scope import Scope, is_within
from geodata.queries.stamping import wrong_posts
from geodata.queries.tickets import duty_grid_of
from geodata.services.grids import check_grid, make_grid
from geodata.services.stamps import check_stamps, restamp
from geodata.services.tickets import Position, open_ticket
from spatial.errors import TooManyCells

WEST_TOWN, EAST_TOWN, FIRST_VILLAGE = "310112101000", "310112102000", "310112101001"


def current(session, **conditions):
    wanted = select(GridCell).where(GridCell.valid_to.is_(None)).filter_by(**conditions).order_by(GridCell.code)
    return list(session.scalars(wanted))


def pretend_cut_last_week(session):
    """Let the grid have been cut on another day, as recutting on one day leaves no trace."""
    session.execute(text("UPDATE grid_cell SET valid_from = CURRENT_DATE - 7"))
    session.expire_all()


def test_villages_get_final_codes_and_a_town_without_village_boundaries_provisional_ones(session):
    add_areas(session)
    made = make_grid(session, size_m=500.0)
    west, east = current(session, town_code=WEST_TOWN), current(session, town_code=EAST_TOWN)
    assert made.cells == len(west) + len(east) == made.stored
    assert made.provisional == len(east)
    assert {len(cell.code) for cell in west} == {15}
    assert {cell.code[:12] for cell in west} == {"310112101001", "310112101002"}
    assert {cell.code[:12] for cell in east} == {"310112102000"}
    assert {len(cell.code) for cell in east} == {17}
    assert all(cell.village_code is None and cell.is_provisional for cell in east)


def test_the_cells_together_are_the_ground_and_nothing_is_wrong_with_them(session):
    add_areas(session)
    made = make_grid(session, size_m=300.0)
    towns_m2 = session.scalar(select(func.sum(Area.area_m2)).where(Area.level == "town"))
    assert made.area_m2 == pytest.approx(towns_m2, rel=1e-6)
    assert check_grid(session).is_clean


def test_codes_run_from_the_north_west(session):
    add_areas(session)
    make_grid(session, size_m=500.0)
    first, second = (current(session, village_code=FIRST_VILLAGE)[i] for i in (0, 1))
    assert first.code.endswith("001")
    assert first.gy == second.gy == max(cell.gy for cell in current(session, village_code=FIRST_VILLAGE))
    assert first.gx < second.gx


def test_the_first_grid_holds_for_the_past_and_stamps_what_is_there(session):
    add_areas(session)
    unit = add_unit(session, "U1", 0.5, 0.5)
    make_grid(session, size_m=500.0)
    session.refresh(unit)
    assert unit.cell_code.startswith(FIRST_VILLAGE)
    assert {cell.valid_from for cell in current(session)} == {OPEN_START}
    assert check_stamps(session) == []


def test_the_same_cut_again_changes_nothing(session):
    add_areas(session)
    first = make_grid(session, size_m=500.0)
    ids = [cell.id for cell in current(session)]
    again = make_grid(session, size_m=500.0)
    assert (again.stored, again.retired, again.unchanged) == (0, 0, first.cells)
    assert [cell.id for cell in current(session)] == ids


def test_another_size_ends_the_former_cells_and_hands_all_their_ground_on(session):
    add_areas(session)
    first = make_grid(session, size_m=500.0)
    pretend_cut_last_week(session)
    second = make_grid(session, size_m=1000.0)
    assert second.retired == first.cells
    assert session.scalar(select(func.count()).where(GridCell.valid_to.is_not(None))) == first.cells
    handed_on = session.execute(
        select(CellSuccession.old_code, func.sum(CellSuccession.share)).group_by(CellSuccession.old_code)
    ).all()
    assert len(handed_on) == first.cells
    assert [share for _, share in handed_on] == pytest.approx([1.0] * first.cells, abs=1e-4)
    assert check_grid(session).is_clean


def test_a_cut_replaced_on_its_own_day_leaves_no_trace(session):
    add_areas(session)
    first = make_grid(session, size_m=500.0)
    pretend_cut_last_week(session)
    make_grid(session, size_m=700.0)
    make_grid(session, size_m=1000.0)
    ended = session.scalars(select(GridCell).where(GridCell.valid_to.is_not(None))).all()
    assert {cell.size_m for cell in ended} == {500.0}
    assert len(ended) == first.cells
    heirs = set(session.scalars(select(CellSuccession.new_code)))
    assert heirs <= {cell.code for cell in current(session)}


def test_villages_that_get_a_boundary_replace_the_towns_provisional_cells(session):
    add_areas(session)
    make_grid(session, size_m=500.0)
    pretend_cut_last_week(session)
    village = session.scalars(select(Area).where(Area.code == "310112102001")).one()
    village.geom = square(2, 0, 4, 2)
    session.flush()
    made = make_grid(session, size_m=500.0)
    assert made.provisional == 0
    assert {cell.code[:12] for cell in current(session, town_code=EAST_TOWN)} == {"310112102001"}
    assert made.unchanged == len(current(session, town_code=WEST_TOWN))


@pytest.mark.parametrize("within", [pytest.param(FIRST_VILLAGE, id="village"), pytest.param(WEST_TOWN, id="town")])
def test_within_one_area_the_rest_of_the_grid_stays(session, within):
    add_areas(session)
    make_grid(session, size_m=500.0)
    elsewhere = [cell.id for cell in current(session) if not cell.code.startswith(within.rstrip("0"))]
    make_grid(session, size_m=400.0, within=within)
    stayed = [cell.id for cell in current(session) if cell.size_m == 500.0]
    assert stayed == elsewhere
    assert check_grid(session).is_clean


def test_ground_that_two_villages_claim_goes_to_the_lower_code(session):
    add_areas(session)
    session.add(
        Area(
            level="village",
            code="310112101003",
            name="四村",
            parent_code=WEST_TOWN,
            geom=square(0.5, 0, 1.5, 1),
        )
    )
    session.flush()
    make_grid(session, size_m=500.0)
    assert current(session, village_code="310112101003") == []
    assert check_grid(session).is_clean


def test_a_grid_with_a_hole_and_a_stray_is_told(session):
    add_areas(session)
    make_grid(session, size_m=500.0)
    lost, moved = current(session, village_code=FIRST_VILLAGE)[4:6]
    session.delete(lost)
    moved.geom = square(5, 5, 5.1, 5.1)
    session.flush()
    faults = {fault.what: fault.codes for fault in check_grid(session).faults}
    assert faults["gap"] == (FIRST_VILLAGE,)
    assert faults["outside"] == (moved.code,)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        pytest.param({"size_m": 1.0}, BadSetting, id="too small"),
        pytest.param({"size_m": 1e6}, BadSetting, id="too large"),
        pytest.param({"size_m": float("nan")}, BadSetting, id="not a number"),
        pytest.param({"within": "310112999000"}, NotFound, id="no such area"),
        pytest.param({"within": "310112102001"}, NoBoundary, id="its boundary is missing"),
        pytest.param({"size_m": 20.0}, TooManyCells, id="more cells than the code counts"),
    ],
)
def test_what_cannot_be_cut_is_refused_and_the_grid_stays(session, options, error):
    add_areas(session)
    make_grid(session, size_m=500.0)
    before = [cell.id for cell in current(session)]
    with pytest.raises(error):
        make_grid(session, **options)
    assert [cell.id for cell in current(session)] == before


def test_without_any_boundary_there_is_nothing_to_cut(session):
    with pytest.raises(NoBoundary):
        make_grid(session)


# --- whose ground it is after it was cut again -----------------------------------------------------------


def a_week_goes_by(session):
    """Let all that was done to the grid have been done a week earlier."""
    session.execute(
        text("""
            UPDATE grid_cell
               SET valid_from = CASE valid_from WHEN :first THEN valid_from ELSE valid_from - 7 END,
                   valid_to = valid_to - 7
        """),
        {"first": OPEN_START},
    )
    session.execute(text("UPDATE cell_succession SET cut_on = cut_on - 7"))
    session.expire_all()


def test_an_officer_keeps_the_tickets_of_ground_that_was_cut_again_and_again(session):
    """Also where the code of a cell comes back for other ground, as codes are numbers in their order."""
    add_areas(session)
    make_grid(session, size_m=500.0)
    grids = {}
    for number, cell in enumerate(current(session, town_code=WEST_TOWN)):
        half = "west" if number % 4 < 2 else "east"
        name = half if cell.village_code == FIRST_VILLAGE else "the other village"
        if name not in grids:
            grids[name] = DutyGrid(scheme="s", code=f"D {name}", name=name, town_code=WEST_TOWN)
            session.add(grids[name])
            session.flush()
        session.add(DutyGridCell(duty_grid_id=grids[name].id, cell_code=cell.code))
    long_ago = datetime.now(UTC) - timedelta(days=100)
    spots = [at(east, north) for east in (0.1, 0.3, 0.8, 1.2, 1.7, 1.9) for north in (0.2, 0.8, 1.3, 1.9)]
    report = {"category": "0501", "title": "占道", "actor": "a", "assign_now": False, "reported_at": long_ago}
    made = [open_ticket(session, position=Position(*spot, "wgs84"), **report) for spot in spots]
    restamp(session)
    for size_m in (None, 230.0, 410.0, 170.0, 500.0):
        if size_m is not None:
            a_week_goes_by(session)
            make_grid(session, size_m=size_m)
        for held in made:
            session.refresh(held)
            seen_by = {
                grid.code
                for grid in grids.values()
                if is_within(session, held.id, Scope(towns=(WEST_TOWN,), duty_grids=(grid.id,)))
            }
            assert seen_by == {held.duty_grid_code}, (size_m, held.cell_code)
            assert (held.village_code == FIRST_VILLAGE) == (held.duty_grid_code != "D the other village")
            assert duty_grid_of(session, held.cell_code, day=long_ago.date()) == held.duty_grid_code
        assert wrong_posts(session) == []
        assert check_stamps(session) == []


def test_a_grid_that_is_cut_today_holds_for_the_tickets_of_today(session):
    add_areas(session)
    make_grid(session, size_m=500.0)
    place = Position(*at(0.8, 0.3), "wgs84")
    made = open_ticket(session, category="0501", title="占道", actor="a", position=place, assign_now=False)
    a_week_goes_by(session)
    former = made.cell_code
    make_grid(session, size_m=170.0)
    session.refresh(made)
    assert made.cell_code != former
    assert check_stamps(session) == []
