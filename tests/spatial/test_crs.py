import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from shapes import box, layer

from spatial import conversion, crs, decoding
from spatial.crs import BD09, CGCS2000, GCJ02, WGS84, Datum
from spatial.errors import BadGeometry, CrsMismatch, NotMetric, UnknownDatum

GK = Datum("epsg:4549")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        *((text, "wgs84") for text in ("wgs84", "WGS-84", "WGS 84", "EPSG:4326", "GPS", "wgs84坐标系")),
        *((text, "cgcs2000") for text in ("cgcs2000", "CGCS-2000", "EPSG:4490", "国家2000", "天地图")),
        *(
            (text, "gcj02")
            for text in ("gcj02", "GCJ-02", "gcj_02", "火星坐标", "火星坐标系", "高德", "AMap", "GCJ－02")
        ),
        *((text, "bd09") for text in ("bd09", "BD09", "BD-09", "bd09ll", "百度", "百度坐标系", "Baidu")),
        *((text, "epsg:4549") for text in ("epsg:4549", "EPSG:4549", " EPSG 4549 ", "urn:ogc:def:crs:EPSG::4549")),
        ("epsg:2263", "epsg:2263"),
    ],
)
def test_a_datum_is_read_in_its_usual_spellings(text, name):
    assert Datum.parse(text) == Datum(name)


@pytest.mark.parametrize(
    "text",
    ["", "mars 3", "epsg:", "epsg:999999", "beijing54", "84", "epsg:5773", "epsg:4978", "上海城建坐标系"],
)
def test_an_unknown_datum_is_refused_with_the_accepted_ones(text):
    with pytest.raises(UnknownDatum, match="wgs84, cgcs2000, gcj02, bd09") as caught:
        Datum.parse(text)
    assert caught.value.text == text


@pytest.mark.parametrize(
    ("datum", "srid", "is_projected", "is_shifted", "shown"),
    [
        pytest.param(WGS84, 4326, False, False, "WGS 84", id="wgs84"),
        pytest.param(CGCS2000, 4490, False, False, "CGCS2000", id="cgcs2000"),
        pytest.param(GCJ02, None, False, True, "GCJ-02", id="gcj02"),
        pytest.param(BD09, None, False, True, "BD-09", id="bd09"),
        pytest.param(GK, 4549, True, False, "EPSG:4549", id="gauss-krueger"),
        pytest.param(Datum("epsg:4214"), 4214, False, False, "EPSG:4214", id="geographic"),
    ],
)
def test_a_datum_knows_what_it_is(datum, srid, is_projected, is_shifted, shown):
    assert (datum.srid, datum.is_projected, datum.is_shifted, str(datum)) == (srid, is_projected, is_shifted, shown)
    assert len({datum, Datum(datum.name)}) == 1


@pytest.mark.parametrize("datum", [WGS84, CGCS2000, GCJ02, BD09, GK], ids=str)
def test_a_position_comes_back_from_every_datum(datum):
    lon, lat = np.array([121.3, 121.5]), np.array([31.0, 31.2])
    back = conversion.to_wgs84(*conversion.from_wgs84(lon, lat, datum), datum)
    np.testing.assert_allclose(back, [lon, lat], atol=1e-9)


def test_x_is_the_easting_although_the_crs_is_defined_north_first():
    x, y = conversion.from_wgs84([120.0], [31.0], GK)
    assert x == pytest.approx([500_000])
    assert y == pytest.approx([3_431_000], abs=2000)


def test_a_position_in_feet_is_decoded():
    x, y = conversion.from_wgs84([-73.98], [40.75], Datum.parse("EPSG:2263"))
    assert x == pytest.approx([989_800], abs=500)
    assert conversion.to_wgs84(x, y, Datum.parse("EPSG:2263"))[1] == pytest.approx([40.75])


@pytest.mark.parametrize("datum", [WGS84, CGCS2000, GCJ02, BD09, GK], ids=str)
@pytest.mark.parametrize(
    ("x", "y"),
    [(np.nan, 31.0), (121.0, np.nan), (np.inf, 31.0), (121.0, -np.inf), (1e308, 1e308)],
)
def test_what_is_no_place_becomes_nan_and_spares_the_others(datum, x, y):
    good = [float(axis[0]) for axis in conversion.from_wgs84([121.4], [31.1], datum)]
    lon, lat = conversion.to_wgs84([x, good[0]], [y, good[1]], datum)
    assert np.isnan([lon[0], lat[0]]).all()
    assert (lon[1], lat[1]) == pytest.approx((121.4, 31.1))


@pytest.mark.parametrize(("lon", "lat"), [(31.1, 121.4), (181.0, 31.0), (500_000.0, 3_400_000.0)])
def test_degrees_out_of_range_become_nan(lon, lat):
    assert np.isnan(conversion.to_wgs84([lon], [lat], GCJ02)).all()
    assert np.isnan(crs.to_metre([lon], [lat], 4549)).all()


def test_metres_and_back():
    x, y = crs.to_metre([-73.98], [40.75], 32618)
    assert crs.from_metre(x, y, 32618) == (pytest.approx([-73.98]), pytest.approx([40.75]))


@pytest.mark.parametrize("datum", [GCJ02, BD09, GK], ids=str)
def test_neighbours_keep_their_common_border_to_the_bit(datum):
    rng = np.random.default_rng(3)
    ends = conversion.from_wgs84(rng.uniform(121.2, 121.6, 40), rng.uniform(30.9, 31.3, 40), datum)
    path = np.column_stack(ends)
    there, back = conversion.geometries_to_wgs84([shapely.LineString(path), shapely.LineString(path[::-1])], datum)
    assert shapely.get_num_coordinates(there) > 40 * 5
    np.testing.assert_array_equal(shapely.get_coordinates(there), shapely.get_coordinates(back)[::-1])


def test_two_boxes_with_a_common_border_neither_overlap_nor_part():
    west, east = conversion.geometries_to_wgs84(
        [box(121.30, 31.0, 121.35, 31.1), box(121.35, 31.0, 121.40, 31.1)], GCJ02
    )
    assert west.intersection(east).area == 0
    assert len(west.union(east).interiors) == 0
    shared = set(map(tuple, shapely.get_coordinates(west))) & set(map(tuple, shapely.get_coordinates(east)))
    assert len(shared) == 24  # 0.1° in steps of at most 0.0045°: 23 pieces


def test_a_long_edge_is_bent_to_within_centimetres():
    (bent,) = conversion.geometries_to_wgs84([shapely.LineString([(121.3, 31.0), (121.4, 31.1)])], GCJ02)
    t = np.linspace(0, 1, 997)
    truth = shapely.points(*decoding.gcj02_to_wgs84(121.3 + 0.1 * t, 31.0 + 0.1 * t))
    assert shapely.distance(truth, bent).max() * 111_320 < 0.05


@pytest.mark.parametrize("datum", [WGS84, CGCS2000], ids=str)
def test_degrees_of_the_globe_get_no_new_vertices(datum):
    shape = box(121, 31, 122, 32)
    assert conversion.geometries_to_wgs84([shape], datum)[0].equals_exact(shape, 0)


def test_every_kind_of_geometry_is_moved():
    hole = shapely.Polygon(box(121.3, 31.0, 121.4, 31.1).exterior, [box(121.34, 31.04, 121.36, 31.06).exterior])
    kinds = [
        shapely.Point(121.3, 31.0),
        shapely.Point(121.3, 31.0, 9.0),
        shapely.MultiPoint([(121.3, 31.0), (121.4, 31.0)]),
        shapely.LineString([(121.3, 31.0), (121.4, 31.0)]),
        shapely.LinearRing([(121.3, 31.0), (121.4, 31.0), (121.4, 31.1)]),
        hole,
        shapely.MultiPolygon([hole]),
        shapely.GeometryCollection([hole, shapely.Point(121.3, 31.0)]),
        shapely.Polygon(),
        None,
    ]
    moved = conversion.geometries_to_wgs84(kinds, GCJ02)
    assert [None if g is None else g.geom_type for g in moved] == [None if g is None else g.geom_type for g in kinds]
    assert len(moved[5].interiors) == 1
    assert not moved[1].has_z
    assert conversion.geometries_to_wgs84([], GCJ02).tolist() == []


@pytest.mark.parametrize(
    ("shape", "datum"),
    [
        pytest.param(shapely.Point(31.1, 121.4), GCJ02, id="swapped"),
        pytest.param(shapely.Point(np.nan, 31.0), WGS84, id="nan"),
        pytest.param(shapely.LineString([(121, 31), (np.inf, 31)]), BD09, id="infinite"),
        pytest.param(shapely.LineString([(500_000, 3_400_000), (1e308, 1e308)]), GK, id="far beyond"),
    ],
)
def test_a_vertex_that_is_no_place_is_refused_with_its_geometry(shape, datum):
    good = shapely.Point([float(axis[0]) for axis in conversion.from_wgs84([121.4], [31.1], datum)])
    with pytest.raises(BadGeometry) as caught:
        conversion.geometries_to_wgs84([good, shape], datum)
    assert caught.value.position == 1


def test_a_scribble_across_the_globe_is_refused_before_it_fills_the_memory():
    zigzag = shapely.LineString([(-170 if i % 2 else 170, i / 1000) for i in range(20_000)])
    with pytest.raises(BadGeometry, match="too long") as caught:
        conversion.geometries_to_wgs84([shapely.Point(121, 31), zigzag], GCJ02)
    assert caught.value.position == 1


@pytest.mark.parametrize("text", ["EPSG:4549", "EPSG:32618", 32651])
def test_a_metre_crs_is_taken(text):
    assert crs.metre_crs(text) == pyproj.CRS.from_user_input(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("EPSG:4326", "not projected", id="degrees"),
        pytest.param("EPSG:2263", "foot", id="feet"),
        pytest.param("EPSG:3857", "stretches", id="web mercator"),
        pytest.param("nonsense", "not the name", id="no CRS"),
    ],
)
def test_another_crs_is_no_metre_crs(text, why):
    with pytest.raises(NotMetric, match=why):
        crs.metre_crs(text)


@pytest.mark.parametrize(
    ("lon", "lat", "srid"),
    [
        pytest.param(121.4, 31.1, 32651, id="Shanghai"),
        pytest.param(-73.98, 40.75, 32618, id="New York"),
        pytest.param(151.2, -33.9, 32756, id="Sydney"),
        pytest.param(180.0, 0.0, 32660, id="date line"),
        pytest.param(-180.0, 0.0, 32601, id="date line, west"),
    ],
)
def test_a_utm_zone_is_suggested(lon, lat, srid):
    assert crs.metre_crs_for(lon, lat).to_epsg() == srid


@pytest.mark.parametrize(("lon", "lat"), [(0, 85), (0, -81), (200, 0), (np.nan, 0)])
def test_no_utm_zone_is_suggested_where_there_is_none(lon, lat):
    with pytest.raises(BadGeometry, match="UTM"):
        crs.metre_crs_for(lon, lat)


def test_one_crs_passes_the_door():
    crs.require_same_crs(layer((0, 0, 1, 1)), gpd.GeoSeries([], crs="EPSG:4549"))


@pytest.mark.parametrize(
    ("left", "right"),
    [("EPSG:4549", "EPSG:32651"), ("EPSG:4549", None), (None, "EPSG:4549"), (None, None)],
)
def test_two_crs_do_not(left, right):
    with pytest.raises(CrsMismatch, match="reproject"):
        crs.require_same_crs(gpd.GeoSeries([], crs=left), gpd.GeoSeries([], crs=right))


@pytest.mark.parametrize("name", ["EPSG:4326", None])
def test_a_layer_without_metres_is_refused(name):
    with pytest.raises(NotMetric):
        crs.require_metric(gpd.GeoSeries([], crs=name))


def test_a_square_kilometre_has_its_area_on_the_ellipsoid():
    square = conversion.geometries_to_wgs84([box(500_000, 3_431_000, 501_000, 3_432_000)], GK)
    assert crs.geodesic_area_m2(square) == pytest.approx([1e6], rel=1e-4)


def test_areas_of_all_shapes():
    big, small = box(121, 31, 121.1, 31.1), box(121.02, 31.02, 121.04, 31.04)
    whole, piece = crs.geodesic_area_m2([big, small])
    ring = shapely.Polygon(big.exterior, [small.exterior])
    turned = shapely.Polygon(list(big.exterior.coords)[::-1])
    far = box(122, 31, 122.1, 31.1)
    shapes = [ring, turned, shapely.MultiPolygon([big, far]), shapely.GeometryCollection([shapely.MultiPolygon([big])])]
    assert crs.geodesic_area_m2(shapes) == pytest.approx([whole - piece, whole, 2 * whole, whole])
    assert crs.geodesic_area_m2([shapely.Point(1, 1), shapely.Polygon()]).tolist() == [0, 0]
    assert np.isnan(crs.geodesic_area_m2([None])).all()
    assert crs.geodesic_area_m2([]).tolist() == []


def test_metres_between_positions():
    metres = crs.geodesic_metres([121.0, np.nan], [31.0, 31.0], [121.0, 121.0], [31.001, 31.0])
    assert metres[0] == pytest.approx(110.9, abs=0.1)
    assert np.isnan(metres[1])
