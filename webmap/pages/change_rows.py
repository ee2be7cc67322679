"""Who changed a record by hand, when, and from what to what: lines for `_changes.html`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from flask_babel import gettext as _

from geodata.services import changes
from webmap.records import current_session

MOST = 20


class Difference(NamedTuple):
    """One field that a change touched; '' where it was or became empty."""

    field: str
    before: str
    after: str


class ChangeRow(NamedTuple):
    """One change: what was done (`did` in words) to what."""

    at: datetime
    actor: str
    did: str
    name: str
    differences: list[Difference]


def rows(
    kinds: Sequence[str],
    labels: Mapping[str, str],
    *,
    about: Mapping[str, str] | None = None,
    limit: int = MOST,
    words: Mapping[str, str] | None = None,
) -> list[ChangeRow]:
    """The last changes of these kinds, the newest first.

    labels  the fields that are shown, by name, in words; others are left out.
    about   facts that a change must say, such as the code of the record.
    words   how values that are codes are said.
    """
    done = dids()
    found = []
    for run in changes.latest(current_session(), kinds, limit=limit, about=about):
        facts = run.report
        before, after = facts.get("before") or {}, facts.get("after") or {}
        differences = [
            Difference(label, _shown(before.get(name), words or {}), _shown(after.get(name), words or {}))
            for name, label in labels.items()
            if before.get(name) != after.get(name)
        ]
        did = str(facts.get("did", ""))
        found.append(ChangeRow(run.at, run.actor, done.get(did, did), str(facts.get("name") or ""), differences))
    return found


def dids() -> dict[str, str]:
    """What somebody did to a record, by the word that is kept of it."""
    return {
        "add": _("added"),
        "set": _("set"),
        "end": _("ended"),
        "remove": _("removed"),
        "move": _("moved on"),
        "copy": _("copied"),
        "follow": _("follows the district again"),
        "withdraw": _("withdrawn"),
        "reopen": _("asked for anew"),
        "accept": _("adopted"),
        "decline": _("declined"),
        "propose": _("proposed again"),
    }


def _shown(value: Any, words: Mapping[str, str]) -> str:  # noqa: ANN401 - facts are JSON values
    if value is None:
        return ""
    if isinstance(value, list):
        return str(_(", ")).join(words.get(str(one), str(one)) for one in value)
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    return words.get(str(value), str(value))
