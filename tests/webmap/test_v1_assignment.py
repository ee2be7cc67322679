"""Giving tickets to units from other systems: as the pages do, with the reasons."""

import pytest
from makers import at
from sqlalchemy import select
from two_towns import OTHER_TOWN, OWN_TOWN

from geodata.models import Assignment, Ticket
from geodata.services.tickets import Position, open_ticket

KEY = {"Idempotency-Key": "a-key-made-at-random"}


@pytest.fixture
def waiting(records, towns):
    """Three tickets that wait in the western town, and one in the eastern."""
    with records() as session:
        return [
            open_ticket(
                session,
                category="0501",
                title="占道",
                actor="somebody",
                position=Position(*at(east, 1.2), "wgs84"),
                assign_now=False,
            ).number
            for east in (0.5, 0.6, 0.7, 3.4)
        ]


@pytest.fixture
def stored(records):
    """A function that tells how many decisions are stored, and the states of tickets."""

    def told():
        with records() as session:
            states = session.execute(select(Ticket.number, Ticket.state)).all()
            return len(session.scalars(select(Assignment)).all()), dict(map(tuple, states))

    return told


def test_candidates_are_ranked_with_reasons_and_nothing_is_stored(program, waiting, stored):
    before = stored()
    answer = program("town_office").get(f"/tickets/{waiting[0]}/candidates?lang=en")
    told = answer.json
    assert (told["outcome"], told["unit"]["code"]) == ("unit", "U1")
    assert [(one["rank"], one["unit"]["code"]) for one in told["candidates"]] == [(1, "U1")]
    reasons = {one["word"]: one["said"] for one in told["candidates"][0]["reasons"]}
    assert reasons["holds_block"] == "holds the responsibility block here"
    assert [one["word"] for one in told["rejected"][0]["reasons"]] == ["too_far"]
    assert answer.headers["ETag"] == '"1"'
    assert stored() == before


def test_the_rule_gives_a_ticket_to_the_first(program, waiting, stored):
    told = program("town_office").post(f"/tickets/{waiting[0]}/assignment", {}).json
    assert (told["method"], told["ticket"]["unit"]["code"], told["ticket"]["state"]) == ("rule", "U1", "dispatched")
    assert (told["event"]["action"], told["decision"]["unit"]["code"]) == ("assign", "U1")
    assert stored()[0] == 1


def test_a_dry_run_only_decides(program, waiting, stored):
    before = stored()
    told = program("town_office").post(f"/tickets/{waiting[0]}/assignment", {"dry_run": True}).json
    assert (told["is_dry_run"], told["decision"]["unit"]["code"], told["event"]) == (True, "U1", None)
    assert told["ticket"]["state"] == "reported"
    assert stored() == before


def test_by_hand_a_ticket_goes_to_the_unit_that_is_named(program, waiting):
    sent = {"unit": "U2", "reason": "由它负责"}
    told = program("town_office").post(f"/tickets/{waiting[0]}/assignment", sent).json
    assert (told["method"], told["event"]["action"], told["event"]["unit_code"]) == ("hand", "choose", "U2")
    assert [one["word"] for one in told["refusals"]] == ["too_far"]


def test_an_assignment_sent_twice_under_a_key_is_made_once(program, waiting, stored):
    asked = program("town_office")
    first, again = (asked.post(f"/tickets/{waiting[0]}/assignment", {}, headers=KEY) for _ in range(2))
    assert (first.status_code, first.data, stored()[0]) == (200, again.data, 1)


@pytest.mark.parametrize("sent", [{}, {"unit": "U2", "reason": "x"}])
def test_a_ticket_that_has_changed_since_is_left_alone(program, waiting, stored, sent):
    before = stored()
    answer = program("town_office").post(f"/tickets/{waiting[0]}/assignment", sent, headers={"If-Match": '"7"'})
    assert (answer.status_code, stored()) == (412, before)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        pytest.param({"unit": "nobody", "reason": "x"}, 404, id="no such unit"),
        pytest.param({"unit": "U1"}, 409, id="no reason"),
        pytest.param({"reason": "x"}, 422, id="a reason for the rule"),
        pytest.param({"unit": "U1", "reason": "x", "dry_run": True}, 422, id="a dry run by hand"),
        pytest.param({"office": "x"}, 422, id="unknown member"),
    ],
)
def test_what_cannot_be_assigned_is_said(program, waiting, stored, sent, status):
    before = stored()
    answer = program("town_office").post(f"/tickets/{waiting[0]}/assignment", sent)
    assert (answer.status_code, stored()) == (status, before)


def test_all_that_wait_in_ones_town_are_given_at_once(program, waiting, stored):
    told = program("town_office").post("/assignments", {}).json
    assert (told["town"], told["tickets"], told["to_unit"]) == (OWN_TOWN, 3, 3)
    assert {one["number"]: one["unit"] for one in told["decisions"]} == dict.fromkeys(waiting[:3], "U1")
    assert stored()[1][waiting[3]] == "reported"


def test_a_dry_run_of_many_stores_nothing(program, waiting, stored):
    before = stored()
    told = program("town_office").post("/assignments", {"dry_run": True, "method": "greedy"}).json
    assert (told["is_dry_run"], told["method"], told["tickets"], stored()) == (True, "greedy", 3, before)


def test_the_oldest_come_first_where_there_is_a_limit(program, waiting):
    told = program("town_office").post("/assignments", {"limit": 1}).json
    assert [one["number"] for one in told["decisions"]] == [waiting[0]]


def test_those_that_are_named_are_given_wherever_they_lie(program, waiting):
    told = program("district").post("/assignments", {"numbers": [waiting[0], waiting[3]]}).json
    assert {one["number"]: one["unit"] for one in told["decisions"]} == {waiting[0]: "U1", waiting[3]: "U2"}


def test_the_whole_district_is_for_those_who_work_for_it(program, waiting):
    # and what nobody can place goes to the district's office
    told = program("district").post("/assignments", {}).json
    assert (told["tickets"], told["to_unit"], told["to_office"], told["gaps"]) == (5, 4, 1, {"310112": 1})


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"town": OTHER_TOWN}, 403),
        ({"numbers": ["OTHER"]}, 404),
        ({"numbers": []}, 422),
        ({"numbers": ["x", "x"]}, 422),
        ({"numbers": ["x"] * 1001}, 422),
        ({"method": "best"}, 422),
        ({"limit": 0}, 422),
        ({"role": "admin"}, 422),
    ],
)
def test_other_towns_and_nonsense_are_refused(program, towns, waiting, stored, sent, status):
    before = stored()
    sent = sent | ({"numbers": [towns["OTHER"]]} if sent.get("numbers") == ["OTHER"] else {})
    answer = program("town_office").post("/assignments", sent)
    assert (answer.status_code, stored()) == (status, before)
