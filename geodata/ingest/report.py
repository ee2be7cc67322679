"""What came of an import, row by row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from geodata.formats.table import Note
from spatial.datum_check import DatumVerdict

# A report is kept with its import; a file of a million bad rows must not become a million lines there.
KEPT = 1000


class Problem(NamedTuple):
    """Why a row is not taken: its number as its user counts, the field, what stands there, and the reason."""

    row: int
    field: str
    value: str
    reason: str


class RowRepair(NamedTuple):
    """A change made to the geometry of a row; areas on the ellipsoid, before and after all changes to it."""

    row: int
    what: str
    detail: str
    area_before_m2: float
    area_after_m2: float


@dataclass(slots=True)
class ImportReport:
    """Figures and findings of one import.

    rows        rows with content in the file.
    stored, changed, unchanged   records that are new, differ from before, or were there already.
    bad         rows with at least one problem.
    problems    all of them, in the order of the rows.
    notes       what a user should know and what stops nothing.
    repairs     every change made to a geometry.
    verdict     how the declared datum fared, None where nothing could be weighed.
    refused     why nothing was stored, None when the import went through; `refused_for` is what that is about.
    run_id      of the import that was written down, None for a dry run.
    """

    kind: str
    file: str
    datum: str | None = None
    dry_run: bool = False
    rows: int = 0
    stored: int = 0
    changed: int = 0
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    repairs: list[RowRepair] = field(default_factory=list)
    verdict: DatumVerdict | None = None
    refused: str | None = None
    refused_for: Literal["datum", "rows"] | None = None
    run_id: int | None = None

    @property
    def bad(self) -> int:
        """Rows with at least one problem."""
        return len({problem.row for problem in self.problems})

    @property
    def is_refused(self) -> bool:
        """Whether nothing was stored because of what was found."""
        return self.refused is not None

    def note(self, word: str, text: str, facts: Mapping[str, Any] | None = None) -> None:
        """Add a note."""
        self.notes.append(Note(word, text, facts or {}))

    def words(self) -> list[str]:
        """The fixed words of the notes, in order."""
        return [note.word for note in self.notes]

    def to_json(self) -> dict[str, Any]:
        """The report as plain data; at most KEPT problems and repairs, with their full counts beside."""
        verdict = self.verdict
        return {
            "kind": self.kind,
            "file": self.file,
            "datum": self.datum,
            "dry_run": self.dry_run,
            "rows": self.rows,
            "stored": self.stored,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "bad": self.bad,
            "refused": self.refused,
            "problems": [problem._asdict() for problem in self.problems[:KEPT]],
            "problem_count": len(self.problems),
            "notes": [note.to_json() for note in self.notes],
            "repairs": [repair._asdict() for repair in self.repairs[:KEPT]],
            "repair_count": len(self.repairs),
            "verdict": None if verdict is None else _verdict_json(verdict),
        }


def _verdict_json(verdict: DatumVerdict) -> dict[str, Any]:
    return {
        "declared": verdict.declared.name,
        "best": verdict.best.name,
        "contradicts": verdict.contradicts,
        "margin_nats": round(verdict.margin_nats, 1),
        "says": verdict.says(),
        "weights": [
            {
                "datum": weight.datum.name,
                "inside": weight.inside,
                "inside_of": weight.inside_of,
                "named": weight.named,
                "named_of": weight.named_of,
                "median_m": None if weight.median_m is None else round(weight.median_m, 1),
            }
            for weight in verdict.weights
        ],
    }
