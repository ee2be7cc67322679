"""The outbox: written with the event, sent at least once and in order, and nobody waits for anybody else."""

import json
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from makers import add_areas, add_unit, at
from receivers import receiver
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from geodata.db import session_on
from geodata.errors import BadSetting, DeliveryFailed, DestinationRefused, NameTaken, NotFound
from geodata.models import OutboxMessage, TicketEvent, Webhook
from geodata.services import outbox, webhooks
from geodata.services.destinations import allowed_hosts
from geodata.services.moves import move_ticket
from geodata.services.outbox import PAUSES_S, Pass, Sender, send_due
from geodata.services.tickets import Position, Report, open_ticket, open_tickets

WEST, EAST = "310112101000", "310112102000"
MORNING = datetime(2026, 3, 10, 1, 30, tzinfo=UTC)
HOSTS = allowed_hosts("a.cn, b.cn")
CANARY = ("13812345678", "310112199001011234", "沪A12345", "王小明")


class Clock:
    """A moment that moves only when it is told to; it begins after all that the database calls now."""

    def __init__(self):
        self.now = datetime.now(UTC) + timedelta(minutes=1)

    def __call__(self):
        return self.now

    def go(self, **by):
        self.now += timedelta(**by)


class Post:
    """What stands for the wire: notes what is sent, and fails where it is told to."""

    def __init__(self):
        self.sent = []
        self.fails = {}

    def __call__(self, url, *, word, message_id, payload, **_rest):
        self.sent.append((url, word, payload.get("ticket"), message_id))
        for what in (url, word, (word, payload.get("ticket"))):
            if what in self.fails:
                raise self.fails[what]

    def words(self, ticket=None):
        return [word for _, word, number, _ in self.sent if ticket in {None, number}]


AWAY = DeliveryFailed("it is not there", is_unreachable=True)
REFUSED = DeliveryFailed("it answered 500", is_unreachable=False)


@pytest.fixture
def town(fresh_engine):
    """A district of this test's own, really stored."""
    with session_on(fresh_engine) as session:
        add_areas(session)
        add_unit(session, "U1", 0.5, 1.1, town_code=WEST)
    return fresh_engine


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def post():
    return Post()


@pytest.fixture
def sender(clock, post):
    return Sender(hosts=HOSTS, clock=clock, post=post, chance=lambda: 0.0)


def hook(engine, name="a", **facts):
    with session_on(engine) as session:
        session.expire_on_commit = False
        return webhooks.add(session, name, **{"url": f"http://{name}.cn/", "hosts": HOSTS, **facts})


def opened(engine, **facts):
    plain = {"category": "0102", "title": "垃圾", "actor": "officer", "position": Position(*at(0.5, 1.0), "wgs84")}
    with session_on(engine) as session:
        return open_ticket(session, **{**plain, **facts}).number


def move(engine, number, action, actor="officer", role="officer", **more):
    with session_on(engine) as session:
        move_ticket(session, number, action, actor=actor, role=role, **more)


def stored(engine):
    with session_on(engine) as session:
        session.expire_on_commit = False
        return list(session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


# what is written


def test_every_event_is_written_once_for_every_webhook_that_listens(town):
    hook(town, "a")
    hook(town, "b")
    move(town, opened(town), "accept")
    assert Counter(one.word for one in stored(town)) == {"report": 2, "assign": 2, "accept": 2}


def test_what_is_undone_was_never_told(town):
    hook(town)
    with Session(town) as session:
        open_ticket(session, category="0102", title="x", actor="officer")
        assert session.scalars(select(OutboxMessage)).all() != []
        session.rollback()
    assert stored(town) == []


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        pytest.param({}, ["report", "assign", "accept"], id="all"),
        pytest.param({"words": ["accept", "close"]}, ["accept"], id="some moves"),
        pytest.param({"town_code": WEST}, ["report", "assign", "accept"], id="its town"),
        pytest.param({"town_code": EAST}, [], id="another town"),
    ],
)
def test_a_webhook_hears_what_it_wants_to(town, facts, words):
    hook(town, **facts)
    move(town, opened(town), "accept")
    assert [one.word for one in stored(town)] == words


def test_a_webhook_that_rests_hears_nothing(town):
    made = hook(town)
    with session_on(town) as session:
        webhooks.switch(session, session.get(Webhook, made.id), is_active=False)
    opened(town)
    assert stored(town) == []


def test_a_message_has_codes_and_the_place_of_the_event_in_its_chain(town):
    hook(town, words=["assign"])
    number = opened(town)
    message = stored(town)[0]
    with session_on(town) as session:
        event = session.scalars(select(TicketEvent).where(TicketEvent.action == "assign")).one()
        known = (event.id, event.hash, event.at)
    told = message.payload
    assert (told["id"], told["hash"], datetime.fromisoformat(told["at"])) == known
    assert {name: told[name] for name in ("word", "ticket", "seq", "state", "category", "unit", "office", "town")} == {
        "word": "assign",
        "ticket": number,
        "seq": 2,
        "state": "dispatched",
        "category": "0102",
        "unit": "U1",
        "office": None,
        "town": WEST,
    }


def test_a_message_holds_no_word_that_anybody_wrote(town):
    hook(town)
    canary = " ".join(CANARY)
    number = opened(town, title=canary, description=canary, address=canary, actor=CANARY[-1], source_ref=CANARY[0])
    move(town, number, "accept", actor=CANARY[-1])
    move(town, number, "ask_extend", reason=canary, facts={"amount": 1.0})
    said = json.dumps([one.payload for one in stored(town)], ensure_ascii=False)
    assert [word for word in CANARY if word in said] == []
    assert {name for one in stored(town) for name in one.payload} == {
        *("id", "word", "ticket", "seq", "hash", "at", "state", "category"),
        *("unit", "office", "town", "village", "cell", "duty_grid"),
    }


def test_many_are_written_at_once(town):
    hook(town)
    with session_on(town) as session:
        open_tickets(session, [Report("0102", f"垃圾{n}", "officer", MORNING) for n in range(500)])
    assert len(stored(town)) == 500


# how it is sent


def test_what_is_sent_arrives_signed_and_is_not_sent_again(town, clock):
    with receiver() as friend:
        made = hook(town, url=friend.url, hosts=allowed_hosts(friend.hosts), words=["report"])
        opened(town)
        sender = Sender(hosts=allowed_hosts(friend.hosts), clock=clock)
        assert send_due(town, sender) == Pass(delivered=1)
        assert send_due(town, sender) == Pass()
    (message,), (got,) = stored(town), friend.got
    assert json.loads(got.body) == message.payload
    assert got.headers["Wangge-Delivery"] == str(message.id)
    assert message.delivered_at == clock.now
    assert made.secret not in str(got)


def test_each_try_waits_longer_and_the_twelfth_is_the_last(town, clock, post, sender):
    hook(town, words=["report"])
    opened(town)
    post.fails["report"] = REFUSED
    waits = []
    while not stored(town)[0].dead_at:
        assert send_due(town, sender).failed == 1
        message = stored(town)[0]
        waits.append((message.next_try_at - clock.now).total_seconds())
        clock.now = message.next_try_at - timedelta(seconds=1)
        assert send_due(town, sender) == Pass()
        clock.go(seconds=1)
    assert waits == list(PAUSES_S)
    assert (waits[0], waits[1], waits[-1], len(waits)) == (60.0, 120.0, 6 * 3600.0, 12)
    assert len({number for *_, number in post.sent}) == 1
    assert stored(town)[0].last_error == "it answered 500"
    clock.go(days=30)
    assert send_due(town, sender) == Pass()


def test_what_failed_together_does_not_come_again_together(town, clock, post):
    hook(town, words=["report"])
    for _ in range(20):
        opened(town)
    post.fails["report"] = REFUSED
    send_due(town, Sender(hosts=HOSTS, clock=clock, post=post))
    waits = {(one.next_try_at - clock.now).total_seconds() for one in stored(town)}
    assert len(waits) > 10
    assert 60.0 <= min(waits) < max(waits) <= 75.0


def test_a_message_that_is_refused_blocks_no_other_ticket(town, post, sender):
    hook(town, words=["report"])
    numbers = [opened(town) for _ in range(5)]
    post.fails["report", numbers[1]] = REFUSED
    assert send_due(town, sender) == Pass(delivered=4, failed=1)
    assert [one.delivered_at is None for one in stored(town)] == [False, True, False, False, False]


def test_a_host_that_is_away_costs_one_try_and_blocks_no_other(town, post, sender):
    hook(town, "a", words=["report"])
    hook(town, "b", words=["report"])
    for _ in range(5):
        opened(town)
    post.fails["http://a.cn/"] = AWAY
    assert send_due(town, sender) == Pass(delivered=5, failed=1)
    assert Counter(url for url, *_ in post.sent) == {"http://a.cn/": 1, "http://b.cn/": 5}


def test_messages_about_a_ticket_come_in_order_and_the_next_waits_for_the_one_before(town, clock, post, sender):
    hook(town)
    first, second = opened(town), opened(town)
    move(town, first, "accept")
    post.fails["assign", first] = REFUSED
    send_due(town, sender)
    assert post.words(first) == ["report", "assign"]
    assert post.words(second) == ["report", "assign"]
    post.fails.clear()
    clock.go(minutes=1)
    send_due(town, sender)
    assert post.words(first) == ["report", "assign", "assign", "accept"]


def test_what_is_given_up_holds_back_nothing_behind_it(town, clock, post, sender):
    hook(town)
    number = opened(town)
    post.fails["report", number] = REFUSED
    for pause in PAUSES_S:
        send_due(town, sender)
        clock.go(seconds=pause)
    assert post.words() == ["report"] * 12 + ["assign"]


class Crash(BaseException):
    """The process ends here."""


def test_a_crash_between_delivery_and_note_delivers_once_more_under_the_same_number(town, clock):
    hook(town, words=["report"])
    opened(town)
    arrived = []

    def dies(_url, *, message_id, **_facts):
        arrived.append(message_id)
        raise Crash

    with pytest.raises(Crash):
        send_due(town, Sender(hosts=HOSTS, clock=clock, post=dies))
    assert stored(town)[0].delivered_at is None
    post = Post()
    sender = Sender(hosts=HOSTS, clock=clock, post=post)
    assert send_due(town, sender) == Pass()
    clock.go(seconds=PAUSES_S[0] * 1.25)
    assert send_due(town, sender) == Pass(delivered=1)
    assert [number for *_, number in post.sent] == arrived


def test_an_error_that_nobody_expected_is_raised_and_stops_nobody_else(town, clock, post):
    hook(town, "a", words=["report"])
    hook(town, "b", words=["report"])
    opened(town)
    post.fails["http://a.cn/"] = TypeError("a slip of the program")
    sender = Sender(hosts=HOSTS, clock=clock, post=post)
    with pytest.raises(TypeError):
        send_due(town, sender)
    assert [one.delivered_at is None for one in stored(town)] == [True, False]
    # it is no message that is sent again and again
    assert send_due(town, sender) == Pass()


def test_who_dies_in_the_last_try_leaves_a_dead_message(town, clock, post, sender):
    hook(town, words=["report"])
    opened(town)
    with session_on(town) as session:
        session.execute(update(OutboxMessage).values(attempts=12, next_try_at=clock.now))
    assert send_due(town, sender) == Pass()
    assert "ended in the middle" in stored(town)[0].last_error
    assert post.sent == []


def test_several_senders_never_send_the_same_message(town, clock):
    hook(town, "a", words=["report"])
    hook(town, "b", words=["report"])
    with session_on(town) as session:
        open_tickets(session, [Report("0102", f"垃圾{n}", "officer", MORNING) for n in range(60)])
    sent, under_way, at_once, guard = Counter(), Counter(), [], threading.Lock()
    begin = threading.Barrier(4)

    def slow(url, *, message_id, **_facts):
        with guard:
            under_way[message_id] += 1
            at_once.append(under_way[message_id])
            sent[message_id] += 1
        # let the others have a go at the same row
        threading.Event().wait(0.002)
        with guard:
            under_way[message_id] -= 1

    def work(_number):
        begin.wait()
        return send_due(town, Sender(hosts=HOSTS, clock=clock, post=slow))

    with ThreadPoolExecutor(4) as pool:
        passes = list(pool.map(work, range(4)))
    assert sum(one.delivered for one in passes) == 120
    assert set(sent.values()) == {1}
    assert max(at_once) == 1


# sent once more


def test_a_dead_message_is_sent_once_more_on_request(town, clock, post, sender):
    hook(town, words=["report"])
    opened(town)
    with session_on(town) as session:
        session.execute(update(OutboxMessage).values(attempts=12, dead_at=clock.now, last_error="x"))
    (message,) = stored(town)
    with session_on(town) as session:
        outbox.again(session, message.id, now=clock.now)
        with pytest.raises(NotFound):
            outbox.again(session, message.id + 1)
    assert send_due(town, sender) == Pass(delivered=1)
    assert [number for *_, number in post.sent] == [str(message.id)]


def test_all_since_a_moment_are_sent_once_more_in_their_order(town, clock, post, sender):
    made, other = hook(town, "a"), hook(town, "b")
    number = opened(town)
    send_due(town, sender)
    with session_on(town) as session:
        session.execute(text("UPDATE outbox_message SET created_at = :day"), {"day": MORNING})
    move(town, number, "accept")
    move(town, number, "handle")
    send_due(town, sender)
    post.sent.clear()
    with session_on(town) as session:
        assert outbox.again_since(session, made.id, since=MORNING + timedelta(days=1), now=clock.now) == 2
    assert send_due(town, sender) == Pass(delivered=2)
    assert post.words(number) == ["accept", "handle"]
    assert {url for url, *_ in post.sent} == {"http://a.cn/"} != {other.url}


def test_a_trial_says_nothing_and_is_sent_like_any_other(town, clock, post, sender):
    made = hook(town)
    with session_on(town) as session:
        webhooks.queue_trial(session, session.get(Webhook, made.id), now=clock.now)
    assert send_due(town, sender) == Pass(delivered=1)
    assert post.words() == ["test"]


def test_what_has_arrived_is_forgotten_in_time_and_what_waits_never(town, clock, post, sender):
    hook(town)
    first, second = opened(town), opened(town)
    post.fails["report", second] = REFUSED
    send_due(town, sender)
    with session_on(town) as session:
        assert outbox.prune(session, before=clock.now) == 0
        assert outbox.prune(session, before=clock.now + timedelta(seconds=1)) == 2
    assert len(stored(town)) == 2
    assert post.words(first) == ["report", "assign"]


# who is told


def test_a_webhook_is_added_with_a_secret_of_its_own_and_removed_with_its_messages(town):
    made, other = hook(town, "a"), hook(town, "b")
    assert len(made.secret) > 40
    assert made.secret != other.secret
    opened(town)
    with session_on(town) as session:
        standing = {one.webhook.name: one.counts.waiting for one in webhooks.webhooks(session)}
        assert standing == {"a": 2, "b": 2}
        webhooks.remove(session, webhooks.webhook(session, "a"))
    assert {one.webhook_id for one in stored(town)} == {other.id}


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        pytest.param({"name": " "}, BadSetting, id="no name"),
        pytest.param({"name": "a"}, NameTaken, id="a name that is taken"),
        pytest.param({"words": ["fly"]}, BadSetting, id="no such move"),
        pytest.param({"town_code": "1"}, NotFound, id="no such town"),
        pytest.param({"url": "http://c.cn/"}, DestinationRefused, id="a host that is not listed"),
        pytest.param({"url": "http://x@a.cn/"}, DestinationRefused, id="a user in the address"),
    ],
)
def test_a_webhook_that_cannot_be_is_refused(town, facts, error):
    hook(town, "a")
    with session_on(town) as session, pytest.raises(error):
        webhooks.add(session, facts.pop("name", "c"), **{"url": "http://a.cn/", "hosts": HOSTS, **facts})
