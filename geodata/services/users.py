"""People who sign in: added, listed, checked."""

import secrets
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.errors import BadSetting, NameTaken, NotFound
from geodata.models import ROLES, User

SHORTEST_PASSWORD = 8

_hasher = PasswordHasher()


def add_user(session: Session, name: str, *, password: str, role: str = "viewer", area_code: str | None = None) -> User:
    """Add a user who works for an area, or for the whole district when none is named.

    Raises NameTaken, and BadSetting for a name, role or password that cannot be used.
    """
    clean = name.strip()
    if not clean or len(clean) > 80 or any(ord(letter) < 32 for letter in clean):
        raise BadSetting("user name", name, "1 to 80 printable characters")
    if _find(session, clean) is not None:
        raise NameTaken(clean)
    made = User(name=clean, role=_checked_role(role), area_code=area_code, password_hash="", stamp="")
    _set_password(made, password)
    session.add(made)
    session.flush()
    return made


def list_users(session: Session) -> list[User]:
    """All users by name, those switched off too."""
    return list(session.scalars(select(User).order_by(User.name)))


def set_role(session: Session, name: str, *, role: str, area_code: str | None = None) -> User:
    """Give a user another role, and an area when one is named. Raises NotFound or BadSetting."""
    user = _existing(session, name)
    user.role = _checked_role(role)
    if area_code is not None:
        user.area_code = area_code
    session.flush()
    return user


def change_password(session: Session, name: str, *, password: str) -> User:
    """Set a new password; browser sessions under the old one end. Raises NotFound or BadSetting."""
    user = _existing(session, name)
    _set_password(user, password)
    session.flush()
    return user


def verify(session: Session, name: str, password: str) -> User | None:
    """The active user whose password this is, else None.

    An unknown name costs the same time as a wrong password, so that time tells nobody who exists.
    """
    user = _find(session, name.strip())
    kept = _decoy()
    if user is not None:
        kept = user.password_hash
    try:
        _hasher.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return None
    if user is None or not user.is_active:
        return None
    if _hasher.check_needs_rehash(user.password_hash):
        user.password_hash = _hasher.hash(password)
    return user


def by_stamp(session: Session, *, id: int, stamp: str) -> User | None:  # noqa: A002 - the column's own name
    """The active user of that id, if the stamp is still the one of the password in force."""
    user = session.get(User, id)
    if user is None or not user.is_active or not secrets.compare_digest(user.stamp, stamp):
        return None
    return user


def _find(session: Session, name: str) -> User | None:
    return session.scalars(select(User).where(User.name == name)).first()


def _existing(session: Session, name: str) -> User:
    user = _find(session, name)
    if user is None:
        raise NotFound("user", name, [each.name for each in list_users(session)])
    return user


def _checked_role(role: str) -> str:
    if role not in ROLES:
        raise BadSetting("role", role, "one of " + ", ".join(ROLES))
    return role


def _set_password(user: User, password: str) -> None:
    if len(password) < SHORTEST_PASSWORD:
        raise BadSetting("password", "*" * len(password), f"at least {SHORTEST_PASSWORD} characters")
    user.password_hash = _hasher.hash(password)
    user.stamp = secrets.token_urlsafe(18)


@lru_cache(maxsize=1)
def _decoy() -> str:
    """A hash of nobody's password, made with the parameters in force."""
    return _hasher.hash(secrets.token_urlsafe(18))
