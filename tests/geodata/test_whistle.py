"""Whistle calls: who is called where and by when, arrives how far from it, and leaves with what."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from makers import add_areas, add_unit, at
from sqlalchemy import select, text

from geodata.db import make_engine, session_on
from geodata.errors import NotFound
from geodata.models import MemberUnit, OutboxMessage, Ticket, User, Webhook, WhistleCall, WhistleInvitee
from geodata.queries import resolutions as resolution_queries
from geodata.queries import whistle as queries
from geodata.queries.scope import ALL, NOTHING
from geodata.queries.whistle import CallScope
from geodata.record_errors import BadValue, HasResolutions, StateRefused
from geodata.services import changes, notices, resolutions, whistle
from geodata.services.history import events
from geodata.services.resolution_targets import TicketWanted
from geodata.services.resolutions import ResolutionDraft
from geodata.services.tickets import Position, open_ticket, ticket
from geodata.services.users import add_user
from geodata.services.whistle import CallDraft, Invited

WEST, EAST, VILLAGE = "310112101000", "310112102000", "310112101001"
NINE = datetime(2026, 3, 10, 1, 0, tzinfo=UTC)
CODE = "W202603-001"
INVITED = (Invited(unit="U1", part="安保部"), Invited(office=WEST, part="城管科"))
EVERYTHING = CallScope(is_all=True, caller="")


def fill(session):
    add_areas(session)
    for code, town in (("U1", WEST), ("U2", EAST)):
        add_unit(session, code, 0.5, 1.1, town_code=town)


FILLED_BY = {"fresh_engine": fill}


@pytest.fixture
def town(session):
    """Two towns with a unit each."""
    fill(session)
    return session


def draft(**facts):
    plain = {"level": "town", "area_code": WEST, "reason": "后巷偷倒", "meet_at": NINE, "invited": INVITED}
    return CallDraft(**{**plain, "place": at(0.5, 1.0), **facts})


def called(session, **facts):
    return whistle.call(session, draft(**facts), actor="office", at=NINE - timedelta(hours=1))


def test_a_call_names_units_and_offices_to_be_at_a_place_by_a_time(town):
    made = called(town)
    assert (made.code, made.state, made.called_by, made.meet_at) == (CODE, "called", "office", NINE)
    assert (made.town_code, made.village_code) == (WEST, VILLAGE)
    found = queries.invitees(town, made.id)
    assert [(one.seq, one.unit_code, one.office_name, one.part) for one in found] == [
        (1, "U1", None, "安保部"),
        (2, None, "西镇", "城管科"),
    ]


def test_who_is_named_twice_is_called_once_with_both_parts(town):
    made = called(town, invited=(*INVITED, Invited(unit="U1", part="工程部"), Invited(office=WEST)))
    assert [one.part for one in queries.invitees(town, made.id)] == ["安保部、工程部", "城管科"]


def test_arrivals_are_noted_with_their_distance_from_the_place(town):
    made = called(town)
    # a thousandth of a degree of latitude is 110.9 m here
    lon, lat = at(0.5, 1.0)
    near = whistle.arrive(town, CODE, 1, actor="unit", at=NINE, place=(lon, lat + 0.001))
    assert near.arrived_m == pytest.approx(110.9, abs=0.3)
    assert made.state == "met"
    far = whistle.arrive(town, CODE, 2, actor="office", at=NINE, note="路上堵车")
    assert (far.arrived_m, far.note) == (None, "路上堵车")


def test_nobody_arrives_twice_and_only_who_was_called(town):
    called(town)
    whistle.arrive(town, CODE, 1, actor="unit")
    with pytest.raises(StateRefused):
        whistle.arrive(town, CODE, 1, actor="unit")
    with pytest.raises(NotFound):
        whistle.arrive(town, CODE, 3, actor="unit")


def test_of_many_who_note_one_arrival_at_once_one_does(fresh_engine):
    with session_on(fresh_engine) as session:
        called(session)
    engine = make_engine(fresh_engine.url.render_as_string(hide_password=False), pool_size=4)
    start = Barrier(4, timeout=30)

    def do(number):
        try:
            with session_on(engine) as session:
                session.execute(text("SELECT 1"))
                start.wait()
                whistle.arrive(session, CODE, 1, actor=f"a{number}", at=NINE + timedelta(minutes=number))
                return number
        except StateRefused:
            return None

    with ThreadPoolExecutor(4) as pool:
        told = [number for number in pool.map(do, range(4)) if number is not None]
    engine.dispose()
    with session_on(fresh_engine) as session:
        kept = session.scalars(select(WhistleInvitee).where(WhistleInvitee.seq == 1)).one()
        assert [kept.arrived_at] == [NINE + timedelta(minutes=number) for number in told]


def test_a_call_is_closed_with_minutes_and_its_tasks_become_tickets(town):
    made = called(town)
    whistle.close(town, CODE, minutes="当场约定两件事", actor="office", at=NINE)
    assert (made.state, made.minutes, made.closed_at) == ("closed", "当场约定两件事", NINE)
    task = resolutions.resolve(town, made, ResolutionDraft("清运垃圾", "U1"), actor="office")
    number = resolutions.to_ticket(town, task.id, TicketWanted("0102", "清运", at(0.5, 1.0)), actor="office")
    assert (ticket(town, number).source, ticket(town, number).source_ref) == ("whistle", f"{CODE}-1")
    line = resolution_queries.of_whistle(town, made.id, scope=ALL)[0]
    assert (line.origin_kind, line.origin_code, line.target_code, line.state) == ("whistle", CODE, number, "open")
    whistle.close(town, CODE, minutes="当场约定三件事", actor="office")
    assert (made.minutes, made.closed_at) == ("当场约定三件事", NINE)


def test_what_is_over_takes_no_more_arrivals(town):
    called(town)
    whistle.close(town, CODE, minutes="x", actor="office")
    for deed in (
        lambda: whistle.arrive(town, CODE, 1, actor="unit"),
        lambda: whistle.cancel(town, CODE, reason="x", actor="office"),
    ):
        with pytest.raises(StateRefused):
            deed()


def test_a_call_is_called_off_with_a_reason(town):
    made = called(town)
    with pytest.raises(BadValue):
        whistle.cancel(town, CODE, reason=" ", actor="office")
    whistle.cancel(town, CODE, reason="改期", actor="office")
    assert (made.state, made.minutes) == ("cancelled", "改期")
    for deed in (
        lambda: whistle.close(town, CODE, minutes="x", actor="office"),
        lambda: resolutions.resolve(town, made, ResolutionDraft("x"), actor="office"),
    ):
        with pytest.raises(StateRefused):
            deed()


def test_an_arrival_noted_by_mistake_is_taken_back_and_stays_among_the_changes(town):
    made = called(town)
    for seq in (1, 2):
        whistle.arrive(town, CODE, seq, actor="office", at=NINE, place=at(0.5, 1.0), note="电话确认")
    with pytest.raises(BadValue):
        whistle.take_back(town, CODE, 1, reason=" ", actor="office")
    taken = whistle.take_back(town, CODE, 1, reason="记错了单位", actor="office")
    assert (taken.arrived_at, taken.arrived_m, taken.arrived_lon, taken.note) == (None, None, None, None)
    assert made.state == "met"
    kept = changes.latest(town, [whistle.KIND], limit=1)[0].report
    assert kept["before"] == {"arrived": "单位U1", "arrived_at": NINE.isoformat(), "arrived_m": 0.0}
    assert kept["after"] == {"why": "记错了单位"}
    with pytest.raises(StateRefused):
        whistle.take_back(town, CODE, 1, reason="x", actor="office")
    # nobody is there any more, so the call waits again
    whistle.take_back(town, CODE, 2, reason="还在路上", actor="office")
    assert made.state == "called"
    whistle.arrive(town, CODE, 1, actor="unit", at=NINE)
    whistle.close(town, CODE, minutes="x", actor="office")
    whistle.take_back(town, CODE, 1, reason="当天没来", actor="office")
    assert made.state == "closed"


def told(session, name):
    """What somebody of that name has been told, the newest first."""
    user = session.scalars(select(User).where(User.name == name)).one()
    return [(line.word, line.facts, line.number) for line in notices.listed(session, user.id, scope=ALL, limit=20)]


def test_units_and_offices_that_are_called_are_told_without_any_ticket(town):
    for name, facts in {
        "gate": {"role": "unit", "unit": "U1"},
        "other": {"role": "unit", "unit": "U2"},
        "west": {"role": "town_office", "area_code": WEST},
        "east": {"role": "town_office", "area_code": EAST},
        "officer": {"role": "officer", "area_code": WEST},
        "centre": {"role": "district"},
    }.items():
        add_user(town, name, password="a long password", **facts)
    made = called(town)
    facts = {"whistle": CODE, "by": "office"}
    assert told(town, "gate") == [("whistle", facts, None)]
    assert told(town, "west") == [("whistle", facts, None)]
    assert [told(town, name) for name in ("other", "east", "officer", "centre")] == [[], [], [], []]
    whistle.arrive(town, CODE, 1, actor="office")
    whistle.take_back(town, CODE, 1, reason="误记", actor="office")
    assert [word for word, _, _ in told(town, "gate")] == ["whistle_undone", "whistle"]
    assert [word for word, _, _ in told(town, "west")] == ["whistle"]
    whistle.cancel(town, CODE, reason="改期", actor="west")
    assert told(town, "gate")[0] == ("whistle_off", {"whistle": CODE, "by": "west"}, None)
    # whoever did it knows
    assert [word for word, _, _ in told(town, "west")] == ["whistle"]
    assert made.state == "cancelled"
    called(town, invited=(Invited(office="310112"),))
    assert [word for word, _, _ in told(town, "centre")] == ["whistle"]


def test_other_systems_hear_of_a_call_by_codes_alone(town):
    for name, facts in {
        "all": {},
        "west": {"town_code": WEST, "words": ["whistle"]},
        "east": {"town_code": EAST},
        "moves": {"words": ["close"]},
    }.items():
        town.add(Webhook(name=name, url="https://a.cn/", secret="s" * 32, **facts))
    town.flush()
    called(town)
    whistle.cancel(town, CODE, reason="改期", actor="office", at=NINE)
    wanted = select(Webhook.name, OutboxMessage.word, OutboxMessage.payload).join(
        Webhook, Webhook.id == OutboxMessage.webhook_id
    )
    found = town.execute(wanted.order_by(OutboxMessage.id)).all()
    assert [row[:2] for row in found] == [("all", "whistle"), ("west", "whistle"), ("all", "whistle_off")]
    assert found[0].payload == {
        "word": "whistle",
        "whistle": CODE,
        "ticket": None,
        "state": "called",
        "at": "2026-03-10T00:00:00.000000Z",
        "meet_at": "2026-03-10T01:00:00.000000Z",
        "town": WEST,
        "village": VILLAGE,
        "cell": None,
        "called": ["U1", WEST],
    }
    assert found[2].payload["state"] == "cancelled"


def test_a_call_about_a_ticket_stands_in_its_history(town):
    number = open_ticket(
        town, category="0102", title="垃圾", actor="anna", position=Position(*at(0.5, 1.0), "wgs84")
    ).number
    made = called(town, ticket=number)
    last = events(town, ticket(town, number))[-1]
    assert (last.action, last.facts) == ("note", {"reason": "后巷偷倒", "whistle": CODE})
    found = queries.calls_of_ticket(town, EVERYTHING, made.ticket_id)
    assert [(one.code, one.ticket_number, one.called, one.came) for one in found] == [(CODE, number, 2, 0)]
    with pytest.raises(NotFound):
        whistle.call(town, draft(ticket=number), actor="other", scope=NOTHING)


@pytest.mark.parametrize(
    ("field", "facts"),
    [
        ("area", {"area_code": "310112999000"}),
        ("reason", {"reason": " "}),
        ("reason", {"reason": "长" * 501}),
        ("meet_at", {"meet_at": datetime(2026, 3, 10)}),  # noqa: DTZ001 - what is refused
        ("lon", {"place": (0.0, 0.0)}),
        ("who_1", {"invited": ()}),
        ("who_1", {"invited": INVITED * 11}),
        ("who_2", {"invited": (INVITED[0], Invited(unit="U9"))}),
        ("who_1", {"invited": (Invited(office=VILLAGE),)}),
        ("who_1", {"invited": (Invited(part="城管科"),)}),
    ],
)
def test_what_no_call_can_be_is_told_at_its_field(town, field, facts):
    with pytest.raises(BadValue) as caught:
        called(town, **facts)
    assert caught.value.field == field


def test_calls_are_read_by_their_town_by_who_called_and_by_who_is_called(town):
    called(town)
    village = called(town, level="village", area_code=VILLAGE, invited=(Invited(office=EAST),)).code
    district = called(town, level="district", area_code="310112", invited=(Invited(unit="U2"),)).code
    units = {unit.code: unit.id for unit in town.scalars(select(MemberUnit))}

    def read(**facts):
        return {line.code for line in queries.calls(town, CallScope(**{"is_all": False, "caller": "x", **facts}))}

    assert read(is_all=True) == {CODE, village, district}
    assert read(towns=(WEST,)) == {CODE, village}
    # called there, though it is another town's
    assert read(towns=(EAST,)) == {village}
    assert read(unit_id=units["U1"]) == {CODE}
    assert read(unit_id=units["U2"]) == {district}
    assert read(caller="office") == {CODE, village, district}
    assert read() == set()
    assert queries.call_of_code(town, CallScope(is_all=False, caller="x"), CODE) is None
    assert queries.call_of_code(town, EVERYTHING, "W1") is None


def test_running_calls_come_first_the_earliest_at_the_top(town):
    late = called(town, meet_at=NINE + timedelta(days=2)).code
    soon = called(town, meet_at=NINE).code
    over = called(town, meet_at=NINE - timedelta(days=9)).code
    whistle.close(town, over, minutes="x", actor="office")
    assert [line.code for line in queries.calls(town, EVERYTHING)] == [soon, late, over]
    assert town.scalars(select(Ticket)).all() == []
    assert len(town.scalars(select(WhistleCall)).all()) == 3


def test_a_call_with_tasks_is_closed_and_not_called_off(town):
    made = called(town)
    resolutions.resolve(town, made, ResolutionDraft("加装探头"), actor="office")
    with pytest.raises(HasResolutions) as refused:
        whistle.cancel(town, made.code, reason="不去了", actor="office")
    assert refused.value.count == 1
    assert whistle.close(town, made.code, minutes="现场已清理", actor="office").state == "closed"
    assert [one.state for one in resolution_queries.of_whistle(town, made.id, scope=ALL)] == ["open"]
