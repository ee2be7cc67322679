import gzip
import math

import mapbox_vector_tile
import pytest
from makers import add_areas, add_unit
from sqlalchemy import text

from webmap.api import tiles


@pytest.fixture
def district(records):
    with records() as session:
        add_areas(session)


@pytest.fixture
def address(district):
    """A tile at zoom 12 with both towns in it."""
    lon, lat, z = 121.42, 31.11, 12
    x = int((lon + 180) / 360 * 2**z)
    y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z)
    return f"/tiles/towns/{z}/{x}/{y}.mvt"


def test_a_tile_is_a_vector_tile(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.mimetype == "application/vnd.mapbox-vector-tile"
    assert len(mapbox_vector_tile.decode(answer.data)["towns"]["features"]) == 2


def test_a_tile_travels_zipped_when_the_browser_can_read_that(client, address):
    plain = client.get(address).data
    answer = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.data) == plain


def test_an_unchanged_tile_is_not_sent_again(client, address):
    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_only_the_browser_itself_may_keep_a_tile(client, address):
    control = client.get(address).headers["Cache-Control"]
    assert "private" in control
    assert "public" not in control


def test_a_kept_tile_is_fresh_after_a_change(client, address, records, monkeypatch):
    first = client.get(address)
    asked = []
    read = tiles.tiles.tile
    monkeypatch.setattr(tiles.tiles, "tile", lambda *args, **more: asked.append(1) or read(*args, **more))
    assert client.get(address).data == first.data
    assert asked == []
    with records() as session:
        rename_towns(session)
    names = {f["properties"]["name"] for f in mapbox_vector_tile.decode(client.get(address).data)["towns"]["features"]}
    assert names == {"改名镇"}
    assert asked == [1]


def rename_towns(session):
    session.execute(text("UPDATE area SET name = '改名镇' WHERE level = 'town'"))


def test_where_nothing_is_the_answer_is_204(client, district):
    assert client.get("/tiles/towns/12/0/0.mvt").status_code == 204


@pytest.mark.parametrize(
    "path",
    [
        "/tiles/nothing/1/0/0.mvt",
        "/tiles/towns/1/2/0.mvt",
        "/tiles/towns/1/0/2.mvt",
        "/tiles/towns/23/0/0.mvt",
        "/tiles/towns/-1/0/0.mvt",
        "/tiles/towns/1/x/0.mvt",
        "/tiles/towns/99999999999999999999/0/0.mvt",
        "/tiles/towns'--/1/0/0.mvt",
    ],
)
def test_off_the_matrix_is_404(client, path):
    assert client.get(path).status_code == 404


def test_tickets_need_a_sign_in(client, signed_in):
    assert client.get("/tiles/tickets/1/0/0.mvt").status_code == 401
    assert signed_in("viewer").get("/tiles/tickets/1/0/0.mvt").status_code == 204


def test_the_tile_of_the_whole_world_stays_small(client, records):
    with records() as session:
        for number in range(2000):
            add_unit(session, f"U{number}", number % 40 / 10, number // 40 / 25)
    answer = client.get("/tiles/units/0/0/0.mvt")
    assert len(answer.data) <= 500_000
