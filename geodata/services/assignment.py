"""Giving tickets to units by the rule, and keeping the whole decision."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from geoalchemy2.shape import to_shape
from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.models import Assignment, Installation, Ticket
from geodata.queries import assignment as queries
from geodata.queries.assignment import Spot, UnitRow
from geodata.services import clocks, history
from geodata.services.filing import file_under
from geodata.services.installation import installation
from geodata.services.moves import apply, check_role, check_state
from geodata.services.standing import Entry
from geodata.services.units import opening
from geodata.services.workflow import MOVES
from spatial.assign import Decision, Place, Policy, UnitFacts, decide
from spatial.crs import to_metre

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class AssignSummary:
    """What a batch came to: tickets looked at, given to units, and to offices because nobody could.

    gaps  tickets that went to an office, per office code.
    """

    tickets: int
    to_unit: int
    to_office: int
    gaps: Mapping[str, int]

    def to_json(self) -> dict[str, Any]:
        """The figures as JSON values."""
        return {**asdict(self), "gaps": dict(self.gaps)}


def assign(
    session: Session,
    ticket: Ticket,
    *,
    actor: str,
    role: str | None = None,
    dry_run: bool = False,
    at: datetime | None = None,
) -> Decision:
    """Give a ticket to the unit the rule picks, or to its town's office where nobody may take it.

    role  of whoever asks, None for the program itself; after two returns the referee alone may.
    at    the moment that opening hours are asked for; None is now.

    The decision with candidates, refusals and reasons is stored, the event `assign` added and the ticket
    moved, all in this transaction; a dry run only decides. A unit that returned this ticket is not
    asked again. Raises MoveRefused for a ticket that is past being assigned.
    """
    if dry_run:
        session.flush()
        session.refresh(ticket)
    held = ticket if dry_run else history.locked(session, ticket.number)
    if held.pending == "referee" and not dry_run:
        check_role(held, MOVES["assign"], role or "")
    return _decide_and_keep(session, held, actor=actor, moment=at or datetime.now(UTC), dry_run=dry_run)


def assign_new(session: Session, ticket: Ticket, *, actor: str, at: datetime) -> Decision:
    """Give a ticket to a unit that this transaction has just made, with one event so far; see `assign`."""
    return _decide_and_keep(session, ticket, actor=actor, moment=at, last=1)


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
    rows = queries.unit_facts(
        session,
        Spot(float(x[0]), float(y[0]), lon, lat),
        kinds=[],
        town_code=town_code,
        ticket_id=0,
        day=at.astimezone(ZoneInfo(settings.timezone)).date(),
        srid=settings.metre_srid,
        limit_m=settings.max_distance_m,
        extra=nearest,
    )
    kinds = frozenset(queries.handling_kinds(session, category=category, town_code=town_code))
    policy = Policy(settings.max_distance_m, candidates_kept=max(1, len(rows)), rejected_kept=len(rows))
    return decide(place, [_unit(row, at, settings, kinds) for row in rows], policy)


def assign_open(
    session: Session, *, actor: str, dry_run: bool = False, progress: Progress | None = None
) -> AssignSummary:
    """Assign every ticket that waits for the rule, the oldest report first; none is left out."""
    numbers = queries.open_unassigned(session)
    to_unit = 0
    gaps: dict[str, int] = {}
    district = installation(session).code
    for done, number in enumerate(numbers, start=1):
        ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
        if assign(session, ticket, actor=actor, dry_run=dry_run).chosen is not None:
            to_unit += 1
        else:
            office = ticket.town_code or district
            gaps[office] = gaps.get(office, 0) + 1
        if progress:
            progress(done, len(numbers))
    return AssignSummary(len(numbers), to_unit, len(numbers) - to_unit, dict(sorted(gaps.items())))


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


def _policy(settings: Installation) -> Policy:
    return Policy(max_distance_m=settings.max_distance_m)


def _decide_and_keep(
    session: Session,
    ticket: Ticket,
    *,
    actor: str,
    moment: datetime,
    dry_run: bool = False,
    last: int | None = None,
) -> Decision:
    move = MOVES["assign"]
    check_state(ticket, move)
    settings = installation(session)
    place, rows = _facts(session, ticket, settings, moment)
    decision = decide(place, [_unit(row, moment, settings, kinds) for row, kinds in rows], _policy(settings))
    if dry_run:
        return decision
    ids = {row.code: row.id for row, _ in rows}
    chosen = decision.chosen.unit if decision.chosen else None
    made = _record(ticket, decision, place, actor=actor, settings=settings)
    made.unit_id = ids[chosen.code] if chosen else None
    session.add(made)
    facts: dict[str, Any] = {"outcome": decision.outcome}
    facts |= {"unit_code": chosen.code} if chosen else {"office_code": made.office_code}
    _dispatch(session, ticket, Entry(move.action, actor, ticket.state, move.target, facts, moment), last=last)
    return decision


def _dispatch(session: Session, ticket: Ticket, entry: Entry, *, last: int | None) -> None:
    """Give the ticket to whom the entry names: filed if it was not, its clocks started, the event kept."""
    rule = file_under(session, ticket, at=entry.at)
    kept = entry._replace(facts={**entry.facts, **({"rule": rule.code} if rule else {})})
    apply(session, ticket, kept)
    clocks.run(session, ticket, MOVES[entry.action].clocks, at=entry.at)
    history.append_all(session, ticket, [kept], last=last)


def _record(ticket: Ticket, decision: Decision, place: Place, *, actor: str, settings: Installation) -> Assignment:
    """The decision as it is stored: what `replay` needs, whether it is a gap, and the office if so."""
    office = None if decision.chosen else ticket.town_code or settings.code
    kept = {"place": asdict(place) | {"at": place.at.isoformat()}, "is_gap": office is not None}
    return Assignment(
        ticket_id=ticket.id,
        decided_at=place.at,
        actor=actor,
        outcome=decision.outcome,
        office_code=office,
        record=decision.to_record() | kept | {"office_code": office},
    )


def _spot(ticket: Ticket, srid: int) -> Spot | None:
    if ticket.geom is None:
        return None
    lon, lat = to_shape(ticket.geom).coords[0]
    x, y = to_metre(lon, lat, srid)
    return Spot(float(x[0]), float(y[0]), lon, lat)


def _facts(
    session: Session, ticket: Ticket, settings: Installation, moment: datetime
) -> tuple[Place, list[tuple[UnitRow, frozenset[str]]]]:
    """The ticket's place and the units to decide between, each with the kinds that handle the category."""
    spot = _spot(ticket, settings.metre_srid)
    place = Place(
        x=spot.x if spot else None,
        y=spot.y if spot else None,
        category=ticket.category_code,
        town_code=ticket.town_code,
        village_code=ticket.village_code,
        at=moment,
    )
    if spot is None:
        return place, []
    kinds = queries.handling_kinds(session, category=ticket.category_code, town_code=ticket.town_code)
    rows = queries.unit_facts(
        session,
        spot,
        kinds=kinds,
        town_code=ticket.town_code,
        ticket_id=ticket.id,
        day=moment.astimezone(ZoneInfo(settings.timezone)).date(),
        srid=settings.metre_srid,
        limit_m=settings.max_distance_m,
    )
    refused = set() if ticket.state == "reported" else queries.returned_by(session, ticket.id)
    return place, [(row, frozenset(kinds)) for row in rows if row.id not in refused]


def _unit(row: UnitRow, moment: datetime, settings: Installation, kinds: frozenset[str]) -> UnitFacts:
    hours = opening(row.opening_hours, moment, timezone=settings.timezone)
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
    )
