"""What geocoding answers: a place with its level, score and expected error, or why there is none."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

from geodata.geocode.address import ParsedAddress

# From here on an answer is taken without a person; an answer that contradicts itself stays below.
ACCEPTED_FROM = 0.75
CONTRADICTION_CAP = 0.5
CANDIDATES_KEPT = 5

# From the most to the least exact; only those before `village` may ever set a place.
LEVELS = ("door", "crossing", "offset", "place", "village", "town")

WORDS = frozenset(
    {
        "ambiguous",
        "door_known",
        "door_unknown",
        "crossing_known",
        "crossing_unknown",
        "far_offset",
        "no_direction",
        "not_understood",
        "on_road",
        "only_town",
        "only_village",
        "other_district",
        "outside_district",
        "place_known",
        "place_unknown",
        "road_only",
        "road_unknown",
        "same_sound",
        "short_name",
        "similar_name",
        "town_agrees",
        "town_contradicts",
        "town_not_named",
        "town_unchecked",
        "unit_known",
        "unknown_town",
        "unsupported_form",
        "walked",
    }
)


class Reason(NamedTuple):
    """Why: a fixed word, to be said in any language, and its facts."""

    word: str
    facts: dict[str, Any]


def because(word: str, **facts: Any) -> Reason:  # noqa: ANN401 - facts are plain JSON values
    """A reason of one of the fixed words. Raises KeyError for another word."""
    if word not in WORDS:
        raise KeyError(word)
    return Reason(word, facts)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place it might be (WGS 84 degrees), with the reasons; an area has no position, only a code."""

    level: str
    name: str
    score: float
    error_m: float | None
    lon: float | None
    lat: float | None
    town_code: str | None
    reasons: tuple[Reason, ...] = ()
    code: str | None = None

    def to_record(self) -> dict[str, Any]:
        """The candidate as plain JSON values."""
        return {
            "level": self.level,
            "name": self.name,
            "code": self.code,
            "score": self.score,
            "error_m": self.error_m,
            "lon": self.lon,
            "lat": self.lat,
            "town_code": self.town_code,
            "reasons": [{"word": reason.word, "facts": reason.facts} for reason in self.reasons],
        }

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Self:
        """The candidate a record was made of."""
        reasons = tuple(Reason(reason["word"], reason["facts"]) for reason in record["reasons"])
        return cls(**{**record, "reasons": reasons})


@dataclass(frozen=True, slots=True)
class GeocodeAnswer:
    """The answer to one address.

    `status` is `accepted` (then `lon`, `lat`, WGS 84 degrees, are set and the true place is expected
    within `error_m`) or `review`. `level` is one of LEVELS, None when nothing fits at all; level
    `village` and `town` never have a position. `score` is 0 to 1. `candidates` are the best five, the
    best first, maybe none; `why` says what spoke for and against, as fixed words with facts.
    """

    level: str | None
    score: float
    error_m: float | None
    lon: float | None
    lat: float | None
    town_code: str | None
    candidates: tuple[Candidate, ...]
    why: tuple[Reason, ...]
    status: str
    parsed: ParsedAddress = field(compare=False)

    def why_record(self) -> dict[str, Any]:
        """The reasons and the parsed parts as plain JSON values."""
        return {
            "reasons": [{"word": reason.word, "facts": reason.facts} for reason in self.why],
            "parsed": self.parsed.parts(),
        }
