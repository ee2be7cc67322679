"""Words of joint projects: their stages and moves, what happened to them, and how they stand against their days."""

from datetime import date

from flask_babel import format_date, get_locale
from flask_babel import gettext as _

from geodata.queries.projects import ProjectLine
from webmap.maps.layers import joints as joint_titles
from webmap.pages import words


def joints() -> dict[str, str]:
    """The six joints, in the trade's order."""
    return dict(joint_titles())


def stages() -> dict[str, str]:
    """The stages, in their order."""
    return {
        "proposed": _("proposed"),
        "agreed": _("agreed"),
        "running": _("under way"),
        "done": _("completed"),
        "stopped": _("stopped"),
    }


def months() -> dict[int, str]:
    """Short names of the months by their number."""
    return {number: str(name) for number, name in get_locale().months["stand-alone"]["abbreviated"].items()}


def moves() -> dict[str, str]:
    """What can be done to a project, by the action of the move."""
    return {
        "agree": _("Agree on it"),
        "begin": _("Begin it"),
        "finish": _("Finish it"),
        "stop": _("Stop it"),
        "reopen": _("Restart it"),
    }


def happenings() -> dict[str, str]:
    """What happened to a project, by the action of an event."""
    return {
        "start": _("written down"),
        "agree": _("agreed on"),
        "begin": _("begun"),
        "finish": _("finished"),
        "stop": _("stopped"),
        "reopen": _("restarted"),
        "import": _("taken from a file"),
    }


def parts() -> dict[str, str]:
    """As what a unit takes part."""
    return {"lead": _("leads"), "partner": _("takes part"), "support": _("supports")}


def demand_states() -> dict[str, str]:
    """How a demand stands."""
    return {"open": _("open"), "matched": _("matched"), "met": _("met"), "withdrawn": _("withdrawn")}


def labels() -> dict[str, str]:
    """The fields of a project, for its changes."""
    return {
        "name": _("Name"),
        "joint": _("Joint"),
        "level": _("Level"),
        "area_code": _("Area"),
        "lead": _("Lead unit"),
        "partners": _("Partners"),
        "support": _("Supporting units"),
        "starts_on": _("Starts"),
        "ends_on": _("Ends"),
        "outcome": _("Outcome"),
        "people_served": _("People served"),
        "address": _("Address"),
        "place": _("Place"),
    }


def levels() -> dict[str, str]:
    """The levels that a project can be of."""
    return words.levels()


def days(starts_on: date | None, ends_on: date | None) -> str:
    """From when to when, as far as it is known; '' where nothing is."""
    if starts_on and ends_on:
        return f"{_day(starts_on)} – {_day(ends_on)}"
    if starts_on:
        return str(_("from %(day)s", day=_day(starts_on)))
    return str(_("until %(day)s", day=_day(ends_on))) if ends_on else ""


def standing(line: ProjectLine, today: date) -> tuple[str, str]:
    """How a project stands against its days: a class of `.due` (late, soon, ontime, none, ended), and words."""
    if line.stage in {"done", "stopped"}:
        return "ended", days(line.starts_on, line.ends_on)
    if line.stage == "running" and line.ends_on:
        left = (line.ends_on - today).days
        if left < 0:
            return "late", str(_("%(count)s days late", count=-left))
        return ("soon" if left <= 14 else "ontime"), str(_("%(count)s days left", count=left))
    if line.stage != "running" and line.starts_on:
        left = (line.starts_on - today).days
        if left < 0:
            return "late", str(_("should have begun %(count)s days ago", count=-left))
        return ("soon" if left <= 14 else "ontime"), str(_("begins in %(count)s days", count=left))
    return "none", str(_("no day set"))


def _day(day: date) -> str:
    return str(format_date(day, "yyyy-MM-dd"))
