"""The district at a glance, as each may read it."""

import pytest
from makers import add_areas, add_unit

from geodata.models import Membership, MemberUnit, StatedFigure
from geodata.services.district_view import FigureKey, state_figure
from geodata.services.registrations import set_counts
from geodata.services.stamps import stamp

DISTRICT, VILLAGE = "310112", "310112101001"


@pytest.fixture
def district(records):
    """Two towns, a unit in the western one, and what an article stated."""
    with records() as session:
        add_areas(session)
        unit = add_unit(session, "U1", 0.5, 0.5)
        unit.memberships = [Membership(level="district", area_code=DISTRICT)]
        stamp(session, MemberUnit)
        state_figure(session, FigureKey("units_district", "district", DISTRICT, "2015"), 1, actor="x", source="材料")
        state_figure(session, FigureKey("units_town", "district", DISTRICT, "2015"), 218, actor="x")
        counts = {"members_total": 34031, "members_registered": 28348}
        set_counts(session, "village", VILLAGE, "2015", counts, actor="x")


def test_counted_and_stated_stand_side_by_side(signed_in, district):
    page = signed_in("district").get("/district").text
    assert page.count("✓ 一致") == 1
    assert page.count("≠ 不一致") == 1
    assert "83.3 %" in page
    assert "0.667" in page


def test_a_visitor_sees_the_units_and_no_registrations(client, district):
    page = client.get("/district").text
    assert "0.667" in page
    assert "28,348" not in page


@pytest.mark.parametrize("show", ["units", "density", "gini", "gaps", "rate"])
def test_each_figure_of_the_towns_has_its_map(signed_in, district, show):
    page = signed_in("viewer").get(f"/district?show={show}").text
    assert page.count('class="area ') >= 2


def test_a_town_has_figures_of_its_own(signed_in, records, district):
    centre = signed_in("district")
    form = {"figure": "units_town", "period": "2015", "value": "0", "town": "310112101000"}
    assert centre.post("/district/figures", data=form).location.endswith("town=310112101000")
    page = centre.get("/district?town=310112101000").text
    assert page.count("✓ 一致") == 1
    assert "≠" not in page
    assert centre.get("/district?town=1").status_code == 400
    assert centre.post("/district/figures", data=form | {"town": "1"}).status_code == 404


def test_an_unknown_figure_is_refused(client, district):
    assert client.get("/district?show=nothing").status_code == 400


def test_the_centre_enters_a_stated_figure(signed_in, records, district):
    form = {"figure": "members_rate", "period": "2015", "value": "83.3%", "source": "材料"}
    assert signed_in("district").post("/district/figures", data=form).status_code == 302
    with records() as session:
        assert session.query(StatedFigure).filter_by(figure="members_rate").one().value == pytest.approx(0.833)


@pytest.mark.parametrize("value", ["", "many", "nan", "-3", "1e12"])
def test_a_value_that_is_none_comes_back_with_the_form(signed_in, district, value):
    form = {"figure": "units_town", "period": "2015", "value": value}
    answer = signed_in("district").post("/district/figures", data=form)
    assert answer.status_code == 422
    assert 'id="wrong-value"' in answer.text


def test_the_table_comes_as_csv(client, district):
    lines = client.get("/district/towns.csv").text.strip().splitlines()
    assert len(lines) == 3
    assert lines[1].startswith("310112101000,西镇,1")


def test_a_district_without_towns_has_a_page(client):
    assert client.get("/district").status_code == 200
