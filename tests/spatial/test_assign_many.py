from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.assign import ORDER_WORDS, USUAL_ORDER, WEIGHT_WORDS, Place, Policy
from spatial.assign_many import Arrival, Choice, UnitProfile, decide_in_turn, decide_many

NOON = datetime(2024, 5, 6, 12, 0, tzinfo=UTC)


def profile(code, x, y=0.0, **facts):
    return UnitProfile(code, f"Unit {code}", "school", x, y, frozenset({"0301"}), **facts)


def arrival(
    x, y=0.0, *, category="0301", town_code="T1", village_code="V1", points=(), blocks=(), returned=(), pledged=()
):
    place = Place(x, y, category, town_code, village_code, NOON)
    pledges = {unit: (f"L-{unit}", "门前三包") for unit in pledged}
    return Arrival(place, frozenset(points), frozenset(blocks), frozenset(returned), pledges)


def codes(choices):
    return [choice.unit_code for choice in choices]


def random_case(seed, *, capacity=None, step_m=1.0, units=90, arrivals=150, pledging=0.2):
    """Units and arrivals over 20 km; a large step makes many equal distances."""
    rng = np.random.default_rng(seed)

    def where():
        x, y = (np.floor(rng.uniform(0, 20_000, 2) / step_m) * step_m).tolist()
        return x, y, f"T{int(x // 5000)}{int(y // 5000)}", f"V{int(x // 1000)}-{int(y // 1000)}"

    profiles = []
    for i in range(units):
        x, y, town, village = where()
        profiles.append(
            UnitProfile(
                code=f"U{i:03}",
                name=f"Unit {i}",
                kind="school",
                x=None if rng.random() < 0.03 else x,
                y=y,
                categories=frozenset(rng.choice(5, 3, replace=False).astype(str).tolist()),
                towns=None if rng.random() < 0.7 else frozenset({town}),
                is_active=bool(rng.random() > 0.05),
                is_open=[None, True, False][int(rng.choice(3, p=[0.3, 0.6, 0.1]))],
                load=int(rng.integers(0, 2)),
                capacity=None if capacity is None else int(rng.integers(0, capacity)),
                town_code=town,
                village_code=village,
                returned={c: NOON - timedelta(days=int(rng.integers(1, 60))) for c in "0123" if rng.random() < 0.2},
            )
        )
    coming = []
    for _ in range(arrivals):
        x, y, town, village = where()
        blocks = {f"U{k:03}" for k in rng.integers(0, units + 5, 2)} if rng.random() < 0.3 else set()
        points = {f"U{rng.integers(0, units):03}"} if rng.random() < 0.1 else set()
        known, category = (x if rng.random() > 0.02 else None), str(rng.integers(0, 6))
        returned = {f"U{k:03}" for k in rng.integers(0, units, 9)} if rng.random() < 0.2 else set()
        pledged = {f"U{k:03}" for k in rng.integers(0, units + 5, 2)} if rng.random() < pledging else set()
        here = {"town_code": town, "village_code": village, "points": points, "blocks": blocks, "returned": returned}
        coming.append(arrival(known, y, category=category, pledged=pledged, **here))
    return coming, profiles


def test_each_arrival_gets_its_nearest_unit():
    choices = decide_many([arrival(10), arrival(990)], [profile("A", 0), profile("B", 1000)], Policy())
    assert choices == [Choice("A", 10), Choice("B", 10)]


def test_a_unit_fills_up_in_the_order_of_arrival():
    units = [profile("A", 0, capacity=2, load=1), profile("B", 1000, capacity=1)]
    assert codes(decide_many([arrival(10), arrival(20), arrival(30)], units, Policy())) == ["A", "B", None]


@pytest.mark.parametrize(
    ("coming", "expected"),
    [
        pytest.param(arrival(10, category="0999"), Choice(None, None), id="nobody handles it"),
        pytest.param(arrival(5000), Choice(None, None), id="too far"),
        pytest.param(arrival(None), Choice(None, None), id="place not known"),
        pytest.param(arrival(5000, points=["B"]), Choice("B", 4000), id="far holder"),
        pytest.param(arrival(10, blocks=["B"]), Choice("B", 990), id="holder before the nearest"),
        pytest.param(arrival(10, blocks=["Z"]), Choice("A", 10), id="holder that is no unit"),
        pytest.param(arrival(10, pledged=["B"], blocks=["A"]), Choice("B", 990), id="a pledge before a holder"),
        pytest.param(arrival(5000, pledged=["B"]), Choice("B", 4000), id="a pledge from afar"),
        pytest.param(arrival(10, category="0999", pledged=["B"]), Choice("B", 990), id="a pledge of another kind"),
        pytest.param(arrival(10, pledged=["B"], returned=["B"]), Choice("A", 10), id="who pledged it returned it"),
        pytest.param(arrival(10, pledged=["Z"]), Choice("A", 10), id="a pledge of no unit"),
        pytest.param(arrival(10, returned=["A"]), Choice("B", 990), id="the nearest returned it"),
        pytest.param(arrival(10, returned=["A"], points=["A"]), Choice("B", 990), id="the holder returned it"),
        pytest.param(arrival(None, blocks=["B"]), Choice("B", None), id="holder of a place not known"),
    ],
)
def test_a_single_arrival(coming, expected):
    assert decide_many([coming], [profile("A", 0), profile("B", 1000)], Policy()) == [expected]


@pytest.mark.parametrize("units", [[], [profile("A", 0, is_active=False)]], ids=["no units", "none active"])
def test_without_units_all_go_to_the_town_office(units):
    assert codes(decide_many([arrival(0), arrival(1)], units, Policy())) == [None, None]


def test_no_arrivals_no_choices():
    assert decide_many([], [profile("A", 0)], Policy()) == []


@pytest.mark.parametrize("max_distance_m", [2000.0, 6000.0, 1e9])
@pytest.mark.parametrize(
    ("order", "weights"),
    [
        pytest.param(USUAL_ORDER, {}, id="usual order"),
        pytest.param(("metres", "holder_block"), {}, id="metres first"),
        pytest.param(("town", "holder_point", "metres", "village"), {}, id="mixed"),
        pytest.param(("village", "town"), {}, id="without metres"),
        pytest.param(("holder_point", "score", "metres"), {"village": 300, "town": 150, "returned": 70}, id="scored"),
        pytest.param(("score", "holder_block"), {"load": 120.5, "fill": 700, "village": 90.1}, id="scored by load"),
    ],
)
@pytest.mark.parametrize(
    ("capacity", "step_m"),
    [
        pytest.param(None, 1.0, id="no limits"),
        pytest.param(4, 1.0, id="tight"),
        pytest.param(12, 500.0, id="equal distances"),
        pytest.param(None, 2000.0, id="very many equal distances"),
    ],
)
def test_the_batch_answers_as_the_rule_does_one_by_one(capacity, step_m, order, weights, max_distance_m):
    coming, units = random_case(8, capacity=capacity, step_m=step_m)
    policy = Policy(max_distance_m=max_distance_m, order=order, weights=weights)
    expected = choices_in_turn(coming, units, policy)
    assert decide_many(coming, units, policy) == expected
    assert len({choice.unit_code for choice in expected}) > 5


WEIGHTS = st.dictionaries(st.sampled_from(WEIGHT_WORDS), st.sampled_from([0.0, 0.1, 33.3, 500.0, 1e6]))


@settings(max_examples=60)
@given(
    seed=st.integers(0, 10**6),
    order=st.permutations(ORDER_WORDS).flatmap(lambda words: st.integers(0, 6).map(lambda n: tuple(words[:n]))),
    weights=WEIGHTS,
    step_m=st.sampled_from([1.0, 100.0, 1000.0]),
    capacity=st.sampled_from([None, 2, 6]),
    max_distance_m=st.sampled_from([1500.0, 8000.0, 1e9]),
)
def test_under_any_policy_the_batch_answers_as_the_rule_does(seed, order, weights, step_m, capacity, max_distance_m):
    coming, units = random_case(seed, capacity=capacity, step_m=step_m, units=40, arrivals=60)
    policy = Policy(max_distance_m=max_distance_m, order=order, weights=weights, lately_days=20)
    assert decide_many(coming, units, policy) == choices_in_turn(coming, units, policy)


@pytest.mark.parametrize(
    ("facts", "chosen"),
    [
        pytest.param({}, "B", id="free"),
        pytest.param({"is_open": False}, "B", id="closed, as the pledge has its own hours"),
        pytest.param({"is_active": False}, "A", id="not active"),
        pytest.param({"capacity": 1, "load": 1}, "A", id="full"),
        pytest.param({"towns": frozenset({"T9"})}, "A", id="serving another town"),
    ],
)
def test_a_pledge_lifts_kind_distance_and_hours_alone(facts, chosen):
    units = [profile("A", 0), UnitProfile("B", "B", "bank", 9000.0, 0.0, frozenset(), **facts)]
    coming = [arrival(10, pledged=["B"])]
    assert codes(decide_many(coming, units, Policy())) == [chosen]
    assert codes(choices_in_turn(coming, units, Policy())) == [chosen]


def choices_in_turn(coming, units, policy):
    chosen = [decision.chosen for decision in decide_in_turn(coming, units, policy)]
    return [Choice(None, None) if one is None else Choice(one.unit.code, one.metres) for one in chosen]


def chosen_in_turn(coming, units, policy):
    return [d.chosen.unit.code if d.chosen else None for d in decide_in_turn(coming, units, policy)]


def test_when_the_near_units_are_full_the_lowest_code_of_many_equal_ones_is_next():
    equal = [profile(f"A{i:02}", 500 * (-1) ** i, capacity=1) for i in range(40)]
    near = [profile(f"B{i:02}", 100.0 + i, capacity=1) for i in range(10)]
    coming = [arrival(0)] * 55
    choices = codes(decide_many(coming, equal + near, Policy()))
    assert choices == [*(f"B{i:02}" for i in range(10)), *(f"A{i:02}" for i in range(40)), *[None] * 5]


@pytest.mark.parametrize("seed", range(20))
def test_equal_units_are_used_up_in_the_order_of_their_codes(seed):
    rng = np.random.default_rng(seed)
    units = [profile(f"U{i:02}", float(rng.choice([100.0, 500.0, 900.0])), capacity=1) for i in range(60)]
    coming = [arrival(0)] * 60
    assert codes(decide_many(coming, units, Policy())) == chosen_in_turn(coming, units, Policy())


def test_a_holder_that_only_breaks_ties_does_not_overtake_a_nearer_unit_beyond_the_few():
    row = [profile(f"U{i:02}", 100.0 + i, capacity=1) for i in range(30)]
    coming = [arrival(0, blocks=["Z"])] * 32
    policy = Policy(order=("metres", "holder_block"))
    choices = codes(decide_many(coming, [*row, profile("Z", 1900)], policy))
    assert choices == [*(f"U{i:02}" for i in range(30)), "Z", "Z"]
    assert choices == chosen_in_turn(coming, [*row, profile("Z", 1900)], policy)


def test_the_batch_does_not_mind_the_order_of_the_units():
    coming, units = random_case(9, capacity=6, step_m=500.0)
    assert decide_many(coming, units, Policy()) == decide_many(coming, units[::-1], Policy())


def test_no_unit_is_ever_overloaded_over_several_chunks():
    coming, units = random_case(10, capacity=8, arrivals=3500)
    chosen = codes(decide_many(coming, units, Policy(max_distance_m=1e9)))
    for unit in units:
        taken = chosen.count(unit.code)
        assert taken == 0 or unit.load + taken <= unit.capacity


def test_in_turn_every_choice_adds_to_the_load():
    decisions = list(decide_in_turn([arrival(0)] * 4, [profile("A", 0, capacity=3)], Policy()))
    loads = [decision.chosen.unit.load for decision in decisions[:3]]
    assert all(after == before + 1 for before, after in pairwise(loads))
    assert decisions[3].outcome == "town_office"
    assert decisions[3].rejected[0].reasons[0].word == "full"
