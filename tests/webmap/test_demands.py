"""The pages of demands and resources: what they show, what their forms take, and what they survive."""

import re
from datetime import date, timedelta

import pytest
from makers import add_areas, add_unit, at
from sqlalchemy import select

from geodata.models import Demand, JointMatch, Project, Resource
from geodata.services import demands, matching, resources
from geodata.services.demands import DemandDraft
from geodata.services.resources import ResourceDraft
from geodata.services.users import add_user

WEST, EAST, FIRST, SECOND = "310112101000", "310112102000", "310112101001", "310112101002"
CLINIC = DemandDraft("老年人义诊", "free_clinic", "village", FIRST, people=60, details="量血压，联系 13800007003")
NEW = {"name": "楼道灯维修", "kind": "volunteers", "area": f"village:{FIRST}", "people": "12", "details": "坏了二十盏"}
LEND = {"name": "会议室", "unit_code": "U1", "kind_code": "venue", "capacity_count": "80"}


@pytest.fixture
def town(app, records):
    """A demand that one hospital fits and a small one does not; codes by name."""
    with records() as session:
        add_areas(session)
        add_unit(session, "U1", 0.6, 0.5, name="春申医院", town_code=WEST, village_code=FIRST)
        offer = ResourceDraft("专家义诊", "U1", "free_clinic", capacity_count=80, hours="Sa 08:30-11:30")
        small = ResourceDraft("小诊室", "U1", "free_clinic", capacity_count=20)
        return {
            "demand": demands.post(session, CLINIC, actor="officer").code,
            "near": resources.add(session, offer, actor="unit").code,
            "small": resources.add(session, small, actor="unit").code,
        }


@pytest.fixture
def office(town, signed_in):
    return signed_in("town_office", area_code=WEST)


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def test_the_list_says_what_is_unmet_and_how_many_fit(office, town):
    page = office.get("/demands")
    assert "老年人义诊" in page.text
    assert re.search(r"待对接 1 .*所列中暂无合适资源 0 ", text_of(page))
    assert "一村 · 西镇" in page.text
    assert re.search(r">1</span> <span class=\"quiet small number\">· 首选相距", page.text)


@pytest.mark.parametrize(
    ("query", "is_there"),
    [
        ("kind=free_clinic", True),
        ("kind=parking", False),
        (f"area={WEST}", True),
        (f"area={EAST}", False),
        ("state=open", True),
        ("state=met", False),
        ("q=义诊", True),
        ("q=%25", False),
        ("q='%20OR%201=1--", False),
    ],
)
def test_conditions_narrow_the_list(office, query, is_there):
    assert ("老年人义诊" in office.get(f"/demands?{query}").text) is is_there


@pytest.mark.parametrize("query", ["state=burnt", "sort=name", "q=" + "x" * 300, "kind=%00"])
@pytest.mark.parametrize("page", ["demands", "resources"])
def test_what_no_condition_means_is_refused(office, page, query):
    assert office.get(f"/{page}?{query}").status_code == 400


def test_a_demand_shows_its_resources_with_reasons_and_those_that_do_not_fit(office, town):
    page = office.get(f"/demands/{town['demand']}")
    said = text_of(page)
    for words in (
        "同类：义诊健康",
        "可用：周六 08:30–11:30",
        "可容纳 80 人 ≥ 60 人",
        "本居村",
        "只容 20 人，需要 60 人",
    ):
        assert words in said
    assert page.text.index("专家义诊") < page.text.index("小诊室")
    assert '<svg xmlns="http://www.w3.org/2000/svg"' in page.text


def test_details_are_read_as_written_by_those_who_work_on_them_alone(office, client, town):
    assert "13800007003" in office.get(f"/demands/{town['demand']}").text
    office.post(f"/demands/{town['demand']}/decline", data={"resource": town["near"], "note": "问 13800007004"})
    told = client.get(f"/demands/{town['demand']}").text
    assert [number for number in ("13800007003", "13800007004") if number in told] == []
    assert "138****7003" in told


def test_an_office_accepts_and_a_project_begins(office, records, town):
    form = {"resource": town["near"], "name": "一村义诊日", "joint": "welfare", "starts_on": "2026-12-01"}
    answer = office.post(f"/demands/{town['demand']}/accept", data=form)
    assert answer.location == f"/demands/{town['demand']}"
    with records() as session:
        project = session.scalars(select(Project)).one()
        assert (project.name, project.starts_on, project.area_code) == ("一村义诊日", date(2026, 12, 1), FIRST)
    page = text_of(office.get(f"/demands/{town['demand']}"))
    assert "已采用 专家义诊" in page
    assert "一村义诊日" in page
    # its history tells what came of it
    assert "项目 – → J001" in page
    assert "已采用 老年人义诊" in text_of(office.get(f"/resources/{town['near']}"))
    again = office.post(f"/demands/{town['demand']}/accept", data=form)
    assert again.status_code == 409
    assert "另有人" in again.text or 'role="alert"' in again.text


def test_what_does_not_fit_cannot_be_accepted(office, records, town):
    answer = office.post(f"/demands/{town['demand']}/accept", data={"resource": town["small"]})
    assert answer.status_code == 409
    assert "已不符合这项需求" in answer.text
    assert office.post(f"/demands/{town['demand']}/accept", data={"resource": "S' OR 1=1"}).status_code == 404
    with records() as session:
        assert session.scalars(select(Project)).all() == []


@pytest.mark.parametrize(
    "change", [{"joint": "burnt"}, {"starts_on": "soon"}, {"starts_on": "2026-03-02", "ends_on": "2026-03-01"}]
)
def test_a_wrong_word_in_the_small_form_is_told_and_nothing_is_stored(office, records, town, change):
    answer = office.post(f"/demands/{town['demand']}/accept", data={"resource": town["near"], **change})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    with records() as session:
        assert session.scalars(select(JointMatch)).all() == []
        assert session.scalars(select(Demand)).one().state == "open"


def test_an_office_declines_with_a_reason_and_takes_it_back(office, town):
    where = f"/demands/{town['demand']}"
    assert office.post(f"{where}/decline", data={"resource": town["near"], "note": ""}).status_code == 422
    office.post(f"{where}/decline", data={"resource": town["near"], "note": "时间不合适"})
    page = office.get(where)
    assert "未采用" in page.text
    assert "时间不合适" in page.text
    assert "暂无合适资源，还没有单位提供" in page.text
    office.post(f"{where}/propose", data={"resource": town["near"]})
    assert "暂无合适资源，还没有单位提供" not in office.get(where).text


def test_a_demand_is_posted_changed_withdrawn_and_asked_for_anew(office, records):
    lon, lat = at(1.5, 0.5)
    answer = office.post("/demands/new", data=NEW | {"lon": str(lon), "lat": str(lat)})
    where = answer.location
    form = office.get(f"{where}/edit").text
    assert 'value="楼道灯维修"' in form
    assert f'<option value="village:{FIRST}" selected>' in form
    assert office.post(f"{where}/edit", data=NEW | {"people": "20"}).location == where
    with records() as session:
        held = session.scalars(select(Demand).where(Demand.name == "楼道灯维修")).one()
        assert (held.people, held.geom, held.posted_by) == (20, None, "town_office")
    assert office.post(f"{where}/withdraw", data={"reason": ""}).status_code == 422
    office.post(f"{where}/withdraw", data={"reason": "已自行解决"})
    page = text_of(office.get(where))
    assert "已撤回" in page
    assert "已自行解决" in page
    assert office.post(f"{where}/edit", data=NEW).status_code == 409
    office.post(f"{where}/reopen", data={"reason": "又坏了"})
    assert "撤回需求" in office.get(where).text


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "灯" * 101}, "name"),
        ({"kind": ""}, "kind"),
        ({"kind": "magic"}, "kind"),
        ({"area": ""}, "area"),
        ({"area": "village:1"}, "area"),
        ({"area": "planet:3"}, "area"),
        ({"people": "0"}, "people"),
        ({"people": "1e3"}, "people"),
        ({"needed_from": "昨天"}, "needed_from"),
        ({"needed_until": "2020-01-01"}, "needed_until"),
        ({"lon": "121.4"}, "place"),
        ({"lon": "nan", "lat": "31.1"}, "place"),
        ({"lon": "120", "lat": "30"}, "place"),
    ],
)
def test_a_refused_form_comes_again_with_what_was_typed_and_what_is_wrong_beside_it(town, signed_in, change, field):
    browser = signed_in("district")
    answer = browser.post("/demands/new", data=NEW | change)
    assert answer.status_code == 422
    assert f'id="wrong-{field}"' in answer.text
    if "name" not in change:
        assert 'value="楼道灯维修"' in answer.text
    if "details" not in change:
        assert "坏了二十盏" in answer.text


@pytest.mark.parametrize("area", [f"village:{FIRST}", f"town:{WEST}"])
def test_an_office_posts_for_its_own_town_and_villages_and_for_no_other(office, area):
    assert office.post("/demands/new", data=NEW | {"area": area}).status_code == 302
    for other in ("village:310112102001", f"town:{EAST}", "district:310112"):
        assert office.post("/demands/new", data=NEW | {"area": other}).status_code == 403
    offered = office.get("/demands/new").text
    assert f'value="{area}"' in offered
    assert EAST not in offered


def test_an_officer_of_one_village_has_it_chosen_and_no_other(town, signed_in):
    form = signed_in("officer", area_code=SECOND).get("/demands/new").text
    assert f'<option value="village:{SECOND}" selected>' in form
    assert FIRST not in form


HOSTILE = "<script>window.__pwned=1</script>{{7*7}}'\"--"


def test_names_are_told_as_they_are_and_never_run(office):
    where = office.post("/demands/new", data=NEW | {"name": HOSTILE, "details": HOSTILE}).location
    for page in (where, "/demands", f"{where}/edit"):
        answer = office.get(page)
        assert answer.status_code == 200
        assert "<script>window" not in answer.text
        assert "49" not in re.findall(r"pwned=1&lt;/script&gt;(..)", answer.text)
        assert "&lt;script&gt;" in answer.text


def test_what_the_form_does_not_ask_for_is_not_stored(office, records):
    smuggled = {"state": "met", "code": "D9999", "posted_by": "admin", "id": "1", "town_code": EAST, "actor": "admin"}
    office.post("/demands/new", data=NEW | smuggled)
    with records() as session:
        held = session.scalars(select(Demand).where(Demand.name == "楼道灯维修")).one()
        assert (held.state, held.posted_by, held.town_code) == ("open", "town_office", None)
        assert held.code != "D9999"


def test_a_form_without_its_token_changes_nothing(app, office, town, records):
    app.config["WTF_CSRF_ENABLED"] = True
    assert office.post(f"/demands/{town['demand']}/withdraw", data={"reason": "x"}).status_code == 403
    assert office.post("/resources/new", data=LEND).status_code == 403
    app.config["WTF_CSRF_ENABLED"] = False


# -- resources --------------------------------------------------------------------------------------------


def test_resources_are_listed_with_unit_hours_and_room(office):
    said = text_of(office.get("/resources"))
    assert "专家义诊 义诊健康 春申医院 周六 08:30–11:30 80" in said
    assert "小诊室" not in text_of(office.get("/resources?q=专家"))


def test_a_resource_shows_the_demands_it_fits(office, town):
    page = text_of(office.get(f"/resources/{town['near']}"))
    assert "适合的待对接需求 1" in page
    assert "老年人义诊" in page
    assert "只容 20 人，需要 60 人" in text_of(office.get(f"/resources/{town['small']}"))


def test_ticked_days_become_opening_hours(office, records):
    form = LEND | {"weekday": ["We", "Mo"], "opens": "09:00", "closes": "11:30", "hours": "24/7"}
    where = office.post("/resources/new", data=form).location
    with records() as session:
        made = session.scalars(select(Resource).where(Resource.name == "会议室")).one()
        assert (made.hours, made.capacity_count, made.kind_code) == ("Mo,We 09:00-11:30", 80, "venue")
    assert 'value="Mo,We 09:00-11:30"' in office.get(f"{where}/edit").text


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"unit_code": ""}, "unit_code"),
        ({"unit_code": "U9"}, "unit_code"),
        ({"kind_code": "magic"}, "kind_code"),
        ({"capacity_count": "-1"}, "capacity_count"),
        ({"hours": "周六"}, "hours"),
        ({"weekday": ["Mo"]}, "opens"),
        ({"weekday": ["Xx"], "opens": "09:00", "closes": "10:00"}, "hours"),
        ({"valid_from": "2026-03-02", "valid_to": "2026-03-01"}, "valid_to"),
        ({"lon": "1", "lat": "2"}, "place"),
    ],
)
def test_a_refused_resource_comes_again(office, change, field):
    answer = office.post("/resources/new", data=LEND | change)
    assert answer.status_code == 422
    assert f'id="wrong-{field}"' in answer.text


def test_a_resource_is_ended_and_fits_nothing_any_more(office, town):
    yesterday = (date.today() - timedelta(days=2)).isoformat()  # noqa: DTZ011 - two days off is over in any zone
    assert office.post(f"/resources/{town['near']}/end", data={"valid_to": yesterday}).status_code == 422
    assert office.post(f"/resources/{town['near']}/end", data={}).status_code == 302
    assert "已停止提供" in office.get(f"/resources/{town['near']}").text
    assert "这段时间不提供" in office.get(f"/demands/{town['demand']}").text
    assert office.post(f"/resources/{town['near']}/end", data={}).status_code == 409


def test_a_unit_offers_for_itself_and_its_own_is_chosen(town, records, app):
    app.config["WTF_CSRF_ENABLED"] = False
    with records() as session:
        add_unit(session, "U2", 3.5, 0.5, name="东镇公司", town_code=EAST)
        add_user(session, "unit", password="a long password", role="unit", unit="U1")
    browser = app.test_client()
    browser.post("/login", data={"name": "unit", "password": "a long password"})
    form = browser.get("/resources/new").text
    assert '<option value="U1" selected>' in form
    assert 'value="U2"' not in form
    assert browser.post("/resources/new", data=LEND).status_code == 302
    assert browser.post("/resources/new", data=LEND | {"unit_code": "U2"}).status_code == 403


def test_a_resource_of_nobody_is_the_districts_to_change(town, records, signed_in, office):
    with records() as session:
        session.add(Resource(code="S9", name="无主"))
    assert office.get("/resources/S9").status_code == 200
    assert office.post("/resources/S9/end", data={}).status_code == 403
    assert signed_in("district").post("/resources/S9/end", data={}).status_code == 302


@pytest.mark.parametrize("path", ["/demands/D404", "/resources/S404", "/demands/{{7*7}}", "/resources/%27%20OR%201=1"])
def test_unknown_codes_are_not_found(town, client, path):
    assert client.get(path).status_code == 404


def test_english_readers_get_english(town, client):
    page = text_of(client.get(f"/demands/{town['demand']}?lang=en"))
    assert "Same kind: free clinic and health" in page
    assert "Room for 80 ≥ 60" in page
    assert matching.USUAL_JOINT == "welfare"
