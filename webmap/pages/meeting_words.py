"""Words of the pages of meetings and resolutions."""

from flask_babel import gettext as _


def bodies() -> dict[str, str]:
    """The three meetings of a town, and that of a village."""
    return {
        "joint_conference": _("joint conference"),
        "congress": _("community congress"),
        "committee": _("community committee"),
        "village_meeting": _("village meeting"),
    }


def positions() -> dict[str, str]:
    """What a unit is in such a meeting."""
    return {"chair": _("convenes it"), "deputy": _("deputises"), "member": _("takes part")}


def states() -> dict[str, str]:
    """How far a meeting is."""
    return {"planned": _("to be held"), "held": _("held"), "cancelled": _("called off")}


def shapes() -> dict[str, str]:
    """The shape beside such a state, as `base.css` draws it."""
    return {"planned": "new", "held": "check", "cancelled": "closed"}


def resolution_states() -> dict[str, str]:
    """How far a resolution is."""
    return {"open": _("being worked on"), "done": _("carried out"), "dropped": _("dropped")}


def targets() -> dict[str, str]:
    """What a resolution became."""
    return {"ticket": _("ticket"), "project": _("project"), "demand": _("demand")}


def stages() -> dict[str, str]:
    """Stages of projects, and states of demands."""
    return {
        "proposed": _("proposed"),
        "agreed": _("agreed"),
        "running": _("being carried out"),
        "done": _("completed"),
        "stopped": _("stopped"),
        "open": _("waiting for a match"),
        "matched": _("matched"),
        "met": _("met"),
        "withdrawn": _("withdrawn"),
    }


def joints() -> dict[str, str]:
    """The six joints."""
    return {
        "party_building": _("party building"),
        "governance": _("governance"),
        "civility": _("civility"),
        "welfare": _("public welfare"),
        "culture": _("culture"),
        "talent": _("training people"),
    }


def fields() -> dict[str, str]:
    """Fields of a meeting, for what was changed."""
    return {
        "name": _("Name"),
        "held_at": _("Time"),
        "state": _("State"),
        "address": _("Place"),
        "agenda": _("Agenda"),
        "minutes": _("Minutes"),
        "came": _("Present"),
    }


def resolution_fields() -> dict[str, str]:
    """Fields of a resolution, for what was changed."""
    return {
        "words": _("Resolution"),
        "unit": _("Unit in charge"),
        "due_on": _("Due"),
        "state": _("State"),
        "note": _("Note"),
        "target": _("Became"),
    }
