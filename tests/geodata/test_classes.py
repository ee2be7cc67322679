import pytest
from makers import add_areas, add_unit, square
from sqlalchemy import text

from geodata.errors import NotCalculated, NotFound
from geodata.models import CoverageRun, GridCell
from geodata.services.classes import classes, run_id
from geodata.services.coverage import coverage


def add_cells(session, metres):
    """A run over as many cells as there are figures; None is a cell without any unit to go to."""
    run = CoverageRun(radius_m=500, category_code=None, data_key="", site_count=1)
    session.add(run)
    session.add_all(GridCell(code=f"C{i:04}", geom=square(0, 0, 1, 1)) for i in range(len(metres)))
    session.flush()
    session.execute(
        text("INSERT INTO coverage_cell (run_id, cell_code, nearest_m) VALUES (:run, :code, :metres)"),
        [{"run": run.id, "code": f"C{i:04}", "metres": far} for i, far in enumerate(metres)],
    )
    return run.id


def test_cells_fall_into_five_classes_of_about_the_same_number_with_round_breaks(session):
    run = add_cells(session, [*range(0, 1000, 2), None, None])
    found = classes(session, "coverage_cells", run)
    assert [(each.low, each.high) for each in found] == [
        (0, 200),
        (200, 400),
        (400, 600),
        (600, 800),
        (800, None),
        (None, None),
    ]
    assert [each.count for each in found] == [100, 100, 100, 100, 100, 2]


@pytest.mark.parametrize(
    ("metres", "breaks"),
    [
        pytest.param([100] * 50, [0], id="all alike"),
        pytest.param([0] * 80 + [500] * 20, [0, 10], id="two heaps"),
        pytest.param([None] * 3, [0, None], id="no unit at all"),
    ],
)
def test_fewer_classes_where_values_repeat(session, metres, breaks):
    found = classes(session, "coverage_cells", add_cells(session, metres))
    assert [each.low for each in found] == breaks
    assert sum(each.count for each in found) == len(metres)


def test_shares_stand_in_fifths_and_what_was_not_measured_is_told(session):
    add_areas(session)
    add_unit(session, "U1", 1, 1)
    run = coverage(session, radius_m=5000, publish=True).run_id
    towns = classes(session, "coverage_towns")
    assert [(each.low, each.high) for each in towns] == [(0, 0.2), (0.2, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, 1)]
    assert sum(each.count for each in towns) == 2
    assert towns[-1].count >= 1
    assert classes(session, "coverage_villages", run)[-1] == (None, None, 1)


def test_before_any_run_there_are_no_classes(session):
    assert classes(session, "coverage_towns") == []


def test_a_run_is_named_by_radius_and_category_and_must_be_stored(session):
    add_areas(session)
    add_unit(session, "U1", 1, 1, kind="sanitation")
    own = coverage(session, radius_m=700, publish=True).run_id
    other = coverage(session, radius_m=700, category="0102").run_id
    assert run_id(session) is None
    assert run_id(session, radius_m=700) == own
    assert run_id(session, radius_m=700, category="0102") == other
    assert run_id(session, category="0102") == other
    with pytest.raises(NotCalculated, match=r"open /coverage\?radius=900 first"):
        run_id(session, radius_m=900)


def test_only_coverage_has_classes(session):
    with pytest.raises(NotFound):
        classes(session, "towns")
