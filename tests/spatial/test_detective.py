import numpy as np
import pytest
import shapely
from shapes import box

from spatial.conversion import from_wgs84
from spatial.crs import BD09, CGCS2000, GCJ02, WGS84, Datum
from spatial.datum_check import OddityKind
from spatial.decoding_switch import forbidden
from spatial.detective import ShapeClues, detect_points, detect_shapes
from spatial.local import Similarity
from spatial.readings import Form, Reading
from spatial.witnesses import Beside, Clues

CENTRE = (121.41, 31.115)
DISTRICT = box(121.25, 30.98, 121.57, 31.25)
LOCAL = Datum("local:plan", Similarity(1.0, 0.01, 634_000.0, 3_441_000.0, 4549))
TRUE = [WGS84, GCJ02, BD09]
METRES = [LOCAL, *(Datum(f"epsg:{srid}") for srid in (4549, 4528, 4550, 4499, 32651, 3857))]


def made(rows, *, bad=0.0, seed=0):
    """Places, and where their addresses were found: 40 m off in the median, some far off."""
    rng = np.random.default_rng(seed)
    lon, lat = rng.uniform(121.25, 121.57, rows), rng.uniform(30.98, 31.25, rows)
    metres = 40.0 * np.exp(rng.normal(0.0, 1.0, rows))
    far = rng.random(rows) < bad
    metres[far] = rng.uniform(500.0, 8000.0, far.sum())
    angle = rng.uniform(0.0, 2.0 * np.pi, rows)
    return lon, lat, (lon + metres * np.cos(angle) / 95_300.0, lat + metres * np.sin(angle) / 111_000.0)


def detect(x, y, near=None, **clues):
    return detect_points(x, y, clues=Clues(near=near, **clues), centre=CENTRE, more=[LOCAL])


@pytest.mark.parametrize("datum", [*TRUE, *METRES], ids=str)
@pytest.mark.parametrize("is_swapped", [False, True], ids=["in order", "swapped"])
def test_forty_places_tell_datum_and_order(datum, is_swapped):
    lon, lat, near = made(40)
    x, y = from_wgs84(lon, lat, datum)
    found = detect(*((y, x) if is_swapped else (x, y)), near=near)
    assert found.reading == Reading(datum, is_swapped), found.says()


def in_minutes(degrees):
    whole = np.floor(degrees)
    return np.round(whole + (degrees - whole) * 0.6, 7)


def packed(degrees):
    whole = np.floor(degrees)
    minutes = np.floor((degrees - whole) * 60)
    return np.round(whole * 10_000 + minutes * 100 + ((degrees - whole) * 60 - minutes) * 60, 2)


@pytest.mark.parametrize(("write", "form"), [(in_minutes, Form.MINUTES), (packed, Form.PACKED_SECONDS)])
@pytest.mark.parametrize("datum", TRUE, ids=str)
def test_forty_places_tell_degrees_and_minutes(write, form, datum):
    lon, lat, near = made(40)
    found = detect(*(write(axis) for axis in from_wgs84(lon, lat, datum)), near=near)
    assert found.reading == Reading(datum, form=form), found.says()


# Files of so many rows, a share of them geocoded to somewhere else: how many of 60 files must be told, as measured;
# no file of any size may be told wrong.
@pytest.mark.parametrize(
    ("rows", "bad", "least"),
    [
        *[(5, 0.0, 50), (5, 0.2, 15), (5, 0.35, 4)],
        *[(10, 0.0, 59), (10, 0.2, 55), (10, 0.35, 48)],
        *[(20, 0.0, 60), (20, 0.2, 60), (20, 0.35, 59)],
        *[(40, 0.0, 60), (40, 0.2, 60), (40, 0.35, 60)],
    ],
)
def test_a_hidden_flip_is_told_or_left_open_and_never_told_wrong(rows, bad, least):
    right = 0
    for number in range(60):
        true = TRUE[number % 3]
        lon, lat, near = made(rows, bad=bad, seed=1000 + number)
        reading = detect(*from_wgs84(lon, lat, true), near=near).reading
        assert reading in {None, Reading(true)}
        right += reading is not None
    assert right >= least


@pytest.mark.parametrize("datum", [GCJ02, BD09], ids=str)
def test_a_shifted_file_is_told_where_nothing_may_be_decoded(datum):
    lon, lat, near = made(40)
    with forbidden():
        found = detect(*from_wgs84(lon, lat, datum), near=near, inside=DISTRICT)
    assert found.reading == Reading(datum)


def test_without_clues_nothing_is_told():
    lon, lat, _ = made(40)
    found = detect(lon, lat)
    assert (found.reading, found.is_clear) == (None, False)
    assert found.says().startswith("Nothing is known to weigh it by. It may be WGS 84; GCJ-02; BD-09")


def test_a_file_of_somewhere_else_is_near_under_no_reading():
    found = detect_points(np.array([2.35, 2.36]), np.array([48.85, 48.86]), clues=Clues(), centre=CENTRE)
    assert (found.weighed, found.reading, found.lead_nats) == ((), None, 0)
    assert "is it the right file" in found.says()
    assert not found.contradicts(WGS84)


def test_the_numbers_are_told_for_the_best_and_the_next():
    lon, lat, near = made(40)
    found = detect(*from_wgs84(lon, lat, GCJ02), near=near, inside=DISTRICT)
    assert found.says().startswith("It looks like GCJ-02: 40 of 40 inside the district, ")
    assert " m in the median from known places (40)" in found.says()
    assert "Else: as " in found.says()
    likelihoods = [one.log_likelihood for one in found.weighed]
    assert likelihoods == sorted(likelihoods, reverse=True)
    assert found.lead_nats == likelihoods[0] - likelihoods[1]


def test_a_declaration_is_contradicted_by_a_clear_answer_alone():
    lon, lat, near = made(40)
    found = detect(lon, lat, near=near)
    assert [found.contradicts(datum) for datum in (WGS84, CGCS2000, GCJ02, BD09)] == [False, False, True, True]
    assert not detect(lon, lat).contradicts(GCJ02)


def test_two_numbers_of_one_zone_are_one_datum():
    lon, lat, near = made(40)
    found = detect(*from_wgs84(lon, lat, Datum("epsg:4510")), near=near)
    assert found.reading == Reading(Datum("epsg:4550"))
    assert not found.contradicts(Datum("epsg:4510"))
    assert found.contradicts(Datum("epsg:4549"))


def test_rows_of_other_districts_must_lie_outside():
    rng = np.random.default_rng(2)
    # all along the border, just outside of it
    lon, lat = np.full(60, 121.572), rng.uniform(31.0, 31.2, 60)
    x, y = from_wgs84(lon, lat, WGS84)
    said = detect(x, y, inside=DISTRICT, elsewhere=[True] * 60)
    # decoded as GCJ-02 or BD-09 they would lie further west: inside
    assert said.reading == Reading(WGS84)
    assert "60 of 60 that name another district outside of this one" in said.says()


def test_roads_tell_where_nothing_else_does():
    rng = np.random.default_rng(3)
    roads = []
    lon, lat = rng.uniform(121.3, 121.5, 60), rng.uniform(31.0, 31.2, 60)
    for row in range(60):
        along = np.linspace(-0.02, 0.02, 80)
        angle = rng.uniform(0, np.pi)
        line = lon[row] + along * np.cos(angle), lat[row] + along * np.sin(angle)
        roads.append(Beside(np.array([row]), *line, "row"))
    for datum in TRUE:
        found = detect(*from_wgs84(lon, lat, datum), beside=roads)
        assert found.reading == Reading(datum), found.says()
        assert "known points of 60 roads" in found.says()


def test_what_looks_wrong_in_any_datum_is_told_beside():
    lon, lat, near = made(40)
    x, y = from_wgs84(lon, lat, BD09)
    x[:3] = y[:3] = 0.0
    x[3] = np.nan
    x[10:20], y[10:20] = x[10], y[10]
    found = detect(x, y, near=near)
    assert found.reading == Reading(BD09)
    kinds = {odd.kind: len(odd.rows) for odd in found.oddities}
    assert kinds == {OddityKind.ZERO: 3, OddityKind.NOT_A_NUMBER: 1, OddityKind.REPEATED: 10}


def test_a_zone_number_is_told():
    lon, lat, _ = made(10)
    assert detect(*from_wgs84(lon, lat, Datum("epsg:4528"))).zone == (40, 4528)
    x, y = from_wgs84(lon, lat, Datum("epsg:4528"))
    assert detect(y, x).zone == (40, 4528)
    assert detect(lon, lat).zone is None


# Areas: nine boxes that make the district up, and places of the district.
STEP = 0.32 / 3, 0.27 / 3
AREAS = [box(121.25 + i * STEP[0], 30.98 + j * STEP[1], 121.25 + (i + 1) * STEP[0], 30.98 + (j + 1) * STEP[1])
         for i in range(3) for j in range(3)]  # fmt: skip


def in_datum(shapes, datum, *, is_swapped=False):
    def move(points):
        x, y = from_wgs84(points[:, 0], points[:, 1], datum)
        return np.column_stack([y, x] if is_swapped else [x, y])

    return [shapely.transform(shape, move) for shape in shapes]


def shape_clues(*, outline=None, count=2000):
    rng = np.random.default_rng(6)
    lon, lat = rng.uniform(121.2501, 121.5699, count), rng.uniform(30.9801, 31.2499, count)
    return ShapeClues(outline, lon, lat, [[]] * count)


@pytest.mark.parametrize("datum", [*TRUE, *METRES], ids=str)
@pytest.mark.parametrize("is_swapped", [False, True], ids=["in order", "swapped"])
@pytest.mark.parametrize(
    "clues",
    [shape_clues(), shape_clues(outline=DISTRICT, count=0)],
    ids=["places of the district", "its outline"],
)
def test_areas_are_told_by_what_they_must_hold(datum, is_swapped, clues):
    shapes = in_datum(AREAS, datum, is_swapped=is_swapped)
    found = detect_shapes([*shapes, None], clues=clues, centre=CENTRE, more=[LOCAL])
    assert found.reading == Reading(datum, is_swapped), found.says()


def test_areas_are_told_by_the_places_that_name_them():
    rng = np.random.default_rng(8)
    area = rng.integers(0, 9, 400)
    west, south, east, north = np.array([shape.bounds for shape in AREAS]).T
    lon, lat = rng.uniform(west[area], east[area]), rng.uniform(south[area], north[area])
    clues = ShapeClues(None, lon, lat, [[int(i)] for i in area])
    for datum in TRUE:
        found = detect_shapes(in_datum(AREAS, datum), clues=clues, centre=CENTRE)
        assert found.reading == Reading(datum), found.says()
        assert "places in the area their address names" in found.says()


@pytest.mark.parametrize(
    "shapes",
    [
        pytest.param([], id="none"),
        pytest.param([None], id="missing"),
        pytest.param([shapely.Point(121.4, 31.1), shapely.LineString([(0, 0), (1, 1)])], id="no areas"),
        pytest.param([shapely.Polygon()], id="empty"),
        pytest.param([box(2, 48, 3, 49)], id="elsewhere"),
    ],
)
def test_files_without_areas_here_are_told_nothing_about(shapes):
    assert detect_shapes(shapes, clues=shape_clues(), centre=CENTRE).reading is None


def test_areas_without_clues_are_told_nothing_about():
    found = detect_shapes(AREAS, clues=shape_clues(count=0), centre=CENTRE)
    assert (found.reading, "Nothing is known" in found.says()) == (None, True)
