"""Tickets that tell of the same thing: found, and made one."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from geoalchemy2.shape import to_shape
from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import insert as insert_new
from sqlalchemy.orm import Session

from geodata.errors import BadSetting
from geodata.models import Category, Ticket, TicketFollow
from geodata.queries import locate
from geodata.queries.locate import SimilarTicket
from geodata.queries.scope import ALL, Scope
from geodata.queries.tickets import merged_into as ended_in
from geodata.services import clocks, history
from geodata.services.history import Seen
from geodata.services.installation import installation
from geodata.services.moves import apply, check_role, check_state, need_reason
from geodata.services.standing import Entry
from geodata.services.workflow import MOVES

__all__ = ["follow", "followed", "merge", "merged_into", "similar", "similar_to", "unfollow"]


def similar(
    session: Session,
    *,
    lon: float,
    lat: float,
    category: str,
    scope: Scope,
    at: datetime | None = None,
    limit: int = 5,
) -> list[SimilarTicket]:
    """Open tickets of a scope and category near a WGS 84 point and of late, nearest first.

    How near and how late is the category's own (`similar_m`, `similar_days`).
    """
    kind = session.get_one(Category, category)
    return locate.similar_tickets(
        session,
        lon=lon,
        lat=lat,
        metre_srid=installation(session).metre_srid,
        category=category,
        radius_m=kind.similar_m,
        since=(at or datetime.now(UTC)) - timedelta(days=kind.similar_days),
        scope=scope,
        limit=limit,
    )


def similar_to(session: Session, held: Ticket, *, scope: Scope) -> list[SimilarTicket]:
    """Other open tickets of a scope that may tell of the same thing as this; none where its place is not known."""
    if held.geom is None:
        return []
    lon, lat = to_shape(held.geom).coords[0]
    found = similar(session, lon=lon, lat=lat, category=held.category_code, scope=scope, at=held.reported_at, limit=10)
    return [one for one in found if one.number != held.number]


def merge(
    session: Session,
    number: str,
    into: str,
    *,
    actor: str,
    role: str,
    reason: str,
    at: datetime | None = None,
    scope: Scope = ALL,
    seen: Seen = None,
) -> Ticket:
    """End a ticket in another that tells of the same thing; returns that other one.

    scope   which tickets the person sees; both must be there.
    seen    versions that the person goes by of the one that ends.

    Both keep their histories. The other takes over the earlier of the two handling deadlines, and all who follow.
    Raises NotFound, TicketChanged, BadSetting for a ticket and itself, and MoveRefused where one of them is past it.
    """
    if number == into:
        raise BadSetting("ticket", into, "another ticket than the one that ends in it")
    moment = at or datetime.now(UTC)
    # always in one order, so that two people who merge crosswise do not wait for one another for ever
    held = {
        each: history.locked(session, each, scope=scope, seen=seen if each == number else None)
        for each in sorted((number, into))
    }
    gone, kept = held[number], held[into]
    need_reason(gone, "merge", reason)
    for ticket, move in ((gone, MOVES["merge"]), (kept, MOVES["absorb"])):
        check_state(ticket, move)
        check_role(ticket, move, role)
    is_earlier = clocks.take_over(session, kept, gone)
    entry = Entry("merge", actor, gone.state, "merged", {"into": into, "reason": reason.strip()}, moment)
    apply(session, gone, entry)
    gone.merged_into_id = kept.id
    clocks.run(session, gone, MOVES["merge"].clocks, at=moment)
    history.append_all(session, gone, [entry])
    facts = {"merged": number, **({"due_at": kept.due_at.isoformat()} if is_earlier and kept.due_at else {})}
    told = Entry("absorb", actor, kept.state, kept.state, facts, moment)
    apply(session, kept, told)
    history.append_all(session, kept, [told])
    _pass_on(session, gone, kept)
    return kept


def merged_into(session: Session, held: Ticket, *, scope: Scope) -> Sequence[Ticket]:
    """Tickets of a scope that ended in this one, by number."""
    return session.scalars(ended_in(held.id, scope)).all()


def follow(session: Session, held: Ticket, user_id: int) -> None:
    """Let somebody hear what becomes of a ticket; twice is once."""
    session.execute(insert_new(TicketFollow).values(ticket_id=held.id, user_id=user_id).on_conflict_do_nothing())


def unfollow(session: Session, held: Ticket, user_id: int) -> None:
    """Let somebody hear no more of a ticket."""
    found = session.get(TicketFollow, (held.id, user_id))
    if found is not None:
        session.delete(found)
        session.flush()


def followed(session: Session, held: Ticket, user_id: int) -> bool:
    """Whether somebody follows a ticket."""
    return session.get(TicketFollow, (held.id, user_id)) is not None


def _pass_on(session: Session, gone: Ticket, kept: Ticket) -> None:
    ids = session.scalars(select(TicketFollow.user_id).where(TicketFollow.ticket_id == gone.id)).all()
    there = set(session.scalars(select(TicketFollow.user_id).where(TicketFollow.ticket_id == kept.id)))
    rows = [{"ticket_id": kept.id, "user_id": each} for each in ids if each not in there]
    if rows:
        session.execute(insert(TicketFollow), rows)
