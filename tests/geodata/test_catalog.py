import pytest
from makers import square
from sqlalchemy import text

from geodata import catalog
from geodata.catalog.descriptions import DESCRIPTIONS
from geodata.errors import NotFound
from geodata.models import DutyGrid
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


# pg_type oids, which never change
KINDS_OF_OIDS = {16: "boolean", 20: "integer", 21: "integer", 23: "integer", 25: "text", 700: "number", 701: "number"}
KINDS_OF_OIDS |= {1043: "text", 1700: "number", 1082: "date", 1184: "datetime"}


@pytest.mark.parametrize("collection", catalog.COLLECTIONS, ids=lambda c: c.id)
def test_properties_are_of_the_kind_that_the_database_gives(session, collection):
    rows = text(f"SELECT * FROM ({SOURCES[collection.id]}) AS s LIMIT 0")
    shape = session.execute(rows, {"told": "[]"} if ":told" in rows.text else {}).cursor.description
    found = {column.name: KINDS_OF_OIDS.get(column.type_code) for column in shape}
    assert {p.name: p.kind for p in collection.properties} == {name: found[name] for name in collection.names}


@pytest.mark.parametrize("collection", catalog.COLLECTIONS, ids=lambda c: c.id)
def test_times_are_one_moment_or_a_beginning_and_an_end(collection):
    kinds = {p.name: p.kind for p in collection.properties}
    assert len(collection.times) <= 2
    assert {kinds[name] for name in collection.times} <= {"date", "datetime"}


def test_duty_grids_of_two_schemes_are_two_features_though_their_codes_are_one(session):
    for scheme in ("police", "responsibility"):
        session.add(DutyGrid(scheme=scheme, code="G1", name=scheme, geom=square(0, 0, 1, 1)))
    session.flush()
    keys = session.scalars(text(f"SELECT s.id FROM ({SOURCES['duty_grids']}) AS s ORDER BY s.id")).all()
    assert keys == ["G1|police", "G1|responsibility"]


def test_every_collection_says_what_it_holds_in_two_languages():
    assert set(DESCRIPTIONS) == {each.id for each in catalog.COLLECTIONS}
    for said in DESCRIPTIONS.values():
        assert said.zh.endswith("。")
        assert said.en.endswith(".")
        assert said.en.isascii() or "²" in said.en
