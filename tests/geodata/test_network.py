"""The network on three levels: who belongs, convenes and sits, what overlaps, what lacks, and whom to call."""

from datetime import UTC, date, datetime, timedelta

import pytest
from makers import add_areas, add_unit
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from geodata.db import session_on
from geodata.errors import NotFound
from geodata.models import BODIES, Area, AreaContact, ConferenceSeat, ConvenerTerm, Membership, PilotArea
from geodata.queries.stamping import today
from geodata.record_errors import BadValue, Overlaps
from geodata.services import area_contacts, changes, network
from geodata.services import network_changes as verbs

DISTRICT, TOWN, OTHER = "310112", "310112101000", "310112102000"
VILLAGE, NEXT = "310112101001", "310112101002"
DAY = timedelta(days=1)


@pytest.fixture
def units(session):
    """Three units of the western town, the third one of the district as well."""
    add_areas(session)
    made = [
        add_unit(session, code, 0.5, 0.5, town_code=TOWN, village_code=VILLAGE, liaison_role="办公室")
        for code in ("U1", "U2", "U3")
    ]
    for unit in made:
        unit.memberships = [Membership(level="town", area_code=TOWN)]
    made[2].memberships.append(Membership(level="district", area_code=DISTRICT))
    session.flush()
    return made


@pytest.fixture
def day(session):
    """Today."""
    return today(session)


def convene(session, unit, since, last=None, *, replaces=False):
    return verbs.set_convener(session, "town", TOWN, unit=unit, since=since, last=last, replaces=replaces, actor="town")


def terms(session):
    found = session.scalars(select(ConvenerTerm).order_by(ConvenerTerm.valid_from))
    return [(one.valid_from, one.valid_to) for one in found]


def words(session, level="town", code=TOWN):
    return [gap.word for gap in network.area_lines(session, level, code=code)[0].gaps]


def test_figures_count_each_unit_on_the_levels_it_is_a_member_of(session, units):
    town = network.area_lines(session, "town", code=TOWN)[0].row
    assert (town.of_district, town.of_town, town.of_village, town.own) == (1, 3, 0, 3)
    verbs.join(session, "village", VILLAGE, unit="U1", since=date(2020, 1, 1), actor="town")
    village = network.area_lines(session, "village", code=VILLAGE)[0].row
    assert (village.of_district, village.of_town, village.of_village, village.own) == (1, 3, 1, 1)
    whole = network.area_lines(session, "district")[0]
    assert (whole.row.of_district, whole.row.of_town, whole.row.of_village) == (1, 3, 1)


def test_who_is_not_active_does_not_count(session, units):
    units[0].is_active = False
    session.flush()
    assert network.area_lines(session, "town", code=TOWN)[0].row.of_town == 2


def test_a_convener_follows_another_and_next_year_is_planned(session, units, day):
    convene(session, "U1", day - 100 * DAY, day + 100 * DAY)
    convene(session, "U2", day + 101 * DAY, day + 400 * DAY)
    found = network.network_of(session, "town", TOWN)
    assert [(term.unit_code, verbs.last_day(term.valid_to)) for term in found.terms] == [
        ("U1", day + 100 * DAY),
        ("U2", day + 400 * DAY),
    ]
    assert found.line.row.convener_code == "U1"
    runs = changes.latest(session, [verbs.CONVENER], limit=9, about={"area_code": TOWN})
    assert [(run.report["did"], run.report["name"], run.actor) for run in runs] == [
        ("add", "单位U2", "town"),
        ("add", "单位U1", "town"),
    ]


def test_a_term_in_the_way_is_told_with_its_unit_and_days(session, units, day):
    convene(session, "U1", day - 100 * DAY, day + 100 * DAY)
    with pytest.raises(Overlaps) as refused:
        convene(session, "U2", day, day + 365 * DAY)
    assert refused.value.other == f"单位U1 ({day - 100 * DAY} – {day + 100 * DAY})"
    assert terms(session) == [(day - 100 * DAY, day + 101 * DAY)]


def test_a_running_term_may_end_for_the_new_one_but_a_planned_one_stands(session, units, day):
    convene(session, "U1", day - 100 * DAY)
    convene(session, "U2", day, day + 99 * DAY, replaces=True)
    assert terms(session) == [(day - 100 * DAY, day), (day, day + 100 * DAY)]
    convene(session, "U3", day + 100 * DAY, day + 200 * DAY)
    with pytest.raises(Overlaps, match="单位U3"):
        convene(session, "U1", day + 50 * DAY, day + 150 * DAY, replaces=True)


def test_the_database_too_refuses_two_conveners_at_once(session, units, day):
    convene(session, "U1", day, day + 9 * DAY)
    session.add(
        ConvenerTerm(level="town", area_code=TOWN, unit_id=units[1].id, valid_from=day + 9 * DAY, valid_to=None)
    )
    with pytest.raises(IntegrityError, match="one_at_a_time"):
        session.flush()


def test_only_a_member_of_that_day_convenes(session, units, day):
    stranger = add_unit(session, "U9")
    with pytest.raises(BadValue) as refused:
        convene(session, stranger.code, day)
    assert (refused.value.field, refused.value.word) == ("unit", "member")
    with pytest.raises(BadValue) as refused:
        convene(session, "U1", day, day - DAY)
    assert (refused.value.field, refused.value.word) == ("last", "after")
    with pytest.raises(BadValue) as refused:
        convene(session, "nobody", day)
    assert (refused.value.field, refused.value.word) == ("unit", "unknown")


def test_a_term_is_ended_and_a_planned_one_is_taken_out(session, units, day):
    made = convene(session, "U1", day - 10 * DAY, day + 10 * DAY)
    later = convene(session, "U2", day + 20 * DAY)
    verbs.end_convener(session, "town", TOWN, row_id=made.id, last=day, actor="town")
    verbs.end_convener(session, "town", TOWN, row_id=later.id, last=day, actor="town")
    assert terms(session) == [(day - 10 * DAY, day + DAY)]
    with pytest.raises(BadValue):
        verbs.end_convener(session, "town", OTHER, row_id=made.id, last=day, actor="town")


def test_who_leaves_gives_up_seats_and_term_here_and_nowhere_else(session, units, day):
    convene(session, "U3", day - DAY)
    for body in ("joint_conference", "committee"):
        verbs.set_seat(session, "town", TOWN, body=body, unit="U3", position="chair", since=day - DAY, actor="town")
    mine = {part.level: part.id for part in units[2].memberships}
    verbs.leave(session, "town", TOWN, row_id=mine["town"], last=day, actor="town")
    assert terms(session) == [(day - DAY, day + DAY)]
    assert {seat.valid_to for seat in session.scalars(select(ConferenceSeat))} == {day + DAY}
    session.expire_all()
    assert {part.level: part.valid_to for part in units[2].memberships} == {"district": None, "town": day + DAY}


def test_a_unit_joins_an_area_once(session, units, day):
    verbs.join(session, "village", VILLAGE, unit="单位U1", since=day, actor="town")
    with pytest.raises(Overlaps, match="单位U1"):
        verbs.join(session, "village", VILLAGE, unit="U1", since=day + DAY, actor="town")
    with pytest.raises(NotFound):
        verbs.join(session, "village", TOWN, unit="U1", since=day, actor="town")


def test_a_seat_changes_and_a_body_has_one_chair(session, units, day):
    def sit(unit, position, since=day, body="joint_conference"):
        return verbs.set_seat(session, "town", TOWN, body=body, unit=unit, position=position, since=since, actor="town")

    sit("U1", "member", day - 9 * DAY)
    sit("U1", "chair")
    found = network.network_of(session, "town", TOWN).seats
    assert [(seat.unit_code, seat.position, seat.valid_from) for seat in found] == [("U1", "chair", day)]
    with pytest.raises(Overlaps, match="单位U1"):
        sit("U2", "chair")
    sit("U2", "chair", body="committee")
    with pytest.raises(BadValue) as refused:
        sit("U2", "member", body="village_meeting")
    assert refused.value.field == "body"


def test_what_an_area_lacks_is_told_in_words(session, units, day):
    assert words(session) == ["no_convener", "no_chair", "empty_villages"]
    convene(session, "U1", day - DAY, day + 20 * DAY)
    units[1].liaison_role = None
    session.flush()
    gaps = {gap.word: gap for gap in network.area_lines(session, "town", code=TOWN)[0].gaps}
    assert list(gaps) == ["term_ends", "no_chair", "no_liaison", "empty_villages"]
    assert (gaps["term_ends"].day, gaps["no_liaison"].number) == (day + 20 * DAY, 1)
    convene(session, "U2", day + 21 * DAY)
    assert "term_ends" not in words(session)
    assert words(session, "town", OTHER) == ["no_member", "empty_villages"]
    assert words(session, "village", NEXT) == ["no_member"]
    assert words(session, "village", VILLAGE) == ["none_of_own"]
    verbs.join(session, "village", VILLAGE, unit="U1", since=day, actor="town")
    assert words(session, "village", VILLAGE) == ["no_convener"]


def test_a_pilot_has_its_time(session, units, day):
    made = verbs.start_pilot(session, "village", VILLAGE, since=day, note="共治会议", actor="town")
    assert network.area_lines(session, "village", code=VILLAGE)[0].row.is_pilot
    assert [line.pilots for line in network.area_lines(session, "town")] == [1, 0]
    with pytest.raises(Overlaps):
        verbs.start_pilot(session, "village", VILLAGE, since=day + DAY, actor="town")
    verbs.end_pilot(session, "village", VILLAGE, row_id=made.id, last=day - DAY, actor="town")
    assert not network.area_lines(session, "village", code=VILLAGE)[0].row.is_pilot


# -- whom to call ----------------------------------------------------------------------------------------

MONDAY = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


@pytest.fixture
def contacts(session, units):
    """What the district, the western town and its first village tell."""
    rows = (
        ("district", DISTRICT, "市容环卫", "区值班岗", "24/7"),
        ("district", DISTRICT, "综合协调", "区党建办", "Mo-Fr 08:30-17:00"),
        ("town", TOWN, "综合协调", "社区党建办", "Mo-Fr 14:00-17:00"),
        ("town", OTHER, "综合协调", "东镇党建办", None),
        ("village", VILLAGE, "综合协调", "服务站", None),
        ("village", VILLAGE, "物业管理", "物业岗", None),
    )
    for level, code, topic, role, hours in rows:
        session.add(AreaContact(level=level, area_code=code, topic=topic, role=role, phone="1", hours=hours))
    session.flush()


def test_the_nearest_role_is_told_first_and_whether_it_answers_now(session, contacts):
    found = area_contacts.contacts_at(session, district=DISTRICT, town_code=TOWN, village_code=VILLAGE, at=MONDAY)
    assert [(one.topic, one.role, one.opening.is_open) for one in found] == [
        ("物业管理", "物业岗", None),
        ("综合协调", "服务站", None),
        ("综合协调", "社区党建办", False),
        ("综合协调", "区党建办", True),
        ("市容环卫", "区值班岗", True),
    ]
    assert [one.role for one in area_contacts.contacts_at(session, town_code=OTHER)] == ["东镇党建办"]
    assert area_contacts.contacts_at(session) == []


def test_a_contact_is_added_changed_and_removed(session, contacts):
    values = {"topic": "停车管理", "role": "停车岗", "phone": "2", "when": "24/7", "actor": "town"}
    made = area_contacts.add_contact(session, "town", TOWN, **values)
    with pytest.raises(BadValue) as refused:
        area_contacts.add_contact(session, "town", TOWN, **values)
    assert (refused.value.field, refused.value.word) == ("role", "taken")
    area_contacts.set_contact(session, "town", TOWN, row_id=made.id, **values | {"phone": None})
    area_contacts.set_contact(session, "town", TOWN, row_id=made.id, **values | {"phone": None})
    with pytest.raises(BadValue) as refused:
        area_contacts.set_contact(session, "town", TOWN, row_id=made.id, **values | {"when": "白天"})
    assert (refused.value.field, refused.value.word) == ("hours", "hours")
    with pytest.raises(BadValue):
        area_contacts.remove_contact(session, "town", OTHER, row_id=made.id, actor="town")
    area_contacts.remove_contact(session, "town", TOWN, row_id=made.id, actor="town")
    done = [run.report["did"] for run in changes.latest(session, [area_contacts.KIND], limit=9)]
    assert done == ["remove", "set", "add"]


# -- the made-up district ----------------------------------------------------------------------------------


def test_the_made_up_district_has_conveners_seats_contacts_pilots_and_gaps(made_up):
    with session_on(made_up()) as session:
        towns = [code for (code,) in session.execute(select(Area.code).where(Area.level == "town"))]
        terms = session.execute(select(ConvenerTerm.area_code, ConvenerTerm.valid_from)).all()
        years = {code: sorted(since.year for area, since in terms if area == code) for code in towns}
        # one town is behind, the others have past years, this and some the next
        assert sorted(map(len, years.values()))[0] == 2
        assert {since.year for _area, since in terms} == {2024, 2025, 2026, 2027}
        assert session.scalars(select(func.count(PilotArea.id))).one() == 2
        assert {one.level for one in session.scalars(select(AreaContact))} == {"district", "town", "village"}
        assert set(session.scalars(select(ConferenceSeat.body))) == set(BODIES)


@pytest.mark.parametrize(
    ("made", "name"),
    [
        pytest.param(
            lambda unit, since: Membership(unit_id=unit, level="town", area_code=TOWN, valid_from=since),
            "membership_one_at_a_time",
            id="a second membership in one area",
        ),
        pytest.param(
            lambda unit, since: Membership(
                unit_id=unit, level="village", area_code=VILLAGE, valid_from=since, valid_to=since
            ),
            "membership_span",
            id="a membership that ends as it begins",
        ),
        pytest.param(
            lambda unit, since: ConferenceSeat(
                unit_id=unit, level="town", area_code=TOWN, body="congress", position="deputy", valid_from=since
            ),
            "conference_seat_one_at_a_time",
            id="a second seat in one body",
        ),
        pytest.param(
            lambda _unit, since: PilotArea(level="town", area_code=TOWN, valid_from=since),
            "pilot_area_one_at_a_time",
            id="a pilot twice",
        ),
    ],
)
def test_the_database_refuses_times_that_meet(session, units, made, name):
    unit, since = units[0].id, date(2026, 1, 1)
    seat = ConferenceSeat(unit_id=unit, level="town", area_code=TOWN, body="congress", position="chair")
    session.add_all([seat, PilotArea(level="town", area_code=TOWN)])
    session.flush()
    session.add(made(unit, since))
    with pytest.raises(IntegrityError, match=name):
        session.flush()


def test_a_body_has_one_chair_and_many_members_at_a_time(session, units):
    def seat(unit, position, since=date(2026, 1, 1), until=None):
        named = {"level": "town", "area_code": TOWN, "body": "congress", "position": position}
        session.add(ConferenceSeat(unit_id=unit.id, valid_from=since, valid_to=until, **named))
        session.flush()

    first, second, third = units
    seat(first, "chair", until=date(2026, 7, 1))
    seat(second, "member")
    seat(third, "chair", since=date(2026, 7, 1))
    with pytest.raises(IntegrityError, match="one_chair"):
        seat(first, "chair", since=date(2026, 8, 1))


def test_a_unit_that_is_no_longer_active_leaves_gaps_where_it_convened_and_sat(session, units, day):
    convene(session, "U1", day, day + 99 * DAY)
    verbs.set_seat(
        session, "town", TOWN, body="joint_conference", unit="U1", position="chair", since=day, actor="office"
    )
    before = network.network_of(session, "town", TOWN)
    assert before.line.row.convener_code == "U1"
    units[0].is_active = False
    session.flush()
    after = network.network_of(session, "town", TOWN)
    assert after.line.row.convener_code is None
    assert {gap.word for gap in after.line.gaps} - {gap.word for gap in before.line.gaps} == {"no_convener", "no_chair"}
    # what was written down stands, and says so
    assert [(one.unit_code, one.is_active) for one in (*after.terms, *after.seats)] == [("U1", False), ("U1", False)]
    assert after.line.row.own == before.line.row.own - 1
