"""Extracts of OpenStreetMap on their way into the gazetteer: read, understood and staged a batch at a time.

A city has hundreds of thousands of features, and no more than a batch of them is held. What becomes of them waits in
temporary tables, so that all of it is stored, or, where one row is bad, nothing.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.orm import Session

from geodata import formats
from geodata.formats.osm import Batches
from geodata.geocode.geocoder import without_collecting
from geodata.ingest.gazetteer import Extract
from geodata.ingest.kinds import Job
from geodata.ingest.mixed_shapes import place_mixed
from geodata.ingest.rows import Progress, checked
from geodata.ingest.understanding import bound
from geodata.services.gazetteer import StagedExtract

_COARSE = "coarse"


@contextmanager
def staged_extract(
    session: Session,
    job: Job,
    path: Path,
    *,
    layer: str | None,
    mapping: Mapping[str, str] | None,
    trust_datum: bool,
    progress: Progress | None,
) -> Iterator[StagedExtract]:
    """What an extract becomes, staged, with all problems in the job's report; gone at the end of the block.

    progress   called with features done and features in all, after each batch.

    Raises ImportRefused and FileRefused for a file that cannot be begun, or is damaged.
    """
    job.is_extract, job.is_whole = True, layer is None
    with formats.in_batches(path, layer=layer) as extract:
        staged = StagedExtract(session)
        try:
            with without_collecting():
                _stage(job, extract, staged, mapping=mapping, trust_datum=trust_datum, progress=progress)
            # before the savepoint of a dry run, which would take the tables along
            staged.analyse()
            yield staged
        finally:
            staged.drop()


def _stage(
    job: Job,
    extract: Batches,
    staged: StagedExtract,
    *,
    mapping: Mapping[str, str] | None,
    trust_datum: bool,
    progress: Progress | None,
) -> None:
    report = job.report
    fields, binding = bound(job, extract.head, mapping=mapping, trust_datum=trust_datum)
    if not extract.total:
        report.note("empty_file", "the file has no rows")
    taking, coarse_m = Extract(job), []
    for table in extract.tables:
        report.rows += len(table.rows)
        records = checked(table, binding, fields, job)
        place_mixed(records, job)
        coarse_m.append(job.coarse_m)
        entries, roads = taking.take(records)
        staged.entries.add(entries)
        staged.roads.add(roads)
        if progress:
            progress(report.rows, extract.total)
    # one batch with enough decimals tells that there are enough
    job.coarse_m = min(coarse_m, default=0.0)
    told = [note for note in report.notes if note.word == _COARSE]
    report.notes = [note for note in report.notes if note.word != _COARSE]
    if job.coarse_m and len(told) == len(coarse_m):
        report.notes.append(told[-1])
    entries, aliases = taking.finish()
    staged.entries.add(entries)
    staged.aliases.add(aliases)
    report.problems.sort(key=lambda problem: problem.row)
