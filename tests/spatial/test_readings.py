import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.conversion import from_wgs84
from spatial.crs import BD09, GCJ02, WGS84, Datum
from spatial.local import Similarity
from spatial.readings import Form, Reading, readings_of, zone_in_front, zones_near

CENTRE = (121.4, 31.1)


def places(count=30):
    rng = np.random.default_rng(5)
    return rng.uniform(121.3, 121.5, count), rng.uniform(31.0, 31.2, count)


def written(degrees, form):
    """Degrees as people write them in a form, rounded as they round."""
    whole = np.floor(degrees)
    minutes = (degrees - whole) * 60
    if form in {Form.MINUTES, Form.PACKED_MINUTES}:
        packed = whole * 100 + minutes
        return packed / 100 if form is Form.MINUTES else packed
    whole_minutes = np.floor(minutes)
    packed = whole * 10_000 + whole_minutes * 100 + (minutes - whole_minutes) * 60
    return packed / 10_000 if form is Form.SECONDS else packed


@pytest.mark.parametrize(
    ("value", "form", "degrees"),
    [
        (31.0630, Form.MINUTES, 31 + 6.30 / 60),
        (31.0630, Form.SECONDS, 31 + 6 / 60 + 30 / 3600),
        (3106.30, Form.PACKED_MINUTES, 31 + 6.30 / 60),
        (310630, Form.PACKED_SECONDS, 31 + 6 / 60 + 30 / 3600),
        (1212430.5, Form.PACKED_SECONDS, 121 + 24 / 60 + 30.5 / 3600),
        (-73.5630, Form.MINUTES, -(73 + 56.3 / 60)),
        (31.06, Form.SECONDS, 31.1),
        (31.60, Form.MINUTES, np.nan),
        (31.0660, Form.SECONDS, np.nan),
        (316030, Form.PACKED_SECONDS, np.nan),
    ],
)
def test_degrees_and_minutes_are_read(value, form, degrees):
    x, _ = Reading(WGS84, form=form).numbers(np.array([value]), np.array([value]))
    assert x[0] == pytest.approx(degrees, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("form", list(Form)[1:])
@given(degrees=st.floats(0.5, 179.5))
def test_what_was_written_in_a_form_is_read_back(form, degrees):
    value = written(np.array([degrees]), form)
    back, _ = Reading(WGS84, form=form).numbers(value, value)
    # seconds that round to 60 are no seconds
    assert np.isnan(back[0]) or back[0] == pytest.approx(degrees, abs=1e-7)
    if 0.001 < (degrees * 3600) % 1 * 60 < 59.9 and 0.01 < (degrees * 60) % 1 < 0.99:
        assert not np.isnan(back[0])


@pytest.mark.parametrize("is_swapped", [False, True], ids=["in order", "swapped"])
@pytest.mark.parametrize("form", list(Form)[1:])
def test_forms_are_among_the_readings_of_what_was_written_in_them(form, is_swapped):
    x, y = (written(axis, form) for axis in places())
    if is_swapped:
        x, y = y, x
    assert Reading(WGS84, is_swapped, form) in readings_of(x, y, centre=CENTRE)


def test_degrees_come_plain_and_swapped_and_no_metres():
    x, y = places()
    tried = readings_of(x, y, centre=CENTRE)
    assert [reading.datum for reading in tried[:3]] == [WGS84, GCJ02, BD09]
    assert not any(reading.is_swapped for reading in tried)
    swapped = readings_of(y, x, centre=CENTRE)
    assert {reading.is_swapped for reading in swapped} == {True}
    assert not any(reading.datum.is_projected for reading in (*tried, *swapped))


LOCAL = Datum("local:plan", Similarity(1.0, 0.0, 634_000.0, 3_441_000.0, 4549))


@pytest.mark.parametrize(
    "name", ["epsg:4549", "epsg:4528", "epsg:4550", "epsg:4499", "epsg:32651", "epsg:3857", "local"]
)
@pytest.mark.parametrize("is_swapped", [False, True], ids=["in order", "swapped"])
def test_metres_of_the_zones_in_use_are_tried(name, is_swapped):
    datum = LOCAL if name == "local" else Datum(name)
    x, y = from_wgs84(*places(), datum)
    if is_swapped:
        x, y = y, x
    assert Reading(datum, is_swapped) in readings_of(x, y, centre=CENTRE, more=[LOCAL])


def test_where_maps_are_not_shifted_nothing_shifted_is_tried():
    tried = readings_of(np.array([-73.98]), np.array([40.75]), centre=(-73.9, 40.7), may_shift=False)
    assert [reading.datum for reading in tried if reading.is_plain] == [WGS84]


def test_numbers_that_lead_nowhere_near_are_not_weighed():
    assert readings_of(np.array([2.35, 2.36]), np.array([48.85, 48.86]), centre=CENTRE) == []
    assert readings_of(np.array([]), np.array([]), centre=CENTRE) == []


@pytest.mark.parametrize(
    ("easting", "found"),
    [
        pytest.param([40_634_000.0, 40_500_000.0], (40, 4528), id="three degrees"),
        pytest.param([21_347_000.0], (21, 4499), id="six degrees"),
        pytest.param([634_000.0, 500_000.0], None, id="no zone"),
        pytest.param([3_441_000.0], None, id="northings"),
        pytest.param([13_514_000.0], (13, 4491), id="web mercator looks like one"),
        pytest.param([], None, id="nothing"),
    ],
)
def test_a_zone_number_before_the_easting_is_seen(easting, found):
    assert zone_in_front(easting) == found


def test_the_epsg_number_of_a_zone_has_that_zone():
    for zone, lon in ((40, 120.0), (41, 123.0), (25, 75.0), (45, 135.0)):
        x, _ = from_wgs84([lon], [31.0], Datum(f"epsg:{4513 + zone - 25}"))
        assert x[0] == pytest.approx(zone * 1_000_000 + 500_000)
    for zone, lon in ((21, 123.0), (13, 75.0)):
        x, _ = from_wgs84([lon], [31.0], Datum(f"epsg:{4491 + zone - 13}"))
        assert x[0] == pytest.approx(zone * 1_000_000 + 500_000)
    assert zones_near(*CENTRE)[:2] == [4549, 4528]
