"""A district with a ticket in each of two towns and somebody of every role, to ask who is told what."""

from datetime import UTC, date, datetime
from typing import NamedTuple

from databases import marks_of
from makers import SOUTH, WEST, add_areas, add_block, add_unit, at

from geodata.models import (
    AreaContact,
    Base,
    Demand,
    DutyGrid,
    DutyGridCell,
    GeocodeResult,
    GridCell,
    Membership,
    Photo,
    Pledge,
    Project,
    Region,
    Resource,
    ResponsibilityPoint,
    ServiceTeam,
)
from geodata.services import meetings, resolutions, whistle
from geodata.services.history import append
from geodata.services.meetings import MeetingDraft
from geodata.services.resolutions import ResolutionDraft
from geodata.services.tickets import Position, open_ticket
from geodata.services.users import add_user
from geodata.services.whistle import CallDraft, Invited

OWN_TOWN, OTHER_TOWN, DISTRICT = "310112101000", "310112102000", "310112"
BOTH_TOWNS = (OWN_TOWN, OTHER_TOWN)
ROLES = ("visitor", "viewer", "officer", "unit", "town_office", "planner", "district", "admin")
# those who do not see the whole district
NARROW = ("viewer", "officer", "unit", "town_office")
PASSWORD = "a long password"


# Numbers that no viewer may ever read, one for each place where somebody could have written one.
CANARIES = {
    "member_unit.liaison_role": "联络岗甲",
    "member_unit.liaison_phone": "021-5550-7001",
    "service_team.contact_role": "队值班乙",
    "service_team.contact_phone": "021-5550-7002",
    "area_contact.phone": "021-5550-7007",
    "ticket.title": "13800007003",
    "ticket.address": "138 0000 7004",
    "ticket.description": "13800007005",
    "ticket_event.facts": "13800007006",
    "meeting.agenda": "13800007007",
    "meeting.minutes": "13800007008",
    "resolution.words": "13800007009",
    "whistle_call.reason": "13800007010",
    "whistle_call.minutes": "13800007011",
}


class World(NamedTuple):
    """The application on a district with a ticket in each of two towns and one nowhere."""

    app: object
    engine: object
    keeper: object
    numbers: dict
    cookies: dict

    def ask(self, role, method, address, form=None, **how):
        """One request by somebody of a role, whatever they did before."""
        address = self._with_numbers(address)
        browser = self.app.test_client()
        if role in self.cookies:
            browser.set_cookie("wangge", self.cookies[role])
        form = {name: self._with_numbers(value) for name, value in (form or {}).items()}
        sent = {"json": form} if form and address.startswith("/api/v1/") else {"data": form or None}
        return browser.open(address, method=method, buffered=True, **sent, **how)

    def _with_numbers(self, text):
        if isinstance(text, list):
            return [self._with_numbers(one) for one in text]
        if not isinstance(text, str):
            return text
        for name, number in self.numbers.items():
            text = text.replace(name, number)
        return text

    def get(self, role, address, **how):
        return self.ask(role, "GET", address, **how)

    def stored(self):
        """How many rows each table has, and which transaction wrote last."""
        return marks_of(self.keeper, sorted(Base.metadata.tables))


def fill_cooperation(session, units):
    """What units of the two towns do together, one of each in either town."""
    for code, town in (("J1", OWN_TOWN), ("J2", OTHER_TOWN)):
        session.add(Project(code=code, name=f"项目{code}", joint="governance", level="town", area_code=town))
    for code, unit in (("L1", units["U1"]), ("L2", units["U2"])):
        session.add(Pledge(code=code, unit_id=unit.id, name="门前三包", valid_from=date(2020, 1, 1)))
    for n, unit, village in ((1, "U1", "310112101001"), (2, "U2", "310112102001")):
        session.add(Resource(code=f"S{n}", name=f"资源{n}", unit_id=units[unit].id))
        asked = {"kind_code": "free_clinic", "level": "village", "area_code": village, "posted_by": "somebody"}
        session.add(Demand(code=f"D{n}", name=f"需求{n}", **asked))


def fill(session):
    """Store it; returns numbers of tickets: OWN in the west, OTHER in the east, NOWHERE without a place."""
    add_areas(session)
    for code, west in (("310112101001C1", 0), ("310112102001C1", 3)):
        corner = f"{WEST + west / 100} {SOUTH}"
        ring = f"{corner}, {WEST + west / 100 + 0.01} {SOUTH}, {WEST + west / 100 + 0.01} {SOUTH + 0.02}, {corner}"
        session.add(GridCell(code=code, town_code=f"{code[:9]}000", geom=f"SRID=4326;MULTIPOLYGON((({ring})))"))
    contacts = {
        "liaison_role": CANARIES["member_unit.liaison_role"],
        "liaison_phone": CANARIES["member_unit.liaison_phone"],
    }
    for level, code in (("town", OWN_TOWN), ("district", DISTRICT)):
        phone = CANARIES["area_contact.phone"]
        session.add(AreaContact(level=level, area_code=code, topic="综合协调", role="值班岗", phone=phone))
    units = {}
    for code, east, town in (("U1", 0.6, OWN_TOWN), ("U2", 3.4, OTHER_TOWN)):
        units[code] = add_unit(session, code, east, 0.5, kind="market", town_code=town, **contacts)
        units[code].memberships = [
            Membership(level="town", area_code=town),
            Membership(level="district", area_code=DISTRICT),
        ]
    team = ServiceTeam(
        code="T1",
        name="一队",
        town_code=OWN_TOWN,
        contact_role=CANARIES["service_team.contact_role"],
        contact_phone=CANARIES["service_team.contact_phone"],
    )
    session.add_all([team, ServiceTeam(code="T2", name="二队", town_code=OTHER_TOWN)])
    session.flush()
    first = add_block(session, "B1", 0, 0, 1, 2, units["U1"])
    first.team_id, first.town_code = team.id, OWN_TOWN
    add_block(session, "B2", 3, 0, 4, 2).town_code = OTHER_TOWN
    session.add_all(
        [Region(code="R1", name="一片", town_code=OWN_TOWN), Region(code="R2", name="二片", town_code=OTHER_TOWN)]
    )
    grid = DutyGrid(scheme="s", code="D1", name="一格", town_code=OWN_TOWN, post="岗一")
    session.add(grid)
    session.flush()
    session.add(DutyGridCell(duty_grid_id=grid.id, cell_code="310112101001C1"))
    for code, town in (("W1", OWN_TOWN), ("W2", OTHER_TOWN)):
        session.add(ResponsibilityPoint(code=code, name="待核对", address="某处"))
        why = {"reasons": [], "parsed": {"town_code": town}}
        session.add(GeocodeResult(target_kind="points", target_code=code, text="某处", status="review", why=why))
    fill_cooperation(session, units)
    numbers = {}
    for name, east, unit in (("OWN", 0.5, "U1"), ("OTHER", 3.5, "U2"), ("NOWHERE", None, None)):
        made = open_ticket(
            session,
            category="0501",
            title=f"占道{name}请打{CANARIES['ticket.title']}",
            actor="somebody",
            position=None if east is None else Position(*at(east, 0.5), "wgs84"),
            address=f"东川路，电话{CANARIES['ticket.address']}",
            description=f"联系{CANARIES['ticket.description']}",
            assign_now=False,
        )
        if unit:
            made.cell_code, made.state = f"{made.village_code or '310112102001'}C1", "dispatched"
            made.unit_id, made.office_code = units[unit].id, None
        append(
            session,
            made,
            "note",
            actor="somebody",
            from_state=made.state,
            facts={"reason": f"回电{CANARIES['ticket_event.facts']}"},
        )
        numbers[name] = made.number
        if unit:
            pixels = {"width": 1, "height": 1, "sha256": "0" * 64, "content": b"large", "thumbnail": b"small"}
            session.add(Photo(ticket_id=made.id, seq=1, kind="report", actor="somebody", **pixels))
            session.flush()
    _hold_meetings(session)
    _blow_whistles(session)
    return numbers


def _hold_meetings(session):
    """A conference in each town with one resolution."""
    for town in BOTH_TOWNS:
        draft = MeetingDraft(
            "联席会议",
            "joint_conference",
            "town",
            town,
            datetime(2026, 3, 5, 6, tzinfo=UTC),
            agenda=f"请打{CANARIES['meeting.agenda']}",
        )
        made = meetings.plan(session, draft, actor="somebody")
        minutes = f"联系{CANARIES['meeting.minutes']}"
        meetings.hold(session, made.code, came=[], minutes=minutes, actor="somebody")
        words = ResolutionDraft(f"回电{CANARIES['resolution.words']}")
        resolutions.resolve(session, made, words, actor="somebody")


def _blow_whistles(session):
    """A call in each town to its unit and its office."""
    nine = datetime(2026, 3, 5, 1, tzinfo=UTC)
    for unit, east, town in (("U1", 0.5, OWN_TOWN), ("U2", 3.5, OTHER_TOWN)):
        draft = CallDraft(
            level="town",
            area_code=town,
            reason=f"后巷，电话{CANARIES['whistle_call.reason']}",
            meet_at=nine,
            place=at(east, 0.5),
            invited=(Invited(unit=unit), Invited(office=town)),
        )
        made = whistle.call(session, draft, actor="somebody", at=nine)
        made.minutes = f"联系{CANARIES['whistle_call.minutes']}"


# What beside the role each of them works for; nobody else has an area.
WORK = {
    "viewer": {"area_code": OWN_TOWN},
    "officer": {"duty_grids": ["D1"]},
    "unit": {"unit": "U1"},
    "town_office": {"area_code": OWN_TOWN},
}


def add_people(session):
    """Somebody of each role, named so, and a viewer of the whole district, `reader`; returns the names."""
    for role in ROLES[1:]:
        add_user(session, role, password=PASSWORD, role=role, **WORK.get(role, {}))
    add_user(session, "reader", password=PASSWORD, role="viewer")
    return (*ROLES[1:], "reader")


def fill_with_everybody(session):
    """Store it with its people; returns numbers of tickets."""
    numbers = fill(session)
    add_people(session)
    return numbers
