"""OGC API Features Part 4: each test is named after the requirement it shows."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pyproj
import pytest
from editing import EAST_TOWN, EPSG, FIRST, GEOJSON, PATCH, SECOND, WEST_TOWN, as_read, box, feature, fill, point
from makers import at, today
from sqlalchemy import func, select, text

from geodata.models import (
    Area,
    DutyDeputy,
    ImportRun,
    MemberUnit,
)
from geodata.models.base import OPEN_START
from geodata.services.stamps import check_stamps

FILLED_BY = {"filled_ground": fill}


# --- D1 ------------------------------------------------------------------------------------------------

READ, CHANGE = {"GET", "HEAD", "OPTIONS"}, {"PUT", "PATCH", "DELETE"}


@pytest.mark.parametrize(
    ("role", "area", "posts", "changes"),
    [
        (None, None, "", ""),
        ("viewer", None, "", ""),
        ("officer", WEST_TOWN, "", ""),
        ("town_office", WEST_TOWN, "blocks points", "B001"),
        ("planner", None, "blocks points towns villages grid_cells", "B001 B003 towns"),
        ("district", None, "blocks points towns villages grid_cells", "B001 B003 towns"),
        ("admin", None, "blocks points towns villages grid_cells", "B001 B003 towns"),
    ],
)
def test_d1_options_tell_what_this_caller_may_do(filled_ground, client, signed_in, role, area, posts, changes):
    browser = client if role is None else signed_in(role, area_code=area)
    for id_ in ("blocks", "points", "towns", "villages", "grid_cells", "units"):
        answer = browser.options(f"/ogc/collections/{id_}/items")
        assert answer.status_code == 200
        assert set(answer.allow) == READ | ({"POST"} if id_ in posts.split() else set())
    items = {"B001": "blocks/items/B001", "B003": "blocks/items/B003", "towns": f"towns/items/{WEST_TOWN}"}
    for name, path in {**items, "unit": "units/items/U1"}.items():
        answer = browser.options(f"/ogc/collections/{path}")
        assert answer.status_code == 200
        assert set(answer.allow) == READ | (CHANGE if name in changes.split() else set())


def test_d1_options_of_what_is_not_there_are_404(send):
    assert send("OPTIONS", "blocks/items/B999").status_code == 404
    assert send("OPTIONS", "nothing/items").status_code == 404


def test_d1_what_is_not_allowed_says_what_is(send):
    answer = send("POST", "units/items", feature(None))
    assert answer.status_code == 405
    assert set(answer.allow) == READ
    assert send("DELETE", "units/items/U1", match='"x"').status_code == 405


# --- D2 ------------------------------------------------------------------------------------------------


def test_d2_a_new_block_gets_a_code_and_says_where_it_is(send, records):
    body = {**feature(box(3, 0, 4, 2), name="新区块", holder_code="U1"), "id": "B777"}
    answer = send("POST", "blocks/items", body)
    assert (answer.status_code, answer.mimetype) == (201, GEOJSON)
    told = json.loads(answer.text)
    assert told["id"] == "B004"
    assert (told["properties"]["town_code"], told["properties"]["holder_name"]) == (EAST_TOWN, "物业甲")
    assert answer.headers["Location"] == "http://localhost/ogc/collections/blocks/items/B004"
    found = send("GET", answer.headers["Location"])
    assert found.headers["ETag"] == answer.headers["ETag"]
    assert json.loads(found.text)["geometry"] == told["geometry"]
    with records() as session:
        run = session.scalars(select(ImportRun).order_by(ImportRun.id.desc())).first()
        assert (run.kind, run.actor, run.report["did"], run.report["code"]) == ("blocks", "planner", "add", "B004")


def test_d2_a_new_point_is_stamped_by_where_it_lies(send):
    told = json.loads(send("POST", "points/items", feature(point(1.5, 1), name="新点", block_code="B002")).text)
    assert told["properties"]["village_code"] == SECOND
    assert told["properties"]["radius_m"] == 50


def test_d2_a_code_of_ones_own_is_taken_where_it_is_free(send):
    body = feature(box(3, 0, 4, 2), name="新", code="EAST-1")
    assert json.loads(send("POST", "blocks/items", body).text)["id"] == "EAST-1"
    assert send("POST", "blocks/items", body).status_code == 422


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("villages/items", feature(None, code="310112102009", name="四村", town_code=EAST_TOWN), 201),
        ("villages/items", feature(box(3, 0, 4, 1), code="310112102009", name="四村", town_code=EAST_TOWN), 201),
        ("villages/items", feature(box(3, 0, 4, 1), name="四村", town_code=EAST_TOWN), 422),
        ("villages/items", feature(box(3, 0, 4, 1), code="310112102009", name="四村"), 422),
        ("villages/items", feature(box(3, 0, 4, 1), code="310112102009", name="四村", town_code="310112109000"), 422),
        ("villages/items", feature(box(3, 0, 4, 1), code="310112102009", town_code=EAST_TOWN), 422),
        ("villages/items", feature(box(1.5, 0, 2.5, 1), code="310112102009", name="四村", town_code=EAST_TOWN), 422),
        ("villages/items", feature(None, code="310113102009", name="四村", town_code=EAST_TOWN), 422),
        ("villages/items", feature(None, code="3101", name="四村", town_code=EAST_TOWN), 422),
        ("villages/items", feature(None, code="310112102001", name="四村", town_code=EAST_TOWN), 422),
        ("towns/items", feature(box(4, 0, 5, 2), code="310112103000", name="南镇"), 201),
        ("towns/items", feature(box(3.9, 0, 5, 2), code="310112103000", name="南镇"), 422),
        ("towns/items", feature(box(94, 0, 95, 2), code="310112103000", name="南镇"), 422),
        ("grid_cells/items", feature(box(1, 0, 2, 2), code=f"{SECOND}001"), 201),
        ("grid_cells/items", feature(box(0.9, 0, 2, 2), code=f"{SECOND}001"), 422),
        ("grid_cells/items", feature(box(0, 0, 0.5, 2), code=f"{FIRST}003"), 422),
        ("grid_cells/items", feature(box(1, 0, 2, 2), code=f"{FIRST}001"), 422),
        ("grid_cells/items", feature(box(1, 0, 2, 2), code="310112101009001"), 422),
        ("grid_cells/items", feature(box(1, 0, 2, 2), code="C1"), 422),
        ("grid_cells/items", feature(None, code=f"{SECOND}001"), 422),
        ("grid_cells/items", feature(box(1, 0, 2, 2)), 422),
        ("points/items", feature(None, name="没有地方"), 422),
        ("points/items", feature(None, name="某处", block_code="B002"), 201),
        ("points/items", feature(point(9, 9), name="区外"), 422),
        ("points/items", feature(point(3.5, 1), name="别镇", block_code="B001"), 422),
        ("blocks/items", feature(None, name="没有边界"), 422),
        ("blocks/items", feature(box(0, 0, 1, 1), name="重叠"), 422),
        ("blocks/items", feature(box(3, 0, 3.001, 0.001), name="太小"), 422),
        ("blocks/items", feature(box(3, 0, 4, 2), name="无此单位", holder_code="U9"), 422),
    ],
)
def test_d2_what_a_new_one_must_be(send, records, path, body, status):
    with records() as session:
        before = session.scalar(text("SELECT count(*) FROM import_run"))
    answer = send("POST", path, body)
    assert answer.status_code == status, answer.text
    with records() as session:
        assert check_stamps(session) == []
        assert session.scalar(text("SELECT count(*) FROM import_run")) == before + (status == 201)


# --- D3 ------------------------------------------------------------------------------------------------


def test_d3_put_replaces_all_that_can_be_set(send, records):
    body = as_read(send, "points/items/P001")
    body["properties"] = {"name": "改名", "radius_m": 80}
    answer = send("PUT", "points/items/P001", body)
    assert answer.status_code == 200
    told = json.loads(answer.text)["properties"]
    assert (told["name"], told["radius_m"], told["kind"], told["address"], told["block_code"]) == (
        "改名",
        80,
        None,
        None,
        None,
    )
    assert answer.headers["ETag"] == send("GET", "points/items/P001").headers["ETag"]


@pytest.mark.parametrize("crs", [None, "4326", "4490", "4549", "3857"])
@pytest.mark.parametrize(
    "path", ["blocks/items/B001", "points/items/P001", f"towns/items/{WEST_TOWN}", f"grid_cells/items/{FIRST}001"]
)
def test_d3_what_comes_back_as_it_went_changes_nothing(send, records, path, crs):
    uri = f"?crs={EPSG}{crs}" if crs else ""
    body, before = as_read(send, f"{path}{uri}"), send("GET", path).headers["ETag"]
    headers = {"Content_Crs": f"<{EPSG}{crs}>"} if crs else {}
    answer = send("PUT", path, body, **headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["ETag"] == before
    with records() as session:
        assert session.scalar(text("SELECT count(*) FROM import_run")) == 0
        assert session.scalar(select(func.count()).where(DutyDeputy.of_code == "B001")) == 1


@pytest.mark.parametrize(
    ("change", "status"),
    [({"id": "B002"}, 422), ({"id": "B001"}, 200), ({"properties": {"name": "x", "code": "B002"}}, 422)],
)
def test_d3_another_id_in_the_body_is_refused(send, change, status):
    body = {**as_read(send, "blocks/items/B001"), **change}
    assert send("PUT", "blocks/items/B001", body).status_code == status


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "path", ["blocks/items/B9", "points/items/P9", "towns/items/1", "villages/items/1", "grid_cells/items/1"]
)
def test_d3_what_is_absent_is_404_and_412_where_a_version_is_told(send, method, path):
    body = feature(box(3, 0, 4, 2), name="x")
    assert send(method, path, body, match=None).status_code == 404
    assert send(method, path, body, match='"x"').status_code == 412
    assert send(method, path, body, match="*").status_code == 412


# --- D4 ------------------------------------------------------------------------------------------------


def test_d4_what_nothing_hangs_on_is_removed(send, records):
    assert send("DELETE", "points/items/P001").status_code == 204
    assert send("GET", "points/items/P001").status_code == 404
    answer = send("DELETE", "blocks/items/B001")
    assert (answer.status_code, answer.data) == (204, b"")
    with records() as session:
        assert session.scalar(select(func.count()).where(DutyDeputy.of_code == "B001")) == 0


@pytest.mark.parametrize(
    "path",
    ["blocks/items/B001", f"towns/items/{WEST_TOWN}", f"villages/items/{FIRST}", f"grid_cells/items/{FIRST}002"],
)
def test_d4_what_others_hang_on_is_409_and_says_which(send, path):
    before = send("GET", path).text
    answer = send("DELETE", path)
    assert answer.status_code == 409
    assert "still has" in json.loads(answer.text)["detail"]
    assert send("GET", path).text == before


def test_d4_an_area_that_ends_is_found_by_tickets_of_its_days(send, records):
    assert send("DELETE", "villages/items/310112102001").status_code == 204
    with records() as session:
        rows = session.scalars(select(Area).where(Area.code == "310112102001")).all()
        assert [(row.valid_from, row.valid_to) for row in rows] == [(OPEN_START, today())]


# --- D6 ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "match", "status"),
    [
        ("PATCH", None, 428),
        ("PUT", None, 428),
        ("DELETE", None, 428),
        ("PATCH", '"stale"', 412),
        ("PUT", '"stale"', 412),
        ("DELETE", '"stale"', 412),
        ("PATCH", 'W/"{}"', 412),
        ("PATCH", '"stale", "{}"', 200),
        ("PATCH", "*", 200),
        ("PATCH", '"{}"', 200),
        ("PUT", '"{}"', 200),
    ],
)
def test_d6_a_change_says_which_version_it_changes(send, method, match, status):
    path = "blocks/items/B002"
    now = send("GET", path).headers["ETag"].strip('"')
    body = as_read(send, path) if method == "PUT" else {"properties": {"name": "改"}}
    answer = send(method, path, body, match=match and match.format(now))
    assert answer.status_code == status, answer.text


def test_d6_the_version_is_that_of_the_record_however_it_is_told(send):
    path = f"towns/items/{WEST_TOWN}"
    tags = {
        send("GET", path + query, **headers).headers["ETag"]
        for query in ("", f"?crs={EPSG}4549", "?lang=en", "?lang=zh_Hans")
        for headers in ({}, {"Accept_Encoding": "gzip"})
    }
    assert len(tags) == 1
    (tag,) = tags
    assert not tag.startswith("W/")
    assert send("GET", path, If_None_Match=tag).status_code == 304
    assert "ETag" not in send("GET", "units/items/U1").headers


def test_d6_a_packed_feature_keeps_the_version_it_can_be_changed_by(send):
    ring = [list(at(1 + step / 100, 0)) for step in range(100)] + [list(at(2, 2)), list(at(1, 2)), list(at(1, 0))]
    assert (
        send("PATCH", "blocks/items/B002", {"geometry": {"type": "Polygon", "coordinates": [ring]}}).status_code == 200
    )
    packed = send("GET", "blocks/items/B002", Accept_Encoding="gzip")
    assert packed.headers["Content-Encoding"] == "gzip"
    answer = send("PATCH", "blocks/items/B002", {"properties": {"name": "改"}}, match=packed.headers["ETag"])
    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["blocks/items/B002", f"villages/items/{SECOND}", "points/items/P001"])
def test_d6_of_fifty_changes_of_one_version_one_is_made(app, send, records, path):
    tag = send("GET", path).headers["ETag"]
    cookie = send.browser.get_cookie("wangge").value
    start = threading.Barrier(50)

    def change(number):
        browser = app.test_client()
        browser.set_cookie("wangge", cookie)
        body = json.dumps({"properties": {"name": f"第{number}"}})
        start.wait()
        while True:
            headers = {"If-Match": tag}
            answer = browser.patch(f"/ogc/collections/{path}", data=body, content_type=PATCH, headers=headers)
            # no room just now is no answer about the version
            if answer.status_code != 503:
                return answer.status_code

    with ThreadPoolExecutor(50) as pool:
        statuses = list(pool.map(change, range(50)))
    assert sorted(set(statuses)) == [200, 412]
    assert statuses.count(200) == 1
    with records() as session:
        assert session.scalar(text("SELECT count(*) FROM import_run")) == 1


# --- D7 ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("srid", "is_yx"), [(4326, True), (4490, True), (4549, True), (3857, False)])
def test_d7_coordinates_are_in_the_crs_that_is_named_in_its_order(send, srid, is_yx):
    x, y = pyproj.Transformer.from_crs(4326, srid, always_xy=True).transform(*at(0.25, 0.75))
    body = {"geometry": {"type": "Point", "coordinates": [y, x] if is_yx else [x, y]}}
    answer = send("PATCH", "points/items/P001", body, Content_Crs=f"<{EPSG}{srid}>")
    assert answer.status_code == 200, answer.text
    assert json.loads(answer.text)["geometry"]["coordinates"] == pytest.approx(at(0.25, 0.75), abs=1e-8)
    assert answer.headers["Content-Crs"] == "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"


@pytest.mark.parametrize("crs", [f"<{EPSG}2154>", "x", "", "<>", "file:///etc/passwd", "+proj=longlat"])
def test_d7_another_crs_is_refused(send, crs):
    assert send("PATCH", "points/items/P001", {"geometry": point(0, 0)}, Content_Crs=crs).status_code == 400


def test_d7_the_wrong_order_is_no_place_here(send):
    lon, lat = at(0.5, 0.5)
    body = {"geometry": {"type": "Point", "coordinates": [lat, lon]}}
    assert send("PATCH", "points/items/P001", body).status_code == 422


# --- D8 ------------------------------------------------------------------------------------------------


def test_d8_a_patch_changes_what_it_names_and_null_takes_away(send, records):
    before = as_read(send, "points/items/P001")
    answer = send("PATCH", "points/items/P001", {"properties": {"kind": None, "holder_code": "U2"}})
    told = json.loads(answer.text)
    changed = {"kind": None, "holder_code": "U2", "holder_name": "物业乙"}
    assert told["properties"] == before["properties"] | changed
    assert told["geometry"] == before["geometry"]
    told = json.loads(send("PATCH", "points/items/P001", {"geometry": None}).text)
    assert (told["geometry"], told["properties"]["town_code"], told["properties"]["address"]) == (None, None, "某路1号")
    with records() as session:
        assert check_stamps(session) == []


def test_d8_a_point_with_another_address_stays_where_it_is(send):
    before = as_read(send, "points/items/P001")
    told = json.loads(send("PATCH", "points/items/P001", {"properties": {"address": "东川路800号"}}).text)
    assert told["geometry"] == before["geometry"]
    assert told["properties"] == before["properties"] | {"address": "东川路800号"}


def test_d8_deputies_stay_with_a_block_that_is_patched(send, records):
    assert send("PATCH", "blocks/items/B001", {"properties": {"name": "改名"}}).status_code == 200
    with records() as session:
        rows = session.execute(
            select(MemberUnit.code, DutyDeputy.role).join(DutyDeputy, DutyDeputy.unit_id == MemberUnit.id)
        )
        assert [tuple(row) for row in rows] == [("U2", "副")]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 200),
        ({"properties": {}}, 200),
        ({"properties": {"name": None}}, 422),
        ({"properties": None}, 422),
        ({"properties": []}, 422),
        ({"type": "FeatureCollection"}, 422),
        ({"type": None}, 422),
        ({"id": "B001"}, 422),
        ({"crs": {"type": "link", "properties": {"href": "http://127.0.0.1:9/"}}}, 422),
        ({"properties": {"nonsense": 1}}, 422),
        ({"properties": {"nonsense": None}}, 200),
        ({"properties": {"name": 5}}, 422),
        ({"properties": {"name": "x" * 81}}, 422),
        ({"properties": {"name": "a\u0000b"}}, 422),
        ({"properties": {"name": ["x"]}}, 422),
        ({"properties": {"team_code": "T9"}}, 422),
        ({"properties": {"region_code": "R9"}}, 422),
    ],
)
def test_d8_what_a_patch_may_say(send, body, status):
    assert send("PATCH", "blocks/items/B002", body).status_code == status


@pytest.mark.parametrize(("radius", "status"), [(80, 200), (None, 200), (0, 422), (1e9, 422), ("80", 422), (True, 422)])
def test_d8_numbers_are_numbers(send, radius, status):
    assert send("PATCH", "points/items/P001", {"properties": {"radius_m": radius}}).status_code == status


# --- what the schema says ------------------------------------------------------------------------------


def test_the_schema_says_what_cannot_be_set(send):
    told = json.loads(send("GET", "blocks/schema").text)["properties"]["properties"]["properties"]
    fixed = {name for name, one in told.items() if one.get("readOnly")}
    assert fixed == {"town_code", "holder_name", "team_name"}
    units = json.loads(send("GET", "units/schema").text)["properties"]["properties"]["properties"]
    assert not any("readOnly" in one for one in units.values())


def test_s20_what_cannot_be_set_is_not_set(send, records):
    sly = {"town_code": EAST_TOWN, "holder_name": "x", "team_name": "x"}
    answer = send("PATCH", "blocks/items/B001", {"properties": {"name": "改", **sly}})
    told = json.loads(answer.text)["properties"]
    assert (told["name"], told["town_code"], told["holder_name"]) == ("改", WEST_TOWN, "物业甲")
    for name in ("id", "holder_id", "team_id", "geom", "role", "created_at", "valid_from"):
        assert send("PATCH", "blocks/items/B001", {"properties": {name: "1"}}).status_code == 422
