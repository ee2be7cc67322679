"""What stands in the way of taking an import back, and what it comes to, in the reader's language."""

from collections.abc import Mapping

from flask_babel import gettext as _

from geodata.ingest import KINDS
from geodata.services.undo_plan import Conflict, UndoPlan
from webmap.languages import language


def rows(plan: UndoPlan) -> list[tuple[str, int, int, int, int]]:
    """By kind of record: its title, how many go, are put back, end, and stand in the way."""
    titles = _titles()
    return [
        (titles.get(one.table, one.table), one.removed, one.put_back, one.ended, one.conflicts) for one in plan.counts
    ]


def conflicts(plan: UndoPlan) -> list[tuple[str, str, str]]:
    """Of each record in the way: what it is, its code with its name, and why."""
    titles = _titles()
    return [
        (
            titles.get(one.table, one.table),
            f"{one.code} {one.name}" if one.name and one.name != one.code else one.code,
            _why(one, titles),
        )
        for one in plan.conflicts
    ]


def _why(one: Conflict, titles: Mapping[str, str]) -> str:
    if one.why == "used":
        by = titles.get(one.by_table or "", one.by_table or "")
        return str(_("%(count)s of %(kind)s refer to it, such as %(code)s", count=one.uses, kind=by, code=one.by))
    if one.why == "stamped":
        return str(_("reported since; its area would not be right any more"))
    if one.why == "bound":
        return str(_("what was before does not fit what is there now: %(detail)s", detail=one.by))
    if one.by_run is not None:
        return str(_("changed by import %(number)s; take that one back first", number=one.by_run))
    return str(_("removed since")) if one.why == "gone" else str(_("changed since"))


def _titles() -> dict[str, str]:
    """Kinds of record by table, as readers call them."""
    told: dict[str, str] = {}
    for one in KINDS:
        told.setdefault(one.model.__tablename__, _title(one.title_zh, one.title_en))
    return told | {
        "gazetteer_road": str(_("roads of the gazetteer")),
        "gazetteer_alias": str(_("other names")),
        "duty_grid_cell": str(_("cells of duty grids")),
        "project_partner": str(_("partners of projects")),
        "ticket": str(_("tickets")),
        "assignment": str(_("assignments")),
        "user_account": str(_("users")),
        "handover": str(_("handovers")),
        "joint_match": str(_("matches of demands")),
        "pledge_kept": str(_("pledges kept")),
        "cell_visit": str(_("patrols")),
        "geocode_decision": str(_("decisions about addresses")),
        "stage_limit": str(_("time limits")),
        "warning_step": str(_("warnings")),
        "webhook": str(_("webhooks")),
        "assignment_policy": str(_("assignment policies")),
    }


def _title(zh: str, en: str) -> str:
    return en if language() == "en" else zh
