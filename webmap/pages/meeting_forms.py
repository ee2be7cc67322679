"""What forms of meetings, resolutions and whistle calls share: areas to choose, places by name, units of a town."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from zoneinfo import ZoneInfo

from flask import Response

from geodata.errors import NotFound
from geodata.queries import meetings as queries
from geodata.queries import references
from geodata.queries.meetings import NamedUnit
from geodata.queries.scope import area_of_level
from geodata.record_errors import BadValue
from geodata.services import meetings, permissions
from geodata.services.permissions import OWN
from spatial.errors import WanggeError
from webmap.access import may, role, ticket_scope
from webmap.errors import NotAllowed, SignInNeeded
from webmap.languages import zone
from webmap.pages import forms
from webmap.records import current_session, district


def area_choices(action: str) -> dict[str, str]:
    """The areas for which whoever asks may do this, as `level:code` with their names, larger ones first."""
    if not may(action):
        return {}
    scope = ticket_scope()
    is_own = permissions.reach(action, role()) == OWN
    today = datetime.now(ZoneInfo(zone())).date()
    session, found = current_session(), {}
    if not is_own or scope.is_all:
        found[f"district:{district().code}"] = district().name
    towns = {area.code: area.name for area in references.areas(session, "town", today)}
    for code, name in towns.items():
        if not is_own or (scope.has_town(code) and scope.villages is None):
            found[f"town:{code}"] = name
    for area in references.areas(session, "village", today):
        is_mine = area.code in scope.villages if scope.villages is not None else scope.has_town(area.parent_code or "")
        if not is_own or is_mine:
            town = towns.get(area.parent_code or "", "")
            found[f"village:{area.code}"] = f"{town} · {area.name}" if town else area.name
    return found


def area(name: str = "area") -> tuple[str, str]:
    """Level and code of the area chosen in a form. Raises BadValue."""
    said = forms.needed(name)
    level, _divider, code = said.partition(":")
    if not code:
        raise BadValue(name, "unknown", said)
    return level, code


def unit(name: str) -> str | None:
    """The code of the unit that a form names by code or name; None where it names none. Raises BadValue."""
    return unit_needed(name) if forms.text(name) else None


def unit_needed(name: str) -> str:
    """The code of the unit that a form must name. Raises BadValue."""
    return meetings.unit_named(current_session(), forms.needed(name), field=name).code


def refused(error: WanggeError, again: Callable[[WanggeError], str]) -> Response:
    """The page again with what is wrong; what there is not, or is not theirs, is no matter of a form."""
    if isinstance(error, SignInNeeded | NotAllowed | NotFound):
        raise error
    current_session().rollback()
    return Response(again(error), HTTPStatus.UNPROCESSABLE_ENTITY)


def local(moment: datetime) -> str:
    """A moment as the browser's field of day and time has it."""
    return moment.astimezone(ZoneInfo(zone())).strftime("%Y-%m-%dT%H:%M")


def units_of(level: str, area_code: str) -> list[NamedUnit]:
    """Units that can be named for what is an area's: of its town and of the network there; of a district all."""
    town = area_code if level == "town" else None
    if level == "village":
        found = area_of_level(current_session(), level, area_code)
        town = found.parent_code if found else None
    return list(queries.units_near(current_session(), town))
