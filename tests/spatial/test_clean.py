import numpy as np
import pytest
import shapely
from shapes import box, layer

from spatial.clean import RepairKind, check_coverage, close_rings, repair_polygons
from spatial.crs import geodesic_area_m2
from spatial.errors import BadGeometry, NotMetric

SQUARE = [(121.0, 31.0), (121.1, 31.0), (121.1, 31.1), (121.0, 31.1), (121.0, 31.0)]
HOLE = [(121.02, 31.02), (121.02, 31.04), (121.04, 31.04), (121.04, 31.02), (121.02, 31.02)]
SPECK = [(121.05, 31.05), (121.05, 31.050001), (121.050001, 31.050001), (121.05, 31.05)]


def broken(wkt):
    """A shape with a coordinate that is no number, as a careless file may hold it."""
    with np.errstate(invalid="ignore"):
        return shapely.from_wkt(wkt)


def repaired(*shapes):
    """Shapes after repair, and the words of what was done."""
    fixed, repairs = repair_polygons(list(shapes))
    return fixed, [repair.what.value for repair in repairs]


def test_a_good_polygon_is_left_alone():
    fixed, words = repaired(shapely.Polygon(SQUARE, [HOLE]))
    assert words == []
    assert fixed[0].equals_exact(shapely.MultiPolygon([shapely.Polygon(SQUARE, [HOLE])]), 0)


def test_nothing_is_repaired_to_nothing():
    fixed, repairs = repair_polygons([])
    assert (len(fixed), repairs) == (0, [])


@pytest.mark.parametrize(
    ("shape", "words", "area"),
    [
        pytest.param(shapely.Polygon(SQUARE[::-1]), ["winding"], 0.01, id="clockwise"),
        pytest.param(shapely.Polygon(SQUARE, [HOLE[::-1]]), ["winding"], 0.0096, id="hole counter-clockwise"),
        pytest.param(shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)]), ["self_intersection"], 2, id="bow-tie"),
        pytest.param(shapely.Polygon([*SQUARE[:2], *SQUARE[1:]]), ["duplicate_vertex"], 0.01, id="vertex twice"),
        pytest.param(
            shapely.Polygon([(0, 0), (2, 0), (2, 1), (5, 1), (2, 1), (2, 2), (0, 2)]), ["spike"], 4, id="spike"
        ),
        pytest.param(shapely.Polygon([(0, 0), (2, 0), (4, 0), (2, 0), (2, 2), (0, 2)]), ["spike"], 4, id="whisker"),
        pytest.param(shapely.Polygon(SQUARE, [SPECK]), ["sliver_dropped"], 0.01, id="speck of a hole"),
        pytest.param(
            shapely.MultiPolygon([shapely.Polygon(SQUARE), box(122, 31, 122.000001, 31.000001)]),
            ["sliver_dropped"],
            0.01,
            id="speck of a part",
        ),
        pytest.param(
            shapely.from_wkt("MULTIPOLYGON (((121 31, 121.1 31, 121.1 31.1, 121 31.1, 121 31)), EMPTY)"),
            ["empty_part_dropped"],
            0.01,
            id="empty part",
        ),
        pytest.param(
            shapely.GeometryCollection([shapely.Polygon(SQUARE), shapely.Point(1, 1)]),
            ["not_area_dropped"],
            0.01,
            id="a point beside",
        ),
        pytest.param(
            shapely.MultiPolygon([box(0, 0, 2, 2), box(1, 0, 3, 2)]),
            ["self_intersection"],
            6,
            id="parts overlap, ground counts once",
        ),
        pytest.param(
            shapely.Polygon(box(0, 0, 2, 2).exterior, [box(5, 5, 6, 6).exterior.coords[::-1]]),
            ["self_intersection"],
            5,
            id="hole outside, taken as a part",
        ),
        pytest.param(shapely.force_3d(shapely.Polygon(SQUARE), 7.0), ["z_dropped"], 0.01, id="heights"),
    ],
)
def test_a_fault_is_repaired_and_told(shape, words, area):
    fixed, told = repaired(shape)
    assert [word for word in told if word not in set(words)] in ([], ["winding"])
    assert set(words) <= set(told)
    assert fixed[0].geom_type == "MultiPolygon"
    assert fixed[0].is_valid
    assert not fixed[0].has_z
    assert fixed[0].area == pytest.approx(area, rel=1e-6)
    assert all(part.exterior.is_ccw for part in fixed[0].geoms)
    assert not any(ring.is_ccw for part in fixed[0].geoms for ring in part.interiors)


def test_a_repair_names_the_geometry_and_its_areas():
    _, repairs = repair_polygons([shapely.Polygon(SQUARE), shapely.Polygon(SQUARE[::-1])])
    (repair,) = repairs
    (area,) = geodesic_area_m2([shapely.Polygon(SQUARE)])
    assert (repair.index, repair.what) == (1, RepairKind.WINDING)
    assert repair.area_before_m2 == repair.area_after_m2 == pytest.approx(area)


def test_what_was_repaired_needs_no_repair_again():
    shapes = [shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)]), shapely.Polygon(SQUARE[::-1], [SPECK])]
    once, _ = repair_polygons(shapes)
    again, repairs = repair_polygons(once)
    assert repairs == []
    assert all(a.equals_exact(b, 0) for a, b in zip(once, again, strict=True))


@pytest.mark.parametrize(
    ("shape", "position"),
    [
        pytest.param(None, 1, id="missing"),
        pytest.param(shapely.Polygon(), 1, id="empty"),
        pytest.param(shapely.Point(1, 1), 1, id="point"),
        pytest.param(shapely.LineString([(0, 0), (1, 1)]), 1, id="line"),
        pytest.param(shapely.Polygon([(0, 0), (1, 1), (2, 2)]), 1, id="no area"),
        pytest.param(shapely.Polygon([(0, 0), (1, 0), (0, 0)]), 1, id="there and back"),
        pytest.param(shapely.Polygon(SPECK), 1, id="speck"),
        pytest.param(broken("POLYGON ((0 0, 1 0, 1 nan, 0 0))"), "geometry 1, vertex 2", id="nan"),
        pytest.param(broken("POLYGON ((0 0, inf 0, 1 1, 0 0))"), "geometry 1, vertex 1", id="infinite"),
        pytest.param(shapely.Polygon([(0, 0), (1e308, 0), (1, 1)]), "geometry 1, vertex 1", id="huge"),
        pytest.param(shapely.Polygon([(31, 121), (31, 122), (32, 122)]), "geometry 1, vertex 0", id="swapped"),
        pytest.param(box(500_000, 3_400_000, 500_100, 3_400_100), "geometry 1, vertex 0", id="metres"),
    ],
)
def test_what_cannot_be_an_area_is_refused_with_its_position(shape, position):
    with pytest.raises(BadGeometry) as caught:
        repair_polygons([shapely.Polygon(SQUARE), shape])
    assert caught.value.position == position


def test_an_open_ring_is_closed_and_its_gap_measured():
    open_ring = [[121.0, 31.0], [121.1, 31.0], [121.1, 31.1], [121.0, 31.001]]
    coords, gap_m = close_rings([open_ring])
    assert coords == [[*open_ring, [121.0, 31.0]]]
    assert gap_m == pytest.approx(110.9, abs=0.1)
    assert len(open_ring) == 4  # what came is left alone


def test_the_widest_gap_of_several_rings_is_told():
    near = [[0, 0], [1, 0], [1, 1], [0, 0.001]]
    far = [[0, 0], [1, 0], [1, 1], [0, 0.002]]
    _, gap_m = close_rings([[near], [far, near]])
    assert gap_m == pytest.approx(221.1, abs=0.1)


def test_closed_rings_are_handed_back_as_they_came():
    coords = [[list(map(list, SQUARE))], [list(map(list, HOLE))]]
    assert close_rings(coords) == (coords, None)


@pytest.mark.parametrize(
    "coords",
    [
        pytest.param([], id="empty"),
        pytest.param([[]], id="empty ring"),
        pytest.param("121,31", id="text"),
        pytest.param(None, id="nothing"),
        pytest.param([[[0, 0], [1, 1]]], id="two vertices"),
        pytest.param([[[0, 0], [1, 1], [0, 0]]], id="there and back"),
        pytest.param([[[0, 0], [1, "x"], [0, 1]]], id="text inside"),
        pytest.param([[0, 0], 5], id="a bare number"),
        pytest.param([[[0, 0], [1], [0, 1]]], id="half a vertex"),
    ],
)
def test_what_is_no_ring_is_refused(coords):
    with pytest.raises(BadGeometry):
        close_rings(coords)


def test_areas_that_tile_the_ground_are_clean():
    report = check_coverage(layer((0, 0, 100, 100), (100, 0, 200, 100), None), tolerance_m2=0.01)
    assert report.is_clean


def test_overlaps_are_told_the_largest_first():
    report = check_coverage(layer((0, 0, 100, 100), (90, 0, 200, 100), (0, 80, 100, 200)), tolerance_m2=0.01)
    assert [(o.i, o.j, o.area_m2) for o in report.overlaps] == [(0, 2, 2000), (0, 1, 1000), (1, 2, 200)]
    assert report.overlaps[1].geometry.bounds == (90, 0, 100, 100)
    assert not report.is_clean


def test_a_hole_of_the_whole_is_a_gap():
    frame = shapely.difference(box(0, 0, 100, 100), box(40, 40, 60, 60))
    report = check_coverage(layer(frame, (45, 40, 60, 60)), tolerance_m2=0.01)
    assert [(gap.area_m2, gap.geometry.bounds) for gap in report.gaps] == [(100, (40, 40, 45, 60))]


def test_a_bay_is_no_gap():
    assert check_coverage(layer((0, 0, 10, 30), (0, 30, 30, 40)), tolerance_m2=0.01).is_clean


@pytest.mark.parametrize(("tolerance_m2", "count"), [(999, 1), (1000, 0)])
def test_what_is_within_the_tolerance_is_not_told(tolerance_m2, count):
    report = check_coverage(layer((0, 0, 100, 100), (90, 0, 200, 100)), tolerance_m2=tolerance_m2)
    assert len(report.overlaps) == count


def test_no_areas_are_clean():
    assert check_coverage(layer(), tolerance_m2=1).is_clean


def test_a_coverage_in_degrees_is_refused():
    with pytest.raises(NotMetric):
        check_coverage(layer((0, 0, 1, 1), crs="EPSG:4326"), tolerance_m2=1)


def test_random_bow_ties_keep_their_area():
    rng = np.random.default_rng(5)
    for _ in range(50):
        points = rng.uniform(0, 1, (8, 2))
        fixed, _ = repair_polygons([shapely.Polygon(points)])
        truth = shapely.make_valid(shapely.Polygon(points), method="structure", keep_collapsed=False)
        assert fixed[0].is_valid
        assert fixed[0].area == pytest.approx(truth.area, rel=1e-3)
