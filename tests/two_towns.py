"""A district with a ticket in each of two towns and somebody of every role, to ask who is told what."""

import math
import re
from datetime import UTC, date, datetime
from typing import NamedTuple

from makers import SOUTH, WEST, add_areas, add_block, add_unit, at
from sqlalchemy import text

from geodata.db import session_on
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
ROLES = ("visitor", "viewer", "officer", "unit", "town_office", "planner", "district", "admin")
# those who do not see the whole district
NARROW = ("viewer", "officer", "unit", "town_office")
PASSWORD = "a long password"


def tile_here(z):
    lon, lat = at(1, 1)
    x = int((lon + 180) / 360 * 2**z)
    y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z)
    return {"z": str(z), "x": str(x), "y": str(y)}


OPEN311, EITHER_FORM = "/open311/v2", "<any(xml, json):encoding>"
EDITABLE = "<any(towns, villages, grid_cells, blocks, points):collection_id>"

# What stands for the parts of an address: one for both, or (own, another town's).
PARTS = {
    "filename": "css/tokens.css",
    "code": {
        "/units/<code>": ("U1", "U2"),
        "/feeds/<any(district, town, village, cell):level>/<code>.<any(atom, rss):syntax>": (OWN_TOWN, OTHER_TOWN),
        "/units/<code>/work": ("U1", "U2"),
        **{f"/pledges/<code>{more}": ("L1", "L2") for more in ("", "/edit", "/end")},
        "/poster/<code>": (OWN_TOWN, OTHER_TOWN),
        "/roster/<any(team, point):of_kind>/<code>": ("T1", "T2"),
        "/roster/<any(team, point):of_kind>/<code>/share": ("T1", "T2"),
        "/evaluation/<any(unit, village, town):kind>/<code>": (OWN_TOWN, OTHER_TOWN),
        "/evaluation/published/<int:run_id>/<code>": OWN_TOWN,
        "/report-of/<code>": (OWN_TOWN, OTHER_TOWN),
        "/projects/<code>": ("J1", "J2"),
        "/projects/<code>/edit": ("J1", "J2"),
        "/projects/<code>/move": ("J1", "J2"),
        "/duty/<any(region, block, point, team):ground>/<code>": ("R1", "R2"),
        "/duty/<any(region, block, point, team):ground>/<code>/remove": ("R1", "R2"),
        **{f"/resources/<code>{rest}": ("S1", "S2") for rest in ("", "/edit", "/end")},
        **{
            f"/demands/<code>{rest}": ("D1", "D2")
            for rest in ("", "/edit", "/<any(withdraw, reopen):move>", "/accept", "/decline", "/propose")
        },
        **{
            f"/meetings/<code>{what}": ("M202603-001", "M202603-002")
            for what in ("", "/edit", "/cancel", "/hold", "/seats", "/resolutions")
        },
        **{
            f"/whistle/<code>{what}": ("W202603-001", "W202603-002")
            for what in ("", "/arrive", "/take-back", "/close", "/cancel", "/tasks")
        },
    },
    "move": "withdraw",
    # the first ones there are, in the order of `fill`
    "resolution_id": ("1", "2"),
    "becomes": "words",
    # those that can be changed, else
    "collection_id": {f"/ogc/collections/{EDITABLE}/items{rest}": "blocks" for rest in ("", "/<path:feature_id>")}
    | {"": "tickets"},
    "collection_ids": "towns,villages",
    "tile_matrix_set_id": "WebMercatorQuad",
    # of the tickets
    "feature_id": {f"/ogc/collections/{EDITABLE}/items/<path:feature_id>": ("B1", "B2"), "": ("OWN", "OTHER")},
    "id_": "an-id-that-nobody-has",
    "number": ("OWN", "OTHER"),
    "level": "town",
    "syntax": "atom",
    "category": "0102",
    "stage": "check",
    "form": "csv",
    "encoding": "json",
    "kind": {
        "/export/sheets/<kind>.<any(csv, xlsx):form>": "memberships",
        "/evaluation/<any(unit, village, town):kind>/<code>": "town",
        "/evaluation/<any(unit, village, town):kind>.csv": "town",
    },
    "run_id": "999999",
    "turn_id": "999999",
    "of_kind": "team",
    "ground": "region",
    "action": "accept",
    "what": "convener",
    "view_id": "999",
    # the first ones there are, in the order of `fill`
    "photo_id": ("1", "2"),
    # nobody's
    "file_id": "0" * 32,
    "notice_id": "999999",
    "webhook_id": "999999",
    "token": {
        **{f"/h/<token>{rest}": "AAAA.AAAA" for rest in ("", "/photos/<int(max=9223372036854775807):photo_id>.jpg")},
        "/h/<token>/<action>": "AAAA.AAAA",
        f"{OPEN311}/tokens/<token>.{EITHER_FORM}": ("OWN", "OTHER"),
    },
    "service_request_id": ("OWN", "OTHER"),
    "service_code": "0508",
    "link_id": "999999",
    "prefix": "aaaaaaaa",
    **tile_here(12),
}
BOTH_TOWNS = (OWN_TOWN, OTHER_TOWN)
NETWORK_PART = "<any(membership, convener, seat, contact, pilot):what>"
QUERIES = {
    "/registrations/edit": tuple(f"of_kind=town&of_code={town}" for town in BOTH_TOWNS),
    "/rules/<category>/edit": tuple(f"town={town}&code=1" for town in BOTH_TOWNS),
    "/rules/list/<category>/edit": tuple(f"town={town}" for town in BOTH_TOWNS),
    "/rules/limits/<stage>": tuple(f"town={town}" for town in BOTH_TOWNS),
    f"/network/{NETWORK_PART}/edit": tuple(f"level=town&area={town}" for town in BOTH_TOWNS),
    "/duty/<any(region, block, point, team):ground>/new": tuple(f"town={town}" for town in BOTH_TOWNS),
    "/pledges/new": ("unit=U1", "unit=U2"),
    f"{OPEN311}/location.{EITHER_FORM}": "lat=31.105&long=121.405&service_code=0501",
    f"{OPEN311}/services.{EITHER_FORM}": "lat=31.105&long=121.405&jurisdiction_id=310112&extensions=true",
    f"{OPEN311}/requests.{EITHER_FORM}": (
        "service_code=0501&status=open&page=1&page_size=10&bbox=121.4,31.1,121.5,31.2&extensions=true"
        "&start_date=&end_date=&jurisdiction_id=&limit=&offset=&max_requests="
    ),
    f"{OPEN311}/servicerequestupdates.{EITHER_FORM}": (
        "start_date=&end_date=&page=1&page_size=10&service_request_id=OWN"
    ),
    **dict.fromkeys(("/where", "/api/v1/where"), ("lon=121.405&lat=31.105", "lon=121.435&lat=31.105")),
    **dict.fromkeys(("/api/coverage/try", "/api/v1/coverage/trial"), "radius=500&closed=U1"),
    "/api/search": "q=%E5%8D%A0%E9%81%93",
    "/api/geocoding/ground": "lon=121.405&lat=31.105",
    "/api/geocoding/sure": "least=60",
    "/report": ("lon=121.405&lat=31.105", "lon=121.435&lat=31.105"),
    "/report/check": tuple(f"lon={lon}&lat=31.105&category=0501" for lon in ("121.405", "121.435")),
}
AREAS_OF_PROJECTS = (f"town:{OWN_TOWN}", f"town:{OTHER_TOWN}")
OF_RESOURCE = {"name": "会议室", "unit_code": ("U1", "U2")}
OF_DEMAND = {"name": "义诊", "kind": "free_clinic", "area": ("village:310112101001", "village:310112102001")}
BECOMES = ("ticket", "project", "demand", "state", "words")
FORMS = {
    "/roster": {
        "service": ("team:T1", "team:T2"),
        "role": "值班长",
        "day": "2026-03-02",
        "opens": "08:30",
        "closes": "17:00",
    },
    "/roster/<any(team, point):of_kind>/<code>/share": {"areas": "village:310112101001"},
    "/evaluation/weights": {"of": "unit", "in_time": "30"},
    "/evaluation/publish": {"of": "town", "period": "2015"},
    # without a file nothing comes of it, which shows all the same who is let in
    "/import": {"kind": "units"},
    "/import/<file_id>": {"datum": "wgs84"},
    "/import/<file_id>/run": {"version": "0" * 16},
    "/registrations/edit": {"of_kind": "town", "of_code": BOTH_TOWNS, "period": "2015", "members_total": "9"},
    "/district/figures": {"figure": "units_town", "period": "2015", "value": "218"},
    "/login": {"name": "admin", "password": PASSWORD},
    "/report": {"lon": "121.405", "lat": "31.105", "category": "0501", "title": "占道", "seen": "OWN"},
    "/api/geocoding/decide": {
        "kind": "points",
        "code": ("W1", "W2"),
        "choice": "nowhere",
        "key": ("the-key-of-a-decision", "the-key-of-another-one"),
    },
    # nobody's
    "/api/geocoding/undo": {"decision": "999999"},
    "/api/geocoding/accept": {"least": "60", "id": "999999", "key": "the-key-of-a-batch"},
    "/imports/<int:run_id>/undo": {"confirm": "yes", "keep_changed": "yes"},
    f"{OPEN311}/requests.{EITHER_FORM}": {
        "service_code": "2101",
        "lat": "31.105",
        "long": "121.405",
        "description": "群租",
        "jurisdiction_id": "",
        "attribute[PEOPLE]": "12",
        "attribute[SIGNS][]": "bunks",
        "address_string": "",
        "address_id": "",
        "service_object_type": "",
        "service_object_id": "",
        "media_url": "",
    },
    f"{OPEN311}/servicerequestupdates.{EITHER_FORM}": {
        "service_request_id": ("OWN", "OTHER"),
        "update_id": "u1",
        "status": "OPEN",
        "description": "说明",
        "updated_datetime": "2026-03-02T14:00:00+08:00",
        "media_url": "",
        "external_status_code": "",
    },
    "/api/v1/tickets": {"category": "0501", "lon": 121.405, "lat": 31.105, "unless_similar": True},
    # neither is done, which shows all the same who is let in
    "/api/v1/tickets/<number>/moves": {"action": "cancel"},
    "/api/v1/tickets/<number>/comments": {"text": " "},
    "/api/v1/tickets/<number>/assignment": {"unit": ("U1", "U2"), "reason": "x"},
    "/api/v1/assignments": {"town": BOTH_TOWNS, "dry_run": True},
    "/api/v1/geocode": {"addresses": ["东川路1号"]},
    "/api/v1/siting": {"count": 2, "radius_m": 500, "within": BOTH_TOWNS},
    "/report/follow": {"number": ("OWN", "OTHER")},
    "/intake": {
        "lon": "121.405",
        "lat": "31.105",
        "category": "0501",
        "title": "占道",
        "seen": "OWN",
        "source": "media",
    },
    f"/network/{NETWORK_PART}/edit": {"level": "town", "area": BOTH_TOWNS, "unit": ("U1", "U2"), "since": "2030-01-01"},
    # nobody's
    f"/network/{NETWORK_PART}/end": {"level": "town", "area": BOTH_TOWNS, "id": "999999", "last_day": "2030-01-01"},
    "/rules/<category>/edit": {"town": BOTH_TOWNS, "code": "1"},
    "/rules/<category>/end": {"town": BOTH_TOWNS, "code": "1", "since": "2000-01-01"},
    "/rules/copy": {"town": BOTH_TOWNS, "category": "0102"},
    "/rules/list/copy": {"town": BOTH_TOWNS, "category": "0102"},
    "/rules/list/<category>/edit": {"town": BOTH_TOWNS, "since": "2000-01-01"},
    "/rules/list/<category>/follow": {"town": BOTH_TOWNS},
    "/rules/limits/<stage>": {"town": BOTH_TOWNS, "amount": "0", "unit": "working_days"},
    "/rules/limits/<stage>/follow": {"town": BOTH_TOWNS},
    # of a version that nobody has, so that it is seen who is let in and nothing is changed
    "/duty/<any(region, block, point, team):ground>/<code>": {"name": "片区", "version": "0"},
    "/duty/<any(region, block, point, team):ground>/<code>/remove": {"version": "0"},
    "/duty/<any(region, block, point, team):ground>/new": {"town": BOTH_TOWNS},
    "/api/duty/check": {"town": BOTH_TOWNS, "kind": "block"},
    "/pledges/new": {"unit": ("U1", "U2"), "name": ""},
    "/pledges/<code>/edit": {"name": ""},
    "/pledges/<code>/end": {"valid_to": "1900-01-01"},
    **dict.fromkeys(("/resources/new", "/resources/<code>/edit"), OF_RESOURCE),
    **dict.fromkeys(("/demands/new", "/demands/<code>/edit"), OF_DEMAND),
    "/keys": {"name": "热线", "scope": "read", "days": "30"},
    "/subscribe": {"level": "town", "code": BOTH_TOWNS},
    "/mine/route": {"lon": "121.405", "lat": "31.105"},
    "/mine/visits": {"cell": "310112101001C1"},
    "/queue/move": {"number": "OWN", "action": "cancel"},
    "/queue/views": {"name": "要紧的"},
    # without a reason nothing comes of it, which shows all the same who is let in
    "/tickets/<number>/merge": {"into": "OWN"},
    "/assign": {"numbers": "OWN", "method": "greedy"},
    "/assign/selection": {"numbers": "OWN"},
    "/projects/new": {"name": "停车", "joint": "governance", "area": (f"town:{OWN_TOWN}", f"town:{OTHER_TOWN}")},
    "/projects/<code>/edit": {
        "name": "停车",
        "joint": "governance",
        "area": (f"town:{OWN_TOWN}", f"town:{OTHER_TOWN}"),
    },
    "/projects/<code>/move": {"to_stage": "agreed"},
    "/policy": {"town": OWN_TOWN, "max_distance_m": "900"},
    "/policy/try": {"town": OWN_TOWN, "max_distance_m": "900"},
    "/policy/end": {"town": OWN_TOWN},
    "/meetings": {
        "area": tuple(f"town:{town}" for town in BOTH_TOWNS),
        "body": "committee",
        "name": "例会",
        "held_at": "2026-03-09T09:00",
    },
    "/whistle": {
        "area": tuple(f"town:{town}" for town in BOTH_TOWNS),
        "reason": "后巷",
        "meet_at": "2026-03-09T09:00",
        "find": "121.405, 31.105",
        "who_1": "U1",
    },
    "/whistle/<code>/arrive": {"seq": "1"},
    "/whistle/<code>/take-back": {"seq": "1", "why": "误记"},
    "/whistle/<code>/close": {"minutes": "约定两件事"},
    "/whistle/<code>/cancel": {"reason": "改期"},
    "/whistle/<code>/tasks": {"words": "装路灯"},
    "/meetings/<code>/resolutions": {"words": "装路灯"},
    f"/resolutions/<int:resolution_id>/<any({', '.join(BECOMES)}):becomes>": {"words": "装灯"},
}

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


STORED = text(
    " UNION ALL ".join(
        f"SELECT '{name}', count(*) || ' ' || COALESCE(sum(hashtext(CAST(t AS text))), 0) FROM {name} AS t"
        for name in sorted(Base.metadata.tables)
    )
)


class World(NamedTuple):
    """The application on a district with a ticket in each of two towns and one nowhere."""

    app: object
    engine: object
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
        """How many rows each table has, and the sum of what stands in them."""
        with session_on(self.engine) as session:
            return dict(session.execute(STORED).all())


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


def form_of(rule, *, other):
    """What is sent to an address under a rule, about what is the role's own or about another town's."""
    form = FORMS.get(rule, {})
    return {name: value[other] if isinstance(value, tuple) else value for name, value in form.items()}


def address_of(rule, *, other, method="GET"):
    """An address under a rule, about what is the role's own or about another town's."""

    def part(match):
        name = match[1].rpartition(":")[2]
        value = PARTS[name]
        if isinstance(value, dict):
            value = value.get(rule.removesuffix(".pdf"), value.get(""))
        return value if isinstance(value, str) else value[other]

    query = QUERIES.get(rule, "") if method == "GET" else ""
    query = query if isinstance(query, str) else query[other]
    return re.sub(r"<([^>]+)>", part, rule) + (f"?{query}" if query else "")
