"""Coverage by village and town, gaps, and areas without any unit."""

import json

import pytest
from makers import add_areas, add_unit
from sqlalchemy import func, select

from geodata.catalog import collection
from geodata.errors import BadSetting, NoBoundary, NotFound
from geodata.models import CoverageCell, CoverageGap, CoverageRun, DutyRule, Membership
from geodata.queries.features import stream_geojson
from geodata.queries.versions import data_version
from geodata.services.coverage import areas_unjudged, areas_without_units, coverage, gap_features
from geodata.services.grids import make_grid

FIRST, SECOND, THIRD = "310112101001", "310112101002", "310112102001"
WEST_TOWN, EAST_TOWN = "310112101000", "310112102000"
# A circle of one kilometre, in square metres; a hundredth of a degree is some 950 m by 1,109 m here.
CIRCLE_M2 = 3.14159265 * 1000.0**2


def share_of(report, code):
    return next(share for share in report.shares if share.code == code)


def test_a_lone_unit_covers_its_circle_and_the_gaps_are_the_rest(session):
    add_areas(session)
    add_unit(session, "U1", 1.0, 1.0)
    report = coverage(session, radius_m=1000.0)
    town = share_of(report, WEST_TOWN)
    # the circle reaches some 50 m beyond the town's western and eastern borders
    assert town.covered_m2 == pytest.approx(CIRCLE_M2, rel=0.02)
    assert town.share == pytest.approx(town.covered_m2 / town.area_m2)
    assert share_of(report, FIRST).share == pytest.approx(share_of(report, SECOND).share, abs=0.01)
    total_m2 = sum(share_of(report, code).area_m2 for code in (WEST_TOWN, EAST_TOWN))
    covered_m2 = sum(share_of(report, code).covered_m2 for code in (WEST_TOWN, EAST_TOWN))
    assert sum(gap.area_m2 for gap in report.gaps) == pytest.approx(total_m2 - covered_m2, rel=1e-3)


def test_gaps_are_ranked_by_size_and_lie_in_villages_or_in_towns_without_village_boundaries(session):
    add_areas(session)
    add_unit(session, "U1", 1.0, 1.0)
    report = coverage(session, radius_m=1000.0)
    assert [gap.rank for gap in report.gaps] == list(range(1, len(report.gaps) + 1))
    sizes = [gap.area_m2 for gap in report.gaps]
    assert sizes == sorted(sizes, reverse=True)
    assert report.gaps[0].area_code == EAST_TOWN
    assert {gap.area_code for gap in report.gaps} == {EAST_TOWN, FIRST, SECOND}


def test_no_unit_at_all_covers_nothing(session):
    add_areas(session)
    make_grid(session, size_m=500.0)
    report = coverage(session, radius_m=500.0)
    assert {share.share for share in report.shares} == {0.0}
    assert report.site_count == 0
    assert set(session.scalars(select(CoverageCell.nearest_m))) == {None}


def test_a_radius_as_wide_as_the_district_leaves_no_gap(session):
    add_areas(session)
    add_unit(session, "U1", 2.0, 1.0)
    report = coverage(session, radius_m=10_000.0)
    assert [share.share for share in report.shares] == pytest.approx([1.0] * len(report.shares))
    assert report.gaps == []


def test_each_cell_knows_its_nearest_unit(session):
    add_areas(session)
    make_grid(session, size_m=500.0)
    add_unit(session, "U1", 0.1, 1.0)
    add_unit(session, "U2", 3.9, 1.0)
    report = coverage(session, radius_m=500.0)
    near = dict(
        session.execute(
            select(CoverageCell.unit_code, func.max(CoverageCell.nearest_m))
            .where(CoverageCell.run_id == report.run_id)
            .group_by(CoverageCell.unit_code)
        ).all()
    )
    assert set(near) == {"U1", "U2"}
    # the middle of the district is some 1,800 m from either
    assert max(near.values()) < 2300.0


@pytest.mark.parametrize(
    ("facts", "counts"),
    [
        pytest.param({}, True, id="active with a place"),
        pytest.param({"is_active": False}, False, id="not active"),
        pytest.param({"kind": "bank"}, False, id="of a kind that does not handle it"),
    ],
)
def test_with_a_category_only_units_that_handle_it_count(session, facts, counts):
    add_areas(session)
    add_unit(session, "U1", 1.0, 1.0, **facts)
    report = coverage(session, radius_m=500.0, category="0102")
    assert (share_of(report, WEST_TOWN).share > 0) is counts


def test_a_towns_own_list_stands_in_place_of_the_districts_in_that_town_only(session):
    add_areas(session)
    session.add(DutyRule(category_code="0102", unit_kind="bank", role="handle", town_code=WEST_TOWN))
    add_unit(session, "U1", 1.0, 1.0, kind="bank", town_code=WEST_TOWN)
    add_unit(session, "U2", 3.0, 1.0, kind="bank", town_code=EAST_TOWN)
    add_unit(session, "U3", 1.2, 1.0, kind="property", town_code=WEST_TOWN)
    add_unit(session, "U4", 3.2, 1.0, kind="property", town_code=EAST_TOWN)
    # the bank of the west by the west's own list, the property manager of the east by the district's
    assert coverage(session, radius_m=300.0, category="0102").site_count == 2


def test_a_changed_governance_list_makes_a_stored_run_out_of_date(session):
    add_areas(session)
    add_unit(session, "U1", 1.0, 1.0, kind="property", town_code=WEST_TOWN)
    assert coverage(session, radius_m=300.0, category="0102").site_count == 1
    # whoever finds it does not handle it, and sets the district's list aside all the same
    session.add(DutyRule(category_code="0102", unit_kind="bank", role="find", town_code=WEST_TOWN))
    session.flush()
    assert coverage(session, radius_m=300.0, category="0102").site_count == 0


def test_while_nothing_changes_the_stored_run_is_given_again(session):
    add_areas(session)
    unit = add_unit(session, "U1", 1.0, 1.0)
    first = coverage(session, radius_m=500.0)
    assert not coverage(session, radius_m=500.0).is_fresh
    assert coverage(session, radius_m=500.0, refresh=True).is_fresh
    unit.is_active = False
    session.flush()
    changed = coverage(session, radius_m=500.0)
    assert changed.is_fresh
    assert changed.site_count == 0
    assert first.site_count == 1
    # a run that holds no longer is taken away with all that belongs to it
    assert session.scalar(select(func.count()).select_from(CoverageRun)) == 1
    assert set(session.scalars(select(CoverageGap.run_id))) == {changed.run_id}


def test_gaps_come_as_geojson_with_ranks_and_shapes(session):
    add_areas(session)
    add_unit(session, "U1", 1.0, 1.0)
    report = coverage(session, radius_m=1000.0)
    features = gap_features(session, report)["features"]
    assert [feature["id"] for feature in features] == [gap.rank for gap in report.gaps]
    assert {feature["geometry"]["type"] for feature in features} == {"MultiPolygon"}


def test_areas_without_any_unit_are_told_and_of_those_without_a_boundary_only_how_many_there_are(session):
    add_areas(session)
    add_unit(session, "U1", 0.5, 1.0, town_code=WEST_TOWN, village_code=FIRST)
    found = areas_without_units(session, level="village")
    assert [(area.code, area.has_boundary, area.parent_name) for area in found] == [(SECOND, True, "西镇")]
    assert [area.code for area in areas_without_units(session, level="town")] == [EAST_TOWN]
    # a unit may well stand in the third village: nobody knows where that is
    assert areas_unjudged(session) == {"town": 0, "village": 1}
    assert areas_unjudged(session, within=WEST_TOWN) == {"town": 0, "village": 0}
    assert areas_unjudged(session, within=EAST_TOWN) == {"town": 0, "village": 1}
    report = coverage(session, radius_m=500.0).to_json()
    assert report["unjudged"] == {"town": 0, "village": 1}


def test_an_area_without_a_boundary_is_judged_by_the_units_that_name_it(session):
    add_areas(session)
    unit = add_unit(session, "U1", is_active=False, village_code=THIRD)
    found = {area.code: area.has_boundary for area in areas_without_units(session, level="village")}
    assert (found[THIRD], areas_unjudged(session)["village"]) == (False, 0)
    unit.village_code = None
    unit.memberships.append(Membership(level="village", area_code=THIRD))
    session.flush()
    assert THIRD in [area.code for area in areas_without_units(session, level="village")]


def test_a_member_without_a_place_counts_for_the_area_it_belongs_to(session):
    add_areas(session)
    unit = add_unit(session, "U1")
    unit.memberships.append(Membership(level="village", area_code=THIRD))
    session.flush()
    assert THIRD not in [area.code for area in areas_without_units(session, level="village")]


def test_with_a_category_an_area_whose_units_do_not_handle_it_is_without(session):
    add_areas(session)
    add_unit(session, "U1", 0.5, 1.0, kind="bank", town_code=WEST_TOWN, village_code=FIRST)
    assert FIRST in [area.code for area in areas_without_units(session, level="village", category="0102")]


@pytest.mark.parametrize(
    ("options", "error"),
    [
        pytest.param({"radius_m": 0.0}, BadSetting, id="no radius"),
        pytest.param({"radius_m": 1e9}, BadSetting, id="around the globe"),
        pytest.param({"radius_m": 500.0, "category": "9999"}, NotFound, id="unknown category"),
    ],
)
def test_what_cannot_be_measured_is_refused(session, options, error):
    add_areas(session)
    with pytest.raises(error):
        coverage(session, **options)


def test_without_boundaries_there_is_nothing_to_measure(session):
    with pytest.raises(NoBoundary):
        coverage(session, radius_m=500.0)


def test_areas_are_listed_for_towns_and_villages_only(session):
    with pytest.raises(NotFound):
        areas_without_units(session, level="street")


def shown(session):
    """Radii of the gaps that the map draws and the export writes."""
    exported = json.loads(b"".join(stream_geojson(session.connection(), collection("gaps"))))
    return {feature["properties"]["radius_m"] for feature in exported["features"]}


def test_the_map_keeps_its_radius_whatever_others_are_asked_for(session):
    add_areas(session)
    add_unit(session, "U1", 1.0, 1.0)
    coverage(session, radius_m=500.0, publish=True)
    before = data_version(session, collection("gaps").tables)
    assert shown(session) == {500.0}
    coverage(session, radius_m=300.0)
    assert shown(session) == {500.0}
    coverage(session, radius_m=300.0, publish=True)
    assert shown(session) == {300.0}
    assert data_version(session, collection("gaps").tables) != before


def test_a_category_is_never_what_the_map_shows(session):
    add_areas(session)
    add_unit(session, "U1", 1.0, 1.0)
    coverage(session, radius_m=500.0, publish=True)
    coverage(session, radius_m=800.0, category="0102", publish=True)
    assert shown(session) == {500.0}
