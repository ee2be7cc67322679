"""The best a batch can do under capacity, beside what giving each ticket in turn comes to.

In turn, an early ticket takes the last room of a unit that a later one needs more. Here all are weighed
together: first as many tickets as possible go to a unit, then the sum of what the rule ranks by is least.
What comes before the first metres of the policy's order (pledges, holders, village, town) are steps wider than any
metres, so that alone and with room everywhere each ticket goes where the rule would send it. Whether a unit may take
a ticket is the rule's own answer.

The problem is a flow of least cost, solved by OR-tools over each ticket's few best units. The prices of room that
follow from the answer then tell for every arc that was left out whether it could help; those that could
are added and the flow is solved again, so that the end is the optimum over all units, and is shown to be.
"""

import math
from bisect import insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spatial.assign import Policy, same
from spatial.assign_arrays import Arrival, Choice, Reals, UnitArrays, UnitProfile
from spatial.assign_many import decide_many
from spatial.flow import Arcs, Numbers, Prices, Rooms, least_cost, prices

_CHUNK = 1000
_NEVER = np.int64(2**60)
_ROUNDS = 30
_CANDIDATES = 16


class Total(NamedTuple):
    """What a batch came to.

    holders, same_village, same_town   tickets that lie with a unit holding the point or block, or of the same area.
    metres                             summed over the tickets given to a unit, those without a position left out.
    """

    assigned: int = 0
    unassigned: int = 0
    holders: int = 0
    same_village: int = 0
    same_town: int = 0
    metres: float = 0.0


@dataclass(frozen=True, slots=True)
class Optimum:
    """A batch at its best, and in turn; choices are in the order of the arrivals.

    choices     as many tickets given to units as can be, then the least cost.
    in_turn     the choices of `decide_many`.
    as_many     the least cost for exactly as many tickets as in turn, the only fair thing to set its metres against;
                the choices themselves where the numbers are the same.
    is_proven   whether `choices` and `as_many` are shown to be optimal over all units, to the rounding of costs.
    """

    choices: tuple[Choice, ...]
    in_turn: tuple[Choice, ...]
    as_many: tuple[Choice, ...]
    is_proven: bool
    total: Total
    total_in_turn: Total
    total_as_many: Total

    @property
    def metres_saved(self) -> float:
        """How many metres less for the same number of tickets; below 0 where the policy ranks other things higher."""
        return self.total_in_turn.metres - self.total_as_many.metres


def optimum(
    arrivals: Sequence[Arrival],
    units: Sequence[UnitProfile],
    policy: Policy,
    *,
    candidates: int = _CANDIDATES,
    rounds: int = _ROUNDS,
) -> Optimum:
    """The best choices of a batch, and those in turn beside them.

    arrivals     in the order of arrival; what happens in turn depends on it, the least cost does not.
    units        codes are unique; in any order, which changes nothing.
    candidates   how many of its best units each ticket begins with; more are looked at where prices say so.
    rounds       how often more are added before it ends unproven.
    """
    in_turn = decide_many(arrivals, units, policy)
    best, as_many, is_proven = in_turn, in_turn, True
    if arrivals and units:
        problem = _Problem(arrivals, units, policy)
        arcs = problem.with_choices(problem.best_arcs(candidates), in_turn)
        given, arcs, is_proven = problem.settle(arcs, candidates, rounds)
        best = as_many = problem.choices(arcs, given)
        to_office = sum(choice.unit_code is None for choice in in_turn)
        if to_office != np.count_nonzero(given == problem.office):
            given, arcs, is_proven_too = problem.settle(arcs, candidates, rounds, to_office=to_office)
            as_many = problem.choices(arcs, given)
            is_proven &= is_proven_too
    totals = (total(arrivals, units, plan) for plan in (best, in_turn, as_many))
    return Optimum(tuple(best), tuple(in_turn), tuple(as_many), is_proven, *totals)


def best_choices(
    arrivals: Sequence[Arrival], units: Sequence[UnitProfile], policy: Policy, *, candidates: int = _CANDIDATES
) -> tuple[list[Choice], bool]:
    """The best choices of a batch alone, and whether they are proven; see `optimum`."""
    if not arrivals or not units:
        return [Choice(None, None)] * len(arrivals), True
    problem = _Problem(arrivals, units, policy)
    given, arcs, is_proven = problem.settle(problem.best_arcs(candidates), candidates, _ROUNDS)
    return problem.choices(arcs, given), is_proven


def total(arrivals: Sequence[Arrival], units: Sequence[UnitProfile], choices: Sequence[Choice]) -> Total:
    """What choices come to; one for each arrival."""
    known = {unit.code: unit for unit in units}
    given = [(arrival, known[c.unit_code], c) for arrival, c in zip(arrivals, choices, strict=True) if c.unit_code]
    return Total(
        assigned=len(given),
        unassigned=len(arrivals) - len(given),
        holders=sum(unit.code in arrival.point_holders | arrival.block_holders for arrival, unit, _ in given),
        same_village=sum(same(arrival.place.village_code, unit.village_code) for arrival, unit, _ in given),
        same_town=sum(same(arrival.place.town_code, unit.town_code) for arrival, unit, _ in given),
        metres=math.fsum(choice.metres for _, _, choice in given if choice.metres is not None),
    )


class _Problem:
    """A batch as whole numbers: what each ticket would cost at each unit, and the room of the units.

    Of costs the price of the office is above what any other ticket could save by one ticket's staying there, so that
    no ticket stays that could go.
    """

    def __init__(self, arrivals: Sequence[Arrival], units: Sequence[UnitProfile], policy: Policy) -> None:
        self.arrivals = arrivals
        self.arrays = UnitArrays(units, policy, arrivals)
        self.office = len(self.arrays.units)
        leading = next((i for i, word in enumerate(policy.order) if word in {"score", "metres"}), len(policy.order))
        weights = dict(policy.weights) if policy.order[leading : leading + 1] == ("score",) else {}
        # whether somebody has pledged it stands before all words of the order
        leading += self.arrays.has_pledges
        self.bonus_m = weights.get("village", 0.0) + weights.get("town", 0.0)
        self.far_m = self._reach_m() + weights.get("returned", 0.0) + 1
        base_m, rate_m, room = self._loads(weights)
        step_m = math.ceil(self.far_m + self.bonus_m + float(np.max(base_m + rate_m * room, initial=0.0))) + 1
        worst_m = step_m * 2**leading
        nodes = len(arrivals) + self.office + 2
        # Centimetres, unless the solver's whole numbers would not hold them.
        self.per_metre = 100.0
        while worst_m * (len(arrivals) + 1) * self.per_metre * nodes >= _NEVER:
            self.per_metre /= 10
        self.step = math.ceil(step_m * self.per_metre) + 1
        self.office_cost = self.step * 2**leading * (len(arrivals) + 1)
        self.rooms = Rooms(
            np.append(room, len(arrivals)), np.append(self._whole(base_m), 0), np.append(self._whole(rate_m), 0)
        )
        self.left_out_from = np.full(len(arrivals), _NEVER)
        self.by_category: dict[str, list[int]] = {}
        for i, arrival in enumerate(arrivals):
            self.by_category.setdefault(arrival.place.category, []).append(i)

    def best_arcs(self, count: int) -> Arcs:
        """Each ticket's arcs to its `count` best units and to the office."""
        found = []
        for members, able, costs in self._costs(np.arange(len(self.arrivals))):
            columns, chosen = _smallest(costs, min(count, len(able)))
            if count < len(able):
                self.left_out_from[members] = chosen.max(axis=1)
            found.append(_arcs(members, able[columns], chosen, chosen < _NEVER))
        tickets = np.arange(len(self.arrivals))
        office = Arcs(tickets, np.full(len(tickets), self.office), np.full(len(tickets), self.office_cost))
        return Arcs.joined([*found, office])

    def with_choices(self, arcs: Arcs, choices: Sequence[Choice]) -> Arcs:
        """The arcs and those of the choices, so that whatever is found is no worse than they are."""
        places = np.array([self.arrays.number.get(choice.unit_code or "", self.office) for choice in choices])
        missing = np.ones(len(places), dtype=bool)
        missing[arcs.ticket[arcs.at(places)]] = False
        found = []
        for members, able, costs in self._costs(np.flatnonzero(missing)):
            chosen = able == places[members][:, None]
            found.append(_arcs(members, np.broadcast_to(able, chosen.shape), costs, chosen))
        return Arcs.joined([arcs, *found])

    def settle(
        self, arcs: Arcs, candidates: int, rounds: int, *, to_office: int | None = None
    ) -> tuple[Numbers, Arcs, bool]:
        """The place of each ticket at the least cost, the arcs it took to prove it, and whether it is proven.

        to_office   exactly so many tickets stay with the office; None for as few as can.
        """
        for turn in range(rounds + 1):
            given = least_cost(arcs, self.rooms, to_office=to_office)
            now = prices(arcs, self.rooms, given, fixed_office=to_office is not None)
            more = self.helpful(now, 2 * candidates)
            if not more.ticket.size:
                return given, arcs, now.is_certain
            if turn < rounds:
                arcs = Arcs.joined([arcs, more])
        return given, arcs, False

    def helpful(self, now: Prices, count: int) -> Arcs:
        """Of the arcs left out those by which a ticket would pay less at the prices, at most `count` of each ticket."""
        cheapest = int(now.place[:-1].min(initial=0))
        doubtful = np.flatnonzero((self.left_out_from < _NEVER) & (now.paid > self.left_out_from + cheapest))
        found = []
        for members, able, costs in self._costs(doubtful):
            paid, chosen = _smallest(costs + now.place[able], min(count, len(able)))
            helps = (chosen < now.paid[members][:, None]) & (np.take_along_axis(costs, paid, axis=1) < _NEVER)
            found.append(_arcs(members, able[paid], np.take_along_axis(costs, paid, axis=1), helps))
        return Arcs.joined(found)

    def choices(self, arcs: Arcs, given: Numbers) -> list[Choice]:
        """The places as choices, of equal ones that with the lower code."""
        places = self._by_code(arcs, given)
        return self.arrays.choices(self.arrivals, np.where(places < self.office, places, -1))

    def _by_code(self, arcs: Arcs, given: Numbers) -> Numbers:
        """The same at the same cost: tickets moved to units of lower code that are as good for them and have room.

        Of tickets that are as well off at a unit, the earlier have it and the later stay with the office.
        """
        given = self._by_turn(arcs, given)
        if self.rooms.rate.any():
            return given
        left = self.rooms.room - np.bincount(given, minlength=len(self.rooms.room))
        own = arcs.cost[arcs.at(given)]
        alike = (arcs.cost == own[arcs.ticket]) & (arcs.place < given[arcs.ticket])
        for ticket, place in zip(arcs.ticket[alike].tolist(), arcs.place[alike].tolist(), strict=True):
            if place < given[ticket] and left[place] > 0:
                left[given[ticket]] += 1
                left[place] -= 1
                given[ticket] = place
        return given

    def _by_turn(self, arcs: Arcs, given: Numbers) -> Numbers:
        """The same at the same cost, with later tickets giving way to earlier ones that stay with the office."""
        given = given.copy()
        own = arcs.cost[arcs.at(given)]
        sharing: dict[tuple[int, int], list[int]] = {}
        for ticket in np.flatnonzero(given != self.office).tolist():
            sharing.setdefault((int(given[ticket]), int(own[ticket])), []).append(ticket)
        staying = (given[arcs.ticket] == self.office) & (arcs.place != self.office)
        for ticket, place, cost in zip(
            *(part[staying].tolist() for part in (arcs.ticket, arcs.place, arcs.cost)), strict=True
        ):
            others = sharing.get((place, cost))
            if given[ticket] == self.office and others and others[-1] > ticket:
                given[others.pop()], given[ticket] = self.office, place
                insort(others, ticket)
        return given

    def _costs(self, tickets: Numbers) -> Iterator[tuple[Numbers, Numbers, NDArray[np.int64]]]:
        """For chunks of the tickets, each of one category: tickets, units that are fit and have room, and costs."""
        wanted = np.zeros(len(self.arrivals), dtype=bool)
        wanted[tickets] = True
        for category, everyone in self.by_category.items():
            fit = self.arrays.fit(category)
            able = fit[self.arrays.has_room(fit)]
            members = np.array(everyone)[wanted[everyone]]
            for start in range(0, len(members) if len(able) else 0, _CHUNK):
                chunk = members[start : start + _CHUNK]
                ranks = self.arrays.ranks([self.arrivals[i] for i in chunk], able, loaded=False)
                metres = np.where(np.isfinite(ranks.first), ranks.first, self.far_m) + self.bonus_m
                costs = ranks.before.astype(np.int64) * self.step + self._whole(metres)
                yield chunk, able, np.where(ranks.may, costs, _NEVER)

    def _loads(self, weights: dict[str, float]) -> tuple[Reals, Reals, Numbers]:
        """Per unit: metres that load and fill add for its next ticket, what each later one adds to that, and room."""
        arrays = self.arrays
        limit = np.where(arrays.room > 0, arrays.room, np.inf)
        rate = weights.get("load", 0.0) + weights.get("fill", 0.0) / limit
        room = np.clip(arrays.room - arrays.load, 0, len(self.arrivals)).astype(np.int64)
        return rate * arrays.load, rate, room

    def _reach_m(self) -> float:
        """Metres that no distance of a ticket to a unit that may take it exceeds."""
        known = [(u.x, u.y) for u in self.arrays.units if u.x is not None and u.y is not None]
        known += [(p.x, p.y) for p in (a.place for a in self.arrivals) if p.x is not None and p.y is not None]
        if not known:
            return 0.0
        widest = math.hypot(*np.ptp(np.array(known), axis=0).tolist())
        has_holders = any(one.point_holders or one.block_holders or one.pledges for one in self.arrivals)
        return widest if has_holders else min(widest, self.arrays.policy.max_distance_m)

    def _whole(self, metres: Reals) -> Numbers:
        return np.rint(metres * self.per_metre).astype(np.int64)


def _smallest(costs: Numbers, count: int) -> tuple[Numbers, Numbers]:
    """Columns of the `count` smallest of each row, in no order, and their values."""
    columns = np.argpartition(costs, count - 1, axis=1)[:, :count]
    return columns, np.take_along_axis(costs, columns, axis=1)


def _arcs(tickets: Numbers, places: Numbers, costs: Numbers, wanted: NDArray[np.bool_]) -> Arcs:
    """The wanted arcs of a chunk: `tickets` has a row of `places` and `costs` each."""
    return Arcs(np.repeat(tickets, wanted.sum(axis=1)), places[wanted], costs[wanted])
