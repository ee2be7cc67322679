"""Whether a file is in the datum that was declared: what its places look like, and how the claim fares."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy.orm import Session

from geodata.formats.table import Table
from geodata.ingest.evidence import Surroundings, Witnesses
from geodata.ingest.kinds import Job, Record
from geodata.models import Installation
from geodata.queries import generations
from geodata.services.datum_detection import DatumFinding, finding_of
from spatial.detective import Detection


def looks_of(
    session: Session, job: Job, table: Table, path: Path, *, mapping: Mapping[str, str] | None
) -> DatumFinding | None:
    """What the places of the file look like, None where it has none or its format lays the datum down."""
    has_places = "lon" in job.fields or table.geometries is not None
    if job.datum is None or job.kind.shape is None or not has_places or table.fixed_datum is not None:
        return None
    return finding_of(session, table, path, mapping=mapping, declared=job.datum, source=job.source)


def judge(
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
        report.refused_for = "datum"
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
