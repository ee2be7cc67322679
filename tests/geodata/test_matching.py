"""Demands and resources brought together in the records: who fits, who is accepted, and who comes second."""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier

import pytest
from makers import add_areas, add_unit, at
from sqlalchemy import select, text

from geodata.db import make_engine, session_on
from geodata.errors import NotFound
from geodata.models import Demand, ImportRun, JointMatch, MemberUnit, Project
from geodata.record_errors import BadValue, DemandTaken, DoesNotFit, StateRefused
from geodata.services import demands, matching, projects, resources
from geodata.services.demands import DemandDraft
from geodata.services.joint_records import today
from geodata.services.resources import ResourceDraft
from geodata.services.units import weekdays_open

WEST, FIRST, SECOND = "310112101000", "310112101001", "310112101002"
CLINIC = DemandDraft("老年人义诊", "free_clinic", "village", FIRST, people=60, place=at(0.5, 0.5))
HOSPITAL = ResourceDraft("医院义诊", "U1", "free_clinic", capacity_count=80, hours="Sa 08:30-11:30", audience="老年人")
FAR = ResourceDraft("远处义诊", "U2", "free_clinic", capacity_count=80, hours="Mo-Fr 09:00-17:00")


def fill(session):
    """A demand, a hospital nearby, one farther off, a hall of another kind and a small one; their codes by name."""
    add_areas(session)
    add_unit(session, "U1", 0.6, 0.5, name="春申医院", town_code=WEST, village_code=FIRST)
    add_unit(session, "U2", 1.9, 0.5, name="西渡医院", town_code=WEST, village_code=SECOND)
    codes = {"demand": demands.post(session, CLINIC, actor="officer").code}
    offers = {
        "near": HOSPITAL,
        "far": FAR,
        "hall": replace(FAR, name="会议室", kind_code="venue"),
        "small": replace(HOSPITAL, name="小诊室", capacity_count=20),
    }
    return codes | {name: resources.add(session, draft, actor="unit").code for name, draft in offers.items()}


@pytest.fixture
def codes(session):
    return fill(session)


def words(found):
    return [reason.word for reason in found]


def test_the_hospital_nearby_comes_first_and_says_why(session, codes):
    found = matching.candidates(session, codes["demand"])
    assert [pair.resource.code for pair in found.fitting] == [codes["near"], codes["far"]]
    best = found.fitting[0]
    assert words(best.reasons) == ["same_kind", "all_days", "hours", "room", "same_village", "distance", "audience"]
    # a tenth of a hundredth of a degree
    assert best.metres == pytest.approx(95.4, abs=1)
    assert [(pair.resource.code, words(pair.reasons)) for pair in found.unfit] == [(codes["small"], ["too_small"])]
    assert found.refused == {"other_kind": 1, "too_small": 1}
    assert found.decided == []


def test_back_from_the_resource_its_open_demands_are_told(session, codes):
    other = demands.post(session, replace(CLINIC, name="二村义诊", area_code=SECOND, place=None), actor="officer")
    demands.post(session, replace(CLINIC, name="停车", kind_code="parking"), actor="officer")
    found = matching.demands_for(session, codes["near"])
    assert [pair.demand.code for pair in found.fitting] == [codes["demand"], other.code]
    demands.withdraw(session, other.code, actor="officer", reason="不办了")
    assert matching.demands_for(session, codes["near"]).fitting_total == 1


def test_how_a_demand_stands_is_told_for_a_list(session, codes):
    lonely = demands.post(session, replace(CLINIC, name="排练厅", kind_code="culture"), actor="officer")
    rows = demands.listed(session, demands.DemandFilter(), limit=9)
    told = matching.outlooks(session, rows)
    assert told[codes["demand"]].fitting == 2
    assert told[codes["demand"]].metres == pytest.approx(95.4, abs=1)
    assert told[lonely.code] == (0, None)
    assert matching.outlooks(session, []) == {}


def test_what_is_accepted_becomes_a_project_that_the_lender_leads(session, codes):
    match = matching.accept(session, codes["demand"], codes["near"], actor="town", note="先办一场")
    project = session.get(Project, match.project_id)
    assert (project.name, project.joint, project.level, project.area_code) == (
        "老年人义诊",
        "welfare",
        "village",
        FIRST,
    )
    lead = session.get(MemberUnit, project.lead_unit_id)
    assert (lead.code, project.stage, project.village_code) == ("U1", "proposed", FIRST)
    held = session.get(Demand, project.demand_id)
    assert (held.code, held.state) == (codes["demand"], "matched")
    assert (match.state, match.decided_by, match.note) == ("accepted", "town", "先办一场")
    assert [one["word"] for one in match.reasons][:3] == ["same_kind", "all_days", "hours"]
    told = session.scalars(select(ImportRun).where(ImportRun.kind == "matches")).one().report
    assert (told["did"], told["code"], told["after"]["project"]) == ("accept", codes["demand"], project.code)
    # it is booked from now on, which the next demand sees
    assert resources.resource(session, codes["near"]).booked == 1
    (decided,) = matching.candidates(session, codes["demand"]).decided
    assert (decided.project_code, decided.project_stage, decided.unit_name) == (project.code, "proposed", "春申医院")


def test_a_demand_is_met_when_its_project_is_done(session, codes):
    match = matching.accept(session, codes["demand"], codes["near"], actor="town", name="一村义诊日", joint="talent")
    code = session.get(Project, match.project_id).code
    for stage in ("agreed", "running"):
        projects.move(session, code, stage, actor="town")
    projects.move(session, code, "done", actor="town", outcome="服务58人次")
    assert demands.demand(session, codes["demand"]).state == "met"
    with pytest.raises(StateRefused):
        demands.reopen(session, codes["demand"], actor="town", reason="再来一次")
    assert resources.resource(session, codes["near"]).booked == 0


def test_a_demand_is_asked_for_anew_only_when_its_project_was_stopped(session, codes):
    match = matching.accept(session, codes["demand"], codes["near"], actor="town")
    with pytest.raises(StateRefused):
        demands.reopen(session, codes["demand"], actor="town", reason="换一家")
    projects.move(session, session.get(Project, match.project_id).code, "stopped", actor="town", note="医院人手不足")
    assert demands.reopen(session, codes["demand"], actor="town", reason="换一家").state == "open"
    session.refresh(match)
    assert (match.state, match.note) == ("declined", "换一家")
    assert [pair.resource.code for pair in matching.candidates(session, codes["demand"]).fitting] == [codes["far"]]


def stopped(session, codes, resource="near"):
    """A project for the demand that was stopped; its code."""
    match = matching.accept(session, codes["demand"], codes[resource], actor="town")
    code = session.get(Project, match.project_id).code
    projects.move(session, code, "stopped", actor="town", note="医院人手不足")
    return code


def test_a_project_taken_up_again_looks_after_its_demand_as_before(session, codes):
    code = stopped(session, codes)
    assert demands.demand(session, codes["demand"]).state == "matched"
    projects.move(session, code, "running", actor="town", note="医院有人了")
    assert demands.demand(session, codes["demand"]).state == "matched"
    with pytest.raises(StateRefused):
        demands.reopen(session, codes["demand"], actor="town", reason="换一家")


def test_a_demand_asked_for_anew_is_matched_when_its_old_project_goes_on_after_all(session, codes):
    code = stopped(session, codes)
    demands.reopen(session, codes["demand"], actor="town", reason="换一家")
    projects.move(session, code, "running", actor="town", note="医院有人了")
    assert demands.demand(session, codes["demand"]).state == "matched"
    (decided,) = matching.candidates(session, codes["demand"]).decided
    assert (decided.state, decided.project_code, decided.project_stage) == ("accepted", code, "running")
    projects.move(session, code, "done", actor="town", outcome="服务58人次")
    assert demands.demand(session, codes["demand"]).state == "met"


def test_also_where_that_its_match_was_declined_has_been_taken_back(session, codes):
    code = stopped(session, codes)
    demands.reopen(session, codes["demand"], actor="town", reason="换一家")
    matching.propose_again(session, codes["demand"], codes["near"], actor="town")
    projects.move(session, code, "running", actor="town", note="医院有人了")
    with pytest.raises(StateRefused):
        demands.reopen(session, codes["demand"], actor="town", reason="换一家")


@pytest.mark.parametrize("resource", ["near", "far"])
def test_a_project_is_not_taken_up_again_while_another_looks_after_its_demand(session, codes, resource):
    code = stopped(session, codes)
    demands.reopen(session, codes["demand"], actor="town", reason="换一家")
    if resource == "near":
        matching.propose_again(session, codes["demand"], codes["near"], actor="town")
    other = session.get(
        Project, matching.accept(session, codes["demand"], codes[resource], actor="town").project_id
    ).code
    with pytest.raises(DemandTaken) as refused:
        projects.move(session, code, "running", actor="town", note="医院有人了")
    assert (refused.value.demand, refused.value.by) == (codes["demand"], other)
    assert projects.project(session, code).stage == "stopped"
    # the other one goes on undisturbed, and what it comes to stands
    for stage in ("agreed", "running"):
        projects.move(session, other, stage, actor="town")
    projects.move(session, other, "done", actor="town", outcome="服务58人次")
    with pytest.raises(DemandTaken):
        projects.move(session, code, "running", actor="town", note="医院有人了")
    assert demands.demand(session, codes["demand"]).state == "met"


def test_nor_while_its_demand_is_withdrawn(session, codes):
    code = stopped(session, codes)
    demands.reopen(session, codes["demand"], actor="town", reason="换一家")
    demands.withdraw(session, codes["demand"], actor="officer", reason="不办了")
    with pytest.raises(DemandTaken) as refused:
        projects.move(session, code, "running", actor="town", note="医院有人了")
    assert (refused.value.state, refused.value.by) == ("withdrawn", None)


def test_a_demand_is_not_withdrawn_while_a_project_looks_after_it(session, codes):
    matching.accept(session, codes["demand"], codes["near"], actor="town")
    with pytest.raises(StateRefused):
        demands.withdraw(session, codes["demand"], actor="officer", reason="不办了")
    assert demands.demand(session, codes["demand"]).state == "matched"


def test_a_project_goes_on_with_a_resource_that_is_offered_no_longer(session, codes):
    match = matching.accept(session, codes["demand"], codes["near"], actor="town")
    code = session.get(Project, match.project_id).code
    resources.end(session, codes["near"], actor="unit")
    assert resources.resource(session, codes["near"]).booked == 1
    assert demands.demand(session, codes["demand"]).state == "matched"
    for stage in ("agreed", "running"):
        projects.move(session, code, stage, actor="town")
    projects.move(session, code, "done", actor="town", outcome="服务58人次")
    assert demands.demand(session, codes["demand"]).state == "met"


def test_what_was_declined_is_proposed_no_more_until_it_is_taken_back(session, codes):
    with pytest.raises(BadValue, match="note"):
        matching.decline(session, codes["demand"], codes["near"], actor="town", note="")
    matching.decline(session, codes["demand"], codes["near"], actor="town", note="时间不合适")
    found = matching.candidates(session, codes["demand"])
    assert [pair.resource.code for pair in found.fitting] == [codes["far"]]
    assert [(one.resource_code, one.state, one.note) for one in found.decided] == [
        (codes["near"], "declined", "时间不合适")
    ]
    assert matching.demands_for(session, codes["near"]).fitting == []
    matching.propose_again(session, codes["demand"], codes["near"], actor="town")
    assert matching.candidates(session, codes["demand"]).fitting_total == 2
    with pytest.raises(NotFound):
        matching.propose_again(session, codes["demand"], codes["near"], actor="town")
    dids = [run.report["did"] for run in session.scalars(select(ImportRun).where(ImportRun.kind == "matches"))]
    assert sorted(dids) == ["decline", "propose"]


@pytest.mark.parametrize(("name", "word"), [("hall", "other_kind"), ("small", "too_small")])
def test_what_the_rule_refuses_cannot_be_accepted(session, codes, name, word):
    with pytest.raises(DoesNotFit) as refused:
        matching.accept(session, codes["demand"], codes[name], actor="town")
    assert refused.value.words == (word,)
    assert demands.demand(session, codes["demand"]).state == "open"


def test_a_resource_that_has_ended_or_whose_unit_stopped_cannot_be_accepted(session, codes):
    resources.end(session, codes["near"], actor="unit")
    with pytest.raises(DoesNotFit, match="not_then"):
        matching.accept(session, codes["demand"], codes["near"], actor="town")
    session.scalars(select(MemberUnit).where(MemberUnit.code == "U2")).one().is_active = False
    session.flush()
    with pytest.raises(DoesNotFit, match="inactive"):
        matching.accept(session, codes["demand"], codes["far"], actor="town")
    assert session.scalars(select(JointMatch)).all() == []


def test_unknown_codes_are_not_found(session, codes):
    for pair in (("D0", codes["near"]), (codes["demand"], "S0")):
        with pytest.raises(NotFound):
            matching.accept(session, *pair, actor="town")
        with pytest.raises(NotFound):
            matching.decline(session, *pair, actor="town", note="x")


def test_a_second_acceptance_is_refused(session, codes):
    matching.accept(session, codes["demand"], codes["near"], actor="town")
    for again in (codes["near"], codes["far"]):
        with pytest.raises(StateRefused):
            matching.accept(session, codes["demand"], again, actor="town")
    with pytest.raises(StateRefused):
        matching.decline(session, codes["demand"], codes["far"], actor="town", note="x")


def test_an_overdue_demand_is_still_answered_on_the_days_it_had(session, codes):
    held = session.scalars(select(Demand)).one()
    held.needed_from, held.needed_until = today(session) - timedelta(days=40), today(session) - timedelta(days=10)
    session.flush()
    assert matching.candidates(session, codes["demand"]).fitting_total == 2


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        (None, None),
        ("周六上午", None),
        ("Sa 08:30-11:30", {5}),
        ("Sa[2] 08:30-11:30", {5}),
        # a spell over midnight is the first day's
        ("Mo-Fr 18:00-08:00", {0, 1, 2, 3, 4}),
        ("24/7", {0, 1, 2, 3, 4, 5, 6}),
        ("Mo off", set()),
    ],
)
def test_the_days_on_which_hours_open(hours, expected):
    found = weekdays_open(hours, date(2026, 3, 2), timezone="Asia/Shanghai")
    assert (found if found is None else set(found)) == expected


# -- at once ----------------------------------------------------------------------------------------------


def at_once(engine, deeds):
    """Do all of them at one moment, each in a session of its own; the errors of ours, by deed."""
    engine = make_engine(engine.url.render_as_string(hide_password=False), pool_size=len(deeds))
    start = Barrier(len(deeds), timeout=30)

    def do(deed):
        try:
            with session_on(engine) as session:
                session.execute(text("SELECT 1"))
                start.wait()
                deed(session)
        except StateRefused as error:
            return error
        return None

    with ThreadPoolExecutor(len(deeds)) as pool:
        found = list(pool.map(do, deeds))
    engine.dispose()
    return found


def test_of_several_acceptances_at_once_one_wins_and_one_project_begins(fresh_engine):
    with session_on(fresh_engine) as session:
        codes = fill(session)
    deeds = [
        lambda session, which=which: matching.accept(session, codes["demand"], codes[which], actor="town")
        for which in ("near", "far") * 3
    ]
    told = at_once(fresh_engine, deeds)
    assert sum(one is None for one in told) == 1
    with session_on(fresh_engine) as session:
        assert len(session.scalars(select(Project)).all()) == 1
        assert [one.state for one in session.scalars(select(JointMatch))] == ["accepted"]


def test_several_demands_may_be_met_at_once(fresh_engine):
    with session_on(fresh_engine) as session:
        codes = fill(session)
        many = [codes["demand"], *(demands.post(session, CLINIC, actor="officer").code for _ in range(3))]
    told = at_once(
        fresh_engine,
        [lambda session, code=code: matching.accept(session, code, codes["near"], actor="town") for code in many],
    )
    assert told == [None] * 4
    with session_on(fresh_engine) as session:
        assert len({one.code for one in session.scalars(select(Project))}) == 4
        assert resources.resource(session, codes["near"]).booked == 4


def test_the_list_says_of_many_demands_what_the_page_of_each_says(session, codes):
    chance = random.Random(3)  # noqa: S311 - the same records each time
    kinds, day = ["free_clinic", "venue", None], today(session)
    hours = [None, "Mo-Fr 09:00-17:00", "Sa,Su 08:30-11:30", "Su 09:00-10:00", "off"]

    def some(*told):
        return chance.choice(told)

    for n in range(80):
        begins, ends = some(None, day + timedelta(chance.randrange(-20, 20))), some(None, chance.randrange(1, 40))
        place = at(chance.uniform(0, 2), chance.uniform(0, 2))
        draft = ResourceDraft(
            f"资源{n}",
            some("U1", "U2"),
            some(*kinds),
            capacity_count=some(None, 10, 40, 60),
            hours=some(*hours),
            valid_from=begins,
            valid_to=None if ends is None else (begins or day) + timedelta(ends),
            place=some(None, place),
        )
        resources.add(session, draft, actor="unit")
    for n in range(30):
        first = some(None, day + timedelta(chance.randrange(30)))
        place = at(chance.uniform(0, 2), chance.uniform(0, 2))
        draft = DemandDraft(
            f"需求{n}",
            some("free_clinic", "venue", "culture"),
            "village",
            some(FIRST, SECOND),
            people=some(None, 20, 60, 200),
            needed_from=first,
            needed_until=some(None, (first or day) + timedelta(chance.randrange(12))),
            place=some(None, place),
        )
        demands.post(session, draft, actor="officer")
    matching.accept(session, codes["demand"], codes["near"], actor="town")
    rows = demands.listed(session, demands.DemandFilter(state="open"), limit=99)
    told = matching.outlooks(session, rows)
    pages = {row.code: matching.candidates(session, row.code, 1) for row in rows}
    best = {code: page.fitting[0].metres if page.fitting else None for code, page in pages.items()}
    assert told == {code: (page.fitting_total, best[code]) for code, page in pages.items()}
    assert len({one.fitting for one in told.values()}) > 5
