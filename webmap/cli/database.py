"""`wangge db`: the database server of the data folder."""

from dataclasses import asdict
from pathlib import Path

import click

from geodata.services import server
from geodata.settings import Settings
from webmap.cli.options import data_option, json_option
from webmap.cli.output import show_json


@click.group("db", epilog="\b\nExample: wangge db status")
def command() -> None:
    """Start, stop, look at, upgrade, back up and restore the database."""


@command.command(epilog="\b\nExample: wangge db start")
@data_option
def start(*, data: Path | None) -> None:
    """Start the private server, making it first where there is none."""
    settings = Settings.from_environment(data)
    server.start(settings)
    click.echo(f"running in {settings.data_dir}")


@command.command(epilog="\b\nExample: wangge db stop")
@data_option
def stop(*, data: Path | None) -> None:
    """Stop the private server; nothing is lost."""
    settings = Settings.from_environment(data)
    server.stop(settings)
    click.echo(f"stopped in {settings.data_dir}")


@command.command(epilog="\b\nExample: wangge db status --json")
@json_option
@data_option
def status(*, as_json: bool, data: Path | None) -> None:
    """Tell how the server, the schema and the district stand."""
    found = server.status(Settings.from_environment(data))
    if as_json:
        district = dict(zip(("code", "name"), found.district, strict=True)) if found.district else None
        show_json(asdict(found) | {"district": district})
        return
    click.echo(f"{found.state}: {found.where}")
    if found.version:
        click.echo(f"PostgreSQL {found.version}" + (f", process {found.pid}" if found.pid else ""))
    if found.state == "running":
        click.echo(f"schema {found.schema or 'none'} (this program: {found.schema_wanted})")
        click.echo(f"district {found.district[1]} ({found.district[0]})" if found.district else "no district yet")


@command.command(epilog="\b\nExample: wangge db upgrade")
@data_option
def upgrade(*, data: Path | None) -> None:
    """Bring the schema up to this program's."""
    before, after = server.upgrade(Settings.from_environment(data))
    click.echo(f"schema {after}, as it was" if before == after else f"schema {before or 'none'} → {after}")


@command.command(epilog="\b\nExample: wangge db backup wangge-2026-01-31.dump")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@data_option
def backup(*, file: Path, data: Path | None) -> None:
    """Write all records into FILE (pg_dump's custom format)."""
    size = server.backup(Settings.from_environment(data), file)
    click.echo(f"{file}: {size:,} bytes")


@command.command(epilog="\b\nExample: wangge db restore wangge-2026-01-31.dump --data new-folder")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Take the place of the district that is there.")
@data_option
def restore(*, file: Path, replace: bool, data: Path | None) -> None:
    """Read the records of a backup FILE into an empty database."""
    settings = Settings.from_environment(data)
    server.restore(settings, file, replace=replace)
    click.echo(f"restored {file} into {settings.data_dir}")
