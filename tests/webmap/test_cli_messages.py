"""Commands about webhooks, messages, notices and warnings."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from makers import add_areas
from receivers import receiver
from sqlalchemy import select, update

from geodata.db import session_on
from geodata.models import Notice, OutboxMessage, User, Webhook
from geodata.services.tickets import open_ticket
from webmap.cli import FINE, REFUSED, WRONG_USAGE


@pytest.fixture
def friend(monkeypatch):
    """Another system, whose host the operator has listed."""
    with receiver() as made:
        monkeypatch.setenv("WANGGE_WEBHOOK_HOSTS", made.hosts)
        yield made


@pytest.fixture
def engine(fresh_engine):
    with session_on(fresh_engine) as session:
        add_areas(session)
        session.add(User(name="centre", role="district", password_hash="-", stamp="-"))
    return fresh_engine


@pytest.fixture
def wangge(wangge_on, engine):
    return lambda *arguments: wangge_on(engine, *arguments)


def report(engine, **facts):
    with session_on(engine) as session:
        return open_ticket(session, category="0102", title="垃圾", actor="x", **facts).number


def test_a_webhook_is_added_tried_listed_and_removed(wangge, friend, engine):
    code, out, _ = wangge("webhook", "add", "oa", friend.url, "--word", "report", "--json")
    assert code == FINE
    secret = json.loads(out)["secret"]
    with session_on(engine) as session:
        assert session.scalars(select(Webhook.secret)).one() == secret
    code, out, _ = wangge("webhook", "test", "oa")
    assert (code, "taken it" in out) == (FINE, True)
    assert friend.got[0].headers["Wangge-Event"] == "test"
    code, out, _ = wangge("webhook", "list", "--json")
    assert json.loads(out)["webhooks"][0]["words"] == ["report"]
    assert secret not in out + wangge("webhook", "list")[1]
    assert wangge("webhook", "remove", "oa")[0] == FINE
    assert wangge("webhook", "remove", "oa")[0] == REFUSED


def test_a_host_that_is_not_listed_is_refused_in_one_line(wangge, friend):
    code, _, err = wangge("webhook", "add", "oa", "http://elsewhere.cn/hook")
    assert code == REFUSED
    assert err.startswith("wangge: ")
    assert "WANGGE_WEBHOOK_HOSTS" in err
    assert err.count("\n") == 1


def test_a_trial_that_does_not_arrive_says_why(wangge, friend):
    wangge("webhook", "add", "oa", friend.url)
    friend.status = 503
    code, _, err = wangge("webhook", "test", "oa")
    assert (code, "503" in err) == (REFUSED, True)


def test_messages_are_sent_listed_and_sent_once_more(wangge, friend, engine):
    wangge("webhook", "add", "oa", friend.url, "--word", "report")
    number = report(engine)
    friend.answers = [500]
    assert wangge("outbox", "send", "--once")[1] == "0 arrived, 1 did not, 0 given up\n"
    code, out, _ = wangge("outbox", "list", "--json", "--webhook", "oa", "--state", "waiting")
    (told,) = json.loads(out)["messages"]
    assert (code, told["ticket"], told["attempts"], told["last_error"]) == (FINE, number, 1, "it answered 500")
    assert wangge("outbox", "replay", str(told["id"]))[0] == FINE
    assert wangge("outbox", "send", "--once")[1] == "1 arrived, 0 did not, 0 given up\n"
    assert "delivered" in wangge("outbox", "list")[1]
    code, out, _ = wangge("outbox", "replay", "--webhook", "oa", "--since", "2026-01-01")
    assert (code, out) == (FINE, "1 will be sent once more\n")
    with session_on(engine) as session:
        assert session.scalars(select(OutboxMessage.attempts)).one() == 0


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["outbox", "replay"], id="neither one nor all"),
        pytest.param(["outbox", "replay", "1", "--webhook", "oa", "--since", "2026-01-01"], id="both"),
        pytest.param(["outbox", "replay", "--webhook", "oa"], id="since when"),
        pytest.param(["outbox", "list", "--state", "lost"], id="no such state"),
    ],
)
def test_wrong_usage(wangge, arguments):
    assert wangge(*arguments)[0] == WRONG_USAGE


def test_what_is_not_there_is_refused(wangge):
    assert wangge("outbox", "replay", "999")[0] == REFUSED
    assert wangge("outbox", "list", "--webhook", "none")[0] == REFUSED


def test_a_list_of_hosts_that_cannot_be_read_is_refused(wangge, monkeypatch):
    monkeypatch.setenv("WANGGE_WEBHOOK_HOSTS", "http://a.cn/")
    code, _, err = wangge("outbox", "send", "--once")
    assert (code, "WANGGE_WEBHOOK_HOSTS" in err) == (REFUSED, True)


def test_warnings_are_given_once(wangge, engine):
    report(engine, reported_at=datetime.now(UTC) - timedelta(days=60))
    first = json.loads(wangge("warn", "--json")[1])["warnings"]
    assert first >= 1
    assert wangge("warn")[1] == "0 warnings\n"


def test_old_notices_are_deleted(wangge, engine):
    with session_on(engine) as session:
        user = session.scalars(select(User.id)).one()
        session.add_all(Notice(user_id=user, word="note") for _ in range(2))
        session.flush()
        oldest = session.scalars(select(Notice.id).order_by(Notice.id)).first()
        long_ago = datetime.now(UTC) - timedelta(days=31)
        session.execute(update(Notice).where(Notice.id == oldest).values(created_at=long_ago))
    assert wangge("notices", "prune", "--days", "30")[1] == "1 notices deleted\n"
