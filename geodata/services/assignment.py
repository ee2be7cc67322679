"""Giving a ticket to a unit: by the rule, or by hand beside it; the whole decision is kept."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from geoalchemy2.shape import to_shape
from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.errors import MoveRefused, NotFound
from geodata.models import Assignment, Installation, MemberUnit, Ticket
from geodata.queries import assignment as queries
from geodata.queries.assignment import NOWHERE, Spot, UnitRow
from geodata.queries.pledges import PledgeThere as Pledged
from geodata.queries.pledges import ids as pledge_ids
from geodata.queries.scope import ALL, Scope
from geodata.services import clocks, history, policies
from geodata.services.filing import file_under
from geodata.services.history import Seen
from geodata.services.installation import installation
from geodata.services.moves import apply, check_role, check_state, need_reason
from geodata.services.pledges import in_time
from geodata.services.policies import Ruling
from geodata.services.standing import Entry
from geodata.services.units import opening
from geodata.services.workflow import MOVES
from spatial.assign import Decision, Judgement, Place, Policy, UnitFacts, decide
from spatial.assign import judge as judge_unit
from spatial.crs import to_metre


@dataclass(frozen=True)
class Weighed:
    """A ticket with all that its decision followed from.

    ids   of the units told, by code.
    """

    place: Place
    ruling: Ruling
    units: tuple[UnitFacts, ...]
    ids: Mapping[str, int]
    decision: Decision


def assign(
    session: Session,
    ticket: Ticket,
    *,
    actor: str,
    role: str | None = None,
    dry_run: bool = False,
    at: datetime | None = None,
    scope: Scope = ALL,
    seen: Seen = None,
) -> Decision:
    """Give a ticket to the unit the rule picks, or to its town's office where nobody may take it.

    role   of whoever asks, None for the program itself; after two returns the referee alone may.
    at     the moment that opening hours and the policy are asked for; None is now.
    scope  which tickets whoever gives it may see, when it is taken hold of; `seen` the versions of it that they go by.

    The decision with candidates, refusals and reasons is stored, the event `assign` added and the ticket
    moved, all in this transaction; a dry run only decides. A unit that returned this ticket is not
    asked again. Raises MoveRefused for a ticket that is past being assigned, and TicketChanged.
    """
    if dry_run:
        session.flush()
        session.refresh(ticket)
    held = ticket if dry_run else history.locked(session, ticket.number, scope=scope, seen=seen)
    if held.pending == "referee" and not dry_run:
        check_role(held, MOVES["assign"], role or "")
    check_state(held, MOVES["assign"])
    weighed = weigh(session, held, at=at or datetime.now(UTC))
    if not dry_run:
        _keep(session, held, weighed, actor=actor)
    return weighed.decision


def assign_new(session: Session, ticket: Ticket, *, actor: str, at: datetime) -> Decision:
    """Give a ticket to a unit that this transaction has just made, with one event so far; see `assign`."""
    check_state(ticket, MOVES["assign"])
    weighed = weigh(session, ticket, at=at)
    _keep(session, ticket, weighed, actor=actor, last=1)
    return weighed.decision


def choose(
    session: Session,
    number: str,
    unit_code: str,
    *,
    reason: str,
    actor: str,
    role: str,
    at: datetime | None = None,
    scope: Scope = ALL,
    seen: Seen = None,
) -> Judgement:
    """Give a ticket to a unit by hand, whatever the rule says of it; what the rule would have chosen is kept beside.

    Raises NotFound for the unit and for a ticket that is not in the scope; TicketChanged for a version other than those
    `seen`; MoveRefused where the state, the role or a
    missing reason stand against it, where the unit is not active, and where the ticket lies with it already.
    """
    move = MOVES["choose"]
    held = history.locked(session, number, scope=scope, seen=seen)
    check_state(held, move)
    check_role(held, move, role)
    need_reason(held, move.action, reason)
    unit = session.scalars(select(MemberUnit).where(MemberUnit.code == unit_code)).first()
    if unit is None:
        raise NotFound("unit", unit_code)
    if not unit.is_active:
        raise MoveRefused(number, move.action, f"unit {unit_code} is not active; choose another", word="inactive")
    if unit.id == held.unit_id:
        raise MoveRefused(number, move.action, f"it lies with unit {unit_code} already", word="same_unit")
    weighed = weigh(session, held, at=at or datetime.now(UTC), also=unit.id)
    facts = next(one for one in weighed.units if one.code == unit_code)
    judgement = judge_unit(weighed.place, facts, weighed.ruling.policy)
    made = assignment_of(held, weighed, actor=actor, office_code=None, given=judgement, method="hand")
    made.unit_id, made.reason = unit.id, reason.strip()
    made.pledge_id = _pledge_id(session, facts.pledge)
    session.add(made)
    by_rule = weighed.decision.chosen
    told = {
        "unit_code": unit_code,
        "reason": reason.strip(),
        "by_hand": True,
        "by_rule": by_rule.unit.code if by_rule else None,
        "refusals": [refusal.word for refusal in judgement.refusals],
    }
    _dispatch(session, held, Entry(move.action, actor, held.state, move.target, told, weighed.place.at))
    return judgement


def judge(
    session: Session,
    *,
    lon: float,
    lat: float,
    category: str,
    town_code: str | None,
    village_code: str | None,
    at: datetime,
    nearest: int,
) -> Decision:
    """What the rule says of the `nearest` units and of those who hold the point or block at a WGS 84 point.

    at   the moment opening hours are asked for.

    Nothing is stored and nobody farther away is looked at, so the first candidate need not be the one
    that a ticket would go to.
    """
    settings = installation(session)
    x, y = to_metre(lon, lat, settings.metre_srid)
    place = Place(float(x[0]), float(y[0]), category, town_code, village_code, at)
    spot = Spot(float(x[0]), float(y[0]), lon, lat)
    day = at.astimezone(ZoneInfo(settings.timezone)).date()
    terms = _terms(session, place, spot, rule_id=None, day=day, srid=settings.metre_srid)
    pledges = in_time(terms.pledges, at, timezone=settings.timezone)
    rows = queries.unit_facts(
        session,
        spot,
        kinds=[],
        town_code=town_code,
        category=category,
        ticket_id=0,
        moment=None,
        day=day,
        srid=settings.metre_srid,
        limit_m=settings.max_distance_m,
        extra=nearest,
        pledging=[one.unit_id for one in pledges.values()],
    )
    known = _ruling(session, terms).policy
    policy = Policy(
        known.max_distance_m, max(1, len(rows)), known.order, len(rows), known.weights, lately_days=known.lately_days
    )
    return decide(place, [_unit(row, at, settings, terms.kinds, pledges) for row in rows], policy)


def latest(session: Session, ticket: Ticket) -> Assignment | None:
    """The decision that counts for a ticket, None before the first."""
    wanted = select(Assignment).where(Assignment.ticket_id == ticket.id).order_by(Assignment.id.desc())
    return session.scalars(wanted.limit(1)).first()


def replay(record: Mapping[str, Any]) -> Decision:
    """Decide once more from nothing but what a stored decision wrote down."""
    stored = Decision.from_record(record)
    place = Place(**{**record["place"], "at": datetime.fromisoformat(record["place"]["at"])})
    units = [candidate.unit for candidate in stored.candidates]
    units += [refusal.unit for refusal in stored.rejected]
    return decide(place, units, stored.policy)


def weigh(session: Session, ticket: Ticket, *, at: datetime, also: int | None = None) -> Weighed:
    """Decide about a ticket, and change nothing.

    at     the moment that opening hours, returns and the policy are asked for.
    also   id of a unit to be told in any case.
    """
    settings = installation(session)
    spot = _spot(ticket, settings.metre_srid)
    place = Place(spot.x, spot.y, ticket.category_code, ticket.town_code, ticket.village_code, at)
    day = at.astimezone(ZoneInfo(settings.timezone)).date()
    terms = _terms(session, place, spot, rule_id=ticket.rule_id, day=day, srid=settings.metre_srid)
    place = replace(place, rule_code=terms.rule_code)
    ruling = _ruling(session, terms)
    pledges = in_time(terms.pledges, at, timezone=settings.timezone)
    rows = queries.unit_facts(
        session,
        spot,
        kinds=terms.kinds,
        town_code=place.town_code,
        category=place.category,
        ticket_id=ticket.id,
        moment=at,
        day=day,
        srid=settings.metre_srid,
        limit_m=ruling.policy.max_distance_m,
        also=also,
        pledging=[one.unit_id for one in pledges.values()],
    )
    units = tuple(_unit(row, at, settings, terms.kinds, pledges) for row in rows)
    # whoever is told in any case has no part in the rule's own decision, lest looking at it changed that
    asked = [unit for unit, row in zip(units, rows, strict=True) if row.is_asked]
    return Weighed(place, ruling, units, {row.code: row.id for row in rows}, decide(place, asked, ruling.policy))


def given(assignment: Assignment) -> Mapping[str, Any] | None:
    """The unit that has the ticket by an assignment, as its record tells it; None for an office."""
    if assignment.outcome != "unit":
        return None
    found: Mapping[str, Any] = assignment.record.get("given") or assignment.record["candidates"][0]
    return found


def assignment_of(
    ticket: Ticket,
    weighed: Weighed,
    *,
    actor: str,
    office_code: str | None,
    given: Judgement | None = None,
    method: str = "rule",
) -> Assignment:
    """The decision as it is stored: what `replay` needs, whether it is a gap, and who has the ticket.

    office_code   the office that has it; None where a unit has.
    given         the unit that has it where that is not the rule's first.

    `unit_id` and `pledge_id` are for the caller to set.
    """
    place = weighed.place
    kept = {"place": asdict(place) | {"at": place.at.isoformat()}, "is_gap": office_code is not None}
    if given is not None:
        kept["given"] = given.to_record()
    return Assignment(
        ticket_id=ticket.id,
        decided_at=place.at,
        actor=actor,
        outcome="unit" if office_code is None else "town_office",
        method=method,
        policy_id=weighed.ruling.id,
        office_code=office_code,
        record=weighed.decision.to_record() | kept | {"office_code": office_code},
    )


def _keep(session: Session, ticket: Ticket, weighed: Weighed, *, actor: str, last: int | None = None) -> None:
    """Store what the rule decided, and give the ticket away."""
    chosen = weighed.decision.chosen
    office = None if chosen else ticket.town_code or installation(session).code
    made = assignment_of(ticket, weighed, actor=actor, office_code=office)
    made.unit_id = weighed.ids[chosen.unit.code] if chosen else None
    made.pledge_id = _pledge_id(session, chosen.unit.pledge) if chosen else None
    session.add(made)
    facts: dict[str, Any] = {"outcome": made.outcome}
    facts |= {"unit_code": chosen.unit.code} if chosen else {"office_code": office}
    move = MOVES["assign"]
    entry = Entry(move.action, actor, ticket.state, move.target, facts, weighed.place.at)
    _dispatch(session, ticket, entry, last=last)


def _pledge_id(session: Session, code: str | None) -> int | None:
    return None if code is None else pledge_ids(session, [code])[code]


def _dispatch(session: Session, ticket: Ticket, entry: Entry, *, last: int | None = None) -> None:
    """Give the ticket to whom the entry names: filed if it was not, its clocks started, the event kept."""
    with session.no_autoflush:
        rule = file_under(session, ticket, at=entry.at)
        kept = entry._replace(facts={**entry.facts, **({"rule": rule.code} if rule else {})})
        apply(session, ticket, kept)
        clocks.run(session, ticket, MOVES[entry.action].clocks, at=entry.at)
    history.append_all(session, ticket, [kept], last=last)


def _spot(ticket: Ticket, srid: int) -> Spot:
    if ticket.geom is None:
        return NOWHERE
    lon, lat = to_shape(ticket.geom).coords[0]
    x, y = to_metre(lon, lat, srid)
    return Spot(float(x[0]), float(y[0]), lon, lat)


def _terms(session: Session, place: Place, spot: Spot, *, rule_id: int | None, day: date, srid: int) -> queries.Terms:
    return queries.terms(
        session,
        spot,
        category=place.category,
        rule_id=rule_id,
        town_code=place.town_code,
        village_code=place.village_code,
        moment=place.at,
        day=day,
        srid=srid,
    )


def _ruling(session: Session, terms: queries.Terms) -> Ruling:
    return policies.usual(session) if terms.policy is None else policies.ruling_of(terms.policy)


def _unit(
    row: UnitRow,
    moment: datetime,
    settings: Installation,
    kinds: Collection[str],
    pledges: Mapping[str, Pledged],
) -> UnitFacts:
    hours = opening(row.opening_hours, moment, timezone=settings.timezone)
    pledge = pledges.get(row.code)
    return UnitFacts(
        code=row.code,
        name=row.name,
        kind=row.kind,
        x=row.x,
        y=row.y,
        is_active=row.is_active,
        is_open=hours.is_open,
        open_until=hours.until,
        load=row.load,
        capacity=row.capacity,
        serves_town=row.serves_town,
        handles_category=row.kind in kinds,
        town_code=row.town_code,
        village_code=row.village_code,
        holds_point=row.holds_point,
        holds_block=row.holds_block,
        returned_at=row.returned_at,
        has_returned=row.has_returned,
        pledge=pledge.code if pledge else None,
        pledge_name=pledge.name if pledge else None,
    )
