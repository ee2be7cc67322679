"""The best choice by OR-tools: a linear programme for the bound, and what it leaves open as a whole-number one.

Of this problem the linear programme is nearly whole already. What it says of a candidate that it does not use, the
least that any choice with it would lose, sorts out all that no better choice could hold; the rest is small.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.linear_solver import pywraplp

from spatial.siting_problem import Numbers, Problem, Reals

Improve = Callable[[Sequence[int]], list[int]]

# The solvers' tolerances are made for numbers of about this size.
_WHOLE = 1e4
_SMALL = 1e-6


@dataclass(frozen=True, slots=True)
class Relaxed:
    """What the linear programme came to: how much of each candidate it uses, what each loses, and its bound."""

    used: Reals
    loses: Reals
    bound: float


def best_picks(
    problem: Problem, count: int, picks: Sequence[int], *, most_s: float, improve: Improve
) -> tuple[list[int], float]:
    """Picks at least as good as those given, and what no `count` candidates cover more than.

    most_s    seconds for each of the two programmes; where they do not suffice the bound stays above the picks.
    improve   makes picks better that the linear programme hints at.
    """
    best, value = list(picks), problem.worth(picks)
    able = _undominated(problem)
    relaxed = _relaxed(problem, able, count, most_s)
    if relaxed is None:
        return best, float(problem.weights.sum())
    hint = improve(np.lexsort([np.arange(problem.size), -relaxed.used])[:count].tolist())
    if problem.worth(hint) > value:
        best, value = hint, problem.worth(hint)
    if relaxed.bound <= value * (1 + _SMALL / 100):
        return best, relaxed.bound
    kept = np.flatnonzero(able & (relaxed.bound - relaxed.loses >= value * (1 - _SMALL)))
    found, bound = _whole(problem.among(kept), count, most_s)
    found = kept[found].tolist()
    if problem.worth(found) > value:
        best, value = found, problem.worth(found)
    # no choice with a candidate that was sorted out is better than the picks there were
    return best, min(relaxed.bound, max(bound, value))


def _relaxed(problem: Problem, able: NDArray[np.bool_], count: int, most_s: float) -> Relaxed | None:
    """The linear programme's answer; None where it took too long."""
    solver = pywraplp.Solver.CreateSolver("GLOP")
    numbers = np.flatnonzero(able).tolist()
    chosen = {candidate: solver.NumVar(0, 1, "") for candidate in numbers}
    scale = _stated(solver, problem, chosen, count)
    solver.SetTimeLimit(int(most_s * 1000))
    if solver.Solve() != pywraplp.Solver.OPTIMAL:
        return None
    used, loses = np.zeros(problem.size), np.zeros(problem.size)
    for candidate, share in chosen.items():
        used[candidate] = share.solution_value()
        if used[candidate] < _SMALL:
            loses[candidate] = abs(share.reduced_cost()) / scale
    return Relaxed(used, loses, solver.Objective().Value() / scale)


def _whole(problem: Problem, count: int, most_s: float) -> tuple[Numbers, float]:
    """The whole-number programme's picks (none where it found none in time) and bound."""
    solver = pywraplp.Solver.CreateSolver("SCIP")
    chosen = {candidate: solver.BoolVar("") for candidate in range(problem.size)}
    scale = _stated(solver, problem, chosen, count)
    solver.SetTimeLimit(int(most_s * 1000))
    # without this a ten-thousandth less counts as the best
    exact = pywraplp.MPSolverParameters()
    exact.SetDoubleParam(exact.RELATIVE_MIP_GAP, 0.0)
    status = solver.Solve(exact)
    if status not in (pywraplp.Solver.OPTIMAL, pywraplp.Solver.FEASIBLE):
        return np.empty(0, dtype=np.int64), float("inf")
    picks = np.array([one for one, is_chosen in chosen.items() if is_chosen.solution_value() > 0.5], dtype=np.int64)
    # counted again, since the solver's own sum is rounded
    return picks, problem.worth(
        picks.tolist()
    ) if status == pywraplp.Solver.OPTIMAL else solver.Objective().BestBound() / scale


def _stated(solver: pywraplp.Solver, problem: Problem, chosen: dict[int, pywraplp.Variable], count: int) -> float:
    """Tell a solver the problem; the factor by which its objective is larger than the weight."""
    scale = _WHOLE / max(float(problem.weights.sum()), 1e-300)
    solver.Add(sum(chosen.values()) <= count)
    objective = solver.Objective()
    objective.SetMaximization()
    for demand, worth in enumerate((problem.weights * scale).tolist()):
        is_covered = solver.NumVar(0, 1, "")
        objective.SetCoefficient(is_covered, worth)
        row = solver.Constraint(-solver.infinity(), 0)
        row.SetCoefficient(is_covered, 1)
        for candidate in problem.able(demand).tolist():
            if candidate in chosen:
                row.SetCoefficient(chosen[candidate], -1)
    return scale


def _undominated(problem: Problem) -> NDArray[np.bool_]:
    """Candidates that cover something which is no part of what another (of the same, the lower number) covers."""
    sizes = np.diff(problem.starts)
    keeps = sizes > 0
    sets = [frozenset(problem.covered(candidate).tolist()) for candidate in range(problem.size)]
    seldom = np.diff(problem.back_starts)
    for candidate in np.flatnonzero(keeps).tolist():
        mine = problem.covered(candidate)
        rivals = problem.able(int(mine[np.argmin(seldom[mine])]))
        is_lower = (sizes[rivals] == sizes[candidate]) & (rivals < candidate)
        rivals = rivals[(sizes[rivals] > sizes[candidate]) | is_lower]
        keeps[candidate] = not any(sets[candidate] <= sets[rival] for rival in rivals.tolist())
    return keeps
