"""Evaluation: ranking of units, villages and towns, one of them down to its records, weights, what was published."""

from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import NamedTuple

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from geodata.errors import NotFound
from geodata.formats import delimited
from geodata.ingest.weights import LARGEST
from geodata.models import SUBJECTS, EvaluationRow, EvaluationRun
from geodata.queries.area_shapes import area_shapes
from geodata.queries.evaluation import Record, Subject
from geodata.services import evaluation, periods, permissions
from geodata.services.clocks import day_of
from geodata.services.evaluation import Evaluation, Line
from geodata.services.periods import Period
from spatial.errors import WanggeError
from webmap import params
from webmap.access import actor, may, needs, own_unit, reads_words, role, ticket_scope, told
from webmap.errors import NotAllowed
from webmap.maps.choropleth import Choropleth, choropleth
from webmap.maps.drawing_colours import on_page
from webmap.maps.sparks import Spark, spark
from webmap.pages import areas, change_rows, forms, paging, resolution_rows
from webmap.pages.evaluation_words import amounts, counted, index_words, kind_words, record_href, record_words
from webmap.records import current_session, district
from webmap.responses import attachment

bp = Blueprint("evaluation", __name__, url_prefix="/evaluation")

READ = "evaluation.read"
SET = "evaluation.set"

SHOWN = 100
PUBLISHED_A_PAGE = 50


class Opened(NamedTuple):
    """An index of one subject: its formula in words, its figure, what it weighs, and the records behind it."""

    name: str
    title: str
    formula: str
    num: str
    den: str
    share: float | None
    weight: float
    points: float | None
    records: list["RecordRow"]
    more: int


class RecordRow(NamedTuple):
    """A record in words, where it can be opened, and whether it counts in the numerator."""

    kind: str
    record: str
    name: str
    href: str
    day: str
    told: str


@bp.get("")
@needs(READ)
def index() -> str:
    """The ranking of a kind (`of`: unit, village, town) in a period, of a town's alone with `town`."""
    params.only("of", "period", "town")
    kind, period = _kind(), _period()
    found = evaluation.evaluate(current_session(), kind, period)
    towns = areas.names("town")
    town = params.one_of("town", list(towns)) if kind != "town" else None
    lines = [line for line in found.lines if town in {None, line.subject.town_code}]
    return render_template(
        "evaluation.html",
        found=found,
        lines=lines,
        opens={line.subject.code: _is_open(kind, line.subject) for line in lines},
        titles={name: words.title for name, words in index_words().items() if name in found.weights},
        picture=_picture(found, lines, town),
        ranked=sum(line.rank is not None for line in found.lines),
        runs=evaluation.runs(current_session(), kind),
        can_set=may(SET),
        is_over=period.until < day_of(current_session(), datetime.now(UTC)),
        amounts=amounts,
        towns=towns,
        town=town,
        kind=kind,
        kinds=kind_words(),
        period=period,
    )


@bp.get("/<any(unit, village, town):kind>.csv")
@needs(READ)
def sheet(kind: str) -> Response:
    """The ranking of a kind in a `period` for a spreadsheet; figures of those that whoever asks may open."""
    params.only("period")
    found = evaluation.evaluate(current_session(), kind, _period())
    names, towns = list(found.weights), areas.names("town")
    titles = [index_words()[name].title for name in names]
    head = [_("Rank"), _("Code"), _("Name"), _("Town"), _("Points scored")]
    head += [part for title in titles for part in (title, _("numerator"), _("denominator"))]
    rows = [
        [*_standing(line), towns.get(line.subject.town_code or ""), line.score, *_figures(kind, line, names)]
        for line in found.lines
    ]
    content = b"".join(delimited.write([str(one) for one in head], rows))
    return attachment(content, f"evaluation-{kind}-{found.period.word}.csv", mimetype="text/csv")


@bp.get("/<any(unit, village, town):kind>/<code>")
@needs(READ)
def show(kind: str, code: str) -> str:
    """One unit or area: each figure with its formula, and the records behind it."""
    params.only("period")
    session, period = current_session(), _period()
    found = evaluation.evaluate(session, kind, period)
    line = found.line(code)
    if not _is_open(kind, line.subject):
        raise NotAllowed(READ)
    scores = evaluation.trend(session, kind, code, period)
    with on_page():
        return render_template(
            "evaluation_one.html",
            line=line,
            opened=[_opened(found, line, name) for name in found.weights],
            trend=list(zip([one.word for one in period.up_to(len(scores))], scores, strict=True)),
            spark=_spark(scores),
            ranked=sum(one.rank is not None for one in found.lines),
            certificates=evaluation.certificates(session, kind, code),
            towns=areas.names("town"),
            kind=kind,
            kinds=kind_words(),
            period=period,
        )


@bp.get("/weights")
@needs(SET)
def edit_weights() -> str:
    """The form of the weights of a kind."""
    params.only("of")
    kind = _kind()
    day = day_of(current_session(), datetime.now(UTC))
    return _weights_form(
        kind, {name: f"{weight:g}" for name, weight in evaluation.weights(current_session(), kind, day).items()}
    )


@bp.post("/weights")
@needs(SET)
def change_weights() -> AnyResponse:
    """Have the indices of a kind weigh what the form says, from today on."""
    kind = request.form.get("of", "")
    known = evaluation.indices(kind)
    try:
        told_weights = {name: forms.number(name, low=0, high=LARGEST) or 0.0 for name in known}
        evaluation.set_weights(current_session(), kind, told_weights, actor=actor())
    except WanggeError as error:
        current_session().rollback()
        return Response(_weights_form(kind, forms.typed(), wrong=error), HTTPStatus.UNPROCESSABLE_ENTITY)
    return redirect(url_for("evaluation.index", of=kind))


@bp.post("/publish")
@needs(SET)
def publish() -> AnyResponse:
    """Freeze an evaluation of a period that is over."""
    kind = request.form.get("of", "")
    if kind not in SUBJECTS:
        raise NotFound("subject", kind, SUBJECTS)
    period = periods.period(request.form.get("period", ""))
    evaluation.freeze(current_session(), kind, period, actor=actor())
    return redirect(url_for("evaluation.index", of=kind, period=period.word))


@bp.get("/published/<int:run_id>")
@needs(READ)
def published(run_id: int) -> str:
    """What was published, line by line, each with its certificate; `page` turns."""
    params.only("page")
    run, rows = evaluation.published_lines(current_session(), run_id)
    at = paging.turned(len(rows), lines=PUBLISHED_A_PAGE)
    return render_template(
        "evaluation_published.html",
        run=run,
        rows=at.of(rows),
        count=len(rows),
        ranked=sum(row.rank is not None for row in rows),
        page=at.page,
        at=lambda number: url_for("evaluation.published", run_id=run_id, page=number),
        pages=at.pages,
        kind=run.subject,
        kinds=kind_words(),
    )


@bp.get("/published/<int:run_id>/<code>")
@needs(READ)
def certificate(run_id: int, code: str) -> str:
    """A sheet to hang up: what was published of one unit or area."""
    params.only()
    run, row, ranked = evaluation.published(current_session(), run_id, code)
    if not _is_open(run.subject, evaluation.subject(current_session(), run.subject, code) or Subject(code, row.name)):
        raise NotAllowed(READ)
    figures = _published(run, row)
    return render_template(
        "evaluation_certificate.html", run=run, row=row, ranked=ranked, figures=figures, place=district()
    )


def _kind() -> str:
    return params.one_of("of", SUBJECTS) or SUBJECTS[0]


def _period() -> Period:
    today = day_of(current_session(), datetime.now(UTC))
    return params.period(periods.containing("year", today))


def _standing(line: Line) -> tuple[int | None, str, str]:
    return line.rank, line.subject.code, line.subject.name


def _figures(kind: str, line: Line, names: Sequence[str]) -> list[float | None]:
    """Share, numerator and denominator of each index; nothing of one whose figures are not for whoever asks."""
    if not _is_open(kind, line.subject):
        return [None] * (3 * len(names))
    found = [line.shares[name] for name in names]
    return [part for one in found for part in (one.share, one.num, one.den)]


def _is_open(kind: str, subject: Subject) -> bool:
    """Whether whoever asks may see the figures of a subject, and not its score alone."""
    if permissions.reach(READ, role()) != permissions.OWN:
        return True
    scope = ticket_scope()
    if scope.unit_id is not None:
        unit = own_unit()
        return kind == "unit" and unit is not None and unit.code == subject.code
    if kind == "unit":
        if scope.villages is not None:
            return subject.village_code in scope.villages
        return scope.is_all or (subject.town_code is not None and scope.has_town(subject.town_code))
    return permissions.holds_area(current_session(), scope, kind, subject.code)


def _picture(found: Evaluation, lines: list[Line], town: str | None) -> Choropleth | None:
    """Villages or towns in the colour of their score; units have none."""
    if found.kind == "unit":
        return None
    shapes = area_shapes(current_session(), found.kind, parent_code=town)
    said = {line.subject.code: "–" if line.score is None else f"{line.score:.1f}" for line in lines}
    return choropleth(
        shapes,
        {line.subject.code: line.score for line in lines},
        told=said,
        hrefs={
            line.subject.code: url_for(
                "evaluation.show", kind=found.kind, code=line.subject.code, period=found.period.word
            )
            for line in lines
            if _is_open(found.kind, line.subject)
        },
        digits=1,
        has_names=found.kind == "town",
    )


def _opened(found: Evaluation, line: Line, name: str) -> Opened:
    held = found.weights[name]
    whole = sum(found.weights[one] for one, share in line.shares.items() if share.share is not None)
    share = line.shares[name]
    scope = ticket_scope()
    listed = evaluation.records(current_session(), found.kind, name, line.subject.code, found.period, scope=scope)
    words = index_words()[name]
    return Opened(
        name,
        words.title,
        words.formula,
        amounts(name, share.num),
        amounts(name, share.den),
        share.share,
        held,
        None if share.share is None or not whole else 100 * share.share * held / whole,
        [_record(name, record) for record in listed[:SHOWN]],
        max(0, len(listed) - SHOWN),
    )


def _record(name: str, record: Record) -> RecordRow:
    said = record.name or ""
    return RecordRow(
        record_words().get(record.kind, record.kind),
        record.record,
        _name_told(record.kind, said),
        record_href(record),
        record.day.isoformat() if record.day else "",
        counted(name, record),
    )


def _spark(scores: list[float | None]) -> Spark:
    return spark([None if one is None else one / 100 for one in scores])


def _published(run: EvaluationRun, row: EvaluationRow) -> list[tuple[str, str, str, float | None]]:
    """Each index that weighed something: its title, its figure, and its share."""
    titles = index_words()
    found = []
    for name, weight in run.weights.items():
        num, den = row.figures.get(name, (0, 0))
        if weight and den and name in titles:
            figure = f"{amounts(name, num)} / {amounts(name, den)}"
            found.append((titles[name].title, figure, f"{weight:g}", num / den))
    return found


def _weights_form(kind: str, typed: dict[str, str], *, wrong: WanggeError | None = None) -> str:
    field, words = forms.wrong(wrong) if wrong else ("", "")
    return render_template(
        "evaluation_weights.html",
        kind=kind,
        kinds=kind_words(),
        typed=typed,
        titles={name: index_words()[name] for name in evaluation.indices(kind)},
        wrong_field=field,
        wrong=words,
        changes=change_rows.rows(
            [evaluation.KIND_OF_WEIGHTS],
            {name: index_words()[name].title for name in evaluation.indices(kind)},
            about={"subject": kind},
        ),
    )


def _name_told(kind: str, said: str) -> str:
    """What a record is called, as whoever asks may read it: tickets and resolutions are in words of people."""
    if kind == "meeting":
        return resolution_rows.told_here(said) or ""
    return said if kind != "ticket" or reads_words() else told(said) or ""
