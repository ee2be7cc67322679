import pytest
from sqlalchemy import text

from geodata import catalog
from geodata.errors import NotFound
from geodata.queries.sources import SOURCES


def test_every_collection_has_a_source_and_no_source_stands_alone():
    assert {collection.id for collection in catalog.COLLECTIONS} == set(SOURCES)


@pytest.mark.parametrize("collection", catalog.COLLECTIONS, ids=lambda c: c.id)
def test_a_source_yields_the_properties_in_their_order_then_the_geometry(session, collection):
    rows = text(f"SELECT * FROM ({SOURCES[collection.id]}) AS s LIMIT 0")
    found = list(session.execute(rows, {"told": "[]"} if ":told" in rows.text else {}).keys())
    web = ["geom_web"] if collection.has_web else []
    assert found == [*collection.names, "geom", *web]


@pytest.mark.parametrize("collection", catalog.COLLECTIONS, ids=lambda c: c.id)
def test_keys_and_tile_properties_are_properties(collection):
    assert collection.key in collection.names
    assert set(collection.on_tile) <= set(collection.names)


def test_an_unknown_collection_is_refused_with_the_known_ones():
    with pytest.raises(NotFound, match="grid_cells"):
        catalog.collection("code;drop table area")
