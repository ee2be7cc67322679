"""Lines: what is kept, what is dropped, and that it is told."""

import numpy as np
import pytest
import shapely
from shapely import LineString, MultiLineString, Point

from spatial.lines import repair_lines

ROAD = LineString([(0, 0), (1, 0), (1, 1)])
SPOT = LineString([(5, 5), (5, 5)])


@pytest.mark.parametrize(
    ("shape", "expected", "told"),
    [
        pytest.param(ROAD, [ROAD], [], id="one line"),
        pytest.param(MultiLineString([ROAD, [(3, 3), (4, 4)]]), [ROAD, LineString([(3, 3), (4, 4)])], [], id="two"),
        pytest.param(LineString([(0, 0, 7), (1, 0, 7)]), [LineString([(0, 0), (1, 0)])], [], id="heights go"),
        pytest.param(LineString([(0, 0), (0, 0), (1, 0)]), [LineString([(0, 0), (1, 0)])], [], id="repeated vertex"),
        pytest.param(LineString([(0, 0), (1, 1), (1, 0), (0, 1)]), 1, [], id="crossing itself is fine"),
        pytest.param(MultiLineString([ROAD, SPOT]), [ROAD], ["no_length_dropped"], id="a part without length"),
        pytest.param(
            shapely.GeometryCollection([Point(0, 0), MultiLineString([ROAD])]),
            [ROAD],
            ["not_line_dropped"],
            id="a collection",
        ),
    ],
)
def test_a_line(shape, expected, told):
    made, repairs = repair_lines([shape])
    assert made[0].geom_type == "MultiLineString"
    assert not made[0].has_z
    assert [repair.what for repair in repairs] == told
    parts = list(made[0].geoms)
    assert len(parts) == expected if isinstance(expected, int) else parts == expected


def test_what_has_no_length_is_none():
    made, repairs = repair_lines([ROAD, SPOT, None, shapely.LineString(), ROAD])
    assert [shape is None for shape in made] == [False, True, True, True, False]
    assert repairs == []


def test_none_at_all():
    assert repair_lines(np.array([], dtype=object))[0].size == 0
