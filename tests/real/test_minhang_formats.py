"""Minhang's towns and bus stops, saved in other formats by other programs: the same places come in."""

import csv

import files
import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely.geometry import shape

from geodata import formats, strict_json
from geodata.services.imports import import_file

pytestmark = pytest.mark.real

TOWNS = "minhang-boundaries/minhang_towns_gcj02.geojson"
STOPS = "minhang-points/bus_stops_wgs84.csv"


def libkml(path, frame):
    files.gdal.pyogrio.write_dataframe(frame, path, driver="LIBKML", layer="towns")
    return path


WRITERS = {".fgb": files.flatgeobuf, ".parquet": files.geoparquet, ".kml": libkml, ".kmz": libkml}


@pytest.fixture
def towns(real_data):
    """The 14 towns as a layer."""
    told = strict_json.parse((real_data / TOWNS).read_text("utf-8"))["features"]
    columns = {name: [str(one["properties"][name]) for one in told] for name in ("code", "name")}
    return gpd.GeoDataFrame(columns, geometry=[shape(one["geometry"]) for one in told], crs=4326)


@pytest.mark.parametrize("suffix", list(WRITERS))
def test_towns_saved_in_another_format_are_the_same_towns(suffix, session, real_data, towns, tmp_path):
    path = WRITERS[suffix](tmp_path / f"towns{suffix}", towns)
    ours, theirs = formats.read(real_data / TOWNS), formats.read(path)
    assert (len(theirs.rows), theirs.faults) == (14, [])
    areas = dict(zip([row["code"] for row in ours.rows], shapely.area(ours.geometries), strict=True))
    again = dict(zip([row["code"] for row in theirs.rows], shapely.area(theirs.geometries), strict=True))
    assert again == pytest.approx(areas, rel=1e-9)
    options = {"level": "town", "datum": "gcj02"}
    assert import_file(session, "areas", path, **options).stored == 14
    report = import_file(session, "areas", real_data / TOWNS, **options)
    assert (report.stored, report.changed, report.unchanged, report.problems) == (0, 0, 14, [])


def test_bus_stops_as_way_points_are_the_same_stops(session, real_data, tmp_path):
    with (real_data / STOPS).open(encoding="utf-8", newline="") as lines:
        stops = list(csv.DictReader(lines))
    lon, lat, name = "lng_wgs84", "lat_wgs84", "stop_name"
    parts = [f'<wpt lon="{stop[lon]}" lat="{stop[lat]}"><name>{stop[name]}</name></wpt>' for stop in stops]
    path = files.gpx(tmp_path / "stops.gpx", *parts)
    read = formats.read(path)
    assert len(read.rows) == 544
    given = np.array([[float(stop[lon]), float(stop[lat])] for stop in stops])
    assert (shapely.get_coordinates(read.geometries) == given).all()
    report = import_file(session, "gazetteer", path, datum="wgs84")
    assert (report.rows, report.problems, report.refused) == (544, [], None)
