"""The only reader of query strings: text in, checked values out, BadParameter for the rest."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from itertools import chain

import shapely
from flask import request
from werkzeug.routing import IntegerConverter, Map

from geodata.errors import BadSetting
from geodata.queries.desk import Mark
from geodata.queries.features import Box
from geodata.queries.geocode_desk import After, DeskFilter
from geodata.queries.index_conditions import LEVELS, MEASURES, PARTS, IndexPart, OfCells
from geodata.queries.scope import Scope
from geodata.queries.ticket_filter import DEADLINES, DESKS, GROUPS, TicketFilter, UnitFilter
from geodata.services import periods
from geodata.services.periods import Period
from webmap.errors import BadParameter

LANGUAGES = ("zh_Hans", "en")

# Days before and after are never meant, and a week or a year from them there may be none.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)

# Keys of rows are of four bytes.
LARGEST_KEY = 2**31 - 1

# Longer values are never meant; refusing them early keeps every reader cheap.
LONGEST = 200

# Radii beyond this answer no question of a neighbourhood, and cost more than they tell.
LARGEST_RADIUS_M = 20_000.0


# The conditions on tickets, spelled alike on the map, the list, the counts and the export.
FILTER_NAMES = (
    *("state", "desk", "category", "due", "unit", "area"),
    *("since", "until", "closed_since", "closed_until", "within"),
    *("index", "part", "level", "of"),
)

# Those of them that name a figure of an index; its days are then `since` and `until`.
INDEX_NAMES = ("index", "part", "level", "of")

# Those of them that say where; units take them too.
GROUND_NAMES = ("area", "within")

# More codes than a person picks, or corners than a hand draws, are not meant.
MOST_CODES = 100
LONGEST_LIST = 2000
MOST_CORNERS = 200
# the first corner may come again at the end
LONGEST_POLYGON = (MOST_CORNERS + 1) * len("-180.00000,-90.00000;")


class RowNumber(IntegerConverter):
    """`<int:…>` of an address: what the key of a row can be, unless the route says otherwise."""

    def __init__(self, map: Map, max: int = LARGEST_KEY) -> None:  # noqa: A002 - Werkzeug's own names
        super().__init__(map, max=max)


def only(*known: str) -> None:
    """Refuse parameters that this address does not have, so that a slip of the pen is not overlooked."""
    for name in request.args:
        if name not in known and name != "lang":
            raise BadParameter(name, text(name) or "", f"left out; known here are {', '.join(known) or 'none'}")


def api_keys() -> set[str]:
    """Values of `api_key` in the address or the form, without empty ones."""
    return {value for source in (request.args, request.form) for value in source.getlist("api_key") if value}


def address() -> str:
    """Path and query string of the request, as they were sent."""
    return request.full_path


def storable() -> None:
    """Refuse a request that holds U+0000 in its address or form: no text of the database can hold it.

    A part of a form without a name is refused as well: nobody asks for it.
    """
    if None in request.form or None in request.files:
        raise BadParameter("name", "", "said of each part of the form")
    parts = ((request.view_args or {}).items(), request.args.items(multi=True), request.form.items(multi=True))
    for name, value in chain(*parts):
        if "\0" in name or "\0" in str(value):
            raise BadParameter(ascii(name)[1:-1], ascii(str(value)[:20])[1:-1], "text without the character U+0000")


def text(name: str, *, longest: int = LONGEST) -> str | None:
    """A short text without control characters; None when absent or empty."""
    value = request.args.get(name, "").strip()
    if len(value) > longest:
        raise BadParameter(name, value[:20] + "…", f"at most {longest} characters")
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in value):
        raise BadParameter(name, ascii(value), "plain text")
    return value or None


def said(name: str, *, longest: int = LONGEST) -> str | None:
    """What a parameter says, which may be nothing; None when it is absent. It may be there once."""
    values = request.args.getlist(name)
    if len(values) > 1:
        raise BadParameter(name, values[1][:20], "said once")
    return None if not values else text(name, longest=longest) or ""


def one_of(name: str, known: Sequence[str]) -> str | None:
    """A word of a list; None when absent."""
    value = text(name)
    if value is not None and value not in known:
        raise BadParameter(name, value, f"one of {', '.join(known)}")
    return value


def number(name: str, *, low: float, high: float) -> float | None:
    """A finite number within bounds; None when absent."""
    value = text(name)
    if value is None:
        return None
    return _number(name, value, low=low, high=high)


def whole(name: str, *, low: int, high: int) -> int | None:
    """A whole number within bounds; None when absent."""
    value = text(name)
    if value is None:
        return None
    if not value.isascii() or not value.lstrip("-").isdigit() or len(value) > 12 or not low <= int(value) <= high:
        raise BadParameter(name, value, f"a whole number from {low} to {high}")
    return int(value)


def lon_lat() -> tuple[float, float]:
    """The place asked about, WGS 84 degrees; both must be there."""
    return _both(number("lon", low=-180, high=180), number("lat", low=-90, high=90))


def form_number(name: str, *, low: float, high: float) -> float | None:
    """A finite number of the form that was sent, within bounds; None when absent."""
    value = request.form.get(name, "").strip()[:LONGEST]
    return _number(name, value, low=low, high=high) if value else None


def form_lon_lat() -> tuple[float, float]:
    """A place of the form that was sent, WGS 84 degrees; both must be there. No address, and so no log, has it."""
    return _both(form_number("lon", low=-180, high=180), form_number("lat", low=-90, high=90))


def _both(lon: float | None, lat: float | None) -> tuple[float, float]:
    if lon is None or lat is None:
        missing = "lon" if lon is None else "lat"
        raise BadParameter(missing, "", "given, in degrees of WGS 84")
    return lon, lat


def box() -> Box | None:
    """`bbox=west,south,east,north` in degrees of WGS 84; None when absent."""
    value = text("bbox")
    if value is None:
        return None
    parts = value.split(",")
    wanted = "four numbers west,south,east,north in degrees"
    if len(parts) != 4:
        raise BadParameter("bbox", value, wanted)
    west, east = (_number("bbox", part, low=-180, high=180) for part in (parts[0], parts[2]))
    south, north = (_number("bbox", part, low=-90, high=90) for part in (parts[1], parts[3]))
    if south > north or west > east:
        raise BadParameter("bbox", value, wanted + ", west before east and south before north")
    return Box(west, south, east, north)


def radius_m(default: float) -> float:
    """`radius`, metres."""
    return number("radius", low=1, high=LARGEST_RADIUS_M) or default


def run() -> tuple[float | None, str | None]:
    """`radius` (metres) and `category` of a coverage run; None where not said."""
    return number("radius", low=10, high=LARGEST_RADIUS_M), text("category")


def ticket_filter(scope: Scope) -> TicketFilter:
    """The conditions on tickets among those of a scope; absent is no condition."""
    since, until = _days("since", "until")
    closed_since, closed_until = _days("closed_since", "closed_until")
    index = index_part(since, until)
    if index:
        since = until = None
    return TicketFilter(
        states=words("state", known=tuple(GROUPS)),
        desks=words("desk", known=tuple(DESKS)),
        categories=words("category"),
        due=words("due", known=DEADLINES),
        units=words("unit"),
        areas=words("area"),
        since=since,
        until=until,
        closed_since=closed_since,
        closed_until=closed_until,
        within=polygon("within"),
        scope=scope,
        index=index,
    )


def period(default: Period) -> Period:
    """`period` (2026-02, 2026-W07, 2026-Q1, 2026), or the days from `since` to `until`; absent is the default."""
    word, since, until = text("period"), day("since"), day("until")
    if word and (since or until):
        raise BadParameter("period", word, "left out beside since and until")
    if word is None and since is None and until is None:
        return default
    if word is None and since and until:
        return _run(since, until)
    try:
        if word:
            return periods.period(word)
    except BadSetting as error:
        raise BadParameter("period", error.value, periods.WANTED) from error
    raise BadParameter("since" if since is None else "until", "", "given too: both ends of the days")


def _run(since: date, until: date) -> Period:
    try:
        return periods.period_of(since, until)
    except BadSetting as error:
        raise BadParameter("until", until.isoformat(), "a day after since, within twenty years") from error


def index_part(since: date | None, until: date | None) -> IndexPart | None:
    """`index` with its `part`, `level` and `of`, over the days given; None when no index is asked for."""
    index = one_of("index", [id_ for id_, measure in MEASURES.items() if not isinstance(measure, OfCells)])
    if index is None:
        for name in INDEX_NAMES:
            if value := text(name):
                raise BadParameter(name, value, "left out without index")
        return None
    if since is None or until is None:
        raise BadParameter("since" if since is None else "until", "", "given with index, a day like 2026-03-02")
    _run(since, until)
    level = one_of("level", LEVELS) or LEVELS[0]
    of = text("of") or ""
    if bool(of) == (level == LEVELS[0]):
        raise BadParameter("of", of, f"a code on the level {level}" if level != LEVELS[0] else "left out without level")
    return IndexPart(index, one_of("part", PARTS) or PARTS[0], since, until, level, of)


def unit_filter() -> UnitFilter:
    """The ground on which units are meant; absent is everywhere."""
    return UnitFilter(areas=words("area"), within=polygon("within"))


def filter_query() -> dict[str, str]:
    """The conditions on tickets as they came, for links that keep them; read after `ticket_filter` has checked them."""
    return kept(*FILTER_NAMES)


def kept(*names: str) -> dict[str, str]:
    """Those of these parameters that are there, as they came, for links that keep them; checked by others before."""
    return {name: value for name in names if (value := request.args.get(name, "").strip())}


@contextmanager
def checked() -> Iterator[None]:
    """What is refused inside as a setting came from the address. Raises BadParameter instead of BadSetting."""
    try:
        yield
    except BadSetting as error:
        raise BadParameter(error.name, error.value, error.wanted) from error


def words(name: str, *, known: Sequence[str] | None = None) -> tuple[str, ...]:
    """Words or codes with commas between, each once, in the order of `known` or of the alphabet; none when absent."""
    value = text(name, longest=LONGEST_LIST)
    found = {word for part in (value or "").split(",") if (word := part.strip())}
    if len(found) > MOST_CODES:
        raise BadParameter(name, (value or "")[:20] + "…", f"at most {MOST_CODES} values")
    if known is None:
        return tuple(sorted(found))
    unknown = sorted(found - set(known))
    if unknown:
        raise BadParameter(name, unknown[0], f"of {', '.join(known)}")
    return tuple(word for word in known if word in found)


def day(name: str) -> date | None:
    """A day as `2026-03-02`, of years that can be counted from both ways; None when absent."""
    value = text(name)
    if value is None:
        return None
    # fromisoformat also reads other spellings of ISO 8601
    if len(value) == 10 and value[4] == value[7] == "-":
        with suppress(ValueError):
            found = date.fromisoformat(value)
            if FIRST_DAY <= found <= LAST_DAY:
                return found
    raise BadParameter(name, value, f"a day like 2026-03-02, from {FIRST_DAY} to {LAST_DAY}")


def _days(first: str, last: str) -> tuple[date | None, date | None]:
    since, until = day(first), day(last)
    if since and until and since > until:
        raise BadParameter(last, until.isoformat(), f"the day of {first} ({since.isoformat()}) or a later one")
    return since, until


def polygon(name: str) -> str | None:
    """A valid polygon `lon,lat;lon,lat;…` of 3 to 200 corners in degrees of WGS 84, as WKT; None when absent."""
    value = text(name, longest=LONGEST_POLYGON)
    if value is None:
        return None
    corners = [_corner(name, part) for part in value.rstrip(";").split(";")]
    if len(corners) > 1 and corners[0] == corners[-1]:
        del corners[-1]
    if not 3 <= len(corners) <= MOST_CORNERS:
        raise BadParameter(name, f"{len(corners)} corners", f"3 to {MOST_CORNERS} corners lon,lat;lon,lat;…")
    lons = [lon for lon, _lat in corners]
    if max(lons) - min(lons) >= 180:
        # there is a shorter way around the back of the world: nobody can say which is meant
        raise BadParameter(name, value[:20] + "…", "a polygon less than half the world wide")
    shape = shapely.Polygon(corners)
    if not shape.is_valid or shape.area == 0:
        raise BadParameter(name, value[:20] + "…", "a polygon that does not cross or touch itself")
    return str(shape.wkt)


def mark(name: str) -> Mark | None:
    """The place of a ticket in the order of a desk, as an answer of ours told it; None when absent."""
    value = text(name)
    if value is None:
        return None
    try:
        return Mark.parse(value)
    except ValueError as error:
        raise BadParameter(name, value, "what the page before said as next") from error


ADDRESS_NAMES = ("kind", "town", "level", "reason", "q")


def address_filter() -> DeskFilter:
    """The conditions on addresses that wait; absent is no condition."""
    return DeskFilter(kind=text("kind"), town=text("town"), level=text("level"), reason=text("reason"), words=text("q"))


def address_mark(name: str) -> After | None:
    """Behind which address a page begins, as an answer of ours told it; None when absent."""
    value = text(name)
    if value is None:
        return None
    try:
        return After.parse(value)
    except ValueError as error:
        raise BadParameter(name, value, "what the page before said as next") from error


def places(name: str) -> list[tuple[float, float]]:
    """Places `lon,lat;lon,lat;…` in degrees of WGS 84, in the order given; none when absent."""
    value = text(name, longest=LONGEST_LIST)
    if value is None:
        return []
    return [_corner(name, part) for part in value.rstrip(";").split(";")]


def language() -> str | None:
    """`lang` where it names a language we speak; anything else counts as not said."""
    value = request.args.get("lang", "")
    return value if value in LANGUAGES else None


def own_path(value: str | None) -> str:
    """Where to go after signing in: a path on this server, else the map; never another host."""
    if not value or len(value) > 2000 or not value.startswith("/"):
        return "/"
    if value.startswith(("//", "/\\")) or any(ord(letter) < 33 or letter == "\\" for letter in value):
        return "/"
    return value


def next_path() -> str:
    """`next` as `own_path` allows it."""
    return own_path(request.args.get("next"))


def finite(name: str, value: str) -> float:
    """A finite number, whatever its size."""
    return _number(name, value, low=-math.inf, high=math.inf)


def _number(name: str, value: str, *, low: float, high: float) -> float:
    wanted = "a number" if low == -math.inf else f"a number from {low:g} to {high:g}"
    try:
        found = float(value)
    except ValueError as error:
        raise BadParameter(name, value, wanted) from error
    # float() also reads "nan", "inf", "1_0" and digits of other scripts
    if not math.isfinite(found) or not low <= found <= high or "_" in value or not value.isascii():
        raise BadParameter(name, value, wanted)
    return found


def _corner(name: str, part: str) -> tuple[float, float]:
    lon, divider, lat = part.partition(",")
    if not divider:
        raise BadParameter(name, part[:20], "pairs lon,lat;lon,lat;… in degrees of WGS 84")
    return _number(name, lon, low=-180, high=180), _number(name, lat, low=-90, high=90)
