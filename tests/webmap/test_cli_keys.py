"""Commands about keys of programs."""

import json

import pytest
from sqlalchemy import select

from geodata.db import session_on
from geodata.models import ApiKey
from geodata.services import api_keys
from geodata.services.users import add_user
from webmap.cli import FINE, REFUSED, WRONG_USAGE

ADD = ("key", "add", "anna", "--name", "热线", "--scope", "read")


@pytest.fixture
def engine(fresh_engine):
    with session_on(fresh_engine) as session:
        for name in ("anna", "bert"):
            add_user(session, name, password="a long password", role="officer")
    return fresh_engine


@pytest.fixture
def wangge(wangge_on, engine):
    return lambda *arguments: wangge_on(engine, *arguments)


def test_a_key_is_made_and_shown_once(wangge, engine):
    code, out, _ = wangge(*ADD, "--scope", "report", "--days", "30")
    said, shown = out.splitlines()
    assert (code, "not shown again" in said) == (FINE, True)
    with session_on(engine) as session:
        key, user = api_keys.by_text(session, shown)
        assert (user.name, key.name, key.scopes, key.expires_at is None) == ("anna", "热线", ["read", "report"], False)
    assert shown[-43:] not in "".join(wangge("key", "list")[1:] + wangge("key", "list", "--json")[1:])


def test_programs_read_what_was_made(wangge):
    made = json.loads(wangge(*ADD, "--json")[1])
    assert (made["user"], made["name"], made["scopes"], made["expires_at"]) == ("anna", "热线", ["read"], None)
    assert made["key"].startswith(f"wg_{made['prefix']}_")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        pytest.param(("key", "add", "nobody", "--name", "x", "--scope", "read"), REFUSED, "nobody", id="no such user"),
        pytest.param((*ADD, "--days", "0"), REFUSED, "from 1 to 3650", id="no day"),
        pytest.param(("key", "add", "anna", "--name", " ", "--scope", "read"), REFUSED, "empty", id="no name"),
        pytest.param((*ADD, "--scope", "none"), WRONG_USAGE, "none", id="no such scope"),
        pytest.param(("key", "add", "anna", "--name", "x"), WRONG_USAGE, "--scope", id="no scope"),
        pytest.param(("key", "revoke", "aaaaaaaa"), REFUSED, "aaaaaaaa", id="no such key"),
    ],
)
def test_what_cannot_be_done_is_said(wangge, arguments, code, said):
    found, out, err = wangge(*arguments)
    assert (found, out, said in err) == (code, "", True)


def test_the_list_tells_whose_what_for_and_how_it_stands(wangge, engine):
    first, second = (
        json.loads(wangge("key", "add", user, *ADD[3:], "--json")[1])["prefix"] for user in ("anna", "bert")
    )
    assert wangge("key", "revoke", first)[:2] == (FINE, f"热线 ({first}) is revoked\n")
    listed = json.loads(wangge("key", "list", "--json")[1])["keys"]
    assert [(one["prefix"], one["user"], one["standing"]) for one in listed] == [
        (second, "bert", "good"),
        (first, "anna", "revoked"),
    ]
    assert [first in line for line in wangge("key", "list", "anna")[1].splitlines()] == [False, True]
    with session_on(engine) as session:
        assert session.scalars(select(ApiKey.prefix).where(ApiKey.revoked_at.is_not(None))).all() == [first]
