"""A link for a unit without a sign-in: good for one ticket, a few moves and some days, and then no more."""

from datetime import UTC, datetime, timedelta

import pytest
from makers import add_areas, add_unit, at
from pictures import photo_bytes
from sqlalchemy import select, text

from geodata.errors import BadSetting, LinkEnded, MoveRefused, NotFound
from geodata.models import Handover, Ticket
from geodata.pictures import clean_picture
from geodata.queries.scope import Scope
from geodata.services import handovers
from geodata.services.assignment import assign
from geodata.services.history import events
from geodata.services.moves import move_ticket
from geodata.services.photos import NewPhoto
from geodata.services.tickets import Position, open_ticket
from geodata.services.users import add_user

WEST = "310112101000"
MORNING = datetime(2026, 3, 10, 1, 30, tzinfo=UTC)
KEY = "a secret of this installation"
AFTER = NewPhoto("after", clean_picture(photo_bytes()))


@pytest.fixture
def town(session):
    """A town with two units that take rubbish."""
    add_areas(session)
    add_unit(session, "U1", 0.5, 1.1, town_code=WEST)
    add_unit(session, "U2", 0.5, 1.3, town_code=WEST)
    return session


def later(**by):
    return MORNING + timedelta(**by)


@pytest.fixture
def number(town):
    """A ticket that has been given to the first unit."""
    place = Position(*at(0.5, 1.0), "wgs84")
    return open_ticket(town, category="0102", title="x", actor="anna", position=place, reported_at=MORNING).number


def link(session, number, *, minutes=1, **facts):
    return handovers.make(session, number, key=KEY, actor="office", now=later(minutes=minutes), **facts)[1]


def find(session, token, **by):
    return handovers.find(session, token, key=KEY, now=later(**(by or {"minutes": 2})))


def go(session, token, action, *, minutes=3, **facts):
    return handovers.move(session, token, action, key=KEY, now=later(minutes=minutes), **facts)


def ended(session, token, **by):
    with pytest.raises(LinkEnded) as caught:
        find(session, token, **by)
    return caught.value.word


def test_a_link_leads_to_its_ticket_and_unit(town, number):
    found = find(town, link(town, number))
    assert (found.ticket.number, found.unit.code) == (number, "U1")


def test_the_unit_works_the_ticket_by_it_and_the_history_says_who(town, number):
    token = link(town, number)
    go(town, token, "accept")
    go(town, token, "ask_extend", reason="要调车", facts={"amount": 2.0}, minutes=4)
    moved = go(town, token, "handle", minutes=5)
    assert moved.state == "handling"
    told = [(event.action, event.actor) for event in events(town, moved)]
    assert told[-3:] == [("accept", "unit:U1"), ("ask_extend", "unit:U1"), ("handle", "unit:U1")]


@pytest.mark.parametrize(
    ("action", "facts"),
    [
        pytest.param("done", {"photos": [AFTER]}, id="done"),
        pytest.param("return", {"reason": "不归我们"}, id="returned"),
    ],
)
def test_the_last_move_uses_it_up(town, number, action, facts):
    token = link(town, number)
    go(town, token, "accept")
    go(town, token, action, minutes=4, **facts)
    assert ended(town, token) == "used"
    with pytest.raises(LinkEnded):
        go(town, token, "accept", minutes=5)


@pytest.mark.parametrize(
    "action", ["close", "check", "assign", "cancel", "supervise", "grant_extend", "note", "fly", ""]
)
def test_nothing_else_can_be_done_by_it(town, number, action):
    token = link(town, number)
    with pytest.raises(NotFound):
        go(town, token, action, reason="x")


def test_what_the_workflow_refuses_is_refused_and_uses_nothing_up(town, number):
    token = link(town, number)
    with pytest.raises(MoveRefused):
        go(town, token, "done")
    with pytest.raises(MoveRefused):
        go(town, token, "return", reason=" ")
    assert find(town, token).handover.opened_at is None


def test_looking_changes_nothing(town, number):
    token = link(town, number)
    town.flush()
    for _ in range(3):
        find(town, token)
    assert not town.dirty
    assert town.scalars(select(Handover.opened_at)).one() is None
    go(town, token, "accept")
    assert town.scalars(select(Handover.opened_at)).one() == later(minutes=3)


def test_it_ends_after_its_hours(town, number):
    token = link(town, number, hours=2.0)
    assert find(town, token, hours=2).unit.code == "U1"
    assert ended(town, token, hours=2, minutes=1) == "expired"


def test_a_new_one_revokes_the_one_before(town, number):
    first, second = link(town, number), link(town, number, minutes=2)
    assert ended(town, first) == "revoked"
    assert find(town, second).unit.code == "U1"


def test_it_can_be_revoked(town, number):
    token = link(town, number)
    assert handovers.living(town, find(town, token).ticket, now=later(minutes=2)) is not None
    handovers.revoke(town, number, now=later(minutes=2))
    assert ended(town, token) == "revoked"
    assert handovers.living(town, town.scalars(select(Ticket)).one(), now=later(minutes=3)) is None


def test_it_ends_when_the_ticket_is_given_to_another_unit(town, number):
    token = link(town, number)
    town.execute(text("UPDATE member_unit SET is_active = false WHERE code = 'U1'"))
    held = town.scalars(select(Ticket)).one()
    assign(town, held, actor="office", at=later(minutes=5))
    assert ended(town, token, minutes=6) == "reassigned"


def test_it_ends_when_the_ticket_comes_back_to_the_same_unit(town, number):
    token = link(town, number)
    held = town.scalars(select(Ticket)).one()
    assign(town, held, actor="office", at=later(minutes=5))
    assert find(town, link(town, number, minutes=6), minutes=7).unit.code == "U1"
    assert ended(town, token, minutes=7) == "revoked"


def test_it_ends_when_somebody_else_returned_the_ticket(town, number):
    token = link(town, number)
    move_ticket(town, number, "return", actor="officer", role="officer", reason="x", at=later(minutes=5))
    assert ended(town, token, minutes=6) == "reassigned"


def test_only_its_hash_is_kept(town, number):
    token = link(town, number)
    kept = str(town.execute(text("SELECT * FROM handover")).mappings().one())
    assert token not in kept
    assert token.partition(".")[0] not in kept


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda token: token[:-1], id="cut short"),
        pytest.param(lambda token: token + "A", id="longer"),
        pytest.param(lambda token: ("B" if token[0] == "A" else "A") + token[1:], id="another beginning"),
        pytest.param(lambda token: token.replace(".", ""), id="no dot"),
        pytest.param(lambda token: token.partition(".")[0] + ".", id="no mark"),
        pytest.param(lambda token: token.swapcase(), id="in other letters"),
        pytest.param(lambda _token: "", id="nothing"),
        pytest.param(lambda _token: ".", id="a dot"),
        pytest.param(lambda _token: "垃圾", id="Chinese"),
        pytest.param(lambda _token: "A" * 10_000, id="very long"),
        pytest.param(lambda token: token + "\n", id="a line end"),
        pytest.param(lambda token: " " + token, id="a blank"),
        pytest.param(lambda token: "=" + token, id="filled up"),
    ],
)
def test_a_token_that_is_not_ours_is_not_there(town, number, spoil):
    token = link(town, number)
    with pytest.raises(NotFound):
        find(town, spoil(token))


def test_a_token_of_another_installation_is_not_there(town, number):
    token = link(town, number)
    with pytest.raises(NotFound):
        handovers.find(town, token, key="another secret", now=later(minutes=2))


def test_tokens_differ_and_cannot_be_guessed(town, number):
    tokens = {link(town, number) for _ in range(20)}
    assert len(tokens) == 20
    # 144 bits by chance, and 96 of the mark
    assert {len(token) for token in tokens} == {24 + 1 + 16}


@pytest.mark.parametrize("hours", [0, -1, 337, float("nan")])
def test_hours_have_bounds(town, number, hours):
    with pytest.raises(BadSetting):
        link(town, number, hours=hours)


def test_without_a_unit_there_is_no_link(town, number):
    move_ticket(town, number, "return", actor="officer", role="officer", reason="x", at=later(minutes=1))
    with pytest.raises(MoveRefused) as caught:
        link(town, number)
    assert caught.value.word == "state"


def test_who_may_not_see_the_ticket_makes_no_link(town, number):
    with pytest.raises(NotFound):
        link(town, number, scope=Scope(towns=("310112102000",)))


def test_nobody_signs_in_under_the_name_of_a_link(town):
    with pytest.raises(BadSetting):
        add_user(town, "unit:U1", password="a long password")
