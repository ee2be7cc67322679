import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from geodata.db import session_on
from geodata.errors import BadSetting, KeyBusy, KeyReused
from geodata.models import RequestKey
from geodata.services import request_keys
from geodata.services.request_keys import Answer, answered, body_hash, claim, keep

KEY = {"actor": "officer", "key": "k" * 20}
MADE = Answer(201, {"number": "20260131-000042"})


def test_the_first_answer_comes_again(session):
    assert claim(session, **KEY, body_hash="a") is None
    keep(session, MADE, **KEY)
    assert claim(session, **KEY, body_hash="a") == MADE
    assert answered(session, **KEY, body_hash="a") == MADE


def test_a_key_is_its_senders_own(session):
    claim(session, **KEY, body_hash="a")
    keep(session, MADE, **KEY)
    assert claim(session, actor="another", key=KEY["key"], body_hash="b") is None


def test_the_same_key_with_something_else_is_refused(session):
    claim(session, **KEY, body_hash="a")
    keep(session, MADE, **KEY)
    for ask in (claim, answered):
        with pytest.raises(KeyReused, match="20260131-000042") as refused:
            ask(session, **KEY, body_hash="b")
        assert refused.value.number == "20260131-000042"


@pytest.mark.parametrize("key", ["", "short", "x" * 101, "with blank and more", "漢字漢字漢字漢字漢字漢字漢字漢字"])
def test_what_is_no_key_is_refused(session, key):
    with pytest.raises(BadSetting, match="made at random"):
        answered(session, actor="officer", key=key, body_hash="a")


def test_parts_of_a_body_do_not_run_together():
    assert body_hash(["ab", "c"]) != body_hash(["a", "bc"])
    assert body_hash(["a", b"b"]) == body_hash(["a", "b"])


def test_who_comes_second_waits_and_gets_the_same_answer(fresh_engine):
    got = []

    def second():
        with session_on(fresh_engine) as session:
            got.append(claim(session, **KEY, body_hash="a"))

    with session_on(fresh_engine) as first:
        assert claim(first, **KEY, body_hash="a") is None
        other = threading.Thread(target=second)
        other.start()
        other.join(0.3)
        assert got == []
        keep(first, MADE, **KEY)
    other.join()
    assert got == [MADE]


def test_what_failed_is_done_by_whoever_waited(fresh_engine):
    got = []

    def second():
        with session_on(fresh_engine) as session:
            got.append(claim(session, **KEY, body_hash="a"))

    with Session(fresh_engine) as first:
        claim(first, **KEY, body_hash="a")
        other = threading.Thread(target=second)
        other.start()
        first.rollback()
    other.join()
    assert got == [None]


def test_nobody_waits_for_ever(fresh_engine, monkeypatch):
    monkeypatch.setattr(request_keys, "WAIT_MS", 100)
    with session_on(fresh_engine) as first:
        claim(first, **KEY, body_hash="a")
        began = time.monotonic()
        with pytest.raises(KeyBusy, match="in a moment"), session_on(fresh_engine) as second:
            claim(second, **KEY, body_hash="a")
        assert time.monotonic() - began < 2


def test_keys_are_kept_for_three_days_and_more_but_not_for_ever(session):
    for number, age in enumerate((timedelta(hours=73), timedelta(days=6.9), timedelta(days=7.1))):
        key = f"{number}" * 20
        claim(session, actor="officer", key=key, body_hash="a")
        session.execute(update(RequestKey).where(RequestKey.key == key).values(created_at=datetime.now(UTC) - age))
    claim(session, **KEY, body_hash="a")
    assert list(session.scalars(select(RequestKey.key).order_by(RequestKey.key))) == ["0" * 20, "1" * 20, KEY["key"]]
    assert session.scalar(select(func.count()).select_from(RequestKey)) == 3
