"""Why a ticket cannot make a step, in the reader's language."""

from flask_babel import format_datetime
from flask_babel import gettext as _

from geodata.errors import MoveRefused


def states() -> dict[str, str]:
    """The states of a ticket by their word."""
    return {
        "draft": _("draft"),
        "reported": _("reported"),
        "verifying": _("being verified"),
        "filed": _("filed"),
        "dispatched": _("dispatched"),
        "accepted": _("accepted"),
        "handling": _("in handling"),
        "waiting": _("waiting"),
        "done": _("done"),
        "checking": _("in checking"),
        "closed": _("closed"),
        "returned": _("returned"),
        "cancelled": _("cancelled"),
        "merged": _("merged"),
        "reopened": _("reopened"),
    }


def refusal(error: MoveRefused) -> str:
    """Why a step cannot be made, and what can be done instead."""
    if error.word == "state" and error.state is not None:
        return _late(error)
    known = {
        "role": _("Your role may not make this step. An office, or the district, can."),
        "referee": _("It was returned twice: only the district decides now."),
        "reason": _("This step needs a reason. Say why."),
        "four_eyes": _("Whoever handled a ticket may not check or close it. Ask somebody else to look at the result."),
        "both_photos": _("This step needs a photo from before and one from after."),
        "photo": _("Its filing condition asks for a photo of the result. Add one."),
        "satisfied": _("Say whether whoever reported it is satisfied."),
        "amount": _("Say how much more time is needed: a number above 0, at most 1,000."),
        "asked": _("Something is asked for already; it must be answered first."),
        "not_asked": _("Nobody has asked for this, or it has been answered."),
        "asker": _("Whoever asked for it cannot grant it. Ask somebody else of the office."),
        "binding": _("The district has decided that this unit handles it: it cannot be returned. Appeal instead."),
    }
    otherwise = _("Ticket %(number)s cannot make this step now.", number=error.number)
    return str(known.get(error.word, otherwise))


def _late(error: MoveRefused) -> str:
    state = states().get(error.state or "", error.state)
    if error.by is None or error.at is None:
        return str(_("This step cannot be made from the state “%(state)s”.", state=state))
    return str(
        _(
            "Somebody was first: %(by)s brought it to “%(state)s” at %(time)s. This step cannot be made from there.",
            by=error.by,
            state=state,
            time=format_datetime(error.at, "yyyy-MM-dd HH:mm"),
        )
    )
