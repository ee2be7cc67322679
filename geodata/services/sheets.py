"""Records that stand on no map as sheets, in the headings of their import: what is given out comes in again unchanged.

To add one: a statement in `geodata/queries/sheets.py`, and one line in SHEETS.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import TextClause
from sqlalchemy.orm import Session

from geodata.errors import NotFound
from geodata.formats.filetable import FileTable
from geodata.formats.table import Value
from geodata.ingest.kinds import Kind
from geodata.ingest.memberships import MEMBERSHIPS
from geodata.ingest.spellings import LEVEL_WORDS
from geodata.models import OPEN_START
from geodata.queries import sheets as queries
from geodata.services.installation import installation


class Column(NamedTuple):
    """One column: the field's name, its Chinese heading, and for closed lists the spellings of the import."""

    name: str
    title_zh: str
    words: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Sheet:
    """The sheet of one importable kind, open to those who hold the permission `read`."""

    kind: Kind
    read: str
    make: Callable[[Session], FileTable]


def sheet(name: str) -> Sheet:
    """The sheet of that kind. Raises NotFound, which lists those there are."""
    if name not in SHEETS:
        raise NotFound("sheet", name, list(SHEETS))
    return SHEETS[name]


def made_by(statement: TextClause, *columns: Column) -> Callable[[Session], FileTable]:
    """What makes a table of a statement: headings and words in the language of the installation."""

    def make(session: Session) -> FileTable:
        place = installation(session)
        is_english = place.lang.startswith("en")
        zone = ZoneInfo(place.timezone)
        headings = [column.name if is_english else column.title_zh for column in columns]
        spelled = {column.name: _spelled(column.words or {}, is_english=is_english) for column in columns}
        found = [
            [_cell(row[column.name], spelled[column.name], zone) for column in columns]
            for row in queries.rows(session, statement)
        ]
        return FileTable(headings, found)

    return make


def _spelled(words: Mapping[str, str], *, is_english: bool) -> dict[str, str]:
    """How each word is written: of the spellings an import knows the word itself, or the first in Chinese."""
    found: dict[str, str] = {}
    for spelling, word in words.items():
        if spelling != word:
            found.setdefault(word, word if is_english else spelling)
    return found


def _cell(value: Any, spelled: Mapping[str, str], zone: ZoneInfo) -> Value:  # noqa: ANN401 - whatever a column holds
    found = value
    if isinstance(value, list | tuple):
        found = "、".join(str(one) for one in value) or None
    elif isinstance(value, datetime):
        found = value.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    elif isinstance(value, date):
        # a day as text: spreadsheets read those before March 1900 each in their own way
        found = None if value == OPEN_START else value.isoformat()
    elif isinstance(value, time):
        found = value.strftime("%H:%M")
    elif isinstance(value, float) and value.is_integer():
        found = int(value)
    elif isinstance(value, str):
        found = spelled.get(value, value)
    return found  # type: ignore[no-any-return] # numbers and flags are as they are


UNIT = Column("unit", "单位编码")
UNIT_NAME = Column("unit_name", "单位名称")
LEVEL = Column("level", "层级", LEVEL_WORDS)
AREA = Column("area_code", "区域编码")
AREA_NAME = Column("area_name", "区域名称")
VALID_FROM = Column("valid_from", "开始日期")
VALID_TO = Column("valid_to", "结束日期")

_MEMBERSHIPS = made_by(queries.MEMBERSHIPS, UNIT, UNIT_NAME, LEVEL, AREA, AREA_NAME, VALID_FROM, VALID_TO)

SHEETS: dict[str, Sheet] = {one.kind.name: one for one in (Sheet(MEMBERSHIPS, "map.read", _MEMBERSHIPS),)}
