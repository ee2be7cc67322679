"""The pages of the network: what everybody reads, what an office changes, and what a refused form keeps."""

import re
from datetime import timedelta

import pytest
from makers import add_areas, add_unit, at
from sqlalchemy import select

from geodata.models import AreaContact, ConferenceSeat, ConvenerTerm, Membership, PilotArea
from geodata.queries.stamping import today

DISTRICT, TOWN, OTHER = "310112", "310112101000", "310112102000"
VILLAGE = "310112101001"
DAY = timedelta(days=1)


@pytest.fixture
def day(records):
    """Today. Two units of the western town and one of its first village are there, with contacts of three levels."""
    with records() as session:
        add_areas(session)
        for code, kind in (("U1", "market"), ("U2", "school")):
            unit = add_unit(session, code, 0.5, 0.5, kind=kind, town_code=TOWN, liaison_role="联络岗甲")
            unit.memberships = [Membership(level="town", area_code=TOWN)]
        unit = add_unit(session, "U3", 0.6, 0.6, town_code=TOWN, village_code=VILLAGE)
        unit.memberships = [Membership(level="village", area_code=VILLAGE)]
        for level, code, role in (("district", DISTRICT, "区岗"), ("town", TOWN, "镇岗"), ("village", VILLAGE, "村岗")):
            contact = {"topic": "综合协调", "role": role, "phone": f"000-{level}", "hours": "24/7"}
            session.add(AreaContact(level=level, area_code=code, **contact))
        return today(session)


def stored(records, model):
    with records() as session:
        found = session.scalars(select(model).order_by(model.id)).all()
        session.expunge_all()
        return found


def post(browser, what, way="edit", level="town", area=TOWN, **form):
    return browser.post(f"/network/{what}/{way}", data={"level": level, "area": area, **form})


def test_everybody_reads_an_area_its_parts_and_what_it_lacks(client, day):
    page = client.get("/network").text
    for words in ("试验区", "西镇", "东镇", "无成员单位", "2 个居村没有成员单位", 'class="one-map"', "区岗"):
        assert words in page
    page = client.get(f"/network?level=town&area={TOWN}").text
    for words in ("单位U1", "当前无轮值召集人", "无主任单位：联席会议", "一村", "镇岗"):
        assert words in page
    assert "村岗" not in page
    page = client.get(f"/network?area={VILLAGE}").text
    assert "村岗" in page
    assert "单位U3" in page
    assert client.get(f"/network?level=village&area={TOWN}").status_code == 404
    assert client.get("/network?level=town").status_code == 404


def test_a_kind_narrows_the_list_and_pilots_stand_alone(client, day, records):
    page = client.get(f"/network?area={TOWN}&kind=school").text
    assert "单位U2" in page
    assert "单位U1" not in page
    assert "这里没有试点" in client.get("/network?pilots=yes").text
    with records() as session:
        session.add(PilotArea(level="village", area_code=VILLAGE, note="议事规则"))
    page = client.get("/network?pilots=yes").text
    assert re.search(r'data-opens>\s*<th[^>]*><a href="[^"]*310112101001">一村', page)
    assert "东镇</a>" not in page


def test_telephones_and_roles_of_units_are_for_those_who_work_with_them(client, day, signed_in):
    page = client.get(f"/network?area={TOWN}").text
    assert "镇岗" in page
    assert "000-town" not in page
    assert "联络岗甲" not in page
    page = signed_in("officer").get(f"/network?area={TOWN}").text
    assert "tel:000-town" in page
    assert "联络岗甲" in page


def test_an_office_begins_with_its_own_town_and_changes_that_alone(day, signed_in):
    office = signed_in("town_office", area_code=TOWN)
    page = office.get("/network").text
    assert "<h1>西镇</h1>" in page
    assert "安排轮值召集人" in page
    assert "安排轮值召集人" not in office.get(f"/network?area={OTHER}").text
    assert "安排轮值召集人" not in office.get(f"/network?level=district&area={DISTRICT}").text
    assert post(office, "convener", area=OTHER, unit="U1").status_code == 403
    assert post(office, "convener", level="village", area=VILLAGE, unit="U3").status_code == 302


def test_a_convener_is_set_and_one_in_the_way_is_told_with_what_was_typed(day, records, signed_in):
    office = signed_in("town_office", area_code=TOWN)
    first = {"unit": "U1", "since": f"{day - 9 * DAY}", "last": f"{day + 90 * DAY}"}
    answer = post(office, "convener", **first)
    assert (answer.status_code, answer.location) == (302, f"/network?level=town&area={TOWN}#convener")
    second = {"unit": "U2", "since": f"{day}", "last": f"{day + 200 * DAY}"}
    refused = post(office, "convener", **second)
    assert refused.status_code == 422
    assert f"单位U1 ({day - 9 * DAY} – {day + 90 * DAY})" in refused.text
    assert f'value="{day + 200 * DAY}"' in refused.text
    assert re.search(r'<option value="U2" selected>', refused.text)
    assert len(stored(records, ConvenerTerm)) == 1
    assert post(office, "convener", **second, replaces="yes").status_code == 302
    assert [one.valid_to for one in stored(records, ConvenerTerm)] == [day, day + 201 * DAY]
    page = office.get("/network").text
    for words in ("往任", "现任", "单位U2", "人工修改记录", "新增了 轮值召集人 单位U2"):
        assert words in page
    edit = office.get("/network/convener/edit").text
    assert f'value="{day + 201 * DAY}"' in edit


def test_a_wrong_day_is_told_at_its_field(day, signed_in):
    office = signed_in("town_office", area_code=TOWN)
    refused = post(office, "convener", unit="U1", since=f"{day}", last=f"{day - DAY}")
    assert refused.status_code == 422
    assert 'id="wrong-last"' in refused.text
    refused = post(office, "membership", unit="没有这家")
    assert 'id="wrong-unit"' in refused.text
    assert 'value="没有这家"' in refused.text


def test_a_unit_joins_and_leaves(day, records, signed_in):
    office = signed_in("town_office", area_code=TOWN)
    assert post(office, "membership", unit="单位U3", since=f"{day - DAY}").status_code == 302
    made = stored(records, Membership)[-1]
    form = office.get(f"/network/membership/edit?level=town&area={TOWN}&id={made.id}").text
    assert "单位U3" in form
    assert post(office, "membership", "end", id=made.id).status_code == 422
    assert post(office, "membership", "end", id=made.id, last_day=f"{day}").status_code == 302
    assert stored(records, Membership)[-1].valid_to == day + DAY
    assert office.get(f"/network/membership/edit?level=town&area={TOWN}&id=999999").status_code == 404


def test_a_seat_is_given_changed_and_taken_back(day, records, signed_in):
    office = signed_in("town_office", area_code=TOWN)
    seat = {"body": "joint_conference", "unit": "U1", "since": f"{day - DAY}"}
    assert post(office, "seat", position="member", **seat).status_code == 302
    made = stored(records, ConferenceSeat)[0]
    form = office.get(f"/network/seat/edit?level=town&area={TOWN}&id={made.id}").text
    assert 'name="unit" value="U1"' in form
    assert post(office, "seat", position="chair", id=made.id, **seat | {"since": f"{day}"}).status_code == 302
    assert [(one.position, one.valid_to) for one in stored(records, ConferenceSeat)] == [
        ("member", day),
        ("chair", None),
    ]
    refused = post(office, "seat", position="chair", **seat | {"unit": "U2", "since": f"{day}"})
    assert refused.status_code == 422
    assert "单位U1" in refused.text
    last = stored(records, ConferenceSeat)[-1].id
    assert post(office, "seat", "end", id=last, last_day=f"{day - DAY}").status_code == 302
    assert len(stored(records, ConferenceSeat)) == 1


def test_a_contact_is_added_changed_and_removed(day, records, signed_in):
    office = signed_in("town_office", area_code=TOWN)
    told = {"topic": "停车管理", "role": "停车岗", "phone": "000-1", "hours": "24/7"}
    assert post(office, "contact", **told).status_code == 302
    made = stored(records, AreaContact)[-1]
    refused = post(office, "contact", id=made.id, **told | {"hours": "白天", "phone": "000-2"})
    assert refused.status_code == 422
    assert 'value="000-2"' in refused.text
    assert 'id="wrong-hours"' in refused.text
    assert post(office, "contact", id=made.id, **told | {"phone": "000-2"}).status_code == 302
    assert stored(records, AreaContact)[-1].phone == "000-2"
    assert "000-1 → 000-2" in office.get("/network").text
    assert post(office, "contact", "end", id=made.id).status_code == 302
    assert len(stored(records, AreaContact)) == 3


def test_a_pilot_is_switched_on_and_off(day, records, signed_in):
    office = signed_in("town_office", area_code=TOWN)
    where = {"level": "village", "area": VILLAGE}
    assert post(office, "pilot", **where, note="议事规则", since=f"{day}").status_code == 302
    made = stored(records, PilotArea)[0]
    assert "★ 试点" in office.get(f"/network?area={VILLAGE}").text
    assert post(office, "pilot", "end", **where, id=made.id, last_day=f"{day - DAY}").status_code == 302
    assert stored(records, PilotArea) == []


@pytest.mark.parametrize("what", ["membership", "convener", "seat", "contact", "pilot"])
@pytest.mark.parametrize("lang", ["zh_Hans", "en"])
def test_every_form_opens_in_both_languages(day, signed_in, what, lang):
    office = signed_in("district")
    for level, code in (("district", DISTRICT), ("town", TOWN), ("village", VILLAGE)):
        answer = office.get(f"/network/{what}/edit?level={level}&area={code}&lang={lang}")
        assert answer.status_code == 200
        assert ("保存" in answer.text) == (lang == "zh_Hans")


def test_the_answer_about_a_place_says_whom_to_call(client, day, signed_in):
    lon, lat = at(0.5, 0.5)
    address = f"/where?lon={lon}&lat={lat}"
    json = {"Accept": "application/json"}
    told = client.get(address, headers=json).get_json()["contacts"]
    assert [(one["level"], one["area"], one["role"], one["phone"], one["is_open"]) for one in told] == [
        ("village", "一村", "村岗", None, True),
        ("town", "西镇", "镇岗", None, True),
        ("district", "试验区", "区岗", None, True),
    ]
    assert "村岗" in client.get(address, headers={"Accept": "text/html"}).text
    officer = signed_in("officer")
    assert [one["phone"] for one in officer.get(address, headers=json).get_json()["contacts"]] == [
        "000-village",
        "000-town",
        "000-district",
    ]
    assert "tel:000-village" in officer.get(address, headers={"Accept": "text/html"}).text
    outside = client.get("/where?lon=10&lat=10", headers=json).get_json()
    assert outside["contacts"] == []


def test_a_unit_tells_its_part_in_each_network(client, day, records):
    with records() as session:
        unit = session.scalars(select(ConvenerTerm)).first()
        assert unit is None
        member = session.scalars(select(Membership).where(Membership.area_code == TOWN)).first()
        session.add(ConvenerTerm(level="town", area_code=TOWN, unit_id=member.unit_id, valid_from=day - DAY))
        session.add(
            ConferenceSeat(level="district", area_code=DISTRICT, body="joint_conference", unit_id=member.unit_id)
        )
    page = client.get("/units/U1").text
    for words in ("西镇", "长期", "轮值召集人", f"{day - DAY} 起", "联席会议：成员单位"):
        assert words in page
