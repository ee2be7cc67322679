"""Every decision teaches: the same address is found by itself afterwards, and taking it back forgets it."""

from datetime import UTC, datetime, timedelta

import pytest
from lookups import position, result, unit
from makers import add_unit, at
from sqlalchemy import select

from geodata.errors import AddressChanged, AddressSettled, DecisionEnded
from geodata.geocode.answers import Candidate, because
from geodata.geocode.parse import Dictionary, parse_address
from geodata.models import GazetteerAlias, GazetteerEntry, GeocodeDecision
from geodata.services.geocode_decisions import (
    Choice,
    decide,
    decisions_of,
    settle_many,
    settle_waiting,
    standing,
    undo,
)
from geodata.services.geocode_learning import OtherName, other_name
from geodata.services.geocoding import geocode_records, review_rows

DOOR = "西镇星海路8弄3支弄5号甲"


def learnt(session):
    wanted = select(GazetteerEntry).where(GazetteerEntry.source == "decision").order_by(GazetteerEntry.id)
    return list(session.scalars(wanted))


def aliases(session):
    return [(one.kind, one.alias_norm, one.target_norm) for one in session.scalars(select(GazetteerAlias))]


@pytest.fixture
def waiting(places):
    """A function that adds a unit for each address, U1, U2 …, and looks them up."""

    def add(*addresses):
        for number, address in enumerate(addresses, start=1):
            add_unit(places, f"U{number}", address=address)
        geocode_records(places)
        return places

    return add


# -- what is learnt ----------------------------------------------------------------------------------


def test_a_pin_on_an_address_with_a_number_becomes_a_door(waiting):
    session = waiting(f"试验区{DOOR}")
    lon, lat = at(0.25, 1)
    decide(session, "units", "U1", actor="desk", lon=lon, lat=lat)
    (door,) = learnt(session)
    assert (door.kind, door.name, door.district) == ("door", f"试验区{DOOR}", "试验区")
    assert (door.road, door.lane, door.sublane, door.number, door.suffix) == ("星海路", "8", "3", "5", "甲")
    assert (door.house, door.accuracy_m, door.town_code) == (8, 10.0, "310112101000")
    assert (door.raw_x, door.raw_y, door.datum) == (lon, lat, "wgs84")


def test_without_a_lane_doors_are_counted_by_their_number(waiting):
    session = waiting("西镇星海路88号")
    decide(session, "units", "U1", actor="desk", lon=at(0.25, 1)[0], lat=at(0.25, 1)[1])
    assert [(one.house, one.lane, one.number) for one in learnt(session)] == [(88, None, "88")]


def test_any_other_text_becomes_a_place_under_what_follows_the_town(waiting):
    session = waiting("试验区西镇星海广场东门")
    decide(session, "units", "U1", actor="desk", lon=at(0.25, 1)[0], lat=at(0.25, 1)[1])
    (place,) = learnt(session)
    assert (place.kind, place.name_norm, place.road, place.accuracy_m) == ("place", "星海广场东门", None, 10.0)


def test_a_candidate_gives_its_own_error_to_what_is_learnt(waiting):
    session = waiting("人民公园")
    decide(session, "units", "U1", actor="desk", candidate=2)
    (place,) = learnt(session)
    assert (place.name, place.accuracy_m) == ("人民公园", result(session, "U1").candidates[1]["error_m"])


def test_what_another_house_found_is_not_kept_as_our_own(waiting):
    session = waiting("西镇星海路8号")
    row = result(session, "U1")
    theirs = Candidate("door", "星海路8号", 0.5, 20.0, *at(1, 1), None, (because("asked_online", source="x"),))
    row.candidates = [theirs.to_record()]
    session.flush()
    decide(session, "units", "U1", actor="desk", candidate=1)
    assert unit(session, "U1").geom is not None
    assert learnt(session) == []


def test_a_suggestion_of_unknown_error_is_not_learnt_as_if_it_were_surveyed(waiting):
    session = waiting("西镇临河路88号")
    row = result(session, "U1")
    row.candidates = [Candidate("crossing", "临河路中山路", 0.3, None, *at(1.5, 1), None).to_record()]
    session.flush()
    decide(session, "units", "U1", actor="desk", candidate=1)
    assert [one.accuracy_m for one in learnt(session)] == [100.0]


@pytest.mark.parametrize("address", ["西镇", "西镇一村", "临河路", "西镇临河路"])
def test_what_means_many_places_teaches_none(waiting, address):
    session = waiting(address)
    decide(session, "units", "U1", actor="desk", lon=at(0.25, 1)[0], lat=at(0.25, 1)[1])
    assert learnt(session) == []


def test_nowhere_teaches_nothing(waiting):
    session = waiting(DOOR)
    decide(session, "units", "U1", actor="desk", nowhere=True)
    assert learnt(session) == []


@pytest.mark.parametrize(
    ("address", "level"),
    [pytest.param("西镇星海路8号", "door", id="door"), pytest.param("西镇星海广场", "place", id="place")],
)
def test_the_same_address_elsewhere_is_then_found_by_itself(waiting, address, level):
    session = waiting(address, address)
    decide(session, "units", "U1", actor="desk", lon=at(0.25, 1)[0], lat=at(0.25, 1)[1])
    assert [row.target_code for row in review_rows(session)] == ["U2"]
    summary = geocode_records(session)
    assert (summary.rows, summary.accepted, dict(summary.by_level)) == (1, 1, {level: 1})
    assert position(session, "U2") == pytest.approx(at(0.25, 1))
    assert position(session, "U1") == pytest.approx(at(0.25, 1))


def test_a_decision_survives_the_next_runs(waiting):
    session = waiting("西镇星海路8号", "人民公园")
    decide(session, "units", "U1", actor="desk", lon=at(0.25, 1)[0], lat=at(0.25, 1)[1])
    decide(session, "units", "U2", actor="desk", nowhere=True)
    for _ in range(2):
        geocode_records(session)
        assert position(session, "U1") == pytest.approx(at(0.25, 1))
        assert (result(session, "U1").status, result(session, "U2").status) == ("decided", "decided")
        assert unit(session, "U2").geom is None


# -- other names -----------------------------------------------------------------------------------


def candidate(name, level):
    return Candidate(level, name, 0.5, 20.0, *at(1, 1), None)


ROADS = Dictionary(roads=["临河路", "中山路", "望江路"], district="试验区")


@pytest.mark.parametrize(
    ("written", "chosen", "expected"),
    [
        pytest.param("滨合路100号", ("临河路100号", "door"), ("road", "滨合路", "临河路"), id="unknown road"),
        pytest.param(
            "滨合路中山路口", ("临河路中山路", "crossing"), ("road", "滨合路", "临河路"), id="beside a known one"
        ),
        pytest.param("望江路100号", ("临河路100号", "door"), None, id="a road that is known"),
        pytest.param("滨合路长乐路口", ("临河路中山路", "crossing"), None, id="two unknown"),
        pytest.param("滨合路100号", ("临河路中山路", "crossing"), None, id="two it may mean"),
        pytest.param("星海大厦", ("星海广场", "place"), ("place", "星海大厦", "星海广场"), id="place"),
        pytest.param("星海广场", ("星海广场", "place"), None, id="its own name"),
    ],
)
def test_a_chosen_candidate_says_what_an_unknown_name_means(written, chosen, expected):
    found = other_name(parse_address(written, ROADS), candidate(*chosen), ROADS)
    assert found == (OtherName(*expected) if expected else None)


@pytest.fixture
def misspelt(waiting):
    """A unit at an address whose road nobody lists, with one candidate on a road that is."""
    session = waiting("西镇滨合路中山路口")
    row = result(session, "U1")
    row.candidates = [candidate("临河路中山路", "crossing").to_record()]
    session.flush()
    return session


def test_another_name_is_written_only_when_it_is_to_be_remembered(misspelt):
    decide(misspelt, "units", "U1", actor="desk", candidate=1)
    assert aliases(misspelt) == []
    decide(misspelt, "units", "U1", actor="desk", candidate=1, remember=True)
    assert aliases(misspelt) == [("road", "滨合路", "临河路")]
    assert misspelt.scalars(select(GazetteerAlias)).one().decided_by == "desk"


def test_a_name_that_a_file_lists_already_stays_when_the_decision_goes(misspelt):
    misspelt.add(GazetteerAlias(kind="road", alias="滨合路", alias_norm="滨合路", target_norm="临河路", source="file"))
    made = decide(misspelt, "units", "U1", actor="desk", candidate=1, remember=True)
    undo(misspelt, [made], actor="desk")
    assert aliases(misspelt) == [("road", "滨合路", "临河路")]


# -- taking back -----------------------------------------------------------------------------------


def test_undo_brings_back_what_was_and_forgets_what_was_learnt(misspelt):
    before = result(misspelt, "U1")
    was = (before.level, before.score, before.error_m)
    made = decide(misspelt, "units", "U1", actor="desk", candidate=1, remember=True)
    assert (len(learnt(misspelt)), len(aliases(misspelt))) == (1, 1)
    undo(misspelt, [made], actor="chief")
    again = result(misspelt, "U1")
    assert (again.status, again.level, again.score, again.error_m, again.decided_by) == ("review", *was, None)
    record = unit(misspelt, "U1")
    assert (record.geom, record.town_code, record.place_level) == (None, None, None)
    assert (learnt(misspelt), aliases(misspelt)) == ([], [])
    assert (made.ended, made.ended_by) == ("undone", "chief")


def test_deciding_anew_replaces_what_was_learnt_and_undo_brings_it_back(waiting):
    session = waiting("西镇星海路8号")
    first = decide(session, "units", "U1", actor="one", lon=at(0.25, 1)[0], lat=at(0.25, 1)[1])
    second = decide(session, "units", "U1", actor="two", lon=at(0.75, 1)[0], lat=at(0.75, 1)[1])
    assert [one.raw_x for one in learnt(session)] == [at(0.75, 1)[0]]
    assert (first.ended, first.ended_by, second.replaces_id) == ("replaced", "two", first.id)
    undo(session, [second], actor="two")
    assert standing(session, "units", "U1") is first
    assert position(session, "U1") == pytest.approx(at(0.25, 1))
    assert [one.id for one in learnt(session)] == [first.entry_id]
    assert result(session, "U1").decided_by == "one"


def test_what_two_decisions_taught_goes_with_the_last_of_them(waiting):
    session = waiting("西镇星海路8号", "西镇星海路8号")
    lon, lat = at(0.25, 1)
    made = [decide(session, "units", code, actor="desk", lon=lon, lat=lat) for code in ("U1", "U2")]
    assert len(learnt(session)) == 1
    undo(session, made[:1], actor="desk")
    assert len(learnt(session)) == 1
    undo(session, made[1:], actor="desk")
    assert learnt(session) == []


def test_a_decision_is_not_taken_back_twice_nor_over_another_place(waiting):
    session = waiting("西镇星海路8号", "西镇星海路9号")
    lon, lat = at(0.25, 1)
    first = decide(session, "units", "U1", actor="desk", lon=lon, lat=lat)
    undo(session, [first], actor="desk")
    with pytest.raises(DecisionEnded):
        undo(session, [first], actor="desk")
    second = decide(session, "units", "U2", actor="desk", lon=lon, lat=lat)
    unit(session, "U2").geom = f"SRID=4326;POINT({lon + 0.01} {lat})"
    session.flush()
    with pytest.raises(DecisionEnded):
        undo(session, [second], actor="desk")
    assert standing(session, "units", "U2") is second


# -- two people, and many rows -----------------------------------------------------------------------


def test_the_second_of_two_people_is_told_who_was_first(waiting):
    session = waiting("西镇星海路8号")
    settle_waiting(session, "units", "U1", Choice(nowhere=True), actor="one")
    with pytest.raises(AddressSettled) as told:
        settle_waiting(session, "units", "U1", Choice(nowhere=True), actor="two")
    assert (told.value.code, told.value.by, told.value.choice) == ("U1", "one", "nowhere")


def test_nobody_decides_about_what_they_have_not_seen(waiting):
    session = waiting("人民公园")
    seen = result(session, "U1").at
    with pytest.raises(AddressChanged):
        settle_waiting(session, "units", "U1", Choice(candidate=1, seen=seen - timedelta(minutes=1)), actor="one")
    settle_waiting(session, "units", "U1", Choice(candidate=1, seen=seen), actor="one")
    assert unit(session, "U1").place_level == "place"


def test_many_rows_are_settled_and_taken_back_together(waiting):
    session = waiting("人民公园", "人民公园", "西镇星海路8号")
    rows = [("units", code, Choice(candidate=1, batch="b1")) for code in ("U1", "U2", "U9")]
    made, missed = settle_many(session, rows, actor="desk")
    assert ([one.target_code for one in made], missed) == (["U1", "U2"], ["U9"])
    assert [row.target_code for row in review_rows(session)] == ["U3"]
    assert unit(session, "U1").town_code == "310112101000"
    undo(session, decisions_of(session, "b1"), actor="desk")
    assert [row.target_code for row in review_rows(session)] == ["U1", "U2", "U3"]
    assert decisions_of(session, "b1") == []


def test_who_decided_what_and_when_is_kept_whatever_becomes_of_it(waiting):
    session = waiting("西镇星海路8号")
    made = decide(session, "units", "U1", actor="desk", nowhere=True)
    undo(session, [made], actor="chief")
    (kept,) = session.scalars(select(GeocodeDecision))
    assert (kept.decided_by, kept.choice, kept.ended, kept.ended_by) == ("desk", "nowhere", "undone", "chief")
    assert datetime.now(UTC) - kept.at < timedelta(minutes=5)
