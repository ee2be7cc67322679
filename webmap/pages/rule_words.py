"""Words of the pages of rules, limits and calendar."""

from collections.abc import Sequence
from datetime import date

from flask_babel import get_locale
from flask_babel import gettext as _

from geodata.models import OPEN_START
from webmap.pages import deadline_words


def units() -> dict[str, str]:
    """The four units of limits, for a choice."""
    return {
        "urgent_hours": _("hours, day and night"),
        "working_hours": _("working hours"),
        "working_days": _("working days"),
        "natural_days": _("days, holidays count"),
    }


def weekdays(width: str = "abbreviated") -> list[str]:
    """Names of the weekdays from Monday; `width` is wide, abbreviated or narrow."""
    names = get_locale().days["stand-alone"][width]
    return [str(names[n]) for n in range(7)]


def holds(first: date, last: date | None) -> str:
    """From when until before when something holds; without a known beginning and an end it always does."""
    begins = "" if first == OPEN_START else deadline_words.day(first)
    if last is None:
        return str(_("from %(first)s on", first=begins) if begins else _("always"))
    ends = deadline_words.day(last)
    if not begins:
        return str(_("before %(last)s", last=ends))
    return str(_("from %(first)s, before %(last)s", first=begins, last=ends))


def changes() -> dict[str, str]:
    """What somebody did to rules, by the word that is kept of it."""
    return {"set": _("set"), "end": _("ended"), "copy": _("copied"), "follow": _("follows the district again")}


def whom() -> dict[str, str]:
    """Who is warned."""
    return {
        "unit": _("the unit"),
        "post": _("the officer of the duty grid"),
        "town_office": _("the town office"),
        "district": _("the district centre"),
        "follower": _("who follows the ticket"),
    }


def kinds() -> dict[str, str]:
    """What a day is."""
    return {
        "work": _("workday"),
        "rest": _("day of rest"),
        "off": _("day off"),
        "made_up": _("make-up workday"),
        "normal": _("as its weekday"),
    }


def listed(words: Sequence[str]) -> str:
    """Several words in a row."""
    return str(_(", ").join(words))


def standing() -> str:
    """Instead of a deadline, while the clock stands."""
    return str(_("the clock stands"))


def district() -> str:
    """Instead of a town, for what lies with none."""
    return str(_("without a town"))


def moved(seconds: float) -> str:
    """By how much a deadline moves; rounded down to days, hours or minutes. Empty where it is not known."""
    if not seconds:
        return ""
    minutes = int(abs(seconds) // 60)
    is_later = seconds > 0
    if minutes < 60:
        return str(_("%(count)s min later", count=minutes) if is_later else _("%(count)s min earlier", count=minutes))
    hours = minutes // 60
    if hours < 48:
        return str(_("%(count)s h later", count=hours) if is_later else _("%(count)s h earlier", count=hours))
    count = hours // 24
    return str(_("%(count)s d later", count=count) if is_later else _("%(count)s d earlier", count=count))
