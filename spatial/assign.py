"""THE rule by which a ticket finds its unit, with the reasons.

A unit may take a ticket when it handles the category, is active, is not closed,
has room, serves the town, has not returned this very ticket, and is near enough or
holds the responsibility point or block at the place. A unit that has pledged to do this very
thing here at this time need neither handle the category, be near nor be open. Those that may are ranked: whoever
has pledged it comes first, then the policy's order counts. Where nobody may, the ticket goes to the town
office, and that is shown as a gap: nothing stays unassigned without a word.

The answer depends on the facts alone, not on the order in which units are told.
Reasons are words of a fixed set with numbers; sentences are made where they are shown.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Literal, Self, TypeAlias

from spatial.errors import BadPolicy

Fact: TypeAlias = str | int | float | bool | None
Outcome = Literal["unit", "town_office"]

ORDER_WORDS = ("holder_point", "holder_block", "village", "town", "score", "metres")
USUAL_ORDER = ("holder_point", "holder_block", "village", "town", "metres")
WEIGHT_WORDS = ("village", "town", "load", "fill", "returned")
REASON_WORDS = (
    *("pledged", "holds_point", "holds_block", "same_village", "same_town", "distance"),
    *("open_until", "hours_unknown", "load", "capacity", "last_return"),
)
REFUSAL_WORDS = (
    *("wrong_kind", "inactive", "closed", "full", "elsewhere", "returned_it"),
    *("too_far", "no_position"),
)


@dataclass(frozen=True, slots=True)
class Policy:
    """How units are chosen.

    max_distance_m    a unit farther away is refused unless it holds the point or block.
    candidates_kept   how many of the ranked are told.
    rejected_kept     how many of the refused are told, those of the right kind and the
                      nearest first; `Decision.refused` counts all of them.
    order             words of ORDER_WORDS, the weightiest first; ties fall to the lower unit code.
    weights           metres by which `score` differs from the distance, by words of WEIGHT_WORDS:
                      `village` and `town` are taken off for a unit of the same area, `load` is added for
                      each open ticket, `fill` times load over capacity, `returned` for a unit that
                      lately returned a ticket of this category. What is not named weighs nothing;
                      without `score` in the order none does.
    lately_days       how long a return counts for `returned`.

    Raises BadPolicy.
    """

    max_distance_m: float = 2000.0
    candidates_kept: int = 5
    order: tuple[str, ...] = USUAL_ORDER
    rejected_kept: int = 20
    weights: Mapping[str, float] = field(default_factory=dict, hash=False)
    lately_days: float = 30.0

    def __post_init__(self) -> None:
        if not self.max_distance_m > 0:
            raise BadPolicy("max_distance_m", self.max_distance_m, "above 0")
        if self.candidates_kept < 1:
            raise BadPolicy("candidates_kept", self.candidates_kept, "at least 1")
        if self.rejected_kept < 0:
            raise BadPolicy("rejected_kept", self.rejected_kept, "at least 0")
        if len(set(self.order)) != len(self.order) or not set(self.order) <= set(ORDER_WORDS):
            raise BadPolicy("order", self.order, f"made of {', '.join(ORDER_WORDS)}, each at most once")
        if not set(self.weights) <= set(WEIGHT_WORDS):
            raise BadPolicy("weights", dict(self.weights), f"named by {', '.join(WEIGHT_WORDS)}")
        for word, metres in self.weights.items():
            if not 0 <= metres < math.inf:
                raise BadPolicy(f"weights.{word}", metres, "a number of metres, 0 or more")
        if not 0 <= self.lately_days < math.inf:
            raise BadPolicy("lately_days", self.lately_days, "a number of days, 0 or more")
        object.__setattr__(self, "weights", MappingProxyType({w: float(self.weights[w]) for w in sorted(self.weights)}))

    def weight(self, word: str) -> float:
        """Metres of one word of WEIGHT_WORDS."""
        return self.weights.get(word, 0.0)


@dataclass(frozen=True, slots=True)
class Place:
    """Where and what a ticket is; x and y in the metre CRS, None when the place is not known.

    rule_code   of the filing rule it has been filed under, None before that.
    """

    x: float | None
    y: float | None
    category: str
    town_code: str | None
    village_code: str | None
    at: datetime
    rule_code: str | None = None


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """What counts about one unit for one place; codes are unique.

    is_open      at the place's moment; None when the hours are not known, which does not refuse.
    capacity     tickets at a time, None for no limit.
    returned_at  when it last returned a ticket of the category, this one or another; None for never, or not known.
    has_returned whether it returned this very ticket.
    pledge       code of its pledge that fits the place, category and time, and its name; None without one.
    """

    code: str
    name: str
    kind: str
    x: float | None
    y: float | None
    is_active: bool = True
    is_open: bool | None = None
    open_until: datetime | None = None
    load: int = 0
    capacity: int | None = None
    serves_town: bool = True
    handles_category: bool = True
    town_code: str | None = None
    village_code: str | None = None
    holds_point: bool = False
    holds_block: bool = False
    returned_at: datetime | None = None
    has_returned: bool = False
    pledge: str | None = None
    pledge_name: str | None = None

    @property
    def is_holder(self) -> bool:
        """Whether the unit holds the responsibility point or block at the place."""
        return self.holds_point or self.holds_block

    @property
    def has_pledged(self) -> bool:
        """Whether it has promised to do this here and now."""
        return self.pledge is not None


@dataclass(frozen=True, slots=True)
class Reason:
    """One word of REASON_WORDS or REFUSAL_WORDS, with the numbers behind it."""

    word: str
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit that may take the ticket; rank from 1; metres None when one that need not be near has no position."""

    unit: UnitFacts
    rank: int
    metres: float | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A unit that may not, and every reason why."""

    unit: UnitFacts
    metres: float | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """One unit looked at by itself: what can be said for it, and every reason why it may not (none: it may)."""

    unit: UnitFacts
    metres: float | None
    reasons: tuple[Reason, ...]
    refusals: tuple[Reason, ...]

    def to_record(self) -> dict[str, Any]:
        """The judgement as JSON values."""
        refusals = _reason_records(self.refusals)
        return {**_choice_record(self.unit, self.metres, self.reasons), "refusals": refusals}


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer of the rule.

    outcome      "unit", or "town_office" when nobody may.
    chosen       the first candidate, None for the town office.
    candidates   ranked; at most `policy.candidates_kept`.
    rejected     those of the right kind first, then by metres, then code; at most `policy.rejected_kept`.
    refused      how many units were refused for each word, over all units.
    """

    outcome: Outcome
    chosen: Candidate | None
    candidates: tuple[Candidate, ...]
    rejected: tuple[Rejected, ...]
    policy: Policy
    refused: Mapping[str, int] = field(default_factory=dict)

    def to_record(self) -> dict[str, Any]:
        """The decision as JSON values, for storage; `from_record` gives it back equal."""
        return {
            "outcome": self.outcome,
            "candidates": [{**_choice_record(c.unit, c.metres, c.reasons), "rank": c.rank} for c in self.candidates],
            "rejected": [_choice_record(r.unit, r.metres, r.reasons) for r in self.rejected],
            "refused": dict(self.refused),
            "policy": {
                **_known_fields(self.policy),
                "order": list(self.policy.order),
                "weights": dict(self.policy.weights),
            },
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        """The decision that `to_record` wrote down."""
        candidates = tuple(
            Candidate(_unit_of(row["unit"]), row["rank"], row["metres"], _reasons_of(row["reasons"]))
            for row in record["candidates"]
        )
        rejected = tuple(
            Rejected(_unit_of(row["unit"]), row["metres"], _reasons_of(row["reasons"])) for row in record["rejected"]
        )
        policy = Policy(**{**record["policy"], "order": tuple(record["policy"]["order"])})
        chosen = candidates[0] if record["outcome"] == "unit" else None
        return cls(record["outcome"], chosen, candidates, rejected, policy, dict(record["refused"]))


def decide(place: Place, units: Iterable[UnitFacts], policy: Policy) -> Decision:
    """Which unit takes the ticket, which others could, which could not and why.

    units   in any order; there may be none.
    """
    able: list[tuple[UnitFacts, float | None]] = []
    rejected: list[Rejected] = []
    for unit in units:
        metres = metres_between(place, unit)
        refusals = _refusals(place, unit, metres, policy)
        if refusals:
            rejected.append(Rejected(unit, metres, refusals))
        else:
            able.append((unit, metres))
    able.sort(key=lambda pair: rank_key(place, pair[0], pair[1], policy))
    rejected.sort(key=lambda r: (not r.unit.handles_category, _or_inf(r.metres), r.unit.code))
    candidates = tuple(
        Candidate(unit, rank, metres, _reasons(place, unit, metres))
        for rank, (unit, metres) in enumerate(able[: policy.candidates_kept], start=1)
    )
    return Decision(
        outcome="unit" if candidates else "town_office",
        chosen=candidates[0] if candidates else None,
        candidates=candidates,
        rejected=tuple(rejected[: policy.rejected_kept]),
        policy=policy,
        refused=dict(sorted(Counter(reason.word for r in rejected for reason in r.reasons).items())),
    )


def judge(place: Place, unit: UnitFacts, policy: Policy) -> Judgement:
    """What the rule says of one unit, whoever else there is."""
    metres = metres_between(place, unit)
    return Judgement(unit, metres, _reasons(place, unit, metres), _refusals(place, unit, metres, policy))


def metres_between(place: Place, unit: UnitFacts) -> float | None:
    """Straight metres, None when either position is not known."""
    if place.x is None or place.y is None or unit.x is None or unit.y is None:
        return None
    dx, dy = unit.x - place.x, unit.y - place.y
    # Not hypot: the batch must find the same last digit in numpy, and a plain root is exact in both.
    return math.sqrt(dx * dx + dy * dy)


def rank_key(place: Place, unit: UnitFacts, metres: float | None, policy: Policy) -> tuple[float | str, ...]:
    """What units are sorted by, the lowest first: pledges, then the policy's order; the code decides last."""
    values: dict[str, float] = {
        "holder_point": not unit.holds_point,
        "holder_block": not unit.holds_block,
        "village": not same(place.village_code, unit.village_code),
        "town": not same(place.town_code, unit.town_code),
        "score": _score(place, unit, metres, policy) if "score" in policy.order else 0.0,
        "metres": _or_inf(metres),
    }
    return (not unit.has_pledged, *(values[word] for word in policy.order), unit.code)


def _score(place: Place, unit: UnitFacts, metres: float | None, policy: Policy) -> float:
    """Metres as the weights of the policy see them: the lower, the better; may be negative."""
    if metres is None:
        return math.inf
    # In this order of sums, so that the batch finds the same last digit in numpy.
    score = metres - policy.weight("village") * same(place.village_code, unit.village_code)
    score -= policy.weight("town") * same(place.town_code, unit.town_code)
    score += policy.weight("load") * unit.load
    score += policy.weight("fill") * unit.load / unit.capacity if unit.capacity else 0.0
    return score + policy.weight("returned") * returned_lately(place.at, unit.returned_at, policy)


def returned_lately(at: datetime, returned_at: datetime | None, policy: Policy) -> bool:
    """Whether a return is so fresh at a moment that the policy still counts it."""
    return returned_at is not None and at - returned_at <= timedelta(days=policy.lately_days)


def same(left: str | None, right: str | None) -> bool:
    """Whether two area codes are known and equal."""
    return left is not None and left == right


def _or_inf(metres: float | None) -> float:
    return math.inf if metres is None else metres


def _refusals(place: Place, unit: UnitFacts, metres: float | None, policy: Policy) -> tuple[Reason, ...]:
    found = []
    if not unit.handles_category and not unit.has_pledged:
        found.append(Reason("wrong_kind", {"kind": unit.kind, "category": place.category}))
    if not unit.is_active:
        found.append(Reason("inactive"))
    if unit.is_open is False and not unit.has_pledged:
        found.append(Reason("closed", {"at": place.at.isoformat()}))
    if unit.capacity is not None and unit.load >= unit.capacity:
        found.append(Reason("full", {"load": unit.load, "capacity": unit.capacity}))
    if not unit.serves_town:
        found.append(Reason("elsewhere", {"town_code": place.town_code}))
    if unit.has_returned:
        found.append(Reason("returned_it", _time_of(unit.returned_at)))
    if unit.is_holder or unit.has_pledged:
        return tuple(found)
    if metres is None:
        found.append(Reason("no_position", {"of": "place" if place.x is None or place.y is None else "unit"}))
    elif metres > policy.max_distance_m:
        found.append(Reason("too_far", {"metres": round(metres, 1), "limit_m": policy.max_distance_m}))
    return tuple(found)


def _reasons(place: Place, unit: UnitFacts, metres: float | None) -> tuple[Reason, ...]:
    found = [Reason("pledged", {"code": unit.pledge, "name": unit.pledge_name})] if unit.has_pledged else []
    found += [Reason(word) for word in ("holds_point", "holds_block") if getattr(unit, word)]
    if same(place.village_code, unit.village_code):
        found.append(Reason("same_village", {"village_code": unit.village_code}))
    if same(place.town_code, unit.town_code):
        found.append(Reason("same_town", {"town_code": unit.town_code}))
    if metres is not None:
        found.append(Reason("distance", {"metres": round(metres, 1)}))
    if unit.is_open is None:
        found.append(Reason("hours_unknown"))
    elif unit.open_until is not None:
        found.append(Reason("open_until", {"time": unit.open_until.isoformat()}))
    found.append(Reason("load", {"load": unit.load}))
    if unit.capacity is not None:
        found.append(Reason("capacity", {"capacity": unit.capacity, "left": unit.capacity - unit.load}))
    if unit.returned_at is not None:
        found.append(Reason("last_return", _time_of(unit.returned_at)))
    return tuple(found)


def _time_of(moment: datetime | None) -> dict[str, Fact]:
    return {} if moment is None else {"time": moment.isoformat()}


def _known_fields(thing: Policy | UnitFacts) -> dict[str, Any]:
    return {f.name: getattr(thing, f.name) for f in fields(thing)}


_MOMENTS = ("open_until", "returned_at")


def _choice_record(unit: UnitFacts, metres: float | None, reasons: tuple[Reason, ...]) -> dict[str, Any]:
    facts = {name: value for name, value in _known_fields(unit).items() if value is not None}
    facts |= {name: facts[name].isoformat() for name in _MOMENTS if name in facts}
    return {"unit": facts, "metres": metres, "reasons": _reason_records(reasons)}


def _reason_records(reasons: Iterable[Reason]) -> list[dict[str, Any]]:
    return [{"word": reason.word, **({"facts": dict(reason.facts)} if reason.facts else {})} for reason in reasons]


def _unit_of(record: Mapping[str, Any]) -> UnitFacts:
    known: dict[str, Any] = {"x": None, "y": None, **record}
    known |= {name: datetime.fromisoformat(known[name]) for name in _MOMENTS if known.get(name) is not None}
    return UnitFacts(**known)


def _reasons_of(records: Iterable[Mapping[str, Any]]) -> tuple[Reason, ...]:
    return tuple(Reason(record["word"], dict(record.get("facts", {}))) for record in records)
