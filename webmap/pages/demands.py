"""Demands of villages: the list, one of them with the resources that fit it, and the forms that move it on."""

from typing import Any

from flask import Blueprint, Response, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from geodata.models import JOINTS
from geodata.queries.demands import DemandRow, counts
from geodata.services import demands, joint_records, matching
from geodata.services.demands import DemandDraft
from geodata.services.matching import Found
from spatial.errors import WanggeError
from webmap import conditions, params
from webmap.access import actor, demand_in, may, may_in, needs, reads_words, told
from webmap.maps.drawing_place import PlaceMap, Spot, place_map
from webmap.maps.layers import joints
from webmap.maps.styles import DEMAND_UNMET, RESOURCE
from webmap.pages import areas, change_rows, demand_words, forms, match_rows, own_areas, pick_place
from webmap.pages.resolution_rows import origin_of
from webmap.records import current_session, district

bp = Blueprint("demands", __name__, url_prefix="/demands")

SET, DECIDE = "demand.set", "match.decide"

# One page holds what an office looks through; more are found by kind, town and words.
MOST_LISTED = 200

# Of those that fit, so many are told, and so many have a number on the small map.
MOST_FITTING, MOST_NUMBERED = 12, 9
WITHIN_M = 4000.0


@bp.get("")
@needs("map.read")
def index() -> str:
    """Demands, what is unmet first; those of a `kind`, an `area`, a `state`, with words `q`."""
    params.only(*conditions.NAMES["demands"])
    session, wanted = current_session(), conditions.of_demands()
    found = demands.listed(session, wanted, limit=MOST_LISTED + 1)
    listed, today = found[:MOST_LISTED], joint_records.today(session)
    outlooks = matching.outlooks(session, listed)
    lines = [
        {
            "row": row,
            "left": demand_words.left(row.state, row.needed_until, today),
            "group": demand_words.GROUPS[row.state],
            "outlook": outlooks.get(row.code),
        }
        for row in listed
    ]
    return render_template(
        "demands.html",
        lines=lines,
        is_cut=len(found) > MOST_LISTED,
        lonely=sum(one.fitting == 0 for one in outlooks.values()),
        counts=counts(session),
        wanted=wanted,
        kinds=demand_words.kind_names(),
        states=demand_words.states(),
        towns=areas.names("town"),
        villages=areas.names("village"),
        metres=demand_words.metres,
        sheet=conditions.sheet_address("demands"),
        exports=conditions.export_address("demands"),
        can_post=may(SET),
    )


@bp.get("/new")
@needs(SET)
def new() -> str:
    """The form of a new demand, of an `area` chosen beforehand."""
    params.only("area")
    return _form({"area": params.text("area") or own_areas.only(SET)})


@bp.post("/new")
@needs(SET)
def post() -> AnyResponse:
    """Write the demand of the form down and go to its page."""
    try:
        draft = _draft()
        demand_in(SET, draft.level, draft.area_code)
        made = demands.post(current_session(), draft, actor=actor())
    except WanggeError as error:
        return _refused(error)
    return redirect(url_for("demands.show", code=made.code))


@bp.get("/<code>")
@needs("map.read")
def show(code: str) -> str:
    """One demand: its facts, the resources that fit it with the reasons, what was decided, who changed it."""
    params.only()
    return _page(demands.demand(current_session(), code))


@bp.get("/<code>/edit")
@needs(SET)
def edit(code: str) -> str:
    """The form of a demand that is open."""
    params.only()
    row = demands.demand(current_session(), code)
    demand_in(SET, row.level, row.area_code)
    draft = demands.draft_of(row)
    typed = {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in vars(draft).items()}
    typed |= {"kind": draft.kind_code, "area": f"{draft.level}:{draft.area_code}", **pick_place.typed(draft.place)}
    return _form(typed, code=code)


@bp.post("/<code>/edit")
@needs(SET)
def change(code: str) -> AnyResponse:
    """Let the demand say what the form says."""
    row = demands.demand(current_session(), code)
    demand_in(SET, row.level, row.area_code)
    try:
        draft = _draft()
        demand_in(SET, draft.level, draft.area_code)
        demands.change(current_session(), code, draft, actor=actor())
    except WanggeError as error:
        return _refused(error, code=code)
    return redirect(url_for("demands.show", code=code))


@bp.post("/<code>/<any(withdraw, reopen):move>")
@needs(SET)
def move(code: str, move: str) -> AnyResponse:
    """Take the demand back, or ask for it anew, with the reason of the form."""
    row = demands.demand(current_session(), code)
    demand_in(SET, row.level, row.area_code)
    do = demands.withdraw if move == "withdraw" else demands.reopen
    try:
        do(current_session(), code, actor=actor(), reason=forms.text("reason", longest=forms.LONGEST_WORDS))
    except WanggeError as error:
        return _not_moved(code, error)
    return redirect(url_for("demands.show", code=code))


@bp.post("/<code>/accept")
@needs(DECIDE)
def accept(code: str) -> AnyResponse:
    """Let the resource of the form meet the demand: its joint project begins."""
    row = demands.demand(current_session(), code)
    demand_in(DECIDE, row.level, row.area_code)
    try:
        matching.accept(
            current_session(),
            code,
            forms.needed("resource"),
            actor=actor(),
            joint=forms.one_of("joint", JOINTS, otherwise=matching.USUAL_JOINT),
            name=forms.text("name"),
            starts_on=forms.day("starts_on"),
            ends_on=forms.day("ends_on"),
            note=forms.text("note", longest=forms.LONGEST_WORDS),
        )
    except WanggeError as error:
        return _not_moved(code, error)
    return redirect(url_for("demands.show", code=code))


@bp.post("/<code>/decline")
@needs(DECIDE)
def decline(code: str) -> AnyResponse:
    """Say that the resource of the form is not for this demand, and why."""
    row = demands.demand(current_session(), code)
    demand_in(DECIDE, row.level, row.area_code)
    note = forms.text("note", longest=forms.LONGEST_WORDS)
    try:
        matching.decline(current_session(), code, forms.needed("resource"), actor=actor(), note=note)
    except WanggeError as error:
        return _not_moved(code, error)
    return redirect(url_for("demands.show", code=code, _anchor="fitting"))


@bp.post("/<code>/propose")
@needs(DECIDE)
def propose(code: str) -> AnyResponse:
    """Take back that the resource of the form is not for this demand."""
    row = demands.demand(current_session(), code)
    demand_in(DECIDE, row.level, row.area_code)
    try:
        matching.propose_again(current_session(), code, forms.needed("resource"), actor=actor())
    except WanggeError as error:
        return _not_moved(code, error)
    return redirect(url_for("demands.show", code=code, _anchor="fitting"))


def _draft() -> DemandDraft:
    """What the form says. Raises BadValue."""
    level, area_code = own_areas.chosen("area")
    return DemandDraft(
        name=forms.needed("name"),
        kind_code=forms.needed("kind"),
        level=level,
        area_code=area_code,
        details=forms.text("details", longest=forms.LONGEST_WORDS),
        audience=forms.text("audience"),
        people=forms.whole("people", low=1, high=joint_records.MOST_PEOPLE),
        needed_from=forms.day("needed_from"),
        needed_until=forms.day("needed_until"),
        place=pick_place.told(),
        address=forms.text("address"),
    )


def _form(typed: dict[str, Any], *, code: str | None = None, wrong: WanggeError | None = None) -> str:
    field, words = forms.wrong(wrong) if wrong else ("", "")
    return render_template(
        "demand_form.html",
        typed=typed,
        code=code,
        # a service speaks of its columns, a form of its fields
        wrong_field={"kind_code": "kind", "area_code": "area", "level": "area"}.get(field, field),
        wrong=words,
        kinds=demand_words.kind_names(),
        areas=own_areas.grouped(SET),
        today=joint_records.today(current_session()).isoformat(),
        picker=pick_place.picker(),
    )


def _refused(error: WanggeError, *, code: str | None = None) -> Response:
    status = match_rows.refused_with(error)
    current_session().rollback()
    return Response(_form(forms.typed(), code=code, wrong=error), status)


def _not_moved(code: str, error: WanggeError) -> Response:
    """The demand's page again, with what was wrong; a decision that came second answers with 409."""
    status = match_rows.refused_with(error)
    current_session().rollback()
    return Response(_page(demands.demand(current_session(), code), wrong=error), status)


def _page(row: DemandRow, *, wrong: WanggeError | None = None) -> str:
    session = current_session()
    found = matching.candidates(session, row.code, MOST_FITTING)
    field, words = forms.wrong(wrong) if wrong else ("", "")
    return render_template(
        "demand.html",
        origin=origin_of("demand", row.code) if may("meeting.read") else None,
        row=row,
        details=told(row.details),
        kind=demand_words.kind_names().get(row.kind_code, row.kind_code),
        state=demand_words.states()[row.state],
        group=demand_words.GROUPS[row.state],
        left=demand_words.left(row.state, row.needed_until, joint_records.today(session)),
        span=demand_words.span(row.needed_from, row.needed_until),
        town=areas.names("town").get(row.town_code or ""),
        fitting=[match_rows.pair_line(pair) for pair in found.fitting],
        fitting_total=found.fitting_total,
        unfit=[match_rows.pair_line(pair) for pair in found.unfit],
        refused=[(demand_words.refusals()[word], count) for word, count in found.refused.items()],
        decided=[match_rows.decided_line(match) for match in found.decided],
        picture=_picture(row, found),
        joints=dict(joints()),
        usual_joint=matching.USUAL_JOINT,
        can_set=may_in(SET, row.level, row.area_code),
        can_decide=may_in(DECIDE, row.level, row.area_code),
        typed=forms.typed() if wrong else {},
        wrong_field=field,
        wrong=words,
        changes=change_rows.rows([demands.KIND, matching.KIND], _labels(), about={"code": row.code}),
    )


def _picture(row: DemandRow, found: Found) -> PlaceMap | None:
    if row.lon is None or row.lat is None:
        return None
    spots = [Spot(row.lon, row.lat, DEMAND_UNMET, row.name)]
    for pair in found.fitting[:MOST_NUMBERED]:
        place = pair.resource
        if place.lon is not None and place.lat is not None:
            spots.append(Spot(place.lon, place.lat, RESOURCE, str(pair.rank)))
    return place_map(
        current_session(),
        spots,
        title=_("Map of the demand %(name)s and the resources that fit it", name=row.name),
        metre_srid=district().metre_srid,
        within_m=WITHIN_M,
    )


def _labels() -> dict[str, str]:
    """The fields of a change; what people wrote in free words is for those who read it as it was written."""
    free = {"details": _("In words"), "note": _("Reason")} if reads_words() else {}
    return {
        "name": _("Name"),
        "kind": _("Kind"),
        "area": _("Area"),
        "audience": _("For whom"),
        "people": _("People"),
        "needed_from": _("Needed from"),
        "needed_until": _("Needed until"),
        "address": _("Address"),
        "place": _("Place"),
        "resource": _("Resource"),
        "unit": _("Unit"),
        "project": _("Project"),
        **free,
    }
