"""The gazetteer fills itself: crossings where roads meet, doors from records that have a place of their own."""

from datetime import timedelta

import files
import makers
import pytest
from geoalchemy2.shape import to_shape
from makers import add_point, add_unit, spot
from sqlalchemy import select, text, update

from geodata.geocode.geocoder import Geocoder
from geodata.models import GazetteerEntry, GazetteerRoad, MemberUnit
from geodata.queries.stamping import today
from geodata.services.gazetteer import derive_crossings, gazetteer_status, learn_from_records
from geodata.services.geocoding import geocode_records
from geodata.services.imports import import_file
from geodata.services.stamps import stamp


@pytest.fixture(autouse=True)
def areas(session):
    makers.add_areas(session)


# A millionth of a degree is about 0.1 m here: spots are in hundredths of a degree, 0.001 of them a metre.
METRE = 0.001


def road(session, name, *spots, ref=None, **facts):
    """A stretch through spots, in hundredths of a degree from the district's corner."""
    vertices = ",".join("{} {}".format(*makers.at(*one)) for one in spots)
    number = session.scalar(text("SELECT count(*) FROM gazetteer_road"))
    values = {"ref": ref or f"r{number}", "source": "test", "name_norm": name.upper(), **facts}
    session.add(GazetteerRoad(name=name, geom=f"SRID=4326;MULTILINESTRING(({vertices}))", **values))
    session.flush()


def crossings(session):
    """Crossings as (road, cross road), with their place in hundredths of a degree."""
    session.expire_all()
    rows = session.scalars(
        select(GazetteerEntry).where(GazetteerEntry.kind == "crossing").order_by(GazetteerEntry.name, GazetteerEntry.id)
    )
    found = []
    for one in rows:
        place = to_shape(one.geom)
        found.append(
            (
                one.road,
                one.cross_road,
                round((place.x - makers.WEST) * 100, 3),
                round((place.y - makers.SOUTH) * 100, 3),
            )
        )
    return found


def one_crossing(session):
    return session.scalars(select(GazetteerEntry).where(GazetteerEntry.kind == "crossing")).one()


# -- crossings --------------------------------------------------------------------------------------


def test_roads_that_meet_make_a_crossing(session):
    road(session, "东路", (0, 1), (2, 1), licence="ODbL 1.0")
    road(session, "北路", (1, 0), (1, 2), licence="CC0")
    done = derive_crossings(session)
    assert [len(ids) for ids in done] == [0, 0, 1]
    assert crossings(session) == [("东路", "北路", 1, 1)]
    found = one_crossing(session)
    assert (found.name, found.name_norm, found.source) == ("东路北路路口", "东路北路路口", "roads")
    assert (found.accuracy_m, found.licence) == (10, "ODbL 1.0; CC0")
    assert (found.town_code, found.village_code) == ("310112101000", "310112101001")


def test_a_crossing_of_english_names(session):
    road(session, "Wall Street", (0, 1), (2, 1))
    road(session, "Broadway", (1, 0), (1, 2))
    derive_crossings(session)
    found = one_crossing(session)
    assert (found.name, found.name_norm) == ("Broadway & Wall Street", "BROADWAY & WALL STREET")


@pytest.mark.parametrize(
    ("first", "second", "meet"),
    [
        pytest.param([(0, 1), (1, 1)], [(1, 0), (1, 2)], True, id="one ends on the other"),
        pytest.param([(0, 1), (1 - METRE * 0.8, 1)], [(1, 0), (1, 2)], True, id="within a metre"),
        pytest.param([(0, 1), (1 - METRE * 5, 1)], [(1, 0), (1, 2)], False, id="five metres short"),
        pytest.param([(0, 1), (1, 1)], [(1, 1), (2, 1)], True, id="one goes on as the other"),
        pytest.param([(0, 1), (2, 1)], [(0, 1.2), (2, 1.2)], False, id="side by side"),
    ],
)
def test_where_roads_meet(session, first, second, meet):
    road(session, "东路", *first)
    road(session, "北路", *second)
    derive_crossings(session)
    assert bool(crossings(session)) == meet


def test_pieces_of_one_road_do_not_cross_each_other(session):
    road(session, "东路", (0, 1), (1, 1))
    road(session, "东路", (1, 1), (2, 1))
    derive_crossings(session)
    assert crossings(session) == []


def test_a_road_over_another_does_not_meet_it(session):
    road(session, "东路", (0, 1), (2, 1))
    road(session, "高架路", (1, 0), (1, 2), layer=1)
    road(session, "下穿路", (0.5, 0), (0.5, 2), layer=-1)
    derive_crossings(session)
    assert crossings(session) == []


def test_a_bridge_that_ends_on_a_road_meets_it(session):
    road(session, "河滨路", (0, 1), (2, 1))
    road(session, "桥路", (1, 1), (1, 2), layer=1)
    derive_crossings(session)
    assert crossings(session) == [("桥路", "河滨路", 1, 1)]


def test_two_carriageways_make_one_crossing_in_their_middle(session):
    for side in (-10 * METRE, 10 * METRE):
        road(session, "东路", (0, 1 + side), (2, 1 + side))
        road(session, "北路", (1 + side, 0), (1 + side, 2))
    derive_crossings(session)
    assert crossings(session) == [("东路", "北路", 1, 1)]
    # ten metres of latitude and nine and a half of longitude to each of the four
    assert one_crossing(session).accuracy_m == pytest.approx(14.6, abs=0.3)


def test_roads_that_meet_twice_make_two_crossings(session):
    road(session, "东路", (0, 1), (2, 1))
    road(session, "弯路", (0.5, 0), (0.5, 1.5), (1.5, 1.5), (1.5, 0))
    derive_crossings(session)
    assert crossings(session) == [("东路", "弯路", 0.5, 1), ("东路", "弯路", 1.5, 1)]


def test_crossings_keep_step_with_the_roads(session):
    road(session, "东路", (0, 1), (2, 1))
    road(session, "北路", (1, 0), (1, 2), ref="north")
    road(session, "西路", (0.5, 0), (0.5, 2), ref="west")
    derive_crossings(session)
    kept = {one.cross_road: one.id for one in session.scalars(select(GazetteerEntry))}
    assert [len(ids) for ids in derive_crossings(session)] == [0, 0, 0]
    session.execute(update(GazetteerRoad).where(GazetteerRoad.ref == "west").values(licence="CC0"))
    assert [len(ids) for ids in derive_crossings(session)] == [0, 1, 0]
    session.execute(text("DELETE FROM gazetteer_road WHERE ref = 'north'"))
    assert [len(ids) for ids in derive_crossings(session)] == [1, 0, 0]
    assert crossings(session) == [("东路", "西路", 0.5, 1)]
    assert one_crossing(session).id == kept["西路"]


def test_crossings_from_elsewhere_are_left_alone(session):
    facts = {"name": "东路北路", "name_norm": "东路北路", "road": "东路", "cross_road": "北路", "geom": spot(1, 1)}
    session.add(GazetteerEntry(kind="crossing", source="stops", **facts))
    derive_crossings(session)
    assert one_crossing(session).source == "stops"


@pytest.mark.parametrize(
    ("days", "is_there"),
    [
        ({"valid_to": 0}, False),
        ({"valid_from": 1}, False),
        ({"valid_from": 0, "valid_to": 1}, True),
    ],
    ids=["ended today", "begins tomorrow", "today alone"],
)
def test_only_roads_of_today_cross(session, days, is_there):
    facts = {name: today(session) + timedelta(days=day) for name, day in days.items()}
    road(session, "东路", (0, 1), (2, 1))
    road(session, "北路", (1, 0), (1, 2), **facts)
    derive_crossings(session)
    ends = [one.valid_to for one in session.scalars(select(GazetteerEntry))]
    assert ends == ([facts["valid_to"]] if is_there else [])


# -- what records teach -----------------------------------------------------------------------------


def unit(session, code, address, east=0.5, north=0.5, **facts):
    told = {"datum_evidence": "declared", "place_level": "given", "accuracy_m": 12.0, **facts}
    made = add_unit(session, code, east, north, address=address, **told)
    stamp(session, MemberUnit)
    return made


def learned(session):
    session.expire_all()
    rows = session.scalars(select(GazetteerEntry).order_by(GazetteerEntry.source))
    return {one.source: (one.kind, one.name) for one in rows}


def test_a_unit_with_a_place_of_its_own_teaches_its_door(session):
    unit(session, "U1", "西镇春申路1150弄23号", raw_x=121.405, raw_y=31.105, datum="wgs84")
    assert learn_from_records(session) == (1, 0)
    found = session.scalars(select(GazetteerEntry)).one()
    assert (found.kind, found.source, found.name) == ("door", "units/U1", "春申路1150弄23号")
    assert (found.road, found.lane, found.number, found.house) == ("春申路", "1150", "23", 1150)
    assert (found.accuracy_m, found.town_code, found.datum_evidence) == (12, "310112101000", "declared")
    assert learn_from_records(session) == (0, 0)


def test_points_and_names_of_estates_teach_as_well(session):
    add_point(session, "P1", 0.5, 0.5, address="春申路88-1号", datum_evidence="device")
    unit(session, "U1", "春申花园小区")
    unit(session, "U2", "西镇红旗村23号", 0.7, 0.5)
    learn_from_records(session)
    answer = Geocoder(session).geocode("西镇红旗村23号")
    assert (answer.level, answer.candidates[0].lon) == ("door", pytest.approx(makers.at(0.7, 0.5)[0]))
    assert learned(session) == {
        "points/P1": ("door", "春申路88-1号"),
        "units/U1": ("place", "春申花园小区"),
        "units/U2": ("door", "红旗村23号"),
    }


@pytest.mark.parametrize(
    ("address", "facts"),
    [
        ("东镇春申路88号", {}),
        ("外省镇春申路88号", {}),
        ("静安区春申路88号", {}),
        ("春申路88号对面", {}),
        ("春申路88号附近", {}),
        ("春申路临河路口南约300米", {}),
        ("春申路", {}),
        ("西镇", {}),
        ("红旗村3组23号", {}),
        ("春申路88号", {"datum_evidence": "geocoded"}),
        ("春申路88号", {"place_level": "door"}),
        ("春申路88号", {"place_level": "manual"}),
        ("春申路88号", {"datum_evidence": None}),
        (" ", {}),
        ("😀" * 300, {}),
    ],
)
def test_what_teaches_nothing(session, address, facts):
    unit(session, "U1", address, **facts)
    assert learn_from_records(session) == (0, 0)


def test_the_default_place_of_a_geocoder_teaches_nothing(session):
    for i in range(7):
        unit(session, f"U{i}", f"春申路{i + 1}号", 0.5, 0.5)
    unit(session, "V1", "春申路99号", 0.6, 0.5)
    learn_from_records(session)
    assert learned(session) == {"units/V1": ("door", "春申路99号")}


def test_many_units_at_one_address_are_no_default_place(session):
    for i in range(9):
        unit(session, f"U{i}", "春申路88号", 0.5, 0.5)
    assert learn_from_records(session).added == 9


def test_what_was_learned_follows_the_record(session):
    one, two, three = (unit(session, f"U{i}", f"春申路{i}号", 0.1 * i, 0.5) for i in (1, 2, 3))
    learn_from_records(session)
    session.expire_all()
    one.address = "春申路101号"
    two.geom = spot(0.9, 0.9)
    three.datum_evidence = "geocoded"
    session.flush()
    assert learn_from_records(session) == (2, 3)
    assert learned(session) == {"units/U1": ("door", "春申路101号"), "units/U2": ("door", "春申路2号")}
    session.delete(two)
    assert learn_from_records(session) == (0, 1)


def test_a_quarter_behind_a_lane_stays_in_the_name(session):
    unit(session, "U1", "春申路88弄4区居委会", 0.5, 0.5)
    unit(session, "U2", "春申路88弄海欣花园南区27号", 0.6, 0.5)
    learn_from_records(session)
    assert learned(session) == {
        "units/U1": ("door", "春申路88弄4区"),
        "units/U2": ("door", "春申路88弄南区27号"),
    }
    answers = [Geocoder(session).geocode(f"春申路88弄{quarter}区27号") for quarter in "南北"]
    assert [{reason.word for reason in one.candidates[0].reasons} & {"other_quarter"} for one in answers] == [
        set(),
        {"other_quarter"},
    ]


def test_only_records_that_changed_are_read(session, monkeypatch):
    from geodata.ingest import lessons  # noqa: PLC0415 - its own name is replaced below

    for i in range(1, 6):
        unit(session, f"U{i}", f"春申路{i}号", 0.1 * i, 0.5)
    learn_from_records(session)
    unit(session, "U6", "春申路6号", 0.6, 0.5)
    read = []
    real = lessons.parse_address
    monkeypatch.setattr(lessons, "parse_address", lambda said, names: read.append(said) or real(said, names))
    learn_from_records(session)
    assert read == ["春申路6号"]


def test_what_records_taught_is_no_witness_of_their_own_file(session, tmp_path):
    lines = [
        f"第{'甲乙丙丁戊己庚辛壬癸'[i]}花园,第{'甲乙丙丁戊己庚辛壬癸'[i]}花园,{121.401 + i / 400},31.105"
        for i in range(10)
    ]
    path = files.table(tmp_path / "units.csv", "name,address,lon,lat", *lines)
    assert import_file(session, "units", path, datum="gcj02", trust_datum=True).stored == 10
    assert learn_from_records(session).added == 10
    report = import_file(session, "units", path, datum="wgs84")
    assert report.refused is None


def test_geocoding_learns_before_it_begins(session):
    # one record alone is no proof, two that agree are
    unit(session, "U1", "春申路88号")
    unit(session, "U2", "春申路88号", 0.501, 0.5)
    add_unit(session, "U3", address="春申路88号")
    summary = geocode_records(session)
    assert (summary.rows, summary.accepted, dict(summary.by_level)) == (1, 1, {"door": 1})


# -- what there is ----------------------------------------------------------------------------------


def test_the_status_counts_what_there_is(session):
    road(session, "东路", (0, 1), (2, 1), licence="ODbL 1.0")
    road(session, "北路", (1, 0), (1, 2), licence="ODbL 1.0")
    derive_crossings(session)
    for i in range(3):
        unit(session, f"U{i}", f"东路{i + 1}号", 0.1 * i, 1)
    learn_from_records(session)
    told = gazetteer_status(session).to_json()
    assert told["kinds"] == {"crossing": 1, "door": 3, "road": 2}
    assert told["sources"][0] == {"kind": "crossing", "source": "roads", "licence": "ODbL 1.0", "rows": 1}
    assert told["sources"][1] == {"kind": "door", "source": "units", "licence": "", "rows": 3}
    assert (told["roads"], told["roads_with_doors"], told["doors"], told["doors_most"]) == (2, 1, 3, 3)
    assert told["road_km"] == pytest.approx(4.1, abs=0.1)
    assert told["last_import"] is None
