"""Where the next sites would cover most: the maximal covering location problem, on points with weights.

A greedy start (each site where it adds most), made better by exchanging one site for another, then OR-tools for the
rest of the way and the proof. What can be left out without changing the answer is left out before.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from spatial.errors import BadSiting
from spatial.siting_problem import Problem, Reals, thinned
from spatial.siting_solver import best_picks

# Problems of more pairs than this are left to exchanges: the solver would not get far in the time there is.
MOST_SOLVED_PAIRS = 600_000

# For each of the solver's two steps.
MOST_S = 4.0

_PASSES = 20
_SAME = 1e-7


@dataclass(frozen=True, slots=True)
class Siting:
    """What `siting` chose.

    chosen      numbers of the candidates, what adds most first; fewer than asked for where no more adds anything.
    adds        what each covers that those before it, and existing sites, do not.
    total, before, after   weight of all demand, of what existing sites cover, of what is covered with the chosen.
    bound       no choice of as many candidates makes `after` more than this.
    lattice_m   the points were put together on squares of this side first; `bound` is of the problem so simplified.
    is_optimal  proven to be the best of all candidates, to one part in a million; never with a lattice.
    """

    chosen: tuple[int, ...]
    adds: tuple[float, ...]
    total: float
    before: float
    after: float
    bound: float
    lattice_m: float | None
    is_optimal: bool

    @property
    def gap(self) -> float:
        """How much more than what the chosen add could be added at most, as a share of the most (0..1)."""
        most = self.bound - self.before
        return max(0.0, (self.bound - self.after) / most) if most > 0 else 0.0


def siting(
    demand_xy: ArrayLike,
    weights: ArrayLike,
    candidates_xy: ArrayLike,
    *,
    count: int,
    radius_m: float,
    existing_xy: ArrayLike = (),
    most_s: float = MOST_S,
) -> Siting:
    """At most `count` of the candidates that together cover the most weight.

    demand_xy       (n, 2) points to be covered; a site covers those at `radius_m` or nearer.
    weights         n numbers from 0 on.
    candidates_xy   (m, 2) where sites may stand; of those that add the same the lower number is taken.
    existing_xy     (k, 2) sites that stand already: what they cover is nobody's gain.
    most_s          seconds for each of the solver's two steps; 0: greedy and exchanges alone.

    All in one metre CRS. The same input gives the same answer, unless the solver's time runs out. Never worse than
    greedy. Raises BadSiting.
    """
    points, sites, existing = _places(demand_xy, "demand"), _places(candidates_xy, "candidates"), _places(existing_xy)
    worth = np.asarray(weights, dtype=np.float64).reshape(-1)
    _check(points, worth, count, radius_m)
    held = _within(points, existing, radius_m)
    total, before = float(worth.sum()), float(worth[held].sum())
    waiting = np.flatnonzero(~held & (worth > 0))
    lattice_m, groups, kept = thinned(points[waiting], worth[waiting], sites, radius_m)
    whole = Problem.of(groups.xy, groups.weights, sites[kept], radius_m)
    picks, bound = _solved(whole, count, most_s)
    order, adds = whole.in_turn(picks)
    added = sum(adds)
    is_proven = bound <= added * (1 + _SAME)
    return Siting(
        chosen=tuple(kept[order].tolist()),
        adds=tuple(adds),
        total=total,
        before=before,
        after=before + added,
        bound=before + (added if is_proven else bound),
        lattice_m=lattice_m,
        is_optimal=is_proven and lattice_m is None,
    )


def greedy(problem: Problem, count: int) -> tuple[list[int], float]:
    """Candidates, each where it adds most, and a bound: no choice of `count` covers more."""
    gains = problem.first_gains()
    is_open = np.ones(len(problem.weights), dtype=bool)
    picks: list[int] = []
    covered, bound = 0.0, float(problem.weights.sum())
    while problem.size:
        bound = min(bound, covered + _most(gains, count))
        best = int(np.argmax(gains))
        if len(picks) == count or gains[best] <= bound * 1e-12:
            break
        picks.append(best)
        fresh = problem.covered(best)[is_open[problem.covered(best)]]
        covered += float(problem.weights[fresh].sum())
        is_open[fresh] = False
        problem.change(gains, fresh, -1.0)
        gains[best] = 0.0
    return picks, bound


def exchanged(problem: Problem, picks: Sequence[int], count: int) -> tuple[list[int], float]:
    """The picks, one replaced by a better one as long as that helps, for a while; and a bound as that of `greedy`."""
    now, times = list(picks), np.zeros(len(problem.weights), dtype=np.int64)
    for pick in now:
        times[problem.covered(pick)] += 1
    gains = problem.first_gains()
    problem.change(gains, np.flatnonzero(times), -1.0)
    least = float(problem.weights.sum()) * 1e-9
    for _ in range(_PASSES):
        has_changed = False
        for place, pick in enumerate(now):
            alone = problem.covered(pick)[times[problem.covered(pick)] == 1]
            lost = float(problem.weights[alone].sum())
            problem.change(gains, alone, 1.0)
            times[problem.covered(pick)] -= 1
            best = int(np.argmax(gains))
            if gains[best] <= lost + least:
                best = pick
            now[place] = best
            has_changed |= best != pick
            fresh = problem.covered(best)[times[problem.covered(best)] == 0]
            problem.change(gains, fresh, -1.0)
            times[problem.covered(best)] += 1
        if not has_changed:
            break
    return now, problem.worth(now) + _most(gains, count)


def _most(gains: Reals, count: int) -> float:
    """What any `count` candidates could add to picks to which each alone adds so much: no more than the largest."""
    largest = np.partition(gains, -count)[-count:] if count < len(gains) else gains
    return float(np.maximum(largest, 0.0).sum())


def _solved(problem: Problem, count: int, most_s: float) -> tuple[list[int], float]:
    """The best picks that were found, and a bound of what any could cover."""
    picks, bound = greedy(problem, count)
    picks, closer = exchanged(problem, picks, count)
    value, bound = problem.worth(picks), min(bound, closer)
    if most_s <= 0 or bound <= value * (1 + _SAME) or len(problem.covers) > MOST_SOLVED_PAIRS:
        return picks, bound
    picks, closer = best_picks(
        problem, count, picks, most_s=most_s, improve=lambda some: exchanged(problem, some, count)[0]
    )
    return picks, min(bound, closer)


def _within(points: Reals, sites: Reals, radius_m: float) -> NDArray[np.bool_]:
    is_within = np.zeros(len(points), dtype=bool)
    if len(points) and len(sites):
        tree = shapely.STRtree(np.asarray(shapely.points(sites), dtype=object))
        near, _ = tree.query_nearest(shapely.points(points), max_distance=radius_m, all_matches=False)
        is_within[near] = True
    return is_within


def _places(xy: ArrayLike, what: str = "existing sites") -> Reals:
    try:
        places = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
    except ValueError as error:
        raise BadSiting(f"{what} are not pairs of x and y") from error
    if not np.isfinite(places).all():
        raise BadSiting(f"{what} have places that are no finite numbers")
    return places


def _check(points: Reals, weights: Reals, count: int, radius_m: float) -> None:
    if count < 1:
        raise BadSiting(f"{count} sites were asked for, at least 1 is needed")
    if not (np.isfinite(radius_m) and radius_m > 0):
        raise BadSiting(f"a radius of {radius_m:g} m covers nothing")
    if len(points) != len(weights):
        raise BadSiting(f"{len(points)} places have {len(weights)} weights")
    if not np.isfinite(weights).all() or (weights < 0).any():
        raise BadSiting("a weight is below 0 or no finite number")
