"""Two reports of one thing become one ticket, and nothing of either is lost."""

from datetime import UTC, datetime, timedelta

import pytest
from makers import add_areas, add_unit, at
from sqlalchemy import update

from geodata.errors import BadSetting, MoveRefused
from geodata.models import Category
from geodata.queries.scope import ALL
from geodata.services.assignment import assign
from geodata.services.chain import verify
from geodata.services.clocks import running
from geodata.services.history import events
from geodata.services.merging import follow, followed, merge, merged_into, similar_to, unfollow
from geodata.services.moves import move_ticket
from geodata.services.tickets import Position, open_ticket
from geodata.services.users import add_user

MORNING = datetime(2026, 3, 10, 1, 30, tzinfo=UTC)


@pytest.fixture
def town(session):
    add_areas(session)
    add_unit(session, "U1", 0.5, 1.1, town_code="310112101000")
    return session


def opened(session, east=0.5, *, hours=0, **facts):
    plain = {"category": "0102", "title": "路边垃圾", "actor": "officer"}
    moment = MORNING + timedelta(hours=hours)
    place = Position(*at(east, 1.0), "wgs84")
    return open_ticket(session, **{**plain, "reported_at": moment, "position": place, **facts})


def merged(session, gone, kept, **facts):
    plain = {"actor": "town", "role": "town_office", "reason": "同一堆", "at": MORNING + timedelta(hours=3)}
    return merge(session, gone.number, kept.number, **{**plain, **facts})


def test_both_histories_stay_and_tell_of_each_other(town):
    first, second = opened(town), opened(town, hours=1)
    assert merged(town, second, first) is first
    assert (second.state, second.merged_into_id, first.state) == ("merged", first.id, "dispatched")
    assert events(town, second)[-1].facts == {"into": first.number, "reason": "同一堆"}
    assert events(town, first)[-1].facts == {"merged": second.number}
    assert merged_into(town, first, scope=ALL) == [second]
    assert running(town, second) == []
    assert verify(town).is_whole


def test_the_earlier_deadline_is_kept_also_through_the_dispatch(town):
    early, late = opened(town), opened(town, hours=2, assign_now=False)
    due = early.due_at
    merged(town, early, late)
    assert late.due_at == due
    assign(town, late, actor="town", at=MORNING + timedelta(hours=3))
    assert late.due_at == due
    assert [clock.from_ticket_id for clock in running(town, late, "handle")] == [early.id]


def test_a_later_deadline_changes_nothing(town):
    early, late = opened(town), opened(town, hours=2)
    due = early.due_at
    merged(town, late, early)
    assert early.due_at == due


def test_a_deadline_of_another_system_is_taken_over_too(town):
    foreign = opened(town, due_at=MORNING + timedelta(hours=1))
    ours = opened(town)
    merged(town, foreign, ours)
    assert ours.due_at == MORNING + timedelta(hours=1)


def test_who_followed_one_follows_the_other(town):
    first, second = opened(town), opened(town, hours=1)
    user = add_user(town, "anna", password="a long password")
    follow(town, second, user.id)
    follow(town, second, user.id)
    merged(town, second, first)
    assert followed(town, first, user.id)
    unfollow(town, first, user.id)
    assert not followed(town, first, user.id)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        pytest.param({"reason": " "}, "reason", id="no reason"),
        pytest.param({"role": "officer"}, "role", id="not an office"),
    ],
)
def test_what_may_not_be_merged_is_refused_and_leaves_nothing(town, change, error):
    first, second = opened(town), opened(town, hours=1)
    with pytest.raises(MoveRefused) as caught:
        merged(town, second, first, **change)
    assert caught.value.word == error
    assert (second.state, len(events(town, first))) == ("dispatched", 2)


def test_nothing_ends_in_itself_or_in_what_has_ended(town):
    first, second = opened(town), opened(town, hours=1)
    with pytest.raises(BadSetting):
        merged(town, first, first)
    move_ticket(town, second.number, "cancel", actor="town", role="town_office", reason="x")
    with pytest.raises(MoveRefused) as caught:
        merged(town, first, second)
    assert caught.value.word == "state"


def test_what_is_alike_is_the_categorys_own(town):
    first, near = opened(town), opened(town, 0.53, hours=1)  # about 30 m
    far = opened(town, 0.6, hours=1)  # about 100 m
    assert [one.number for one in similar_to(town, first, scope=ALL)] == [near.number]
    town.execute(update(Category).where(Category.code == "0102").values(similar_m=200.0))
    town.expire_all()
    assert [one.number for one in similar_to(town, first, scope=ALL)] == [near.number, far.number]
    town.execute(update(Category).where(Category.code == "0102").values(similar_days=0.01))
    town.expire_all()
    late = opened(town, 0.51, hours=48)
    assert similar_to(town, late, scope=ALL) == []
