"""Records get places from their addresses; what is uncertain waits for a person, whose word stays."""

from datetime import UTC, datetime

import pytest
from lookups import position, result, unit
from makers import add_point, add_unit, at, spot

from geodata.errors import BadSetting, NotFound
from geodata.geocode.gazetteer import entry_parts
from geodata.models import GazetteerEntry, Ticket
from geodata.services.geocoding import decide, geocode_records, misplaced, review_rows
from geodata.services.history import events
from geodata.services.stamps import check_stamps
from geodata.services.tickets import open_ticket
from spatial.errors import BadGeometry, UnknownDatum

WEST_TOWN, EAST_TOWN = "310112101000", "310112102000"
MORNING = datetime(2026, 3, 2, 1, tzinfo=UTC)


# -- running ---------------------------------------------------------------------------------------


def test_an_accepted_answer_becomes_the_place_with_level_error_and_codes(places):
    add_unit(places, "U1", address="西镇临河路100号")
    summary = geocode_records(places)
    placed = unit(places, "U1")
    assert (summary.rows, summary.accepted, summary.review) == (1, 1, 0)
    assert summary.by_level == {"door": 1}
    assert position(places, "U1") == pytest.approx(at(0.5, 0.5))
    assert (placed.raw_x, placed.raw_y, placed.datum) == (None, None, None)
    assert (placed.datum_evidence, placed.accuracy_m, placed.place_level) == ("geocoded", 18.0, "door")
    assert (placed.town_code, placed.village_code) == (WEST_TOWN, "310112101001")
    assert check_stamps(places) == []


def test_everything_else_waits_with_its_reasons_and_loses_nothing(places):
    addresses = {"U1": "临河路100号", "U2": "人民公园", "U3": "西镇", "U4": "西镇一村", "U5": "星海路8号"}
    for code, address in addresses.items():
        add_unit(places, code, address=address)
    add_unit(places, "U6", address="  ")
    add_unit(places, "U7")
    summary = geocode_records(places)
    assert (summary.rows, summary.accepted, summary.review, summary.no_address) == (5, 1, 4, 2)
    assert summary.review_by_level == {"none": 1, "place": 1, "town": 1, "village": 1}
    assert [row.target_code for row in review_rows(places, "units")] == ["U2", "U3", "U4", "U5"]
    assert {row.text for row in review_rows(places)} == set(addresses.values()) - {"临河路100号"}
    assert [c["town_code"] for c in result(places, "U2").candidates] == [WEST_TOWN, EAST_TOWN]
    for code in ("U2", "U3", "U4", "U5"):
        waiting = unit(places, code)
        assert (waiting.geom, waiting.town_code, waiting.place_level) == (None, None, None)


def test_running_again_changes_nothing(places):
    add_unit(places, "U1", address="临河路100号")
    add_unit(places, "U2", address="人民公园")
    geocode_records(places)
    before = position(places, "U1")
    summary = geocode_records(places)
    assert (summary.rows, summary.accepted, summary.review) == (1, 0, 1)
    assert position(places, "U1") == before
    assert result(places, "U1").status == "accepted"


def test_a_place_learnt_later_is_found_by_the_next_run(places):
    add_unit(places, "U1", address="星海广场")
    assert geocode_records(places).review == 1
    parts = entry_parts("星海广场")._asdict()
    places.add(GazetteerEntry(name="星海广场", geom=spot(2.5, 1), accuracy_m=10, **parts))
    assert geocode_records(places).accepted == 1
    assert (unit(places, "U1").town_code, review_rows(places)) == (EAST_TOWN, [])


def test_what_was_placed_otherwise_no_longer_waits(places):
    add_unit(places, "U1", address="人民公园")
    geocode_records(places)
    unit(places, "U1").geom = spot(0.5, 0.2)
    geocode_records(places)
    assert review_rows(places) == []


def test_a_place_that_is_there_already_is_left_alone(places):
    add_unit(places, "U1", 3, 1, address="西镇临河路100号")
    summary = geocode_records(places)
    assert summary.rows == 0
    assert position(places, "U1") == pytest.approx(at(3, 1))


def test_points_are_geocoded_too(places):
    point = add_point(places, "P1", 0, 0, address="临河路中山路")
    point.geom = None
    assert geocode_records(places, kind="points").by_level == {"crossing": 1}
    assert (point.place_level, point.town_code) == ("crossing", WEST_TOWN)


def test_a_ticket_is_placed_with_an_event(places):
    held = open_ticket(
        places, category="0501", title="t", actor="officer", address="临河路进中山路西约100米", reported_at=MORNING
    )
    assert geocode_records(places, kind="tickets", actor="desk").by_level == {"offset": 1}
    placed = places.get(Ticket, held.id)
    assert (placed.town_code, placed.accuracy_m) == (WEST_TOWN, 45.8)
    last = events(places, placed)[-1]
    assert (last.action, last.actor, last.facts["level"]) == ("place", "desk", "offset")
    assert check_stamps(places) == []


def test_another_kind_is_refused(places):
    with pytest.raises(NotFound, match="units, points, tickets"):
        geocode_records(places, kind="cells")


def test_progress_is_told(places):
    for number in range(3):
        add_unit(places, f"U{number}", address="西镇")
    told = []
    geocode_records(places, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (3, 3)


def test_the_summary_is_plain_data(places):
    add_unit(places, "U1", 3, 1, address="西镇临河路100号", town_code=EAST_TOWN)
    record = geocode_records(places).to_json()
    assert record["misplaced"] == [
        {
            "kind": "units",
            "code": "U1",
            "address": "西镇临河路100号",
            "says": "西镇",
            "says_code": WEST_TOWN,
            "lies_in": EAST_TOWN,
        }
    ]


def test_coordinates_in_another_town_than_the_address_are_flagged(places):
    add_unit(places, "U1", 3, 1, address="西镇临河路100号", town_code=EAST_TOWN)
    add_unit(places, "U2", 1, 1, address="西镇临河路100号", town_code=WEST_TOWN)
    add_unit(places, "U3", 9, 9, address="东镇临河路100号")
    add_unit(places, "U4", 3, 1, address="临河路100号", town_code=EAST_TOWN)
    assert [(one.code, one.says, one.lies_in) for one in misplaced(places, "units")] == [
        ("U1", "西镇", EAST_TOWN),
        ("U3", "东镇", None),
    ]


# -- deciding --------------------------------------------------------------------------------------


@pytest.fixture
def waiting(places):
    """One unit whose address fits two parks."""
    add_unit(places, "U1", address="人民公园")
    geocode_records(places)
    return places


def test_a_candidate_is_chosen(waiting):
    decide(waiting, "units", "U1", candidate=2, actor="desk")
    placed = unit(waiting, "U1")
    assert position(waiting, "U1") == pytest.approx(at(3.5, 0.2))
    assert (placed.town_code, placed.datum_evidence, placed.place_level) == (EAST_TOWN, "geocoded", "place")
    assert (result(waiting, "U1").status, result(waiting, "U1").decided_by) == ("decided", "desk")
    assert review_rows(waiting) == []


def test_a_pin_keeps_its_numbers_and_its_datum(waiting):
    lon, lat = at(0.5, 1)
    decide(waiting, "units", "U1", lon=lon, lat=lat, datum="gcj02", actor="desk")
    placed = unit(waiting, "U1")
    assert (placed.raw_x, placed.raw_y, placed.datum, placed.datum_evidence) == (lon, lat, "gcj02", "declared")
    assert position(waiting, "U1") != pytest.approx((lon, lat), abs=1e-3)
    assert (placed.place_level, placed.town_code) == ("manual", WEST_TOWN)


def test_a_pin_without_datum_is_in_wgs84(waiting):
    decide(waiting, "units", "U1", lon=at(0.5, 1)[0], lat=at(0.5, 1)[1], actor="desk")
    assert position(waiting, "U1") == pytest.approx(at(0.5, 1))


def test_no_place_is_a_decision_that_survives_the_next_run(waiting):
    decide(waiting, "units", "U1", nowhere=True, actor="desk")
    summary = geocode_records(waiting)
    assert (summary.rows, summary.decided) == (0, 1)
    assert (result(waiting, "U1").status, unit(waiting, "U1").geom) == ("decided", None)


def test_a_decision_was_about_its_address(waiting):
    decide(waiting, "units", "U1", nowhere=True, actor="desk")
    unit(waiting, "U1").address = "临河路100号"
    assert geocode_records(waiting).accepted == 1
    assert result(waiting, "U1").status == "accepted"


def test_a_decided_place_survives_the_next_run(waiting):
    decide(waiting, "units", "U1", candidate=1, actor="desk")
    assert geocode_records(waiting).rows == 0
    assert (result(waiting, "U1").status, position(waiting, "U1")) == ("decided", pytest.approx(at(0.5, 0.2)))


def test_no_place_takes_a_place_and_its_codes_away(waiting):
    decide(waiting, "units", "U1", candidate=1, actor="desk")
    decide(waiting, "units", "U1", nowhere=True, actor="desk")
    gone = unit(waiting, "U1")
    assert (gone.geom, gone.town_code, gone.place_level) == (None, None, None)


def test_a_ticket_decided_by_hand_tells_it(places):
    held = open_ticket(places, category="0501", title="t", actor="officer", address="人民公园", reported_at=MORNING)
    decide(places, "tickets", held.number, lon=at(3, 1)[0], lat=at(3, 1)[1], actor="desk")
    placed = places.get(Ticket, held.id)
    assert placed.town_code == EAST_TOWN
    assert events(places, placed)[-1].facts == {"level": "manual", "by": "hand"}


@pytest.mark.parametrize(
    ("choice", "error"),
    [
        pytest.param({}, BadSetting, id="nothing"),
        pytest.param({"candidate": 1, "nowhere": True}, BadSetting, id="two choices"),
        pytest.param({"candidate": 3}, BadSetting, id="a candidate too many"),
        pytest.param({"candidate": 0}, BadSetting, id="candidates count from one"),
        pytest.param({"lon": 121.4}, BadSetting, id="half a pin"),
        pytest.param({"lon": 121.4, "lat": 31.1, "datum": "nowhere-1"}, UnknownDatum, id="unknown datum"),
        pytest.param({"lon": 31.1, "lat": 121.4}, BadGeometry, id="no place on the globe"),
    ],
)
def test_a_choice_that_is_none_is_refused(waiting, choice, error):
    with pytest.raises(error):
        decide(waiting, "units", "U1", actor="desk", **choice)
    assert result(waiting, "U1").status == "review"


def test_an_area_cannot_be_chosen(places):
    add_unit(places, "U1", address="西镇")
    geocode_records(places)
    with pytest.raises(BadSetting, match="an area has no position"):
        decide(places, "units", "U1", candidate=1, actor="desk")


def test_a_record_that_is_not_there_cannot_be_decided(places):
    with pytest.raises(NotFound):
        decide(places, "units", "U404", nowhere=True, actor="desk")
