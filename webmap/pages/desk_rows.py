"""Tickets as a desk shows them: with their marks, who has them, where they are, and what can be done."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from flask import url_for
from flask_babel import format_datetime
from flask_babel import gettext as _

from geodata.queries.desk import DeskLine
from geodata.queries.worklist import TicketLine
from geodata.services.bulk import possible
from webmap.access import role, told
from webmap.languages import language
from webmap.pages import ticket_words
from webmap.pages.ticket_rows import Row, list_rows


class Mark(NamedTuple):
    """Something that a ticket stands out by: its kind (`supervised`, `asked`, `counted`) and its words."""

    kind: str
    title: str


class DeskRow(NamedTuple):
    """A ticket of a desk in the reader's words.

    who     the unit or office it lies with, empty where nobody is known.
    place   village, else town; with the address where there is one.
    can     actions of `geodata.services.bulk` that whoever asks may make.
    """

    row: Row
    desk: DeskLine
    kind: str
    who: str
    place: str
    marks: list[Mark]
    can: list[str]

    def as_json(self) -> dict[str, Any]:
        """Plain values for the scripts."""
        line = self.row.line
        return {
            "number": line.number,
            "title": line.title,
            "href": url_for("tickets.show", number=line.number),
            "kind": self.kind,
            "state": self.row.state,
            "group": self.row.group,
            "deadline": line.deadline,
            "due": self.row.due,
            "dueAt": format_datetime(line.due_at, "MM-dd HH:mm") if line.due_at else None,
            "reported": format_datetime(line.reported_at, "yyyy-MM-dd HH:mm"),
            "who": self.who,
            "place": self.place,
            "marks": [mark._asdict() for mark in self.marks],
            "can": self.can,
            "lon": None if self.desk.lon is None else round(self.desk.lon, 6),
            "lat": None if self.desk.lat is None else round(self.desk.lat, 6),
        }


def desk_rows(lines: Sequence[DeskLine]) -> list[DeskRow]:
    """The lines with their words."""
    is_english = language() == "en"
    asked = ticket_words.pending()
    return [
        DeskRow(
            row,
            desk,
            kind=row.line.category_en if is_english else row.line.category_zh,
            who=who(row.line),
            place=" · ".join(
                part for part in (row.line.village_name or row.line.town_name, told(desk.address)) if part
            ),
            marks=_marks(desk, asked.get(desk.pending or "")),
            can=possible(row.line.state, role(), pending=desk.pending, has_unit=row.line.unit_code is not None),
        )
        for row, desk in zip(list_rows([each.line for each in lines]), lines, strict=True)
    ]


def who(line: TicketLine) -> str:
    """With whom a ticket lies."""
    office = _("office of %(area)s", area=line.office_name) if line.office_name else ""
    return line.unit_name or str(office)


def _marks(desk: DeskLine, asked: str | None) -> list[Mark]:
    found = [Mark("supervised", _("supervised"))] if desk.is_supervised else []
    if asked:
        found.append(Mark("asked", asked))
    if desk.return_count:
        found.append(Mark("counted", _("%(count)s times returned", count=desk.return_count)))
    if desk.rework_count:
        found.append(Mark("counted", _("%(count)s times reworked", count=desk.rework_count)))
    return found
