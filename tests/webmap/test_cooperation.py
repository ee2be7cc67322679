"""Co-governance at a glance: the figures of each record, of the district and of a town, and where each leads."""

import re

import pytest
from makers import add_areas, add_unit

from geodata.models import (
    ConvenerTerm,
    Demand,
    Meeting,
    Membership,
    MemberUnit,
    Pledge,
    Project,
    Resolution,
    ResponsibilityPoint,
)
from geodata.models.base import OPEN_START
from geodata.services.stamps import stamp

TOWN, OTHER, VILLAGE = "310112101000", "310112102000", "310112101001"


@pytest.fixture
def district(records):
    """A unit of all three levels in the western town, with one of each record."""
    with records() as session:
        add_areas(session)
        unit = add_unit(session, "U1", 0.5, 0.5, name="医院")
        unit.memberships = [
            Membership(level="district", area_code="310112"),
            Membership(level="town", area_code=TOWN),
            Membership(level="village", area_code=VILLAGE),
        ]
        stamp(session, MemberUnit)
        session.add(ConvenerTerm(level="town", area_code=TOWN, unit_id=unit.id, valid_from=OPEN_START))
        session.add(ResponsibilityPoint(code="P1", name="一点", town_code=TOWN))
        asked = {"kind_code": "free_clinic", "level": "village", "area_code": VILLAGE, "posted_by": "x"}
        session.add(Demand(code="D1", name="义诊", **asked))
        session.add(Pledge(code="L1", name="门前三包", unit_id=unit.id))
        for code, stage in (("J1", "running"), ("J2", "done")):
            session.add(Project(code=code, name=code, joint="welfare", level="town", area_code=TOWN, stage=stage))
        meeting = Meeting(
            code="M1",
            name="联席会议",
            body="joint_conference",
            level="town",
            area_code=TOWN,
            held_at="2026-03-05T06:00:00+00:00",
            state="held",
        )
        session.add(meeting)
        session.flush()
        session.add(Resolution(meeting_id=meeting.id, seq=1, words="立项", target_kind="project", target_code="J1"))
        session.add(Resolution(meeting_id=meeting.id, seq=2, words="已完成", target_kind="project", target_code="J2"))


def figures(page):
    """What stands beside each figure's words."""
    found = re.findall(r"<dt>(.*?)</dt><dd class=\"number\">(.*?)</dd>", page)
    return dict(found)


def test_each_record_is_counted(client, district):
    page = client.get("/cooperation").text
    told = figures(page)
    assert (told["待对接需求"], told["有效承诺"], told["轮值召集单位"]) == ("1", "1", "1")
    assert (told["实施中项目"], told["已完成项目"]) == ("1", "1")
    # the other one became a project that is done
    assert told["未办结议定事项"] == "1"
    assert "进行中 1，已完成 1" in page
    assert "处无人负责的区块和责任点" in page


def test_a_town_has_its_own_figures_alone(client, district):
    assert figures(client.get(f"/cooperation?town={TOWN}").text)["待对接需求"] == "1"
    told = figures(client.get(f"/cooperation?town={OTHER}").text)
    assert {told[words] for words in ("待对接需求", "有效承诺", "轮值召集单位", "未办结议定事项")} == {"0"}


def test_an_unknown_town_is_refused(client, district):
    assert client.get("/cooperation?town=1").status_code == 400


def test_a_district_without_anything_has_a_page(client):
    assert client.get("/cooperation").status_code == 200


def test_every_page_that_it_names_is_there(signed_in, district):
    centre = signed_in("district")
    page = centre.get("/cooperation").text
    addresses = set(re.findall(r'href="(/[a-z][^"#]*)"', page[page.index("<main") :]))
    assert len(addresses) >= 20
    assert {address: code for address in addresses if (code := centre.get(address).status_code) != 200} == {}


def test_what_was_resolved_says_so_where_it_is_worked(signed_in, client, district):
    assert 'href="/meetings/M1#r1"' in signed_in("district").get("/projects/J1").text
    # meetings are for those who sign in
    assert "/meetings/M1" not in client.get("/projects/J1").text
