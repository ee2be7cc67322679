"""Geocoders of other houses. None is built in, and none is ever asked unless an operator turns it on.

An adapter says in which datum it answers, how fast and how often it may be asked, and tells "not
found" (an empty list) from its failures, which it raises.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from geodata.geocode.address import ParsedAddress
from geodata.geocode.answers import Candidate
from spatial.crs import Datum


class OnlineGeocoder(Protocol):
    """Somebody else's geocoder."""

    name: str
    datum: Datum
    max_qps: float
    daily_quota: int

    def geocode(self, parsed: ParsedAddress) -> Sequence[Candidate]:
        """Candidates in WGS 84 degrees, the best first; empty when it knows no such place."""
        ...


ADAPTERS: Mapping[str, OnlineGeocoder] = {}
