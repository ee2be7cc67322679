"""The district at a glance: what is counted, what was stated, and how evenly units are spread."""

import pytest
from makers import add_areas, add_block, add_unit

from geodata.errors import BadSetting, NotFound
from geodata.models import Membership, MemberUnit, Project
from geodata.record_errors import BadValue
from geodata.services import changes, district_view
from geodata.services.district_view import FigureKey, figure_lines, spread, state_figure, town_rows
from geodata.services.imports import import_file
from geodata.services.registrations import Told
from geodata.services.stamps import stamp

DISTRICT, TOWN, OTHER = "310112", "310112101000", "310112102000"
VILLAGE = "310112101001"


@pytest.fixture(autouse=True)
def areas(session):
    add_areas(session)


def units_at(session, *places):

    for number, (east, north) in enumerate(places):
        add_unit(session, f"U{number}", east, north)
    stamp(session, MemberUnit)


def lines(session, level="district", code=DISTRICT, **told):
    found = figure_lines(session, level, code, told=told.get("told"), total=told.get("total"), units=told.get("units"))
    return {line.figure: line for line in found}


def test_it_works(session):
    units_at(session, (0.5, 0.5), (0.6, 0.5), (1.5, 0.5))
    found = spread(session)
    assert (found.villages, found.units, len(found.without)) == (3, 3, 1)
    assert found.gini == pytest.approx(4 / 9)
    assert found.by_town[TOWN] == pytest.approx(1 / 6)
    assert found.by_town[OTHER] is None


def test_a_village_without_boundary_leaves_the_ground_out_of_the_measure(session):
    units_at(session, (0.5, 0.5))
    assert spread(session).gini_by_ground is None


def test_without_units_there_is_nothing_to_spread(session):
    found = spread(session)
    assert (found.gini, found.theil, found.between, found.curve) == (None, None, None, None)
    assert found.share_of_fullest(0.1) is None
    assert len(found.without) == 3


def test_the_fullest_part_is_read_off_the_curve(session):
    units_at(session, *[(0.5, 0.5 + 0.01 * n) for n in range(9)], (1.5, 0.5))
    assert spread(session).share_of_fullest(1 / 3) == pytest.approx(0.9)


def test_towns_stand_side_by_side(session):
    units_at(session, (0.5, 0.5), (3.0, 0.5))
    add_block(session, "B1", 0, 0, 1, 1)
    session.add(Project(code="J1", name="x", joint="welfare", level="town", area_code=TOWN, stage="done"))
    session.flush()
    west, east = town_rows(session)
    assert (west.units, west.villages, west.projects, west.projects_done, east.units) == (1, 2, 1, 1, 1)


def test_members_of_a_level_are_counted_where_they_belong(session):
    unit = add_unit(session, "U1")
    unit.memberships = [
        Membership(level="district", area_code=DISTRICT),
        Membership(level="town", area_code=TOWN),
        Membership(level="village", area_code=VILLAGE),
    ]
    session.flush()
    whole, town, other = lines(session), lines(session, "town", TOWN), lines(session, "town", OTHER)
    assert [whole[f"units_{level}"].counted for level in ("district", "town", "village")] == [1, 1, 1]
    assert (town["units_town"].counted, town["units_village"].counted) == (1, 1)
    assert (other["units_town"].counted, other["units_village"].counted) == (0, 0)


def test_a_stated_figure_stands_beside_the_counted_one(session):
    state_figure(session, FigureKey("units_district", "district", DISTRICT, "2015"), 26, actor="x", source="a report")
    state_figure(session, FigureKey("members_rate", "district", DISTRICT, "2015"), 0.833, actor="x")
    told = {"told": Told(28348), "total": Told(34031), "units": Told(380)}
    found = lines(session, **told)
    assert (found["units_district"].stated.value, found["units_district"].counted) == (26, 0)
    assert found["units_district"].agrees is False
    assert found["members_rate"].agrees is True
    assert found["resources"].agrees is None


def test_what_may_not_be_told_exactly_is_not_compared(session):
    found = lines(session, told=Told(90, "least"), total=Told(100), units=Told(None, "small"))
    assert (found["members_registered"].counted, found["members_rate"].counted) == (None, None)
    assert found["units_registered"].counted is None


def test_the_newest_statement_counts_and_a_correction_is_kept(session):
    for period, value in (("2015", 218), ("2016", 230), ("2015", 219)):
        state_figure(session, FigureKey("units_town", "district", DISTRICT, period), value, actor="centre")
    assert lines(session)["units_town"].stated.value == 230
    last = changes.latest(session, [district_view.KIND], limit=1)[0].report
    assert (last["before"]["value"], last["after"]["value"]) == (218, 219)


@pytest.mark.parametrize(
    ("key", "value", "error"),
    [
        (FigureKey("nothing", "district", DISTRICT, "2015"), 1, BadValue),
        (FigureKey("members_rate", "district", DISTRICT, "2015"), 83.3, BadValue),
        (FigureKey("units_town", "district", DISTRICT, "2015"), -1, BadValue),
        (FigureKey("units_town", "district", DISTRICT, "2015"), float("nan"), BadValue),
        (FigureKey("units_town", "town", "999", "2015"), 1, NotFound),
        (FigureKey("units_town", "district", DISTRICT, "2015-W01"), 1, BadValue),
        (FigureKey("units_town", "district", DISTRICT, "someday"), 1, BadSetting),
    ],
)
def test_what_cannot_be_stated_is_refused(session, key, value, error):
    with pytest.raises(error):
        state_figure(session, key, value, actor="x")


def test_stated_figures_come_in_as_a_sheet(session, tmp_path):
    path = tmp_path / "f.csv"
    path.write_text(
        "指标,年度,数值,来源\n区级成员单位,2015年,26,材料\n党员报到率,2015,83.3%,材料\n报到率,2014,1.5,\n",
        encoding="utf-8",
    )
    report = import_file(session, "figures", path, skip_bad=True)
    assert (report.stored, report.bad) == (2, 1)
    assert "at most 1" in report.problems[0].reason
    found = lines(session)
    assert (found["units_district"].stated.value, found["members_rate"].stated.value) == (26, 0.833)
