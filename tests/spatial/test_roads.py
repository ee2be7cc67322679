import math

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from spatial.roads import WINDS, heading, road_line


def lines(*coords):
    return [shapely.LineString(pairs) for pairs in coords]


@pytest.fixture
def bent():
    """East for 500 m, then north for 500 m, in three stretches, one drawn backwards."""
    return road_line(lines([(0, 0), (300, 0)], [(500, 0), (300, 0)], [(500, 0), (500, 500)]))


@pytest.mark.parametrize(
    ("start", "metres", "wind", "end"),
    [
        pytest.param((100, 0), 150, "E", (250, 0), id="straight"),
        pytest.param((100, 0), 50, "W", (50, 0), id="the other way"),
        pytest.param((450, 0), 250, "NE", (500, 200), id="round the corner"),
        pytest.param((500, 200), 100, "N", (500, 300), id="on the second leg"),
        pytest.param((100, 20), 150, "E", (250, 0), id="from beside the road"),
    ],
)
def test_a_walk_follows_the_road(bent, start, metres, wind, end):
    walk = bent.walk(*start, metres, wind)
    assert (walk.x, walk.y) == pytest.approx(end)
    assert walk.short_m == 0.0


def test_no_branch_leads_across_the_road(bent):
    assert bent.walk(100, 0, 100, "N") is None


def test_a_point_far_from_the_road_is_not_on_it(bent):
    assert bent.walk(100, 200, 100, "E") is None
    assert bent.along(100, 200) is None


def test_a_road_that_ends_too_early_says_how_much_it_lacks(bent):
    walk = bent.walk(100, 0, 150, "W")
    assert (walk.x, walk.y, walk.short_m) == (0.0, 0.0, 50.0)


def test_two_carriageways_are_walked_side_by_side():
    road = road_line(lines([(0, 0), (600, 0)], [(600, 30), (0, 30)]))
    walk = road.walk(200, 15, 300, "E")
    assert (walk.x, walk.y) == pytest.approx((500, 15))
    assert walk.spread_m == pytest.approx(15.0)


def test_a_walk_steps_over_a_small_gap():
    road = road_line(lines([(0, 0), (200, 0)], [(225, 0), (600, 0)]))
    walk = road.walk(100, 0, 200, "E")
    assert (walk.x, walk.y) == pytest.approx((325, 0))


def test_a_point_beside_the_road_is_put_back_where_it_was(bent):
    along = bent.along(250, 12)
    assert along.beside_m == pytest.approx(12.0)
    assert bent.position(along.part, along.at_m, beside_m=along.beside_m) == pytest.approx((250, 12))


@given(st.sampled_from(sorted(WINDS)), st.floats(1, 900), st.floats(-25, 25))
def test_a_straight_road_is_walked_to_the_metre(wind, metres, askew):
    angle = math.radians(WINDS[wind] + askew)
    east, north = math.cos(angle), math.sin(angle)
    road = road_line(lines([(-1000 * east, -1000 * north), (0, 0)], [(1000 * east, 1000 * north), (0, 0)]))
    walk = road.walk(0.0, 0.0, metres, wind)
    assert (walk.x, walk.y) == pytest.approx((metres * east, metres * north), abs=1e-6)


def test_a_heading_is_a_unit_step():
    for wind in WINDS:
        assert math.hypot(*heading(wind)) == pytest.approx(1.0)
