"""Resolutions as pages show them: what each became, how far that is, and what may be made of it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from flask import url_for
from flask_babel import gettext as _

from geodata.queries.resolutions import ResolutionLine
from geodata.services import masks, resolutions
from webmap.access import may, may_in, own_unit, ticket_scope
from webmap.languages import zone
from webmap.pages import change_rows, meeting_words, words
from webmap.pages.change_rows import ChangeRow
from webmap.records import current_session

# The pages of what a resolution becomes, by the first part of their address.
PAGES = {"ticket": "tickets", "project": "projects", "demand": "demands"}


class ResolutionRow(NamedTuple):
    """A resolution in words.

    due       the class of its day: late, soon, ontime, none; `ended` where nothing more is to be done.
    became    what it became, such as "ticket 20260305-000001"; '' for nothing yet.
    address   of the page of that; None where whoever asks may not see it.
    far       how far that is.
    """

    line: ResolutionLine
    words: str
    note: str
    state: str
    shape: str
    due: str
    due_words: str
    became: str
    address: str | None
    far: str


class Origin(NamedTuple):
    """Where a ticket, project or demand comes from: what to call it, and the page of that."""

    words: str
    address: str


SOON_DAYS = 7
SHAPES = {"open": "work", "done": "check", "dropped": "closed"}


def told_here(words: str | None, *, is_ours: bool = False) -> str | None:
    """Words of meetings and resolutions as whoever asks may read them: `is_ours` where their unit sits or is in charge.

    Everybody signed in reads of every meeting, and so numbers in them are for those who read contacts.
    """
    if words is None or is_ours or may("contact.read"):
        return words
    return masks.masked(current_session(), words)


def own_code() -> str | None:
    """The code of the unit that whoever asks works for."""
    unit = own_unit()
    return None if unit is None else unit.code


def rows(lines: Sequence[ResolutionLine], *, is_ours: bool = False) -> list[ResolutionRow]:
    """Resolutions in words, in their order; `is_ours` those of a meeting or call at which the asker's unit is."""
    own = own_code()
    today = datetime.now(ZoneInfo(zone())).date()
    states, kinds, far = meeting_words.resolution_states(), meeting_words.targets(), _far()
    return [
        ResolutionRow(
            line,
            told_here(line.words, is_ours=is_ours or line.unit_code == own is not None) or "",
            told_here(line.note, is_ours=is_ours or line.unit_code == own is not None) or "",
            states[line.state],
            SHAPES[line.state],
            *_due(line, today),
            _became(line, kinds),
            f"/{PAGES[line.target_kind]}/{line.target_code}" if line.target_kind and line.is_seen else None,
            far.get(line.target_state or "", "") if line.is_seen else "",
        )
        for line in lines
    ]


def origin_of(kind: str, code: str) -> Origin | None:
    """The meeting or whistle call that a ticket, project or demand was resolved upon; None where it was not."""
    line = resolutions.origin_line(current_session(), kind, code, scope=ticket_scope())
    if line is None:
        return None
    if line.origin_kind == "meeting":
        name = _("resolution %(number)s of %(meeting)s", number=line.seq, meeting=line.origin_name or line.origin_code)
        return Origin(str(name), url_for("meetings.show", code=line.origin_code) + f"#r{line.seq}")
    name = _("task %(number)s of whistle call %(code)s", number=line.seq, code=line.origin_code)
    return Origin(str(name), url_for("whistle.show", code=line.origin_code) + f"#r{line.seq}")


def may_make(level: str, area_code: str) -> dict[str, bool]:
    """What whoever asks may make of resolutions of an area, by kind."""
    return {
        "ticket": may_in("ticket.report", level, area_code),
        "project": may_in("project.set", level, area_code),
        "demand": may_in("demand.set", level, area_code),
    }


def changes(kinds: Sequence[str], labels: Mapping[str, str], code: str, states: Mapping[str, str]) -> list[ChangeRow]:
    """Changes by hand of a meeting or call and of its resolutions; words of states as the page says them."""
    known = {**meeting_words.resolution_states(), **states}
    return [
        row._replace(
            differences=[
                one._replace(before=known.get(one.before, one.before), after=known.get(one.after, one.after))
                for one in row.differences
            ]
        )
        for row in change_rows.rows([*kinds, resolutions.KIND], labels, about={"code": code})
    ]


def _became(line: ResolutionLine, kinds: dict[str, str]) -> str:
    if line.target_kind is None:
        return ""
    kind = kinds[line.target_kind]
    if not line.is_seen:
        return kind
    return f"{kind} {line.target_name or line.target_code}"


def _due(line: ResolutionLine, today: date) -> tuple[str, str]:
    if line.due_on is None:
        return ("none" if line.state == "open" else "none ended"), str(_("no due day"))
    day = line.due_on.isoformat()
    if line.state != "open":
        return "ontime ended", day
    if line.is_late(today):
        return "late", str(_("%(day)s, overdue by %(count)s d", day=day, count=(today - line.due_on).days))
    return ("soon" if (line.due_on - today).days <= SOON_DAYS else "ontime"), day


def _far() -> dict[str, str]:
    """Words of every state a target can have; those of tickets win, as no other has their names."""
    return meeting_words.stages() | {name: str(said) for name, said in words.states().items() if name != "done"}
