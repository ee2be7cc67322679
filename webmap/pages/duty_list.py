"""The governance list: a matrix of categories and kinds of unit, one category with its versions, and its form."""

from collections.abc import Collection, Mapping, Sequence
from http import HTTPStatus
from itertools import groupby
from typing import NamedTuple

from flask import Blueprint, Response, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from geodata.errors import NotFound
from geodata.formats.filetable import MIMETYPES
from geodata.ingest.duty import DUTY
from geodata.models import Category, DutyRule
from geodata.queries import duty_list as queries
from geodata.queries.rules import filing_rules
from geodata.services import duty_list, rule_tables, rules
from geodata.services.categories import unit_kinds
from geodata.services.duty_list import EVERY_RULE, ROLES, CategoryLines, parts
from geodata.services.rules import DISTRICT
from geodata.validity import holds
from spatial.errors import WanggeError
from webmap import params
from webmap.access import actor, needs
from webmap.errors import BadParameter
from webmap.languages import language
from webmap.pages import areas, change_rows, forms, rule_forms, rule_words
from webmap.pages.rule_forms import READ, SET, demand_set, may_set, said, town_asked, town_told
from webmap.records import current_session
from webmap.responses import attachment

bp = Blueprint("duty_list", __name__, url_prefix="/rules/list")


class Mark(NamedTuple):
    """A role of a kind of unit in a category; `rules` are the filing rules it is bound to, none for all."""

    role: str
    rules: list[str]


class Row(NamedTuple):
    """A category of the matrix: marks by kind of unit, and whether they are a town's own."""

    category: Category
    name: str
    cells: dict[str, list[Mark]]
    is_own: bool
    is_gap: bool


class RuleRow(NamedTuple):
    """What holds under one filing rule ('' all of them): kinds of unit by role, in words."""

    code: str
    title: str
    kinds: dict[str, list[str]]


class Version(NamedTuple):
    """A line of another day in words."""

    line: DutyRule
    kind: str
    role: str
    holds: str


@bp.get("")
@needs(READ)
def index() -> str:
    """The matrix of the district or a town, narrowed to a major or to what a kind of unit has a part in."""
    params.only("town", "major", "kind", "gaps")
    town = town_asked()
    major, kind, only_gaps = params.text("major"), params.text("kind"), params.one_of("gaps", ["yes"]) is not None
    kinds = _kinds()
    if kind is not None and kind not in kinds:
        raise NotFound("kind of unit", kind, list(kinds))
    found = duty_list.overview(current_session(), town_code=town)
    majors = {one.category.code[:2]: _major(one.category) for one in found}
    if major is not None and major not in majors:
        raise NotFound("major", major, list(majors))
    gaps = [one for one in found if one.is_gap]
    shown = [
        one
        for one in (gaps if only_gaps else found)
        if (major is None or one.category.code.startswith(major))
        and (kind is None or any(line.unit_kind == kind for line in one.lines))
    ]
    return render_template(
        "duty_list.html",
        groups=[(majors[code], [_row(one) for one in several]) for code, several in _by_major(shown)],
        gaps=[(one.category, _name(one.category)) for one in gaps],
        own_count=sum(bool(one.own) for one in found),
        category_count=len(found),
        kinds=kinds,
        majors=majors,
        major=major,
        kind=kind,
        only_gaps=only_gaps,
        **_frame(town),
    )


@bp.get("/<category>")
@needs(READ)
def show(category: str) -> str:
    """One category: who has which part in it, what is planned, what was, and who changed it."""
    params.only("town")
    town = town_asked()
    session = current_session()
    found = _found(category, town)
    now = rules.today(session)
    others = [
        line
        for line in queries.versions(session, towns=sorted({DISTRICT, town}), category=category)
        if not holds(line, now)
    ]
    ends = [line for line in (*found.own, *found.district) if line.valid_to is not None]
    kinds = _kinds()
    labels = roles()
    return render_template(
        "duty_list_category.html",
        category=found.category,
        name=_name(found.category),
        own=_by_rule(found.own, found.category, town),
        of_district=_by_rule(found.district, found.category, town),
        is_gap=found.is_gap,
        planned=[_version(line, kinds) for line in (*ends, *(one for one in others if one.valid_from > now))],
        former=[_version(line, kinds) for line in others if line.valid_from <= now],
        changes=change_rows.rows([duty_list.KIND], labels, about={"category": category}, words=kinds),
        **_frame(town),
    )


@bp.get("/<category>/edit")
@needs(SET)
def edit(category: str) -> str:
    """The form: kinds of unit and roles, of all filing rules or of the one of `rule`."""
    params.only("town", "rule")
    town, rule = town_asked(), params.text("rule") or EVERY_RULE
    demand_set(town)
    found = _found(category, town)
    _rule_title(found.category, town, rule)
    return _form(found, town, rule, ticked=parts(found.lines, rule))


@bp.post("/<category>/edit")
@needs(SET)
def change(category: str) -> AnyResponse:
    """Have these kinds and roles hold from the day of the form on."""
    town, rule = town_told(), said("rule")
    demand_set(town)
    ticked = {_part(value) for value in forms.several("part", most=500)}
    try:
        since = rule_forms.day("since")
        duty_list.set_lines(
            current_session(), category, ticked, actor=actor(), town_code=town, rule_code=rule, since=since
        )
    except NotFound:
        raise
    except WanggeError as error:
        current_session().rollback()
        page = _form(_found(category, town), town, rule, ticked=ticked, since=said("since"), wrong=error)
        return Response(page, HTTPStatus.UNPROCESSABLE_ENTITY)
    return redirect(url_for("duty_list.show", category=category, town=town or "district"))


@bp.post("/copy")
@needs(SET)
def copy() -> AnyResponse:
    """Give a town the district's lines as its own: of one category, or of all."""
    town, category = town_told(), said("category") or None
    demand_set(town)
    duty_list.copy_list(current_session(), town, actor=actor(), category=category)
    if category is None:
        return redirect(url_for("duty_list.index", town=town))
    return redirect(url_for("duty_list.show", category=category, town=town))


@bp.post("/<category>/follow")
@needs(SET)
def follow(category: str) -> AnyResponse:
    """Let a town follow the district again, from the day of the form on."""
    town = town_told()
    demand_set(town)
    duty_list.follow_district(current_session(), category, actor=actor(), town_code=town, on=rule_forms.day("since"))
    return redirect(url_for("duty_list.show", category=category, town=town))


@bp.get("/export.<any(csv, xlsx):form>")
@needs(READ)
def export(form: str) -> Response:
    """The list as a table that an import takes back: all, or of a town or the district alone; with other days too."""
    params.only("town", "history")
    asked = params.text("town")
    table = rule_tables.duty_lines(
        current_session(),
        town_code=None if asked is None else town_asked(),
        with_history=params.one_of("history", ["yes"]) is not None,
    )
    content = b"".join(table.pieces(form, sheet=DUTY.title_zh))
    return attachment(content, f"duty-list.{form}", mimetype=MIMETYPES[form])


def roles() -> dict[str, str]:
    """What a unit does about an issue, in the order in which it comes."""
    return {"find": _("finds"), "handle": _("handles"), "assist": _("assists")}


def letters() -> dict[str, str]:
    """One letter for each role."""
    return {"find": _("F"), "handle": _("H"), "assist": _("A")}


def _frame(town: str) -> dict[str, object]:
    names = areas.names("town")
    return {
        "town": town,
        "town_name": names.get(town, ""),
        "towns": names,
        "can_set": may_set(town),
        "can_set_district": may_set(),
        "roles": roles(),
        "letters": letters(),
    }


def _kinds() -> dict[str, str]:
    is_english = language() == "en"
    return {one.code: one.name_en if is_english else one.name_zh for one in unit_kinds(current_session())}


def _name(category: Category) -> str:
    return category.name_en if language() == "en" else category.name_zh


def _major(category: Category) -> str:
    return category.major_en if language() == "en" else category.major_zh


def _by_major(found: Sequence[CategoryLines]) -> list[tuple[str, list[CategoryLines]]]:
    return [(major, list(several)) for major, several in groupby(found, key=lambda one: one.category.code[:2])]


def _found(code: str, town: str) -> CategoryLines:
    found = duty_list.overview(current_session(), town_code=town)
    line = next((one for one in found if one.category.code == code), None)
    if line is None:
        raise NotFound("category", code)
    return line


def _row(one: CategoryLines) -> Row:
    bound: dict[str, dict[str, list[str]]] = {}
    for line in one.lines:
        bound.setdefault(line.unit_kind, {}).setdefault(line.role, []).append(line.rule_code)
    cells = {
        kind: [Mark(role, [] if EVERY_RULE in several[role] else several[role]) for role in ROLES if role in several]
        for kind, several in bound.items()
    }
    return Row(one.category, _name(one.category), cells, bool(one.own), one.is_gap)


def _by_rule(lines: Collection[DutyRule], category: Category, town: str) -> list[RuleRow]:
    """The lines under each filing rule, those of all rules first; empty where there are no lines."""
    kinds, titles = _kinds(), _rule_titles(category, town)
    return [
        RuleRow(
            code,
            titles.get(code) or str(_("rule %(code)s", code=code)),
            {role: [kinds[kind] for kind, each in sorted(parts(lines, code)) if each == role] for role in ROLES},
        )
        for code in sorted({line.rule_code for line in lines})
    ]


def _rule_titles(category: Category, town: str) -> dict[str, str]:
    """What each filing rule that holds in the town (or the district) says, by number; '' is all of them."""
    session = current_session()
    is_english = language() == "en"
    found = filing_rules(session, category=category.code, town_code=town, day=rules.today(session))
    told = {
        one.code: str(
            _(
                "rule %(code)s: %(condition)s",
                code=one.code,
                condition=one.condition_en if is_english else one.condition_zh,
            )
        )
        for one in found
    }
    return {EVERY_RULE: str(_("all filing rules")), **told}


def _rule_title(category: Category, town: str, code: str) -> str:
    known = _rule_titles(category, town)
    if code not in known:
        raise NotFound("filing rule", f"{category.code}/{code}", [one for one in known if one])
    return known[code]


def _version(line: DutyRule, kinds: Mapping[str, str]) -> Version:
    return Version(line, kinds[line.unit_kind], roles()[line.role], rule_words.holds(line.valid_from, line.valid_to))


def _part(value: str) -> tuple[str, str]:
    kind, _blank, role = value.partition(" ")
    if not kind or role not in ROLES:
        raise BadParameter("part", value, "a kind of unit and find, handle or assist")
    return kind, role


def _form(
    found: CategoryLines,
    town: str,
    rule: str,
    *,
    ticked: Collection[tuple[str, str]],
    since: str = "",
    wrong: WanggeError | None = None,
) -> str:
    field, words = rule_forms.wrong(wrong) if wrong else ("", "")
    titles = _rule_titles(found.category, town)
    return render_template(
        "duty_list_form.html",
        category=found.category,
        name=_name(found.category),
        rule=rule,
        rule_title=titles.get(rule, rule),
        rules=titles,
        kinds=_kinds(),
        ticked=ticked,
        is_own=bool(found.own),
        today=rules.today(current_session()).isoformat(),
        since=since,
        wrong_field=field,
        wrong=words,
        **_frame(town),
    )
