"""One move for many tickets: each is moved or refused for itself, and what happened to each is told."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from geodata.errors import MoveRefused, TooMany
from geodata.models import Ticket
from geodata.queries.scope import ALL, Scope
from geodata.services.assignment import assign
from geodata.services.moves import move_ticket
from geodata.services.tickets import ticket
from geodata.services.workflow import MOVES, roles_of
from spatial.errors import WanggeError

# More are not looked at before they are moved, and would hold their tickets too long against all others.
MOST_AT_ONCE = 200

# Answers to whatever was asked for: the move follows from that.
ANSWERS = ("grant", "refuse")
ASKED = ("extend", "suspend", "appeal")

# By hand for many at once; what needs more than words is done ticket by ticket.
ACTIONS = ("file", "assign", *ANSWERS, "check", "close", "rework", "supervise", "cancel")


@dataclass(frozen=True)
class Wish:
    """What is wanted of each ticket: a move of ACTIONS by somebody, with what it needs (see `moves.Step`)."""

    action: str
    actor: str
    role: str
    reason: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    at: datetime | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of one ticket.

    action     the move that was made, or that was wanted.
    state      where it is now; None where nothing was done.
    given_to   name of the unit that has it after an assignment by the rule; None for an office.
    refusal    why nothing was done; None where it was.
    """

    number: str
    action: str
    state: str | None = None
    given_to: str | None = None
    refusal: WanggeError | None = None


def move_many(
    session: Session,
    numbers: Sequence[str],
    wish: Wish,
    *,
    permit: Callable[[Ticket], None],
    scope: Scope = ALL,
) -> list[Outcome]:
    """Make a move on each of several tickets, in the order given; a number that comes twice counts once.

    permit   raises where the person may not do this to a ticket.
    scope    which tickets the person sees; of any other there is none.

    A ticket that is refused stays as it was and hinders no other. Raises TooMany above MOST_AT_ONCE, before
    anything is done.
    """
    wanted = list(dict.fromkeys(numbers))
    if len(wanted) > MOST_AT_ONCE:
        raise TooMany("tickets", len(wanted), MOST_AT_ONCE)
    found = {}
    # always in the same order, so that two desks never wait for one another
    for number in sorted(wanted):
        try:
            with session.begin_nested():
                found[number] = _move(session, number, wish, permit=permit, scope=scope)
        except WanggeError as refusal:
            found[number] = Outcome(number, wish.action, refusal=refusal)
    return [found[number] for number in wanted]


def _move(session: Session, number: str, wish: Wish, *, permit: Callable[[Ticket], None], scope: Scope) -> Outcome:
    held = ticket(session, number, scope=scope)
    permit(held)
    if wish.action == "assign":
        decision = assign(session, held, actor=wish.actor, role=wish.role, at=wish.at, scope=scope)
        chosen = decision.chosen
        return Outcome(number, wish.action, held.state, given_to=chosen.unit.name if chosen else None)
    action = answer_to(held, wish.action) if wish.action in ANSWERS else wish.action
    moved = move_ticket(
        session,
        number,
        action,
        actor=wish.actor,
        role=wish.role,
        reason=wish.reason,
        facts=wish.facts,
        at=wish.at,
        scope=scope,
    )
    return Outcome(number, action, moved.state)


def possible(state: str, role: str, *, pending: str | None, has_unit: bool) -> list[str]:
    """Actions of ACTIONS that a role may make on a ticket as it stands, in their order.

    What lies with a unit is not decided anew by the rule: it has somebody who works on it.
    """
    found = []
    for action in ACTIONS:
        move = MOVES.get(f"{action}_{pending}" if action in ANSWERS and pending in ASKED else action)
        is_settled = action == "assign" and state == "dispatched" and has_unit
        if move and state in move.sources and role in roles_of(move, pending) and not is_settled:
            found.append(action)
    return found


def answer_to(held: Ticket, answer: str) -> str:
    """The move that grants or refuses what was asked for. Raises MoveRefused where nothing was."""
    if held.pending not in ASKED:
        raise MoveRefused(held.number, answer, "nobody has asked for anything", word="not_asked")
    return f"{answer}_{held.pending}"
