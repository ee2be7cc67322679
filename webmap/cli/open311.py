"""`wangge open311`: what other applications may ask for, and what is asked of them."""

from pathlib import Path

import click

from geodata.services import service_attributes
from geodata.services.categories import categories
from geodata.services.service_attributes import SERVICE_TYPES
from webmap.cli.options import data_option, json_option, work
from webmap.cli.output import show_json, show_table


@click.group("open311", epilog="\b\nExample: wangge open311 services")
def command() -> None:
    """Services of Open311: list them, set their type, and give them questions."""


@command.command("services", epilog="\b\nExample: wangge open311 services --json")
@json_option
@data_option
def services(*, as_json: bool, data: Path | None) -> None:
    """List services with their type and the codes of their questions; a required one has a star."""
    with work(data) as session:
        asked = service_attributes.questions(session)
        found = [
            (one.code, one.name_zh, one.name_en, one.service_type, [each.code for each in asked.get(one.code, [])])
            for one in categories(session)
        ]
        stars = {(each.category_code, each.code) for of_it in asked.values() for each in of_it if each.is_required}
    heads = ("code", "name_zh", "name_en", "type", "attributes")
    if as_json:
        show_json({"services": [dict(zip(heads, row, strict=True)) for row in found]})
        return
    rows = [(*row[:4], " ".join(f"{each}*" if (row[0], each) in stars else each for each in row[4])) for row in found]
    show_table(heads, rows)


@command.command("type", epilog="\b\nExample: wangge open311 type 2101 batch")
@click.argument("category")
@click.argument("service_type", type=click.Choice(SERVICE_TYPES))
@data_option
def type_(*, category: str, service_type: str, data: Path | None) -> None:
    """Say when the number of a ticket is told: at once (realtime), or when an office has filed it (batch)."""
    with work(data) as session:
        made = service_attributes.set_type(session, category, service_type)
        click.echo(f"{made.code} {made.name_zh} is {made.service_type} now")


@command.command("attributes", epilog="\b\nExample: wangge open311 attributes questions.csv")
@click.argument("file", type=click.Path(path_type=Path))
@data_option
def attributes(*, file: Path, data: Path | None) -> None:
    """Take the questions in FILE (CSV); a category named in it asks these and no others from now on."""
    with work(data) as session:
        count = service_attributes.read_questions(session, file)
        click.echo(f"{count} questions stored")
