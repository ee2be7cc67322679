"""The assignment rule on arrays: which units may take which places, and by what numbers they are ranked.

It says the same as `assign.decide`, for many places and units at once; the tests hold the two together.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spatial.assign import Place, Policy, UnitFacts

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LONG_AGO = np.iinfo(np.int64).min // 2

Numbers = NDArray[np.int64]
Reals = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class UnitProfile:
    """A unit as it is for all places; its facts for one place follow from it.

    categories   codes it handles.
    towns        codes of the towns it serves, None for all.
    is_open      at the moment of the batch.
    returned     when it last returned a ticket, per category.
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
    returned: dict[str, datetime] = field(default_factory=dict, hash=False)

    def facts(self, arrival: "Arrival", load: int) -> UnitFacts:
        """What counts about this unit for one arrival, under the given load."""
        place = arrival.place
        pledge, pledge_name = arrival.pledges.get(self.code, (None, None))
        return UnitFacts(
            **{name: getattr(self, name) for name in _SHARED_FIELDS},
            load=load,
            serves_town=self.towns is None or place.town_code in self.towns,
            handles_category=place.category in self.categories,
            holds_point=self.code in arrival.point_holders,
            holds_block=self.code in arrival.block_holders,
            returned_at=self.returned.get(place.category),
            has_returned=self.code in arrival.returned_by,
            pledge=pledge,
            pledge_name=pledge_name,
        )


_SHARED_FIELDS = (
    *("code", "name", "kind", "x", "y", "is_active", "is_open", "open_until"),
    *("capacity", "town_code", "village_code"),
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A place with the codes of the units that hold the responsibility point or block there.

    returned_by   codes of the units that returned this very ticket.
    pledges       code and name of the pledge that fits it, by the code of the unit that made it.
    """

    place: Place
    point_holders: frozenset[str] = field(default_factory=frozenset)
    block_holders: frozenset[str] = field(default_factory=frozenset)
    returned_by: frozenset[str] = field(default_factory=frozenset)
    pledges: Mapping[str, tuple[str, str]] = field(default_factory=dict, hash=False)


class Choice(NamedTuple):
    """The unit chosen, None for the town office; metres None where a position is missing."""

    unit_code: str | None
    metres: float | None


@dataclass(frozen=True, slots=True)
class Ranks:
    """Per arrival (row) and unit (column): whether it may, and the numbers it is ranked by, lowest first.

    before   as one whole number: that it has not pledged it, where anybody has, and the yes-or-no words of the order
             that stand before the first of `score` and `metres`.
    first    that word's metres, infinite where a holder has no position; all 0 where the order has neither.
    after    one matrix for each word that follows.
    """

    may: Flags
    before: Reals
    first: Reals
    after: tuple[Reals, ...]


class UnitArrays:
    """Units as arrays, sorted by code, with the load each has at the time.

    `arrivals` are all that will be asked about: units that have pledged something for one of them may take it, whatever
    their kind.
    """

    def __init__(self, units: Sequence[UnitProfile], policy: Policy, arrivals: Sequence[Arrival] = ()) -> None:
        self.policy = policy
        self.units = sorted(units, key=lambda unit: unit.code)
        self.number = {unit.code: i for i, unit in enumerate(self.units)}
        self.load = np.array([unit.load for unit in self.units], dtype=np.int64)
        self.room = np.array([math.inf if u.capacity is None else u.capacity for u in self.units], dtype=np.float64)
        self._x = np.array([_or_nan(unit.x) for unit in self.units], dtype=np.float64)
        self._y = np.array([_or_nan(unit.y) for unit in self.units], dtype=np.float64)
        self._town = np.array([unit.town_code for unit in self.units], dtype=object)
        self._village = np.array([unit.village_code for unit in self.units], dtype=object)
        self.has_pledges = any(arrival.pledges for arrival in arrivals)
        self._pledging: dict[str, set[int]] = {}
        for arrival in arrivals:
            known = {self.number[code] for code in arrival.pledges if code in self.number}
            if known:
                self._pledging.setdefault(arrival.place.category, set()).update(known)
        self._fit: dict[str, Numbers] = {}
        self._listed: dict[str, Flags] = {}
        self._returned: dict[str, Numbers] = {}
        self._serving: dict[str | None, Flags] = {}

    def fit(self, category: str) -> Numbers:
        """Numbers of the units that may take the category at all; room is not looked at."""
        if category not in self._fit:
            able = [
                i
                for i, unit in enumerate(self.units)
                if category in unit.categories and unit.is_active and unit.is_open is not False
            ]
            pledging = {i for i in self._pledging.get(category, ()) if self.units[i].is_active}
            self._listed[category] = np.zeros(len(self.units), dtype=bool)
            self._listed[category][able] = True
            self._fit[category] = np.array(sorted(pledging.union(able)), dtype=np.int64)
        return self._fit[category]

    def has_room(self, numbers: Numbers) -> Flags:
        """Which of these units can take one more at their present load."""
        room: Flags = self.load[numbers] < self.room[numbers]
        return room

    def ranks(self, arrivals: Sequence[Arrival], numbers: Numbers, *, loaded: bool = True) -> Ranks:
        """What the policy makes of these units, each of which is fit for the arrivals' one category.

        loaded   whether the weights of load and fill count, at the present loads.
        """
        places = [arrival.place for arrival in arrivals]
        metres = self._metres(places, numbers[None, :])
        points = self._named([arrival.point_holders for arrival in arrivals], numbers)
        blocks = self._named([arrival.block_holders for arrival in arrivals], numbers)
        may = (metres <= self.policy.max_distance_m) | points | blocks
        pledged = self._named([frozenset(arrival.pledges) for arrival in arrivals], numbers)
        if self.has_pledges:
            self.fit(places[0].category)
            may &= self._listed[places[0].category][numbers]
            may |= pledged
        may &= np.stack([self._serves(place.town_code)[numbers] for place in places])
        may &= ~self._named([arrival.returned_by for arrival in arrivals], numbers)
        np.copyto(metres, np.inf, where=np.isnan(metres))
        found: list[Reals | Flags] = [~pledged] if self.has_pledges else []
        for word in self.policy.order:
            if word in {"village", "town"}:
                found.append(~self._same(word, places, numbers))
            elif word == "score":
                found.append(self._score(places, numbers, metres, loaded=loaded))
            elif word == "metres":
                found.append(metres)
            else:
                found.append(~(points if word == "holder_point" else blocks))
        return _ranks(may, found, ("pledge", *self.policy.order) if self.has_pledges else self.policy.order)

    def choices(self, arrivals: Sequence[Arrival], numbers: Numbers) -> list[Choice]:
        """The unit of each arrival as a choice; a number below 0 is the town office."""
        metres = np.full(len(numbers), np.nan)
        given = np.flatnonzero(numbers >= 0)
        metres[given] = self._metres([arrivals[i].place for i in given.tolist()], numbers[given, None])[:, 0]
        return [
            Choice(self.units[number].code if number >= 0 else None, None if math.isnan(far) else far)
            for number, far in zip(numbers.tolist(), metres.tolist(), strict=True)
        ]

    def _metres(self, places: Sequence[Place], numbers: Numbers) -> Reals:
        """Straight metres, NaN where either position is not known; `numbers` has a row of units for each place, or one.

        They have the last digit of `assign.metres_between`.
        """
        dx = self._x[numbers] - np.array([_or_nan(place.x) for place in places])[:, None]
        dy = self._y[numbers] - np.array([_or_nan(place.y) for place in places])[:, None]
        metres: Reals = np.sqrt(dx * dx + dy * dy)
        return metres

    def _score(self, places: list[Place], numbers: Numbers, metres: Reals, *, loaded: bool) -> Reals:
        """As `assign` sums it, in the same order."""
        weight = self.policy.weight
        score = metres.copy()
        for word in ("village", "town"):
            if weight(word):
                score -= weight(word) * self._same(word, places, numbers)
        if loaded:
            load, room = self.load[numbers], self.room[numbers]
            score += weight("load") * load
            # A unit of no room at all may take nothing, and what it scores is never asked.
            score += weight("fill") * load / np.where(room > 0, room, np.inf)
        if weight("returned"):
            score += weight("returned") * self._lately(places, numbers)
        return score

    def _same(self, word: str, places: list[Place], numbers: Numbers) -> Flags:
        """Whether the village, or town, of place and unit are known and equal."""
        codes = (self._village if word == "village" else self._town)[numbers]
        wanted = [place.village_code if word == "village" else place.town_code for place in places]
        known: dict[str, int] = {}
        left = np.array([-1 if code is None else known.setdefault(code, len(known)) for code in codes], dtype=np.int64)
        right = np.array(
            [-2 if code is None else known.setdefault(code, len(known)) for code in wanted], dtype=np.int64
        )
        same: Flags = right[:, None] == left[None, :]
        return same

    def _lately(self, places: list[Place], numbers: Numbers) -> Flags:
        category = places[0].category
        if category not in self._returned:
            times = [unit.returned.get(category) for unit in self.units]
            self._returned[category] = np.array(
                [_LONG_AGO if t is None else _instant(t) for t in times], dtype=np.int64
            )
        span = timedelta(days=self.policy.lately_days) // _MICROSECOND
        since = np.array([_instant(place.at) - span for place in places], dtype=np.int64)
        lately: Flags = self._returned[category][numbers] >= since[:, None]
        return lately

    def _serves(self, town_code: str | None) -> Flags:
        if town_code not in self._serving:
            serves = [unit.towns is None or town_code in unit.towns for unit in self.units]
            self._serving[town_code] = np.array(serves, dtype=bool)
        return self._serving[town_code]

    def _named(self, named: Sequence[frozenset[str]], numbers: Numbers) -> Flags:
        """Matrix of which of the units are named in each row's codes; a row of False where none is."""
        if not any(named):
            return np.zeros((len(named), 1), dtype=bool)
        matrix = np.zeros((len(named), len(self.units)), dtype=bool)
        for row, codes in enumerate(named):
            matrix[row, [self.number[code] for code in codes if code in self.number]] = True
        return matrix[:, numbers]


def _ranks(may: Flags, found: Sequence[Reals | Flags], order: tuple[str, ...]) -> Ranks:
    """The matrices of the order's words, with those before the first metres made one number."""
    at = next((i for i, word in enumerate(order) if word in {"score", "metres"}), len(order))
    before = np.zeros(may.shape)
    for flags in found[:at]:
        before *= 2.0
        before += flags
    first = found[at].astype(np.float64, copy=False) if at < len(order) else np.zeros(may.shape)
    after = tuple(np.broadcast_to(matrix.astype(np.float64), may.shape) for matrix in found[at + 1 :])
    return Ranks(may, before, first, after)


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value


def _instant(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND
