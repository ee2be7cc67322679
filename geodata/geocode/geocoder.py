"""Addresses to places, offline: parse, fetch once for the whole batch, climb."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy.orm import Session

from geodata.geocode.answers import GeocodeAnswer
from geodata.geocode.gazetteer import Gazetteer, read_gazetteer
from geodata.geocode.ladder import answer, climb, located
from geodata.geocode.names import asks, spell
from geodata.geocode.parse import parse_address


class Geocoder:
    """Geocodes against the gazetteer as it stands when this is made, or as it was read before.

    Making one reads all names of areas, roads, places and units, so make it once for many addresses,
    or give it the gazetteer of another. Raises NotInitialised where there is no district.
    """

    def __init__(self, session: Session, gazetteer: Gazetteer | None = None) -> None:
        self.session = session
        self.gazetteer: Gazetteer = gazetteer or read_gazetteer(session)

    def geocode(self, text: str) -> GeocodeAnswer:
        """The answer to one address; any text has one."""
        return self.geocode_many([text])[0]

    def geocode_many(self, texts: Sequence[str]) -> list[GeocodeAnswer]:
        """The answers to many addresses in their order, with two round trips for all of them."""
        with without_collecting():
            parsed = [parse_address(text, self.gazetteer.dictionary) for text in texts]
            names = [spell(address, self.gazetteer) for address in parsed]
            asked = [asks(address, name) for address, name in zip(parsed, names, strict=True)]
            finds = self.gazetteer.fetch(self.session, asked)
            each = list(zip(parsed, names, strict=True))
            climbed = located([climb(*one, finds, self.gazetteer) for one in each], self.gazetteer)
            return [answer(*one, far, finds, self.gazetteer) for one, far in zip(each, climbed, strict=True)]


@contextmanager
def without_collecting() -> Iterator[None]:
    """No search for cycles meanwhile: a thousand addresses make a hundred thousand tuples that are in none.

    Looking through all that the program holds, again and again, took a third of the time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
