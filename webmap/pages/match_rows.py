"""Demands and resources that met, as lines of their pages: with the reasons as short sentences."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

from geodata.errors import NotFound
from geodata.queries.matching import MatchRow
from geodata.services.matching import Pair
from spatial import matching as rule
from spatial.assign import Reason
from spatial.errors import WanggeError
from webmap.access import told
from webmap.errors import NotAllowed, SignInNeeded, status_of
from webmap.pages import demand_words

# What speaks against something that fits all the same: it is shown by another shape.
DOUBTS = frozenset({"kind_unknown", "some_days", "hours_unknown", "little_room", "room_unknown", "booked"})

WORDS_KEPT = frozenset({*rule.REASON_WORDS, *rule.REFUSAL_WORDS}) - {"hours", "hours_unknown"}


class Said(NamedTuple):
    """A reason in words, and whether it is a doubt."""

    words: str
    is_doubt: bool


class PairLine(NamedTuple):
    """A demand and a resource with the reasons in words."""

    pair: Pair
    kind: str
    opening: str
    reasons: list[Said]


class DecidedLine(NamedTuple):
    """What an office decided: its note as the reader may read it, and the reasons as they were then."""

    match: MatchRow
    note: str | None
    reasons: list[str]


def pair_line(pair: Pair) -> PairLine:
    """A pair that fits, or one that does not and why."""
    opens = demand_words.opening(pair.resource)
    return PairLine(pair, demand_words.kind_of(pair.resource), opens, _said(pair.reasons, opens))


def decided_line(match: MatchRow) -> DecidedLine:
    """A decision; what a later version of the rule would call otherwise is left out."""
    kinds = demand_words.kind_names()
    known = [
        demand_words.reason(one["word"], one.get("facts", {}), kinds=kinds, opens="")
        for one in match.reasons
        # hours are told on the page of the resource, as they are now
        if one.get("word") in WORDS_KEPT
    ]
    return DecidedLine(match, told(match.note), known)


def refused_with(error: WanggeError) -> HTTPStatus:
    """The status of a page that is shown again because of an error; raises it where the page itself is denied."""
    if isinstance(error, NotFound | NotAllowed | SignInNeeded):
        raise error
    return status_of(error)


def _said(reasons: Sequence[Reason], opens: str) -> list[Said]:
    kinds = demand_words.kind_names()
    return [Said(_words(one.word, one.facts, kinds, opens), one.word in DOUBTS) for one in reasons]


def _words(word: str, facts: Mapping[str, Any], kinds: Mapping[str, str], opens: str) -> str:
    return demand_words.reason(word, facts, kinds=kinds, opens=opens)
