"""`wangge calendar`: days off, make-up workdays and working hours."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Literal

import click

from geodata.errors import BadCalendar
from geodata.ingest.calendar import CALENDAR
from geodata.services import calendars, rule_tables
from geodata.services.calendar_changes import DayChange, HoursChange, change, read_spells, said_spells
from geodata.services.calendars import Span, YearOfDays
from geodata.services.recalculation import MovedDeadline, recalculate
from webmap.cli.imports import SHOWN, import_command
from webmap.cli.options import ACTOR, data_option, json_option, work
from webmap.cli.output import show_json, show_table, whole_file
from webmap.cli.rules import form_of

_WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")

dry_option = click.option("--dry-run", is_flag=True, help="Say which deadlines would move, change nothing.")


@click.group("calendar", epilog="\b\nExample: wangge calendar show 2026")
def command() -> None:
    """Show and change the working calendar; deadlines of running clocks follow it."""


@command.command(epilog="\b\nExample: wangge calendar show 2026 --json")
@click.argument("year", type=click.IntRange(1900, 2199))
@json_option
@data_option
def show(*, year: int, as_json: bool, data: Path | None) -> None:
    """Show the working days of YEAR by month, its days off and make-up workdays, and the hours."""
    with work(data) as session:
        found = calendars.year_of(session, year)
        spells = calendars.calendar(session).spells
        hours = {name: said_spells(spells.get(number, ())) for number, name in enumerate(_WEEKDAYS, start=1)}
    if as_json:
        show_json(_year_json(found) | {"hours": hours})
        return
    click.echo(f"{year}: {found.working_days} working days")
    show_table(("month", "working days"), [(month.first.month, month.working_days) for month in found.months])
    if found.named:
        click.echo("")
        show_table(("from", "to", "days", "kind", "name"), [_span_row(span) for span in found.named])
    else:
        click.echo("no day is off but by its weekday")
    click.echo("")
    show_table(("weekday", "hours"), [(name, said or "free") for name, said in hours.items()])


@command.command("set", epilog="\b\nExample: wangge calendar set 2026-10-01..2026-10-07 off --name 国庆节 --dry-run")
@click.argument("day")
@click.argument("kind", type=click.Choice(["off", "work", "normal"]))
@click.option("--name", default="", help="Why, in Chinese.")
@click.option("--name-en", default="", help="Why, in English.")
@click.option("--like", type=click.IntRange(1, 7), help="Weekday whose hours a workday has, 1 Monday to 7.")
@dry_option
@json_option
@data_option
def set_(
    *,
    day: str,
    kind: Literal["off", "work", "normal"],
    name: str,
    name_en: str,
    like: int | None,
    dry_run: bool,
    as_json: bool,
    data: Path | None,
) -> None:
    """Make DAY (or FIRST..LAST) a day off, a workday, or what its weekday is; deadlines move along."""
    first, _, last = day.partition("..")
    wanted = DayChange(_day(first), _day(last or first), kind, like, name, name_en)
    with work(data) as session:
        moved = change(session, [wanted], actor=ACTOR, dry_run=dry_run)
    _tell(moved, dry_run=dry_run, as_json=as_json)


@command.command(epilog='\b\nExample: wangge calendar hours 1-5 "09:00-12:00, 13:00-17:00"')
@click.argument("weekdays")
@click.argument("spells")
@dry_option
@json_option
@data_option
def hours(*, weekdays: str, spells: str, dry_run: bool, as_json: bool, data: Path | None) -> None:
    """Give WEEKDAYS (1 Monday to 7; 1-5, or 1,3,5) these SPELLS of work; "" makes them free."""
    wanted = HoursChange(_weekdays(weekdays), read_spells(spells))
    with work(data) as session:
        moved = change(session, [wanted], actor=ACTOR, dry_run=dry_run)
    _tell(moved, dry_run=dry_run, as_json=as_json)


@command.command("recalculate", epilog="\b\nExample: wangge calendar recalculate --dry-run")
@dry_option
@json_option
@data_option
def recalculate_(*, dry_run: bool, as_json: bool, data: Path | None) -> None:
    """Count the deadlines of all running clocks anew by the calendar as it stands."""
    with work(data) as session:
        moved = recalculate(session, dry_run=dry_run)
    _tell(moved, dry_run=dry_run, as_json=as_json)


command.add_command(
    import_command(
        CALENDAR.name,
        words="Take days off and make-up workdays in from FILE (CSV or XLSX: day, off or work, weekday, name).",
        example="wangge calendar import holidays-2027.csv --dry-run",
    )
)


@command.command(epilog="\b\nExample: wangge calendar export holidays.xlsx --year 2026")
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--year", type=click.IntRange(1900, 2199), help="One year; none: all.")
@data_option
def export(*, out: Path, year: int | None, data: Path | None) -> None:
    """Write days off and make-up workdays into OUT (.csv or .xlsx)."""
    form = form_of(out)
    with work(data) as session:
        table = rule_tables.calendar_days(session, year=year)
    with whole_file(out) as file:
        file.writelines(table.pieces(form, sheet=CALENDAR.title_zh))
    click.echo(f"{out}: {len(table.rows)} days", err=True)


def _day(said: str) -> date:
    try:
        return date.fromisoformat(said.strip())
    except ValueError as error:
        raise BadCalendar(f"{said!r} is no day such as 2026-10-01") from error


def _weekdays(said: str) -> tuple[int, ...]:
    found: set[int] = set()
    for part in said.split(","):
        first, _, last = part.strip().partition("-")
        if not (first.isdigit() and (last or first).isdigit()):
            raise click.BadParameter(f"{part!r} is no weekday such as 1, or 1-5", param_hint="WEEKDAYS")
        found |= set(range(int(first), int(last or first) + 1))
    return tuple(sorted(found))


def _tell(moved: Sequence[MovedDeadline], *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        show_json({"moved": [one._asdict() | {"seconds": one.seconds} for one in moved], "dry_run": dry_run})
        return
    click.echo(f"{len(moved)} deadlines {'would move' if dry_run else 'moved'}")
    if moved:
        rows = [(one.number, one.stage, _moment(one.before), _moment(one.after)) for one in moved[:SHOWN]]
        show_table(("ticket", "stage", "before", "after"), rows)
    if len(moved) > SHOWN:
        click.echo(f"… {len(moved) - SHOWN} more, all of them with --json")


def _moment(moment: object) -> str:
    return "-" if moment is None else f"{moment:%Y-%m-%d %H:%M %Z}"


def _span_row(span: Span) -> tuple[str, str, int, str, str]:
    kind = "work" if span.kind == "made_up" else "off"
    return span.first.isoformat(), span.last.isoformat(), span.days, kind, span.name.zh


def _year_json(year: YearOfDays) -> dict[str, object]:
    return {
        "year": year.number,
        "working_days": year.working_days,
        "months": [month.working_days for month in year.months],
        "days": [
            {
                "first": span.first,
                "last": span.last,
                "kind": span.kind,
                "name_zh": span.name.zh,
                "name_en": span.name.en,
            }
            for span in year.named
        ],
    }
