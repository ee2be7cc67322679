"""What happened to a ticket: events, only ever added, numbered 1, 2, 3 … within it, and told as they are added."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geodata.errors import NotFound
from geodata.models import Ticket, TicketEvent
from geodata.queries.rules import hold_calendar
from geodata.queries.scope import ALL, Scope
from geodata.queries.tickets import of_number
from geodata.record_errors import TicketChanged
from geodata.services import announcements
from geodata.services.standing import Entry

# Versions of a ticket that whoever acts on it has seen and goes by; None where they go by none.
Seen: TypeAlias = Collection[int] | None


def locked(session: Session, number: str, *, scope: Scope = ALL, seen: Seen = None) -> Ticket:
    """The ticket as it stands, held against all others until this transaction ends.

    Raises NotFound where the scope has none of that number, in the same words as where there is none at all, and
    TicketChanged where its version is none of those that were seen.
    """
    # before the ticket: whoever changes the calendar has it first and writes to tickets then
    hold_calendar(session)
    wanted = of_number(number, scope).with_for_update()
    found = session.scalars(wanted.execution_options(populate_existing=True)).first()
    if found is None:
        raise NotFound("ticket", number)
    if seen is not None and (now := version(session, found)) not in seen:
        raise TicketChanged(number, now)
    return found


def version(session: Session, ticket: Ticket) -> int:
    """Number of a ticket's newest event, which grows with whatever happens to it."""
    return _last(session, [ticket.id]).get(ticket.id, 0)


def append(
    session: Session,
    ticket: Ticket,
    action: str,
    *,
    actor: str,
    from_state: str | None,
    facts: dict[str, Any] | None = None,
    at: datetime | None = None,
    last: int | None = None,
) -> None:
    """Add one event to a ticket that this transaction holds; its state is the new one, `at` None is now."""
    entry = Entry(action, actor, from_state, ticket.state, facts or {}, at or datetime.now(UTC))
    append_all(session, ticket, [entry], last=last)


def append_all(session: Session, ticket: Ticket, entries: Sequence[Entry], *, last: int | None = None) -> None:
    """Add events to a ticket that this transaction holds (`locked`, or just made), and write out its changes.

    last  number of its newest event where the caller knows it, 0 for none.
    """
    append_many(session, [(ticket, entry) for entry in entries], last=None if last is None else {ticket.id: last})


def append_many(
    session: Session, entries: Sequence[tuple[Ticket, Entry]], *, last: Mapping[int, int] | None = None
) -> None:
    """Add events to tickets that this transaction holds, each ticket's in their order, and write out all changes.

    last  number of each ticket's newest event, by id, where the caller knows it, 0 for none.
    """
    numbers = dict(last or _last(session, sorted({ticket.id for ticket, _ in entries})))
    made = []
    for ticket, one in entries:
        numbers[ticket.id] = numbers.get(ticket.id, 0) + 1
        made.append(TicketEvent(ticket_id=ticket.id, seq=numbers[ticket.id], **one._asdict()))
    _add(session, made)


def _last(session: Session, ids: Sequence[int]) -> Mapping[int, int]:
    asked = select(TicketEvent.ticket_id, func.max(TicketEvent.seq)).where(TicketEvent.ticket_id.in_(ids))
    with session.no_autoflush:
        return {row[0]: row[1] for row in session.execute(asked.group_by(TicketEvent.ticket_id))}


def begin(session: Session, born: Sequence[tuple[Ticket, Entry]]) -> None:
    """Write down the first event of tickets that have none."""
    _add(session, [TicketEvent(ticket_id=ticket.id, seq=1, **entry._asdict()) for ticket, entry in born])


def events(session: Session, ticket: Ticket) -> list[TicketEvent]:
    """Events of a ticket in their order."""
    wanted = select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.seq)
    return list(session.scalars(wanted))


def entry(event: TicketEvent) -> Entry:
    """An event as the fold reads it."""
    return Entry(event.action, event.actor, event.from_state, event.to_state, event.facts, event.at)


def _add(session: Session, made: Sequence[TicketEvent]) -> None:
    session.add_all(made)
    session.flush()
    announcements.tell(session, [event.id for event in made], actions={event.action for event in made})
