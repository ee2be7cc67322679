"""What requests by Open311 ask: as lenient as that world is, and never guessing.

Names that we do not know are passed over, as applications send their own to everybody; what is empty was not said.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import request

from geodata.queries.features import Box
from geodata.record_errors import FieldProblem
from geodata.services.service_attributes import questions_of
from geodata.services.service_requests import OBJECTS
from webmap import params
from webmap.errors import BadParameter
from webmap.languages import zone
from webmap.records import current_session

LONGEST_WINDOW = timedelta(days=90)
MOST_REQUESTS = 1000
FARTHEST_PAGE = 10_000

LONGEST_DESCRIPTION = 4000
LONGEST_URL = 1000
MOST_VALUES = 50

WANTED_MOMENT = "a date and time like 2026-03-02T14:00:00+08:00"

_ATTRIBUTE = re.compile(r"attribute\[([^\[\]]{1,60})\](?:\[\])?")
# a + that was not encoded arrives as a blank
_LOST_PLUS = re.compile(r"(T.*) (\d\d:?\d\d)$")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_STATUSES = ("open", "closed")


@dataclass
class Asked:
    """A request as it was sent, and what is wrong with it."""

    category: str = ""
    lon: float | None = None
    lat: float | None = None
    texts: dict[str, str | None] = field(default_factory=dict)
    attributes: dict[str, list[str]] = field(default_factory=dict)
    wrong: list[FieldProblem] = field(default_factory=list)


def window() -> tuple[datetime, datetime]:
    """From `start_date` to before a moment just after `end_date`; the last 90 days, or the 90 beside the one given.

    Raises BadParameter for what is no moment, for an end before its start, and for more than 90 days.
    """
    start, end = moment("start_date"), moment("end_date")
    if start is None and end is None:
        # whatever is stored while we look for it is in
        return datetime.now(UTC) - LONGEST_WINDOW, datetime.now(UTC) + timedelta(days=1)
    if start is None and end is not None:
        start = end - LONGEST_WINDOW
    if end is None and start is not None:
        end = start + LONGEST_WINDOW
    if start is None or end is None or end < start:
        raise BadParameter("end_date", params.text("end_date") or "", "start_date or later")
    if end - start > LONGEST_WINDOW:
        wanted = f"at most {LONGEST_WINDOW.days} days after start_date"
        raise BadParameter("end_date", params.text("end_date") or "", wanted)
    is_day = _DAY.fullmatch(params.text("end_date") or "") is not None
    # moments are told to the second, and days mean all of them
    return start, end + (timedelta(days=1) if is_day else timedelta(seconds=1))


def moment(name: str) -> datetime | None:
    """A moment of the query, without a zone in the district's; None when absent."""
    value = params.text(name)
    return None if value is None else read_moment(name, value)


def read_moment(name: str, value: str) -> datetime:
    """A moment as W3C writes it, more leniently. Raises BadParameter, also for years that nobody can mean."""
    told = _LOST_PLUS.sub(r"\1+\2", value.strip())
    try:
        found = datetime.fromisoformat(told)
        moment_ = found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone()))
        if params.FIRST_DAY.year < moment_.year < params.LAST_DAY.year:
            return moment_.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise BadParameter(name, value[:60], WANTED_MOMENT)


def paging() -> tuple[int, int]:
    """How many requests, and how many to skip: `page` and `page_size`, or `limit` (`max_requests`) and `offset`.

    More than 1,000 are never told at once.
    """
    size = 0
    for name in ("page_size", "limit", "max_requests"):
        size = size or params.whole(name, low=1, high=10**9) or 0
    size = min(size or MOST_REQUESTS, MOST_REQUESTS)
    page = params.whole("page", low=1, high=FARTHEST_PAGE) or 1
    offset = params.whole("offset", low=0, high=FARTHEST_PAGE * MOST_REQUESTS) or 0
    return size, (page - 1) * size + offset


def numbers() -> tuple[str, ...]:
    """`service_request_id`, with commas between; none when absent."""
    return params.words("service_request_id")


def service_codes() -> tuple[str, ...]:
    """`service_code`, with commas between; none when absent. Raises NotFound for one that is not on the list."""
    found = params.words("service_code")
    for code in found:
        questions_of(current_session(), code)
    return found


def flag(name: str) -> bool:
    """Whether a word of the query says yes."""
    return (params.text(name) or "").lower() in {"true", "1", "yes", "on"}


def is_open() -> bool | None:
    """`status`: True for open alone, False for closed alone, None for both."""
    told = params.words("status", known=_STATUSES)
    return None if len(told) != 1 else told[0] == "open"


def box() -> Box | None:
    """`bbox`, or its corners `long_sw`, `lat_sw`, `long_ne`, `lat_ne`; None when absent."""
    corners = {name: params.number(name, low=-180, high=180) for name in ("long_sw", "long_ne")}
    corners |= {name: params.number(name, low=-90, high=90) for name in ("lat_sw", "lat_ne")}
    if all(value is None for value in corners.values()):
        return params.box()
    west, south, east, north = (corners[name] for name in ("long_sw", "lat_sw", "long_ne", "lat_ne"))
    if west is None or south is None or east is None or north is None:
        missing = next(name for name, value in corners.items() if value is None)
        raise BadParameter(missing, "", "given with the other corners long_sw, lat_sw, long_ne, lat_ne")
    if west > east or south > north:
        raise BadParameter("long_ne", f"{east:g}, {north:g}", "east and north of long_sw, lat_sw")
    return Box(west, south, east, north)


def place() -> tuple[float, float] | None:
    """`long` and `lat` of the query; None where neither is given. Raises BadParameter for one of them alone."""
    lon, lat = params.number("long", low=-180, high=180), params.number("lat", low=-90, high=90)
    if lon is None and lat is None:
        return None
    if lon is None or lat is None:
        raise BadParameter("long" if lon is None else "lat", "", "given, in degrees of WGS 84")
    return lon, lat


def told(name: str) -> str | None:
    """A short text of the form, else of the query: applications send keys and jurisdictions in either."""
    value = request.form.get(name, "").strip()
    if not value:
        return params.text(name)
    if len(value) > params.LONGEST:
        raise BadParameter(name, value[:20] + "…", f"at most {params.LONGEST} characters")
    return value


def asked() -> Asked:
    """The request of the form that was sent, with all that is wrong with it but its place in the district.

    Raises NotFound for a service_code that is not on the list.
    """
    found = Asked(category=_short("service_code") or "")
    if found.category:
        # one there is not is told before anything else
        questions_of(current_session(), found.category)
    else:
        found.wrong.append(FieldProblem("service_code", "is required"))
    for name in ("address_string", "address_id", "service_object_type", "service_object_id"):
        found.texts[name] = _kept(found, name, longest=params.LONGEST)
    found.texts["description"] = _kept(found, "description", longest=LONGEST_DESCRIPTION)
    found.texts["media_url"] = _media_url(found)
    found.lon, found.lat = (_degrees(found, *one) for one in (("long", 180.0), ("lat", 90.0)))
    _check_object(found)
    _check_place(found)
    found.attributes = attributes()
    return found


def attributes() -> dict[str, list[str]]:
    """Answers of the form by code of the question: `attribute[CODE]`, and `attribute[CODE][]` once for each value."""
    found: dict[str, list[str]] = {}
    for name in request.form:
        if (code := _ATTRIBUTE.fullmatch(name)) is not None:
            values = request.form.getlist(name)[:MOST_VALUES]
            found.setdefault(code[1], []).extend(_plain(one) for one in values)
    return found


def media_url() -> str | None:
    """`media_url` of the form: an address by http or https, kept and never fetched. Raises BadParameter."""
    value = _plain(request.form.get("media_url", ""))
    if not value:
        return None
    try:
        parts = urlsplit(value)
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        is_address = False
    if not is_address or len(value) > LONGEST_URL or any(sign.isspace() or sign in '\\"<>' for sign in value):
        raise BadParameter("media_url", value[:60], f"an address by http or https of at most {LONGEST_URL} characters")
    return value


def description() -> str | None:
    """`description` of the form; longer ones are refused, not cut. Raises BadParameter."""
    value = _plain(request.form.get("description", ""))
    if len(value) > LONGEST_DESCRIPTION:
        raise BadParameter("description", value[:20] + "…", f"at most {LONGEST_DESCRIPTION} characters")
    return value or None


def _kept(found: Asked, name: str, *, longest: int) -> str | None:
    value = _plain(request.form.get(name, ""))
    if len(value) > longest:
        found.wrong.append(FieldProblem(name, f"takes at most {longest} characters"))
        return None
    return value or None


def _media_url(found: Asked) -> str | None:
    try:
        return media_url()
    except BadParameter as error:
        found.wrong.append(FieldProblem("media_url", f"cannot be used: {error}"))
        return None


def _degrees(found: Asked, name: str, most: float) -> float | None:
    try:
        return params.form_number(name, low=-most, high=most)
    except BadParameter as error:
        found.wrong.append(FieldProblem(name, f"cannot be used: {error}"))
        return None


def _check_object(found: Asked) -> None:
    kind, code = found.texts["service_object_type"], found.texts["service_object_id"]
    if bool(kind) != bool(code):
        missing = "service_object_id" if kind else "service_object_type"
        found.wrong.append(FieldProblem(missing, "is required beside the other part of the object"))
    elif kind and kind not in OBJECTS:
        found.wrong.append(FieldProblem("service_object_type", f"must be one of {', '.join(OBJECTS)}"))


def _check_place(found: Asked) -> None:
    given = {name: bool(request.form.get(name, "").strip()) for name in ("lat", "long")}
    others: Sequence[str] = ("address_string", "address_id", "service_object_id")
    if given["lat"] != given["long"]:
        missing = "long" if given["lat"] else "lat"
        found.wrong.append(FieldProblem(missing, "is required beside the other coordinate"))
    elif not given["lat"] and not any(found.texts[name] for name in others):
        found.wrong.append(FieldProblem("lat and long", "are required, or address_string, or address_id"))


def _short(name: str) -> str | None:
    value = _plain(request.form.get(name, ""))
    return value[: params.LONGEST] or None


def _plain(value: str) -> str:
    whole = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    return "".join(sign for sign in whole if sign >= " " or sign == "\n")
