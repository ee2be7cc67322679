"""What is known of the rows of a file by their names and addresses, to weigh the datum of their coordinates by.

Nothing of the file's own source counts, nor the units there already: a file that was taken in under a wrong datum
would bear witness for itself.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geodata.geocode.address import ParsedAddress
from geodata.geocode.text import normalise
from geodata.ingest.references import References
from spatial.witnesses import Beside, Clues

# More addresses than this tell nothing new, and geocoding them takes its time.
MOST_ADDRESSES = 2000

# 莲花路地铁站, 莘庄地铁站(南广场) and the station 莘庄 are one place to a datum;
# 云来快餐(海曲路店), a branch of a chain, is not the place 云来快餐.
_PART = "区|期|门|口|出口|广场|号口|号线|校区|院区|侧|地铁站|站"
_BRACKETS = re.compile(rf"\([东南西北中上下一二三四五六七八九十0-9A-Z]{{0,3}}(?:{_PART})?\)")
_STATION = re.compile(r"(?:地铁|轨道交通|轻轨|火车|公交)?车?站(?:[东南西北]{0,2}(?:广场|出口|门))?$")
_CALLED = ("", "地铁站", "站")

Floats = NDArray[np.float64]


def clues_of(
    references: References,
    *,
    names: Sequence[str | None],
    addresses: Sequence[str | None],
    outline: BaseGeometry | None,
    towns: Mapping[str, BaseGeometry],
    source: str,
) -> Clues:
    """The clues of rows by their names and addresses (None where a row has none).

    outline  of the district; None to leave it out.
    towns    boundaries of towns by code.
    source   of the file, whose own entries do not count.
    """
    read = [references.address(address) if address else None for address in addresses]
    named = [towns.get(one.town_code) if one is not None and one.town_code else None for one in read]
    elsewhere = [one is not None and _is_elsewhere(one, references) for one in read]
    return Clues(
        inside=outline,
        named_area=named,
        near=_near(references, names, addresses, source),
        elsewhere=elsewhere,
        beside=_beside(references, names, read, source),
    )


def _is_elsewhere(address: ParsedAddress, references: References) -> bool:
    """Whether an address names another district, or a city that the district does not lie in."""
    own, upper = references.dictionary.district, references.dictionary.upper
    return bool(address.district and own and address.district != own) or upper.against(address) is not None


def stem(name: str) -> str:
    """A normalised name without what stops and stations add to it; the name itself where nothing would be left."""
    return _STATION.sub("", _BRACKETS.sub("", name)) or name


def _near(
    references: References, names: Sequence[str | None], addresses: Sequence[str | None], source: str
) -> tuple[Floats, Floats]:
    """Where the place of a row's name is known, or where its address was found."""
    lon, lat = np.full(len(names), np.nan), np.full(len(names), np.nan)
    asked = {i: _variants(normalise(name)) for i, name in enumerate(names) if name}
    known = references.places_named({variant for variants in asked.values() for variant in variants}, besides=source)
    for i, variants in asked.items():
        found = next((known[variant] for variant in variants if variant in known), None)
        if found is not None:
            lon[i], lat[i] = found
    left = [i for i, address in enumerate(addresses) if address and np.isnan(lon[i])]
    left = left[:: max(1, -(-len(left) // MOST_ADDRESSES))]
    for i, place in zip(left, references.places_of([addresses[i] or "" for i in left]), strict=True):
        if place is not None:
            lon[i], lat[i] = place
    return lon, lat


def _variants(name: str) -> list[str]:
    plain = stem(name)
    return list(dict.fromkeys([name, *(plain + called for called in _CALLED)]))


def _beside(
    references: References, names: Sequence[str | None], read: Sequence[ParsedAddress | None], source: str
) -> list[Beside]:
    """Roads that rows name, with what is known of where they run."""
    rows: dict[str, list[int]] = defaultdict(list)
    for i, (name, address) in enumerate(zip(names, read, strict=True)):
        one = address or references.address(stem(normalise(name)) if name else "")
        for road in {one.road, one.cross_road, one.to_road} - {None}:
            rows[str(road)].append(i)
    found = []
    for road, (lon, lat, is_line) in references.roads(rows.keys(), besides=source).items():
        found.append(Beside(np.array(rows[road], dtype=np.int64), lon, lat, "row" if is_line else "any"))
    return found


def clues_of_lines(references: References, corners: Mapping[str, Sequence[int]], *, source: str) -> Clues:
    """The clues of lines by the roads they are: known points of a road must be near to it.

    corners  per (normalised) road, the numbers of the corners of its lines.
    """
    found = []
    for road, (lon, lat, is_line) in references.roads(corners.keys(), besides=source).items():
        each: Literal["row", "point"] = "row" if is_line else "point"
        found.append(Beside(np.array(corners[road], dtype=np.int64), lon, lat, each))
    return Clues(beside=found)
