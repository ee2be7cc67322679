"""The assignment rule for many places at once, capacity being used up in the order of arrival.

The answers are those of `assign.decide`, one place after another, each given ticket
adding one to its unit's load; what differs is the time. Distances of a
chunk of places to all units of their category are one matrix. Of each place only the
best few units are looked at, and where it cannot be shown that the answer is among them (all
of them full, or a tie at the end of the few), all units are.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spatial.assign import Decision, Place, Policy, UnitFacts, decide, metres_between

_CHUNK = 1000
_LOOKED_AT = 16


@dataclass(frozen=True, slots=True)
class UnitProfile:
    """A unit as it is for all places; its facts for one place follow from it.

    categories   codes it handles.
    towns        codes of the towns it serves, None for all.
    is_open      at the moment of the batch.
    """

    code: str
    name: str
    kind: str
    x: float | None
    y: float | None
    categories: frozenset[str]
    towns: frozenset[str] | None = None
    is_active: bool = True
    is_open: bool | None = None
    open_until: datetime | None = None
    load: int = 0
    capacity: int | None = None
    town_code: str | None = None
    village_code: str | None = None

    def facts(self, arrival: "Arrival", load: int) -> UnitFacts:
        """What counts about this unit for one arrival, under the given load."""
        place = arrival.place
        return UnitFacts(
            **{name: getattr(self, name) for name in _SHARED_FIELDS},
            load=load,
            serves_town=self.towns is None or place.town_code in self.towns,
            handles_category=place.category in self.categories,
            holds_point=self.code in arrival.point_holders,
            holds_block=self.code in arrival.block_holders,
        )


_SHARED_FIELDS = (
    *("code", "name", "kind", "x", "y", "is_active", "is_open", "open_until"),
    *("capacity", "town_code", "village_code"),
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A place with the codes of the units that hold the responsibility point or block there."""

    place: Place
    point_holders: frozenset[str] = field(default_factory=frozenset)
    block_holders: frozenset[str] = field(default_factory=frozenset)


class Choice(NamedTuple):
    """The unit chosen, None for the town office; metres None where a position is missing."""

    unit_code: str | None
    metres: float | None


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
    batch = _Batch(units, policy)
    choices: list[Choice] = []
    for start in range(0, len(arrivals), _CHUNK):
        choices += batch.choose(arrivals[start : start + _CHUNK])
    return choices


class _Ranked(NamedTuple):
    """The best few units of one place, in exact order, and how far that order can be trusted."""

    unit: list[int]
    approximate: list[float]
    trusted_below: float


class _Batch:
    """Units as arrays, sorted by code, with the room each has left."""

    def __init__(self, units: Sequence[UnitProfile], policy: Policy) -> None:
        self.policy = policy
        self.units = sorted(units, key=lambda unit: unit.code)
        self.number = {unit.code: i for i, unit in enumerate(self.units)}
        self.x = np.array([_or_nan(unit.x) for unit in self.units], dtype=np.float64)
        self.y = np.array([_or_nan(unit.y) for unit in self.units], dtype=np.float64)
        self.town = np.array([unit.town_code for unit in self.units], dtype=object)
        self.village = np.array([unit.village_code for unit in self.units], dtype=object)
        self.load = [unit.load for unit in self.units]
        self.fit: dict[str, NDArray[np.int64]] = {}
        self.serving: dict[str | None, NDArray[np.bool_]] = {}

    def choose(self, arrivals: Sequence[Arrival]) -> list[Choice]:
        """Choices for a chunk; the matrices are made per category, the room is used in order."""
        ranked: dict[int, _Ranked] = {}
        by_category: dict[str, list[int]] = {}
        for i, arrival in enumerate(arrivals):
            by_category.setdefault(arrival.place.category, []).append(i)
        for category, members in by_category.items():
            ranked.update(zip(members, self._rank([arrivals[i] for i in members], category), strict=True))
        return [self._take(arrival, ranked[i]) for i, arrival in enumerate(arrivals)]

    def _fit(self, category: str) -> NDArray[np.int64]:
        """Units that may take the category at all, by number; room is not looked at."""
        if category not in self.fit:
            able = [
                i
                for i, unit in enumerate(self.units)
                if category in unit.categories and unit.is_active and unit.is_open is not False
            ]
            self.fit[category] = np.array(able, dtype=np.int64)
        return self.fit[category]

    def _serves(self, town_code: str | None) -> NDArray[np.bool_]:
        if town_code not in self.serving:
            serves = [unit.towns is None or town_code in unit.towns for unit in self.units]
            self.serving[town_code] = np.array(serves, dtype=bool)
        return self.serving[town_code]

    def _has_room(self, unit: int) -> bool:
        capacity = self.units[unit].capacity
        return capacity is None or self.load[unit] < capacity

    def _rank(self, arrivals: list[Arrival], category: str) -> list[_Ranked]:
        """The best units of each place by what does not depend on holders."""
        able = np.array([i for i in self._fit(category).tolist() if self._has_room(i)], dtype=np.int64)
        if not able.size:
            return [_Ranked([], [], math.inf)] * len(arrivals)
        metres, before, after = self._matrices(arrivals, able)
        near = metres <= self.policy.max_distance_m
        near &= np.stack([self._serves(arrival.place.town_code)[able] for arrival in arrivals])
        # Whole steps wider than any distance, so that the sum sorts as (flags, metres) would.
        step = 2.0 * float(np.max(metres, where=near, initial=0.0)) + 1.0
        sums = np.where(near, before * step + metres, np.inf)
        count = min(_LOOKED_AT, len(able))
        few = np.argpartition(sums, count - 1, axis=1)[:, :count]
        few_sums = np.take_along_axis(sums, few, axis=1)
        keys = [few, *(np.take_along_axis(matrix, few, axis=1) for matrix in (after, metres, before))]
        order = np.lexsort([*keys, np.isinf(few_sums)], axis=-1)
        few, few_sums = np.take_along_axis(few, order, axis=1), np.take_along_axis(few_sums, order, axis=1)
        last = few_sums.max(axis=1) if count < len(able) else np.full(len(arrivals), np.inf)
        rows = zip(able[few].tolist(), few_sums.tolist(), last.tolist(), strict=True)
        return [_Ranked(*row) for row in rows]

    def _matrices(
        self, arrivals: list[Arrival], able: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Per place and unit: metres, and the area flags that the policy weighs before and after them."""
        places = [arrival.place for arrival in arrivals]
        dx = self.x[able] - np.array([_or_nan(place.x) for place in places])[:, None]
        dy = self.y[able] - np.array([_or_nan(place.y) for place in places])[:, None]
        metres = np.sqrt(dx * dx + dy * dy)
        flags = {
            "village": _differs(self.village[able], [place.village_code for place in places]),
            "town": _differs(self.town[able], [place.town_code for place in places]),
        }
        before, after = np.zeros_like(metres), np.zeros_like(metres)
        target = before
        for word in self.policy.order:
            if word == "metres":
                target = after
            elif word in flags:
                target *= 2.0
                target += flags[word]
        return metres, before, after

    def _take(self, arrival: Arrival, ranked: _Ranked) -> Choice:
        """The unit for one place now, its load grown by one."""
        chosen = self._by_rank(arrival, ranked) if self._is_plain else None
        if chosen is None:
            chosen = self._by_rule(arrival)
        if chosen < 0:
            return Choice(None, None)
        self.load[chosen] += 1
        unit = self.units[chosen]
        return Choice(unit.code, metres_between(arrival.place, unit.facts(arrival, 0)))

    @property
    def _is_plain(self) -> bool:
        """Whether the sums sort as the policy does, which needs the distance in the order."""
        return "metres" in self.policy.order

    def _by_rank(self, arrival: Arrival, ranked: _Ranked) -> int | None:
        """The unit by the ranked few, -1 for nobody, None when they do not settle it."""
        if arrival.point_holders or arrival.block_holders:
            return self._by_holders(arrival, ranked)
        for unit, total in zip(ranked.unit, ranked.approximate, strict=True):
            if total == math.inf:
                return -1
            if total >= ranked.trusted_below:
                return None
            if self._has_room(unit):
                return unit
        return -1 if ranked.trusted_below == math.inf else None

    def _by_holders(self, arrival: Arrival, ranked: _Ranked) -> int | None:
        """As `_by_rank`, with the holders weighed in."""
        totals = {u: t for u, t in zip(ranked.unit, ranked.approximate, strict=True) if t < math.inf}
        holders = {self.number[c] for c in arrival.point_holders | arrival.block_holders if c in self.number}
        best = self._best(arrival, set(totals) | holders)
        if ranked.trusted_below == math.inf:
            return best
        if best in holders and self._leads_by_holding(arrival, best):
            return best
        # A unit not looked at holds nothing and its sum is no smaller than the last one's.
        return best if best >= 0 and totals.get(best, math.inf) < ranked.trusted_below else None

    def _leads_by_holding(self, arrival: Arrival, unit: int) -> bool:
        """Whether a holder's word stands in the order before everything a mere neighbour could have."""
        code = self.units[unit].code
        for word in self.policy.order:
            if word == "holder_point" and code in arrival.point_holders:
                return True
            if word == "holder_block" and code in arrival.block_holders:
                return True
            if word not in {"holder_point", "holder_block"}:
                return False
        return False

    def _by_rule(self, arrival: Arrival) -> int:
        return self._best(arrival, set(range(len(self.units))))

    def _best(self, arrival: Arrival, numbers: set[int]) -> int:
        """The first of these units by the rule itself, -1 when none may."""
        facts = [self.units[i].facts(arrival, self.load[i]) for i in numbers]
        decision = decide(arrival.place, facts, self._short_policy)
        return -1 if decision.chosen is None else self.number[decision.chosen.unit.code]

    @property
    def _short_policy(self) -> Policy:
        return Policy(self.policy.max_distance_m, 1, self.policy.order, 0)


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value


def _differs(codes: NDArray[np.object_], wanted: list[str | None]) -> NDArray[np.float64]:
    """Matrix (wanted, codes): 0 where both are known and equal, else 1."""
    known: dict[str, int] = {}
    left = np.array([-1 if code is None else known.setdefault(code, len(known)) for code in codes])
    right = np.array([-2 if code is None else known.setdefault(code, len(known)) for code in wanted])
    differs: NDArray[np.bool_] = right[:, None] != left[None, :]
    return differs.astype(np.float64)
