"""Words of the pages about double registration."""

from flask_babel import gettext as _

from geodata.queries.registrations import SMALL
from geodata.services.registrations import Told


def counts() -> dict[str, str]:
    """The counts by name, in their order."""
    return {
        "members_total": _("Members to register"),
        "members_registered": _("Members registered"),
        "units_registered": _("Units registered"),
        "pledges_claimed": _("Pledges claimed"),
    }


def told_words(told: Told) -> str:
    """A count as it is told."""
    if told.word == "small":
        return f"<{SMALL}"
    if told.value is None:
        return "–"
    if told.word == "least":
        return f"≥{told.value:,}" if told.value else "…"
    return f"{told.value:,}"
