import gzip
import math

import mapbox_vector_tile
import pytest
from makers import add_areas, add_unit, spot
from sqlalchemy import text

from geodata.models import Ticket
from geodata.services.coverage import coverage
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


@pytest.fixture
def waiting(records):
    """Three tickets at one place: one new, one in handling, one closed."""
    with records() as session:
        for number, state in enumerate(("reported", "handling", "closed")):
            facts = {"source": "s", "category_code": "0102", "title": "t", "reported_at": text("now()")}
            session.add(Ticket(number=f"T{number}", state=state, geom=spot(1, 1), **facts))


def test_a_tile_of_tickets_takes_the_filter_of_the_list(waiting, signed_in):
    browser = signed_in("viewer")
    counted = {
        query: [
            feature["properties"]["count"]
            for feature in mapbox_vector_tile.decode(browser.get(f"/tiles/tickets/0/0/0.mvt?{query}").data)["tickets"][
                "features"
            ]
        ]
        for query in ("", "state=new,work,check", "state=closed", "category=01&state=new")
    }
    assert counted == {"": [3], "state=new,work,check": [2], "state=closed": [1], "category=01&state=new": [1]}


def test_a_ticket_is_on_the_next_tile_and_an_unchanged_tile_is_not_sent_again(waiting, signed_in, records):
    browser = signed_in("viewer")
    first = browser.get("/tiles/tickets/0/0/0.mvt")
    assert "private" in first.headers["Cache-Control"]
    again = browser.get("/tiles/tickets/0/0/0.mvt", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    with records() as session:
        session.execute(text("UPDATE ticket SET geom = NULL WHERE number = 'T0'"))
    fresh = browser.get("/tiles/tickets/0/0/0.mvt", headers={"If-None-Match": first.headers["ETag"]})
    assert mapbox_vector_tile.decode(fresh.data)["tickets"]["features"][0]["properties"] == {"count": 2}


def test_a_tile_of_tickets_is_kept_while_nothing_changes(waiting, signed_in, monkeypatch):
    browser = signed_in("viewer")
    # a minute that does not end while the test runs
    monkeypatch.setattr(tiles.time, "time", lambda: 1_000_000.0)
    first = browser.get("/tiles/tickets/0/0/0.mvt").data
    monkeypatch.setattr(tiles.tiles, "tile", lambda *_args, **_more: pytest.fail("read again"))
    assert browser.get("/tiles/tickets/0/0/0.mvt").data == first


def test_much_that_has_changed_is_folded_by_the_next_reader(waiting, signed_in, records, monkeypatch):
    monkeypatch.setattr(tiles.pyramid, "MOST_PENDING", 0)
    browser = signed_in("viewer")
    before = mapbox_vector_tile.decode(browser.get("/tiles/tickets/0/0/0.mvt").data)
    with records() as session:
        assert session.scalar(text("SELECT count(*) FROM ticket_bin_change")) == 0
        assert session.scalar(text("SELECT sum(all_count) FROM ticket_bin WHERE z = 13")) == 3
    assert before["tickets"]["features"][0]["properties"] == {"count": 3}


def test_coverage_tiles_are_those_of_a_run_that_somebody_has_asked_for(client, records):
    with records() as session:
        add_areas(session)
        add_unit(session, "U1", 0.5, 1)
        coverage(session, radius_m=500, publish=True)
        coverage(session, radius_m=1500)

    def shares(query):
        found = mapbox_vector_tile.decode(client.get(f"/tiles/coverage_towns/9/428/209.mvt?{query}").data)
        return {f["properties"]["code"]: f["properties"]["share"] for f in found["coverage_towns"]["features"]}

    small, large = shares(""), shares("radius=1500")
    assert shares("radius=500") == small
    assert 0 < small["310112101000"] < large["310112101000"]
    missing = client.get("/tiles/gaps/9/428/209.mvt?radius=900&category=0102")
    assert missing.status_code == 404
    assert "open /coverage?radius=900&category=0102 first" in missing.get_json()["detail"]
    assert client.get("/tiles/gaps/9/428/209.mvt?radius=x").status_code == 400
    assert client.get("/tiles/towns/9/428/209.mvt?radius=500").status_code == 400


def test_the_tile_of_the_whole_world_stays_small(client, records):
    with records() as session:
        for number in range(2000):
            add_unit(session, f"U{number}", number % 40 / 10, number // 40 / 25)
    answer = client.get("/tiles/units/0/0/0.mvt")
    assert len(answer.data) <= 500_000
