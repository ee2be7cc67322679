"""Where the next units would cover most of a district."""

import pytest
import shapely
from makers import SOUTH, WEST, add_areas, add_unit, at
from sqlalchemy import func, select

from geodata.errors import BadSetting, NoBoundary, NoCells, NotFound
from geodata.models import CoverageRun, MemberUnit
from geodata.services.coverage import coverage
from geodata.services.grids import make_grid
from geodata.services.siting import siting
from geodata.services.stamps import stamp

FIRST, SECOND, THIRD = "310112101001", "310112101002", "310112102001"
WEST_TOWN, EAST_TOWN = "310112101000", "310112102000"
CIRCLE_M2 = 3.14159265 * 400.0**2


@pytest.fixture
def cells(session):
    """The areas of the makers with cells of 100 m, and units everywhere but in the middle of the second village."""
    add_areas(session)
    make_grid(session, size_m=100.0)
    return session


def crowd(session, *, but):
    """Units 200 m apart on all the ground, but within 750 m of one place."""
    gap = shapely.Point(*but).buffer(0.75)
    spots = [(east * 0.2, north * 0.2) for east in range(21) for north in range(11)]
    for number, spot in enumerate(spot for spot in spots if not gap.covers(shapely.Point(*spot))):
        add_unit(session, f"U{number}", *spot)


def share(session, level, code, radius_m, **how):
    shares = coverage(session, radius_m=radius_m, **how).of_level(level)
    return next(one.share for one in shares if one.code == code)


def test_the_gap_gets_the_first_site(cells):
    crowd(cells, but=(1.5, 1.0))
    plan = siting(cells, count=3, radius_m=400.0)
    first = plan.sites[0]
    assert (first.lon, first.lat) == pytest.approx(at(1.5, 1.0), abs=0.002)
    assert (first.village_code, first.village_name, first.town_name) == (SECOND, "二村", "西镇")
    assert first.cell_code.startswith(SECOND)
    assert plan.before < 0.94
    assert plan.after > 0.999
    assert [site.rank for site in plan.sites] == [*range(1, len(plan.sites) + 1)]
    assert first.adds_m2 > sum(site.adds_m2 for site in plan.sites[1:])


@pytest.mark.parametrize(("within", "level"), [(None, "district"), (WEST_TOWN, "town"), (FIRST, "village")])
def test_what_is_promised_is_what_coverage_finds_with_the_units_there(cells, within, level):
    add_unit(cells, "U1", 0.7, 0.9)
    code = within or "310112"
    plan = siting(cells, count=4, radius_m=400.0, within=within)
    assert plan.before == pytest.approx(share(cells, level, code, 400.0), abs=1e-6)
    for site in plan.sites:
        add_unit(cells, f"N{site.rank}", (site.lon - WEST) * 100, (site.lat - SOUTH) * 100)
    stamp(cells, MemberUnit)
    assert share(cells, level, code, 400.0) == pytest.approx(plan.after, abs=1e-6)
    assert plan.after > plan.before
    added_m2 = sum(site.adds_m2 for site in plan.sites)
    assert added_m2 == pytest.approx((plan.after - plan.before) * plan.area_m2, rel=1e-3)


def test_a_site_in_the_open_adds_its_circle(cells):
    plan = siting(cells, count=2, radius_m=400.0)
    assert [site.adds_m2 for site in plan.sites] == pytest.approx([CIRCLE_M2] * 2, rel=0.01)


def test_only_the_ground_within_counts_and_sites_stand_on_it(cells):
    plan = siting(cells, count=2, radius_m=400.0, within=EAST_TOWN)
    assert {site.town_code for site in plan.sites} == {EAST_TOWN}
    assert {site.village_code for site in plan.sites} == {None}
    assert plan.area_m2 == pytest.approx(siting(cells, count=1, radius_m=400.0).area_m2 / 2, rel=1e-4)


def test_with_a_category_units_of_other_kinds_cover_nothing(cells):
    add_unit(cells, "U1", 1.0, 1.0, kind="bank")
    add_unit(cells, "U2", 3.0, 1.0, is_active=False)
    assert siting(cells, count=1, radius_m=400.0).units == 1
    plan = siting(cells, count=1, radius_m=400.0, category="0102")
    assert (plan.units, plan.before) == (0, pytest.approx(0.0, abs=1e-9))


def test_where_all_is_covered_no_site_is_told(cells):
    add_unit(cells, "U1", 2.0, 1.0)
    plan = siting(cells, count=5, radius_m=20_000.0)
    assert (plan.sites, plan.before, plan.after) == ([], 1.0, 1.0)
    assert (plan.is_optimal, plan.gap) == (True, 0.0)


def test_nothing_is_stored(cells):
    siting(cells, count=2, radius_m=400.0)
    assert cells.scalar(select(func.count()).select_from(CoverageRun)) == 0
    assert cells.scalar(select(func.count()).select_from(MemberUnit)) == 0


def test_the_same_question_has_the_same_answer(cells):
    crowd(cells, but=(2.5, 0.8))
    assert siting(cells, count=6, radius_m=300.0) == siting(cells, count=6, radius_m=300.0)


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        pytest.param({"count": 0}, BadSetting, id="no site"),
        pytest.param({"count": 51}, BadSetting, id="too many"),
        pytest.param({"radius_m": 5.0}, BadSetting, id="too near"),
        pytest.param({"radius_m": float("nan")}, BadSetting, id="no number"),
        pytest.param({"category": "9999"}, NotFound, id="unknown category"),
        pytest.param({"within": "310112999000"}, NotFound, id="unknown area"),
        pytest.param({"within": THIRD}, NoBoundary, id="no boundary"),
    ],
)
def test_what_cannot_be_asked(cells, asked, error):
    with pytest.raises(error):
        siting(cells, **{"count": 1, "radius_m": 400.0} | asked)


def test_a_district_without_boundaries_or_cells_says_what_to_do(session):
    with pytest.raises(NoBoundary, match="wangge import areas"):
        siting(session, count=1, radius_m=400.0)
    add_areas(session)
    with pytest.raises(NoCells, match="wangge grid make"):
        siting(session, count=1, radius_m=400.0)
