"""Real addresses: how many are read in which form, and what the ladder makes of them end to end.

The gazetteer holds stops only, so most addresses must be refused; what counts is that nothing is
accepted at the wrong place. Figures are logged (`--log-cli-level=INFO`); bounds are what is really reached.
"""

import csv
import logging
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy.orm import Session

from geodata.geocode.geocoder import Geocoder
from geodata.geocode.parse import Dictionary, Named, normalise, parse_address
from geodata.models import GazetteerEntry
from geodata.services.imports import import_file
from spatial.coordinates import Coordinates
from spatial.crs import BD09, to_metre

pytestmark = pytest.mark.real

LOG = logging.getLogger(__name__)


def tell(sentence):
    LOG.info("%s", sentence)


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def stations(real_data):
    return rows(real_data / "minhang-points" / "energy_stations_bd09.csv")


@pytest.fixture(scope="module")
def incidents(real_data):
    return [row["location_text"] for row in rows(real_data / "shanghai-incidents-text" / "traffic_incidents_even.csv")]


@pytest.fixture(scope="module")
def elsewhere(real_data):
    return rows(real_data / "shanghai-stations" / "energy_stations_bd09_other_districts.csv")


@pytest.fixture(scope="module")
def dictionary(real_data):
    villages = rows(real_data / "minhang-villages" / "minhang_villages_2023.csv")
    towns = sorted({(row["town_code"], row["town_name"]) for row in villages})
    named = (Named(row["village_code"], row["village_name"], row["town_code"]) for row in villages)
    return Dictionary((Named(*town) for town in towns), named, district="闵行区")


def test_station_addresses_are_read(stations, dictionary):
    parsed = [parse_address(row["address"], dictionary) for row in stations]
    forms = Counter(one.form for one in parsed)
    towns = sum(one.town_code is not None for one in parsed)
    tell(f"64 station addresses by form: {dict(forms)}; {towns} name a town")
    assert len(parsed) == 64
    assert forms["door"] >= 52
    assert forms["offset"] == 2
    assert forms["nothing"] == 0
    assert all(one.district == "闵行区" for one in parsed if "闵行区" in one.raw)
    assert towns == sum(any(town in row["address"] for town in ("镇", "街道")) for row in stations)


def test_incident_texts_are_read(incidents, dictionary):
    parsed = [parse_address(text, dictionary) for text in incidents]
    forms = Counter(one.form for one in parsed)
    whole = sum(bool(one.road and one.cross_road and one.direction and one.offset_m is not None) for one in parsed)
    tell(f"506 incident texts by form: {dict(forms)}; road, crossing, direction and distance in {whole}")
    assert len(parsed) == 506
    assert whole / 506 > 0.84, "the single pattern of the study read this share"
    assert whole >= 425
    assert forms["km_post"] >= 36
    assert forms["crossing"] >= 12
    assert forms["nothing"] == 0


def labelled_incidents(real_data):
    """Text and label of a hand-read sample; a label names its roads by where they stand in the text."""
    by_id = {
        row["id"]: row["location_text"]
        for row in rows(real_data / "shanghai-incidents-text" / "traffic_incidents_even.csv")
    }
    return [(by_id[label["id"]], label) for label in rows(Path(__file__).parent / "labels" / "incidents.csv")]


def said(text, label):
    """Road, crossing, direction, metres and kilometre as the label has them."""
    spans = [tuple(map(int, label[part].split("-"))) if label[part] else None for part in ("road", "cross_road")]
    numbers = [float(label[part]) if label[part] else None for part in ("offset_m", "km_post")]
    return (*(span and normalise(text[slice(*span)]) for span in spans), label["direction"] or None, *numbers)


def test_a_hundred_incidents_are_read_as_a_person_reads_them(real_data):
    sample = labelled_incidents(real_data)
    wrong = []
    for text, label in sample:
        one = parse_address(text, Dictionary())
        if (one.road, one.cross_road, one.direction, one.offset_m, one.km_post) != said(text, label):
            wrong.append(label["id"])
    tell(f"{len(sample) - len(wrong)} of {len(sample)} labelled incidents read right, wrong: {wrong}")
    assert len(sample) == 100
    assert len(wrong) <= 5


def test_five_thousand_real_addresses_a_second(stations, incidents, elsewhere, dictionary):
    texts = [row["address"] for row in (*stations, *elsewhere)] + incidents
    start = time.process_time()
    for text in texts * 3:
        parse_address(text, dictionary)
    rate = 3 * len(texts) / (time.process_time() - start)
    tell(f"{rate:,.0f} addresses a second on one core")
    assert rate > 5_000


@pytest.fixture(scope="module")
def minhang(clone, real_data):
    """The district with its towns and villages, metro and bus stops as gazetteer; estates are left out."""
    engine = clone(name="闵行区")
    points = real_data / "minhang-points"
    with Session(engine) as session:
        towns = real_data / "minhang-boundaries" / "minhang_towns_gcj02.geojson"
        import_file(session, "areas", towns, datum="gcj02", level="town")
        villages = real_data / "minhang-villages" / "minhang_villages_2023.csv"
        import_file(session, "areas", villages, level="village")
        import_file(session, "gazetteer", points / "bus_stops_wgs84.csv", datum="wgs84", skip_bad=True)
        import_file(session, "gazetteer", points / "metro_stations_gcj02.csv", datum="gcj02", skip_bad=True)
        session.flush()
        yield session
        session.rollback()


def metres_off(answers, truth):
    """Metres from each answer to its true place; NaN where it was not accepted."""
    lon = np.array([np.nan if a.lon is None else a.lon for a in answers])
    lat = np.array([np.nan if a.lat is None else a.lat for a in answers])
    x, y = to_metre(lon, lat, 4549)
    true_x, true_y = to_metre(*truth, 4549)
    return np.hypot(x - true_x, y - true_y)


def true_places(stations):
    x = [float(row["lng_bd09"]) for row in stations]
    y = [float(row["lat_bd09"]) for row in stations]
    places = Coordinates(x, y, BD09).to_wgs84()
    return places.lon, places.lat


def test_stations_are_at_their_place_or_refused(minhang, stations):
    answers = Geocoder(minhang).geocode_many([row["address"] for row in stations])
    off = metres_off(answers, true_places(stations))
    accepted = [i for i, answer in enumerate(answers) if answer.status == "accepted"]
    limit = [max(200.0, 2.0 * (answers[i].error_m or 0.0)) for i in accepted]
    wrong = [i for i, most in zip(accepted, limit, strict=True) if off[i] > most]
    why = Counter(answer.why[0].word for answer in answers if answer.status == "review")
    tell(f"64 stations with stops only: accepted {len(accepted)}, false {len(wrong)}, refused because {dict(why)}")
    for i in accepted:
        tell(f"  {answers[i].level} {off[i]:.0f} m off, said {answers[i].error_m} m")
    assert wrong == []
    assert all(answers[i].town_code for i in accepted)


@pytest.fixture
def every_second_door(minhang, stations, dictionary):
    """The door of every second station in the gazetteer, for one test; answers with which rows are known."""
    held = minhang.begin_nested()
    lon, lat = true_places(stations)
    known = set()
    for i in range(0, len(stations), 2):
        parsed = parse_address(stations[i]["address"], dictionary)
        if parsed.form == "door":
            known.add(i)
            where = {"geom": f"SRID=4326;POINT({lon[i]} {lat[i]})", "accuracy_m": 10.0, "source": f"station {i}"}
            door = {"road": parsed.road, "lane": parsed.lane, "number": parsed.number}
            minhang.add(GazetteerEntry(kind="door", name=parsed.norm, name_norm=parsed.norm, **door, **where))
    minhang.flush()
    yield known
    held.rollback()


def test_known_doors_are_found_and_their_neighbours_are_not_taken_for_them(minhang, stations, every_second_door):
    answers = Geocoder(minhang).geocode_many([row["address"] for row in stations])
    off = metres_off(answers, true_places(stations))
    accepted = {i for i, answer in enumerate(answers) if answer.status == "accepted"}
    false = {i for i in accepted if off[i] > max(200.0, 2.0 * (answers[i].error_m or 0.0))}
    tell(f"{len(every_second_door)} doors known: {len(accepted)} of 64 accepted, {len(false)} false")
    assert len(every_second_door) >= 24
    assert every_second_door <= accepted
    assert false == set()


def test_addresses_of_other_districts_are_refused(minhang, elsewhere):
    answers = Geocoder(minhang).geocode_many([row["address"] for row in elsewhere])
    accepted = [row["address"] for row, answer in zip(elsewhere, answers, strict=True) if answer.status == "accepted"]
    tell(f"{len(elsewhere)} addresses of other districts: {len(accepted)} accepted")
    assert len(accepted) <= 0.01 * len(elsewhere)


def test_of_all_real_addresses_those_of_another_city_alone_are_refused(stations, elsewhere, incidents):
    told = Dictionary(district="闵行区", within=["上海市"])
    texts = [*(row["address"] for row in (*stations, *elsewhere)), *incidents]
    refused = [one for one in texts if told.upper.against(parse_address(one, told))]
    tell(f"{len(texts)} addresses of Shanghai: {len(refused)} name another city")
    assert refused
    assert all(one.removeprefix("浙江省").startswith("舟山市") for one in refused)


def test_other_districts_are_refused_even_when_the_text_does_not_say_so(minhang, elsewhere):
    bare = [row["address"].replace(row["district"], "").removeprefix("上海市") for row in elsewhere]
    answers = Geocoder(minhang).geocode_many(bare)
    accepted = [text for text, answer in zip(bare, answers, strict=True) if answer.status == "accepted"]
    tell(f"{len(bare)} without their district's name: {len(accepted)} accepted {accepted}")
    assert len(accepted) <= 0.01 * len(bare)


def test_incidents_are_placed_only_at_known_crossings(minhang, incidents):
    geocoder = Geocoder(minhang)
    answers = geocoder.geocode_many(incidents)
    accepted = [answer for answer in answers if answer.status == "accepted"]
    levels = Counter(answer.level for answer in accepted)
    tell(f"506 incidents of the whole city, crossings known in a part of one district: {dict(levels)} accepted")
    assert levels["offset"] >= 1
    assert set(levels) <= {"offset", "crossing", "place"}
    for answer in accepted:
        assert any(reason.word in {"crossing_known", "place_known"} for reason in answer.why)
