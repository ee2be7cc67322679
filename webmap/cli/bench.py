"""`wangge bench`: trials on data whose answers are known."""

from collections.abc import Sequence
from pathlib import Path

import click

from geodata.services.geocode_bench import SPLITS, Trial, read_labelled, try_all
from webmap.cli.options import data_option, json_option, work
from webmap.cli.output import progress, show_json, show_table

_TITLES = {
    "as_is": "the gazetteer as it is",
    "random": "half of the rows known, by chance",
    "by_road": "half of the roads known",
}
_SHARES = (
    ("match_rate", "accepted of the answerable"),
    ("false_match_rate", "false of the accepted (over 200 m, or another town)"),
    ("refusal_rate", "refused of those that have no place"),
    ("town_right", "right town"),
    ("village_right", "right village"),
    ("cell_right", "right cell"),
    ("honesty", "error within twice the stated"),
    ("calibration", "mean distance of score and share right"),
)


@click.group(epilog="\b\nExample: wangge bench geocode labelled.csv --datum wgs84")
def command() -> None:
    """Try what is built on data whose answers are known."""


@command.command(
    "geocode",
    epilog="\b\nExample: wangge bench geocode labelled.csv --datum wgs84\n"
    "The file has columns address, lon, lat and, without --datum, datum; a row without lon and lat must be refused.",
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--datum", help="What the coordinates mean: wgs84, cgcs2000, gcj02, bd09, epsg:N.")
@click.option("--seed", type=int, default=1, show_default=True, help="Which halves are drawn.")
@click.option("--split", "splits", type=click.Choice(SPLITS), multiple=True, help="One way of trying; all without it.")
@json_option
@data_option
def geocode(
    *, file: Path, datum: str | None, seed: int, splits: Sequence[str], as_json: bool, data: Path | None
) -> int:
    """Geocode addresses whose places are known, three ways, beside simpler geocoders; nothing is stored."""
    with work(data) as session, progress("trials") as move:
        rows = read_labelled(session, file, datum=datum)
        trials = try_all(session, rows, seed=seed, splits=splits or SPLITS, progress=move)
        session.rollback()
    if as_json:
        show_json(_to_json(trials))
    else:
        for split, trial in trials.items():
            _tell(split, trial)
    return 0


def _to_json(trials: dict[str, Trial]) -> dict[str, object]:
    """All trials, and in front the figures of the one that counts: as the gazetteer is, unless that is nothing."""
    first = next((split for split, trial in trials.items() if trial.figures.accepted), next(iter(trials)))
    return {
        **trials[first].to_json(),
        "headline": first,
        "splits": {name: one.to_json() for name, one in trials.items()},
    }


def _tell(split: str, trial: Trial) -> None:
    figures = trial.figures
    click.echo(f"{_TITLES[split]}: {figures.rows} asked, {trial.added} added, {figures.accepted} accepted")
    for name, says in _SHARES:
        value = getattr(figures, name)
        click.echo(f"  {says}: {'-' if value is None else f'{value:.1%}' if name != 'calibration' else f'{value:.3f}'}")
    if figures.median_m is not None and figures.p95_m is not None:
        click.echo(f"  error: median {figures.median_m:.0f} m, 95 of 100 within {figures.p95_m:.0f} m")
    click.echo(f"  {trial.rows_per_s:,.0f} addresses a second; by level: {figures.by_level}")
    heads = ("accept from", "accepted", "match", "false")
    rows = [
        (f"{one.threshold:.2f}", one.accepted, f"{one.match_rate:.1%}", f"{one.false_match_rate:.1%}")
        for one in figures.curve
    ]
    show_table(heads, rows)
    for name, simple in trial.baselines.items():
        told = [getattr(simple, key) for key in ("match_rate", "false_match_rate")]
        shown = ["-" if value is None else f"{value:.1%}" for value in told]
        click.echo(f"  {name.replace('_', ' ')}: match {shown[0]}, false {shown[1]}")
