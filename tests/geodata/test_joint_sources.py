"""Collections of co-governance: teams with their ground, meetings, whistle calls, registrations, units by village."""

import json
from datetime import UTC, date, datetime, time, timedelta

import pytest
from makers import add_areas, add_block, add_unit, spot
from shapely.geometry import shape

from geodata.catalog import collection
from geodata.models import (
    DutyDeputy,
    Meeting,
    MeetingSeat,
    Project,
    RegistrationCount,
    Resolution,
    RosterTurn,
    ServiceTeam,
    SharedService,
    StatedFigure,
    WhistleCall,
    WhistleInvitee,
)
from geodata.queries.features import Box, stream_geojson
from geodata.queries.listing import listing
from geodata.queries.readers import NOBODY, CountsTold, Reader
from geodata.queries.tiles import tile
from geodata.queries.whistle import ALL_CALLS, CallScope
from geodata.services import district_view, registrations

TOWN, OTHER = "310112101000", "310112102000"
VILLAGE, NEXT = "310112101001", "310112101002"
NOW = datetime(2026, 3, 2, 6, tzinfo=UTC)


@pytest.fixture(autouse=True)
def areas(session):
    add_areas(session)


def told(session, id_, reader=NOBODY, box=None):
    """Features of a collection by key: properties, with the geometry beside them."""
    text = b"".join(stream_geojson(session.connection(), collection(id_), box, reader=reader))
    return {each["id"]: each["properties"] | {"geom": each["geometry"]} for each in json.loads(text)["features"]}


def add(session, *records):
    session.add_all(records)
    session.flush()


def meeting(code, **facts):
    return Meeting(
        code=code,
        name=code,
        **{"body": "congress", "level": "town", "area_code": TOWN, "held_at": NOW, "state": "held"} | facts,
    )


def call(code, **facts):
    return WhistleCall(
        code=code,
        reason=code,
        **{"level": "town", "area_code": TOWN, "called_by": "anna", "meet_at": NOW} | facts,
    )


# -- teams -----------------------------------------------------------------------------------------------


def test_the_ground_of_a_team_is_that_of_its_blocks(session):
    team = ServiceTeam(code="T1", name="一队", town_code=TOWN)
    add(session, team)
    for code, west in (("B1", 0), ("B2", 1)):
        add_block(session, code, west, 0, west + 1, 1).team_id = team.id
    session.flush()
    found = told(session, "duty_teams")["T1"]
    assert (found["ground_by"], found["blocks"], found["level"], found["town_name"]) == ("blocks", 2, "town", "西镇")
    # one box 2 × 1, without the border between the blocks
    assert shape(found["geom"]).equals(
        shape(told(session, "blocks")["B1"]["geom"]).union(shape(told(session, "blocks")["B2"]["geom"]))
    )


@pytest.mark.parametrize(
    ("shared", "town", "ground_by", "place"),
    [
        pytest.param([("village", NEXT)], TOWN, "areas", (121.415, 31.11), id="the areas that share it"),
        pytest.param([], TOWN, "town", (121.41, 31.11), id="its town"),
        pytest.param([], None, None, None, id="nothing that is known"),
    ],
)
def test_a_team_without_blocks_says_by_what_its_ground_is_told(session, shared, town, ground_by, place):
    add(session, ServiceTeam(code="T1", name="一队", town_code=town))
    add(session, *(SharedService(of_kind="team", of_code="T1", level=level, area_code=code) for level, code in shared))
    found = told(session, "duty_teams")["T1"]
    assert (found["ground_by"], found["shared_areas"]) == (ground_by, len(shared))
    assert place == (None if found["geom"] is None else pytest.approx(shape(found["geom"]).centroid.coords[0]))


def test_a_team_tells_posts_and_turns_by_role(session):
    unit = add_unit(session, "U1", name="街道办")
    add(session, ServiceTeam(code="T1", name="一队", holder_id=unit.id, holder_role="综合科"))
    today = date.today()  # noqa: DTZ011 - the database asks its own clock as well
    turns = {"of_kind": "team", "of_code": "T1", "opens": time(8), "closes": time(9)}
    add(
        session,
        DutyDeputy(of_kind="team", of_code="T1", rank=2, unit_id=unit.id, role="安全岗"),
        DutyDeputy(of_kind="team", of_code="T1", rank=1, unit_id=unit.id, role="值班岗"),
        DutyDeputy(of_kind="block", of_code="T1", rank=1, unit_id=unit.id, role="别处"),
        *(RosterTurn(day=today + timedelta(days=days), role="夜班", **turns) for days in (-2, 2, 3)),
    )
    found = told(session, "duty_teams")["T1"]
    assert (found["holder_name"], found["holder_role"]) == ("街道办", "综合科")
    assert (found["deputies"], found["deputy_roles"]) == (2, "值班岗、安全岗")
    assert (found["turns_ahead"], found["duty_roles"]) == (2, "夜班")
    assert found["next_turn_at"].startswith(str(today + timedelta(days=2)))


# -- meetings --------------------------------------------------------------------------------------------


def test_a_meeting_is_where_it_is_held_or_in_the_middle_of_its_area(session):
    add(
        session,
        meeting("M1", geom=spot(3, 1)),
        meeting("M2", body="village_meeting", level="village", area_code=VILLAGE),
        # of a village without a border
        meeting("M3", body="village_meeting", level="village", area_code="310112102001"),
    )
    found = told(session, "meetings")
    assert [found[code]["placed_by"] for code in sorted(found)] == ["place", "area", None]
    assert found["M1"]["geom"]["coordinates"] == [121.43, 31.11]
    assert found["M2"]["geom"]["coordinates"] == pytest.approx([121.405, 31.11])
    assert (found["M2"]["village_code"], found["M2"]["town_code"], found["M2"]["area_name"]) == (VILLAGE, TOWN, "一村")


def test_a_meeting_counts_its_seats_and_what_became_of_its_resolutions(session):
    one, two = add_unit(session, "U1"), add_unit(session, "U2")
    held = meeting("M1")
    add(session, held, Project(code="J1", name="项目", joint="welfare", level="town", stage="done"))
    long_ago = date(2020, 1, 1)
    for seq, facts in enumerate(
        [
            {"state": "done", "due_on": long_ago},
            # as far as what it became
            {"target_kind": "project", "target_code": "J1", "due_on": long_ago},
            {"due_on": long_ago},
            {"due_on": date(2999, 1, 1)},
            {},
            {"state": "dropped", "due_on": long_ago},
        ],
        start=1,
    ):
        add(session, Resolution(meeting_id=held.id, seq=seq, words="事", **facts))
    add(
        session,
        MeetingSeat(meeting_id=held.id, unit_id=one.id, attended=True),
        MeetingSeat(meeting_id=held.id, unit_id=two.id),
    )
    found = told(session, "meetings")["M1"]
    assert [found[name] for name in ("resolutions", "resolutions_done", "resolutions_late")] == [6, 2, 1]
    assert [found[name] for name in ("seats", "came")] == [2, 1]
    assert not {"minutes", "agenda"} & set(found)


def test_what_is_ahead_is_listed_first(session):
    add(
        session,
        meeting("M1"),
        meeting("M2", held_at=NOW - timedelta(days=9)),
        meeting("M3", state="planned", held_at=NOW + timedelta(days=9)),
        meeting("M4", state="planned", held_at=NOW + timedelta(days=3)),
    )
    rows = listing(session, collection("meetings"), box=None, limit=9).rows
    assert [row.properties["code"] for row in rows] == ["M4", "M3", "M1", "M2"]


# -- whistle calls ---------------------------------------------------------------------------------------


def test_a_call_counts_who_was_called_and_came(session):
    held = call("W1", geom=spot(0.5, 0.5), state="met")
    add(session, held)
    arrived = (NOW - timedelta(minutes=5), NOW + timedelta(minutes=5), None)
    add(
        session,
        *(
            WhistleInvitee(call_id=held.id, seq=seq, office_code=TOWN, arrived_at=at)
            for seq, at in enumerate(arrived, start=1)
        ),
    )
    found = told(session, "whistle_calls", Reader(ALL_CALLS))["W1"]
    assert [found[name] for name in ("invited", "arrived", "arrived_late", "state")] == [3, 2, 1, "met"]
    assert (found["placed_by"], found["town_code"]) == ("place", TOWN)
    assert not {"minutes", "called_by"} & set(found)


def test_calls_are_told_to_those_of_the_town_to_who_is_called_and_to_nobody_else(session):
    unit = add_unit(session, "U1")
    mine, other = call("W1", geom=spot(0.5, 0.5)), call("W2", area_code=OTHER, geom=spot(3, 1), called_by="bert")
    add(session, mine, other)
    add(session, WhistleInvitee(call_id=other.id, seq=1, unit_id=unit.id))

    def ways(scope):
        """What a scope is told by each way out there is: export, list, and whether a tile has anything."""
        reader = Reader(scope)
        listed = listing(session, collection("whistle_calls"), box=None, limit=9, reader=reader)
        assert listed.total == len(listed.rows)
        drawn = tile(session, collection("whistle_calls"), z=10, x=857, y=418, reader=reader)
        codes = {code for code in ("W1", "W2") if code.encode() in drawn}
        assert {row.properties["code"] for row in listed.rows} == codes == set(told(session, "whistle_calls", reader))
        return codes

    assert ways(ALL_CALLS) == {"W1", "W2"}
    assert ways(CallScope(is_all=False, caller="x", towns=(TOWN,))) == {"W1"}
    assert ways(CallScope(is_all=False, caller="bert")) == {"W2"}
    assert ways(CallScope(is_all=False, caller="x", unit_id=unit.id)) == {"W2"}
    assert ways(NOBODY.calls) == set()


# -- double registration ---------------------------------------------------------------------------------


def counted(session, holds=lambda _level, _code: False):
    """A small count, a large one and none, as they are told to somebody."""
    counts = {VILLAGE: (4, 3), NEXT: (120, 90)}
    for code, (total, came) in counts.items():
        row = RegistrationCount(
            of_kind="village", of_code=code, period="2015", members_total=total, members_registered=came
        )
        add(session, row)
    report = registrations.report(session, "2015", holds_area=holds, holds_unit=lambda _unit: False)
    return Reader(counts=CountsTold(registrations.as_json(report)))


def test_registrations_are_polygons_with_the_rate_of_the_period(session):
    found = told(session, "registrations", counted(session))[NEXT]
    assert [found[name] for name in ("period", "members_total", "members_registered", "rate")] == [
        "2015",
        120,
        90,
        0.75,
    ]
    assert (found["hidden"], found["town_name"], found["geom"]["type"]) == (None, "西镇", "MultiPolygon")


def test_a_small_count_is_hidden_and_no_sum_of_its_town_gives_it_away(session):
    reader = counted(session)
    village, town = (
        told(session, "registrations", reader)[VILLAGE],
        told(session, "registrations_of_towns", reader)[TOWN],
    )
    for found in (village, town):
        assert [found[name] for name in ("members_total", "members_registered", "rate")] == [None, None, None]
        assert found["hidden"] == "members_total,members_registered"
    assert town["is_summed"]


def test_those_inside_are_told_theirs_and_the_sum(session):
    reader = counted(session, lambda _level, code: code.startswith(TOWN[:9]))
    assert told(session, "registrations", reader)[VILLAGE]["rate"] == 0.75
    assert told(session, "registrations_of_towns", reader)[TOWN]["members_total"] == 124


def test_nobody_is_told_anything_unless_it_is_worked_out_who_asks(session):
    counted(session)
    assert told(session, "registrations") == told(session, "registrations_of_towns") == {}
    assert tile(session, collection("registrations"), z=10, x=857, y=418) == b""


def test_a_village_without_counts_is_there_without_a_rate(session):
    found = told(session, "registrations", counted(session))["310112102001"]
    assert (found["rate"], found["hidden"], found["members_total"]) == (None, None, None)


# -- units by village ------------------------------------------------------------------------------------


def test_units_by_village_are_those_of_the_page_of_the_district(session):
    for code, east, facts in (
        ("U1", 0.5, {"kind": "school"}),
        ("U2", 0.6, {"kind": "school"}),
        ("U3", 0.7, {"kind": "market"}),
        ("U4", 0.8, {"kind": "market", "is_active": False}),
    ):
        add_unit(session, code, east, 0.5, village_code=VILLAGE, town_code=TOWN, **facts)
    add(
        session,
        *(
            StatedFigure(figure="units_village", level="village", area_code=VILLAGE, period=period, value=value)
            for period, value in (("2014", 7), ("2015", 9))
        ),
    )
    found = told(session, "unit_density")
    assert {code: row["unit_count"] for code, row in found.items()} == {
        row.code: row.units for row in district_view.village_rows(session)
    }
    mine, none = found[VILLAGE], found[NEXT]
    assert (mine["unit_count"], json.loads(mine["kinds"])) == (3, {"school": 2, "market": 1})
    assert mine["units_per_km2"] == pytest.approx(3e6 / mine["area_m2"], abs=5e-4)
    assert (mine["stated_units"], mine["stated_period"]) == (9, "2015")
    assert (none["unit_count"], none["units_per_km2"], none["kinds"], none["stated_units"]) == (0, 0, None, None)


def test_a_village_without_a_border_has_a_count_and_no_density(session):
    found = told(session, "unit_density")["310112102001"]
    assert (found["unit_count"], found["units_per_km2"], found["geom"]) == (0, None, None)


@pytest.mark.parametrize("id_", ["duty_teams", "meetings", "whistle_calls", "registrations", "unit_density"])
def test_a_box_leaves_out_what_lies_beyond(session, id_):
    reader = Reader(ALL_CALLS, counted(session).counts)
    add(session, ServiceTeam(code="T1", name="一队", town_code=TOWN), meeting("M1"), call("W1"))
    assert told(session, id_, reader, Box(121.40, 31.10, 121.42, 31.12))
    assert told(session, id_, reader, Box(10, 10, 11, 11)) == {}
