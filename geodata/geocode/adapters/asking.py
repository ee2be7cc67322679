"""How a geocoder of another house is asked: what leaves this one, and what of an answer is believed."""

import json
import math
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, ClassVar, NamedTuple

from geodata import masking
from geodata.geocode.address import ParsedAddress
from geodata.geocode.answers import CANDIDATES_KEPT, Candidate, Reason, because
from geodata.geocode.errors import BadReply, GeocoderRefused, GeocoderUnreachable, QuotaExceeded
from geodata.geocode.scores import ACCEPTED_FROM, CONTRADICTION_CAP
from geodata.geocode.text import HAN, normalise
from spatial.coordinates import Coordinates
from spatial.crs import Datum

# A geocoder of another house never places anything by itself: a person accepts what it offers.
SCORE_CAP = min(0.7, ACCEPTED_FROM - 0.05)

# A hundred answers fit; a reply that is longer is none of theirs.
MOST_BYTES = 64 * 1024
LONGEST_NAME = 80

# Forms that another geocoder can know more about than where the road or the village is.
FORMS = frozenset({"door", "village_door", "crossing", "offset", "place", "beside"})

# Where a place can be in China, with Taiwan and the islands (degrees): lon and lat swapped lie outside.
WEST, SOUTH, EAST, NORTH = 73.0, 3.0, 136.0, 54.0

# The true place is expected so near (metres) to what is answered on each level, conversion of the datum included:
# estates asked for by name alone were often hundreds of metres off, and a road says little.
ERROR_M: Mapping[str, float] = {"door": 100.0, "crossing": 80.0, "place": 300.0, "road": 1500.0}
SCORE: Mapping[str, float] = {"door": 0.7, "crossing": 0.7, "place": 0.6, "road": 0.3, "village": 0.2}

_HAN = re.compile(f"[{HAN}]")
_DECIMAL = re.compile(r"-?\d{1,3}(?:\.\d{1,20})?")
_CODE = re.compile(r"[^0-9]")
_UNSEEN = re.compile(r"[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


class Reply(NamedTuple):
    """What came back: the HTTP status and the body, never more than MOST_BYTES of it."""

    status: int
    body: bytes


# From what follows the geocoder's address (path and query, ASCII) to its reply; raises GeocoderUnreachable.
Transport = Callable[[str], Reply]


class Find(NamedTuple):
    """One answer as the geocoder gave it: its own word for the level, x and y in its datum as they stand.

    error_m   what it says itself about its error, None where it does not.
    factor    takes from the score what it says about its own doubts, 0 to 1.
    road      the road of the answer, where it says that.
    """

    word: str
    x: object
    y: object
    name: str
    error_m: float | None = None
    factor: float = 1.0
    road: str = ""


class WebGeocoder(ABC):
    """A geocoder of another house that is asked over HTTP and answers in JSON.

    Made with the transport that carries its questions, the key, and what all addresses lie in (`around`, for
    example 上海市闵行区), which is sent before each, as it knows other districts too.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    base_url: ClassVar[str]
    datum: ClassVar[Datum]
    max_qps: ClassVar[float]
    daily_quota: ClassVar[int]
    terms: ClassVar[str]
    # from its words for levels to ours; a word that is not here is no place
    levels: ClassVar[Mapping[str, str]]
    longest_bytes: ClassVar[int] = 200

    def __init__(self, transport: Transport, *, key: str, around: str = "") -> None:
        self._transport = transport
        self._key = key
        self.around = around

    def question(self, parsed: ParsedAddress) -> str | None:
        """What would be sent for an address, word for word; None where it is not worth asking.

        Only the parts that say where it is are sent: no room, no name, no number of a person, and nothing at all
        of an address that is not understood.
        """
        text = spoken(parsed, around=self.around)
        return text if text is not None and len(text.encode("utf-8")) <= self.longest_bytes else None

    def geocode(self, parsed: ParsedAddress) -> list[Candidate]:
        """Candidates in WGS 84 degrees, the best first; empty when it knows no such place.

        A village has no position. Raises QuotaExceeded, GeocoderRefused, GeocoderUnreachable or BadReply.
        """
        text = self.question(parsed)
        if text is None:
            return []
        document = self._document(self._transport(self.target(text, self._key)))
        found = [self._candidate(find, parsed) for find in self.finds(document, text)]
        known = [candidate for candidate in found if candidate is not None]
        return sorted(known, key=lambda one: -one.score)[:CANDIDATES_KEPT]

    @abstractmethod
    def target(self, text: str, key: str) -> str:
        """Path and query of a question, in ASCII."""

    @abstractmethod
    def finds(self, document: Mapping[str, Any], text: str) -> Iterable[Find]:
        """The answers in a reply, none where it knows no such place. Raises as `geocode` does."""

    def _document(self, reply: Reply) -> Mapping[str, Any]:
        if reply.status >= 500:
            raise GeocoderUnreachable(self.name, f"it has a fault of its own (HTTP {reply.status})")
        if reply.status == 429:
            raise QuotaExceeded(self.name, "rate")
        if reply.status in {401, 403}:
            # some say with it why, in a reply that is read as any other
            document = _json(reply.body)
            if isinstance(document, dict):
                with suppress(BadReply):
                    list(self.finds(document, ""))
            raise GeocoderRefused(self.name, "key", f"HTTP {reply.status}")
        if reply.status != 200:
            raise GeocoderUnreachable(self.name, f"it answered HTTP {reply.status} instead of a reply")
        document = _json(reply.body)
        if document is None:
            raise GeocoderUnreachable(self.name, "what answered is no geocoder: its reply is not JSON")
        if not isinstance(document, dict):
            raise BadReply(self.name, "it is a list or a single value")
        return document

    def _candidate(self, find: Find, parsed: ParsedAddress) -> Candidate | None:
        level = self.levels.get(find.word)
        if level is None:
            return None
        lon, lat = placed(find.x, find.y, self.datum, geocoder=self.name)
        reasons = [because("asked_online", source=self.title, says=find.word)]
        score, error_m = SCORE[level] * min(max(find.factor, 0.0), 1.0), ERROR_M.get(level)
        if error_m is not None:
            error_m = max(error_m, find.error_m or 0.0) + (parsed.offset_m or 0.0)
        if parsed.offset_m is not None:
            reasons.append(because("online_without_offset", offset_m=parsed.offset_m))
        other = self._other_road(find, parsed)
        if other is not None:
            score, reasons = min(score, CONTRADICTION_CAP), [*reasons, other]
        return Candidate(
            level=level,
            name=self._shown(find.name),
            score=round(min(score, SCORE_CAP), 3),
            error_m=error_m,
            lon=None if error_m is None else lon,
            lat=None if error_m is None else lat,
            town_code=None,
            reasons=tuple(reasons),
        )

    def _other_road(self, find: Find, parsed: ParsedAddress) -> Reason | None:
        road = normalise(find.road)
        if not road or not parsed.road or road in {parsed.road, parsed.cross_road}:
            return None
        return because("road_contradicts", says=parsed.road, answered=self._shown(find.road))

    def _shown(self, text: str) -> str:
        """A text of theirs as it may be kept: short, on one line, and without our key, should it come back in it."""
        return _UNSEEN.sub("", text).replace(self._key, "…").strip()[:LONGEST_NAME]


def spoken(parsed: ParsedAddress, *, around: str = "") -> str | None:
    """The parts of a Chinese address that say where it is, in one text; None where they would not."""
    if parsed.form not in FORMS or not _HAN.search(parsed.norm):
        return None
    areas = f"{around}{parsed.town_name or ''}{parsed.village_name or ''}"
    if parsed.form == "door":
        parts = (parsed.road, _with(parsed.lane, "弄"), _with(parsed.sublane, "支弄"), _number(parsed))
        place = "".join(part for part in parts if part)
    elif parsed.form in {"place", "beside"}:
        place = parsed.place or ""
    elif parsed.form == "village_door":
        inside = (_with(parsed.group, "组"), parsed.homestead, _with(parsed.lane, "弄"), _number(parsed))
        place = f"{parsed.place}{''.join(part for part in inside if part)}"
    else:
        place = f"{parsed.road}与{parsed.cross_road}交叉口"
    text = areas + place
    # what looks as if it could lead to a person stays in the house
    return None if masking.told(text) else text


def placed(x: object, y: object, datum: Datum, *, geocoder: str) -> tuple[float, float]:
    """The WGS 84 degrees (lon, lat) of an answer: here, and nowhere else, its datum is left behind.

    Raises BadReply for what is no number or lies outside of China, which tells lat before lon as well.
    """
    found = Coordinates(_finite(x, geocoder), _finite(y, geocoder), datum).to_wgs84().one()
    if not (WEST <= found[0] <= EAST and SOUTH <= found[1] <= NORTH):
        raise BadReply(geocoder, "its place lies outside of China, or has lat before lon")
    return found


def code_of(value: object) -> str:
    """A code of the other house as a sentence may show it: a few digits, as all of theirs are."""
    return _CODE.sub("", str(value)[:24])[:8] or "none"


def decimal(text: object) -> object:
    """The number of a decimal text, for formats that write numbers as texts; anything else as it stands."""
    return float(text) if isinstance(text, str) and _DECIMAL.fullmatch(text) else text


def word(value: object) -> str:
    """A text of a reply without blanks around it; empty for anything else (some write [] for nothing)."""
    return value.strip() if isinstance(value, str) else ""


def _json(body: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """The value of a JSON text; None where it is none, or holds what JSON does not have (NaN), or nests without end."""
    try:
        return json.loads(body.decode("utf-8-sig"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None


def _refuse(constant: str) -> float:
    raise ValueError(constant)


def _finite(value: object, geocoder: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadReply(geocoder, "its place is no pair of numbers")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise BadReply(geocoder, "its place is no pair of numbers")
    return number


def _with(text: str | None, ending: str) -> str:
    return f"{text}{ending}" if text else ""


def _number(parsed: ParsedAddress) -> str:
    """The number with what follows it: 12甲号, 3-65号."""
    return f"{parsed.number}{parsed.suffix or ''}号" if parsed.number else ""
