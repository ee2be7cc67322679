import geopandas as gpd
import numpy as np
import pytest
import shapely
import shapely.affinity
from shapes import box, layer

from spatial.cells import cell_index, check_cells, make_cells
from spatial.errors import BadGeometry, CrsMismatch, NotMetric


def blob(x, y, radius, *, sides=300, seed=0):
    """A round area with a coast; the more sides, the finer the coast."""
    rng = np.random.default_rng(seed)
    turn = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    reach = radius * (1 + np.sin(7 * turn) / 5 + rng.uniform(-20, 20, sides) / sides)
    return shapely.Polygon(np.column_stack([x + reach * np.cos(turn), y + reach * np.sin(turn)]))


def test_a_square_kilometre_has_a_hundred_cells():
    cells = make_cells(layer((0, 0, 1000, 1000)), size_m=100)
    assert len(cells) == 100
    assert cells.columns.tolist() == ["area_code", "gx", "gy", "is_whole", "running", "geometry"]
    assert cells.is_whole.all()
    assert set(cells.area_code) == {"A"}
    assert cells.crs == "EPSG:4549"


def test_running_numbers_go_as_one_reads_a_page():
    cells = make_cells(layer((0, 0, 300, 200)), size_m=100)
    assert list(zip(cells.running, cells.gx, cells.gy, strict=True)) == [
        *((1, 0, 1), (2, 1, 1), (3, 2, 1)),
        *((4, 0, 0), (5, 1, 0), (6, 2, 0)),
    ]


def test_each_area_counts_from_one_and_shares_border_squares():
    cells = make_cells(layer((0, 0, 150, 100), (150, 0, 300, 100)), size_m=100)
    rows = cells[["area_code", "gx", "running", "is_whole"]].itertuples(index=False, name=None)
    assert list(rows) == [("A", 0, 1, True), ("A", 1, 2, False), ("B", 1, 1, False), ("B", 2, 2, True)]
    assert cells.geometry.area.tolist() == [10_000, 5_000, 5_000, 10_000]


def test_a_square_in_two_pieces_is_one_cell():
    horseshoe = shapely.difference(box(0, 0, 100, 100), box(40, 0, 60, 90))
    (cell,) = make_cells(layer(shapely.intersection(horseshoe, box(0, 0, 100, 80))), size_m=100).geometry
    assert cell.geom_type == "MultiPolygon"
    assert cell.area == 6400


def test_a_hole_smaller_than_a_square_is_cut_out():
    cells = make_cells(layer(shapely.difference(box(0, 0, 300, 300), box(140, 140, 160, 160))), size_m=100)
    assert len(cells) == 9
    assert cells.loc[~cells.is_whole, ["gx", "gy"]].to_numpy().tolist() == [[1, 1]]
    assert cells.area.sum() == 90_000 - 400


def test_an_area_without_boundary_gets_no_cells():
    cells = make_cells(layer(None, (0, 0, 100, 100), shapely.Polygon()), size_m=100)
    assert cells.area_code.tolist() == ["B"]


@pytest.mark.parametrize("areas", [layer(), layer(None)], ids=["no areas", "no boundary"])
def test_without_ground_there_are_no_cells(areas):
    cells = make_cells(areas, size_m=100)
    assert len(cells) == 0
    assert "running" in cells
    assert cells.crs == areas.crs


def test_squares_of_negative_coordinates_are_squares_too():
    cells = make_cells(layer((-150, -50, 50, 50)), size_m=100)
    assert sorted(zip(cells.gx, cells.gy, strict=True)) == [(-2, -1), (-2, 0), (-1, -1), (-1, 0), (0, -1), (0, 0)]
    assert cells.area.sum() == 20_000


@pytest.mark.parametrize(
    ("size_m", "sides"),
    [
        pytest.param(100, 300, id="hundred metres"),
        pytest.param(100, 3000, id="many vertices, halved first"),
        pytest.param(33.3, 300, id="odd size"),
        pytest.param(25, 2000, id="many squares"),
        pytest.param(100_000, 300, id="one square for all"),
    ],
)
def test_cells_tile_their_areas_exactly(size_m, sides):
    west = blob(500_000, 3_400_000, 2000, sides=sides)
    east = shapely.difference(blob(502_000, 3_400_500, 2000, sides=sides, seed=1), west)
    areas = layer(west, east)
    cells = make_cells(areas, size_m=size_m)
    for code, ground in zip(areas.code, areas.geometry, strict=True):
        mine = cells[cells.area_code == code]
        assert mine.area.sum() == pytest.approx(ground.area, rel=1e-9)
        assert mine.running.tolist() == list(range(1, len(mine) + 1))
        assert not mine.duplicated(["gx", "gy"]).any()
    assert cells.is_valid.all()
    assert (cells.area > 0).all()
    centres = cells[cells.is_whole].centroid
    index = cell_index(centres.x, centres.y, size_m)
    assert index.gx.tolist() == cells[cells.is_whole].gx.tolist()
    assert index.gy.tolist() == cells[cells.is_whole].gy.tolist()
    assert check_cells(cells, areas, tolerance_m2=1e-3).is_clean


@pytest.mark.parametrize("size_m", [50, 33.3, 47.1])
@pytest.mark.parametrize("turn", [0, 0.3, 1.1])
def test_a_square_is_whole_exactly_when_the_area_covers_it(size_m, turn):
    ground = shapely.affinity.rotate(blob(500_000, 3_400_000, 1500, sides=3000), turn, use_radians=True)
    cells = make_cells(layer(ground), size_m=size_m)
    gx, gy = cells.gx, cells.gy
    squares = shapely.box(gx * size_m, gy * size_m, (gx + 1) * size_m, (gy + 1) * size_m)
    assert cells.is_whole.tolist() == shapely.covers(ground, squares).tolist()


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [
        pytest.param(0, 0, (0, 0), id="corner"),
        pytest.param(99.9, 100, (0, 1), id="on a line"),
        pytest.param(-0.1, -100, (-1, -1), id="negative"),
    ],
)
def test_the_cell_of_a_position_is_arithmetic(x, y, expected):
    assert tuple(map(int, cell_index(x, y, 100))) == expected


@pytest.mark.parametrize("x", [np.nan, np.inf])
def test_no_position_has_no_cell(x):
    with pytest.raises(BadGeometry):
        cell_index([0, x], [0, 0], 100)


@pytest.mark.parametrize("size_m", [0, -100, np.nan, np.inf])
def test_a_cell_needs_a_size(size_m):
    with pytest.raises(BadGeometry, match="edges"):
        make_cells(layer((0, 0, 100, 100)), size_m=size_m)


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3857", None])
def test_cells_need_metres(crs):
    with pytest.raises(NotMetric):
        make_cells(layer((0, 0, 1, 1), crs=crs), size_m=100)


def test_an_invalid_area_is_refused_by_its_code():
    bow_tie = shapely.Polygon([(0, 0), (200, 200), (200, 0), (0, 200)])
    with pytest.raises(BadGeometry, match="area B is not valid"):
        make_cells(layer((0, 0, 100, 100), bow_tie), size_m=100)


AREAS = layer((0, 0, 200, 100), (200, 0, 400, 100))
GRID = [(x, 0, x + 100, 100) for x in range(0, 400, 100)]


def test_a_good_grid_passes_its_check():
    assert check_cells(layer(*GRID), AREAS, tolerance_m2=0.01).is_clean


def test_a_missing_cell_is_a_gap():
    report = check_cells(layer(*GRID[:2], *GRID[3:]), AREAS, tolerance_m2=0.01)
    assert [(gap.area_code, gap.area_m2, gap.geometry.bounds) for gap in report.gaps] == [("B", 10_000, GRID[2])]
    assert not report.overlaps + report.in_several + report.outside


def test_a_cell_twice_is_an_overlap():
    report = check_cells(layer(*GRID, GRID[1]), AREAS, tolerance_m2=0.01)
    assert [(o.i, o.j, o.area_m2) for o in report.overlaps] == [(1, 4, 10_000)]


def test_a_cell_over_a_border_is_in_several_areas():
    report = check_cells(layer(GRID[0], (100, 0, 230, 100), (230, 0, 300, 100), GRID[3]), AREAS, tolerance_m2=0.01)
    assert [tuple(stray) for stray in report.in_several] == [(1, 3000, ("A", "B"))]
    assert not report.gaps + report.overlaps + report.outside


def test_a_cell_beyond_the_areas_is_outside():
    report = check_cells(layer(*GRID, (400, 0, 450, 100), (-10, 0, 0, 100)), AREAS, tolerance_m2=0.01)
    assert [(stray.cell, stray.area_m2) for stray in report.outside] == [(4, 5000), (5, 1000)]


def test_no_cells_at_all_leave_all_ground_as_gaps():
    report = check_cells(layer(), AREAS, tolerance_m2=0.01)
    assert [gap.area_m2 for gap in report.gaps] == [20_000, 20_000]


def test_a_missing_shape_is_passed_over():
    assert check_cells(layer(*GRID, None), AREAS, tolerance_m2=0.01).is_clean


def test_a_grid_in_another_crs_is_refused():
    with pytest.raises(CrsMismatch):
        check_cells(gpd.GeoDataFrame(geometry=[], crs="EPSG:32651"), AREAS, tolerance_m2=0.01)
