"""The only reader of query strings: text in, checked values out, BadParameter for the rest."""

import math

from flask import request

from geodata.queries.features import Box
from webmap.errors import BadParameter

LANGUAGES = ("zh_Hans", "en")

# Longer values are never meant; refusing them early keeps every reader cheap.
LONGEST = 200

# Radii beyond this answer no question of a neighbourhood, and cost more than they tell.
LARGEST_RADIUS_M = 20_000.0


def only(*known: str) -> None:
    """Refuse parameters that this address does not have, so that a slip of the pen is not overlooked."""
    for name in request.args:
        if name not in known and name != "lang":
            raise BadParameter(name, text(name) or "", f"left out; known here are {', '.join(known) or 'none'}")


def text(name: str) -> str | None:
    """A short text without control characters; None when absent or empty."""
    value = request.args.get(name, "").strip()
    if len(value) > LONGEST:
        raise BadParameter(name, value[:20] + "…", f"at most {LONGEST} characters")
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in value):
        raise BadParameter(name, ascii(value), "plain text")
    return value or None


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
    lon = number("lon", low=-180, high=180)
    lat = number("lat", low=-90, high=90)
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


def _number(name: str, value: str, *, low: float, high: float) -> float:
    wanted = f"a number from {low:g} to {high:g}"
    try:
        found = float(value)
    except ValueError as error:
        raise BadParameter(name, value, wanted) from error
    # float() also reads "nan", "inf", "1_0" and digits of other scripts
    if not math.isfinite(found) or not low <= found <= high or "_" in value or not value.isascii():
        raise BadParameter(name, value, wanted)
    return found
