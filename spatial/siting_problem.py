"""Which candidate covers which demand, in arrays that stay small, and what a choice comes to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
import shapely
from numpy.typing import NDArray

Numbers = NDArray[np.integer[Any]]
Reals = NDArray[np.float64]

# Pairs of a candidate and what it covers that are held at once, about 100 MB; above it the points are put together
# on a lattice, of which this many squares lie in a radius.
MOST_PAIRS = 3_200_000
LATTICES = (12, 8, 6, 4, 3, 2)

_CHUNK = 2_000


class Groups(NamedTuple):
    """Demand as it is worked with: places (n, 2) and weights (n)."""

    xy: Reals
    weights: Reals


@dataclass(frozen=True, slots=True)
class Problem:
    """Which candidate covers which demand, both ways, as the starts of runs and the numbers in them.

    Demand that the same candidates cover is one, and demand that none covers is absent.
    """

    weights: Reals
    starts: Numbers
    covers: Numbers
    back_starts: Numbers
    covered_by: Numbers

    @classmethod
    def of(cls, demand_xy: Reals, weights: Reals, candidates_xy: Reals, radius_m: float) -> Self:
        """The problem of places that are within the radius of each other."""
        candidate, demand = _pairs(candidates_xy, demand_xy, radius_m)
        return cls.of_pairs(candidate, demand, weights, len(candidates_xy))

    @classmethod
    def of_pairs(cls, candidate: Numbers, demand: Numbers, weights: Reals, count: int) -> Self:
        """The problem of these pairs, sorted by nothing; `count` candidates."""
        order = np.lexsort([candidate, demand])
        candidate, demand = candidate[order], demand[order]
        edges = np.flatnonzero(np.diff(demand, prepend=-1, append=-1 if not demand.size else demand[-1] + 1))
        same: dict[bytes, int] = {}
        number = np.empty(len(weights), dtype=np.int64)
        firsts: list[int] = []
        for start, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
            group = same.setdefault(candidate[start:end].tobytes(), len(same))
            number[demand[start]] = group
            if group == len(firsts):
                firsts.append(int(demand[start]))
        known = np.unique(demand)
        worth: Reals = np.bincount(number[known], weights=weights[known], minlength=len(firsts)).astype(np.float64)
        is_first = np.zeros(len(weights), dtype=bool)
        is_first[np.array(firsts, dtype=np.int64)] = True
        once = is_first[demand]
        candidate, demand = candidate[once], number[demand[once]]
        back = np.lexsort([candidate, demand])
        there = np.lexsort([demand, candidate])
        return cls(
            weights=worth,
            starts=_starts(candidate, count),
            covers=demand[there],
            back_starts=_starts(demand, len(worth)),
            covered_by=candidate[back],
        )

    @property
    def size(self) -> int:
        """How many candidates there are."""
        return len(self.starts) - 1

    def covered(self, candidate: int) -> Numbers:
        """Demand that a candidate covers."""
        return self.covers[self.starts[candidate] : self.starts[candidate + 1]]

    def able(self, demand: int) -> Numbers:
        """Candidates that cover a demand."""
        return self.covered_by[self.back_starts[demand] : self.back_starts[demand + 1]]

    def among(self, kept: Numbers) -> Self:
        """The problem of these candidates alone, numbered from 0 in their order."""
        runs = [self.covered(candidate) for candidate in kept.tolist()]
        candidate = np.repeat(np.arange(len(runs)), [len(run) for run in runs])
        return self.of_pairs(candidate, np.concatenate([np.empty(0, dtype=np.int64), *runs]), self.weights, len(runs))

    def first_gains(self) -> Reals:
        """What each candidate alone would cover."""
        owner = np.repeat(np.arange(self.size), np.diff(self.starts))
        return np.bincount(owner, weights=self.weights[self.covers], minlength=self.size).astype(np.float64)

    def change(self, gains: Reals, demand: Numbers, sign: float) -> None:
        """Add to or take from the gains of all candidates what some demand is worth to them."""
        lengths = self.back_starts[demand + 1] - self.back_starts[demand]
        if not lengths.sum():
            return
        shift = np.repeat(self.back_starts[demand] - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths)
        owner = self.covered_by[shift + np.arange(len(shift))]
        worth = np.repeat(self.weights[demand], lengths)
        gains += sign * np.bincount(owner, weights=worth, minlength=self.size)

    def worth(self, picks: Sequence[int]) -> float:
        """Weight that the picks cover together."""
        is_covered = np.zeros(len(self.weights), dtype=bool)
        for pick in picks:
            is_covered[self.covered(pick)] = True
        return float(self.weights[is_covered].sum())

    def in_turn(self, picks: Sequence[int]) -> tuple[Numbers, list[float]]:
        """The picks, each time the one that adds most, and what it adds; without those that add nothing."""
        left, is_open = sorted(picks), np.ones(len(self.weights), dtype=bool)
        order: list[int] = []
        adds: list[float] = []
        while left:
            gains = [float(self.weights[(cells := self.covered(pick))][is_open[cells]].sum()) for pick in left]
            best = int(np.argmax(gains))
            if gains[best] <= 0:
                break
            adds.append(gains[best])
            order.append(left.pop(best))
            is_open[self.covered(order[-1])] = False
        return np.array(order, dtype=np.int64), adds


def thinned(points: Reals, weights: Reals, sites: Reals, radius_m: float) -> tuple[float | None, Groups, Numbers]:
    """Side of the lattice (None: none was needed), the demand on it, and numbers of the candidates that stay."""
    kept: Numbers = np.arange(len(sites))
    lattice_m, groups = None, Groups(points, weights)
    for parts in LATTICES:
        if _about(sites[kept], groups.xy, radius_m) <= MOST_PAIRS:
            break
        lattice_m = radius_m / parts
        groups, kept = _grouped(points, weights, lattice_m), _nearest_the_middles(sites, lattice_m)
    return lattice_m, groups, kept


def _grouped(points: Reals, weights: Reals, side_m: float) -> Groups:
    _, group = np.unique(np.floor(points / side_m), axis=0, return_inverse=True)
    group = group.reshape(-1)
    worth = np.bincount(group, weights=weights).astype(np.float64)
    middles = [np.bincount(group, weights=weights * points[:, axis]) / worth for axis in (0, 1)]
    return Groups(np.column_stack(middles), worth)


def _nearest_the_middles(sites: Reals, side_m: float) -> Numbers:
    squares = np.floor(sites / side_m)
    off = ((sites / side_m - squares - 0.5) ** 2).sum(axis=1)
    order = np.lexsort([np.arange(len(sites)), off])
    _, first = np.unique(squares[order], axis=0, return_index=True)
    return np.sort(order[first])


def _about(sites: Reals, points: Reals, radius_m: float) -> float:
    """About how many pairs there are, from some of the candidates."""
    some = sites[:: max(1, len(sites) // 200)]
    if not len(some) or not len(points):
        return 0.0
    found = sum(int((((points - site) ** 2).sum(axis=1) <= radius_m**2).sum()) for site in some)
    return found / len(some) * len(sites)


def _pairs(sites: Reals, points: Reals, radius_m: float) -> tuple[Numbers, Numbers]:
    """Numbers of sites and points that are within the radius of each other."""
    empty = np.empty(0, dtype=np.int64)
    if not len(sites) or not len(points):
        return empty, empty
    tree = shapely.STRtree(np.asarray(shapely.points(points), dtype=object))
    site, point = [], []
    for start in range(0, len(sites), _CHUNK):
        some = shapely.points(sites[start : start + _CHUNK])
        near, there = tree.query(some, predicate="dwithin", distance=radius_m)
        site.append((near + start).astype(np.int32))
        point.append(there.astype(np.int32))
    return np.concatenate(site), np.concatenate(point)


def _starts(sorted_or_not: Numbers, count: int) -> Numbers:
    return np.concatenate([[0], np.cumsum(np.bincount(sorted_or_not, minlength=count))]).astype(np.int64)
