"""Demands and resources brought together: what would fit, with reasons; what an office accepts becomes a project."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.errors import NotFound
from geodata.models import Demand, JointMatch, Resource
from geodata.queries import demands as demand_queries
from geodata.queries import matching as queries
from geodata.queries import resources as resource_queries
from geodata.queries.demands import DemandRow
from geodata.queries.matching import MatchRow
from geodata.queries.resources import OfferedRow, ResourceRow
from geodata.record_errors import BadValue, DoesNotFit, StateRefused
from geodata.services import changes, demands, joint_records, projects, resources
from geodata.services.installation import installation
from geodata.services.projects import ProjectDraft
from geodata.services.units import weekdays_open
from spatial import matching as rule
from spatial import matching_arrays
from spatial.assign import Reason
from spatial.matching import Offer, Want
from spatial.matching_arrays import OfferColumns, Outlook

# The kind under which decisions are kept.
KIND = "matches"

ACCEPTED, DECLINED = "accepted", "declined"

# What is lent to a village mostly serves the people there.
USUAL_JOINT = "welfare"


class Pair(NamedTuple):
    """A demand and a resource looked at together; rank 0 where they do not fit, and then the reasons are why not."""

    demand: DemandRow
    resource: ResourceRow
    rank: int
    metres: float | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Found:
    """What the rule says of one demand, or of one resource.

    fitting    ranked; `fitting_total` of all, also those that are not told.
    unfit      of the right kind but refused, the nearest first; `refused` counts all refusals by word.
    decided    what an office has decided, the last first; what was declined is not among the fitting.
    """

    fitting: list[Pair]
    fitting_total: int
    unfit: list[Pair]
    refused: Mapping[str, int]
    decided: list[MatchRow]


def candidates(session: Session, demand_code: str, limit: int = 10) -> Found:
    """The resources that fit a demand, the best first. Raises NotFound."""
    held = demands.demand(session, demand_code)
    # those of another kind are only counted, so that they need not be read
    rows = {row.code: row for row in resource_queries.resources_of_kinds(session, [held.kind_code])}
    others = resource_queries.total(session) - len(rows)
    decided = queries.of_demand(session, held.id)
    aside = {match.resource_code for match in decided if match.state == DECLINED}
    day, zone = joint_records.today(session), installation(session).timezone
    offers = [_offer(row, day, zone) for code, row in rows.items() if code not in aside]
    told = rule.offers_for(_want(held, day), offers, limit=limit)
    fitting = [Pair(held, rows[one.offer.code], one.rank, one.metres, one.reasons) for one in told.fitting]
    unfit = [Pair(held, rows[one.offer.code], 0, one.metres, one.reasons) for one in told.unfit]
    refused = {**({"other_kind": others} if others else {}), **told.refused}
    return Found(fitting, told.fitting_total, unfit, refused, decided)


def demands_for(session: Session, resource_code: str, limit: int = 10) -> Found:
    """The open demands that a resource fits, those it serves best first. Raises NotFound."""
    held = resources.resource(session, resource_code)
    srid = installation(session).metre_srid
    rows = {row.code: row for row in demand_queries.open_demands(session, held.kind_code, metre_srid=srid)}
    decided = queries.of_resource(session, held.id)
    aside = {match.demand_code for match in decided if match.state == DECLINED}
    day, zone = joint_records.today(session), installation(session).timezone
    wants = [_want(row, day) for code, row in rows.items() if code not in aside]
    told = rule.wants_for(_offer(held, day, zone), wants, limit=limit)
    fitting = [Pair(rows[one.want.code], held, one.rank, one.metres, one.reasons) for one in told.fitting]
    unfit = [Pair(rows[one.want.code], held, 0, one.metres, one.reasons) for one in told.unfit]
    return Found(fitting, told.fitting_total, unfit, told.refused, decided)


def outlooks(session: Session, wanted: Sequence[DemandRow]) -> dict[str, Outlook]:
    """How each of these demands that is open stands, by code; what was declined is counted all the same."""
    asked = [row for row in wanted if row.state == "open"]
    if not asked:
        return {}
    day, zone = joint_records.today(session), installation(session).timezone
    wants = [_want(row, day) for row in asked]
    firsts = [want.first for want in wants if want.first is not None]
    kinds = sorted({want.kind for want in wants})
    # what ends before any is needed need not be read
    rows = resource_queries.offered(session, kinds, since=min(firsts) if len(firsts) == len(wants) else None)
    told = matching_arrays.outlooks(wants, _columns(rows, day, zone))
    return {row.code: one for row, one in zip(asked, told, strict=True)}


def accept(
    session: Session,
    demand_code: str,
    resource_code: str,
    *,
    actor: str,
    joint: str = USUAL_JOINT,
    name: str | None = None,
    starts_on: date | None = None,
    ends_on: date | None = None,
    note: str | None = None,
) -> JointMatch:
    """Let a resource meet a demand: the match keeps the reasons as they were, and a joint project begins.

    name   of the project; None is that of the demand. The unit that lends the resource leads it.

    Raises NotFound, BadValue, DoesNotFit where the rule refuses them, and StateRefused where the demand is not open:
    also for the second of two who accept at once.
    """
    held = _open(session, demand_code)
    asked, offered = demands.demand(session, demand_code), resources.resource(session, resource_code)
    want, offer = _facts(session, asked, offered)
    refused = rule.refusals(offer, want)
    if refused:
        raise DoesNotFit(demand_code, resource_code, [reason.word for reason in refused])
    place = (asked.lon, asked.lat) if asked.is_placed and asked.lon is not None and asked.lat is not None else None
    draft = ProjectDraft(
        name=name or asked.name,
        joint=joint,
        level=asked.level,
        area_code=asked.area_code,
        lead_unit_id=offered.unit_id,
        starts_on=starts_on,
        ends_on=ends_on,
        demand_id=asked.id,
        place=place,
        address=asked.address,
    )
    project = projects.start(session, draft, actor=actor, note=note)
    match = _match(session, asked.id, offered.id)
    match.state, match.note, match.decided_by = ACCEPTED, joint_records.words("note", note), actor
    match.reasons = _records(rule.reasons(offer, want, rule.metres_between(offer, want)))
    match.project_id = project.id
    held.state = "matched"
    session.flush()
    _keep(session, asked, offered, "accept", actor=actor, project=project.code)
    return match


def decline(session: Session, demand_code: str, resource_code: str, *, actor: str, note: str | None) -> JointMatch:
    """Say that a resource is not for a demand, and why: it is proposed for it no more.

    Raises NotFound, BadValue without a reason, and StateRefused where the demand is not open.
    """
    why = joint_records.words("note", note)
    if why is None:
        raise BadValue("note", "missing")
    _open(session, demand_code)
    asked, offered = demands.demand(session, demand_code), resources.resource(session, resource_code)
    want, offer = _facts(session, asked, offered)
    found = rule.refusals(offer, want) or rule.reasons(offer, want, rule.metres_between(offer, want))
    match = _match(session, asked.id, offered.id)
    match.state, match.note, match.decided_by, match.project_id = DECLINED, why, actor, None
    match.reasons = _records(found)
    session.flush()
    _keep(session, asked, offered, "decline", actor=actor, note=why)
    return match


def propose_again(session: Session, demand_code: str, resource_code: str, *, actor: str) -> None:
    """Take a refusal back: the resource stands among those that fit again.

    Raises NotFound where nothing was declined, and StateRefused where the demand is not open.
    """
    _open(session, demand_code)
    asked, offered = demands.demand(session, demand_code), resources.resource(session, resource_code)
    match = session.scalars(
        select(JointMatch).where(
            JointMatch.demand_id == asked.id, JointMatch.resource_id == offered.id, JointMatch.state == DECLINED
        )
    ).first()
    if match is None:
        raise NotFound("declined match", f"{demand_code}/{resource_code}")
    session.delete(match)
    session.flush()
    _keep(session, asked, offered, "propose", actor=actor)


def _open(session: Session, code: str) -> Demand:
    held = demands.locked(session, code)
    if held.state != "open":
        raise StateRefused(f"demand {code}", held.state, "matched")
    return held


def _match(session: Session, demand_id: int, resource_id: int) -> JointMatch:
    """The decision about a pair, a new one where nothing was decided; the demand is held."""
    # the demand's lock keeps others from deciding, the resource's from ending it meanwhile
    session.get(Resource, resource_id, with_for_update={"key_share": True})
    wanted = select(JointMatch).where(JointMatch.demand_id == demand_id, JointMatch.resource_id == resource_id)
    found = session.scalars(wanted).first()
    if found is None:
        found = JointMatch(demand_id=demand_id, resource_id=resource_id, decided_by="")
        session.add(found)
    return found


def _facts(session: Session, asked: DemandRow, offered: ResourceRow) -> tuple[Want, Offer]:
    day = joint_records.today(session)
    return _want(asked, day), _offer(offered, day, installation(session).timezone)


def _want(row: DemandRow, day: date) -> Want:
    """What a demand asks for from today on; one that is overdue is asked for on the days it had."""
    is_over = row.needed_until is not None and row.needed_until < day
    first = row.needed_from if is_over else max(row.needed_from or day, day)
    return Want(
        code=row.code,
        kind=row.kind_code,
        x=row.x,
        y=row.y,
        people=row.people,
        first=first,
        last=row.needed_until,
        town_code=row.town_code,
        village_code=row.village_code,
    )


def _offer(row: ResourceRow, day: date, timezone: str) -> Offer:
    return Offer(
        code=row.code,
        kind=row.kind_code,
        x=row.x,
        y=row.y,
        capacity=row.capacity_count,
        weekdays=weekdays_open(row.hours, day, timezone=timezone),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        is_active=row.is_active,
        booked=row.booked,
        audience=row.audience,
        town_code=row.town_code,
        village_code=row.village_code,
    )


def _columns(rows: Sequence[OfferedRow], day: date, timezone: str) -> OfferColumns:
    """What resources offer, column by column."""
    kind, x, y, capacity, hours, *others = zip(*rows, strict=True) if rows else [()] * len(OfferedRow._fields)
    # many are open alike
    known = {each: weekdays_open(each, day, timezone=timezone) for each in set(hours)}
    return OfferColumns(kind, x, y, capacity, [known[each] for each in hours], *others)


def _records(found: Sequence[Reason]) -> list[dict[str, Any]]:
    return [{"word": reason.word, "facts": dict(reason.facts)} for reason in found]


def _keep(
    session: Session,
    asked: DemandRow,
    offered: ResourceRow,
    did: str,
    *,
    actor: str,
    note: str | None = None,
    project: str | None = None,
) -> None:
    facts = {
        "did": did,
        "name": offered.name,
        "code": asked.code,
        "resource": offered.code,
        "before": None,
        "after": {"resource": offered.name, "unit": offered.unit_name, "project": project, "note": note},
    }
    changes.keep(session, KIND, actor=actor, facts=facts)
