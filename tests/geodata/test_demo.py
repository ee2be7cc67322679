"""The made-up district: complete, uneven on purpose, and the same from the same moment."""

from datetime import UTC, datetime, timedelta
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
    JOINTS,
    LEVELS,
    STAGES,
    Area,
    Assignment,
    DutyDeputy,
    GeocodeResult,
    Installation,
    MemberUnit,
    Project,
    Resource,
    ResponsibilityBlock,
    ResponsibilityPoint,
    Ticket,
    TicketEvent,
    User,
)
from geodata.queries import facets
from geodata.queries.figures import counted
from geodata.queries.scope import NOTHING, is_within
from geodata.queries.search import versions
from geodata.queries.ticket_filter import OPEN_GROUPS, TicketFilter
from geodata.services import chain
from geodata.services.coverage import areas_without_units, coverage
from geodata.services.grids import check_grid
from geodata.services.permissions import Account, ticket_scope
from geodata.services.project_stages import move_between
from geodata.services.search import search
from geodata.services.stamps import check_stamps
from geodata.services.users import verify
from geodata.services.workflow import HANDLING, MOVES

NOW = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)

# What must come out equal when the same district is made again.
FINGERPRINT = text("""
    SELECT (SELECT md5(string_agg(code || ST_AsText(geom, 6), ',' ORDER BY code)) FROM area),
           (SELECT md5(string_agg(code || name || COALESCE(ST_AsText(geom, 6), ''), ',' ORDER BY code))
              FROM member_unit),
           (SELECT md5(string_agg(number || state || title || COALESCE(cell_code, '') || COALESCE(due_at::text, ''), ','
                                  ORDER BY number))
              FROM ticket),
           (SELECT md5(string_agg(theme || kind || from_zoom || ST_AsText(geom, 6), ',' ORDER BY source_ref))
              FROM basemap_feature),
           (SELECT md5(string_agg(code || name || stage || COALESCE(starts_on::text, '') || COALESCE(cell_code, ''), ','
                                  ORDER BY code))
              FROM project),
           (SELECT md5(string_agg(code || name || unit_id || COALESCE(cell_code, ''), ',' ORDER BY code))
              FROM resource),
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
def small_demo(made_up):
    """The small district."""
    return made_up(NOW)


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


def test_every_ticket_lies_with_somebody_and_those_dispatched_have_their_decision(demo):
    tickets = list(demo.scalars(select(Ticket)))
    assert len(tickets) == 40
    assert all((ticket.unit_id is None) != (ticket.office_code is None) for ticket in tickets)
    decided = set(demo.scalars(select(Assignment.ticket_id)))
    assert decided == {ticket.id for ticket in tickets if ticket.dispatched_at is not None}
    assert {ticket.state for ticket in tickets} >= {"closed", "dispatched", "handling", "reported"}
    assert chain.verify(demo).faults == ()


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


def scope_of(demo, name):
    return ticket_scope(demo, Account.of(demo.scalars(select(User).where(User.name == name)).one()))


def test_the_sample_users_see_what_their_work_is(demo):
    """Everybody at home has something to do, and nobody but the planner, the district and the viewer sees it all."""
    seen = {user.name: facets.total(demo, TicketFilter(scope=scope_of(demo, user.name))) for user in SIGN_INS}
    assert seen["district"] == seen["admin"] == seen["planner"] == seen["viewer"]
    assert 0 < seen["unit"] <= seen["town"]
    assert 5 < seen["officer"] <= seen["town"] <= seen["checker"] < seen["district"]
    open_ones = tuple(sorted(OPEN_GROUPS))
    todo = {
        name: facets.total(demo, TicketFilter(states=open_ones, scope=scope_of(demo, name)))
        for name in ("unit", "officer", "checker", "town")
    }
    assert all(todo.values()), todo


def test_what_the_officer_handled_the_checker_of_the_same_town_may_check(demo):
    assert {"officer", "checker", "town", "system"} <= set(demo.scalars(select(TicketEvent.actor)))
    by_officer = select(TicketEvent.ticket_id).where(TicketEvent.actor == "officer").distinct()
    handled = list(demo.scalars(by_officer.order_by(TicketEvent.ticket_id)))
    assert handled
    assert all(is_within(demo, id_, scope_of(demo, "checker")) for id_ in handled)


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


STANDING = text("""
    SELECT CASE WHEN due_at IS NULL THEN 'none' WHEN due_at < :now THEN 'late'
                WHEN due_at < :now + INTERVAL '24 hours' THEN 'soon' ELSE 'ontime' END AS standing
      FROM ticket
     WHERE closed_at IS NULL
     GROUP BY 1
     ORDER BY 1
""")


def test_open_tickets_are_late_due_soon_in_time_and_without_a_limit(demo):
    assert demo.scalars(STANDING, {"now": NOW}).all() == ["late", "none", "ontime", "soon"]
    assert demo.scalar(text("SELECT min(due_at - reported_at) > INTERVAL '0' FROM ticket"))


def test_tickets_lead_up_to_the_present_over_half_a_year(demo):
    first, last = demo.execute(select(func.min(Ticket.reported_at), func.max(Ticket.reported_at))).one()
    assert NOW - timedelta(days=182) <= first < NOW - timedelta(days=60)
    assert NOW - timedelta(days=14) < last < NOW


MEETING = text("""
    SELECT (SELECT count(*) FROM basemap_feature AS b
              JOIN basemap_feature AS r ON r.theme IN ('road', 'rail', 'waterway')
             WHERE b.theme = 'building' AND ST_Intersects(b.geom, r.geom)) AS built_on_roads,
           (SELECT count(*) FROM basemap_feature AS b
              JOIN basemap_feature AS w ON w.theme IN ('water', 'green')
             WHERE b.theme = 'building' AND ST_Intersects(b.geom, w.geom)) AS built_on_water,
           (SELECT count(*) FROM basemap_feature AS p JOIN area AS d ON d.level = 'district'
             WHERE p.theme IN ('green', 'building') AND NOT ST_CoveredBy(p.geom, d.geom)) AS outside,
           (SELECT count(*) FROM basemap_feature AS l
             WHERE l.kind = 'residential' AND NOT EXISTS (
                   SELECT 1 FROM basemap_feature AS s
                    WHERE s.theme = 'road' AND s.id <> l.id AND ST_DWithin(s.geom_m, l.geom_m, 0.5))) AS lost_lanes,
           (SELECT count(*) FROM basemap_feature WHERE NOT ST_IsValid(geom)) AS invalid
""")


def test_its_map_looks_like_a_town(demo):
    themes = demo.execute(text("SELECT theme, count(*) FROM basemap_feature GROUP BY theme")).all()
    assert {theme for theme, _ in themes} == {"road", "rail", "waterway", "water", "green", "building"}
    assert demo.execute(MEETING).one() == (0, 0, 0, 0, 0)
    crossed = "SELECT count(*) FROM basemap_feature AS r JOIN basemap_feature AS w ON ST_Crosses(r.geom, w.geom)"
    assert demo.scalar(text(f"{crossed} WHERE r.kind IN ('primary', 'secondary') AND w.kind = 'river'")) >= 2


def test_projects_of_every_joint_are_led_by_units(demo):
    assert set(demo.scalars(select(Project.joint))) == set(JOINTS)
    assert demo.scalar(select(func.count()).select_from(Project).where(Project.lead_unit_id.is_(None))) == 0
    assert set(demo.scalars(select(Project.stage))) == set(STAGES)
    assert set(demo.scalars(select(Project.level))) == set(LEVELS)
    assert demo.scalar(select(func.count()).select_from(Project)) == 11
    assert demo.scalar(select(func.count()).select_from(Resource)) == 5


# Events that tell another course than the table allows, do not end where the project stands, or have a gap.
BAD_COURSES = text("""
    WITH told AS (
        SELECT e.project_id, e.seq, e.from_stage, e.to_stage, e.at, row_number() OVER w AS place,
               lag(e.to_stage) OVER w AS stood, lag(e.at) OVER w AS earlier, lead(e.seq) OVER w IS NULL AS is_last
          FROM project_event AS e
        WINDOW w AS (PARTITION BY e.project_id ORDER BY e.seq))
    SELECT count(*)
      FROM project AS j
      LEFT JOIN told AS t ON t.project_id = j.id
     WHERE t.seq IS NULL OR t.seq <> t.place OR t.from_stage IS DISTINCT FROM t.stood OR t.at < t.earlier
        OR t.at > :now OR (t.is_last AND t.to_stage <> j.stage)
""")

BAD_PROJECTS = text("""
    SELECT count(*)
      FROM project AS j
     WHERE (j.stage = 'done') <> (j.outcome IS NOT NULL)
        OR NOT EXISTS (SELECT 1 FROM project_partner AS p WHERE p.project_id = j.id)
        OR EXISTS (SELECT 1 FROM project_partner AS p WHERE p.project_id = j.id AND p.unit_id = j.lead_unit_id)
        OR EXISTS (SELECT 1 FROM project AS o WHERE o.id <> j.id AND o.name = j.name)
""")


def test_every_project_has_partners_and_a_course_that_ends_where_it_stands(demo):
    assert demo.scalar(BAD_COURSES, {"now": NOW}) == 0
    assert demo.scalar(BAD_PROJECTS) == 0
    moves = demo.execute(text("SELECT DISTINCT from_stage, to_stage FROM project_event WHERE from_stage IS NOT NULL"))
    assert all(move_between(*stages) for stages in moves)


def test_everything_with_a_name_can_be_searched_at_once(demo):
    assert all(version.now == version.made_from for version in versions(demo))
    unit = demo.scalars(select(MemberUnit).order_by(MemberUnit.code)).first()
    assert unit.code in {hit.key for hit in search(demo, unit.name, scope=NOTHING)}


# Of the town of the sample users, with the points of its blocks.
HOME_DUTY = text("""
    SELECT (SELECT count(*) FROM region WHERE town_code = :town),
           (SELECT count(*) FROM responsibility_block WHERE town_code = :town),
           (SELECT count(*) FROM responsibility_point AS p
              JOIN responsibility_block AS b ON b.code = p.block_code
             WHERE b.town_code = :town),
           (SELECT count(*) FROM service_team WHERE town_code = :town)
""")

ASTRAY = text("""
    SELECT (SELECT count(*) FROM responsibility_block AS b JOIN area AS t ON t.level = 'town' AND t.code = b.town_code
             WHERE ST_Area(ST_Difference(b.geom_m, t.geom_m)) > 1),
           (SELECT count(*) FROM responsibility_block AS b JOIN responsibility_block AS o ON o.id < b.id
             WHERE ST_Area(ST_Intersection(b.geom_m, o.geom_m)) > 1),
           (SELECT count(*) FROM responsibility_block AS b JOIN region AS r ON r.code = b.region_code
             WHERE ST_Area(ST_Difference(b.geom_m, r.geom_m)) > 1),
           (SELECT count(*) FROM duty_deputy AS d JOIN responsibility_block AS b
                ON d.of_kind = 'block' AND d.of_code = b.code AND d.unit_id = b.holder_id)
""")


def test_blocks_tile_their_regions_and_every_kind_of_ground_has_deputies(demo):
    assert demo.execute(ASTRAY).one() == (0, 0, 0, 0)
    assert set(demo.scalars(select(DutyDeputy.of_kind))) == {"region", "block", "point", "team"}
    assert demo.scalar(select(func.max(DutyDeputy.rank))) == 2


@pytest.mark.slow
def test_the_whole_district_has_the_promised_numbers(empty_database):
    made = build_demo(full := empty_database("demo_full"), now=NOW)
    assert (made.towns, made.villages, made.units, made.tickets) == (13, 80, 248, 800)
    assert (made.blocks, made.points, made.teams) == (22, 55, 22)
    assert (made.projects, made.resources) == (225, 14)
    with Session(full) as session:
        home = session.scalars(select(User.area_code).where(User.name == "town")).one()
        assert session.execute(HOME_DUTY, {"town": home}).one() == (6, 16, 43, 16)
        # the figures that pages show beside the stated ones
        figures = counted(session, "district", "990101")
        assert (figures["units_district"], figures["units_town"]) == (26, 218)
        levels = session.execute(select(Project.level, func.count()).group_by(Project.level))
        assert {row[0]: row[1] for row in levels} == {"district": 25, "town": 160, "village": 40}
        assert session.scalar(BAD_COURSES, {"now": NOW}) == 0
        assert session.scalar(BAD_PROJECTS) == 0
    assert made.basemap_features > 1000
    assert made.cells == pytest.approx(5000, rel=0.05)
