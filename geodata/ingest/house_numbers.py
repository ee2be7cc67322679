"""House numbers as they are written on maps and in lists: `23`, `88-1号`, `甲5号`, `1150弄23号`, `1;3;5`."""

import re
from functools import lru_cache
from typing import NamedTuple

from geodata.geocode.english import street_name
from geodata.geocode.parse import Dictionary, normalise, parse_address
from geodata.geocode.text import HAN

# A sign, not an essay: what is longer is no house number.
_LONGEST = 60
# One building may bear many numbers, and a list of a hundred is a mistake.
_MOST = 30
_MOST_DIGITS = 10

_NO_NAMES = Dictionary()
_HAN = re.compile(f"[{HAN}]")
_PARTS = re.compile(r"[;,、]")
_PLAIN = re.compile(r"(\d+)号?")
_LETTERED = re.compile(r"(\d+)(-?[A-Z]{1,2}|-\d+[A-Z]?)号?")
_LANE_AT_END = re.compile(r"(.{2,}?)(\d+弄(?:\d+支弄)?)")
# Any road will do: the number alone is read.
_A_ROAD = "中山路"


class HouseNumber(NamedTuple):
    """A number on a road, or a building behind the gate of a lane."""

    lane: str | None
    sublane: str | None
    number: str | None
    suffix: str | None

    def named(self, road: str) -> str:
        """The door's name, as an address says it."""
        if not _HAN.search(road):
            return f"{self.number or ''}{self.suffix or ''} {road}".strip()
        lane = f"{self.lane}弄" if self.lane else ""
        sublane = f"{self.sublane}支弄" if self.sublane else ""
        number = f"{self.number}{self.suffix or ''}号" if self.number else ""
        return f"{road}{lane}{sublane}{number}"


class Street(NamedTuple):
    """A road by its display name and its normalised one, and the lane that its name went on with, if any."""

    name: str
    norm: str
    lane: str


def road_norm(name: str) -> str:
    """A road's name as addresses are read: Latin ones with their words in full."""
    norm = normalise(name)
    return norm if _HAN.search(norm) else street_name(norm)


@lru_cache(maxsize=16384)
def read_street(text: str) -> Street:
    """The street of an address, and the lane where the two stand together (`春申路1150弄`)."""
    norm = road_norm(text)
    found = _LANE_AT_END.fullmatch(norm)
    if found is None:
        return Street(" ".join(text.split()), norm, "")
    return Street(found[1], found[1], found[2])


@lru_cache(maxsize=65536)
def read_numbers(text: str, lane: str = "") -> tuple[HouseNumber, ...]:
    """The numbers of a sign, each once, in its order; none where it is no number.

    lane   what stands before it in the street's name (`1150弄`), empty for most.
    """
    norm = normalise(text)
    if not norm or len(norm) > _LONGEST:
        return ()
    pieces = [piece for piece in _PARTS.split(norm) if piece]
    if len(pieces) > _MOST:
        return ()
    found: list[HouseNumber] = []
    for piece in pieces:
        one = _read_one(piece if "弄" in piece else f"{lane}{piece}")
        if one is None:
            return ()
        # 1150弄1、2号: the second lies in the lane as well
        if one.lane is None and found and found[0].lane is not None:
            one = one._replace(lane=found[0].lane, sublane=found[0].sublane)
        if one not in found:
            found.append(one)
    return tuple(found)


def read_door(address: str) -> tuple[str, HouseNumber] | None:
    """The road and the number of an address that is nothing but a door; None for all else."""
    if len(address) > _LONGEST:
        return None
    parsed = parse_address(address, _NO_NAMES)
    if parsed.form != "door" or parsed.road is None or parsed.place or parsed.cross_road or parsed.direction:
        return None
    found = _checked(HouseNumber(parsed.lane, parsed.sublane, parsed.number, parsed.suffix))
    return None if found is None else (parsed.road, found)


def _read_one(piece: str) -> HouseNumber | None:
    plain = _PLAIN.fullmatch(piece)
    if plain:
        return _checked(HouseNumber(None, None, plain[1].lstrip("0") or "0", None))
    # a number that lacks its 号 must not be taken for a room behind the lane
    endings = ("号", "") if piece[-1].isdigit() else ("", "号")
    for ending in endings:
        parsed = parse_address(f"{_A_ROAD}{piece}{ending}", _NO_NAMES)
        if parsed.form == "door" and parsed.road == _A_ROAD and not (parsed.place or parsed.cross_road):
            return _checked(HouseNumber(parsed.lane, parsed.sublane, parsed.number, parsed.suffix))
    lettered = _LETTERED.fullmatch(piece)
    return _checked(HouseNumber(None, None, lettered[1], lettered[2])) if lettered else None


def _checked(found: HouseNumber) -> HouseNumber | None:
    """Without those whose digits no house could bear."""
    digits = (found.lane, found.sublane, found.number)
    return None if any(one is not None and len(one) > _MOST_DIGITS for one in digits) else found
