"""The kinds of record that a file may bring: their words, and who may bring them.

Nobody may bring by a file what they may not set by hand: beside `data.import`, the action of the kind is asked for.
"""

from typing import NamedTuple

from flask_babel import gettext as _

from geodata.ingest import KINDS, kind_of
from webmap.access import demand, may
from webmap.languages import language

IMPORT = "data.import"

# What is nobody's but the planner's ground needs no more than the import itself.
ACTIONS = {
    "areas": IMPORT,
    "grid": IMPORT,
    "units": IMPORT,
    "gazetteer": IMPORT,
    "basemap": IMPORT,
    "duty_grids": IMPORT,
    **dict.fromkeys(("teams", "regions", "blocks", "points", "deputies"), "ground.set"),
    **dict.fromkeys(("memberships", "conveners", "seats", "contacts", "pilots"), "network.set"),
    "tickets": "ticket.intake",
    **dict.fromkeys(("duty", "filing_rules", "calendar"), "rule.set"),
    "projects": "project.set",
    **dict.fromkeys(("resource_kinds", "resources"), "resource.set"),
    "pledges": "pledge.set",
    "demands": "demand.set",
    **dict.fromkeys(("meetings", "meeting_seats", "resolutions"), "meeting.set"),
    **dict.fromkeys(("whistle_calls", "whistle_invitees", "whistle_tasks"), "whistle.call"),
    "registrations": "registration.set",
    "figures": "figure.set",
    "weights": "evaluation.set",
    **dict.fromkeys(("roster", "shared_services"), "roster.set"),
}

# Of these a record is named by where it is from, which the name of a file is seldom good for.
WITH_SOURCE = frozenset({"tickets", "gazetteer", "basemap"})

_GROUPS = {
    "ground": ("areas", "grid", "duty_grids", "regions", "blocks", "points", "teams", "deputies"),
    "units": ("units", "memberships", "conveners", "seats", "contacts", "pilots", "registrations", "figures"),
    "work": ("tickets", "duty", "filing_rules", "calendar", "whistle_calls", "whistle_invitees", "whistle_tasks"),
    "cooperation": (
        *("projects", "resource_kinds", "resources", "pledges", "demands", "meetings", "meeting_seats"),
        *("resolutions", "weights", "roster", "shared_services"),
    ),
    "map": ("gazetteer", "basemap"),
}


class KindChoice(NamedTuple):
    """A kind as a form offers it: what it is in a line, and where its records are looked at."""

    name: str
    title: str
    about: str
    href: str


def title(name: str) -> str:
    """The name of a kind in the reader's language; of one that there is no more, its own."""
    if name not in ACTIONS:
        return name
    kind = kind_of(name)
    found = kind.title_en if language() == "en" else kind.title_zh
    return found[:1].upper() + found[1:]


def demand_kind(name: str) -> None:
    """Raise SignInNeeded or NotAllowed unless whoever asks may bring records of this kind by a file."""
    demand(IMPORT)
    demand(ACTIONS[kind_of(name).name])


def may_bring(name: str) -> bool:
    """Whether whoever asks may bring records of this kind by a file, and take such an import back."""
    return name in ACTIONS and may(IMPORT) and may(ACTIONS[name])


def offered() -> dict[str, list[KindChoice]]:
    """The kinds that whoever asks may bring, by the title of their group."""
    titles = {
        "ground": _("Areas and duty ground"),
        "units": _("Units and network"),
        "work": _("Tickets and rules"),
        "cooperation": _("Co-governance"),
        "map": _("Place names and base map"),
    }
    known, mine = about(), {kind.name for kind in KINDS if may(ACTIONS[kind.name])}
    groups = {
        titles[group]: [KindChoice(name, title(name), known[name], href(name)) for name in names if name in mine]
        for group, names in _GROUPS.items()
    }
    return {group: choices for group, choices in groups.items() if choices}


def href(name: str) -> str:
    """Where records of a kind are looked at."""
    places = {
        "units": "/units",
        "tickets": "/tickets",
        **dict.fromkeys(("teams", "regions", "blocks", "points", "deputies"), "/duty"),
        **dict.fromkeys(("memberships", "conveners", "seats", "contacts", "pilots"), "/network"),
        "duty": "/rules/list",
        "filing_rules": "/rules",
        "calendar": "/rules/calendar",
        "projects": "/projects",
        **dict.fromkeys(("resources", "resource_kinds"), "/resources"),
        "pledges": "/pledges",
        "demands": "/demands",
        **dict.fromkeys(("meetings", "meeting_seats", "resolutions"), "/meetings"),
        **dict.fromkeys(("whistle_calls", "whistle_invitees", "whistle_tasks"), "/whistle"),
        "registrations": "/registrations",
        "figures": "/district",
        "weights": "/evaluation/weights",
        **dict.fromkeys(("roster", "shared_services"), "/roster"),
    }
    return places.get(name, "/")


def about() -> dict[str, str]:
    """What each kind is, in a line."""
    return {
        "areas": _("Boundaries or lists of the district, its towns or its villages; each file is of one level."),
        "grid": _("Cells of the grid, each within one village, with their codes."),
        "units": _("Organisations of the territory, with an address or a place."),
        "memberships": _("Which unit takes part on which level, and since when."),
        "conveners": _("Which unit calls the others together, and in which term."),
        "seats": _("Which unit sits in which meeting of an area."),
        "contacts": _("Whom to call in an area: posts and their phones, never persons."),
        "pilots": _("Areas that try something out, and from when to when."),
        "teams": _("Service teams of towns, with the phone of the post."),
        "regions": _("Regions of a town, each with its border."),
        "blocks": _("Blocks with their border, and the unit that answers for each."),
        "points": _("Places that a unit answers for."),
        "deputies": _("Who answers when the holder of a block or point cannot."),
        "tickets": _("Issues from another system, with their state and place."),
        "gazetteer": _("Names of places, roads and doors, by which addresses are found."),
        "duty": _("Which kind of unit handles which kind of issue."),
        "duty_grids": _("Grids of officers: borders, or lists of cells, with the post."),
        "projects": _("Joint projects with their joint, partners, stage and place."),
        "resource_kinds": _("Kinds that resources and demands are sorted by."),
        "resources": _("What units share: rooms, clinics, courses."),
        "pledges": _("What units have promised, and for how long."),
        "demands": _("What villages and towns have asked for."),
        "meetings": _("Meetings of areas, held or planned."),
        "meeting_seats": _("Which units came to which meeting."),
        "resolutions": _("What meetings resolved, and how it stands."),
        "whistle_calls": _("Calls of an area to units and offices to meet on the spot."),
        "whistle_invitees": _("Who was called, and who came."),
        "whistle_tasks": _("What was agreed on the spot."),
        "basemap": _("Roads, waters, green and buildings under the map."),
        "filing_rules": _("Conditions, limits and closing tests of each kind of issue."),
        "calendar": _("Days off and make-up workdays of a year."),
        "registrations": _("Members and organisations registered, as counts of areas and units."),
        "figures": _("Figures from reports that the district view sets beside its own."),
        "weights": _("How much each index counts in the evaluation."),
        "roster": _("Which post is on duty where and when."),
        "shared_services": _("Teams and points that several areas share."),
    }
