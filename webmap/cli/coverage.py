"""`wangge coverage`: how much ground lies near a unit, and where none is."""

import csv
import json
from pathlib import Path

import click

from geodata.services.coverage import CoverageReport, coverage, gap_features
from webmap.cli.options import data_option, json_option, work
from webmap.cli.output import show_json, show_table

SHOWN = 10


@click.command(
    epilog="\b\nExample: wangge coverage --radius 500 --out gaps.geojson\n"
    "FILE.csv takes the share of every area, FILE.geojson the gaps."
)
@click.option("--radius", "radius_m", type=float, required=True, help="Metres in a straight line.")
@click.option("--category", help="Count only units that handle this category.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="File for the result (.csv or .geojson).")
@click.option("--refresh", is_flag=True, help="Calculate even if a stored result still holds.")
@json_option
@data_option
def command(
    *,
    radius_m: float,
    category: str | None,
    out: Path | None,
    refresh: bool,
    as_json: bool,
    data: Path | None,
) -> None:
    """Share of each village and town within a radius of a unit, the gaps, and areas without any unit."""
    if out is not None and out.suffix not in (".csv", ".geojson"):
        raise click.BadParameter("the name must end in .csv or .geojson", param_hint="--out")
    with work(data) as session:
        report = coverage(session, radius_m=radius_m, category=category, refresh=refresh, publish=True)
        if out is not None and out.suffix == ".geojson":
            out.write_text(json.dumps(gap_features(session, report), ensure_ascii=False), encoding="utf-8")
    if out is not None and out.suffix == ".csv":
        _write_shares(out, report)
    if as_json:
        show_json(report.to_json())
    else:
        _tell(report)


def _write_shares(out: Path, report: CoverageReport) -> None:
    # the mark at the beginning tells spreadsheets that this is UTF-8
    with out.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.DictWriter(file, fieldnames=list(report.shares[0]._fields))
        writer.writeheader()
        writer.writerows(share._asdict() for share in report.shares)


def _tell(report: CoverageReport) -> None:
    click.echo(f"{report.site_count} units, {report.radius_m:g} m{'' if report.is_fresh else ' (stored result)'}")
    lowest = [
        (share.level, share.code, share.name, share.share * 100.0, share.site_count)
        for level in ("district", "town", "village")
        for share in report.of_level(level)[:SHOWN]
    ]
    show_table(("level", "code", "name", "covered %", "units"), lowest)
    total_ha = sum(gap.area_m2 for gap in report.gaps) / 1e4
    click.echo(f"{len(report.gaps)} gaps, {total_ha:,.1f} ha; the largest:")
    show_table(
        ("rank", "area", "name", "ha"),
        [(gap.rank, gap.area_code, gap.area_name, gap.area_m2 / 1e4) for gap in report.gaps[:SHOWN]],
    )
    for level in ("town", "village"):
        names = [
            f"{area.name}{'' if area.has_boundary else ' (boundary missing)'}"
            for area in report.without
            if area.level == level
        ]
        told = ", ".join(names[:SHOWN]) + (f" … {len(names) - SHOWN} more" if len(names) > SHOWN else "")
        click.echo(f"{level}s without any unit: {len(names)}{': ' if names else ''}{told}")
        if report.unjudged[level]:
            click.echo(f"{level}s without a boundary, which cannot be judged: {report.unjudged[level]}")
