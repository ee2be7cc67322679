"""The page of the duty roster."""

from datetime import date, time

import pytest
from makers import add_areas, add_unit

from geodata.models import RosterTurn, ServiceTeam, SharedService

TOWN, OTHER, FAR = "310112101000", "310112102000", "310112102001"
FORM = {"service": "team:T1", "unit": "U1", "day": "2026-03-02", "opens": "08:30", "closes": "17:00", "weeks": "2"}


@pytest.fixture
def teams(records):
    """A team in each town and a unit."""
    with records() as session:
        add_areas(session)
        add_unit(session, "U1", name="医院", town_code=TOWN)
        session.add_all(
            [
                ServiceTeam(code="T1", name="一队", town_code=TOWN, contact_phone="000-5551-0001"),
                ServiceTeam(code="T2", name="二队", town_code=OTHER),
            ]
        )


def test_an_office_puts_a_unit_on_duty_and_takes_it_off(signed_in, records, teams):
    office = signed_in("town_office", area_code=TOWN)
    assert office.post("/roster", data=FORM).location.endswith("day=2026-03-02")
    page = office.get("/roster?day=2026-03-04").text
    assert page.count("医院") == 1
    with records() as session:
        turns = session.query(RosterTurn).order_by(RosterTurn.day).all()
        assert [str(turn.day) for turn in turns] == ["2026-03-02", "2026-03-09"]
        first = turns[0].id
    assert office.post(f"/roster/turns/{first}/remove").status_code == 302
    assert "医院" not in office.get("/roster?day=2026-03-04").text


def test_an_office_leaves_the_teams_of_others_alone(signed_in, records, teams):
    office = signed_in("town_office", area_code=TOWN)
    assert office.post("/roster", data=FORM | {"service": "team:T2"}).status_code == 403
    assert office.post("/roster/team/T2/share", data={"areas": f"village:{FAR}"}).status_code == 403
    with records() as session:
        assert session.query(RosterTurn).count() == 0


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"closes": "08:00"}, "closes"),
        ({"day": ""}, "day"),
        ({"day": "2026-02-30"}, "day"),
        ({"opens": "25:00"}, "opens"),
        ({"weeks": "999"}, "weeks"),
        ({"unit": "", "role": ""}, "unit"),
        ({"service": "planet:T1"}, "service"),
        ({"role": "岗" * 61}, "role"),
    ],
)
def test_a_refused_form_comes_back_as_it_was_typed(signed_in, teams, changed, field):
    answer = signed_in("town_office", area_code=TOWN).post("/roster", data=FORM | changed)
    assert answer.status_code == 422
    assert f'id="wrong-{field}"' in answer.text


def test_a_time_that_is_taken_is_told_with_what_takes_it(signed_in, teams):
    office = signed_in("town_office", area_code=TOWN)
    office.post("/roster", data=FORM)
    answer = office.post("/roster", data=FORM | {"opens": "16:00", "closes": "18:00"})
    assert answer.status_code == 422
    assert "2026-03-02 08:30–17:00" in answer.text


def test_areas_share_a_team(signed_in, records, teams):
    office = signed_in("town_office", area_code=TOWN)
    assert office.post("/roster/team/T1/share", data={"areas": [f"village:{FAR}", f"town:{OTHER}"]}).status_code == 302
    assert office.post("/roster/team/T1/share", data={"areas": "village"}).status_code == 404
    with records() as session:
        assert session.query(SharedService).count() == 2
    assert "三村" in office.get("/roster/team/T1").text


@pytest.mark.parametrize(
    ("address", "status"), [("/roster?day=never", 400), ("/roster?town=1", 400), ("/roster/team/X", 404)]
)
def test_what_cannot_be_asked_is_refused(client, teams, address, status):
    assert client.get(address).status_code == status


def test_a_visitor_reads_no_telephone(client, signed_in, teams):
    signed_in("district").post("/roster", data=FORM)
    assert "000-5551" not in client.get("/roster?day=2026-03-02").text


def test_a_large_town_is_read_page_by_page_and_who_has_no_roster_is_a_short_list(signed_in, records, teams):
    with records() as session:
        for number in range(10, 30):
            session.add(ServiceTeam(code=f"T{number}", name=f"第{number}队", town_code=TOWN))
            if number < 27:
                turn = {"of_kind": "team", "of_code": f"T{number}", "day": date(2026, 3, 2), "role": "值班岗"}
                session.add(RosterTurn(**turn, opens=time(8, 30), closes=time(17)))
    reader = signed_in("viewer")
    where = f"/roster?day=2026-03-04&town={TOWN}"
    first, second = reader.get(where).text, reader.get(f"{where}&page=2").text
    assert (first.count("08:30–17:00"), second.count("08:30–17:00")) == (15, 2)
    assert "第 1 页，共 2 页" in first
    # 一队 and the last three, each once, and in no table
    assert "本周未排班 4 个" in first
    assert first.count("第29队") == 1
    assert 'class=" free"' in first
    points = reader.get(f"{where}&kind=point").text
    assert "08:30–17:00" not in points
    assert reader.get(f"{where}&kind=planet").status_code == 400
