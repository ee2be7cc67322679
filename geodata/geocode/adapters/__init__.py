"""Geocoders of other houses. None is ever asked unless an operator turns it on.

An adapter says in which datum it answers, how fast and how often it may be asked and on what terms, and tells "not
found" (an empty list) from its failures, which it raises. It opens no connection: what carries its questions is
given to it.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from geodata.geocode.adapters.amap import Amap
from geodata.geocode.adapters.asking import WebGeocoder
from geodata.geocode.adapters.baidu import Baidu
from geodata.geocode.adapters.tianditu import Tianditu
from geodata.geocode.address import ParsedAddress
from geodata.geocode.answers import Candidate
from spatial.crs import Datum


class OnlineGeocoder(Protocol):
    """Somebody else's geocoder.

    datum        in which it answers; `geocode` has left it behind.
    max_qps      questions in a second, `daily_quota` in a day, that a plain key allows.
    terms        whether results may be stored, in a sentence for the operator.
    """

    @property
    def name(self) -> str:
        """The word it is turned on by."""
        ...

    @property
    def datum(self) -> Datum:
        """In which it answers."""
        ...

    @property
    def max_qps(self) -> float:
        """How many questions in a second."""
        ...

    @property
    def daily_quota(self) -> int:
        """How many questions in a day."""
        ...

    @property
    def terms(self) -> str:
        """Whether results may be stored."""
        ...

    def question(self, parsed: ParsedAddress) -> str | None:
        """What would be sent, word for word; None where it is not worth asking."""
        ...

    def geocode(self, parsed: ParsedAddress) -> Sequence[Candidate]:
        """Candidates in WGS 84 degrees, the best first; empty when it knows no such place."""
        ...


ADAPTERS: Mapping[str, type[WebGeocoder]] = {one.name: one for one in (Tianditu, Amap, Baidu)}
