"""`wangge undo`: an import taken back."""

from pathlib import Path

import click

from geodata.services import undo
from geodata.services.undo_plan import UndoPlan
from webmap.cli import REFUSED
from webmap.cli.options import ACTOR, data_option, json_option, work
from webmap.cli.output import show_json

SHOWN = 20


@click.command(
    epilog="\b\nExample: wangge undo 12 --dry-run\nExample: wangge undo 12\n"
    "`wangge imports` tells the numbers. Records that somebody changed since, or that others refer to, stand in the\n"
    "way; then nothing is done, unless --keep-changed leaves these as they are.\n"
    "Tickets that came with the import are cancelled and joint projects stopped: history is never deleted."
)
@click.argument("run", type=click.IntRange(1, 2**63 - 1), metavar="RUN")
@click.option("--dry-run", is_flag=True, help="Tell what would be done, and do nothing.")
@click.option("--keep-changed", is_flag=True, help="Leave records in the way as they are, and take the rest back.")
@json_option
@data_option
def command(*, run: int, dry_run: bool, keep_changed: bool, as_json: bool, data: Path | None) -> int:
    """Take the import of number RUN back: what it made goes, what it changed is as before."""
    with work(data) as session:
        planned = undo.plan(session, run, only_unchanged=keep_changed)
        is_barred = bool(planned.conflicts) and not (keep_changed and planned.may_be_part)
        if not dry_run and not is_barred:
            planned = undo.undo(session, run, actor=ACTOR, only_unchanged=keep_changed)
    is_done = not dry_run and not is_barred
    if as_json:
        show_json({**planned.to_json(), "done": is_done})
    else:
        _tell(planned, is_done=is_done, is_barred=is_barred)
    return REFUSED if is_barred else 0


def _tell(planned: UndoPlan, *, is_done: bool, is_barred: bool) -> None:
    number, kind = planned.run.number, planned.run.kind
    for one in planned.conflicts[:SHOWN]:
        click.echo(f"  {one.says()}", err=True)
    if planned.conflict_count > SHOWN:
        click.echo(f"  … {planned.conflict_count - SHOWN} more, with --json", err=True)
    figures = f"{planned.removed} removed, {planned.put_back} put back, {planned.ended} cancelled or stopped"
    if is_barred:
        way = "take back later imports first, or settle these records"
        if planned.may_be_part:
            way += ", or leave them as they are with --keep-changed"
        click.echo(f"nothing done: {planned.conflict_count} records stand in the way; {way}", err=True)
        return
    kept = f", {planned.conflict_count} left as they are" if planned.conflict_count else ""
    click.echo(f"import {number} ({kind}): {figures}{kept}{'' if is_done else ' (dry run, nothing done)'}")
