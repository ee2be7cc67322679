"""The assignment rule for many places at once, capacity being used up in the order of arrival.

The answers are those of `assign.decide`, one place after another, each given ticket
adding one to its unit's load; what differs is the time. What the policy makes of a
chunk of places and all units of their category are matrices. Of each place only the
best few units are looked at, and where it cannot be shown that the answer is among them (all
of them full, or a tie at the end of the few), all units are.
"""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from spatial.assign import Decision, Policy, decide
from spatial.assign_arrays import Arrival, Choice, Numbers, Ranks, UnitArrays, UnitProfile

__all__ = ["Arrival", "Choice", "UnitProfile", "decide_in_turn", "decide_many"]

_CHUNK = 1000
_LOOKED_AT = 16


def decide_in_turn(arrivals: Sequence[Arrival], units: Sequence[UnitProfile], policy: Policy) -> Iterator[Decision]:
    """Full decisions with reasons, one by one, every chosen unit's load growing by one."""
    loads = {unit.code: unit.load for unit in units}
    for arrival in arrivals:
        decision = decide(arrival.place, [unit.facts(arrival, loads[unit.code]) for unit in units], policy)
        if decision.chosen is not None:
            loads[decision.chosen.unit.code] += 1
        yield decision


def decide_many(arrivals: Sequence[Arrival], units: Sequence[UnitProfile], policy: Policy) -> list[Choice]:
    """The choices of `decide_in_turn`, in the order of the arrivals, without the reasons and much faster.

    units   codes are unique; in any order.
    """
    batch = _Batch(arrivals, units, policy)
    choices: list[Choice] = []
    for start in range(0, len(arrivals), _CHUNK):
        choices += batch.choose(arrivals[start : start + _CHUNK])
    return choices


class _Few(NamedTuple):
    """The best few units of one place, in exact order, and how far that order can be trusted."""

    unit: list[int]
    approximate: list[float]
    trusted_below: float


class _Batch:
    """Units with the room each has left, taken by one arrival after another."""

    def __init__(self, arrivals: Sequence[Arrival], units: Sequence[UnitProfile], policy: Policy) -> None:
        self.arrays = UnitArrays(units, policy, arrivals)
        # A rank that changes with every ticket given cannot be worked out for a chunk beforehand.
        self.is_steady = "score" not in policy.order or not (policy.weight("load") or policy.weight("fill"))

    def choose(self, arrivals: Sequence[Arrival]) -> list[Choice]:
        """Choices for a chunk; the matrices are made per category, the room is used in order."""
        few: dict[int, _Few] = {}
        by_category: dict[str, list[int]] = {}
        for i, arrival in enumerate(arrivals):
            by_category.setdefault(arrival.place.category, []).append(i)
        for category, members in by_category.items() if self.is_steady else ():
            few.update(zip(members, self._few([arrivals[i] for i in members], category), strict=True))
        taken = [self._take(arrival, few.get(i)) for i, arrival in enumerate(arrivals)]
        return self.arrays.choices(arrivals, np.array(taken, dtype=np.int64))

    def _few(self, arrivals: list[Arrival], category: str) -> list[_Few]:
        """The best units of each place among those that have room now."""
        fit = self.arrays.fit(category)
        able = fit[self.arrays.has_room(fit)]
        if not able.size:
            return [_Few([], [], math.inf)] * len(arrivals)
        ranks = self.arrays.ranks(arrivals, able)
        known = ranks.may & np.isfinite(ranks.first)
        # Whole steps wider than any spread, so that the sum sorts as (before, first) would.
        step = 2.0 * float(np.max(np.abs(ranks.first), where=known, initial=0.0)) + 2.0
        sums = np.where(ranks.may, ranks.before * step + np.where(known, ranks.first, 0.5 * step), np.inf)
        count = min(_LOOKED_AT, len(able))
        best = np.argpartition(sums, count - 1, axis=1)[:, :count]
        order = _sorted(_columns(ranks, best), best)
        best = np.take_along_axis(best, order, axis=1)
        totals = np.take_along_axis(sums, best, axis=1)
        last = totals.max(axis=1) if count < len(able) else np.full(len(arrivals), np.inf)
        rows = zip(able[best].tolist(), totals.tolist(), last.tolist(), strict=True)
        return [_Few(*row) for row in rows]

    def _take(self, arrival: Arrival, few: _Few | None) -> int:
        """The unit for one place now, its load grown by one; -1 for nobody."""
        chosen = None if few is None else self._among_few(few)
        if chosen is None:
            chosen = self._among_all(arrival)
        if chosen >= 0:
            self.arrays.load[chosen] += 1
        return chosen

    def _among_few(self, few: _Few) -> int | None:
        """The unit by the ranked few, -1 for nobody, None when they do not settle it."""
        for unit, total in zip(few.unit, few.approximate, strict=True):
            if total == math.inf:
                return -1
            if total >= few.trusted_below:
                return None
            if self.arrays.load[unit] < self.arrays.room[unit]:
                return unit
        return -1 if few.trusted_below == math.inf else None

    def _among_all(self, arrival: Arrival) -> int:
        """The unit by what all of them are now, -1 for nobody."""
        fit = self.arrays.fit(arrival.place.category)
        able = fit[self.arrays.has_room(fit)]
        ranks = self.arrays.ranks([arrival], able)
        numbers = np.flatnonzero(ranks.may[0])
        if not numbers.size:
            return -1
        order = _sorted(_columns(ranks, numbers[None, :]), able[numbers][None, :])
        return int(able[numbers[order[0, 0]]])


def _columns(ranks: Ranks, columns: Numbers) -> Ranks:
    """The given columns of each row."""
    return Ranks(
        np.take_along_axis(ranks.may, columns, axis=1),
        np.take_along_axis(ranks.before, columns, axis=1),
        np.take_along_axis(ranks.first, columns, axis=1),
        tuple(np.take_along_axis(matrix, columns, axis=1) for matrix in ranks.after),
    )


def _sorted(ranks: Ranks, numbers: Numbers) -> Numbers:
    """How to put each row in the order of the rule, those that may not at the end; ties fall to the lower number."""
    return np.lexsort([numbers, *reversed(ranks.after), ranks.first, ranks.before, ~ranks.may], axis=-1)
