"""What a query says of the features it means: boxes in any CRS, times, an order, values, pages."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from dateutil.relativedelta import relativedelta
from flask import current_app
from itsdangerous import BadData, URLSafeSerializer
from pyproj.exceptions import ProjError

from geodata.catalog import Collection, Property
from geodata.queries.cql import LANGUAGES, MAX_BYTES
from geodata.queries.cql import condition as cql_condition
from geodata.queries.item_conditions import BoxIn, Times, Value
from geodata.queries.item_order import By
from geodata.queries.scope import Condition
from spatial.crs import enclosing_degrees
from spatial.crs_uris import CRS84, NamedCrs, find
from webmap import params
from webmap.errors import BadParameter

DEFAULT_LIMIT = 100
LARGEST_LIMIT = 10_000

# Farther from the origin no CRS of ours has a place.
FARTHEST_M = 1e8

MOST_ORDERS = 8

# The names that every list of features knows; properties stand beside them.
ITEM_NAMES = (
    *("f", "limit", "after", "bbox", "bbox-crs", "crs", "datetime", "sortby"),
    *("filter", "filter-lang", "filter-crs"),
)

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d:\d\d)(\.\d{1,9})?([Zz]|[+\- ]\d\d:\d\d))?", re.ASCII)
_DURATION = re.compile(
    r"P(?=.)(?:(\d{1,4})Y)?(?:(\d{1,5})M)?(?:(\d{1,5})W)?(?:(\d{1,6})D)?"
    r"(?:T(?=.)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?",
    re.ASCII,
)
_OPEN = frozenset({"", ".."})


def limit() -> int:
    """How many features a page may hold; more than the most is the most."""
    value = params.said("limit")
    if value is None:
        return DEFAULT_LIMIT
    if not (value.isascii() and value.isdecimal() and len(value) <= 12 and int(value) > 0):
        raise BadParameter("limit", value[:20], f"a whole number from 1 to {LARGEST_LIMIT}")
    return min(int(value), LARGEST_LIMIT)


def crs(name: str, known: Sequence[NamedCrs]) -> NamedCrs:
    """A CRS by its URI, CRS84 unless another one is named. Raises UnknownCrs."""
    value = params.said(name)
    return CRS84 if value is None else find(value, known)


def box(known: Sequence[NamedCrs]) -> BoxIn | None:
    """`bbox` with four numbers, or six with heights, in the order of the axes of `bbox-crs`; None when absent."""
    of = crs("bbox-crs", known)
    value = params.said("bbox")
    if value is None:
        return None
    wanted = "four numbers: two of one corner, two of the other; or six, with heights"
    parts = value.split(",")
    if len(parts) not in {4, 6}:
        raise BadParameter("bbox", value[:60], wanted)
    numbers = [params.finite("bbox", part) for part in parts]
    if len(parts) == 6:
        numbers = [*numbers[0:2], *numbers[3:5]]
    first, second, third, fourth = numbers
    west, south, east, north = (second, first, fourth, third) if of.is_yx else (first, second, third, fourth)
    if south > north:
        raise BadParameter("bbox", value[:60], f"{wanted}, the lower before the upper")
    if of.is_degrees:
        return _degrees(west, south, east, north)
    if west > east or max(abs(number) for number in numbers) > FARTHEST_M:
        raise BadParameter("bbox", value[:60], f"{wanted}, in metres, the lower before the upper")
    return BoxIn(west, south, east, north, srid=of.srid, near=_near(west, south, east, north, of.srid))


def times(name: str, zone: tzinfo) -> Times | None:
    """A moment, a day of the district, or a period of these, of ISO 8601; None when absent.

    A period may be open at one end (`..` or nothing), or have a duration (`P2D`) in the place of one.
    """
    value = params.said(name)
    if value is None:
        return None
    try:
        found = _times(value, zone)
    except (ValueError, OverflowError):
        found = None
    if found is None:
        raise BadParameter(name, value[:60], "a time like 2026-03-02 or 2026-03-02T08:00:00Z, or two with / between")
    return found


def orders(known: Sequence[Property]) -> list[By]:
    """`sortby`: names of properties with commas between, with `-` before those that go downwards."""
    value = params.said("sortby")
    if value is None:
        return []
    names = {one.name for one in known}
    found: list[By] = []
    for part in value.split(","):
        # a plus that nobody has escaped arrives as a space
        name = part.strip().removeprefix("+").removeprefix("-")
        if name not in names or len(found) == MOST_ORDERS:
            raise BadParameter("sortby", value[:60], f"at most {MOST_ORDERS} of {', '.join(sorted(names))}")
        found.append(By(name, is_down=part.strip().startswith("-")))
    return found


def equals(known: Sequence[Property]) -> list[tuple[Property, Value]]:
    """Properties that must have a value, as each is named in the query."""
    return [(one, _value(one, said)) for one in known if (said := params.said(one.name)) is not None]


def condition(known: Sequence[Property], systems: Sequence[NamedCrs]) -> Condition | None:
    """`filter` in CQL2, as text or as `filter-lang` says, with geometries in `filter-crs`; None when absent.

    Raises FilterRefused for one that asks for anything but these properties and the place.
    """
    language, of = params.said("filter-lang"), crs("filter-crs", systems)
    if language is not None and language not in LANGUAGES:
        raise BadParameter("filter-lang", language[:20], f"one of {', '.join(LANGUAGES)}")
    value = params.said("filter", longest=MAX_BYTES)
    if value is None:
        return None
    queryables = {one.name: one for one in known}
    return cql_condition(value, language=language or LANGUAGES[0], queryables=queryables, srid=of.srid, is_yx=of.is_yx)


def mark(collection: Collection, by: Sequence[By]) -> list[str | None] | None:
    """`after`: where the page before has ended, as its link told it; None when absent."""
    value = params.said("after")
    if value is None:
        return None
    try:
        told = _marks().loads(value)
    except BadData as error:
        raise BadParameter("after", value[:20], "what the link to the next page says") from error
    if told[0] != _order(collection, by):
        raise BadParameter("after", value[:20], "of this collection, in this order")
    found: list[str | None] = told[1]
    return found


def mark_text(collection: Collection, by: Sequence[By], mark: Sequence[str | None]) -> str:
    """A mark for a link."""
    return str(_marks().dumps([_order(collection, by), list(mark)]))


def _marks() -> URLSafeSerializer:
    """Marks are signed: what comes back can be bound without being looked at once more."""
    return URLSafeSerializer(current_app.secret_key or "", salt="items")


def _order(collection: Collection, by: Sequence[By]) -> str:
    return ",".join([collection.id, *(f"{'-' if one.is_down else ''}{one.name}" for one in by)])


def _degrees(west: float, south: float, east: float, north: float) -> BoxIn:
    """A box on the globe; what reaches beyond it is cut."""
    if west <= east:
        west, east = max(west, -180.0), min(east, 180.0)
    return BoxIn(west, max(south, -90.0), east, min(north, 90.0))


def _near(west: float, south: float, east: float, north: float, srid: int) -> tuple[float, float, float, float] | None:
    try:
        return enclosing_degrees(west, south, east, north, srid)
    except ProjError:
        return None


def _times(value: str, zone: tzinfo) -> Times | None:
    first, divider, last = value.partition("/")
    if not divider:
        begins, ends, is_day = _moment(first, zone)
        return Times(since=begins, before=ends) if is_day else Times(since=begins, until=ends)
    if first in _OPEN and last in _OPEN:
        return None
    since, until, before = None, None, None
    if first not in _OPEN and not first.startswith("P"):
        since, _, _ = _moment(first, zone)
    if last not in _OPEN and not last.startswith("P"):
        _, end, is_day = _moment(last, zone)
        until, before = (None, end) if is_day else (end, None)
    if first.startswith("P"):
        since = _shifted(until or before, first, -1)
    if last.startswith("P"):
        end = _shifted(since, last, 1)
        until, before = (None, end) if len(first) == len("2026-03-02") else (end, None)
    last_moment = until or before
    return None if since and last_moment and since > last_moment else Times(since, until, before)


def _moment(text: str, zone: tzinfo) -> tuple[datetime, datetime, bool]:
    """Begin and end of a moment, and whether it is a day of the district."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise ValueError(text)
    day, clock, part, offset = found.groups()
    if clock is None:
        midnight = datetime.combine(date.fromisoformat(day), time(), zone)
        return midnight, datetime.combine(midnight.date() + timedelta(days=1), time(), zone), True
    offset = "+00:00" if offset in "Zz" else offset.replace(" ", "+")
    at = datetime.fromisoformat(f"{day}T{clock}{(part or '')[:7]}{offset}").astimezone(UTC)
    return at, at, False


def _shifted(at: datetime | None, duration: str, sign: int) -> datetime:
    """A moment as much later (or earlier) as a duration of ISO 8601 says. Raises ValueError."""
    found = _DURATION.fullmatch(duration)
    if found is None or at is None:
        raise ValueError(duration)
    years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    by = relativedelta(
        years=years, months=months, weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds
    )
    moved: datetime = at + by * sign
    return moved


def _value(one: Property, said: str) -> Value:
    """A value as the property has them. Raises BadParameter."""
    words: Mapping[str, str] = {
        "integer": "a whole number",
        "number": "a number",
        "boolean": "true or false",
        "date": "a day like 2026-03-02",
        "datetime": "a time like 2026-03-02T08:00:00Z",
    }
    try:
        if one.kind == "integer" and re.fullmatch(r"-?[0-9]{1,18}", said):
            return int(said)
        if one.kind == "number":
            return params.finite(one.name, said)
        if one.kind == "boolean" and said in {"true", "false"}:
            return said == "true"
        if one.kind == "date" and len(said) == 10:
            return date.fromisoformat(said)
        if one.kind == "datetime" and len(said) > 10:
            return _moment(said, UTC)[0]
        if one.kind == "text":
            return said
    except (ValueError, OverflowError):
        pass
    raise BadParameter(one.name, said[:60], words[one.kind])
