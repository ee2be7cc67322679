"""`wangge init`: an empty district."""

from pathlib import Path

import click

from geodata.db import open_engine
from geodata.services.installation import DEFAULT_PATTERN, LANGUAGES, init_district
from geodata.services.server import running
from geodata.settings import Settings
from webmap.cli.district import within_option
from webmap.cli.options import data_option


@click.command(
    epilog="\b\nExample: wangge init --code 310112 --name 闵行区 --within 上海市 --metre-crs EPSG:4549\n"
    "The metre CRS is a projected CRS of the place in metres; it cannot be changed later."
)
@click.option("--code", required=True, help="Code of the district, as its area codes begin.")
@click.option("--name", required=True, help="Name of the district.")
@within_option
@click.option("--metre-crs", required=True, help="CRS for distances and areas, such as EPSG:4549.")
@click.option("--timezone", default="Asia/Shanghai", show_default=True, help="Zone of its days and hours.")
@click.option("--code-pattern", default=DEFAULT_PATTERN, show_default=True, help="How cell codes are made.")
@click.option("--lang", type=click.Choice(LANGUAGES), default="zh_Hans", show_default=True, help="Language.")
@data_option
def command(
    *,
    code: str,
    name: str,
    within: tuple[str, ...],
    metre_crs: str,
    timezone: str,
    code_pattern: str,
    lang: str,
    data: Path | None,
) -> None:
    """Make an empty district: its settings, tables, categories and governance list."""
    settings = Settings.from_environment(data)
    with running(settings):
        engine = open_engine(settings)
        try:
            made = init_district(
                engine,
                code=code,
                name=name,
                metre_crs=metre_crs,
                timezone=timezone,
                lang=lang,
                code_pattern=code_pattern,
                within=within,
            )
        finally:
            engine.dispose()
    click.echo(f"{made.name} ({made.code}) is ready, metre CRS EPSG:{made.metre_srid}, in {settings.data_dir}")
    click.echo("next: wangge import areas FILE --level town --datum D")
