import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapes import box, layer, sites

from spatial.coverage import DISC_SIDES, change_of_cover, cover, distance_to_nearest, nearest_site_m, reach_m
from spatial.errors import BadGeometry, CrsMismatch, NotMetric

TOWNS = layer((0, 0, 1000, 1000), (1000, 0, 2000, 1000))


def test_a_disc_inside_an_area_covers_a_circle():
    found = cover(TOWNS, sites((500, 500)), radius_m=200)
    circle = np.pi * 200**2
    assert found.shares.columns.tolist() == ["code", "area_m2", "covered_m2", "share", "site_count", "gap_m2"]
    assert found.shares.code.tolist() == ["A", "B"]
    assert found.shares.covered_m2.tolist() == pytest.approx([circle, 0])
    assert found.shares.share.tolist() == pytest.approx([circle / 1e6, 0])
    assert found.shares.gap_m2.tolist() == pytest.approx([1e6 - circle, 1e6])
    assert found.shares.site_count.tolist() == [1, 0]
    assert found.without == ["B"]
    assert found.radius_m == 200


# What a straight line leaves beyond it of a circle, at half the radius from the centre.
SEGMENT = (np.pi / 3 - np.sqrt(3) / 4) / np.pi


@pytest.mark.parametrize(
    ("places", "discs"),
    [
        pytest.param([], [0, 0], id="no sites"),
        pytest.param([None], [0, 0], id="a site without position"),
        pytest.param([(500, 500), (500, 500)], [1, 0], id="overlap counts once"),
        pytest.param([(1000, 500)], [0.5, 0.5], id="half and half"),
        pytest.param([(0, 0)], [0.25, 0], id="spills over the edge"),
        pytest.param([(-100, 500)], [SEGMENT, 0], id="from outside"),
        pytest.param([(1100, 500)], [SEGMENT, 1 - SEGMENT], id="from the neighbour"),
        pytest.param([(5000, 5000)], [0, 0], id="far away"),
    ],
)
def test_covered_ground_in_discs(places, discs):
    shares = cover(TOWNS, sites(*places), radius_m=200).shares
    assert (shares.covered_m2 / (np.pi * 200**2)).tolist() == pytest.approx(discs, abs=2e-4)


def test_a_wide_radius_covers_all_and_leaves_no_gap():
    found = cover(TOWNS, sites((1000, 500)), radius_m=5000)
    assert found.shares.share.tolist() == [1, 1]
    assert len(found.gaps) == 0
    assert found.gaps.columns.tolist() == ["area_code", "area_m2", "geometry"]
    assert found.gaps.crs == TOWNS.crs


def test_gaps_are_connected_pieces_the_largest_first():
    # A belt of discs along x = 300 cuts town A in a smaller and a larger piece.
    belt = [(300, y) for y in range(0, 1001, 25)]
    gaps = cover(TOWNS.iloc[:1], sites(*belt), radius_m=100).gaps
    assert gaps.area_code.tolist() == ["A", "A"]
    assert gaps.area_m2.tolist() == pytest.approx([600_000, 200_000], rel=0.01)
    assert gaps.geom_type.tolist() == ["Polygon", "Polygon"]
    assert gaps.geometry.area.tolist() == gaps.area_m2.tolist()


def test_gaps_end_at_the_border_of_their_area():
    gaps = cover(TOWNS, sites(), radius_m=100).gaps
    assert [(row.area_code, row.geometry.bounds) for row in gaps.itertuples()] == [
        ("A", (0, 0, 1000, 1000)),
        ("B", (1000, 0, 2000, 1000)),
    ]


def test_every_metre_is_either_covered_or_a_gap():
    rng = np.random.default_rng(6)
    places = sites(*rng.uniform(0, 1000, (40, 2)).tolist())
    found = cover(TOWNS, places, radius_m=90)
    shares = found.shares
    assert (shares.covered_m2 + shares.gap_m2).tolist() == pytest.approx(shares.area_m2.tolist())
    by_area = found.gaps.groupby("area_code").area_m2.sum()
    assert [by_area[code] for code in shares.code] == pytest.approx(shares.gap_m2.tolist())
    x, y = rng.uniform(0, 1000, (2, 4000))
    metres = nearest_site_m(np.column_stack([x, y]), shapely.get_coordinates(np.asarray(places))).metres
    in_gap = shapely.intersects(found.gaps[found.gaps.area_code == "A"].union_all(), shapely.points(x, y))
    clear = np.abs(metres - 90) > 90 * 0.0003
    assert (in_gap == (metres > 90))[clear].all()


def test_the_disc_is_right_in_area_and_off_by_less_than_a_thousandth_of_its_radius():
    field = layer((-2000, -2000, 2000, 2000))
    gap = cover(field, sites((0, 0)), radius_m=1000).gaps.geometry[0]
    rim = shapely.get_coordinates(gap.interiors[0])
    assert shapely.Polygon(gap.interiors[0]).area == pytest.approx(np.pi * 1e6, rel=1e-12)
    assert len(rim) == DISC_SIDES + 1
    assert np.hypot(*rim.T).max() - 1000 < 0.25
    assert 1000 - gap.interiors[0].distance(shapely.Point(0, 0)) < 0.25


def test_a_missing_boundary_keeps_its_row_and_is_not_called_without():
    found = cover(layer((0, 0, 100, 100), None, shapely.Polygon()), sites((50, 50)), radius_m=500)
    assert found.shares.code.tolist() == ["A", "B", "C"]
    assert found.shares.share[0] == 1
    assert found.shares.loc[1:, ["area_m2", "covered_m2", "share", "gap_m2"]].isna().all(axis=None)
    assert found.shares.site_count.tolist() == [1, 0, 0]
    assert found.without == []


@pytest.mark.parametrize("areas", [layer(), layer(None, None)], ids=["no areas", "no boundaries"])
def test_without_ground_there_is_nothing_to_cover(areas):
    found = cover(areas, sites((0, 0)), radius_m=100)
    assert (len(found.shares), len(found.gaps), found.without) == (len(areas), 0, [])
    assert found.shares.share.isna().all()


@pytest.mark.parametrize(
    ("place", "counts"),
    [
        pytest.param((500, 500), [1, 0], id="inside"),
        pytest.param((1000, 500), [1, 1], id="on the common border, in both"),
        pytest.param((1500, 2000), [0, 0], id="outside"),
    ],
)
def test_sites_are_counted_where_they_stand(place, counts):
    assert cover(TOWNS, sites(place), radius_m=10).shares.site_count.tolist() == counts


def test_areas_may_overlap():
    shares = cover(layer((0, 0, 1000, 1000), (0, 0, 500, 1000)), sites((250, 500)), radius_m=100).shares
    assert shares.site_count.tolist() == [1, 1]
    assert shares.covered_m2.tolist() == pytest.approx([np.pi * 1e4] * 2)


@pytest.mark.parametrize("radius_m", [0, -5, np.nan, np.inf])
def test_a_radius_that_covers_nothing_is_refused(radius_m):
    with pytest.raises(BadGeometry, match="radius"):
        cover(TOWNS, sites((0, 0)), radius_m=radius_m)


def test_a_site_that_is_no_point_is_refused():
    with pytest.raises(BadGeometry, match="point"):
        cover(TOWNS, gpd.GeoSeries([shapely.Point(1, 1), box(0, 0, 1, 1)], crs=TOWNS.crs), radius_m=10)


def test_layers_in_two_crs_are_refused():
    with pytest.raises(CrsMismatch):
        cover(TOWNS, sites((0, 0), crs="EPSG:32651"), radius_m=10)


def test_layers_in_degrees_are_refused():
    with pytest.raises(NotMetric):
        cover(layer((0, 0, 1, 1), crs="EPSG:4326"), sites((0, 0), crs="EPSG:4326"), radius_m=10)


@pytest.mark.parametrize(
    ("places", "index", "metres"),
    [
        pytest.param([(3, 4)], 0, 5, id="one"),
        pytest.param([(30, 40), (3, 4)], 1, 5, id="the nearer"),
        pytest.param([(3, 4), (-3, 4), (5, 0)], 0, 5, id="ties to the lowest number"),
        pytest.param([(np.nan, 0), (3, 4)], 1, 5, id="nan is nowhere"),
        pytest.param([], -1, np.nan, id="none"),
        pytest.param([(np.nan, np.nan)], -1, np.nan, id="none with a position"),
    ],
)
def test_the_nearest_site(places, index, metres):
    found = nearest_site_m([(0, 0)], places)
    assert found.site.tolist() == [index]
    np.testing.assert_allclose(found.metres, [metres])


def test_a_point_that_is_nowhere_is_near_nothing():
    site, metres = nearest_site_m([(np.nan, 0), (0, 0)], [(3, 4)])
    assert site.tolist() == [-1, 0]
    np.testing.assert_allclose(metres, [np.nan, 5])


def test_many_nearest_sites_agree_with_brute_force():
    rng = np.random.default_rng(7)
    points, places = rng.integers(0, 50, (500, 2)), rng.integers(0, 50, (80, 2))
    distance = np.hypot(*(points[:, None, :] - places[None, :, :]).transpose(2, 0, 1))
    found = nearest_site_m(points, places)
    np.testing.assert_allclose(found.metres, distance.min(axis=1))
    assert found.site.tolist() == distance.argmin(axis=1).tolist()


def test_a_cell_is_as_far_as_its_centre_and_keeps_its_index():
    cells = layer((0, 0, 100, 100), (100, 0, 200, 100), None).set_index("code", drop=False)
    metres = distance_to_nearest(cells, sites((50, 50)))
    assert metres.index.tolist() == ["A", "B", "C"]
    np.testing.assert_allclose(metres, [0, 100, np.nan])


def test_a_bent_cell_is_measured_from_a_point_on_it():
    bent = shapely.difference(box(0, 0, 100, 100), box(10, 0, 90, 90))
    (metres,) = distance_to_nearest(layer(bent), sites((50, 50)))
    assert metres >= 40


def test_without_sites_no_cell_has_a_distance():
    assert distance_to_nearest(TOWNS, sites()).isna().all()


CIRCLE_M2 = np.pi * 200**2


@pytest.mark.parametrize(
    ("kept", "closed", "opened", "lost", "gained"),
    [
        pytest.param([], [(500, 500)], [], [1, 0], [0, 0], id="the only one closes"),
        pytest.param([], [], [(1500, 500)], [0, 0], [0, 1], id="a first one opens"),
        pytest.param([], [(1000, 500)], [], [0.5, 0.5], [0, 0], id="on the border, both lose"),
        pytest.param([(500, 500)], [(500, 500)], [], [0, 0], [0, 0], id="another stands at the same place"),
        pytest.param([], [(500, 500)], [(500, 500)], [0, 0], [0, 0], id="moved to where it was"),
        pytest.param([(300, 500)], [(500, 500)], [], [1 - 2 * SEGMENT, 0], [0, 0], id="what the neighbour has stays"),
        pytest.param([], [(500, 500)], [(700, 500)], [1 - 2 * SEGMENT, 0], [1 - 2 * SEGMENT, 0], id="moved a little"),
        pytest.param([], [], [(-100, 500)], [0, 0], [SEGMENT, 0], id="opens outside"),
        pytest.param([(500, 500)], [], [], [0, 0], [0, 0], id="nothing changes"),
    ],
)
def test_what_closing_and_opening_change_in_discs(kept, closed, opened, lost, gained):
    change = change_of_cover(TOWNS, sites(*kept), closed=sites(*closed), opened=sites(*opened), radius_m=200)
    assert change.areas.columns.tolist() == ["code", "lost_m2", "gained_m2"]
    assert (change.areas.lost_m2 / CIRCLE_M2).tolist() == pytest.approx(lost, abs=4e-4)
    assert (change.areas.gained_m2 / CIRCLE_M2).tolist() == pytest.approx(gained, abs=4e-4)
    sums = change.pieces.groupby("change").area_m2.sum()
    assert sums.get("lost", 0) == pytest.approx(change.areas.lost_m2.sum())
    assert sums.get("gained", 0) == pytest.approx(change.areas.gained_m2.sum())


def test_changed_ground_is_told_in_pieces_across_borders_the_largest_first():
    both = sites((1000, 500), (200, 500))
    pieces = change_of_cover(TOWNS, sites(), closed=both, opened=sites(), radius_m=150).pieces
    assert pieces.columns.tolist() == ["change", "area_m2", "geometry"]
    assert pieces.geom_type.tolist() == ["Polygon", "Polygon"]
    assert pieces.area_m2.tolist() == pytest.approx([np.pi * 150**2] * 2)
    assert pieces.crs == TOWNS.crs


@pytest.mark.parametrize("seed", range(8))
def test_the_change_is_the_difference_of_two_whole_calculations(seed):
    rng = np.random.default_rng(seed)
    radius_m = float(rng.choice([60, 120, 300, 900]))
    stay, leave, come = (rng.uniform(-100, 2100, (n, 2)) for n in (rng.integers(0, 120), rng.integers(0, 9), 6))
    areas = layer((0, 0, 1000, 1000), (1000, 0, 2000, 1000), (0, 0, 2000, 1000), None)
    before = cover(areas, sites(*stay, *leave), radius_m=radius_m)
    after = cover(areas, sites(*stay, *come), radius_m=radius_m)
    changed = np.concatenate([leave, come])
    near = np.array([np.hypot(*(changed - place).T).min() <= reach_m(radius_m) for place in stay], dtype=bool)
    found = change_of_cover(areas, sites(*stay[near]), closed=sites(*leave), opened=sites(*come), radius_m=radius_m)
    difference = before.shares.covered_m2 - found.areas.lost_m2 + found.areas.gained_m2
    # 1 m² for each of a few slivers, of a million
    assert difference[:3].tolist() == pytest.approx(after.shares.covered_m2[:3].tolist(), abs=5.0)
    assert found.areas.lost_m2[3] == found.areas.gained_m2[3] == 0


def test_a_crowd_of_sites_about_a_bent_area_changes_it_as_two_whole_calculations_say():
    # a horseshoe: in its bay nobody stands, so that ground beyond the area stays out of reach to the end
    bent = layer((0, 0, 9000, 9000), (9000, 0, 10_000, 9000))
    bent.geometry = [bent.geometry[0].difference(box(2000, 3000, 9000, 6000)), bent.geometry[1]]
    rng = np.random.default_rng(5)
    crowd = rng.uniform((0, 0), (10_000, 9000), (3000, 2))
    crowd = crowd[shapely.contains_xy(bent.geometry.union_all(), *crowd.T)]
    changed, kept = crowd[:15], crowd[15:]
    for radius_m in (120.0, 900.0):
        found = change_of_cover(bent, sites(*kept), closed=sites(*changed), opened=sites(), radius_m=radius_m)
        before = cover(bent, sites(*crowd), radius_m=radius_m).shares.covered_m2
        after = cover(bent, sites(*kept), radius_m=radius_m).shares.covered_m2
        assert found.areas.lost_m2.to_numpy() == pytest.approx((before - after).to_numpy(), abs=20)


def test_layers_of_another_crs_are_refused_in_a_change_too():
    with pytest.raises(CrsMismatch):
        change_of_cover(TOWNS, sites(), closed=sites(), opened=sites((0, 0), crs="EPSG:32651"), radius_m=10)
    with pytest.raises(BadGeometry, match="radius"):
        change_of_cover(TOWNS, sites(), closed=sites(), opened=sites((0, 0)), radius_m=0)
