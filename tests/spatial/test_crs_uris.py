import pytest

from spatial.crs_uris import CRS84, find, named, offered
from spatial.errors import UnknownCrs

KNOWN = offered(32651)


def test_the_districts_own_comes_after_those_that_everybody_is_offered():
    assert [one.srid for one in KNOWN] == [4326, 4326, 4490, 4549, 3857, 32651]
    assert KNOWN[0] is CRS84
    assert len(offered(4549)) == 5


@pytest.mark.parametrize(
    ("srid", "is_yx", "is_degrees"),
    [
        (4326, True, True),
        (4490, True, True),
        (4549, True, False),
        (3857, False, False),
        (32651, False, False),
        (2326, True, False),
    ],
)
def test_axis_orders_are_those_of_the_definitions(srid, is_yx, is_degrees):
    assert (named(srid).is_yx, named(srid).is_degrees) == (is_yx, is_degrees)


@pytest.mark.parametrize(
    ("text", "srid", "is_yx"),
    [
        ("http://www.opengis.net/def/crs/OGC/1.3/CRS84", 4326, False),
        ("https://www.opengis.net/def/crs/OGC/1.3/CRS84", 4326, False),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", 4326, False),
        ("urn:ogc:def:crs:OGC::CRS84", 4326, False),
        ("[OGC:CRS84]", 4326, False),
        ("OGC:CRS84", 4326, False),
        ("CRS84", 4326, False),
        ("http://www.opengis.net/def/crs/EPSG/0/4326", 4326, True),
        ("http://www.opengis.net/def/crs/EPSG/9.9.1/4549", 4549, True),
        ("urn:ogc:def:crs:EPSG::4490", 4490, True),
        ("[EPSG:3857]", 3857, False),
        (" epsg:32651 ", 32651, False),
    ],
)
def test_a_crs_is_known_by_all_its_names(text, srid, is_yx):
    found = find(text, KNOWN)
    assert (found.srid, found.is_yx) == (srid, is_yx)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "EPSG:2437",
        "4326",
        "http://www.opengis.net/def/crs/EPSG/0/",
        "http://www.opengis.net/def/crs/EPSG/0/99999",
        "http://127.0.0.1/def/crs/EPSG/0/4326",
        "http://www.opengis.net/def/crs/EPSG/0/4326/../4549",
        "/vsicurl/http://127.0.0.1/x",
        "+proj=longlat",
        "EPSG:４３２６",
        "CRS84\0",
        "x" * 5000,
    ],
)
def test_anything_else_is_refused_with_those_there_are(text):
    with pytest.raises(UnknownCrs, match="EPSG/0/32651"):
        find(text, KNOWN)
