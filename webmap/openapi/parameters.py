"""Parameters that many operations share."""

from flask_babel import lazy_gettext as _l

from geodata.queries.cql import LANGUAGES
from webmap.item_params import DEFAULT_LIMIT, LARGEST_LIMIT
from webmap.openapi.operations import Param
from webmap.openapi.shapes import TEXT
from webmap.params import LANGUAGES as SPOKEN
from webmap.params import LARGEST_RADIUS_M

_NUMBERS = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}

LANG = Param("lang", {"type": "string", "enum": list(SPOKEN)}, _l("The language of the answer"))
FORM = Param("f", {"type": "string", "enum": ["json", "html"]}, _l("The encoding, before what is accepted"))
LIMIT = Param(
    "limit",
    {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT, "default": DEFAULT_LIMIT},
    _l("How many features a page may hold; more than the most is the most"),
)
AFTER = Param("after", TEXT, _l("Where the page before has ended: taken from the link to the next page"))
BBOX = Param("bbox", _NUMBERS, _l("Two corners, in the order of the axes of bbox-crs; six numbers have heights, too"))
BBOX_CRS = Param(
    "bbox-crs", {"type": "string", "format": "uri"}, _l("The coordinate system of bbox; CRS84 if left out")
)
CRS = Param("crs", {"type": "string", "format": "uri"}, _l("The coordinate system of the answer; CRS84 if left out"))
DATETIME = Param("datetime", TEXT, _l("A day or moment, or two with / between; .. is open"))
SORTBY = Param("sortby", TEXT, _l("Properties with commas between, with - before those that go downwards"))
FILTER = (
    Param("filter", TEXT, _l("A filter in CQL2; only features for which it is true are told")),
    Param("filter-lang", {"type": "string", "enum": list(LANGUAGES)}, _l("The language of the filter")),
    Param("filter-crs", {"type": "string", "format": "uri"}, _l("The coordinate system of its geometries")),
)
PLAIN_BBOX = Param("bbox", _NUMBERS | {"maxItems": 4}, _l("west,south,east,north in degrees of WGS 84"))

VERSION = Param("v", TEXT, _l("The version of the data, so that new data have new addresses"))
RADIUS = Param("radius", {"type": "number", "minimum": 10, "maximum": LARGEST_RADIUS_M}, _l("Metres around a unit"))
CATEGORY = Param("category", TEXT, _l("Code of a kind of issue"))
LON = Param("lon", {"type": "number", "minimum": -180, "maximum": 180}, _l("Longitude, WGS 84"), is_required=True)
LAT = Param("lat", {"type": "number", "minimum": -90, "maximum": 90}, _l("Latitude, WGS 84"), is_required=True)
PERIOD = Param("period", TEXT, _l("A period such as 2026-02, 2026-Q1 or 2026"))

# The conditions on tickets, as the list and the map have them.
TICKETS = (
    Param("state", TEXT, _l("Groups of states: new, work, check, closed")),
    Param("desk", TEXT, _l("What waits at a desk")),
    Param("category", TEXT, _l("Codes of kinds of issue, or majors as two digits")),
    Param("due", TEXT, _l("How the deadline stands: late, soon, ontime, none")),
    Param("unit", TEXT, _l("Codes of units; none for tickets of an office")),
    Param("area", TEXT, _l("Codes of towns, villages or cells")),
    *(
        Param(name, {"type": "string", "format": "date"}, about)
        for name, about in (
            ("since", _l("Reported on this day or later")),
            ("until", _l("Reported on this day or earlier")),
            ("closed_since", _l("Closed on this day or later")),
            ("closed_until", _l("Closed on this day or earlier")),
        )
    ),
    Param("within", TEXT, _l("A polygon lon,lat;lon,lat;… in degrees of WGS 84")),
    Param("index", TEXT, _l("Tickets that an index counts")),
    Param("part", TEXT, _l("Which part of that index")),
    Param("level", TEXT, _l("The level of that index")),
    Param("of", TEXT, _l("The code that the index is of")),
)
