"""Commands about the gazetteer: files in, what there is, and filling it from what is there."""

import json

import pytest
from makers import add_areas, add_unit
from osm_files import osm_pbf

from geodata.db import session_on
from webmap.cli import FINE, REFUSED


@pytest.fixture
def engine(fresh_engine):
    with session_on(fresh_engine) as session:
        add_areas(session)
        add_unit(session, "U1", 0.5, 0.5, address="春申路88号", datum_evidence="declared", place_level="given")
    return fresh_engine


@pytest.fixture
def wangge(wangge_on, engine):
    return lambda *arguments: wangge_on(engine, *arguments)


@pytest.fixture
def extract(tmp_path):
    nodes = {1: (121.40, 31.105), 2: (121.41, 31.105), 3: (121.41, 31.1)}
    nodes[4] = (121.405, 31.1052, {"addr:street": "春申路", "addr:housenumber": "9号"})
    ways = [
        (1, [1, 2], {"highway": "primary", "name": "春申路"}),
        (2, [2, 3], {"highway": "primary", "name": "临河路"}),
        (3, [1, 3], {"highway": "footway", "name": "步道"}),
    ]
    return str(osm_pbf(tmp_path / "minhang.osm.pbf", nodes, ways))


def test_an_extract_is_taken_in_and_told_of(wangge, extract):
    code, out, _ = wangge("import", "gazetteer", extract)
    assert code == FINE
    assert "4 rows: 3 new, 0 changed, 0 unchanged, 0 bad" in out
    assert "what the rows became: door 1, road 2" in out
    assert "1 without any use for addresses: highway=footway (1)" in out
    assert "crossings of the roads: 1 new" in out
    code, out, _ = wangge("gazetteer", "status")
    assert code == FINE
    assert "road      minhang  ODbL 1.0     2" in out
    assert "2 roads drawn" in out
    assert "1 doors on 1 roads" in out


def test_the_status_is_told_as_json(wangge, extract):
    assert wangge("gazetteer", "status")[1].startswith("the gazetteer is empty")
    wangge("import", "gazetteer", extract)
    told = json.loads(wangge("gazetteer", "status", "--json")[1])
    assert told["kinds"] == {"crossing": 1, "door": 1, "road": 2}
    assert told["last_import"] is not None


def test_crossings_and_records_fill_it(wangge, extract):
    wangge("import", "gazetteer", extract)
    assert wangge("gazetteer", "crossings")[1] == "crossings: 0 new, 0 changed, 0 gone\n"
    assert wangge("gazetteer", "learn")[1] == "learned from records: 1 new, 0 taken away\n"
    assert json.loads(wangge("gazetteer", "learn", "--json")[1]) == {"added": 0, "gone": 0}


def test_one_licence_for_all_rows(wangge, tmp_path):
    path = tmp_path / "stops.csv"
    path.write_text("stop_name,lng_wgs84,lat_wgs84\n塘口,121.41,31.1\n", encoding="utf-8")
    assert wangge("import", "gazetteer", str(path), "--datum", "wgs84", "--map", "licence==CC0")[0] == FINE
    told = json.loads(wangge("gazetteer", "status", "--json")[1])
    assert told["sources"] == [{"kind": "place", "source": "stops", "licence": "CC0", "rows": 1}]


def test_bad_rows_refuse_the_file(wangge, tmp_path):
    path = tmp_path / "doors.csv"
    path.write_text("road,number,lon,lat\n春申路,见门卫,121.41,31.1\n春申路,9,121.41,31.1\n", encoding="utf-8")
    code, _, err = wangge("import", "gazetteer", str(path), "--datum", "wgs84")
    assert code == REFUSED
    assert "row 2, number: '见门卫' it is no house number" in err
    assert wangge("import", "gazetteer", str(path), "--datum", "wgs84", "--skip-bad")[0] == FINE
