"""Sentences for the words that records hold: states, deadlines, levels, and the reasons of an assignment."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import format_datetime
from flask_babel import gettext as _

from webmap.refusals import states

__all__ = [
    "deadlines",
    "due",
    "groups",
    "levels",
    "place_levels",
    "reason",
    "refused",
    "remaining",
    "states",
    "without_unit",
]


def groups() -> dict[str, str]:
    """The four groups of states that a reader tells apart, in the order of a ticket's life."""
    return {"new": _("new"), "work": _("being handled"), "check": _("being checked"), "closed": _("closed")}


def deadlines() -> dict[str, str]:
    """How a ticket stands against its deadline, the most urgent first."""
    return {
        "late": _("overdue"),
        "soon": _("due within 24 hours"),
        "ontime": _("on time"),
        "none": _("no deadline"),
    }


def desks() -> dict[str, str]:
    """What a ticket waits for at a desk, and by what it stands out there."""
    return {
        "file": _("to be filed"),
        "assign": _("to be assigned"),
        "referee": _("for the referee"),
        "approve": _("to be granted"),
        "own": _("without a unit"),
        "check": _("to be checked"),
        "accept": _("to be accepted"),
        "handle": _("in hand"),
        "returned": _("sent back"),
        "late": _("overdue"),
        "supervised": _("supervised"),
        "reworked": _("with rework"),
        "bounced": _("returned before"),
    }


def sources() -> dict[str, str]:
    """Where a ticket comes from, by its word; of imported ones the name of the system stands as it is."""
    return {
        "patrol": _("patrol"),
        "hotline": _("hotline 12345"),
        "resident": _("resident"),
        "media": _("media"),
        "higher_office": _("higher office"),
        "video": _("video"),
        "map": _("found on the spot"),
        "desk": _("office"),
        "meeting": _("resolution of a meeting"),
        "whistle": _("whistle call"),
        "open311": _("another application (Open311)"),
    }


def photos() -> dict[str, str]:
    """What photos show, by kind."""
    return {
        "report": _("as reported"),
        "before": _("before"),
        "after": _("after"),
        "check": _("at the check"),
        "other": _("other photo"),
    }


def personal() -> dict[str, str]:
    """Kinds of numbers that lead to a person."""
    return {
        "telephone": _("telephone number"),
        "identity": _("identity number"),
        "plate": _("number plate"),
        "e-mail": _("e-mail address"),
    }


def without_unit() -> str:
    """Of tickets that lie with an office."""
    return str(_("no unit"))


def without_town() -> str:
    """Of tickets of which no town is known."""
    return str(_("no town"))


def remaining(due_at: datetime, now: datetime) -> str:
    """How long until a deadline, or since: minutes within an hour, hours within two days, then days; rounded down."""
    minutes = int(abs((due_at - now).total_seconds()) // 60)
    is_late = due_at < now
    if minutes < 60:
        return str(_("overdue by %(count)s min", count=minutes) if is_late else _("%(count)s min left", count=minutes))
    hours = minutes // 60
    if hours < 48:
        return str(_("overdue by %(count)s h", count=hours) if is_late else _("%(count)s h left", count=hours))
    days = hours // 24
    return str(_("overdue by %(count)s d", count=days) if is_late else _("%(count)s d left", count=days))


def due(deadline: str, due_at: datetime | None, *, has_ended: bool, now: datetime) -> str:
    """How a ticket stands against its deadline; `deadline` is the class that the records give it."""
    if due_at is None:
        return str(_("no deadline"))
    if has_ended:
        return str(_("ended late") if deadline == "late" else _("ended in time"))
    return remaining(due_at, now)


def levels() -> dict[str, str]:
    """The three levels of areas."""
    return {"district": _("District"), "town": _("Town"), "village": _("Village")}


def place_levels() -> dict[str, str]:
    """How precisely a place is known, by the word of the geocoder or of an import."""
    return {
        "given": _("coordinates given"),
        "door": _("door"),
        "lane": _("gate of a lane"),
        "interpolated": _("between two numbers"),
        "between": _("between two crossings"),
        "km_post": _("kilometre post"),
        "place": _("named place"),
        "crossing": _("crossing"),
        "offset": _("so far from a crossing"),
        "road": _("road"),
        "village": _("village only"),
        "town": _("town only"),
        "manual": _("placed by hand"),
    }


def reason(word: str, facts: Mapping[str, Any]) -> str:
    """A reason for or against a unit as a short sentence; an unknown word stands as it is."""
    known = _for(facts) | _against(facts)
    return known.get(word, word)


def refused(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """How many units were refused for each reason, the most frequent first."""
    short = {
        "wrong_kind": _("kind not on the governance list"),
        "inactive": _("not active"),
        "closed": _("closed at the time"),
        "full": _("at its limit"),
        "elsewhere": _("does not serve the town"),
        "returned_it": _("returned it before"),
        "too_far": _("too far"),
        "no_position": _("place not known"),
    }
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [(short.get(word, word), number) for word, number in ordered]


def _for(facts: Mapping[str, Any]) -> dict[str, str]:
    return {
        "pledged": _("pledged: %(name)s", name=facts.get("name") or facts.get("code") or ""),
        "holds_point": _("holds the responsibility point here"),
        "holds_block": _("holds the responsibility block here"),
        "same_village": _("in the same village"),
        "same_town": _("in the same town"),
        "distance": _("%(metres)s m away", metres=_whole(facts.get("metres"))),
        "open_until": _("open until %(time)s", time=_moment(facts.get("time"))),
        "hours_unknown": _("opening hours not known"),
        "load": _("%(load)s open tickets", load=facts.get("load", 0)),
        "capacity": _("room for %(left)s more", left=facts.get("left", 0)),
        "last_return": _("last returned a ticket of this kind on %(time)s", time=_moment(facts.get("time"))),
    }


def _against(facts: Mapping[str, Any]) -> dict[str, str]:
    return {
        "wrong_kind": _("its kind is not on the governance list for this category"),
        "inactive": _("not active"),
        "closed": _("closed at the time of the report"),
        "full": _(
            "at its limit: %(load)s of %(capacity)s", load=facts.get("load", 0), capacity=facts.get("capacity", 0)
        ),
        "elsewhere": _("does not serve this town"),
        "returned_it": _("returned this ticket on %(time)s", time=_moment(facts["time"]))
        if facts.get("time")
        else _("returned this ticket before"),
        "too_far": _(
            "%(metres)s m away, the limit is %(limit)s m",
            metres=_whole(facts.get("metres")),
            limit=_whole(facts.get("limit_m")),
        ),
        "no_position": _("the place of the ticket is not known")
        if facts.get("of") == "place"
        else _("the place of the unit is not known"),
    }


def _whole(metres: Any) -> str:  # noqa: ANN401 - facts are JSON values
    return f"{metres:,.0f}" if isinstance(metres, int | float) else "?"


def _moment(time: Any) -> str:  # noqa: ANN401 - facts are JSON values
    try:
        return str(format_datetime(datetime.fromisoformat(str(time)), "yyyy-MM-dd HH:mm"))
    except ValueError:
        return str(time)
