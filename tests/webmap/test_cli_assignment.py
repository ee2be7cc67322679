"""`wangge policy` and `wangge assign` of many."""

import json

import pytest
from makers import add_areas, add_unit, at

from geodata.db import session_on
from geodata.services.tickets import Position, open_ticket
from webmap.cli import FINE, REFUSED

WEST = "310112101000"


@pytest.fixture
def street(fresh_engine):
    """Two units with room for one each, and two tickets of which the first stands between them."""
    with session_on(fresh_engine) as session:
        add_areas(session)
        for code, east in (("U1", 0.2), ("U2", 0.9)):
            add_unit(session, code, east, 1.0, capacity=1, town_code=WEST, village_code="310112101001")
        for east in (0.6, 0.95):
            place = Position(*at(east, 1.0), "wgs84")
            open_ticket(session, category="0102", title="垃圾", actor="anna", position=place, assign_now=False)
    return fresh_engine


def told(wangge_on, street, *arguments):
    code, out, _ = wangge_on(street, *arguments, "--json")
    assert code == FINE
    return json.loads(out)


def test_a_policy_is_set_shown_and_ended(street, wangge_on):
    own = told(
        wangge_on, street, "policy", "set", "--town", WEST, "--order", "holder_point, score", "--weight", "load=50"
    )
    assert (own["town_code"], own["order"], own["weights"]) == (WEST, ["holder_point", "score"], {"load": 50.0})
    assert told(wangge_on, street, "policy", "set", "--max-distance", "1500")["max_distance_m"] == 1500
    shown = told(wangge_on, street, "policy", "show")["policies"]
    assert [(one["town_code"], one["max_distance_m"]) for one in shown] == [("", 1500), (WEST, 2000)]
    # what is not said stays
    assert told(wangge_on, street, "policy", "set", "--town", WEST, "--max-distance", "900")["weights"] == {
        "load": 50.0
    }
    assert wangge_on(street, "policy", "end", "--town", WEST)[0] == FINE
    rows = told(wangge_on, street, "policy", "show", "--town", WEST)["policies"]
    assert [one["max_distance_m"] for one in rows] == [900, 2000]
    assert all(one["until"] for one in rows)
    code, out, _ = wangge_on(street, "policy", "show")
    assert (code, out.count("district")) == (FINE, 1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["--order", "beauty"], "order", id="unknown word"),
        pytest.param(["--weight", "luck=5"], "weights", id="unknown weight"),
        pytest.param(["--town", "310112999000", "--max-distance", "5"], "310112101000", id="unknown town"),
    ],
)
def test_what_cannot_be_followed_is_refused_in_one_line(street, wangge_on, arguments, said):
    code, _, err = wangge_on(street, "policy", "set", *arguments)
    assert code == REFUSED
    assert said in err
    assert err.count("\n") == 1


def test_many_are_assigned_at_their_best_with_the_figures_of_both_ways(street, wangge_on):
    told(wangge_on, street, "policy", "set", "--order", "metres")
    code, out, _ = wangge_on(street, "assign", "--town", WEST, "--dry-run", "--explain")
    assert code == FINE
    assert "the batch gives it to 单位U1 (U1)" in out
    assert "of as many as in turn, the best saves 572 m" in out
    in_turn = told(wangge_on, street, "assign", "--all", "--method", "greedy", "--dry-run")
    assert (in_turn["method"], in_turn["dry_run"]) == ("greedy", True)
    best = told(wangge_on, street, "assign", "--all")
    assert (best["tickets"], best["to_unit"], best["method"], best["is_proven"]) == (2, 2, "optimum", True)
    assert best["optimum"]["metres"] < best["greedy"]["metres"]
    assert best["metres_saved"] == pytest.approx(572, abs=1)
    assert told(wangge_on, street, "assign", "--all")["tickets"] == 0


def test_a_policy_is_tried_over_what_was_decided(street, wangge_on):
    told(wangge_on, street, "assign", "--all")
    same = told(wangge_on, street, "policy", "try", "--town", WEST)
    assert (same["tickets"], same["same_unit"], same["moved"]) == (2, 2, [])
    changed = told(wangge_on, street, "policy", "try", "--town", WEST, "--max-distance", "20")
    assert changed["to_office"] == 2
    assert changed["moved"][0]["after"] is None
    code, out, _ = wangge_on(street, "policy", "try", "--max-distance", "20")
    assert code == FINE
    assert "2 tickets decided again" in out
    assert "to office: 2" in out
    assert told(wangge_on, street, "policy", "try", "--since", "2020-01-01", "--until", "2020-01-31")["tickets"] == 0
