"""Requests that act once however often they are sent: the first answer is kept under the sender's own key.

The key is taken, the work is done and the answer is written down in one transaction. Whoever sends the same again
meanwhile waits for its end, and then gets the same answer; where it failed, the work is done for the first time.
"""

import hashlib
import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from geodata.errors import BadSetting, KeyBusy, KeyReused
from geodata.queries import request_keys as queries

# Phones without a network send days later.
KEPT = "7 days"

WAIT_MS = 3000

_KEY = re.compile(r"[A-Za-z0-9_-]{16,100}")


class Answer(NamedTuple):
    """The answer to the first request with a key."""

    status: int
    facts: dict[str, Any]


def body_hash(parts: Iterable[str | bytes]) -> str:
    """One hash of all that a request asks for; the same parts in the same order give the same."""
    whole = hashlib.sha256()
    for part in parts:
        piece = part.encode() if isinstance(part, str) else part
        whole.update(len(piece).to_bytes(8))
        whole.update(piece)
    return whole.hexdigest()


def is_key(text: str) -> bool:
    """Whether a text can be a key: long enough that nobody else makes the same."""
    return _KEY.fullmatch(text) is not None


def answered(session: Session, *, actor: str, key: str, body_hash: str) -> Answer | None:
    """The answer that a request has had; None for one that is new, or under way just now.

    Raises KeyReused where the key came with something else, BadSetting for what is no key.
    """
    if not is_key(key):
        raise BadSetting("key", key[:100], "16 to 100 letters, digits, - or _, made at random for each report")
    kept = queries.found(session, actor=actor, key=key)
    if kept is None or kept.status is None:
        return None
    if kept.body_hash != body_hash:
        raise KeyReused(key, (kept.answer or {}).get("number"))
    return Answer(kept.status, kept.answer or {})


def claim(session: Session, *, actor: str, key: str, body_hash: str) -> Answer | None:
    """Take a key for the work of this transaction: None; or the answer to the request that had it before.

    Raises as `answered`, and KeyBusy where another request with it takes too long.
    """
    if queries.claim(session, actor=actor, key=key, body_hash=body_hash, wait_ms=WAIT_MS):
        queries.forget(session, kept=KEPT)
        return None
    found = answered(session, actor=actor, key=key, body_hash=body_hash)
    if found is None:
        raise KeyBusy(key)
    return found


def keep(session: Session, answer: Answer, *, actor: str, key: str) -> None:
    """Write down the answer to the work that was done under a key; it counts when the transaction ends well."""
    queries.keep(session, actor=actor, key=key, status=answer.status, answer=answer.facts)
