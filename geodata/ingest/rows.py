"""Rows of a table as records of checked cells, and records of one key brought together."""

from collections.abc import Callable, Sequence

from geodata.formats.table import Table
from geodata.ingest.cells import CellRefused
from geodata.ingest.columns import Binding, Field
from geodata.ingest.kinds import Job, Record
from geodata.ingest.report import Problem
from geodata.ingest.spellings import LAT, LON

Progress = Callable[[int, int], None]

_TELL_EVERY = 1000


def checked(
    table: Table, binding: Binding, fields: Sequence[Field], job: Job, *, progress: Progress | None = None
) -> list[Record]:
    """One record per row, with every cell that can be understood; what cannot is a problem.

    A row has `x` and `y` when both are there; one alone is a problem, neither is a row without a place.
    """
    _tell_faults(table, binding, job)
    asked = [(one, binding.sources[one.name]) for one in (*fields, LON, LAT) if one.name in binding.sources]
    records = []
    for index, (number, row) in enumerate(zip(table.numbers, table.rows, strict=True)):
        record = Record(number, {})
        for one, source in asked:
            _read_cell(record, one, source.of(row), job)
        x, y = record.cells.pop("lon", None), record.cells.pop("lat", None)
        if "lon" in binding.sources:
            _place(record, x, y, job)
        if table.geometries is not None:
            shape = table.geometries[index]
            record.shape = None if shape is None or shape.is_empty else shape
        records.append(record)
        if progress and index % _TELL_EVERY == 0:
            progress(index, len(table.rows))
    if progress:
        progress(len(table.rows), len(table.rows))
    return records


def _read_cell(record: Record, one: Field, value: object, job: Job) -> None:
    record.cells[one.name] = None
    if value is None or (isinstance(value, str) and not value.strip()):
        if one.required:
            job.problem(record, one.name, "it is empty", "")
        return
    try:
        record.cells[one.name] = one.check(value)  # type: ignore[arg-type] # cells of a table are Values
    except CellRefused as refusal:
        job.problem(record, one.name, str(refusal), value)


def _place(record: Record, x: float | None, y: float | None, job: Job) -> None:
    if x is not None and y is not None:
        record.x, record.y = x, y
        return
    told = any(p.row == record.row and p.field in {"lon", "lat"} for p in job.report.problems[-2:])
    if (x is None) != (y is None) and not told:
        job.problem(record, "lat" if y is None else "lon", "one of the two coordinates is missing", "")


def _tell_faults(table: Table, binding: Binding, job: Job) -> None:
    """What the reader could not read, as far as anybody asked for it."""
    names = {source.column: name for name, source in binding.sources.items() if source.column is not None}
    for fault in table.faults:
        if fault.field in {"", "geometry"} or fault.field in names:
            where = names.get(fault.field, fault.field)
            job.report.problems.append(Problem(table.numbers[fault.index], where, fault.value, fault.reason))


def distinct(records: Sequence[Record], job: Job) -> list[Record]:
    """The records of different keys, in the order of the file.

    Rows that say the same under one key count once, with a note; rows that say different things
    under one key are problems, all but the first.
    """
    first: dict[tuple[object, ...], Record] = {}
    same = []
    for record in records:
        key = tuple(record.values[name] for name in job.kind.key)
        there = first.setdefault(key, record)
        if there is record:
            continue
        if there.values == record.values:
            same.append(record.row)
            continue
        differing = [name for name in record.values if record.values[name] != there.values[name]]
        told = ", ".join(str(part) for part in key)
        reason = f"row {there.row} has the same key ({told}) and differs in {', '.join(differing)}"
        job.problem(record, job.kind.key[-1], reason, key[-1])
    if same:
        text = f"{len(same)} rows repeat an earlier row word for word and count once"
        job.report.note("duplicates", text, {"count": len(same), "rows": same})
    return list(first.values())
