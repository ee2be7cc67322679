"""People who do the same thing at once: one wins, the others are told, and nothing is half done."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from makers import add_areas, add_unit, at
from sqlalchemy import text

from geodata.db import make_engine, session_on
from geodata.errors import MoveRefused
from geodata.services.assignment import assign
from geodata.services.chain import verify
from geodata.services.merging import merge
from geodata.services.moves import move_ticket
from geodata.services.tickets import Position, open_ticket, ticket

MANY = 8


@pytest.fixture
def town(fresh_engine):
    """A town with one unit that takes one ticket at a time."""
    with session_on(fresh_engine) as session:
        add_areas(session)
        add_unit(session, "U1", 0.5, 1.1, town_code="310112101000", capacity=1)
    return fresh_engine


def opened(engine, **facts):
    with session_on(engine) as session:
        place = Position(*at(0.5, 1.0), "wgs84")
        plain = {"category": "0102", "title": "垃圾", "actor": "officer", "position": place}
        return open_ticket(session, **{**plain, **facts}).number


def at_once(engine, *deeds):
    """Do all of them at one moment, each in a session of its own; what each came to, an error of ours included."""
    # a pool with room for all: whoever waits for a connection would keep the others waiting at the barrier
    engine = make_engine(engine.url.render_as_string(hide_password=False), pool_size=len(deeds))
    start = Barrier(len(deeds), timeout=30)

    def do(deed):
        with session_on(engine) as session:
            # the connection is there before the start, so that all really begin together
            session.execute(text("SELECT 1"))
            start.wait()
            return deed(session)

    def told(deed):
        try:
            return do(deed)
        except MoveRefused as error:
            return error

    try:
        with ThreadPoolExecutor(len(deeds)) as pool:
            return list(pool.map(told, deeds))
    finally:
        engine.dispose()


def refused(answers):
    return [answer for answer in answers if isinstance(answer, MoveRefused)]


def test_of_all_who_take_a_ticket_at_once_one_has_it_and_the_others_hear_whom(town):
    number = opened(town)

    def take(name):
        return lambda session: move_ticket(session, number, "accept", actor=name, role="officer").state

    names = [f"officer{i}" for i in range(MANY)]
    answers = at_once(town, *(take(name) for name in names))
    losers = refused(answers)
    assert len(losers) == MANY - 1
    winner = names[next(i for i, answer in enumerate(answers) if answer == "accepted")]
    assert {error.by for error in losers} == {winner}
    with session_on(town) as session:
        assert verify(session).is_whole
        events = session.execute(text("SELECT action, actor FROM ticket_event ORDER BY seq")).all()
    assert [tuple(event) for event in events] == [("report", "officer"), ("assign", "officer"), ("accept", winner)]


def test_a_move_and_an_assignment_at_once_come_one_after_the_other(town):
    number = opened(town)
    deeds = [
        lambda session: move_ticket(session, number, "return", actor="a", role="officer", reason="x").state,
        lambda session: assign(session, ticket(session, number), actor="b").outcome,
        lambda session: move_ticket(session, number, "cancel", actor="c", role="town_office", reason="x").state,
    ]
    at_once(town, *deeds)
    with session_on(town) as session:
        assert verify(session).is_whole


def test_who_merge_crosswise_do_not_wait_for_ever_and_one_way_wins(town):
    first, second = opened(town, assign_now=False), opened(town, assign_now=False)

    def end(number, into):
        return lambda session: merge(session, number, into, actor="t", role="town_office", reason="同一件").number

    answers = at_once(town, end(first, second), end(second, first))
    assert len(refused(answers)) == 1
    with session_on(town) as session:
        states = sorted(ticket(session, number).state for number in (first, second))
        assert states == ["merged", "reported"]
        assert verify(session).is_whole
