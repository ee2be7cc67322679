"""How a ticket stands, as nothing but the fold of its events."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from geodata.services.workflow import MOVES, RETURNS_TO_REFEREE


class Entry(NamedTuple):
    """One event; `facts` are JSON values."""

    action: str
    actor: str
    from_state: str | None
    to_state: str
    facts: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True)
class Standing:
    """What the events of a ticket have come to; the columns of the same name on the ticket say the same.

    unit_code, office_code   with whom it lies, None for neither yet.
    """

    state: str = ""
    reported_by: str | None = None
    filed_at: datetime | None = None
    dispatched_at: datetime | None = None
    done_at: datetime | None = None
    closed_at: datetime | None = None
    rework_count: int = 0
    return_count: int = 0
    reopen_count: int = 0
    pending: str | None = None
    is_supervised: bool = False
    is_binding: bool = False
    is_excused: bool = False
    is_self_handled: bool = False
    is_satisfied: bool | None = None
    unit_code: str | None = None
    office_code: str | None = None


BEFORE = Standing()


def standing(events: Iterable[Entry]) -> Standing:
    """The fold of events in their order; `BEFORE` where there are none."""
    found = BEFORE
    for event in events:
        found = after(found, event)
    return found


def after(former: Standing, event: Entry) -> Standing:
    """How a ticket stands after one more event. An action that nobody knows changes the state alone."""
    change: dict[str, Any] = {"state": event.to_state}
    move = MOVES.get(event.action)
    if move is not None and move.asks is not None:
        change["pending"] = move.asks
    if move is not None and move.answers is not None:
        change["pending"] = None
    change |= _CHANGES.get(event.action, _nothing)(former, event)
    return replace(former, **change)


def _nothing(_former: Standing, _event: Entry) -> dict[str, Any]:
    return {}


def _report(_former: Standing, event: Entry) -> dict[str, Any]:
    return {"reported_by": event.actor, "office_code": event.facts.get("office_code")}


def _import(_former: Standing, event: Entry) -> dict[str, Any]:
    """Another system tells how it stands there."""
    closed = event.facts.get("closed_at")
    return {
        "closed_at": datetime.fromisoformat(closed) if closed else None,
        "unit_code": event.facts.get("unit_code"),
        "office_code": event.facts.get("office_code"),
    }


def _file(_former: Standing, event: Entry) -> dict[str, Any]:
    return {"filed_at": event.at}


def _self_handle(former: Standing, event: Entry) -> dict[str, Any]:
    return {"filed_at": former.filed_at or event.at, "done_at": event.at, "is_self_handled": True}


def _assign(former: Standing, event: Entry) -> dict[str, Any]:
    return {
        "filed_at": former.filed_at or event.at,
        "dispatched_at": event.at,
        "unit_code": event.facts.get("unit_code"),
        "office_code": event.facts.get("office_code"),
        "is_binding": former.is_binding or former.pending == "referee",
        "pending": _appeal(former),
    }


def _appeal(former: Standing) -> str | None:
    """What is asked for goes with the unit that asked; an appeal stays until it is answered."""
    return former.pending if former.pending == "appeal" else None


def _return(former: Standing, event: Entry) -> dict[str, Any]:
    count = former.return_count + 1
    return {
        "return_count": count,
        "pending": "referee" if count >= RETURNS_TO_REFEREE else None,
        "unit_code": None,
        "office_code": event.facts.get("office_code"),
    }


def _end(_former: Standing, _event: Entry) -> dict[str, Any]:
    return {"pending": None, "is_supervised": False}


_CHANGES: Mapping[str, Callable[[Standing, Entry], dict[str, Any]]] = {
    "report": _report,
    "import": _import,
    "file": _file,
    "self_handle": _self_handle,
    "assign": _assign,
    "choose": _assign,
    "done": lambda former, event: {
        "done_at": event.at,
        "is_supervised": False,
        "pending": _appeal(former),
    },
    "return": _return,
    "supervise": lambda _former, _event: {"is_supervised": True},
    "answer": lambda _former, _event: {"is_supervised": False},
    "close": lambda former, event: {
        "closed_at": event.at,
        "is_supervised": False,
        "pending": _appeal(former),
    },
    "rework": lambda former, _event: {"rework_count": former.rework_count + 1, "done_at": None},
    "cancel": _end,
    "merge": _end,
    "reopen": lambda former, _event: {
        "reopen_count": former.reopen_count + 1,
        "closed_at": None,
        "done_at": None,
        "is_binding": False,
        "is_satisfied": None,
    },
    "grant_appeal": lambda _former, _event: {"is_excused": True},
    "visit": lambda _former, event: {"is_satisfied": bool(event.facts.get("satisfied"))},
}
