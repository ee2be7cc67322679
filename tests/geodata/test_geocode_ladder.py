"""From text to place: what is accepted at each level, and all that must not be."""

import pytest
from makers import add_areas, add_unit, at, spot
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from geodata.errors import NotInitialised
from geodata.geocode.answers import WORDS, Candidate, because
from geodata.geocode.gazetteer import door_columns, entry_kind, entry_parts
from geodata.geocode.geocoder import Geocoder
from geodata.geocode.parse import Dictionary, parse_address
from geodata.geocode.scores import ACCEPTED_FROM
from geodata.models import Area, GazetteerEntry
from spatial.crs import to_metre

SRID = 4549


def add_entry(session, name, east, north, *, accuracy_m=10.0, source="made"):
    """A gazetteer entry of the kind its name says, in hundredths of a degree."""
    parts = entry_parts(name)
    lon, lat = at(east, north)
    session.add(
        GazetteerEntry(
            name=name,
            geom=spot(east, north),
            raw_x=lon,
            raw_y=lat,
            accuracy_m=accuracy_m,
            source=source,
            **parts._asdict(),
        )
    )
    session.flush()


def add_record(session, address, east, north, *, source):
    """A door that is learned from a record with this address."""
    parsed = parse_address(address, Dictionary())
    lon, lat = at(east, north)
    doors = door_columns(parsed)
    where = {"geom": spot(east, north), "raw_x": lon, "raw_y": lat, "accuracy_m": 10.0}
    session.add(GazetteerEntry(kind="door", name=address, name_norm=parsed.norm, source=source, **where, **doors))
    session.flush()


@pytest.fixture
def places(session):
    """Two towns with a door, three crossings, a few places and a unit; see tests/makers.py for the areas."""
    add_areas(session)
    add_entry(session, "临河路100号", 0.5, 0.5)
    add_entry(session, "临河路248弄", 0.5, 1.5)
    add_entry(session, "临河路中山路", 1, 1)
    add_entry(session, "中山路和平路", 3, 1)
    add_entry(session, "沧源路剑门路", 1, 0.5)
    add_entry(session, "万科广场", 0.97, 1)
    add_entry(session, "银河花苑", 1.5, 1.5)
    add_entry(session, "人民公园", 0.5, 0.2)
    add_entry(session, "人民公园", 3.5, 0.2)
    for km in (1, 3):
        session.add(
            GazetteerEntry(
                kind="km_post",
                name=f"沿海高速{km}KM",
                name_norm=f"沿海高速{km}KM",
                road="沿海高速",
                km=km,
                geom=spot(0.5, 0.9 * (km - 1)),
                accuracy_m=10.0,
                source="posts",
            )
        )
    add_unit(session, "U1", 3.5, 1.5, name="第一中学")
    session.flush()
    return session


@pytest.fixture
def geocode(places):
    return Geocoder(places).geocode


def words(answer):
    return {reason.word for reason in answer.why}


def metres_between(answer, east, north):
    lon, lat = at(east, north)
    x, y = to_metre([answer.lon, lon], [answer.lat, lat], SRID)
    return float(((x[0] - x[1]) ** 2 + (y[0] - y[1]) ** 2) ** 0.5)


@pytest.mark.parametrize(
    ("address", "level", "place", "town", "error_m"),
    [
        pytest.param("临河路100号", "door", (0.5, 0.5), "310112101000", 18.0, id="door"),
        pytest.param("试验区西镇临河路100号", "door", (0.5, 0.5), "310112101000", 18.0, id="door with its town"),
        pytest.param("临河路１００号３楼", "door", (0.5, 0.5), "310112101000", 18.0, id="door in full width"),
        pytest.param("临河路248弄", "door", (0.5, 1.5), "310112101000", 18.0, id="lane"),
        pytest.param("临河路与中山路交叉口", "crossing", (1, 1), "310112101000", 22.4, id="crossing"),
        pytest.param("中山路进临河路", "crossing", (1, 1), "310112101000", 22.4, id="crossing the other way round"),
        pytest.param("中山路临河路东侧", "crossing", (1, 1), "310112101000", 37.4, id="side of a crossing"),
        pytest.param("万科广场", "place", (0.97, 1), "310112101000", 51.0, id="place"),
        pytest.param("万科广场B1层A区", "place", (0.97, 1), "310112101000", 51.0, id="place and floor"),
        pytest.param("西镇 银河花苑", "place", (1.5, 1.5), "310112101000", 51.0, id="place in its town"),
        pytest.param("中山路万科广场", "place", (0.97, 1), "310112101000", 51.0, id="place on its road"),
        pytest.param("临河路999号万科广场", "place", (0.97, 1), "310112101000", 51.0, id="place on its door's road"),
        pytest.param("万科广场二期", "place", (0.97, 1), "310112101000", 94.9, id="part of a place"),
        pytest.param("临河路102号", "interpolated", (0.5, 0.5), "310112101000", 19.7, id="next door"),
        pytest.param("临河路248弄8号", "lane", (0.5, 1.5), "310112101000", 60.8, id="building behind a known gate"),
        pytest.param("临河路100弄", "interpolated", (0.5, 0.5), "310112101000", 18.0, id="lane with a door's number"),
        pytest.param("临河路100号南侧", "door", (0.5, 0.5), "310112101000", 35.0, id="side of a door"),
        pytest.param("中山路临河路约20米", "offset", (1, 1), "310112101000", 30.0, id="few metres without direction"),
        pytest.param("沿海高速2km", "km_post", (0.5, 0.9), "310112101000", 32.5, id="between two posts"),
        pytest.param("第一中学", "place", (3.5, 1.5), "310112102000", 30.0, id="unit"),
        pytest.param("西镇人民公园", "place", (0.5, 0.2), "310112101000", 51.0, id="one of two, told by the town"),
    ],
)
def test_accepted(geocode, address, level, place, town, error_m):
    answer = geocode(address)
    assert (answer.status, answer.level, answer.town_code) == ("accepted", level, town)
    assert answer.error_m == pytest.approx(error_m)
    assert (answer.lon, answer.lat) == pytest.approx(at(*place), abs=1e-7)
    assert ACCEPTED_FROM <= answer.score <= 1.0
    assert answer.assigns


@pytest.mark.parametrize(
    ("address", "status", "place"),
    [
        pytest.param("临河路366弄4区居委会门口", "accepted", (2.5, 1.2), id="the quarter itself"),
        pytest.param("临河路366弄四区", "accepted", (2.5, 1.2), id="in Chinese numerals"),
        pytest.param("临河路366弄10区居委会门口", "review", (2.5, 1.2), id="another quarter"),
        pytest.param("临河路366弄", "review", (2.5, 1.2), id="the gate, of which nothing is known"),
        pytest.param("临河路366弄10区8号", "review", (2.5, 1.2), id="a house of another quarter"),
        pytest.param("临河路377弄南区27号", "accepted", (2.5, 1.6), id="a house of its quarter"),
        pytest.param("临河路377弄27号", "accepted", (2.5, 1.6), id="a house without its quarter"),
        pytest.param("临河路377弄北区27号", "review", (2.5, 1.6), id="the same number in another quarter"),
    ],
)
def test_quarters_behind_one_lane_are_not_taken_for_each_other(places, geocode, address, status, place):
    for number in (1, 2):
        add_record(places, "临河路366弄4区小木屋", 2.5, 1.2, source=f"units/{number}")
        add_record(places, "临河路377弄南区27号", 2.5, 1.6, source=f"units/{number}")
    answer = geocode(address)
    assert answer.status == status
    first = answer.candidates[0]
    assert (first.lon, first.lat) == pytest.approx(at(*place), abs=1e-7)
    assert ("other_quarter" in {reason.word for reason in first.reasons}) == (status == "review")
    assert (first.score <= 0.5) == (status == "review" and "区" in address)


@pytest.mark.parametrize(
    ("address", "level", "reason"),
    [
        pytest.param("星海路8号", None, "road_unknown", id="unknown road"),
        pytest.param("临河路99999号", None, "door_unknown", id="number nobody has"),
        pytest.param("临河路142号", None, "door_unknown", id="too far from any door"),
        pytest.param("临河路101号", None, "door_unknown", id="the other side of the road"),
        pytest.param("临河路248弄9999号", None, "door_unknown", id="building no lane has"),
        pytest.param("星海路万科广场", "place", "place_known", id="place beside an unknown road"),
        pytest.param("和平路999号银河花苑", "place", "place_known", id="place far from the road of its door"),
        pytest.param("临河路星海路", None, "crossing_unknown", id="crossing with an unknown road"),
        pytest.param("临河路和平路", None, "crossing_unknown", id="roads that do not meet"),
        pytest.param("临河路(中山路-和平路)", None, "crossing_unknown", id="between two roads"),
        pytest.param("中山路临河路约200米", "offset", "no_direction", id="distance without direction"),
        pytest.param("中山路临河路南约800米", "offset", "far_offset", id="too far along"),
        pytest.param("临河路", "road", "road_only", id="road alone"),
        pytest.param("人民公园", "place", "ambiguous", id="one name, two places"),
        pytest.param("东镇万科广场", "place", "town_contradicts", id="place in another town"),
        pytest.param("东镇临河路100号", "door", "town_contradicts", id="door in another town"),
        pytest.param("东镇", "town", "only_town", id="town alone"),
        pytest.param("试验区西镇", "town", "only_town", id="district and town"),
        pytest.param("西镇一村", "village", "place_unknown", id="village"),
        pytest.param("试验区", None, "not_understood", id="district alone"),
        pytest.param("光明区临河路100号", None, "other_district", id="another district"),
        pytest.param("金泽镇临河路100号", None, "unknown_town", id="a town that is not ours"),
        pytest.param("万柯城市广场", None, "place_unknown", id="unknown place"),
        pytest.param("沿海高速85km", None, "post_unknown", id="kilometre post"),
        pytest.param("", None, "not_understood", id="nothing"),
        pytest.param("\ufffd\ufffd路南约\ufffd0米", None, "place_unknown", id="garbled"),
    ],
)
def test_not_sure(geocode, address, level, reason):
    answer = geocode(address)
    assert (answer.status, answer.level) == ("review", level)
    assert (answer.lon, answer.lat) == (None, None)
    assert reason in words(answer)
    assert answer.score < ACCEPTED_FROM


@pytest.mark.parametrize(
    ("direction", "east_m", "north_m"),
    [
        pytest.param("东", 100, 0, id="east"),
        pytest.param("北", 0, 100, id="north"),
        pytest.param("西南", -70.7, -70.7, id="south-west"),
    ],
)
def test_offset_is_walked_from_the_crossing(geocode, direction, east_m, north_m):
    answer = geocode(f"临河路进中山路{direction}约100米")
    x, y = to_metre([answer.lon, at(1, 1)[0]], [answer.lat, at(1, 1)[1]], SRID)
    assert (x[0] - x[1], y[0] - y[1]) == pytest.approx((east_m, north_m), abs=0.1)
    assert (answer.status, answer.level) == ("accepted", "offset")
    assert answer.error_m == pytest.approx((20**2 + 10**2 + 40**2) ** 0.5, abs=0.1)


def test_an_offset_that_leaves_the_named_town_is_a_contradiction(places):
    add_entry(places, "滨江路界河路", 1.99, 1)
    answer = Geocoder(places).geocode("西镇滨江路界河路东约200米")
    assert (answer.status, "town_contradicts" in words(answer)) == ("review", True)


def test_outside_every_town_is_not_accepted(places):
    add_entry(places, "界外广场", 9, 9)
    answer = Geocoder(places).geocode("界外广场")
    assert (answer.status, "outside_district" in words(answer)) == ("review", True)


def test_without_boundaries_the_town_cannot_be_checked(places):
    places.execute(text("UPDATE area SET geom = NULL WHERE level = 'town'"))
    answer = Geocoder(places).geocode("东镇万科广场")
    assert (answer.status, answer.town_code, "town_unchecked" in words(answer)) == ("accepted", None, True)


def test_stops_of_one_name_close_together_are_one_place(places):
    for east in (2.50, 2.51, 2.70):  # 0, 10 and 190 m from the first
        add_entry(places, "北站", east, 1, source=f"stop {east}")
    answer = Geocoder(places).geocode("北站")
    assert (answer.status, answer.level) == ("accepted", "place")
    assert metres_between(answer, 2.51, 1) < 0.01
    assert answer.error_m == pytest.approx((50**2 + (190**2 - 20 * 190 / 3) / 9) ** 0.5, abs=4)


def test_stops_of_one_name_far_apart_are_all_candidates(geocode):
    answer = geocode("人民公园")
    assert [candidate.town_code for candidate in answer.candidates] == ["310112101000", "310112102000"]
    assert all(candidate.score <= 0.5 for candidate in answer.candidates)


def test_a_slip_of_the_same_sound_is_taken_and_told(geocode):
    answer = geocode("苍源路剑门路")
    assert (answer.status, answer.level) == ("accepted", "crossing")
    assert ("same_sound", {"written": "苍源路", "taken": "沧源路"}) in answer.why
    assert answer.score < geocode("沧源路剑门路").score


def test_a_slip_in_a_place_name_of_the_same_sound_is_taken_and_told(geocode):
    answer = geocode("银河花院")
    assert (answer.status, "same_sound" in words(answer)) == ("accepted", True)


def test_two_names_of_the_same_sound_are_left_to_a_person(places):
    add_entry(places, "银禾花苑", 0.5, 1.5)
    assert Geocoder(places).geocode("银和花苑").status == "review"


def test_one_other_letter_is_only_a_suggestion(geocode):
    answer = geocode("银海花苑")
    assert answer.status == "review"
    assert [(c.name, c.reasons[0].word) for c in answer.candidates] == [("银河花苑", "similar_name")]


def test_an_unknown_crossing_suggests_those_on_its_roads(geocode):
    answer = geocode("中山路星海路")
    assert {candidate.name for candidate in answer.candidates} == {"临河路中山路", "中山路和平路"}


def test_a_village_is_not_its_bus_stop(places):
    places.add(Area(level="village", code="310112101205", name="杨家村村委会", parent_code="310112101000"))
    add_entry(places, "杨家村", 0.5, 0.5)
    answer = Geocoder(places).geocode("西镇杨家村3组12号")
    assert (answer.status, answer.level, answer.candidates[0].code) == ("review", "village", "310112101205")
    assert answer.candidates[0].lon is None


def test_candidates_are_five_at_most_the_best_first(places):
    for number in range(9):
        add_entry(places, f"临河路横{'一二三四五六七八九'[number]}路", 0.2, number / 5)
    answer = Geocoder(places).geocode("西镇临河路")
    assert len(answer.candidates) == 5
    scores = [candidate.score for candidate in answer.candidates]
    assert scores == sorted(scores, reverse=True)


def test_a_batch_answers_as_one_by_one_and_asks_once(places):
    geocoder = Geocoder(places)
    texts = ["临河路100号", "人民公园", "", "苍源路剑门路", "西镇", "银海花苑"] * 20
    alone = [geocoder.geocode(one) for one in texts]
    asked = []
    bind = places.connection()
    event.listen(bind, "before_cursor_execute", lambda *facts: asked.append(facts[2]))
    assert geocoder.geocode_many(texts) == alone
    assert len(asked) == 1


def test_an_answer_is_plain_data(geocode):
    answer = geocode("中山路星海路")
    records = [candidate.to_record() for candidate in answer.candidates]
    assert tuple(Candidate.from_record(record) for record in records) == answer.candidates
    assert answer.why_record()["parsed"] == {"road": "中山路", "cross_road": "星海路"}


def test_reasons_have_fixed_words():
    with pytest.raises(KeyError):
        because("perhaps")
    assert because("only_town", town="西镇").word in WORDS


def test_before_there_is_a_district_nothing_is_geocoded(session):
    session.execute(text("DELETE FROM installation"))
    with pytest.raises(NotInitialised):
        Geocoder(session)


def test_another_district_with_street_names_in_english(make_district):
    engine = make_district(code="36", name="Harbor City", metre_crs="EPSG:32618", timezone="America/New_York")
    with Session(engine) as session:
        box = "SRID=4326;MULTIPOLYGON(((-74 40.7,-73.9 40.7,-73.9 40.8,-74 40.8,-74 40.7)))"
        session.add(Area(level="town", code="1", name="Harbor", geom=box))
        crossing = {"road": "133 AVENUE", "cross_road": "231 STREET"}
        session.add(
            GazetteerEntry(
                kind="crossing",
                name="133 AVENUE, 231 STREET",
                name_norm="133 AVENUE, 231 STREET",
                geom="SRID=4326;POINT(-73.95 40.75)",
                **crossing,
            )
        )
        session.flush()
        geocode = Geocoder(session).geocode
        answer = geocode("231 St & 133 Ave, Harbor")
        assert (answer.status, answer.level, answer.lon) == ("accepted", "crossing", pytest.approx(-73.95))
        assert geocode("164 LINDEN BOULEVARD").status == "review"
        session.rollback()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        pytest.param("塘口路陈家路", "crossing", id="two roads"),
        pytest.param("塘口路陈家路(公园站)", "crossing", id="two roads and a bracket"),
        pytest.param("东山公路新闸航路", "crossing", id="highway and road"),
        pytest.param("133 AVENUE, 231 STREET", "crossing", id="two streets"),
        pytest.param("塘口路100号", "door", id="door"),
        pytest.param("塘口路地铁站", "place", id="road and station"),
        pytest.param("塘口路", "place", id="one road"),
        pytest.param("塘口路杨家村", "place", id="road and village"),
        pytest.param("人民公园", "place", id="name"),
    ],
)
def test_entry_kind(name, kind):
    assert entry_kind(name) == kind
