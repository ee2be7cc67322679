"""Who changes features, and by which programs: roles and towns, browsers and keys, OWSLib and GDAL."""

import json
import os
import subprocess
import sys
import threading

import pytest
from editing import EAST_TOWN, FIRST, GEOJSON, PATCH, WEST_TOWN, box, feature, fill, point
from owslib.ogcapi.features import Features
from sqlalchemy import func, select
from werkzeug.serving import make_server

from geodata.models import (
    ResponsibilityBlock,
)
from geodata.services import api_keys

FILLED_BY = {"filled_ground": fill}


# --- who may -------------------------------------------------------------------------------------------


@pytest.fixture
def office(send, signed_in):
    """A browser of the town office in the west."""
    return signed_in("town_office", area_code=WEST_TOWN)


def test_s18_an_office_changes_its_own_town_only(send, office, records):
    for path, status in (
        ("blocks/items/B001", 200),
        ("blocks/items/B003", 403),
        ("points/items/P001", 200),
        (f"villages/items/{FIRST}", 403),
        (f"grid_cells/items/{FIRST}001", 403),
        (f"towns/items/{WEST_TOWN}", 403),
    ):
        tag = office.get(f"/ogc/collections/{path}").headers["ETag"]
        for method, body in (("PATCH", {"properties": {}}), *((("DELETE", None),) if status == 403 else ())):
            data = None if body is None else json.dumps(body)
            answer = office.open(
                f"/ogc/collections/{path}", method=method, data=data, content_type=PATCH, headers={"If-Match": tag}
            )
            assert answer.status_code == status
    # its own town is full of blocks, and another one is not its own
    for shape, status in ((box(0, 0, 1, 1), 422), (box(3, 0, 4, 2), 403)):
        body = json.dumps(feature(shape, name="x"))
        assert office.post("/ogc/collections/blocks/items", data=body, content_type=GEOJSON).status_code == status


def test_s18_a_point_is_not_given_to_another_town(office, send):
    tag = office.get("/ogc/collections/points/items/P001").headers["ETag"]
    body = json.dumps({"geometry": point(3, 1)})
    answer = office.patch(
        "/ogc/collections/points/items/P001", data=body, content_type=PATCH, headers={"If-Match": tag}
    )
    assert answer.status_code == 422


def test_s18_visitors_and_others_change_nothing(send, client, signed_in):
    for browser, status in ((client, 401), (signed_in("viewer"), 403), (signed_in("officer"), 403)):
        for method in ("PUT", "PATCH", "DELETE"):
            assert browser.open("/ogc/collections/blocks/items/B001", method=method).status_code == status
        assert browser.post("/ogc/collections/blocks/items").status_code == status


def test_s16_a_browser_sends_its_token(app, send):
    app.config["WTF_CSRF_ENABLED"] = True
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        path = "blocks/items" if method == "POST" else "blocks/items/B001"
        for kind in (GEOJSON, "text/plain", PATCH):
            assert send(method, path, "{}", kind=kind, match="*").status_code == 403
    assert send("POST", "blocks/items/B001", "{}", X_HTTP_Method_Override="DELETE").status_code in {403, 405}
    assert send("GET", "blocks/items/B001").status_code == 200


# --- keys and clients ----------------------------------------------------------------------------------


@pytest.fixture
def key(send, records):
    """A function from scopes to a key of a planner."""

    def issue(*scopes):
        with records() as session:
            return api_keys.issue(session, "planner", name="qgis", scopes=scopes)[1]

    return issue


def test_a_program_changes_by_a_key_that_may_without_any_token(app, client, key):
    app.config["WTF_CSRF_ENABLED"] = True
    path, body = "/ogc/collections/blocks/items/B002", json.dumps({"properties": {"name": "改"}})
    tag = client.get(path).headers["ETag"]
    for scopes, status in ((("read",), 403), (("edit", "read"), 200)):
        headers = {"Authorization": f"Bearer {key(*scopes)}", "If-Match": tag}
        assert client.patch(path, data=body, content_type=PATCH, headers=headers).status_code == status
        allowed = client.options(path, headers={"Authorization": headers["Authorization"]}).allow
        assert ("PATCH" in allowed) == (status == 200)


def test_a_post_that_is_sent_twice_adds_one(send, records):
    body = feature(box(3, 0, 4, 2), name="新")
    told = [send("POST", "blocks/items", body, Idempotency_Key="a-key-of-twenty-letters") for _ in range(2)]
    assert [answer.status_code for answer in told] == [201, 201]
    assert told[0].headers["Location"] == told[1].headers["Location"]
    assert told[0].headers["ETag"] == told[1].headers["ETag"]
    with records() as session:
        assert session.scalar(select(func.count()).select_from(ResponsibilityBlock)) == 4


@pytest.fixture
def address(app, key):
    """The service at an address that a program can reach, and a key for it."""
    text_of_key = key("read", "edit")
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/ogc/", text_of_key
    server.shutdown()
    thread.join()


def test_a_program_that_sends_the_same_headers_always_may_change_whatever_version(client, key):
    """As QGIS does, which knows no versions: the headers stand in its sign-in."""
    headers = {"Authorization": f"Bearer {key('read', 'edit')}", "If-Match": "*"}
    of_blocks = "/ogc/collections/blocks"
    for path in ("/ogc/", of_blocks, f"{of_blocks}/items", f"{of_blocks}/items/B002", f"{of_blocks}/schema"):
        assert client.get(path, headers=headers).status_code == 200
    tile = "/ogc/collections/towns/tiles/WebMercatorQuad/9/209/428"
    assert client.get(tile, headers=headers).status_code == 200
    fields = {"code": None, "name": "新", "town_code": None, "holder_code": None, "holder_name": None}
    made = client.post(
        f"{of_blocks}/items",
        data=json.dumps(feature(box(3, 0, 4, 2), **fields)),
        content_type=GEOJSON,
        headers={**headers, "Content-Crs": "http://www.opengis.net/def/crs/EPSG/0/4326"},
    )
    # latitude before longitude was promised, and not sent
    assert made.status_code == 422
    crs84 = {**headers, "Content-Crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}
    body = json.dumps(feature(box(3, 0, 4, 2), **fields))
    assert client.post(f"{of_blocks}/items", data=body, content_type=GEOJSON, headers=crs84).status_code == 201
    changed = json.dumps({"properties": {"name": "改"}})
    path = f"{of_blocks}/items/B004"
    assert client.patch(path, data=changed, content_type=PATCH, headers=headers).status_code == 200
    assert client.delete(path, headers=headers).status_code == 204


def test_owslib_adds_changes_and_removes(address):
    url, text_of_key = address
    program = Features(url, headers={"Authorization": f"Bearer {text_of_key}", "Content-Type": GEOJSON})
    assert program.collection_item_create("blocks", json.dumps(feature(box(3, 0, 4, 2), name="新")))
    found = program.collection_item("blocks", "B004")
    assert found["properties"]["town_code"] == EAST_TOWN
    program.headers["If-Match"] = program.response_headers["ETag"]
    found["properties"]["name"] = "改"
    assert program.collection_item_update("blocks", "B004", json.dumps(found))
    program.headers["If-Match"] = program.response_headers["ETag"]
    assert program.collection_item("blocks", "B004")["properties"]["name"] == "改"
    assert program.collection_item_delete("blocks", "B004")
    with pytest.raises(RuntimeError, match="404"):
        program.collection_item("blocks", "B004")


def test_gdal_reads_what_was_changed(address, send):
    assert send("PATCH", "blocks/items/B002", {"properties": {"name": "改"}}).status_code == 200
    # GDAL keeps the interpreter to itself while it waits, and so needs one of its own; ours goes without most drivers
    environment = {name: value for name, value in os.environ.items() if name != "GDAL_SKIP"}
    script = f"import pyogrio; print(*pyogrio.read_dataframe('OAPIF:{address[0]}collections/blocks').name)"
    command = [sys.executable, "-c", script]
    found = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)  # noqa: S603 - our own words
    assert sorted(found.stdout.split()) == ["区块B001", "区块B003", "改"], found.stderr
