"""`wangge grid`: cutting cells, and checking a grid."""

from pathlib import Path

import click

from geodata.services.grids import GridReport, GridSummary, check_grid, make_grid
from webmap.cli import REFUSED
from webmap.cli.options import data_option, json_option, work
from webmap.cli.output import progress, show_json

SHOWN = 20
WORDS = {
    "gap": "no cell covers part of area {0}",
    "overlap": "cells {0} and {1} overlap",
    "in_several": "cell {0} lies in several areas",
    "outside": "cell {0} reaches out of all areas",
}


@click.group("grid", epilog="\b\nExample: wangge grid make --size 100")
def command() -> None:
    """Cut the grid of cells, or check one."""


@command.command(epilog="\b\nExample: wangge grid make --size 100 --within 310112101000")
@click.option("--size", "size_m", type=float, default=100.0, show_default=True, help="Edge of a cell in metres.")
@click.option("--within", metavar="CODE", help="Only this town or village.")
@json_option
@data_option
def make(*, size_m: float, within: str | None, as_json: bool, data: Path | None) -> None:
    """Cut square cells, clipped to villages, or to towns where villages have no boundary."""
    with work(data) as session, progress("cells") as move:
        made = make_grid(session, size_m=size_m, within=within, progress=move)
    if as_json:
        show_json(made.to_json())
    else:
        _tell(made)


@command.command(epilog="\b\nExample: wangge grid check --json")
@json_option
@data_option
def check(*, as_json: bool, data: Path | None) -> int:
    """Check the grid for gaps, overlaps, and cells in more than one area."""
    with work(data) as session:
        report = check_grid(session)
    if as_json:
        show_json(report.to_json())
    else:
        _tell_faults(report)
    return 0 if report.is_clean else REFUSED


def _tell(made: GridSummary) -> None:
    click.echo(f"{made.cells} cells of {made.size_m:g} m in {made.areas} areas, {made.area_m2 / 1e6:.2f} km²")
    click.echo(f"new {made.stored}, ended {made.retired}, unchanged {made.unchanged}")
    if made.provisional:
        click.echo(f"{made.provisional} codes are provisional: their villages have no boundary yet")


def _tell_faults(report: GridReport) -> None:
    click.echo(f"{report.cells} cells in {report.areas} areas, {len(report.faults)} faults")
    for fault in report.faults[:SHOWN]:
        click.echo(f"  {WORDS[fault.what].format(*fault.codes)}: {fault.area_m2:,.1f} m²")
    if len(report.faults) > SHOWN:
        click.echo(f"  … {len(report.faults) - SHOWN} more, all of them with --json")
