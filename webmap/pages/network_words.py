"""Words of the network on three levels: meetings, seats, days, what an area lacks, and whom to call."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from flask_babel import gettext as _

from geodata.models import OPEN_START
from geodata.services.area_contacts import PlaceContact
from geodata.services.network import Gap
from geodata.services.units import Opening


def bodies() -> dict[str, str]:
    """The meetings of the areas, in the trade's order."""
    return {
        "joint_conference": _("Joint conference"),
        "congress": _("Community congress"),
        "committee": _("Community committee"),
        "village_meeting": _("Village co-governance meeting"),
    }


def positions() -> dict[str, str]:
    """Seats in a meeting, the first one first."""
    return {"chair": _("chair"), "deputy": _("deputy chair"), "member": _("member")}


def of_level() -> dict[str, str]:
    """Units by the level they are members of."""
    return {"district": _("District-level units"), "town": _("Town-level units"), "village": _("Village-level units")}


def days(valid_from: date, valid_to: date | None) -> str:
    """A time by its first day and its last."""
    last = None if valid_to is None else valid_to - timedelta(days=1)
    if valid_from == OPEN_START:
        return str(_("all along") if last is None else _("until %(day)s", day=last))
    if last is None:
        return str(_("since %(day)s", day=valid_from))
    return str(_("%(first)s to %(last)s", first=valid_from, last=last))


def gap(one: Gap) -> str:
    """What an area lacks, in a few words."""
    names = bodies()
    known = {
        "no_member": _("no member unit"),
        "none_of_own": _("units stand here, and none has joined this network"),
        "no_convener": _("no convener now"),
        "term_ends": _("%(name)s convenes until %(day)s, nobody follows", name=one.name, day=one.day),
        "no_chair": _("no chair: %(bodies)s", bodies=_(", ").join(names[body] for body in one.bodies)),
        "no_liaison": _("units without a liaison role: %(count)s", count=one.number),
        "empty_villages": _("villages without any member unit: %(count)s", count=one.number),
    }
    return str(known[one.word])


def gaps(several: Sequence[Gap]) -> list[str]:
    """What an area lacks, each in a few words."""
    return [gap(one) for one in several]


def opening(now: Opening) -> str:
    """Whether somebody answers now, and until when; '' where nobody knows."""
    if now.is_open is None:
        return ""
    if not now.is_open:
        return str(_("nobody answers now"))
    if now.until is None:
        return str(_("answers now"))
    is_today = now.until.date() == datetime.now(now.until.tzinfo).date()
    return str(_("answers until %(time)s", time=f"{now.until:%H:%M}" if is_today else f"{now.until:%Y-%m-%d %H:%M}"))


def by_topic(contacts: Sequence[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Contacts under their topics, in their order."""
    return [(topic, list(several)) for topic, several in groupby(contacts, key=lambda one: str(one["topic"]))]


def contact_facts(one: PlaceContact, area_name: str, *, with_phone: bool) -> dict[str, Any]:
    """Whom to call as plain values; `phone` is None for those who do not read contacts."""
    return {
        "topic": one.topic,
        "level": one.level,
        "area": area_name,
        "role": one.role,
        "phone": one.phone if with_phone else None,
        "hours": one.hours,
        "is_open": one.opening.is_open,
        "until": one.opening.until.isoformat() if one.opening.until else None,
        "said": opening(one.opening),
    }
