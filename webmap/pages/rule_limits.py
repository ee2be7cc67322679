"""Limits of the stages, and who is warned when: one table, and a form for each stage."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import NamedTuple

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from geodata.errors import NotFound
from geodata.services import limits, rules
from geodata.services.clocks import HANDLE
from geodata.services.limits import SHARES, WHOM, StageRow
from geodata.worktime import Limit
from spatial.errors import WanggeError
from webmap import params
from webmap.access import actor, needs
from webmap.pages import areas, rule_forms, rule_words, ticket_words
from webmap.pages.rule_forms import READ, SET, demand_set, may_set, said, town_asked, town_told
from webmap.records import current_session

bp = Blueprint("rule_limits", __name__, url_prefix="/rules/limits")


class StageLine(NamedTuple):
    """A stage in words: its limit, and who is warned at each share of the table's columns."""

    row: StageRow
    title: str
    limit: str
    warned: list[list[str]]


@bp.get("")
@needs(READ)
def index() -> str:
    """Every stage with its limit and its warnings, of the district or of a town."""
    params.only("town")
    town = town_asked()
    found = limits.stages(current_session(), town_code=town)
    shares = _shares(found)
    return render_template(
        "rules_limits.html", lines=[_line(row, shares) for row in found], shares=_percent(shares), **_frame(town)
    )


@bp.get("/<stage>")
@needs(SET)
def edit(stage: str) -> str:
    """The form of one stage."""
    params.only("town")
    town = town_asked()
    demand_set(town)
    row = _row(stage, town)
    typed = {"amount": f"{row.limit.amount:g}", "unit": row.limit.unit} if row.limit else {"unit": "working_hours"}
    return _form(row, town, typed=typed)


@bp.post("/<stage>")
@needs(SET)
def change(stage: str) -> AnyResponse:
    """Have a stage take so long, and these be warned."""
    town = town_told()
    demand_set(town)
    session = current_session()
    amount = rule_forms.number("amount")
    warned = {share: [whom for whom in WHOM if said(f"{share:g} {whom}")] for share in _shares([_row(stage, town)])}
    try:
        if stage != HANDLE:
            limit = None if amount is None else Limit(amount, said("unit"))
            limits.set_limit(session, stage, limit, actor=actor(), town_code=town, since=rule_forms.day("since"))
        limits.set_warnings(session, stage, warned, actor=actor(), town_code=town)
    except NotFound:
        raise
    except WanggeError as error:
        session.rollback()
        page = _form(_row(stage, town), town, typed=dict(request.form), wrong=error)
        return Response(page, HTTPStatus.UNPROCESSABLE_ENTITY)
    return redirect(url_for("rule_limits.index", town=town or "district"))


@bp.post("/<stage>/follow")
@needs(SET)
def follow(stage: str) -> AnyResponse:
    """Let a town follow the district again in a stage."""
    town = town_told()
    demand_set(town)
    limits.follow_district(current_session(), stage, actor=actor(), town_code=town)
    return redirect(url_for("rule_limits.index", town=town))


def _frame(town: str) -> dict[str, object]:
    names = areas.names("town")
    return {"town": town, "town_name": names.get(town, ""), "towns": names, "can_set": may_set(town)}


def _row(stage: str, town: str) -> StageRow:
    found = limits.stages(current_session(), town_code=town)
    row = next((one for one in found if one.stage == stage), None)
    if row is None:
        raise NotFound("stage", stage, [one.stage for one in found])
    return row


def _shares(found: list[StageRow]) -> list[float]:
    """The columns: the usual shares, and others that somebody has set."""
    return sorted({*SHARES, *(share for row in found for share in row.warned)})


def _percent(shares: list[float]) -> list[str]:
    return [f"{100 * share:g} %" for share in shares]


def _line(row: StageRow, shares: list[float]) -> StageLine:
    whom = rule_words.whom()
    limit = ticket_words.limit(row.limit.amount, row.limit.unit) if row.limit else ""
    return StageLine(
        row,
        ticket_words.stages()[row.stage],
        limit,
        [[whom[each] for each in row.warned.get(share, [])] for share in shares],
    )


def _form(row: StageRow, town: str, *, typed: Mapping[str, object], wrong: WanggeError | None = None) -> str:
    field, words = rule_forms.wrong(wrong) if wrong else ("", "")
    shares = _shares([row])
    is_typed = "is_typed" in typed
    ticked = {
        (share, whom): f"{share:g} {whom}" in typed if is_typed else whom in row.warned.get(share, [])
        for share in shares
        for whom in WHOM
    }
    return render_template(
        "rules_limit.html",
        row=row,
        title=ticket_words.stages()[row.stage],
        has_limit=row.stage != HANDLE,
        shares=list(zip(shares, _percent(shares), strict=True)),
        whom=rule_words.whom(),
        ticked=ticked,
        typed=typed,
        units=rule_words.units(),
        today=rules.today(current_session()).isoformat(),
        wrong_field=field,
        wrong=words,
        **_frame(town),
    )
