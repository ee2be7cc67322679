"""`wangge datum`: what coordinates mean: local metres fitted to control points, and files told by their places."""

from pathlib import Path

import click

from geodata.services.datum_detection import DatumFinding, detect_file
from geodata.services.datums import local_datums
from geodata.services.local_datums import LocalFit, fit_local
from webmap.cli import REFUSED
from webmap.cli.imports import mapping_of
from webmap.cli.options import ACTOR, data_option, json_option, work
from webmap.cli.output import show_json, show_table


@click.group(epilog="\b\nExample: wangge datum list")
def command() -> None:
    """What coordinates mean: detect it in a file, fit local metres to control points."""


@command.command(
    epilog="\b\nExample: wangge datum detect stations.csv\nExample: wangge datum detect towns.geojson --json"
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--map", "pairs", multiple=True, metavar="FIELD=HEADING", help="Column of name, address, lon or lat.")
@click.option("--layer", help="Layer or sheet inside the file.")
@json_option
@data_option
def detect(*, file: Path, pairs: tuple[str, ...], layer: str | None, as_json: bool, data: Path | None) -> int:
    """Tell what the coordinates in FILE mean, by what the district knows of its places; nothing is stored."""
    mapping = mapping_of(pairs)
    with work(data) as session:
        found = detect_file(session, file, layer=layer, mapping=mapping)
    if as_json:
        show_json(found.to_json())
    else:
        _tell_finding(found)
    return 0 if found.detection.is_clear else REFUSED


@command.command(
    epilog="\b\nExample: wangge datum fit chengjian control-points.csv --datum cgcs2000\n"
    "Columns: name, x, y (local metres, east and north), lon, lat (or easting, northing) in --datum"
)
@click.argument("name")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--datum", default="cgcs2000", show_default=True, help="Datum of the known side.")
@click.option("--without", multiple=True, metavar="POINT", help="A control point that is not to count.")
@click.option("--map", "pairs", multiple=True, metavar="FIELD=HEADING", help="Column for a field.")
@click.option("--accept", is_flag=True, help="Keep the fit in spite of what speaks against it.")
@click.option("--dry-run", is_flag=True, help="Fit and report, keep nothing.")
@json_option
@data_option
def fit(
    *,
    name: str,
    file: Path,
    datum: str,
    without: tuple[str, ...],
    pairs: tuple[str, ...],
    accept: bool,
    dry_run: bool,
    as_json: bool,
    data: Path | None,
) -> int:
    """Tie local metres to the globe by the control points in FILE; then `--datum local:NAME` means them."""
    mapping = mapping_of(pairs)
    with work(data) as session:
        done = fit_local(
            session,
            name,
            file,
            datum=datum,
            without=without,
            mapping=mapping,
            accept=accept,
            dry_run=dry_run,
            actor=ACTOR,
        )
    if as_json:
        show_json(done.to_json())
    else:
        _tell_fit(done, is_dry=dry_run)
    return 0 if done.stored or dry_run else REFUSED


@command.command(name="list", epilog="\b\nExample: wangge datum list --json")
@json_option
@data_option
def list_(*, as_json: bool, data: Path | None) -> None:
    """Local datums that were fitted, with how well."""
    with work(data) as session:
        rows = [
            {
                "datum": f"local:{row.name}",
                "points": len(row.points),
                "rms_m": row.rms_m,
                "worst_m": max(point["residual_m"] for point in row.points),
                "metre_crs": f"EPSG:{row.metre_srid}",
                "at": f"{row.at:%Y-%m-%d}",
            }
            for row in local_datums(session)
        ]
    if as_json:
        show_json({"local_datums": rows})
    elif rows:
        show_table(tuple(rows[0]), [[_metres(name, value) for name, value in row.items()] for row in rows])
    else:
        click.echo("no local datum yet; fit one with `wangge datum fit NAME FILE.csv`")


def _tell_finding(found: DatumFinding) -> None:
    detection = found.detection
    if found.columns:
        click.echo(f"columns {found.columns[0]}, {found.columns[1]}; {detection.rows} different positions")
    if found.hint is not None:
        click.echo(f"the headings say {found.hint}, which proves nothing")
    if detection.weighed:
        most = detection.weighed[0].log_likelihood
        show_table(
            ("hypothesis", "nats behind", "what fits"),
            [(str(w.reading), f"{most - w.log_likelihood:,.1f}", w.told or "nothing known") for w in detection.weighed],
        )
    for odd in detection.oddities:
        click.echo(f"  {len(odd.rows)} rows: {odd.detail}")
    click.echo(detection.says())
    click.echo(found.advice)


def _metres(name: str, value: object) -> object:
    return f"{value:.3f}" if name.endswith("_m") else value


def _tell_fit(done: LocalFit, *, is_dry: bool) -> None:
    made = done.fit.similarity
    show_table(
        ("point", "x", "y", "residual m"),
        [(p.name, f"{p.x:.3f}", f"{p.y:.3f}", f"{p.residual_m:.3f}") for p in done.points],
    )
    click.echo(
        f"shift {made.tx:.3f}, {made.ty:.3f} m, turn {made.turn_degrees:.6f} degrees, scale {made.scale:.8f} "
        f"to EPSG:{made.srid}; residuals {done.fit.rms_m:.3f} m (RMS), worst {max(done.fit.residual_m):.3f} m "
        f"at {done.points[done.fit.worst].name}"
    )
    for doubt in done.doubts:
        click.echo(f"  {doubt}", err=True)
    if done.stored:
        click.echo(f"kept: import with --datum local:{done.name}")
    elif not is_dry:
        click.echo("nothing kept; correct the points, or keep it all the same with --accept", err=True)
