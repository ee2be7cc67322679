"""A list and the sheet of it: what the conditions of the page leave is what the workbook holds."""

import html
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from makers import add_areas, add_unit
from sqlalchemy import select

from geodata.models import MemberUnit, Pledge, Project, Resource
from geodata.services import demands, matching, meetings, projects, resources
from geodata.services.demands import DemandDraft
from geodata.services.meetings import MeetingDraft
from geodata.services.projects import ProjectDraft
from geodata.services.resources import ResourceDraft
from webmap.conditions import NAMES

WEST, EAST, FIRST = "310112101000", "310112102000", "310112101001"


@pytest.fixture
def browse(app, records, signed_in):
    """Two of each kind of record, one of the western town and one of the eastern; signed in as the district."""
    with records() as session:
        add_areas(session)
        add_unit(session, "U1", 0.6, 0.5, name="春申医院", town_code=WEST, village_code=FIRST)
        add_unit(session, "U2", 2.6, 0.5, name="东川中学", town_code=EAST)
        for unit, town, name in (("U1", WEST, "义诊"), ("U2", EAST, "讲座")):
            demands.post(session, DemandDraft(f"{name}需求", "free_clinic", "town", town), actor="town")
            resources.add(session, ResourceDraft(f"{name}资源", unit, "venue"), actor="unit")
            projects.start(session, ProjectDraft(f"{name}项目", "welfare", "town", town), actor="town")
            unit_id = session.scalars(select(MemberUnit.id).where(MemberUnit.code == unit)).one()
            told = {"category_codes": ["0102"], "radius_m": 100.0, "valid_from": date(2024, 1, 1)}
            session.add(Pledge(code=f"L-{unit}", name=f"{name}承诺", unit_id=unit_id, **told))
            moment = datetime(2026, 3, 5 if unit == "U1" else 25, 2, tzinfo=UTC)
            meetings.plan(session, MeetingDraft(f"{name}会议", "joint_conference", "town", town, moment), actor="town")
        over = Pledge(code="L-OVER", name="旧承诺", unit_id=unit_id, **told, valid_to=date(2024, 2, 1))
        session.add(over)
        gone = session.scalars(select(Resource).order_by(Resource.id)).first()
        gone.valid_to = date.today() - timedelta(days=1)  # noqa: DTZ011 - a day before any zone's today
    return signed_in("district")


def names(answer):
    assert answer.status_code == 200, answer.text
    return set(re.findall(r"(?:义诊|讲座|旧)(?:需求|资源|项目|承诺|会议)", answer.text))


CASES = [
    ("projects", f"area={WEST}", {"义诊项目"}),
    ("projects", "q=讲座", {"讲座项目"}),
    ("projects", "stage=done", set()),
    ("demands", f"area={EAST}", {"讲座需求"}),
    ("demands", "kind=free_clinic&state=open&q=义诊", {"义诊需求"}),
    ("resources", f"town={EAST}", {"讲座资源"}),
    ("resources", "state=ended", {"义诊资源"}),
    ("pledges", "unit=U1", {"义诊承诺"}),
    ("pledges", "ended=yes", {"义诊承诺", "讲座承诺", "旧承诺"}),
    ("pledges", "ended=no", {"义诊承诺", "讲座承诺"}),
    ("meetings", f"area={WEST}&since=2026-03-01&until=2026-03-31", {"义诊会议"}),
    ("meetings", "area=all&since=2026-03-06&until=2026-03-31", {"讲座会议"}),
    ("meetings", "state=held", set()),
]


@pytest.mark.parametrize(("kind", "query", "left"), CASES)
def test_a_sheet_holds_what_the_conditions_leave(browse, kind, query, left):
    assert names(browse.get(f"/export/sheets/{kind}.csv?{query}")) == left


@pytest.mark.parametrize("kind", NAMES)
def test_without_conditions_it_holds_all(browse, kind):
    assert len(names(browse.get(f"/export/sheets/{kind}.csv"))) == (3 if kind == "pledges" else 2)


@pytest.mark.parametrize(
    ("kind", "query"), [(kind, query) for kind, query, _left in CASES if not query.startswith("ended=no")]
)
def test_the_page_offers_the_sheet_of_what_it_shows(browse, kind, query):
    page = browse.get(f"/{kind}?{query}" + ("&view=list" if kind == "projects" else ""))
    address = html.unescape(re.search(rf'href="(/export/sheets/{kind}\.xlsx[^"]*)"', page.text)[1])
    assert names(browse.get(address.replace(".xlsx", ".csv"))) == names(page)


def test_a_condition_that_the_list_does_not_know_is_refused(browse):
    assert browse.get("/export/sheets/projects.csv?colour=red").status_code == 400
    assert browse.get("/export/sheets/memberships.csv?area=310112101000").status_code == 400


@pytest.mark.parametrize(
    "days", ["until=9999-12-31", "since=2026-03-31&until=2026-03-01", "since=9998-01-01&until=9999-12-31"]
)
def test_days_that_are_no_period_are_refused_by_page_and_sheet_alike(browse, days):
    for path in ("/meetings", "/export/sheets/meetings.csv"):
        assert browse.get(f"{path}?{days}").status_code == 400


def test_a_project_whose_demand_went_elsewhere_says_so(browse, records):
    with records() as session:
        code = demands.listed(session, demands.DemandFilter(area=WEST), limit=1)[0].code
        held = demands.demand(session, code)
        draft = ProjectDraft("老项目", "welfare", "town", WEST, demand_id=held.id)
        old = projects.start(session, draft, actor="town").code
        projects.move(session, old, "stopped", actor="town", note="人手不足")
        demands.withdraw(session, code, actor="town", reason="不办了")
    answer = browse.post(f"/projects/{old}/move", data={"to_stage": "running", "note": "有人了"})
    assert answer.status_code == 409
    assert f"它的需求 {code} 已撤回或已满足" in answer.text
    with records() as session:
        demands.reopen(session, code, actor="town", reason="再办")
        other = projects.start(session, replace(draft, name="新项目"), actor="town").code
        assert other != old
    assert browse.post(f"/projects/{old}/move", data={"to_stage": "running", "note": "有人了"}).status_code == 302


def test_pages_say_that_a_unit_has_stopped_and_a_resource_is_offered_no_longer(browse, records):
    with records() as session:
        demand = demands.post(session, DemandDraft("找场地", "venue", "town", EAST), actor="town").code
        row = resources.resource(
            session, next(one.code for one in session.scalars(select(Resource).order_by(Resource.id.desc())))
        )
        match = matching.accept(session, demand, row.code, actor="town")
        project = session.get(Project, match.project_id).code
        resources.end(session, row.code, actor="unit")
        session.scalars(select(MemberUnit).where(MemberUnit.code == "U2")).one().is_active = False
    page = browse.get(f"/projects/{project}").text
    assert "停用" in page
    assert "已停止提供" in page
    assert "停用" in browse.get("/pledges/L-U2").text
