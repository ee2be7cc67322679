"""Files damaged at random, the same way every time: refused, or read with faults, and never a crash."""

import random
from contextlib import suppress

import files
import geopandas as gpd
import pytest
import shapely

from geodata import formats
from geodata.formats.errors import FileRefused

CASES = 50


def layer():
    shapes = [shapely.Point(121.4, 31.1), None, shapely.box(121.4, 31.1, 121.5, 31.2)] * 20
    columns = {"code": ["0501", None, "𠮷市场"] * 20, "n": range(60), "f": [1.5, None, 2] * 20}
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=4326)


def kml_parts():
    high = "<MultiGeometry><Point><coordinates>121.4,31.1,3</coordinates></Point></MultiGeometry>"
    return [files.placemark("甲<![CDATA[<b>]]>", files.kml_box(0, 0, 1, 1), code="1"), files.placemark("乙", high)] * 5


WAYPOINTS = ['<wpt lat="31.11" lon="121.41"><ele>4.5</ele><name>甲</name></wpt>'] * 5
TRACK = '<trk><trkseg><trkpt lat="31" lon="121"/><trkpt lat="31.1" lon="121.1"/></trkseg></trk>'

MAKERS = {
    ".kml": lambda path: files.kml(path, *kml_parts()),
    ".kmz": lambda path: files.kml(path, *kml_parts()),
    ".gpx": lambda path: files.gpx(path, *WAYPOINTS, TRACK),
    ".fgb": lambda path: files.flatgeobuf(path, layer()),
    ".parquet": lambda path: files.geoparquet(path, layer()),
}


def damaged(content, dice):
    """The content with a few bytes changed, or cut off, or with a piece taken out."""
    made = bytearray(content)
    how = dice.choice(["flip", "flip", "flip", "cut", "hole"])
    if how == "flip":
        for _ in range(dice.choice([1, 3, 20])):
            made[dice.randrange(len(made))] = dice.randrange(256)
    elif how == "cut":
        del made[dice.randrange(len(made)) :]
    else:
        start = dice.randrange(len(made))
        del made[start : start + dice.randrange(1, 40)]
    return bytes(made)


@pytest.mark.filterwarnings("ignore:Non closed ring:RuntimeWarning")
@pytest.mark.parametrize("suffix", list(MAKERS))
def test_a_damaged_file_is_refused_or_read(suffix, tmp_path):
    content = MAKERS[suffix](tmp_path / f"whole{suffix}").read_bytes()
    assert formats.read(tmp_path / f"whole{suffix}").faults == []
    dice = random.Random(20240102)  # noqa: S311 - damage need not be secret
    refused = 0
    for case in range(CASES):
        path = tmp_path / f"{case}{suffix}"
        path.write_bytes(damaged(content, dice))
        refused += 1
        with suppress(FileRefused):
            table = formats.read(path)
            assert len(table.rows) == len(table.numbers) == len(table.geometries)
            refused -= 1
    assert refused > CASES / 5
