"""Who hears of what happens to a ticket, as data; and what somebody has been told."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from geodata.errors import NotFound
from geodata.queries import notices as queries
from geodata.queries.notices import NoticeLine
from geodata.queries.scope import Scope
from geodata.services.workflow import HANDLING, MOVES

__all__ = ["HEARS", "MOST_COUNTED", "WHOM", "NoticeLine"]

# Beyond this the badge says "99+".
MOST_COUNTED = 99

KEPT = timedelta(days=180)

# unit         people of the unit the ticket lies with; where it lies with an office, that office's
# former_unit  people of the unit it has just been taken from
# post         officers whose duty grid it lies in
# town_office  people of its town's office, who file, give and grant
# district     people of the district centre, the referees
# follower     whoever follows it, and so whoever reported it
# asker        who had asked for what is answered now
# handler      who has handled it so far
WHOM = ("unit", "former_unit", "post", "town_office", "district", "follower", "asker", "handler")

# Move → who hears of it; of any other move nobody does. Whoever made it never does.
HEARS: Mapping[str, tuple[str, ...]] = {
    "assign": ("unit", "former_unit", "post"),
    "choose": ("unit", "former_unit", "post"),
    "return": ("unit", "town_office"),
    "ask_extend": ("town_office",),
    "ask_suspend": ("town_office",),
    "appeal": ("district",),
    "grant_extend": ("asker", "unit"),
    "refuse_extend": ("asker", "unit"),
    "grant_suspend": ("asker", "unit"),
    "refuse_suspend": ("asker", "unit"),
    "grant_appeal": ("asker", "unit"),
    "refuse_appeal": ("asker", "unit"),
    "supervise": ("unit", "handler", "post", "town_office"),
    "answer": ("asker",),
    "done": ("post", "town_office"),
    "self_handle": ("post", "town_office"),
    "rework": ("unit", "handler"),
    "close": ("follower", "unit", "handler"),
    "reopen": ("follower", "town_office"),
    "cancel": ("follower", "unit"),
    "merge": ("follower", "unit"),
    "absorb": ("follower", "unit"),
    "note": ("follower", "unit"),
}

# What is told of a whistle call: that one is called, that it is called off, that one's arrival was taken back.
CALLED, CALLED_OFF, ARRIVAL_TAKEN_BACK = CALLS = ("whistle", "whistle_off", "whistle_undone")

_ASKED_BY = {move.asks: move.action for move in MOVES.values() if move.asks}

# An answer → the move that had asked for it.
ANSWERS: Mapping[str, str] = {
    **{move.action: _ASKED_BY[move.answers] for move in MOVES.values() if move.answers},
    "answer": "supervise",
}


def tell(session: Session, ids: Sequence[int], *, actions: Collection[str]) -> None:
    """Tell those concerned of events that are in the table; `actions` are the moves among them."""
    if "report" in actions:
        queries.follow_own(session, ids)
    rules = [(action, whom) for action in sorted(set(actions) & set(HEARS)) for whom in HEARS[action]]
    if rules:
        queries.tell(session, ids, rules=rules, answers=ANSWERS, handling=HANDLING)


def tell_called(
    session: Session, call_id: int, word: str, *, facts: Mapping[str, Any], actor: str, at: datetime, seq: int | None
) -> None:
    """Tell people of all that a whistle call names, or of the one numbered `seq`, but not whoever did it."""
    queries.tell_called(session, call_id, word=word, facts=facts, actor=actor, at=at, seq=seq)


def listed(session: Session, user_id: int, *, scope: Scope, limit: int, skip: int = 0) -> list[NoticeLine]:
    """What somebody has been told: unread first, then the newest first; `scope` is of the tickets they may see."""
    return queries.lines(session, user_id=user_id, scope=scope, limit=limit, skip=skip)


def unread(session: Session, user_id: int) -> int:
    """How many notices somebody has not read; one more than `MOST_COUNTED` where there are more."""
    return queries.unread(session, user_id=user_id, limit=MOST_COUNTED + 1)


def total(session: Session, user_id: int) -> int:
    """How many notices are kept for somebody."""
    return queries.total(session, user_id=user_id)


def mark_read(session: Session, user_id: int, notice_id: int, *, at: datetime | None = None) -> None:
    """Mark a notice as read. Raises NotFound for one that is not theirs."""
    if not queries.read_one(session, user_id=user_id, notice_id=notice_id, at=at or datetime.now(UTC)):
        raise NotFound("notice", str(notice_id))


def mark_all_read(session: Session, user_id: int, *, until: int, at: datetime | None = None) -> int:
    """Mark what somebody has been told as read, up to the newest they have seen; returns how many."""
    return queries.read_until(session, user_id=user_id, until=until, at=at or datetime.now(UTC))


def prune(session: Session, *, before: datetime) -> int:
    """Delete notices from before a moment, read or not; returns how many."""
    return queries.prune(session, before=before)
