"""What the rungs of the ladder have in common: places that fit, what they are worth, and why."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from geodata.geocode.address import ParsedAddress
from geodata.geocode.answers import Reason
from geodata.geocode.finds import Spot, is_of_record
from geodata.geocode.scores import SAME_SOUND

# Records of one name this close together are one place (platforms, gates, both sides of a road).
SAME_PLACE_M = 300.0

# The source of entries that a person's decision made.
DECIDED = "decision"


class Fit(NamedTuple):
    """One place that fits: metres in the district's CRS; the town is that of the record it rests on."""

    name: str
    x: float
    y: float
    accuracy_m: float
    town_code: str | None = None
    district: str | None = None
    lon: float | None = None
    lat: float | None = None


class Rung(NamedTuple):
    """The places found on one rung, what they are worth, and the error besides their own."""

    level: str
    fits: Sequence[Fit]
    score: float
    error_m: float
    reasons: tuple[Reason, ...]


class Names(NamedTuple):
    """The names of an address as the gazetteer spells them, with what was changed for it.

    road, cross_road, to_road   None where the address has none, or one that nobody knows.
    places      known names the place may bear, the likeliest first, with what was cut off of them.
    suggested   names written or sounding alike, for a person.
    """

    road: str | None
    cross_road: str | None
    to_road: str | None
    places: tuple[tuple[str, str], ...]
    reasons: tuple[Reason, ...]
    suggested: tuple[str, ...]

    @property
    def worth(self) -> float:
        """What the changes of spelling leave of a score."""
        return float(SAME_SOUND ** sum(reason.word == "same_sound" for reason in self.reasons))


def fit_of(spot: Spot) -> Fit:
    """The place of a record as it stands."""
    entry = spot.entry
    accuracy_m = entry.accuracy_m or 0.0
    return Fit(entry.name, entry.x, entry.y, accuracy_m, spot.town_code, entry.district, entry.lon, entry.lat)


def metres(a: Spot | Fit, b: Spot | Fit) -> float:
    """Metres between two places."""
    return math.hypot(a.x - b.x, a.y - b.y)


def agree_on_district(spots: Sequence[Spot], parsed: ParsedAddress) -> list[Spot]:
    """The records that do not name another district than the address does."""
    if parsed.district is None:
        return list(spots)
    return [spot for spot in spots if spot.entry.district in {None, parsed.district}]


def is_of_a_record(spot: Spot) -> bool:
    """Whether a door is only known from a unit or point that bears its address, and not from a survey."""
    return is_of_record(spot.entry)
