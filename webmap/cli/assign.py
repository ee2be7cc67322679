"""`wangge assign`: tickets to units, by the rule."""

from pathlib import Path

import click

from geodata.services.assignment import assign, assign_open
from geodata.services.tickets import ticket
from spatial.assign import Decision, Reason
from webmap.cli.options import ACTOR, data_option, json_option, work
from webmap.cli.output import progress, show_json


@click.command(
    epilog="\b\nExample: wangge assign --all\nExample: wangge assign --ticket 20260131-000042 --dry-run --explain"
)
@click.option("--ticket", "number", metavar="NO", help="Number of one ticket.")
@click.option("--all", "everything", is_flag=True, help="Every ticket that waits.")
@click.option("--dry-run", is_flag=True, help="Decide, but store nothing.")
@click.option("--explain", is_flag=True, help="Tell candidates and refusals with reasons (one ticket).")
@json_option
@data_option
def command(
    *, number: str | None, everything: bool, dry_run: bool, explain: bool, as_json: bool, data: Path | None
) -> None:
    """Give one ticket, or all that wait, to the unit that fits best, or to the town's office."""
    if (number is None) != everything:
        raise click.UsageError("name one ticket with --ticket NO, or take --all")
    with work(data) as session:
        if number is not None:
            decision = assign(session, ticket(session, number), actor=ACTOR, dry_run=dry_run)
            if as_json:
                show_json({"ticket": number, "dry_run": dry_run, **decision.to_record()})
            else:
                _tell(number, decision, explain=explain)
            return
        with progress("tickets") as move:
            summary = assign_open(session, actor=ACTOR, dry_run=dry_run, progress=move)
    if as_json:
        show_json({**summary.to_json(), "dry_run": dry_run})
        return
    click.echo(f"{summary.tickets} tickets: {summary.to_unit} to units, {summary.to_office} to offices")
    for office, count in summary.gaps.items():
        click.echo(f"  office {office}: {count} that no unit could take")


def _tell(number: str, decision: Decision, *, explain: bool) -> None:
    if decision.chosen is None:
        click.echo(f"{number}: nobody may take it; it lies with the office")
    else:
        click.echo(f"{number}: {decision.chosen.unit.name} ({decision.chosen.unit.code})")
    if not explain:
        return
    for candidate in decision.candidates:
        click.echo(f"  {candidate.rank}. {candidate.unit.name}: {_words(candidate.reasons)}")
    for refusal in decision.rejected:
        click.echo(f"  not {refusal.unit.name}: {_words(refusal.reasons)}")


def _words(reasons: tuple[Reason, ...]) -> str:
    return "; ".join(" ".join([reason.word, *(f"{k}={v}" for k, v in reason.facts.items())]) for reason in reasons)
