"""The pages about who answers for which ground."""

import json
import re
from typing import NamedTuple

import pytest
from makers import at
from two_towns import DISTRICT, OTHER_TOWN, OWN_TOWN

from geodata.db import session_on
from geodata.models import MemberUnit, Region, ResponsibilityBlock, ResponsibilityPoint
from geodata.services.duty_changes import Told, add_duty


def ring(*corners):
    """A polygon as the map sends it, corners in hundredths of a degree from the district's south-west corner."""
    places = [at(*corner) for corner in corners]
    return json.dumps({"type": "Polygon", "coordinates": [[*places, places[0]]]})


BOX = ring((1, 0), (2, 0), (2, 1), (1, 1))
BOW = ring((1, 0), (2, 1), (2, 0), (1, 1))


class Block(NamedTuple):
    """What is stored of a block."""

    name: str
    has_border: bool


@pytest.fixture
def town_hall(world):
    """The world of two towns with one more unheld block in the west; what a test adds is taken away again."""
    with session_on(world.engine) as session:
        for model in (ResponsibilityBlock, Region, ResponsibilityPoint):
            assert session.query(model).count()
        add_duty(session, "block", Told("空块"), actor="admin", town_code=OWN_TOWN, code="B8")
    yield world
    with session_on(world.engine) as session:
        for code in ("B8", "B9"):
            session.query(ResponsibilityBlock).filter_by(code=code).delete()
        session.query(ResponsibilityPoint).filter_by(code="P9").delete()


def page(world, role, address, **how):
    answer = world.get(role, address, **how)
    assert answer.status_code == 200, answer.text[:300]
    return answer.text


def version(world, role, address):
    return re.search(r'name="version" value="(\w+)"', page(world, role, address))[1]


def figures(html):
    return re.findall(r"<dt>([^<]+)</dt><dd>(?:<a[^>]*>)?(\d+)", html)


def block(world, code):
    with session_on(world.engine) as session:
        found = session.query(ResponsibilityBlock).filter_by(code=code).one_or_none()
        return found and Block(found.name, found.geom is not None)


def test_the_list_counts_what_there_is_and_shows_gaps_first(town_hall):
    html = page(town_hall, "visitor", f"/duty?town={OWN_TOWN}")
    assert dict(figures(html)) == {"责任片区": "1", "责任区块": "2", "责任点": "0", "服务团队": "1", "责任缺口": "1"}
    assert html.index('id="gaps"') < html.index('id="tree"')
    assert "空块" in html
    assert "无人负责" in html
    assert "没有边界" in html
    whole = dict(figures(page(town_hall, "visitor", "/duty?town=all")))
    assert (whole["责任片区"], whole["责任区块"], whole["责任点"]) == ("2", "3", "2")


def test_gaps_alone_can_be_asked_for(town_hall):
    html = page(town_hall, "visitor", f"/duty?town={OWN_TOWN}&show=gaps")
    assert 'id="tree"' not in html
    assert "空块" in html


def test_who_works_for_a_town_sees_that_town_first(town_hall):
    assert "西镇" in page(town_hall, "town_office", "/duty").split('class="title"')[1].split("</p>")[0]
    assert town_hall.get("visitor", "/duty?town=nowhere").status_code == 400


def test_only_those_who_may_set_it_get_the_form(town_hall):
    assert 'id="duty-form"' in page(town_hall, "town_office", "/duty/block/B8")
    assert 'id="duty-form"' not in page(town_hall, "town_office", "/duty/region/R2")
    assert 'id="duty-form"' not in page(town_hall, "officer", "/duty/block/B8")
    assert "/duty/block/new" not in page(town_hall, "visitor", f"/duty?town={OWN_TOWN}")


def test_contacts_are_shown_to_those_who_may_read_them(town_hall):
    assert "021-5550-7002" in page(town_hall, "town_office", "/duty/team/T1")
    assert "021-5550-7002" not in page(town_hall, "viewer", "/duty/team/T1")


def test_what_is_not_there_is_not_found(town_hall):
    for address in ("/duty/block/B77", "/duty/cell/B1", "/duty/team/B1"):
        assert town_hall.get("admin", address).status_code == 404


def test_a_block_is_drawn_held_and_told_among_the_changes(town_hall):
    address = "/duty/block/B8"
    form = {
        "name": "新块",
        "version": version(town_hall, "town_office", address),
        "shape": BOX,
        "holder": "U1",
        "holder_role": "值班岗",
        "deputy_unit_1": "U2",
        "deputy_role_1": "前台",
        "parent": "R1",
        "team": "T1",
    }
    answer = town_hall.ask("town_office", "POST", address, form)
    assert (answer.status_code, answer.location) == (302, address)
    html = page(town_hall, "town_office", address)
    assert "duty-gap" not in html
    assert re.search(r"1 单位U2 前台", html)
    assert "town_office" in html
    assert re.search(r"边界 – → 10\d\.\d\d ha", html)
    assert dict(figures(page(town_hall, "visitor", f"/duty?town={OWN_TOWN}")))["责任缺口"] == "0"
    where = town_hall.get(
        "visitor", f"/where?lon={at(1.5, 0.5)[0]}&lat={at(1.5, 0.5)[1]}", headers={"Accept": "application/json"}
    )
    (hit,) = where.get_json()["blocks"]
    assert (hit["holder_code"], hit["holder_role"], hit["deputy_name"]) == ("U1", "值班岗", "单位U2")
    in_words = {"Accept": "text/html"}
    seen = page(town_hall, "visitor", f"/where?lon={at(1.5, 0.5)[0]}&lat={at(1.5, 0.5)[1]}", headers=in_words)
    assert "递补：单位U2 前台" in seen


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        pytest.param({"shape": BOW}, "自相交叉", id="crosses itself"),
        pytest.param({"shape": ring((0.5, 0), (1.5, 0), (1.5, 1), (0.5, 1))}, "区块B1 B1", id="overlaps"),
        pytest.param({"shape": ring((1, 0), (3, 0), (3, 1), (1, 1))}, "西镇", id="beyond the town"),
        pytest.param({"shape": "{}"}, "边线不交叉", id="no shape"),
        pytest.param({"areas": "C77"}, "C77", id="an unknown cell"),
        pytest.param({"holder": "U77"}, "U77", id="an unknown unit"),
        pytest.param({"name": ""}, "必填", id="no name"),
        pytest.param({"deputy_role_1": "前台"}, "必填", id="a deputy without a unit"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_typed_is_lost(town_hall, typed, said):
    address = "/duty/block/B8"
    form = {"name": "改名", "version": version(town_hall, "town_office", address), "holder_role": "打过的字", **typed}
    answer = town_hall.ask("town_office", "POST", address, form)
    assert answer.status_code == 422
    assert said in answer.text
    assert "打过的字" in answer.text
    assert block(town_hall, "B8").name == "空块"


def test_whoever_comes_second_is_told_so_and_keeps_what_was_typed(town_hall):
    address = "/duty/block/B8"
    opened = version(town_hall, "town_office", address)
    assert town_hall.ask("planner", "POST", address, {"name": "先改", "version": opened}).status_code == 302
    answer = town_hall.ask("town_office", "POST", address, {"name": "后改", "version": opened})
    assert answer.status_code == 409
    assert "已被他人修改" in answer.text
    assert "后改" in answer.text
    assert block(town_hall, "B8").name == "先改"
    again = town_hall.ask("town_office", "POST", address, {"name": "后改", "version": opened})
    assert again.status_code == 409


def test_a_block_is_made_of_villages_without_the_mouse(town_hall):
    form = {"town": OWN_TOWN, "code": "B9", "name": "村块", "village": "310112101002"}
    answer = town_hall.ask("town_office", "POST", "/duty/block/new", form)
    assert (answer.status_code, answer.location) == (302, "/duty/block/B9")
    assert "公顷" not in page(town_hall, "visitor", "/duty/block/B9")
    assert block(town_hall, "B9").has_border
    again = town_hall.ask("town_office", "POST", "/duty/block/new", form)
    assert again.status_code == 422
    assert "B9" in again.text


@pytest.mark.parametrize(
    ("form", "status"),
    [
        pytest.param({"town": OTHER_TOWN, "name": "x"}, 403, id="another town"),
        pytest.param({"town": "", "name": "x"}, 403, id="no town"),
        pytest.param({"town": OWN_TOWN, "name": "x", "code": "a/b"}, 422, id="a code that is none"),
        pytest.param({"town": OWN_TOWN, "name": "x", "code": "new"}, 422, id="a code that is a word of ours"),
    ],
)
def test_an_office_adds_to_its_own_town(town_hall, form, status):
    assert town_hall.ask("town_office", "POST", "/duty/block/new", form).status_code == status


def test_a_town_must_be_one_there_is(town_hall):
    assert town_hall.ask("admin", "POST", "/duty/block/new", {"town": DISTRICT, "name": "x"}).status_code == 422
    assert "哪个街镇" in page(town_hall, "planner", "/duty/block/new")


def test_a_point_is_placed_by_its_coordinate_and_cannot_leave_its_town(town_hall):
    lon, lat = at(0.5, 1.5)
    form = {"town": OWN_TOWN, "code": "P9", "name": "校门", "lon": f"{lon}", "lat": f"{lat}", "parent": "B1"}
    assert town_hall.ask("town_office", "POST", "/duty/point/new", form).status_code == 302
    with session_on(town_hall.engine) as session:
        made = session.query(ResponsibilityPoint).filter_by(code="P9").one()
        assert (made.town_code, made.village_code, made.radius_m) == (OWN_TOWN, "310112101001", 50.0)
    html = page(town_hall, "town_office", "/duty/point/P9")
    east = at(3.5, 0.5)
    moved = {
        "name": "校门",
        "parent": "B1",
        "version": re.search(r'name="version" value="(\w+)"', html)[1],
        "lon": f"{east[0]}",
        "lat": f"{east[1]}",
    }
    answer = town_hall.ask("town_office", "POST", "/duty/point/P9", moved)
    assert answer.status_code == 422
    assert "东镇" in answer.text


def test_a_block_that_has_points_stays(town_hall):
    address = "/duty/region/R1"
    with session_on(town_hall.engine) as session:
        session.query(ResponsibilityBlock).filter_by(code="B8").one().region_code = "R1"
    answer = town_hall.ask(
        "town_office", "POST", f"{address}/remove", {"version": version(town_hall, "admin", address)}
    )
    assert answer.status_code == 409
    assert "下面还有 1 个" in answer.text


def test_a_removed_block_is_gone(town_hall):
    form = {"version": version(town_hall, "town_office", "/duty/block/B8")}
    answer = town_hall.ask("town_office", "POST", "/duty/block/B8/remove", form)
    assert (answer.status_code, answer.location) == (302, f"/duty?town={OWN_TOWN}")
    assert block(town_hall, "B8") is None


def test_a_shape_is_checked_before_it_is_saved(town_hall):
    asked = {"town": OWN_TOWN, "kind": "block", "code": "B8"}
    fine = town_hall.ask("town_office", "POST", "/api/duty/check", asked | {"shape": BOX}).get_json()
    assert fine["is_fine"]
    assert re.fullmatch(r"10\d\.\d\d 公顷 · 内有 0 个责任点", fine["said"].split(" · 超出")[0])
    assert fine["area_m2"] == pytest.approx(1.06e6, rel=0.02)
    crossing = town_hall.ask("town_office", "POST", "/api/duty/check", asked | {"shape": BOW}).get_json()
    assert not crossing["is_fine"]
    assert crossing["at"] == pytest.approx(at(1.5, 0.5))
    made = town_hall.ask("town_office", "POST", "/api/duty/check", asked | {"village": "310112101002"}).get_json()
    assert made["shape"]["type"] == "MultiPolygon"
    nothing = town_hall.ask("town_office", "POST", "/api/duty/check", asked).get_json()
    assert not nothing["is_fine"]
    assert not block(town_hall, "B8").has_border


@pytest.mark.parametrize("name", ["</script><img src=x onerror=alert(1)>", "{{ 7*7 }}", "=1+1"])
def test_a_name_is_shown_as_it_was_written(town_hall, name):
    address = "/duty/block/B8"
    form = {"name": name, "version": version(town_hall, "town_office", address), "holder": "U1"}
    assert town_hall.ask("town_office", "POST", address, form).status_code == 302
    html = page(town_hall, "visitor", address)
    assert "<img src=x" not in html
    assert name.replace("<", "&lt;").replace(">", "&gt;") in html


def test_a_holder_that_works_no_longer_is_a_gap(town_hall):
    with session_on(town_hall.engine) as session:
        session.query(MemberUnit).filter_by(code="U1").one().is_active = False
    try:
        assert "单位U1已停用" in page(town_hall, "visitor", "/duty/block/B1")
    finally:
        with session_on(town_hall.engine) as session:
            session.query(MemberUnit).filter_by(code="U1").one().is_active = True
