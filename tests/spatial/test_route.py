import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.errors import BadGeometry, TooManyStops
from spatial.route import MOST_STOPS, nearest_next, walk

METRES = st.floats(min_value=-20_000, max_value=20_000, allow_nan=False, width=32)
SPOTS = st.lists(st.tuples(METRES, METRES), max_size=24)


def length(start, stops, order):
    path = [start, *(stops[number] for number in order)]
    return math.fsum(math.dist(one, other) for one, other in itertools.pairwise(path))


def shortest(start, stops):
    return min(length(start, stops, order) for order in itertools.permutations(range(len(stops))))


def town(count, seed):
    """Places strewn over four square kilometres."""
    rng = np.random.default_rng(seed)
    return [(float(x), float(y)) for x, y in rng.uniform(0, 2000, (count, 2))]


def test_stops_along_a_street_are_walked_one_after_the_other():
    found = walk((0, 0), [(300, 0), (100, 0), (200, 0)])
    assert found.order == [1, 2, 0]
    assert found.metres == pytest.approx(300)
    assert found.legs == pytest.approx([100, 100, 100])


def test_a_stop_behind_is_fetched_first_where_that_is_shorter():
    # the nearest stop next would go 100 m east, 200 m west and 550 m east again
    stops = [(100, 0), (-110, 0), (440, 0)]
    assert nearest_next((0, 0), stops).metres == pytest.approx(860)
    found = walk((0, 0), stops)
    assert found.order == [1, 0, 2]
    assert found.metres == pytest.approx(660)


def test_nothing_to_do_is_no_way_and_one_stop_is_one_leg():
    assert walk((5, 5), []) == ([], 0.0, [])
    assert walk((0, 0), [(3, 4)]) == ([0], 5.0, [5.0])


def test_stops_at_one_place_are_passed_in_their_order():
    found = walk((0, 0), [(10, 0), (10, 0), (0, 0)])
    assert found.order == [2, 0, 1]
    assert found.metres == pytest.approx(10)


@given(start=st.tuples(METRES, METRES), stops=SPOTS)
@settings(max_examples=150)
def test_every_stop_once_never_longer_than_the_nearest_next_and_the_same_again(start, stops):
    found = walk(start, stops)
    assert sorted(found.order) == list(range(len(stops)))
    assert found.metres == pytest.approx(length(start, stops, found.order))
    assert math.fsum(found.legs) == pytest.approx(found.metres)
    assert found.metres <= nearest_next(start, stops).metres + 1e-6
    assert walk(start, stops) == found


def test_few_stops_are_nearly_always_walked_the_shortest_way():
    excess = []
    for seed in range(300):
        count = 2 + seed % 6
        start, *stops = town(count + 1, seed)
        excess.append(walk(start, stops).metres / shortest(start, stops) - 1)
    assert sum(one < 1e-9 for one in excess) / len(excess) > 0.95
    assert sum(one > 0.05 for one in excess) / len(excess) < 0.01
    assert max(excess) < 0.12


def test_no_two_lines_of_a_walk_cross():
    start, *stops = town(41, 7)
    found = walk(start, stops)
    path = [start, *(stops[number] for number in found.order)]

    def side(a, b, c):
        return math.copysign(1, (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))

    legs = list(itertools.pairwise(path))
    for (a, b), (c, d) in itertools.combinations(legs, 2):
        if b is c or a is d:
            continue
        assert side(a, b, c) == side(a, b, d) or side(c, d, a) == side(c, d, b)


def test_a_full_morning_is_less_than_a_quarter_of_the_way_by_number():
    start, *stops = town(MOST_STOPS + 1, 3)
    found = walk(start, stops)
    assert found.metres < 0.25 * length(start, stops, range(MOST_STOPS))
    assert found.metres < 0.92 * nearest_next(start, stops).metres


def test_more_stops_than_anybody_walks_are_refused():
    with pytest.raises(TooManyStops, match="61 stops are too many for one walk; choose at most 60"):
        walk((0, 0), [(0, 0)] * 61)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_place_that_is_nowhere_is_refused_with_its_number(bad):
    with pytest.raises(BadGeometry, match="geometry 2"):
        walk((0, 0), [(1, 1), (bad, 0)])
