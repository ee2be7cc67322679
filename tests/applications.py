"""Other applications that speak Open311: a server on this machine for them, keys, and both forms read alike."""

import hashlib
import json
import threading
from contextlib import contextmanager

from defusedxml import ElementTree
from makers import add_areas, add_point, add_unit
from werkzeug.serving import make_server

from geodata.services import api_keys
from geodata.services.permissions import SCOPES
from geodata.services.users import add_user

BASE = "/open311/v2"
HERE = {"lat": "31.105", "long": "121.405"}
VENDOR = {**HERE, "service_code": "0501", "description": "路边摆摊，占了盲道"}


def fill(session):
    """Two towns, a market in the west that takes vendors, and a responsibility point."""
    add_areas(session)
    add_unit(session, "MARKET", 0.51, 0.5, kind="market", town_code="310112101000", name="集市", address="某路9号")
    add_point(session, "P1", 0.6, 0.5)


def fill_with_people(session):
    """The same, and people of four kinds, each with an application whose key is `key_of` their name."""
    fill(session)
    for name, role, area in (
        ("district", "district", None),
        ("west", "town_office", "310112101000"),
        ("east", "town_office", "310112102000"),
        ("viewer", "viewer", None),
    ):
        add_application(session, name, role, area_code=area)


@contextmanager
def listening(app):
    """The application on a free port of this machine; yields the address of its Open311."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{BASE}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


SECRET_PART = "k" * 43


def key_of(name):
    """The key of a user's application."""
    return f"wg_{name:a<8}_{SECRET_PART}"


def give_key(session, name, *, scopes=SCOPES):
    """Give a user the key that `key_of` tells."""
    made, _ = api_keys.issue(session, name, name="an application", scopes=scopes)
    made.prefix, made.secret_hash = f"{name:a<8}", hashlib.sha256(SECRET_PART.encode()).hexdigest()
    session.flush()


def add_application(session, name, role, **how):
    """A user of a role with a key for an application."""
    scopes = how.pop("scopes", SCOPES)
    add_user(session, name, password="a long password", role=role, **how)
    give_key(session, name, scopes=scopes)


def read(answer):
    """An answer as plain values: JSON as it is, XML as the same with texts, so that both can be compared."""
    if answer.mimetype == "application/json":
        return json.loads(answer.text)
    assert answer.mimetype == "text/xml"
    return plain(ElementTree.fromstring(answer.text))


LISTS = {
    *("services", "attributes", "values", "endpoints", "formats", "groups", "service_requests"),
    *("service_request_updates", "notes", "photos", "jurisdictions", "errors"),
}


def plain(element):
    if element.tag in LISTS:
        return [plain(part) for part in element]
    if len(element):
        return {part.tag: plain(part) for part in element}
    return element.text


def as_text(value):
    """What JSON says as XML says it: numbers and truths are texts there."""
    if isinstance(value, dict):
        return {name: as_text(part) for name, part in value.items()} or None
    if isinstance(value, list):
        return [as_text(part) for part in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if value is None else str(value)
