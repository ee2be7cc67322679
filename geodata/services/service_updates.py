"""Updates that other systems send about a ticket: moves of the workflow where they may, else what they say is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.errors import MoveRefused, NotFound
from geodata.models import ServiceUpdate, Ticket, TicketEvent
from geodata.queries import service_requests as queries
from geodata.queries.scope import Scope
from geodata.record_errors import FieldProblem, FieldsWrong
from geodata.services import tickets
from geodata.services.photos import NewPhoto, move_with_photos
from geodata.services.workflow import moves_from

# By which moves a state of theirs is reached, the first one that can be made; where none can, it is a note.
MOVES_BY_STATUS: Mapping[str, tuple[str, ...]] = {
    "open": ("reopen",),
    "reopen": ("reopen",),
    "confirmed": ("verify",),
    "for_triage": ("verify",),
    "investigating": ("verify", "accept"),
    "action_scheduled": ("accept",),
    "in_progress": ("handle", "resume"),
    "internal_referral": (),
    "duplicate": (),
    "not_councils_responsibility": ("return", "cancel"),
    "no_further_action": ("cancel",),
    "unable_to_fix": ("cancel",),
    "fixed": ("done", "close"),
    "closed": ("close", "done"),
    "cancelled": ("cancel",),
}

NOTE = "note"


@dataclass(frozen=True)
class Update:
    """What another system says of a ticket.

    update_id   its name there; the same sender uses each once.
    status      a word of MOVES_BY_STATUS.
    said_at     when it happened there; the history has it beside our own time.
    """

    number: str
    update_id: str
    status: str
    description: str
    said_at: datetime
    media_url: str | None = None
    external_code: str | None = None


def status_word(told: str) -> str | None:
    """A status as it may be written (`In progress`, `IN-PROGRESS`) as a word of MOVES_BY_STATUS; None for no such."""
    word = told.strip().casefold().replace("'", "").replace("-", "_").replace(" ", "_")
    return word if word in MOVES_BY_STATUS else None


def push(
    session: Session, update: Update, *, actor: str, role: str, scope: Scope, photos: Sequence[NewPhoto] = ()
) -> int:
    """Keep an update in the history of its ticket, as a move where role and state allow one; returns the event's id.

    Raises NotFound for a ticket that is not in the scope, FieldsWrong for an `update_id` that the same sender has used,
    and MoveRefused where not even a note can be made.
    """
    held = tickets.ticket(session, update.number, scope=scope)
    if not queries.claim_update(session, actor=actor, update_id=update.update_id, ticket_id=held.id):
        raise FieldsWrong([FieldProblem("update_id", f"{update.update_id} has been received before")])
    _move(session, held, update, actor=actor, role=role, scope=scope, photos=photos)
    last = select(TicketEvent.id).where(TicketEvent.ticket_id == held.id).order_by(TicketEvent.seq.desc()).limit(1)
    event_id = session.scalars(last).one()
    session.get_one(ServiceUpdate, (actor, update.update_id)).event_id = event_id
    session.flush()
    return event_id


def _move(
    session: Session,
    held: Ticket,
    update: Update,
    *,
    actor: str,
    role: str,
    scope: Scope,
    photos: Sequence[NewPhoto],
) -> None:
    told = {
        "update_id": update.update_id,
        "status": update.status,
        "said_at": update.said_at.isoformat(),
        "media_url": update.media_url,
        "external_code": update.external_code,
    }
    facts = {name: value for name, value in told.items() if value is not None}
    can = {move.action for move in moves_from(held.state, role, held.pending)}
    for action in (*(one for one in MOVES_BY_STATUS[update.status] if one in can), NOTE):
        try:
            # what a move that is refused has done already is undone
            with session.begin_nested():
                move_with_photos(
                    session,
                    update.number,
                    action,
                    actor=actor,
                    role=role,
                    reason=update.description,
                    facts=facts,
                    photos=photos,
                    scope=scope,
                )
        except (MoveRefused, NotFound):
            if action == NOTE:
                raise
        else:
            return
