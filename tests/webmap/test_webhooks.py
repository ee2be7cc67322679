"""Webhooks for administrators: added with a secret shown once, looked after, and sent once more."""

import re

import pytest
from makers import add_areas
from receivers import receiver
from sqlalchemy import select, update

from geodata.models import OutboxMessage, Webhook
from geodata.services.destinations import allowed_hosts
from geodata.services.outbox import Sender, send_due
from geodata.services.tickets import open_ticket

WEST = "310112101000"


@pytest.fixture
def keeper(app, signed_in, records):
    """An administrator where the operator has listed a host; the district has two towns."""
    app.config["WEBHOOK_HOSTS"] = "a.cn, oa.lan=10.0.0.0/8"
    with records() as session:
        add_areas(session)
    return signed_in("admin")


@pytest.fixture
def hook(keeper, records):
    """Number of a webhook of the page."""
    assert keeper.post("/webhooks", data={"name": "oa", "url": "http://a.cn/hook"}).status_code == 200
    with records() as session:
        return session.scalars(select(Webhook.id)).one()


def report(records):
    with records() as session:
        return open_ticket(session, category="0102", title="垃圾", actor="x", assign_now=False).number


def test_the_secret_is_shown_once(keeper, records):
    answer = keeper.post("/webhooks", data={"name": "oa", "url": "http://a.cn/hook", "word": ["close"], "town": WEST})
    with records() as session:
        made = session.scalars(select(Webhook)).one()
        kept, number = (made.secret, made.words, made.town_code), made.id
    assert kept[1:] == (["close"], WEST)
    assert answer.text.count(kept[0]) == 1
    assert answer.headers["Cache-Control"] == "private, no-store"
    for path in ("/webhooks", f"/webhooks/{number}"):
        assert kept[0] not in keeper.get(path).text


@pytest.mark.parametrize(
    ("form", "status", "said"),
    [
        pytest.param({"name": "b", "url": "http://b.cn/"}, 422, "WANGGE_WEBHOOK_HOSTS", id="not listed"),
        pytest.param({"name": "b", "url": "http://x@a.cn/"}, 422, "用户名或密码", id="a user in it"),
        pytest.param({"name": "b", "url": "a.cn"}, 422, "地址不完整", id="half an address"),
        pytest.param({"name": "oa", "url": "http://a.cn/"}, 409, "已被使用", id="a name that is taken"),
        pytest.param({"name": "b", "url": "http://a.cn/", "town": "1"}, 404, "", id="no such town"),
        pytest.param({"name": "b", "url": "http://a.cn/", "word": "fly"}, 422, "", id="no such move"),
    ],
)
def test_what_cannot_be_added_says_why_and_keeps_what_was_typed(keeper, hook, records, form, status, said):
    answer = keeper.post("/webhooks", data=form)
    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    assert said in answer.text
    assert f'value="{form["name"]}"' in answer.text
    with records() as session:
        assert session.scalars(select(Webhook.id)).all() == [hook]


def test_without_a_list_of_hosts_no_form_is_offered(app, keeper):
    app.config["WEBHOOK_HOSTS"] = ""
    page = keeper.get("/webhooks").text
    assert "不会推送" in page
    assert 'name="url"' not in page
    assert keeper.post("/webhooks", data={"name": "b", "url": "http://a.cn/"}).status_code == 422


def test_messages_are_listed_with_state_tries_and_error(keeper, hook, records):
    number = report(records)
    with records() as session:
        session.execute(
            update(OutboxMessage).values(attempts=12, dead_at=OutboxMessage.created_at, last_error="it answered 500")
        )
    page = keeper.get(f"/webhooks/{hook}").text
    assert all(part in page for part in (number, "it answered 500", "已放弃"))
    assert number in keeper.get(f"/webhooks/{hook}?state=dead").text
    assert number not in keeper.get(f"/webhooks/{hook}?state=waiting").text
    assert keeper.get(f"/webhooks/{hook}?state=lost").status_code == 400
    assert '<td class="right" data-label="已放弃">1</td>' in keeper.get("/webhooks").text


def test_one_and_all_since_are_sent_once_more(keeper, hook, records):
    report(records)
    with records() as session:
        session.execute(update(OutboxMessage).values(attempts=12, dead_at=OutboxMessage.created_at))
        message = session.scalars(select(OutboxMessage.id)).one()

    def attempts():
        with records() as session:
            return session.execute(select(OutboxMessage.attempts, OutboxMessage.dead_at)).one()

    assert (
        "将重发 1 条" in keeper.post(f"/webhooks/{hook}/replay", data={"number": message}, follow_redirects=True).text
    )
    assert tuple(attempts()) == (0, None)
    with records() as session:
        session.execute(update(OutboxMessage).values(attempts=12, dead_at=OutboxMessage.created_at))
    keeper.post(f"/webhooks/{hook}/replay", data={"since": "2030-01-01T00:00"})
    assert attempts()[0] == 12
    keeper.post(f"/webhooks/{hook}/replay", data={"since": "2020-01-01T00:00"})
    assert tuple(attempts()) == (0, None)
    for wrong in ({}, {"since": "yesterday"}):
        assert keeper.post(f"/webhooks/{hook}/replay", data=wrong).status_code == 422


def test_a_message_of_another_webhook_is_not_there(keeper, hook, records):
    keeper.post("/webhooks", data={"name": "other", "url": "http://a.cn/other"})
    report(records)
    with records() as session:
        theirs = session.scalars(select(OutboxMessage.id).where(OutboxMessage.webhook_id != hook)).one()
    assert keeper.post(f"/webhooks/{hook}/replay", data={"number": theirs}).status_code == 404


def test_a_trial_is_queued_by_the_page_and_sent_by_the_errands(app, keeper, records, fresh_engine):
    with receiver() as friend:
        app.config["WEBHOOK_HOSTS"] = friend.hosts
        keeper.post("/webhooks", data={"name": "oa", "url": friend.url})
        with records() as session:
            hook = session.scalars(select(Webhook.id)).one()
        keeper.post(f"/webhooks/{hook}/test")
        assert friend.got == []
        assert send_due(fresh_engine, Sender(allowed_hosts(friend.hosts))).delivered == 1
    assert friend.got[0].headers["Wangge-Event"] == "test"
    assert "已送达" in keeper.get(f"/webhooks/{hook}").text


def test_it_rests_and_is_told_again(keeper, hook, records):
    keeper.post(f"/webhooks/{hook}/switch", data={"is_active": ""})
    report(records)
    assert "已停用" in keeper.get("/webhooks").text
    keeper.post(f"/webhooks/{hook}/switch", data={"is_active": "yes"})
    report(records)
    with records() as session:
        assert len(session.scalars(select(OutboxMessage)).all()) == 1


def test_it_is_removed_only_by_its_name(keeper, hook, records):
    assert "没有删除" in keeper.post(f"/webhooks/{hook}/remove", data={"name": "o"}, follow_redirects=True).text
    assert keeper.post(f"/webhooks/{hook}/remove", data={"name": "oa"}).status_code == 302
    with records() as session:
        assert session.scalars(select(Webhook)).all() == []


def test_nothing_written_by_people_is_on_the_page(keeper, hook, records):
    report(records)
    assert (
        "垃圾"
        not in re.search(r'<table class="hooks of-messages">.*?</table>', keeper.get(f"/webhooks/{hook}").text, re.S)[0]
    )
