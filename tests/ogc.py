"""What tests of the OGC API share."""

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"


def by_rel(links):
    """Links by their relation; each is typed."""
    found = {}
    for one in links:
        assert {"href", "rel", "type"} <= set(one)
        found.setdefault(one["rel"], []).append(one)
    return found


def keys(answer):
    """Ids of the features of a page."""
    return [feature["id"] for feature in answer["features"]]
