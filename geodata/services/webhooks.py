"""Webhooks: other systems that are told of events, each with its address and its secret."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.errors import BadSetting, NameTaken, NotFound
from geodata.models import Area, Webhook
from geodata.queries import outbox as queries
from geodata.queries.outbox import Counts
from geodata.services.destinations import Allowed, destination
from geodata.services.notices import CALLED, CALLED_OFF
from geodata.services.workflow import MOVES

# What events can be: the moves, and what an import tells.
WORDS = (*MOVES, "import", CALLED, CALLED_OFF)

# A message that says nothing, to see whether it arrives.
TRIAL = "test"

LONGEST_NAME = 80


class Standing(NamedTuple):
    """A webhook and how its messages stand."""

    webhook: Webhook
    counts: Counts


def add(
    session: Session,
    name: str,
    *,
    url: str,
    hosts: Sequence[Allowed],
    words: Sequence[str] = (),
    town_code: str | None = None,
) -> Webhook:
    """Add a webhook that hears of what happens from now on; its `secret` is made here and is to be shown once.

    words      moves it hears of; none is all.
    town_code  of whose tickets; None is all towns.

    Raises BadSetting, NameTaken, NotFound for a town, and DestinationRefused for an address that is not on the
    operator's list.
    """
    clean = name.strip()
    if not clean or len(clean) > LONGEST_NAME or any(ord(sign) < 32 for sign in clean):
        raise BadSetting("webhook name", name, f"1 to {LONGEST_NAME} printable characters")
    if session.scalars(select(Webhook).where(Webhook.name == clean)).first() is not None:
        raise NameTaken(clean, kind="webhook", remedy="remove that one first")
    unknown = sorted(set(words) - set(WORDS))
    if unknown:
        raise BadSetting("webhook word", unknown[0], "one of " + ", ".join(WORDS))
    if town_code is not None and _town(session, town_code) is None:
        raise NotFound("town", town_code)
    destination(url, hosts)
    made = Webhook(
        name=clean,
        url=url,
        secret=secrets.token_urlsafe(32),
        words=[word for word in WORDS if word in set(words)],
        town_code=town_code,
    )
    session.add(made)
    session.flush()
    return made


def webhooks(session: Session) -> list[Standing]:
    """All webhooks by name, with how their messages stand."""
    counts = queries.counts(session)
    found = session.scalars(select(Webhook).order_by(Webhook.name))
    return [Standing(one, counts[one.id]) for one in found]


def webhook(session: Session, name: str) -> Webhook:
    """The webhook of that name. Raises NotFound."""
    found = session.scalars(select(Webhook).where(Webhook.name == name)).first()
    if found is None:
        raise NotFound("webhook", name, list(session.scalars(select(Webhook.name).order_by(Webhook.name))))
    return found


def of_id(session: Session, webhook_id: int) -> Webhook:
    """The webhook of that number. Raises NotFound."""
    found = session.get(Webhook, webhook_id)
    if found is None:
        raise NotFound("webhook", str(webhook_id))
    return found


def remove(session: Session, one: Webhook) -> None:
    """Remove a webhook, with all its messages."""
    session.delete(one)
    session.flush()


def switch(session: Session, one: Webhook, *, is_active: bool) -> None:
    """Let a webhook rest, or hear again; while it rests, nothing is written for it and nothing sent."""
    one.is_active = is_active
    session.flush()


def trial(now: datetime) -> Mapping[str, Any]:
    """What a trial message says."""
    return {"word": TRIAL, "at": now.astimezone(UTC).isoformat()}


def queue_trial(session: Session, one: Webhook, *, now: datetime | None = None) -> int:
    """Put a trial message into the outbox; returns its number."""
    moment = now or datetime.now(UTC)
    return queries.add(session, webhook_id=one.id, word=TRIAL, payload=trial(moment), now=moment)


def _town(session: Session, code: str) -> Area | None:
    return session.scalars(select(Area).where(Area.level == "town", Area.code == code).limit(1)).first()
