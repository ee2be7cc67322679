"""People who sign in: added, listed, checked."""

import secrets
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from geodata.errors import BadSetting, NameTaken, NotFound
from geodata.models import ROLES, DutyGrid, MemberUnit, User, UserDutyGrid

SHORTEST_PASSWORD = 8

_hasher = PasswordHasher()


class Work(NamedTuple):
    """What somebody works for beside an area: codes of an officer's duty grids, code of a unit."""

    duty_grids: tuple[str, ...]
    unit: str | None


NO_WORK = Work((), None)


def add_user(
    session: Session,
    name: str,
    *,
    password: str,
    role: str = "viewer",
    area_code: str | None = None,
    duty_grids: Sequence[str] = (),
    unit: str | None = None,
) -> User:
    """Add a user who works for an area, or for the whole district when none is named.

    duty_grids  codes of those an officer walks; without any, the area alone says what an officer sees.
    unit        code of the unit that a user of the role `unit` works for.

    Raises NameTaken, NotFound for a grid or unit, and BadSetting for a name, role or password that cannot
    be used, for grids of anybody but an officer, and for a unit of a role that has none or the lack of one.
    """
    clean = name.strip()
    if not clean or len(clean) > 80 or any(ord(letter) < 32 for letter in clean):
        raise BadSetting("user name", name, "1 to 80 printable characters")
    if clean.startswith("unit:"):
        # so the history names what was done by a unit's link
        raise BadSetting("user name", name, "a name that does not begin with unit:")
    if _find(session, clean) is not None:
        raise NameTaken(clean)
    made = User(name=clean, role=_checked_role(role), area_code=area_code, password_hash="", stamp="")
    _set_password(made, password)
    made.unit_id = _unit_id(session, role, unit)
    grids = _grid_ids(session, role, duty_grids)
    session.add(made)
    session.flush()
    _give_grids(session, made, grids)
    return made


def list_users(session: Session) -> list[User]:
    """All users by name, those switched off too."""
    return list(session.scalars(select(User).order_by(User.name)))


def work_of_users(session: Session) -> Mapping[int, Work]:
    """What users work for beside their areas, by their ids; those who have neither grids nor a unit are absent."""
    units = select(User.id, MemberUnit.code).join(MemberUnit, MemberUnit.id == User.unit_id)
    found = {row.id: Work((), row.code) for row in session.execute(units)}
    walked = select(UserDutyGrid.user_id, DutyGrid.code).join(DutyGrid, DutyGrid.id == UserDutyGrid.duty_grid_id)
    for user_id, code in session.execute(walked.order_by(DutyGrid.code, DutyGrid.id)):
        grids, unit = found.get(user_id, NO_WORK)
        found[user_id] = Work((*grids, code), unit)
    return found


def set_role(
    session: Session,
    name: str,
    *,
    role: str,
    area_code: str | None = None,
    duty_grids: Sequence[str] = (),
    unit: str | None = None,
) -> User:
    """Give a user another role; area, duty grids and unit stay unless others are named, as far as the role has them.

    Raises NotFound, and BadSetting as `add_user` does.
    """
    user = _existing(session, name)
    is_known = role == "unit" and unit is None and user.unit_id is not None
    unit_id = user.unit_id if is_known else _unit_id(session, _checked_role(role), unit)
    grids = _grid_ids(session, role, duty_grids)
    user.role, user.unit_id = role, unit_id
    if area_code is not None:
        user.area_code = area_code
    if grids or role != "officer":
        session.execute(delete(UserDutyGrid).where(UserDutyGrid.user_id == user.id))
    session.flush()
    _give_grids(session, user, grids)
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


def _unit_id(session: Session, role: str, code: str | None) -> int | None:
    """Id of the unit that somebody of a role works for."""
    if role != "unit":
        if code is not None:
            raise BadSetting("unit", code, "left out: only the role unit works for one")
        return None
    if code is None:
        raise BadSetting("unit", "", "the code of the unit that the user works for")
    found = session.scalars(select(MemberUnit.id).where(MemberUnit.code == code)).first()
    if found is None:
        raise NotFound("unit", code)
    return found


def _grid_ids(session: Session, role: str, codes: Sequence[str]) -> list[int]:
    """Ids of duty grids by code, those of all schemes that have it."""
    if codes and role != "officer":
        raise BadSetting("duty grid", codes[0], "left out: only officers walk duty grids")
    rows = session.execute(select(DutyGrid.code, DutyGrid.id).where(DutyGrid.code.in_(codes)).order_by(DutyGrid.id))
    found = [(row.code, row.id) for row in rows]
    for code in codes:
        if code not in {known for known, _ in found}:
            raise NotFound("duty grid", code)
    return [id_ for _, id_ in found]


def _give_grids(session: Session, user: User, grids: Sequence[int]) -> None:
    session.add_all(UserDutyGrid(user_id=user.id, duty_grid_id=id_) for id_ in grids)
    session.flush()


def _set_password(user: User, password: str) -> None:
    if len(password) < SHORTEST_PASSWORD:
        raise BadSetting("password", "*" * len(password), f"at least {SHORTEST_PASSWORD} characters")
    user.password_hash = _hasher.hash(password)
    user.stamp = secrets.token_urlsafe(18)


@lru_cache(maxsize=1)
def _decoy() -> str:
    """A hash of nobody's password, made with the parameters in force."""
    return _hasher.hash(secrets.token_urlsafe(18))
