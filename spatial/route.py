"""A short walk past several places: from where one stands to each of them once, and no way back.

The nearest place next, then improved: a stretch is walked the other way round, or up to three places are moved to
where they cost less, as long as that makes the walk shorter. Not always the shortest walk there is, but never
longer than going to the nearest place next, and always the same for the same places.
"""

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from spatial.errors import BadGeometry, TooManyStops

# A morning's work; more would take a while to order, and nobody walks it.
MOST_STOPS = 60

# Shorter by less than this is no gain but the last digits of a sum.
LEAST_GAIN_M = 1e-6

# So many places that follow one another are tried elsewhere together.
LONGEST_PIECE = 3

Spot = tuple[float, float]


class Walk(NamedTuple):
    """A walk: numbers of the places in the order they are passed.

    metres  the whole way from the start to the last place, in straight lines.
    legs    metres to each place from the one before it (the first: from the start), in the order of the walk.
    """

    order: list[int]
    metres: float
    legs: list[float]


def walk(start: Spot, stops: Sequence[Spot]) -> Walk:
    """A short walk from `start` past all `stops`, each (x, y) in one metre CRS; empty for no stops.

    Raises TooManyStops for more than MOST_STOPS, BadGeometry for a coordinate that is not a finite number.
    """
    if len(stops) > MOST_STOPS:
        raise TooManyStops(len(stops), MOST_STOPS)
    for number, spot in enumerate((start, *stops)):
        if not all(math.isfinite(value) for value in spot):
            raise BadGeometry("a coordinate is not a finite number", number)
    metres = _distances([start, *stops])
    path = _nearest_next(metres)
    while (better := _improved(path, metres)) is not None:
        path = better
    return _told(path, metres)


def nearest_next(start: Spot, stops: Sequence[Spot]) -> Walk:
    """The walk that always goes to the nearest place next, the lower number of two; see `walk`."""
    metres = _distances([start, *stops])
    return _told(_nearest_next(metres), metres)


# Below, 0 is the start and stop n is n + 1; a path begins with 0.


def _distances(spots: Sequence[Spot]) -> list[list[float]]:
    return [[math.dist(one, other) for other in spots] for one in spots]


def _told(path: Sequence[int], metres: list[list[float]]) -> Walk:
    legs = [metres[one][other] for one, other in itertools.pairwise(path)]
    return Walk([spot - 1 for spot in path[1:]], math.fsum(legs), legs)


def _nearest_next(metres: list[list[float]]) -> list[int]:
    path, left = [0], list(range(1, len(metres)))
    while left:
        here = metres[path[-1]]
        path.append(min(left, key=lambda spot: (here[spot], spot)))
        left.remove(path[-1])
    return path


def _improved(path: list[int], metres: list[list[float]]) -> list[int] | None:
    """The path after the turn that saves most, else after the move that does; None where nothing saves anything."""
    for changes in (_turns, _moves):
        gain, change = max(changes(path, metres), key=lambda found: found[0], default=(0.0, None))
        if change is not None and gain > LEAST_GAIN_M:
            return _changed(path, change)
    return None


class _Change(NamedTuple):
    """Places `first` to `last` of a path: laid behind place `behind` of the rest, turned round or not."""

    first: int
    last: int
    behind: int
    is_turned: bool


def _changed(path: list[int], change: _Change) -> list[int]:
    piece = path[change.first : change.last + 1]
    rest = path[: change.first] + path[change.last + 1 :]
    if change.is_turned:
        piece.reverse()
    return rest[: change.behind + 1] + piece + rest[change.behind + 1 :]


def _turns(path: list[int], metres: list[list[float]]) -> Iterator[tuple[float, _Change]]:
    """What it saves to walk places `first` to `last` the other way round."""
    end = len(path) - 1
    for first in range(1, end):
        before = metres[path[first - 1]]
        for last in range(first + 1, end + 1):
            gain = before[path[first]] - before[path[last]]
            if last < end:
                after = metres[path[last + 1]]
                gain += after[path[last]] - after[path[first]]
            yield gain, _Change(first, last, first - 1, is_turned=True)


def _moves(path: list[int], metres: list[list[float]]) -> Iterator[tuple[float, _Change]]:
    """What it saves to pass a few places at another point of the walk, in either direction."""
    end = len(path) - 1
    for first in range(1, end + 1):
        for last in range(first, min(first + LONGEST_PIECE, end + 1)):
            head, tail = metres[path[first]], metres[path[last]]
            rest = path[:first] + path[last + 1 :]
            taken = head[path[first - 1]]
            if last < end:
                taken += tail[path[last + 1]] - metres[path[first - 1]][path[last + 1]]
            for behind, here in enumerate(rest):
                if behind == first - 1:
                    continue
                after = rest[behind + 1] if behind + 1 < len(rest) else None
                cut = 0.0 if after is None else metres[here][after]
                straight = head[here] + (0.0 if after is None else tail[after]) - cut
                turned = tail[here] + (0.0 if after is None else head[after]) - cut
                yield taken - straight, _Change(first, last, behind, is_turned=False)
                yield taken - turned, _Change(first, last, behind, is_turned=True)
