"""From what stands in a cell to a value: one checker per kind of value.

A checker takes what a reader found (never None) and gives the value, or raises CellRefused with a
reason that a user can act on. Codes and names are text; a number where text is wanted is written out
as people would, and what a spreadsheet has made unrecognisable is refused rather than guessed.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours, ParserError  # type: ignore[attr-defined] # the stubs forget it

from geodata.formats.table import Value

Checker: TypeAlias = Callable[[Value], Any]

MAX_TEXT = 2000
_SHORTENED = re.compile(r"[+-]?\d(?:\.\d+)?[eE]\+\d+")
_DMS = re.compile(r"[°度′'″\"]")
_DATE = r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})日?"
_TIME = r"(\d{1,2})[:：时](\d{1,2})(?:分|[:：分](\d{1,2})(?:秒|\.\d+)?)?"
_MOMENT = re.compile(rf"{_DATE}(?:[T\s]\s*{_TIME}\s*(Z|[+-]\d\d:?\d\d)?)?", re.IGNORECASE)
_PERIOD = re.compile(
    r"((?:19|20|21)\d\d)年?(?:\s*[-/.]?\s*(?:Q([1-4])|第?([1-4一二三四])季度?|(0?[1-9]|1[0-2])月?))?", re.ASCII
)
_QUARTERS = str.maketrans("一二三四", "1234")
_YES = {"true", "yes", "y", "t", "1", "是", "有", "在用", "启用"}
_NO = {"false", "no", "n", "f", "0", "否", "无", "停用", "禁用"}


class CellRefused(Exception):
    """A cell that does not hold what its field needs; the text is the reason. It ends as a Problem."""


def text(value: Value) -> str:
    """Text without leading and trailing space, one line break kept as it is; numbers written out."""
    if isinstance(value, date | time):
        raise CellRefused("a date where text is expected: the spreadsheet has changed it; format the column as text")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _written(value)
    found = str(value).strip()
    if len(found) > MAX_TEXT:
        raise CellRefused(f"{len(found)} characters, and {MAX_TEXT} are the limit")
    bad = next((sign for sign in found if unicodedata.category(sign) in {"Cc", "Cs"} and sign not in "\n\r\t"), None)
    if bad is not None:
        raise CellRefused(f"it holds the control character U+{ord(bad):04X}")
    return found


def code(value: Value) -> str:
    """A code: text without inner space; full-width letters and digits become plain ones."""
    found = unicodedata.normalize("NFKC", text(value))
    if _SHORTENED.fullmatch(found):
        raise CellRefused("a spreadsheet has shortened this code; format the column as text and enter it again")
    if re.fullmatch(r"\d+\.0+", found):
        found = found.split(".", 1)[0]
    if re.search(r"\s", found):
        raise CellRefused("a code has no spaces")
    if len(found) > 64:
        raise CellRefused("a code has 64 characters at most")
    return found


def number(value: Value) -> float:
    """A finite number; text may carry full-width digits."""
    if isinstance(value, bool | date | time):
        raise CellRefused("it is not a number")
    if isinstance(value, int | float):
        found = float(value)
    else:
        plain = unicodedata.normalize("NFKC", str(value)).strip()
        # float() would also take 1_000, infinity and nan
        if not re.fullmatch(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", plain):
            raise CellRefused("it is not a number" if not _DMS.search(plain) else "write degrees as a decimal number")
        found = float(plain)
    if not math.isfinite(found):
        raise CellRefused("it is not a finite number")
    return found


def positive(value: Value) -> float:
    """A number above 0."""
    found = number(value)
    if found <= 0:
        raise CellRefused("it must be above 0")
    return found


def count(value: Value) -> int:
    """A whole number from 0 to a million."""
    found = number(value)
    if not found.is_integer() or not 0 <= found <= 1_000_000:
        raise CellRefused("it must be a whole number, 0 or more")
    return int(found)


def flag(value: Value) -> bool:
    """Yes or no, in English or Chinese."""
    word = text(value).lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise CellRefused("write yes or no (是 or 否)")


def day(value: Value) -> date:
    """A date."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    return _parsed(value).date()


def period(value: Value) -> str:
    """A year, quarter or month, as `2015`, `2015-Q2` or `2015-06`."""
    if isinstance(value, date):
        return f"{value.year}-{value.month:02}"
    plain = unicodedata.normalize("NFKC", text(value)).upper()
    found = _PERIOD.fullmatch(plain)
    if found is None:
        raise CellRefused("write a year, quarter or month: 2015, 2015-Q2 or 2015-06 (2015年, 2015年二季度, 2015年6月)")
    year, of_quarter, quarter, month = found.groups()
    if of_quarter or quarter:
        number = (of_quarter or quarter).translate(_QUARTERS)
        return f"{year}-Q{number}"
    return f"{year}-{int(month):02}" if month else year


def moment(zone: ZoneInfo) -> Checker:
    """The checker of a time of day; without a zone of its own it is taken in `zone`."""

    def check(value: Value) -> datetime:
        if isinstance(value, datetime):
            found = value
        elif isinstance(value, date):
            found = datetime.combine(value, time(), tzinfo=zone)
        else:
            found = _parsed(value)
        return found if found.tzinfo else found.replace(tzinfo=zone)

    return check


def one_of(words: Mapping[str, str]) -> Checker:
    """The checker of a closed list: any spelling among the keys (lower case) gives its word."""

    def check(value: Value) -> str:
        key = text(value).lower()
        if key not in words:
            raise CellRefused(f"it must be one of {', '.join(dict.fromkeys(words.values()))}")
        return words[key]

    return check


def hours(value: Value) -> str:
    """Opening hours in the notation of OpenStreetMap."""
    found = text(value)
    try:
        OpeningHours(found)
    except ParserError as error:
        raise CellRefused("write opening hours such as Mo-Fr 08:30-17:00 or 24/7") from error
    return found


def _written(value: float) -> str:
    if not math.isfinite(value):
        raise CellRefused("it is not a finite number")
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def _parsed(value: Value) -> datetime:
    plain = unicodedata.normalize("NFKC", str(value)).strip()
    found = _MOMENT.fullmatch(plain)
    if found is None:
        raise CellRefused("write the date as 2024-04-16, or with a time 2024-04-16 03:15:00")
    year, month, of_month, hour, minute, second, zone = found.groups()
    clock = f"{int(hour or 0):02}:{int(minute or 0):02}:{int(second or 0):02}"
    offset = (zone or "").upper().replace("Z", "+00:00")
    try:
        return datetime.fromisoformat(f"{year}-{int(month):02}-{int(of_month):02}T{clock}{offset}")
    except ValueError as error:
        raise CellRefused(f"there is no such date or time ({error})") from error
