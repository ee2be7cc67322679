"""The areas in whose name somebody may act, as the choices of a form: `village:310112101001`."""

from typing import NamedTuple

from geodata.models import LEVELS
from geodata.queries import references
from geodata.record_errors import BadValue
from geodata.services import joint_records, permissions
from geodata.services.permissions import OWN
from webmap.access import role, ticket_scope
from webmap.pages import forms
from webmap.records import current_session, district


class Choice(NamedTuple):
    """An area to choose: its value in the form, and its name."""

    value: str
    name: str


class Group(NamedTuple):
    """A town with its villages; the first group may be the district."""

    name: str
    choices: list[Choice]


def grouped(action: str) -> list[Group]:
    """Areas of today in which whoever asks holds an action: the district, then each town with its villages."""
    session = current_session()
    today = joint_records.today(session)
    scope, is_all = ticket_scope(), permissions.reach(action, role()) != OWN
    villages = references.areas(session, "village", today)
    found = []
    if is_all or scope.is_all:
        found.append(Group(district().name, [Choice(f"district:{district().code}", district().name)]))
    for town in references.areas(session, "town", today):
        if not (is_all or scope.has_town(town.code)):
            continue
        is_whole = is_all or scope.villages is None
        choices = [Choice(f"town:{town.code}", town.name)] if is_whole else []
        choices += [
            Choice(f"village:{one.code}", one.name)
            for one in villages
            if one.parent_code == town.code and (is_whole or one.code in (scope.villages or ()))
        ]
        if choices:
            found.append(Group(town.name, choices))
    return found


def only(action: str) -> str:
    """The value of the one area, or the one village, somebody works for; '' where there are several."""
    choices = [one.value for group in grouped(action) for one in group.choices]
    villages = [value for value in choices if value.startswith("village:")]
    return next((several[0] for several in (choices, villages) if len(several) == 1), "")


def chosen(name: str) -> tuple[str, str]:
    """Level and code of the area that a form names. Raises BadValue."""
    level, _colon, code = forms.needed(name).partition(":")
    if level not in LEVELS or not code:
        raise BadValue(name, "unknown", forms.text(name) or "")
    return level, code
