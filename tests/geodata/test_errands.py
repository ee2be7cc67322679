"""What is done beside the pages: each thing when it is due, and none stopped by another."""

from datetime import UTC, datetime, timedelta

import pytest
from makers import add_areas
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from geodata.db import session_on
from geodata.models import Notice, OutboxMessage, User
from geodata.services import errands
from geodata.services.destinations import allowed_hosts
from geodata.services.errands import AFTER_FAILURE_S, Errand
from geodata.services.outbox import Sender
from geodata.services.tickets import open_ticket
from geodata.services.webhooks import add


class Time:
    """A clock that goes by resting alone, and stops the work at an end."""

    def __init__(self, until):
        self.now, self.until = 0.0, until

    def __call__(self):
        return self.now

    def rest(self, seconds):
        assert seconds >= 0
        self.now += max(seconds, 0.001)
        return self.now >= self.until


def noting(name, every_s, log, time, error=None):
    def do():
        log.append((round(time.now), name))
        if error:
            raise error

    return Errand(name, every_s, do)


def test_each_thing_is_done_at_once_and_then_when_it_is_due():
    time, log = Time(61), []
    errands.run([noting("often", 20, log, time), noting("seldom", 60, log, time)], rest=time.rest, clock=time)
    assert log == [(0, "often"), (0, "seldom"), (20, "often"), (40, "often"), (60, "often"), (60, "seldom")]


@pytest.mark.parametrize(
    "error", [OperationalError("x", None, Exception("away")), ValueError("a slip")], ids=["database away", "a slip"]
)
def test_what_fails_is_tried_later_and_stops_nothing_else(error, caplog):
    time, log = Time(31), []
    errands.run([noting("bad", 1, log, time, error), noting("good", 15, log, time)], rest=time.rest, clock=time)
    assert log == [(0, "bad"), (0, "good"), (15, "good"), (round(AFTER_FAILURE_S), "bad"), (30, "good")]
    assert "bad" in caplog.text


def test_all_of_it_is_done_on_a_real_district(fresh_engine):
    engine, sent = fresh_engine, []
    hosts = allowed_hosts("a.cn")
    old = datetime.now(UTC) - timedelta(days=181)
    with session_on(engine) as session:
        add_areas(session)
        user = User(name="town", role="town_office", password_hash="-", stamp="-")
        session.add_all([user, User(name="centre", role="district", password_hash="-", stamp="-")])
        session.flush()
        add(session, "a", url="http://a.cn/", hosts=hosts, words=["report"])
        open_ticket(session, category="0102", title="垃圾", actor="x", reported_at=old)
        session.add(Notice(user_id=user.id, word="note", created_at=old))
    time = Time(1)
    sender = Sender(hosts=hosts, post=lambda url, **_facts: sent.append(url))
    errands.run(errands.all_errands(engine, sender), rest=time.rest, clock=time)
    with session_on(engine) as session:
        assert session.scalars(select(OutboxMessage.delivered_at)).one() is not None
        words = session.execute(text("SELECT word FROM notice WHERE created_at > now() - INTERVAL '1 day'"))
        assert {word for (word,) in words} == {"warning"}
        assert session.scalars(select(Notice).where(Notice.created_at == old)).all() == []
    assert sent == ["http://a.cn/"]
