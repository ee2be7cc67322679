"""The demands and resources of the made-up district, for stories that are told with them."""

import pytest
from sqlalchemy import select

from geodata.db import session_on
from geodata.models import Demand, MemberUnit, Project, Resource, User
from geodata.services import matching
from geodata.services.stamps import check_stamps


@pytest.fixture(scope="module")
def made(made_up):
    """A session on the small made-up district."""
    with session_on(made_up()) as session:
        yield session


def test_a_village_of_the_sample_users_town_asks_for_a_clinic_and_a_hospital_close_by_fits_it_best(made):
    clinic = made.scalars(select(Demand).where(Demand.kind_code == "free_clinic", Demand.state == "open")).one()
    town = made.scalars(select(User).where(User.name == "town")).one().area_code
    assert (clinic.level, clinic.area_code[:9]) == ("village", town[:9])
    found = matching.candidates(made, clinic.code)
    best, second = found.fitting
    assert made.scalars(select(MemberUnit).where(MemberUnit.code == best.resource.unit_code)).one().kind == "hospital"
    assert best.metres < 3000
    assert [reason.word for reason in best.reasons][:4] == ["same_kind", "all_days", "hours", "room"]
    assert second.resource.capacity_count == 30


def test_demands_are_of_every_state_and_some_fit_nothing(made):
    held = made.scalars(select(Demand).order_by(Demand.code)).all()
    assert {one.state for one in held} == {"open", "matched", "met", "withdrawn"}
    fitting = [matching.candidates(made, one.code).fitting_total for one in held if one.state == "open"]
    assert 0 in fitting
    assert max(fitting) > 0
    assert check_stamps(made) == []


def test_what_is_matched_or_met_has_its_project_led_by_the_lender(made):
    for one in made.scalars(select(Demand).where(Demand.state.in_(["matched", "met"]))):
        project = made.scalars(select(Project).where(Project.demand_id == one.id)).one()
        (match,) = matching.candidates(made, one.code).decided
        lender = made.scalars(select(Resource).where(Resource.code == match.resource_code)).one()
        assert (match.state, project.lead_unit_id, project.area_code) == ("accepted", lender.unit_id, one.area_code)
        assert (project.stage == "done") == (one.state == "met")


def test_every_resource_says_what_it_is_matched_by(made):
    assert all(one.kind_code for one in made.scalars(select(Resource)))
