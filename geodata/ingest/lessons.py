"""What a record with an address and a place of its own teaches the gazetteer: a door, or the place of a name."""

import re
from typing import Any

from geodata.geocode.address import ParsedAddress
from geodata.geocode.dictionary import Dictionary
from geodata.geocode.doors import quarter_of
from geodata.geocode.gazetteer import door_columns
from geodata.geocode.parse import parse_address
from geodata.geocode.text import normalise
from geodata.ingest.house_numbers import HouseNumber

# Beside the house, over the road from it, behind it: the record's place is not the door's.
_BESIDE_IT = re.compile("附近|对面|斜对|对过|隔壁|[旁侧后]边?$|交叉口|路口|[东南西北]侧")

_LONGEST_PLACE = 40


def lesson(address: str, dictionary: Dictionary, *, town_code: str | None) -> dict[str, Any] | None:
    """Kind, name and parts of the entry that an address makes at its record's place; None where it teaches nothing.

    town_code   of the town that the place lies in; an address that names another teaches nothing.
    """
    parsed = parse_address(address, dictionary)
    if not _agrees(parsed, dictionary, town_code) or _BESIDE_IT.search(parsed.norm):
        return None
    if parsed.direction or parsed.offset_m is not None:
        return None
    if parsed.form in {"door", "village_door"} and parsed.group is None:
        columns = door_columns(parsed)
        found: dict[str, Any] = {"kind": "door", "name": _door_name(parsed, columns["road"] or ""), **columns}
    elif parsed.form == "place" and parsed.place == _without_area(parsed) and _is_name(parsed.place):
        found = {"kind": "place", "name": parsed.place}
    else:
        return None
    return {**found, "name_norm": normalise(found["name"]), "district": parsed.district}


def _door_name(parsed: ParsedAddress, road: str) -> str:
    """The door as an address says it, with the quarter of the estate behind its lane."""
    name = HouseNumber(parsed.lane, parsed.sublane, parsed.number, parsed.suffix).named(road)
    quarter = quarter_of(parsed.norm) if parsed.lane else None
    if quarter is None:
        return name
    gate = HouseNumber(parsed.lane, parsed.sublane, None, None).named(road)
    return f"{gate}{quarter}{name.removeprefix(gate)}"


def _agrees(parsed: ParsedAddress, dictionary: Dictionary, town_code: str | None) -> bool:
    """Whether the address names no other city or district, and no other town than the place lies in."""
    if dictionary.upper.against(parsed):
        return False
    if parsed.district and dictionary.district and parsed.district != dictionary.district:
        return False
    return parsed.town_name is None or (parsed.town_code is not None and parsed.town_code == town_code)


def _is_name(place: str | None) -> bool:
    """Whether it could be the name of an estate or a market, and is no story."""
    return place is not None and 1 < len(place) <= _LONGEST_PLACE and any(map(str.isalpha, place))


def _without_area(parsed: ParsedAddress) -> str:
    """What follows the names of province, city, district and town."""
    ends = [parsed.spans[part][1] for part in ("district", "town_name") if part in parsed.spans]
    start = max(ends, default=0)
    return parsed.norm[start:] if start else parsed.norm[parsed.spans["place"][0] :]
