"""The form of a joint project: what may be chosen, what was typed, and the draft it makes."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from flask import request

from geodata.models import JOINTS, LEVELS, MemberUnit, Project
from geodata.queries import references
from geodata.record_errors import BadValue
from geodata.services import projects, units
from geodata.services.placing import position_of
from geodata.services.projects import LONGEST_NAME, LONGEST_WORDS, MOST_PARTNERS, MOST_SERVED, ProjectDraft
from spatial.errors import WanggeError
from webmap.access import own_area
from webmap.languages import zone
from webmap.pages import forms, pick_place, project_words
from webmap.pages.project_rows import May
from webmap.records import current_session, district

# Empty fields for further units; a script adds more.
SPARE = {"partner": 2, "supporter": 1}

# The fields of the form that a value of the record is typed into, where they are called otherwise.
_FIELDS = {"area_code": "area", "level": "area", "partners": "partner"}

_CODE_BEHIND = re.compile(r"[（(]([^（）()]+)[）)]\s*$")


class Choices(NamedTuple):
    """Areas that whoever asks may give a project to, by group: `level:code` and name."""

    groups: list[tuple[str, list[tuple[str, str]]]]

    @property
    def only(self) -> str | None:
        """The value where there is no choice."""
        values = [value for _, pairs in self.groups for value, _ in pairs]
        return values[0] if len(values) == 1 else None


def choices() -> Choices:
    """The district, the towns, and the villages under their towns, as far as they are one's own."""
    session, allowed, names = current_session(), May(), project_words.levels()
    today = datetime.now(ZoneInfo(zone())).date()
    towns = [one for one in references.areas(session, "town", today) if allowed.of("town", one.code)]
    groups = []
    if allowed.of("district", district().code):
        groups.append((names["district"], [(f"district:{district().code}", district().name)]))
    if towns:
        groups.append((names["town"], [(f"town:{one.code}", one.name) for one in towns]))
    villages = references.areas(session, "village", today)
    for town in towns:
        mine = [(f"village:{one.code}", one.name) for one in villages if one.parent_code == town.code]
        if mine:
            groups.append((town.name, mine))
    own = [(f"village:{one.code}", one.name) for one in villages if not towns and one.code == own_area()]
    return Choices([*groups, *([(names["village"], own)] if own else [])])


def unit_names() -> list[str]:
    """Every active unit as a reader may choose it: its name, with its code behind where several have that name."""
    found = [unit for unit in units.list_units(current_session(), limit=10_000) if unit.is_active]
    seen: dict[str, int] = {}
    for unit in found:
        seen[unit.name] = seen.get(unit.name, 0) + 1
    return [_shown(unit) if seen[unit.name] > 1 else unit.name for unit in found]


def draft(held: Project | None = None) -> ProjectDraft:
    """What the form says. Raises BadValue.

    held  the project that is changed: what no form asks stays with it.
    """
    level, area_code = _area()
    lead = forms.text("lead", longest=LONGEST_NAME)
    partners = [(name, "partner") for name in forms.several("partner", most=MOST_PARTNERS)]
    partners += [(name, "support") for name in forms.several("supporter", most=MOST_PARTNERS)]
    return ProjectDraft(
        name=forms.needed("name", longest=LONGEST_NAME),
        joint=forms.one_of("joint", JOINTS),
        level=level,
        area_code=area_code,
        stage=held.stage if held else forms.one_of("stage", ("proposed", "agreed", "running"), otherwise="proposed"),
        lead_unit_id=_unit("lead", lead).id if lead else None,
        starts_on=forms.day("starts_on"),
        ends_on=forms.day("ends_on"),
        outcome=forms.text("outcome", longest=LONGEST_WORDS),
        people_served=forms.whole("people_served", low=0, high=MOST_SERVED),
        demand_id=held.demand_id if held else None,
        partners=tuple((_unit(_part_field(part), name).id, part) for name, part in partners),
        place=pick_place.told(),
        address=forms.text("address", longest=LONGEST_NAME),
    )


def typed() -> dict[str, Any]:
    """All that was typed, to show the form again as it was."""
    found: dict[str, Any] = dict(forms.typed())
    for name in ("partner", "supporter"):
        found[name] = [value for value in request.form.getlist(name)[:MOST_PARTNERS] if value.strip()]
    return found


def typed_of(held: Project) -> dict[str, Any]:
    """What a stored project fills the form with."""
    session = current_session()
    lead = session.get(MemberUnit, held.lead_unit_id) if held.lead_unit_id else None
    others = projects.partners(session, held)
    place = position_of(held.geom)
    return {
        "name": held.name,
        "joint": held.joint,
        "area": f"{held.level}:{held.area_code or ''}",
        "lead": _shown(lead) if lead else "",
        "partner": [_shown(unit) for unit, part in others if part == "partner"],
        "supporter": [_shown(unit) for unit, part in others if part == "support"],
        "starts_on": held.starts_on.isoformat() if held.starts_on else "",
        "ends_on": held.ends_on.isoformat() if held.ends_on else "",
        "outcome": held.outcome,
        "people_served": held.people_served,
        "address": held.address,
        **pick_place.typed(place),
    }


def wrong(error: WanggeError) -> tuple[str, str]:
    """Which field of the form an error is about ('' for the form as a whole), and what to do about it."""
    name, words = forms.wrong(error)
    return _FIELDS.get(name, name), words


def spare(found: Mapping[str, Any], name: str) -> Sequence[str]:
    """The values of a repeated field, and empty ones for more."""
    return [*(found.get(name) or ()), *[""] * SPARE[name]]


def _area() -> tuple[str, str]:
    said = forms.needed("area")
    level, divider, code = said.partition(":")
    if not divider or level not in LEVELS:
        raise BadValue("area", "unknown", said)
    return level, code


def _unit(field: str, said: str) -> MemberUnit:
    """The unit of a code or name, or of the code in brackets behind a name. Raises BadValue."""
    session = current_session()
    found = units.named(session, said)
    if not found and (behind := _CODE_BEHIND.search(said)):
        found = units.named(session, behind[1].strip())
    if not found:
        raise BadValue(field, "unknown", said)
    if len(found) > 1:
        raise BadValue(field, "choice", said, known="、".join(_shown(unit) for unit in found[:5]))
    return found[0]


def _part_field(part: str) -> str:
    return "supporter" if part == "support" else "partner"


def _shown(unit: MemberUnit) -> str:
    return f"{unit.name}（{unit.code}）"
