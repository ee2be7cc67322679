"""From a table to records: columns bound to the fields of the kind, cells checked, places brought to WGS 84."""

from collections.abc import Mapping, Sequence

from geodata.formats.table import Table
from geodata.ingest.columns import Asked, Binding, Field, bind
from geodata.ingest.errors import FieldsMissing
from geodata.ingest.kinds import Job, Record
from geodata.ingest.mixed_shapes import place_mixed
from geodata.ingest.places import place_features, place_points, place_shapes, require_datum
from geodata.ingest.rows import Progress, checked


def asked(job: Job, table: Table, *, mapping: Mapping[str, str] | None) -> tuple[Sequence[Field], Asked]:
    """The fields of the kind, and what `bind` is told to find their columns by; shown to whoever previews the job."""
    has_shapes = job.kind.shape is not None and table.geometries is not None
    fields = job.kind.fields(job)
    how: Asked = {
        "mapping": mapping,
        "places": job.kind.shape in {"point", "mixed"} and not has_shapes,
        "declared": job.datum,
        "posts_only": job.kind.posts_only,
    }
    if job.preview is not None:
        job.preview.see_fields(fields, table.columns, how)
    return fields, how


def bound(
    job: Job, table: Table, *, mapping: Mapping[str, str] | None, trust_datum: bool
) -> tuple[Sequence[Field], Binding]:
    """The fields of the kind and the columns that hold them; what the file tells goes into the job.

    Raises what `bind` and `require_datum` do.
    """
    report = job.report
    report.notes.extend(table.notes)
    fields, how = asked(job, table, mapping=mapping)
    has_shapes = job.kind.shape is not None and table.geometries is not None
    binding = bind(fields, table.columns, **how)
    job.hint = binding.place_hint
    if binding.unused:
        listed = ", ".join(binding.unused)
        report.note("unused_columns", f"columns not taken in: {listed}", {"columns": list(binding.unused)})
    if binding.of_holders:
        listed = ", ".join(binding.of_holders)
        text = f"columns about persons stay outside: {listed}; what is kept is the post, whoever is on it"
        report.note("columns_of_persons", text, {"columns": list(binding.of_holders)})
    has_places = "lon" in binding.sources or has_shapes
    require_datum(job, table, has_places=has_places, trust_datum=trust_datum)
    if job.kind.place_required and not has_places:
        raise FieldsMissing(["lon", "lat"] if job.kind.shape == "point" else ["geometry"], table.columns)
    if job.kind.instead_of_shape and not has_shapes and job.kind.instead_of_shape not in binding.sources:
        raise FieldsMissing([job.kind.instead_of_shape], table.columns)
    is_point = job.kind.shape in {"point", "mixed"}
    names = set(binding.sources) | ({"lon", "lat"} if has_shapes and is_point else set())
    job.fields = frozenset(names | ({"geometry"} if has_shapes else set()))
    return fields, binding


def understood(
    job: Job, table: Table, *, mapping: Mapping[str, str] | None, trust_datum: bool, progress: Progress | None
) -> list[Record]:
    """The rows as records, placed in WGS 84, with all their problems told."""
    if not table.rows:
        job.report.note("empty_file", "the file has no rows")
    fields, binding = bound(job, table, mapping=mapping, trust_datum=trust_datum)
    records = checked(table, binding, fields, job, progress=progress)
    if job.kind.shape == "point":
        place_points(records, job)
    elif job.kind.shape == "polygon":
        place_shapes(records, job, table)
    elif job.kind.shape == "feature":
        place_features(records, job)
    elif job.kind.shape == "mixed":
        place_mixed(records, job)
    return records
