"""The life of a ticket as data: which move leads where, who may make it, what it needs, which clock runs."""

from collections.abc import Mapping
from dataclasses import dataclass

STATES = (
    *("draft", "reported", "verifying", "filed", "dispatched", "accepted", "handling", "waiting"),
    *("done", "checking", "closed", "returned", "cancelled", "merged", "reopened"),
)
ENDED = ("closed", "cancelled", "merged")

OFFICES = frozenset({"town_office", "district", "admin"})
# they look down on all towns, and decide where towns and units cannot agree
REFEREES = frozenset({"district", "admin"})
FIELD = OFFICES | {"officer"}
HANDLERS = FIELD | {"unit"}

# What moves may need beside the right role.
REASON = "reason"
CODE = "code"  # a reason of the list `return_reason`
OTHER_PERSON = "other_person"  # four eyes: nobody who handled the ticket
OTHER_THAN_ASKER = "other_than_asker"  # whoever asked for it does not grant it
AMOUNT = "amount"  # how much longer, in the units of the limit
UNIT = "unit"  # the code of a unit
TICKET = "ticket"  # the number of another ticket
SATISFIED = "satisfied"  # yes or no
PHOTO = "photo"  # a picture of the result, where the filing rule asks for one
BOTH_PHOTOS = "both_photos"  # one before and one after

# The second return brings in a referee, whose choice may not be returned.
RETURNS_TO_REFEREE = 2


@dataclass(frozen=True)
class Move:
    """One move: from any of these states to another.

    target    '' where the state stays.
    roles     who may make it; while a referee is asked for, `REFEREES` alone may assign, choose or cancel.
    needs     words of the list above.
    clocks    what it does to the clocks of the stages, as `verb:stage` with the verbs start, stop, pause, resume
              and extend; `stop:*` stops all.
    asks      what is then waited for (`extend`, `suspend`, `appeal`).
    answers   what must have been asked for, and no longer is.
    is_by_rule  made by a service of its own (report, assign, merge …), never by `move_ticket`.
    """

    action: str
    sources: frozenset[str]
    target: str
    roles: frozenset[str]
    needs: frozenset[str] = frozenset()
    clocks: tuple[str, ...] = ()
    asks: str | None = None
    answers: str | None = None
    is_by_rule: bool = False


def _move(
    action: str,
    sources: str,
    target: str,
    *,
    roles: frozenset[str],
    needs: str = "",
    clocks: str = "",
    asks: str | None = None,
    answers: str | None = None,
    is_by_rule: bool = False,
) -> Move:
    return Move(
        action,
        frozenset(sources.split()),
        target,
        roles,
        frozenset(needs.split()),
        tuple(clocks.split()),
        asks,
        answers,
        is_by_rule,
    )


NEW = "reported verifying filed"
WITH_UNIT = "dispatched accepted handling"
OPEN = f"{NEW} {WITH_UNIT} waiting done checking returned reopened"
BEFORE_DONE = f"{NEW} {WITH_UNIT} waiting returned reopened"
DISPATCHED = "stop:verify stop:dispatch stop:referee stop:accept start:accept start:handle"

MOVES: Mapping[str, Move] = {
    move.action: move
    for move in (
        # found and filed
        _move("report", "", "reported", roles=HANDLERS, clocks="start:verify", is_by_rule=True),
        _move("place", OPEN, "", roles=FIELD, is_by_rule=True),
        _move("verify", "reported", "verifying", roles=OFFICES),
        _move("file", "reported verifying", "filed", roles=OFFICES, clocks="stop:verify start:dispatch"),
        _move(
            "self_handle", "reported", "done", roles=FIELD, needs="both_photos", clocks="stop:verify start:check"
        ),
        # given to somebody
        _move("assign", f"{NEW} dispatched returned reopened", "dispatched", roles=OFFICES, clocks=DISPATCHED,
              is_by_rule=True),
        _move("choose", BEFORE_DONE, "dispatched", roles=OFFICES, needs="unit reason", clocks=DISPATCHED,
              is_by_rule=True),
        # worked
        _move("accept", "dispatched", "accepted", roles=HANDLERS, clocks="stop:accept"),
        _move("handle", "dispatched accepted", "handling", roles=HANDLERS, clocks="stop:accept"),
        _move("done", "accepted handling", "done", roles=HANDLERS, needs="photo",
              clocks="stop:accept stop:handle stop:answer start:check"),
        _move("return", WITH_UNIT, "returned", roles=HANDLERS, needs="reason code",
              clocks="stop:accept stop:handle stop:approve start:dispatch"),
        # longer, or not now
        _move("ask_extend", WITH_UNIT, "", roles=HANDLERS, needs="reason amount", clocks="start:approve",
              asks="extend"),
        _move("grant_extend", WITH_UNIT, "", roles=OFFICES, needs="other_than_asker",
              clocks="stop:approve extend:handle", answers="extend"),
        _move("refuse_extend", WITH_UNIT, "", roles=OFFICES, needs="reason", clocks="stop:approve", answers="extend"),
        _move("ask_suspend", "accepted handling", "", roles=HANDLERS, needs="reason", clocks="start:approve",
              asks="suspend"),
        _move("grant_suspend", "accepted handling", "waiting", roles=OFFICES, needs="other_than_asker",
              clocks="stop:approve pause:handle", answers="suspend"),
        _move("refuse_suspend", "accepted handling", "", roles=OFFICES, needs="reason", clocks="stop:approve",
              answers="suspend"),
        _move("resume", "waiting", "handling", roles=HANDLERS, clocks="resume:handle"),
        # looked after from above
        _move("supervise", f"{BEFORE_DONE} done checking", "", roles=OFFICES, needs="reason", clocks="start:answer"),
        _move("answer", f"{BEFORE_DONE} done checking", "", roles=HANDLERS, needs="reason", clocks="stop:answer"),
        # checked and ended
        _move("check", "done", "checking", roles=FIELD, needs="other_person"),
        _move("close", "done checking", "closed", roles=FIELD, needs="other_person", clocks="stop:*"),
        _move("rework", "done checking", "handling", roles=FIELD, needs="reason other_person",
              clocks="stop:check resume:handle"),
        _move("cancel", BEFORE_DONE, "cancelled", roles=OFFICES, needs="reason", clocks="stop:*"),
        _move("merge", BEFORE_DONE, "merged", roles=OFFICES, needs="ticket", clocks="stop:*", is_by_rule=True),
        # another ticket was merged into this one
        _move("absorb", OPEN, "", roles=OFFICES, needs="ticket", is_by_rule=True),
        _move("reopen", "closed cancelled", "reopened", roles=OFFICES, needs="reason", clocks="start:dispatch"),
        # said about it
        _move("appeal", f"{WITH_UNIT} waiting done checking closed", "", roles=HANDLERS, needs="reason",
              clocks="start:approve", asks="appeal"),
        _move("grant_appeal", f"{OPEN} closed", "", roles=REFEREES, needs="reason other_than_asker",
              clocks="stop:approve", answers="appeal"),
        _move("refuse_appeal", f"{OPEN} closed", "", roles=REFEREES, needs="reason", clocks="stop:approve",
              answers="appeal"),
        _move("visit", "closed", "", roles=FIELD, needs="satisfied other_person"),
        _move("note", f"{OPEN} closed cancelled", "", roles=HANDLERS, needs="reason"),
    )
}  # fmt: skip

# Whoever did one of these has handled the ticket, and may not be the one who finds it well done.
HANDLING = ("accept", "handle", "done", "self_handle")
# While a referee is asked for, these are the referee's.
REFEREED = frozenset({"assign", "choose", "cancel", "merge"})


def roles_of(move: Move, pending: str | None) -> frozenset[str]:
    """Who may make a move while `pending` is waited for."""
    return REFEREES if pending == "referee" and move.action in REFEREED else move.roles


def moves_from(state: str, role: str, pending: str | None = None) -> list[Move]:
    """Moves that a role may make by hand on a ticket in a state, in the order of its life."""
    return [
        move
        for move in MOVES.values()
        if not move.is_by_rule
        and state in move.sources
        and role in roles_of(move, pending)
        and move.answers in {None, pending}
        and not (move.asks and pending)
    ]
