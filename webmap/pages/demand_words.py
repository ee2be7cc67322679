"""Sentences about demands and resources: their states, days and the reasons of a match."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from flask_babel import get_locale
from flask_babel import gettext as _

from geodata.models import ResourceKind
from geodata.queries.resources import ResourceRow
from geodata.services import joint_records
from webmap.languages import language
from webmap.pages import areas, hours
from webmap.records import current_session, district

# From so many days on, a need presses.
SOON_DAYS = 14

# The shape and colour of a state are those of the group of ticket states that feels alike.
GROUPS = {"open": "new", "matched": "work", "met": "closed", "withdrawn": "none"}


class Left(NamedTuple):
    """How long there still is for a demand: a class of deadline, and the words."""

    deadline: str
    words: str


def states() -> dict[str, str]:
    """The states of a demand, what is unmet first."""
    return {
        "open": _("unmet"),
        "matched": _("a project is under way"),
        "met": _("met"),
        "withdrawn": _("withdrawn"),
    }


def kind_names() -> dict[str, str]:
    """Names of the kinds of resource by code."""
    return {kind.code: kind_name(kind) for kind in joint_records.kinds(current_session())}


def kind_name(kind: ResourceKind) -> str:
    """The name of a kind in the reader's language."""
    return kind.name_en if language() == "en" else kind.name_zh


def kind_of(row: ResourceRow) -> str:
    """What a resource is, by its kind or by the provider's own words."""
    known = row.kind_en if language() == "en" else row.kind_zh
    return known or row.kind or str(_("kind not told"))


def left(state: str, until: date | None, today: date) -> Left:
    """How many days a demand still has; nothing presses once it is looked after."""
    if state != "open":
        return Left("none", "")
    if until is None:
        return Left("none", _("no last day"))
    days = (until - today).days
    if days < 0:
        return Left("late", _("%(days)s days overdue", days=-days))
    if days == 0:
        return Left("soon", _("last day today"))
    return Left("soon" if days <= SOON_DAYS else "ontime", _("%(days)s days left", days=days))


def span(first: date | None, last: date | None) -> str:
    """The days between which something is needed or offered, both included."""
    if first is None and last is None:
        return str(_("no matter when"))
    if last is None:
        return str(_("from %(first)s", first=first))
    if first is None:
        return str(_("until %(last)s", last=last))
    return f"{first} – {last}"


def area_name(level: str, code: str) -> str:
    """The name of an area that asks, with its town; the code where there is none of it today."""
    if level == "district":
        return district().name
    names = areas.names(level)
    return names.get(code, code)


def opening(row: ResourceRow) -> str:
    """When a resource is open: in words, in the provider's words, or that nobody has told it."""
    return hours.in_words(row.hours) or row.available or row.hours or str(_("hours not told"))


def reason(word: str, facts: Mapping[str, Any], *, kinds: Mapping[str, str], opens: str) -> str:
    """A reason of the rule of matching as a short sentence.

    kinds   names of the kinds by code; `opens` is when the resource is open, in words.
    """
    said = _for(facts, kinds, opens) | _against(facts, kinds)
    return said[word]


def _for(facts: Mapping[str, Any], kinds: Mapping[str, str], opens: str) -> dict[str, str]:
    count, people = facts.get("capacity"), facts.get("people")
    kind = kinds.get(facts.get("kind", ""), facts.get("kind"))
    return {
        "same_kind": _("Same kind: %(kind)s", kind=kind),
        "kind_unknown": _("Kind not told: ask whether it fits"),
        "all_days": _("Offered on all these days"),
        "some_days": _("Offered on part of these days: %(days)s", days=_days(facts)),
        "hours": _("Open: %(hours)s", hours=opens),
        "hours_unknown": _("Hours not told: %(hours)s", hours=opens),
        "room": _("Room for %(count)s ≥ %(people)s", count=count, people=people),
        "little_room": _("Room for %(count)s only, %(people)s needed: in turns", count=count, people=people),
        "room_unknown": _("Room not told, %(people)s needed", people=people),
        "same_village": _("Same village"),
        "same_town": _("Same town"),
        "distance": _("%(metres)s m away", metres=metres(facts.get("metres"))),
        "booked": _("In %(count)s projects already", count=facts.get("count")),
        "audience": _("For: %(audience)s", audience=facts.get("audience")),
    }


def _against(facts: Mapping[str, Any], kinds: Mapping[str, str]) -> dict[str, str]:
    count, people = facts.get("capacity"), facts.get("people")
    kind = kinds.get(facts.get("kind", ""), facts.get("kind"))
    return {
        "other_kind": _("Another kind: %(kind)s", kind=kind),
        "inactive": _("Its unit is not active"),
        "not_then": _("Not offered on these days: %(days)s", days=_days(facts)),
        "closed_then": _("Not open on these days: %(days)s", days=_days(facts)),
        "too_small": _("Room for %(count)s only, %(people)s needed", count=count, people=people),
    }


def refusals() -> dict[str, str]:
    """Why resources do not fit, for counts of them."""
    return {
        "other_kind": _("of another kind"),
        "inactive": _("unit not active"),
        "not_then": _("not offered then"),
        "closed_then": _("not open then"),
        "too_small": _("too small"),
    }


def metres(value: float | None) -> str:
    """Metres without decimals, with separators; a dash where they are not known."""
    return "–" if value is None else f"{value:,.0f}"


def _days(facts: Mapping[str, Any]) -> str:
    first, last = (date.fromisoformat(facts[name]) if facts.get(name) else None for name in ("first", "last"))
    return span(first, last)


def weekdays() -> dict[str, str]:
    """Days of the week by their letters in opening hours, from Monday on."""
    names = get_locale().days["stand-alone"]["abbreviated"]
    return {day: str(names[number]) for number, day in enumerate(hours.DAYS)}
