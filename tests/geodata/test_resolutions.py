"""Resolutions: numbered without gap, made into one thing once, and as far as that thing is."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier

import pytest
from makers import add_areas, add_unit, at, today
from sqlalchemy import select, text

from geodata.db import make_engine, session_on
from geodata.errors import NotFound
from geodata.models import Demand, Project, ProjectEvent, Resolution, Ticket
from geodata.queries import resolutions as queries
from geodata.queries.scope import ALL, Scope
from geodata.record_errors import BadValue, StateRefused
from geodata.services import meetings, resolutions
from geodata.services.history import events
from geodata.services.meetings import MeetingDraft
from geodata.services.resolution_targets import DemandWanted, ProjectWanted, TicketWanted
from geodata.services.resolutions import ResolutionDraft
from geodata.services.tickets import ticket

WEST = "310112101000"
MARCH = datetime(2026, 3, 5, 6, 0, tzinfo=UTC)
TICKET = TicketWanted("0102", "清运菜场后巷垃圾", at(0.5, 1.0), "东川路1号")
PROJECT = ProjectWanted("welfare", "银发义诊")
DEMAND = DemandWanted("free_clinic", "每月一次义诊")


def fill(session):
    add_areas(session)
    add_unit(session, "U1", 0.5, 1.1, town_code=WEST)
    draft = MeetingDraft("三月联席会议", "joint_conference", "town", WEST, MARCH)
    made = meetings.plan(session, draft, actor="office")
    meetings.hold(session, made.code, came=[], minutes="记录", actor="office")
    return made.code


FILLED_BY = {"town": fill}


@pytest.fixture
def town(fresh_engine):
    """A town with a unit and a conference that is held: M202603-001."""
    return fresh_engine


@pytest.fixture
def held(session):
    """The same, undone afterwards: the meeting."""
    return meetings.meeting(session, fill(session))


def resolve(session, held, words="清运后巷垃圾", **facts):
    return resolutions.resolve(session, held, ResolutionDraft(words, **facts), actor="office")


def line(session, held, *, scope=ALL):
    return queries.of_meeting(session, held.id, scope=scope)[-1]


def test_resolutions_are_numbered_from_one_and_say_who_and_by_when(session, held):
    resolve(session, held, unit="U1", due_on=date(2026, 4, 1))
    resolve(session, held, "装路灯")
    found = queries.of_meeting(session, held.id, scope=ALL)
    told = [(one.seq, one.words, one.unit_code, one.due_on, one.state) for one in found]
    assert told == [(1, "清运后巷垃圾", "U1", date(2026, 4, 1), "open"), (2, "装路灯", None, None, "open")]
    assert [one.is_late(date(2026, 4, 1)) for one in found] == [False, False]
    assert [one.is_late(date(2026, 4, 2)) for one in found] == [True, False]


def test_many_who_write_resolutions_at_once_leave_no_gap(town):
    engine = make_engine(town.url.render_as_string(hide_password=False), pool_size=6)
    start = Barrier(6, timeout=30)

    def write(number):
        with session_on(engine) as session:
            found = meetings.meeting(session, "M202603-001")
            start.wait()
            return resolve(session, found, f"第{number}件").seq

    with ThreadPoolExecutor(6) as pool:
        numbers = list(pool.map(write, range(6)))
    engine.dispose()
    assert sorted(numbers) == [1, 2, 3, 4, 5, 6]


def test_nothing_is_resolved_before_a_meeting_is_held(session, held):
    draft = MeetingDraft("四月", "joint_conference", "town", WEST, MARCH)
    planned = meetings.plan(session, draft, actor="office")
    with pytest.raises(StateRefused):
        resolve(session, planned)


@pytest.mark.parametrize(
    ("field", "facts"),
    [("words", {"words": " "}), ("words", {"words": "长" * 2001}), ("unit", {"unit": "U9"})],
    ids=["no words", "too many words", "no such unit"],
)
def test_what_no_resolution_can_be_is_told_at_its_field(session, held, field, facts):
    with pytest.raises(BadValue) as caught:
        resolve(session, held, **facts)
    assert caught.value.field == field


def test_a_resolution_becomes_a_ticket_that_says_where_it_comes_from(session, held):
    made = resolve(session, held)
    number = resolutions.to_ticket(session, made.id, TICKET, actor="office", at=MARCH)
    opened = ticket(session, number)
    assert (opened.source, opened.source_ref, opened.description) == ("meeting", "M202603-001-1", "清运后巷垃圾")
    assert opened.town_code == WEST
    first = events(session, opened)[0]
    assert first.facts["resolution"] == {"of": "meeting", "code": "M202603-001", "seq": 1}
    found = resolutions.origin_line(session, "ticket", number, scope=ALL)
    assert (found.origin_code, found.origin_name, found.seq) == ("M202603-001", "三月联席会议", 1)
    assert (found.state, found.target_state) == ("open", opened.state)
    assert resolutions.origin_line(session, "ticket", "20260101-000001", scope=ALL) is None


def test_a_resolution_becomes_a_project_or_a_demand_of_the_meetings_area(session, held):
    first = resolve(session, held, unit="U1")
    code = resolutions.to_project(session, first.id, PROJECT, actor="office")
    project = session.scalars(select(Project).where(Project.code == code)).one()
    assert (project.name, project.joint, project.level, project.area_code) == ("银发义诊", "welfare", "town", WEST)
    assert (project.stage, project.lead_unit_id) == ("proposed", first.unit_id)
    event = session.scalars(select(ProjectEvent).where(ProjectEvent.project_id == project.id)).one()
    assert "M202603-001-1" in event.note
    soon = today() + timedelta(days=30)
    # a day that is over is nobody's wish any more
    for due, until in ((soon, soon), (date(2026, 4, 1), None)):
        second = resolve(session, held, due_on=due)
        code = resolutions.to_demand(session, second.id, DEMAND, actor="office")
        demand = session.scalars(select(Demand).where(Demand.code == code)).one()
        assert (demand.kind_code, demand.area_code, demand.needed_until) == ("free_clinic", WEST, until)
        assert (demand.posted_by, demand.state) == ("office", "open")


@pytest.mark.parametrize(
    ("kind", "statement", "state"),
    [
        ("ticket", "UPDATE ticket SET state = 'closed'", "done"),
        ("ticket", "UPDATE ticket SET state = 'checking'", "open"),
        ("ticket", "UPDATE ticket SET state = 'cancelled'", "open"),
        ("project", "UPDATE project SET stage = 'done'", "done"),
        ("project", "UPDATE project SET stage = 'stopped'", "open"),
        ("demand", "UPDATE demand SET state = 'met'", "done"),
        ("demand", "UPDATE demand SET state = 'matched'", "open"),
    ],
)
def test_a_resolution_is_as_far_as_what_it_became(session, held, kind, statement, state):
    made = resolve(session, held)
    become = {
        "ticket": lambda: resolutions.to_ticket(session, made.id, TICKET, actor="office"),
        "project": lambda: resolutions.to_project(session, made.id, PROJECT, actor="office"),
        "demand": lambda: resolutions.to_demand(session, made.id, DEMAND, actor="office"),
    }
    become[kind]()
    assert line(session, held).state == "open"
    session.execute(text(statement))
    assert (line(session, held).state, line(session, held).own_state) == (state, "open")
    assert bool(queries.still_open(session, scope=ALL)) == (state == "open")


def test_a_ticket_that_ended_in_another_is_as_far_as_that_one(session, held):
    made = resolve(session, held)
    number = resolutions.to_ticket(session, made.id, TICKET, actor="office")
    other = resolutions.to_ticket(session, resolve(session, held).id, TICKET, actor="office")
    session.execute(
        text(
            "UPDATE ticket SET state = 'merged', merged_into_id = (SELECT id FROM ticket WHERE number = :other)"
            " WHERE number = :number"
        ),
        {"number": number, "other": other},
    )
    session.execute(text("UPDATE ticket SET state = 'closed' WHERE number = :other"), {"other": other})
    assert [one.state for one in queries.of_meeting(session, held.id, scope=ALL)] == ["done", "done"]


def test_a_resolution_becomes_one_thing_once(session, held):
    made = resolve(session, held)
    resolutions.to_ticket(session, made.id, TICKET, actor="office")
    with pytest.raises(StateRefused):
        resolutions.to_ticket(session, made.id, TICKET, actor="office")
    with pytest.raises(StateRefused):
        resolutions.to_project(session, made.id, PROJECT, actor="office")
    assert session.scalars(select(Project)).all() == []


def test_of_two_who_make_something_of_it_at_once_one_is_refused_and_makes_nothing(town):
    with session_on(town) as session:
        made = resolve(session, meetings.meeting(session, "M202603-001")).id
    engine = make_engine(town.url.render_as_string(hide_password=False), pool_size=2)
    start = Barrier(2, timeout=30)

    def become(deed):
        try:
            with session_on(engine) as session:
                session.execute(text("SELECT 1"))
                start.wait()
                return deed(session)
        except StateRefused as error:
            return error

    deeds = (
        lambda session: resolutions.to_ticket(session, made, TICKET, actor="one"),
        lambda session: resolutions.to_project(session, made, PROJECT, actor="other"),
    )
    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(become, deeds))
    engine.dispose()
    assert sum(isinstance(one, StateRefused) for one in told) == 1
    with session_on(town) as session:
        things = len(session.scalars(select(Ticket)).all()) + len(session.scalars(select(Project)).all())
        kept = session.get(Resolution, made)
        assert things == 1
        assert kept.target_code in told


@pytest.mark.parametrize(
    ("field", "become"),
    [
        ("category", lambda s, id_: resolutions.to_ticket(s, id_, TICKET.__class__("9999", "x", at(1, 1)), actor="o")),
        ("title", lambda s, id_: resolutions.to_ticket(s, id_, TICKET.__class__("0102", " ", at(1, 1)), actor="o")),
        ("lon", lambda s, id_: resolutions.to_ticket(s, id_, TICKET.__class__("0102", "x", (0, 0)), actor="o")),
        ("joint", lambda s, id_: resolutions.to_project(s, id_, ProjectWanted("party", "x"), actor="o")),
        ("name", lambda s, id_: resolutions.to_project(s, id_, ProjectWanted("welfare", ""), actor="o")),
        ("kind_code", lambda s, id_: resolutions.to_demand(s, id_, DemandWanted("nothing", "x"), actor="o")),
        ("name", lambda s, id_: resolutions.to_demand(s, id_, DemandWanted("free_clinic", ""), actor="o")),
    ],
)
def test_what_it_cannot_become_is_told_at_its_field_and_leaves_it_open(session, held, field, become):
    made = resolve(session, held)
    with pytest.raises(BadValue) as caught:
        become(session, made.id)
    assert caught.value.field == field
    assert made.target_kind is None


def test_it_is_settled_by_hand_with_a_note_and_opened_again(session, held):
    made = resolve(session, held)
    with pytest.raises(BadValue):
        resolutions.settle(session, made.id, "dropped", note=" ", actor="office")
    resolutions.settle(session, made.id, "dropped", note="并入整治项目", actor="office")
    assert (line(session, held).state, line(session, held).note) == ("dropped", "并入整治项目")
    with pytest.raises(StateRefused):
        resolutions.to_ticket(session, made.id, TICKET, actor="office")
    with pytest.raises(StateRefused):
        resolutions.settle(session, made.id, "dropped", note="x", actor="office")
    resolutions.settle(session, made.id, "open", note=None, actor="office")
    assert line(session, held).state == "open"
    resolutions.to_ticket(session, made.id, TICKET, actor="office")


def test_words_are_put_right(session, held):
    made = resolve(session, held)
    resolutions.change(session, made.id, ResolutionDraft("清运两处垃圾", "U1", date(2026, 5, 1)), actor="office")
    found = line(session, held)
    assert (found.words, found.unit_code, found.due_on) == ("清运两处垃圾", "U1", date(2026, 5, 1))


def test_open_ones_come_by_their_day_with_those_of_the_towns_villages(session, held):
    resolve(session, held, "没有期限")
    resolve(session, held, "四月", due_on=date(2026, 4, 1))
    village = MeetingDraft("村会", "village_meeting", "village", "310112101001", MARCH)
    of_village = meetings.plan(session, village, actor="office")
    meetings.hold(session, of_village.code, came=[], minutes=None, actor="office")
    resolve(session, of_village, "三月", due_on=date(2026, 3, 20))
    found = [one.words for one in queries.still_open(session, scope=ALL, area=WEST)]
    assert found == ["三月", "四月", "没有期限"]
    assert [one.words for one in queries.still_open(session, scope=ALL, body="village_meeting")] == ["三月"]
    assert queries.still_open(session, scope=ALL, area="310112102000") == []


def test_a_ticket_of_somebody_elses_is_not_seen(session, held):
    resolutions.to_ticket(session, resolve(session, held).id, TICKET, actor="office")
    assert line(session, held).is_seen
    assert not line(session, held, scope=Scope(towns=("310112102000",))).is_seen


def test_an_unknown_resolution_is_told(session, held):
    with pytest.raises(NotFound):
        resolutions.resolution(session, 999)
    with pytest.raises(NotFound):
        resolutions.settle(session, 999, "done", note="x", actor="office")
