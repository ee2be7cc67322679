"""Moves by hand: what each needs, what it starts and stops, and what it comes to."""

from datetime import UTC, datetime, timedelta

import pytest
from makers import add_areas, add_unit, at
from sqlalchemy import select, update

from geodata.errors import MoveRefused, NotFound
from geodata.models import FilingRule
from geodata.record_errors import TicketChanged
from geodata.services.assignment import assign
from geodata.services.clocks import clocks_of, running
from geodata.services.history import entry, events, version
from geodata.services.moves import move_ticket, standing_of
from geodata.services.standing import standing
from geodata.services.tickets import Position, open_ticket

WEST_TOWN = "310112101000"
# Tuesday, half past nine in Shanghai
MORNING = datetime(2026, 3, 10, 1, 30, tzinfo=UTC)


@pytest.fixture
def town(session):
    """Two towns, and two units in the western one that take rubbish."""
    add_areas(session)
    add_unit(session, "U1", 0.5, 1.1, town_code=WEST_TOWN)
    add_unit(session, "U2", 0.5, 1.3, town_code=WEST_TOWN)
    return session


def opened(session, **facts):
    plain = {"category": "0102", "title": "路边垃圾", "actor": "officer", "reported_at": MORNING}
    return open_ticket(session, **{**plain, "position": Position(*at(0.5, 1.0), "wgs84"), **facts})


def go(session, made, *steps, hours=1.0):
    """Make moves, one an hour: (action, actor, role, further facts …)."""
    moment = made.updated_at
    for action, actor, role, more in steps:
        moment += timedelta(hours=hours)
        move_ticket(session, made.number, action, actor=actor, role=role, at=moment, **more)
    return made


def step(action, actor="officer", role="officer", **more):
    return action, actor, role, more


def told(session, made):
    """The fold of the events, as the ticket's own columns should say it."""
    return standing(entry(event) for event in events(session, made))


def test_the_handling_clock_starts_at_dispatch_and_gives_the_deadline(town):
    made = opened(town)
    # four working hours from half past nine: lunch is from twelve to one
    assert made.due_at == MORNING + timedelta(hours=5)
    assert [clock.stage for clock in running(town, made)] == ["accept", "handle"]
    assert made.filed_at == made.dispatched_at == MORNING


def test_a_changed_rule_rewrites_no_running_deadline(town):
    made = opened(town)
    due = made.due_at
    town.execute(update(FilingRule).where(FilingRule.category_code == "0102").values(amount=1.0))
    go(town, made, step("accept"), step("handle"))
    assert made.due_at == due
    assert opened(town).due_at == MORNING + timedelta(hours=1)


def test_a_deadline_of_another_system_is_kept(town):
    due = MORNING + timedelta(days=30)
    made = opened(town, due_at=due)
    assert made.due_at == due
    assert [clock.stage for clock in running(town, made)] == ["accept"]


def test_an_extension_is_asked_for_by_one_and_granted_by_another(town):
    made = go(town, opened(town), step("accept"), step("ask_extend", reason="要调车", facts={"amount": 2.0}))
    assert made.pending == "extend"
    with pytest.raises(MoveRefused, match="somebody else") as caught:
        go(town, made, step("grant_extend", "officer", "town_office"))
    assert caught.value.word == "asker"
    go(town, made, step("grant_extend", "town", "town_office"))
    assert made.pending is None
    assert made.due_at == MORNING + timedelta(hours=7)


def test_what_is_refused_changes_nothing(town):
    made = go(town, opened(town), step("accept"), step("ask_extend", reason="要调车", facts={"amount": 2.0}))
    go(town, made, step("refuse_extend", "town", "town_office", reason="不同意"))
    assert (made.pending, made.due_at) == (None, MORNING + timedelta(hours=5))


def test_nothing_is_granted_that_nobody_asked_for(town):
    made = go(town, opened(town), step("accept"))
    with pytest.raises(MoveRefused) as caught:
        go(town, made, step("grant_suspend", "town", "town_office"))
    assert caught.value.word == "not_asked"


def test_while_a_ticket_waits_its_clock_stands(town):
    made = go(town, opened(town), step("accept"), step("ask_suspend", reason="等材料"))
    go(town, made, step("grant_suspend", "town", "town_office"))
    assert (made.state, made.due_at) == ("waiting", None)
    go(town, made, step("resume"), hours=24)
    # two and a half hours were used up before lunch; the rest runs from one o.clock of the next day
    used = timedelta(hours=2.5)
    assert made.due_at == made.updated_at.replace(hour=5, minute=0) + (timedelta(hours=4) - used)


def test_the_second_return_brings_in_a_referee_whose_word_is_final(town):
    made = go(town, opened(town), step("return", reason="不归我们", facts={"code": "not_responsible"}))
    assert (made.pending, made.office_code) == (None, WEST_TOWN)
    assign(town, made, actor="town", at=made.updated_at)
    go(town, made, step("return", reason="也不归我们", facts={"code": "not_responsible"}))
    assert (made.pending, made.office_code, made.return_count) == ("referee", "310112", 2)
    assert [clock.stage for clock in running(town, made)] == ["dispatch", "referee"]
    with pytest.raises(MoveRefused) as caught:
        go(town, made, step("cancel", "town", "town_office", reason="算了"))
    assert caught.value.word == "referee"
    assign(town, made, actor="district", role="district", at=made.updated_at)
    assert (made.pending, made.is_binding) == (None, True)
    with pytest.raises(MoveRefused) as caught:
        go(town, made, step("return", reason="还是不归", facts={"code": "other"}))
    assert caught.value.word == "binding"


def test_a_return_needs_a_reason_of_the_list(town):
    with pytest.raises(NotFound, match="not_responsible"):
        go(town, opened(town), step("return", reason="x", facts={"code": "bad weather"}))


def test_rework_is_counted_and_its_clock_goes_on_where_it_stood(town):
    made = go(town, opened(town), step("accept"), step("done", photos=("after",)))
    due, stopped = made.due_at, made.updated_at
    go(town, made, step("rework", "checker", reason="还有垃圾"))
    assert (made.state, made.rework_count, made.done_at) == ("handling", 1, None)
    assert made.due_at == due + (made.updated_at - stopped) - timedelta(minutes=30)  # half an hour of it was lunch
    go(town, made, step("done", photos=("after",)), step("close", "checker"))
    assert running(town, made) == []


def test_a_photo_is_needed_where_the_rule_asks_for_one(town):
    town.execute(update(FilingRule).where(FilingRule.category_code == "0102").values(needs_photo=True))
    made = go(town, opened(town), step("accept"))
    with pytest.raises(MoveRefused) as caught:
        go(town, made, step("done"))
    assert caught.value.word == "photo"
    assert go(town, made, step("done", photos=("after",))).state == "done"


def test_what_is_fixed_on_the_spot_is_checked_by_somebody_else(town):
    made = opened(town, assign_now=False)
    with pytest.raises(MoveRefused) as caught:
        go(town, made, step("self_handle", photos=("after",)))
    assert caught.value.word == "both_photos"
    go(town, made, step("self_handle", photos=("before", "after")))
    assert (made.state, made.is_self_handled) == ("done", True)
    with pytest.raises(MoveRefused) as caught:
        go(town, made, step("close"))
    assert caught.value.word == "four_eyes"
    assert go(town, made, step("close", "checker")).state == "closed"


def test_who_comes_too_late_is_told_by_whom_and_since_when(town):
    made = go(town, opened(town), step("accept", "anna"))
    with pytest.raises(MoveRefused, match="anna") as caught:
        go(town, made, step("accept", "berta"))
    assert (caught.value.word, caught.value.state, caught.value.by) == ("state", "accepted", "anna")
    assert caught.value.at == made.updated_at


def test_an_appeal_is_the_districts_and_excuses(town):
    made = go(town, opened(town), step("accept"), step("appeal", reason="台风"))
    with pytest.raises(MoveRefused) as caught:
        go(town, made, step("grant_appeal", "town", "town_office", reason="同意"))
    assert caught.value.word == "role"
    go(town, made, step("grant_appeal", "district", "district", reason="同意"))
    assert (made.is_excused, made.pending) == (True, None)


def test_supervision_wants_an_answer(town):
    made = go(town, opened(town), step("supervise", "district", "district", reason="请说明"))
    assert made.is_supervised
    assert "answer" in {clock.stage for clock in running(town, made)}
    assert not go(town, made, step("answer", reason="已安排")).is_supervised


def test_a_closed_ticket_is_visited_and_may_be_opened_again(town):
    made = go(town, opened(town), step("accept"), step("done", photos=("after",)), step("close", "checker"))
    go(town, made, step("visit", "checker", facts={"satisfied": False}))
    assert made.is_satisfied is False
    go(town, made, step("reopen", "town", "town_office", reason="反弹"))
    assert (made.state, made.closed_at, made.reopen_count) == ("reopened", None, 1)


def test_whoever_goes_by_a_version_moves_no_ticket_that_has_changed_since(town):
    made = opened(town)
    seen = version(town, made)
    go(town, made, step("accept", seen={seen - 1, seen}))
    assert version(town, made) == seen + 1
    with pytest.raises(TicketChanged, match=f"version {seen + 1} now"):
        go(town, made, step("done", photos=("after",), seen={seen}))
    assert made.state == "accepted"


@pytest.mark.parametrize("amount", [None, 0, -1, "2", True, 10_000])
def test_how_much_longer_is_a_number(town, amount):
    made = go(town, opened(town), step("accept"))
    with pytest.raises(MoveRefused) as caught:
        go(town, made, step("ask_extend", reason="x", facts={"amount": amount}))
    assert caught.value.word == "amount"


def test_the_ticket_is_the_fold_of_its_events(town):
    made = go(
        town,
        opened(town),
        step("return", reason="不归我们", facts={"code": "wrong_place"}),
    )
    assign(town, made, actor="town", at=made.updated_at)
    go(
        town,
        made,
        step("accept"),
        step("ask_extend", reason="x", facts={"amount": 1.0}),
        step("grant_extend", "town", "town_office"),
        step("done", photos=("after",)),
        step("rework", "checker", reason="没清完"),
        step("done", photos=("after",)),
        step("close", "checker"),
        step("visit", "checker", facts={"satisfied": True}),
    )
    folded = told(town, made)
    assert folded.unit_code == "U2" if made.unit_id else folded.unit_code is None
    assert {**vars(standing_of(made)), "unit_code": folded.unit_code} == vars(folded)
    assert all(clock.stopped_at is not None for clock in clocks_of(town, made))


def test_a_rule_is_chosen_where_a_category_has_several(town):
    first = town.scalars(select(FilingRule).where(FilingRule.category_code == "0102", FilingRule.rank == 1)).one()
    more = {name: getattr(first, name) for name in ("category_code", "condition_zh", "condition_en")}
    town.add(FilingRule(**more, code="9", rank=9, closing_zh="x", closing_en="x", amount=9.0, unit="natural_days"))
    made = opened(town, assign_now=False)
    go(town, made, step("file", "town", "town_office", facts={"rule": "9"}))
    assign(town, made, actor="town", at=made.updated_at)
    assert made.due_at == made.updated_at + timedelta(days=9)
    with pytest.raises(NotFound):
        go(town, opened(town, assign_now=False), step("file", "town", "town_office", facts={"rule": "7"}))
