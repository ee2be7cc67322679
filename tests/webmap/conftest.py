"""The web application on a district of the test's own, and people to visit it."""

import json
from functools import partial
from io import BytesIO

import makers
import pytest
from applications import BASE
from databases import keeper_of
from editing import GEOJSON, PATCH
from flask import Flask
from import_forms import GOOD
from jinja2 import FileSystemBytecodeCache
from makers import add_areas, add_unit, at
from open311_answers import KEY
from programs import program_of
from sqlalchemy import func, select, text
from two_towns import PASSWORD, World, add_people, fill, fill_with_everybody
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from geodata.db import session_on
from geodata.models import MemberUnit, Ticket
from geodata.services.pyramid import fold
from geodata.services.tickets import Position, open_ticket
from geodata.services.users import add_user
from geodata.settings import Settings
from webmap.app import create_app
from webmap.cli import run
from webmap.records import ENGINE


@pytest.fixture(scope="session", autouse=True)
def compiled_templates(tmp_path_factory):
    """Templates are compiled once for all applications of a worker."""
    cache = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "jinja_options", {**Flask.jinja_options, "bytecode_cache": cache})
        yield


@pytest.fixture(scope="session")
def built_app(engine, tmp_path_factory):
    """An application, built once: tying it together takes as long as most tests."""
    return create_app(Settings(data_dir=tmp_path_factory.mktemp("built")), engine=engine, testing=True)


@pytest.fixture
def app(built_app, fresh_engine, tmp_path):
    """The application; what it stores is really stored, in a database made for this test."""
    config, former = dict(built_app.config), built_app.extensions[ENGINE]
    built_app.config["DATA_DIR"] = tmp_path
    built_app.extensions[ENGINE] = fresh_engine
    for limiter in built_app.extensions["limiter"]:
        limiter.reset()
    yield built_app
    built_app.extensions[ENGINE] = former
    built_app.config.clear()
    built_app.config.update(config)


@pytest.fixture
def records(fresh_engine):
    """A context manager with a session that commits, to prepare or look at what the application sees."""
    return lambda: session_on(fresh_engine)


@pytest.fixture
def client(app):
    """A visitor who has not signed in."""
    return app.test_client()


@pytest.fixture
def signed_in(app, records):
    """A function from a role to a browser signed in with it."""
    app.config["WTF_CSRF_ENABLED"] = False

    def enter(role, *, area_code=None):
        with records() as session:
            add_user(session, role, password="a long password", role=role, area_code=area_code)
        browser = app.test_client()
        answer = browser.post("/login", data={"name": role, "password": "a long password"})
        assert answer.status_code == 302
        return browser

    return enter


@pytest.fixture
def ground(request, ground, filled):
    """As everywhere; two towns for whoever asks for them."""
    if "towns" not in request.fixturenames:
        return ground
    assert ground is None, "the test's file fills its district: it cannot have the two towns as well"
    return filled(fill_with_everybody)


@pytest.fixture
def towns(app, ground):
    """The same district of two towns for one test alone, which may change it: numbers of its tickets by name."""
    return dict(ground.told)


@pytest.fixture
def program(app, fresh_engine, towns):
    """A function from a role (and scopes) to a program that acts for somebody of it there."""
    return partial(program_of, app, fresh_engine)


@pytest.fixture
def district(fresh_engine):
    """A district with areas, a unit and a ticket that waits, for commands."""
    with session_on(fresh_engine) as session:
        add_areas(session)
        add_unit(session, "U1", 0.5, 1.1, town_code="310112101000", opening_hours="24/7")
        lon, lat = at(0.5, 1.0)
        open_ticket(
            session,
            category="0102",
            title="路边垃圾",
            actor="officer",
            position=Position(lon, lat, "wgs84"),
            assign_now=False,
        )
    return fresh_engine


@pytest.fixture
def wangge_on(monkeypatch, capsys, tmp_path):
    """A function that runs a command on a district's database and returns (exit code, stdout, stderr)."""

    def call(engine, *arguments):
        monkeypatch.setenv("WANGGE_DATABASE_URL", engine.url.render_as_string(hide_password=False))
        monkeypatch.setenv("WANGGE_DATA", str(tmp_path))
        code = run(arguments)
        out, err = capsys.readouterr()
        return code, out, err

    return call


@pytest.fixture(scope="module")
def world(clone, tmp_path_factory):
    """The application on the district of two towns, and everybody signed in to it."""
    engine = clone()
    with session_on(engine) as session:
        numbers = fill(session)
        names = add_people(session)
        fold(session)
    app = create_app(Settings(data_dir=tmp_path_factory.mktemp("two-towns")), engine=engine, testing=True)
    app.config["WTF_CSRF_ENABLED"] = False
    cookies = {}
    for name in names:
        browser = app.test_client()
        assert browser.post("/login", data={"name": name, "password": PASSWORD}).status_code == 302
        cookies[name] = browser.get_cookie("wangge").value
    with pytest.MonkeyPatch.context() as patch:
        # the sheet itself is looked at, not what a printer makes of it
        patch.setattr("webmap.pages.poster.pdf_of", lambda page: page.encode())
        patch.setattr("webmap.pages.period_report.pdf_of", lambda page: page.encode())
        with keeper_of(engine) as keeper:
            yield World(app, engine, keeper, numbers, cookies)


@pytest.fixture
def ten_units(records):
    """Ten units in a row from west to east, and one without a place."""
    with records() as session:
        add_areas(session)
        for number in range(10):
            add_unit(session, f"U{number}", 0.35 * number, 0.5, name=f"单位{number}")
        add_unit(session, "NOWHERE")


@pytest.fixture
def ogc(client, ten_units):
    """A function from an address under /ogc to the JSON of its answer."""

    def get(path, status=200, **headers):
        answer = client.get(path if path.startswith("http") else f"/ogc{path}", headers=headers)
        assert answer.status_code == status, answer.text
        return json.loads(answer.text)

    return get


@pytest.fixture
def told_ticket(records, ten_units):
    """A ticket in whose words somebody has left a telephone number."""
    with records() as session:
        facts = {"source": "s", "category_code": "0102", "state": "reported", "reported_at": text("now()")}
        session.add(Ticket(number="T1", title="打 13812345678", address="东川路800号 13812345678", **facts))


@pytest.fixture
def filled_ground():
    """A district that the test's file fills with features to be changed, by its FILLED_BY."""


@pytest.fixture
def send(filled_ground, signed_in):
    """A function that sends a request as a planner, with the version that is there unless told."""
    browser = signed_in("planner")

    def ask(method, path, body=None, *, kind=None, match="now", **headers):
        address = path if path.startswith("http") else f"/ogc/collections/{path}"
        if match == "now" and method in {"PUT", "PATCH", "DELETE"}:
            headers["If-Match"] = browser.get(address).headers.get("ETag", '"none"')
        elif match not in {"now", None}:
            headers["If-Match"] = match
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        kind = kind or (PATCH if method == "PATCH" else GEOJSON)
        data = body if isinstance(body, bytes | str | None) else json.dumps(body)
        return browser.open(
            address, method=method, data=data, content_type=kind if data is not None else None, headers=headers
        )

    ask.browser = browser
    return ask


@pytest.fixture
def planner(signed_in, records):
    """A planner's browser, in a district with areas."""
    with records() as session:
        makers.add_areas(session)
    return signed_in("planner")


@pytest.fixture
def send_file():
    """A function that sends a file and returns the answer."""

    def sent(browser, content=GOOD, name="单位.csv", kind="units", **form):
        content = content.encode() if isinstance(content, str) else content
        # the client itself would leave a large form open in a file
        boundary, body = encode_multipart({"kind": kind, "file": FileStorage(BytesIO(content), name), **form})
        return browser.post("/import", data=body, content_type=f"multipart/form-data; boundary={boundary}")

    return sent


@pytest.fixture
def look_at_file(send_file):
    """A function that sends a file, and chooses options where some are given; returns its address and the page."""

    def looked(browser, content=GOOD, *, name="单位.csv", kind="units", form=None, **options):
        answer = send_file(browser, content, name, kind, **(form or {}))
        assert answer.status_code == 302, answer.text
        if options:
            answer = browser.post(answer.location, data=options)
            assert answer.status_code == 302, answer.text
        return answer.location, browser.get(answer.location).text

    return looked


@pytest.fixture
def unit_count(records):
    """A function that counts rows of a table."""

    def counted(model=MemberUnit):
        with records() as session:
            return session.scalar(select(func.count()).select_from(model))

    return counted


@pytest.fixture
def filing(client):
    """A function that asks for something with the district's key, in JSON unless said otherwise."""

    def send(form="json", **fields):
        return client.post(f"{BASE}/requests.{form}", data={**KEY, **fields})

    return send
