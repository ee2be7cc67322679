"""Classes, legend and frame of a small map of areas."""

import pytest

from geodata.queries.area_shapes import AreaShape
from webmap.maps.choropleth import breaks, class_of, colour_of, frame_of, legend


@pytest.mark.parametrize(
    ("values", "lows"),
    [
        pytest.param(list(range(10)), [0, 2, 4, 6, 8], id="five of two"),
        pytest.param([3, 1, 2], [1, 2, 3], id="fewer values than classes"),
        pytest.param([0, 0, 0, 0, 0, 0, 0, 0, 5, 9], [0, 5], id="most are equal"),
        pytest.param([None, 4.5], [4.5], id="one has none"),
        pytest.param([None], [], id="nobody has any"),
        pytest.param([], [], id="no towns"),
    ],
)
def test_classes_hold_about_as_many_each(values, lows):
    assert breaks(values) == lows
    for value in values:
        place = class_of(value, lows)
        if value is None:
            assert place is None
        else:
            assert lows[place] <= value
            assert place == len(lows) - 1 or value < lows[place + 1]


def test_fewer_classes_are_spread_over_all_colours():
    assert [colour_of(value, [0, 5]) for value in (0, 5, None)] == [1, 5, None]
    assert [colour_of(value, [0, 2, 4, 6, 8]) for value in range(0, 10, 2)] == [1, 2, 3, 4, 5]


def test_a_legend_counts_the_areas_of_each_class(app):
    with app.test_request_context("/"):
        steps = legend([0.1, 0.9, None, 0.9], digits=0, is_share=True)
    assert [(step.colour, step.words, step.areas) for step in steps] == [
        (1, "10 % – < 90 %", 1),
        (5, "≥ 90 %", 2),
        (None, "无数据", 1),
    ]


def test_a_frame_holds_all_areas_that_have_a_boundary():
    known = AreaShape("1", "a", 1.0, "M0 0", 0, 0, 100.0, -300.0, 200.0, -100.0)
    unknown = AreaShape("2", "b", None, *[None] * 7)
    assert frame_of([known, unknown]).box == "96 -304 108 208"
    assert frame_of([unknown]) is None
