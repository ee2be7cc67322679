"""`wangge siting`: where the next units would cover most."""

import json
from pathlib import Path

import click

from geodata.services.siting import SitingPlan, siting
from webmap.cli.options import data_option, json_option, work
from webmap.cli.output import show_json, show_table, whole_file


@click.command(
    epilog="\b\nExample: wangge siting --count 5 --radius 500 --within 310112101000 --out sites.geojson\n"
    "Sites are middles of cells (wangge grid make). What each adds is measured on the ground, exactly."
)
@click.option("--count", type=int, required=True, help="How many sites, 1 to 50.")
@click.option("--radius", "radius_m", type=float, required=True, help="Metres in a straight line that a unit covers.")
@click.option("--category", help="Count only units that handle this category.")
@click.option("--within", help="Code of a town or village; otherwise the whole district.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="File for the sites (.geojson).")
@json_option
@data_option
def command(
    *,
    count: int,
    radius_m: float,
    category: str | None,
    within: str | None,
    out: Path | None,
    as_json: bool,
    data: Path | None,
) -> None:
    """Where the next units would cover most ground that lies near none; nothing is stored."""
    if out is not None and out.suffix != ".geojson":
        raise click.BadParameter("the name must end in .geojson", param_hint="--out")
    with work(data) as session:
        plan = siting(session, count=count, radius_m=radius_m, category=category, within=within)
    if out is not None:
        with whole_file(out) as file:
            file.write(json.dumps(plan.to_geojson(), ensure_ascii=False).encode())
    if as_json:
        show_json(plan.to_json())
    else:
        _tell(plan)


def _tell(plan: SitingPlan) -> None:
    click.echo(f"{plan.units} units, {plan.radius_m:g} m: {plan.before:.1%} of {plan.area_m2 / 1e6:,.1f} km² covered")
    if plan.sites:
        show_table(
            ("rank", "lon", "lat", "cell", "village", "town", "adds ha", "covered %"),
            [
                (
                    site.rank,
                    f"{site.lon:.6f}",
                    f"{site.lat:.6f}",
                    site.cell_code,
                    site.village_name,
                    site.town_name,
                    site.adds_m2 / 1e4,
                    site.share * 100.0,
                )
                for site in plan.sites
            ],
        )
    if len(plan.sites) < plan.count:
        click.echo(f"{len(plan.sites)} of {plan.count}: no further site would cover anything more")
    if plan.is_optimal:
        click.echo("no other choice of cells is better, which is proven")
    else:
        click.echo(f"another choice might add {plan.gap:.2%} more at most")
    if plan.lattice_m is not None:
        click.echo(f"cells were put together on squares of {plan.lattice_m:.0f} m, being too many")
