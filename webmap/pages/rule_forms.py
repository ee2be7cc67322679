"""What the pages of rules, limits and calendar share: who may change what, and what their forms say."""

import math
from datetime import date

from flask import request
from flask_babel import gettext as _

from geodata.errors import BadLimit, BadSetting, DayPassed
from geodata.ingest.rules import LARGEST_AMOUNT, LONGEST_TEXT
from geodata.services import rules
from geodata.services.rules import DISTRICT
from spatial.errors import WanggeError
from webmap import params
from webmap.access import demand, may, own_area, role
from webmap.errors import BadParameter, NotAllowed
from webmap.pages import areas
from webmap.pages.deadline_words import day as day_said
from webmap.records import current_session, district
from webmap.sentences import sentence

READ = "ticket.read"
SET = "rule.set"

# What holds for all towns is not one town's to change.
_WHOLE = frozenset({"district", "admin"})


def may_set(town_code: str = DISTRICT) -> bool:
    """Whether whoever asks may change what is a town's own, or ('') the district's."""
    if not town_code:
        return role() in _WHOLE and may(SET, town_code=district().code)
    return may(SET, town_code=town_code)


def demand_set(town_code: str = DISTRICT) -> None:
    """Raise SignInNeeded or NotAllowed unless whoever asks may change this."""
    demand(SET, town_code=town_code or None)
    if not may_set(town_code):
        raise NotAllowed(SET)


def town_asked() -> str:
    """The town of the query string; without one the town that whoever asks works for, else '' for the district.

    `town=district` asks for the district's own all the same. Raises NotFound.
    """
    asked = params.text("town")
    if asked is None:
        own = own_area() or DISTRICT
        return own if own in areas.names("town") else DISTRICT
    if asked == "district":
        return DISTRICT
    rules.check_town(current_session(), asked)
    return asked


def town_told() -> str:
    """The town of a form, '' for the district."""
    return said("town")


def said(name: str, *, longest: int = LONGEST_TEXT + 1) -> str:
    """A text of the form, '' where it is missing; what is longer is cut, so that its check still finds it too long."""
    return request.form.get(name, "").strip()[:longest]


def number(name: str) -> float | None:
    """A number of the form, None where it is empty; what is no number counts as 0, which no limit is."""
    text = said(name, longest=20)
    try:
        found = float(text) if text else None
    except ValueError:
        return 0.0
    return 0.0 if found is not None and not math.isfinite(found) else found


def day(name: str) -> date | None:
    """A day of the form, None where it is empty. Raises BadParameter."""
    text = said(name, longest=20)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise BadParameter(name, text, "a day such as 2026-03-02") from error


def wrong(error: WanggeError) -> tuple[str, str]:
    """Which field of a form an error is about ('' for the form as a whole), and what to do about it."""
    if isinstance(error, BadLimit):
        return "amount", _("Write a number above 0, at most %(most)s.", most=f"{LARGEST_AMOUNT:g}")
    if isinstance(error, DayPassed):
        return "since", _("Choose today (%(today)s) or a later day.", today=day_said(error.today))
    if isinstance(error, BadSetting):
        known = {
            "amount": _("Write a number above 0, at most %(most)s.", most=f"{LARGEST_AMOUNT:g}"),
            "code": _("Use 1 to 20 letters or digits."),
            "rank": _("Write a whole number from 1 to 999."),
        }
        words = _("Write a short sentence of at most %(most)s characters.", most=LONGEST_TEXT)
        return error.name, known.get(error.name, words)
    return "", sentence(error)
