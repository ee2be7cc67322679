"""Who may do what, and on which tickets: the table of roles and actions, and what an account makes of it."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy.orm import Session

from geodata import seed
from geodata.models import ROLES, MemberUnit, User
from geodata.queries import scope as queries
from geodata.queries.scope import ALL, NOTHING, AreaOfWork, Scope

# Who has not signed in is a role too.
VISITOR = "visitor"

# How far an action reaches: nowhere, to what the account's scope holds, everywhere; or everywhere, but only for an
# account that works for the whole district.
NO, OWN, EVERYWHERE, IF_WHOLE = "no", "own", "all", "whole"
REACHES = (NO, OWN, EVERYWHERE, IF_WHOLE)

# What a key of a program's may be given, and what no key ever is. A scope takes away from what the role of its owner
# holds, and adds nothing to it.
SCOPES = ("read", "report", "work", "edit")
NEVER = "none"


class Account(NamedTuple):
    """What of a sign-in decides how far it reaches."""

    id: int
    name: str
    role: str
    area_code: str | None
    unit_id: int | None

    @classmethod
    def of(cls, user: User) -> "Account":
        """The account of a stored user."""
        return cls(user.id, user.name, user.role, user.area_code, user.unit_id)


@lru_cache(maxsize=1)
def table() -> Mapping[str, Mapping[str, str]]:
    """Reaches by action and role, as `geodata/seed/permissions.csv` has them."""
    return {row.pop("action"): row for row in seed.rows("permissions")}


def reach(action: str, role: str) -> str:
    """How far a role reaches with an action: one of REACHES. Raises KeyError for what nobody has written down."""
    return table()[action][role]


@lru_cache(maxsize=1)
def scopes() -> Mapping[str, str]:
    """The scope (of SCOPES, or NEVER) that a key needs for each action, as `geodata/seed/scopes.csv` has them."""
    return {row["action"]: row["scope"] for row in seed.rows("scopes")}


def roles_with(action: str) -> frozenset[str]:
    """Roles that hold an action, however far it reaches."""
    return frozenset(role for role in (VISITOR, *ROLES) if reach(action, role) != NO)


def ticket_scope(session: Session, account: Account | None) -> Scope:
    """The tickets that an account (None: a visitor) may read, and so move where its role does.

    A town office and a viewer see their area. An officer sees the duty grids that are given to them, else
    their area, and what they have reported themselves wherever it lies; a unit what lies with it. Whoever
    has no area of their own sees the district. Nobody sees more than their role's `ticket.read` reaches.
    """
    reaches = reach("ticket.read", account.role if account else VISITOR)
    if account is None or reaches == NO:
        return NOTHING
    if reaches != OWN:
        return ALL if reaches == EVERYWHERE or account.area_code is None else NOTHING
    if account.role == "unit":
        # without a unit it is nobody's account
        return NOTHING if account.unit_id is None else Scope(towns=(), unit_id=account.unit_id)
    home = _home(session, account.area_code)
    if account.role != "officer":
        return home
    grids = queries.grids_of_user(session, account.id)
    if grids:
        towns = {grid.town_code for grid in grids if grid.town_code} | set(home.towns or ())
        return Scope(towns=tuple(sorted(towns)), duty_grids=tuple(grid.id for grid in grids), reporter=account.name)
    return home if home.is_all else Scope(towns=home.towns, villages=home.villages, reporter=account.name)


def holds_area(session: Session, scope: Scope, level: str, code: str) -> bool:
    """Whether what belongs to an area of today is theirs who have this scope: a village's is also its town's.

    What belongs to the district is nobody's own but theirs who have all of it; so is what belongs to no area there is.
    """
    return _holds(scope, level, queries.area_of_level(session, level, code))


def held_areas(session: Session, scope: Scope) -> Callable[[str, str], bool]:
    """`holds_area` of one scope, for who asks about many areas: they are read once."""
    known = {} if scope.is_all else {(area.level, area.code): area for area in queries.areas_today(session)}

    def holds(level: str, code: str) -> bool:
        return scope.is_all or _holds(scope, level, known.get((level, code)))

    return holds


def _holds(scope: Scope, level: str, area: AreaOfWork | None) -> bool:
    if area is None or level == "district":
        return scope.is_all
    if level == "town":
        return scope.has_town(area.code) and scope.villages is None
    if scope.villages is not None:
        return area.code in scope.villages
    return area.parent_code is not None and scope.has_town(area.parent_code)


def holds_unit(scope: Scope, unit: MemberUnit) -> bool:
    """Whether a unit's own things are theirs who have this scope: the unit itself, and the office of its town."""
    if scope.unit_id is not None:
        return unit.id == scope.unit_id
    if scope.villages is not None:
        return unit.village_code in scope.villages
    return scope.towns is None or unit.town_code in scope.towns


def _home(session: Session, code: str | None) -> Scope:
    """The tickets of the area somebody works for; a code that no area has today still is a limit."""
    if code is None:
        return ALL
    area = queries.area_of_work(session, code)
    if area is not None and area.level == "district":
        return ALL
    if area is not None and area.level == "village":
        return Scope(towns=(area.parent_code,) if area.parent_code else (), villages=(code,))
    return Scope(towns=(code,))
