"""The network on three levels: one area with its units, convener, seats and contacts, and the areas within it."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import gettext as _

from geodata.errors import NotFound
from geodata.models import BODIES_OF, LEVELS
from geodata.queries import network as queries
from geodata.queries import references
from geodata.queries.area_shapes import area_shapes
from geodata.queries.features import Box
from geodata.queries.positions import area_boxes
from geodata.queries.stamping import today
from geodata.services import area_contacts, network
from geodata.services import network_changes as verbs
from geodata.services.categories import unit_kinds
from geodata.services.network import AreaLine, AreaNetwork
from webmap import params
from webmap.access import may, may_in, needs, own_area
from webmap.languages import language
from webmap.maps.choropleth import Choropleth, choropleth
from webmap.pages import areas, change_rows, hours, network_words, paging, words
from webmap.records import current_session, district

bp = Blueprint("network", __name__, url_prefix="/network")

SET = "network.set"

# As many units as a phone shows in a few screens.
MEMBERS_A_PAGE = 20


@bp.get("")
@needs("map.read")
def index() -> str:
    """The network of the area that `level` and `area` name; `kind` narrows its units, `pilots` the areas within.

    `page` turns the pages of the units.
    """
    params.only("level", "area", "kind", "pilots", "page")
    level, code = asked()
    kind, pilots_only = params.text("kind"), params.one_of("pilots", ["yes"]) is not None
    session = current_session()
    found = network.network_of(session, level, code, kind=kind)
    at = paging.turned(len(found.members), lines=MEMBERS_A_PAGE)
    inside = pilot_lines(level, code) if pilots_only else found.inside
    can_set = may_in(SET, level, code)
    return render_template(
        "network.html",
        found=found,
        members=at.of(found.members),
        page=at.page,
        pages=at.pages,
        turn_to=lambda number: url_for(
            "network.index", level=level, area=code, kind=kind, page=number, _anchor="membership"
        ),
        row=found.line.row,
        gaps=network_words.gaps(found.line.gaps),
        gaps_of=lambda line: network_words.gaps(line.gaps),
        trail=trail(level, code),
        choices=choices(level, code),
        kind=kind,
        kind_names=_kind_names(),
        pilots_only=pilots_only,
        inside=inside,
        picture=_picture(found),
        box=_box(level, code),
        seats=_by_body(found),
        contacts=network_words.by_topic(contacts(level, code)),
        can_set=can_set,
        changes=_changes(level, code) if can_set else [],
        level_words=words.levels(),
        unit_words=network_words.of_level(),
        body_words=network_words.bodies(),
        position_words=network_words.positions(),
        days=network_words.days,
        href=address,
        hours_of=hours.in_words,
        last_day=verbs.last_day,
        edit_contact=url_for("network_forms.edit", what="contact", level=level, area=code),
    )


def asked() -> tuple[str, str]:
    """Level and code of the area of the query string; without both it is one's own area, else the district.

    The code alone is enough. Raises NotFound.
    """
    level, code = params.one_of("level", LEVELS), params.text("area")
    if code is None:
        own = own_area() if level is None else None
        code = own or (district().code if level in {None, "district"} else None)
    if code is None:
        raise NotFound("area", "")
    return level_of(code) if level is None else (network.area_of(current_session(), level, code) and level), code


def level_of(code: str) -> str:
    """The level of the area of today that has this code, the highest where several have it. Raises NotFound."""
    session = current_session()
    day = today(session)
    for level in LEVELS:
        if any(area.code == code for area in references.areas(session, level, day)):
            return level
    raise NotFound("area", code)


def address(level: str, code: str, *, kind: str | None = None) -> str:
    """Where an area's network is read, with its units of one kind."""
    return url_for("network.index", level=level, area=code, kind=kind)


def trail(level: str, code: str) -> list[tuple[str, str, str]]:
    """The areas that hold an area, from the district on, and itself: level, code, name."""
    session = current_session()
    own = network.area_of(session, level, code)
    found = [(level, code, own.name)]
    if level == "village" and own.parent_code in (towns := areas.names("town")):
        found.insert(0, ("town", own.parent_code, towns[own.parent_code]))
    if level != "district":
        found.insert(0, ("district", district().code, district().name))
    return found


def choices(level: str, code: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """What may be chosen beside an area: the district, all towns, and the villages of its town; code and name each."""
    found = [(str(_("District")), [(district().code, district().name)])]
    found.append((str(_("Towns")), list(areas.names("town").items())))
    if level != "district":
        town = code if level == "town" else network.area_of(current_session(), level, code).parent_code
        day = today(current_session())
        villages = references.areas(current_session(), "village", day)
        found.append((str(_("Villages")), [(one.code, one.name) for one in villages if one.parent_code == town]))
    return found


def pilot_lines(level: str, code: str) -> list[AreaLine]:
    """The pilot areas within an area, towns before villages; a pilot itself is among them."""
    session = current_session()
    if level == "village":
        found = network.area_lines(session, "village", code=code)
    elif level == "town":
        found = [*network.area_lines(session, "town", code=code), *network.area_lines(session, "village", parent=code)]
    else:
        found = [*network.area_lines(session, "town"), *network.area_lines(session, "village")]
    return [line for line in found if line.row.is_pilot]


def contacts(level: str, code: str) -> list[dict[str, Any]]:
    """Whom to call in an area: what itself, its town and the district tell, by topic."""
    codes = {one: found for one, found, _name in trail(level, code)}
    names = {found: name for _level, found, name in trail(level, code)}
    told = area_contacts.contacts_at(
        current_session(), district=codes["district"], town_code=codes.get("town"), village_code=codes.get("village")
    )
    with_phone = may("contact.read")
    return [
        network_words.contact_facts(one, names[one.area_code], with_phone=with_phone)
        | {"id": one.id, "is_own": one.level == level}
        for one in told
    ]


def labels(*, with_phone: bool) -> Mapping[str, str]:
    """What of a change is shown, in words."""
    shown = {
        "position": _("Seat"),
        "since": _("First day"),
        "last": _("Last day"),
        "note": _("What is tried out"),
        "topic": _("Topic"),
        "role": _("Role"),
        "hours": _("When somebody answers"),
    }
    return shown | ({"phone": _("Phone")} if with_phone else {})


def _changes(level: str, code: str) -> list[change_rows.ChangeRow]:
    """Who changed what of an area, the newest first; each row says what kind of record it was."""
    shown, about = labels(with_phone=may("contact.read")), {"level": level, "area_code": code}
    told = [
        row._replace(name=f"{title} {row.name}")
        for kind, title in _kinds_of_change().items()
        for row in change_rows.rows([kind], shown, about=about)
    ]
    return sorted(told, key=lambda row: row.at, reverse=True)[: change_rows.MOST]


def _kinds_of_change() -> dict[str, str]:
    return {
        verbs.CONVENER: _("Rotating convener"),
        verbs.SEAT: _("Seat"),
        verbs.MEMBERSHIP: _("Member unit"),
        verbs.PILOT: _("Pilot"),
        area_contacts.KIND: _("Contact of the area"),
    }


def _kind_names() -> dict[str, str]:
    is_english = language() == "en"
    return {kind.code: kind.name_en if is_english else kind.name_zh for kind in unit_kinds(current_session())}


def _by_body(found: AreaNetwork) -> dict[str, list[queries.SeatRow]]:
    """Seats by each meeting that an area of its level has, and by any other in which somebody sits."""
    named = dict.fromkeys((*BODIES_OF[found.line.row.level], *(seat.body for seat in found.seats)))
    return {body: [seat for seat in found.seats if seat.body == body] for body in named}


def _picture(found: AreaNetwork) -> Choropleth | None:
    """The areas within as a map, in the classes of their members; those without any are hatched, pilots have a star."""
    if not found.inside:
        return None
    row, inner = found.line.row, found.inside[0].row.level
    counts = {line.row.code: line.row.total for line in found.inside}
    stars = {line.row.code for line in found.inside if line.row.is_pilot or line.pilots}
    picture = choropleth(
        area_shapes(current_session(), inner, parent_code=row.code if row.level == "town" else None),
        {code: float(count) if count else None for code, count in counts.items()},
        told={code: f"{count} ★" if code in stars else str(count) for code, count in counts.items()},
        hrefs={code: address(inner, code) for code in counts},
        has_names=True,
    )
    if picture is None:
        return None
    nobody = str(_("no member unit"))
    legend = [step if step.colour is not None else step._replace(words=nobody) for step in picture.legend]
    return picture._replace(legend=legend)


def _box(level: str, code: str) -> Box | None:
    return area_boxes(current_session(), level).get(code)
