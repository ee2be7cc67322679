"""The made-up district: complete, uneven on purpose, and the same from the same moment."""

from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pytest
import shapely
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from geodata.db import make_engine
from geodata.demo import SIGN_INS, build_demo
from geodata.demo.ground import make_land
from geodata.errors import AlreadyInitialised
from geodata.models import (
    Area,
    Assignment,
    GeocodeResult,
    Installation,
    MemberUnit,
    ResponsibilityBlock,
    ResponsibilityPoint,
    Ticket,
    TicketEvent,
    User,
)
from geodata.services.coverage import areas_without_units, coverage
from geodata.services.grids import check_grid
from geodata.services.stamps import check_stamps
from geodata.services.users import verify
from geodata.services.workflow import HANDLING, MOVES

NOW = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)

# What must come out equal when the same district is made again.
FINGERPRINT = text("""
    SELECT (SELECT md5(string_agg(code || ST_AsText(geom, 6), ',' ORDER BY code)) FROM area),
           (SELECT md5(string_agg(code || name || COALESCE(ST_AsText(geom, 6), ''), ',' ORDER BY code))
              FROM member_unit),
           (SELECT md5(string_agg(number || state || title || COALESCE(cell_code, ''), ',' ORDER BY number))
              FROM ticket),
           (SELECT md5(string_agg(at::text || action || actor, ',' ORDER BY id)) FROM ticket_event)
""")


@pytest.fixture(scope="module")
def empty_database(cluster):
    """A function that makes an empty database and returns an engine on it."""
    engines = []

    def make(name):
        cluster.create_database(name)
        engines.append(make_engine(cluster.url(name)))
        return engines[-1]

    yield make
    for engine in engines:
        engine.dispose()


@pytest.fixture(scope="module")
def small_demo(empty_database):
    """The small district, made once for this file."""
    engine = empty_database("demo_small")
    build_demo(engine, now=NOW, small=True)
    return engine


@pytest.fixture
def demo(small_demo):
    """A session on it that changes nothing."""
    with Session(small_demo) as session:
        yield session
        session.rollback()


def test_it_says_that_it_is_made_up(demo):
    settings = demo.get(Installation, 1)
    assert settings.is_made_up
    assert settings.code.startswith("99")


def test_its_grid_tiles_the_ground_and_every_stamp_is_right(demo):
    assert check_grid(demo).is_clean
    assert check_stamps(demo) == []


def test_it_shows_gaps(demo):
    report = coverage(demo, radius_m=500.0)
    assert not report.is_fresh
    assert report.gaps
    assert areas_without_units(demo, level="village")
    for model in (ResponsibilityPoint, ResponsibilityBlock):
        assert demo.scalar(select(func.count()).select_from(model).where(model.holder_id.is_not(None))) > 0
    assert demo.scalar(select(func.count()).where(ResponsibilityPoint.holder_id.is_(None))) > 0


def test_every_ticket_lies_with_somebody_and_has_its_decision(demo):
    tickets = list(demo.scalars(select(Ticket)))
    assert len(tickets) == 40
    assert all((ticket.unit_id is None) != (ticket.office_code is None) for ticket in tickets)
    assert demo.scalar(select(func.count(func.distinct(Assignment.ticket_id)))) == 40
    assert {ticket.state for ticket in tickets} >= {"closed", "dispatched"}


def test_every_ticket_went_through_the_workflow_and_never_into_the_future(demo):
    for ticket in demo.scalars(select(Ticket)):
        history = list(
            demo.scalars(select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.seq))
        )
        assert [event.seq for event in history] == list(range(1, len(history) + 1))
        assert history[-1].to_state == ticket.state
        for before, event in pairwise(history):
            assert event.from_state == before.to_state
            assert event.from_state in MOVES[event.action].sources
            assert before.at <= event.at <= NOW
        handlers = {event.actor for event in history if event.action in HANDLING}
        assert not handlers & {event.actor for event in history if event.action in ("check", "close")}


def test_some_addresses_were_found_and_some_wait_for_a_person(demo):
    waiting = demo.scalars(select(GeocodeResult.target_code).where(GeocodeResult.status == "review")).all()
    assert waiting
    unplaced = demo.scalars(select(MemberUnit.code).where(MemberUnit.geom.is_(None))).all()
    assert sorted(waiting) == sorted(unplaced)


def test_the_sample_users_sign_in_with_what_is_printed(demo):
    assert demo.scalar(select(func.count()).select_from(User)) == len(SIGN_INS)
    assert all(verify(demo, user.name, user.password).role == user.role for user in SIGN_INS)


def test_contacts_are_offices_with_numbers_that_nobody_has(demo):
    phones = demo.scalars(select(MemberUnit.liaison_phone)).all()
    assert all(phone.startswith("000-") for phone in phones)
    assert set(demo.scalars(select(MemberUnit.liaison_role))) <= {"值班室", "综合办公室"}


def test_a_second_run_finds_it_and_changes_nothing(small_demo):
    with Session(small_demo) as session:
        before = session.execute(FINGERPRINT).one()
    assert not build_demo(small_demo, now=datetime(2027, 1, 1, tzinfo=UTC), small=True).is_new
    with Session(small_demo) as session:
        assert session.execute(FINGERPRINT).one() == before


def test_the_same_moment_gives_the_same_district(small_demo, empty_database):
    other = empty_database("demo_again")
    build_demo(other, now=NOW, small=True)
    with Session(small_demo) as one, Session(other) as two:
        assert one.execute(FINGERPRINT).one() == two.execute(FINGERPRINT).one()


def test_where_another_district_lives_it_is_refused(fresh_engine):
    with pytest.raises(AlreadyInitialised):
        build_demo(fresh_engine, small=True)


def test_a_district_of_its_code_that_is_not_made_up_is_left_alone(make_district):
    engine = make_district(code="990101", name="真区", metre_crs="EPSG:4550")
    with pytest.raises(AlreadyInitialised):
        build_demo(engine, small=True)
    with Session(engine) as session:
        assert session.scalar(select(func.count()).select_from(Area)) == 1


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_neighbours_share_their_borders_to_the_bit(seed):
    land = make_land(np.random.default_rng(seed), towns=13, villages=80, radius_m=3350.0)
    shapes = [village.shape for village in land.villages]
    assert len(shapes) == 80
    assert shapely.coverage_is_valid(shapes)
    assert sum(shape.area for shape in land.town_shapes) == pytest.approx(land.outline.area)
    assert all(len(land.of_town(town)) >= 1 for town in range(13))
    assert sum(village.weight == 0.0 for village in land.villages) == 20


@pytest.mark.slow
def test_the_whole_district_has_the_promised_numbers(empty_database):
    made = build_demo(empty_database("demo_full"), now=NOW)
    assert (made.towns, made.villages, made.units, made.tickets) == (13, 80, 244, 800)
    assert (made.blocks, made.points, made.teams) == (16, 43, 16)
    assert made.cells == pytest.approx(5000, rel=0.05)
