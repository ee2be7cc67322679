"""Joint projects: board, calendar, list and map under one set of conditions; one project; and the forms."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date, datetime
from http import HTTPStatus
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from geodata.models import JOINTS, STAGES, MemberUnit, Project
from geodata.queries import projects as queries
from geodata.queries.positions import area_boxes, extent
from geodata.queries.projects import ProjectFilter
from geodata.record_errors import BadValue, DemandTaken, StateRefused
from geodata.services import projects, units
from geodata.services.projects import KIND, LONGEST_WORDS, MOST_SERVED
from spatial.errors import WanggeError
from webmap import conditions, params
from webmap.access import actor, demand_in, may, may_in, needs, told
from webmap.languages import zone
from webmap.maps.drawing_place import PlaceMap, Spot, place_map
from webmap.maps.drawing_projects import joint_styles, joint_swatches, projects_map
from webmap.pages import areas, change_rows, forms, pick_place, project_forms, project_rows, project_words
from webmap.pages.project_rows import ACTION, ProjectRow
from webmap.pages.resolution_rows import origin_of
from webmap.records import current_session, district

bp = Blueprint("projects", __name__, url_prefix="/projects")

VIEWS = ("board", "calendar", "list", "map")

# One page holds what a district has; more are found by a condition.
MOST_LISTED = 1000


class Happened(NamedTuple):
    """One line of a project's history in words."""

    at: datetime
    actor: str
    title: str
    stage: str
    note: str | None


@bp.get("")
@needs("map.read")
def index() -> str:
    """The projects that the conditions leave, as the `view` says: board, calendar, list or map."""
    params.only("view", *conditions.NAMES["projects"])
    view = params.one_of("view", VIEWS) or VIEWS[0]
    wanted, session = conditions.of_projects(), current_session()
    today = _today()
    found = queries.listed(session, _of_view(wanted, view), most=MOST_LISTED + 1)
    rows = project_rows.rows(found[:MOST_LISTED], today)
    shown: dict[str, Any] = {"rows": rows}
    if view == "board":
        shown = {"columns": project_rows.columns(rows)}
    elif view == "calendar":
        shown = _calendar(rows, wanted.year or today.year)
    elif view == "map":
        shown |= _map(rows, wanted)
    asked = {name: value for name, value in {**asdict(wanted), "q": wanted.words}.items() if value}
    asked.pop("words", None)
    return render_template(
        "projects.html",
        view=view,
        views=_views(),
        asked=asked,
        wanted=wanted,
        unit=units.named(session, wanted.unit)[:1],
        sums=project_rows.sums(queries.counts(session, wanted)),
        is_cut=len(found) > MOST_LISTED,
        count=len(rows),
        towns=areas.names("town"),
        villages=areas.names("village") if wanted.area else {},
        years=_years(wanted.year, today),
        sheet=conditions.sheet_address("projects"),
        exports=conditions.export_address("projects"),
        can_add=may(ACTION),
        **_words(),
        **shown,
    )


@bp.get("/<code>")
@needs("map.read")
def show(code: str) -> str:
    """One project: what, who, where, what happened and what came of it; `move` opens the form of that move."""
    params.only("move")
    return _page(code, opened=params.one_of("move", STAGES))


@bp.get("/new")
@needs(ACTION)
def new() -> str:
    """The empty form of a project."""
    params.only("joint")
    typed = {"joint": params.one_of("joint", JOINTS) or "", "stage": "proposed"}
    return _form(None, typed=typed)


@bp.post("/new")
@needs(ACTION)
def start() -> AnyResponse:
    """Write down a new project."""
    try:
        draft = project_forms.draft()
        demand_in(ACTION, draft.level, draft.area_code or "")
        made = projects.start(current_session(), draft, actor=actor(), note=forms.text("note", longest=LONGEST_WORDS))
    except BadValue as error:
        current_session().rollback()
        page = _form(None, typed=project_forms.typed(), wrong=error)
        return Response(page, HTTPStatus.UNPROCESSABLE_ENTITY)
    flash(_("The project is written down under %(code)s.", code=made.code))
    return redirect(url_for("projects.show", code=made.code))


@bp.get("/<code>/edit")
@needs(ACTION)
def edit(code: str) -> str:
    """The form of a project as it stands."""
    params.only()
    held = _own(code)
    return _form(held, typed=project_forms.typed_of(held))


@bp.post("/<code>/edit")
@needs(ACTION)
def change(code: str) -> AnyResponse:
    """Let a project say what the form says."""
    held = _own(code)
    try:
        draft = project_forms.draft(held)
        # nor may it be given away to where one may do nothing
        demand_in(ACTION, draft.level, draft.area_code or "")
        projects.change(current_session(), code, draft, actor=actor())
    except BadValue as error:
        current_session().rollback()
        page = _form(_own(code), typed=project_forms.typed(), wrong=error)
        return Response(page, HTTPStatus.UNPROCESSABLE_ENTITY)
    return redirect(url_for("projects.show", code=code))


@bp.post("/<code>/move")
@needs(ACTION)
def move(code: str) -> AnyResponse:
    """Take a project to another stage, and go back to the page that `next` names."""
    _own(code)
    to_stage = ""
    try:
        to_stage = forms.one_of("to_stage", STAGES)
        projects.move(
            current_session(),
            code,
            to_stage,
            actor=actor(),
            note=forms.text("note", longest=LONGEST_WORDS),
            outcome=forms.text("outcome", longest=LONGEST_WORDS),
            people_served=forms.whole("people_served", low=0, high=MOST_SERVED),
        )
    except (BadValue, StateRefused, DemandTaken) as error:
        current_session().rollback()
        status = HTTPStatus.UNPROCESSABLE_ENTITY if isinstance(error, BadValue) else HTTPStatus.CONFLICT
        return Response(_page(code, opened=to_stage, typed=forms.typed(), wrong=error), status)
    flash(_("%(name)s: %(stage)s.", name=_name(code), stage=project_words.stages()[to_stage]))
    back = forms.text("next", longest=2000)
    return redirect(params.own_path(back) if back else url_for("projects.show", code=code))


def _of_view(wanted: ProjectFilter, view: str) -> ProjectFilter:
    """The calendar tells too how many have no day, and so asks for all years."""
    return replace(wanted, year=None) if view == "calendar" else wanted


def _calendar(rows: list[ProjectRow], year: int) -> dict[str, Any]:
    undated = [row for row in rows if row.line.starts_on is None and row.line.ends_on is None]
    return {
        "year": year,
        "bars": project_rows.bars(rows, year),
        "months": project_words.months(),
        "undated": undated,
        "first_year": conditions.FIRST_YEAR,
        "last_year": conditions.LAST_YEAR,
    }


def _map(rows: list[ProjectRow], wanted: ProjectFilter) -> dict[str, Any]:
    """The picture of the district, or of the area asked for; None where no ground is known."""
    session, spots = current_session(), project_rows.spots(rows)
    boxes = {**area_boxes(session, "town"), **area_boxes(session, "village")} if wanted.area else {}
    ground = boxes.get(wanted.area) or extent(session)
    picture: Markup | None = None
    if ground is not None:
        picture = projects_map(
            session,
            spots,
            ground,
            looks=joint_styles(JOINTS),
            title=_("Map of %(count)s joint projects", count=len(spots)),
            metre_srid=district().metre_srid,
        )
    return {"picture": picture, "without_place": len(rows) - len(spots)}


def _page(
    code: str, *, opened: str | None = None, typed: Mapping[str, str] | None = None, wrong: WanggeError | None = None
) -> str:
    session = current_session()
    held = projects.project(session, code)
    line = queries.listed_one(session, code)
    row = project_rows.rows([line], _today())[0]
    lead = session.get(MemberUnit, held.lead_unit_id) if held.lead_unit_id else None
    at = None if line.lon is None or line.lat is None else (line.lon, line.lat)
    field, words = project_forms.wrong(wrong) if wrong else ("", "")
    return render_template(
        "project.html",
        origin=origin_of("project", held.code) if may("meeting.read") else None,
        project=held,
        row=row,
        lead=lead,
        others=projects.partners(session, held),
        outcome=told(held.outcome),
        at=at,
        picture=_picture(held, at) if at else None,
        background=queries.background(session, held.id),
        history=_history(held),
        moves=row.moves,
        opened=opened,
        typed=typed or {"outcome": held.outcome, "people_served": held.people_served},
        wrong_field=field,
        wrong=words,
        can_set=may_in(ACTION, held.level, held.area_code or ""),
        changes=change_rows.rows([KIND], project_words.labels(), about={"code": code}) if may(ACTION) else [],
        **_words(),
    )


def _picture(held: Project, at: tuple[float, float]) -> PlaceMap:
    return place_map(
        current_session(),
        [Spot(*at, joint_styles(JOINTS)[held.joint], held.name)],
        title=_("Map of the place of %(name)s", name=held.name),
        metre_srid=district().metre_srid,
        village_code=held.village_code,
    )


def _history(held: Project) -> list[Happened]:
    names, stages = project_words.happenings(), project_words.stages()
    return [
        Happened(
            one.at,
            one.actor,
            names.get(one.action, one.action),
            stages.get(one.to_stage or "", one.to_stage or ""),
            told(one.note),
        )
        for one in reversed(projects.events(current_session(), held))
    ]


def _form(held: Project | None, *, typed: Mapping[str, Any], wrong: WanggeError | None = None) -> str:
    field, words = project_forms.wrong(wrong) if wrong else ("", "")
    choices = project_forms.choices()
    stages = project_words.stages()
    return render_template(
        "project_form.html",
        picker=pick_place.picker(),
        project=held,
        typed={**typed, "area": typed.get("area") or choices.only or ""},
        areas=choices.groups,
        unit_names=project_forms.unit_names(),
        partners=project_forms.spare(typed, "partner"),
        supporters=project_forms.spare(typed, "supporter"),
        first_stages={stage: stages[stage] for stage in ("proposed", "agreed", "running")},
        wrong_field=field,
        wrong=words,
        **_words(),
    )


def _own(code: str) -> Project:
    """The project of that code. Raises NotFound, and NotAllowed where it is not one's own to change."""
    held = projects.project(current_session(), code)
    demand_in(ACTION, held.level, held.area_code or "")
    return held


def _name(code: str) -> str:
    return projects.project(current_session(), code).name


def _words() -> dict[str, Any]:
    return {
        "joints": project_words.joints(),
        "stages": project_words.stages(),
        "levels": project_words.levels(),
        "move_words": project_words.moves(),
        "part_words": project_words.parts(),
        "demand_words": project_words.demand_states(),
        "swatches": joint_swatches(JOINTS),
        "days": project_words.days,
    }


def _views() -> dict[str, str]:
    return {"board": _("Board"), "calendar": _("Calendar"), "list": _("List"), "map": _("Map")}


def _years(asked: int | None, today: date) -> list[int]:
    """Years to choose from, the newest first."""
    known = queries.years(current_session()) or (today.year, today.year)
    first, last = min(known[0], today.year, asked or today.year), max(known[1], today.year, asked or today.year)
    return list(range(last, first - 1, -1))


def _today() -> date:
    return datetime.now(ZoneInfo(zone())).date()
