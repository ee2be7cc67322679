import math

import numpy as np
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial import decoding, gcj02

GEOD = pyproj.Geod(ellps="WGS84")
PAIRS = [
    pytest.param(gcj02.wgs84_to_gcj02, decoding.gcj02_to_wgs84, id="gcj02"),
    pytest.param(gcj02.wgs84_to_bd09, decoding.bd09_to_wgs84, id="bd09"),
    pytest.param(gcj02.gcj02_to_bd09, decoding.bd09_to_gcj02, id="bd09 over gcj02"),
]
ALL = [function for pair in PAIRS for function in pair.values]


def metres(lon, lat, to_lon, to_lat):
    return np.asarray(GEOD.inv(lon, lat, to_lon, to_lat)[2])


def test_the_middle_of_the_formula_is_done_by_hand():
    # At 105° E, 35° N both offsets from the middle are 0, and with them all waves and
    # polynomials: 300 m east and 100 m south are left, on the Krasovsky ellipsoid.
    squeeze = 1 - gcj02.ECCENTRICITY2 * math.sin(math.radians(35)) ** 2
    east = math.degrees(300 / (6378245 / math.sqrt(squeeze) * math.cos(math.radians(35))))
    south = math.degrees(100 / (6378245 * (1 - gcj02.ECCENTRICITY2) / squeeze**1.5))
    assert gcj02.wgs84_to_gcj02([105.0], [35.0]) == (pytest.approx([105 + east]), pytest.approx([35 - south]))
    assert east == pytest.approx(0.0032866, abs=1e-6)


def test_one_degree_east_of_the_middle_is_done_by_hand():
    # At 106° E the whole-turn waves vanish; left are 300 + 1 + 0.1 + 0.1, and the slow waves.
    slow = 40 * math.sin(math.pi / 3) + 150 * math.sin(math.pi / 12) + 300 * math.sin(math.pi / 30)
    east_m = 301.2 + slow * 2 / 3
    squeeze = 1 - gcj02.ECCENTRICITY2 * math.sin(math.radians(35)) ** 2
    expected = 106 + math.degrees(east_m / (6378245 / math.sqrt(squeeze) * math.cos(math.radians(35))))
    lon, _ = gcj02.wgs84_to_gcj02([106.0], [35.0])
    assert lon == pytest.approx([expected], abs=1e-12)


@pytest.mark.parametrize(
    ("forward", "low", "mean", "high"),
    [
        pytest.param(gcj02.wgs84_to_gcj02, 469.7, 483.7, 493.4, id="gcj02"),
        pytest.param(gcj02.wgs84_to_bd09, 1105, 1138, 1167, id="bd09"),
    ],
)
def test_a_position_in_shanghai_moves_by_the_known_distance(forward, low, mean, high):
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(121.25, 121.57, 10_000), rng.uniform(30.98, 31.25, 10_000)
    moved = metres(lon, lat, *forward(lon, lat))
    assert low <= moved.min() <= moved.max() <= high
    assert moved.mean() == pytest.approx(mean, abs=0.5)


@pytest.mark.parametrize(("forward", "back"), PAIRS)
@given(lon=st.floats(72.2, 137.6), lat=st.floats(1.0, 55.6))
def test_a_position_in_china_comes_back(forward, back, lon, lat):
    assert metres([lon], [lat], *back(*forward([lon], [lat]))).max() < 1e-6


@pytest.mark.parametrize(("forward", "back"), PAIRS)
def test_many_positions_in_shanghai_come_back(forward, back):
    rng = np.random.default_rng(2)
    lon, lat = rng.uniform(120.85, 122.0, 20_000), rng.uniform(30.68, 31.87, 20_000)
    assert metres(lon, lat, *back(*forward(lon, lat))).max() < 1e-7


@pytest.mark.parametrize("function", ALL, ids=lambda function: function.__name__)
@pytest.mark.parametrize(
    ("lon", "lat"),
    [
        pytest.param(-73.98, 40.75, id="New York"),
        pytest.param(72.0, 35.0, id="west of the box"),
        pytest.param(100.0, 0.8, id="south of the box"),
        pytest.param(0.0, 0.0, id="zero"),
    ],
)
def test_outside_the_box_nothing_moves(function, lon, lat):
    assert function([lon], [lat]) == ([lon], [lat])


@pytest.mark.parametrize("function", ALL, ids=lambda function: function.__name__)
def test_what_is_no_position_stays_as_it_is(function):
    lon, lat = function([np.nan, np.inf, 121.4], [31.1, 31.1, np.nan])
    np.testing.assert_array_equal(lon, [np.nan, np.inf, 121.4])
    np.testing.assert_array_equal(lat, [31.1, 31.1, np.nan])


@pytest.mark.parametrize("function", ALL, ids=lambda function: function.__name__)
def test_shapes_are_kept_and_arguments_left_alone(function):
    lon, lat = np.full((2, 3), 121.4), np.full((2, 3), 31.1)
    out_lon, out_lat = function(lon, lat)
    assert out_lon.shape == out_lat.shape == (2, 3)
    assert (lon == 121.4).all()
    assert (lat == 31.1).all()
    assert [axis.size for axis in function([], [])] == [0, 0]


def test_the_box_is_open_at_its_edge():
    assert gcj02.in_box([72.004, 72.005, np.nan], [30, 30, 30]).tolist() == [False, True, False]
