"""The report of a town on a week, month, quarter or year: a page, and the same pages as PDF."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, render_template, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.orm import Session

from geodata.queries.scope import Scope
from geodata.services import periods
from geodata.services.index_tables import Line
from geodata.services.period_reports import MOST_OVERDUE, PARTS, PeriodReport, Share, period_report
from geodata.services.periods import Period
from webmap import params
from webmap.access import needs, reword, ticket_scope
from webmap.languages import language, zone
from webmap.maps.drawing_colours import light_tokens
from webmap.maps.drawing_pdf import pdf_of
from webmap.maps.drawing_tickets import TicketMap, ticket_map
from webmap.maps.sparks import Spark, spark
from webmap.pages import index_words, period_report_words
from webmap.pages.indices import Asked, Row, rows_of
from webmap.records import current_session
from webmap.responses import attachment

bp = Blueprint("period_report", __name__, url_prefix="/report-of")


class Key(NamedTuple):
    """A key figure: its number, what it counts, how it stands to the period before, and its trend where it has one."""

    value: str
    title: str
    note: str
    spark: Spark | None = None


class Made(NamedTuple):
    """A report with everything its template places, in the reader's language."""

    report: PeriodReport
    keys: list[Key]
    rows: list[Row]
    map: TicketMap | None
    best: list[Share]
    behind: list[Share]
    reword: Callable[[str], str]


@bp.get("/<code>")
@needs("report.read")
def show(code: str) -> str:
    """The report on an area for a `period` (2026-02, 2026-W07, 2026-Q1, 2026, or `since` and `until`)."""
    params.only("period", "since", "until")
    period = _period()
    made = made_of(current_session(), code, period, ticket_scope(), reword=reword())
    return render_template(
        "period_report.html",
        **context(made),
        previous=period.previous(),
        following=period.following(),
        address=lambda word: url_for("period_report.show", code=code, period=word),
        pdf_url=url_for("period_report.pdf", code=code, period=period.word),
    )


@bp.get("/<code>.pdf")
@needs("report.read")
def pdf(code: str) -> Response:
    """The report as PDF, A4."""
    params.only("period", "since", "until")
    made = made_of(current_session(), code, _period(), ticket_scope(), reword=reword())
    page = printed(made)
    # printing takes seconds, for which no transaction may be kept open
    current_session().commit()
    return attachment(
        pdf_of(page), f"report-{made.report.area.code}-{made.report.period.word}.pdf", mimetype="application/pdf"
    )


def printed(made: Made) -> str:
    """The report alone, as the PDF is made from it."""
    return render_template("period_report_print.html", **context(made))


def made_of(
    session: Session,
    code: str,
    period: Period,
    scope: Scope,
    *,
    reword: Callable[[str], str] | None = None,
) -> Made:
    """The report on an area, in the reader's language.

    reword   what becomes of the titles that people wrote; None: they stay as they are.

    Raises NotFound, also for an area of which the scope does not hold all.
    """
    report = period_report(session, code, period, scope)
    wanted = Asked(None, "town", None if report.area.level == "district" else report.area.code, period, scope)
    parts = {part.named.of: part.reported for part in report.parts} or {report.area.code: report.volumes[1].reported}
    best, behind = period_report_words.compared(report.units)
    return Made(
        report,
        keys=_keys(report),
        rows=rows_of(report.table, wanted),
        map=ticket_map(
            session,
            report.area,
            report.spots,
            parts,
            metre_srid=report.metre_srid,
            title=_("Map of the tickets reported in %(area)s", area=period_report_words.area(report)),
        ),
        best=best,
        behind=behind,
        reword=reword or str,
    )


def context(made: Made) -> dict[str, Any]:
    """What both templates are told."""
    report = made.report
    return {
        "made": made,
        "report": report,
        "words": index_words,
        "title": period_report_words.title(report),
        "area_name": period_report_words.area(report),
        "period": index_words.period(report.period),
        "last": index_words.last(report.period),
        "changes": period_report_words.changes(report),
        "part_title": index_words.level(PARTS.get(report.area.level, "village")),
        "more_overdue": max(0, report.volumes[1].overdue - MOST_OVERDUE),
        "is_running": report.period.until >= report.made_at.date(),
        "sheet_style": _style(),
        "is_english": language() == "en",
    }


def _period() -> Period:
    return params.period(periods.last_whole("month", datetime.now(ZoneInfo(zone())).date()))


def _keys(report: PeriodReport) -> list[Key]:
    before, now = report.volumes
    rates = {line.index.id: line for line in report.table.lines}
    in_time, closing = rates["handling_in_time"], rates["closing_in_time"]
    return [
        Key(f"{now.reported:,}", _("Reported"), _was(before.reported)),
        Key(f"{now.closed:,}", _("Closed"), _was(before.closed)),
        _rate_key(in_time),
        _rate_key(closing),
        Key(f"{now.open:,}", _("Open at the end"), _was(before.open)),
        Key(f"{now.overdue:,}", _("Overdue at the end"), _was(before.overdue)),
    ]


def _rate_key(line: Line) -> Key:
    note = index_words.change(line) or index_words.of(line.index).none
    return Key(
        index_words.share(line.now),
        index_words.of(line.index).name,
        note,
        spark([figure.share for figure in line.figures]),
    )


def _was(before: int) -> str:
    return str(_("before: %(count)s", count=f"{before:,}"))


def _style() -> Markup:
    """The light colours for the sheets: paper is white whatever the screen's scheme."""
    tokens = "".join(f"{name}:{value};" for name, value in light_tokens().items())
    return Markup(f".period-report{{color-scheme:light;{tokens}}}")  # noqa: S704 - our own file of tokens
