"""What is done beside the pages, again and again: messages sent, warnings given, old things forgotten."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from geodata.db import session_on
from geodata.services import notices, outbox
from geodata.services.outbox import Sender
from geodata.services.warnings import warn

SEND_EVERY_S = 2.0
WARN_EVERY_S = 60.0
PRUNE_EVERY_S = 86_400.0

# After a failure, a database that restarts gets time to do so, and the log is not flooded.
AFTER_FAILURE_S = 30.0

# Messages that have arrived or were given up; notices say themselves how long they are kept.
MESSAGES_KEPT = timedelta(days=90)

SENDING = "send messages"

log = logging.getLogger("wangge.errands")


@dataclass(frozen=True)
class Errand:
    """Something to do every so many seconds."""

    name: str
    every_s: float
    do: Callable[[], object]


def all_errands(engine: Engine, sender: Sender) -> tuple[Errand, ...]:
    """All there is to do, the frequent first."""

    def give_warnings() -> int:
        with session_on(engine) as session:
            return warn(session)

    return (
        Errand(SENDING, SEND_EVERY_S, lambda: outbox.send_due(engine, sender)),
        Errand("warn", WARN_EVERY_S, give_warnings),
        Errand("forget", PRUNE_EVERY_S, lambda: prune(engine)),
    )


def prune(engine: Engine, *, now: datetime | None = None) -> tuple[int, int]:
    """Forget notices and messages that are old enough; returns how many of each."""
    moment = now or datetime.now(UTC)
    with session_on(engine) as session:
        return (
            notices.prune(session, before=moment - notices.KEPT),
            outbox.prune(session, before=moment - MESSAGES_KEPT),
        )


def run(
    errands: Sequence[Errand], *, rest: Callable[[float], bool], clock: Callable[[], float] = time.monotonic
) -> None:
    """Do each errand when it is due, until told to stop; one that fails is tried again later, and stops no other.

    rest   waits so many seconds, and says whether to stop.
    """
    due = {errand.name: clock() for errand in errands}
    while True:
        for errand in errands:
            if due[errand.name] <= clock():
                due[errand.name] = clock() + (errand.every_s if _done(errand) else AFTER_FAILURE_S)
        if rest(max(0.0, min(due.values()) - clock())):
            return


def _done(errand: Errand) -> bool:
    try:
        errand.do()
    except OperationalError as error:
        log.warning("%s: the database does not answer (%s)", errand.name, type(error).__name__)
        return False
    except Exception:
        log.exception("%s failed", errand.name)
        return False
    return True
