"""OGC API Features, Part 1 and Part 2: each test is named after the requirement it shows."""

import re
from datetime import UTC, datetime

import pyproj
import pytest
from makers import add_point, add_unit, at
from ogc import CRS84, EPSG, by_rel, keys

from geodata.catalog import COLLECTIONS
from geodata.models import Project

OPEN = [one.id for one in COLLECTIONS if one.read == "map.read"]


# --- A1 to A3 ------------------------------------------------------------------------------------------


def test_a1_the_landing_page_leads_to_everything(ogc):
    links = by_rel(ogc("/")["links"])
    assert {"self", "alternate", "conformance", "data"} <= set(links)
    for one in links["data"] + links["conformance"]:
        assert one["href"].startswith("http://localhost/ogc/")


def test_a2_conformance_lists_classes(ogc):
    told = ogc("/conformance")["conformsTo"]
    assert len(told) == len(set(told))
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in told
    assert "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs" in told


def test_a3_collections_say_the_same_of_themselves_in_both_places(ogc):
    listed = ogc("/collections")
    assert [one["id"] for one in listed["collections"]] == OPEN
    for one in listed["collections"]:
        alone = ogc(f"/collections/{one['id']}")
        for name in ("id", "title", "description", "extent", "itemType", "crs", "storageCrs"):
            assert alone[name] == one[name]
        links = by_rel(alone["links"])
        assert {link["type"] for link in links["items"]} == {"application/geo+json", "text/html"}
        assert {"self", "alternate"} <= set(links)


def test_a3_the_extent_encloses_every_feature(ogc):
    west, south, east, north = ogc("/collections/units")["extent"]["spatial"]["bbox"][0]
    for feature in ogc("/collections/units/items")["features"]:
        if feature["geometry"]:
            lon, lat = feature["geometry"]["coordinates"]
            assert west <= lon <= east
            assert south <= lat <= north


def test_a3_the_extent_follows_what_is_stored(ogc, records):
    before = ogc("/collections/points")["extent"]["spatial"]["bbox"][0]
    assert before == [-180, -90, 180, 90]
    with records() as session:
        add_point(session, "P1", 0.5, 0.5)
    lon, lat = at(0.5, 0.5)
    assert ogc("/collections/points")["extent"]["spatial"]["bbox"][0] == pytest.approx([lon, lat, lon, lat])


def test_a3_the_reserved_name_does_not_exist(ogc):
    assert ogc("/collections/dUmmYColLection", 404)["status"] == 404


def test_a3_times_are_told_where_there_are_any(ogc, records):
    with records() as session:
        days = {"starts_on": datetime(2026, 3, 2, tzinfo=UTC).date(), "ends_on": None}
        session.add(Project(code="J1", name="x", joint="welfare", stage="agreed", level="district", **days))
    assert "temporal" not in ogc("/collections/units")["extent"]
    begins, ends = ogc("/collections/projects")["extent"]["temporal"]["interval"][0]
    assert (begins[:10], ends) == ("2026-03-02", None)


def test_a3_times_from_before_zones_of_whole_minutes_are_told_in_utc(ogc):
    begins, _ends = ogc("/collections/districts")["extent"]["temporal"]["interval"][0]
    # midnight of 1900 in Shanghai, which was 8 h 5 min 43 s ahead then
    assert begins == "1899-12-31T15:54:17+00:00"


# --- A4, A5 --------------------------------------------------------------------------------------------


def test_a4_items_are_a_feature_collection_with_its_links(client, ogc):
    answer = client.get("/ogc/collections/units/items?limit=4")
    assert answer.mimetype == "application/geo+json"
    told = ogc("/collections/units/items?limit=4")
    assert (told["type"], told["numberReturned"], told["numberMatched"]) == ("FeatureCollection", 4, 11)
    assert len(told["features"]) == 4
    assert datetime.fromisoformat(told["timeStamp"]).utcoffset().total_seconds() == 0
    links = by_rel(told["links"])
    assert {"self", "alternate", "next", "collection"} <= set(links)
    assert links["next"][0]["type"] == "application/geo+json"
    assert "next" not in by_rel(ogc("/collections/units/items")["links"])


def test_a4_features_are_told_with_their_properties(ogc):
    first = ogc("/collections/units/items?code=U1")["features"][0]
    assert (first["type"], first["id"], first["properties"]["name"]) == ("Feature", "U1", "单位1")
    assert first["geometry"] == {"type": "Point", "coordinates": pytest.approx(at(0.35, 0.5))}


@pytest.mark.parametrize(("limit", "count"), [("1", 1), ("11", 11), ("10001", 11), ("999999999999", 11)])
def test_a5_more_than_the_most_is_the_most(ogc, limit, count):
    assert ogc(f"/collections/units/items?limit={limit}")["numberReturned"] == count


@pytest.mark.parametrize("limit", ["0", "-1", "1.5", "", "x", "unlimited", "١", "1e3", "%201_0", "9" * 30])
def test_a5_a_limit_that_is_none_is_refused(ogc, limit):
    assert ogc(f"/collections/units/items?limit={limit}", 400)["status"] == 400


# --- A6, A7 --------------------------------------------------------------------------------------------


def test_a6_a_box_leaves_what_lies_in_it_and_what_lies_nowhere(ogc):
    (west, south), (east, north) = at(0, 0), at(1, 1)
    expected = ["NOWHERE", "U0", "U1", "U2"]
    assert keys(ogc(f"/collections/units/items?bbox={west},{south},{east},{north}")) == expected
    assert keys(ogc(f"/collections/units/items?bbox={west},{south},-10,{east},{north},9000")) == expected


@pytest.mark.parametrize(
    "box", ["177,65,-177,70", "-180,85,180,90", "-180,-90,180,-85", "-180,-90,180,90", "-185,-95,185,95"]
)
def test_a6_boxes_around_the_back_of_the_world_and_at_its_caps_are_boxes(ogc, box):
    found = keys(ogc(f"/collections/units/items?bbox={box}"))
    assert found == (
        ["NOWHERE", *(f"U{n}" for n in range(10))] if box.endswith(("90,180,90", "185,95")) else ["NOWHERE"]
    )


@pytest.mark.parametrize(
    "box",
    [
        "",
        "1,2,3",
        "1,2,3,4,5",
        "1,2,3,4,5,6,7",
        "a,b,c,d",
        "1,2,NaN,4",
        "1,2,Infinity,4",
        "1,9,3,4",
        "1,2,3,1e999",
        "1;2;3;4",
    ],
)
def test_a6_a_box_that_is_none_is_refused(ogc, box):
    ogc(f"/collections/units/items?bbox={box}", 400)


@pytest.fixture
def projects(records, ten_units):
    days = {"MARCH": ("2026-03-01", "2026-03-31"), "SINCE": ("2026-04-01", None), "EVER": (None, None)}
    with records() as session:
        for code, (starts, ends) in days.items():
            facts = {"name": code, "joint": "welfare", "stage": "agreed", "level": "district"}
            session.add(Project(code=code, starts_on=starts, ends_on=ends, **facts))


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("2026-03-31", "EVER MARCH"),
        ("2026-04-01", "EVER SINCE"),
        ("2026-03-31T15:59:59Z", "EVER MARCH"),
        ("2026-03-31T16:00:00Z", "EVER SINCE"),
        ("2026-04-01T00:00:00%2B08:00", "EVER SINCE"),
        ("2026-04-01T00:00:00+08:00", "EVER SINCE"),
        ("2026-03-31T23:59:59.999%2B08:00", "EVER MARCH"),
        ("../2026-03-05", "EVER MARCH"),
        ("/2026-02-05", "EVER"),
        ("2026-05-01/..", "EVER SINCE"),
        ("2026-05-01/", "EVER SINCE"),
        ("2026-03-30/2026-04-02", "EVER MARCH SINCE"),
        ("2026-03-30/P2D", "EVER MARCH"),
        ("2026-03-30/P3D", "EVER MARCH SINCE"),
        ("P1M/2026-04-02", "EVER MARCH SINCE"),
        ("2026-03-31T00:00:00Z/PT15H", "EVER MARCH"),
        ("2026-03-31T00:00:00Z/PT16H", "EVER MARCH SINCE"),
        ("0001-01-01/9999-12-30", "EVER MARCH SINCE"),
    ],
)
def test_a7_times_leave_what_they_touch_and_what_has_none(ogc, projects, when, expected):
    assert keys(ogc(f"/collections/projects/items?datetime={when}")) == expected.split()


@pytest.mark.parametrize(
    "when",
    [
        *("", "../..", "/", "..", "2026", "2026-13-01", "2026-02-30", "20260301", "2026-03-01T25:00:00Z"),
        *("2026-03-01T08:00:00", "2026-04-01/2026-03-01", "2026-03-01/2026-03-02/2026-03-03", "now", "P2D", "P2D/P2D"),
        *("2026-03-01/P", "2026-03-01/P1", "../P2D", "2026-03-01/P9999Y", "9999-12-31", "0000-01-01", "٢٠٢٦-03-01"),
    ],
)
def test_a7_times_that_are_none_are_refused(ogc, when):
    ogc(f"/collections/projects/items?datetime={when}", 400)


# --- A8 to A10 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/?x=1",
            "/conformance?x=1",
            "/collections?limit=1",
            "/collections/units?bbox=1,2,3,4",
            "/collections/units/queryables?x",
        ),
        *("/collections/units/items?unknownQueryParameter7=1", "/collections/units/items/U1?limit=1"),
        *("/collections/units/items?f=xml", "/collections/units/items?f=", "/collections/units/items?limit=1&limit=2"),
        *(
            "/collections/units/items?capacity=many",
            "/collections/units/items?is_active=yes",
            "/collections/units/items?after=x",
        ),
        *(
            "/collections/units/items?sortby=secret",
            "/collections/units/items?sortby=",
            "/collections/units/items?sortby=code;drop",
        ),
    ],
)
def test_a8_what_is_unknown_is_refused(ogc, path):
    problem = ogc(path, 400)
    assert {"type", "title", "status", "detail"} <= set(problem)


def test_a9_one_feature_has_the_id_of_its_address(ogc):
    feature = ogc("/collections/units/items/U3")
    assert (feature["type"], feature["id"]) == ("Feature", "U3")
    assert {"self", "alternate", "collection"} <= set(by_rel(feature["links"]))


@pytest.mark.parametrize(
    "path", ["/collections/units/items/U99", "/collections/nothing/items/U1", "/collections/nothing/items"]
)
def test_a9_what_is_not_there_is_404(ogc, path):
    assert ogc(path, 404)["status"] == 404


def test_a9_an_id_with_any_letters_leads_back_to_its_feature(ogc, records):
    name = "U/1 %?#|𠮷"
    with records() as session:
        add_unit(session, name, 1, 1)
    told = ogc(f"/collections/units/items?code={'U/1%20%25%3F%23|𠮷'}&f=json")
    assert keys(told) == [name]
    assert ogc("/collections/units/items/U%2F1%20%25%3F%23%7C%F0%A0%AE%B7")["id"] == name


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/conformance",
        "/collections",
        "/collections/units",
        "/collections/units/items?limit=2",
        "/collections/units/items/U1",
    ],
)
def test_a10_every_page_has_all_the_links_of_its_json(client, ogc, path):
    page = client.get(f"/ogc{path}", headers={"Accept": "text/html"})
    assert page.mimetype == "text/html"
    hrefs = {href.replace("&amp;", "&") for href in re.findall(r'<a [^>]*href="([^"]+)"', page.text)}
    hrefs |= {re.sub("&#39;", "'", href) for href in hrefs}
    for one in ogc(path)["links"]:
        # the page leads on to pages
        assert one["href"] in hrefs or one["href"].replace("f=json", "f=html") in hrefs, one


@pytest.mark.parametrize(
    ("accept", "mimetype"),
    [
        ("*/*", "application/geo+json"),
        ("", "application/geo+json"),
        ("application/geo+json, application/json", "application/geo+json"),
        ("application/json", "application/geo+json"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("text/html", "text/html"),
        ("text/html;q=0.5, application/geo+json", "application/geo+json"),
    ],
)
def test_the_encoding_is_the_one_that_is_accepted(client, ten_units, accept, mimetype):
    assert client.get("/ogc/collections/units/items", headers={"Accept": accept}).mimetype == mimetype


def test_f_goes_before_what_is_accepted(client, ten_units):
    assert client.get("/ogc/?f=json", headers={"Accept": "text/html"}).mimetype == "application/json"
    assert client.get("/ogc/?f=html", headers={"Accept": "application/json"}).mimetype == "text/html"


def test_an_answer_says_on_what_it_depends(client, ten_units):
    answer = client.get("/ogc/collections")
    assert {"Accept", "Accept-Language", "Cookie"} <= set(answer.headers["Vary"].split(", "))


# --- A11, A12 ------------------------------------------------------------------------------------------


def test_a11_problems_have_one_shape(client, ten_units):
    answer = client.get("/ogc/collections/units/items?bbox=1", headers={"Accept": "application/geo+json"})
    assert answer.mimetype == "application/problem+json"
    assert {"type", "title", "status", "detail"} <= set(answer.json)
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("limit", [1, 2, 3, 10, 11, 10_000])
def test_a12_following_next_gives_each_feature_once(ogc, limit):
    found, path = [], f"/collections/units/items?limit={limit}&sortby=-name"
    while path:
        told = ogc(path)
        found += keys(told)
        path = by_rel(told["links"]).get("next", [{}])[0].get("href")
    assert sorted(found) == ["NOWHERE", *(f"U{number}" for number in range(10))]
    assert found[-1] == "U0"


def test_a12_the_next_page_keeps_what_was_asked(ogc):
    (west, south), (east, north) = at(-1, 0), at(9, 1)
    asked = f"limit=2&bbox={west},{south},{east},{north}&bbox-crs={CRS84}&crs={EPSG}4549&sortby=-code&is_active=true"
    (following,) = by_rel(ogc(f"/collections/units/items?{asked}&f=json")["links"])["next"]
    for part in ("limit=2", "bbox=", "bbox-crs=", "4549", "sortby=-code", "is_active=true", "f=json"):
        assert part in following["href"]
    assert keys(ogc(following["href"])) == ["U7", "U6"]


def test_a12_a_mark_holds_for_its_collection_and_its_order_only(ogc):
    (following,) = by_rel(ogc("/collections/units/items?limit=2")["links"])["next"]
    mark = re.search(r"after=([^&]+)", following["href"])[1]
    ogc(f"/collections/units/items?after={mark}")
    ogc(f"/collections/units/items?after={mark}&sortby=name", 400)
    ogc(f"/collections/points/items?after={mark}", 400)
    ogc(f"/collections/units/items?after={mark[:-1]}", 400)


def test_the_whole_is_counted_once_and_not_on_the_pages_that_follow(ogc):
    first = ogc("/collections/units/items?limit=2")
    assert first["numberMatched"] == 11
    assert "numberMatched" not in ogc(by_rel(first["links"])["next"][0]["href"])


# --- B: coordinate reference systems -------------------------------------------------------------------


def test_b1_every_collection_is_offered_in_its_crs(ogc):
    for one in ogc("/collections")["collections"]:
        assert CRS84 in one["crs"]
        assert {f"{EPSG}{srid}" for srid in (4326, 4490, 4549, 3857)} <= set(one["crs"])
        assert one["storageCrs"] in one["crs"]


@pytest.mark.parametrize("name", ["crs", "bbox-crs"])
@pytest.mark.parametrize("crs", ["", "EPSG:2437", f"{EPSG}99999", "http://127.0.0.1/crs", "4326"])
def test_b2_a_crs_that_is_not_offered_is_refused_by_name(ogc, name, crs):
    assert crs in ogc(f"/collections/units/items?{name}={crs}", 400)["detail"]
    if name == "crs":
        ogc(f"/collections/units/items/U1?crs={crs}", 400)


@pytest.mark.parametrize("crs", [None, CRS84, f"{EPSG}4326", f"{EPSG}4490", f"{EPSG}4549", f"{EPSG}3857"])
@pytest.mark.parametrize("path", ["items", "items/U1", "items?f=html", "items/U1?f=html"])
def test_b3_every_answer_names_its_crs(client, ten_units, path, crs):
    more = "" if crs is None else f"{'&' if '?' in path else '?'}crs={crs}"
    answer = client.get(f"/ogc/collections/units/{path}{more}")
    assert answer.headers["Content-Crs"] == f"<{crs or CRS84}>"


@pytest.mark.parametrize(("srid", "is_yx"), [(4326, True), (4490, True), (4549, True), (3857, False)])
def test_b4_coordinates_and_boxes_are_in_the_order_of_the_crs(ogc, srid, is_yx):
    lon, lat = at(0.35, 0.5)
    x, y = pyproj.Transformer.from_crs(4326, srid, always_xy=True).transform(lon, lat)
    pair = (y, x) if is_yx else (x, y)
    got = ogc(f"/collections/units/items/U1?crs={EPSG}{srid}")["geometry"]["coordinates"]
    limit = 1e-8 if abs(x) <= 180 else 1e-3
    assert got == pytest.approx(pair, abs=limit)
    (a, b), step = pair, 10 * limit
    box = f"{a - step},{b - step},{a + step},{b + step}"
    assert keys(ogc(f"/collections/units/items?bbox={box}&bbox-crs={EPSG}{srid}")) == ["NOWHERE", "U1"]


# --- who is told what ----------------------------------------------------------------------------------


def test_collections_of_others_are_neither_listed_nor_opened(ogc, signed_in):
    ogc("/collections/tickets/items", 401)
    ogc("/collections/tickets/queryables", 401)
    listed = signed_in("viewer").get("/ogc/collections", headers={"Accept": "application/json"}).json
    assert {"tickets", "meetings", "registrations"} <= {one["id"] for one in listed["collections"]}
    assert "whistle_calls" not in {one["id"] for one in listed["collections"]}


def test_free_text_is_told_masked_and_cannot_be_asked_for(told_ticket, signed_in):
    viewer, district = signed_in("viewer"), signed_in("district")
    whole = "/ogc/collections/tickets/items"
    assert "13812345678" not in viewer.get(whole).text
    assert "13812345678" not in viewer.get(f"{whole}/T1").text
    assert "13812345678" not in viewer.get(f"{whole}/T1?f=html").text
    assert "13812345678" in district.get(whole).text
    asked = "title=%E6%89%93%2013812345678"
    assert viewer.get(f"{whole}?{asked}").status_code == 400
    assert viewer.get(f"{whole}?sortby=title").status_code == 400
    assert keys(district.get(f"{whole}?{asked}").get_json(force=True)) == ["T1"]
    for browser, there in ((viewer, False), (district, True)):
        told = browser.get("/ogc/collections/tickets/queryables", headers={"Accept": "application/json"})
        assert ("title" in told.get_json(force=True)["properties"]) is there
