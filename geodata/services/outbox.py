"""The outbox: one message per event and webhook, sent until it arrives or is given up.

What is promised: a message arrives at least once, with the same number at every try; the messages about one ticket
come to a webhook in the order of its events, unless one of them is given up; no webhook waits for another.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from geodata.db import session_on
from geodata.errors import DeliveryFailed, NotFound
from geodata.queries import outbox as queries
from geodata.queries.outbox import STANDINGS, Claimed, MessageLine
from geodata.services.delivery import deliver
from geodata.services.destinations import Allowed

__all__ = ["PAUSES_S", "STANDINGS", "MessageLine", "Pass", "Sender", "again", "again_since", "send_due", "tell"]

# Twelve tries, a minute to six hours apart: 16 hours and a half until a message is given up.
PAUSES_S = tuple(min(60.0 * 2**number, 6 * 3600.0) for number in range(12))

# So much longer by chance, so that what failed together does not come again together.
JITTER = 0.25

# One webhook's turn: then it is asked anew what is due.
MOST_A_TURN = 200
MOST_AT_ONCE = 8


class Post(Protocol):
    """What sends one message: `deliver`, or what stands for it in a test."""

    def __call__(
        self, url: str, *, secret: str, word: str, message_id: str, payload: Mapping[str, Any], hosts: Sequence[Allowed]
    ) -> None:
        """Send a message. Raises DeliveryFailed."""


@dataclass(frozen=True)
class Pass:
    """What one round of sending came to: messages that arrived, tries that failed, messages given up by them."""

    delivered: int = 0
    failed: int = 0
    dead: int = 0

    def __add__(self, other: "Pass") -> "Pass":
        return Pass(self.delivered + other.delivered, self.failed + other.failed, self.dead + other.dead)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Sender:
    """How messages are sent; a test brings a clock, a post and a chance (0 to 1) of its own.

    hosts   where messages may be sent at all.
    """

    hosts: Sequence[Allowed]
    clock: Callable[[], datetime] = _now
    post: Post = deliver
    chance: Callable[[], float] = random.random


def tell(session: Session, ids: Sequence[int]) -> None:
    """Write the messages of events, in the transaction of the events; see `queries.outbox.WRITE` for what they say."""
    queries.write(session, ids)


def tell_call(session: Session, call_id: int, word: str, *, at: datetime) -> None:
    """Write the messages of a whistle call, in its transaction; see `queries.outbox.WRITE_CALL` for what they say."""
    queries.write_call(session, call_id, word=word, at=at)


def send_due(engine: Engine, sender: Sender) -> Pass:
    """Send what may be sent now, to all webhooks at once and to each in its order.

    Any number of processes may do this at the same time. An error that nobody expected is raised when all others
    have had their turn; the message it happened with waits for its next try like any other.
    """
    with session_on(engine) as session:
        queries.bury(session, now=sender.clock(), most=len(PAUSES_S))
        webhooks = queries.due(session, now=sender.clock())
    if not webhooks:
        return Pass()
    with ThreadPoolExecutor(max_workers=min(MOST_AT_ONCE, len(webhooks)), thread_name_prefix="outbox") as pool:
        turns = [pool.submit(_turn, engine, sender, one) for one in webhooks]
    return sum((turn.result() for turn in turns), Pass())


def again(session: Session, message_id: int, *, webhook_id: int | None = None, now: datetime | None = None) -> None:
    """Send a message once more from the first try, delivered or not; it keeps its number.

    Raises NotFound, also for one of another webhook than the one told.
    """
    if not queries.again(session, message_id, webhook_id=webhook_id, now=now or _now()):
        raise NotFound("message", str(message_id))


def again_since(session: Session, webhook_id: int, *, since: datetime, now: datetime | None = None) -> int:
    """Send all messages of a webhook once more that were written since a moment and are not waiting; how many."""
    return queries.all_again(session, webhook_id=webhook_id, since=since, now=now or _now())


def messages(
    session: Session, *, webhook_id: int | None = None, standing: str | None = None, limit: int = 100
) -> list[MessageLine]:
    """Messages, the newest first: of one webhook, or standing so (a word of STANDINGS)."""
    return queries.lines(session, webhook_id=webhook_id, standing=standing, limit=limit)


def prune(session: Session, *, before: datetime) -> int:
    """Delete messages that were delivered or given up before a moment; returns how many."""
    return queries.prune(session, before=before)


def _turn(engine: Engine, sender: Sender, webhook_id: int) -> Pass:
    """Send to one webhook until nothing is due; where it cannot be reached, what is behind waits for the next turn."""
    done = Pass()
    for _ in range(MOST_A_TURN):
        with session_on(engine) as session:
            pauses = [pause * (1 + JITTER * sender.chance()) for pause in PAUSES_S]
            claimed = queries.claim(session, webhook_id=webhook_id, now=sender.clock(), pauses_s=pauses)
        if claimed is None:
            break
        result, is_unreachable = _try(engine, sender, claimed)
        done += result
        if is_unreachable:
            break
    return done


def _try(engine: Engine, sender: Sender, claimed: Claimed) -> tuple[Pass, bool]:
    """Send a claimed message and write down what came of it; and whether the other side was not there at all."""
    failure = None
    try:
        sender.post(
            claimed.url,
            secret=claimed.secret,
            word=claimed.word,
            message_id=str(claimed.id),
            payload=claimed.payload,
            hosts=sender.hosts,
        )
    except DeliveryFailed as error:
        failure = error
    with session_on(engine) as session:
        if failure is None:
            queries.delivered(session, claimed.id, at=sender.clock())
            return Pass(delivered=1), False
        queries.failed(session, claimed.id, error=failure.why, at=sender.clock(), most=len(PAUSES_S))
    return Pass(failed=1, dead=int(claimed.attempts >= len(PAUSES_S))), failure.is_unreachable
