"""Files in: read, understood, checked, and stored all or nothing, with a report of every row."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from geodata import formats
from geodata.formats import osm
from geodata.formats.table import Table
from geodata.ingest import kind_of
from geodata.ingest.errors import BadOption
from geodata.ingest.evidence import Surroundings, Witnesses
from geodata.ingest.kinds import PLACE_COLUMNS, Job, Kind, Record
from geodata.ingest.references import References
from geodata.ingest.report import ImportReport
from geodata.ingest.rows import Progress, distinct
from geodata.ingest.understanding import understood
from geodata.models import (
    LEVELS,
    BasemapFeature,
    CalendarDay,
    DutyGrid,
    DutyRule,
    FilingRule,
    GazetteerEntry,
    ImportRun,
    Installation,
    Project,
    Ticket,
)
from geodata.models.base import Base, Stamped
from geodata.queries import duty_list, generations, positions
from geodata.queries import imports as queries
from geodata.queries.loading import Merged, merge
from geodata.queries.rules import close_versions
from geodata.queries.stamping import today
from geodata.queries.tickets import next_numbers
from geodata.services import announcements, import_changes
from geodata.services.areas import after_areas, before_areas
from geodata.services.basemap import after_basemap
from geodata.services.calendar_changes import after_calendar
from geodata.services.calendars import forget
from geodata.services.datum_detection import finding_of
from geodata.services.datums import UNKNOWN, datum_named, is_unknown
from geodata.services.duty_grids import after_duty_grids
from geodata.services.extracts import staged_extract
from geodata.services.gazetteer import take_extract, take_gazetteer
from geodata.services.installation import installation
from geodata.services.project_imports import after_projects
from geodata.services.pyramid import fold
from geodata.services.search import refresh as refresh_names
from geodata.services.stamps import restamp, stamp
from spatial.codes import CodePattern
from spatial.detective import Detection

__all__ = ["ImportReport", "import_file"]

# Of these a version begins where the one before it ends.
_CLOSE_VERSIONS: dict[type[Base], Callable[[Session], None]] = {
    FilingRule: close_versions,
    DutyRule: duty_list.close_versions,
}

_KEPT_TOGETHER = (*PLACE_COLUMNS, "origin")


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
        job = _job(session, settings, wanted, path, datum=datum or osm.FIXED_DATUM, source=source)
        job.report.dry_run = dry_run
        with staged_extract(
            session, job, path, layer=layer, mapping=mapping, trust_datum=trust_datum, progress=progress
        ) as extract:
            _refuse_bad(job, skip_bad=skip_bad)
            if not job.report.is_refused and extract.has_rows:
                with _undone_if(session, is_dry=dry_run):
                    take_extract(session, job, extract)
        _end(session, job, path, dry_run=dry_run, actor=actor)
        return job.report
    table = formats.read(path, layer=layer, named=wanted.shape == "mixed")
    datum = table.fixed_datum if datum is None else datum
    if datum is not None and is_unknown(datum):
        return _only_weighed(session, wanted, path, table, mapping=mapping, actor=actor)
    job = _job(session, settings, wanted, path, datum=datum, level=level, valid_from=valid_from, source=source)
    job.report.dry_run = dry_run
    job.report.rows = len(table.rows)
    job.is_extract = table.fixed_datum is not None
    job.is_whole = job.is_extract and layer is None
    records = understood(job, table, mapping=mapping, trust_datum=trust_datum, progress=progress)
    detected = _detected(session, job, table, path, mapping=mapping)
    # of a city's extract the rows alone are some hundred megabytes
    del table
    good = _finished(job, records)
    _judge(session, job, records, settings, trust_datum=trust_datum, detected=detected)
    _refuse_bad(job, skip_bad=skip_bad)
    if not job.report.is_refused and (good or job.beside):
        with _undone_if(session, is_dry=dry_run):
            _store(session, job, good, settings, actor=actor)
            if wanted.model is BasemapFeature:
                after_basemap(session, job, records)
            if wanted.model is CalendarDay:
                after_calendar(session, job)
        if dry_run and wanted.model is CalendarDay:
            # the days that were read are none
            forget(session)
    _end(session, job, path, dry_run=dry_run, actor=actor)
    return job.report


def _refuse_bad(job: Job, *, skip_bad: bool) -> None:
    if job.report.problems and not skip_bad and job.report.refused is None:
        job.report.refused = (
            f"{job.report.bad} of {job.report.rows} rows have problems, so nothing was stored; correct them, "
            "or store the others with --skip-bad"
        )


def _end(session: Session, job: Job, path: Path, *, dry_run: bool, actor: str) -> None:
    if not dry_run:
        refresh_names(session)
        _record(session, job.report, path, actor=actor)


def _only_weighed(
    session: Session, kind: Kind, path: Path, table: Table, *, mapping: Mapping[str, str] | None, actor: str
) -> ImportReport:
    """The verdict on a file whose datum nobody knows."""
    report = ImportReport(kind.name, path.name, datum=UNKNOWN, rows=len(table.rows))
    finding = finding_of(session, table, path, mapping=mapping)
    report.note("datum_detected", finding.detection.says(), finding.to_json())
    report.refused = f"The datum was declared as unknown. {finding.detection.says()} {finding.advice}"
    _record(session, report, path, actor=actor)
    return report


def _detected(
    session: Session, job: Job, table: Table, path: Path, *, mapping: Mapping[str, str] | None
) -> Detection | None:
    """What the places of the file look like, None where it has none or its format lays the datum down."""
    has_places = "lon" in job.fields or table.geometries is not None
    if job.datum is None or job.kind.shape is None or not has_places or table.fixed_datum is not None:
        return None
    return finding_of(session, table, path, mapping=mapping, declared=job.datum, source=job.source).detection


def _record(session: Session, report: ImportReport, path: Path, *, actor: str) -> None:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    run = ImportRun(kind=report.kind, file_name=path.name, sha256=digest, datum=report.datum, actor=actor)
    run.report = report.to_json()
    session.add(run)
    session.flush()
    import_changes.settle(session, run)


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
) -> Job:
    declared = None if datum is None else datum_named(session, datum)
    day = today(session)
    return Job(
        kind=kind,
        report=ImportReport(kind.name, path.name, datum=None if declared is None else declared.name),
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


def _judge(
    session: Session,
    job: Job,
    records: Sequence[Record],
    settings: Installation,
    *,
    trust_datum: bool,
    detected: Detection | None,
) -> None:
    """Weigh the declared datum; set the verdict, and `refused` where the evidence is against it."""
    # the datum of an extract is laid down
    if job.datum is None or (job.is_extract and job.kind.shape == "mixed"):
        return
    report = job.report
    reasons: list[str | None] = []
    # a base map reaches over the district on all sides: its roads alone bear witness
    has_borders = job.kind.shape != "feature"
    around = _surroundings(session, job, settings)
    witnesses = Witnesses(records if has_borders else [], job)
    if has_borders:
        report.verdict = witnesses.verdict(around)
        reasons.append(witnesses.elsewhere(around))
    if job.hint is not None and job.hint != job.datum:
        reasons.insert(0, f"The headings of the coordinates say {job.hint}, and {job.datum} was declared.")
    if report.verdict is not None and report.verdict.contradicts:
        reasons.append(report.verdict.says())
    elif detected is not None and detected.contradicts(job.datum):
        reasons.append(f"Declared as {job.datum}, but: {detected.says()}")
    if detected is not None and detected.zone is not None and job.datum.is_projected:
        zone, srid = detected.zone
        if srid != job.datum.srid:
            told = f"the eastings begin with the number of zone {zone}, as in EPSG:{srid}; {job.datum} was declared"
            report.note("zone_in_front", told, {"zone": zone, "srid": srid})
    told = " ".join(reason for reason in reasons if reason)
    if told and trust_datum:
        report.note("datum_trusted", f"taken as {job.datum}, as you said to, although: {told}")
    elif told:
        report.refused = f"{told} Nothing was stored; if the datum is right all the same, say --trust-datum."
    witnesses.note_strays(around)


def _surroundings(session: Session, job: Job, settings: Installation) -> Surroundings:
    district = generations.district(session)
    # an outline made of towns says nothing about more towns, nor about the district itself
    is_witness = job.level not in {"district", "town"} or (job.level == "town" and district.origin != "derived")
    return Surroundings(
        outline=district.geom if is_witness else None,
        towns=job.references.area_shapes("town"),
        names={area.code: area.name for area in job.references.areas("town")},
        metre_srid=settings.metre_srid,
    )


@contextmanager
def _undone_if(session: Session, *, is_dry: bool) -> Iterator[None]:
    """A savepoint around the storing: undone after a dry run, and after any error."""
    savepoint = session.begin_nested()
    try:
        if not is_dry:
            import_changes.begin(session)
        yield
        session.flush()
    except BaseException:
        savepoint.rollback()
        raise
    if is_dry:
        savepoint.rollback()
    else:
        savepoint.commit()


def _store(session: Session, job: Job, records: Sequence[Record], settings: Installation, *, actor: str) -> None:
    kind, report = job.kind, job.report
    if kind.model is GazetteerEntry:
        take_gazetteer(session, job, records)
        return
    if kind.model is Ticket:
        _number(session, job, records)
    if kind.name == "areas":
        before_areas(session, job)
    columns = list(dict.fromkeys(name for record in records for name in record.values))
    rows = ([record.values.get(name) for name in columns] for record in records)
    merged = merge(
        session,
        kind.model,
        columns,
        rows,
        key=kind.key,
        where=kind.key_where,
        kept_together=_KEPT_TOGETHER,
        only_new=job.only_new,
    )
    report.stored, report.changed, report.unchanged = len(merged.stored), len(merged.changed), merged.unchanged
    session.expire_all()
    if issubclass(kind.model, Stamped):
        stamp(session, kind.model, ids=sorted({*merged.stored, *merged.moved}))
    _follow(session, job, merged, records, settings, actor=actor)


def _follow(
    session: Session,
    job: Job,
    merged: Merged,
    records: Sequence[Record],
    settings: Installation,
    *,
    actor: str,
) -> None:
    """Do what comes after the storing, by kind."""
    kind = job.kind
    if kind.model is Ticket:
        _keep_history(session, job, merged, settings, actor=actor)
        fold(session)
    if kind.model is Project:
        after_projects(session, job, merged, actor=actor)
    if kind.name == "areas":
        after_areas(session, job, merged, metre_srid=settings.metre_srid)
    if kind.model in _CLOSE_VERSIONS:
        _CLOSE_VERSIONS[kind.model](session)
    if kind.model is DutyGrid:
        after_duty_grids(session, job, merged, records, metre_srid=settings.metre_srid)
    if kind.name == "grid" and (merged.stored or merged.changed):
        restamp(session)


def _number(session: Session, job: Job, records: Sequence[Record]) -> None:
    """Give every ticket its number: the one it has, or a new one of the day it was reported."""
    known = queries.numbers_there(session, job.source)
    new = [record for record in records if record.values["source_ref"] not in known]
    days = [record.values["reported_at"].astimezone(job.zone).date() for record in new]
    for record, number in zip(new, next_numbers(session, days), strict=True):
        record.values["number"] = number
    for record in records:
        record.values.setdefault("number", known.get(record.values["source_ref"]))


def _keep_history(session: Session, job: Job, merged: Merged, settings: Installation, *, actor: str) -> None:
    """Offices and events of the tickets that are new or changed."""
    queries.set_offices(session, sorted({*merged.stored, *merged.moved}), district_code=settings.code)
    queries.touch(session, merged.changed)
    facts: dict[str, object] = {"source": job.source, "file": job.report.file}
    told = queries.add_events(session, [*merged.stored, *merged.changed], actor=actor, facts=facts)
    announcements.tell(session, told, actions={"import"})
    session.expire_all()
