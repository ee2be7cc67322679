import subprocess
import sys
import textwrap

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapes import box

from spatial.coordinates import Coordinates, Shapes, Wgs84
from spatial.crs import BD09, CGCS2000, GCJ02, WGS84, Datum
from spatial.decoding_switch import forbidden
from spatial.errors import DecodingOff, DoubleShift

GEOD = pyproj.Geod(ellps="WGS84")
GK, GK_ZONE, GK_SIX = Datum("epsg:4549"), Datum("epsg:4528"), Datum("epsg:4510")
DATUMS = [WGS84, CGCS2000, GCJ02, BD09, GK, GK_ZONE, GK_SIX]

CORNER = st.tuples(st.floats(121.2, 121.6), st.floats(30.9, 31.3))
CHINA = {"lon": st.floats(72.2, 137.6), "lat": st.floats(1.0, 55.6)}


def test_numbers_become_positions_once():
    places = Coordinates([121.43004], [31.15458], GCJ02).to_wgs84()
    assert places.one() == (pytest.approx(121.4254, abs=1e-4), pytest.approx(31.1565, abs=1e-4))
    assert places.is_place.all()
    assert len(places) == 1


def test_a_second_conversion_is_refused_by_name():
    places = Coordinates(121.4, 31.1, GCJ02).to_wgs84()
    with pytest.raises(DoubleShift, match="already"):
        places.to_wgs84()
    with pytest.raises(AttributeError):
        places.to_gcj02()


@pytest.mark.parametrize("taken", [lambda p: (p.lon, p.lat), lambda p: (p, p)], ids=["arrays", "positions"])
def test_positions_are_not_taken_for_raw_numbers(taken):
    places = Coordinates(121.4, 31.1, GCJ02).to_wgs84()
    with pytest.raises(DoubleShift):
        Coordinates(*taken(places), GCJ02)


def test_shapes_are_converted_once():
    shapes = Shapes([box(121.3, 31.0, 121.4, 31.1), None], GCJ02).to_wgs84()
    assert shapes[1] is None
    with pytest.raises(DoubleShift):
        Shapes(shapes, GCJ02)


SNIPPET = """
from spatial.coordinates import Coordinates, Shapes
from spatial.crs import GCJ02
places = Coordinates(121.4, 31.1, GCJ02).to_wgs84()
reveal_type(places.lon)
{line}
"""


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        pytest.param("places.one()", None, id="the plain way"),
        pytest.param("places.to_wgs84()", '"Wgs84" has no attribute "to_wgs84"', id="again"),
        pytest.param("Coordinates(places.lon, places.lat, GCJ02)", 'Argument 1 to "Coordinates"', id="from arrays"),
        pytest.param("Coordinates(places, places, GCJ02)", 'Argument 1 to "Coordinates"', id="from positions"),
        pytest.param("Shapes(Shapes([], GCJ02).to_wgs84(), GCJ02)", 'Argument 1 to "Shapes"', id="shapes"),
    ],
)
def test_the_type_checker_refuses_a_double_shift(line, complaint, tmp_path, pytestconfig):
    snippet = tmp_path / "snippet.py"
    snippet.write_text(textwrap.dedent(SNIPPET).format(line=line), encoding="utf-8")
    config = tmp_path / "mypy.ini"
    config.write_text("[mypy]\nstrict = true\nignore_missing_imports = true\nfollow_imports = silent\n", "utf-8")
    cache = pytestconfig.cache.mkdir("mypy")
    command = [sys.executable, "-m", "mypy", "--config-file", str(config), "--cache-dir", str(cache), str(snippet)]
    run = subprocess.run(command, cwd=pytestconfig.rootpath, capture_output=True, text=True, check=False)  # noqa: S603 - our words only
    assert "ndarray" in run.stdout, run.stdout + run.stderr
    errors = [told for told in run.stdout.splitlines() if ": error:" in told]
    assert errors == [] if complaint is None else complaint in errors[0]


@pytest.mark.parametrize("datum", DATUMS, ids=str)
@given(**CHINA)
def test_a_position_in_china_comes_back_to_a_millionth_of_a_metre(datum, lon, lat):
    if datum.is_projected:
        lon = 118.5 + (lon - 72.2) / 65.4 * 6.0  # a zone and a half to either side
    raw = Wgs84(np.array([lon]), np.array([lat])).written_in(datum)
    there = raw.to_wgs84().one()
    assert GEOD.inv(lon, lat, *there)[2] < 1e-6
    again = raw.to_wgs84().written_in(datum)
    assert abs(again.x - raw.x).max() < (1e-6 if datum.is_projected else 1e-11)


@pytest.mark.parametrize("datum", DATUMS, ids=str)
@settings(max_examples=30)
@given(pairs=st.lists(st.tuples(st.floats(121.0, 122.0), st.floats(30.5, 31.9)), min_size=1, max_size=20))
def test_many_at_once_are_each_as_alone(datum, pairs):
    raw = Wgs84(*np.array(pairs).T).written_in(datum)
    together = Coordinates(raw.x.tolist(), raw.y.tolist(), datum).to_wgs84()
    alone = [Coordinates(float(x), float(y), datum).to_wgs84().one() for x, y in zip(raw.x, raw.y, strict=True)]
    np.testing.assert_allclose(np.column_stack([together.lon, together.lat]), alone, rtol=0, atol=1e-13)


@pytest.mark.parametrize("datum", [GCJ02, BD09, GK, GK_ZONE], ids=str)
@settings(max_examples=30)
@given(corners=st.lists(CORNER, min_size=3, max_size=12, unique=True))
def test_the_order_of_vertices_does_not_matter(datum, corners):
    raw = Wgs84(*np.array(corners).T).written_in(datum)
    path = np.column_stack([raw.x, raw.y])
    there, back = Shapes([shapely.LineString(path), shapely.LineString(path[::-1])], datum).to_wgs84()
    np.testing.assert_array_equal(shapely.get_coordinates(there), shapely.get_coordinates(back)[::-1])


def test_without_decoding_only_the_shifted_datums_are_refused():
    with forbidden():
        for datum in (GCJ02, BD09):
            with pytest.raises(DecodingOff, match="CGCS2000 or WGS 84"):
                Coordinates(121.4, 31.1, datum).to_wgs84()
            with pytest.raises(DecodingOff):
                Shapes([box(121.3, 31.0, 121.4, 31.1)], datum).to_wgs84()
        assert Coordinates(121.4, 31.1, CGCS2000).to_wgs84().one() == (121.4, 31.1)
        assert Coordinates(606_000.0, 3_442_000.0, GK).to_wgs84().is_place.all()
        drawn = Wgs84(np.array([121.4]), np.array([31.1])).written_in(GCJ02)
        assert drawn.x[0] == pytest.approx(121.4045, abs=1e-3)
    assert Coordinates(121.4, 31.1, GCJ02).to_wgs84().is_place.all()
