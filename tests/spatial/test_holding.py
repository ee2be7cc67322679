"""Which area holds the most of a cell."""

import geopandas as gpd
import pytest
from shapes import METRE_CRS, box

from spatial.errors import CrsMismatch, NotMetric
from spatial.holding import holder_of_most

CELL = (0, 0, 100, 100)


def series(*boxes, crs=METRE_CRS):
    return gpd.GeoSeries([None if one is None else box(*one) for one in boxes], crs=crs)


@pytest.mark.parametrize(
    ("areas", "holder"),
    [
        pytest.param([(0, 0, 100, 100)], 0, id="the whole cell"),
        pytest.param([(0, 0, 40, 100), (40, 0, 100, 100)], 1, id="the larger part"),
        pytest.param([(0, 0, 50, 100), (50, 0, 100, 100)], 0, id="halves go to the earlier"),
        pytest.param([(0, 0, 40, 100), (40, 0, 70, 100), (70, 0, 100, 100)], 0, id="most, though less than half"),
        pytest.param([(0, 0, 51, 100)], 0, id="half and more of it, the rest nobody's"),
        pytest.param([(0, 0, 50, 100)], 0, id="as much as is nobody's"),
        pytest.param([(0, 0, 49, 100)], -1, id="less than is nobody's"),
        pytest.param([(0, 0, 1, 100)], -1, id="a sliver of a border drawn twice"),
        pytest.param([(100, 0, 200, 100)], -1, id="only touching"),
        pytest.param([(0, 0, 30, 100), (0, 0, 30, 100)], -1, id="an overlap covers its ground once"),
        pytest.param([(0, 0, 60, 100), (0, 0, 80, 100)], 1, id="of two that overlap the larger"),
        pytest.param([None, (0, 0, 100, 100)], 1, id="one without boundary"),
        pytest.param([], -1, id="no areas"),
    ],
)
def test_a_cell_goes_to_whoever_holds_the_most_of_it(areas, holder):
    assert holder_of_most(series(CELL), series(*areas)).tolist() == [holder]


def test_every_cell_is_asked_for_itself():
    cells = series((0, 0, 100, 100), (100, 0, 200, 100), None, (200, 0, 300, 100))
    areas = series((120, 0, 260, 100), (0, 0, 120, 100))
    assert holder_of_most(cells, areas).tolist() == [1, 0, -1, 0]


def test_layers_must_be_in_one_metre_crs():
    with pytest.raises(CrsMismatch):
        holder_of_most(series(CELL), series(CELL, crs="EPSG:4326"))
    with pytest.raises(NotMetric):
        holder_of_most(series(CELL, crs="EPSG:4326"), series(CELL, crs="EPSG:4326"))
