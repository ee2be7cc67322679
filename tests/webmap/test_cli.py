"""The command line: what it prints, its exit codes, and that an error is one line that says what to do."""

import io
import json
import subprocess
import sys
from contextlib import nullcontext
from dataclasses import fields

import click
import pytest
from makers import add_unit, at
from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session

from geodata.db import session_on
from geodata.demo import DemoSummary
from geodata.models import DutyGrid, MemberUnit, Ticket
from geodata.services.tickets import open_ticket
from geodata.services.users import verify
from webmap.cli import COMMANDS, FINE, REFUSED, WRONG_USAGE, demo, run, wangge
from webmap.cli.output import show_table


def every_command():
    """All commands and subcommands with their words."""
    context = click.Context(wangge)
    for name in COMMANDS:
        command = wangge.get_command(context, name)
        yield (name,), command
        if isinstance(command, click.Group):
            yield from (((name, inner), below) for inner, below in command.commands.items())


def one_line(err):
    return err.startswith("wangge: ") and err.count("\n") == 1


@pytest.mark.parametrize(("words", "command"), [pytest.param(w, c, id=" ".join(w)) for w, c in every_command()])
def test_every_command_has_help_with_an_example(words, command, capsys):
    assert run([*words, "--help"]) == FINE
    out = capsys.readouterr().out
    assert "Example: " in out
    assert " ".join(["wangge", *words]) in out
    assert command.help


def test_the_help_page_lists_every_command(capsys):
    assert run(["--help"]) == FINE
    out = capsys.readouterr().out
    assert all(f"  {name} " in out for name in COMMANDS)


def test_version_and_help_load_no_heavy_library():
    script = (
        "import sys; from webmap.cli import run; run(['--version']); run(['--help']);"
        "sys.exit(any(name in sys.modules for name in ('sqlalchemy', 'geopandas', 'flask', 'granian', 'numpy')))"
    )
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)  # noqa: S603 - ourselves
    assert answer.returncode == 0
    assert answer.stdout.startswith("wangge, version ")


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["fly"], id="unknown command"),
        pytest.param(["coverage"], id="radius missing"),
        pytest.param(["coverage", "--radius", "far"], id="radius is no number"),
        pytest.param(["coverage", "--radius", "500", "--out", "x.doc"], id="unknown ending"),
        pytest.param(["siting", "--radius", "500"], id="count missing"),
        pytest.param(["siting", "--count", "two", "--radius", "500"], id="count is no number"),
        pytest.param(["siting", "--count", "2", "--radius", "500", "--out", "x.csv"], id="no ending of sites"),
        pytest.param(["assign"], id="neither one nor all"),
        pytest.param(["assign", "--all", "--ticket", "1"], id="both one and all"),
        pytest.param(["assign", "--all", "--town", "310112101000"], id="both all and a town"),
        pytest.param(["assign", "--ticket", "1", "--method", "greedy"], id="a method for one"),
        pytest.param(["policy", "set", "--weight", "load"], id="a weight without metres"),
        pytest.param(["import", "spaceships", "x.csv"], id="unknown kind"),
        pytest.param(["import", "units", "not-there.csv"], id="file missing"),
        pytest.param(["user", "role", "zhang", "king"], id="unknown role"),
        pytest.param(["export", "units", "--bbox", "1,2,3", "--out", "-"], id="half a box"),
        pytest.param(["export", "units", "--bbox", "5,2,3,4", "--out", "-"], id="box inside out"),
        pytest.param(["serve", "--port", "70000"], id="no such port"),
        pytest.param(["district", "set"], id="nothing to set"),
        pytest.param(["district", "set", "--within", "上海市", "--no-within"], id="told and not told"),
    ],
)
def test_wrong_usage_is_exit_code_two(arguments, capsys):
    assert run(arguments) == WRONG_USAGE
    assert capsys.readouterr().err


def test_a_folder_without_a_district_says_how_to_make_one(monkeypatch, tmp_path, capsys):
    monkeypatch.delenv("WANGGE_DATABASE_URL", raising=False)
    assert run(["coverage", "--radius", "500", "--data", str(tmp_path / "none")]) == REFUSED
    err = capsys.readouterr().err
    assert one_line(err)
    assert "wangge init" in err
    assert not (tmp_path / "none").exists()


def test_a_server_that_does_not_answer_is_told_in_one_line(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("WANGGE_DATABASE_URL", f"postgresql://nobody@/none?host={tmp_path}")
    assert run(["user", "list"]) == REFUSED
    assert one_line(capsys.readouterr().err)


def test_grid_is_cut_and_checked(district, wangge_on):
    code, out, _ = wangge_on(district, "grid", "make", "--size", "500", "--json")
    made = json.loads(out)
    assert (code, made["stored"], made["retired"]) == (FINE, made["cells"], 0)
    assert wangge_on(district, "grid", "check")[0] == FINE
    with session_on(district) as session:
        session.execute(text("DELETE FROM grid_cell WHERE id = (SELECT min(id) FROM grid_cell)"))
    code, out, _ = wangge_on(district, "grid", "check")
    assert code == REFUSED
    assert "no cell covers" in out


def test_what_the_rules_refuse_is_exit_code_one_and_one_line(district, wangge_on):
    for arguments in (
        ("grid", "make", "--within", "310112999000"),
        ("coverage", "--radius", "500", "--category", "9999"),
        ("siting", "--count", "2", "--radius", "500"),
        ("siting", "--count", "51", "--radius", "500"),
        ("siting", "--count", "2", "--radius", "500", "--within", "310112999000"),
        ("assign", "--ticket", "20200101-000000"),
        ("export", "spaceships", "--out", "-"),
        ("user", "role", "nobody", "admin"),
        ("export", "units", "--out", "/no/such/folder/units.geojson"),
        ("test",),
    ):
        code, out, err = wangge_on(district, *arguments)
        assert (code, out) == (REFUSED, "")
        assert one_line(err)


def test_what_a_district_lies_in_is_told_and_changed(district, wangge_on):
    assert "within: not told" in wangge_on(district, "district", "show")[1]
    code, out, err = wangge_on(district, "district", "set", "--within", "浙江省", "--within", "舟山市")
    assert (code, out, err) == (FINE, "the district lies in 浙江省 > 舟山市\n", "")
    assert json.loads(wangge_on(district, "district", "show", "--json")[1])["within"] == ["浙江省", "舟山市"]
    code, _, err = wangge_on(district, "district", "set", "--within", "试验区")
    assert code == REFUSED
    assert one_line(err)
    assert wangge_on(district, "district", "set", "--no-within")[0] == FINE
    assert json.loads(wangge_on(district, "district", "show", "--json")[1])["within"] == []


def test_coverage_prints_json_and_writes_files(district, wangge_on, tmp_path):
    code, out, err = wangge_on(district, "coverage", "--radius", "500", "--json")
    report = json.loads(out)
    assert (code, err) == (FINE, "")
    assert report["site_count"] == 1
    assert {share["code"] for share in report["shares"]} >= {"310112101000", "310112101001"}
    assert [area["code"] for area in report["without"] if area["level"] == "town"] == ["310112102000"]
    assert report["unjudged"] == {"town": 0, "village": 1}
    told = wangge_on(district, "coverage", "--radius", "500")[1]
    assert "villages without a boundary, which cannot be judged: 1" in told
    for name in ("gaps.geojson", "shares.csv"):
        assert wangge_on(district, "coverage", "--radius", "500", "--out", str(tmp_path / name))[0] == FINE
    gaps = json.loads((tmp_path / "gaps.geojson").read_text(encoding="utf-8"))
    assert len(gaps["features"]) == len(report["gaps"])
    lines = (tmp_path / "shares.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == len(report["shares"]) + 1


def test_siting_prints_a_table_or_json_and_writes_a_file(district, wangge_on, tmp_path):
    wangge_on(district, "grid", "make", "--size", "200")
    asked = ("siting", "--count", "2", "--radius", "500", "--within", "310112102000")
    code, out, err = wangge_on(district, *asked, "--out", str(tmp_path / "sites.geojson"), "--json")
    plan = json.loads(out)
    assert (code, err, len(plan["sites"]), plan["before"]) == (FINE, "", 2, 0.0)
    assert plan["after"] == plan["sites"][1]["share"] > plan["sites"][0]["share"] > 0
    file = json.loads((tmp_path / "sites.geojson").read_text(encoding="utf-8"))
    assert [one["properties"]["cell_code"] for one in file["features"]] == [one["cell_code"] for one in plan["sites"]]
    assert file["features"][0]["geometry"]["coordinates"] == [plan["sites"][0]["lon"], plan["sites"][0]["lat"]]
    code, out, err = wangge_on(district, *asked)
    assert (code, err) == (FINE, "")
    assert "1 units, 500 m: 0.0% of 4." in out
    assert "东镇" in out
    assert "another choice might add" in out or "which is proven" in out


def test_siting_says_when_fewer_sites_would_do(district, wangge_on):
    wangge_on(district, "grid", "make", "--size", "500")
    out = wangge_on(district, "siting", "--count", "3", "--radius", "20000")[1]
    assert "0 of 3: no further site would cover anything more" in out
    assert "which is proven" in out


def test_a_ticket_is_assigned_with_reasons(district, wangge_on):
    with Session(district) as session:
        number = session.scalars(select(Ticket.number)).one()
    code, out, _ = wangge_on(district, "assign", "--ticket", number, "--dry-run", "--explain")
    assert code == FINE
    assert "单位U1 (U1)" in out
    assert "distance metres=" in out
    code, out, _ = wangge_on(district, "assign", "--all", "--json")
    told = json.loads(out)
    assert {name: told[name] for name in ("tickets", "to_unit", "to_office", "gaps", "dry_run")} == {
        "tickets": 1,
        "to_unit": 1,
        "to_office": 0,
        "gaps": {},
        "dry_run": False,
    }
    assert json.loads(wangge_on(district, "assign", "--all", "--json")[1])["tickets"] == 0


def test_export_writes_a_whole_file(district, wangge_on, tmp_path):
    out = tmp_path / "units.geojson"
    assert wangge_on(district, "export", "units", "--out", str(out))[0] == FINE
    features = json.loads(out.read_text(encoding="utf-8"))["features"]
    assert [feature["properties"]["code"] for feature in features] == ["U1"]
    assert [path.name for path in tmp_path.iterdir()] == ["units.geojson"]


def test_an_export_hides_numbers_of_people_unless_told_otherwise(district, wangge_on, tmp_path):
    with session_on(district) as session:
        open_ticket(session, category="0102", title="电话13812345678", actor="a")
    titles = {}
    for flags in ((), ("--as-written",)):
        out = tmp_path / "tickets.geojson"
        assert wangge_on(district, "export", "tickets", "--out", str(out), *flags)[0] == FINE
        told = [feature["properties"]["title"] for feature in json.loads(out.read_text(encoding="utf-8"))["features"]]
        titles[flags] = told[-1]
    assert titles == {(): "电话138****5678", ("--as-written",): "电话13812345678"}


def test_users_are_added_listed_and_changed(district, wangge_on, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("stone-bridge\n"))
    assert wangge_on(district, "user", "add", "zhang", "--role", "officer", "--password-stdin")[0] == FINE
    assert wangge_on(district, "user", "role", "zhang", "planner")[0] == FINE
    users = json.loads(wangge_on(district, "user", "list", "--json")[1])["users"]
    assert users == [
        {"name": "zhang", "role": "planner", "area_code": None, "duty_grids": [], "unit": None, "is_active": True}
    ]
    monkeypatch.setattr(sys, "stdin", io.StringIO("other-bridge\n"))
    assert wangge_on(district, "user", "password", "zhang", "--password-stdin")[0] == FINE
    with Session(district) as session:
        assert verify(session, "zhang", "other-bridge") is not None


def test_officers_get_duty_grids_and_units_their_people(district, wangge_on, monkeypatch):
    with session_on(district) as session:
        session.add_all(DutyGrid(scheme="s", code=code, name=code) for code in ("D1", "D2"))

    def add(*words):
        monkeypatch.setattr(sys, "stdin", io.StringIO("stone-bridge\n"))
        return wangge_on(district, "user", "add", *words, "--password-stdin")

    assert add("li", "--role", "unit", "--unit", "U1")[0] == FINE
    assert add("zhang", "--role", "officer", "--duty-grid", "D1", "--duty-grid", "D2")[0] == FINE
    assert wangge_on(district, "user", "role", "zhang", "officer", "--duty-grid", "D2")[0] == FINE
    code, out, err = add("wang", "--role", "officer", "--duty-grid", "D9")
    assert (code, out, one_line(err)) == (REFUSED, "", True)
    listed = wangge_on(district, "user", "list")[1].splitlines()
    assert [line.split() for line in listed[1:]] == [
        ["li", "unit", "-", "-", "U1", "yes"],
        ["zhang", "officer", "-", "D2", "-", "yes"],
    ]


def test_a_password_too_short_is_refused_without_being_shown(district, wangge_on, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("abc\n"))
    code, out, err = wangge_on(district, "user", "add", "zhang", "--password-stdin")
    assert (code, out) == (REFUSED, "")
    assert "abc" not in err


def test_import_reports_rows_and_refuses_bad_ones(district, wangge_on, tmp_path):
    path = tmp_path / "units.csv"
    lon, lat = at(1.5, 1.0)
    path.write_text(f"code,name,kind,lon,lat\nU2,二号物业,property,{lon},{lat}\n", encoding="utf-8")
    code, out, _ = wangge_on(district, "import", "units", str(path), "--datum", "wgs84", "--json")
    report = json.loads(out)
    assert (code, report["rows"], report["stored"], report["changed"], report["bad"]) == (FINE, 1, 1, 0, 0)
    path.write_text(f"code,name,kind,lon,lat\nU3,三号,spaceship,{lon},{lat}\n", encoding="utf-8")
    code, out, err = wangge_on(district, "import", "units", str(path), "--datum", "wgs84")
    assert code == REFUSED
    assert "spaceship" in err
    with Session(district) as session:
        assert session.scalars(select(MemberUnit.code).order_by(MemberUnit.code)).all() == ["U1", "U2"]


def test_geocode_prints_json(district, wangge_on, tmp_path):
    with session_on(district) as session:
        add_unit(session, "U9", address="无名路1号")
    code, out, _ = wangge_on(district, "geocode", "--json", "--review", str(tmp_path / "review.csv"))
    assert (code, json.loads(out)["review"]) == (FINE, 1)
    assert "无名路1号" in (tmp_path / "review.csv").read_text(encoding="utf-8-sig")


def test_a_review_sheet_goes_out_and_comes_back_once(district, wangge_on, tmp_path):
    with session_on(district) as session:
        add_unit(session, "U9", address="无名路1号")
    sheet = tmp_path / "review.csv"
    wangge_on(district, "geocode", "--review", str(sheet))
    lines = sheet.read_text(encoding="utf-8-sig").splitlines()
    place = lines[0].split(",").index("decision")
    cells = lines[1].split(",")
    cells[place] = "none"
    sheet.write_text("\n".join([lines[0], ",".join(cells)]), encoding="utf-8-sig")
    code, _out, err = wangge_on(district, "geocode", "--review", str(sheet))
    assert (code, one_line(err), "--decisions first" in err) == (REFUSED, True, True)
    code, out, _ = wangge_on(district, "geocode", "--decisions", str(sheet))
    assert (code, out.splitlines()[0]) == (FINE, "decisions: 1 stored, 0 as before, 0 left open")
    code, out, _ = wangge_on(district, "geocode", "--decisions", str(sheet), "--json")
    assert json.loads(out)["decisions"] == {"settled": 0, "unchanged": 1, "open": 0}


def test_status_of_a_named_server_hides_its_password(district, wangge_on):
    code, out, _ = wangge_on(district, "db", "status", "--json")
    found = json.loads(out)
    assert (code, found["kind"], found["district"]["code"]) == (FINE, "named", "310112")
    assert found["schema"] == found["schema_wanted"]


def test_the_demo_says_how_much_there_is_of_everything(monkeypatch, capsys, tmp_path):
    counts = {field.name: number for number, field in enumerate(fields(DemoSummary), start=1000)}
    made = DemoSummary(**{**counts, "code": "990101", "name": "望澜区", "is_new": True})
    monkeypatch.setattr(demo, "running", lambda _: nullcontext())
    monkeypatch.setattr(demo, "open_engine", lambda _: create_engine("sqlite://"))
    monkeypatch.setattr(demo, "build_demo", lambda _engine, **_: made)
    assert run(["demo", "--no-serve", "--data", str(tmp_path)]) == FINE
    out = capsys.readouterr().out
    told = ("towns", "villages", "cells", "units", "points", "projects", "resources", "tickets")
    assert [name for name in told if f"{counts[name]} {name}" not in out] == []
    assert f"base map of {counts['basemap_features']} features" in out
    assert max(len(line) for line in out.splitlines()) < 170


def test_a_table_lines_up_chinese_and_figures(capsys):
    show_table(("name", "ha"), [("莘庄镇", 12.5), ("A", 3.0)])
    assert capsys.readouterr().out.splitlines() == ["name      ha", "莘庄镇  12.5", "A        3.0"]


@pytest.mark.parametrize("form", ["gpkg", "shp", "fgb", "parquet", "xlsx", "csv", "kml", "geojsonseq"])
def test_every_format_is_written_by_the_command_line(wangge_on, district, tmp_path, form):
    out = tmp_path / f"units.{form}"
    code, said, err = wangge_on(district, "export", "units", "--format", form, "--as-features", "--out", str(out))
    assert (code, said) == (FINE, "")
    assert "bytes" in err
    assert out.stat().st_size > 100
    assert sorted(one.name for one in tmp_path.glob("**/*") if one.is_file()) == [out.name]


def test_an_export_takes_a_crs_and_a_way_to_say_where(wangge_on, district, tmp_path):
    out = tmp_path / "units.csv"
    how = ("--format", "csv", "--crs", "EPSG:4549", "--geometry", "wkt", "--out", str(out))
    assert wangge_on(district, "export", "units", *how)[0] == FINE
    assert "POINT(634034." in out.read_text(encoding="utf-8-sig")
    for wrong in (("--crs", "EPSG:2154"), ("--format", "kml", "--crs", "EPSG:4549"), ("--geometry", "lonlat")):
        assert wangge_on(district, "export", "units", *wrong, "--out", str(tmp_path / "x"))[0] == WRONG_USAGE
    assert not (tmp_path / "x").exists()


def test_an_export_takes_a_condition(wangge_on, district, tmp_path):
    out = tmp_path / "units.csv"
    for where, rows in (("code = 'U1'", 2), ("code = 'U2'", 1)):
        how = ("--format", "csv", "--where", where, "--out", str(out))
        assert wangge_on(district, "export", "units", *how)[0] == FINE
        assert len(out.read_text(encoding="utf-8-sig").splitlines()) == rows
    code, _, err = wangge_on(district, "export", "units", "--where", "nothing = 1", "--out", str(tmp_path / "x"))
    assert code == REFUSED
    assert "nothing" in err


def test_a_sheet_comes_before_the_collection_of_its_name(wangge_on, district, tmp_path):
    heads = []
    for more in ((), ("--as-features",)):
        out = tmp_path / "projects.csv"
        assert wangge_on(district, "export", "projects", "--format", "csv", *more, "--out", str(out))[0] == FINE
        heads.append(out.read_text(encoding="utf-8-sig").splitlines()[0])
    assert heads[0] != heads[1]
    assert heads[1].endswith("lon,lat")


def test_what_a_format_cut_is_said_on_stderr(wangge_on, district, tmp_path):
    with session_on(district) as session:
        add_unit(session, "U9", 1, 1, name="长" * 200)
    _, _, err = wangge_on(district, "export", "units", "--format", "shp", "--out", str(tmp_path / "u.zip"))
    assert "could not hold 1 of text whole" in err
