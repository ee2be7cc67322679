"""Tickets to places of limited room at the least cost, and the prices that prove it.

A transport problem on arrays of whole numbers: every ticket goes to one place along an arc of its own cost. The last
place is the office, which has an arc from every ticket. OR-tools solves it; the prices are worked out here from its
answer alone, so that they are a check of it as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from spatial.errors import NoFlow

Numbers = NDArray[np.int64]

_HUGE = np.int64(2**61)


@dataclass(frozen=True, slots=True)
class Arcs:
    """Which ticket could go to which place at what cost, sorted by ticket, then place; no pair stands twice."""

    ticket: Numbers
    place: Numbers
    cost: Numbers

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """The arcs of parts that share none; the parts need not be sorted."""
        ticket, place, cost = (
            np.concatenate([np.empty(0, dtype=np.int64), *(getattr(part, name) for part in parts)])
            for name in ("ticket", "place", "cost")
        )
        order = np.lexsort([place, ticket])
        return cls(ticket[order], place[order], cost[order])

    def at(self, places: Numbers) -> Numbers:
        """The arc of each ticket that ends at the place given for it."""
        return np.flatnonzero(self.place == places[self.ticket])


@dataclass(frozen=True, slots=True)
class Rooms:
    """How many tickets each place takes, and what the j-th of them (from 0) costs besides its arc: base + j rate."""

    room: Numbers
    base: Numbers
    rate: Numbers


@dataclass(frozen=True, slots=True)
class Prices:
    """What one more room would be worth at each place, and what each ticket pays with its place's price.

    is_certain   whether they prove that no other way along the same arcs costs less.
    """

    place: Numbers
    paid: Numbers
    is_certain: bool


def least_cost(arcs: Arcs, rooms: Rooms, *, to_office: int | None = None) -> Numbers:
    """The place of each ticket.

    to_office   exactly so many tickets go to the office; None for as it comes.

    Raises NoFlow when that cannot be.
    """
    tickets, places = int(arcs.ticket[-1]) + 1, len(rooms.room)
    office, sink = tickets + places - 1, tickets + places
    flow = SimpleMinCostFlow()
    flow.add_arcs_with_capacity_and_unit_cost(
        arcs.ticket, tickets + arcs.place, np.ones(len(arcs.ticket), dtype=np.int64), arcs.cost
    )
    steps = _steps(arcs, rooms if to_office is None else _without_last(rooms))
    flow.add_arcs_with_capacity_and_unit_cost(tickets + steps[0], np.full(len(steps[0]), sink), steps[1], steps[2])
    flow.set_nodes_supplies(np.arange(tickets), np.ones(tickets, dtype=np.int64))
    if to_office:
        flow.set_node_supply(office, -to_office)
    flow.set_node_supply(sink, (to_office or 0) - tickets)
    status = flow.solve()
    if status != flow.OPTIMAL:
        raise NoFlow(status.name, tickets)
    used: Numbers = np.flatnonzero(flow.flows(np.arange(len(arcs.ticket))))
    return arcs.place[used]


def prices(arcs: Arcs, rooms: Rooms, given: Numbers, *, fixed_office: bool = False) -> Prices:
    """The highest prices of room under which every ticket is where it pays least.

    given          the place of each ticket.
    fixed_office   whether the number of tickets at the office was prescribed.

    A place with room left costs what its next ticket would; a full one as much as the dearest way of making room there.
    """
    taken = np.bincount(given, minlength=len(rooms.room))
    price = np.where(taken < rooms.room, rooms.base + rooms.rate * taken, _HUGE)
    if fixed_office:
        price[-1] = _HUGE
    own = arcs.cost[arcs.at(given)]
    starts = np.searchsorted(arcs.ticket, np.arange(len(given)))
    # Each pass reaches one move farther; a way without a circle has no more moves than there are places.
    for _pass in range(len(price) + 2):
        paid = np.minimum.reduceat(arcs.cost + price[arcs.place], starts)
        lower = price.copy()
        np.minimum.at(lower, given, paid - own)
        if np.array_equal(lower, price):
            break
        price = lower
    else:
        return Prices(price, own + price[given], is_certain=False)
    pays_its_way = (taken == 0) | (price >= rooms.base + rooms.rate * (taken - 1))
    pays_its_way[-1] |= fixed_office
    return Prices(price, paid, is_certain=bool(pays_its_way.all()))


def _without_last(rooms: Rooms) -> Rooms:
    room = rooms.room.copy()
    room[-1] = 0
    return replace(rooms, room=room)


def _steps(arcs: Arcs, rooms: Rooms) -> tuple[Numbers, Numbers, Numbers]:
    """Arcs out of the places: place, capacity and cost; where each ticket costs more than the last, one for each."""
    reached = np.minimum(rooms.room, np.bincount(arcs.place, minlength=len(rooms.room)))
    copies = np.where(rooms.rate > 0, reached, np.minimum(reached, 1))
    place = np.repeat(np.arange(len(copies)), copies)
    nth = np.arange(len(place)) - np.repeat(np.cumsum(copies) - copies, copies)
    capacity = np.where(rooms.rate[place] > 0, 1, reached[place])
    return place, capacity, rooms.base[place] + rooms.rate[place] * nth
