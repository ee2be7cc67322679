"""What happened to a ticket: events, only ever added, numbered 1, 2, 3 … within it."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geodata.errors import NotFound
from geodata.models import Ticket, TicketEvent


def locked(session: Session, number: str) -> Ticket:
    """The ticket as it stands, held against all others until this transaction ends. Raises NotFound."""
    wanted = select(Ticket).where(Ticket.number == number).with_for_update(of=Ticket)
    found = session.scalars(wanted.execution_options(populate_existing=True)).first()
    if found is None:
        raise NotFound("ticket", number)
    return found


def append(
    session: Session,
    ticket: Ticket,
    action: str,
    *,
    actor: str,
    from_state: str | None,
    facts: dict[str, Any] | None = None,
    at: datetime | None = None,
) -> TicketEvent:
    """Add an event to a ticket that this transaction holds (`locked`, or just made); its state is the new one.

    at  when it happened; None is now.
    """
    last = select(func.coalesce(func.max(TicketEvent.seq), 0)).where(TicketEvent.ticket_id == ticket.id)
    event = TicketEvent(
        ticket_id=ticket.id,
        # counted by the insert itself; nobody else adds while this transaction holds the ticket
        seq=last.scalar_subquery() + 1,
        action=action,
        from_state=from_state,
        to_state=ticket.state,
        actor=actor,
        facts=facts or {},
    )
    if at is not None:
        event.at = at
    session.add(event)
    session.flush()
    return event


def events(session: Session, ticket: Ticket) -> list[TicketEvent]:
    """Events of a ticket in their order."""
    wanted = select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.seq)
    return list(session.scalars(wanted))
