"""`wangge rules`: under which conditions tickets are filed, and how long handling may take."""

from datetime import datetime
from pathlib import Path

import click

from geodata.formats.filetable import FORMS
from geodata.ingest.rules import FILING_RULES
from geodata.services import rule_tables, rules
from geodata.services.rules import Rule
from geodata.worktime import LIMIT_UNITS
from webmap.cli.imports import import_command
from webmap.cli.options import ACTOR, data_option, json_option, work
from webmap.cli.output import show_json, show_table, whole_file

DAY = click.DateTime(["%Y-%m-%d"])

town_option = click.option("--town", default="", help="Code of a town; none: the district's own.")
since_option = click.option("--since", type=DAY, help="First day; none: today.")


@click.group("rules", epilog="\b\nExample: wangge rules list --category 0102")
def command() -> None:
    """List, set, end, copy, import and export filing rules."""


@command.command("list", epilog="\b\nExample: wangge rules list --town 310112101000 --category 0102")
@click.option("--category", help="Code of one category; none: all.")
@town_option
@click.option("--on", type=DAY, help="Day on which they hold; none: today.")
@json_option
@data_option
def list_(*, category: str | None, town: str, on: datetime | None, as_json: bool, data: Path | None) -> None:
    """List the rules in force; a town's own stand in place of the district's."""
    with work(data) as session:
        found = rules.overview(session, town_code=town, day=on.date() if on else None)
        shown = [
            (one.category.code, rule.town_code, rule.code, rule.rank, rule.amount, rule.unit, rule.condition_zh)
            for one in found
            for rule in (one.own or one.district)
            if category in {None, one.category.code}
        ]
    heads = ("category", "town_code", "code", "rank", "amount", "unit", "condition")
    if as_json:
        show_json({"rules": [dict(zip(heads, row, strict=True)) for row in shown]})
        return
    show_table(heads, [(*row[:4], f"{row[4]:g}", *row[5:]) for row in shown])


@command.command(
    "set", epilog="\b\nExample: wangge rules set 0102 1 --amount 2 --unit working_hours --since 2026-07-01"
)
@click.argument("category")
@click.argument("code")
@click.option("--condition", help="The test, in Chinese.")
@click.option("--condition-en", help="The test, in English.")
@click.option("--closing", help="The closing test, in Chinese.")
@click.option("--closing-en", help="The closing test, in English.")
@click.option("--amount", type=float, help="How long handling may take.")
@click.option("--unit", type=click.Choice(LIMIT_UNITS), help="Unit of the amount.")
@click.option("--photo/--no-photo", default=None, help="Whether the result must be shown by a photo.")
@click.option("--rank", type=int, help="Place among the rules of the category; the first is the ordinary one.")
@click.option("--source", help="Where the rule is from.")
@town_option
@since_option
@data_option
def set_(
    *,
    category: str,
    code: str,
    condition: str | None,
    condition_en: str | None,
    closing: str | None,
    closing_en: str | None,
    amount: float | None,
    unit: str | None,
    photo: bool | None,
    rank: int | None,
    source: str | None,
    town: str,
    since: datetime | None,
    data: Path | None,
) -> None:
    """Change rule CODE of CATEGORY from a day on, or make it; what is not told stays as it is."""
    told = {
        "condition_zh": condition,
        "condition_en": condition_en,
        "closing_zh": closing,
        "closing_en": closing_en,
        "amount": amount,
        "unit": unit,
        "needs_photo": photo,
        "rank": rank,
        "source": source,
    }
    first = since.date() if since else None
    with work(data) as session:
        known = rules.rules_by_code(session, category, town_code=town, day=first)
        before = vars(rules.told_by(known[code])) if code in known else {"amount": 0.0, "unit": ""}
        before |= {f"{name}_en": "" for name in ("condition", "closing") if told[f"{name}_zh"] is not None}
        values = before | {name: value for name, value in told.items() if value is not None}
        missing = [name for name in ("condition_zh", "closing_zh") if name not in values]
        if missing or not values["unit"]:
            raise click.UsageError(f"rule {code} is new: tell --condition, --closing, --amount and --unit")
        made = rules.set_rule(session, category, code, Rule(**values), actor=ACTOR, town_code=town, since=first)
        click.echo(f"{category}/{code}: {made.amount:g} {made.unit} from {made.valid_from} on")


@command.command(epilog="\b\nExample: wangge rules end 0102 3 --town 310112101000")
@click.argument("category")
@click.argument("code")
@town_option
@since_option
@data_option
def end(*, category: str, code: str, town: str, since: datetime | None, data: Path | None) -> None:
    """Let rule CODE of CATEGORY hold no longer; what was filed under it keeps its limit."""
    with work(data) as session:
        rules.end_rule(session, category, code, actor=ACTOR, town_code=town, on=since.date() if since else None)
        click.echo(f"{category}/{code} holds no longer")


@command.command(epilog="\b\nExample: wangge rules copy 310112101000 --category 0102")
@click.argument("town")
@click.option("--category", help="Code of one category; none: all.")
@data_option
def copy(*, town: str, category: str | None, data: Path | None) -> None:
    """Give TOWN the district's rules as its own, to adapt; categories where it has its own are left alone."""
    with work(data) as session:
        click.echo(f"{rules.copy_rules(session, town, actor=ACTOR, category=category)} rules copied")


command.add_command(
    import_command(
        FILING_RULES.name,
        words="Take rules in from FILE (CSV or XLSX); what differs holds from today on, or from the day in its row.",
        example="wangge rules import rules.xlsx --dry-run",
    )
)


@command.command(epilog="\b\nExample: wangge rules export rules.xlsx")
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--town", default=None, help="Code of a town, or '' for the district alone; none: all.")
@click.option("--history", is_flag=True, help="Also versions of other days, each with its days.")
@data_option
def export(*, out: Path, town: str | None, history: bool, data: Path | None) -> None:
    """Write the rules into OUT (.csv or .xlsx), to be changed there and imported again."""
    form = form_of(out)
    with work(data) as session:
        table = rule_tables.filing_rules(session, town_code=town, with_history=history)
    with whole_file(out) as file:
        file.writelines(table.pieces(form, sheet=FILING_RULES.title_zh))
    click.echo(f"{out}: {len(table.rows)} rules", err=True)


def form_of(out: Path) -> str:
    """The form that the name of a file asks for. Raises a usage error for another than CSV and XLSX."""
    form = out.suffix.lower().removeprefix(".")
    if form not in FORMS:
        raise click.BadParameter(f"{out.name} must end in .csv or .xlsx", param_hint="OUT")
    return form
