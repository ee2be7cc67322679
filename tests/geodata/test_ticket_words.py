import random
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, insert, update

from geodata.models import Ticket
from geodata.queries import ticket_words
from geodata.queries.scope import ALL, NOTHING
from geodata.services.search import fold, search

NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)


def add_ticket(session, number, title, *, days_ago=0.0, address=None, category="0501", state="reported"):
    values = {"number": number, "source": "test", "category_code": category, "title": title, "address": address}
    reported_at = NOON - timedelta(days=days_ago)
    session.execute(insert(Ticket).values(**values, state=state, reported_at=reported_at))


def found(session, word):
    return ticket_words.tickets_by_words(session, fold(word), scope=ALL, most=6)


def texts(chance):
    """Titles and addresses of few signs, so that many hold the same words."""
    signs = "东川路西湖街1号2弄A%_\\ ·𠮷Ｂ"
    while True:
        title = "".join(chance.choice(signs) for _ in range(chance.randint(1, 9)))
        address = "".join(chance.choice(signs) for _ in range(chance.randint(0, 7)))
        yield title, address or None


def test_words_find_what_a_plain_comparison_finds(session, monkeypatch):
    monkeypatch.setattr(ticket_words, "NEWEST", 20)
    chance = random.Random(3)  # noqa: S311 - the same tickets each time
    made = [
        (f"T{number:04}", title, address, 2000 * chance.random() ** 3)
        for number, (title, address) in zip(range(500), texts(chance), strict=False)
    ]
    # many in one week of long ago, and some from before there was a clock
    made += [(f"O{number:04}", "旧城改造", None, 3000 + number / 100) for number in range(80)]
    made += [(f"P{number:04}", "老照片东川", "西湖", 30_000.0) for number in range(3)]
    for number, title, address, days_ago in made:
        add_ticket(session, number, title, address=address, days_ago=days_ago)
    words = {"旧城", "城改造", "老照片", "没有", "旧", "东川路西湖街", "片东川西"}
    for _ in range(150):
        _number, title, address, _days = chance.choice(made)
        held = fold(chance.choice([title, address or title]))
        start = chance.randint(0, max(0, len(held) - 2))
        words.add(held[start : start + chance.randint(2, 5)].strip())
    for word in sorted(word for word in words if len(word) > 1):
        plain = sorted(
            (
                (-days_ago, number)
                for number, title, address, days_ago in made
                if word in fold(title) or word in fold(address or "")
            ),
            reverse=True,
        )
        assert found(session, word) == [number for _time, number in plain[:6]], word


def test_a_word_of_many_old_tickets_is_answered_by_the_newest_of_them(session):
    for number in range(500):
        add_ticket(session, f"N{number:03}", "路灯不亮", days_ago=number / 100)
    for number in range(30):
        add_ticket(session, f"O{number:03}", "核酸检测", days_ago=700 + number)
    assert found(session, "核酸") == [f"O{number:03}" for number in range(6)]


def test_words_follow_the_tickets_by_whatever_way_they_change(session):
    add_ticket(session, "T1", "路灯不亮", days_ago=900)
    session.execute(update(Ticket).values(title="井盖破损"))
    assert (found(session, "路灯"), found(session, "井盖")) == ([], ["T1"])
    session.execute(delete(Ticket))
    assert found(session, "井盖") == []


def test_a_category_finds_its_tickets_the_open_ones_first(session):
    add_ticket(session, "T1", "夜间打桩", category="0301", state="closed")
    add_ticket(session, "T2", "打桩不停", category="0301", days_ago=9)
    add_ticket(session, "T3", "店铺音响", category="0508", days_ago=3)
    add_ticket(session, "T4", "路灯不亮", category="0501")

    def keys(typed, *, scope=ALL):
        return [hit.key for hit in search(session, typed, scope=scope)]

    assert keys("施工扰民") == ["T2", "T1"]
    assert keys("噪声") == ["T3", "T2", "T1"]
    assert keys("noise") == ["T3", "T2", "T1"]
    assert keys("commercial noi") == ["T3"]
    assert keys("oise") == []
    assert keys("噪声", scope=NOTHING) == []


def test_what_holds_the_word_comes_before_what_is_of_such_a_category(session):
    add_ticket(session, "T1", "楼上噪音", category="2101", state="closed", days_ago=400)
    add_ticket(session, "T2", "水泵", category="2102")
    assert [hit.key for hit in search(session, "噪音", scope=ALL)] == ["T1", "T2"]


def test_who_may_not_read_tickets_asks_nothing_of_them(session, monkeypatch):
    def refuse(*_facts, **_more):
        pytest.fail("tickets were asked for")

    for verb in ("tickets_by_words", "tickets_by_number", "categories_named", "tickets_of_categories"):
        monkeypatch.setattr(ticket_words, verb, refuse)
    for typed in ("噪音", "2026", "20260601-0001", "路灯"):
        search(session, typed, scope=NOTHING)
