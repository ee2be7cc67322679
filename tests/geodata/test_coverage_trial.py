"""What would change if units closed or opened."""

import numpy as np
import pytest
import shapely
from makers import SOUTH, WEST, add_areas, add_unit, at
from sqlalchemy import func, select

from geodata.errors import BadSetting, NoBoundary, NotFound, OutsideDistrict
from geodata.models import CoverageRun, Membership, MemberUnit
from geodata.services.coverage import coverage
from geodata.services.coverage_trial import MOST_CHANGES, Place, WithoutChange, coverage_trial
from geodata.services.stamps import stamp

FIRST, SECOND, THIRD = "310112101001", "310112101002", "310112102001"
WEST_TOWN, EAST_TOWN = "310112101000", "310112102000"
CIRCLE_M2 = 3.14159265 * 400.0**2


def by_code(rows):
    return {row.code: row for row in rows}


def test_closing_the_only_unit_loses_its_circle_and_nothing_is_stored(session):
    add_areas(session)
    unit = add_unit(session, "U1", 0.5, 1.0, town_code=WEST_TOWN, village_code=FIRST)
    trial = coverage_trial(session, radius_m=400.0, closed=["U1"])
    area = by_code(trial.areas)[FIRST]
    assert (area.level, area.name, area.share) == ("village", "一村", pytest.approx(0.0, abs=1e-9))
    assert area.was > 0.2
    assert area.gap_m2 - area.was_gap_m2 == pytest.approx(CIRCLE_M2, rel=1e-3)
    assert set(by_code(trial.areas)) == {FIRST, WEST_TOWN}
    assert (trial.share, trial.was_share) == (pytest.approx(0.0, abs=1e-9), pytest.approx(area.was / 4, rel=1e-3))
    assert trial.total_m2("lost") == pytest.approx(CIRCLE_M2, rel=1e-3)
    assert trial.total_m2("gained") == 0
    assert trial.without == [
        WithoutChange("town", WEST_TOWN, "西镇", was=False),
        WithoutChange("village", FIRST, "一村", was=False),
    ]
    assert unit.is_active
    assert coverage(session, radius_m=400.0).site_count == 1


def test_opening_one_where_there_was_none(session):
    add_areas(session)
    trial = coverage_trial(session, radius_m=400.0, opened=[Place(*at(1.5, 1.0))])
    assert by_code(trial.areas)[SECOND].was == 0
    assert [(piece.change, piece.area_m2) for piece in trial.pieces] == [("gained", pytest.approx(CIRCLE_M2, rel=1e-3))]
    middle = trial.pieces[0].shape.centroid
    assert (middle.x, middle.y) == pytest.approx(at(1.5, 1.0), abs=1e-6)
    assert trial.without == [
        WithoutChange("town", WEST_TOWN, "西镇", was=True),
        WithoutChange("village", SECOND, "二村", was=True),
    ]


def test_a_unit_that_moves_next_door_leaves_no_area_without(session):
    add_areas(session)
    add_unit(session, "U1", 0.4, 1.0, town_code=WEST_TOWN, village_code=FIRST)
    trial = coverage_trial(session, radius_m=300.0, closed=["U1"], opened=[Place(*at(0.6, 1.0))])
    assert trial.without == []
    assert trial.total_m2("lost") == pytest.approx(trial.total_m2("gained"), rel=1e-3)


def test_a_member_without_a_place_is_missed_by_its_area_only(session):
    add_areas(session)
    unit = add_unit(session, "U1")
    session.add(Membership(unit_id=unit.id, level="village", area_code=THIRD))
    session.flush()
    trial = coverage_trial(session, radius_m=300.0, closed=["U1"])
    assert trial.without == [WithoutChange("village", THIRD, "三村", was=False)]
    assert (trial.areas, trial.pieces) == ([], [])


@pytest.mark.parametrize("facts", [{"is_active": False}, {"kind": "bank"}], ids=["not active", "of another kind"])
def test_closing_a_unit_that_does_not_count_changes_nothing_and_says_so(session, facts):
    add_areas(session)
    add_unit(session, "U1", 0.5, 1.0, town_code=WEST_TOWN, village_code=FIRST, **facts)
    trial = coverage_trial(session, radius_m=400.0, category="0102", closed=["U1"])
    assert [unit.counts for unit in trial.closed] == [False]
    assert (trial.areas, trial.without, trial.pieces) == ([], [], [])
    assert trial.share == trial.was_share == 0


def test_a_trial_of_now_keeps_the_stored_run(session):
    add_areas(session)
    add_unit(session, "U1", 0.5, 1.0)
    run_id = coverage(session, radius_m=400.0).run_id
    for _ in range(2):
        coverage_trial(session, radius_m=400.0, closed=["U1"], opened=[Place(*at(3, 1))])
    assert session.scalars(select(CoverageRun.id)).all() == [run_id]
    assert session.scalar(select(func.count()).select_from(MemberUnit)) == 1


@pytest.mark.parametrize("seed", range(4))
def test_a_trial_equals_the_whole_calculation_with_the_units_really_changed(session, seed):
    rng = np.random.default_rng(seed)
    radius_m = float(rng.choice([150.0, 400.0, 1500.0]))
    category = "0102" if seed % 2 else None
    add_areas(session)
    for number in range(40):
        kind = str(rng.choice(["property", "bank"]))
        add_unit(session, f"U{number}", *rng.uniform((-0.2, -0.2), (4.2, 2.2)), kind=kind)
    stamp(session, MemberUnit)
    closed = [f"U{number}" for number in rng.choice(40, 9, replace=False)]
    opened = [tuple(place) for place in rng.uniform((0.1, 0.1), (3.9, 1.9), (5, 2))]
    trial = coverage_trial(
        session, radius_m=radius_m, category=category, closed=closed, opened=[Place(*at(*place)) for place in opened]
    )
    before = coverage(session, radius_m=radius_m, category=category)
    for unit in session.scalars(select(MemberUnit).where(MemberUnit.code.in_(closed))):
        unit.is_active = False
    for number, place in enumerate(opened):
        add_unit(session, f"N{number}", *place)
    stamp(session, MemberUnit)
    after = coverage(session, radius_m=radius_m, category=category)

    was, then = by_code(before.shares), by_code(after.shares)
    changed = by_code(trial.areas)
    for code in {WEST_TOWN, EAST_TOWN, FIRST, SECOND}:
        # shares of square kilometres agree to a few square metres: pieces below one are left out
        told = changed[code].share if code in changed else was[code].share
        assert told == pytest.approx(then[code].share, abs=3e-6)
        if code in changed:
            assert changed[code].was == was[code].share
            assert changed[code].gap_m2 == pytest.approx(then[code].area_m2 - then[code].covered_m2, abs=10.0)
    assert trial.share == pytest.approx(then["310112"].share, abs=3e-6)
    lose = {(area.level, area.code) for area in after.without} - {(area.level, area.code) for area in before.without}
    gain = {(area.level, area.code) for area in before.without} - {(area.level, area.code) for area in after.without}
    assert {(area.level, area.code) for area in trial.without if not area.was} == lose
    assert {(area.level, area.code) for area in trial.without if area.was} == gain


def test_lost_ground_lies_within_the_district(session):
    add_areas(session)
    add_unit(session, "U1", 0.0, 0.0)
    trial = coverage_trial(session, radius_m=900.0, closed=["U1"])
    district = shapely.box(WEST, SOUTH, WEST + 0.04, SOUTH + 0.02).buffer(1e-8)
    assert len(trial.pieces) == 1
    assert district.covers(trial.pieces[0].shape)


def test_what_cannot_be_tried_is_refused(session):
    add_areas(session)
    with pytest.raises(NotFound, match="U9"):
        coverage_trial(session, radius_m=400.0, closed=["U9"])
    with pytest.raises(OutsideDistrict, match="outside the district"):
        coverage_trial(session, radius_m=400.0, opened=[Place(*at(9, 9))])
    with pytest.raises(NotFound, match="category"):
        coverage_trial(session, radius_m=400.0, category="9999", opened=[Place(*at(1, 1))])
    with pytest.raises(BadSetting, match=str(MOST_CHANGES)):
        coverage_trial(session, radius_m=400.0, opened=[Place(*at(n / 100, 1)) for n in range(MOST_CHANGES + 1)])
    with pytest.raises(BadSetting, match="radius"):
        coverage_trial(session, radius_m=1.0, opened=[Place(*at(1, 1))])


def test_without_any_boundary_nothing_can_be_tried(session):
    add_unit(session, "U1", 1.0, 1.0)
    with pytest.raises(NoBoundary):
        coverage_trial(session, radius_m=400.0, closed=["U1"])
