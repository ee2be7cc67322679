"""Ways to read two columns of numbers as positions: which datum, in which order, and how the degrees are written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from spatial.conversion import from_wgs84, to_wgs84
from spatial.crs import BD09, CGCS2000, GCJ02, WGS84, Datum, metre_crs_for
from spatial.errors import BadGeometry
from spatial.gcj02 import Floats, LonLat

# A reading that puts most rows farther from the district than this is not worth weighing.
FARTHEST_DEGREES = 2.0
MOST_OF_THEM = 0.5

# Positions nearer than this, in degrees, are one to any evidence there is.
_SAME = 5e-5
_SAMPLE = (np.array([120.5, 122.0]), np.array([30.5, 31.5]))

WEB_MERCATOR = Datum("epsg:3857")


class Form(StrEnum):
    """How degrees are written: 31.105 as a decimal; 31.0630 for 31° 06.30' or for 31° 06' 30"; 3106.30; 310630."""

    PLAIN = "plain"
    MINUTES = "minutes"
    SECONDS = "seconds"
    PACKED_MINUTES = "packed_minutes"
    PACKED_SECONDS = "packed_seconds"


_FORM_WORDS = {
    Form.PLAIN: "",
    Form.MINUTES: "written degrees.minutes (31.0630 for 31° 06.30')",
    Form.SECONDS: "written degrees.minutes-seconds (31.0630 for 31° 06' 30\")",
    Form.PACKED_MINUTES: "written degrees and minutes in one number (3106.30 for 31° 06.30')",
    Form.PACKED_SECONDS: "written degrees, minutes and seconds in one number (310630 for 31° 06' 30\")",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read the numbers of a file; `is_swapped` where the latitude or northing comes first."""

    datum: Datum
    is_swapped: bool = False
    form: Form = Form.PLAIN

    @property
    def is_plain(self) -> bool:
        """Whether the file can be taken in as it is, once its datum is declared."""
        return not self.is_swapped and self.form is Form.PLAIN

    def numbers(self, x: Floats, y: Floats) -> LonLat:
        """The numbers in the datum's own order and unit; NaN where they cannot be written in this form."""
        first, second = (y, x) if self.is_swapped else (x, y)
        return _decimal(first, self.form), _decimal(second, self.form)

    def __str__(self) -> str:
        words = [str(self.datum), "x and y exchanged" if self.is_swapped else "", _FORM_WORDS[self.form]]
        return ", ".join(filter(None, words))


def readings_of(
    x: Floats,
    y: Floats,
    *,
    centre: tuple[float, float],
    reach: tuple[float, float] = (FARTHEST_DEGREES, FARTHEST_DEGREES),
    more: Iterable[Datum] = (),
    may_shift: bool = True,
) -> list[Reading]:
    """Readings that put most rows near a district, the plainest first.

    centre     lon and lat of the district.
    reach      degrees of lon and lat from there that count as near; wide where nobody knows where the district is.
    more       other datums that may be meant: the metre CRS of the district, its local datums.
    may_shift  whether the place is one where maps are shifted.
    """
    also = list(more)
    degrees = [WGS84, GCJ02, BD09] if may_shift else [WGS84]
    degrees += [datum for datum in also if not datum.is_projected and datum not in {*degrees, CGCS2000}]
    tried = [Reading(datum) for datum in degrees]
    tried += [Reading(datum, is_swapped=True) for datum in degrees]
    for form in list(Form)[1:]:
        tried += [Reading(datum, is_swapped, form) for is_swapped in (False, True) for datum in degrees]
    metres = list(dict.fromkeys([*also, *(Datum(f"epsg:{srid}") for srid in zones_near(*centre)), WEB_MERCATOR]))
    tried += [Reading(datum, is_swapped) for is_swapped in (False, True) for datum in metres if datum.is_projected]
    near = [reading for reading in tried if _is_near(reading, x, y, centre, reach)]
    return [one for i, one in enumerate(near) if not any(_is_one(one, former) for former in near[:i])]


def is_one_datum(datum: Datum, other: Datum) -> bool:
    """Whether two datums put the same numbers at the same place, to a few metres: EPSG:4510 and EPSG:4550 do."""
    if datum == other:
        return True
    if datum.is_shifted or other.is_shifted or datum.is_projected != other.is_projected:
        return False
    x, y = from_wgs84(*_SAMPLE, datum)
    lon, lat = to_wgs84(x, y, other)
    return bool(np.isfinite(lon).all() and max(np.abs(lon - _SAMPLE[0]).max(), np.abs(lat - _SAMPLE[1]).max()) < _SAME)


def _is_one(reading: Reading, other: Reading) -> bool:
    is_alike = (reading.is_swapped, reading.form) == (other.is_swapped, other.form)
    return is_alike and is_one_datum(reading.datum, other.datum)


def zones_near(lon: float, lat: float) -> list[int]:
    """EPSG numbers of the metre zones in use at a place.

    CGCS2000 in three and six degrees, with and without the zone's number before the easting, and UTM.
    """
    found: list[int] = []
    middle = round(lon / 3.0)
    for zone in (middle, middle - 1, middle + 1):
        if 25 <= zone <= 45:
            found += [4534 + zone - 25, 4513 + zone - 25]
    six = int(lon // 6.0) + 1
    if 13 <= six <= 23:
        found += [4502 + six - 13, 4491 + six - 13]
    try:
        utm = metre_crs_for(lon, lat).to_epsg()
    except BadGeometry:
        return found
    return found if utm is None else [*found, int(utm)]


def zone_in_front(easting: Sequence[float] | Floats) -> tuple[int, int] | None:
    """The zone number before eastings of eight digits and the EPSG number that says so; None where there is none.

    40 600 000 is 600 000 m in the three-degree zone 40 (EPSG:4528); 21 600 000 is in the six-degree zone 21.
    """
    numbers = np.asarray(easting, dtype=np.float64)
    numbers = numbers[np.isfinite(numbers)]
    if not numbers.size:
        return None
    zone = int(np.median(numbers) // 1_000_000)
    if not (np.abs(numbers - (zone * 1_000_000 + 500_000)) <= 400_000).mean() >= MOST_OF_THEM:
        return None
    if 25 <= zone <= 45:
        return zone, 4513 + zone - 25
    return (zone, 4491 + zone - 13) if 13 <= zone <= 23 else None


def _is_near(reading: Reading, x: Floats, y: Floats, centre: tuple[float, float], reach: tuple[float, float]) -> bool:
    first, second = reading.numbers(x, y)
    if reading.datum.is_shifted:
        lon, lat = first, second  # off by a kilometre, which does not matter here
    else:
        lon, lat = to_wgs84(first, second, reading.datum)
    with np.errstate(invalid="ignore"):
        near = (np.abs(lon - centre[0]) <= reach[0]) & (np.abs(lat - centre[1]) <= reach[1])
    return bool(near.size and near.mean() >= MOST_OF_THEM)


def _decimal(values: Floats, form: Form) -> Floats:
    """Decimal degrees; NaN where minutes or seconds would be 60 or more."""
    if form is Form.PLAIN:
        return values
    size, sign = np.abs(values), np.sign(values)
    with np.errstate(invalid="ignore", over="ignore"):
        if form in {Form.MINUTES, Form.PACKED_MINUTES}:
            packed = size * 100.0 if form is Form.MINUTES else size
            whole, minutes = _split(packed, 100.0)
            return _checked(sign, whole, minutes, np.zeros_like(minutes))
        packed = size * 10_000.0 if form is Form.SECONDS else size
        rest, seconds = _split(packed, 100.0)
        whole, minutes = _split(rest, 100.0)
        return _checked(sign, whole, minutes, seconds)


def _split(packed: Floats, by: float) -> tuple[Floats, Floats]:
    """What stands before and in the last two digits; 31.06 · 100 is 3105.9999… and must not become 31 05.99."""
    tidy = np.round(packed, 7)
    whole = np.floor(tidy / by)
    return whole, tidy - whole * by


def _checked(sign: Floats, degrees: Floats, minutes: Floats, seconds: Floats) -> Floats:
    good: NDArray[np.bool_] = (minutes < 60.0) & (seconds < 60.0)
    return np.where(good, sign * (degrees + minutes / 60.0 + seconds / 3600.0), np.nan)
