"""Policies of assignment as data: whose holds when, and that a change never rewrites what was."""

from datetime import UTC, datetime, timedelta

import pytest
from makers import add_areas, add_unit, at
from sqlalchemy import text

from geodata.errors import NotFound, PolicyBegun
from geodata.services.assignment import assign, latest, replay
from geodata.services.policies import Rulings, changed, end_policy, former, in_force, set_policy
from geodata.services.tickets import Position, open_ticket
from spatial.assign import USUAL_ORDER, Decision, Policy
from spatial.errors import BadPolicy

WEST, EAST = "310112101000", "310112102000"
NOON = datetime(2026, 1, 14, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)
NEAR = Policy(800, order=("metres",))
FAIR = Policy(3000, order=("holder_point", "score"), weights={"load": 80})


@pytest.fixture
def towns(session):
    add_areas(session)
    return session


def rules(session, town, moment):
    policy = in_force(session, town, at=moment).policy
    return policy.max_distance_m, policy.order, dict(policy.weights)


def test_without_any_the_settings_of_the_district_hold(towns):
    towns.execute(text("UPDATE installation SET max_distance_m = 1234"))
    towns.expire_all()
    ruling = in_force(towns, WEST, at=NOON)
    assert (ruling.id, ruling.town_code, ruling.since) == (None, "", None)
    assert ruling.policy == Policy(1234, order=USUAL_ORDER)


def test_a_town_s_own_stands_before_the_district_s(towns):
    set_policy(towns, "", FAIR, actor="centre", at=NOON)
    set_policy(towns, WEST, NEAR, actor="town", note=" 试行 ", at=NOON)
    assert in_force(towns, WEST, at=NOON).policy == NEAR
    assert in_force(towns, WEST, at=NOON).note == "试行"
    assert in_force(towns, EAST, at=NOON).policy == FAIR
    assert in_force(towns, None, at=NOON).policy == FAIR
    assert in_force(towns, WEST, at=NOON - DAY).id is None
    assert [Rulings(towns, NOON).of(town).policy for town in (WEST, EAST, None)] == [NEAR, FAIR, FAIR]


def test_a_change_ends_the_former_at_its_moment_and_leaves_it_as_it_was(towns):
    set_policy(towns, WEST, NEAR, actor="town", at=NOON)
    set_policy(towns, WEST, FAIR, actor="anna", at=NOON + DAY)
    newest, oldest = former(towns, WEST)
    assert (oldest.valid_from, oldest.valid_to, oldest.actor) == (NOON, NOON + DAY, "town")
    assert (newest.valid_from, newest.valid_to, newest.actor) == (NOON + DAY, None, "anna")
    assert [rules(towns, WEST, NOON + n * DAY)[0] for n in (-1, 0, 1, 2)] == [2000, 800, 3000, 3000]
    assert rules(towns, WEST, NOON + DAY - timedelta(microseconds=1))[0] == 800


def test_the_same_again_changes_nothing(towns):
    first = set_policy(towns, WEST, FAIR, actor="town", at=NOON)
    assert set_policy(towns, WEST, FAIR, actor="anna", at=NOON + DAY) == first
    assert len(former(towns, WEST)) == 1


def test_a_town_may_follow_the_district_again_and_later_go_its_own_way(towns):
    set_policy(towns, WEST, NEAR, actor="town", at=NOON)
    end_policy(towns, WEST, at=NOON + DAY)
    end_policy(towns, WEST, at=NOON + 2 * DAY)
    set_policy(towns, WEST, NEAR, actor="town", at=NOON + 3 * DAY)
    assert [rules(towns, WEST, NOON + n * DAY)[0] for n in range(4)] == [800, 2000, 2000, 800]
    assert former(towns, WEST)[1].valid_to == NOON + DAY


@pytest.mark.parametrize("moment", [NOON, NOON - DAY], ids=["at the same moment", "before"])
def test_nothing_begins_before_what_it_follows(towns, moment):
    set_policy(towns, WEST, NEAR, actor="town", at=NOON)
    with pytest.raises(PolicyBegun, match=WEST):
        set_policy(towns, WEST, FAIR, actor="town", at=moment)
    with pytest.raises(PolicyBegun):
        end_policy(towns, WEST, at=moment)


def test_a_town_that_is_not_there_is_refused_with_those_that_are(towns):
    with pytest.raises(NotFound, match=WEST):
        set_policy(towns, "310112999000", NEAR, actor="town")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param({"order": ["beauty"]}, "order", id="unknown word"),
        pytest.param({"weights": {"load": -1}}, "weights.load", id="a weight below nothing"),
        pytest.param({"max_distance_m": 0}, "max_distance_m", id="no metres"),
    ],
)
def test_what_cannot_be_followed_is_refused(change, field):
    with pytest.raises(BadPolicy) as caught:
        changed(NEAR, **{"order": NEAR.order, "weights": {}, "max_distance_m": 800, **change})
    assert caught.value.field == field


def test_a_decision_follows_the_policy_of_its_town_at_its_moment_and_names_it(towns):
    add_unit(towns, "U1", 0.5, 1.1, town_code=WEST, village_code="310112101001")
    add_unit(towns, "U2", 0.5, 1.9, town_code=WEST, village_code="310112101001")
    ruling = set_policy(towns, WEST, NEAR, actor="town", at=NOON)

    def decided(moment):
        ticket = open_ticket(
            towns,
            category="0102",
            title="路边垃圾",
            actor="officer",
            position=Position(*at(0.5, 1.0), "wgs84"),
            reported_at=NOON - DAY,
            assign_now=False,
        )
        assign(towns, ticket, actor="officer", at=moment)
        return latest(towns, ticket)

    before, after = decided(NOON - DAY), decided(NOON)
    assert (before.policy_id, after.policy_id) == (None, ruling.id)
    assert [len(one.record["candidates"]) for one in (before, after)] == [2, 1]
    assert Decision.from_record(after.record).policy == NEAR
    end_policy(towns, WEST, at=NOON + DAY)
    assert replay(after.record).candidates == Decision.from_record(after.record).candidates
