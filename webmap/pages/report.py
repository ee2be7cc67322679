"""Reporting an issue at a place of the map."""

from dataclasses import dataclass, field

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from geodata.models import Category
from geodata.queries.locate import SimilarTicket
from geodata.services import reports
from geodata.services.categories import categories
from geodata.services.places import PlaceAnswer, where
from webmap import params
from webmap.access import actor, may, needs, ticket_scope
from webmap.pages import words
from webmap.records import current_session

bp = Blueprint("report", __name__, url_prefix="/report")

LONGEST = {"title": 100, "description": 2000, "address": 200}


@dataclass
class Draft:
    """What has been typed so far, as it was typed, and what is wrong with it by field."""

    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None
    category: str = ""
    title: str = ""
    description: str = ""
    address: str = ""
    seen: list[str] = field(default_factory=list)
    wrong: dict[str, str] = field(default_factory=dict)


@bp.get("")
@needs("ticket.report")
def form() -> str:
    """The form for a place (`lon`, `lat`); `accuracy` (metres) says that a device found it."""
    params.only("lon", "lat", "category", "accuracy")
    draft = Draft(category=params.text("category") or "")
    if params.text("lon") or params.text("lat"):
        draft.lon, draft.lat = params.lon_lat()
        draft.accuracy_m = params.number("accuracy", low=0, high=1_000_000)
        _check_place(draft)
    return _page(draft)


@bp.post("")
@needs("ticket.report")
def send() -> Response | tuple[str, int]:
    """Store the report and go to its ticket; with anything wrong, or tickets like it unseen, back to the form."""
    draft = _typed()
    _check(draft)
    alike = _alike(draft)
    unseen = [one for one in alike if one.number not in draft.seen]
    if draft.wrong or unseen or draft.lon is None or draft.lat is None:
        return _page(draft, must_see=bool(unseen) and not draft.wrong), 422 if draft.wrong else 200
    made = reports.report(
        current_session(),
        lon=draft.lon,
        lat=draft.lat,
        category=draft.category,
        title=draft.title,
        actor=actor(),
        description=draft.description or None,
        address=draft.address or None,
        accuracy_m=draft.accuracy_m,
    )
    return redirect(url_for("tickets.show", number=made.number))


def _typed() -> Draft:
    """What the form carried; line ends and blanks around are not part of it."""
    given = {name: request.form.get(name, "").replace("\r\n", "\n").strip() for name in (*LONGEST, "category")}
    plain = {name: "".join(sign for sign in text if sign >= " " or sign == "\n") for name, text in given.items()}
    return Draft(
        lon=_number("lon", low=-180, high=180),
        lat=_number("lat", low=-90, high=90),
        accuracy_m=_number("accuracy_m", low=0, high=1_000_000),
        category=plain["category"],
        title=plain["title"],
        description=plain["description"],
        address=plain["address"],
        seen=request.form.get("seen", "").split()[:50],
    )


def _number(name: str, *, low: float, high: float) -> float | None:
    """A number of the form within bounds; None for anything else."""
    try:
        found = float(request.form.get(name, ""))
    except ValueError:
        return None
    return found if low <= found <= high else None


def _check(draft: Draft) -> None:
    _check_place(draft)
    if not draft.category or current_session().get(Category, draft.category) is None:
        draft.wrong["category"] = _("Choose what kind of issue it is.")
    if not draft.title:
        draft.wrong["title"] = _("Say in a few words what is wrong.")
    for name, most in LONGEST.items():
        text = getattr(draft, name)
        if len(text) > most:
            draft.wrong[name] = _("At most %(most)s characters; these are %(many)s.", most=most, many=len(text))


def _check_place(draft: Draft) -> None:
    if draft.lon is None or draft.lat is None:
        draft.wrong["place"] = _("Say where it is: choose the place on the map.")
    elif draft.accuracy_m is not None and draft.accuracy_m > reports.WORST_ACCURACY_M:
        draft.wrong["place"] = _(
            "Your position is only known to %(metres)s m. Choose the place on the map.", metres=round(draft.accuracy_m)
        )
    elif not reports.is_reportable(current_session(), lon=draft.lon, lat=draft.lat):
        draft.wrong["place"] = _("This place lies outside the district.")
    elif not _is_ours(draft.lon, draft.lat):
        draft.wrong["place"] = _("This place lies in another town: let its office know.")


def _is_ours(lon: float, lat: float) -> bool:
    """Whether whoever reports takes in what is reported there; a place of no town is the district's."""
    town = reports.town_at(current_session(), lon=lon, lat=lat)
    return may("ticket.report", town_code=town or "")


def _alike(draft: Draft) -> list[SimilarTicket]:
    if draft.lon is None or draft.lat is None or not draft.category:
        return []
    session = current_session()
    return reports.similar(session, lon=draft.lon, lat=draft.lat, category=draft.category, scope=ticket_scope())


def _place(draft: Draft) -> PlaceAnswer | None:
    if draft.lon is None or draft.lat is None:
        return None
    return where(current_session(), lon=draft.lon, lat=draft.lat, scope=ticket_scope())


def _page(draft: Draft, *, must_see: bool = False) -> str:
    return render_template(
        "report.html",
        draft=draft,
        place=_place(draft),
        similar=_alike(draft),
        must_see=must_see,
        categories=categories(current_session()),
        longest=LONGEST,
        state_words=words.states(),
        labels={
            "place": _("Place"),
            "category": _("Kind of issue"),
            "title": _("What is wrong"),
            "description": _("Description"),
            "address": _("Address"),
        },
    )
