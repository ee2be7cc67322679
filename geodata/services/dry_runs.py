"""A changed policy tried over past tickets: what would have gone elsewhere. Nothing is changed.

Each ticket is decided again by itself from what its decision wrote down, so with the facts as they were then, and set
against what the rule said then. A decision keeps the best few of the units that could take the ticket and the nearest
of those that could not; a policy that reaches farther or ranks otherwise may ask about others. Those are added as far
as the stored decision leaves room for them: units that were too far then, and units that stood behind the last one
kept. For these the records of today are asked, with the load that the tickets' own times tell; how often one of
them would be chosen is told.
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from geodata.queries import dry_runs as queries
from geodata.queries.dry_runs import Past
from geodata.queries.duty_list import Wanted
from geodata.queries.scope import ALL, Scope
from geodata.services.supply import Asked, Supply
from spatial.assign import Decision, Place, Policy, UnitFacts, decide, judge, metres_between, rank_key

Progress = Callable[[int, int], None]

# What a decision came to under another policy.
OUTCOMES = ("same_unit", "other_unit", "to_office", "to_unit", "same_office")


@dataclass(frozen=True)
class Going:
    """Who would have had a ticket; x and y in the metre CRS, None where unknown."""

    code: str
    name: str
    x: float | None
    y: float | None
    metres: float | None


@dataclass(frozen=True)
class Moved:
    """A ticket that would have gone elsewhere; None is the office.

    is_from_today   whether the records of today had to be asked about the new unit.
    """

    number: str
    title: str
    outcome: str
    lon: float | None
    lat: float | None
    before: Going | None
    after: Going | None
    is_from_today: bool

    def to_json(self) -> dict[str, Any]:
        """The ticket as JSON values."""
        return {
            "number": self.number,
            "outcome": self.outcome,
            "before": self.before.code if self.before else None,
            "after": self.after.code if self.after else None,
            "metres_before": self.before.metres if self.before else None,
            "metres_after": self.after.metres if self.after else None,
            "is_from_today": self.is_from_today,
        }


@dataclass(frozen=True)
class DryRun:
    """What a policy would have changed in a period.

    tickets          decided again; `left_out` are the oldest of the period, beyond the limit.
    by_hand          choices of people in the period, which no policy would change.
    counts           tickets per outcome of OUTCOMES.
    metres_before, metres_after   summed over tickets that have a unit both times and a distance to it.
    from_today       tickets for whose new unit the records of today had to be asked.
    """

    tickets: int
    left_out: int
    by_hand: int
    counts: Mapping[str, int]
    metres_before: float
    metres_after: float
    moved: tuple[Moved, ...]

    @property
    def from_today(self) -> int:
        """Tickets for whose new unit the records of today had to be asked."""
        return sum(one.is_from_today for one in self.moved)

    def to_json(self) -> dict[str, Any]:
        """The figures as JSON values."""
        return {
            "tickets": self.tickets,
            "left_out": self.left_out,
            "by_hand": self.by_hand,
            **self.counts,
            "metres_before": round(self.metres_before, 1),
            "metres_after": round(self.metres_after, 1),
            "from_today": self.from_today,
            "moved": [one.to_json() for one in self.moved],
        }


def dry_run(
    session: Session,
    policy: Policy,
    *,
    town_code: str | None,
    since: datetime,
    until: datetime,
    limit: int | None = None,
    scope: Scope = ALL,
    progress: Progress | None = None,
) -> DryRun:
    """Decide about the past tickets of a town, or of all (None), once more under a policy.

    since, until   the period of the decisions; each ticket's last one in it counts.
    limit          so many of the newest.
    scope          which tickets whoever asks may see; no others are meant.
    """
    found = list(queries.past(session, town_code=town_code, since=since, until=until, limit=limit, scope=scope))
    known = queries.counts(session, town_code=town_code, since=since, until=until, scope=scope)
    again = _Again(session, found, policy, since=since, until=until)
    counts: Counter[str] = Counter(dict.fromkeys(OUTCOMES, 0))
    moved = []
    before_m = after_m = 0.0
    for done, past in enumerate(found, start=1):
        outcome, before, after, is_from_today = again.decide(done - 1)
        counts[outcome] += 1
        if outcome not in {"same_unit", "same_office"}:
            moved.append(Moved(past.number, past.title, outcome, past.lon, past.lat, before, after, is_from_today))
        if before and after and before.metres is not None and after.metres is not None:
            before_m, after_m = before_m + before.metres, after_m + after.metres
        if progress:
            progress(done, len(found))
    left_out = known.by_rule - len(found)
    return DryRun(len(found), left_out, known.by_hand, dict(counts), before_m, after_m, tuple(moved))


class _Again:
    """Past decisions, with the units of today that may have to be asked about."""

    def __init__(
        self, session: Session, found: Sequence[Past], policy: Policy, *, since: datetime, until: datetime
    ) -> None:
        self._stored = [Decision.from_record(past.record) for past in found]
        self._policy = policy
        self._asked = [Asked(past.ticket_id, _place(past.record)) for past in found]
        places = [asked.place for asked in self._asked]
        wanted = {Wanted(place.category, place.town_code or "", place.rule_code) for place in places}
        self._supply = Supply(session, at=until, wanted=wanted)
        self._near = self._supply.near(self._asked, [policy.max_distance_m] * len(found))
        self._spells = _spells(queries.held(session, since=since, until=until))

    def decide(self, number: int) -> tuple[str, Going | None, Going | None, bool]:
        """The outcome for one decision, who had it, who would, and whether that took the records of today."""
        stored, asked = self._stored[number], self._asked[number]
        then = [one.unit for one in stored.candidates] + [one.unit for one in stored.rejected]
        others = self._others(stored, asked, {unit.code for unit in then}, self._near[number])
        again = decide(asked.place, [*then, *others], self._policy)
        before, after = _going(stored), _going(again)
        is_from_today = after is not None and after.code in {unit.code for unit in others}
        return _outcome(before, after), before, after, is_from_today

    def _others(self, stored: Decision, asked: Asked, known: set[str], near: Sequence[int]) -> list[UnitFacts]:
        """Units of today that the stored decision leaves room for: too far then, or behind the last that was kept."""
        former = stored.policy
        is_cut = len(stored.candidates) == former.candidates_kept
        last = stored.candidates[-1] if is_cut else None
        found = []
        for number in near:
            if self._supply.units[number].code in known:
                continue
            unit = self._supply.facts(asked, number, load=self._load(number, asked.place.at))
            words = {reason.word for reason in judge(asked.place, unit, former).refusals}
            if words == {"too_far"} or (
                not words and last is not None and _is_behind(asked.place, unit, last.unit, former)
            ):
                found.append(unit)
        return found

    def _load(self, number: int, at: datetime) -> int:
        """Tickets that lay with a unit at a moment, as far as the tickets' present units tell."""
        begun, ended = self._spells.get(self._supply.units[number].code, ((), ()))
        return bisect_left(begun, at) - bisect_right(ended, at)


def _is_behind(place: Place, unit: UnitFacts, last: UnitFacts, policy: Policy) -> bool:
    mine, other = (rank_key(place, one, metres_between(place, one), policy) for one in (unit, last))
    return mine > other


def _place(record: Mapping[str, Any]) -> Place:
    return Place(**{**record["place"], "at": datetime.fromisoformat(record["place"]["at"])})


def _going(decision: Decision) -> Going | None:
    chosen = decision.chosen
    if chosen is None:
        return None
    unit = chosen.unit
    return Going(unit.code, unit.name, unit.x, unit.y, chosen.metres)


def _outcome(before: Going | None, after: Going | None) -> str:
    if before is None:
        return "same_office" if after is None else "to_unit"
    if after is None:
        return "to_office"
    return "same_unit" if before.code == after.code else "other_unit"


def _spells(held: Sequence[queries.Held]) -> dict[str, tuple[list[datetime], list[datetime]]]:
    """Per unit: when tickets came to it, and when they left it, each in order."""
    begun: dict[str, list[datetime]] = defaultdict(list)
    ended: dict[str, list[datetime]] = defaultdict(list)
    for spell in held:
        begun[spell.unit_code].append(spell.since)
        if spell.until is not None:
            ended[spell.unit_code].append(spell.until)
    return {code: (sorted(times), sorted(ended[code])) for code, times in begun.items()}
