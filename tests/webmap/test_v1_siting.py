"""Where the next units would cover most, asked by other systems."""

import pytest
from sqlalchemy import delete

from geodata.db import session_on
from geodata.models import GridCell
from geodata.services.grids import make_grid
from webmap.api.v1 import siting

WEST_TOWN, EAST_TOWN = "310112101000", "310112102000"
ASKED = {"count": 2, "radius_m": 500}


@pytest.fixture
def cells(towns, fresh_engine):
    """Cells of 200 m on both towns."""
    with session_on(fresh_engine) as session:
        make_grid(session, size_m=200.0)


@pytest.mark.usefixtures("cells")
def test_a_planner_is_told_where_the_next_units_go(program):
    told = program("planner").post("/siting", ASKED).json
    assert [site["rank"] for site in told["sites"]] == [1, 2]
    assert told["before"] < told["sites"][0]["share"] < told["after"] == told["sites"][1]["share"]
    assert told["sites"][0]["adds_m2"] == pytest.approx(3.14159 * 500**2, rel=0.01)
    assert told["is_optimal"] == (told["gap"] == 0)


@pytest.mark.usefixtures("cells")
def test_within_a_town_only_its_ground_counts(program):
    told = program("town_office").post("/siting", ASKED | {"within": EAST_TOWN}).json
    assert {site["town_code"] for site in told["sites"]} == {EAST_TOWN}
    assert (told["within"], told["sites"][0]["town_name"]) == (EAST_TOWN, "东镇")


@pytest.mark.usefixtures("cells")
def test_the_same_question_under_a_key_is_worked_out_once(program, monkeypatch):
    asked, key = program("planner"), {"Idempotency-Key": "a-key-made-at-random"}
    first = asked.post("/siting", ASKED, headers=key)
    monkeypatch.setattr(siting, "siting", None)
    assert (first.status_code, asked.post("/siting", ASKED, headers=key).data) == (200, first.data)


@pytest.mark.usefixtures("cells")
@pytest.mark.parametrize(
    ("sent", "status"),
    [
        pytest.param({"count": 0}, 422, id="no site"),
        pytest.param({"count": 51}, 422, id="too many sites"),
        pytest.param({"count": 1.5}, 422, id="half a site"),
        pytest.param({"radius_m": 9}, 422, id="too near"),
        pytest.param({"radius_m": 1e9}, 422, id="too far"),
        pytest.param({"radius_m": "500"}, 422, id="a radius as text"),
        pytest.param({"within": None}, 422, id="nothing for a code"),
        pytest.param({"cells": []}, 422, id="an unknown member"),
        pytest.param({"within": "310112999000"}, 404, id="an unknown town"),
        pytest.param({"within": "310112102001"}, 409, id="a village without a boundary"),
        pytest.param({"category": "9999"}, 404, id="an unknown category"),
    ],
)
def test_nonsense_is_refused_with_what_to_do(program, sent, status):
    answer = program("planner").post("/siting", ASKED | sent)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.json["said"]


@pytest.mark.usefixtures("towns")
def test_without_a_grid_it_says_that_cells_are_missing(program, records):
    with records() as session:
        session.execute(delete(GridCell))
    answer = program("planner").post("/siting", ASKED)
    assert answer.status_code == 409
    assert "wangge grid make" in answer.json["detail"]


@pytest.mark.parametrize("role", ["viewer", "officer", "unit"])
def test_it_is_not_for_everybody(program, role):
    assert program(role).post("/siting", ASKED).status_code == 403


@pytest.mark.usefixtures("cells")
def test_one_question_at_a_time_the_others_are_told_when_to_ask_again(program):
    with siting._solver:
        answer = program("planner").post("/siting", ASKED)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert program("planner").post("/siting", ASKED).status_code == 200
