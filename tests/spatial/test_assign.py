import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.assign import REASON_WORDS, REFUSAL_WORDS, Decision, Place, Policy, UnitFacts, decide, judge
from spatial.errors import BadPolicy

NOON = datetime(2024, 5, 6, 12, 0, tzinfo=UTC)
EVENING = datetime(2024, 5, 6, 20, 0, tzinfo=UTC)
PLACE = Place(0, 0, "0301", "T1", "V1", NOON)
POLICY = Policy()


def unit(code="A", x=300.0, y=400.0, **facts):
    """A unit 500 m away, in another town, that may take the ticket."""
    return UnitFacts(code=code, name=f"Unit {code}", kind="hospital", x=x, y=y, **facts)


def ranking(*units, place=PLACE, policy=POLICY):
    """Codes of the candidates in order."""
    return [candidate.unit.code for candidate in decide(place, units, policy).candidates]


def test_the_only_unit_takes_the_ticket():
    decision = decide(PLACE, [unit()], POLICY)
    assert decision.outcome == "unit"
    assert decision.chosen == decision.candidates[0]
    assert (decision.chosen.unit.code, decision.chosen.rank, decision.chosen.metres) == ("A", 1, 500)
    assert decision.rejected == ()


def test_with_no_unit_at_all_the_town_office_has_it():
    decision = decide(PLACE, [], POLICY)
    assert (decision.outcome, decision.chosen, decision.candidates) == ("town_office", None, ())


@pytest.mark.parametrize(
    ("facts", "word", "told"),
    [
        pytest.param({"handles_category": False}, "wrong_kind", {"kind": "hospital", "category": "0301"}, id="kind"),
        pytest.param({"is_active": False}, "inactive", {}, id="inactive"),
        pytest.param({"is_open": False}, "closed", {"at": NOON.isoformat()}, id="closed"),
        pytest.param({"load": 3, "capacity": 3}, "full", {"load": 3, "capacity": 3}, id="full"),
        pytest.param({"capacity": 0}, "full", {"load": 0, "capacity": 0}, id="no capacity"),
        pytest.param({"serves_town": False}, "elsewhere", {"town_code": "T1"}, id="other town"),
        pytest.param({"has_returned": True}, "returned_it", {}, id="returned this ticket"),
        pytest.param(
            {"has_returned": True, "returned_at": NOON},
            "returned_it",
            {"time": NOON.isoformat()},
            id="returned it then",
        ),
        pytest.param({"x": 2000.5, "y": 0}, "too_far", {"metres": 2000.5, "limit_m": 2000}, id="too far"),
        pytest.param({"x": None, "y": None}, "no_position", {"of": "unit"}, id="no position"),
    ],
)
def test_a_unit_is_refused_with_the_reason(facts, word, told):
    decision = decide(PLACE, [unit(**facts)], POLICY)
    assert decision.outcome == "town_office"
    (rejected,) = decision.rejected
    assert [(reason.word, reason.facts) for reason in rejected.reasons] == [(word, told)]
    assert decision.refused == {word: 1}
    assert word in REFUSAL_WORDS


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"is_open": None}, id="hours not known"),
        pytest.param({"load": 2, "capacity": 3}, id="room for one"),
        pytest.param({"load": 99, "capacity": None}, id="no limit"),
        pytest.param({"x": 2000.0, "y": 0.0}, id="just within the limit"),
        pytest.param({"x": 9000.0, "holds_point": True}, id="far, but holds the point"),
        pytest.param({"x": None, "y": None, "holds_block": True}, id="no position, but holds the block"),
    ],
)
def test_a_unit_is_not_refused_without_need(facts):
    assert ranking(unit(**facts)) == ["A"]


@pytest.mark.parametrize(
    "facts",
    [
        *({"handles_category": False}, {"is_active": False}, {"is_open": False}, {"capacity": 0}),
        *({"serves_town": False}, {"has_returned": True}),
    ],
    ids=str,
)
def test_holding_the_point_excuses_nothing_but_the_distance(facts):
    assert ranking(unit(holds_point=True, **facts)) == []


def test_every_reason_of_a_refusal_is_told():
    (rejected,) = decide(PLACE, [unit(x=5000, is_active=False, is_open=False, capacity=0)], POLICY).rejected
    assert [reason.word for reason in rejected.reasons] == ["inactive", "closed", "full", "too_far"]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        pytest.param({"holds_point": True}, {"holds_block": True}, id="point before block"),
        pytest.param({"holds_block": True}, {"village_code": "V1", "town_code": "T1"}, id="block before village"),
        pytest.param({"village_code": "V1"}, {"town_code": "T1"}, id="village before town"),
        pytest.param({"town_code": "T1"}, {}, id="town before metres"),
        pytest.param({}, {"x": 300.001}, id="near before far"),
        pytest.param({"x": -500.0, "y": 0.0}, {}, id="equal metres: lower code"),
        pytest.param({"holds_point": True, "holds_block": True}, {"holds_point": True}, id="both before one"),
        pytest.param({"holds_block": True}, {"holds_block": True, "x": None}, id="known before unknown distance"),
    ],
)
def test_the_better_unit_comes_first(better, worse):
    first, second = unit("A", **better), unit("B", **worse)
    assert ranking(first, second) == ranking(second, first) == ["A", "B"]


def test_a_full_holder_lets_the_next_come_forward():
    assert ranking(unit("A", holds_point=True, capacity=0), unit("B")) == ["B"]


def test_unknown_villages_are_not_the_same_village():
    place = replace(PLACE, village_code=None, town_code=None)
    assert ranking(unit("A"), unit("B", x=0.0, y=10.0), place=place) == ["B", "A"]
    words = [reason.word for reason in decide(place, [unit()], POLICY).chosen.reasons]
    assert not {"same_village", "same_town"} & set(words)


def test_the_order_is_data():
    near, home = unit("A", x=10.0, y=0.0), unit("B", village_code="V1", holds_block=True)
    assert ranking(near, home) == ["B", "A"]
    assert ranking(near, home, policy=Policy(order=("metres", "holder_block"))) == ["A", "B"]
    assert ranking(near, home, policy=Policy(order=())) == ["A", "B"]


def test_a_place_without_position_goes_to_a_holder_or_the_town_office():
    nowhere = replace(PLACE, x=None, y=None)
    decision = decide(nowhere, [unit()], POLICY)
    assert decision.outcome == "town_office"
    assert decision.rejected[0].reasons[0].facts == {"of": "place"}
    assert ranking(unit(), unit("B", holds_block=True), place=nowhere) == ["B"]


def test_the_reasons_of_a_choice_carry_the_numbers():
    chosen = decide(
        PLACE,
        [
            unit(
                holds_point=True,
                holds_block=True,
                village_code="V1",
                town_code="T1",
                is_open=True,
                open_until=EVENING,
                load=2,
                capacity=5,
                returned_at=NOON - timedelta(days=400),
            )
        ],
        POLICY,
    ).chosen
    assert [(reason.word, reason.facts) for reason in chosen.reasons] == [
        ("holds_point", {}),
        ("holds_block", {}),
        ("same_village", {"village_code": "V1"}),
        ("same_town", {"town_code": "T1"}),
        ("distance", {"metres": 500.0}),
        ("open_until", {"time": EVENING.isoformat()}),
        ("load", {"load": 2}),
        ("capacity", {"capacity": 5, "left": 3}),
        ("last_return", {"time": (NOON - timedelta(days=400)).isoformat()}),
    ]
    assert {reason.word for reason in chosen.reasons} <= set(REASON_WORDS)


def test_unknown_hours_are_told():
    assert "hours_unknown" in [reason.word for reason in decide(PLACE, [unit()], POLICY).chosen.reasons]


def test_one_unit_by_itself_is_judged_as_among_all_others():
    able, far = unit("A", load=1, town_code="T1"), unit("B", x=9000.0, y=0.0, is_active=False)
    decision = decide(PLACE, [able, far], POLICY)
    assert judge(PLACE, able, POLICY).reasons == decision.chosen.reasons
    assert judge(PLACE, able, POLICY).refusals == ()
    assert judge(PLACE, far, POLICY).refusals == decision.rejected[0].reasons
    assert [reason["word"] for reason in judge(PLACE, far, POLICY).to_record()["refusals"]] == ["inactive", "too_far"]


def test_only_so_many_candidates_are_kept():
    units = [unit(f"U{i}", x=float(i), y=0.0) for i in range(9)]
    decision = decide(PLACE, units, Policy(candidates_kept=3))
    assert [(c.unit.code, c.rank) for c in decision.candidates] == [("U0", 1), ("U1", 2), ("U2", 3)]


def test_only_so_many_refusals_are_kept_those_that_came_closest_first_and_all_are_counted():
    far = [unit(f"F{i}", x=3000.0 + i, y=0.0) for i in range(3)]
    wrong = [unit(f"W{i}", handles_category=False) for i in range(2)]
    decision = decide(PLACE, [*wrong, *far], Policy(rejected_kept=4))
    assert [rejected.unit.code for rejected in decision.rejected] == ["F0", "F1", "F2", "W0"]
    assert decision.refused == {"too_far": 3, "wrong_kind": 2}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("max_distance_m", 0),
        ("max_distance_m", float("nan")),
        ("candidates_kept", 0),
        ("rejected_kept", -1),
        ("order", ("metres", "metres")),
        ("order", ("beauty",)),
        ("weights", {"beauty": 100}),
        ("lately_days", -1),
    ],
)
def test_a_policy_that_cannot_be_followed_is_refused(field, value):
    with pytest.raises(BadPolicy) as caught:
        Policy(**{field: value})
    assert caught.value.field == field


@pytest.mark.parametrize("metres", [-1, float("nan"), float("inf")])
def test_a_weight_that_is_no_number_of_metres_is_refused_by_name(metres):
    with pytest.raises(BadPolicy) as caught:
        Policy(weights={"load": metres})
    assert caught.value.field == "weights.load"


def test_a_policy_cannot_be_changed_and_can_be_a_key():
    weights = {"load": 50}
    policy = Policy(weights=weights)
    weights["load"] = 60
    assert policy.weights == {"load": 50.0}
    with pytest.raises(TypeError):
        policy.weights["load"] = 60
    assert {policy: 1}[Policy(weights={"load": 50})] == 1
    assert policy != Policy(weights={"load": 60})


FARTHER = {"x": 360.0, "y": 480.0}  # 600 m


@pytest.mark.parametrize(
    ("weights", "better", "worse"),
    [
        pytest.param({}, {}, {**FARTHER, "village_code": "V1", "town_code": "T1"}, id="none: metres alone"),
        pytest.param({"village": 101}, {**FARTHER, "village_code": "V1"}, {}, id="village worth 101 m"),
        pytest.param({"village": 99}, {}, {**FARTHER, "village_code": "V1"}, id="village worth 99 m"),
        pytest.param({"town": 101}, {**FARTHER, "town_code": "T1"}, {}, id="town worth 101 m"),
        pytest.param({"load": 51}, FARTHER, {"load": 2}, id="each open ticket 51 m"),
        pytest.param({"load": 49}, {"load": 2}, FARTHER, id="each open ticket 49 m"),
        pytest.param({"fill": 201}, FARTHER, {"load": 2, "capacity": 4}, id="half full 100.5 m"),
        pytest.param({"fill": 201}, {"load": 99}, FARTHER, id="no limit is never full"),
        pytest.param({"returned": 101}, FARTHER, {"returned_at": NOON}, id="returned one just now"),
        pytest.param({"returned": 101}, {"returned_at": NOON - timedelta(days=31)}, FARTHER, id="long forgiven"),
        pytest.param({"load": 9999}, {"holds_point": True, "load": 9}, {"x": 0.0, "y": 0.0}, id="holders come before"),
    ],
)
def test_weights_are_metres(weights, better, worse):
    policy = Policy(order=("holder_point", "holder_block", "score"), weights=weights)
    first, second = unit("A", **better), unit("B", **worse)
    assert ranking(first, second, policy=policy) == ranking(second, first, policy=policy) == ["A", "B"]


def test_a_holder_whose_place_is_not_known_scores_last():
    holder, far = unit("A", x=None, holds_block=True, village_code="V1"), unit("B", x=2000.0, y=0.0, load=9)
    assert ranking(holder, far, policy=Policy(order=("score",), weights={"village": 9999, "load": 50})) == ["B", "A"]


def test_weights_count_for_nothing_without_score_in_the_order():
    near, home = unit("A", load=50), unit("B", x=400.0)
    assert ranking(near, home, policy=Policy(order=("metres",), weights={"load": 100})) == ["A", "B"]


def test_how_long_a_return_counts_is_data():
    fresh, other = unit("A", returned_at=NOON - timedelta(days=2)), unit("B", x=301.0)
    weights = {"returned": 50.0}
    assert ranking(fresh, other, policy=Policy(order=("score",), weights=weights, lately_days=3)) == ["B", "A"]
    assert ranking(fresh, other, policy=Policy(order=("score",), weights=weights, lately_days=1)) == ["A", "B"]


COORDINATES = st.none() | st.integers(-30, 30).map(lambda step: step * 100.0)
UNITS = st.lists(
    st.builds(
        UnitFacts,
        code=st.text("ABCDEF", min_size=1, max_size=3),
        name=st.text(max_size=3),
        kind=st.sampled_from(["school", "hospital"]),
        x=COORDINATES,
        y=COORDINATES,
        is_active=st.booleans(),
        is_open=st.sampled_from([None, True, False]),
        open_until=st.sampled_from([None, EVENING]),
        load=st.integers(0, 3),
        capacity=st.none() | st.integers(0, 3),
        serves_town=st.booleans(),
        handles_category=st.booleans(),
        town_code=st.sampled_from([None, "T1", "T2"]),
        village_code=st.sampled_from([None, "V1", "V2"]),
        holds_point=st.booleans(),
        holds_block=st.booleans(),
        returned_at=st.sampled_from([None, NOON - timedelta(days=3), NOON - timedelta(days=90)]),
        has_returned=st.booleans(),
    ),
    max_size=8,
    unique_by=lambda one: one.code,
)


@given(units=UNITS, data=st.data())
def test_the_answer_does_not_depend_on_the_order_of_the_units(units, data):
    shuffled = data.draw(st.permutations(units))
    assert decide(PLACE, units, POLICY) == decide(PLACE, shuffled, POLICY)


@given(units=UNITS)
def test_no_unit_is_lost(units):
    decision = decide(PLACE, units, Policy(candidates_kept=99, rejected_kept=99))
    told = [c.unit.code for c in decision.candidates] + [r.unit.code for r in decision.rejected]
    assert sorted(told) == sorted(one.code for one in units)
    assert all(rejected.reasons for rejected in decision.rejected)
    assert (decision.outcome == "town_office") == (not decision.candidates) == (decision.chosen is None)


@given(units=UNITS)
def test_a_decision_comes_back_from_its_record(units):
    policy = Policy(max_distance_m=1500, order=("town", "score", "metres"), weights={"load": 20, "returned": 300})
    decision = decide(PLACE, units, policy)
    assert Decision.from_record(json.loads(json.dumps(decision.to_record(), allow_nan=False))) == decision


@given(units=UNITS)
def test_a_decision_of_before_weights_and_returns_still_comes_back(units):
    decision = decide(PLACE, [replace(one, returned_at=None, has_returned=False) for one in units], POLICY)
    record = json.loads(json.dumps(decision.to_record()))
    for name in ("weights", "lately_days"):
        del record["policy"][name]
    for row in record["candidates"] + record["rejected"]:
        del row["unit"]["has_returned"]
    again = Decision.from_record(record)
    assert again == decision
    told = [c.unit for c in again.candidates] + [r.unit for r in again.rejected]
    assert decide(PLACE, told, again.policy).candidates == decision.candidates
