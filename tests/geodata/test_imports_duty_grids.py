"""Duty grids come in as drawings or as lists of cells, of posts alone, and tickets follow."""

import files
import geopandas as gpd
import makers
import pytest
import shapely
from geoalchemy2.shape import to_shape
from sqlalchemy import select

from geodata.ingest.errors import FieldsMissing, PersonalData
from geodata.models import DutyGrid, DutyGridCell, GridCell, Ticket
from geodata.queries import stamping
from geodata.services.imports import import_file
from geodata.services.stamps import check_stamps
from geodata.services.tickets import Position, open_ticket

WEST, EAST = "310112101000", "310112102000"


@pytest.fixture
def town(session):
    """Four cells C1 … C4 of 1 × 1 in the western town, from west to east and north, and a ticket in C1."""
    makers.add_areas(session)
    boxes = {"C1": (0, 0, 1, 1), "C2": (1, 0, 2, 1), "C3": (0, 1, 1, 2), "C4": (1, 1, 2, 2)}
    session.add_all(
        GridCell(code=code, town_code=WEST, village_code=None, geom=makers.square(*corners))
        for code, corners in boxes.items()
    )
    session.flush()
    lon, lat = makers.at(0.5, 0.5)
    open_ticket(session, category="0501", title="占道", actor="x", position=Position(lon, lat, "wgs84"))
    return session


@pytest.fixture
def sheet(tmp_path):
    """A function that makes a CSV of its lines."""
    return lambda *lines: files.table(tmp_path / "grids.csv", *lines)


@pytest.fixture
def drawing(tmp_path):
    """A function that makes a GeoJSON of (properties, corners), None for a missing boundary."""

    def make(*grids, name="grids"):
        shapes = [(facts, None if corners is None else files.polygon(*corners)) for facts, corners in grids]
        return files.geojson(tmp_path / f"{name}.geojson", *shapes)

    return make


def bring(session, path, **options):
    """The report of an import that must go through."""
    datum = "wgs84" if path.suffix != ".csv" else None
    report = import_file(session, "duty_grids", path, datum=datum, **options)
    assert (report.refused, report.problems) == (None, [])
    return report


def held(session):
    """Cells by duty grid."""
    found = {code: [] for code in session.scalars(select(DutyGrid.code))}
    members = select(DutyGrid.code, DutyGridCell.cell_code).join(DutyGrid, DutyGrid.id == DutyGridCell.duty_grid_id)
    for code, cell in session.execute(members.order_by(DutyGrid.code, DutyGridCell.cell_code)):
        found[code].append(cell)
    return found


def facts(report, word):
    """What a note tells; None where it is not there."""
    return next((note.facts for note in report.notes if note.word == word), None)


LIST = (
    "责任网格编码,责任网格名称,岗位,体系,街镇,单元网格编码",
    "D1,一号网格,网格员岗1,责任网格,西镇,C1",
    "D1,一号网格,网格员岗1,责任网格,西镇,C2",
    "D2,二号网格,网格员岗2,责任网格,西镇,C3",
)


def test_a_list_gives_each_duty_grid_the_cells_it_names(town, sheet):
    report = bring(town, sheet(*LIST))
    assert (report.rows, report.stored) == (4 - 1, 2)
    assert held(town) == {"D1": ["C1", "C2"], "D2": ["C3"]}
    first = town.scalars(select(DutyGrid).order_by(DutyGrid.code)).first()
    assert (first.scheme, first.name, first.post, first.town_code) == ("responsibility", "一号网格", "网格员岗1", WEST)
    assert to_shape(first.geom).bounds == pytest.approx((121.40, 31.10, 121.42, 31.11))
    assert facts(report, "cells_without_grid") == {"count": 1, "codes": ["C4"]}


def test_the_same_list_again_changes_nothing(town, sheet):
    bring(town, sheet(*LIST))
    before = held(town)
    again = bring(town, sheet(*LIST))
    assert (again.stored, again.changed, again.unchanged) == (0, 0, 2)
    assert held(town) == before


def test_tickets_go_to_the_post_that_answers_for_their_cell_now(town, sheet):
    assert town.scalars(select(Ticket.duty_grid_code)).one() is None
    bring(town, sheet(*LIST))
    assert town.scalars(select(Ticket.duty_grid_code)).one() == "D1"
    moved = (LIST[0], LIST[2], "D2,二号网格,网格员岗2,责任网格,西镇,C3", "D2,二号网格,网格员岗2,责任网格,西镇,C1")
    report = bring(town, sheet(*moved))
    assert (report.stored, report.changed) == (0, 2)
    assert town.scalars(select(Ticket.duty_grid_code)).one() == "D2"
    assert check_stamps(town) == []


def test_a_changed_list_of_cells_counts_as_a_change_even_where_the_ground_stays(town, sheet):
    bring(town, sheet(*LIST))
    town.add(GridCell(code="C0", town_code=WEST, village_code=None, geom=makers.square(0, 0, 1, 1)))
    town.flush()
    report = bring(town, sheet(*LIST, "D1,一号网格,网格员岗1,责任网格,西镇,C0"))
    assert (report.stored, report.changed, report.unchanged) == (0, 1, 1)
    assert held(town)["D1"] == ["C0", "C1", "C2"]


DRAWN = (
    ({"责任网格编码": "D1", "名称": "一号网格", "岗位": "网格员岗1", "街镇": "西镇"}, (0, 0, 1.4, 1)),
    ({"责任网格编码": "D2", "名称": "二号网格", "岗位": "网格员岗2", "街镇": "西镇"}, (1.4, 0, 2, 1)),
    ({"责任网格编码": "D3", "名称": "三号网格", "岗位": "网格员岗3", "街镇": "西镇"}, (0, 1, 0.4, 2)),
)


def test_a_drawing_gives_each_cell_to_whoever_holds_the_most_of_it(town, drawing):
    report = bring(town, drawing(*DRAWN))
    assert report.stored == 3
    # six tenths of C2 are in D2; of C3 more lies in no duty grid than in D3
    assert held(town) == {"D1": ["C1"], "D2": ["C2"], "D3": []}
    assert facts(report, "grids_without_cells") == {"count": 1, "codes": ["D3"]}
    assert facts(report, "cells_without_grid") == {"count": 2, "codes": ["C3", "C4"]}
    assert town.scalars(select(Ticket.duty_grid_code)).one() == "D1"
    assert check_stamps(town) == []


def test_the_same_drawing_again_changes_nothing(town, drawing):
    bring(town, drawing(*DRAWN))
    again = bring(town, drawing(*DRAWN))
    assert (again.stored, again.changed, again.unchanged) == (0, 0, 3)


def test_a_cell_halved_goes_to_the_lower_code(town, drawing):
    bring(town, drawing(({"code": "D2"}, (0, 0, 0.5, 1)), ({"code": "D1"}, (0.5, 0, 1, 1))))
    assert held(town) == {"D1": ["C1"], "D2": []}


def test_overlaps_within_one_scheme_are_told(town, drawing):
    report = bring(town, drawing(({"code": "D1"}, (0, 0, 1, 1)), ({"code": "D2"}, (0.5, 0, 2, 1))))
    (pair,) = facts(report, "overlaps")["pairs"]
    assert pair[:2] == ["D1", "D2"]
    assert pair[2] == pytest.approx(477 * 1109, rel=0.01)
    assert held(town) == {"D1": ["C1"], "D2": ["C2"]}


def test_two_schemes_lie_on_the_same_ground(town, drawing):
    bring(
        town,
        drawing(({"code": "D1", "体系": "责任网格"}, (0, 0, 1, 1)), ({"code": "Z1", "体系": "综合"}, (0, 0, 2, 2))),
    )
    assert held(town) == {"D1": ["C1"], "Z1": ["C1", "C2", "C3", "C4"]}
    report = bring(town, drawing(({"code": "Z2"}, (1, 0, 2, 1)), name="more"), mapping={"scheme": "=comprehensive"})
    assert held(town)["Z1"] == ["C1", "C2", "C3", "C4"]  # both hold all of C2, and Z1 is the lower code
    assert facts(report, "grids_without_cells") == {"count": 1, "codes": ["Z2"]}
    # the comprehensive grid answers for tickets where there is one
    assert town.scalars(select(Ticket.duty_grid_code)).one() == "Z1"
    assert check_stamps(town) == []


def test_a_later_drawing_competes_with_what_is_there(town, drawing):
    bring(town, drawing(({"code": "D2"}, (0, 0, 2, 1)), name="first"))
    report = bring(town, drawing(({"code": "D1"}, (1, 0, 2, 1)), name="second"))
    assert held(town) == {"D1": ["C2"], "D2": ["C1"]}
    assert facts(report, "cells_taken") == {"count": 1, "codes": ["D2"]}


def test_a_drawing_that_shrinks_gives_its_cells_back(town, drawing):
    bring(town, drawing(({"code": "D1"}, (0, 0, 2, 1))))
    report = bring(town, drawing(({"code": "D1"}, (0, 0, 1, 1))))
    assert (report.changed, held(town)) == (1, {"D1": ["C1"]})


@pytest.mark.parametrize("ending", ["gpkg", "zip"])
def test_drawings_come_in_every_format_of_shapes(town, tmp_path, ending):
    shapes = [shapely.box(121.40, 31.10, 121.41, 31.11), shapely.box(121.41, 31.10, 121.42, 31.11)]
    frame = gpd.GeoDataFrame({"code": ["D1", "D2"], "name": ["甲", "乙"]}, geometry=shapes, crs="EPSG:4326")
    make = files.geopackage if ending == "gpkg" else files.zipped_shapefile
    path = make(tmp_path / f"grids.{ending}", grids=frame) if ending == "gpkg" else make(tmp_path / "g.zip", frame)
    bring(town, path)
    assert held(town) == {"D1": ["C1"], "D2": ["C2"]}


def test_the_town_follows_from_the_ground_where_it_is_not_told(town, drawing, sheet):
    bring(town, drawing(({"code": "D1"}, (0, 0, 1, 1)), ({"code": "D2"}, (1.9, 0, 4, 2))))
    bring(town, sheet("责任网格编码,单元网格编码", "D3,C3"))
    towns = dict(town.execute(select(DutyGrid.code, DutyGrid.town_code)).all())
    assert towns == {"D1": WEST, "D2": EAST, "D3": WEST}


def test_a_cell_listed_in_two_duty_grids_is_told(town, sheet):
    report = bring(town, sheet("责任网格编码,单元网格编码", "D1,C1", "D2,C1", "D2,C2"))
    assert facts(report, "cells_in_two")["codes"] == ["C1 (D1, D2)"]


def test_cells_of_another_town_are_told(town, sheet):
    report = bring(town, sheet("责任网格编码,街镇,单元网格编码", "D1,东镇,C1"))
    assert facts(report, "cells_of_other_towns")["codes"] == ["C1"]


def test_without_a_name_people_say_the_code_and_a_name_there_already_stays(town, sheet):
    bring(town, sheet("责任网格编码,单元网格编码", "D1,C1"))
    assert town.scalars(select(DutyGrid.name)).one() == "D1"
    bring(town, sheet("责任网格编码,责任网格名称,单元网格编码", "D1,桥头网格,C1"))
    bring(town, sheet("责任网格编码,单元网格编码", "D1,C1"))
    assert town.scalars(select(DutyGrid.name)).one() == "桥头网格"


HEAD = "责任网格编码,责任网格名称,岗位,体系,街镇,单元网格编码"


@pytest.mark.parametrize(
    ("line", "field", "value", "reason"),
    [
        pytest.param(",甲,岗1,责任网格,西镇,C1", "code", "", "empty", id="no code"),
        pytest.param("D1,甲,岗1,责任网格,西镇,C9", "cell_code", "C9", "no grid cell of this code", id="no such cell"),
        pytest.param("D1,甲,岗1,责任网格,西镇,", "cell_code", "", "names no cell", id="no cell"),
        pytest.param("D1,甲,岗1,片区,西镇,C1", "scheme", "片区", "responsibility, comprehensive", id="scheme"),
        pytest.param("D1,甲,岗1,责任网格,南镇,C1", "town_code", "南镇", "no town of this code or name", id="town"),
        pytest.param("D1,甲,王建国,责任网格,西镇,C1", "post", "王建国", "name of a person", id="a person's name"),
        pytest.param("D1,甲,岗1 13812345678,责任网格,西镇,C1", "post", "岗1 13812345678", "number", id="a telephone"),
    ],
)
def test_a_bad_row_is_told_with_field_value_and_reason(town, sheet, line, field, value, reason):
    report = import_file(town, "duty_grids", sheet(HEAD, line, "D2,乙,岗2,责任网格,西镇,C2"))
    assert [(p.row, p.field, p.value) for p in report.problems] == [(2, field, value)]
    assert reason in report.problems[0].reason
    assert report.refused
    assert held(town) == {}


def test_rows_of_one_duty_grid_must_agree(town, sheet):
    path = sheet(HEAD, "D1,甲,岗1,责任网格,西镇,C1", "D1,甲,岗2,责任网格,西镇,C2")
    report = import_file(town, "duty_grids", path)
    assert [(p.row, p.field, p.value) for p in report.problems] == [(3, "post", "岗2")]
    assert import_file(town, "duty_grids", path, skip_bad=True).stored == 1
    assert held(town) == {"D1": ["C1"]}


def test_a_duty_grid_without_boundary_is_a_problem(town, drawing):
    report = import_file(town, "duty_grids", drawing(({"code": "D1"}, None)), datum="wgs84")
    assert [(p.row, p.field) for p in report.problems] == [(1, "geometry")]


def test_without_boundaries_cells_must_be_named(town, sheet):
    with pytest.raises(FieldsMissing, match="cell_code"):
        import_file(town, "duty_grids", sheet("责任网格编码,名称", "D1,甲"))


@pytest.mark.parametrize("heading", ["网格员姓名", "手机", "联系电话", "网格员", "Officer Name", "mobile"])
def test_columns_about_whoever_is_on_the_post_stay_outside(town, sheet, heading):
    report = bring(town, sheet(f"责任网格编码,岗位,{heading},单元网格编码", "D1,网格员岗1,某人,C1"))
    assert facts(report, "columns_of_persons") == {"columns": [heading]}
    assert town.scalars(select(DutyGrid.post)).one() == "网格员岗1"
    with pytest.raises(PersonalData, match=heading):
        import_file(
            town, "duty_grids", sheet(f"责任网格编码,{heading},单元网格编码", "D1,某人,C1"), mapping={"post": heading}
        )


def test_a_dry_run_tells_all_and_changes_nothing(town, sheet):
    report = import_file(town, "duty_grids", sheet(*LIST), dry_run=True)
    assert (report.stored, facts(report, "cells_without_grid")["codes"]) == (2, ["C4"])
    assert held(town) == {}
    assert town.scalars(select(Ticket.duty_grid_code)).one() is None
    assert stamping.wrong_posts(town) == []
