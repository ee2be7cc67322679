"""Words of the pages of evaluation: its indices with their formulas, and the records behind them."""

from typing import NamedTuple
from urllib.parse import quote

from flask_babel import gettext as _

from geodata.queries.evaluation import Record

# Indices whose records count by amount, not one each.
_BY_AMOUNT = frozenset({"registration", "coverage"})

_HREFS = {
    "ticket": "/tickets/{record}",
    "pledge": "/pledges/{record}",
    "project": "/projects/{record}",
    "resource": "/resources/{record}",
    "meeting": "/meetings/{record}",
    "demand": "/demands/{record}",
    "point": "/duty/point/{record}",
    "registration": "/registrations",
    "coverage": "/coverage",
}


class IndexWord(NamedTuple):
    """An index in words."""

    title: str
    formula: str


def counted(name: str, record: Record) -> str:
    """Whether a record counts in the numerator of an index, or by how much."""
    if name in _BY_AMOUNT:
        return f"{amounts(name, record.num)} / {amounts(name, record.den)}"
    return str(_("counted") if record.num else _("not counted"))


def index_words() -> dict[str, IndexWord]:
    """The indices by name."""
    return {
        "in_time": IndexWord(
            _("Handled in time"), _("tickets handled by their deadline ÷ tickets whose deadline lies in the period")
        ),
        "first_pass": IndexWord(
            _("Passed at the first check"), _("tickets handled without rework ÷ tickets handled in the period")
        ),
        "pledges": IndexWord(_("Pledges kept"), _("pledges kept at least once in the period ÷ pledges in force")),
        "projects": IndexWord(
            _("Projects completed"), _("projects done ÷ projects that were to end in the period, stopped ones left out")
        ),
        "resources": IndexWord(
            _("Resources used"), _("resources with an accepted demand in the period ÷ resources offered")
        ),
        "attendance": IndexWord(_("Attendance"), _("meetings attended ÷ meetings held with a seat for the unit")),
        "resolutions": IndexWord(
            _("Resolutions carried out"), _("resolutions done ÷ resolutions of meetings in the period")
        ),
        "demands": IndexWord(
            _("Demands met"), _("demands met ÷ demands posted in the period, withdrawn ones left out")
        ),
        "registration": IndexWord(
            _("Registered"),
            _(
                "members registered ÷ members to register, by the newest counts up to the period; "
                "counts below 5 stay hidden and count nowhere"
            ),
        ),
        "held": IndexWord(_("Points with a holder"), _("responsibility points with a holder ÷ all points, today")),
        "coverage": IndexWord(_("Ground covered"), _("ground near an active unit ÷ all ground, by the newest run")),
    }


def kind_words() -> dict[str, str]:
    """What is evaluated."""
    return {"unit": _("Units"), "village": _("Villages"), "town": _("Towns")}


def record_words() -> dict[str, str]:
    """Kinds of records behind a figure."""
    return {
        "ticket": _("ticket"),
        "pledge": _("pledge"),
        "project": _("project"),
        "resource": _("resource"),
        "meeting": _("meeting"),
        "demand": _("demand"),
        "point": _("point"),
        "registration": _("counts of registration"),
        "coverage": _("coverage"),
    }


def record_href(record: Record) -> str:
    """Where a record is shown."""
    return _HREFS[record.kind].format(record=quote(record.record, safe=""))


def amounts(name: str, value: float) -> str:
    """A numerator or denominator: ground in hectares, all else in whole numbers."""
    return f"{value / 1e4:,.1f} ha" if name == "coverage" else f"{value:,.0f}"
