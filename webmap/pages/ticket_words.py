"""Sentences about the life of a ticket: what can be done, what was done, what is waited for, and why not."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from geodata.models import ReturnReason, TicketEvent
from webmap.languages import language


def moves() -> dict[str, str]:
    """What happened to a ticket, by the word of the move."""
    return {
        "report": _("Reported"),
        "import": _("Taken over from another system"),
        "place": _("Place changed"),
        "verify": _("Sent to be verified"),
        "file": _("Filed"),
        "self_handle": _("Handled on the spot"),
        "assign": _("Assigned"),
        "choose": _("Given to a unit by hand"),
        "accept": _("Accepted"),
        "handle": _("Handling begun"),
        "done": _("Done"),
        "return": _("Returned"),
        "ask_extend": _("Asked for more time"),
        "grant_extend": _("More time granted"),
        "refuse_extend": _("More time refused"),
        "ask_suspend": _("Asked to be suspended"),
        "grant_suspend": _("Suspended"),
        "refuse_suspend": _("Suspension refused"),
        "resume": _("Taken up again"),
        "supervise": _("Supervised: an answer is wanted"),
        "answer": _("Supervision answered"),
        "check": _("Check begun"),
        "close": _("Closed"),
        "rework": _("Check failed: rework"),
        "cancel": _("Cancelled"),
        "merge": _("Merged into another ticket"),
        "absorb": _("Another ticket merged into this"),
        "reopen": _("Reopened"),
        "appeal": _("Appealed"),
        "grant_appeal": _("Appeal granted"),
        "refuse_appeal": _("Appeal refused"),
        "visit": _("Return visit"),
        "note": _("Note"),
    }


def steps() -> dict[str, str]:
    """What a person can do with a ticket, by the word of the move; on buttons."""
    return {
        "assign": _("Assign by the rule"),
        "choose": _("Choose a unit by hand"),
        "verify": _("Have it verified"),
        "file": _("File it"),
        "self_handle": _("I have fixed it on the spot"),
        "accept": _("Accept it"),
        "handle": _("Begin handling"),
        "done": _("Report it done"),
        "return": _("Return it"),
        "ask_extend": _("Ask for more time"),
        "grant_extend": _("Grant more time"),
        "refuse_extend": _("Refuse more time"),
        "ask_suspend": _("Ask to suspend it"),
        "grant_suspend": _("Grant the suspension"),
        "refuse_suspend": _("Refuse the suspension"),
        "resume": _("Take it up again"),
        "supervise": _("Supervise: ask for an answer"),
        "answer": _("Answer the supervision"),
        "check": _("Begin the check"),
        "close": _("Found well done: close"),
        "rework": _("Not well done: rework"),
        "cancel": _("Cancel it"),
        "merge": _("Merge it into another"),
        "reopen": _("Reopen it"),
        "appeal": _("Appeal"),
        "grant_appeal": _("Grant the appeal"),
        "refuse_appeal": _("Refuse the appeal"),
        "visit": _("Note the return visit"),
        "note": _("Add a note"),
        "place": _("Correct the place"),
    }


def pending() -> dict[str, str]:
    """What somebody has asked for and nobody has answered yet."""
    return {
        "extend": _("more time is asked for"),
        "suspend": _("suspension is asked for"),
        "appeal": _("an appeal is open"),
        "referee": _("returned twice: the district decides"),
    }


def stages() -> dict[str, str]:
    """The stages that have a clock."""
    return {
        "verify": _("Verifying and filing"),
        "dispatch": _("Dispatching"),
        "accept": _("Accepting"),
        "handle": _("Handling"),
        "check": _("Checking"),
        "approve": _("Answering a request"),
        "referee": _("The referee's decision"),
        "answer": _("Answering the supervision"),
    }


def limit(amount: float, unit: str) -> str:
    """A time limit in words: 4 working hours."""
    if amount == 1:
        one: dict[str, str] = {
            "urgent_hours": _("1 hour, day and night"),
            "working_hours": _("1 working hour"),
            "working_days": _("1 working day"),
            "natural_days": _("1 day"),
        }
        return one[unit]
    count = f"{amount:g}"
    known: dict[str, str] = {
        "urgent_hours": _("%(count)s hours, day and night", count=count),
        "working_hours": _("%(count)s working hours", count=count),
        "working_days": _("%(count)s working days", count=count),
        "natural_days": _("%(count)s days", count=count),
    }
    return known[unit]


def happened(event: TicketEvent, reasons: Mapping[str, ReturnReason], units: Mapping[str, str]) -> list[str]:
    """What an event tells beside its name, one sentence each; none for most.

    reasons   return reasons by code.
    units     names of units by code.
    """
    facts: Mapping[str, Any] = event.facts
    told: list[str] = []
    if event.action == "return" and (why := reasons.get(facts.get("code", ""))) is not None:
        told.append(why.name_en if language() == "en" else why.name_zh)
    if facts.get("reason"):
        told.append(str(facts["reason"]))
    if event.action in {"assign", "choose"} and facts.get("unit_code"):
        told.append(_("to %(unit)s", unit=units.get(facts["unit_code"], facts["unit_code"])))
    elif event.action == "assign":
        told.append(_("no unit could take it: to the office"))
    if event.action in {"ask_extend", "grant_extend"} and "amount" in facts:
        told.append(_("%(count)s more, in the units of the limit", count=f"{facts['amount']:g}"))
    if event.action == "visit":
        told.append(_("satisfied") if facts.get("satisfied") else _("not satisfied"))
    return [*told, *_of_others(facts), *(border(ruling) for ruling in facts.get("borders", ()))]


def _of_others(facts: Mapping[str, Any]) -> list[str]:
    """What of an event hangs on something beside the ticket: another one, photos, an import taken back."""
    told: list[str] = []
    if facts.get("undone_import"):
        told.append(_("import %(number)s was taken back", number=facts["undone_import"]))
    if facts.get("into"):
        told.append(_("into %(number)s", number=facts["into"]))
    if facts.get("merged"):
        told.append(_("ticket %(number)s", number=facts["merged"]))
    if facts.get("photos"):
        told.append(_("%(count)s photos", count=len(facts["photos"])))
    return told


def border(ruling: Mapping[str, Any]) -> str:
    """The ruling at a border, with both its sides."""
    sides = _(", ").join(
        _("%(name)s (%(metres)s m to the line)", name=side["name"], metres=f"{side['metres']:.0f}")
        for side in ruling["sides"]
    )
    names = {side["code"]: side["name"] for side in ruling["sides"]}
    chosen = names.get(ruling["chosen"], ruling["chosen"])
    known: dict[str, str] = {
        "holds": _("near a border between %(sides)s: the place lies in %(chosen)s", sides=sides, chosen=chosen),
        "line": _("on the line between %(sides)s: the lower code, %(chosen)s", sides=sides, chosen=chosen),
        "nobody": _("in a gap between %(sides)s: in none of them", sides=sides),
    }
    return known[ruling["rule"]]
