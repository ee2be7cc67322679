"""`wangge imports`: the files that were taken in."""

from pathlib import Path

import click

from geodata.ingest import KINDS
from geodata.services import import_runs
from webmap.cli.options import data_option, json_option, work
from webmap.cli.output import show_json, show_table


@click.command(epilog="\b\nExample: wangge imports --limit 5\nExample: wangge imports --kind units --json")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="So many, the last ones.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice([kind.name for kind in KINDS]), metavar="KIND")
@json_option
@data_option
def command(*, limit: int, kinds: tuple[str, ...], as_json: bool, data: Path | None) -> None:
    """List imports, the newest first: number, kind, file, who, when, what came of it, and whether it can be undone."""
    with work(data) as session:
        runs = import_runs.listed(session, limit=limit, kinds=kinds)
    if as_json:
        show_json({"imports": [one.to_json() for one in runs]})
        return
    if not runs:
        click.echo("no imports yet")
        return
    heads = ("number", "kind", "file", "who", "when", "new", "changed", "bad", "undo")
    show_table(heads, [
        (one.number, one.kind, one.file, one.actor, f"{one.at:%Y-%m-%d %H:%M}", one.stored, one.changed, one.bad,
         _standing(one)) for one in runs
    ])  # fmt: skip


def _standing(one: import_runs.Run) -> str:
    if one.undone_at is not None:
        return f"undone {one.undone_at:%Y-%m-%d} by {one.undone_by}"
    if one.is_refused:
        return "refused"
    return "can be undone" if one.is_undoable else "-"
