"""Taking an import back: what it would do, and doing it."""

from http import HTTPStatus

from flask import Blueprint, render_template, request

from geodata.record_errors import NotUndoable
from geodata.services import undo
from geodata.services.import_runs import run_of
from geodata.services.undo_plan import UndoPlan
from webmap import params
from webmap.access import actor, needs
from webmap.pages import import_kinds, import_undo_words
from webmap.records import current_session

bp = Blueprint("import_undo", __name__, url_prefix="/imports")

# More take longer than a page may.
MOST_ROWS = 20_000


@bp.post("/<int:run_id>/undo")
@needs("data.import")
def take_back(run_id: int) -> str | tuple[str, int]:
    """Show what taking it back does; with `confirm` of the form do it, with `keep_changed` what of it can be done."""
    params.only()
    # who may not bring such records may not take them away either
    import_kinds.demand_kind(run_of(current_session(), run_id).kind)
    keeps = request.form.get("keep_changed") == "yes"
    if request.form.get("confirm") != "yes":
        return _page(undo.plan(current_session(), run_id, most=MOST_ROWS))
    try:
        done = undo.undo(current_session(), run_id, actor=actor(), only_unchanged=keeps, most=MOST_ROWS)
    except NotUndoable as error:
        if error.word not in {"partly", "whole"}:
            raise
        # somebody was faster: the page says what stands in the way now
        return _page(undo.plan(current_session(), run_id, most=MOST_ROWS)), HTTPStatus.CONFLICT
    return _page(done, is_done=True)


def _page(found: UndoPlan, *, is_done: bool = False) -> str:
    return render_template(
        "import_undo.html",
        run=run_of(current_session(), found.run.number),
        plan=found,
        is_done=is_done,
        kind_title=import_kinds.title(found.run.kind),
        rows=import_undo_words.rows(found),
        conflicts=import_undo_words.conflicts(found),
    )
