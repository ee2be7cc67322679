"""A file into the records by hand: sent, looked at as it would be stored, and then imported with one button."""

from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from geodata.formats import delimited
from geodata.formats.errors import FileRefused
from geodata.ingest import kind_of
from geodata.models import LEVELS
from geodata.record_errors import BadValue, PreviewOutdated, UploadsFull
from geodata.services import import_checks, import_files, import_work
from geodata.services.import_checks import Options
from geodata.services.import_files import WaitingFile
from geodata.services.imports import fields_of
from spatial.errors import WanggeError
from webmap import params
from webmap.access import actor, may, needs, user_id
from webmap.errors import status_of
from webmap.pages import forms, import_kinds, import_preview, import_words, words
from webmap.pages.import_kinds import IMPORT
from webmap.records import current_engine, current_session, let_go
from webmap.responses import as_json, attachment
from webmap.sentences import sentence
from webmap.uploads import BESIDE_BYTES, takes

bp = Blueprint("imports", __name__, url_prefix="/import")

# So long an answer waits for work beside it; what takes longer is looked at again.
WAIT_S = 4.0
AGAIN_S = 2


def _largest() -> int | None:
    """Room for a file, for those who may bring one; to all others the form is like any other."""
    return import_files.largest_bytes(current_app.config["IMPORT_MB"]) + BESIDE_BYTES if may(IMPORT) else None


@bp.get("")
@needs(IMPORT)
def index() -> str:
    """The form that takes a file, for a `kind`; what waits already; and what each kind is."""
    params.only("kind")
    return _form(params.text("kind") or "units")


@bp.post("")
@takes(_largest)
@needs(IMPORT)
def send() -> AnyResponse | tuple[str, int]:
    """Take a file in, look at it, and lead to what was seen; a form that cannot be used comes back."""
    kind = request.form.get("kind", "")
    file = request.files.get("file")
    try:
        kind = kind_of(forms.one_of("kind", import_kinds.ACTIONS)).name
        import_kinds.demand_kind(kind)
        level, valid_from = import_preview.ground(kind)
        if file is None or not file.filename:
            raise BadValue("file", "missing")
        kept = import_files.keep(
            _data_dir(),
            file.stream,
            name=file.filename,
            owner_id=user_id(),
            kind=kind,
            most_bytes=import_files.largest_bytes(current_app.config["IMPORT_MB"]),
        )
    except (BadValue, FileRefused, UploadsFull) as error:
        return _form(kind, wrong=_wrong(error)), status_of(error)
    finally:
        if file is not None:
            # a large one waits in a file of its own
            file.close()
    import_work.set_options(kept, Options(level=level, valid_from=valid_from))
    _check(kept)
    return redirect(url_for("imports.show", file_id=kept.id))


@bp.get("/<file_id>")
@needs(IMPORT)
def show(file_id: str) -> str | AnyResponse:
    """What the file would do: figures, columns, datum, map, rows; `page` turns the problems."""
    params.only("page")
    file = _file(file_id)
    done = file.read("done")
    if done is not None:
        return redirect(url_for("import_runs.show", run_id=done["run_id"]))
    if not import_work.is_checked(file) or _is_importing(file):
        return _standing_page(file)
    return import_preview.page(file)


@bp.post("/<file_id>")
@needs(IMPORT)
def choose(file_id: str) -> AnyResponse | tuple[str, int]:
    """Look at it once more with other options."""
    file = _file(file_id)
    try:
        import_work.set_options(file, import_preview.options_of(file))
    except BadValue as error:
        return import_preview.page(file, wrong=_wrong(error)), status_of(error)
    _check(file)
    return redirect(url_for("imports.show", file_id=file.id))


@bp.post("/<file_id>/run")
@needs(IMPORT)
def run(file_id: str) -> AnyResponse:
    """Import it as it was seen: the form carries the `version` of that, and whether to `skip_bad` rows."""
    file = _file(file_id)
    let_go()
    try:
        import_work.begin_import(
            current_engine(),
            _data_dir(),
            file,
            version=request.form.get("version", ""),
            skip_bad=forms.is_ticked("skip_bad"),
            actor=actor(),
            wait_s=WAIT_S,
        )
    except PreviewOutdated as error:
        flash(sentence(error))
    return redirect(url_for("imports.show", file_id=file.id))


@bp.post("/<file_id>/discard")
@needs(IMPORT)
def discard(file_id: str) -> AnyResponse:
    """Take the file away; nothing of it was stored."""
    file = _file(file_id)
    import_files.discard(file)
    flash(_("%(name)s was discarded.", name=file.name))
    return redirect(url_for("imports.index"))


@bp.get("/<file_id>/standing")
@needs(IMPORT)
def standing(file_id: str) -> Response:
    """How far the work on a file is, for a script that waits."""
    params.only()
    file = _file(file_id)
    is_over = not file.is_held
    return as_json({**_state(file), "is_over": is_over})


@bp.get("/<file_id>/places.geojson")
@needs(IMPORT)
def places(file_id: str) -> Response:
    """Rows with a place as they would be stored, evenly chosen where there are many."""
    params.only()
    found = _file(file_id).read("places") or {"type": "FeatureCollection", "features": []}
    return as_json(found, mimetype="application/geo+json")


@bp.get("/<file_id>/problems.csv")
@needs(IMPORT)
def problems(file_id: str) -> Response:
    """All problems as CSV for a spreadsheet."""
    params.only()
    file = _file(file_id)
    headings = [_("Row"), _("Field"), _("Value"), _("Why not")]
    rows = ((one.row, one.field, one.value, import_words.told(one.reason)) for one in import_checks.problems(file))
    return attachment(b"".join(delimited.write(headings, rows)), "problems.csv", mimetype="text/csv")


def _file(file_id: str) -> WaitingFile:
    """The file of an address, for its owner while they may bring its kind. Raises NotFound and NotAllowed."""
    found = import_files.found(_data_dir(), file_id, owner_id=user_id())
    import_kinds.demand_kind(found.kind)
    return found


def _data_dir() -> Path:
    return Path(current_app.config["DATA_DIR"])


def _check(file: WaitingFile) -> None:
    # the check has a connection of its own
    let_go()
    import_work.begin_check(current_engine(), _data_dir(), file, wait_s=WAIT_S)


def _is_importing(file: WaitingFile) -> bool:
    return _state(file)["what"] == "import" and file.is_held


def _state(file: WaitingFile) -> dict[str, Any]:
    return file.read("state") or {"what": "check", "done": 0, "of": 0}


def _wrong(error: WanggeError) -> str:
    if isinstance(error, FileRefused):
        return import_words.refusal(import_checks.told_error(error))
    if isinstance(error, BadValue) and error.field == "file":
        return str(_("Choose a file."))
    return sentence(error)


def _form(kind: str, wrong: str = "") -> str:
    groups = import_kinds.offered()
    session = current_session()
    return render_template(
        "import.html",
        groups=groups,
        kind=kind,
        known={
            one.name: [
                import_words.field_title(field.name, field.headings) for field in fields_of(session, kind_of(one.name))
            ]
            for choices in groups.values()
            for one in choices
        },
        waiting=import_files.waiting(_data_dir(), owner_id=user_id()),
        kind_title=import_kinds.title,
        levels={level: words.levels().get(level, level) for level in LEVELS},
        typed=forms.typed(),
        suffixes=",".join(import_files.SUFFIXES),
        most_mb=current_app.config["IMPORT_MB"],
        most_files=import_files.MOST_FILES,
        wrong=wrong,
    )


def _standing_page(file: WaitingFile) -> str:
    """Work is under way, or was broken off."""
    state = _state(file)
    return render_template(
        "import_standing.html",
        file=file,
        kind_title=import_kinds.title(file.kind),
        state=state,
        is_over=not file.is_held,
        again_s=AGAIN_S,
        options=Options.of(file),
    )
