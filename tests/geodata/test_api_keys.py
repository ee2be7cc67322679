import hashlib
import secrets
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text, update

from geodata.db import session_on
from geodata.errors import NotFound, TooMany
from geodata.models import ApiKey
from geodata.record_errors import BadValue
from geodata.services import api_keys, permissions
from geodata.services.users import add_user, set_role

WANTED = {"name": "inspection app", "scopes": ["read"]}


@pytest.fixture
def anna(session):
    return add_user(session, "anna", password="a long password", role="officer")


def test_a_key_is_known_again_by_its_text(session, anna):
    key, shown = api_keys.issue(session, "anna", name=" inspection app ", scopes=["report", "read"])
    assert (key.name, key.scopes, key.expires_at, key.last_used_at, key.revoked_at) == (
        "inspection app",
        ["read", "report"],
        None,
        None,
        None,
    )
    assert api_keys.by_text(session, shown) == (key, anna)


def test_a_key_says_that_it_is_one_and_which(session, anna):
    key, shown = api_keys.issue(session, "anna", **WANTED)
    assert shown.startswith(f"wg_{key.prefix}_")
    assert (len(key.prefix), len(shown)) == (8, 3 + 8 + 1 + 43)


def test_the_secret_is_stored_nowhere(session, anna):
    key, shown = api_keys.issue(session, "anna", **WANTED)
    secret = shown.removeprefix(f"wg_{key.prefix}_")
    row = session.scalar(text("SELECT CAST(k AS text) FROM api_key AS k"))
    assert secret not in row
    assert hashlib.sha256(secret.encode()).hexdigest() in row


def test_two_keys_have_nothing_in_common(session, anna):
    (one, first), (other, second) = (api_keys.issue(session, "anna", **WANTED) for _ in range(2))
    assert one.prefix != other.prefix
    assert first[-43:] != second[-43:]


@pytest.mark.parametrize(
    ("what", "field"),
    [
        pytest.param({"name": " "}, "name", id="no name"),
        pytest.param({"name": "\u202e\u200f"}, "name", id="a name that nobody can read"),
        pytest.param({"name": "x" * 81}, "name", id="a name too long"),
        pytest.param({"scopes": []}, "scope", id="no scope"),
        pytest.param({"scopes": ["read", "all"]}, "scope", id="a scope that there is not"),
        pytest.param({"scopes": ["none"]}, "scope", id="what no key may do"),
        pytest.param({"days": 0}, "days", id="no day"),
        pytest.param({"days": 3651}, "days", id="eleven years"),
    ],
)
def test_what_no_key_can_be_is_refused(session, anna, what, field):
    with pytest.raises(BadValue) as refused:
        api_keys.issue(session, "anna", **WANTED | what)
    assert refused.value.field == field
    assert session.scalar(select(func.count()).select_from(ApiKey)) == 0


def test_a_key_is_somebodys(session):
    with pytest.raises(NotFound, match="nobody"):
        api_keys.issue(session, "nobody", **WANTED)


def test_nobody_has_keys_without_end(session, anna, monkeypatch):
    monkeypatch.setattr(api_keys, "MOST_OF_A_USER", 2)
    first, _ = api_keys.issue(session, "anna", **WANTED)
    api_keys.issue(session, "anna", **WANTED)
    with pytest.raises(TooMany):
        api_keys.issue(session, "anna", **WANTED)
    api_keys.revoke(session, first.prefix)
    assert api_keys.issue(session, "anna", **WANTED)


# -- what is no key, or no more ----------------------------------------------------------------------


def changed(shown):
    return shown[:-1] + ("A" if shown[-1] != "A" else "B")


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(changed, id="one letter changed"),
        pytest.param(lambda shown: "wg_aaaaaaaa" + shown[11:], id="the prefix of no key"),
        pytest.param(lambda shown: shown[:11], id="the prefix alone"),
        pytest.param(lambda shown: shown[3:], id="without its mark"),
        pytest.param(lambda shown: shown + " ", id="a blank behind"),
        pytest.param(lambda _shown: "", id="nothing"),
        pytest.param(lambda _shown: "wg_" + "' OR 1=1 --" * 5, id="SQL"),
        pytest.param(lambda shown: shown + "\0", id="U+0000"),
        pytest.param(lambda _shown: "钥匙" * 30, id="Chinese"),
        pytest.param(lambda _shown: "x" * 1_000_000, id="a megabyte"),
    ],
)
def test_anything_else_is_no_key(session, anna, spoil):
    _, shown = api_keys.issue(session, "anna", **WANTED)
    assert api_keys.by_text(session, spoil(shown)) is None


def test_the_secret_of_one_key_does_not_open_another(session, anna):
    one, first = api_keys.issue(session, "anna", **WANTED)
    other, _ = api_keys.issue(session, "anna", **WANTED)
    assert api_keys.by_text(session, first.replace(one.prefix, other.prefix)) is None


def test_a_revoked_key_is_dead_at_once_and_for_ever(session, anna):
    key, shown = api_keys.issue(session, "anna", **WANTED)
    at = api_keys.revoke(session, key.prefix).revoked_at
    assert api_keys.by_text(session, shown) is None
    assert api_keys.revoke(session, key.prefix).revoked_at == at
    assert api_keys.standing(key) == "revoked"
    with pytest.raises(NotFound):
        api_keys.revoke(session, "aaaaaaaa")


def test_a_key_ends_with_its_days(session, anna):
    key, shown = api_keys.issue(session, "anna", **WANTED, days=30)
    assert key.expires_at - key.created_at == pytest.approx(timedelta(days=30), abs=timedelta(minutes=1))
    assert api_keys.by_text(session, shown) is not None
    key.expires_at = datetime.now(UTC) - timedelta(seconds=1)
    session.flush()
    assert (api_keys.by_text(session, shown), api_keys.standing(key)) == (None, "expired")


def test_a_key_is_dead_while_its_owner_is_switched_off_and_gone_with_them(session, anna):
    _, shown = api_keys.issue(session, "anna", **WANTED)
    anna.is_active = False
    session.flush()
    assert api_keys.by_text(session, shown) is None
    session.delete(anna)
    session.flush()
    assert session.scalar(select(func.count()).select_from(ApiKey)) == 0


def test_a_key_may_do_what_its_owner_may_today(session, anna):
    _, shown = api_keys.issue(session, "anna", **WANTED)
    set_role(session, "anna", role="viewer")
    assert api_keys.by_text(session, shown)[1].role == "viewer"


def test_secrets_are_compared_in_constant_time(session, anna, monkeypatch):
    _, shown = api_keys.issue(session, "anna", **WANTED)
    compared = []
    monkeypatch.setattr(secrets, "compare_digest", lambda *both: compared.append(both) or False)
    for tried in (shown, "wg_aaaaaaaa" + shown[11:]):
        assert api_keys.by_text(session, tried) is None
    assert [len(kept) == len(sent) == 64 for kept, sent in compared] == [True, True]


# -- lists and last use --------------------------------------------------------------------------------


def test_lists_hold_a_users_own_keys_or_all_of_them_the_newest_first(session, anna):
    add_user(session, "bert", password="a long password", role="viewer")
    first, second, third = (api_keys.issue(session, user, **WANTED)[0].prefix for user in ("anna", "anna", "bert"))
    assert [one.key.prefix for one in api_keys.list_keys(session, "anna")] == [second, first]
    assert [(one.key.prefix, one.user) for one in api_keys.list_keys(session)] == [
        (third, "bert"),
        (second, "anna"),
        (first, "anna"),
    ]
    assert api_keys.list_keys(session, "nobody") == []


def test_the_last_use_is_written_once_an_hour(session, anna):
    key, _ = api_keys.issue(session, "anna", **WANTED)
    assert [api_keys.note_use(session, key) for _ in range(3)] == [True, False, False]
    session.execute(update(ApiKey).values(last_used_at=ApiKey.last_used_at - timedelta(minutes=61)))
    assert api_keys.note_use(session, key)


def test_nobody_waits_to_write_the_last_use(fresh_engine):
    with session_on(fresh_engine) as session:
        add_user(session, "anna", password="a long password", role="officer")
        api_keys.issue(session, "anna", **WANTED)
    with session_on(fresh_engine) as first, session_on(fresh_engine) as second:
        key = first.scalars(select(ApiKey)).one()
        assert api_keys.note_use(first, key)
        second.execute(text("SET LOCAL lock_timeout = '50ms'"))
        assert not api_keys.note_use(second, key)


# -- scopes ----------------------------------------------------------------------------------------------


def test_every_action_has_its_scope_and_none_has_two():
    with permissions.seed.files(permissions.seed.__name__).joinpath("scopes.csv").open(encoding="utf-8") as lines:
        listed = [line.split(",")[0] for line in lines][1:]
    assert sorted(listed) == sorted(permissions.table())
    assert len(set(listed)) == len(listed)


def test_scopes_are_those_that_there_are():
    assert set(permissions.scopes().values()) == {*permissions.SCOPES, permissions.NEVER}


def test_what_a_key_may_read_changes_nothing_and_no_key_makes_keys():
    scopes = permissions.scopes()
    assert {action for action, scope in scopes.items() if action.endswith(".set") and scope == "read"} == set()
    assert {scopes[action] for action in ("key.own", "user.set", "webhook.set")} == {permissions.NEVER}
    assert {scopes[action] for action in scopes if action.endswith(".read")} == {"read"}
