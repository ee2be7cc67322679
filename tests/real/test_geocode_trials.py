"""The geocoder tried on real places: Minhang's own, the stations of the whole city, and what nobody can answer.

Figures are logged (`--log-cli-level=INFO`). Bounds are what is promised, or what is really reached where that is less.
"""

import csv
import logging
import math
import random

import pytest
from sqlalchemy.orm import Session

from geodata.geocode.evaluation import figures
from geodata.geocode.geocoder import Geocoder
from geodata.services.geocode_bench import Labelled, read_labelled, try_split
from geodata.services.imports import import_file

pytestmark = pytest.mark.real

LOG = logging.getLogger(__name__)
SEEDS = range(1, 5)


def tell(name, trial):
    one = trial.figures
    LOG.info(
        "%s (%s): %d asked, match %s, false %s, refused %s, median %s m, p95 %s m, town %s, village %s, honest %s, "
        "calibration %s, %s rows/s, levels %s",
        *(name, trial.split, one.rows, one.match_rate, one.false_match_rate, one.refusal_rate, one.median_m, one.p95_m),
        *(one.town_right, one.village_right, one.honesty, one.calibration, trial.rows_per_s, one.by_level),
    )
    LOG.info("  %s beside %s", name, {way: (it.match_rate, it.false_match_rate) for way, it in trial.baselines.items()})
    LOG.info("  curve %s", [(s.threshold, round(s.match_rate, 3), round(s.false_match_rate, 3)) for s in one.curve])


@pytest.fixture(scope="module")
def points(real_data):
    return real_data / "minhang-points"


@pytest.fixture(scope="module")
def minhang(clone, real_data, points):
    """The district as published, its metro and bus stops and estates as gazetteer."""
    with Session(clone(name="闵行区")) as session:
        towns = real_data / "minhang-boundaries" / "minhang_towns_gcj02.geojson"
        import_file(session, "areas", towns, datum="gcj02", level="town")
        villages = real_data / "minhang-villages" / "minhang_villages_2023.csv"
        import_file(session, "areas", villages, level="village")
        for name, datum in (
            ("bus_stops_wgs84", "wgs84"),
            ("metro_stations_gcj02", "gcj02"),
            ("rental_estates_gcj02", "gcj02"),
        ):
            import_file(session, "gazetteer", points / f"{name}.csv", datum=datum, skip_bad=True)
        session.flush()
        yield session
        session.rollback()


@pytest.fixture(scope="module")
def stations(minhang, points):
    return read_labelled(minhang, points / "energy_stations_bd09.csv")


@pytest.fixture(scope="module")
def estates(minhang, points):
    return read_labelled(minhang, points / "rental_estates_gcj02.csv")


@pytest.fixture(scope="module")
def elsewhere(minhang, real_data):
    return read_labelled(minhang, real_data / "shanghai-stations" / "energy_stations_bd09_other_districts.csv")


def test_minhang_estates_are_found_and_stations_are_never_misplaced(minhang, stations, estates):
    trial, _ = try_split(minhang, estates, split="as_is")
    tell("estates of Minhang", trial)
    assert trial.figures.match_rate > 0.85
    assert trial.figures.false_match_rate <= 0.01
    for split in ("random", "by_road"):
        for seed in SEEDS[:2]:
            half, _ = try_split(minhang, [*stations, *estates], split=split, seed=seed)
            assert (half.figures.false_match_rate or 0.0) <= 0.01
        tell("Minhang stations and estates", half)


def test_of_the_citys_stations_hardly_any_is_taken_wrongly(clone, stations, elsewhere):
    judged = []
    with Session(clone(name="上海市")) as session:
        for seed in SEEDS:
            trial, asked = try_split(session, [*stations, *elsewhere], split="random", seed=seed)
            judged += [one.judged for one in asked]
            by_road, _ = try_split(session, [*stations, *elsewhere], split="by_road", seed=seed)
            assert by_road.figures.accepted == 0, "nothing is known of the roads that are asked for"
        session.rollback()
    drawn = figures(judged)
    tell("stations of the city, the last of the draws", trial)
    tell("stations of the city", by_road)
    LOG.info("%d draws together: %s", len(SEEDS), drawn)
    assert drawn.accepted > 0
    assert drawn.false_match_rate <= 0.01
    assert drawn.honesty >= 0.95
    assert drawn.calibration < 0.05


def unanswerable(stations, elsewhere):
    """200 addresses: of other districts with and without saying so, on invented roads, with absurd numbers."""
    draw = random.Random(5)  # noqa: S311 - the same addresses each time
    named = [row.address for row in draw.sample(elsewhere, 60)]
    bare = [row.address.split("区", 1)[-1] for row in draw.sample(elsewhere, 60)]
    signs = "虚空蜃雾幻霓缥缈"
    invented = []
    for _ in range(40):
        name = draw.choice(signs) + draw.choice(signs) + draw.choice(("路", "公路", "街"))
        invented.append(f"闵行区{name}{draw.randint(1, 3000)}号")
    doors = [row.address for row in stations if row.address.endswith("号")]
    absurd = [address.removesuffix("号") + f"{draw.randint(100, 999)}号" for address in draw.choices(doors, k=40)]
    return [Labelled(text, math.nan, math.nan) for text in (*named, *bare, *invented, *absurd)]


def test_two_hundred_addresses_that_nobody_can_answer_are_refused(minhang, stations, elsewhere):
    rows = [*stations, *unanswerable(stations, elsewhere)]
    for seed in SEEDS[:2]:
        trial, asked = try_split(minhang, rows, split="random", seed=seed)
        taken = [one.row.address for one in asked if one.judged.is_accepted and not one.row.is_answerable]
        assert trial.figures.refusal_rate >= 0.99, taken
    tell("with 200 that cannot be answered", trial)


def test_another_citys_complaints_are_never_misplaced(make_district, real_data):
    text = (real_data / "nyc-311" / "nyc_311_2024-04.csv").read_text(encoding="utf-8")
    rows = [
        Labelled(
            f"{row['incident_address']}, {row['borough'].title()}", float(row["longitude"]), float(row["latitude"])
        )
        for row in csv.DictReader(text.splitlines())
        if row["incident_address"] and row["longitude"]
    ]
    judged = []
    with Session(make_district(code="36", name="New York", metre_crs="EPSG:32618")) as session:
        for seed in SEEDS[:3]:
            trial, asked = try_split(session, rows, split="random", seed=seed)
            judged += [one.judged for one in asked]
        by_road, _ = try_split(session, rows, split="by_road", seed=1)
        session.rollback()
    tell("New York's complaints", trial)
    drawn = figures(judged)
    assert len(rows) > 900
    assert drawn.match_rate > 0.1
    assert drawn.false_match_rate <= 0.01
    assert by_road.figures.accepted == 0


def test_answers_do_not_depend_on_what_else_is_asked(minhang, stations, estates):
    geocoder = Geocoder(minhang)
    texts = [row.address for row in (*stations, *estates[:60])]
    assert geocoder.geocode_many(texts) == [geocoder.geocode(text) for text in texts]
