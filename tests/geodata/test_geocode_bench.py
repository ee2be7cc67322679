"""Trials on labelled addresses: the figures, the splits, the simpler ways, and that nothing is kept."""

import math

import pytest
from makers import add_areas, at
from sqlalchemy import text

from geodata.geocode.evaluation import Areas, Judged, figures, is_false
from geodata.geocode.parse import Dictionary, parse_address
from geodata.services.geocode_bench import Labelled, read_labelled, split_rows, try_split

HERE, THERE = Areas("W", "W1", "c1"), Areas("E", "E1", "c9")
NOWHERE = Areas(None, None, None)


def judged(score=0.98, *, accepted=True, metres=10.0, error_m=20.0, answered=HERE, true=HERE, level="door"):
    return Judged(score, accepted, metres is not None, metres, error_m, answered, true, level)


def test_the_figures_of_a_few_answers():
    rows = [
        judged(metres=10.0),
        judged(metres=150.0, error_m=50.0, answered=HERE._replace(cell="c2")),
        judged(metres=500.0, answered=THERE),
        judged(0.9, accepted=False, metres=30.0),
        judged(0.0, accepted=False, metres=None, error_m=None, true=NOWHERE),
    ]
    found = figures(rows)
    assert (found.rows, found.answerable, found.accepted) == (5, 4, 3)
    assert (found.match_rate, found.false_match_rate, found.refusal_rate) == (3 / 4, 1 / 3, 1.0)
    assert (found.median_m, found.p95_m) == (150.0, pytest.approx(465.0))
    assert (found.town_right, found.village_right, found.cell_right) == (2 / 3, 2 / 3, 1 / 3)
    assert found.honesty == 1 / 3
    assert found.by_level == {"door": 3}
    assert [(step.threshold, step.accepted) for step in found.curve if step.accepted == 4][-1][0] == 0.9
    assert found.calibration == pytest.approx((3 * abs(0.98 - 2 / 3) + 1 * abs(0.9 - 1.0)) / 4)


def test_an_answer_to_what_has_no_place_is_false():
    assert is_false(judged(metres=None))
    assert is_false(judged(metres=20.0, answered=THERE))
    assert not is_false(judged(metres=200.0))


def test_no_rows_have_no_figures():
    found = figures([])
    assert (found.match_rate, found.median_m, found.calibration, found.rows) == (None, None, None, 0)


# -- splits --------------------------------------------------------------------------------------

ROADS = ["桃李路", "星海路", "和平路", "沁园路", "东山路", "中和路"]


@pytest.fixture
def rows():
    """Ten doors on each of six roads, a hundred metres and ten numbers apart, and two addresses without a place."""
    made = [
        Labelled(f"{road}{number}号", *at(0.2 + 0.1 * number / 100, 0.2 + 0.25 * i))
        for i, road in enumerate(ROADS)
        for number in range(100, 200, 10)
    ]
    return [*made, Labelled("光明区桃李路100号", math.nan, math.nan), Labelled("空空路1号", math.nan, math.nan)]


def test_the_halves_of_a_split_share_no_road(rows):
    known, asked = split_rows(rows, split="by_road", seed=3)
    roads = [
        {parse_address(row.address, Dictionary()).road for row in half if row.is_answerable} for half in (known, asked)
    ]
    assert roads[0].isdisjoint(roads[1])
    assert (len(known), len(asked)) == (30, 32)
    assert split_rows(rows, split="by_road", seed=3) == (known, asked)
    assert split_rows(rows, split="by_road", seed=4) != (known, asked)


def test_a_random_half_is_known_and_the_other_asked(rows):
    known, asked = split_rows(rows, split="random", seed=1)
    assert sorted([*known, *asked], key=repr) == sorted(rows, key=repr)
    assert all(row.is_answerable for row in known)


@pytest.fixture
def district(session):
    add_areas(session)
    return session


def test_with_neighbours_known_doors_are_placed_and_with_none_they_are_refused(district, rows):
    random_half, asked = try_split(district, rows, split="random", seed=1)
    assert random_half.figures.match_rate > 0.5
    assert random_half.figures.false_match_rate == 0.0
    assert random_half.figures.refusal_rate == 1.0
    assert random_half.figures.honesty == 1.0
    assert random_half.baselines["no_interpolation"].match_rate < random_half.figures.match_rate
    assert random_half.baselines["exact_only"].match_rate == 0.0
    assert all(one.answer.level == "interpolated" for one in asked if one.judged.is_accepted)
    by_road, _ = try_split(district, rows, split="by_road", seed=1)
    assert (by_road.figures.accepted, by_road.figures.refusal_rate) == (0, 1.0)
    assert by_road.rows_per_s > 0


def test_likeness_alone_takes_the_door_beside(district, rows):
    trial, _ = try_split(district, rows, split="random", seed=1)
    alike = trial.baselines["trigram_only"]
    assert alike.match_rate > 0.5
    assert alike.median_m > 2 * trial.figures.median_m


def test_a_trial_keeps_nothing(district, rows):
    try_split(district, rows, split="random", seed=1)
    assert district.scalar(text("SELECT count(*) FROM gazetteer_entry")) == 0


def test_a_set_of_another_place_is_tried_without_our_towns(district, rows):
    away = [row._replace(lon=row.lon + 5.0) for row in rows]
    trial, _ = try_split(district, away, split="random", seed=1)
    assert trial.figures.match_rate > 0.5


# -- reading -------------------------------------------------------------------------------------


def test_a_labelled_set_is_read_in_its_own_datum(session, tmp_path):
    path = tmp_path / "labelled.csv"
    path.write_text("address,lon,lat,datum\n桃李路1号,121.4,31.1,gcj02\n空空路1号,,,\n", encoding="utf-8")
    first, second = read_labelled(session, path)
    assert (first.lon, first.lat) == (pytest.approx(121.3955, abs=1e-3), pytest.approx(31.102, abs=1e-3))
    assert (first.is_answerable, second.is_answerable, second.address) == (True, False, "空空路1号")
