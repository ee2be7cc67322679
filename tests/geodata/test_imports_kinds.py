"""The other kinds: cells, points, blocks, regions, teams, memberships, duty list, gazetteer."""

import files
import makers
import pytest
from sqlalchemy import select

from geodata.ingest.errors import FieldsMissing
from geodata.models import (
    DutyRule,
    GazetteerEntry,
    GridCell,
    Membership,
    MemberUnit,
    Region,
    ResponsibilityBlock,
    ResponsibilityPoint,
    ServiceTeam,
)
from geodata.services.imports import import_file
from geodata.services.stamps import check_stamps


@pytest.fixture
def areas(session):
    makers.add_areas(session)


@pytest.fixture
def sheet(tmp_path):
    """A function that makes a CSV of its lines."""
    return lambda *lines: files.table(tmp_path / "list.csv", *lines)


def again(session, kind, path, **options):
    """The report of the second import of a file, which must change nothing."""
    first = import_file(session, kind, path, **options)
    assert (first.refused, first.problems) == (None, [])
    second = import_file(session, kind, path, **options)
    assert (second.stored, second.changed, second.unchanged) == (0, 0, first.stored)
    return first


@pytest.mark.usefixtures("areas")
def test_grid_cells(session, tmp_path):
    unit = makers.add_unit(session, "A1", 0.5, 0.5)
    cells = [
        ({"网格编码": "310112101001001"}, files.polygon(0, 0, 1, 1)),
        ({"网格编码": "310112101001002"}, files.polygon(0, 1, 1, 2)),
    ]
    assert again(session, "grid", files.geojson(tmp_path / "cells.geojson", *cells), datum="wgs84").stored == 2
    cell = session.scalars(select(GridCell).order_by(GridCell.code)).first()
    assert (cell.town_code, cell.village_code, cell.gx, cell.is_whole) == ("310112101000", "310112101001", None, False)
    session.refresh(unit)
    assert unit.cell_code == "310112101001001"
    assert check_stamps(session) == []


def test_a_cell_without_boundary_is_a_problem(session, tmp_path):
    path = files.geojson(tmp_path / "a.geojson", ({"code": "310112101001001"}, None))
    report = import_file(session, "grid", path, datum="wgs84")
    assert [(p.row, p.field) for p in report.problems] == [(1, "position")]


def test_cells_without_any_geometry_cannot_come_in(session, sheet):
    with pytest.raises(FieldsMissing, match="geometry"):
        import_file(session, "grid", sheet("code", "310112101001001"))


@pytest.mark.usefixtures("areas")
def test_points_with_holder_and_radius(session, sheet):
    holder = makers.add_unit(session, "A1")
    path = sheet(
        "责任点编码,名称,责任单位,半径,区块编码,lon,lat", "P1,桥头,A1,80,B1,121.405,31.105", "P2,路口,,,,121.5,31.2"
    )
    again(session, "points", path, datum="wgs84", trust_datum=True)
    points = session.scalars(select(ResponsibilityPoint).order_by(ResponsibilityPoint.code)).all()
    assert [(p.holder_id, p.radius_m, p.village_code) for p in points] == [
        (holder.id, 80.0, "310112101001"),
        (None, 50.0, None),
    ]


def test_points_without_codes_are_told_apart_by_place(session, sheet):
    path = sheet("名称,lon,lat", "桥头,121.405,31.105", "桥头,121.406,31.105")
    assert again(session, "points", path, datum="wgs84").stored == 2


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        pytest.param("A9", "no member unit of this code or name", id="nobody"),
        pytest.param("同名", "2 have this name; give the code, one of A1, A2", id="two of one name"),
    ],
)
def test_a_holder_must_be_one_unit(said, reason, session, sheet):
    for code in ("A1", "A2"):
        makers.add_unit(session, code, name="同名")
    report = import_file(session, "points", sheet("名称,责任单位", f"桥头,{said}"))
    assert [(p.row, p.field) for p in report.problems] == [(2, "holder")]
    assert reason in report.problems[0].reason


def test_regions_teams_and_blocks(session, tmp_path, sheet):
    makers.add_unit(session, "A1")
    region = files.geojson(
        tmp_path / "r.geojson",
        ({"片区编码": "R1", "名称": "北片", "town_code": "310112101000"}, files.polygon(0, 0, 2, 2)),
    )
    again(session, "regions", region, datum="wgs84")
    again(session, "teams", sheet("团队编码,名称,联络岗位,值班电话", "T1,便民队,值班室,64120000"))
    block = files.geojson(
        tmp_path / "b.geojson",
        (
            {"区块编码": "B1", "名称": "一块", "片区": "R1", "责任单位": "A1", "服务团队": "便民队"},
            files.polygon(0, 0, 1, 1),
        ),
    )
    again(session, "blocks", block, datum="wgs84")
    kept = session.scalars(select(ResponsibilityBlock)).one()
    team = session.scalars(select(ServiceTeam)).one()
    assert (kept.region_code, kept.team_id, team.contact_phone) == ("R1", team.id, "64120000")
    assert kept.holder_id == session.scalars(select(MemberUnit.id)).one()
    assert session.scalars(select(Region.name)).one() == "北片"


@pytest.mark.usefixtures("areas")
def test_memberships(session, sheet):
    unit = makers.add_unit(session, "A1", name="单位甲")
    path = sheet("单位,层级,区域编码,开始日期", "A1,区,310112,", "单位甲,街镇,310112101000,2014-01-01")
    assert again(session, "memberships", path).stored == 2
    found = session.scalars(select(Membership).order_by(Membership.level)).all()
    assert [(one.unit_id, one.level, one.area_code) for one in found] == [
        (unit.id, "district", "310112"),
        (unit.id, "town", "310112101000"),
    ]


@pytest.mark.usefixtures("areas")
def test_a_membership_needs_an_area_of_its_level(session, sheet):
    makers.add_unit(session, "A1")
    report = import_file(session, "memberships", sheet("单位,层级,区域编码", "A1,居村,310112101000"))
    assert "no village of this code" in report.problems[0].reason


@pytest.mark.usefixtures("areas")
def test_the_duty_list(session, sheet):
    path = sheet("类别,单位类型,职责,街镇编码", "0501,学校,协助,", "0501,market,handle,310112101000")
    before = len(session.scalars(select(DutyRule)).all())
    first = import_file(session, "duty", path)
    assert first.refused is None
    assert len(session.scalars(select(DutyRule)).all()) == before + first.stored
    assert import_file(session, "duty", path).unchanged == 2
    assert session.scalars(select(DutyRule.unit_kind).where(DutyRule.town_code == "310112101000")).all() == ["market"]


def test_a_duty_of_an_unknown_town_is_a_problem(session, sheet):
    report = import_file(session, "duty", sheet("类别,单位类型,职责,街镇编码", "0501,学校,协助,310112999000"))
    assert "no town of this code" in report.problems[0].reason


@pytest.mark.usefixtures("areas")
def test_the_gazetteer(session, sheet):
    path = sheet(
        "stop_name,lng_wgs84,lat_wgs84",
        "塘浦路陈行路,121.405,31.105",
        "东川路,121.415,31.105",
        "春申路88号,121.41,31.1",
    )
    assert again(session, "gazetteer", path, datum="wgs84").stored == 3
    found = session.scalars(select(GazetteerEntry).order_by(GazetteerEntry.kind)).all()
    assert [(one.kind, one.name, one.road, one.cross_road, one.number) for one in found] == [
        ("crossing", "塘浦路陈行路", "塘浦路", "陈行路", None),
        ("door", "春申路88号", "春申路", None, "88"),
        ("place", "东川路", None, None, None),
    ]
    assert {one.source for one in found} == {"list"}
    assert found[0].village_code == "310112101001"


def test_a_gazetteer_entry_without_place_is_a_problem(session, sheet):
    report = import_file(session, "gazetteer", sheet("name,lon,lat", "莘庄,,"), datum="wgs84")
    assert [(p.row, p.field) for p in report.problems] == [(2, "position")]


def test_a_place_known_from_elsewhere_tells_a_wrong_datum(session, sheet):
    names = [f"第{i}站" for i in range(20)]
    spots = [(121.40 + i / 500, 31.10 + i / 700) for i in range(20)]
    lines = [f"{name},{lon:.6f},{lat:.6f}" for name, (lon, lat) in zip(names, spots, strict=True)]
    path = sheet("name,lon,lat", *lines)
    assert import_file(session, "gazetteer", path, datum="wgs84", source="one").stored == 20
    report = import_file(session, "gazetteer", path, datum="gcj02", source="two")
    assert report.verdict.contradicts
    assert "look like WGS 84" in report.refused
    assert import_file(session, "gazetteer", path, datum="gcj02", source="one").refused is None  # not against itself
