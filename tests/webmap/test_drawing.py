"""Drawing on paper: round scales, places to scale, names apart, hostile names as text."""

import itertools
import math

import numpy as np
import pytest
import shapely

from webmap.maps.drawing_colours import colour, light_tokens
from webmap.maps.drawing_frame import STEPS, Frame, round_scale
from webmap.maps.drawing_labels import Places, around, box_at, inside, printable
from webmap.maps.drawing_symbols import draw_area, draw_text, hatched, markup, path_of, picture, swatch
from webmap.maps.styles import GAP, POINT_UNHELD

FRAME = Frame(width_mm=100.0, height_mm=50.0, scale=10_000, west_m=1000.0, north_m=2000.0)


@pytest.mark.parametrize(
    ("width_m", "height_m", "scale"),
    [
        pytest.param(1000, 100, 10_000, id="fits exactly"),
        pytest.param(1001, 100, 12_500, id="a metre too wide"),
        pytest.param(100, 500, 10_000, id="height decides"),
        pytest.param(8100, 100, 100_000, id="over a power of ten"),
        pytest.param(1, 1, 500, id="never larger than a site plan"),
    ],
)
def test_the_scale_is_the_largest_round_one_that_fits(width_m, height_m, scale):
    assert round_scale(width_m, height_m, 100, 50) == scale


def test_neighbouring_scales_are_close_so_that_no_sheet_stays_half_empty():
    steps = [*STEPS, 10.0]
    assert max(b / a for a, b in itertools.pairwise(steps)) <= 1.34


def test_a_metre_lies_where_the_scale_says():
    laid = FRAME.on_paper(np.array([(1000.0, 2000.0), (1100.0, 1950.0)]))
    assert laid.tolist() == [[0.0, 0.0], [10.0, 5.0]]


def test_ground_lies_in_the_middle_of_its_frame():
    frame = Frame.around((0.0, 0.0, 800.0, 400.0), width_mm=100.0, height_mm=60.0, margin_mm=5.0)
    (west, north), (east, south) = frame.on_paper(np.array([(0.0, 400.0), (800.0, 0.0)]))
    assert (west, north) == pytest.approx((100.0 - east, 60.0 - south))
    assert min(west, north) >= 5.0
    clip = frame.clip()
    assert clip.west < 0.0
    assert clip.east > 800.0
    assert clip.step_m == pytest.approx(0.1 * frame.scale / 1000.0)


def test_the_zoom_is_that_of_the_web_map_of_the_same_scale():
    # zoom 15 at the equator is 4.777 m a pixel of 1/96 inch: 1:18,055
    assert Frame(1, 1, 18_055, 0, 0).zoom(0.0) == 15
    assert Frame(1, 1, 18_055, 0, 0).zoom(60.0) == 14


@pytest.mark.parametrize(("scale", "metres"), [(10_000, 500), (40_000, 2000), (15_000, 1000), (2_000, 100)])
def test_the_scale_bar_has_a_length_people_can_read(scale, metres):
    assert Frame(1, 1, scale, 0, 0).bar_m(78.0) == metres


def test_names_take_the_first_free_place_and_none_covers_another():
    places = Places(100.0, 50.0, edge_mm=1.0)
    taken = [places.take(around(50.0, 25.0, "甲单位", size_mm=3.0, radius_mm=1.0, rings=6)) for _ in range(8)]
    boxes = [box for box in taken if box is not None]
    assert len(boxes) >= 6
    assert not any(a.meets(b) for n, a in enumerate(boxes) for b in boxes[n + 1 :])


def test_names_stay_on_the_sheet_and_off_symbols():
    places = Places(100.0, 50.0, edge_mm=1.0)
    places.hold_symbol(50.0, 25.0, 2.0)
    over = box_at(50.0, 25.0, "村", 3.0)
    assert places.take([over]) is None
    assert places.take([box_at(99.0, 25.0, "一个很长的名字", 3.0)]) is None
    assert places.take([over], over_symbols=True) == over


def test_the_name_of_an_area_begins_at_its_roomiest_place():
    bell = shapely.union_all([shapely.box(0, 0, 40, 2), shapely.box(30, 0, 50, 20)])
    x, y = inside(bell, "村", size_mm=2.0)[0].middle
    assert shapely.box(32, 2, 48, 18).contains(shapely.Point(x, y))


def test_hatching_fills_an_area_evenly_and_stays_inside():
    area = shapely.box(3, 3, 23, 13)
    lines = hatched(area, 2.0, rising=True)
    assert area.buffer(1e-6).covers(lines)
    # lines two apart along x at 45° are √2 apart; their length is the area over that
    assert lines.length == pytest.approx(area.area / math.sqrt(2.0), rel=0.1)
    assert not lines.equals(hatched(area, 2.0, rising=False))


def test_a_hole_stays_a_hole():
    ring = shapely.box(0, 0, 10, 10).difference(shapely.box(4, 4, 6, 6))
    assert path_of(ring).count("M") == path_of(ring).count("Z") == 2


def test_an_empty_part_leaves_no_path():
    assert path_of(shapely.LineString()) == ""
    assert path_of(shapely.GeometryCollection([shapely.LineString(), shapely.Polygon()])) == ""


def test_a_sliver_that_no_hatching_line_meets_is_outlined_only():
    tree = picture(10.0, 10.0)
    draw_area(tree, shapely.box(0.51, 0.51, 0.52, 0.52), GAP, unit=1.0)
    assert all(path.get("d") for path in tree)


def test_a_hostile_name_stands_as_text():
    tree = picture(10.0, 10.0)
    draw_text(tree, '</svg><script>alert("1")</script>\x0b&', 5.0, 5.0, size_mm=3.0)
    drawn = markup(tree)
    assert "<script" not in drawn
    assert "&lt;script&gt;" in drawn
    assert "\x0b" not in drawn


def test_letters_that_no_sheet_can_hold_are_left_out():
    assert printable("甲\x00\x1b乙\ud800") == "甲乙"


def test_a_swatch_is_the_look_of_the_map():
    assert colour("--map-gap") in swatch(GAP, unit=1.0)
    assert colour("--map-gap") in swatch(POINT_UNHELD, unit=1.0)
    tree = picture(10.0, 10.0)
    draw_area(tree, shapely.Polygon(), GAP, unit=1.0)
    assert len(tree) == 0


def test_colours_are_the_light_ones_of_the_tokens():
    assert light_tokens()["--paper"] == "#ffffff"
    with pytest.raises(KeyError):
        colour("--nobody-knows")
