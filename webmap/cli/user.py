"""`wangge user`: people who sign in."""

import sys
from pathlib import Path

import click

from geodata.models import ROLES
from geodata.services import users
from webmap.cli.options import data_option, json_option, work
from webmap.cli.output import show_json, show_table

grids_option = click.option(
    "--duty-grid", "duty_grids", multiple=True, help="Code of a duty grid an officer walks; once for each."
)
unit_option = click.option("--unit", help="Code of the unit that a user of the role unit works for.")
stdin_option = click.option("--password-stdin", is_flag=True, help="Read the password from stdin, one line.")


@click.group("user", epilog="\b\nExample: wangge user add zhang --role officer")
def command() -> None:
    """Add, list and change users."""


@command.command(
    epilog="\b\nExample: wangge user add zhang --role town_office --area 310112101000\n"
    "Example: wangge user add li --role officer --duty-grid 310112101001D1 --duty-grid 310112101001D2\n"
    "Example: wangge user add market --role unit --unit U017"
)
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default="viewer", show_default=True, help="What they may do.")
@click.option("--area", help="Code of the town or village they work for; none: the whole district.")
@grids_option
@unit_option
@stdin_option
@data_option
def add(
    *,
    name: str,
    role: str,
    area: str | None,
    duty_grids: tuple[str, ...],
    unit: str | None,
    password_stdin: bool,
    data: Path | None,
) -> None:
    """Add user NAME; the password is asked for."""
    password = _password(from_stdin=password_stdin)
    with work(data) as session:
        made = users.add_user(
            session, name, password=password, role=role, area_code=area, duty_grids=duty_grids, unit=unit
        )
        click.echo(f"{made.name} may sign in as {made.role}")


@command.command("list", epilog="\b\nExample: wangge user list --json")
@json_option
@data_option
def list_(*, as_json: bool, data: Path | None) -> None:
    """List users with role and area, the duty grids of officers and the units of their people."""
    with work(data) as session:
        theirs = users.work_of_users(session)
        rows = [
            (u.name, u.role, u.area_code, *theirs.get(u.id, users.NO_WORK), u.is_active)
            for u in users.list_users(session)
        ]
    if as_json:
        heads = ("name", "role", "area_code", "duty_grids", "unit", "is_active")
        show_json({"users": [dict(zip(heads, row, strict=True)) for row in rows]})
        return
    show_table(
        ("name", "role", "area", "duty grids", "unit", "active"),
        [
            (name, role, area, " ".join(grids) or None, unit, "yes" if is_active else "no")
            for name, role, area, grids, unit, is_active in rows
        ],
    )


@command.command(epilog="\b\nExample: wangge user role zhang district")
@click.argument("name")
@click.argument("role", type=click.Choice(ROLES))
@click.option("--area", help="Code of the area they work for from now on.")
@grids_option
@unit_option
@data_option
def role(
    *, name: str, role: str, area: str | None, duty_grids: tuple[str, ...], unit: str | None, data: Path | None
) -> None:
    """Give user NAME another ROLE; area, duty grids and unit change where they are named."""
    with work(data) as session:
        user = users.set_role(session, name, role=role, area_code=area, duty_grids=duty_grids, unit=unit)
        click.echo(f"{user.name} is {user.role} now")


@command.command(epilog="\b\nExample: wangge user password zhang")
@click.argument("name")
@stdin_option
@data_option
def password(*, name: str, password_stdin: bool, data: Path | None) -> None:
    """Set a new password for user NAME; open sign-ins end."""
    word = _password(from_stdin=password_stdin)
    with work(data) as session:
        users.change_password(session, name, password=word)
        click.echo(f"{name} has a new password")


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    asked: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return asked
