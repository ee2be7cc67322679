"""The best of a batch under capacity, against trying everything and against another way of solving."""

import itertools
import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.assign import ORDER_WORDS, WEIGHT_WORDS, Place, Policy, decide
from spatial.assign_arrays import Arrival, UnitProfile
from spatial.assign_many import Choice, decide_many
from spatial.optimum import optimum, total

NOON = datetime(2024, 5, 6, 12, 0, tzinfo=UTC)
METRES = Policy(order=("metres",))


def profile(code, x, y=0.0, *, capacity=1, **facts):
    return UnitProfile(code, f"Unit {code}", "school", x, y, frozenset({"0301"}), capacity=capacity, **facts)


def arrival(
    x, y=0.0, *, category="0301", points=(), blocks=(), returned=(), pledged=(), town_code="T1", village_code="V1"
):
    place = Place(x, y, category, town_code, village_code, NOON)
    pledges = {unit: (f"L-{unit}", "门前三包") for unit in pledged}
    return Arrival(place, frozenset(points), frozenset(blocks), frozenset(returned), pledges)


def codes(plan):
    return [choice.unit_code for choice in plan]


def test_an_early_ticket_leaves_the_last_room_to_the_one_that_needs_it_more():
    # In turn the first ticket takes B, 90 m away, and the second has to go 910 m to A.
    best = optimum([arrival(600), arrival(690)], [profile("A", 0), profile("B", 690)], Policy(1000, order=("metres",)))
    assert codes(best.in_turn) == ["B", "A"]
    assert codes(best.choices) == ["A", "B"]
    assert (best.total.metres, best.total_in_turn.metres, best.metres_saved) == (600, 780, 180)
    assert best.is_proven


def test_more_tickets_given_to_units_come_before_metres_and_metres_are_compared_for_as_many():
    # B is near both, A within reach of the first alone.
    units = [profile("A", 0), profile("B", 1000)]
    best = optimum([arrival(900), arrival(1950)], units, Policy(1000, order=("metres",)))
    assert codes(best.in_turn) == ["B", None]
    assert codes(best.choices) == ["A", "B"]
    assert (best.total.assigned, best.total_in_turn.assigned) == (2, 1)
    assert best.total.metres == 1850
    assert codes(best.as_many) == ["B", None]
    assert best.metres_saved == 0


@pytest.mark.parametrize(
    ("coming", "units", "expected"),
    [
        pytest.param([], [profile("A", 0)], [], id="no tickets"),
        pytest.param([arrival(0)], [], [None], id="no units"),
        pytest.param([arrival(0)], [profile("A", 0, capacity=0)], [None], id="no room at all"),
        pytest.param([arrival(0)], [profile("A", 0, capacity=3, load=3)], [None], id="full already"),
        pytest.param([arrival(0)], [profile("A", 0, is_active=False)], [None], id="not active"),
        pytest.param([arrival(0)], [profile("A", 0, is_open=False)], [None], id="closed"),
        pytest.param([arrival(0)], [profile("A", 0, towns=frozenset({"T2"}))], [None], id="serves another town"),
        pytest.param([arrival(0, category="0999")], [profile("A", 0)], [None], id="nobody handles it"),
        pytest.param([arrival(2001)], [profile("A", 0)], [None], id="too far"),
        pytest.param([arrival(0, returned=["A"])], [profile("A", 0)], [None], id="returned it"),
        pytest.param([arrival(None)], [profile("A", 0)], [None], id="place not known"),
        pytest.param([arrival(None, blocks=["A"])], [profile("A", 0)], ["A"], id="holder of a place not known"),
        pytest.param([arrival(0, points=["A"])], [profile("A", None)], ["A"], id="holder without a place"),
        pytest.param([arrival(9000, points=["A"])], [profile("A", 0)], ["A"], id="far holder"),
        pytest.param([arrival(0)] * 3, [profile("A", 0, capacity=None)], ["A"] * 3, id="no limit"),
        pytest.param([arrival(0)] * 3, [profile("A", 0, capacity=2)], ["A", "A", None], id="room for two of three"),
        pytest.param([arrival(0)], [profile("B", 10), profile("A", -10)], ["A"], id="equal: lower code"),
    ],
)
def test_who_gets_what(coming, units, expected):
    best = optimum(coming, units, METRES)
    assert sorted(codes(best.choices), key=str) == sorted(expected, key=str)
    assert best.is_proven


def test_a_holder_is_worth_more_than_any_metres():
    units = [profile("A", 10, capacity=9), profile("B", 5000)]
    best = optimum([arrival(0, blocks=["B"]), arrival(1)], units, Policy())
    assert codes(best.choices) == ["B", "A"]
    assert (best.total.holders, best.total.same_village) == (1, 0)


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        pytest.param({}, ["A", "A", "A"], id="none"),
        pytest.param({"load": 45}, ["B", "B", "B"], id="what A has to do already weighs"),
        pytest.param({"load": 28}, ["A", "A", "B"], id="what it is given in the batch weighs too"),
        pytest.param({"fill": 1300}, ["A", "A", "B"], id="the share of its room likewise"),
        pytest.param({"fill": 2000}, ["B", "B", "B"], id="a large share of its room"),
    ],
)
def test_work_at_hand_and_work_given_weigh_in_metres(weights, expected):
    units = [profile("A", 0, capacity=50, load=10), profile("B", 500, capacity=None)]
    policy = Policy(order=("score",), weights=weights)
    best = optimum([arrival(90), arrival(100), arrival(100)], units, policy)
    assert sorted(codes(best.choices)) == expected


def test_the_office_takes_the_ticket_that_is_farthest_where_one_must_stay():
    best = optimum([arrival(500), arrival(10)], [profile("A", 0)], METRES)
    assert codes(best.choices) == [None, "A"]
    assert codes(best.in_turn) == ["A", None]
    assert best.metres_saved == 490


def test_of_tickets_that_are_as_well_off_the_earlier_have_the_unit():
    coming = [arrival(0), arrival(50), arrival(0), arrival(0), arrival(-50)]
    best = optimum(coming, [profile("A", 0, capacity=2), profile("B", 5000)], METRES)
    assert codes(best.choices) == ["A", None, "A", None, None]
    loaded = optimum([arrival(0)] * 5, [profile("A", 0, capacity=2)], Policy(order=("score",), weights={"load": 10}))
    assert codes(loaded.choices) == ["A", "A", None, None, None]


def test_totals_say_what_the_choices_come_to():
    units = [profile("A", 0, village_code="V1", town_code="T1"), profile("B", None, town_code="T1")]
    coming = [arrival(30, 40), arrival(0, points=["B"]), arrival(5)]
    assert total(coming, units, [Choice("A", 50.0), Choice("B", None), Choice(None, None)]) == (2, 1, 1, 1, 2, 50.0)


# ---- against trying everything


def corner(name, x, y):
    """A unit that takes nothing but widens the ground, so that the step is known: 3 by 4 km are 5 km across."""
    return profile(name, x, y, is_active=False)


def small_case(seed, *, tickets=5, units=4):
    rng = np.random.default_rng(seed)
    made = [
        UnitProfile(
            f"U{i}",
            "Unit",
            "school",
            None if rng.random() < 0.1 else float(rng.integers(0, 31) * 100),
            float(rng.integers(0, 41) * 100),
            frozenset(rng.choice(["a", "b", "c"], 2, replace=False).tolist()),
            load=int(rng.integers(0, 3)),
            capacity=None if rng.random() < 0.1 else int(rng.integers(0, 5)),
            town_code=f"T{rng.integers(0, 2)}",
            village_code=f"V{rng.integers(0, 3)}",
            returned={"a": NOON - timedelta(days=int(rng.integers(1, 60)))} if rng.random() < 0.3 else {},
        )
        for i in range(units)
    ]
    made += [corner("Y", 0.0, 0.0), corner("Z", 3000.0, 4000.0)]
    coming = [
        arrival(
            float(rng.integers(0, 31) * 100) if rng.random() > 0.05 else None,
            float(rng.integers(0, 41) * 100),
            category=str(rng.choice(["a", "b", "c"])),
            points={f"U{rng.integers(0, units)}"} if rng.random() < 0.2 else (),
            blocks={f"U{rng.integers(0, units)}"} if rng.random() < 0.2 else (),
            returned={f"U{rng.integers(0, units)}"} if rng.random() < 0.2 else (),
            pledged={f"U{rng.integers(0, units)}"} if rng.random() < 0.2 else (),
            town_code=f"T{rng.integers(0, 2)}",
            village_code=f"V{rng.integers(0, 3)}",
        )
        for _ in range(tickets)
    ]
    return coming, made


def able(coming, units, policy):
    """Per arrival: the units that may take it with the loads at the beginning, by the rule."""
    wide = Policy(policy.max_distance_m, 99, policy.order, 0, policy.weights, policy.lately_days)
    return [
        {c.unit.code: c for c in decide(a.place, [u.facts(a, u.load) for u in units], wide).candidates} for a in coming
    ]


def own_cost(arrival, candidate, policy, step_m, far_m):
    """Metres of one ticket at one unit by the policy, its load left out."""
    unit, place, classes = candidate.unit, arrival.place, int(not candidate.unit.has_pledged)
    home, town = unit.village_code == place.village_code, unit.town_code == place.town_code
    flags = {"holder_point": unit.holds_point, "holder_block": unit.holds_block, "village": home, "town": town}
    for word in policy.order:
        if word in flags:
            classes = 2 * classes + (not flags[word])
            continue
        metres = far_m if candidate.metres is None else candidate.metres
        if word == "score":
            weight = policy.weight
            if candidate.metres is not None:
                lately = unit.returned_at is not None and (NOON - unit.returned_at).days <= policy.lately_days
                metres += weight("returned") * lately - weight("village") * home - weight("town") * town
        return classes * step_m + metres
    return float(classes)


def cost_of(plan, coming, units, policy, may):
    """How many tickets a plan gives to units, and its metres; None where it breaks the rule or a capacity."""
    has_holders = any(a.point_holders or a.block_holders or a.pledges for a in coming)
    widest = 5000.0 if has_holders else min(5000.0, policy.max_distance_m)
    leads = next((word for word in policy.order if word in {"score", "metres"}), None)
    weight = policy.weight if leads == "score" else (lambda _word: 0.0)
    far_m = widest + weight("returned") + 1
    loads = {unit.code: unit.load for unit in units}
    room = {u.code: math.inf if u.capacity is None else max(0, u.capacity - u.load) for u in units}
    rates = {u.code: weight("load") + (weight("fill") / u.capacity if u.capacity else 0.0) for u in units}
    most = max(rates[u.code] * (u.load + min(room[u.code], len(coming))) for u in units)
    step_m = math.ceil(far_m + weight("village") + weight("town") + most) + 1.01
    metres = []
    for one, code, candidates in zip(coming, plan, may, strict=True):
        if code is None:
            continue
        if code not in candidates or room[code] < 1:
            return None
        metres += [own_cost(one, candidates[code], policy, step_m, far_m), rates[code] * loads[code]]
        room[code] -= 1
        loads[code] += 1
    return sum(code is not None for code in plan), math.fsum(metres)


POLICIES = st.builds(
    Policy,
    max_distance_m=st.sampled_from([1000.0, 2500.0, 9000.0]),
    order=st.permutations(ORDER_WORDS).flatmap(lambda words: st.integers(1, 6).map(lambda n: tuple(words[:n]))),
    weights=st.dictionaries(st.sampled_from(WEIGHT_WORDS), st.sampled_from([0.0, 40.0, 300.0, 2000.0])),
    lately_days=st.just(20.0),
)


@settings(max_examples=120)
@given(seed=st.integers(0, 10**6), policy=POLICIES, candidates=st.sampled_from([1, 2, 16]))
def test_no_other_plan_gives_more_tickets_or_costs_less(seed, policy, candidates):
    coming, units = small_case(seed)
    may = able(coming, units, policy)
    best = optimum(coming, units, policy, candidates=candidates)
    assert best.is_proven
    tried = {}
    for plan in itertools.product(*([None, *candidates] for candidates in may)):
        cost = cost_of(plan, coming, units, policy, may)
        if cost is not None:
            tried[cost[0]] = min(cost[1], tried.get(cost[0], math.inf))
    for plan, count in ((best.choices, max(tried)), (best.as_many, best.total_in_turn.assigned)):
        number, metres = cost_of(codes(plan), coming, units, policy, may)
        assert number == count
        assert metres == pytest.approx(tried[count], abs=0.1)
    assert best.total.assigned >= best.total_in_turn.assigned
    assert list(best.in_turn) == decide_many(coming, units, policy)


@settings(max_examples=150)
@given(seed=st.integers(0, 10**6), policy=POLICIES)
def test_a_ticket_alone_goes_where_the_rule_sends_it(seed, policy):
    (only,), units = small_case(seed, tickets=1, units=6)
    best = optimum([only], units, policy)
    assert best.total.assigned == best.total_in_turn.assigned
    by_rule = able([only], units, policy)[0]
    if best.choices[0] != best.in_turn[0]:
        # Only what the rule tells apart by words after the first metres, or by the code, may differ.
        chosen, other = by_rule[best.choices[0].unit_code], by_rule[best.in_turn[0].unit_code]
        assert own_cost(only, chosen, policy, 1e6, 1e5) == pytest.approx(
            own_cost(only, other, policy, 1e6, 1e5), abs=0.02
        )


# ---- against another way of solving


def large_case(seed, *, tickets, units, side_m=6000, rooms=3):
    rng = np.random.default_rng(seed)
    made = [
        UnitProfile(
            f"U{i:04}",
            "Unit",
            "school",
            *rng.uniform(0, side_m, 2).tolist(),
            frozenset(rng.choice(4, 2, replace=False).astype(str).tolist()),
            load=int(rng.integers(0, 2)),
            capacity=int(rng.integers(0, rooms + 1)),
        )
        for i in range(units)
    ]
    places = [(*rng.uniform(0, side_m, 2).tolist(), str(rng.integers(0, 4))) for _ in range(tickets)]
    return [arrival(x, y, category=category) for x, y, category in places], made


def hungarian(costs):
    """The column of each row in the least sum, the matrix being no taller than wide, by shortest ways."""
    rows, columns = costs.shape
    row_price, column_price = np.zeros(rows + 1), np.zeros(columns + 1)
    row_of = np.zeros(columns + 1, dtype=int)
    for row in range(1, rows + 1):
        row_of[0], column = row, 0
        least, way = np.full(columns + 1, np.inf), np.zeros(columns + 1, dtype=int)
        done = np.zeros(columns + 1, dtype=bool)
        while row_of[column]:
            done[column] = True
            reduced = costs[row_of[column] - 1] - row_price[row_of[column]] - column_price[1:]
            better = ~done[1:] & (reduced < least[1:])
            least[1:][better], way[1:][better] = reduced[better], column
            nearest = int(np.argmin(np.where(done[1:], np.inf, least[1:]))) + 1
            step = least[nearest]
            row_price[row_of[done]] += step
            column_price[done] -= step
            least[~done] -= step
            column = nearest
        while column:
            row_of[column] = row_of[way[column]]
            column = way[column]
    return [int(np.flatnonzero(row_of[1:] == row)[0]) for row in range(1, rows + 1)]


@pytest.mark.parametrize("candidates", [2, 16])
@pytest.mark.parametrize("max_distance_m", [1200.0, 1e9])
@pytest.mark.parametrize(("tickets", "units"), [(90, 60), (60, 60), (120, 25)], ids=["tight", "loose", "too few rooms"])
def test_it_is_as_good_as_the_matching_of_tickets_and_single_rooms(tickets, units, max_distance_m, candidates):
    coming, made = large_case(tickets + units, tickets=tickets, units=units)
    best = optimum(coming, made, Policy(max_distance_m, order=("metres",)), candidates=candidates)
    rooms = [unit for unit in made for _ in range(max(0, unit.capacity - unit.load))]
    stay = 1e6
    costs = np.full((tickets, len(rooms) + tickets), stay)
    for i, one in enumerate(coming):
        for j, unit in enumerate(rooms):
            metres = math.dist((one.place.x, one.place.y), (unit.x, unit.y))
            if one.place.category in unit.categories and metres <= max_distance_m:
                costs[i, j] = metres
    matched = costs[np.arange(tickets), hungarian(costs)]
    given = matched[matched < stay]
    assert best.is_proven
    assert best.total.assigned == len(given)
    assert best.total.metres == pytest.approx(given.sum(), rel=1e-6)


def test_with_too_few_units_looked_at_it_says_that_nothing_is_proven():
    coming, made = large_case(1, tickets=120, units=80)
    policy = Policy(1e9, order=("metres",))
    hasty, patient = optimum(coming, made, policy, candidates=1, rounds=0), optimum(coming, made, policy)
    assert (hasty.is_proven, patient.is_proven) == (False, True)
    assert hasty.total.assigned == hasty.total_in_turn.assigned == patient.total.assigned
    assert patient.total.metres < hasty.total.metres <= hasty.total_in_turn.metres


def test_the_answer_does_not_depend_on_the_order_of_the_units():
    coming, made = large_case(2, tickets=150, units=80)
    assert optimum(coming, made, Policy()) == optimum(coming, made[::-1], Policy())


def test_no_unit_is_given_more_than_it_has_room_for():
    coming, made = large_case(3, tickets=400, units=80, rooms=6)
    policy = Policy(3000, order=("score",), weights={"load": 100, "fill": 500})
    best = optimum(coming, made, policy)
    for unit in made:
        taken = codes(best.choices).count(unit.code)
        assert taken == 0 or unit.load + taken <= unit.capacity
    assert best.total.assigned >= best.total_in_turn.assigned
