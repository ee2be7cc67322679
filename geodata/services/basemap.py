"""What follows from an import of base map features: those that are gone go, and other sources are told of."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from geodata.ingest.kinds import Job, Record
from geodata.models import AREA_THEMES, LINE_THEMES
from geodata.queries import basemap as queries

ALL_THEMES = frozenset((*LINE_THEMES, *AREA_THEMES))


def after_basemap(session: Session, job: Job, records: Sequence[Record]) -> None:
    """Remove what the same source has no more, and note it; `records` are all rows of the file.

    A file with a column `theme` says nothing of the themes that are not in it: roads and buildings may
    come in files of their own.
    """
    themes = ALL_THEMES
    if "theme" in job.fields:
        themes = frozenset(record.cells["theme"] for record in records if record.cells.get("theme")) or ALL_THEMES
    # a row with a problem is still in the file
    refs = {str(record.values.get("source_ref") or record.cells.get("id")) for record in records}
    gone = queries.remove_gone(session, source=job.source, themes=themes, refs=refs)
    if gone:
        text = f"{gone} features of the source {job.source} are not in the file any more and were removed"
        job.report.note("removed", text, {"count": gone})
    for other in queries.other_sources(session, source=job.source, themes=themes):
        text = (
            f"{other.features} features of the source {other.source} are drawn as well; "
            f"to replace them, import with --source {other.source}"
        )
        job.report.note("other_source", text, other._asdict())
