"""What a waiting file would do, as a page shows it, and the options that its form brings back."""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from flask import g, render_template, url_for
from flask_babel import gettext as _

from geodata.ingest import kind_of
from geodata.models import LEVELS
from geodata.record_errors import BadValue
from geodata.services import import_checks
from geodata.services.datums import UNKNOWN, datums_offered
from geodata.services.import_checks import Options
from geodata.services.import_files import WaitingFile
from webmap.maps import assets
from webmap.maps.canvas import CONFIG_ID
from webmap.maps.page import map_parts
from webmap.maps.texts import map_texts
from webmap.pages import forms, import_kinds, import_words, paging, words
from webmap.pages.pick_place import ground_config
from webmap.records import current_session, district

MODULE = "import-map.js"

PROBLEMS_A_PAGE = 50
MOST_COLUMNS = 1000
LONGEST_VALUE = 200

# What a heading's choice says for a column that is not taken in; a field's for one that has no column.
LEFT_OUT, NO_VALUE = "-", ""


class HeadingRow(NamedTuple):
    """A column of the file and the field it is taken for; empty where it is none, LEFT_OUT where that was said."""

    number: int
    name: str
    samples: list[str]
    field: str


class FieldRow(NamedTuple):
    """A field without a column, and the value that all rows get; empty where they get none."""

    name: str
    title: str
    is_required: bool
    value: str


def page(file: WaitingFile, wrong: str = "") -> str:
    """The page of a file that was checked; `wrong` says why the last form could not be used."""
    facts, options = file.read("check") or {}, Options.of(file)
    total = facts.get("problem_count", 0)
    at = paging.turned(total, lines=PROBLEMS_A_PAGE)
    error, failed = facts.get("error"), (file.read("failed") or {}).get("error")
    has_map = bool(facts.get("shown"))
    datum = import_words.datum_told(facts)
    titles = _field_titles(facts)
    return render_template(
        "import_check.html",
        file=file,
        kind=file.kind,
        kind_title=import_kinds.title(file.kind),
        facts=facts,
        options=options,
        wrong=wrong or (import_words.refusal(failed) if failed else ""),
        refusal=import_words.refusal(error) if error else "",
        error_word=error["word"] if error else "",
        layers=_layers(file, error, options),
        headings=_headings(facts, options),
        bare=_bare_fields(facts),
        choices=titles,
        datum=datum,
        datums=_datums(options),
        has_places=kind_of(file.kind).shape is not None,
        can_trust=facts.get("refused_for") == "datum" or options.trust_datum or _is(error, "DatumDisagrees"),
        is_open=error is None and facts.get("refused") is None,
        problems=list(_problems(file, titles, skip=at.skip)),
        at=at,
        notes=[import_words.told(text) for word, text in facts.get("notes", []) if word != "datum_detected"],
        columns=[titles.get(name) or import_words.field_title(name) for name in facts.get("columns", [])],
        standings=import_words.standings(),
        levels={level: words.levels().get(level, level) for level in LEVELS},
        with_source=file.kind in import_kinds.WITH_SOURCE,
        left_out=LEFT_OUT,
        parts=map_parts(g.csp_nonce, MODULE) if has_map else None,
        modules=assets.modules(MODULE) if has_map else (),
        config=_map_config(file) if has_map else None,
        config_id=CONFIG_ID,
    )


def _is(error: dict[str, Any] | None, word: str) -> bool:
    return error is not None and error["word"] == word


def _problems(file: WaitingFile, titles: dict[str, str], *, skip: int) -> Iterator[Any]:
    for one in import_checks.problems(file, skip=skip, most=PROBLEMS_A_PAGE):
        field = titles.get(one.field) or import_words.field_title(one.field)
        yield one._replace(field=field, reason=import_words.told(one.reason))


def _layers(file: WaitingFile, error: dict[str, Any] | None, options: Options) -> list[str]:
    """Sheets or layers to choose from; once they were asked for they are offered for good."""
    if error is not None and error.get("layers"):
        return list(error["layers"])
    known = file.read("layers") or {}
    return list(known.get("names", [options.layer] if options.layer else []))


def _headings(facts: dict[str, Any], options: Options) -> list[HeadingRow]:
    by_heading = {said: field for field, said in (facts.get("matched") or {}).items() if not said.startswith("=")}
    shown = list(facts.get("headings") or [])
    return [
        HeadingRow(number, name, samples, LEFT_OUT if name in options.leave_out else by_heading.get(name, NO_VALUE))
        for number, (name, samples) in enumerate(shown)
    ]


def _bare_fields(facts: dict[str, Any]) -> list[FieldRow]:
    """Fields that no column was found for: what all rows get instead; the needed ones first."""
    matched = facts.get("matched") or {}
    rows = [
        FieldRow(name, import_words.field_title(name, headings), required, matched.get(name, "=")[1:])
        for name, headings, required in facts.get("fields") or []
        if matched.get(name, "=").startswith("=") and name not in {"lon", "lat"}
    ]
    return sorted(rows, key=lambda row: (not row.is_required, not row.value))


def _field_titles(facts: dict[str, Any]) -> dict[str, str]:
    return {name: import_words.field_title(name, headings) for name, headings, _required in facts.get("fields") or []}


def _datums(options: Options) -> dict[str, str]:
    """The datums that are offered by name: those of the district, and the one that was written, where it is another."""
    names = [*datums_offered(current_session()), f"epsg:{district().metre_srid}"]
    found = {name: import_words.datum_title(name) for name in names}
    found[f"epsg:{district().metre_srid}"] = _("Metres of this district (EPSG:%(srid)s)", srid=district().metre_srid)
    if options.datum and options.datum not in {*found, UNKNOWN}:
        found[options.datum] = import_words.datum_title(options.datum)
    return found


def _map_config(file: WaitingFile) -> dict[str, Any]:
    return {
        **ground_config(),
        "placesUrl": url_for("imports.places", file_id=file.id),
        "texts": {
            **map_texts(),
            "mapLabel": _("Map. Arrow keys move it, plus and minus zoom."),
            "mapAway": _("The map did not come. The table below says the same."),
            "row": _("Row %(row)s: %(name)s, %(standing)s"),
            "outside": _("outside the district"),
        },
        "standings": import_words.standings(),
    }


def options_of(file: WaitingFile) -> Options:
    """The options of the form. Raises BadValue."""
    facts, former = file.read("check") or {}, Options.of(file)
    level, valid_from = ground(file.kind)
    datum = forms.text("datum", longest=80) or ""
    if datum == "other":
        datum = forms.needed("datum_other", longest=80)
    mapping, left_out = _columns(facts, former)
    for name, _headings, _required in facts.get("fields") or []:
        value = forms.text(f"value_{name}", longest=LONGEST_VALUE)
        if value is not None and name not in mapping:
            mapping[name] = f"={value}"
    return Options(
        datum=datum,
        level=level,
        valid_from=valid_from,
        layer=forms.text("layer", longest=200) or "",
        source=forms.text("source", longest=100) or "",
        mapping=mapping,
        leave_out=left_out,
        trust_datum=forms.is_ticked("trust_datum"),
    )


def _columns(facts: dict[str, Any], former: Options) -> tuple[dict[str, str], tuple[str, ...]]:
    """Fields by column and columns that are left out, as the form says; what was recognised and stayed is not said."""
    fields = {name for name, _headings, _required in facts.get("fields") or []}
    recognised = {said: field for field, said in (facts.get("matched") or {}).items()}
    mapping: dict[str, str] = {}
    left_out = []
    for number, (name, _samples) in enumerate((facts.get("headings") or [])[:MOST_COLUMNS]):
        said = forms.text(f"column_{number}", longest=80) or ""
        if said == LEFT_OUT:
            left_out.append(name)
        elif said in fields and (said != recognised.get(name) or former.mapping.get(said) == name):
            if said in mapping:
                raise BadValue(f"column_{number}", "taken", import_words.field_title(said))
            mapping[said] = name
    return mapping, tuple(left_out)


def ground(kind: str) -> tuple[str, str]:
    """Level and first day of areas; empty for others. Raises BadValue."""
    if kind != "areas":
        return "", ""
    first: date | None = forms.day("valid_from")
    return forms.one_of("level", LEVELS), "" if first is None else first.isoformat()
