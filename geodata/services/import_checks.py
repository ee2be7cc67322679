"""What a file would do, found out by the real import and undone: facts for a page, kept beside the waiting file.

`check.json` holds the figures, what the headings were taken for, the datum's verdict and the first rows;
`problems.jsonl` every problem, a line each; `places.json` rows with a place as GeoJSON in WGS 84.
"""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from itertools import islice
from typing import Any, Self

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from geodata.formats.errors import FileRefused, LayerNeeded
from geodata.ingest import kind_of
from geodata.ingest.errors import DatumNeeded, FieldsMissing, PersonalData
from geodata.ingest.preview import Preview, PreviewRow
from geodata.ingest.report import ImportReport, Problem
from geodata.ingest.rows import Progress
from geodata.services.datums import UNKNOWN
from geodata.services.import_files import WaitingFile
from geodata.services.imports import import_file
from spatial.errors import WanggeError

ROWS_SHOWN = 30
NOTES_SHOWN = 100
REPAIRS_SHOWN = 100

# Ground is drawn as fine as this, about 3 m, and coarser where there are more corners than a browser likes.
_STEP_DEGREES = 0.00003
_MOST_CORNERS = 200_000
_DECIMALS = 6


@dataclass(frozen=True)
class Options:
    """How a file is to be taken in; see `geodata.services.imports.import_file`. Empty is not said.

    datum      a name, or `unknown`.
    version    of these options, so that nobody imports what they have not seen.
    """

    datum: str = ""
    level: str = ""
    valid_from: str = ""
    layer: str = ""
    source: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    leave_out: tuple[str, ...] = ()
    trust_datum: bool = False
    version: str = ""

    @classmethod
    def of(cls, file: WaitingFile) -> Self:
        """Those that were chosen last."""
        facts = file.read("options") or {}
        known = {one.name for one in fields(cls)}
        told = {name: value for name, value in facts.items() if name in known}
        return cls(**{**told, "leave_out": tuple(told.get("leave_out", ()))})

    def to_json(self) -> dict[str, Any]:
        """The options as plain data."""
        return {**asdict(self), "leave_out": list(self.leave_out)}

    def asked(self, file: WaitingFile) -> dict[str, Any]:
        """What `import_file` is told."""
        return {
            "level": self.level or None,
            "valid_from": date.fromisoformat(self.valid_from) if self.valid_from else None,
            "layer": self.layer or None,
            "source": self.source or file.stem,
            "mapping": dict(self.mapping),
            "leave_out": self.leave_out,
            "trust_datum": self.trust_datum,
            "name": file.name,
        }


def check(session: Session, file: WaitingFile, options: Options, *, progress: Progress | None = None) -> dict[str, Any]:
    """Try the import and undo it, and write down what came of it; returns what is in `check.json`.

    Bad rows are left out, so that it shows what becomes of the others. Errors of the file, or of how it was asked
    for, are facts too. The session must be undone by whoever gave it.
    """
    preview = Preview()
    try:
        report, error = _tried(session, file, options, preview, progress)
    except WanggeError as refusal:
        report, error = ImportReport(file.kind, file.name), refusal
    if isinstance(error, PersonalData):
        # nothing about persons is kept here, for no day
        file.drop_data()
        preview = Preview()
    if isinstance(error, LayerNeeded):
        # they are offered for good, although nobody asks for one once it is named
        file.write("layers", {"names": error.layers})
    facts = _facts(report, preview, error)
    _write_problems(file, report.problems)
    shown = preview.places()
    file.write("places", _collection(shown))
    facts |= {"version": options.version, "placed": preview.placed, "shown": len(shown)}
    file.write("check", facts)
    return facts


def problems(file: WaitingFile, *, skip: int = 0, most: int | None = None) -> Iterator[Problem]:
    """Problems that the last check found, in the order of the rows."""
    path = file.folder / "problems.jsonl"
    if not path.exists():
        return
    with path.open(encoding="utf-8") as lines:
        for line in islice(lines, skip, None if most is None else skip + most):
            yield Problem(*json.loads(line))


def _tried(
    session: Session, file: WaitingFile, options: Options, preview: Preview, progress: Progress | None
) -> tuple[ImportReport, WanggeError | None]:
    """The report of a dry run; without a datum, what the places look like, and that one is needed."""
    has_places = kind_of(file.kind).shape is not None
    datum = options.datum or None if has_places else None
    asked = options.asked(file) | {"dry_run": True, "skip_bad": True, "preview": preview, "progress": progress}
    needed: WanggeError | None = None
    if datum != UNKNOWN:
        try:
            return import_file(session, file.kind, file.path, datum=datum, **asked), None
        except (DatumNeeded, FieldsMissing) as error:
            if options.datum or not has_places:
                raise
            needed = error
    try:
        return import_file(session, file.kind, file.path, datum=UNKNOWN, **asked), needed or DatumNeeded()
    except FieldsMissing:
        if needed is None:
            # it has no places, so that no datum is needed
            return import_file(session, file.kind, file.path, datum=None, **asked), None
        return ImportReport(file.kind, file.name), needed


def _facts(report: ImportReport, preview: Preview, error: WanggeError | None) -> dict[str, Any]:
    told = report.to_json()
    rows = list(preview.rows(most=ROWS_SHOWN))
    columns = list(dict.fromkeys(name for row in rows for name in row.values))
    return {
        **{name: told[name] for name in ("rows", "stored", "changed", "unchanged", "bad", "datum", "refused")},
        **{name: told[name] for name in ("verdict", "problem_count", "repair_count")},
        "refused_for": report.refused_for,
        "notes": [(note.word, note.text) for note in report.notes[:NOTES_SHOWN]],
        "repairs": told["repairs"][:REPAIRS_SHOWN],
        "error": None if error is None else told_error(error),
        "headings": preview.headings,
        "fields": preview.fields,
        "matched": preview.matched,
        "declared_crs": preview.declared_crs,
        "has_shapes": preview.has_shapes,
        "finding": preview.finding and _finite(preview.finding),
        "outside": len(preview.outside),
        "columns": columns,
        "first": [_line(row, columns) for row in rows],
    }


def _finite(finding: Mapping[str, Any]) -> dict[str, Any]:
    """Without readings that are out of the question, whose distance JSON cannot hold."""
    kept = [one for one in finding["hypotheses"] if math.isfinite(one["behind_nats"])]
    return {**finding, "hypotheses": kept}


def told_error(error: WanggeError) -> dict[str, Any]:
    """An error as plain data: the `word` of its class, the facts a page needs, and its sentence in English."""
    said = f"{error.reason}; {error.remedy}" if isinstance(error, FileRefused) else str(error)
    facts: dict[str, Any] = {"word": type(error).__name__, "said": said}
    if isinstance(error, LayerNeeded):
        facts["layers"] = list(error.layers)
    if isinstance(error, FieldsMissing):
        facts["fields"] = list(error.fields)
    if isinstance(error, PersonalData):
        facts["headings"] = list(error.headings)
    if isinstance(error, DatumNeeded):
        facts["hint"] = error.hint
    return facts


def _line(row: PreviewRow, columns: list[str]) -> dict[str, Any]:
    return {
        "row": row.row,
        "standing": row.standing,
        "values": [row.values.get(name, "") for name in columns],
        "lon": row.lon,
        "lat": row.lat,
        "shape": None if row.shape is None else row.shape.geom_type,
        "is_outside": row.is_outside,
    }


def _write_problems(file: WaitingFile, found: list[Problem]) -> None:
    draft = file.folder / ".problems.jsonl"
    with draft.open("w", encoding="utf-8") as target:
        for problem in found:
            target.write(f"{json.dumps(list(problem), ensure_ascii=False)}\n")
    draft.replace(file.folder / "problems.jsonl")


def _collection(rows: list[PreviewRow]) -> dict[str, Any]:
    shapes = _drawn([row.where for row in rows])
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": json.loads(shapely.to_geojson(shape)),
                "properties": {
                    "row": row.row,
                    "standing": row.standing,
                    "outside": row.is_outside,
                    "name": next((row.values[name] for name in ("name", "code", "title") if row.values.get(name)), ""),
                },
            }
            for row, shape in zip(rows, shapes, strict=True)
        ],
    }


def _drawn(shapes: list[BaseGeometry]) -> list[BaseGeometry]:
    """Shapes as fine as a map shows them."""
    step = _STEP_DEGREES
    drawn = list(shapely.simplify(shapes, step)) if shapes else []
    while int(shapely.get_num_coordinates(drawn).sum()) > _MOST_CORNERS and step < 1.0:
        step *= 4
        drawn = list(shapely.simplify(drawn, step))
    return [shapely.transform(shape, lambda places: places.round(_DECIMALS)) for shape in drawn]
