"""A link by which a unit without a sign-in works one ticket: signed, kept as a hash, limited in time, used up once.

Whoever holds the link acts for the unit, and for nothing but this ticket. It is good while the ticket lies with the
unit by the decision it was made after: once it is given on, even to the same unit, an office makes a new one.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from geodata.errors import BadSetting, LinkEnded, MoveRefused, NotFound
from geodata.models import Handover, MemberUnit, Ticket
from geodata.queries.scope import ALL, Scope
from geodata.services import history, link_tokens
from geodata.services.photos import NewPhoto, move_with_photos
from geodata.services.workflow import MOVES

HOURS = 72.0
MOST_HOURS = 14 * 24.0

# What can be done by a link, and what uses it up.
BY_LINK = ("accept", "handle", "done", "return", "ask_extend")
LAST = ("done", "return")

# While a unit has the ticket and has not said that it is done.
GIVEN = MOVES["return"].sources

_PURPOSE = "handover"


class Link(NamedTuple):
    """A good link, the ticket it leads to and the unit it is for."""

    handover: Handover
    ticket: Ticket
    unit: MemberUnit


def actor_of(unit: MemberUnit) -> str:
    """The name in the history of what is done by a link of a unit; no sign-in may have one like it."""
    return f"unit:{unit.code}"


def make(
    session: Session,
    number: str,
    *,
    key: str,
    actor: str,
    hours: float = HOURS,
    now: datetime | None = None,
    scope: Scope = ALL,
) -> tuple[Link, str]:
    """Make a link for the unit that has a ticket; returns it with its token, which nobody can find out afterwards.

    key     the secret of this installation that signs tokens.
    hours   how long it is good.

    Links of the ticket that were good until now are revoked. Raises NotFound, BadSetting, and MoveRefused where no
    unit has the ticket, or it is past being worked.
    """
    if not 0 < hours <= MOST_HOURS:
        raise BadSetting("hours", f"{hours:g}", f"above 0, at most {MOST_HOURS:g}")
    held = history.locked(session, number, scope=scope)
    if held.unit_id is None or held.state not in GIVEN:
        why = f"no unit has it to work on: it is {held.state!r}; assign it first"
        raise MoveRefused(number, "handover", why, word="state", state=held.state)
    moment = now or datetime.now(UTC)
    _revoke(session, held, moment)
    token = link_tokens.new(_PURPOSE, key=key)
    made = Handover(
        ticket_id=held.id,
        unit_id=held.unit_id,
        token_hash=link_tokens.hashed(token),
        actor=actor,
        created_at=moment,
        expires_at=moment + timedelta(hours=hours),
    )
    session.add(made)
    session.flush()
    return Link(made, held, session.get_one(MemberUnit, held.unit_id)), token


def find(session: Session, token: str, *, key: str, now: datetime | None = None) -> Link:
    """The link of a token; changes nothing. Raises NotFound for one that we never made, LinkEnded with the reason."""
    if not link_tokens.is_ours(_PURPOSE, token, key=key):
        raise NotFound("link", "of this address")
    made = session.scalars(select(Handover).where(Handover.token_hash == link_tokens.hashed(token))).first()
    if made is None:
        raise NotFound("link", "of this address")
    held = session.get_one(Ticket, made.ticket_id)
    ended = _ended(made, held, now or datetime.now(UTC))
    if ended is not None:
        raise LinkEnded(ended)
    return Link(made, held, session.get_one(MemberUnit, made.unit_id))


def move(
    session: Session,
    token: str,
    action: str,
    *,
    key: str,
    reason: str | None = None,
    facts: Mapping[str, Any] | None = None,
    photos: Sequence[NewPhoto] = (),
    now: datetime | None = None,
) -> Ticket:
    """Make one move of `BY_LINK` for the unit, with its photos; one of `LAST` uses the link up.

    Raises as `find` and `move_with_photos` do. Two who use one link at once wait for each other at the ticket.
    """
    moment = now or datetime.now(UTC)
    if action not in BY_LINK:
        raise NotFound("move", action, BY_LINK)
    before = find(session, token, key=key, now=moment)
    history.locked(session, before.ticket.number)
    session.refresh(before.handover)
    link = find(session, token, key=key, now=moment)
    moved = move_with_photos(
        session,
        link.ticket.number,
        action,
        actor=actor_of(link.unit),
        role="unit",
        reason=reason,
        facts={**(facts or {}), "link": link.handover.id},
        photos=photos,
        at=moment,
        scope=Scope(unit_id=link.unit.id),
    )
    link.handover.opened_at = link.handover.opened_at or moment
    if action in LAST:
        link.handover.used_at = moment
    session.flush()
    return moved


def living(session: Session, held: Ticket, *, now: datetime | None = None) -> Handover | None:
    """The link of a ticket that is good now; there is one at most."""
    moment = now or datetime.now(UTC)
    wanted = select(Handover).where(Handover.ticket_id == held.id).order_by(Handover.id.desc())
    return next((one for one in session.scalars(wanted) if _ended(one, held, moment) is None), None)


def revoke(session: Session, number: str, *, now: datetime | None = None, scope: Scope = ALL) -> None:
    """End every link of a ticket. Raises NotFound."""
    _revoke(session, history.locked(session, number, scope=scope), now or datetime.now(UTC))


def _revoke(session: Session, held: Ticket, moment: datetime) -> None:
    living_ones = (Handover.ticket_id == held.id, Handover.used_at.is_(None), Handover.revoked_at.is_(None))
    session.execute(update(Handover).where(*living_ones).values(revoked_at=moment))


def _ended(made: Handover, held: Ticket, moment: datetime) -> str | None:
    """Why a link is good no longer; None while it is."""
    if made.used_at is not None:
        return "used"
    if made.revoked_at is not None:
        return "revoked"
    is_given_on = held.dispatched_at is not None and held.dispatched_at > made.created_at
    if held.unit_id != made.unit_id or is_given_on:
        return "reassigned"
    return "expired" if moment >= made.expires_at else None
