"""Holders and deputies of regions, blocks, points and teams, from a sheet."""

import files
import pytest
from makers import add_areas, add_block, add_unit
from sqlalchemy import select

from geodata.ingest.errors import PersonalData
from geodata.models import DutyDeputy, Region, ResponsibilityBlock, ServiceTeam
from geodata.queries.locate import blocks_at
from geodata.services.imports import import_file

HEAD = "责任类别,责任对象,次序,单位,岗位"


@pytest.fixture
def town(session):
    """A block and a region, and two units."""
    add_areas(session)
    add_unit(session, "U1", name="物业甲")
    add_unit(session, "U2", name="居委乙")
    add_block(session, "B1", 0, 0, 1, 2)
    session.add(Region(code="R1", name="东片区"))
    session.flush()
    return session


@pytest.fixture
def take(town, tmp_path):
    """A function that imports the lines of a sheet under a heading."""

    def run(kind, head, *lines):
        return import_file(town, kind, files.table(tmp_path / f"{kind}.csv", head, *lines))

    return run


def stored(session):
    rows = session.scalars(select(DutyDeputy).order_by(DutyDeputy.of_kind, DutyDeputy.of_code, DutyDeputy.rank))
    return [(row.of_kind, row.of_code, row.rank, row.role) for row in rows]


def test_deputies_are_told_by_code_or_name_and_step_in_by_rank(town, take):
    report = take("deputies", HEAD, "区块,B1,2,U2,值班室", "责任区块,区块B1,1,物业甲,前台", "片区,东片区,1,居委乙,")
    assert (report.refused, report.stored) == (None, 3)
    assert stored(town) == [("block", "B1", 1, "前台"), ("block", "B1", 2, "值班室"), ("region", "R1", 1, None)]
    (hit,) = blocks_at(town, lon=121.405, lat=31.105)
    assert (hit.deputy_name, hit.deputy_role) == ("物业甲", "前台")


def test_the_same_sheet_twice_changes_nothing(town, take):
    lines = ("区块,B1,1,U1,前台", "区块,B1,2,U2,值班室")
    take("deputies", HEAD, *lines)
    again = take("deputies", HEAD, *lines)
    assert (again.stored, again.changed, again.unchanged) == (0, 0, 2)


@pytest.mark.parametrize(
    ("line", "field", "reason"),
    [
        ("街镇,B1,1,U1,前台", "of_kind", "must be one of"),
        ("区块,B77,1,U1,前台", "of_code", "there is no block"),
        ("团队,B1,1,U1,前台", "of_code", "there is no team"),
        ("区块,B1,0,U1,前台", "rank", "1 or more"),
        ("区块,B1,1.5,U1,前台", "rank", "whole number"),
        ("区块,B1,1,U77,前台", "unit", "no member unit"),
    ],
)
def test_a_bad_row_is_told_with_its_field_and_the_reason(town, take, line, field, reason):
    report = take("deputies", HEAD, "区块,B1,3,U1,前台", line)
    assert report.refused is not None
    (problem,) = report.problems
    assert (problem.row, problem.field) == (3, field)
    assert reason in problem.reason
    assert stored(town) == []


def test_who_a_deputy_is_as_a_person_is_not_taken(take):
    with pytest.raises(PersonalData):
        take("deputies", f"{HEAD},身份证号", "区块,B1,1,U1,前台,310112199001011234")


def test_regions_blocks_and_teams_come_with_holder_and_role(town, take):
    take("regions", "片区编码,片区名称,责任单位,责任岗位", "R1,东片区,U1,片区岗")
    take("teams", "团队编码,团队名称,责任单位,责任岗位", "T1,一队,物业甲,值班岗")
    take("blocks", "区块编码,区块名称,责任单位编码,责任岗位", "B1,一区块,U2,值班室")
    held = [
        (one.holder_id is not None, one.holder_role)
        for model in (Region, ServiceTeam, ResponsibilityBlock)
        for one in town.scalars(select(model))
    ]
    assert held == [(True, "片区岗"), (True, "值班岗"), (True, "值班室")]
