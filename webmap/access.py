"""Who may do what, and which tickets they see: the table of roles and actions, asked for whoever asks."""

import time
from collections.abc import Callable
from functools import partial, wraps
from typing import ParamSpec, TypeVar

from flask import Flask, Response, g, request, session
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_login import LoginManager, UserMixin, current_user, login_user

from geodata import masking
from geodata.errors import NotFound
from geodata.models import ROLES, MemberUnit, Ticket, User
from geodata.queries.geocode_desk import DeskScope
from geodata.queries.scope import Scope, is_within
from geodata.services import masks, permissions, tickets, users
from geodata.services.permissions import EVERYWHERE, IF_WHOLE, NO, OWN, VISITOR, Account
from webmap.errors import NotAllowed, SignInNeeded
from webmap.records import current_session, is_database_away

P = ParamSpec("P")
R = TypeVar("R")

EVERYBODY = frozenset({VISITOR, *ROLES})

# A sign-in lasts hours from the last renewal. Were it renewed by each answer, one that is still under way when
# somebody signs out would sign them in again.
RENEWED_AFTER_S = 1800
_RENEWED = "renewed"

# Roles by action; how far each reaches stands in the table itself, geodata/seed/permissions.csv.
ACTIONS: dict[str, frozenset[str]] = {action: permissions.roles_with(action) for action in permissions.table()}


class Person(UserMixin):  # type: ignore[misc]  # Flask-Login ships no types
    """Who is signed in. The id carries the account's stamp, so a new password ends old sessions."""

    def __init__(self, user: User) -> None:
        self.account = Account.of(user)
        self.name = user.name
        self.role = user.role
        self.area_code = user.area_code
        self._id = f"{user.id}:{user.stamp}"

    def get_id(self) -> str:
        """What the browser's session keeps."""
        return self._id


class PageSessions(SecureCookieSessionInterface):
    """Sessions in a cookie, of which files know nothing: they are the same for whoever asks.

    Flask-Login looks into the session after each answer, which would have a browser that signs in, or whose sign-in
    is renewed, ask for every script and style again.
    """

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Send what has changed, and say that the answer depends on it."""
        if request.endpoint != "static":
            super().save_session(app, session, response)


def init_access(app: Flask) -> None:
    """Tie sign-in to the application."""
    app.session_interface = PageSessions()
    manager = LoginManager(app)
    manager.session_protection = "strong"
    manager.user_loader(_person)


def _person(kept: str) -> Person | None:
    if is_database_away():
        return None
    number, _, stamp = kept.partition(":")
    user = users.by_stamp(current_session(), id=int(number), stamp=stamp) if number.isdigit() else None
    if user is None:
        return None
    _renew()
    return Person(user)


def sign_in(user: User) -> None:
    """Begin a session for somebody; nothing from before lives on in it."""
    session.clear()
    login_user(Person(user))
    session.permanent = True
    session[_RENEWED] = int(time.time())


def _renew() -> None:
    if time.time() - session.get(_RENEWED, 0) > RENEWED_AFTER_S:
        session[_RENEWED] = int(time.time())


def role() -> str:
    """Role of whoever asks; `visitor` without sign-in."""
    return str(current_user.role) if current_user.is_authenticated else VISITOR


def actor() -> str:
    """Name written into the history for what is done in this request."""
    return str(current_user.name) if current_user.is_authenticated else VISITOR


def user_id() -> int:
    """Id of whoever is signed in. Raises SignInNeeded for a visitor."""
    if not current_user.is_authenticated:
        raise SignInNeeded
    return int(current_user.account.id)


def own_area() -> str | None:
    """Code of the area whose work the person does; None for the whole district."""
    return current_user.area_code if current_user.is_authenticated else None


def own_unit() -> MemberUnit | None:
    """The unit that the person works for; None for everybody else."""
    if not current_user.is_authenticated or current_user.account.unit_id is None:
        return None
    return current_session().get(MemberUnit, current_user.account.unit_id)


def account() -> Account:
    """The account of whoever asks. Raises SignInNeeded."""
    if not current_user.is_authenticated:
        raise SignInNeeded
    found: Account = current_user.account
    return found


def ticket_scope() -> Scope:
    """Which tickets whoever asks may see, worked out once a request; every question about tickets takes it."""
    if "ticket_scope" not in g:
        account = current_user.account if current_user.is_authenticated else None
        g.ticket_scope = permissions.ticket_scope(current_session(), account)
    found: Scope = g.ticket_scope
    return found


def address_scope() -> DeskScope:
    """Which records whoever asks may give a place: those whose address names a town of theirs.

    Addresses of tickets are for those who see and assign all tickets: one without a place is no town's yet.
    """
    is_bound = permissions.reach("place.decide", role()) == OWN
    towns = ticket_scope().towns if is_bound else None
    kinds = ("units", "points", "tickets") if may("ticket.assign") and ticket_scope().is_all else ("units", "points")
    return DeskScope(kinds, towns)


def ticket(number: str) -> Ticket:
    """The ticket of that number, for whoever asks. Raises NotFound for one they may not see as for one there is not."""
    return tickets.ticket(current_session(), number, scope=ticket_scope())


def may(action: str, *, ticket: Ticket | None = None, town_code: str | None = None) -> bool:
    """Whether whoever asks may do this; with `ticket`, to that ticket; with `town_code`, to what is that town's.

    Raises KeyError for an action that nobody has written down.
    """
    reach = permissions.reach(action, role())
    if reach == NO:
        return False
    if reach == IF_WHOLE:
        return own_area() is None
    if reach == EVERYWHERE:
        return True
    if ticket is not None and not is_within(current_session(), ticket.id, ticket_scope()):
        return False
    return town_code is None or ticket_scope().has_town(town_code)


def demand(action: str, *, ticket: Ticket | None = None, town_code: str | None = None) -> None:
    """Raise unless whoever asks may do this.

    Raises SignInNeeded, NotAllowed, and NotFound for a ticket that they may not even see.
    """
    if may(action, ticket=ticket, town_code=town_code):
        return
    if role() == VISITOR:
        raise SignInNeeded
    if ticket is not None and not is_within(current_session(), ticket.id, ticket_scope()):
        raise NotFound("ticket", ticket.number)
    raise NotAllowed(action)


def may_in(action: str, level: str, code: str) -> bool:
    """Whether whoever asks may do this to what belongs to an area of a level (district, town, village)."""
    if permissions.reach(action, role()) != OWN:
        return may(action)
    return level != "district" and permissions.holds_area(current_session(), ticket_scope(), level, code)


def demand_in(action: str, level: str, code: str) -> None:
    """Raise SignInNeeded or NotAllowed unless whoever asks may do this to what belongs to an area of a level."""
    demand(action)
    if not may_in(action, level, code):
        raise NotAllowed(action)


def may_of(action: str, unit: MemberUnit) -> bool:
    """Whether whoever asks may do this to what is a unit's own: for itself, or as the office of its town."""
    if permissions.reach(action, role()) != OWN:
        return may(action)
    return permissions.holds_unit(ticket_scope(), unit)


def demand_of(action: str, unit: MemberUnit) -> None:
    """Raise SignInNeeded or NotAllowed unless whoever asks may do this to what is a unit's own."""
    demand(action)
    if not may_of(action, unit):
        raise NotAllowed(action)


def reads_words() -> bool:
    """Whether whoever asks reads free text as it was written: who works on tickets, or may read contacts."""
    return may("contact.read") or may("ticket.handle")


def told(words: str | None) -> str | None:
    """What people wrote of a ticket (title, description, address, reasons) as whoever asks may read it."""
    if words is None or reads_words():
        return words
    return masks.masked(current_session(), words)


def reword() -> Callable[[str], str] | None:
    """What such words become for whoever asks, for answers made elsewhere; None: they stay as they are."""
    if reads_words():
        return None
    # such answers may be made when this request and its records are gone
    return partial(masking.mask, keep=masks.own_codes(current_session()))


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
