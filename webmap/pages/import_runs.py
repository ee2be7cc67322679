"""Imports that were made: the list of them, and the report of each."""

from typing import Any

from flask import Blueprint, render_template
from flask_babel import gettext as _

from geodata.services import import_runs
from webmap import params
from webmap.access import needs, told
from webmap.pages import import_kinds, import_words, paging
from webmap.pages.import_kinds import IMPORT
from webmap.records import current_session

bp = Blueprint("import_runs", __name__, url_prefix="/imports")

RUNS_A_PAGE = 50
MOST_SHOWN = 200


@bp.get("")
@needs(IMPORT)
def index() -> str:
    """All imports, the newest first; `page` turns."""
    params.only("page")
    session = current_session()
    total = import_runs.total(session)
    at = paging.turned(total, lines=RUNS_A_PAGE)
    return render_template(
        "import_runs.html",
        runs=import_runs.listed(session, limit=at.lines, skip=at.skip),
        total=total,
        at=at,
        kind_title=import_kinds.title,
        datum_title=import_words.datum_title,
    )


@bp.get("/<int:run_id>")
@needs(IMPORT)
def show(run_id: int) -> str:
    """The report of one import, with the way to its records."""
    params.only()
    run = import_runs.run_of(current_session(), run_id)
    report: dict[str, Any] = run.report
    return render_template(
        "import_run.html",
        run=run,
        report=report,
        kind_title=import_kinds.title(run.kind),
        datum_title=import_words.datum_title(run.datum),
        href=import_kinds.href(run.kind),
        can_undo=import_kinds.may_bring(run.kind),
        notes=[_said(note.get("text", "")) for note in report.get("notes", [])][:MOST_SHOWN],
        problems=[
            {
                **one,
                "field": import_words.field_title(one["field"]),
                "value": told(one["value"]),
                "reason": _said(one["reason"]),
            }
            for one in report.get("problems", [])[:MOST_SHOWN]
        ],
        refused=_said(report["refused"]) if report.get("refused") else "",
        standings=import_words.standings(),
        most_shown=MOST_SHOWN,
        heading=_("Import %(number)s", number=run.id),
    )


def _said(sentence: str) -> str:
    """A sentence of the report; what it quotes of a ticket is masked for those who may not read words."""
    return import_words.told(told(sentence) or "")
