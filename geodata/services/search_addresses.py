"""An address that somebody types into the search, where geocoding is sure of it."""

import re
from collections.abc import Collection, Sequence
from threading import Lock
from typing import NamedTuple

from cachetools import LRUCache
from sqlalchemy.orm import Session

from geodata.geocode.answers import GeocodeAnswer
from geodata.geocode.gazetteer import Gazetteer, read_gazetteer
from geodata.geocode.geocoder import Geocoder
from geodata.geocode.parse import parse_address
from geodata.geocode.text import HAN
from geodata.queries.versions import data_version

_HAN = re.compile(f"[{HAN}]")
_ADDRESS = re.compile("[路街道巷弄号村]")
SHORTEST = 4

_gazetteers: LRUCache[tuple[str, str], Gazetteer] = LRUCache(maxsize=2)
_reading = Lock()


class PlacedAddress(NamedTuple):
    """Where an address is (WGS 84 degrees), how exactly that was found, and the expected error in metres."""

    name: str
    lon: float
    lat: float
    level: str | None
    error_m: float | None


def placed_address(session: Session, typed: str, *, known: Collection[str]) -> PlacedAddress | None:
    """The place of an address on a road we know; None where geocoding is not sure enough, or `known` names it."""
    if len(typed) < SHORTEST or not _HAN.search(typed) or not _ADDRESS.search(typed):
        return None
    gazetteer = _gazetteer(session)
    parsed = parse_address(typed, gazetteer.dictionary)
    if parsed.road is None or not gazetteer.dictionary.has_road(parsed.road):
        return None
    # a name that nobody knows would be compared with all there are by its sound, which takes seconds
    is_known = parsed.place is None or gazetteer.knows(parsed.place)
    asked = typed if is_known else parsed.norm.replace(parsed.place or "", "")
    answer = Geocoder(session, gazetteer).geocode(asked)
    if answer.status != "accepted" or answer.lon is None or answer.lat is None:
        return None
    best = answer.candidates[0]
    if best.name in known:
        return None
    return PlacedAddress(best.name, answer.lon, answer.lat, answer.level, answer.error_m)


def geocoded(session: Session, typed: Sequence[str]) -> list[GeocodeAnswer]:
    """What addresses come to, in their order; nothing is stored. Raises NotInitialised where there is no district."""
    return Geocoder(session, _gazetteer(session)).geocode_many(typed)


def _gazetteer(session: Session) -> Gazetteer:
    """The gazetteer of this database as it stands, read again only when something in it has changed."""
    stand = data_version(
        session, ("area", "member_unit", "gazetteer_entry", "gazetteer_road", "gazetteer_alias", "installation")
    )
    key = (str(session.get_bind().engine.url), stand)
    with _reading:
        if key not in _gazetteers:
            _gazetteers[key] = read_gazetteer(session)
        return _gazetteers[key]
