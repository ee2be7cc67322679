"""The pages of meetings: the month, one meeting, and what its resolutions become; for each role of both towns."""

from datetime import UTC, datetime, timedelta

import pytest
from makers import add_areas, add_unit, today
from sqlalchemy import select
from two_towns import CANARIES

from geodata.models import ConferenceSeat, Demand, Meeting, Project, Resolution, Ticket
from geodata.services import meetings, resolutions
from geodata.services.meetings import MeetingDraft
from geodata.services.pyramid import fold
from geodata.services.resolutions import ResolutionDraft

WEST, EAST, VILLAGE = "310112101000", "310112102000", "310112101001"
PLANNED = {"area": f"town:{WEST}", "body": "committee", "name": "社区委员会三月例会", "held_at": "2026-03-09T09:00"}
CODE = "M202603-001"


def fill(session):
    add_areas(session)
    for code, town in (("U1", WEST), ("U2", WEST), ("U3", EAST)):
        unit = add_unit(session, code, 0.5, 1.1, town_code=town)
        if town == WEST:
            position = "chair" if code == "U2" else "member"
            session.add(
                ConferenceSeat(level="town", area_code=WEST, body="committee", unit_id=unit.id, position=position)
            )
    fold(session)


FILLED_BY = {"records": fill}


@pytest.fixture
def office(signed_in):
    """Somebody of the western town's office."""
    return signed_in("town_office", area_code=WEST)


@pytest.fixture
def held(office, records):
    """A committee that was held, with one resolution that is overdue; the id of that."""
    with records() as session:
        draft = MeetingDraft("例会", "committee", "town", WEST, datetime(2026, 3, 5, 6, tzinfo=UTC))
        made = meetings.plan(session, draft, actor="office")
        meetings.hold(session, made.code, came=["U1"], minutes="议定一件事", actor="office")
        due = today() - timedelta(days=3)
        return resolutions.resolve(session, made, ResolutionDraft("清运后巷垃圾", "U1", due), actor="office").id


def one(records, model):
    with records() as session:
        found = session.scalars(select(model)).one()
        session.expunge_all()
        return found


def test_an_office_plans_a_meeting_and_its_body_is_seated(office, records):
    answer = office.post("/meetings", data=PLANNED | {"agenda": "1. 通报", "address": "二楼会议室"})
    assert (answer.status_code, answer.location) == (302, f"/meetings/{CODE}")
    page = office.get(answer.location).text
    assert all(
        word in page for word in ("社区委员会三月例会", "2026-03-09 09:00", "单位U1", "单位U2", "召集", "待召开")
    )
    assert one(records, Meeting).held_at == datetime(2026, 3, 9, 1, tzinfo=UTC)


def test_a_place_is_told_by_a_unit_or_a_coordinate_and_comes_back_in_the_form(office, records):
    office.post("/meetings", data=PLANNED | {"find": "单位U1"})
    assert one(records, Meeting).village_code == VILLAGE
    typed = 'value="121.405000"', 'value="31.111000"'
    assert all(word in office.get(f"/meetings/{CODE}/edit").text for word in typed)
    assert office.post(f"/meetings/{CODE}/edit", data=PLANNED | {"find": "121.405000, 31.111000"}).status_code == 302
    assert all(word in office.get(f"/meetings/{CODE}/edit").text for word in typed)
    assert office.post(f"/meetings/{CODE}/edit", data=PLANNED | {"lon": "121.405", "lat": "31.112"}).status_code == 302
    assert 'value="31.112000"' in office.get(f"/meetings/{CODE}/edit").text


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("name", {"name": ""}, "必填"),
        ("body", {"body": "village_meeting"}, "没有"),
        ("held_at", {"held_at": "tomorrow"}, "2026-03-02"),
        ("held_at", {"held_at": ""}, "必填"),
        ("find", {"find": "没有这个地方"}, "没有"),
        ("lon", {"lon": "0", "lat": "0"}, ""),
    ],
)
def test_a_refused_form_comes_back_as_it_was_typed_with_the_field_marked(office, records, field, typed, told):
    answer = office.post("/meetings", data=PLANNED | {"address": "二楼会议室"} | typed)
    assert answer.status_code == 422
    assert "二楼会议室" in answer.text
    assert told in answer.text
    with records() as session:
        assert session.scalars(select(Meeting)).all() == []


def test_an_office_plans_only_for_its_own_town_and_villages(office, signed_in):
    form = office.get("/meetings/new").text
    assert f'value="town:{WEST}"' in form
    assert f'value="village:{VILLAGE}"' in form
    assert EAST not in form
    assert "district:" not in form
    assert office.post("/meetings", data=PLANNED | {"area": f"town:{EAST}"}).status_code == 403
    assert f'value="town:{EAST}"' in signed_in("district").get("/meetings/new").text


def test_no_planned_meeting_is_moved_to_another_towns(office):
    office.post("/meetings", data=PLANNED)
    assert office.post(f"/meetings/{CODE}/edit", data=PLANNED | {"area": f"town:{EAST}"}).status_code == 403


def test_a_meeting_is_held_put_right_and_shows_who_changed_what(office):
    office.post("/meetings", data=PLANNED)
    office.post(f"/meetings/{CODE}/hold", data={"came": ["U1"], "minutes": "议定两件事"})
    page = office.get(f"/meetings/{CODE}").text
    assert "应到 2 家，实到 1 家" in page
    assert "议定两件事" in page
    office.post(f"/meetings/{CODE}/hold", data={"came": ["U1", "U2"], "minutes": "议定三件事"})
    page = office.get(f"/meetings/{CODE}").text
    assert "实到 2 家" in page
    assert "议定两件事 → 议定三件事" in page


def test_a_unit_without_a_seat_is_not_ticked_and_an_unknown_one_not_seated(office):
    office.post("/meetings", data=PLANNED)
    answer = office.post(f"/meetings/{CODE}/hold", data={"came": ["U3"], "minutes": "写了很久的纪要"})
    assert answer.status_code == 422
    assert "写了很久的纪要" in answer.text
    assert office.post(f"/meetings/{CODE}/seats", data={"unit": "无名单位"}).status_code == 422
    assert office.post(f"/meetings/{CODE}/seats", data={"unit": "单位U3", "position": "deputy"}).status_code == 302
    assert "副召集" in office.get(f"/meetings/{CODE}").text


def test_a_called_off_meeting_says_so_and_takes_nothing_more(office):
    office.post("/meetings", data=PLANNED)
    assert office.post(f"/meetings/{CODE}/cancel").status_code == 302
    page = office.get(f"/meetings/{CODE}").text
    assert "已取消" in page
    assert "记录到会和纪要" not in page
    assert office.post(f"/meetings/{CODE}/hold", data={"minutes": "x"}).status_code == 422
    assert office.post(f"/meetings/{CODE}/cancel").status_code == 409


def test_a_meeting_that_is_to_come_cannot_be_written_down_yet(office):
    soon = today() + timedelta(days=3)
    made = office.post("/meetings", data=PLANNED | {"held_at": f"{soon}T09:00"}).location
    told = f"出席情况和会议纪要自 {soon} 起可以登记。如已提前召开，请先修改时间。"
    assert told in office.get(made).text
    assert f"{made}/hold" not in office.get(made).text
    answer = office.post(f"{made}/hold", data={"minutes": "x"})
    assert (answer.status_code, told in answer.text) == (422, True)
    office.post(f"{made}/edit", data=PLANNED | {"held_at": f"{today()}T23:59"})
    assert f"{made}/hold" in office.get(made).text


def test_the_month_has_its_meetings_as_calendar_and_list_and_what_is_open(office, held):
    page = office.get("/meetings?period=2026-03").text
    assert page.count("例会") >= 2
    assert 'class="calendar"' in page
    assert "清运后巷垃圾" in page
    assert "逾期 3 天" in page
    assert "例会" not in office.get("/meetings?period=2026-04").text.partition('id="open"')[0]
    assert 'class="calendar"' not in office.get("/meetings?period=2026-Q1").text
    for narrowed in ("body=congress", f"area={EAST}"):
        assert "清运后巷垃圾" not in office.get(f"/meetings?period=2026-03&{narrowed}").text
    assert office.get("/meetings?body=party").status_code == 400


def test_a_resolution_becomes_a_ticket_and_each_leads_to_the_other(office, held, records):
    form = {"category": "0102", "title": "清运后巷垃圾", "find": "单位U1"}
    answer = office.post(f"/resolutions/{held}/ticket", data=form)
    assert (answer.status_code, answer.location) == (302, f"/meetings/{CODE}#r1")
    number = one(records, Ticket).number
    assert f'href="/tickets/{number}"' in office.get(f"/meetings/{CODE}").text
    page = office.get(f"/tickets/{number}").text
    assert f'href="/meetings/{CODE}#r1"' in page
    assert "例会第 1 项议定" in page
    assert office.post(f"/resolutions/{held}/ticket", data=form).status_code == 422
    with records() as session:
        session.scalars(select(Ticket)).one().state = "closed"
    assert "已落实" in office.get(f"/meetings/{CODE}").text
    assert "清运后巷垃圾" not in office.get("/meetings?period=2026-04").text


@pytest.mark.parametrize(
    ("what", "form", "model"),
    [
        ("project", {"joint": "welfare", "name": "银发义诊"}, Project),
        ("demand", {"kind_code": "free_clinic", "name": "每月一次义诊"}, Demand),
    ],
)
def test_a_resolution_becomes_a_project_or_a_demand(office, held, records, what, form, model):
    assert office.post(f"/resolutions/{held}/{what}", data=form).status_code == 302
    made = one(records, model)
    assert (made.name, made.area_code) == (form["name"], WEST)
    assert f"/{what}s/{made.code}" in office.get(f"/meetings/{CODE}").text


@pytest.mark.parametrize(
    ("what", "form"),
    [
        ("ticket", {"category": "0102", "title": "x", "find": "没有这个地方"}),
        ("ticket", {"category": "0102", "title": "x"}),
        ("ticket", {"category": "9999", "title": "x", "find": "单位U1"}),
        # it lies in the eastern town, whose office takes it in
        ("ticket", {"category": "0102", "title": "x", "find": "121.435, 31.105"}),
        ("project", {"joint": "party", "name": "x"}),
        ("project", {"joint": "welfare", "name": "长" * 101}),
        ("demand", {"kind_code": "nothing", "name": "x"}),
        ("state", {"state": "dropped"}),
        ("state", {"state": "closed", "note": "x"}),
        ("words", {"words": ""}),
        ("words", {"words": "x", "due_on": "2026-02-30"}),
        ("words", {"words": "x", "unit": "'; DROP TABLE resolution; --"}),
    ],
)
def test_what_a_resolution_cannot_become_is_told_in_its_form_and_changes_nothing(office, held, records, what, form):
    answer = office.post(f"/resolutions/{held}/{what}", data=form)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    kept = one(records, Resolution)
    assert (kept.target_kind, kept.state, kept.words) == (None, "open", "清运后巷垃圾")


def test_a_resolution_is_settled_and_put_right(office, held):
    office.post(f"/resolutions/{held}/state", data={"state": "dropped", "note": "并入整治"})
    page = office.get(f"/meetings/{CODE}").text
    assert "已终止" in page
    assert "并入整治" in page
    office.post(f"/resolutions/{held}/state", data={"state": "open"})
    office.post(f"/resolutions/{held}/words", data={"words": "清运两处垃圾", "unit": "U2"})
    page = office.get(f"/meetings/{CODE}").text
    assert "清运两处垃圾" in page
    assert "办理中" in page


def test_a_reader_is_offered_no_forms(held, signed_in):
    page = signed_in("viewer", area_code=WEST).get(f"/meetings/{CODE}").text
    assert "清运后巷垃圾" in page
    assert '<form method="post" action="/resolutions' not in page
    assert "记录到会和纪要" not in page


@pytest.mark.parametrize("path", ["/meetings/M999", "/meetings/%27%20OR%201=1", "/meetings/<script>"])
def test_what_there_is_not_is_not_found(office, path):
    assert office.get(path).status_code == 404


def test_what_people_write_is_shown_as_text(office):
    evil = "<script>window.__pwned=1</script>{{7*7}}"
    office.post("/meetings", data=PLANNED | {"name": evil, "agenda": evil, "address": evil})
    office.post(f"/meetings/{CODE}/hold", data={"minutes": evil})
    office.post(f"/meetings/{CODE}/resolutions", data={"words": evil})
    for path in (f"/meetings/{CODE}", "/meetings?period=2026-03"):
        page = office.get(path).text
        assert "<script>window" not in page
        assert "{{7*7}}" in page


def test_a_unit_reads_words_as_written_only_where_it_sits(world):
    """Everybody signed in reads of every meeting; the numbers in them are for those who read contacts."""
    assert CANARIES["meeting.minutes"] in world.get("town_office", "/meetings/M202603-002").text
    assert CANARIES["meeting.minutes"] not in world.get("unit", "/meetings/M202603-001").text
    world.ask("town_office", "POST", "/meetings/M202603-001/seats", {"unit": "U1"})
    assert CANARIES["meeting.minutes"] in world.get("unit", "/meetings/M202603-001").text
    assert CANARIES["meeting.minutes"] not in world.get("viewer", "/meetings/M202603-001").text


def test_the_ticket_of_another_town_is_no_link(world):
    form = {"category": "0102", "title": "垃圾", "find": "U2"}
    assert world.ask("district", "POST", "/resolutions/2/ticket", form).status_code == 302
    other = world.get("town_office", "/meetings/M202603-002").text
    assert "转为" in other
    assert "/tickets/2" not in other
    assert "/tickets/2" in world.get("district", "/meetings/M202603-002").text
