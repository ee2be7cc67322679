import numpy as np
import pytest
import shapely
from shapes import box

from spatial.locate import tag_points

TOWNS = [box(0, 0, 100, 100), box(100, 0, 200, 100), None, shapely.Polygon()]


@pytest.mark.parametrize(
    ("x", "y", "index"),
    [
        pytest.param(50, 50, 0, id="inside the first"),
        pytest.param(150, 50, 1, id="inside the second"),
        pytest.param(100, 50, 0, id="on the common border"),
        pytest.param(200, 100, 1, id="on a corner"),
        pytest.param(200.001, 50, -1, id="just outside"),
        pytest.param(np.nan, 50, -1, id="nan"),
        pytest.param(50, np.inf, -1, id="infinite"),
    ],
)
def test_a_point_finds_its_town(x, y, index):
    assert tag_points([x], [y], TOWNS).tolist() == [index]


@pytest.mark.parametrize(
    ("order", "index"),
    [
        pytest.param(None, 0, id="lowest index"),
        pytest.param([2, 1, 3], 1, id="lowest order"),
        pytest.param([5, 5, 5], 0, id="equal order, lowest index"),
        pytest.param(["c", "b", "a"], 2, id="order by code"),
        pytest.param([3.5, 2.5, -1.0], 2, id="order by area"),
    ],
)
def test_where_several_hold_the_point_the_order_decides(order, index):
    nested = [box(0, 0, 100, 100), box(10, 10, 90, 90), box(20, 20, 80, 80)]
    assert tag_points([50], [50], nested, order=order).tolist() == [index]


def test_among_many_equals_the_lowest_index_decides():
    order = [7, *[5] * 100, *[3] * 100]
    assert tag_points([50], [50], [TOWNS[0]] * 201, order=order).tolist() == [101]


def test_a_hole_does_not_hold_but_its_edge_does():
    ring = shapely.difference(box(0, 0, 100, 100), box(40, 40, 60, 60))
    assert tag_points([50, 40, 30], [50, 50, 50], [ring]).tolist() == [-1, 0, 0]


@pytest.mark.parametrize(
    ("x", "polygons"), [([], TOWNS), ([50, 60], []), ([], [])], ids=["no points", "no polygons", "neither"]
)
def test_without_points_or_polygons_nothing_is_found(x, polygons):
    assert tag_points(x, x, polygons).tolist() == [-1] * len(x)


def test_a_single_number_is_a_point_too():
    assert tag_points(50, 50, TOWNS).tolist() == [0]


def test_a_hundred_thousand_points_agree_with_one_by_one():
    rng = np.random.default_rng(4)
    stars = []
    for _ in range(60):
        turn, reach = np.linspace(0, 2 * np.pi, 40, endpoint=False), rng.uniform(30, 120, 40)
        x, y = rng.uniform(0, 1000, 2)
        stars.append(shapely.Polygon(np.column_stack([x + reach * np.cos(turn), y + reach * np.sin(turn)])))
    order = rng.permutation(60)
    x, y = rng.uniform(-50, 1050, (2, 100_000))
    found = tag_points(x, y, stars, order=order)
    for i in range(0, 100_000, 97):
        holders = [k for k in range(60) if stars[k].covers(shapely.Point(x[i], y[i]))]
        assert found[i] == min(holders, key=lambda k: order[k], default=-1)
