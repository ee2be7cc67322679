"""Values that stand in a filter, read strictly: texts, numbers, days and moments."""

import math
import re
from datetime import date, datetime

from geodata.queries.cql_tree import At
from geodata.record_errors import FilterRefused

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def shown(what: object) -> str:
    """A value or a part of a filter as an error shows it: short, in quotes, and without half characters."""
    return repr(str(what)[:60].encode("utf-8", "replace").decode("utf-8"))


def plain_text(text: str, at: At) -> str:
    """A text that PostgreSQL can hold. Raises FilterRefused for U+0000 and half characters."""
    if "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise FilterRefused("character", at)
    return text


def number(text: str, at: At) -> float:
    """A number; whole ones stay whole, however large. Raises FilterRefused for what is beyond a float."""
    whole = text.lstrip("+-").isdigit()
    found = float(text)
    if math.isinf(found):
        raise FilterRefused("number", at, found=text[:20])
    return int(text) if whole else found


def day(text: str, at: At) -> date:
    """A day of the calendar, `2026-03-02`. Raises FilterRefused."""
    if _DAY.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass  # such as the 30th of February: refused like everything else that is no day
    raise FilterRefused("day", at, found=shown(text))


def moment(text: str, at: At) -> datetime:
    """A moment with its zone, `2026-03-02T14:30:00+08:00` or `…T06:30:00Z` (RFC 3339). Raises FilterRefused."""
    if _MOMENT.fullmatch(text):
        try:
            return datetime.fromisoformat(text.upper())
        except ValueError:
            pass  # such as 25 o'clock
    raise FilterRefused("moment", at, found=shown(text))


def time(text: str, at: At) -> date | datetime:
    """A day or a moment, whichever it is. Raises FilterRefused."""
    return day(text, at) if _DAY.fullmatch(text) else moment(text, at)
