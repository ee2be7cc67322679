"""Many tickets given to units at once: at their best under capacity, or each in turn, with every decision kept.

Towns with policies of their own are batches of their own, one after another from the oldest ticket on; what is given
in one is load for the next. Within a batch the facts of a ticket are those at its turn, with the tickets before it
given away, so that its record tells what the rule said of the unit that got it, and who stood before.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.errors import MoveRefused, NotFound
from geodata.models import Assignment, FilingRule, Ticket
from geodata.queries import batches as queries
from geodata.queries.batches import WaitingTicket
from geodata.queries.duty_list import Wanted
from geodata.queries.pledges import ids as pledge_ids
from geodata.queries.scope import ALL, Scope
from geodata.queries.tickets import of_numbers
from geodata.services import clocks, history
from geodata.services.assignment import Weighed, assignment_of
from geodata.services.filing import file_under
from geodata.services.installation import installation
from geodata.services.moves import apply
from geodata.services.pledges import in_time
from geodata.services.policies import Ruling, Rulings
from geodata.services.standing import Entry
from geodata.services.supply import Asked, Supply
from geodata.services.workflow import MOVES, REFEREES
from spatial.assign import Decision, Judgement, Place, decide, judge
from spatial.assign_arrays import Choice
from spatial.crs import to_metre
from spatial.optimum import Optimum, Total, optimum

Progress = Callable[[int, int], None]

# `optimum`: as many tickets as can be, then the fewest metres by the policy; `greedy`: each in turn by the rule.
METHODS = ("optimum", "greedy")

_NOTHING = Total()


@dataclass(frozen=True)
class Proposal:
    """What a batch would come to, both ways.

    tickets         in the order of their turns; `in_turn`, `best` and `as_many` have a choice for each of them: see
                    `spatial.optimum.Optimum`.
    for_referee     waiting tickets that are left out, as the referee alone may give them to somebody.
    """

    tickets: tuple[WaitingTicket, ...] = ()
    in_turn: tuple[Choice, ...] = ()
    best: tuple[Choice, ...] = ()
    total_in_turn: Total = _NOTHING
    total_best: Total = _NOTHING
    total_as_many: Total = _NOTHING
    is_proven: bool = True
    for_referee: int = 0

    @property
    def metres_saved(self) -> float:
        """Metres that the optimum of as many tickets is shorter than each in turn."""
        return self.total_in_turn.metres - self.total_as_many.metres

    def to_json(self) -> dict[str, Any]:
        """The figures as JSON values."""
        return {
            "greedy": self.total_in_turn._asdict(),
            "optimum": self.total_best._asdict(),
            "optimum_of_as_many": self.total_as_many._asdict(),
            "metres_saved": round(self.metres_saved, 1),
            "is_proven": self.is_proven,
        }


@dataclass(frozen=True)
class BatchSummary:
    """What a batch came to: tickets looked at, given to units, and to offices because nobody could.

    gaps           tickets that went to an office, per office code.
    for_referee    waiting tickets left as they were, as the referee alone may give them to somebody.
    decisions      by ticket number, in the order of their turns.
    """

    method: str
    tickets: int
    to_unit: int
    to_office: int
    gaps: Mapping[str, int]
    for_referee: int
    proposal: Proposal
    decisions: Mapping[str, "Turn"] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The figures as JSON values."""
        plain = {name: value for name, value in vars(self).items() if name not in {"proposal", "decisions", "gaps"}}
        return {**plain, "gaps": dict(self.gaps), **self.proposal.to_json()}


@dataclass(frozen=True)
class Turn:
    """One ticket of a batch: what the rule says at its turn, and who gets it; None for its office."""

    ticket: WaitingTicket
    weighed: Weighed
    given: Judgement | None


class _Group(NamedTuple):
    """Tickets under one policy, in the order of their reports, each with the ruling of its town."""

    tickets: list[WaitingTicket]
    asked: list[Asked]
    rulings: list[Ruling]


def propose(
    session: Session,
    town_code: str | None = None,
    *,
    numbers: Sequence[str] | None = None,
    role: str | None = None,
    limit: int | None = None,
    at: datetime | None = None,
    scope: Scope = ALL,
) -> Proposal:
    """What giving the waiting tickets to units would come to, in turn and at its best; nothing is changed.

    town_code   of the town whose tickets are meant, None for all.
    numbers     of the tickets meant among these; those that do not wait are left out.
    role        of whoever asks, None for the program itself: what waits for the referee is the referee's alone.
    limit       so many of the oldest.
    scope       which tickets whoever asks may see; no others are meant.
    """
    moment = at or datetime.now(UTC)
    waiting = queries.waiting(session, town_code=town_code, numbers=numbers, limit=limit, scope=scope)
    mine = _allowed(waiting, role)
    supply = _supply(session, mine, moment)
    made = Proposal(for_referee=len(waiting) - len(mine))
    for group in _groups(session, mine, moment):
        found = _solved(group, supply)
        made = _with(made, group, found)
        _load(supply, found.choices)
    return made


def assign_batch(
    session: Session,
    town_code: str | None = None,
    *,
    method: str = "optimum",
    numbers: Sequence[str] | None = None,
    actor: str,
    role: str | None = None,
    dry_run: bool = False,
    limit: int | None = None,
    at: datetime | None = None,
    progress: Progress | None = None,
    scope: Scope = ALL,
) -> BatchSummary:
    """Give the waiting tickets to units, the oldest report first; none that may be given is left out.

    method   of METHODS. See `propose` for the rest.

    Every decision is stored with candidates, refusals and reasons, the event `assign` added and the ticket moved, all
    in this transaction; a dry run only decides. Raises NotFound for another method.
    """
    if method not in METHODS:
        raise NotFound("method", method, METHODS)
    moment = at or datetime.now(UTC)
    waiting = queries.waiting(session, town_code=town_code, numbers=numbers, limit=limit, scope=scope)
    mine = _allowed(waiting, role)
    if not dry_run:
        mine = _held(session, mine, scope)
    supply = _supply(session, mine, moment)
    proposal = Proposal(for_referee=len(waiting) - len(_allowed(waiting, role)))
    turns: list[Turn] = []
    for group in _groups(session, mine, moment):
        found = _solved(group, supply)
        proposal = _with(proposal, group, found)
        for turn in _turns(group, supply, found.choices if method == "optimum" else None):
            turns.append(turn)
            if progress:
                progress(len(turns), len(mine))
    if not dry_run:
        _apply(session, turns, method=method, actor=actor)
    gaps: dict[str, int] = {}
    district = installation(session).code
    for turn in turns:
        if turn.given is None:
            office = turn.ticket.town_code or district
            gaps[office] = gaps.get(office, 0) + 1
    to_office = sum(gaps.values())
    return BatchSummary(
        method=method,
        tickets=len(turns),
        to_unit=len(turns) - to_office,
        to_office=to_office,
        gaps=dict(sorted(gaps.items())),
        for_referee=proposal.for_referee,
        proposal=proposal,
        decisions={turn.ticket.number: turn for turn in turns},
    )


def assign_selection(
    session: Session, numbers: Sequence[str], *, actor: str, role: str, method: str = "optimum", scope: Scope = ALL
) -> BatchSummary:
    """Give tickets that somebody picked to units; see `assign_batch`.

    Raises NotFound for a number that is not in the scope, and MoveRefused for the first that does not wait to be given.
    """
    found = states_of(session, numbers, scope=scope)
    for number in numbers:
        if found[number] not in MOVES["assign"].sources - {"dispatched"}:
            raise MoveRefused(number, "assign", f"it is {found[number]!r} and waits for nobody", word="state")
    return assign_batch(session, numbers=numbers, method=method, actor=actor, role=role, scope=scope)


def states_of(session: Session, numbers: Sequence[str], *, scope: Scope = ALL) -> dict[str, str]:
    """States of tickets by number. Raises NotFound for the first that is not in the scope."""
    found = {held.number: held.state for held in session.scalars(of_numbers(numbers, scope))}
    for number in numbers:
        if number not in found:
            raise NotFound("ticket", number)
    return found


def _allowed(waiting: Sequence[WaitingTicket], role: str | None) -> list[WaitingTicket]:
    return [one for one in waiting if one.pending != "referee" or role in REFEREES]


def _held(session: Session, mine: Sequence[WaitingTicket], scope: Scope) -> list[WaitingTicket]:
    """Those that still wait, held against all others until this transaction ends."""
    ids = [one.id for one in mine]
    wanted = select(Ticket).where(Ticket.id.in_(ids)).order_by(Ticket.id).with_for_update(of=Ticket)
    session.scalars(wanted.execution_options(populate_existing=True)).all()
    return queries.waiting(session, numbers=[one.number for one in mine], scope=scope)


def _supply(session: Session, mine: Sequence[WaitingTicket], at: datetime) -> Supply:
    wanted = {Wanted(one.category, one.town_code or "", one.rule_code) for one in mine}
    return Supply(session, at=at, ticket_ids=[one.id for one in mine], wanted=wanted)


def _groups(session: Session, mine: Sequence[WaitingTicket], at: datetime) -> list[_Group]:
    """The tickets by policy, the group with the oldest ticket first."""
    rulings = Rulings(session, at)
    srid = installation(session).metre_srid
    zone = installation(session).timezone
    special = queries.holders(session, [one.id for one in mine], day=at.astimezone(ZoneInfo(zone)).date())
    placed = [(one.id, one.lon, one.lat) for one in mine if one.lon is not None and one.lat is not None]
    x, y = to_metre([lon for _, lon, _ in placed], [lat for *_, lat in placed], srid)
    metres = {id_: (float(east), float(north)) for (id_, *_), east, north in zip(placed, x, y, strict=True)}
    groups: dict[Any, _Group] = {}
    for one in mine:
        ruling = rulings.of(one.town_code)
        east, north = metres.get(one.id, (None, None))
        asked = Asked(
            one.id,
            Place(east, north, one.category, one.town_code, one.village_code, at, one.rule_code),
            frozenset(special.points.get(one.id, ())),
            frozenset(special.blocks.get(one.id, ())),
            frozenset(special.returned.get(one.id, ())),
            {
                unit: (pledge.code, pledge.name)
                for unit, pledge in in_time(special.pledges.get(one.id, ()), at, timezone=zone).items()
            },
        )
        group = groups.setdefault(ruling.policy, _Group([], [], []))
        group.tickets.append(one)
        group.asked.append(asked)
        group.rulings.append(ruling)
    return list(groups.values())


def _solved(group: _Group, supply: Supply) -> Optimum:
    arrivals = [supply.arrival(asked) for asked in group.asked]
    return optimum(arrivals, supply.profiles(group.asked), group.rulings[0].policy)


def _with(so_far: Proposal, group: _Group, found: Optimum) -> Proposal:
    """A proposal and one more group of it."""
    return Proposal(
        (*so_far.tickets, *group.tickets),
        (*so_far.in_turn, *found.in_turn),
        (*so_far.best, *found.choices),
        _sum(so_far.total_in_turn, found.total_in_turn),
        _sum(so_far.total_best, found.total),
        _sum(so_far.total_as_many, found.total_as_many),
        so_far.is_proven and found.is_proven,
        so_far.for_referee,
    )


def _sum(left: Total, right: Total) -> Total:
    return Total(**{name: getattr(left, name) + getattr(right, name) for name in Total._fields})


def _load(supply: Supply, choices: Sequence[Choice]) -> None:
    for choice in choices:
        if choice.unit_code is not None:
            supply.load[supply.number[choice.unit_code]] += 1


def _turns(group: _Group, supply: Supply, choices: Sequence[Choice] | None) -> Iterator[Turn]:
    """The decision of each ticket at its turn, and who gets it: by the choices, or as the rule says."""
    near = supply.near(group.asked, [ruling.policy.max_distance_m for ruling in group.rulings])
    for i, (ticket, asked, ruling) in enumerate(zip(*group, strict=True)):
        units = {supply.units[number].code: supply.facts(asked, number) for number in near[i]}
        decision = decide(asked.place, units.values(), ruling.policy)
        code = _code(decision) if choices is None else choices[i].unit_code
        given = None if code is None else judge(asked.place, units[code], ruling.policy)
        if code is not None:
            supply.load[supply.number[code]] += 1
        ids = {code: supply.units[supply.number[code]].id for code in units}
        yield Turn(ticket, Weighed(asked.place, ruling, tuple(units.values()), ids, decision), given)


def _code(decision: Decision) -> str | None:
    return decision.chosen.unit.code if decision.chosen else None


def _apply(session: Session, turns: Sequence[Turn], *, method: str, actor: str) -> None:
    """Store the decisions, give the tickets away, start their clocks and add their events."""
    if not turns:
        return
    wanted = select(Ticket).where(Ticket.id.in_([turn.ticket.id for turn in turns]))
    held = {each.id: each for each in session.scalars(wanted)}
    move, district = MOVES["assign"], installation(session).code
    rules: dict[tuple[str, str | None], FilingRule | None] = {}
    pledges = pledge_ids(session, {turn.given.unit.pledge for turn in turns if turn.given and turn.given.unit.pledge})
    entries = []
    with session.no_autoflush:
        for turn in turns:
            each, place = held[turn.ticket.id], turn.weighed.place
            office = None if turn.given else each.town_code or district
            unit_id = turn.weighed.ids[turn.given.unit.code] if turn.given else None
            made = _stored(each, turn, office, unit_id, method=method, actor=actor)
            made.pledge_id = pledges.get(turn.given.unit.pledge or "") if turn.given else None
            session.add(made)
            facts: dict[str, Any] = {"outcome": "town_office" if office else "unit"}
            facts |= {"unit_code": turn.given.unit.code} if turn.given else {"office_code": office}
            facts |= {"method": method} if method == "optimum" else {}
            rule = _filed(session, each, rules, at=place.at)
            facts |= {"rule": rule.code} if rule else {}
            entry = Entry(move.action, actor, each.state, move.target, facts, place.at)
            apply(session, each, entry, unit_id=unit_id)
            entries.append((each, entry))
    clocks.run_many(session, [each for each, _ in entries], move.clocks, at=turns[0].weighed.place.at)
    history.append_many(session, entries)


def _stored(
    each: Ticket, turn: Turn, office: str | None, unit_id: int | None, *, method: str, actor: str
) -> Assignment:
    is_rule = method != "optimum"
    made = assignment_of(
        each,
        turn.weighed,
        actor=actor,
        office_code=office,
        given=None if is_rule else turn.given,
        method="rule" if is_rule else "optimum",
    )
    made.unit_id = unit_id
    return made


def _filed(
    session: Session, each: Ticket, rules: dict[tuple[str, str | None], FilingRule | None], *, at: datetime
) -> FilingRule | None:
    """The ticket's filing rule, which is looked up once for a category and town."""
    if each.rule_id is not None:
        return session.get(FilingRule, each.rule_id)
    key = (each.category_code, each.town_code)
    if key not in rules:
        rules[key] = file_under(session, each, at=at)
    rule = rules[key]
    each.rule_id = rule.id if rule else None
    return rule
