"""Forms that change an area's network: a member, the convener, a seat, a contact, a pilot; a page each."""

from collections.abc import Callable, Mapping
from datetime import date
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from geodata.errors import NotFound
from geodata.models import BODIES_OF, POSITIONS
from geodata.queries import network as queries
from geodata.queries.stamping import today
from geodata.record_errors import BadValue
from geodata.services import area_contacts, units
from geodata.services import network_changes as verbs
from geodata.services.network import AreaNetwork, network_of
from spatial.errors import WanggeError
from webmap import params
from webmap.access import actor, demand_in, needs
from webmap.pages import forms, network_words
from webmap.pages.network import SET, address, asked, trail
from webmap.records import current_session

bp = Blueprint("network_forms", __name__, url_prefix="/network")

WHAT = "<any(membership, convener, seat, contact, pilot):what>"
MOST_OFFERED = 1000
MOST_ID = 2**31 - 1


@bp.get(f"/{WHAT}/edit")
@needs(SET)
def edit(what: str) -> str:
    """The form of one part of an area's network: of the row `id`, or of a new one."""
    params.only("level", "area", "id")
    level, code = asked()
    demand_in(SET, level, code)
    row_id = params.whole("id", low=1, high=MOST_ID)
    found = network_of(current_session(), level, code)
    typed = _stored(what, found, row_id) if row_id else _new(what, found)
    return _page(what, level, code, typed=typed)


@bp.post(f"/{WHAT}/edit")
@needs(SET)
def change(what: str) -> AnyResponse:
    """Add or change what the form says."""
    level, code = _area_told()
    return _done(what, level, code, lambda: _SAVE[what](level, code))


@bp.post(f"/{WHAT}/end")
@needs(SET)
def end(what: str) -> AnyResponse:
    """Let what the form names end with a last day; a contact is taken out."""
    level, code = _area_told()
    return _done(what, level, code, lambda: _end(what, level, code))


def _area_told() -> tuple[str, str]:
    level, code = forms.text("level") or "", forms.text("area") or ""
    demand_in(SET, level, code)
    trail(level, code)
    return level, code


def _done(what: str, level: str, code: str, act: Callable[[], None]) -> AnyResponse:
    """Do it and go back to the area; refused, the form comes again with what was typed."""
    try:
        act()
    except NotFound:
        raise
    except WanggeError as error:
        current_session().rollback()
        page = _page(what, level, code, typed=forms.typed(), wrong=error)
        return Response(page, HTTPStatus.UNPROCESSABLE_ENTITY)
    return redirect(f"{address(level, code)}#{what}")


# -- what the forms do ------------------------------------------------------------------------------------


def _since() -> date:
    return forms.day("since") or today(current_session())


def _row_id() -> int:
    found = forms.whole("id", low=1, high=MOST_ID)
    if found is None:
        raise BadValue("id", "missing")
    return found


def _save_membership(level: str, code: str) -> None:
    verbs.join(current_session(), level, code, unit=forms.needed("unit"), since=_since(), actor=actor())


def _save_convener(level: str, code: str) -> None:
    verbs.set_convener(
        current_session(),
        level,
        code,
        unit=forms.needed("unit"),
        since=_since(),
        last=forms.day("last"),
        replaces=forms.is_ticked("replaces"),
        actor=actor(),
    )


def _save_seat(level: str, code: str) -> None:
    verbs.set_seat(
        current_session(),
        level,
        code,
        body=forms.one_of("body", BODIES_OF[level]),
        unit=forms.needed("unit"),
        position=forms.one_of("position", POSITIONS),
        since=_since(),
        last=forms.day("last"),
        actor=actor(),
    )


def _save_contact(level: str, code: str) -> None:
    told = {
        "topic": forms.needed("topic", longest=area_contacts.LONGEST),
        "role": forms.needed("role", longest=area_contacts.LONGEST),
        "phone": forms.text("phone", longest=area_contacts.LONGEST),
        "when": forms.text("hours"),
    }
    row_id = forms.whole("id", low=1, high=MOST_ID)
    if row_id is None:
        area_contacts.add_contact(current_session(), level, code, **told, actor=actor())  # type: ignore[arg-type] # the two that are needed are there
    else:
        area_contacts.set_contact(current_session(), level, code, row_id=row_id, **told, actor=actor())  # type: ignore[arg-type] # likewise


def _save_pilot(level: str, code: str) -> None:
    last, note = forms.day("last"), forms.text("note")
    verbs.start_pilot(current_session(), level, code, since=_since(), last=last, note=note, actor=actor())


_SAVE: Mapping[str, Callable[[str, str], None]] = {
    "membership": _save_membership,
    "convener": _save_convener,
    "seat": _save_seat,
    "contact": _save_contact,
    "pilot": _save_pilot,
}
_END = {
    "membership": verbs.leave,
    "convener": verbs.end_convener,
    "seat": verbs.end_seat,
    "pilot": verbs.end_pilot,
}


def _end(what: str, level: str, code: str) -> None:
    row_id = _row_id()
    if what == "contact":
        area_contacts.remove_contact(current_session(), level, code, row_id=row_id, actor=actor())
        return
    last = forms.day("last_day")
    if last is None:
        raise BadValue("last_day", "missing")
    _END[what](current_session(), level, code, row_id=row_id, last=last, actor=actor())


# -- what the forms show ------------------------------------------------------------------------------------


def _new(what: str, found: AreaNetwork) -> dict[str, Any]:
    """What a new row begins with: today; a convener follows the last one there is, for a year."""
    day = found.day.isoformat()
    if what != "convener":
        return {"since": day, "position": "member"}
    ends = [term.valid_to for term in found.terms]
    first = max((one for one in ends if one is not None), default=found.day)
    first = max(first, found.day)
    return {"since": first.isoformat(), "last": date(first.year, 12, 31).isoformat(), "replaces": ""}


def _stored(what: str, found: AreaNetwork, row_id: int) -> dict[str, Any]:
    """What a row says that is there. Raises NotFound for one that is not of this area."""
    row = found.line.row
    if what == "contact":
        told = queries.contacts(current_session(), **{row.level: row.code})
        one: Any = next((one for one in told if one.id == row_id), None)
        if one is None:
            raise NotFound("contact", str(row_id))
        return {"id": one.id, "topic": one.topic, "role": one.role, "phone": one.phone, "hours": one.hours}
    rows: Mapping[str, Any] = {
        "membership": found.members,
        "convener": found.terms,
        "seat": found.seats,
        "pilot": found.pilots,
    }
    one = next((one for one in rows[what] if one.id == row_id), None)
    if one is None:
        raise NotFound(what, str(row_id))
    name = getattr(one, "unit_name", None) or getattr(one, "name", row.name)
    told_row = {"id": one.id, "name": name, "days": network_words.days(one.valid_from, one.valid_to)}
    told_row |= {"last_day": found.day.isoformat(), "since": found.day.isoformat()}
    if what == "seat":
        told_row |= {"unit": one.unit_code, "body": one.body, "position": one.position}
    return told_row


def _page(what: str, level: str, code: str, *, typed: Mapping[str, Any], wrong: WanggeError | None = None) -> str:
    field, said = forms.wrong(wrong) if wrong else ("", "")
    session = current_session()
    found = network_of(session, level, code)
    row_id = typed.get("id")
    if wrong and row_id and str(row_id).isascii() and str(row_id).isdigit():
        try:
            typed = {**_stored(what, found, int(row_id)), **typed}
        except NotFound:
            # the row went away meanwhile: what was typed still stands, and the sentence says so
            typed = dict(typed)
    return render_template(
        "network_form.html",
        what=what,
        level=level,
        code=code,
        area_name=found.line.row.name,
        trail=trail(level, code),
        typed=_Typed(typed),
        is_new=not row_id,
        ends=request.path.endswith("/end"),
        wrong_field=field,
        wrong=said,
        members={one.code: one.name for one in found.members if one.is_active},
        offered=_offered(what, level, code),
        bodies={body: name for body, name in network_words.bodies().items() if body in BODIES_OF[level]},
        positions=network_words.positions(),
        topics=area_contacts.topics(session) if what == "contact" else [],
        titles=_titles(),
        back=f"{address(level, code)}#{what}",
    )


class _Typed(dict[str, Any]):
    """What stands in the fields; those that nobody has filled are None."""

    def __missing__(self, name: str) -> None:
        return None


def _offered(what: str, level: str, code: str) -> list[tuple[str, str]]:
    """Units that may join: those that stand in the area, code and name each; all where the area is the district."""
    if what != "membership" and not (what == "seat" and level == "village"):
        return []
    towns = {"town": {"town_code": code}, "village": {"village_code": code}}
    found = units.list_units(current_session(), limit=MOST_OFFERED, **towns.get(level, {}))
    return [(unit.code, unit.name) for unit in found if unit.is_active]


def _titles() -> dict[str, tuple[str, str]]:
    """Titles of the forms: of a new row, and of one that is there."""
    return {
        "membership": (_("A unit joins"), _("A unit leaves")),
        "convener": (_("Set the convener"), _("End a convener's term")),
        "seat": (_("Give a seat"), _("Change a seat")),
        "contact": (_("Add a contact"), _("Change a contact")),
        "pilot": (_("Make it a pilot"), _("End the pilot")),
    }
