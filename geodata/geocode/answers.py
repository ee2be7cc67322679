"""What geocoding answers: a place with its level, score and expected error, or why there is none."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

from geodata.geocode.address import ParsedAddress

CANDIDATES_KEPT = 5

# From the most to the least exact; `road` and what follows it never set a place.
LEVELS = (
    *("door", "lane", "interpolated", "crossing", "offset", "between", "km_post", "place"),
    *("road", "village", "town"),
)

WORDS = frozenset(
    {
        "across_the_road",
        "alias",
        "ambiguous",
        "asked_online",
        "beside_place",
        "between_crossings",
        "between_doors",
        "between_posts",
        "counted_on_map",
        "crossing_known",
        "crossing_unknown",
        "default_place",
        "district_contradicts",
        "door_known",
        "door_of_a_record",
        "door_unknown",
        "doors_agree",
        "far_from_its_road",
        "far_offset",
        "gate_of_lane",
        "in_range",
        "near_its_road",
        "neighbours_agree",
        "neighbours_disagree",
        "next_door",
        "no_direction",
        "not_understood",
        "on_road",
        "online_without_offset",
        "only_town",
        "only_village",
        "other_city",
        "other_district",
        "other_quarter",
        "outside_district",
        "part_of_place",
        "place_known",
        "place_unknown",
        "post_unknown",
        "road_contradicts",
        "road_only",
        "road_too_short",
        "road_unknown",
        "same_sound",
        "short_name",
        "sides_mixed",
        "similar_name",
        "suffix_unknown",
        "town_agrees",
        "town_contradicts",
        "town_not_named",
        "town_unchecked",
        "unit_known",
        "unknown_town",
        "walked",
        "walked_along",
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
    within `error_m`, beyond twice that it is hardly ever) or `review`. `level` is one of LEVELS, None when
    nothing fits at all; levels `village` and `town` never have a position. `score` is the probability that the
    answer is right: within 200 m, and in the right town. `assigns` names what may be assigned from it, some of
    `cell`, `village`, `town`. `candidates` are the best five, the best first, maybe none; `why` says what spoke for
    and against, as fixed words with facts.
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
    assigns: tuple[str, ...]
    parsed: ParsedAddress = field(compare=False)

    def why_record(self) -> dict[str, Any]:
        """The reasons and the parsed parts as plain JSON values."""
        return {
            "reasons": [{"word": reason.word, "facts": reason.facts} for reason in self.why],
            "parsed": self.parsed.parts(),
            "assigns": list(self.assigns),
        }
