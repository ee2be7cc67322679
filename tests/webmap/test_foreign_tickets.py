"""A ticket that somebody may not see is not there for them: in no list, tile, export, count, answer or error."""

import json
import math
import re
from typing import NamedTuple
from urllib.parse import quote

import mapbox_vector_tile
import pytest
from addresses import tile_here
from makers import SOUTH, WEST, at
from sqlalchemy import event
from two_towns import DISTRICT, NARROW, OTHER_TOWN, OWN_TOWN, ROLES

EXPORT, LIST, COUNTS = "/export/tickets.geojson", "/api/list/tickets", "/api/tickets/counts"
HERE = "/where?lon=121.435&lat=31.105"
ABOUT_OTHERS = (
    EXPORT,
    LIST,
    f"{LIST}?key=OTHER",
    f"{LIST}?area={OTHER_TOWN}",
    f"{EXPORT}?area={OTHER_TOWN}",
    f"{EXPORT}?within=121.40,31.09;121.45,31.09;121.45,31.13;121.40,31.13",
    "/tickets",
    f"/tickets?area={OTHER_TOWN}",
    "/tickets?index=filing&part=denominator&since=2020-01-01&until=2035-01-01",
    f"/tickets?index=filing&part=denominator&level=town&of={OTHER_TOWN}&since=2020-01-01&until=2035-01-01",
    "/tickets?unit=U2,none&sort=due",
    "/units/U2",
    HERE,
    "/api/search?q=OTHER",
    f"/api/search?q={quote('占道')}",
    f"/api/search?q={quote('占道OTHER')}",
    f"/api/search?q={quote('无照经营')}",
)


@pytest.mark.parametrize("address", ABOUT_OTHERS)
@pytest.mark.parametrize("role", ROLES)
def test_no_answer_names_a_ticket_of_another_town_to_those_who_do_not_see_it(world, role, address):
    told = [world.get(role, address, headers={"Accept": accept}).text for accept in ("text/html", "application/json")]
    hidden = {name: world.numbers[name] for name in ("OTHER", "NOWHERE") if role in (*NARROW, "visitor")}
    # the page says again what was asked
    asked = address if address.endswith(("OTHER", "key=OTHER")) else ""
    for name, number in hidden.items():
        if name not in asked:
            assert all(number not in body for body in told)
        assert all(f"占道{name}请" not in body for body in told)


@pytest.mark.parametrize("address", ABOUT_OTHERS)
def test_whoever_sees_the_district_is_told_of_the_other_town_in_each_of_them(world, address):
    kinds = ("text/html", "application/json")
    told = "".join(world.get("district", address, headers={"Accept": kind}).text for kind in kinds)
    assert world.numbers["OTHER"] in told


# own, another town's, nowhere
SEEN = {
    "viewer": {"OWN"},
    "officer": {"OWN"},
    "unit": {"OWN"},
    "town_office": {"OWN"},
    "planner": {"OWN", "OTHER", "NOWHERE"},
    "district": {"OWN", "OTHER", "NOWHERE"},
    "admin": {"OWN", "OTHER", "NOWHERE"},
}


@pytest.fixture
def told_of(world):
    """A function from a role to the names of the tickets of this district that it should see."""

    def names(role, *, placed=False):
        return {world.numbers[name] for name in SEEN[role] if not (placed and name == "NOWHERE")}

    return names


def known_to(world, numbers):
    """Those of some numbers that the tests began with; others have been reported meanwhile."""
    return set(numbers) & set(world.numbers.values())


@pytest.mark.parametrize("role", SEEN)
def test_list_export_and_search_hold_what_the_role_sees(world, told_of, role):
    rows = world.get(role, f"{LIST}?limit=200").get_json()["rows"]
    assert known_to(world, (row["key"] for row in rows)) == told_of(role)
    features = json.loads(world.get(role, EXPORT).data)["features"]
    assert known_to(world, (feature["id"] for feature in features)) == told_of(role)
    hits = world.get(role, "/api/search?q=" + world.numbers["OWN"][:9]).get_json()["hits"]
    assert known_to(world, (hit["key"] for hit in hits)) == told_of(role)


@pytest.mark.parametrize("role", SEEN)
@pytest.mark.parametrize("z", [4, 9, 12, 15])
@pytest.mark.parametrize("query", ["", "?state=new,work,check"], ids=["all", "open"])
def test_tiles_hold_what_the_role_sees_and_count_no_more(world, told_of, role, z, query):
    found, counted = set(), 0
    x0, x1 = (int((WEST + east / 100 + 180) / 360 * 2**z) for east in (0, 4))
    y0, y1 = (
        int((1 - math.asinh(math.tan(math.radians(SOUTH + north / 100))) / math.pi) / 2 * 2**z) for north in (2, 0)
    )
    for x in range(x0, x1 + 1):
        for y in range(y0, y1 + 1):
            answer = world.get(role, f"/tiles/tickets/{z}/{x}/{y}.mvt{query}")
            features = mapbox_vector_tile.decode(answer.data)["tickets"]["features"] if answer.data else []
            found |= {feature["properties"].get("number") for feature in features}
            counted += sum(feature["properties"].get("count", 0) for feature in features)
    if z > 13:
        assert known_to(world, found) == told_of(role, placed=True)
    else:
        listed = json.loads(world.get(role, EXPORT + query).data)["features"]
        assert counted == len([feature for feature in listed if feature["geometry"]])


@pytest.mark.parametrize("role", SEEN)
def test_counts_are_those_of_what_the_role_sees(world, role):
    counts = world.get(role, COUNTS).get_json()
    exported = json.loads(world.get(role, EXPORT).data)["features"]
    assert counts["total"] == len(exported)
    towns = {facet["value"] for facet in counts["facets"]["town"] if facet["count"]}
    assert towns == ({OWN_TOWN} if role in NARROW else {OWN_TOWN, OTHER_TOWN})
    other = world.get(role, f"{COUNTS}?area={OTHER_TOWN}").get_json()["total"]
    assert (other == 0) == (role in NARROW)


def test_an_answer_kept_for_one_person_is_not_given_to_another(world):
    """Counts and tiles are remembered by the process; whoever comes second must not be told the first one's."""
    for address in (COUNTS, "/tiles/tickets/9/{x}/{y}.mvt".format(**tile_here(9))):
        of_district, of_town, again = (
            world.get(role, address).data for role in ("district", "town_office", "district")
        )
        assert of_district == again
        assert of_town != of_district


@pytest.mark.parametrize("role", SEEN)
def test_a_place_tells_the_open_tickets_near_it_that_the_role_sees(world, told_of, role):
    for name, east in (("OWN", 0.5), ("OTHER", 3.5)):
        lon, lat = at(east, 0.5)
        answer = world.get(role, f"/where?lon={lon}&lat={lat}", headers={"Accept": "application/json"}).get_json()
        near = {ticket["number"] for ticket in answer["tickets"]}
        assert known_to(world, near) == {world.numbers[name]} & told_of(role)


@pytest.mark.parametrize(
    ("role", "areas"),
    [
        ("visitor", set()),
        ("viewer", {OWN_TOWN}),
        ("officer", set()),
        ("unit", set()),
        ("town_office", {OWN_TOWN}),
        ("planner", {DISTRICT, OWN_TOWN, OTHER_TOWN}),
        ("admin", {DISTRICT, OWN_TOWN, OTHER_TOWN}),
    ],
)
def test_a_poster_tells_open_tickets_only_to_whoever_sees_all_of_them(world, role, areas):
    told = {code for code in (DISTRICT, OWN_TOWN, OTHER_TOWN) if "未结工单" in world.get(role, f"/poster/{code}").text}
    assert told == areas


@pytest.mark.parametrize(
    ("method", "address", "form"),
    [
        ("GET", "/tickets/OTHER", {}),
        ("GET", "/tickets/NOWHERE", {}),
        ("GET", f"{LIST}?key=OTHER", {}),
        ("POST", "/tickets/OTHER/assign", {}),
        ("POST", "/tickets/OTHER/accept", {}),
        ("POST", "/tickets/OTHER/fly", {}),
        ("POST", "/tickets/OTHER/place", {"lon": "121.405", "lat": "31.105"}),
        ("POST", "/tickets/OTHER/merge", {"into": "OWN", "reason": "x"}),
        ("POST", "/tickets/OWN/merge", {"into": "OTHER", "reason": "x"}),
    ],
)
@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_a_foreign_ticket_and_one_that_never_was_are_answered_alike(world, method, address, form, accept):
    """In words, in status and in what the database is asked: nothing tells one from the other, not even time."""
    foreign = _noted(world, method, address, form, accept)
    never = re.compile("OTHER|NOWHERE")
    form = {name: never.sub("20991231-999999", value) for name, value in form.items()}
    missing = _noted(world, method, never.sub("20991231-999999", address), form, accept)
    assert foreign == missing
    assert foreign.status == (200 if "key=" in address else 404)


class Noted(NamedTuple):
    """An answer without the number it was asked about and what is another each time, and the statements it took."""

    status: int
    words: str
    statements: list


def _noted(world, method, address, form, accept):
    statements = []

    def note(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    event.listen(world.engine, "before_cursor_execute", note)
    answer = world.ask("town_office", method, address, form, headers={"Accept": accept})
    event.remove(world.engine, "before_cursor_execute", note)
    words = re.sub(r'\d{8}-\d{6}|nonce="[^"]+"|name="csrf_token" value="[^"]+"', "", answer.text)
    return Noted(answer.status_code, words, statements)


# -- indices ------------------------------------------------------------------------------------------

ALWAYS = "since=2020-01-01&until=2035-01-01"


@pytest.mark.parametrize("role", SEEN)
def test_indices_count_what_the_role_sees_and_open_as_many(world, told_of, role):
    told = world.get(role, f"/api/indices?index=filing&level=town&{ALWAYS}").get_json()
    (together,) = told["together"]
    assert together["denominator"] == world.get(role, COUNTS).get_json()["total"]
    for row in [*told["rows"], together]:
        opened = world.get(role, row["href"]["denominator"].replace("/tickets?", COUNTS + "?")).get_json()
        assert opened["total"] == row["denominator"]
    assert (OTHER_TOWN in {row["of"] for row in told["rows"]}) == (role not in NARROW)


def test_an_office_is_told_of_the_district_beside_its_own_and_nothing_opens_it(world):
    told = world.get("town_office", f"/api/indices?index=filing&{ALWAYS}").get_json()
    whole = world.get("district", f"/api/indices?index=filing&{ALWAYS}").get_json()
    assert told["district"][0]["denominator"] == whole["together"][0]["denominator"]
    assert told["district"][0]["href"] is None
    assert whole["district"] == []
    page = world.get("town_office", f"/indices?index=filing&{ALWAYS}&lang=zh_Hans").text
    assert "全区" in page
    assert "东镇" not in re.sub(r"<select.*?</select>", "", page, flags=re.S)


@pytest.mark.parametrize("role", ["officer", "unit"])
def test_whoever_sees_but_a_part_of_a_town_is_not_told_of_the_district(world, role):
    assert world.get(role, f"/api/indices?index=filing&{ALWAYS}").get_json()["district"] == []


@pytest.mark.parametrize("role", NARROW)
def test_ground_of_others_is_not_there(world, role):
    assert world.get(role, f"/indices?area={OTHER_TOWN}").status_code == 404
    assert world.get(role, f"/api/indices?area={OTHER_TOWN}").status_code == 404


@pytest.mark.parametrize("role", SEEN)
def test_cells_are_those_that_the_role_walks_or_looks_after(world, role):
    told = world.get(role, f"/indices/cells?part=denominator&{ALWAYS}").text
    # nobody has walked anywhere yet, so there is nothing to tell of
    assert "没有符合的网格" in told or "No cell fits" in told


def test_a_report_hides_numbers_in_titles_from_a_viewer(world):
    page = world.get("viewer", f"/report-of/{OWN_TOWN}?since=2026-01-01&until=2035-01-01").text
    assert "13800007003" not in page
