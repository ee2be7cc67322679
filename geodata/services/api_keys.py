"""Keys by which programs act for a person: made, shown once, known again, revoked.

A key reads `wg_<prefix>_<secret>`: those who search for leaked secrets know it by its beginning, and its owner by the
prefix. The secret is 32 bytes of chance. What slows the guessing of passwords down (argon2) is of no use against
that many, and would cost every request a tenth of a second: a plain SHA-256 is kept.
"""

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geodata.errors import NotFound, TooMany
from geodata.models import ApiKey, User
from geodata.queries import api_keys as queries
from geodata.record_errors import BadValue
from geodata.services.permissions import SCOPES

MARK = "wg_"

LONGEST_NAME = 80
MOST_DAYS = 3650
# More programs of one person are not meant; a loop that makes keys ends here.
MOST_OF_A_USER = 50

# Last use is told to the hour, so that reading does not write each time.
SELDOM = "1 hour"

_PREFIX_LETTERS = 8
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
_SECRET_BYTES = 32
_WHOLE = re.compile(r"wg_([a-z0-9]{8})_([A-Za-z0-9_-]{43})")
_NOBODYS = hashlib.sha256(b"").hexdigest()


class Listed(NamedTuple):
    """A key as lists show it, with the name of its owner."""

    key: ApiKey
    user: str

    @property
    def standing(self) -> str:
        """`good`, `revoked` or `expired`."""
        return standing(self.key)


def standing(key: ApiKey) -> str:
    """How a key stands now: `good`, `revoked` or `expired`."""
    if key.revoked_at is not None:
        return "revoked"
    return "good" if key.expires_at is None or key.expires_at > datetime.now(UTC) else "expired"


def issue(
    session: Session, user_name: str, *, name: str, scopes: Sequence[str], days: int | None = None
) -> tuple[ApiKey, str]:
    """Make a key for a user's program; returns it with its text, which nobody can find out afterwards.

    name    what it is for.
    scopes  some of SCOPES; it may do what the user's role may and these hold.
    days    how long it is good; None: until it is revoked.

    Raises NotFound, BadValue for a name, scopes or days that cannot be used, and TooMany.
    """
    user = session.scalars(select(User).where(User.name == user_name)).first()
    if user is None:
        raise NotFound("user", user_name)
    # what no reader sees could make two keys look alike
    clean = "".join(letter for letter in name if letter.isprintable()).strip()
    _check(clean, scopes, days)
    _check_room(session, user)
    prefix = "".join(secrets.choice(_LETTERS) for _ in range(_PREFIX_LETTERS))
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    made = ApiKey(
        user_id=user.id,
        name=clean,
        prefix=prefix,
        secret_hash=_hashed(secret),
        scopes=[scope for scope in SCOPES if scope in scopes],
        expires_at=None if days is None else datetime.now(UTC) + timedelta(days=days),
    )
    session.add(made)
    session.flush()
    session.refresh(made)
    return made, f"{MARK}{prefix}_{secret}"


def list_keys(session: Session, user_name: str | None = None, *, limit: int | None = None) -> list[Listed]:
    """Keys of a user, or of all, the newest first, with those that are good no more; at most `limit`."""
    found = select(ApiKey, User.name).join(User, User.id == ApiKey.user_id)
    if user_name is not None:
        found = found.where(User.name == user_name)
    rows = session.execute(found.order_by(ApiKey.created_at.desc(), ApiKey.id.desc()).limit(limit))
    return [Listed(key, name) for key, name in rows]


def of_prefix(session: Session, prefix: str) -> Listed:
    """The key that lists show by a prefix. Raises NotFound."""
    found = select(ApiKey, User.name).join(User, User.id == ApiKey.user_id).where(ApiKey.prefix == prefix)
    row = session.execute(found).first()
    if row is None:
        raise NotFound("key", prefix)
    return Listed(*row)


def revoke(session: Session, prefix: str) -> ApiKey:
    """Make a key good no more, from now on and for ever; one that was revoked before stays so. Raises NotFound."""
    key = of_prefix(session, prefix).key
    if key.revoked_at is None:
        key.revoked_at = datetime.now(UTC)
        session.flush()
    return key


def by_text(session: Session, text: str) -> tuple[ApiKey, User] | None:
    """The key that a text is, and its owner as they are today; None for a wrong, revoked or expired one.

    A key whose owner is switched off is as good as none. What is wrong about it is not told: whoever tries keys
    would learn which there are.
    """
    parts = _WHOLE.fullmatch(text)
    if parts is None:
        return None
    row = session.execute(
        select(ApiKey, User).join(User, User.id == ApiKey.user_id).where(ApiKey.prefix == parts[1])
    ).first()
    kept = row[0].secret_hash if row else _NOBODYS
    if not secrets.compare_digest(kept, _hashed(parts[2])) or row is None:
        return None
    key, user = row
    return (key, user) if standing(key) == "good" and user.is_active else None


def note_use(session: Session, key: ApiKey) -> bool:
    """Write down that a key is used, at most once an hour; whether there is now something to commit."""
    return queries.note_use(session, key.id, seldom=SELDOM)


def _check(name: str, scopes: Sequence[str], days: int | None) -> None:
    if not name:
        raise BadValue("name", "missing")
    if len(name) > LONGEST_NAME:
        raise BadValue("name", "too_long", name, most=LONGEST_NAME)
    if not scopes or not set(scopes) <= set(SCOPES):
        raise BadValue("scope", "choice", ", ".join(scopes), known=", ".join(SCOPES))
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise BadValue("days", "whole", days, low=1, high=MOST_DAYS)


def _check_room(session: Session, user: User) -> None:
    good = select(func.count()).where(
        ApiKey.user_id == user.id,
        ApiKey.revoked_at.is_(None),
        ApiKey.expires_at.is_(None) | (ApiKey.expires_at > func.now()),
    )
    count = session.scalar(good) or 0
    if count >= MOST_OF_A_USER:
        raise TooMany("keys of one user", count + 1, MOST_OF_A_USER)


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
