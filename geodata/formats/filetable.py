"""Headings and rows on their way into a file: CSV or XLSX."""

from collections.abc import Iterable
from typing import NamedTuple

from geodata.formats import delimited, xlsx
from geodata.formats.table import Value

FORMS = ("csv", "xlsx")

MIMETYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class FileTable(NamedTuple):
    """Headings and rows, as a file holds them."""

    headings: list[str]
    rows: list[list[Value]]

    def pieces(self, form: str, *, sheet: str) -> Iterable[bytes]:
        """The file in one of FORMS."""
        return [xlsx.write(self.headings, self.rows, sheet=sheet)] if form == "xlsx" else self._csv()

    def _csv(self) -> Iterable[bytes]:
        return delimited.write(self.headings, self.rows)
