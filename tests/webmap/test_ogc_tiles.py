"""OGC API Tiles: each test is named after the requirement it shows."""

import gzip
import json
import math
import re

import mapbox_vector_tile
import pytest
import shapely
from gdal_programs import read_frame
from makers import add_areas, add_point, add_unit, at
from ogc import by_rel
from sqlalchemy import text

from geodata import catalog
from geodata.queries import tiles

REL = "http://www.opengis.net/def/rel/ogc/1.0/"
MVT = "application/vnd.mapbox-vector-tile"
OF_TOWNS = "/collections/towns/tiles"
QUAD = f"{OF_TOWNS}/WebMercatorQuad"
OPEN = [one.id for one in catalog.COLLECTIONS if one.read == "map.read"]


@pytest.fixture
def town(records):
    with records() as session:
        add_areas(session)
        for number in range(10):
            add_unit(session, f"U{number}", 0.35 * number, 0.5, name=f"单位{number}")
            add_point(session, f"P{number}", 0.35 * number, 0.5)


@pytest.fixture
def ask(client, town):
    """A function from an address under /ogc to the JSON of its answer."""

    def get(path, status=200):
        answer = client.get(path if path.startswith("http") else f"/ogc{path}")
        assert answer.status_code == status, answer.text
        return json.loads(answer.text)

    return get


def place(z):
    """Row and column of the tile in the middle of the test district."""
    lon, lat = at(2, 1)
    column = int((lon + 180) / 360 * 2**z)
    row = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z)
    return row, column


def tile(z):
    row, column = place(z)
    return f"/ogc{QUAD}/{z}/{row}/{column}"


# --- E1 ------------------------------------------------------------------------------------------------


def test_e1_the_landing_page_leads_to_the_matrices_and_each_collection_to_its_tiles(ask):
    schemes = by_rel(ask("/")["links"])[f"{REL}tiling-schemes"]
    assert ask(schemes[0]["href"])["tileMatrixSets"][0]["id"] == "WebMercatorQuad"
    for one in ask("/collections")["collections"]:
        to_tiles = by_rel(one["links"])[f"{REL}tilesets-vector"]
        assert {link["type"] for link in to_tiles} == {"application/json", "text/html"}
        (listed,) = ask(f"/collections/{one['id']}/tiles")["tilesets"]
        assert listed["dataType"] == "vector"


def test_e1_conformance_tells_of_tiles(ask):
    told = {one.rpartition("/")[2] for one in ask("/conformance")["conformsTo"] if "ogcapi-tiles-1/1.0" in one}
    assert told == {"core", "tileset", "tilesets-list", "geodata-tilesets", "mvt", "oas30"}


def test_e1_the_matrices_are_those_of_the_standard(ask):
    (listed,) = ask("/tileMatrixSets")["tileMatrixSets"]
    told = ask(by_rel(listed["links"])["self"][0]["href"])
    assert told["uri"] == listed["uri"] == "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
    assert told["crs"] == "http://www.opengis.net/def/crs/EPSG/0/3857"
    assert [one["id"] for one in told["tileMatrices"]] == [str(zoom) for zoom in range(23)]
    world = told["tileMatrices"][0]
    # the figures of the standard's own table
    assert world["scaleDenominator"] == pytest.approx(559082264.0287178, rel=1e-12)
    assert world["cellSize"] == pytest.approx(156543.0339280410, rel=1e-12)
    assert world["pointOfOrigin"] == pytest.approx([-20037508.3427892, 20037508.3427892], rel=1e-12)
    assert (world["tileWidth"], world["tileHeight"], world["matrixWidth"], world["matrixHeight"]) == (256, 256, 1, 1)
    last = told["tileMatrices"][22]
    assert (last["matrixWidth"], last["matrixHeight"]) == (2**22, 2**22)
    assert last["scaleDenominator"] == pytest.approx(133.29560852432)


def test_e1_a_tileset_says_what_its_tiles_hold_and_where(ask):
    told = ask(QUAD)
    (listed,) = ask(OF_TOWNS)["tilesets"]
    for name in ("title", "dataType", "crs", "tileMatrixSetURI"):
        assert told[name] == listed[name]
    links = by_rel(told["links"])
    assert {"self", "alternate", "item", f"{REL}tiling-scheme"} <= set(links)
    assert ask(links[f"{REL}tiling-scheme"][0]["href"])["id"] == "WebMercatorQuad"
    (layer,) = told["layers"]
    assert (layer["id"], layer["geometryDimension"]) == ("towns", 2)
    assert set(layer["propertiesSchema"]["properties"]) == {"code", "name", "count"}
    box = told["boundingBox"]
    assert (box["lowerLeft"], box["upperRight"]) == (pytest.approx(at(0, 0)), pytest.approx(at(4, 2)))
    assert told["centerPoint"]["coordinates"] == pytest.approx(at(2, 1))


def test_e1_the_link_to_tiles_has_names_for_row_and_column(client, ask):
    (item,) = by_rel(ask(QUAD)["links"])["item"]
    assert (item["templated"], item["type"]) == (True, MVT)
    row, column = place(11)
    names = {"tileMatrix": "11", "tileRow": str(row), "tileCol": str(column)}
    answer = client.get(re.sub(r"\{(\w+)\}", lambda found: names[found[1]], item["href"]))
    assert answer.mimetype == MVT
    assert answer.data == client.get(f"/tiles/towns/11/{column}/{row}.mvt").data


@pytest.mark.parametrize("id_", OPEN)
def test_e1_tilejson_tells_the_same(client, ask, id_):
    answer = client.get(f"/ogc/collections/{id_}/tiles/WebMercatorQuad?f=tilejson")
    assert answer.mimetype == "application/vnd.mapbox.tile+json"
    told, tileset = json.loads(answer.text), ask(f"/collections/{id_}/tiles/WebMercatorQuad")
    assert told["tilejson"] == "3.0.0"
    assert told["tiles"] == [f"http://localhost/ogc/collections/{id_}/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}?f=mvt"]
    (layer,) = told["vector_layers"]
    assert layer["id"] == id_
    assert set(layer["fields"]) == set(tileset["layers"][0]["propertiesSchema"]["properties"])
    if "boundingBox" in tileset:
        assert told["bounds"] == tileset["boundingBox"]["lowerLeft"] + tileset["boundingBox"]["upperRight"]


@pytest.mark.parametrize("path", ["/tileMatrixSets", "/tileMatrixSets/WebMercatorQuad", OF_TOWNS, QUAD])
def test_e1_every_page_has_all_the_links_of_its_json(client, ask, path):
    page = client.get(f"/ogc{path}", headers={"Accept": "text/html"})
    assert page.mimetype == "text/html"
    hrefs = {href.replace("&amp;", "&") for href in re.findall(r'<a [^>]*href="([^"]+)"', page.text)}
    for one in ask(path)["links"]:
        assert one["href"] in hrefs, one


# --- E2 ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("z", [9, 11, 12, 14, 16])
def test_e2_a_tile_is_one_tile_and_its_content_lies_in_it(client, town, z):
    answer = client.get(tile(z))
    assert (answer.status_code, answer.mimetype) == (200, MVT)
    layers = mapbox_vector_tile.decode(answer.data)
    assert list(layers) == ["towns"]
    # a second tile in the body would bring the layer once more
    assert answer.data.count(b"\x0a\x05towns") == 1
    extent = layers["towns"]["extent"]
    for feature in layers["towns"]["features"]:
        assert shapely.geometry.shape(feature["geometry"]).intersects(shapely.box(0, 0, extent, extent))
    assert layers["towns"]["features"]


def test_e2_inside_but_empty_is_204(client, town):
    assert client.get(f"/ogc{QUAD}/12/0/0").status_code == 204


@pytest.mark.parametrize(
    "rest",
    [
        *("WebMercatorQuad/1/2/0", "WebMercatorQuad/1/0/2", "WebMercatorQuad/23/0/0", "WebMercatorQuad/-1/0/0"),
        *("WebMercatorQuad/1/x/0", "WebMercatorQuad/99999999999999999999/0/0", "WebMercatorQuad/1/0/0.mvt"),
        *("WorldCRS84Quad", "WorldCRS84Quad/0/0/0", "webmercatorquad/0/0/0"),
    ],
)
def test_e2_off_the_matrix_is_404(ask, rest):
    ask(f"{OF_TOWNS}/{rest}", 404)


@pytest.mark.parametrize("path", ["/tileMatrixSets/CDB1GlobalGrid", "/collections/nothing/tiles"])
def test_e2_what_is_not_there_is_not_found(ask, path):
    ask(path, 404)


@pytest.mark.parametrize(
    "path",
    [
        *(f"{QUAD}/0/0/0?f=json", f"{QUAD}/0/0/0?f=", f"{QUAD}/0/0/0?x=1", f"{QUAD}/0/0/0?f=mvt&f=mvt"),
        *(f"{QUAD}/0/0/0?v=1", f"{QUAD}?f=mvt", f"{QUAD}?x=1", f"{OF_TOWNS}?f=tilejson", "/tileMatrixSets?x=1"),
    ],
)
def test_e2_what_is_unknown_is_refused(ask, path):
    ask(path, 400)


# --- E3 ------------------------------------------------------------------------------------------------


def test_e3_an_unchanged_tile_is_not_sent_again_and_only_the_browser_keeps_it(client, town):
    first = client.get(tile(9))
    assert "private" in first.headers["Cache-Control"]
    again = client.get(tile(9), headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    zipped = client.get(tile(9), headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(zipped.data) == first.data


def test_e3_tiles_of_few_are_for_few(client, signed_in):
    path = "/ogc/collections/tickets/tiles/WebMercatorQuad"
    for one in (path, f"{path}/0/0/0", "/ogc/collections/tickets/tiles"):
        assert client.get(one).status_code == 401
    browser = signed_in("viewer")
    assert browser.get(f"{path}/0/0/0").status_code == 204
    assert browser.get(path).json["layers"][0]["propertiesSchema"]["properties"].keys() >= {"count", "late"}


MANY_CELLS = text("""
    INSERT INTO grid_cell (code, valid_from, geom)
    SELECT 'C' || n, CURRENT_DATE, ST_Multi(ST_MakeEnvelope(
               121.4 + mod(n, 200) / 5000.0, 31.1 + n / 200 / 5000.0,
               121.4002 + mod(n, 200) / 5000.0, 31.1002 + n / 200 / 5000.0, 4326))
      FROM generate_series(0, 19999) AS n
""")


def test_e3_tiles_are_small_at_every_zoom(client, records, town):
    with records() as session:
        session.execute(MANY_CELLS)
    for z in range(10, 18):
        row, column = place(z)
        answer = client.get(f"/ogc/collections/grid_cells/tiles/WebMercatorQuad/{z}/{row}/{column}")
        assert answer.status_code in {200, 204}
        assert len(answer.data) <= tiles.MOST_BYTES
    assert answer.data


# --- a client ------------------------------------------------------------------------------------------


def test_gdal_reads_a_tile(client, town, tmp_path):
    row, column = place(11)
    there = tmp_path / "11" / str(column) / f"{row}.mvt"
    there.parent.mkdir(parents=True)
    there.write_bytes(client.get(tile(11)).data)
    found = read_frame(there, X=column, Y=row, Z=11)
    assert sorted(found.name) == ["东镇", "西镇"]
    lon, lat = at(1, 1)
    inside = found.to_crs(4326)[found.to_crs(4326).covers(shapely.Point(lon, lat))]
    assert list(inside.name) == ["西镇"]
