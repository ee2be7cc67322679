"""What people typed into a form: text in, checked values out, BadValue for the rest.

A page catches WanggeError around reading and storing, and shows the form again with what `wrong` says of it.
"""

import math
from collections.abc import Container
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from flask import request

from geodata.errors import BadSetting
from geodata.record_errors import BadValue
from spatial.errors import WanggeError
from webmap.errors import BadParameter
from webmap.languages import zone
from webmap.sentences import sentence

LONGEST = 500
LONGEST_WORDS = 4000


def text(name: str, *, longest: int = LONGEST) -> str | None:
    """A text without blanks around it, None where it is empty. Raises BadValue for a longer one."""
    found = request.form.get(name, "").strip()
    if len(found) > longest:
        raise BadValue(name, "too_long", found, most=longest)
    return found.replace("\x00", "") or None


def needed(name: str, *, longest: int = LONGEST) -> str:
    """A text that must be there. Raises BadValue."""
    found = text(name, longest=longest)
    if found is None:
        raise BadValue(name, "missing")
    return found


def one_of(name: str, known: Container[str], *, otherwise: str | None = None) -> str:
    """A word of a closed list; `otherwise` where it is empty. Raises BadValue."""
    found = text(name) or otherwise
    if found is None:
        raise BadValue(name, "missing")
    if found not in known:
        raise BadValue(name, "unknown", found)
    return found


def several(name: str, *, most: int = 100) -> list[str]:
    """All values under a name, each once, in the form's order. Raises BadValue for too many."""
    found = list(dict.fromkeys(value.strip() for value in request.form.getlist(name) if value.strip()))
    if len(found) > most:
        raise BadValue(name, "whole", len(found), low=0, high=most)
    return found


def is_ticked(name: str) -> bool:
    """Whether a box is ticked."""
    return request.form.get(name) == "yes"


def number(name: str, *, low: float, high: float) -> float | None:
    """A number between two, None where it is empty. Raises BadValue."""
    said = text(name, longest=30)
    if said is None:
        return None
    try:
        found = float(said)
    except ValueError:
        found = math.nan
    if not low <= found <= high:
        raise BadValue(name, "number", said, low=low, high=high)
    return found


def whole(name: str, *, low: int, high: int) -> int | None:
    """A whole number between two, None where it is empty. Raises BadValue."""
    said = text(name, longest=30)
    if said is None:
        return None
    if not said.isascii() or not said.isdigit() or not low <= int(said) <= high:
        raise BadValue(name, "whole", said, low=low, high=high)
    return int(said)


def day(name: str) -> date | None:
    """A day, None where it is empty. Raises BadValue."""
    said = text(name, longest=30)
    try:
        return date.fromisoformat(said) if said else None
    except ValueError as error:
        raise BadValue(name, "day", said) from error


def moment(name: str) -> datetime | None:
    """A day and time of the district's clock as the browser's field has it, None where it is empty. Raises BadValue."""
    said = text(name, longest=30)
    try:
        return datetime.fromisoformat(said).replace(tzinfo=ZoneInfo(zone())) if said else None
    except ValueError as error:
        raise BadValue(name, "moment", said) from error


def clock(name: str) -> time | None:
    """A time of day, None where it is empty. Raises BadValue."""
    said = text(name, longest=30)
    try:
        return time.fromisoformat(said).replace(tzinfo=None) if said else None
    except ValueError as error:
        raise BadValue(name, "time", said) from error


def lon_lat() -> tuple[float, float] | None:
    """A place from the fields `lon` and `lat` (WGS 84 degrees), None where both are empty. Raises BadValue."""
    lon, lat = number("lon", low=-180, high=180), number("lat", low=-90, high=90)
    if lon is None and lat is None:
        return None
    if lon is None or lat is None:
        raise BadValue("lon" if lon is None else "lat", "missing")
    return lon, lat


def typed() -> dict[str, str]:
    """All that was typed, to show the form again as it was."""
    return {name: value for name, value in request.form.items() if name != "csrf_token"}


def wrong(error: WanggeError) -> tuple[str, str]:
    """Which field of a form an error is about ('' for the form as a whole), and what to do about it."""
    name = error.field if isinstance(error, BadValue) else ""
    if isinstance(error, BadSetting | BadParameter):
        name = error.name
    return name, sentence(error)
