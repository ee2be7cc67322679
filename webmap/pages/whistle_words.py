"""Words of the pages of whistle calls."""

from datetime import datetime

from flask_babel import gettext as _

from geodata.queries.whistle import CallLine, Invitee
from geodata.services.whistle import NEAR_M


def states() -> dict[str, str]:
    """How far a call is."""
    return {
        "called": _("called together"),
        "met": _("on the spot"),
        "closed": _("call finished"),
        "cancelled": _("called off"),
    }


def shapes() -> dict[str, str]:
    """The shape beside such a state, as `base.css` draws it."""
    return {"called": "new", "met": "work", "closed": "check", "cancelled": "closed"}


def when(line: CallLine, now: datetime) -> str:
    """The class of a call's time: `late` once it is over and somebody is missing, `soon` before, ended otherwise."""
    if not line.is_running:
        return "none ended"
    if line.meet_at > now:
        return "soon"
    return "late" if line.came < line.called else "ontime"


def name_of(one: Invitee) -> str:
    """Who is called."""
    if one.unit_name is not None:
        return one.unit_name
    return str(_("office of %(area)s", area=one.office_name or one.office_code))


def distance(one: Invitee) -> str:
    """How far from the place somebody said they had arrived; '' before that."""
    if one.arrived_at is None:
        return ""
    if one.arrived_m is None:
        return str(_("position not noted"))
    metres = f"{one.arrived_m:,.0f}"
    if is_far(one):
        return str(_("not at the place: %(metres)s m from it", metres=metres))
    return str(_("%(metres)s m from the place", metres=metres))


def is_far(one: Invitee) -> bool:
    """Whether they said so from farther away than the place is."""
    return one.arrived_m is not None and one.arrived_m > NEAR_M


def fields() -> dict[str, str]:
    """Fields of a call, for what was changed."""
    return {
        "state": _("State"),
        "minutes": _("What was found and agreed"),
        "arrived": _("Arrived"),
        "why": _("Why it was taken back"),
    }
