import inspect

import pytest

from spatial import errors

SAMPLES = [
    errors.DecodingOff(),
    errors.DoubleShift("Wgs84"),
    errors.BadControl("there is 1 control point"),
    errors.CrsMismatch("EPSG:4549", "EPSG:4326"),
    errors.NotMetric("EPSG:4326"),
    errors.UnknownDatum("mars 3"),
    errors.UnknownCrs("EPSG:2437", ["http://www.opengis.net/def/crs/OGC/1.3/CRS84"]),
    errors.NoSuchPlace("http://www.opengis.net/def/crs/EPSG/0/32651"),
    errors.BadGeometry("it is empty", 4),
    errors.BadCode("31x", "{town:3}{cell:3}"),
    errors.BadPattern("{town}", "it has no width"),
    errors.TooManyCells("310112101005", 1200, 999),
    errors.BadPolicy("candidates_kept", 0, "at least 1"),
    errors.NoFlow("INFEASIBLE", 20),
    errors.BadSiting("0 sites were asked for, at least 1 is needed"),
    errors.TooManyStops(61, 60),
]


def test_every_error_has_a_sample_here():
    classes = {c for _, c in inspect.getmembers(errors, inspect.isclass) if c is not errors.WanggeError}
    assert {type(sample) for sample in SAMPLES} == classes


@pytest.mark.parametrize("error", SAMPLES, ids=lambda error: type(error).__name__)
def test_an_error_belongs_to_the_tree_and_names_the_value(error):
    assert isinstance(error, errors.WanggeError)
    first = next(iter(vars(error).values()))
    assert str(first) in str(error)


@pytest.mark.parametrize("error", SAMPLES, ids=lambda error: type(error).__name__)
def test_an_error_says_what_to_do(error):
    assert any(word in str(error) for word in ("choose", "reproject", "accepted", "correct", "write", "use", "must be"))


@pytest.mark.parametrize(
    ("position", "words"),
    [
        pytest.param(3, "at geometry 3", id="number"),
        pytest.param("geometry 3, vertex 17", "at geometry 3, vertex 17", id="text"),
        pytest.param(None, "cannot be used:", id="unknown"),
    ],
)
def test_a_bad_geometry_tells_its_position(position, words):
    error = errors.BadGeometry("it is empty", position)
    assert words in str(error)
    assert error.position == position


def test_too_many_cells_says_how_to_widen():
    error = errors.TooManyCells("310112101005", 1200, 999, wider="{village:12}{cell:4}")
    assert "{village:12}{cell:4}" in str(error)
