"""What a desk says of itself: which work waits there, what can be done with it, and by which keys."""

from typing import NamedTuple

from flask_babel import gettext as _

from geodata.services.bulk import Outcome
from geodata.services.workflow import REFEREES
from webmap.errors import NotAllowed
from webmap.pages import ticket_words, words
from webmap.sentences import sentence

# What waits for an office to do something.
OFFICE_WORK = ("file", "assign", "approve", "own", "check")

# The ways to look at open work, in the order of a ticket's life; then what stands out.
SHOWN = ("file", "assign", "approve", "own", "check", "returned", "referee", "late", "supervised")


class Action(NamedTuple):
    """What can be done with several tickets: its words and key, whether it needs a reason, and ends them."""

    action: str
    title: str
    key: str
    needs_reason: bool
    ends_it: bool = False


def to_do(role: str) -> tuple[str, ...]:
    """Names of the work that waits for somebody of a role."""
    return (*OFFICE_WORK, "referee") if role in REFEREES else OFFICE_WORK


def actions() -> list[Action]:
    """What an office does with many tickets at once, by the actions of `geodata.services.bulk`."""
    return [
        Action("file", _("File"), "f", needs_reason=False),
        Action("assign", _("Assign"), "a", needs_reason=False),
        Action("grant", _("Grant"), "g", needs_reason=False),
        Action("refuse", _("Refuse"), "r", needs_reason=True),
        Action("check", _("Check"), "c", needs_reason=False),
        Action("close", _("Close as done"), "e", needs_reason=False),
        Action("rework", _("Rework"), "w", needs_reason=True),
        Action("supervise", _("Supervise"), "s", needs_reason=True),
        Action("cancel", _("Cancel"), "z", needs_reason=True, ends_it=True),
    ]


def keys() -> list[tuple[tuple[str, ...], str]]:
    """The keys of a desk and what they do, those of the actions left out."""
    return [
        (("J", "↓"), _("next ticket")),
        (("K", "↑"), _("ticket before")),
        ((_("Enter"),), _("open the card")),
        (("X",), _("choose it, or not")),
        (("Shift", "X"), _("choose from the last chosen to here")),
        (("Shift", "↓", "↑"), _("choose on the way")),
        (("Ctrl", "A"), _("choose all that are listed")),
        (("Esc",), _("close the card, then choose none")),
        (("?",), _("show or hide the keys")),
    ]


def outcome(one: Outcome) -> str:
    """What became of one ticket, in a few words."""
    if isinstance(one.refusal, NotAllowed):
        return str(_("not yours to decide"))
    if one.refusal is not None:
        return sentence(one.refusal)
    if one.action == "assign" and one.given_to:
        return str(_("assigned to %(unit)s", unit=one.given_to))
    if one.action == "assign":
        return str(_("no unit could take it: to the office"))
    return f"{ticket_words.moves()[one.action]} · {words.states().get(one.state or '', one.state)}"


def script_texts() -> dict[str, str]:
    """Sentences by the key under which the desk's scripts ask for them."""
    return {
        "deskTodo": _("for us to do"),
        "deskOpen": _("all not ended"),
        "deskRows": _("%(shown)s of %(total)s"),
        "deskNone": _("Nothing waits here."),
        "deskNoneWay": _("Show all not ended"),
        "deskMore": _("Show more"),
        "deskChoose": _("Choose %(number)s"),
        "deskChosen": _("%(count)s tickets chosen"),
        "deskThis": _("this ticket"),
        "deskDone": _("%(count)s done"),
        "deskRefused": _("%(count)s not done"),
        "deskRest": _("%(count)s more"),
        "deskWorking": _("working …"),
        "deskReason": _("Reason for %(count)s tickets: %(action)s"),
        "deskGo": _("%(action)s %(count)s"),
        "deskNoAnswer": _("No answer arrived. Look at the list before you try again."),
        "deskLies": _("Lies with"),
        "deskPlace": _("Place"),
        "deskKind": _("Kind of issue"),
        "deskReported": _("Reported"),
        "deskDue": _("Deadline"),
        "deskState": _("State"),
        "deskPage": _("Open its page"),
        "deskNoPlace": _("place not known"),
        "deskNobody": _("nobody yet"),
        "drawBox": _("Draw a box"),
        "boxing": _("Click one corner of the box, then the opposite one."),
        "hide": _("Close"),
    }
