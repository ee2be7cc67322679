"""Addresses that wait for a person, as a spreadsheet: written out, filled in, read back."""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from geodata.errors import BadSetting
from geodata.formats import delimited, family_of, read, xlsx
from geodata.formats.table import Row, Value
from geodata.geocode.answers import Candidate
from geodata.geocode.text import normalise
from geodata.models import GeocodeDecision, GeocodeResult
from geodata.services.placing import is_place
from spatial.coordinates import Coordinates
from spatial.crs import Datum
from spatial.errors import DecodingOff, UnknownDatum

CANDIDATES_SHOWN = 3
HEADINGS = (
    *("kind", "code", "text", "parsed", "why"),
    *(f"candidate_{number}" for number in range(1, CANDIDATES_SHOWN + 1)),
    *("decision", "lon", "lat", "datum", "remember"),
)
NOWHERE = {"none", "nowhere", "no", "无", "没有", "无法定位"}
REMEMBER = {"yes", "y", "是", "记住"}
FORGET = {"", "no", "n", "否"}

# What a workbook offers to choose from.
OFFERED = {
    "decision": ("1", "2", "3", "none"),
    "datum": ("wgs84", "cgcs2000", "gcj02", "bd09"),
    "remember": ("yes", "no"),
}

# Degrees within which two pins are one: a decimetre.
_SAME = 1e-6

# What a workbook refuses to hold.
_CONTROL = re.compile("[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]")


class SheetProblem(NamedTuple):
    """What is wrong with one cell; `row` as the spreadsheet counts (the heading is row 1)."""

    row: int
    field: str
    value: str
    reason: str


class ReviewReport(NamedTuple):
    """What a filled-in sheet came to: rows with a decision (`settled` of them stored), left open, and problems.

    `unchanged` rows hold what was decided already, by this sheet read before or by hand.
    """

    rows: int
    settled: int
    open: int
    problems: tuple[SheetProblem, ...]
    unchanged: int = 0


class SheetDecision(NamedTuple):
    """What one row decides: the keyword arguments of `decide`."""

    kind: str
    code: str
    choice: dict[str, Any]


DatumOf = Callable[[str], Datum]
Waiting = Mapping[tuple[str, str], GeocodeResult]
Standing = Mapping[tuple[str, str], GeocodeDecision]


def sheet(path: Path | str, rows: list[GeocodeResult]) -> None:
    """Write results to `path`, by its ending as workbook or CSV, text never as formula. Raises BadSetting."""
    target = Path(path)
    lines = [_line(row) for row in rows]
    if _family(target) is xlsx:
        target.write_bytes(xlsx.write(HEADINGS, lines, sheet="review", choices=OFFERED))
    else:
        target.write_bytes(b"".join(delimited.write(HEADINGS, lines)))


def read_sheet(
    path: Path | str, waiting: Waiting, standing: Standing | None = None, *, datum_of: DatumOf = Datum.parse
) -> tuple[ReviewReport, list[SheetDecision]]:
    """The decisions of a sheet, in its order, and every problem; nothing is stored.

    `standing` are decisions that hold already: a row that says the same as one of them is no news.

    A decision is the number of a candidate, a word for "has no place", or a pin: lon, lat and their
    datum, which has no default. Rows whose address or chosen candidate is no longer what the sheet
    shows are problems, as the decision was about something else.
    """
    target = Path(path)
    _family(target)
    table = read(target)
    problems = [SheetProblem(1, name, "", "this column is missing") for name in _missing(table.columns)]
    decisions: list[SheetDecision] = []
    seen: set[tuple[str, str]] = set()
    open_rows = unchanged = 0
    for number, row in zip(table.numbers, [] if problems else table.rows, strict=False):
        cells = {name: _text(row, name) for name in HEADINGS}
        if not any(cells[name] for name in ("decision", "lon", "lat")):
            open_rows += 1
            continue
        key = (cells["kind"], cells["code"])
        if key not in waiting and key not in seen and _says_the_same(cells, (standing or {}).get(key), datum_of):
            seen.add(key)
            unchanged += 1
            continue
        found = list(_wrong(cells, waiting.get(key), datum_of, is_repeated=key in seen))
        seen.add(key)
        problems += [SheetProblem(number, *fault) for fault in found]
        if not found:
            decisions.append(SheetDecision(*key, _choice(cells)))
    report = ReviewReport(len(table.rows), 0, open_rows, tuple(problems), unchanged)
    return report, decisions


def shown(candidate: Candidate) -> str:
    """A candidate in one line, with whom it came from if not from us; an area without a position shows none."""
    source = "".join(f", {reason.facts['source']}" for reason in candidate.reasons if reason.word == "asked_online")
    if candidate.lon is None or candidate.lat is None:
        return f"{candidate.name} ({candidate.level}{source})"
    error = "" if candidate.error_m is None else f", ±{candidate.error_m:.0f} m"
    return f"{candidate.name} ({candidate.level}, {candidate.lon:.5f} {candidate.lat:.5f}{error}{source})"


def _family(path: Path) -> ModuleType:
    family = family_of(path)
    if family not in {xlsx, delimited}:
        raise BadSetting("the review file", path.name, "a name that ends in .xlsx or .csv")
    return family


def _line(row: GeocodeResult) -> list[Value]:
    parsed = row.why.get("parsed", {})
    candidates = [shown(Candidate.from_record(record)) for record in row.candidates[:CANDIDATES_SHOWN]]
    cells = [
        row.target_kind,
        row.target_code,
        row.text,
        " ".join(f"{name}={value}" for name, value in parsed.items()),
        "; ".join(_said(reason) for reason in row.why.get("reasons", [])),
        *candidates,
        *[""] * (CANDIDATES_SHOWN - len(candidates)),
    ]
    return [*(_CONTROL.sub("", cell) for cell in cells), None, None, None, None, None]


def _said(reason: Mapping[str, Any]) -> str:
    facts = ", ".join(f"{name} {value}" for name, value in reason["facts"].items() if value is not None)
    return f"{reason['word']} ({facts})" if facts else str(reason["word"])


def _missing(columns: tuple[str, ...]) -> list[str]:
    wanted = ("kind", "code", "text", "candidate_1", "candidate_2", "candidate_3", "decision", "lon", "lat", "datum")
    return [name for name in wanted if name not in columns]


def _text(row: Row, name: str) -> str:
    """A cell as text; the apostrophe that disarmed a formula is taken away again."""
    value = row.get(name)
    text = "" if value is None else str(value).strip()
    return text[1:] if text[:1] == "'" and delimited.disarmed(text[1:]) == text else text


Fault = tuple[str, str, str]


def _wrong(
    cells: Mapping[str, str], result: GeocodeResult | None, datum_of: DatumOf, *, is_repeated: bool
) -> Iterator[Fault]:
    if is_repeated:
        yield "code", cells["code"], "this record stands in the sheet more than once; keep one of its rows"
    elif result is None:
        yield "code", cells["code"], "this record does not wait for a decision; write the sheet anew"
    elif normalise(_CONTROL.sub("", result.text)) != normalise(cells["text"]):
        yield "text", cells["text"], f"its address is now {result.text!r}; write the sheet anew"
    elif cells["remember"].lower() not in REMEMBER | FORGET:
        yield "remember", cells["remember"], "write yes, no or nothing"
    elif cells["remember"].lower() in REMEMBER and not cells["decision"].isdecimal():
        yield "remember", cells["remember"], "only a candidate explains a name; choose one, or leave this empty"
    elif cells["lon"] or cells["lat"]:
        yield from _wrong_pin(cells, datum_of)
    elif cells["decision"].isdecimal():
        yield from _wrong_candidate(cells, result)
    elif cells["decision"].lower() not in NOWHERE:
        yield "decision", cells["decision"], "write the number of a candidate, none, or a lon, lat and datum"


def _wrong_candidate(cells: Mapping[str, str], result: GeocodeResult) -> Iterator[Fault]:
    number = int(cells["decision"])
    candidates = [Candidate.from_record(record) for record in result.candidates[:CANDIDATES_SHOWN]]
    if not 1 <= number <= len(candidates):
        yield "decision", cells["decision"], f"there are {len(candidates)} candidates; choose one, or give a position"
    elif not is_place(candidates[number - 1]):
        yield "decision", cells["decision"], "this candidate is an area and has no position; give lon, lat and datum"
    elif _CONTROL.sub("", shown(candidates[number - 1])) != cells[f"candidate_{number}"]:
        yield "decision", cells["decision"], "the candidates have changed since; write the sheet anew"


def _wrong_pin(cells: Mapping[str, str], datum_of: DatumOf) -> Iterator[Fault]:
    if cells["decision"]:
        yield "decision", cells["decision"], "give either a decision or a position, not both"
    numbers = {name: _number(cells[name]) for name in ("lon", "lat")}
    for name, value in numbers.items():
        if value is None:
            yield name, cells[name], "a position needs a number here"
    try:
        datum = datum_of(cells["datum"])
    except (UnknownDatum, DecodingOff) as error:
        yield "datum", cells["datum"], str(error)
        return
    lon, lat = numbers["lon"], numbers["lat"]
    if lon is not None and lat is not None and not math.isfinite(Coordinates(lon, lat, datum).to_wgs84().one()[0]):
        yield "lon", cells["lon"], f"({lon:g}, {lat:g}) is no place on the globe in {datum}"


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _choice(cells: Mapping[str, str]) -> dict[str, Any]:
    if cells["lon"]:
        return {"lon": float(cells["lon"]), "lat": float(cells["lat"]), "datum": cells["datum"]}
    if cells["decision"].isdecimal():
        return {"candidate": int(cells["decision"]), "remember": cells["remember"].lower() in REMEMBER}
    return {"nowhere": True}


def _says_the_same(cells: Mapping[str, str], made: GeocodeDecision | None, datum_of: DatumOf) -> bool:
    """Whether a row decides what stands already."""
    if made is None or normalise(_CONTROL.sub("", made.text)) != normalise(cells["text"]):
        return False
    if cells["lon"] or cells["lat"]:
        return made.choice == "pin" and not any(_wrong_pin(cells, datum_of)) and _is_there(cells, made, datum_of)
    if cells["decision"].isdecimal():
        is_remembered = cells["remember"].lower() in REMEMBER
        return (made.choice, made.candidate, made.remember) == ("candidate", int(cells["decision"]), is_remembered)
    return made.choice == "nowhere" and cells["decision"].lower() in NOWHERE


def _is_there(cells: Mapping[str, str], made: GeocodeDecision, datum_of: DatumOf) -> bool:
    x, y = Coordinates(float(cells["lon"]), float(cells["lat"]), datum_of(cells["datum"])).to_wgs84().one()
    return made.lon is not None and abs(x - made.lon) < _SAME and abs(y - (made.lat or 0.0)) < _SAME
