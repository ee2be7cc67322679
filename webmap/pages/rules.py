"""Filing rules: the list by category, one category with its history, and the forms that change them."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from itertools import groupby
from typing import NamedTuple

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from geodata.errors import NotFound
from geodata.formats.filetable import MIMETYPES
from geodata.ingest.rules import FILING_RULES
from geodata.models import Category, FilingRule, ImportRun
from geodata.queries import rules as queries
from geodata.services import changes, rule_tables, rules
from geodata.services.rules import DISTRICT, CategoryRules, Rule
from geodata.validity import holds
from spatial.errors import WanggeError
from webmap import params
from webmap.access import actor, needs
from webmap.languages import language
from webmap.pages import areas, rule_forms, rule_words, ticket_words
from webmap.pages.rule_forms import READ, SET, demand_set, may_set, said, town_asked, town_told
from webmap.records import current_session
from webmap.responses import attachment

bp = Blueprint("rules", __name__, url_prefix="/rules")

MOST_CHANGES = 20


class RuleLine(NamedTuple):
    """A version of a rule in words; `holds` says from when until before when."""

    version: FilingRule
    condition: str
    closing: str
    limit: str
    holds: str
    is_draft: bool


class CategoryLine(NamedTuple):
    """A category with its rules, those of the town first."""

    category: Category
    name: str
    own: list[RuleLine]
    district: list[RuleLine]


class ChangeLine(NamedTuple):
    """Who changed what, and when."""

    run: ImportRun
    what: str
    rule: str


@bp.get("")
@needs(READ)
def index() -> str:
    """All categories with their rules, beside them the own rules of a town when `town` says so."""
    params.only("town")
    town = town_asked()
    found = rules.overview(current_session(), town_code=town)
    return render_template(
        "rules.html",
        groups=_groups(found),
        rule_count=sum(len(one.own or one.district) for one in found),
        own_count=sum(bool(one.own) for one in found),
        category_count=len(found),
        **_frame(town),
    )


@bp.get("/<category>")
@needs(READ)
def show(category: str) -> str:
    """One category: the rules in force, those of other days, and who changed them."""
    params.only("town")
    town = town_asked()
    line = _category(category, town)
    versions = queries.rule_versions(current_session(), category=category, towns=sorted({DISTRICT, town}))
    today = rules.today(current_session())
    others = [version for version in versions if not holds(version, today)]
    return render_template(
        "rules_category.html",
        line=line,
        planned=[_line(version) for version in others if version.valid_from > today],
        former=[_line(version) for version in reversed(others) if version.valid_from <= today],
        changes=_changes(category),
        **_frame(town),
    )


@bp.get("/<category>/edit")
@needs(SET)
def edit(category: str) -> str:
    """The form of a rule: that of `code`, or an empty one."""
    params.only("town", "code")
    town, code = town_asked(), params.text("code")
    demand_set(town)
    line = _category(category, town)
    if code is None:
        typed = {"code": _next_code(line.own if town else line.district), "unit": "working_hours"}
        return _form(line, town, typed=typed, is_new=True)
    version = rules.rule(current_session(), category, code, town_code=town)
    return _form(line, town, typed={**vars(rules.told_by(version)), "code": code}, is_new=False)


@bp.post("/<category>/edit")
@needs(SET)
def change(category: str) -> AnyResponse:
    """Have a rule say what the form says, from its day on."""
    town, code = town_told(), said("code")
    demand_set(town)
    told = Rule(
        condition_zh=said("condition_zh"),
        closing_zh=said("closing_zh"),
        condition_en=said("condition_en"),
        closing_en=said("closing_en"),
        amount=rule_forms.number("amount") or 0.0,
        unit=said("unit"),
        needs_photo=said("needs_photo") == "yes",
        rank=None if (rank := rule_forms.number("rank")) is None else int(rank),
        source=said("source") or None,
    )
    try:
        since = rule_forms.day("since")
        rules.set_rule(current_session(), category, code, told, actor=actor(), town_code=town, since=since)
    except NotFound:
        raise
    except WanggeError as error:
        current_session().rollback()
        line, is_new = _category(category, town), said("is_new") == "yes"
        page = _form(line, town, typed=dict(request.form), is_new=is_new, wrong=error)
        return Response(page, HTTPStatus.UNPROCESSABLE_ENTITY)
    return redirect(url_for("rules.show", category=category, town=town or "district"))


@bp.post("/<category>/end")
@needs(SET)
def end(category: str) -> AnyResponse:
    """Let a rule hold no longer from the day of the form on."""
    town = town_told()
    demand_set(town)
    since = rule_forms.day("since")
    rules.end_rule(current_session(), category, said("code"), actor=actor(), town_code=town, on=since)
    return redirect(url_for("rules.show", category=category, town=town or "district"))


@bp.post("/copy")
@needs(SET)
def copy() -> AnyResponse:
    """Give a town the district's rules as its own: of one category, or of all."""
    town, category = town_told(), said("category") or None
    demand_set(town)
    rules.copy_rules(current_session(), town, actor=actor(), category=category)
    if category is None:
        return redirect(url_for("rules.index", town=town))
    return redirect(url_for("rules.show", category=category, town=town))


@bp.get("/export.<any(csv, xlsx):form>")
@needs(READ)
def export(form: str) -> Response:
    """The rules as a table that an import takes back: all, or those of a town or the district alone."""
    params.only("town")
    asked = params.text("town")
    town = None if asked is None else town_asked()
    table = rule_tables.filing_rules(current_session(), town_code=town)
    content = b"".join(table.pieces(form, sheet=FILING_RULES.title_zh))
    return attachment(content, f"filing-rules.{form}", mimetype=MIMETYPES[form])


def _frame(town: str) -> dict[str, object]:
    """What every page of rules needs: the town asked about, the others, and what may be done."""
    names = areas.names("town")
    return {
        "town": town,
        "town_name": names.get(town, ""),
        "towns": names,
        "can_set": may_set(town),
        "can_set_district": may_set(),
    }


def _category(code: str, town: str) -> CategoryLine:
    found = rules.overview(current_session(), town_code=town)
    line = next((one for one in found if one.category.code == code), None)
    if line is None:
        raise NotFound("category", code)
    return _category_line(line)


def _groups(found: Sequence[CategoryRules]) -> list[tuple[str, str, list[CategoryLine]]]:
    """Categories under their majors: the two digits, the name, and the lines."""
    is_english = language() == "en"
    grouped = []
    for major, several in groupby(found, key=lambda one: one.category.code[:2]):
        lines = [_category_line(one) for one in several]
        first = lines[0].category
        grouped.append((major, first.major_en if is_english else first.major_zh, lines))
    return grouped


def _category_line(one: CategoryRules) -> CategoryLine:
    name = one.category.name_en if language() == "en" else one.category.name_zh
    return CategoryLine(one.category, name, [_line(rule) for rule in one.own], [_line(rule) for rule in one.district])


def _line(version: FilingRule) -> RuleLine:
    is_english = language() == "en"
    return RuleLine(
        version,
        version.condition_en if is_english else version.condition_zh,
        version.closing_en if is_english else version.closing_zh,
        ticket_words.limit(version.amount, version.unit),
        rule_words.holds(version.valid_from, version.valid_to),
        version.source == rules.DRAFT,
    )


def _next_code(lines: Sequence[RuleLine]) -> str:
    taken = {line.version.code for line in lines}
    return next(str(number) for number in range(1, len(taken) + 2) if str(number) not in taken)


def _form(
    line: CategoryLine, town: str, *, typed: Mapping[str, object], is_new: bool, wrong: WanggeError | None = None
) -> str:
    field, words = rule_forms.wrong(wrong) if wrong else ("", "")
    return render_template(
        "rules_form.html",
        line=line,
        typed=typed,
        is_new=is_new,
        wrong_field=field,
        wrong=words,
        units=rule_words.units(),
        today=rules.today(current_session()).isoformat(),
        **_frame(town),
    )


def _changes(category: str) -> list[ChangeLine]:
    runs = changes.latest(current_session(), [rules.KIND], limit=MOST_CHANGES, about={"category": category})
    said_of = rule_words.changes()
    return [
        ChangeLine(run, said_of.get(run.report.get("did", ""), ""), str(run.report.get("code") or "")) for run in runs
    ]
