import json

import pytest
from makers import add_areas, add_unit
from sqlalchemy import text

from geodata.catalog import COLLECTIONS, collection
from geodata.queries.features import BLOCK_BYTES, Box, stream_geojson


def exported(session, id_, box=None):
    return json.loads(b"".join(stream_geojson(session.connection(), collection(id_), box)))


def test_an_export_is_a_feature_collection_in_the_order_of_the_key(session):
    add_areas(session)
    towns = exported(session, "towns")
    assert towns["type"] == "FeatureCollection"
    assert [feature["id"] for feature in towns["features"]] == ["310112101000", "310112102000"]
    west = towns["features"][0]
    assert west["properties"]["name"] == "西镇"
    assert west["geometry"]["type"] == "MultiPolygon"
    assert west["properties"]["area_m2"] == pytest.approx(1909.5 * 2217.7, rel=0.01)


def test_what_has_no_boundary_is_exported_without_geometry(session):
    add_areas(session)
    third = next(f for f in exported(session, "villages")["features"] if f["properties"]["name"] == "三村")
    assert third["geometry"] is None
    assert third["properties"]["has_boundary"] is False


@pytest.mark.parametrize(
    "name", ['"quoted"', "back\\slash", "tab\tand\nline", "四字节𠮷", "</script>", "\\N", "\\\\n", "a'b;--"]
)
def test_any_name_survives_the_way_out(session, name):
    add_unit(session, "U1", 1, 1, name=name)
    assert exported(session, "units")["features"][0]["properties"]["name"] == name


@pytest.mark.parametrize("id_", [c.id for c in COLLECTIONS])
def test_an_empty_collection_is_still_valid(session, id_):
    session.execute(text("DELETE FROM area"))
    assert exported(session, id_) == {"type": "FeatureCollection", "features": []}


def test_a_box_leaves_out_what_lies_beyond_and_what_has_no_place(session):
    add_unit(session, "IN", 1, 1)
    add_unit(session, "OUT", 3, 1)
    add_unit(session, "NOWHERE")
    found = exported(session, "units", Box(121.40, 31.10, 121.42, 31.12))
    assert [feature["id"] for feature in found["features"]] == ["IN"]


def test_a_long_export_comes_in_blocks(session):
    for number in range(400):
        add_unit(session, f"U{number:03}", 1, 1, name="长" * 200)
    blocks = list(stream_geojson(session.connection(), collection("units")))
    assert len(blocks) > 2
    assert all(len(block) < BLOCK_BYTES + 5_000 for block in blocks)
    assert len(json.loads(b"".join(blocks))["features"]) == 400
