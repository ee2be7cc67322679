"""`wangge policy`: how units are chosen, in the district and in towns with a way of their own."""

from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import click
from sqlalchemy.orm import Session

from geodata.services import policies
from geodata.services.policies import DISTRICT, Ruling
from spatial.assign import ORDER_WORDS, WEIGHT_WORDS, Policy
from webmap.cli.options import ACTOR, F, data_option, json_option, work
from webmap.cli.output import show_json, show_table


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
