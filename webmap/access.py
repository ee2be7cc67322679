"""Who may do what: named actions, and the roles that hold them."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Flask
from flask_login import LoginManager, UserMixin, current_user

from geodata.models import ROLES, User
from geodata.services import users
from webmap.errors import NotAllowed, SignInNeeded
from webmap.records import current_session, is_database_away

P = ParamSpec("P")
R = TypeVar("R")

EVERYBODY = frozenset({"visitor", *ROLES})
SIGNED_IN = frozenset(ROLES)
OFFICES = frozenset({"town_office", "district", "admin"})

ACTIONS: dict[str, frozenset[str]] = {
    "map.read": EVERYBODY,
    "ticket.read": SIGNED_IN,
    "contact.read": SIGNED_IN,
    "ticket.report": OFFICES | {"officer"},
    "ticket.assign": OFFICES,
    "ticket.handle": OFFICES | {"officer"},
    "ticket.check": OFFICES | {"officer"},
}


class Person(UserMixin):  # type: ignore[misc]  # Flask-Login ships no types
    """Who is signed in. The id carries the account's stamp, so a new password ends old sessions."""

    def __init__(self, user: User) -> None:
        self.name = user.name
        self.role = user.role
        self.area_code = user.area_code
        self._id = f"{user.id}:{user.stamp}"

    def get_id(self) -> str:
        """What the browser's session keeps."""
        return self._id


def init_access(app: Flask) -> None:
    """Tie sign-in to the application."""
    manager = LoginManager(app)
    manager.session_protection = "strong"
    manager.user_loader(_person)


def _person(kept: str) -> Person | None:
    if is_database_away():
        return None
    number, _, stamp = kept.partition(":")
    user = users.by_stamp(current_session(), id=int(number), stamp=stamp) if number.isdigit() else None
    return Person(user) if user else None


def role() -> str:
    """Role of whoever asks; `visitor` without sign-in."""
    return str(current_user.role) if current_user.is_authenticated else "visitor"


def actor() -> str:
    """Name written into the history for what is done in this request."""
    return str(current_user.name) if current_user.is_authenticated else "visitor"


def own_area() -> str | None:
    """Code of the area whose work the person does; None for the whole district."""
    return current_user.area_code if current_user.is_authenticated else None


def may(action: str, *, town_code: str | None = None) -> bool:
    """Whether whoever asks may do this; with `town_code`, whether in that town.

    Raises KeyError for an action that nobody has written down.
    """
    if role() not in ACTIONS[action]:
        return False
    area = own_area()
    return town_code is None or area is None or area == town_code


def demand(action: str, *, town_code: str | None = None) -> None:
    """Raise SignInNeeded or NotAllowed unless whoever asks may do this."""
    if may(action, town_code=town_code):
        return
    if role() == "visitor":
        raise SignInNeeded
    raise NotAllowed(action)


def needs(action: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorator of a view that only those with the action may reach."""
    if action not in ACTIONS:
        raise KeyError(action)

    def guard(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            demand(action)
            return view(*args, **kwargs)

        return guarded

    return guard
