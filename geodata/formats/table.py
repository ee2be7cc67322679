"""What every reader hands over: rows of plain cells, and the geometry beside them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

# A `date` (a datetime is one) or `time` only comes from a cell that the file itself types as such.
Value: TypeAlias = str | int | float | bool | date | time | None
Row: TypeAlias = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Note:
    """Something a user should know that stops nothing: a fixed word, its facts, and a sentence."""

    word: str
    text: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The note as plain data."""
        return {"word": self.word, "text": self.text, "facts": dict(self.facts)}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one cell, or with a row as a whole; `index` counts the rows from 0."""

    index: int
    field: str
    value: str
    reason: str


@dataclass(slots=True)
class Table:
    """A file's content, not yet understood.

    columns       headings in the file's order, each once.
    rows          one dict per row, a key for every column; an empty cell is None.
    numbers       each row's number as its user counts: the row of the sheet (the heading is row 1),
                  or the feature, from 1.
    geometries    shapely geometries in the file's own coordinates, None where a feature has none;
                  None as a whole when the format holds no geometry.
    declared_crs  what the file says of its coordinates: `EPSG:N` or WKT. Never taken as true.
    faults        cells and rows that could not be read.
    fixed_datum   the datum that the format itself lays down and everybody keeps to; None for nearly all.
    closed_rings  per row index, the widest gap in metres (or units) between the ends of a ring closed here.
    """

    columns: tuple[str, ...]
    rows: list[Row]
    numbers: list[int]
    geometries: NDArray[np.object_] | None = None
    declared_crs: str | None = None
    fixed_datum: str | None = None
    notes: list[Note] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    closed_rings: dict[int, float] = field(default_factory=dict)


def unique_headings(headings: list[str], notes: list[Note]) -> list[str]:
    """Headings made different: a repeated one gets its count, `name (2)`, and a note."""
    seen: dict[str, int] = {}
    made = []
    for heading in headings:
        seen[heading] = seen.get(heading, 0) + 1
        made.append(heading if seen[heading] == 1 else f"{heading} ({seen[heading]})")
    repeated = sorted(heading for heading, count in seen.items() if count > 1 and heading)
    if repeated:
        text = f"headings that stand more than once were numbered: {', '.join(repeated)}"
        notes.append(Note("repeated_heading", text, {"headings": repeated}))
    return made
