"""The OGC API as clients of others read it: GDAL, GeoPandas, OWSLib, each against what SQL says."""

import json
import threading
from urllib.request import Request, urlopen

import numpy as np
import pyproj
import pytest
from gdal_programs import count_in, extent_in, gdal, read_frame
from makers import add_areas
from owslib.ogcapi.features import Features
from servers import serving_apart
from sqlalchemy import text

from geodata.catalog import COLLECTIONS
from geodata.db import make_engine, session_on
from geodata.services import api_keys
from geodata.services.users import add_user

OPEN = [one.id for one in COLLECTIONS if one.read == "map.read"]
URI = "http://www.opengis.net/def/crs/EPSG/0/"
MM_IN_DEGREES = 1e-3 / 111_320

# Places to the last bit: what a client shows must come from there, not from a round number.
UNITS = text("""
    INSERT INTO member_unit (code, name, kind, capacity, geom)
    SELECT 'U' || i, '单位' || i, CASE WHEN i % 10 = 0 THEN 'school' ELSE 'shop' END, i % 7,
           CASE WHEN i <= :placed
                THEN ST_SetSRID(ST_MakePoint(121.4 + 0.04 * random(), 31.1 + 0.02 * random()), 4326) END
      FROM generate_series(1, :placed + 3) AS i""")
PLACED = 1230


@pytest.fixture(scope="module")
def engine_of(clone):
    engine = clone()
    with session_on(engine) as session:
        add_areas(session)
        session.execute(text("SELECT setseed(0.25)"))
        session.execute(UNITS, {"placed": PLACED})
        add_user(session, "planner", password="a long password", role="planner")
    return engine


@pytest.fixture(scope="module")
def url(engine_of, tmp_path_factory):
    with serving_apart(engine_of, tmp_path_factory.mktemp("clients")) as address:
        yield address


@pytest.fixture(scope="module")
def demo(made_up, tmp_path_factory):
    """The made-up district with something in every collection: its engine and address."""
    engine = made_up()
    with serving_apart(engine, tmp_path_factory.mktemp("demo")) as address:
        yield engine, address


@pytest.fixture(scope="module")
def stored(engine_of):
    """Places of the units as SQL has them, in a CRS: {code: (x, y)}."""

    def places(srid=4326):
        asked = "SELECT code, ST_X(p), ST_Y(p) FROM (SELECT code, ST_Transform(geom, :srid) AS p FROM member_unit) AS u"
        with engine_of.connect() as connection:
            rows = connection.execute(text(f"{asked} WHERE p IS NOT NULL"), {"srid": srid})
            return {code: (x, y) for code, x, y in rows}

    return places


def get(address, **headers):
    with urlopen(Request(address, headers=headers), timeout=60) as answer:  # noqa: S310 - our own server
        return json.loads(answer.read())


def bounds(places):
    xy = np.array(list(places.values()))
    return [*xy.min(axis=0), *xy.max(axis=0)]


# -- GDAL's programs -------------------------------------------------------------------------------------


def test_ogrinfo_finds_every_collection_that_everybody_may_read(url):
    told = gdal("ogrinfo", "-ro", f"OAPIF:{url}/ogc")
    assert [line.split()[1] for line in told.splitlines() if line[:1].isdigit()] == OPEN


def test_ogrinfo_counts_what_is_stored_and_knows_where_it_lies(url, stored):
    told = gdal("ogrinfo", "-ro", "-so", f"OAPIF:{url}/ogc", "units")
    assert count_in(told) == PLACED + 3
    assert extent_in(told) == pytest.approx(bounds(stored()), abs=1e-6)


def test_ogrinfo_counts_each_collection_as_the_export_does(demo):
    _engine, url = demo
    told = gdal("ogrinfo", "-ro", "-so", "-al", f"OAPIF:{url}/ogc")
    layers = {part.split("\n", 1)[0]: part for part in told.split("\nLayer name: ")[1:]}
    assert list(layers) == OPEN
    for name, part in layers.items():
        assert count_in(part) == len(get(f"{url}/export/{name}.geojson")["features"]), name
    assert sum(count_in(part) for part in layers.values()) > 500


@pytest.mark.parametrize("page", [499, 500, 10_000])
def test_ogr2ogr_copies_everything_whatever_the_page(url, stored, tmp_path, page):
    gdal("ogr2ogr", "-f", "GPKG", "out.gpkg", f"OAPIF:{url}/ogc", "units", "-oo", f"PAGE_SIZE={page}", cwd=tmp_path)
    copied = read_frame(tmp_path / "out.gpkg")
    assert sorted(copied["code"]) == sorted([*stored(), *(f"U{PLACED + n}" for n in (1, 2, 3))])
    assert copied.total_bounds.tolist() == pytest.approx(bounds(stored()), abs=MM_IN_DEGREES)


def test_ogr2ogr_copies_polygons_as_they_are(demo, tmp_path):
    engine, url = demo
    gdal("ogr2ogr", "-f", "GPKG", "out.gpkg", f"OAPIF:{url}/ogc", "villages", "-oo", "PAGE_SIZE=2", cwd=tmp_path)
    copied = read_frame(tmp_path / "out.gpkg").set_index("code")
    with engine.connect() as connection:
        asked = """SELECT code, ST_Area(CAST(geom AS geography)), ST_XMin(geom), ST_YMin(geom), ST_XMax(geom),
                          ST_YMax(geom)
                     FROM area WHERE level = 'village' AND valid_to IS NULL AND geom IS NOT NULL"""
        rows = connection.execute(text(asked)).all()
    assert len(rows) == len(copied) > 2
    for code, area_m2, *box in rows:
        shape = copied.loc[code].geometry
        assert list(shape.bounds) == pytest.approx(box, abs=MM_IN_DEGREES)
        assert abs(pyproj.Geod(ellps="WGS84").geometry_area_perimeter(shape)[0]) == pytest.approx(area_m2, rel=1e-6)


@pytest.mark.parametrize("how", [("-where", "kind = 'school'"), ("-sql", "SELECT * FROM units WHERE kind = 'school'")])
def test_ogrinfo_filters(url, how):
    layers = () if how[0] == "-sql" else ("units",)
    assert count_in(gdal("ogrinfo", "-ro", "-so", *how, f"OAPIF:{url}/ogc", *layers)) == PLACED // 10


def test_a_key_in_a_header_opens_what_needs_a_sign_in(demo):
    engine, url = demo
    with session_on(engine) as session:
        key = api_keys.issue(session, "planner", name="QGIS", scopes=("read",))[1]
        count = session.scalar(text("SELECT count(*) FROM ticket"))
    by_key = ("--config", "GDAL_HTTP_HEADERS", f"Authorization: Bearer {key}")
    assert count_in(gdal("ogrinfo", "-ro", "-so", *by_key, f"OAPIF:{url}/ogc", "tickets")) == count > 0
    refused = gdal("ogrinfo", "-ro", "-so", f"OAPIF:{url}/ogc", "tickets", check=False)
    assert "Feature Count" not in refused


# -- GDAL and GeoPandas in Python ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def known_crs(url):
    return get(f"{url}/ogc/collections/units")["crs"]


def test_every_place_is_right_to_the_millimetre_in_every_crs(url, stored, known_crs):
    assert len(known_crs) >= 5
    degrees = stored()
    for uri in known_crs:
        name = "OGC:CRS84" if "CRS84" in uri else f"EPSG:{uri.rpartition('/')[2]}"
        got = read_frame(f"OAPIF:{url}/ogc", layer="units", CRS=name, PAGE_SIZE=1000)
        got = got[~got.geometry.isna()]
        assert len(got) == PLACED
        crs = pyproj.CRS(name)
        lons, lats = np.array([degrees[code] for code in got["code"]]).T
        xs, ys = pyproj.Transformer.from_crs("OGC:CRS84", crs, always_xy=True).transform(lons, lats)
        # GDAL gives east before north, whatever the order of the axes on the wire
        near = MM_IN_DEGREES if crs.is_geographic else 1e-3
        assert np.abs(got.geometry.x - xs).max() < near, name
        assert np.abs(got.geometry.y - ys).max() < near, name


def test_the_extent_in_metres_is_that_of_sql(url, stored):
    got = read_frame(f"OAPIF:{url}/ogc", layer="units", CRS="EPSG:4549")
    assert got.crs.to_epsg() == 4549
    assert got.total_bounds.tolist() == pytest.approx(bounds(stored(4549)), abs=1e-3)


@pytest.mark.parametrize(("crs", "is_north_first"), [("4326", True), ("4490", True), ("4549", True), ("3857", False)])
def test_axes_stand_on_the_wire_as_their_crs_defines_them(url, stored, crs, is_north_first):
    (feature,) = get(f"{url}/ogc/collections/units/items?code=U1&crs={URI}{crs}")["features"]
    x, y = stored(int(crs))["U1"]
    near = MM_IN_DEGREES if crs in {"4326", "4490"} else 1e-3
    assert feature["geometry"]["coordinates"] == pytest.approx([y, x] if is_north_first else [x, y], abs=near)


def test_geopandas_reads_the_items(url, stored):
    got = read_frame(f"{url}/ogc/collections/units/items?f=json&limit=10000", by="geopandas")
    assert len(got) == PLACED + 3
    assert got.crs.to_epsg() == 4326
    assert got.total_bounds.tolist() == pytest.approx(bounds(stored()), abs=MM_IN_DEGREES)


# -- OWSLib ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def client(url):
    return Features(f"{url}/ogc/")


def test_owslib_finds_its_way(client):
    assert client.feature_collections() == OPEN
    assert {one["id"] for one in client.collections()["collections"]} == set(OPEN)
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in client.conformance()["conformsTo"]
    assert client.api()["openapi"].startswith("3.0")
    assert {"code", "name", "kind"} <= set(client.collection_queryables("units")["properties"])


def test_owslib_reads_items(client, stored):
    west, south, east, north = 121.41, 31.105, 121.42, 31.11
    inside = {code for code, (x, y) in stored().items() if west <= x <= east and south <= y <= north}
    got = client.collection_items("units", bbox=[west, south, east, north], limit=10_000)
    assert inside < {one["id"] for one in got["features"]}
    # what has no place meets every box, as the standard says
    assert {one["id"] for one in got["features"]} - inside == {f"U{PLACED + n}" for n in (1, 2, 3)}
    first = client.collection_items("units", bbox=[west, south, east, north], limit=5)
    assert (first["numberReturned"], first["numberMatched"]) == (5, len(inside) + 3)
    assert client.collection_item("units", "U7")["properties"]["name"] == "单位7"
    schools = client.collection_items("units", filter="kind = 'school'", limit=1)
    assert schools["numberMatched"] == PLACED // 10


# -- very many, while they change ------------------------------------------------------------------------

COUNT = 100_000
STABLE = text("""
    INSERT INTO member_unit (code, name, kind, geom)
    SELECT 'S' || lpad(CAST(i AS text), 6, '0'), 'x', 'shop',
           ST_SetSRID(ST_MakePoint(121.4 + 0.04 * random(), 31.1 + 0.02 * random()), 4326)
      FROM generate_series(1, :count) AS i""")
# some before, some among and some behind the others
COMES = text("INSERT INTO member_unit (code, name, kind) VALUES (:code, 'x', 'shop')")
GOES = text("DELETE FROM member_unit WHERE code = :code")


@pytest.fixture
def many(make_district, tmp_path):
    engine = make_district()
    with session_on(engine) as session:
        session.execute(text("SELECT setseed(0.25)"))
        session.execute(STABLE, {"count": COUNT})
    with serving_apart(engine, tmp_path) as address:
        yield engine, address


class Changing:
    """Units that come and go while it runs; `count` says how many have."""

    def __init__(self, engine):
        self.engine = make_engine(engine.url)
        self.is_over, self.count = threading.Event(), 0
        self.thread = threading.Thread(target=self._change)

    def _change(self):
        while not self.is_over.is_set():
            number = (self.count * 7919) % COUNT
            with self.engine.begin() as connection:
                connection.execute(COMES, {"code": f"S{number:06}-{self.count}"})
            if self.count >= 20:
                former = self.count - 20
                with self.engine.begin() as connection:
                    connection.execute(GOES, {"code": f"S{(former * 7919) % COUNT:06}-{former}"})
            self.count += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_error):
        self.is_over.set()
        self.thread.join()
        self.engine.dispose()


def test_a_hundred_thousand_come_once_each_while_others_come_and_go(many):
    engine, url = many
    address, found, seen = f"{url}/ogc/collections/units/items?f=json&limit=10000", [], []
    with Changing(engine) as changing:
        while address:
            page = get(address)
            found += [one["id"] for one in page["features"]]
            seen.append(changing.count)
            address = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
    assert len(seen) > 10
    assert seen[-1] > seen[0] > 0
    stable = [code for code in found if "-" not in code]
    assert len(stable) == len(set(stable)) == COUNT
    assert len(found) == len(set(found))
