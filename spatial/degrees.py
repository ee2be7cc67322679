"""Pairs of degrees as people type and paste them."""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

_MARKS = str.maketrans(
    {"º": "°", "˚": "°", "’": "'", "‘": "'", "”": '"', "“": '"', "′": "'", "″": '"', "−": "-", "–": "-"}
)
# What programs write says itself which number is which: put into the letters that people use.
_NUMBER = r"[+-]?\d{1,3}(?:\.\d{1,15})?"
_WRITTEN = (
    # RFC 5870: latitude first, perhaps a height; another CRS than WGS 84 is not read
    (
        rf"GEO:({_NUMBER}),({_NUMBER})(?:,[+-]?[\d.]{{1,12}})?(?:;CRS=WGS84)?(?:;(?!CRS)[A-Z]+=[^;]{{1,20}})*",
        r"N\1 E\2",
    ),
    (rf"(?:SRID=4326;)?\s*POINT\s*\(\s*({_NUMBER})\s+({_NUMBER})\s*\)", r"E\1 N\2"),
    (rf"\{{[^{{}}]*COORDINATES[^{{}}]*\[\s*({_NUMBER})\s*,\s*({_NUMBER})\s*\][^{{}}]*\}}", r"E\1 N\2"),
    (r"\{([^{}\[\]]{1,100})\}", r"\1"),
)
_PROGRAMS = tuple((re.compile(pattern), letters) for pattern, letters in _WRITTEN)
_WORDS = (
    (re.compile(r"[(\[]?\b(?:WGS[ -]?84|CGCS ?2000|EPSG:4326|EPSG:4490)\b[)\]]?"), " "),
    (re.compile(r"东经|经度|\b(?:LONGITUDE|LONG|LON|LNG)\b"), "E"),
    (re.compile(r"北纬|纬度|\b(?:LATITUDE|LAT)\b"), "N"),
    (re.compile(r"西经"), "W"),
    (re.compile(r"南纬"), "S"),
    (re.compile(r"度"), "°"),
    (re.compile(r"分"), "'"),
    (re.compile(r"秒|''"), '"'),
)
# A number has its letter before or after it, not both: in "N31 E121" the E is the next one's.
_ANGLE = r"""
    (?:(?P<before{n}>[NSEW])\s*[:=]?\s*)?
    (?P<degrees{n}>[+-]?\d{{1,3}}(?:\.\d{{1,15}})?)
    (?:\s*°(?:\s*(?P<minutes{n}>\d{{1,2}}(?:\.\d{{1,12}})?)\s*'(?:\s*(?P<seconds{n}>\d{{1,2}}(?:\.\d{{1,12}})?)\s*")?)?)?
    (?(before{n})|(?:\s*(?P<after{n}>[NSEW]))?)
"""
_BETWEEN = r"\s*(?:[\s,;、/]|(?<=[°'\"NSEW])|(?=[NSEW]))\s*"
_PAIR = re.compile(_ANGLE.format(n=1) + _BETWEEN + _ANGLE.format(n=2), re.VERBOSE)


class Degrees(NamedTuple):
    """A place that was typed, in degrees of the datum it was meant in.

    is_swapped    latitude came first although no word said so.
    has_minutes   it was written in degrees and minutes, perhaps seconds.
    """

    lon: float
    lat: float
    is_swapped: bool
    has_minutes: bool


def read_degrees(typed: str, bounds: Sequence[float] | None = None) -> Degrees | None:
    """The pair of degrees that a text is; None when it is anything else.

    bounds   west, south, east, north of the district, None when not known: a pair that could be read
             either way is read longitude first, unless only the other way lies within.

    Full-width signs, 东经 and 北纬, E and N, degree signs, minutes and seconds are understood; also
    `geo:31.1,121.4`, `POINT(121.4 31.1)`, and a small JSON object with lat and lon or the coordinates of a Point.
    """
    plain = _unpacked(unicodedata.normalize("NFKC", typed.translate(_MARKS)).upper().translate(_MARKS).strip())
    for word, sign in _WORDS:
        plain = word.sub(sign, plain)
    found = _PAIR.fullmatch(plain.strip(" ,;()[]"))
    if found is None:
        return None
    first, second = _angle(found, "1"), _angle(found, "2")
    axes = (_axis(found, "1"), _axis(found, "2"))
    if first is None or second is None or axes in {("lon", "lon"), ("lat", "lat")}:
        return None
    has_minutes = found["minutes1"] is not None or found["minutes2"] is not None
    if axes[0] == "lat" or axes[1] == "lon":
        return _checked(second, first, is_swapped=False, has_minutes=has_minutes)
    if axes[0] == "lon" or axes[1] == "lat":
        return _checked(first, second, is_swapped=False, has_minutes=has_minutes)
    swap = _is_place(second, first) and (
        not _is_place(first, second)
        or (bounds is not None and not _within(bounds, first, second) and _within(bounds, second, first))
    )
    lon, lat = (second, first) if swap else (first, second)
    return _checked(lon, lat, is_swapped=swap, has_minutes=has_minutes)


def _unpacked(plain: str) -> str:
    """The pair in what a program wrote, with letters that say which is which; anything else as it is."""
    bare = plain.replace('"', "").replace("'", "") if plain.startswith("{") else plain
    for pattern, letters in _PROGRAMS:
        if found := pattern.fullmatch(bare):
            return found.expand(letters)
    return plain


def _angle(found: re.Match[str], number: str) -> float | None:
    """Decimal degrees, the sign taken from the letter where there is one; None beyond 60 minutes or seconds."""
    degrees, minutes, seconds = (found[name + number] for name in ("degrees", "minutes", "seconds"))
    letter = found["before" + number] or found["after" + number]
    if float(minutes or 0) >= 60 or float(seconds or 0) >= 60:
        return None
    size = abs(float(degrees)) + float(minutes or 0) / 60 + float(seconds or 0) / 3600
    return -size if degrees.startswith("-") != (letter in {"S", "W"}) else size


def _axis(found: re.Match[str], number: str) -> str | None:
    letter = found["before" + number] or found["after" + number]
    return None if letter is None else "lon" if letter in "EW" else "lat"


def _checked(lon: float, lat: float, *, is_swapped: bool, has_minutes: bool) -> Degrees | None:
    if not _is_place(lon, lat):
        return None
    return Degrees(round(lon, 9), round(lat, 9), is_swapped, has_minutes)


def _is_place(lon: float, lat: float) -> bool:
    return abs(lon) <= 180 and abs(lat) <= 90


def _within(bounds: Sequence[float], lon: float, lat: float) -> bool:
    west, south, east, north = bounds
    return west <= lon <= east and south <= lat <= north
