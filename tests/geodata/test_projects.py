"""Joint projects: started, changed, moved over the stages, and what is refused."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from threading import Barrier

import pytest
from makers import add_areas, add_unit, at
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from geodata.db import make_engine, session_on
from geodata.errors import NotFound
from geodata.models import STAGES, Demand, ImportRun
from geodata.record_errors import BadValue, StateRefused
from geodata.services import projects
from geodata.services.project_stages import MOVES, OUTCOME, REASON
from geodata.services.projects import ProjectDraft
from geodata.services.stamps import check_stamps

WEST, EAST = "310112101000", "310112102000"
DRAFT = ProjectDraft("西镇共享停车", "governance", "town", WEST)
# half past one in the morning of 4 March in the district
NIGHT = datetime(2026, 3, 3, 17, 30, tzinfo=UTC)


@pytest.fixture
def towns(session):
    add_areas(session)
    return session


def draft(**facts):
    return ProjectDraft(**{**vars(DRAFT), **facts})


def begun(session, stage="proposed", **facts):
    told = {"done": {"outcome": "开放车位60个"}}.get(stage, {})
    note = "无场地" if stage == "stopped" else None
    return projects.start(session, draft(stage=stage, **told, **facts), actor="town", note=note)


def history(session, made):
    return [(one.seq, one.action, one.from_stage, one.to_stage) for one in projects.events(session, made)]


def test_a_project_gets_the_next_code_and_its_first_event(towns):
    first = projects.start(towns, DRAFT, actor="town", note="需求对接")
    second = projects.start(towns, DRAFT, actor="town")
    assert (first.code, second.code) == ("J001", "J002")
    assert (first.stage, first.level, first.area_code) == ("proposed", "town", WEST)
    assert history(towns, first) == [(1, "start", None, "proposed")]
    (event,) = projects.events(towns, first)
    assert (event.actor, event.note) == ("town", "需求对接")
    assert projects.project(towns, "J002").id == second.id


def test_a_made_code_of_an_import_does_not_push_the_numbers_up(towns):
    projects.start(towns, DRAFT, actor="town").code = "J000000000017"
    towns.flush()
    assert projects.start(towns, DRAFT, actor="town").code == "J001"


def test_lead_partners_days_and_place_are_kept_and_stamped(towns):
    lead, other, giver = (add_unit(towns, code) for code in ("U1", "U2", "U3"))
    made = projects.start(
        towns,
        draft(
            lead_unit_id=lead.id,
            partners=((other.id, "partner"), (giver.id, "support")),
            starts_on=date(2026, 3, 1),
            ends_on=date(2026, 3, 1),
            place=at(1.5, 1),
            address="临河路100号",
            people_served=0,
        ),
        actor="town",
    )
    told = {unit.code: part for unit, part in projects.partners(towns, made)}
    assert told == {"U2": "partner", "U3": "support"}
    assert (made.town_code, made.village_code) == (WEST, "310112101002")
    assert (made.datum, made.place_level, made.people_served) == ("wgs84", "manual", 0)
    assert check_stamps(towns) == []


def test_a_project_of_the_district_is_the_districts_whatever_area_is_told(towns):
    assert begun(towns, level="district", area_code=None).area_code == "310112"
    assert begun(towns, level="district", area_code=EAST).area_code == "310112"


@pytest.mark.parametrize(
    ("facts", "field", "word"),
    [
        ({"name": " \x00\x07\n "}, "name", "missing"),
        ({"name": "长" * 201}, "name", "too_long"),
        ({"joint": "sport"}, "joint", "unknown"),
        ({"level": "province"}, "level", "unknown"),
        ({"area_code": None}, "area_code", "missing"),
        ({"area_code": "999999999999"}, "area_code", "unknown"),
        # a village's code is none of a town
        ({"area_code": "310112101001"}, "area_code", "unknown"),
        ({"stage": "paused"}, "stage", "unknown"),
        ({"stage": "done"}, "outcome", "missing"),
        ({"stage": "stopped"}, "note", "missing"),
        ({"lead_unit_id": 10**6}, "lead", "unknown"),
        ({"demand_id": 10**6}, "demand", "unknown"),
        ({"partners": ((10**6, "partner"),)}, "partners", "unknown"),
        ({"partners": ((1, "chief"),)}, "partners", "unknown"),
        ({"partners": tuple((number, "partner") for number in range(101))}, "partners", "whole"),
        ({"starts_on": date(2026, 3, 2), "ends_on": date(2026, 3, 1)}, "ends_on", "after"),
        ({"starts_on": date(1, 1, 1)}, "starts_on", "day"),
        ({"people_served": -1}, "people_served", "whole"),
        ({"outcome": "多" * 2001}, "outcome", "too_long"),
        ({"place": (float("nan"), 31.1)}, "place", "place"),
        ({"place": (121.0, 31.1)}, "place", "place"),
        ({"place": (1e308, float("inf"))}, "place", "place"),
    ],
)
def test_what_cannot_be_stored_is_told_by_its_field(towns, facts, field, word):
    with pytest.raises(BadValue) as refused:
        projects.start(towns, draft(**facts), actor="town")
    assert (refused.value.field, refused.value.word) == (field, word)


def test_a_unit_takes_part_once_and_not_beside_its_own_lead(towns):
    unit = add_unit(towns, "U1")
    partner = (unit.id, "partner")
    for facts in ({"lead_unit_id": unit.id, "partners": (partner,)}, {"partners": (partner, partner)}):
        with pytest.raises(BadValue) as refused:
            projects.start(towns, draft(**facts), actor="town")
        assert (refused.value.field, refused.value.word, refused.value.value) == ("partners", "taken", "单位U1")


def test_signs_that_nobody_sees_are_left_out_and_lines_are_kept(towns):
    made = begun(towns, name="共享\u0007停车\n 二期 ", outcome="第一行\r\n第二行\u001b")
    assert (made.name, made.outcome) == ("共享停车 二期", "第一行\n第二行")


def test_the_usual_way_from_proposed_to_done(towns):
    made = begun(towns)
    projects.move(towns, made.code, "agreed", actor="town", note="已签约")
    projects.move(towns, made.code, "running", actor="town", at=NIGHT)
    projects.move(towns, made.code, "done", actor="town", outcome="开放车位60个", people_served=120, at=NIGHT)
    assert history(towns, made) == [
        (1, "start", None, "proposed"),
        (2, "agree", "proposed", "agreed"),
        (3, "begin", "agreed", "running"),
        (4, "finish", "running", "done"),
    ]
    assert (made.outcome, made.people_served) == ("开放车位60个", 120)
    # of the district's clock
    assert (made.starts_on, made.ends_on) == (date(2026, 3, 4), date(2026, 3, 4))


def test_days_that_are_told_stay_when_it_begins_and_ends(towns):
    made = begun(towns, stage="agreed", starts_on=date(2026, 1, 5), ends_on=date(2026, 12, 31))
    projects.move(towns, made.code, "running", actor="town", at=NIGHT)
    projects.move(towns, made.code, "done", actor="town", outcome="成", at=NIGHT)
    assert (made.starts_on, made.ends_on) == (date(2026, 1, 5), date(2026, 12, 31))


def test_a_day_is_not_made_up_against_the_one_that_is_told(towns):
    made = begun(towns, stage="agreed", ends_on=date(2026, 3, 3))
    projects.move(towns, made.code, "running", actor="town", at=NIGHT)
    assert made.starts_on is None


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("target", STAGES)
def test_only_the_moves_of_the_table_are_made(towns, stage, target):
    made = begun(towns, stage=stage)
    told = {"note": "因故", "outcome": "成效"}
    if any(stage in move.sources and move.target == target for move in MOVES):
        assert projects.move(towns, made.code, target, actor="town", **told).stage == target
        return
    with pytest.raises(StateRefused) as refused:
        projects.move(towns, made.code, target, actor="town", **told)
    assert refused.value.state == stage
    assert len(history(towns, made)) == 1


@pytest.mark.parametrize("move", [move for move in MOVES if move.needs], ids=lambda move: move.action)
def test_a_move_without_what_it_needs_is_refused(towns, move):
    made = begun(towns, stage=move.sources[0])
    with pytest.raises(BadValue) as refused:
        projects.move(towns, made.code, move.target, actor="town", note=" \u0007", outcome=" ")
    assert refused.value.field == {REASON: "note", OUTCOME: "outcome"}[move.needs]
    assert (made.stage, len(history(towns, made))) == (move.sources[0], 1)


def test_to_a_stage_there_is_not_nothing_moves(towns):
    made = begun(towns)
    with pytest.raises(BadValue):
        projects.move(towns, made.code, "paused", actor="town")
    with pytest.raises(NotFound):
        projects.move(towns, "J999", "agreed", actor="town")


def test_a_demand_is_met_when_its_project_is_done_and_matched_again_when_it_is_taken_up_anew(towns):
    wanted = Demand(code="D1", name="夜间停车", kind_code="parking", level="town", area_code=WEST, posted_by="town")
    wanted.state = "matched"
    towns.add(wanted)
    towns.flush()
    made = begun(towns, stage="running", demand_id=wanted.id)

    def state_after(stage):
        projects.move(towns, made.code, stage, actor="town", outcome="成", note="再办一期")
        towns.refresh(wanted)
        return wanted.state

    assert [state_after(stage) for stage in ("done", "running", "stopped")] == ["met", "matched", "matched"]


def test_a_demand_that_was_withdrawn_stays_so(towns):
    wanted = Demand(code="D1", name="停车", kind_code="parking", level="town", area_code=WEST, posted_by="town")
    wanted.state = "withdrawn"
    towns.add(wanted)
    towns.flush()
    made = begun(towns, stage="running", demand_id=wanted.id)
    projects.move(towns, made.code, "done", actor="town", outcome="成")
    towns.refresh(wanted)
    assert wanted.state == "withdrawn"


def test_a_change_is_kept_with_before_and_after_and_leaves_the_stage(towns):
    lead, other = add_unit(towns, "U1"), add_unit(towns, "U2")
    made = begun(towns, stage="running", lead_unit_id=lead.id, partners=((other.id, "partner"),), place=at(1.5, 1))
    told = draft(name="西镇共享车位", stage="done", partners=((lead.id, "support"),), place=at(3, 1))
    projects.change(towns, made.code, told, actor="district")
    assert (made.name, made.stage, made.lead_unit_id, made.town_code) == ("西镇共享车位", "running", None, EAST)
    run = towns.scalars(select(ImportRun).order_by(ImportRun.id.desc())).first()
    before, after = run.report["before"], run.report["after"]
    assert (run.kind, run.actor, run.report["code"], run.report["did"]) == ("projects", "district", made.code, "set")
    assert {name: (before[name], after[name]) for name in before if before[name] != after[name]} == {
        "name": ("西镇共享停车", "西镇共享车位"),
        "lead": ("单位U1", None),
        "partners": (["单位U2"], []),
        "support": ([], ["单位U1"]),
        "place": ("121.415000, 31.110000", "121.430000, 31.110000"),
    }
    assert check_stamps(towns) == []


def test_the_same_again_is_no_change(towns):
    made = begun(towns, place=at(1.5, 1))
    runs = select(ImportRun.id)
    before = len(towns.scalars(runs).all())
    projects.change(towns, made.code, draft(place=at(1.5, 1)), actor="town")
    assert len(towns.scalars(runs).all()) == before


def test_a_place_can_be_taken_away(towns):
    made = begun(towns, place=at(1.5, 1))
    projects.change(towns, made.code, DRAFT, actor="town")
    towns.refresh(made)
    assert (made.geom, made.town_code, made.datum, made.place_level) == (None, None, None, None)


def test_a_done_project_keeps_an_outcome(towns):
    made = begun(towns, stage="done")
    with pytest.raises(BadValue):
        projects.change(towns, made.code, draft(outcome=" "), actor="town")


def test_of_many_who_move_a_project_at_once_one_does_and_the_seq_has_no_gap(fresh_engine):
    with session_on(fresh_engine) as session:
        add_areas(session)
        code = begun(session).code
    many = 6
    engine = make_engine(fresh_engine.url.render_as_string(hide_password=False), pool_size=many)
    gate = Barrier(many, timeout=30)

    def agree(number):
        try:
            with session_on(engine) as session:
                session.execute(text("SELECT 1"))
                gate.wait()
                return projects.move(session, code, "agreed", actor=f"town{number}").stage
        except StateRefused as error:
            return error.state

    def begin(_number):
        with session_on(engine) as session:
            session.execute(text("SELECT 1"))
            gate.wait()
            return begun(session).code

    try:
        with ThreadPoolExecutor(many) as pool:
            assert list(pool.map(agree, range(many))) == ["agreed"] * many
            made = list(pool.map(begin, range(many)))
    finally:
        engine.dispose()
    with session_on(fresh_engine) as session:
        assert [one[:2] for one in history(session, projects.project(session, code))] == [(1, "start"), (2, "agree")]
    assert sorted(made) == [f"J{number:03d}" for number in range(2, many + 2)]


@pytest.mark.parametrize("change", ["UPDATE project_event SET note = 'x'", "DELETE FROM project_event"])
def test_what_happened_to_a_project_cannot_be_rewritten(session, change):
    with pytest.raises(DBAPIError, match="only ever added"), session.begin_nested():
        session.execute(text(change))
