import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapes import box

from spatial.coordinates import Coordinates, Shapes
from spatial.crs import Datum, from_metre, to_metre
from spatial.errors import BadControl
from spatial.local import Similarity, fit_similarity

# A plane as cities have them: its middle far from the CRS's, turned by a degree, nearly true to scale.
TURN = np.radians(1.1)
PLANTED = Similarity(0.99985 * np.cos(TURN), 0.99985 * np.sin(TURN), 621_345.678, 3_456_789.012, 4549)
LOCAL = Datum("local:试验", PLANTED)


def control(count, *, noise_m=0.0, seed=1, made=PLANTED):
    """Local metres and eastings and northings of points all over a district."""
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(-20_000, 20_000, count), rng.uniform(-20_000, 20_000, count)
    easting, northing = made.to_metre(x, y)
    return x, y, (easting + rng.normal(0, noise_m, count), northing + rng.normal(0, noise_m, count))


@pytest.mark.parametrize("count", [2, 3, 12])
def test_a_planted_plane_is_found_to_a_millionth_of_a_metre(count):
    fit = fit_similarity(*control(count), srid=4549)
    x, y, known = control(500, seed=2)
    np.testing.assert_allclose(fit.similarity.to_metre(x, y), known, rtol=0, atol=1e-6)
    np.testing.assert_allclose(fit.similarity.from_metre(*known), (x, y), rtol=0, atol=1e-6)
    assert fit.similarity.scale == pytest.approx(0.99985, abs=1e-9)
    assert fit.similarity.turn_degrees == pytest.approx(1.1, abs=1e-7)
    assert (fit.is_checked, fit.has_usual_scale, fit.is_swapped, fit.outlier) == (count > 2, True, False, None)
    assert fit.rms_m < 1e-6


@given(
    turn=st.floats(-180, 180),
    scale=st.floats(0.5, 2),
    shift=st.tuples(st.floats(-1e6, 1e6), st.floats(-4e6, 4e6)),
    seed=st.integers(0, 1000),
)
def test_any_plane_is_found(turn, scale, shift, seed):
    angle = np.radians(turn)
    made = Similarity(scale * np.cos(angle), scale * np.sin(angle), *shift, 4549)
    fit = fit_similarity(*control(5, made=made, seed=seed), srid=4549)
    x, y, known = control(20, seed=seed + 1, made=made)
    np.testing.assert_allclose(fit.similarity.to_metre(x, y), known, rtol=0, atol=1e-6)


def test_residuals_are_what_is_left_and_the_worst_is_named():
    x, y, (easting, northing) = control(200, noise_m=0.03)
    fit = fit_similarity(x, y, (easting, northing), srid=4549)
    there = fit.similarity.to_metre(x, y)
    by_hand = np.hypot(there[0] - easting, there[1] - northing)
    np.testing.assert_allclose(fit.residual_m, by_hand)
    assert fit.rms_m == pytest.approx(np.sqrt((by_hand**2).mean()))
    # of 400 numbers, 4 are spent on the fit
    assert fit.rms_m == pytest.approx(0.03 * np.sqrt(2 * 396 / 400), rel=0.1)
    assert fit.residual_m[fit.worst] == max(fit.residual_m)
    assert fit.outlier is None


def test_least_squares_cannot_be_bettered_by_a_small_change():
    x, y, known = control(8, noise_m=0.5)
    best = fit_similarity(x, y, known, srid=4549)

    def squares(made):
        there = made.to_metre(x, y)
        return ((there[0] - known[0]) ** 2 + (there[1] - known[1]) ** 2).sum()

    made = best.similarity
    for step in (-1, 1):
        for change in ((1e-6, 0, 0, 0), (0, 1e-6, 0, 0), (0, 0, 1e-2, 0), (0, 0, 0, 1e-2)):
            a, b, tx, ty = (v + step * d for v, d in zip((made.a, made.b, made.tx, made.ty), change, strict=True))
            assert squares(Similarity(a, b, tx, ty, 4549)) > squares(made)


@pytest.mark.parametrize("bad", range(6))
def test_a_point_that_is_wrong_is_named(bad):
    x, y, (easting, northing) = control(6, noise_m=0.02, seed=4)
    easting[bad] += 12.0
    fit = fit_similarity(x, y, (easting, northing), srid=4549)
    assert fit.outlier == bad
    assert fit.rms_without_m < 0.05 < fit.rms_m


def test_of_three_points_none_can_be_blamed():
    x, y, (easting, northing) = control(3)
    easting[1] += 12.0
    fit = fit_similarity(x, y, (easting, northing), srid=4549)
    assert fit.outlier is None
    assert fit.rms_m > 1


def test_northings_that_come_first_are_noticed():
    x, y, known = control(5, noise_m=0.02)
    assert fit_similarity(y, x, known, srid=4549).is_swapped
    assert not fit_similarity(x, y, known, srid=4549).is_swapped


@pytest.mark.parametrize(
    ("x", "y", "known", "why"),
    [
        pytest.param([0], [0], ([600_000], [3_440_000]), "there are 1", id="one point"),
        pytest.param([], [], ([], []), "there are 0", id="none"),
        pytest.param([5, 5], [5, 5], ([600_000, 610_000], [1, 1]), "local coordinates", id="one place, local"),
        pytest.param([0, 9e3], [0, 0], ([600_000, 600_000], [3e6, 3e6]), "known positions", id="one place, known"),
        pytest.param([0, np.nan], [0, 0], ([600_000, 610_000], [3e6, 3e6]), "control point 2", id="no number"),
    ],
)
def test_points_that_tie_nothing_are_refused(x, y, known, why):
    with pytest.raises(BadControl, match=why):
        fit_similarity(x, y, known, srid=4549)


def test_local_metres_are_a_datum_in_both_directions():
    places = Coordinates([0.0, 1000.0], [0.0, -500.0], LOCAL).to_wgs84()
    np.testing.assert_allclose(
        to_metre(places.lon, places.lat, 4549),
        PLANTED.to_metre(np.array([0, 1000.0]), np.array([0, -500.0])),
        atol=1e-6,
    )
    back = places.written_in(LOCAL)
    np.testing.assert_allclose([back.x, back.y], [[0, 1000], [0, -500]], atol=1e-6)
    assert (LOCAL.is_projected, LOCAL.is_shifted, LOCAL.srid, str(LOCAL)) == (True, False, None, "local:试验")


GRIDS = [
    pytest.param(LOCAL, (-3000.0, -3000.0), id="local"),
    pytest.param(Datum("epsg:4549"), (618_000.0, 3_436_000.0), id="gauss-krueger"),
    pytest.param(Datum("epsg:4528"), (40_618_000.0, 3_436_000.0), id="zone in front"),
    pytest.param(Datum("epsg:4510"), (335_000.0, 3_436_000.0), id="six degrees"),
]


@pytest.mark.parametrize(("datum", "corner"), GRIDS)
def test_areas_in_metres_keep_their_common_borders(datum, corner):
    x, y = corner
    cells = [
        box(x + i * 2700, y + j * 2700, x + i * 2700 + 2700, y + j * 2700 + 2700) for i in range(3) for j in range(3)
    ]
    cells[4] = shapely.Polygon(list(cells[4].exterior.coords)[::-1])
    moved = Shapes(cells, datum).to_wgs84()
    assert shapely.coverage_is_valid(moved)
    whole = shapely.union_all(moved)
    assert len(whole.interiors) == 0
    # a straight edge of 2.7 km is cut into six
    assert [shapely.get_num_coordinates(cell) for cell in moved] == [25] * 9


@pytest.mark.parametrize(("datum", "corner"), GRIDS)
def test_a_long_edge_in_metres_follows_the_plane(datum, corner):
    x, y = corner
    line = shapely.LineString([(x, y), (x + 9000, y + 7000)])
    (bent,) = Shapes([line], datum).to_wgs84()
    t = np.linspace(0, 1, 997)
    places = Coordinates((x + 9000 * t).tolist(), (y + 7000 * t).tolist(), datum).to_wgs84()
    metre = shapely.transform(bent, lambda p: np.column_stack(to_metre(p[:, 0], p[:, 1], 4549)))
    off = shapely.distance(shapely.points(*to_metre(places.lon, places.lat, 4549)), metre)
    assert off.max() < 0.05


def test_the_datum_of_a_plane_and_its_crs_agree():
    lon, lat = from_metre([621_345.678], [3_456_789.012], 4549)
    assert Coordinates(0.0, 0.0, LOCAL).to_wgs84().one() == (pytest.approx(lon[0]), pytest.approx(lat[0]))
