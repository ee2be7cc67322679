"""Collections of which not everybody is told the same: by no way out more than on their page."""

import re

import pytest
from addresses import tile_here
from makers import add_areas
from two_towns import CANARIES, OTHER_TOWN, OWN_TOWN

from geodata.services.registrations import set_counts

VILLAGE, NEXT, FAR = "310112101001", "310112101002", "310112102001"
PASSWORD = "a long password"
READS_CALLS = ("officer", "unit", "town_office", "planner", "district", "admin")


def exported(browser, id_, query=""):
    answer = browser.get(f"/export/{id_}.geojson{query}")
    assert answer.status_code == 200, answer.text
    return {each["id"]: each["properties"] for each in answer.get_json(force=True)["features"]}


# -- whistle calls ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", READS_CALLS)
def test_a_collection_of_calls_tells_those_of_the_page_and_no_others(world, role):
    on_page = set(re.findall(r"W202603-\d{3}", world.get(role, "/whistle").text))
    rows = world.get(role, "/api/list/whistle_calls").get_json()["rows"]
    exports = world.get(role, "/export/whistle_calls.geojson").get_json(force=True)["features"]
    drawn = world.get(role, "/tiles/whistle_calls/{z}/{x}/{y}.mvt".format(**tile_here(12))).data.decode("latin-1")
    assert {row["key"] for row in rows} == {each["id"] for each in exports} == on_page
    assert set(re.findall(r"W202603-\d{3}", drawn)) <= on_page
    assert on_page == ({"W202603-001"} if role in READS_CALLS[:3] else {"W202603-001", "W202603-002"})


def test_one_that_is_not_theirs_is_not_found_by_its_key_either(world):
    for code, count in (("W202603-001", 1), ("W202603-002", 0)):
        assert world.get("town_office", f"/api/list/whistle_calls?key={code}").get_json()["total"] == count


def test_a_tile_of_one_reader_is_not_kept_for_the_next(world):
    here = "/tiles/whistle_calls/{z}/{x}/{y}.mvt".format(**tile_here(10))
    tiles = [world.get(role, here).data for role in ("district", "town_office", "district", "unit")]
    assert tiles[0] == tiles[2] != tiles[1] == tiles[3]


def test_numbers_in_the_reason_are_for_those_who_work_with_them(world):
    told = {role: world.get(role, "/export/whistle_calls.geojson").text for role in ("planner", "district")}
    canary = CANARIES["whistle_call.reason"]
    assert {role: canary in text for role, text in told.items()}["district"]
    assert "minutes" not in told["district"]


# -- double registration ---------------------------------------------------------------------------------


@pytest.fixture
def counted(records):
    """A small and a large count in the western town, a large one in the eastern, in two periods."""
    with records() as session:
        add_areas(session)
        for period, small in (("2015", 4), ("2014", 40)):
            for code, total, came in ((VILLAGE, small, small - 1), (NEXT, 120, 90), (FAR, 200, 150)):
                set_counts(
                    session, "village", code, period, {"members_total": total, "members_registered": came}, actor="x"
                )


@pytest.mark.parametrize(
    ("area", "village", "town"),
    [
        pytest.param(OWN_TOWN, (4, 3), (124, 93), id="its own office"),
        pytest.param(OTHER_TOWN, (None, None), (None, None), id="another office"),
        pytest.param(None, (4, 3), (124, 93), id="an office of the whole district"),
    ],
)
def test_small_counts_are_for_those_inside_and_sums_do_not_give_them_away(signed_in, counted, area, village, town):
    browser = signed_in("town_office", area_code=area)
    villages, towns = exported(browser, "registrations"), exported(browser, "registrations_of_towns")
    names = ("members_total", "members_registered")
    assert tuple(villages[VILLAGE][name] for name in names) == village
    assert tuple(towns[OWN_TOWN][name] for name in names) == town
    # what is left of a town's sum, less what is told of its villages, never is a small count
    if village[0] is None:
        assert towns[OWN_TOWN]["hidden"] == villages[VILLAGE]["hidden"] == ",".join(names)
    assert (villages[NEXT]["rate"], villages[FAR]["rate"]) == (0.75, 0.75)


def test_a_tile_and_a_list_tell_no_more(signed_in, counted):
    browser = signed_in("town_office", area_code=OTHER_TOWN)
    rows = browser.get("/api/list/registrations").get_json()["rows"]
    assert {row["key"]: "无报到率" in row["note"] for row in rows} == {VILLAGE: True, NEXT: False, FAR: False}
    assert browser.get("/tiles/registrations/10/857/418.mvt").data


def test_a_period_is_named_or_it_is_the_newest(signed_in, counted):
    browser = signed_in("district")
    assert exported(browser, "registrations")[NEXT]["period"] == "2015"
    assert exported(browser, "registrations", "?period=2014")[VILLAGE]["members_total"] == 40
    for query in ("period=2013", "period=1' OR '1'='1", "of=x"):
        assert browser.get(f"/export/registrations.geojson?{query}").status_code == 400


def test_a_district_without_counts_has_an_empty_collection(signed_in, records):
    with records() as session:
        add_areas(session)
    browser = signed_in("district")
    assert exported(browser, "registrations") == {}
    assert browser.get("/tiles/registrations/10/857/418.mvt").status_code == 204


@pytest.mark.parametrize("kind", ["whistle_calls", "whistle_invitees"])
def test_a_sheet_of_calls_has_those_of_ones_own_town(world, kind):
    told = {role: world.get(role, f"/export/sheets/{kind}.csv") for role in READS_CALLS}
    assert {role: answer.status_code for role, answer in told.items()} == dict(
        zip(READS_CALLS, (200, 403, 200, 403, 200, 200), strict=True)
    )
    for role in ("officer", "town_office"):
        assert ("W202603-001" in told[role].text, "W202603-002" in told[role].text) == (True, False)
    assert "W202603-002" in told["district"].text
