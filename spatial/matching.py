"""THE rule by which a demand finds the resources that fit it, and a resource the demands, with the reasons.

A resource fits a demand when it is of the same kind (or of none that anybody told), its unit is active, it is offered
on some day of those on which it is needed, and it takes at least half as many people as are meant. Those that fit are
ranked by kind, by how sure their availability is, by room, then the same village, the same town, how often they are
booked already, metres, and the code. Others are refused with every reason why; those of another kind, which nobody
would look through, are only counted.

The answer depends on the facts alone, not on the order in which they are told. Reasons are words of a fixed set with
numbers; sentences are made where they are shown.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from spatial.assign import Reason, same

REASON_WORDS = (
    *("same_kind", "kind_unknown", "all_days", "some_days", "hours", "hours_unknown"),
    *("room", "little_room", "room_unknown", "same_village", "same_town", "distance", "booked", "audience"),
)
REFUSAL_WORDS = ("other_kind", "inactive", "not_then", "closed_then", "too_small")

# A hall for half the people still serves in two turns; below that it is another thing than what was asked for.
LEAST_SHARE = 0.5
_WEEK = 7
_ANY_DAY = frozenset(range(_WEEK))


@dataclass(frozen=True, slots=True)
class Want:
    """What a demand asks for; x and y in the metre CRS, None when nobody knows where.

    people        for how many at a time, None when not told.
    first, last   days between which it is needed, both included; None for an open end.
    weekdays      days of the week that are wished, 0 for Monday; None for any.
    """

    code: str
    kind: str
    x: float | None = None
    y: float | None = None
    people: int | None = None
    first: date | None = None
    last: date | None = None
    weekdays: frozenset[int] | None = None
    town_code: str | None = None
    village_code: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """What a resource offers; codes are unique.

    kind          None when it is of no kind that is known.
    capacity      people or places at a time, None when not told.
    weekdays      days of the week on which it is open, 0 for Monday; None when the hours are not known.
    valid_from    first day it is offered; `valid_to` the first on which it is no longer. None for an open end.
    booked        in how many joint projects that are not over it takes part already.
    """

    code: str
    kind: str | None
    x: float | None = None
    y: float | None = None
    capacity: int | None = None
    weekdays: frozenset[int] | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    is_active: bool = True
    booked: int = 0
    audience: str | None = None
    town_code: str | None = None
    village_code: str | None = None


class Suitor(NamedTuple):
    """An offer and a want that fit; rank from 1, metres None when either place is not known."""

    offer: Offer
    want: Want
    rank: int
    metres: float | None
    reasons: tuple[Reason, ...]


class Unfit(NamedTuple):
    """An offer and a want that do not fit, and every reason why."""

    offer: Offer
    want: Want
    metres: float | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Matching:
    """The answer of the rule.

    fitting    ranked, at most as many as were asked for; `fitting_total` is how many there are.
    unfit      of the right kind but refused: by metres, then code; at most as many as were asked for.
    refused    how many were refused for each word, over all.
    """

    fitting: tuple[Suitor, ...]
    fitting_total: int
    unfit: tuple[Unfit, ...]
    refused: Mapping[str, int] = field(default_factory=dict)


def offers_for(want: Want, offers: Iterable[Offer], *, limit: int = 10) -> Matching:
    """The offers that fit a want, the best first, and those of its kind that do not.

    offers   in any order; there may be none.
    """
    return _matched([(offer, want) for offer in offers], lambda pair: pair[0].code, limit)


def wants_for(offer: Offer, wants: Iterable[Want], *, limit: int = 10) -> Matching:
    """The wants that an offer fits, those it serves best first.

    wants   in any order; there may be none.
    """
    return _matched([(offer, want) for want in wants], lambda pair: pair[1].code, limit)


def refusals(offer: Offer, want: Want) -> tuple[Reason, ...]:
    """Every reason why an offer does not fit a want; none when it does."""
    found = []
    if offer.kind is not None and offer.kind != want.kind:
        found.append(Reason("other_kind", {"kind": offer.kind, "wanted": want.kind}))
    if not offer.is_active:
        found.append(Reason("inactive"))
    days = _common_days(offer, want)
    if days is None:
        found.append(Reason("not_then", _days(offer.valid_from, _last_of(offer))))
    elif offer.weekdays is not None and not offer.weekdays & _weekdays(days, want):
        found.append(Reason("closed_then", _days(want.first, want.last)))
    if offer.capacity is not None and want.people is not None and offer.capacity < want.people * LEAST_SHARE:
        found.append(Reason("too_small", {"capacity": offer.capacity, "people": want.people}))
    return tuple(found)


def reasons(offer: Offer, want: Want, metres: float | None) -> tuple[Reason, ...]:
    """What speaks for or against an offer that fits a want, the weightiest first."""
    found = [Reason("kind_unknown") if offer.kind is None else Reason("same_kind", {"kind": offer.kind})]
    word = "all_days" if _serves_all_days(offer, want) else "some_days"
    found.append(Reason(word, _days(offer.valid_from, _last_of(offer))))
    found.append(Reason("hours_unknown" if offer.weekdays is None else "hours"))
    if want.people is not None and offer.capacity is not None:
        word = "room" if offer.capacity >= want.people else "little_room"
        found.append(Reason(word, {"capacity": offer.capacity, "people": want.people}))
    elif want.people is not None:
        found.append(Reason("room_unknown", {"people": want.people}))
    if same(want.village_code, offer.village_code):
        found.append(Reason("same_village", {"village_code": offer.village_code}))
    elif same(want.town_code, offer.town_code):
        found.append(Reason("same_town", {"town_code": offer.town_code}))
    if metres is not None:
        found.append(Reason("distance", {"metres": round(metres, 1)}))
    if offer.booked:
        found.append(Reason("booked", {"count": offer.booked}))
    if offer.audience:
        found.append(Reason("audience", {"audience": offer.audience}))
    return tuple(found)


def rank_key(offer: Offer, want: Want, metres: float | None) -> tuple[float, ...]:
    """What fitting pairs are sorted by, the lowest first; whoever sorts adds a code that no two share."""
    return (
        offer.kind is None,
        # days that are served in part are surer than hours that nobody knows
        2 * (offer.weekdays is None) + (not _serves_all_days(offer, want)),
        _shortage(offer, want),
        not same(want.village_code, offer.village_code),
        not same(want.town_code, offer.town_code),
        offer.booked,
        math.inf if metres is None else metres,
    )


def metres_between(offer: Offer, want: Want) -> float | None:
    """Straight metres, None when either place is not known."""
    if offer.x is None or offer.y is None or want.x is None or want.y is None:
        return None
    return math.hypot(offer.x - want.x, offer.y - want.y)


_Pair = tuple[Offer, Want]


def _matched(pairs: Iterable[_Pair], code_of: Callable[[_Pair], str], limit: int) -> Matching:
    able: list[tuple[tuple[float | str, ...], _Pair, float | None]] = []
    unfit: list[Unfit] = []
    counts: Counter[str] = Counter()
    for pair in pairs:
        offer, want = pair
        if offer.kind is not None and offer.kind != want.kind:
            counts["other_kind"] += 1
            continue
        found, metres = refusals(offer, want), metres_between(offer, want)
        counts.update(reason.word for reason in found)
        if found:
            unfit.append(Unfit(offer, want, metres, found))
        else:
            able.append(((*rank_key(offer, want, metres), code_of(pair)), pair, metres))
    able.sort(key=lambda one: one[0])
    unfit.sort(key=lambda one: (math.inf if one.metres is None else one.metres, code_of((one.offer, one.want))))
    fitting = tuple(
        Suitor(offer, want, rank, metres, reasons(offer, want, metres))
        for rank, (_key, (offer, want), metres) in enumerate(able[:limit], start=1)
    )
    return Matching(fitting, len(able), tuple(unfit[:limit]), dict(sorted(counts.items())))


def _common_days(offer: Offer, want: Want) -> tuple[date | None, date | None] | None:
    """First and last day on which it is offered and needed, None for an open end; None alone where there is none."""
    first = _latest(offer.valid_from, want.first)
    last = _earliest(_last_of(offer), want.last)
    return None if first is not None and last is not None and last < first else (first, last)


def _serves_all_days(offer: Offer, want: Want) -> bool:
    last = _last_of(offer)
    begins_in_time = offer.valid_from is None or (want.first is not None and offer.valid_from <= want.first)
    lasts = last is None or (want.last is not None and last >= want.last)
    return begins_in_time and lasts


def _weekdays(days: tuple[date | None, date | None], want: Want) -> frozenset[int]:
    """Days of the week between two days that are wished."""
    first, last = days
    wished = _ANY_DAY if want.weekdays is None else want.weekdays
    if first is None or last is None or (last - first).days >= _WEEK - 1:
        return wished
    return wished & {(first + timedelta(days=step)).weekday() for step in range((last - first).days + 1)}


def _shortage(offer: Offer, want: Want) -> int:
    """0 with room for all, or where nobody said how many; 1 where the room is not known; 2 where it is too little."""
    if want.people is None:
        return 0
    if offer.capacity is None:
        return 1
    return 0 if offer.capacity >= want.people else 2


def _last_of(offer: Offer) -> date | None:
    return None if offer.valid_to is None else offer.valid_to - timedelta(days=1)


def _latest(left: date | None, right: date | None) -> date | None:
    if left is None or right is None:
        return left or right
    return max(left, right)


def _earliest(left: date | None, right: date | None) -> date | None:
    if left is None or right is None:
        return left or right
    return min(left, right)


def _days(first: date | None, last: date | None) -> dict[str, str | None]:
    return {"first": first.isoformat() if first else None, "last": last.isoformat() if last else None}
