"""The made-up district as those see it who fill it with one more kind of record."""

from dataclasses import dataclass
from datetime import datetime
from zlib import crc32

import numpy as np
from numpy.random import Generator

from geodata.demo.ground import Land
from geodata.demo.network import Codes
from geodata.demo.people import home_of
from geodata.demo.spots import Spots


@dataclass(frozen=True)
class Scene:
    """What is there: the land, the codes of its areas, places to stand at, and the moment all leads up to.

    `is_small` is the district of tests, a tenth of the other.
    """

    land: Land
    codes: Codes
    spots: Spots
    now: datetime
    is_small: bool
    seed: int

    @property
    def home(self) -> str:
        """Code of the town that the sample users work for."""
        return self.codes.towns[home_of(self.land)]

    def villages_of(self, town_code: str) -> list[str]:
        """Codes of the villages of a town."""
        return [self.codes.villages[number] for number in self.land.of_town(self.codes.towns.index(town_code))]

    def number_of(self, village_code: str) -> int:
        """Number of a village in the land, as `spots` wants it."""
        return self.codes.villages.index(village_code)

    def chance(self, noun: str) -> Generator:
        """Chance of a noun's own, so that one more noun changes none of the others."""
        return np.random.default_rng((self.seed, crc32(noun.encode())))
