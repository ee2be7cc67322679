"""A POST with a key of its sender's acts once: told of a small service of the test's own, and of those there are."""

import io
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Blueprint, Response, request
from sqlalchemy import delete, func, select

from geodata.db import session_on
from geodata.errors import NotFound
from geodata.models import RequestKey, ServiceTeam
from geodata.services import api_keys, request_keys
from geodata.services.request_keys import Answer
from geodata.services.users import add_user
from geodata.settings import Settings
from webmap.access import needs
from webmap.app import create_app
from webmap.idempotency import once, once_with_key
from webmap.records import current_session
from webmap.responses import as_json

bp = Blueprint("teams", __name__, url_prefix="/api/teams")
KEY = "a-key-made-at-random"
MOST = 5.0


class Gate:
    """Holds a request up in the middle of its work."""

    def __init__(self):
        self.reached, self.opened = threading.Event(), threading.Event()

    def pass_through(self):
        self.reached.set()
        assert self.opened.wait(MOST)


gate = Gate()


@bp.post("")
@needs("network.set")
@once
def add():
    """Add a team, and do then what the request says."""
    session = current_session()
    asked = request.get_json(silent=True) or request.form
    session.add(ServiceTeam(code=f"T{session.scalar(select(func.count()).select_from(ServiceTeam))}", name="队"))
    session.flush()
    end = asked.get("end")
    if end == "wait":
        gate.pass_through()
    if end == "commit":
        session.commit()
    if end == "refuse":
        return as_json({"detail": "no"}, status=422)
    if end == "raise":
        raise NotFound("team", "T")
    answer = as_json({"队": "一", "code": "T"}, status=201)
    answer.headers["Location"] = "/api/teams/T"
    answer.headers["X-Other"] = "not kept"
    answer.set_etag("v1")
    return answer


@bp.post("/xml")
@once
def add_in_xml():
    """Answer in XML, to everybody."""
    current_session().add(ServiceTeam(code="X", name="队"))
    return Response("<teams><team>一\u2028</team></teams>", mimetype="text/xml")


@bp.post("/bare")
@once_with_key
def add_in_two_words():
    """Answer as views may: body and status."""
    current_session().add(ServiceTeam(code="B", name="队"))
    return {"made": True}, 202


@pytest.fixture(scope="module")
def place(clone, tmp_path_factory):
    engine = clone()
    app = create_app(Settings(data_dir=tmp_path_factory.mktemp("teams")), engine=engine, testing=True)
    app.register_blueprint(bp)
    keys = {}
    with session_on(engine) as session:
        for name in ("anna", "bert"):
            add_user(session, name, password="a long password", role="district")
            keys[name] = api_keys.issue(session, name, name="x", scopes=["edit"])[1]
    return app, engine, keys


@pytest.fixture
def send(place, monkeypatch):
    """A function that sends a request by somebody with a key of an API; nothing is kept from other tests."""
    app, engine, keys = place
    with session_on(engine) as session:
        session.execute(delete(ServiceTeam))
        session.execute(delete(RequestKey))
    monkeypatch.setitem(globals(), "gate", Gate())

    def post(*, key=KEY, by="anna", address="/api/teams", **body):
        headers = {"Authorization": f"Bearer {keys[by]}"}
        if key is not None:
            headers["Idempotency-Key"] = key
        return app.test_client().post(address, headers=headers, **(body or {"json": {"name": "队"}}))

    return post


@pytest.fixture
def count(place):
    """A function that counts the teams that were made, or other rows."""

    def rows(table=ServiceTeam):
        with session_on(place[1]) as session:
            return session.scalar(select(func.count()).select_from(table))

    return rows


def test_the_same_request_acts_once_and_is_answered_alike(send, count):
    first, again = send(), send()
    assert (first.status_code, first.json) == (201, {"队": "一", "code": "T"})
    assert (again.status_code, again.get_data(), again.mimetype) == (201, first.get_data(), "application/json")
    assert [again.headers[name] for name in ("Location", "ETag")] == ["/api/teams/T", '"v1"']
    assert "X-Other" not in again.headers
    assert count() == 1


def test_without_a_key_each_acts_for_itself(send, count):
    assert [send(key=None).status_code for _ in range(2)] == [201, 201]
    assert (count(), count(RequestKey)) == (2, 0)


def test_a_key_in_quotes_is_the_same_key(send, count):
    assert [send(key=key).status_code for key in (KEY, f'"{KEY}"', f" {KEY} ")] == [201] * 3
    assert count() == 1


def test_a_form_may_bring_its_key_as_a_field(send, count):
    form = {"name": "队", "key": KEY}
    assert [send(key=None, data=form).status_code for _ in range(2)] == [201, 201]
    assert count() == 1


@pytest.mark.parametrize(
    "key", ["", "short", '"', '""', "x" * 101, "with a blank in the middle", "x" * 20 + ";drop", '"' + "x" * 20]
)
def test_what_is_no_key_is_refused_and_nothing_done(send, count, key):
    refused = send(key=key)
    assert refused.status_code == 400
    assert "Idempotency-Key" in refused.json["detail"]
    assert "16 to 100 letters" in refused.json["detail"]
    assert count() == 0


def test_any_other_answer_is_kept_as_it_is(send, count):
    for _ in range(2):
        xml = send(address="/api/teams/xml")
        assert (xml.status_code, xml.mimetype, xml.text) == (200, "text/xml", "<teams><team>一\u2028</team></teams>")
        bare = send(address="/api/teams/bare", key="another-key-of-mine")
        assert (bare.status_code, bare.json) == (202, {"made": True})
    assert count() == 2


def test_a_view_may_demand_a_key(send, count):
    assert send(address="/api/teams/bare", key=None).status_code == 400
    assert count() == 0


# -- another request under the same key ------------------------------------------------------------------


def photo(content=b"x", name="a.jpg"):
    return {"data": {"name": "队", "photo": (io.BytesIO(content), name)}}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param({"json": {"name": "a"}}, {"json": {"name": "b"}}, id="another body"),
        pytest.param({"json": {}}, {"json": {}, "query_string": {"lang": "en"}}, id="another query"),
        pytest.param({"data": {"a": "1"}}, {"data": {"a": "2"}}, id="another field"),
        pytest.param({"data": {"a": "1", "b": ""}}, {"data": {"a": "", "b": "1"}}, id="fields changed about"),
        pytest.param({"data": "{}", "content_type": "text/plain"}, {"json": {}}, id="another kind of text"),
        pytest.param(photo(b"x"), photo(b"y"), id="another photo"),
        pytest.param({"json": {}}, {"json": {}, "address": "/api/teams/xml"}, id="another address"),
    ],
)
def test_something_else_under_the_same_key_is_refused(send, count, one, other):
    assert send(**one).status_code == 201
    assert send(**other).status_code == 422
    assert count() == 1


def test_a_form_in_parts_is_the_same_whatever_stands_between_them(send, count):
    assert [send(**photo()).status_code for _ in range(2)] == [201, 201]
    assert count() == 1


def test_who_sends_a_form_is_no_part_of_it(send, count):
    forms = ({"name": "a"}, {"name": "a", "csrf_token": "x"}, {"name": "a", "csrf_token": "y"})
    assert [send(data=form).status_code for form in forms] == [201] * 3
    assert count() == 1


def test_a_key_is_a_persons_own_and_the_visitors_share_one_book(send, place, count):
    assert [send(by=name).status_code for name in ("anna", "bert", "anna")] == [201] * 3
    assert count() == 2
    place[0].config["WTF_CSRF_ENABLED"] = False
    for address in ("10.0.0.1", "10.0.0.2"):
        browser = place[0].test_client()
        where = {"REMOTE_ADDR": address}
        answer = browser.post("/api/teams/xml", headers={"Idempotency-Key": KEY}, environ_base=where)
        assert answer.status_code == 200
    assert count() == 3


def test_whoever_may_not_do_it_is_not_told_what_came_of_it(send, place):
    assert send().status_code == 201
    with session_on(place[1]) as session:
        other = api_keys.issue(session, "anna", name="x", scopes=["read"])[1]
    headers = {"Authorization": f"Bearer {other}", "Idempotency-Key": KEY}
    assert place[0].test_client().post("/api/teams", json={"name": "队"}, headers=headers).status_code == 403


# -- what failed ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("end", "status"), [("refuse", 422), ("raise", 404)])
def test_what_was_refused_has_done_nothing_and_may_come_again(send, count, end, status):
    assert send(json={"end": end}).status_code == status
    assert (count(), count(RequestKey)) == (0, 0)
    assert send(json={"end": end}).status_code == status
    assert send(json={}).status_code == 201
    assert count() == 1


def test_a_view_that_commits_by_itself_is_found_out(send):
    with pytest.raises(RuntimeError, match=r"teams\.add commits before"):
        send(json={"end": "commit"})


# -- at the same time -------------------------------------------------------------------------------------


def test_twenty_at_once_act_once(send, count):
    with ThreadPoolExecutor(20) as many:
        answers = list(many.map(lambda _n: send(), range(20)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.get_data() for answer in answers}) == 1
    assert (count(), count(RequestKey)) == (1, 1)


def test_whoever_comes_second_waits_and_gets_the_first_ones_answer(send, count):
    with ThreadPoolExecutor(2) as both:
        first = both.submit(send, json={"end": "wait"})
        assert gate.reached.wait(MOST)
        second = both.submit(send, json={"end": "wait"})
        gate.opened.set()
        assert first.result().get_data() == second.result().get_data()
    assert count() == 1


def test_nobody_waits_for_ever(send, count, monkeypatch):
    monkeypatch.setattr(request_keys, "WAIT_MS", 50)
    with ThreadPoolExecutor(1) as one:
        first = one.submit(send, json={"end": "wait"})
        assert gate.reached.wait(MOST)
        busy = send(json={"end": "wait"})
        gate.opened.set()
        assert first.result().status_code == 201
    assert (busy.status_code, busy.headers["Retry-After"]) == (409, "2")
    assert "in a moment" in busy.json["detail"]
    assert send(json={"end": "wait"}).status_code == 201
    assert count() == 1


def test_where_the_first_one_failed_the_second_does_the_work(send, place, count):
    with session_on(place[1]) as first, ThreadPoolExecutor(1) as one:
        request_keys.claim(first, actor="anna", key=KEY, body_hash="whatever")
        second = one.submit(send)
        first.rollback()
        assert second.result().status_code == 201
    assert count() == 1


def test_a_key_that_was_used_for_a_report_is_not_good_for_anything_else(send, place):
    with session_on(place[1]) as session:
        request_keys.claim(session, actor="anna", key=KEY, body_hash="of a report")
        request_keys.keep(session, Answer(201, {"number": "20260131-000042"}), actor="anna", key=KEY)
    assert send().status_code == 422
