import math

import mapbox_vector_tile
import pytest
from makers import add_areas, add_unit, at
from sqlalchemy import text

from geodata.catalog import COLLECTIONS, collection
from geodata.models import Ticket
from geodata.queries.tiles import tile
from geodata.queries.versions import data_version


def tile_at(lon, lat, z):
    x = int((lon + 180) / 360 * 2**z)
    y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z)
    return {"z": z, "x": x, "y": y}


def layer(session, id_, **where):
    content = tile(session, collection(id_), **where)
    return mapbox_vector_tile.decode(content)[id_] if content else None


def test_a_polygon_tile_holds_the_areas_it_touches_with_styling_columns_only(session):
    add_areas(session)
    towns = layer(session, "towns", **tile_at(*at(0.5, 0.5), 12))
    assert towns["extent"] == 4096
    assert [set(feature["properties"]) for feature in towns["features"]] == [{"code", "name"}] * 2
    deep = layer(session, "towns", **tile_at(*at(0.5, 0.5), 16))
    assert [feature["properties"]["name"] for feature in deep["features"]] == ["西镇"]


def test_a_point_tile_holds_the_points(session):
    add_unit(session, "U1", 1, 1)
    units = layer(session, "units", **tile_at(*at(1, 1), 15))
    assert [feature["properties"]["code"] for feature in units["features"]] == ["U1"]


def test_tickets_are_counted_at_low_zoom_and_shown_at_high(session):
    for number in range(7):
        place = f"SRID=4326;POINT({121.41 + number / 1e6} 31.11)"
        session.add(
            Ticket(
                number=f"T{number}",
                source="patrol",
                category_code="0501",
                title="t",
                reported_at=text("now()"),
                geom=place,
            )
        )
    session.flush()
    low = layer(session, "tickets", **tile_at(121.41, 31.11, 11))
    assert [feature["properties"] for feature in low["features"]] == [{"count": 7}]
    high = layer(session, "tickets", **tile_at(121.41, 31.11, 16))
    assert len(high["features"]) == 7


@pytest.mark.parametrize("z", [11, 16])
def test_a_ticket_that_has_ended_is_off_the_map(session, z):
    for number, state in enumerate(["handling", "closed", "cancelled", "merged"]):
        place = f"SRID=4326;POINT({121.41 + number / 1e6} 31.11)"
        facts = {"source": "patrol", "category_code": "0501", "title": "t", "reported_at": text("now()")}
        session.add(Ticket(number=f"T{number}", state=state, geom=place, **facts))
    session.flush()
    drawn = layer(session, "tickets", **tile_at(121.41, 31.11, z))
    assert len(drawn["features"]) == 1
    assert drawn["features"][0]["properties"].get("count", 1) == 1


def test_cells_are_not_drawn_below_their_zoom(session):
    assert tile(session, collection("grid_cells"), **tile_at(*at(1, 1), 12)) == b""


@pytest.mark.parametrize("id_", [c.id for c in COLLECTIONS])
@pytest.mark.parametrize("z", [0, 9, 13, 17])
def test_an_empty_tile_is_empty_bytes_for_every_collection(session, id_, z):
    assert tile(session, collection(id_), z=z, x=0, y=0) == b""


def test_the_version_changes_with_the_data(session):
    before = data_version(session, ("area", "member_unit"))
    add_unit(session, "U1", 1, 1)
    after = data_version(session, ("member_unit", "area"))
    assert before != after
    assert data_version(session, ("area", "member_unit")) == after


def test_the_version_of_a_table_never_touched_is_nought(session):
    assert data_version(session, ("no_such_table",)) == "0"
