"""`wangge policy`: how units are chosen, in the district and in towns with a way of their own."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NoReturn
from zoneinfo import ZoneInfo

import click
from sqlalchemy.orm import Session

from geodata.services import policies
from geodata.services.dry_runs import Moved, dry_run
from geodata.services.installation import installation
from geodata.services.policies import DISTRICT, Ruling
from spatial.assign import ORDER_WORDS, WEIGHT_WORDS, Policy
from webmap.cli.options import ACTOR, F, data_option, json_option, work
from webmap.cli.output import progress, show_json, show_table

# How far back a policy is tried where nobody says.
USUAL_DAYS = 30


class Weight(click.ParamType[tuple[str, float]]):
    """`word=metres`."""

    name = "word=metres"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, float]:
        """The word and the metres; fails with what was meant."""
        word, _, metres = str(value).partition("=")
        try:
            return word, float(metres)
        except ValueError:
            self._refuse(value, param, ctx)

    def _refuse(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> NoReturn:
        self.fail(f"{value!r} is no weight; write one such as load=50", param, ctx)


town_option = click.option("--town", metavar="CODE", default=DISTRICT, help="A town; without it the whole district.")


def change_options(function: F) -> F:
    """Options that say a policy; what is not said stays as it is."""
    order = click.option(
        "--order", metavar="WORDS", help=f"What counts, the weightiest first, with commas: {', '.join(ORDER_WORDS)}."
    )
    weights = click.option(
        "--weight",
        "weights",
        type=Weight(),
        multiple=True,
        help=f"Metres of `score`, such as load=50; all are said anew. Words: {', '.join(WEIGHT_WORDS)}.",
    )
    farthest = click.option("--max-distance", "max_distance_m", type=float, metavar="M", help="Farthest metres.")
    return order(weights(farthest(function)))


@click.group(epilog="\b\nExample: wangge policy show")
def command() -> None:
    """How units are chosen: the order of what counts, weights in metres, the farthest metres."""


@command.command(epilog="\b\nExample: wangge policy show\nExample: wangge policy show --town 310112101000 --json")
@click.option("--town", metavar="CODE", help="All that this town has had; `district` for the district's own.")
@json_option
@data_option
def show(*, town: str | None, as_json: bool, data: Path | None) -> None:
    """Policies in force, or all that one town has had."""
    with work(data) as session:
        if town is None:
            found: list[tuple[Ruling, datetime | None]] = [
                (one, None) for one in policies.all_in_force(session, at=datetime.now(UTC))
            ]
        else:
            rows = policies.former(session, DISTRICT if town == "district" else town)
            found = [(policies.ruling_of(row), row.valid_to) for row in rows]
    if as_json:
        show_json(
            {"policies": [{**one.to_json(), "until": until.isoformat() if until else None} for one, until in found]}
        )
        return
    show_table(
        ("area", "max m", "order", "weights", "since", "until"),
        [(one.town_code or "district", *_cells(one), _day(one.since), _day(until)) for one, until in found],
    )


@command.command(
    name="set",
    epilog="\b\nExample: wangge policy set --max-distance 1500\n"
    "Example: wangge policy set --town 310112101000 --order holder_point,holder_block,score "
    "--weight village=300 --weight load=50",
)
@town_option
@change_options
@click.option("--note", help="Why, for those who look later.")
@json_option
@data_option
def set_(
    *,
    town: str,
    order: str | None,
    weights: tuple[tuple[str, float], ...],
    max_distance_m: float | None,
    note: str | None,
    as_json: bool,
    data: Path | None,
) -> None:
    """Let another policy hold from now on; what was decided under the former stays as it is."""
    with work(data) as session:
        policy = wanted(session, town, order=order, weights=weights, max_distance_m=max_distance_m)
        ruling = policies.set_policy(session, town, policy, actor=ACTOR, note=note)
    if as_json:
        show_json(ruling.to_json())
        return
    farthest, words, metres = _cells(ruling)
    click.echo(f"{town or 'district'}: {words}; weights {metres}; at most {farthest:g} m")


@command.command(epilog="\b\nExample: wangge policy end --town 310112101000")
@town_option
@data_option
def end(*, town: str, data: Path | None) -> None:
    """Let a town follow the district again, or the district its settings, from now on."""
    with work(data) as session:
        policies.end_policy(session, town)
        ruling = policies.in_force(session, town, at=datetime.now(UTC))
    click.echo(f"{town or 'district'}: follows {'the district' if town else 'its settings'}; {_cells(ruling)[1]}")


@command.command(
    name="try",
    epilog="\b\nExample: wangge policy try --town 310112101000 --max-distance 1000 --since 2026-01-01",
)
@town_option
@change_options
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="First day of the decisions; 30 days ago.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Last day of the decisions; today.")
@json_option
@data_option
def try_(
    *,
    town: str,
    order: str | None,
    weights: tuple[tuple[str, float], ...],
    max_distance_m: float | None,
    since: datetime | None,
    until: datetime | None,
    as_json: bool,
    data: Path | None,
) -> None:
    """Tell what another policy would have changed in past decisions; nothing is changed."""
    with work(data) as session:
        policy = wanted(session, town, order=order, weights=weights, max_distance_m=max_distance_m)
        here = ZoneInfo(installation(session).timezone)
        today = datetime.now(here).replace(hour=0, minute=0, second=0, microsecond=0)
        first = since.replace(tzinfo=here) if since else today - timedelta(days=USUAL_DAYS)
        end_ = (until.replace(tzinfo=here) if until else today) + timedelta(days=1)
        with progress("tickets") as move:
            run = dry_run(session, policy, town_code=town or None, since=first, until=end_, progress=move)
    if as_json:
        show_json(run.to_json())
        return
    click.echo(f"{run.tickets} tickets decided again, {run.by_hand} choices by hand left alone")
    for outcome, count in run.counts.items():
        click.echo(f"  {outcome.replace('_', ' ')}: {count}")
    click.echo(
        f"  metres of those with a unit both times: {run.metres_before:,.0f} before, {run.metres_after:,.0f} after"
    )
    if run.from_today:
        click.echo(f"  {run.from_today} of the new units are known by the records of today alone")
    if run.moved:
        show_table(("ticket", "before", "after", "m before", "m after"), [_line(one) for one in run.moved])


def _line(one: Moved) -> tuple[str, str, str, float | None, float | None]:
    before, after = one.before, one.after
    return (
        one.number,
        before.code if before else "office",
        after.code if after else "office",
        before.metres if before else None,
        after.metres if after else None,
    )


def wanted(
    session: Session,
    town: str,
    *,
    order: str | None,
    weights: tuple[tuple[str, float], ...],
    max_distance_m: float | None,
) -> Policy:
    """The town's policy now with what the options change. Raises BadPolicy."""
    known = policies.in_force(session, town, at=datetime.now(UTC)).policy
    return policies.changed(
        known,
        order=known.order if order is None else [word.strip() for word in order.split(",") if word.strip()],
        weights=dict(weights) if weights else known.weights,
        max_distance_m=known.max_distance_m if max_distance_m is None else max_distance_m,
    )


def _cells(ruling: Ruling) -> tuple[float, str, str]:
    policy = ruling.policy
    metres = " ".join(f"{word}={value:g}" for word, value in policy.weights.items()) or "none"
    return policy.max_distance_m, ",".join(policy.order), metres


def _day(moment: datetime | None) -> str | None:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else None
