"""Files in: read, understood, checked, and stored all or nothing, with a report of every row."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from geodata import formats
from geodata.formats import osm
from geodata.formats.table import Table
from geodata.ingest import kind_of
from geodata.ingest.columns import refuse_personal
from geodata.ingest.errors import BadOption
from geodata.ingest.kinds import Job, Kind, Record
from geodata.ingest.preview import FieldSeen, Preview, seen_fields, without
from geodata.ingest.references import References
from geodata.ingest.report import ImportReport
from geodata.ingest.rows import Progress, distinct
from geodata.ingest.understanding import asked, understood
from geodata.models import LEVELS, BasemapFeature, CalendarDay, ImportRun, Installation
from geodata.queries import positions
from geodata.queries.stamping import today
from geodata.services import import_changes
from geodata.services.basemap import after_basemap
from geodata.services.calendar_changes import after_calendar
from geodata.services.calendars import forget
from geodata.services.datum_detection import finding_of
from geodata.services.datum_judgement import judge, looks_of
from geodata.services.datums import UNKNOWN, datum_named, is_unknown
from geodata.services.extracts import staged_extract
from geodata.services.gazetteer import take_extract
from geodata.services.import_storing import store, undone_if
from geodata.services.installation import installation
from geodata.services.search import refresh as refresh_names
from spatial.codes import CodePattern

__all__ = ["ImportReport", "fields_of", "import_file"]


def import_file(
    session: Session,
    kind: str,
    path: Path,
    *,
    datum: str | None = None,
    level: str | None = None,
    mapping: Mapping[str, str] | None = None,
    layer: str | None = None,
    valid_from: date | None = None,
    source: str | None = None,
    dry_run: bool = False,
    skip_bad: bool = False,
    trust_datum: bool = False,
    actor: str = "system",
    progress: Progress | None = None,
    name: str | None = None,
    leave_out: Collection[str] = (),
    preview: Preview | None = None,
) -> ImportReport:
    """Take a file in, and tell what came of it.

    kind         one of `geodata.ingest.KINDS` by name.
    datum        what the file's coordinates mean, as `datum_named` reads it; needed whenever there are any,
                 but for formats that lay it down (OpenStreetMap). `unknown` stores nothing and gives the verdict.
    level        of areas: `district`, `town` or `village`.
    mapping      field → heading for headings that are not recognised; field → `=value` for all rows.
    layer        sheet or layer, where the file has several.
    valid_from   of areas: the day this generation begins; None adds to the one in force today.
    source       where the records are from; with the number there it names a ticket or a feature of the
                 base map, and a gazetteer entry by its place. The file's name without ending unless told.
    dry_run      do everything and undo it: the figures are those of the real run.
    skip_bad     store the good rows although others have problems; otherwise it is all or nothing.
    trust_datum  go on although evidence contradicts the declared datum.
    progress     called with rows done and rows in all.
    name         what the file is called where it is told; its own name unless said.
    leave_out    headings to be taken as if the file did not have them; those about persons are refused all the same.
    preview      filled with what is stored, or of a dry run would be; of extracts of OpenStreetMap with nothing.

    Nothing is stored when the report's `refused` says why. The same file again stores nothing and
    changes nothing. Positions without an accuracy of their own count as good to 10 m, whatever their
    datum, or to what their decimals allow. Raises ImportRefused and FileRefused for an import that
    cannot begin, UnknownDatum, DecodingOff, NotFound for a missing file, and NotInitialised.
    """
    wanted = kind_of(kind)
    _check_options(wanted, level, valid_from)
    settings = installation(session)
    session.flush()
    import_changes.hold(session)
    is_known = datum is None or not is_unknown(datum)
    if wanted.shape == "mixed" and is_known and path.is_file() and formats.comes_in_batches(path):
        job = _job(session, settings, wanted, path, datum=datum or osm.FIXED_DATUM, source=source, name=name)
        job.report.dry_run = dry_run
        with staged_extract(
            session, job, path, layer=layer, mapping=mapping, trust_datum=trust_datum, progress=progress
        ) as extract:
            _refuse_bad(job, skip_bad=skip_bad)
            if not job.report.is_refused and extract.has_rows:
                with undone_if(session, is_dry=dry_run):
                    take_extract(session, job, extract)
        _end(session, job, path, dry_run=dry_run, actor=actor)
        return job.report
    table = formats.read(path, layer=layer, named=wanted.shape == "mixed")
    refuse_personal(table.columns)
    without(table, leave_out)
    datum = table.fixed_datum if datum is None else datum
    if preview is not None:
        preview.see_table(table)
    is_known = datum is None or not is_unknown(datum)
    job = _job(
        session,
        settings,
        wanted,
        path,
        datum=datum if is_known else None,
        level=level,
        valid_from=valid_from,
        source=source,
        name=name,
    )
    job.preview = preview
    job.report.dry_run = dry_run
    if not is_known:
        return _only_weighed(session, job, path, table, mapping=mapping, actor=actor)
    job.report.rows = len(table.rows)
    job.is_extract = table.fixed_datum is not None
    job.is_whole = job.is_extract and layer is None
    records = understood(job, table, mapping=mapping, trust_datum=trust_datum, progress=progress)
    looks = looks_of(session, job, table, path, mapping=mapping)
    # of a city's extract the rows alone are some hundred megabytes
    del table
    good = _finished(job, records)
    detected = None if looks is None else looks.detection
    judge(session, job, records, settings, trust_datum=trust_datum, detected=detected)
    if preview is not None:
        preview.finding = None if looks is None else looks.to_json()
        preview.see_records(records, job)
    _refuse_bad(job, skip_bad=skip_bad)
    if not job.report.is_refused and (good or job.beside):
        with undone_if(session, is_dry=dry_run):
            store(session, job, good, settings, actor=actor)
            if wanted.model is BasemapFeature:
                after_basemap(session, job, records)
            if wanted.model is CalendarDay:
                after_calendar(session, job)
        if dry_run and wanted.model is CalendarDay:
            # the days that were read are none
            forget(session)
    _end(session, job, path, dry_run=dry_run, actor=actor)
    return job.report


def fields_of(session: Session, kind: Kind) -> list[FieldSeen]:
    """What a row of this kind may tell, and the headings that are recognised; of areas those of villages."""
    level = "village" if kind.name == "areas" else None
    job = _job(session, installation(session), kind, Path(kind.name), datum=None, source="", level=level)
    return seen_fields(kind.fields(job), places=kind.shape in {"point", "mixed"})


def _refuse_bad(job: Job, *, skip_bad: bool) -> None:
    if job.report.problems and not skip_bad and job.report.refused is None:
        job.report.refused_for = "rows"
        job.report.refused = (
            f"{job.report.bad} of {job.report.rows} rows have problems, so nothing was stored; correct them, "
            "or store the others with --skip-bad"
        )


def _end(session: Session, job: Job, path: Path, *, dry_run: bool, actor: str) -> None:
    if not dry_run:
        refresh_names(session)
        _record(session, job.report, path, actor=actor)


def _only_weighed(
    session: Session, job: Job, path: Path, table: Table, *, mapping: Mapping[str, str] | None, actor: str
) -> ImportReport:
    """The verdict on a file whose datum nobody knows."""
    report = job.report
    report.datum, report.rows = UNKNOWN, len(table.rows)
    finding = finding_of(session, table, path, mapping=mapping, source=job.source)
    if job.preview is not None:
        asked(job, table, mapping=mapping)
        job.preview.finding = finding.to_json()
    report.note("datum_detected", finding.detection.says(), finding.to_json())
    report.refused = f"The datum was declared as unknown. {finding.detection.says()} {finding.advice}"
    if not report.dry_run:
        _record(session, report, path, actor=actor)
    return report


def _record(session: Session, report: ImportReport, path: Path, *, actor: str) -> None:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    run = ImportRun(kind=report.kind, file_name=report.file, sha256=digest, datum=report.datum, actor=actor)
    run.report = report.to_json()
    session.add(run)
    session.flush()
    import_changes.settle(session, run)
    report.run_id = run.id


def _check_options(kind: Kind, level: str | None, valid_from: date | None) -> None:
    if kind.name == "areas":
        if level not in LEVELS:
            raise BadOption("--level", f"areas need one of {', '.join(LEVELS)}")
        return
    if level is not None:
        raise BadOption("--level", f"only areas have a level, {kind.name} do not")
    if valid_from is not None:
        raise BadOption("--valid-from", f"only areas have generations, {kind.name} do not")


def _job(
    session: Session,
    settings: Installation,
    kind: Kind,
    path: Path,
    *,
    datum: str | None,
    source: str | None,
    level: str | None = None,
    valid_from: date | None = None,
    name: str | None = None,
) -> Job:
    declared = None if datum is None else datum_named(session, datum)
    day = today(session)
    return Job(
        kind=kind,
        report=ImportReport(kind.name, name or path.name, datum=None if declared is None else declared.name),
        references=References(session, settings, today=day),
        pattern=CodePattern.parse(settings.code_pattern),
        district_code=settings.code,
        district_name=settings.name,
        zone=ZoneInfo(settings.timezone),
        today=day,
        datum=declared,
        level=level,
        valid_from=valid_from,
        source=path.stem.removesuffix(".osm") if source is None else source,
        extent=positions.extent(session) if kind.shape in {"feature", "mixed"} else None,
    )


def _finished(job: Job, records: Sequence[Record]) -> list[Record]:
    """The records that can be stored, one per key, with their values filled."""
    report = job.report
    if job.kind.place_required:
        bad = {problem.row for problem in report.problems}
        for record in records:
            if record.lon is None and record.shape is None and record.row not in bad:
                job.problem(record, "position", "it has no position, and this kind needs one", "")
    bad = {problem.row for problem in report.problems}
    good = [record for record in records if record.row not in bad]
    job.kind.finish(good, job)
    good = distinct([record for record in (*good, *job.extra) if record.values], job)
    bad = {problem.row for problem in report.problems}
    report.problems.sort(key=lambda problem: problem.row)
    return [record for record in good if record.row not in bad]
