"""`wangge district`: the settings of the district, and what it lies in."""

from pathlib import Path

import click

from geodata.services.installation import installation, set_within
from webmap.cli.options import data_option, json_option, work
from webmap.cli.output import show_json

within_option = click.option(
    "--within",
    multiple=True,
    metavar="NAME",
    help="What the district lies in, the outermost first; other forms behind a slash. May be repeated.",
)


@click.group("district", epilog="\b\nExample: wangge district show")
def command() -> None:
    """Show the settings of the district, and change what it lies in."""


@command.command(epilog="\b\nExample: wangge district show --json")
@json_option
@data_option
def show(*, as_json: bool, data: Path | None) -> None:
    """Show code, name, what the district lies in, and what was settled for good."""
    with work(data) as session:
        place = installation(session)
        told = {
            "code": place.code,
            "name": place.name,
            "within": place.within,
            "metre_crs": f"EPSG:{place.metre_srid}",
            "timezone": place.timezone,
            "code_pattern": place.code_pattern,
            "lang": place.lang,
        }
    if as_json:
        show_json(told)
        return
    for name, value in told.items():
        said = " > ".join(value) or "not told" if isinstance(value, list) else value
        click.echo(f"{name.replace('_', ' ')}: {said}")


@command.command(
    "set",
    epilog="\b\nExample: wangge district set --within 浙江省 --within 舟山市\n"
    "Example: wangge district set --within 湖北省 --within 恩施土家族苗族自治州/恩施州\n"
    "Addresses found before stay as they are until they are geocoded again.",
)
@within_option
@click.option("--no-within", is_flag=True, help="Nothing is told of it any more.")
@data_option
def set_(*, within: tuple[str, ...], no_within: bool, data: Path | None) -> None:
    """Say what the district lies in: an address that names another city or province is not taken."""
    if bool(within) is no_within:
        raise click.UsageError("say --within NAME, once or more, or --no-within")
    with work(data) as session:
        kept = set_within(session, within)
    click.echo(f"the district lies in {' > '.join(kept)}" if kept else "nothing is told of what the district lies in")
