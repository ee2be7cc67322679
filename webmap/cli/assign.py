"""`wangge assign`: tickets to units, one by the rule or many at their best."""

from pathlib import Path

import click

from geodata.services.assignment import assign
from geodata.services.batches import METHODS, BatchSummary, Turn, assign_batch
from geodata.services.tickets import ticket
from spatial.assign import Decision, Reason
from webmap.cli.options import ACTOR, data_option, json_option, work
from webmap.cli.output import progress, show_json


@click.command(
    epilog="\b\nExample: wangge assign --all\nExample: wangge assign --town 310112101000 --dry-run --explain\n"
    "Example: wangge assign --ticket 20260131-000042 --dry-run --explain"
)
@click.option("--ticket", "number", metavar="NO", help="Number of one ticket, for the rule.")
@click.option("--all", "everything", is_flag=True, help="Every ticket that waits.")
@click.option("--town", metavar="CODE", help="Every ticket of a town that waits.")
@click.option(
    "--method",
    type=click.Choice(METHODS),
    help="Of many: the fewest metres for as many as can be (optimum, the default), or each in turn (greedy).",
)
@click.option("--dry-run", is_flag=True, help="Decide, but store nothing.")
@click.option("--explain", is_flag=True, help="Tell candidates and refusals with reasons.")
@json_option
@data_option
def command(
    *,
    number: str | None,
    everything: bool,
    town: str | None,
    method: str | None,
    dry_run: bool,
    explain: bool,
    as_json: bool,
    data: Path | None,
) -> None:
    """Give one ticket, or all that wait, to the units that fit best, or to the town's office."""
    if (number is not None) + everything + (town is not None) != 1:
        raise click.UsageError("name one ticket with --ticket NO, a town with --town CODE, or take --all")
    if number is not None and method is not None:
        raise click.UsageError("one ticket goes by the rule; --method is for many")
    with work(data) as session:
        if number is not None:
            decision = assign(session, ticket(session, number), actor=ACTOR, dry_run=dry_run)
            if as_json:
                show_json({"ticket": number, "dry_run": dry_run, **decision.to_record()})
            else:
                _tell(number, decision, explain=explain)
            return
        with progress("tickets") as move:
            summary = assign_batch(
                session, town, method=method or METHODS[0], actor=ACTOR, dry_run=dry_run, progress=move
            )
    if as_json:
        show_json({**summary.to_json(), "dry_run": dry_run})
        return
    if explain:
        for turn in summary.decisions.values():
            _tell_turn(turn)
    _tell_summary(summary)


def _tell_summary(summary: BatchSummary) -> None:
    click.echo(f"{summary.tickets} tickets: {summary.to_unit} to units, {summary.to_office} to offices")
    for office, count in summary.gaps.items():
        click.echo(f"  office {office}: {count} that no unit could take")
    if summary.for_referee:
        click.echo(f"  {summary.for_referee} more wait for the referee; give them one by one")
    if summary.tickets:
        both = summary.proposal
        proven = "" if both.is_proven else " (not proven to be the least)"
        click.echo(f"  at best {both.total_best.assigned} to units, {both.total_best.metres:,.0f} m{proven}")
        click.echo(f"  in turn {both.total_in_turn.assigned} to units, {both.total_in_turn.metres:,.0f} m")
        click.echo(f"  of as many as in turn, the best saves {both.metres_saved:,.0f} m")


def _tell_turn(turn: Turn) -> None:
    decision = turn.weighed.decision
    _tell(turn.ticket.number, decision, explain=True)
    by_rule = decision.chosen.unit.code if decision.chosen else None
    code = turn.given.unit.code if turn.given else None
    if code != by_rule:
        click.echo(f"  the batch gives it to {f'{turn.given.unit.name} ({code})' if turn.given else 'the office'}")


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
