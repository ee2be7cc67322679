"""Feeds by an address of one's own."""

import re

import pytest
from feed_reading import (
    ATOM,
    TOWN,
    VILLAGE,
    checked_atom,
    fill,
    made_address,
    titles,
)
from sqlalchemy import update

from geodata.models import FeedLink, User
from geodata.services import feeds

FILLED_BY = {"app": fill}


def test_an_address_of_ones_own_tells_what_its_owner_may_read(client, signed_in):
    path = made_address(signed_in("planner"))
    answer = client.get(path)
    root = checked_atom(answer)
    assert len(titles(root)) == 6
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "Set-Cookie" not in answer.headers or "wangge=" not in answer.headers["Set-Cookie"]
    assert client.get(root.find(f"{ATOM}link[@rel='self']").get("href")).data == answer.data


def test_it_is_shown_once(signed_in):
    browser = signed_in("planner")
    token = made_address(browser).rpartition("token=")[2]
    assert token
    assert token not in browser.get(f"/subscribe?level=town&code={TOWN}").text


@pytest.mark.parametrize("other", [f"/feeds/village/{VILLAGE}.atom", "/feeds/town/310112102000.atom"])
def test_it_opens_no_other_feed(client, signed_in, other):
    query = made_address(signed_in("planner")).partition("?")[2]
    assert client.get(f"{other}?{query}").status_code == 404


@pytest.mark.parametrize("door", ["/export/tickets.geojson", "/api/list/tickets", "/tickets", "/keys"])
def test_it_opens_nothing_else(client, signed_in, door):
    token = re.search(r"token=([^&]+)", made_address(signed_in("planner")))[1]
    assert client.get(f"{door}?token={token}").status_code in {400, 401}
    assert client.get(door, headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_a_revoked_one_is_dead_at_once(client, signed_in, records):
    browser = signed_in("planner")
    path = made_address(browser)
    etag = client.get(path).headers["ETag"]
    with records() as session:
        id_ = session.query(FeedLink.id).scalar()
    assert browser.post(f"/subscribe/{id_}/revoke").status_code == 302
    gone = client.get(path, headers={"If-None-Match": etag})
    assert (gone.status_code, gone.mimetype) == (410, "application/problem+json")
    # not even for whoever is signed in
    assert browser.get(path).status_code == 410
    assert browser.post(f"/subscribe/{id_}/revoke").status_code == 302


@pytest.mark.parametrize(
    ("change", "status", "count"),
    [
        pytest.param({"is_active": False}, 410, None, id="switched off"),
        pytest.param({"role": "viewer", "area_code": "310112102000"}, 200, 4, id="moved to another town"),
    ],
)
def test_it_follows_what_becomes_of_its_owner(client, signed_in, records, change, status, count):
    path = made_address(signed_in("planner"))
    with records() as session:
        session.execute(update(User).values(**change))
    answer = client.get(path)
    assert answer.status_code == status
    assert count is None or len(titles(checked_atom(answer))) == count


def test_nobody_revokes_anothers(app, signed_in, records):
    made_address(signed_in("planner"))
    with records() as session:
        id_ = session.query(FeedLink.id).scalar()
    assert signed_in("admin").post(f"/subscribe/{id_}/revoke").status_code == 404


def test_a_token_of_another_installation_is_none(client, signed_in, app):
    path = made_address(signed_in("planner"))
    app.config["SECRET_KEY"] = "another"
    assert client.get(path).status_code == 404


def test_there_are_only_so_many(signed_in, monkeypatch):
    monkeypatch.setattr(feeds, "MOST_OF_A_USER", 1)
    browser = signed_in("planner")
    made_address(browser)
    refused = browser.post("/subscribe", data={"level": "town", "code": TOWN})
    assert refused.status_code == 409
    assert "最多" in refused.text or "已有 1 个" in refused.text


@pytest.mark.parametrize(
    "form", [{}, {"level": "town"}, {"level": "street", "code": TOWN}, {"level": "cell", "code": "x"}]
)
def test_no_address_is_made_for_ground_that_is_not_there(signed_in, form):
    assert signed_in("planner").post("/subscribe", data=form).status_code == 404


@pytest.mark.parametrize(
    ("query", "status"), [("", 200), ("level=town", 400), ("code=1", 400), ("level=x&code=1", 400)]
)
def test_the_page_wants_both_or_neither(client, query, status):
    assert client.get(f"/subscribe?{query}").status_code == status
