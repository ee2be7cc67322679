"""Who may do what, and which tickets they see: the table of roles and actions, asked for whoever asks."""

import time
from collections.abc import Callable, Collection
from functools import partial, wraps
from typing import ParamSpec, TypeVar

from flask import Flask, Response, g, request, session
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from geodata import masking
from geodata.errors import NotFound
from geodata.models import ROLES, MemberUnit, Ticket, User
from geodata.queries.geocode_desk import DeskScope
from geodata.queries.scope import ALL, NOTHING, Scope, is_within
from geodata.services import masks, permissions, tickets, users
from geodata.services.permissions import EVERYWHERE, IF_WHOLE, NO, OWN, VISITOR, Account
from webmap.errors import NotAllowed, ScopeLacking, SignInNeeded
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
    """Who is signed in. The id carries the account's stamp, so a new password ends old sessions.

    scopes   what the key that stands for them may be used for; None for somebody with a password.
    """

    def __init__(self, user: User, scopes: Collection[str] | None = None) -> None:
        self.scopes = scopes
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
        if is_by_key():
            response.vary.update(("Authorization", "X-API-Key"))
        elif request.endpoint != "static":
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


def enter_by_key(user: User, scopes: Collection[str]) -> None:
    """Make this request, and no other, that of a user whose key it has come with."""
    leave_session()
    login_user(Person(user, scopes))


def leave_session() -> None:
    """Nobody asks by the cookie in this request, which came with a key, good or bad; the browser's own session stays.

    Were a bad key to fall back to the cookie, an answer would be somebody else's than the key's.
    """
    g.is_by_key = True
    g.pop("own_scope", None)
    # emptied first, so that nobody is looked up by it
    session.clear()
    logout_user()


def is_by_key() -> bool:
    """Whether this request came with a key, so that its cookies count for nothing."""
    return bool(g.get("is_by_key"))


def is_vouched_for() -> bool:
    """Whether a good key says who asks: no other site's page can have sent that."""
    return current_user.is_authenticated and current_user.scopes is not None


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


def scopes() -> list[str] | None:
    """What the key of this request may be used for, in the order of all there are; None without a key."""
    held = current_user.scopes if current_user.is_authenticated else None
    return None if held is None else [scope for scope in permissions.SCOPES if scope in held]


def account() -> Account:
    """The account of whoever asks. Raises SignInNeeded."""
    if not current_user.is_authenticated:
        raise SignInNeeded
    found: Account = current_user.account
    return found


def reach(action: str) -> str:
    """How far whoever asks reaches with an action, as their role does; nowhere with a key whose scopes lack it.

    Raises KeyError for an action that nobody has written down.
    """
    return permissions.reach(action, role()) if _lacking(action) is None else NO


def _lacking(action: str) -> str | None:
    """The scope that the key of this request lacks for an action; None where it has it, or nobody sent a key."""
    scope = permissions.scopes()[action]
    held = current_user.scopes if current_user.is_authenticated else None
    return None if held is None or scope in held else scope


def _demand_scope(action: str) -> None:
    """Raise ScopeLacking where the role would do and the key does not."""
    lacking = _lacking(action)
    if lacking is not None and permissions.reach(action, role()) != NO:
        raise ScopeLacking(action, None if lacking == permissions.NEVER else lacking)


def _own_scope() -> Scope:
    """What is the own of whoever asks, worked out once a request; a key's scopes do not make it smaller."""
    if "own_scope" not in g:
        account = current_user.account if current_user.is_authenticated else None
        g.own_scope = permissions.ticket_scope(current_session(), account)
    found: Scope = g.own_scope
    return found


def ticket_scope() -> Scope:
    """Which tickets whoever asks may see; every question about tickets takes it. None with a key that may not read."""
    return _own_scope() if _lacking("ticket.read") is None else NOTHING


def scope_of(action: str, *, as_anybody: bool = False) -> Scope:
    """The tickets that an action of whoever asks reaches, or of a visitor: all, those of `ticket_scope()`, or none."""
    how_far = permissions.reach(action, VISITOR) if as_anybody else reach(action)
    return ALL if how_far == EVERYWHERE else ticket_scope() if how_far == OWN else NOTHING


def address_scope() -> DeskScope:
    """Which records whoever asks may give a place: those whose address names a town of theirs.

    Addresses of tickets are for those who see and assign all tickets: one without a place is no town's yet.
    """
    how_far = reach("place.decide")
    towns = _own_scope().towns if how_far == OWN else () if how_far == NO else None
    kinds = ("units", "points", "tickets") if may("ticket.assign") and ticket_scope().is_all else ("units", "points")
    return DeskScope(kinds, towns)


def ticket(number: str) -> Ticket:
    """The ticket of that number, for whoever asks.

    Raises NotFound for one they may not see as for one there is not, and ScopeLacking with a key that may not read.
    """
    _demand_scope("ticket.read")
    return tickets.ticket(current_session(), number, scope=ticket_scope())


def may(action: str, *, ticket: Ticket | None = None, town_code: str | None = None) -> bool:
    """Whether whoever asks may do this; with `ticket`, to that ticket; with `town_code`, to what is that town's.

    Raises KeyError for an action that nobody has written down.
    """
    how_far = reach(action)
    if how_far == NO:
        return False
    if how_far == IF_WHOLE:
        return own_area() is None
    if how_far == EVERYWHERE:
        return True
    if ticket is not None and not is_within(current_session(), ticket.id, ticket_scope()):
        return False
    return town_code is None or _own_scope().has_town(town_code)


def demand(action: str, *, ticket: Ticket | None = None, town_code: str | None = None) -> None:
    """Raise unless whoever asks may do this.

    Raises SignInNeeded, NotAllowed, its ScopeLacking for a key, and NotFound for a ticket that they may not even see.
    """
    if may(action, ticket=ticket, town_code=town_code):
        return
    if role() == VISITOR:
        raise SignInNeeded
    _demand_scope(action)
    if ticket is not None and not is_within(current_session(), ticket.id, ticket_scope()):
        _demand_scope("ticket.read")
        raise NotFound("ticket", ticket.number)
    raise NotAllowed(action)


def may_in(action: str, level: str, code: str) -> bool:
    """Whether whoever asks may do this to what belongs to an area of a level (district, town, village)."""
    if reach(action) != OWN:
        return may(action)
    return level != "district" and permissions.holds_area(current_session(), _own_scope(), level, code)


def demand_in(action: str, level: str, code: str) -> None:
    """Raise SignInNeeded or NotAllowed unless whoever asks may do this to what belongs to an area of a level."""
    demand(action)
    if not may_in(action, level, code):
        raise NotAllowed(action)


def may_of(action: str, unit: MemberUnit) -> bool:
    """Whether whoever asks may do this to what is a unit's own: for itself, or as the office of its town."""
    if reach(action) != OWN:
        return may(action)
    return permissions.holds_unit(_own_scope(), unit)


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
