"""The page of keys: one's own, made, shown once and revoked; everybody's for administrators."""

import re

import pytest
from sqlalchemy import func, select

from geodata.models import ApiKey
from geodata.services import api_keys

GOOD = {"name": "热线", "scope": ["read", "report"], "days": "30"}
WHOLE = re.compile(r"wg_[a-z0-9]{8}_[A-Za-z0-9_-]{43}")


@pytest.fixture
def officer(signed_in):
    return signed_in("officer")


@pytest.fixture
def stored(records):
    """A function that reads the keys there are."""

    def read():
        with records() as session:
            found = session.scalars(select(ApiKey).order_by(ApiKey.id)).all()
            return [(key.name, key.scopes, key.expires_at is not None, key.revoked_at is not None) for key in found]

    return read


def test_a_key_is_made_and_shown_once(officer, stored):
    answer = officer.post("/keys", data=GOOD)
    (shown,) = WHOLE.findall(answer.text)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert stored() == [("热线", ["read", "report"], True, False)]
    again = officer.get("/keys").text
    assert shown[-43:] not in again
    assert f"{shown[:11]}_…" in again
    assert "读取、上报" in again


def test_a_key_without_days_is_good_until_it_is_revoked(officer, stored):
    assert officer.post("/keys", data=GOOD | {"days": ""}).status_code == 200
    assert stored()[0][2] is False


@pytest.mark.parametrize(
    ("form", "said"),
    [
        pytest.param({"name": " "}, "name", id="no name"),
        pytest.param({"name": "x" * 81}, "name", id="a long name"),
        pytest.param({"scope": []}, "scope", id="no scope"),
        pytest.param({"scope": ["none"]}, "scope", id="what no key may do"),
        pytest.param({"scope": ["read", "admin"]}, "scope", id="no such scope"),
        pytest.param({"days": "0"}, "days", id="no day"),
        pytest.param({"days": "9999999999999999999999"}, "days", id="for ever"),
        pytest.param({"days": "1e3"}, "days", id="no whole number"),
    ],
)
def test_what_cannot_be_used_is_said_beside_its_field_and_what_was_typed_stays(officer, stored, form, said):
    answer = officer.post("/keys", data=GOOD | form)
    assert answer.status_code == 422
    assert f'id="wrong-{said}"' in answer.text
    assert stored() == []


def test_nobody_makes_keys_without_end(officer, stored, monkeypatch):
    monkeypatch.setattr(api_keys, "MOST_OF_A_USER", 1)
    assert [officer.post("/keys", data=GOOD).status_code for _ in range(2)] == [200, 409]
    assert len(stored()) == 1


def test_whoever_made_a_key_revokes_it(officer, stored, records):
    officer.post("/keys", data=GOOD)
    with records() as session:
        prefix = session.scalars(select(ApiKey.prefix)).one()
    answer = officer.post(f"/keys/{prefix}/revoke", follow_redirects=True)
    assert "已吊销" in answer.text
    assert "/revoke" not in answer.text
    assert stored()[0][3] is True


def test_nobody_but_an_administrator_sees_or_revokes_the_keys_of_others(officer, signed_in, stored, records):
    officer.post("/keys", data=GOOD)
    with records() as session:
        prefix = session.scalars(select(ApiKey.prefix)).one()
    district = signed_in("district")
    assert prefix not in district.get("/keys").text
    assert district.post(f"/keys/{prefix}/revoke").status_code == 404
    assert stored()[0][3] is False
    admin = signed_in("admin")
    page = admin.get("/keys").text
    assert (prefix in page, "officer" in page) == (True, True)
    assert admin.post(f"/keys/{prefix}/revoke").status_code == 302
    assert stored()[0][3] is True


def test_an_administrators_own_key_acts_for_the_administrator(signed_in, records):
    shown = WHOLE.findall(signed_in("admin").post("/keys", data=GOOD | {"user": "officer"}).text)[0]
    with records() as session:
        assert api_keys.by_text(session, shown)[1].name == "admin"


def test_names_are_text_and_not_markup(officer):
    assert "<script>alert" not in officer.post("/keys", data=GOOD | {"name": "<script>alert(1)</script>"}).text


def test_no_key_makes_or_revokes_keys(app, officer, records):
    shown = WHOLE.findall(officer.post("/keys", data=GOOD | {"scope": ["read", "report", "work", "edit"]}).text)[0]
    program = app.test_client()
    headers = {"Authorization": f"Bearer {shown}"}
    assert program.post("/keys", data=GOOD, headers=headers).status_code == 401
    assert program.post(f"/keys/{shown[3:11]}/revoke", headers=headers).status_code == 401
    with records() as session:
        assert session.scalar(select(func.count()).select_from(ApiKey)) == 1


def test_the_way_there_is_for_who_has_signed_in(client, officer):
    assert 'href="/keys"' in officer.get("/units").text
    assert 'href="/keys"' not in client.get("/units").text
    assert client.get("/keys").status_code == 401
