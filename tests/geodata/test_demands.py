"""Demands and resources as offices write them: posted, changed, withdrawn, taken up again, and what is refused."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from makers import add_areas, add_unit, at
from sqlalchemy import select

from geodata.errors import NotFound
from geodata.models import Demand, ImportRun, Resource
from geodata.queries.demands import DemandFilter, counts
from geodata.queries.resources import ResourceFilter
from geodata.queries.resources import listed as listed_resources
from geodata.record_errors import BadValue, StateRefused
from geodata.services import demands, resources
from geodata.services.demands import DemandDraft
from geodata.services.joint_records import today
from geodata.services.resources import ResourceDraft
from geodata.services.stamps import check_stamps

WEST, EAST, FIRST, SECOND = "310112101000", "310112102000", "310112101001", "310112101002"
CLINIC = DemandDraft("老年人义诊", "free_clinic", "village", FIRST, people=60, audience="老年人")
HALL = ResourceDraft("义诊服务", "U1", "free_clinic", capacity="每次80人", capacity_count=80, hours="Sa 08:30-11:30")


@pytest.fixture
def town(session):
    add_areas(session)
    add_unit(session, "U1", 0.5, 0.5, name="春申医院", town_code=WEST, village_code=FIRST)
    return session


def kept(session, kind):
    runs = session.scalars(select(ImportRun).where(ImportRun.kind == kind).order_by(ImportRun.id))
    return [run.report for run in runs]


# -- demands ----------------------------------------------------------------------------------------------


def test_a_demand_gets_a_code_of_its_own_and_is_open(town):
    first = demands.post(town, CLINIC, actor="officer")
    second = demands.post(town, replace(CLINIC, name="义诊 第二场"), actor="officer")
    assert (first.code[0], first.state, first.posted_by, first.people) == ("D", "open", "officer", 60)
    assert first.code != second.code
    (told, _second) = kept(town, "demands")
    assert (told["did"], told["code"], told["before"], told["after"]["audience"]) == ("add", first.code, None, "老年人")


def test_without_a_place_it_stands_in_the_middle_of_its_village_and_counts_as_there(town):
    made = demands.post(town, CLINIC, actor="officer")
    shown = demands.demand(town, made.code)
    assert (shown.is_placed, shown.town_code, shown.village_code, shown.area_name) == (False, WEST, FIRST, "一村")
    assert (shown.lon, shown.lat) == pytest.approx(at(0.5, 1))
    assert shown.x is not None
    # a village without a boundary has no middle
    nowhere = demands.post(town, replace(CLINIC, area_code="310112102001"), actor="officer")
    shown = demands.demand(town, nowhere.code)
    assert (shown.lon, shown.x, shown.town_code) == (None, None, EAST)


def test_with_a_place_it_is_stamped_and_loses_the_codes_with_the_place(town):
    made = demands.post(town, replace(CLINIC, place=at(1.5, 0.5)), actor="officer")
    assert (made.town_code, made.village_code, made.place_level) == (WEST, SECOND, "manual")
    assert check_stamps(town) == []
    demands.change(town, made.code, CLINIC, actor="officer")
    assert (made.geom, made.village_code, made.datum) == (None, None, None)


def test_a_change_is_kept_with_before_and_after_and_none_leaves_no_trace(town):
    made = demands.post(town, CLINIC, actor="officer")
    demands.change(town, made.code, CLINIC, actor="town")
    demands.change(town, made.code, replace(CLINIC, people=90), actor="town")
    _add, told = kept(town, "demands")
    assert (told["did"], told["before"]["people"], told["after"]["people"]) == ("set", 60, 90)


@pytest.mark.parametrize(
    ("change", "field", "word"),
    [
        ({"name": " \x00\n "}, "name", "missing"),
        ({"name": "义" * 101}, "name", "too_long"),
        ({"kind_code": "magic"}, "kind_code", "unknown"),
        ({"level": "street"}, "level", "unknown"),
        ({"area_code": "999"}, "area_code", "unknown"),
        ({"level": "town"}, "area_code", "unknown"),
        ({"people": 0}, "people", "whole"),
        ({"people": 10**9}, "people", "whole"),
        ({"details": "很" * 2001}, "details", "too_long"),
        ({"needed_until": date(2020, 1, 1)}, "needed_until", "after"),
        ({"needed_from": date(2099, 2, 2), "needed_until": date(2099, 2, 1)}, "needed_until", "after"),
        ({"needed_from": date(1, 1, 1)}, "needed_from", "day"),
        ({"place": at(9, 9)}, "place", "place"),
        ({"place": (float("nan"), 31.0)}, "place", "place"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_at_its_field(town, change, field, word):
    with pytest.raises(BadValue) as refused:
        demands.post(town, replace(CLINIC, **change), actor="officer")
    assert (refused.value.field, refused.value.word) == (field, word)
    assert kept(town, "demands") == []


def test_a_demand_is_withdrawn_with_a_reason_and_asked_for_anew(town):
    code = demands.post(town, CLINIC, actor="officer").code
    with pytest.raises(BadValue, match="reason"):
        demands.withdraw(town, code, actor="officer", reason=" ")
    assert demands.withdraw(town, code, actor="officer", reason="已自行解决").state == "withdrawn"
    with pytest.raises(StateRefused):
        demands.withdraw(town, code, actor="officer", reason="再撤一次")
    with pytest.raises(StateRefused):
        demands.change(town, code, CLINIC, actor="officer")
    assert demands.reopen(town, code, actor="town", reason="又需要了").state == "open"
    assert [told["did"] for told in kept(town, "demands")] == ["add", "withdraw", "reopen"]
    assert kept(town, "demands")[1]["after"]["note"] == "已自行解决"
    with pytest.raises(StateRefused):
        demands.reopen(town, code, actor="town", reason="还开着")


def test_unknown_codes_are_not_found(town):
    for ask in (demands.demand, resources.resource):
        with pytest.raises(NotFound):
            ask(town, "D' OR 1=1")
    with pytest.raises(NotFound):
        demands.withdraw(town, "D0", actor="x", reason="x")


def test_unmet_demands_stand_first_the_soonest_needed_at_the_top(town):
    soon, later = today(town) + timedelta(days=3), today(town) + timedelta(days=30)
    for name, until in (("甲", None), ("乙", later), ("丙", soon), ("丁", soon)):
        demands.post(town, replace(CLINIC, name=name, needed_until=until), actor="officer")
    gone = demands.listed(town, DemandFilter(words="丁"), limit=9)[0]
    demands.withdraw(town, gone.code, actor="officer", reason="不办了")
    assert [row.name for row in demands.listed(town, DemandFilter(), limit=9)] == ["丙", "乙", "甲", "丁"]
    assert counts(town) == {"open": 3, "withdrawn": 1}


def test_the_list_is_narrowed_by_kind_state_area_and_words(town):
    demands.post(town, CLINIC, actor="officer")
    demands.post(town, replace(CLINIC, name="停车_50%", kind_code="parking", area_code=SECOND), actor="officer")
    demands.post(town, replace(CLINIC, name="排练", kind_code="culture", level="town", area_code=EAST), actor="town")

    def names(**how):
        return [row.name for row in demands.listed(town, DemandFilter(**how), limit=9)]

    assert names(kind="parking") == ["停车_50%"]
    assert names(area=FIRST) == ["老年人义诊"]
    assert sorted(names(area=WEST)) == ["停车_50%", "老年人义诊"]
    assert names(area=EAST) == ["排练"]
    assert names(state="met") == []
    # letters that mean something to LIKE mean themselves
    assert names(words="_50%") == ["停车_50%"]
    assert names(words="%") == ["停车_50%"]
    assert len(demands.listed(town, DemandFilter(), limit=2)) == 2


# -- resources --------------------------------------------------------------------------------------------


def test_a_resource_is_at_its_unit_until_it_has_a_place_of_its_own(town):
    made = resources.add(town, HALL, actor="unit")
    shown = resources.resource(town, made.code)
    assert (made.code[0], shown.unit_name, shown.kind_zh, shown.is_placed) == ("S", "春申医院", "义诊健康", False)
    assert ((shown.lon, shown.lat), shown.town_code, shown.village_code) == (pytest.approx(at(0.5, 0.5)), WEST, FIRST)
    resources.change(town, made.code, replace(HALL, place=at(1.5, 0.5)), actor="unit")
    shown = resources.resource(town, made.code)
    assert ((shown.lon, shown.lat), shown.village_code) == (pytest.approx(at(1.5, 0.5)), SECOND)
    assert check_stamps(town) == []
    assert [told["did"] for told in kept(town, "resources")] == ["add", "set"]
    assert kept(town, "resources")[1]["after"]["unit"] == "春申医院"


@pytest.mark.parametrize(
    ("change", "field", "word"),
    [
        ({"name": ""}, "name", "missing"),
        ({"unit_code": "U9"}, "unit_code", "unknown"),
        ({"kind_code": "magic"}, "kind_code", "unknown"),
        ({"hours": "周六上午"}, "hours", "hours"),
        ({"capacity_count": 0}, "capacity_count", "whole"),
        ({"valid_from": date(2026, 3, 2), "valid_to": date(2026, 3, 2)}, "valid_to", "after"),
        ({"valid_to": date(3000, 1, 1)}, "valid_to", "day"),
        ({"place": (200.0, 31.0)}, "place", "place"),
    ],
)
def test_what_cannot_be_offered_is_refused_at_its_field(town, change, field, word):
    with pytest.raises(BadValue) as refused:
        resources.add(town, replace(HALL, **change), actor="unit")
    assert (refused.value.field, refused.value.word) == (field, word)


def test_a_resource_ends_on_a_day_and_once_only(town):
    code = resources.add(town, HALL, actor="unit").code
    with pytest.raises(BadValue):
        resources.end(town, code, actor="unit", on=today(town) - timedelta(days=1))
    assert resources.end(town, code, actor="unit").valid_to == today(town)
    with pytest.raises(StateRefused):
        resources.end(town, code, actor="unit")
    later = resources.add(town, replace(HALL, valid_from=today(town) + timedelta(days=5)), actor="unit")
    assert resources.end(town, later.code, actor="unit").valid_to == today(town) + timedelta(days=6)
    assert kept(town, "resources")[1]["did"] == "end"


def test_resources_are_narrowed_and_what_has_ended_stands_last(town):
    old = resources.add(town, replace(HALL, name="旧义诊"), actor="unit")
    resources.add(town, HALL, actor="unit")
    resources.add(town, replace(HALL, name="会议室", kind_code=None, kind="场地"), actor="unit")
    resources.end(town, old.code, actor="unit")

    def names(**how):
        return [row.name for row in listed_resources(town, ResourceFilter(**how), today=today(town), limit=9)]

    assert names() == ["义诊服务", "会议室", "旧义诊"]
    assert names(kind="free_clinic") == ["义诊服务", "旧义诊"]
    assert names(is_ended=False, words="春申") == ["义诊服务", "会议室"]
    assert names(town=EAST) == []
    assert names(unit="U1", is_ended=True) == ["旧义诊"]


def test_a_code_that_came_in_with_a_list_is_not_given_twice(town):
    first = demands.post(town, CLINIC, actor="officer")
    taken = f"D{int(first.code[1:]) + 1:04d}"
    town.add(Demand(code=taken, name="导入", kind_code="parking", level="town", area_code=WEST, posted_by="x"))
    town.add(Resource(code="S0001", name="导入"))
    town.flush()
    assert demands.post(town, CLINIC, actor="officer").code not in {first.code, taken}
