"""Opening hours in words. Records keep them in the notation of OpenStreetMap, which is for programs."""

import re

from flask_babel import get_locale
from flask_babel import gettext as _

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
DAY = f"(?:{'|'.join(DAYS)}|PH)"
PART = f"{DAY}(?:-{DAY})?"
TIME = r"(?:[01]?\d|2[0-4]):[0-5]\d"
TIMES = f"{TIME}-{TIME}(?:, ?{TIME}-{TIME})*"
RULE = re.compile(rf"(?:(?P<days>{PART}(?:, ?{PART})*) ?)?(?P<times>{TIMES}|off|closed)?")

ALWAYS = "24/7"
ALL_DAY = "00:00-24:00"


def in_words(notation: str | None) -> str | None:
    """Opening hours as a reader says them; None for what is not known, and for rules rarer than days and times."""
    if not notation:
        return None
    if notation.strip() == ALWAYS:
        return str(_("day and night, every day"))
    said = [_rule(rule.strip()) for rule in notation.rstrip("; ").split(";")]
    return str(_("; ")).join(rule for rule in said if rule) if all(said) else None


def _rule(rule: str) -> str | None:
    found = RULE.fullmatch(rule)
    if found is None or not rule:
        return None
    days, times = found["days"], found["times"]
    parts = [_days(days) if days else _("every day"), _times(times) if times else _("all day")]
    return " ".join(parts)


def _days(days: str) -> str:
    return str(_(", ")).join(_span(part.strip()) for part in days.split(","))


def _span(part: str) -> str:
    first, _dash, last = part.partition("-")
    if not last:
        return _name(first)
    return str(_("%(first)s to %(last)s", first=_name(first), last=_name(last)))


def _name(day: str) -> str:
    if day == "PH":
        return str(_("public holidays"))
    names = get_locale().days["stand-alone"]["abbreviated"]
    return str(names[DAYS.index(day)])


def _times(times: str) -> str:
    if times in {"off", "closed"}:
        return str(_("shut"))
    if times == ALL_DAY:
        return str(_("all day"))
    return str(_(", ")).join(span.strip().replace("-", "–") for span in times.split(","))
