"""`wangge key`: keys by which programs act for users."""

from pathlib import Path

import click

from geodata.services import api_keys
from geodata.services.permissions import SCOPES
from webmap.cli.options import data_option, json_option, work
from webmap.cli.output import show_json, show_table


@click.group("key", epilog="\b\nExample: wangge key list")
def command() -> None:
    """Make, list and revoke keys of programs."""


@command.command(epilog="\b\nExample: wangge key add hotline --name 12345 --scope read --scope report --days 365")
@click.argument("user")
@click.option("--name", required=True, help="What the key is for.")
@click.option(
    "--scope", "scopes", multiple=True, required=True, type=click.Choice(SCOPES), help="What it may do; once for each."
)
@click.option("--days", type=int, help="How long it is good; none: until it is revoked.")
@json_option
@data_option
def add(*, user: str, name: str, scopes: tuple[str, ...], days: int | None, as_json: bool, data: Path | None) -> None:
    """Make a key by which a program acts for USER, and show it: this once and never again."""
    with work(data) as session:
        made, text = api_keys.issue(session, user, name=name, scopes=scopes, days=days)
        names = ("prefix", "name", "scopes", "expires_at")
        facts = {"user": user, **{name: getattr(made, name) for name in names}, "key": text}
    if as_json:
        show_json(facts)
    else:
        click.echo(f"{facts['name']} may act for {user}; give it this key, which is not shown again:\n{text}")


@command.command("list", epilog="\b\nExample: wangge key list zhang --json")
@click.argument("user", required=False)
@json_option
@data_option
def list_(*, user: str | None, as_json: bool, data: Path | None) -> None:
    """List keys, those of USER or all, with their last use."""
    with work(data) as session:
        rows = [
            (
                one.key.prefix,
                one.user,
                one.key.name,
                one.key.scopes,
                one.standing,
                one.key.created_at,
                one.key.expires_at,
                one.key.last_used_at,
            )
            for one in api_keys.list_keys(session, user)
        ]
    if as_json:
        heads = ("prefix", "user", "name", "scopes", "standing", "created_at", "expires_at", "last_used_at")
        show_json({"keys": [dict(zip(heads, row, strict=True)) for row in rows]})
        return
    show_table(
        ("prefix", "user", "name", "scopes", "standing", "made", "good until", "last used"),
        [(*row[:3], " ".join(row[3]), row[4], *(at and f"{at:%Y-%m-%d %H:%M}" for at in row[5:])) for row in rows],
    )


@command.command(epilog="\b\nExample: wangge key revoke k7m2p9xa")
@click.argument("prefix")
@data_option
def revoke(*, prefix: str, data: Path | None) -> None:
    """Revoke the key that begins with wg_PREFIX: nobody gets in by it any more."""
    with work(data) as session:
        key = api_keys.revoke(session, prefix)
        click.echo(f"{key.name} ({key.prefix}) is revoked")
