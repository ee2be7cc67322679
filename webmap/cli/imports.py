"""`wangge import`: a file of areas, units, points, tickets … into the records."""

from datetime import datetime
from pathlib import Path

import click

from geodata.formats import FORMATS
from geodata.ingest import KINDS
from geodata.services.imports import ImportReport, import_file
from webmap.cli import REFUSED
from webmap.cli.options import ACTOR, data_option, json_option, work
from webmap.cli.output import progress, show_json

SHOWN = 20
NAMES = [kind.name for kind in KINDS]
ENDINGS = [ending for family in FORMATS for ending in family.SUFFIXES]


def mapping_of(pairs: tuple[str, ...]) -> dict[str, str]:
    """`field=Heading` pairs; a heading that begins with = is a constant."""
    found = {}
    for pair in pairs:
        name, equals, heading = pair.partition("=")
        if not equals or not name.strip() or not heading.strip():
            raise click.BadParameter(f"{pair!r} is not field=Heading", param_hint="--map")
        found[name.strip()] = heading.strip()
    return found


@click.command(
    epilog="\b\nExample: wangge import units stations.csv --datum bd09 --dry-run\n"
    "Example: wangge import areas towns.geojson --level town --datum gcj02\n"
    "Example: wangge import points walk.kml --datum gcj02 --layer 市容\n"
    f"Kinds: {', '.join(NAMES)}\nFiles: {', '.join(ENDINGS)}\n"
    "Datums: wgs84, cgcs2000, gcj02, bd09, epsg:N, local:NAME;\n"
    "unknown: weigh the file and store nothing"
)
@click.argument("kind", type=click.Choice(NAMES), metavar="KIND")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--datum", help="Datum of the file's coordinates; needed wherever there are some.")
@click.option("--level", type=click.Choice(["district", "town", "village"]), help="Level of the areas.")
@click.option(
    "--map", "pairs", multiple=True, metavar="FIELD=HEADING", help="Column for a field; ==VALUE is a constant."
)
@click.option("--layer", help="Layer, folder or sheet inside the file.")
@click.option("--valid-from", type=click.DateTime(["%Y-%m-%d"]), help="Day from which the areas hold.")
@click.option("--source", help="Where the data come from.")
@click.option("--dry-run", is_flag=True, help="Check and report, store nothing.")
@click.option("--skip-bad", is_flag=True, help="Store the good rows although others are bad.")
@click.option("--trust-datum", is_flag=True, help="Take the declared datum although the places speak against it.")
@json_option
@data_option
def command(
    *,
    kind: str,
    file: Path,
    datum: str | None,
    level: str | None,
    pairs: tuple[str, ...],
    layer: str | None,
    valid_from: datetime | None,
    source: str | None,
    dry_run: bool,
    skip_bad: bool,
    trust_datum: bool,
    as_json: bool,
    data: Path | None,
) -> int:
    """Take FILE in as KIND; every bad row is told with row number, field, value and reason."""
    with work(data) as session, progress("rows") as move:
        report = import_file(
            session,
            kind,
            file,
            datum=datum,
            level=level,
            mapping=mapping_of(pairs),
            layer=layer,
            valid_from=valid_from.date() if valid_from else None,
            source=source,
            dry_run=dry_run,
            skip_bad=skip_bad,
            trust_datum=trust_datum,
            actor=ACTOR,
            progress=move,
        )
    return _answer(report, as_json=as_json)


def import_command(kind: str, *, words: str, example: str) -> click.Command:
    """A command `import` that takes in one kind of record without a place; `words` are its help, `example` a call."""

    @click.command("import", help=words, epilog=f"\b\nExample: {example}")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--map", "pairs", multiple=True, metavar="FIELD=HEADING", help="Column for a field.")
    @click.option("--layer", help="Sheet inside the file.")
    @click.option("--dry-run", is_flag=True, help="Check and report, store nothing.")
    @click.option("--skip-bad", is_flag=True, help="Store the good rows although others are bad.")
    @json_option
    @data_option
    def take_in(
        *,
        file: Path,
        pairs: tuple[str, ...],
        layer: str | None,
        dry_run: bool,
        skip_bad: bool,
        as_json: bool,
        data: Path | None,
    ) -> int:
        mapping = mapping_of(pairs)
        with work(data) as session:
            report = import_file(
                session, kind, file, mapping=mapping, layer=layer, dry_run=dry_run, skip_bad=skip_bad, actor=ACTOR
            )
        return _answer(report, as_json=as_json)

    return take_in


def _answer(report: ImportReport, *, as_json: bool) -> int:
    if as_json:
        show_json(report.to_json())
    else:
        _tell(report)
    return REFUSED if report.is_refused else 0


def _tell(report: ImportReport) -> None:
    ending = " (dry run, nothing stored)" if report.dry_run else ""
    click.echo(
        f"{report.rows} rows: {report.stored} new, {report.changed} changed, {report.unchanged} unchanged, "
        f"{report.bad} bad{ending}"
    )
    lines = [note.text for note in report.notes]
    lines += [f"row {repair.row}, {repair.what}: {repair.detail}" for repair in report.repairs]
    lines += [report.verdict.says()] if report.verdict is not None else []
    _tell_some(lines, err=False)
    _tell_some([f"row {p.row}, {p.field}: {p.value!r} {p.reason}" for p in report.problems], err=True)
    if report.refused is not None:
        click.echo(f"nothing stored: {report.refused}", err=True)


def _tell_some(lines: list[str], *, err: bool) -> None:
    for line in lines[:SHOWN]:
        click.echo(f"  {line}", err=err)
    if len(lines) > SHOWN:
        click.echo(f"  … {len(lines) - SHOWN} more, all of them with --json", err=err)
