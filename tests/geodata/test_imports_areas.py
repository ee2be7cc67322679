"""Areas: with and without boundary, joined to their parents, generation after generation."""

from datetime import date

import files
import makers
import pytest
from sqlalchemy import func, select

from geodata.ingest.errors import BadOption
from geodata.models import OPEN_START, Area, MemberUnit
from geodata.services.imports import import_file
from geodata.services.stamps import check_stamps

WEST = {"code": "310112101000", "name": "西镇"}
EAST = {"code": "310112102000", "name": "东镇"}
Y2013, Y2023 = date(2013, 1, 1), date(2023, 1, 1)


@pytest.fixture
def towns(tmp_path):
    """A function that makes a file of the western and the eastern town, each a box of 2 × 2."""

    def make(*, east=(2, 0, 4, 2), with_codes=True):
        listed = [(WEST, (0, 0, 2, 2)), (EAST, east)]
        kept = [(facts if with_codes else {"name": facts["name"]}, files.polygon(*box)) for facts, box in listed]
        return files.geojson(tmp_path / "towns.geojson", *kept)

    return make


@pytest.fixture
def villages(tmp_path):
    """A function that makes a list of villages without boundary."""
    head = "district_code,town_code,town_name,village_code,village_name"
    return lambda *lines: files.table(tmp_path / "villages.csv", head, *lines)


def take(session, path, level="town", **options):
    datum = "wgs84" if path.suffix == ".geojson" else None
    return import_file(session, "areas", path, level=level, **{"datum": datum, **options})


def note(report, word):
    return next(note for note in report.notes if note.word == word)


def rows(session, level):
    found = select(Area.code, Area.name, Area.parent_code, Area.valid_from, Area.valid_to).where(Area.level == level)
    return [tuple(row) for row in session.execute(found.order_by(Area.valid_from, Area.code))]


def test_it_works(session, towns):
    report = take(session, towns())
    assert (report.stored, report.problems, report.refused) == (2, [], None)
    assert rows(session, "town") == [
        ("310112101000", "西镇", "310112", OPEN_START, None),
        ("310112102000", "东镇", "310112", OPEN_START, None),
    ]
    assert take(session, towns()).unchanged == 2


def test_the_district_is_derived_from_its_towns(session, towns):
    report = take(session, towns())
    district = select(Area.origin, func.ST_AsText(func.ST_Envelope(Area.geom)), Area.area_m2).where(
        Area.level == "district"
    )
    origin, box, area_m2 = session.execute(district).one()
    assert origin == "derived"
    assert box == "POLYGON((121.4 31.1,121.4 31.12,121.44 31.12,121.44 31.1,121.4 31.1))"
    assert area_m2 == pytest.approx(8.46e6, rel=1e-3)
    assert note(report, "district_derived").facts["towns"] == 2


def test_a_derived_district_follows_its_towns(session, towns):
    take(session, towns())
    take(session, towns(east=(2, 0, 5, 2)))
    east = session.scalar(select(func.ST_XMax(Area.geom)).where(Area.level == "district"))
    assert east == pytest.approx(121.45)


def test_an_imported_district_is_left_alone(session, towns, tmp_path):
    path = files.geojson(
        tmp_path / "district.geojson", ({"adcode": 310112, "name": "试验区"}, files.polygon(0, 0, 4, 3))
    )
    assert take(session, path, "district").changed == 1
    report = take(session, towns())
    assert "district_derived" not in report.words()
    assert session.scalar(select(Area.origin).where(Area.level == "district")) == "imported"


def test_another_district_is_refused(session, tmp_path):
    path = files.geojson(tmp_path / "district.geojson", ({"adcode": 310104, "name": "别区"}, files.polygon(0, 0, 4, 3)))
    assert "this installation is of district 310112" in take(session, path, "district").problems[0].reason


def test_a_district_may_be_padded(session, tmp_path):
    path = files.table(tmp_path / "a.csv", "district_code,district_name", "310112000000,试验区")
    assert take(session, path, "district").unchanged == 1


@pytest.mark.parametrize(
    ("east", "word", "hectares"),
    [
        pytest.param((1.9, 0, 4, 2), "overlaps", 21.1, id="they overlap"),
        pytest.param((2.1, 0, 4, 2), None, None, id="a bay open to the outside is no gap"),
    ],
)
def test_faults_of_the_tiling_are_told_in_hectares(east, word, hectares, session, towns):
    report = take(session, towns(east=east))
    assert {"overlaps", "gaps"} & set(report.words()) == ({word} if word else set())
    if word:
        assert note(report, word).facts["hectares"] == pytest.approx(hectares, rel=0.01)
        assert "西镇 and 东镇" in note(report, word).text


def test_a_gap_between_towns_is_told(session, tmp_path):
    frame = files.polygon(0, 0, 3, 3)
    frame["coordinates"].append(files.ring(1, 1, 2, 2)[::-1])
    inner = (EAST, files.polygon(1, 1, 2, 1.5))
    report = take(session, files.geojson(tmp_path / "a.geojson", (WEST, frame), inner))
    assert note(report, "gaps").facts["hectares"] == pytest.approx(52.9, rel=0.01)


def test_a_level_is_needed(session, towns):
    with pytest.raises(BadOption, match="district, town, village"):
        take(session, towns(), level=None)


# -- codes and parents ----------------------------------------------------------------------------


def test_codes_are_taken_by_name_from_areas_already_there(session, towns):
    take(session, towns())
    report = take(session, towns(with_codes=False))
    assert (report.unchanged, report.problems) == (2, [])
    assert "codes_by_name" in report.words()


def test_a_name_nobody_knows_needs_a_code(session, towns):
    report = take(session, towns(with_codes=False))
    assert [(p.row, p.field) for p in report.problems] == [(1, "code"), (2, "code")]


def test_villages_join_their_town_by_column(session, towns, villages):
    take(session, towns())
    report = take(session, villages("310112000000,310112101000,西镇,310112101001,一村"), "village")
    assert rows(session, "village") == [("310112101001", "一村", "310112101000", OPEN_START, None)]
    assert note(report, "parents").facts == {"column": 1}
    assert note(report, "boundary_missing").facts == {"count": 1}


def village_file(folder, facts, shape=None):
    return files.geojson(folder / "villages.geojson", ({"name": "一村", **facts}, shape))


@pytest.mark.parametrize(
    ("facts", "shape", "way"),
    [
        pytest.param({"code": "x1", "上级编码": "310112101000"}, None, "column", id="a column"),
        pytest.param({"code": "x1", "上级编码": "310112101"}, None, "column", id="a column, not padded"),
        pytest.param({"code": "x1", "town_name": "西镇"}, None, "name", id="the town's name"),
        pytest.param({"code": "310112101001"}, None, "code", id="its code"),
        pytest.param({"code": "x1"}, (1, 0, 2.4, 2), "ground", id="the larger share of its ground"),
        pytest.param({"code": "310112102001", "town_name": "西镇"}, None, "name", id="the name goes before the code"),
    ],
)
def test_ways_to_find_a_parent(facts, shape, way, session, towns, tmp_path):
    take(session, towns())
    path = village_file(tmp_path, facts, files.polygon(*shape) if shape else None)
    report = take(session, path, "village")
    assert note(report, "parents").facts == {way: 1}
    assert rows(session, "village")[0][2] == "310112101000"


def test_an_area_without_any_parent_is_kept_and_told(session, towns, tmp_path):
    take(session, towns())
    report = take(session, village_file(tmp_path, {"code": "x1"}), "village")
    assert report.stored == 1
    assert note(report, "no_parent").facts == {"count": 1, "rows": [1]}


def test_a_parent_code_without_a_town_is_a_problem(session, tmp_path):
    report = take(session, village_file(tmp_path, {"code": "x1", "town_code": "310112109000"}), "village")
    assert "import the towns first" in report.problems[0].reason


def test_parents_named_in_the_file_are_made_without_boundary(session, villages):
    report = take(session, villages("310112,310112101000,西镇,310112101001,一村"), "village")
    assert rows(session, "town") == [("310112101000", "西镇", "310112", OPEN_START, None)]
    assert note(report, "parents_made").facts == {"count": 1, "codes": ["310112101000"]}


def test_towns_may_come_from_a_list_of_villages(session, villages):
    path = villages(
        "310112000000,310112101000,西镇,310112101001,一村",
        "310112000000,310112101000,西镇,310112101002,二村",
        "310112000000,310112102000,东镇,310112102001,三村",
    )
    report = take(session, path, "town")
    assert (report.stored, note(report, "duplicates").facts["count"]) == (2, 1)


def test_a_town_of_another_district_is_a_problem(session, villages):
    report = take(session, villages("310104000000,310104101000,别镇,310104101001,一村"), "town")
    assert "another district than 310112" in report.problems[0].reason


# -- generations ----------------------------------------------------------------------------------


def test_a_new_generation_ends_the_one_before(session, towns, villages):
    take(session, towns())
    take(session, villages("310112,310112101000,西镇,310112101001,一村"), "village", valid_from=Y2013)
    report = take(session, villages("310112,310112101000,西镇,310112101001,新村"), "village", valid_from=Y2023)
    assert rows(session, "village") == [
        ("310112101001", "一村", "310112101000", Y2013, Y2023),
        ("310112101001", "新村", "310112101000", Y2023, None),
    ]
    assert note(report, "generation_ended").facts == {"count": 1, "level": "village", "on": "2023-01-01"}


def test_an_earlier_generation_may_come_later(session, towns, villages):
    take(session, towns(), valid_from=Y2023)
    take(session, villages("310112,310112102000,东镇,310112102001,三村"), "village", valid_from=Y2023)
    report = take(session, villages("310112,310112101000,西镇,310112101001,一村"), "village", valid_from=Y2013)
    assert [row[3:] for row in rows(session, "village")] == [(Y2013, Y2023), (Y2023, None)]
    assert rows(session, "town") == [
        ("310112101000", "西镇", "310112", Y2013, Y2023),
        ("310112101000", "西镇", "310112", Y2023, None),
        ("310112102000", "东镇", "310112", Y2023, None),
    ]
    assert note(report, "parents_made").facts["count"] == 1


def test_without_a_day_a_file_adds_to_the_generation_in_force(session, towns, villages):
    take(session, towns())
    take(session, villages("310112,310112101000,西镇,310112101001,一村"), "village", valid_from=Y2023)
    take(session, villages("310112,310112101000,西镇,310112101002,二村"), "village")
    assert [row[3:] for row in rows(session, "village")] == [(Y2023, None), (Y2023, None)]


def test_every_generation_again_changes_nothing(session, towns, villages):
    take(session, towns())
    old = villages("310112,310112101000,西镇,310112101001,一村")
    take(session, old, "village", valid_from=Y2013)
    take(session, old, "village", valid_from=Y2023)
    for day in (Y2013, Y2023):
        report = take(session, old, "village", valid_from=day)
        assert (report.stored, report.changed, report.unchanged) == (0, 0, 1)


def test_a_list_without_boundaries_leaves_boundaries_alone(session, towns, tmp_path):
    take(session, towns())
    path = files.table(tmp_path / "a.csv", "code,name", "310112101000,西新镇")
    assert take(session, path, datum=None).changed == 1
    kept = session.execute(select(Area.name, Area.geom.is_not(None), Area.datum).where(Area.code == "310112101000"))
    assert kept.one() == ("西新镇", True, "wgs84")


# -- what lies on the ground ----------------------------------------------------------------------


def test_places_are_stamped_anew_when_areas_change(session, towns):
    makers.add_unit(session, "A1", 2.5, 1)
    take(session, towns())
    unit = session.scalars(select(MemberUnit)).one()
    assert unit.town_code == "310112102000"
    take(session, towns(east=(3, 0, 4, 2)))
    assert unit.town_code is None
    assert check_stamps(session) == []


def test_shifted_boundaries_come_to_wgs84_with_their_borders_in_common(session, towns):
    report = take(session, towns(), datum="gcj02")
    assert {"overlaps", "gaps"} & set(report.words()) == set()
    west = session.scalar(select(func.ST_XMin(Area.geom)).where(Area.code == "310112101000"))
    assert 121.4 - west == pytest.approx(0.0045, abs=0.0003)  # GCJ-02 lies some 430 m to the east
