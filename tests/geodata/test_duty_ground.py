"""Regions, blocks, points and teams: what is missing, and changing them by hand."""

import json

import pytest
from makers import add_areas, add_block, add_point, add_unit, at
from shapely import box
from sqlalchemy import select

from geodata.errors import NotFound
from geodata.models import (
    DutyDeputy,
    GridCell,
    ImportRun,
    Region,
    ResponsibilityBlock,
    ResponsibilityPoint,
    ServiceTeam,
    SharedService,
)
from geodata.queries.scope import NOTHING
from geodata.record_errors import BadValue, RecordChanged, StillUsed
from geodata.services import duty_changes
from geodata.services.assignment import assign
from geodata.services.duty_changes import Told, add_duty, remove_duty, set_duty, version_of
from geodata.services.duty_ground import duty, duty_ground
from geodata.services.duty_shapes import check, read_shape, union_of
from geodata.services.places import where
from geodata.services.tickets import Position, open_ticket
from spatial.clean import only_area

TOWN, OTHER = "310112101000", "310112102000"


def area(west, south, east, north):
    """A box in hundredths of a degree from the district's south-west corner, as a multipolygon."""
    return only_area(box(*at(west, south), *at(east, north)))


def ring(*corners):
    """A polygon as a browser sends it."""
    places = [at(*corner) for corner in corners]
    return json.dumps({"type": "Polygon", "coordinates": [[*places, places[0]]]})


@pytest.fixture
def town(session):
    """Two towns, two units, a region with one block that is held, and a point in it."""
    add_areas(session)
    add_unit(session, "U1", 0.5, 0.5, name="物业甲", town_code=TOWN)
    add_unit(session, "U2", 0.6, 0.6, name="居委乙", town_code=TOWN)
    session.add(Region(code="R01", name="东片区", town_code=TOWN))
    session.add(ServiceTeam(code="T01", name="一队", town_code=TOWN))
    session.flush()
    told = Told("一区块", holder="U1", holder_role="值班岗", parent="R01", team="T01", shape=area(0, 0, 1, 1))
    add_duty(session, "block", told, actor="town", town_code=TOWN, code="B01")
    add_duty(
        session, "point", Told("校门", holder="U1", parent="B01", place=at(0.5, 0.5)), actor="town", town_code=TOWN
    )
    return session


def version(session, kind, code):
    return version_of(session, kind, duty_changes.record(session, kind, code))


def words(one):
    return [gap.word for gap in one.gaps]


def change(session, kind, code, told):
    set_duty(session, kind, code, told, actor="town", version=version(session, kind, code))


# -- reading -----------------------------------------------------------------------------------------


def test_a_town_is_told_with_what_hangs_on_what(town):
    found = duty_ground(town, town_code=TOWN)
    assert [len(part) for part in (found.regions, found.blocks, found.points, found.teams)] == [1, 1, 1, 1]
    assert found.with_gaps == []
    (region,) = found.regions
    (block,) = found.blocks_of(region)
    assert (block.row.point_count, block.row.team_name, block.row.holder_name) == (1, "一队", "物业甲")
    assert [point.row.name for point in found.points_of(block)] == ["校门"]
    assert found.teams[0].row.block_codes == ["B01"]
    assert block.row.area_m2 == pytest.approx(1.06e6, rel=0.02)
    assert duty_ground(town, town_code=OTHER).all == []


@pytest.mark.parametrize(
    ("make", "kind", "code", "expected"),
    [
        pytest.param(lambda s: add_block(s, "B9", 1, 0, 2, 1), "block", "B9", ["no_holder"], id="nobody"),
        pytest.param(
            lambda s: add_block(s, "B9", 1, 0, 2, 1, add_unit(s, "U9", is_active=False)),
            "block",
            "B9",
            ["holder_inactive"],
            id="a holder that works no longer",
        ),
        pytest.param(
            lambda s: s.add(ResponsibilityBlock(code="B9", name="无界", region_code="R77")),
            "block",
            "B9",
            ["no_holder", "no_shape", "no_parent"],
            id="no border, and a region that is not there",
        ),
        pytest.param(
            lambda s: add_block(s, "B9", 0.5, 0, 1.5, 1), "block", "B9", ["no_holder", "overlaps"], id="overlap"
        ),
        pytest.param(
            lambda s: setattr(add_block(s, "B9", 1.5, 0, 2.5, 1), "town_code", TOWN),
            "block",
            "B9",
            ["no_holder", "outside_town"],
            id="beyond the town",
        ),
        pytest.param(
            lambda s: s.add(ResponsibilityPoint(code="P9", name="无处", block_code="B01")),
            "point",
            "P9",
            ["no_holder", "no_place"],
            id="a point without a place",
        ),
        pytest.param(
            lambda s: add_point(s, "P9", 1.5, 1.5, block_code="B01"),
            "point",
            "P9",
            ["no_holder", "outside_own"],
            id="a point beyond its block",
        ),
        pytest.param(
            lambda s: add_point(s, "P9", 1.5, 1.5), "point", "P9", ["no_holder", "outside_all"], id="in no block"
        ),
        pytest.param(
            lambda s: add_point(s, "P9", 0.5, 0.5), "point", "P9", ["no_holder"], id="inside a block, of none"
        ),
    ],
)
def test_what_is_amiss_is_told(town, make, kind, code, expected):
    make(town)
    town.flush()
    assert words(duty(town, kind, code)) == expected
    assert code in {one.row.code for one in duty_ground(town).with_gaps}


def test_blocks_that_only_touch_share_nothing(town):
    add_block(town, "B9", 1, 0, 2, 1, add_unit(town, "U9"))
    assert words(duty(town, "block", "B9")) == words(duty(town, "block", "B01")) == []


def test_an_unknown_one_is_not_found(town):
    with pytest.raises(NotFound):
        duty(town, "block", "B77")


# -- shapes ------------------------------------------------------------------------------------------


def test_a_border_that_crosses_itself_is_refused_with_the_place(town):
    with pytest.raises(BadValue) as refused:
        read_shape(ring((0, 0), (1, 1), (1, 0), (0, 1)))
    assert refused.value.word == "crosses"
    assert (refused.value.facts["lon"], refused.value.facts["lat"]) == at(0.5, 0.5)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "nothing",
        "[]",
        "null",
        '{"type": "Point", "coordinates": [121, 31]}',
        '{"type": "Polygon", "coordinates": []}',
        '{"type": "Polygon", "coordinates": [[[121, 31], [122, 31]]]}',
        '{"type": "Polygon", "coordinates": [[[121, 31], [122, NaN], [122, 32], [121, 31]]]}',
        '{"type": "Polygon", "coordinates": [[[121, 31], [1e999, 31], [122, 32], [121, 31]]]}',
        '{"type": "Polygon", "coordinates": [[[121, 31], [122, 131], [122, 32], [121, 31]]]}',
        '{"type": "Polygon", "coordinates": [[["a", 31], [122, 31], [122, 32], [121, 31]]]}',
        '{"type": "MultiPolygon", "coordinates": []}',
        "[" * 100_000,
    ],
)
def test_what_is_no_shape_is_refused(said):
    with pytest.raises(BadValue, match="shape"):
        read_shape(said)


def test_a_shape_is_told_in_hectares_with_its_points_and_what_it_touches(town):
    told = check(town, "block", area(0, 0, 1, 1), town_code=TOWN, code="B01")
    assert told.area_m2 == pytest.approx(1.06e6, rel=0.02)
    assert (told.point_count, told.overlaps) == (1, [])
    # a side a kilometre long bends a little between two projections
    assert told.outside_m2 < 100
    slightly = check(town, "block", area(0.995, 0, 2, 1), town_code=TOWN)
    (other,) = slightly.overlaps
    assert other.code == "B01"
    assert other.shared_m2 == pytest.approx(0.005 * 1.06e6, rel=0.02)


@pytest.mark.parametrize(
    ("kind", "shape", "town_code", "word"),
    [
        pytest.param("block", area(0.9, 0, 2, 1), TOWN, "overlaps", id="a tenth of another block"),
        pytest.param("block", area(0.9, 0, 2, 1), OTHER, "outside", id="another town"),
        pytest.param("block", area(1.5, 0, 2.5, 1), TOWN, "outside", id="half of it beyond the town"),
        pytest.param("block", area(1.5, 1.5, 1.50001, 1.50001), TOWN, "small", id="a dot"),
        pytest.param("region", area(3, 0, 5, 1), OTHER, "outside", id="beyond the district"),
    ],
)
def test_a_shape_that_cannot_be_is_refused(town, kind, shape, town_code, word):
    with pytest.raises(BadValue) as refused:
        check(town, kind, shape, town_code=town_code)
    assert (refused.value.field, refused.value.word) == ("shape", word)


def test_a_block_can_be_made_of_villages_and_cells(town):
    town.add(GridCell(code="C1", town_code=TOWN, geom="SRID=4326;" + area(1, 0, 1.2, 1).wkt))
    town.flush()
    assert union_of(town, ["310112101001"], town_code=TOWN).equals(area(0, 0, 1, 2))
    together = union_of(town, ["一村", "C1"], town_code=TOWN)
    assert together.area == pytest.approx(area(0, 0, 1, 2).area + area(1, 0, 1.2, 1).area)
    with pytest.raises(BadValue, match="C9"):
        union_of(town, ["一村", "C9"], town_code=TOWN)
    with pytest.raises(BadValue, match="一村"):
        union_of(town, ["一村"], town_code=OTHER)


# -- changing ----------------------------------------------------------------------------------------


def test_a_holder_closes_the_gap_and_answers_on_the_spot(town):
    add_duty(town, "block", Told("二区块", shape=area(1, 0, 2, 1)), actor="town", town_code=TOWN, code="B02")
    assert words(duty(town, "block", "B02")) == ["no_holder"]
    told = Told("二区块", holder="U2 居委乙", holder_role="值班室", deputies=[("物业甲", "前台")])
    change(town, "block", "B02", told)
    assert words(duty(town, "block", "B02")) == []
    (hit,) = where(town, lon=at(1.5, 0.5)[0], lat=at(1.5, 0.5)[1], scope=NOTHING).blocks
    assert (hit.holder_code, hit.holder_role, hit.deputy_name, hit.deputy_role) == ("U2", "值班室", "物业甲", "前台")


def test_a_block_that_is_drawn_anew_keeps_what_it_was(town):
    told = Told("一区块", holder="U1", parent="R01", shape=area(0, 0, 1, 0.5), deputies=[("U2", "值班")])
    change(town, "block", "B01", told)
    (kept,) = town.scalars(select(ImportRun).where(ImportRun.kind == "blocks", ImportRun.report["did"].astext == "set"))
    assert (kept.actor, kept.report["code"]) == ("town", "B01")
    assert kept.report["before"]["shape"].startswith("105.")
    assert kept.report["after"]["shape"].startswith("52.")
    assert kept.report["before"]["deputies"] == []
    assert kept.report["after"]["deputies"] == ["居委乙 值班"]
    assert kept.report["before"]["team"] == "一队"
    assert kept.report["after"]["team"] is None


def test_a_change_that_changes_nothing_is_not_written_down(town):
    told = Told("一区块", holder="U1", holder_role="值班岗", parent="R01", team="T01")
    change(town, "block", "B01", told)
    assert town.scalars(select(ImportRun).where(ImportRun.report["did"].astext == "set")).all() == []


def test_whoever_comes_second_is_told(town):
    opened = version(town, "block", "B01")
    change(town, "block", "B01", Told("改名", parent="R01"))
    with pytest.raises(RecordChanged):
        set_duty(town, "block", "B01", Told("又改", parent="R01"), actor="town", version=opened)
    with pytest.raises(RecordChanged):
        remove_duty(town, "block", "B01", actor="town", version=opened)
    assert duty(town, "block", "B01").row.name == "改名"


def test_a_point_that_moves_is_stamped_anew(town):
    (point,) = town.scalars(select(ResponsibilityPoint))
    assert (point.town_code, point.village_code) == (TOWN, "310112101001")
    change(town, "point", point.code, Told("校门", parent="B01", place=at(1.5, 0.5), radius_m=80.0))
    town.refresh(point)
    assert (point.village_code, point.place_level, point.radius_m) == ("310112101002", "manual", 80.0)
    assert words(duty(town, "point", point.code)) == ["no_holder", "outside_own"]


@pytest.mark.parametrize(
    ("told", "field", "word"),
    [
        (Told("x", holder="U77"), "holder", "unknown"),
        (Told("x", deputies=[("U1", None), ("U77", None)]), "deputy_unit_2", "unknown"),
        (Told("x", deputies=[("U1", None), ("物业甲", None)]), "deputy_unit_2", "twice"),
        (Told("x", holder="U1", deputies=[("U1", None)]), "deputy_unit_1", "twice"),
        (Told("x", parent="R77"), "parent", "unknown"),
        (Told("x", team="T77"), "team", "unknown"),
        (Told("x", shape=area(3, 0, 4, 1)), "shape", "outside"),
    ],
)
def test_what_a_block_cannot_be_is_refused_at_its_field(town, told, field, word):
    with pytest.raises(BadValue) as refused:
        change(town, "block", "B01", told)
    assert (refused.value.field, refused.value.word) == (field, word)


@pytest.mark.parametrize(
    ("place", "word"), [(at(3.5, 0.5), "elsewhere"), (at(9, 9), "place")], ids=["another town", "beyond the district"]
)
def test_a_point_stays_in_its_town(town, place, word):
    code = town.scalars(select(ResponsibilityPoint.code)).one()
    with pytest.raises(BadValue) as refused:
        change(town, "point", code, Told("校门", parent="B01", place=place))
    assert (refused.value.field, refused.value.word) == ("lon", word)


def test_two_units_of_one_name_must_be_told_apart(town):
    add_unit(town, "U3", name="物业甲")
    with pytest.raises(BadValue) as refused:
        change(town, "block", "B01", Told("x", holder="物业甲"))
    assert refused.value.word == "several"


def test_codes_follow_the_highest_of_their_kind(town):
    assert add_duty(town, "block", Told("新"), actor="town", town_code=TOWN) == "B02"
    assert add_duty(town, "team", Told("新"), actor="town", town_code=TOWN) == "T02"
    assert town.scalars(select(ResponsibilityPoint.code)).all() == ["P01"]
    with pytest.raises(BadValue, match="B01"):
        add_duty(town, "block", Told("新"), actor="town", town_code=TOWN, code="B01")


def test_a_team_serves_the_blocks_that_are_chosen(town):
    add_duty(town, "block", Told("二区块", shape=area(1, 0, 2, 1)), actor="town", town_code=TOWN, code="B02")
    change(town, "team", "T01", Told("一队", holder="U2", contact_role="值班", served=["B02"]))
    assert duty(town, "team", "T01").row.block_codes == ["B02"]
    assert duty(town, "block", "B01").row.team_code is None
    with pytest.raises(BadValue, match="B77"):
        change(town, "team", "T01", Told("一队", served=["B77"]))


def test_what_others_hang_on_stays_and_all_else_can_go_with_its_deputies(town):
    for kind, code in (("region", "R01"), ("block", "B01"), ("team", "T01")):
        with pytest.raises(StillUsed):
            remove_duty(town, kind, code, actor="town", version=version(town, kind, code))
    (code,) = town.scalars(select(ResponsibilityPoint.code))
    change(town, "point", code, Told("校门", holder="U1", parent="B01", deputies=[("U2", None)]))
    town.add(SharedService(of_kind="point", of_code=code, level="town", area_code=OTHER))
    town.flush()
    remove_duty(town, "point", code, actor="town", version=version(town, "point", code))
    assert town.scalars(select(DutyDeputy)).all() == town.scalars(select(SharedService)).all() == []
    remove_duty(town, "block", "B01", actor="town", version=version(town, "block", "B01"))
    kept = town.scalars(select(ImportRun).order_by(ImportRun.id.desc())).first()
    assert (kept.report["did"], kept.report["name"], kept.report["after"]) == ("remove", "一区块", None)


def test_the_assignment_follows_a_new_holder_and_a_new_border(town):
    def chosen(east, north):
        position = Position(*at(east, north), "wgs84")
        ticket = open_ticket(town, category="0102", title="垃圾", actor="somebody", position=position, assign_now=False)
        return assign(town, ticket, actor="somebody").candidates[0].unit.code

    assert chosen(0.2, 0.2) == "U1"
    change(town, "block", "B01", Told("一区块", holder="U2", parent="R01"))
    assert chosen(0.2, 0.2) == "U2"
    change(town, "block", "B01", Told("一区块", holder="U1", parent="R01", shape=area(1.2, 0, 2, 1)))
    assert chosen(1.9, 0.9) == "U1"
