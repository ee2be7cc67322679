"""What a poster tells: figures, lists and ground of one area, and nothing to those who may not read it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from makers import add_areas, add_block, add_point, add_unit
from sqlalchemy import select, text, update

from geodata.errors import NoBoundary, NotFound
from geodata.models import (
    ConvenerTerm,
    Demand,
    DutyRule,
    Meeting,
    Membership,
    MemberUnit,
    Pledge,
    PledgeKept,
    Project,
    Resource,
    ResponsibilityBlock,
    ResponsibilityPoint,
    ServiceTeam,
    Ticket,
)
from geodata.queries.posters import Clip, area_codes
from geodata.queries.scope import ALL, NOTHING, Scope
from geodata.services.grids import make_grid
from geodata.services.posters import ground, poster
from geodata.services.stamps import restamp

TOWN, OTHER_TOWN, VILLAGE = "310112101000", "310112102000", "310112101001"
EVERYTHING = {"scope": ALL, "with_phones": True}


@pytest.fixture
def place(session):
    """Two towns, a unit and a point in each half of the western one, a team, and three tickets."""
    add_areas(session)
    holder = add_unit(session, "U1", 0.5, 1.0, liaison_role="办公室", liaison_phone="000-1")
    holder.memberships = [Membership(level="town", area_code=TOWN)]
    add_unit(session, "U2", 1.5, 1.0)
    add_unit(session, "U3", is_active=False, east=0.6, north=0.6)
    nowhere = add_unit(session, "U4")
    nowhere.memberships = [Membership(level="village", area_code=VILLAGE)]
    add_point(session, "P1", 0.5, 0.5, holder)
    add_point(session, "P2", 0.5, 1.5)
    team = ServiceTeam(code="T1", name="一队", town_code=TOWN, contact_role="值班", contact_phone="000-2")
    session.add(team)
    session.flush()
    add_block(session, "B1", 0, 0, 1, 2, holder).team_id = team.id
    now = datetime.now(UTC)
    session.add_all(
        Ticket(
            number=number,
            source="patrol",
            category_code="0102",
            title="垃圾",
            state=state,
            reported_at=now,
            due_at=due,
            town_code=TOWN,
            village_code=VILLAGE,
        )
        for number, state, due in (
            ("1", "reported", None),
            ("2", "handling", now - timedelta(hours=1)),
            ("3", "closed", None),
        )
    )
    session.flush()
    restamp(session)
    return session


def clip_of(found, step_m=1.0):
    return Clip(*found.shape.bounds, step_m)


def test_a_town_counts_what_lies_in_it(place):
    found = poster(place, TOWN, **EVERYTHING)
    assert (found.area.name, found.towns, found.villages) == ("西镇", 0, 2)
    assert [unit.code for unit in found.units] == ["U1", "U2"]
    assert [(point.code, point.holder_name) for point in found.points] == [("P2", None), ("P1", "单位U1")]
    assert found.tickets is not None
    assert [(row.state, row.number, row.late) for row in found.tickets] == [("handling", 1, 1), ("reported", 1, 0)]


def test_the_district_counts_everything_and_a_village_its_own(place):
    district, village = (poster(place, code, **EVERYTHING) for code in ("310112", VILLAGE))
    assert (district.towns, district.villages, len(district.units)) == (2, 3, 3)
    # a unit whose place nobody knows belongs where it is a member
    assert [(unit.code, unit.x is None) for unit in village.units] == [("U1", False), ("U4", True)]
    assert [area.name for area in district.without] == ["东镇"]
    # the third village has no boundary: that it has no unit is more than anybody knows
    assert (district.unjudged["village"], village.unjudged["village"]) == (1, 0)
    assert village.without == []


def test_cells_are_counted_and_drawn_where_asked_for(place):
    make_grid(place, size_m=500)
    found = poster(place, VILLAGE, **EVERYTHING)
    shown = ground(place, found, clip_of(found, 0.01), zoom=15, least_m2=1.0, with_cells=True)
    assert found.cells == len(shown.cells) > 3
    assert ground(place, found, clip_of(found), zoom=15, least_m2=1.0).cells == []


def test_the_share_and_the_gaps_are_those_of_the_districts_own_radius(place):
    found = poster(place, TOWN, **EVERYTHING)
    assert found.reach is not None
    assert found.reach.radius_m == 500.0
    assert 0.0 < found.reach.share < 1.0
    shown = ground(place, found, clip_of(found), zoom=15, least_m2=1.0)
    assert sum(gap.area_m2 for gap in shown.gaps) == pytest.approx(found.reach.gap_m2, rel=1e-3)
    assert sum(gap.shape.area for gap in shown.gaps) == pytest.approx(found.reach.gap_m2, rel=1e-2)


def test_a_village_without_a_unit_has_only_its_own_gap(place):
    found = poster(place, "310112101002", **EVERYTHING)
    shown = ground(place, found, clip_of(found), zoom=15, least_m2=1.0)
    assert all(found.shape.buffer(1.0).covers(gap.shape) for gap in shown.gaps)


def test_contacts_are_roles_first_those_of_the_ground(place):
    town, village = (poster(place, code, **EVERYTHING) for code in (TOWN, VILLAGE))
    assert town.contacts == [("一队", "值班", "000-2"), ("单位U1", "办公室", "000-1")]
    assert village.contacts == [("一队", "值班", "000-2")]
    # the block only meets the eastern village's border
    assert poster(place, "310112101002", **EVERYTHING).contacts == []


def test_who_may_not_read_them_gets_neither_tickets_nor_contacts(place):
    found = poster(place, TOWN, scope=NOTHING, with_phones=False)
    assert found.tickets is None
    assert found.contacts == [("一队", None, None), ("单位U1", None, None)]


@pytest.mark.parametrize(
    ("scope", "told"),
    [
        pytest.param(ALL, [True, True, True], id="all"),
        pytest.param(Scope(towns=(TOWN,)), [False, True, True], id="the town's office"),
        pytest.param(Scope(towns=("310112102000",)), [False, False, False], id="another town's office"),
        pytest.param(Scope(towns=(TOWN,), villages=(VILLAGE,)), [False, False, True], id="the village's viewer"),
        pytest.param(Scope(towns=(TOWN,), duty_grids=(1,)), [False, False, False], id="an officer of some grids"),
        pytest.param(Scope(towns=(), unit_id=1), [False, False, False], id="a unit"),
    ],
)
def test_tickets_are_told_of_an_area_only_to_whoever_sees_all_of_them(place, scope, told):
    found = [poster(place, code, scope=scope, with_phones=False).tickets for code in ("310112", TOWN, VILLAGE)]
    assert [tickets is not None for tickets in found] == told


def test_the_duty_list_of_the_town_says_who_handles_what(place):
    place.add(DutyRule(category_code="0102", unit_kind="bank", role="handle", town_code=TOWN))
    place.flush()
    first = poster(place, VILLAGE, **EVERYTHING).duties[0]
    # the kind of issue that comes up most is told first
    assert first.name_zh == "暴露垃圾"
    assert "金融机构" in first.kinds_zh
    assert "金融机构" not in poster(place, OTHER_TOWN, **EVERYTHING).duties[0].kinds_zh


def test_an_unknown_code_and_an_area_without_boundary_are_refused(place):
    with pytest.raises(NotFound):
        poster(place, "999999", **EVERYTHING)
    with pytest.raises(NoBoundary):
        poster(place, "310112102001", **EVERYTHING)


def test_an_area_that_has_ended_is_not_there(place):
    place.execute(text("UPDATE area SET valid_to = CURRENT_DATE WHERE code = :code"), {"code": VILLAGE})
    with pytest.raises(NotFound):
        poster(place, VILLAGE, **EVERYTHING)
    assert VILLAGE not in area_codes(place)


def test_codes_stand_from_the_district_down(place):
    assert area_codes(place)[:3] == ["310112", TOWN, OTHER_TOWN]


# -- done together ---------------------------------------------------------------------------------------


@pytest.fixture
def together(place):
    """Projects, demands, a kept pledge, roles at holders and meetings, of the western town and its first village."""
    unit = place.scalars(select(MemberUnit).where(MemberUnit.code == "U1")).one()
    ticket = place.scalars(select(Ticket).where(Ticket.number == "3")).one()
    now, town, village = datetime.now(UTC), {"level": "town", "area_code": TOWN}, VILLAGE
    of_village = {"level": "village", "area_code": village}
    pledge = Pledge(code="L1", name="门前三包", unit_id=unit.id, valid_from=date(2020, 1, 1))
    place.add_all(
        [
            pledge,
            ConvenerTerm(unit_id=unit.id, valid_from=date(2020, 1, 1), **town),
            *(
                Project(code=f"J{n}", name="项目", joint="welfare", stage=stage, **town)
                for n, stage in enumerate(("running", "done", "proposed"))
            ),
            *(
                Demand(code=f"D{n}", name="需求", kind_code="free_clinic", posted_by="x", state=state, **of_village)
                for n, state in enumerate(("open", "met", "met"))
            ),
            Resource(code="S1", name="会议室", unit_id=unit.id),
            *(
                Meeting(code=f"M{n}", name=name, body=body, held_at=now + timedelta(days=days), state=state, **of)
                for n, (name, body, days, state, of) in enumerate(
                    [
                        ("上次", "congress", -3, "held", town),
                        ("取消", "congress", 1, "cancelled", town),
                        ("下次", "congress", 5, "planned", town),
                        ("再下次", "congress", 9, "planned", town),
                        ("本村", "village_meeting", 2, "planned", of_village),
                    ]
                )
            ),
        ]
    )
    place.flush()
    place.add(PledgeKept(pledge_id=pledge.id, ticket_id=ticket.id, event_seq=1))
    for model, role in ((ResponsibilityPoint, "安全岗"), (ResponsibilityBlock, "综合科")):
        place.execute(update(model).values(holder_role=role, town_code=TOWN))
    place.flush()
    return place


def test_a_poster_tells_what_units_of_its_town_do_together(together):
    found = poster(together, TOWN, **EVERYTHING, with_meetings=True).together
    assert (found.convener, found.projects, found.running, found.done) == ("单位U1", 3, 1, 1)
    assert (found.resources, found.pledges, found.kept) == (1, 1, 1)
    assert (found.demands_open, found.demands_met) == (1, 2)
    assert found.meeting.name == "下次"
    assert [(one.role, one.number) for one in found.roles] == [("安全岗", 2), ("综合科", 1)]


def test_a_village_has_its_own_next_meeting_and_another_town_nothing(together):
    found = poster(together, VILLAGE, **EVERYTHING, with_meetings=True).together
    assert (found.meeting.name, found.convener, found.projects, found.demands_met) == ("本村", None, 0, 2)
    other = poster(together, OTHER_TOWN, **EVERYTHING, with_meetings=True).together
    assert (other.meeting, other.roles, other.kept, other.demands_open) == (None, [], 0, 0)


def test_the_next_meeting_is_for_those_who_may_read_meetings(together):
    assert poster(together, TOWN, scope=NOTHING, with_phones=False).together.meeting is None
