"""Commands that try the geocoder: on one address, and on a labelled set."""

import json

import pytest
from makers import add_areas, at
from sqlalchemy import text

from geodata.db import session_on
from geodata.models import GazetteerEntry
from webmap.cli import FINE, REFUSED, WRONG_USAGE


@pytest.fixture
def engine(fresh_engine):
    with session_on(fresh_engine) as session:
        add_areas(session)
        for number in (100, 120):
            lon, lat = at(0.5 + number / 1000, 0.5)
            session.add(
                GazetteerEntry(
                    kind="door",
                    name=f"桃李路{number}号",
                    name_norm=f"桃李路{number}号",
                    road="桃李路",
                    number=str(number),
                    geom=f"SRID=4326;POINT({lon} {lat})",
                    accuracy_m=5.0,
                    source="survey",
                )
            )
    return fresh_engine


@pytest.fixture
def wangge(wangge_on, engine):
    return lambda *arguments: wangge_on(engine, *arguments)


def test_one_address_is_shown_part_by_part(wangge):
    code, out, _ = wangge("geocode", "--address", "试验区西镇桃李路110号2楼")
    assert code == FINE
    assert "  road: 桃李路  [5:8] 桃李路" in out
    assert "accepted, interpolated: between_doors (road=桃李路 low=100 high=120" in out
    assert "may be assigned: village, town" in out
    told = json.loads(wangge("geocode", "--address", "桃李路110号", "--json")[1])
    assert (told["status"], told["level"], told["assigns"]) == ("accepted", "interpolated", ["village", "town"])
    assert told["spans"] == {"road": [0, 3], "number": [3, 6]}
    assert 0.95 <= told["score"] <= 1.0


@pytest.fixture
def labelled(tmp_path):
    lines = ["address,lon,lat,datum"]
    for road in ("星海路", "和平路", "沁园路", "东山路"):
        for number in range(100, 200, 10):
            lon, lat = at(0.2 + number / 1000, 0.3 + len(road) / 10)
            lines.append(f"{road}{number}号,{lon},{lat},wgs84")
    lines.append("空空路1号,,,")
    path = tmp_path / "labelled.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return str(path)


def test_a_labelled_set_is_tried_three_ways_and_nothing_is_kept(wangge, engine, labelled):
    code, out, _ = wangge("bench", "geocode", labelled)
    assert code == FINE
    for told in ("the gazetteer as it is", "half of the rows known", "half of the roads known", "trigram only"):
        assert told in out
    told = json.loads(wangge("bench", "geocode", labelled, "--json")[1])
    promised = {"match_rate", "false_match_rate", "median_m", "p95_m", "town_right", "village_right", "cell_right"}
    assert promised | {"honesty", "rows_per_s", "calibration", "curve"} <= told.keys()
    assert told["headline"] == "random"
    assert told["splits"]["by_road"]["accepted"] == 0
    assert (told["refusal_rate"], told["false_match_rate"]) == (1.0, 0.0)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM gazetteer_entry")) == 2


def test_a_set_without_a_datum_is_refused(wangge, tmp_path):
    path = tmp_path / "bare.csv"
    path.write_text("address,lon,lat\n桃李路1号,121.4,31.1\n", encoding="utf-8")
    code, _, err = wangge("bench", "geocode", str(path))
    assert code == REFUSED
    assert "datum" in err
    assert wangge("bench", "geocode", str(tmp_path / "none.csv"))[0] == WRONG_USAGE
