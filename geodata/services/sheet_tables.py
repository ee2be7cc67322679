"""A table of a sheet: its columns, and how what a statement finds is written in them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import TextClause
from sqlalchemy.orm import Session

from geodata.formats.filetable import FileTable
from geodata.formats.table import Value
from geodata.models import OPEN_START
from geodata.queries import sheets as queries
from geodata.services.installation import installation


class Column(NamedTuple):
    """One column: the field's name, its Chinese heading, and for closed lists the spellings of the import."""

    name: str
    title_zh: str
    words: Mapping[str, str] | None = None


class Make(Protocol):
    """What writes a sheet."""

    def __call__(
        self, session: Session, *, towns: Sequence[str] | None = None, codes: Collection[str] | None = None
    ) -> FileTable:
        """The sheet with the rows of these towns and with these codes, or of all."""


def made_by(statement: TextClause, *columns: Column) -> Make:
    """What makes a table of a statement: headings and words in the language of the installation."""

    def make(
        session: Session, *, towns: Sequence[str] | None = None, codes: Collection[str] | None = None
    ) -> FileTable:
        place = installation(session)
        is_english = place.lang.startswith("en")
        zone = ZoneInfo(place.timezone)
        headings = [column.name if is_english else column.title_zh for column in columns]
        spelled = {column.name: _spelled(column.words or {}, is_english=is_english) for column in columns}
        found = [
            [_cell(row[column.name], spelled[column.name], zone) for column in columns]
            for row in queries.rows(session, statement, towns=towns)
            if codes is None or row["code"] in codes
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
