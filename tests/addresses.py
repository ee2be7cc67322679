"""Every address with what stands for its parts: about what is the role's own, and about another town's."""

import math
import re

from makers import at
from two_towns import BOTH_TOWNS, OTHER_TOWN, OWN_TOWN, PASSWORD

OPEN311, EITHER_FORM = "/open311/v2", "<any(xml, json):encoding>"


def tile_here(z):
    lon, lat = at(1, 1)
    x = int((lon + 180) / 360 * 2**z)
    y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z)
    return {"z": str(z), "x": str(x), "y": str(y)}


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
