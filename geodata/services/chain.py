"""Proving the history: chains whole, tickets equal to the fold of their events, and ends as they were anchored.

A change in the middle of a chain shows by itself. An end that was cut off together with the ticket's own columns shows
by an anchor: the digest of all ends at a moment, which the operator writes down outside this database.
"""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.models import ChainAnchor
from geodata.queries import chain as queries
from geodata.services.standing import Entry, standing

MOST_TOLD = 1000


@dataclass(frozen=True)
class Fault:
    """One thing that does not hold.

    what    `hash`, `gap`, `no_events`, `fold` (a column is not what the events say) or `anchor`.
    number  of the ticket, or of the anchor.
    """

    what: str
    number: str
    detail: str


@dataclass(frozen=True)
class ChainReport:
    """What a check came to; no faults is as it should be."""

    tickets: int
    events: int
    anchors: int
    digest: str
    faults: tuple[Fault, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults

    def to_json(self) -> dict[str, Any]:
        """The report as JSON values."""
        return {**asdict(self), "is_whole": self.is_whole}


def verify(session: Session) -> ChainReport:
    """Read all events again and compare: hashes, numbers, what tickets say, and the ends at each anchor."""
    faults = [Fault(one.what, one.number, f"event {one.seq}") for one in queries.breaks(session)]
    for number, own, events in queries.chains(session):
        faults += _of_fold(number, own, events)
    anchors = session.scalars(select(ChainAnchor).order_by(ChainAnchor.id)).all()
    for anchor in anchors:
        then = queries.ends(session, last_event_id=anchor.last_event_id)
        if (then.digest, then.events) != (anchor.digest, anchor.events):
            told = f"{anchor.events} events came to {anchor.digest[:12]}…, now {then.events} to {then.digest[:12]}…"
            faults.append(Fault("anchor", str(anchor.id), told))
    now = queries.ends(session)
    return ChainReport(now.tickets, now.events, len(anchors), now.digest, tuple(faults[:MOST_TOLD]))


def anchor(session: Session) -> ChainAnchor:
    """Write down what all chains come to now, and return it for the operator to keep elsewhere."""
    queries.hold_still(session)
    now = queries.ends(session)
    made = ChainAnchor(last_event_id=now.last_event_id, events=now.events, digest=now.digest)
    session.add(made)
    session.flush()
    return made


def _of_fold(number: str, own: Any, events: Any) -> list[Fault]:  # noqa: ANN401 - rows of the database
    folded = standing(Entry(e.action, e.actor, e.from_state, e.to_state, e.facts, e.at) for e in events)
    return [
        Fault("fold", number, f"{name} is {getattr(own, 'own_' + name)!r}, its events say {value!r}")
        for name, value in vars(folded).items()
        if getattr(own, "own_" + name) != value
    ]
