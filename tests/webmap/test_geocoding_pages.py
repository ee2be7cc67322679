"""The desk of addresses over HTTP: who sees what waits, decides about it, and takes it back."""

import pytest
from lookups import unit
from makers import add_areas, add_unit, at, spot
from sqlalchemy import select

from geodata.geocode.address import ParsedAddress
from geodata.geocode.answers import WORDS, Candidate, because
from geodata.geocode.gazetteer import entry_parts
from geodata.geocode.parse import Dictionary, Named, parse_address
from geodata.models import GazetteerEntry, GeocodeDecision, GeocodeResult, GridCell
from geodata.services.geocode_desk import MARKED, pieces
from geodata.services.geocoding import geocode_records
from geodata.services.stamps import stamp
from geodata.services.tickets import open_ticket
from webmap.pages import address_words

WEST_TOWN, EAST_TOWN = "310112101000", "310112102000"
ADDRESSES = {
    "U1": "西镇临河路中山路南约310米",
    "U2": "东镇临河路中山路口",
    "U3": "西镇星海路8号",
    "U4": "东镇星海广场",
    "U5": "望江路口的小楼",
    "U6": "西镇临河路中山路南约320米",
}


def fill(session):
    """Two towns with a crossing in the western one, cells about it, and six units whose addresses wait."""
    add_areas(session)
    for code, west in (("310112101002A1", 1.4), ("310112101002A2", 1.5)):
        corners = [at(west, 0.4), at(west + 0.1, 0.4), at(west + 0.1, 1.1), at(west, 1.1), at(west, 0.4)]
        ring = ",".join(f"{lon} {lat}" for lon, lat in corners)
        session.add(GridCell(code=code, town_code=WEST_TOWN, geom=f"SRID=4326;MULTIPOLYGON((({ring})))"))
    parts = entry_parts("临河路中山路")._asdict()
    session.add(GazetteerEntry(name="临河路中山路", geom=spot(1.5, 1), accuracy_m=10, source="file", **parts))
    session.flush()
    stamp(session, GazetteerEntry)
    for code, address in ADDRESSES.items():
        add_unit(session, code, address=address)
    geocode_records(session)


FILLED_BY = {"app": fill}


@pytest.fixture
def planner(signed_in):
    return signed_in("planner")


@pytest.fixture
def town(signed_in):
    return signed_in("town_office", area_code=WEST_TOWN)


@pytest.fixture
def both(planner, signed_in):
    return planner, signed_in("district")


def rows(browser, query=""):
    answer = browser.get(f"/api/geocoding?{query}")
    assert answer.status_code == 200, answer.text
    return answer.json


def row(browser, code):
    return next(one for one in rows(browser)["rows"] if one["code"] == code)


def decide(browser, code, *, key=None, **choice):
    form = {"kind": "units", "code": code, "key": key or f"key-of-a-decision-{code}", **choice}
    return browser.post("/api/geocoding/decide", data=form)


# -- what waits ------------------------------------------------------------------------------------


def test_a_row_says_what_was_read_why_it_waits_and_where_it_might_be(planner):
    found = row(planner, "U1")
    assert [(one["text"], one["part"]) for one in found["pieces"] if one["part"]] == [
        ("西镇", "town"),
        ("临河路", "road"),
        ("中山路", "cross_road"),
        ("南", "direction"),
        ("310", "offset"),
    ]
    assert "".join(one["text"] for one in found["pieces"]) == ADDRESSES["U1"]
    assert "距路口 310 米，过远，难以确定。" in found["why"]
    (first, *_rest) = found["candidates"]
    assert (first["number"], first["level"], first["score"]) == (1, "距路口若干米", 58)
    assert first["ground"]["where"] == "西镇 · 二村"
    assert first["ground"]["cell"] in {"310112101002A1", "310112101002A2"}
    assert first["ground"]["crosses"] == ["误差圈跨 2 个单元网格"]


def test_a_contradiction_is_told_apart_from_what_speaks_for_a_place(planner):
    (first, *_rest) = row(planner, "U2")["candidates"]
    assert first["cons"] == ["地址写东镇，位置却在西镇。"]
    assert "地名库中有临河路与中山路路口。" in first["pros"]


def test_the_surest_come_first_and_pages_follow_on_one_another(planner, monkeypatch):
    monkeypatch.setattr("webmap.api.geocoding.ROWS", 2)
    first = rows(planner)
    assert (len(first["rows"]), first["total"]) == (2, 6)
    second = rows(planner, f"after={first['next']}")
    third = rows(planner, f"after={second['next']}")
    codes = [one["code"] for page in (first, second, third) for one in page["rows"]]
    assert codes == ["U1", "U6", "U2", "U3", "U4", "U5"]
    assert third["next"] is None
    assert "progress" not in second


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        pytest.param("q=星海", {"U3", "U4"}, id="words of the address"),
        pytest.param("q=单位u5", {"U5"}, id="name, whatever the case"),
        pytest.param(f"town={EAST_TOWN}", {"U2", "U4"}, id="town"),
        pytest.param("town=none", {"U5"}, id="no town"),
        pytest.param("level=offset", {"U1", "U6"}, id="level"),
        pytest.param("reason=town_contradicts", {"U2"}, id="reason"),
        pytest.param("kind=points", set(), id="kind"),
        pytest.param("q=100%25", set(), id="a sign is a sign"),
    ],
)
def test_rows_are_narrowed_by_conditions(planner, query, codes):
    assert {one["code"] for one in rows(planner, query)["rows"]} == codes


def test_what_can_be_chosen_by_is_counted(planner):
    found = rows(planner)["choices"]
    assert {one["value"]: one["count"] for one in found["town"]} == {WEST_TOWN: 3, EAST_TOWN: 2, "none": 1}
    assert {one["value"]: one["title"] for one in found["town"]}["none"] == "未写街镇"


@pytest.mark.parametrize("query", ["after=x", "colour=red", "q=" + "长" * 300])
def test_what_cannot_be_asked_is_refused(planner, query):
    assert planner.get(f"/api/geocoding?{query}").status_code == 400


def test_a_town_office_sees_and_settles_what_names_its_town_alone(town, records):
    assert {one["code"] for one in rows(town)["rows"]} == {"U1", "U3", "U6"}
    assert decide(town, "U2", choice="nowhere").status_code == 404
    assert decide(town, "U5", choice="nowhere").status_code == 404
    assert decide(town, "U9", choice="nowhere").status_code == 404
    assert decide(town, "U3", choice="nowhere").status_code == 200
    with records() as session:
        assert [one.target_code for one in session.scalars(select(GeocodeDecision))] == ["U3"]


def test_an_officer_has_no_desk_of_addresses(signed_in):
    officer = signed_in("officer")
    assert officer.get("/geocoding").status_code == 403
    assert decide(officer, "U1", choice="nowhere").status_code == 403
    assert "/geocoding" not in officer.get("/units").text


def test_addresses_of_tickets_are_for_those_who_see_all_tickets(planner, town, signed_in, records):
    with records() as session:
        open_ticket(session, category="0501", title="占道", actor="x", address="西镇某处", assign_now=False)
        geocode_records(session, kind="tickets")
    assert not any(one["kind"] == "tickets" for browser in (planner, town) for one in rows(browser)["rows"])
    assert any(one["kind"] == "tickets" for one in rows(signed_in("district"))["rows"])


# -- deciding --------------------------------------------------------------------------------------


def test_a_candidate_becomes_the_place(planner, records):
    answer = decide(planner, "U1", choice="candidate", candidate="1", seen=row(planner, "U1")["seen"])
    assert answer.status_code == 200, answer.text
    assert answer.json["progress"]["waiting"] == 5
    with records() as session:
        placed = unit(session, "U1")
        assert (placed.town_code, placed.place_level) == (WEST_TOWN, "offset")
        made = session.scalars(select(GeocodeDecision)).one()
        assert (made.decided_by, made.choice, made.candidate, made.town_code) == ("planner", "candidate", 1, WEST_TOWN)


def test_a_pin_becomes_the_place(planner, records):
    lon, lat = at(0.5, 1)
    assert decide(planner, "U3", choice="pin", lon=str(lon), lat=str(lat)).status_code == 200
    with records() as session:
        assert (unit(session, "U3").village_code, unit(session, "U3").place_level) == ("310112101001", "manual")


def test_the_same_decision_sent_twice_is_made_once(planner, records):
    first = decide(planner, "U3", choice="nowhere")
    again = decide(planner, "U3", choice="nowhere")
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json["decision"] == again.json["decision"]
    assert decide(planner, "U3", choice="pin", lon="121.4", lat="31.1").status_code == 422
    with records() as session:
        assert len(session.scalars(select(GeocodeDecision)).all()) == 1


def test_the_second_person_is_told_who_was_first_and_what_they_decided(both):
    one, other = both
    assert decide(one, "U3", choice="nowhere").status_code == 200
    answer = decide(other, "U3", choice="pin", lon="121.4", lat="31.1", key="another-key-of-mine")
    assert answer.status_code == 409
    assert answer.json["said"].startswith("U3 已由 planner 于 ")
    assert answer.json["said"].endswith("处理：无法定位。")


def test_a_row_that_was_looked_up_anew_is_not_settled_unseen(planner):
    answer = decide(planner, "U3", choice="nowhere", seen="2026-01-01T00:00:00+00:00")
    assert answer.status_code == 409
    assert "重新匹配" in answer.json["said"]


@pytest.mark.parametrize(
    "choice",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"choice": "moon"}, id="no choice we know"),
        pytest.param({"choice": "candidate", "candidate": "9"}, id="no such number"),
        pytest.param({"choice": "pin", "lon": "200", "lat": "31"}, id="off the globe"),
        pytest.param({"choice": "pin", "lon": "121"}, id="half a pin"),
        pytest.param({"choice": "nowhere", "seen": "soon"}, id="no time"),
        pytest.param({"choice": "nowhere", "seen": "2026-01-01"}, id="no zone"),
    ],
)
def test_a_choice_that_is_none_changes_nothing(planner, records, choice):
    assert decide(planner, "U3", **choice).status_code == 400
    with records() as session:
        assert session.scalars(select(GeocodeDecision)).all() == []


def test_a_decision_needs_a_key_and_a_candidate_that_has_a_place(planner):
    form = {"kind": "units", "code": "U3", "choice": "nowhere"}
    assert planner.post("/api/geocoding/decide", data=form).status_code == 400
    assert decide(planner, "U4", choice="candidate", candidate="1").status_code == 422


def test_without_the_forms_own_token_nothing_is_decided(planner, app):
    app.config["WTF_CSRF_ENABLED"] = True
    assert decide(planner, "U3", choice="nowhere").status_code == 403


# -- taking back -----------------------------------------------------------------------------------


def test_a_decision_is_taken_back_and_waits_again(planner, records):
    made = decide(planner, "U1", choice="candidate", candidate="1").json["decision"]
    assert [one["decision"] for one in rows(planner)["latest"]] == [made]
    answer = planner.post("/api/geocoding/undo", data={"decision": str(made)})
    assert (answer.status_code, answer.json["undone"]) == (200, ["U1"])
    assert answer.json["rows"][0]["code"] == "U1"
    assert decide(planner, "U1", choice="nowhere", seen=answer.json["rows"][0]["seen"], key="k" * 20).status_code == 200
    with records() as session:
        assert unit(session, "U1").geom is None
    assert planner.post("/api/geocoding/undo", data={"decision": str(made)}).status_code == 409


def test_a_town_office_takes_back_its_own_and_the_district_that_of_others(planner, town, signed_in):
    made = decide(planner, "U3", choice="nowhere").json["decision"]
    assert town.post("/api/geocoding/undo", data={"decision": str(made)}).status_code == 403
    assert signed_in("district").post("/api/geocoding/undo", data={"decision": str(made)}).status_code == 200
    far = decide(planner, "U4", choice="nowhere").json["decision"]
    assert town.post("/api/geocoding/undo", data={"decision": str(far)}).status_code == 404


@pytest.mark.parametrize("form", [{}, {"decision": "x"}, {"decision": "9" * 30}])
def test_what_is_no_decision_is_refused(planner, form):
    assert planner.post("/api/geocoding/undo", data=form).status_code == 400


# -- many at once ------------------------------------------------------------------------------------


def test_the_sure_ones_are_looked_at_taken_and_taken_back_together(planner, records):
    seen = planner.get("/api/geocoding/sure?least=55").json
    assert (seen["count"], [one["code"] for one in seen["sample"]]) == (2, ["U1", "U6"])
    form = {"least": "55", "id": [str(one) for one in seen["ids"]], "key": "a-key-for-the-batch"}
    answer = planner.post("/api/geocoding/accept", data=form)
    assert (answer.status_code, answer.json["taken"], answer.json["missed"]) == (200, 2, [])
    assert planner.post("/api/geocoding/accept", data=form).json["batch"] == answer.json["batch"]
    assert {one["code"] for one in rows(planner)["rows"]} == {"U2", "U3", "U4", "U5"}
    undone = planner.post("/api/geocoding/undo", data={"batch": answer.json["batch"]})
    assert sorted(undone.json["undone"]) == ["U1", "U6"]
    with records() as session:
        assert unit(session, "U1").geom is None


def test_those_that_were_shown_are_taken_however_many_are_surer(planner, monkeypatch):
    monkeypatch.setattr("geodata.services.geocode_desk.MOST_AT_ONCE", 1)
    seen = planner.get("/api/geocoding/sure?least=55&q=320").json
    assert [one["code"] for one in seen["sample"]] == ["U6"]
    form = {"least": "55", "id": [str(one) for one in seen["ids"]], "key": "a-key-for-the-batch"}
    assert planner.post("/api/geocoding/accept", data=form).json["taken"] == 1
    assert "U6" not in {one["code"] for one in rows(planner)["rows"]}
    too_many = form | {"id": ["1", "2"], "key": "another-key-for-it"}
    assert planner.post("/api/geocoding/accept", data=too_many).status_code == 409


def test_nothing_that_was_not_shown_is_taken(planner):
    form = {"least": "55", "id": ["999999"], "key": "a-key-for-the-batch"}
    assert planner.post("/api/geocoding/accept", data=form).status_code == 404
    contradicting = [str(one["id"]) for one in rows(planner)["rows"] if one["code"] == "U2"]
    assert planner.post("/api/geocoding/accept", data=form | {"least": "1", "id": contradicting}).status_code == 404


@pytest.mark.parametrize("least", ["", "0", "101", "x", "9.5"])
def test_a_share_is_a_whole_number_of_percent(planner, least):
    assert planner.get(f"/api/geocoding/sure?least={least}").status_code == 400


# -- progress ----------------------------------------------------------------------------------------


def test_progress_counts_what_waits_was_decided_and_was_found_by_itself(both, records):
    one, other = both
    with records() as session:
        add_unit(session, "U7", address="西镇临河路中山路口")
        geocode_records(session)
    for code in ("U1", "U6"):
        decide(one, code, choice="candidate", candidate="1")
    told = decide(other, "U2", choice="nowhere").json["progress"]
    assert told["today"] == [{"name": "planner", "count": 2}, {"name": "district", "count": 1}]
    assert (told["waiting"], told["automatic"]) == (3, [{"title": "路口", "count": 1}])
    assert (told["firstShare"], told["offered"]) == (67, 3)


def test_a_pin_is_told_where_it_lies(planner):
    lon, lat = at(0.5, 1)
    inside = planner.get(f"/api/geocoding/ground?lon={lon}&lat={lat}").json
    assert (inside["where"], inside["cell"], inside["isOutside"]) == ("西镇 · 一村", None, False)
    lon, lat = at(1.0001, 1)
    near = planner.get(f"/api/geocoding/ground?lon={lon}&lat={lat}&error=50").json
    assert near["crosses"] == ["误差圈还涉及一村"]
    assert planner.get("/api/geocoding/ground?lon=0&lat=0").json["isOutside"]


# -- pages -------------------------------------------------------------------------------------------


def test_the_desk_and_the_list_of_units_say_how_many_wait(planner, client):
    page = planner.get("/geocoding").text
    assert "地址核对" in page
    assert "有 6 个地址待人工核对位置。" in planner.get("/units").text
    assert "待人工核对" not in client.get("/units").text
    english = planner.get("/geocoding?lang=en").text
    assert "Addresses to settle" in english


# -- words -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", sorted(WORDS))
@pytest.mark.parametrize("lang", ["zh_Hans", "en"])
def test_every_reason_has_a_sentence_whatever_facts_it_brings(app, word, lang):
    with app.test_request_context(f"/?lang={lang}"):
        said = address_words.reason(because(word), {})
    assert said != word.replace("_", " ")
    assert "%(" not in said


@pytest.mark.parametrize(
    "text",
    [
        "西镇临河路１２３号",
        "  西镇 临河路 100 号 甲 ",
        "临河路（近中山路）",
        "",
        "㊣☆",
        "西镇西镇临河路",
        "Main Street 12",
    ],
)
def test_an_address_in_pieces_is_the_address(text):
    known = Dictionary([Named(WEST_TOWN, "西镇")], roads=["临河路", "中山路"])
    assert "".join(piece.text for piece in pieces(parse_address(text, known))) == text


def test_full_width_digits_are_marked_where_they_were_written():
    known = Dictionary([Named(WEST_TOWN, "西镇")], roads=["临河路"])
    found = {piece.part: piece.text for piece in pieces(parse_address("西镇临河路１２３号", known)) if piece.part}
    assert found == {"town": "西镇", "road": "临河路", "number": "１２３"}


def test_a_candidate_that_was_stored_reads_back():
    one = Candidate("door", "临河路100号", 0.5, None, 121.4, 31.1, None)
    assert Candidate.from_record(one.to_record()) == one


def test_hostile_words_stay_words(planner, records):
    with records() as session:
        waiting = session.scalars(select(GeocodeResult).where(GeocodeResult.target_code == "U3")).one()
        waiting.why = {"reasons": [{"word": "road_unknown", "facts": {"road": "<b>%(x)s</b>"}}], "parsed": {}}
    assert row(planner, "U3")["why"] == ["地名库中没有<b>%(x)s</b>。"]


def test_every_part_that_is_read_is_marked_and_has_a_title(app):
    named = set(ParsedAddress.__slots__) - {"raw", "norm", "spans", "town_code", "village_code"}
    assert set(MARKED) == named
    with app.test_request_context("/"):
        assert set(MARKED.values()) == set(address_words.parts())
