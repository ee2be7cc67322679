"""`wangge demo`: a made-up district from nothing, served until stopped."""

import os
from pathlib import Path

import click

from geodata.db import open_engine
from geodata.demo import SIGN_INS, DemoSummary, build_demo
from geodata.services.server import running
from geodata.settings import JURISDICTION_VARIABLE, Settings
from webmap.cli.options import data_option
from webmap.cli.output import progress
from webmap.cli.serve import serve


@click.command(
    epilog="\b\nExample: wangge demo\nExample: wangge demo --port 8080 --data ./demo-data\n"
    "A second run finds the same district and serves it again."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port.")
@click.option("--no-serve", is_flag=True, help="Make it ready and stop there.")
@data_option
def command(*, host: str, port: int, no_serve: bool, data: Path | None) -> None:
    """Make a district that does not exist, with units, points and tickets, and serve it."""
    settings = Settings.from_environment(data)
    with running(settings):
        engine = open_engine(settings)
        try:
            with progress("tickets") as move:
                made = build_demo(engine, progress=move)
        finally:
            engine.dispose()
        _tell(made, settings)
        if not no_serve:
            # what examples of Open311 clients call their district; whoever sets another name keeps it
            os.environ.setdefault(JURISDICTION_VARIABLE, "minhang")
            click.echo(f"serving http://{host}:{port}, stop with Ctrl-C")
            serve(settings, host=host, port=port, workers=2)


def _tell(made: DemoSummary, settings: Settings) -> None:
    click.echo(
        f"{'made' if made.is_new else 'found'} {made.name} ({made.code}), a made-up district: {made.towns} towns, "
        f"{made.villages} villages, {made.cells} cells"
    )
    click.echo(
        f"on it: {made.units} units, {made.points} points, {made.projects} projects, {made.resources} resources, "
        f"{made.tickets} tickets; base map of {made.basemap_features} features"
    )
    click.echo(f"data folder: {settings.data_dir}")
    click.echo("sign-ins:")
    for user in SIGN_INS:
        click.echo(f"  {user.name} / {user.password}")
