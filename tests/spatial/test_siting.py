"""Where the next sites would cover most: small cases by hand, and all choices tried one by one."""

from itertools import combinations

import numpy as np
import pytest
import shapely

from spatial import siting_problem
from spatial.errors import BadSiting
from spatial.siting import greedy, siting
from spatial.siting_ground import gains_in_turn, open_cells
from spatial.siting_problem import Problem

LINE = [(0, 0), (10, 0), (20, 0), (30, 0), (40, 0), (50, 0)]


def tried(xy, weights, sites, count, radius_m, existing=()):
    """The most that any choice covers, by trying all."""
    near = np.hypot(*(xy[:, None] - sites[None]).transpose(2, 0, 1)) <= radius_m
    held = np.zeros(len(xy), dtype=bool)
    for place in existing:
        held |= np.hypot(*(xy - place).T) <= radius_m
    return max(
        float(weights[held | near[:, list(choice)].any(axis=1)].sum())
        for choice in combinations(range(len(sites)), min(count, len(sites)))
    )


def example(seed):
    """Places, whole weights, candidates, existing sites, a count and a radius."""
    rng = np.random.default_rng(seed)
    xy, sites = rng.uniform(0, 100, (int(rng.integers(5, 40)), 2)), rng.uniform(0, 100, (int(rng.integers(4, 13)), 2))
    weights = rng.integers(0, 9, len(xy)).astype(float)
    return xy, weights, sites, rng.uniform(0, 100, (seed % 3, 2)), int(rng.integers(1, 5)), float(rng.uniform(10, 45))


def test_one_site_stands_where_it_covers_most():
    found = siting(LINE, [1, 1, 1, 1, 1, 5], LINE, count=1, radius_m=10)
    assert (found.chosen, found.adds) == ((4,), (7.0,))
    assert (found.total, found.before, found.after, found.bound) == (10.0, 0.0, 7.0, 7.0)
    assert (found.is_optimal, found.gap, found.lattice_m) == (True, 0.0, None)


def test_two_sites_cover_all_where_greedy_alone_would_not():
    # the middle one covers most by itself, and belongs to no best pair
    sites = [(10, 0), (25, 0), (40, 0)]
    near = siting(LINE, [3, 3, 4, 4, 3, 3], sites, count=2, radius_m=15)
    assert (sorted(near.chosen), near.after, near.is_optimal) == ([0, 2], 20.0, True)


def test_what_adds_most_comes_first_and_each_adds_what_those_before_do_not():
    found = siting(LINE, [1, 1, 1, 2, 2, 2], LINE, count=2, radius_m=10)
    assert (found.chosen, found.adds) == ((4, 1), (6.0, 3.0))


def test_what_existing_sites_cover_is_no_gain():
    found = siting(LINE, [9, 9, 9, 1, 1, 1], LINE, count=1, radius_m=10, existing_xy=[(10, 0)])
    assert (found.before, found.chosen, found.after) == (27.0, (4,), 30.0)


@pytest.mark.parametrize(("radius_m", "covered"), [(9.999, 1.0), (10.0, 2.0), (10.001, 2.0)])
def test_the_edge_of_the_radius_is_covered(radius_m, covered):
    assert siting([(0, 0), (10, 0)], [1, 1], [(0, 0)], count=1, radius_m=radius_m).after == covered
    held = siting([(0, 0), (10, 0)], [1, 1], [], count=1, radius_m=radius_m, existing_xy=[(0, 0)])
    assert held.before == covered


@pytest.mark.parametrize("seed", range(60))
def test_no_choice_covers_more_than_the_one_found(seed):
    xy, weights, sites, existing, count, radius_m = example(seed)
    found = siting(xy, weights, sites, count=count, radius_m=radius_m, existing_xy=existing)
    assert found.is_optimal
    assert found.after == pytest.approx(tried(xy, weights, sites, count, radius_m, existing), abs=1e-6)
    assert found.after == pytest.approx(found.before + sum(found.adds))
    assert list(found.adds) == sorted(found.adds, reverse=True)


@pytest.mark.parametrize("seed", range(100, 120))
def test_a_choice_that_is_hardly_better_is_found_as_well(seed):
    # weights that differ by a hundred-thousandth
    xy, weights, sites, _, count, radius_m = example(seed)
    weights = 1.0 + np.random.default_rng(seed).uniform(0, 1e-5, len(weights))
    found = siting(xy, weights, sites, count=count, radius_m=radius_m)
    assert found.is_optimal
    assert found.after == pytest.approx(tried(xy, weights, sites, count, radius_m), rel=1e-9)


@pytest.mark.parametrize("seed", range(20))
def test_without_the_solver_it_is_no_worse_than_greedy_and_the_bound_holds(seed):
    xy, weights, sites, existing, count, radius_m = example(seed)
    quick = siting(xy, weights, sites, count=count, radius_m=radius_m, existing_xy=existing, most_s=0)
    best = tried(xy, weights, sites, count, radius_m, existing)
    assert quick.after <= best + 1e-9 <= quick.bound + 2e-9
    open_ = np.array([min((np.hypot(*(place - one)) for one in existing), default=np.inf) for place in xy]) > radius_m
    problem = Problem.of(xy[open_], weights[open_], sites, radius_m)
    picks, bound = greedy(problem, count)
    assert quick.after >= quick.before + problem.worth(picks) - 1e-9
    assert quick.before + bound >= best - 1e-9


def test_the_examples_hold_some_where_greedy_falls_short():
    short = 0
    for seed in range(60):
        xy, weights, sites, _, count, radius_m = example(seed)
        problem = Problem.of(xy, weights, sites, radius_m)
        short += problem.worth(greedy(problem, count)[0]) < tried(xy, weights, sites, count, radius_m) - 1e-9
    assert short >= 3


def test_a_bound_holds_and_is_close_where_the_solver_has_no_time():
    rng = np.random.default_rng(3)
    xy, weights = rng.uniform(0, 2000, (400, 2)), rng.uniform(0, 10, 400)
    hurried = siting(xy, weights, xy, count=8, radius_m=250, most_s=0.001)
    best = siting(xy, weights, xy, count=8, radius_m=250)
    assert best.is_optimal
    assert hurried.after <= best.after <= hurried.bound * (1 + 1e-9)
    assert hurried.gap < 0.3


def test_the_same_input_gives_the_same_answer():
    rng = np.random.default_rng(5)
    xy, weights = rng.uniform(0, 1500, (250, 2)), rng.uniform(0, 10, 250)
    assert siting(xy, weights, xy, count=6, radius_m=200) == siting(xy, weights, xy, count=6, radius_m=200)


def test_many_points_are_put_together_and_this_is_told(monkeypatch):
    monkeypatch.setattr(siting_problem, "MOST_PAIRS", 3_000)
    axis = np.arange(20) * 100.0
    xy = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    found = siting(xy, np.ones(400), xy, count=3, radius_m=500)
    assert found.lattice_m is not None
    assert not found.is_optimal
    assert found.total == 400
    assert 0.8 * 3 * 81 < found.after <= 400


@pytest.mark.parametrize(
    ("demand", "weights", "sites"),
    [
        pytest.param([], [], LINE, id="no demand"),
        pytest.param(LINE, [0] * 6, LINE, id="worth nothing"),
        pytest.param(LINE, [1] * 6, [], id="no candidates"),
        pytest.param(LINE, [1] * 6, [(500, 500)], id="out of reach"),
    ],
)
def test_where_nothing_can_be_covered_no_site_is_chosen(demand, weights, sites):
    found = siting(demand, weights, sites, count=3, radius_m=10)
    assert (found.chosen, found.after, found.is_optimal, found.gap) == ((), 0.0, True, 0.0)


def test_fewer_sites_are_chosen_where_no_more_adds_anything():
    assert len(siting(LINE, [1] * 6, LINE, count=5, radius_m=20).chosen) == 2


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        pytest.param({"count": 0}, "at least 1", id="no site"),
        pytest.param({"radius_m": 0}, "covers nothing", id="no radius"),
        pytest.param({"radius_m": float("nan")}, "covers nothing", id="radius is no number"),
        pytest.param({"weights": [1, 1]}, "6 places have 2 weights", id="weights missing"),
        pytest.param({"weights": [1, 1, 1, 1, 1, -1]}, "below 0", id="weight below 0"),
        pytest.param({"weights": [1, 1, 1, 1, 1, float("inf")]}, "no finite", id="weight without end"),
        pytest.param({"candidates_xy": [(0, float("nan"))]}, "candidates", id="candidate nowhere"),
        pytest.param({"existing_xy": [1, 2, 3]}, "existing sites", id="half a pair"),
    ],
)
def test_nonsense_is_refused(changes, why):
    asked = {"demand_xy": LINE, "weights": [1] * 6, "candidates_xy": LINE, "count": 1, "radius_m": 10} | changes
    with pytest.raises(BadSiting, match=why):
        siting(asked.pop("demand_xy"), asked.pop("weights"), asked.pop("candidates_xy"), **asked)


def test_open_ground_of_cells():
    cells = np.array([shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10), shapely.box(20, 0, 30, 10)])
    gaps = np.array([shapely.box(0, 0, 14, 10), shapely.box(16, 0, 20, 10)])
    found = open_cells(cells, gaps)
    assert found.area_m2.tolist() == [100.0, 80.0, 0.0]
    assert found.xy[:2].tolist() == [[5.0, 5.0], [15.0, 5.0]]
    assert np.isnan(found.xy[2]).all()
    assert open_cells(cells, gaps[:0]).area_m2.tolist() == [0.0, 0.0, 0.0]
    assert open_cells(cells[:0], gaps).xy.shape == (0, 2)


def test_sites_in_turn_cover_what_those_before_left():
    gaps = np.array([shapely.box(0, 0, 1000, 1000), shapely.box(1000, 0, 2000, 1000)])
    found = gains_in_turn(gaps, [(0, 500), (1000, 500), (1100, 500), (9000, 0)], radius_m=300.0)
    assert [gain.site for gain in found] == [1, 0, 2]
    disc = np.pi * 300**2
    areas = [gain.ground.area for gain in found]
    assert areas[:2] == pytest.approx([disc, disc / 2], rel=1e-3)
    together = shapely.union_all(shapely.buffer(shapely.points([(1000, 500), (1100, 500)]), 300, quad_segs=64))
    assert areas[2] == pytest.approx(together.area - disc, rel=5e-3)
    assert gains_in_turn(gaps[:0], [(0, 0)], radius_m=300.0) == []
    assert gains_in_turn(gaps, np.empty((0, 2)), radius_m=300.0) == []
