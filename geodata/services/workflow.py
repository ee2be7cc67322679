"""The life of a ticket as data: which move leads from where to where, who may make it, what it needs."""

from collections.abc import Mapping
from dataclasses import dataclass

STATES = (
    *("draft", "reported", "verifying", "filed", "dispatched", "accepted", "handling", "waiting"),
    *("done", "checking", "closed", "returned", "cancelled", "merged", "reopened"),
)
ENDED = ("closed", "cancelled", "merged")

OFFICES = frozenset({"town_office", "district", "admin"})
FIELD = OFFICES | {"officer"}

# What moves may need beside the right role.
REASON = "reason"
OTHER_PERSON = "other_person"


@dataclass(frozen=True)
class Move:
    """One move: from any of these states to another.

    roles   who may make it.
    needs   `reason`: a text; `other_person`: not somebody who handled the ticket (four eyes).
    clock   what the move does to the handling clock: `start`, `stop` or nothing.
    """

    action: str
    sources: frozenset[str]
    target: str
    roles: frozenset[str]
    needs: frozenset[str] = frozenset()
    clock: str | None = None


def _move(
    action: str,
    sources: str,
    target: str,
    *,
    roles: frozenset[str],
    needs: tuple[str, ...] = (),
    clock: str | None = None,
) -> Move:
    return Move(action, frozenset(sources.split()), target, roles, frozenset(needs), clock)


# A ticket is born by `report`, and `assign` is made by the rule (services/assignment.py);
# the others are made by people. Later moves of the trade (verify, wait, extend …) are lines here.
MOVES: Mapping[str, Move] = {
    move.action: move
    for move in (
        _move("report", "", "reported", roles=FIELD),
        _move(
            "assign",
            "reported verifying filed dispatched returned reopened",
            "dispatched",
            roles=OFFICES,
            clock="start",
        ),
        _move("accept", "dispatched", "accepted", roles=FIELD),
        _move("handle", "dispatched accepted waiting", "handling", roles=FIELD),
        _move("done", "accepted handling", "done", roles=FIELD, clock="stop"),
        _move("check", "done", "checking", roles=FIELD, needs=(OTHER_PERSON,)),
        _move("close", "done checking", "closed", roles=FIELD, needs=(OTHER_PERSON,)),
        _move("return", "dispatched accepted handling", "returned", roles=FIELD, needs=(REASON,)),
    )
}

# Whoever did one of these has handled the ticket, and may not be the one who finds it well done.
HANDLING = ("accept", "handle", "done")
BY_RULE = ("report", "assign")


def moves_from(state: str, role: str) -> list[Move]:
    """Moves that a role may make by hand on a ticket in a state, in the order of its life."""
    return [
        move for move in MOVES.values() if move.action not in BY_RULE and state in move.sources and role in move.roles
    ]
