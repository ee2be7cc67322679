"""Along a street: doors among their neighbours, walks from crossings, other names, and what records are worth."""

from datetime import date

import pytest
from geoalchemy2.shape import from_shape
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from makers import add_areas, at
from shapely import MultiLineString, Point
from sqlalchemy import func, select

from geodata.geocode.gazetteer import entry_parts
from geodata.geocode.geocoder import Geocoder
from geodata.geocode.scores import ACCEPTED_FROM
from geodata.models import GazetteerAlias, GazetteerEntry, GazetteerRoad
from spatial.crs import from_metre, to_metre

SRID = 4549
ORIGIN = tuple(float(value[0]) for value in to_metre([at(0.5, 1)[0]], [at(0.5, 1)[1]], SRID))


WORDS = st.one_of(
    st.sampled_from(["桃李路", "星海路", "117 STREET", "MAIN STREET", "100", "88", "104-28", "999999999999", "试验区"]),
    st.sampled_from(
        ["号", "弄", "支弄", "甲", "-", "南", "侧", "约", "50", "米", "村", "组", "宅", "KM", "高速", "与"]
    ),
    st.sampled_from(["之间", "(", ")", " ", "& ", "二期", "\0"]),
)
TEXTS = st.one_of(st.text(max_size=20), st.lists(WORDS, max_size=10).map("".join))


def lonlat(east_m, north_m):
    """WGS 84 degrees of metres east and north of a point in the western town."""
    lon, lat = from_metre([ORIGIN[0] + east_m], [ORIGIN[1] + north_m], SRID)
    return float(lon[0]), float(lat[0])


def metres(answer):
    x, y = to_metre([answer.lon], [answer.lat], SRID)
    return float(x[0]) - ORIGIN[0], float(y[0]) - ORIGIN[1]


def words(answer):
    return {reason.word for reason in (answer.candidates[0].reasons if answer.candidates else answer.why)}


@pytest.fixture
def street(session):
    add_areas(session)
    return session


def add(session, name, east_m, north_m, *, source="survey", **columns):
    parts = entry_parts(name)._asdict() | columns
    entry = GazetteerEntry(
        name=name, geom=from_shape(Point(lonlat(east_m, north_m)), srid=4326), accuracy_m=5.0, source=source, **parts
    )
    session.add(entry)
    session.flush()
    return entry


def draw(session, name, *lines):
    shape = MultiLineString([[lonlat(*corner) for corner in line] for line in lines])
    session.add(
        GazetteerRoad(ref=f"way/{name}", name=name, name_norm=name, geom=from_shape(shape, srid=4326), source="osm")
    )
    session.flush()


def geocode(session, text):
    return Geocoder(session).geocode(text)


# -- doors among their neighbours ----------------------------------------------------------------


def test_a_door_lies_between_its_neighbours_of_the_same_side(street):
    add(street, "桃李路100号", 0, 20)
    add(street, "桃李路120号", 200, 20)
    add(street, "桃李路109号", 500, -20)
    answer = geocode(street, "西镇桃李路110号")
    assert (answer.status, answer.level) == ("accepted", "interpolated")
    assert metres(answer) == pytest.approx((100, 20), abs=0.5)
    assert answer.error_m == pytest.approx((15**2 + 50**2 + 5**2) ** 0.5, abs=0.5)
    assert answer.assigns == ("village", "town")


def test_a_lane_is_counted_like_a_door(street):
    add(street, "桃李路100号", 0, 0)
    add(street, "桃李路140弄", 200, 0)
    answer = geocode(street, "桃李路120弄3号")
    assert (answer.level, metres(answer)) == ("interpolated", pytest.approx((100, 0), abs=0.5))


def test_between_two_doors_the_road_is_followed_at_their_distance_from_it(street):
    draw(street, "桃李路", [(0, 0), (200, 0), (200, 200)])
    add(street, "桃李路100号", 100, 12)
    add(street, "桃李路140号", 188, 100)
    answer = geocode(street, "桃李路120号")
    assert metres(answer) == pytest.approx((200 - 6, 6), abs=13)
    east, north = metres(answer)
    assert east > 150, "straight between the doors would cut the corner"
    assert north < 50


def test_doors_on_both_sides_are_told(street):
    draw(street, "桃李路", [(0, 0), (400, 0)])
    add(street, "桃李路100号", 0, 15)
    add(street, "桃李路120号", 200, -15)
    answer = geocode(street, "桃李路110号")
    assert (answer.status, "sides_mixed" in words(answer)) == ("review", True)


@pytest.mark.parametrize(
    ("number", "far_m", "high"),
    [
        pytest.param(150, 600, 200, id="too far apart"),
        pytest.param(250, 300, 400, id="too many numbers apart"),
    ],
)
def test_a_wide_bracket_says_nothing(street, number, far_m, high):
    add(street, "桃李路100号", 0, 0)
    add(street, f"桃李路{high}号", far_m, 0)
    answer = geocode(street, f"桃李路{number}号")
    assert (answer.status, answer.level) == ("review", None)
    assert {candidate.name for candidate in answer.candidates} == {"桃李路100号", f"桃李路{high}号"}


def test_a_range_holds_the_numbers_between(street):
    add(street, "桃李路461-479号", 0, 0)
    assert (geocode(street, "桃李路465号").level, geocode(street, "桃李路466号").level) == ("door", None)


def test_a_lane_known_by_its_buildings_holds_all_of_them(street):
    add(street, "桃李路88弄1-102号", 0, 0)
    answer = geocode(street, "桃李路88弄50号")
    assert (answer.status, answer.level, "in_range" in words(answer)) == ("accepted", "lane", True)


# -- what a record is worth ----------------------------------------------------------------------


def test_a_door_that_one_record_tells_of_is_offered_and_not_taken(street):
    add(street, "桃李路100号", 0, 0, source="units/U1")
    answer = geocode(street, "桃李路100号")
    assert (answer.status, answer.level) == ("review", "door")
    assert 0.9 < answer.score < ACCEPTED_FROM
    assert answer.candidates[0].lon == pytest.approx(lonlat(0, 0)[0])


def test_two_records_that_agree_are_taken(street):
    add(street, "桃李路100号", 0, 0, source="units/U1")
    add(street, "桃李路100号", 60, 0, source="units/U2")
    answer = geocode(street, "桃李路100号")
    assert (answer.status, "doors_agree" in words(answer)) == ("accepted", True)


def test_two_records_far_apart_are_not(street):
    add(street, "桃李路100号", 0, 0, source="units/U1")
    add(street, "桃李路100号", 580, 0, source="units/U2")
    answer = geocode(street, "桃李路100号")
    assert (answer.status, "ambiguous" in {reason.word for reason in answer.why}) == ("review", True)


def test_a_record_among_its_neighbours_is_taken(street):
    add(street, "桃李路100号", 0, 0, source="units/U1")
    add(street, "桃李路110号", 90, 0, source="units/U2")
    assert geocode(street, "桃李路100号").status == "accepted"


def test_a_door_far_from_where_its_number_belongs_is_doubted(street):
    add(street, "桃李路100号", 0, 0)
    add(street, "桃李路104号", 0, 900)
    answer = geocode(street, "桃李路100号")
    assert (answer.status, "neighbours_disagree" in words(answer)) == ("review", True)


def test_a_record_along_a_highway_is_worth_less(street):
    add(street, "东山公路100号", 0, 0, source="units/U1")
    add(street, "桃李路100号", 0, 0, source="units/U2")
    highway, road = geocode(street, "东山公路100号"), geocode(street, "桃李路100号")
    assert highway.score < road.score
    assert highway.error_m > road.error_m


def test_a_record_of_another_district_contradicts(street):
    add(street, "桃李路100号", 0, 0, district="光明区")
    answer = geocode(street, "试验区桃李路100号")
    assert (answer.status, "district_contradicts" in words(answer)) == ("review", True)


def test_a_name_that_holds_no_longer_is_not_found(street):
    add(street, "桃李路100号", 0, 0, valid_to=date(2020, 1, 1))
    add(street, "桃李路200号", 0, 0, valid_from=date(2020, 1, 1))
    assert geocode(street, "桃李路100号").status == "review"
    assert geocode(street, "桃李路200号").status == "accepted"


@given(st.lists(TEXTS, max_size=8))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_any_text_has_an_answer(street, texts):
    if street.scalar(select(func.count()).select_from(GazetteerEntry)) == 0:
        add(street, "桃李路100号", 0, 0)
        add(street, "桃李路88弄1-102号", 0, 0)
        add(street, "104-28 117 STREET", 0, 0)
        add(street, "桃李路星海路", 0, 0)
    for answer in Geocoder(street).geocode_many(texts):
        assert answer.status in {"accepted", "review"}
        assert len(answer.candidates) <= 5


# -- walks ---------------------------------------------------------------------------------------


def test_metres_from_a_crossing_are_walked_along_the_road(street):
    draw(street, "桃李路", [(0, 0), (150, 0), (150, 200)])
    add(street, "桃李路星海路", 0, 0)
    answer = geocode(street, "桃李路进星海路东约200米")
    assert (answer.status, answer.level) == ("accepted", "offset")
    assert metres(answer) == pytest.approx((150, 50), abs=0.5)
    assert answer.error_m == pytest.approx((20**2 + 30**2 + 5**2) ** 0.5, abs=0.5)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("桃李路进星海路北约200米", "across_the_road", id="no branch leads there"),
        pytest.param("桃李路进星海路西约200米", "across_the_road", id="the road begins here"),
        pytest.param("桃李路进星海路东约280米", "road_too_short", id="the road ends before"),
    ],
)
def test_a_walk_that_the_road_does_not_allow_is_left_to_a_person(street, text, reason):
    draw(street, "桃李路", [(0, 0), (150, 0)])
    add(street, "桃李路星海路", 0, 0)
    answer = geocode(street, text)
    assert (answer.status, reason in words(answer)) == ("review", True)


def test_without_a_line_the_next_crossing_shows_where_the_road_leads(street):
    add(street, "桃李路星海路", 0, 0)
    add(street, "桃李路和平路", 300, 300)
    answer = geocode(street, "桃李路星海路东约100米")
    assert metres(answer) == pytest.approx((70.7, 70.7), abs=0.5)
    assert "walked_along" in words(answer)


def test_metres_from_a_door_are_walked_too(street):
    draw(street, "桃李路", [(0, 0), (500, 0)])
    add(street, "桃李路100号", 100, 10)
    answer = geocode(street, "桃李路100号东约50米")
    assert (answer.level, metres(answer)) == ("offset", pytest.approx((150, 0), abs=0.5))


def test_metres_from_a_place_on_its_road(street):
    draw(street, "桃李路", [(0, 0), (500, 0)])
    add(street, "海欣家园", 100, 20)
    answer = geocode(street, "桃李路海欣家园东侧约50米")
    assert (answer.status, answer.level) == ("accepted", "offset")
    assert metres(answer) == pytest.approx((150, 0), abs=0.5)


def test_between_two_crossings_is_the_middle(street):
    add(street, "桃李路星海路", 0, 0)
    add(street, "桃李路和平路", 200, 0)
    answer = geocode(street, "桃李路(星海路-和平路)")
    assert (answer.status, answer.level, answer.error_m) == (
        "accepted",
        "between",
        pytest.approx((20**2 + 100**2 + 5**2) ** 0.5, abs=0.5),
    )
    assert metres(answer) == pytest.approx((100, 0), abs=0.5)


# -- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "alias", "target", "text", "level"),
    [
        pytest.param("road", "桃李公路", "桃李路", "桃李公路100号", "door", id="road"),
        pytest.param("place", "海欣", "海欣家园", "西镇海欣", "place", id="place"),
        pytest.param("town", "老西镇", "西镇", "老西镇桃李路100号", "door", id="town"),
    ],
)
def test_another_name_stands_for_the_listed_one(street, kind, alias, target, text, level):
    add(street, "桃李路100号", 0, 0)
    add(street, "海欣家园", 50, 0)
    assert geocode(street, text).status == "review"
    street.add(GazetteerAlias(kind=kind, alias=alias, alias_norm=alias, target_norm=target, source="list"))
    street.flush()
    answer = geocode(street, text)
    assert (answer.status, answer.level) == ("accepted", level)
    if kind == "town":
        assert (answer.parsed.town_code, "town_agrees" in words(answer)) == ("310112101000", True)
    else:
        assert "alias" in words(answer)


def test_an_alias_of_two_names_stands_for_neither(street):
    add(street, "桃李路100号", 0, 0)
    add(street, "桃园路100号", 0, 50)
    for target in ("桃李路", "桃园路"):
        street.add(GazetteerAlias(kind="road", alias="桃路", alias_norm="桃路", target_norm=target))
    street.flush()
    assert geocode(street, "桃路100号").status == "review"


def test_where_many_names_share_one_position_nothing_is_known(street):
    for name in ("甲园新村", "乙园新村", "丙园新村", "丁园新村", "戊园新村"):
        add(street, name, 0, 0)
    answer = geocode(street, "甲园新村")
    assert (answer.status, "default_place" in words(answer)) == ("review", True)


def test_a_road_alone_is_shown_and_sets_nothing(street):
    draw(street, "桃李路", [(0, 0), (600, 0)])
    answer = geocode(street, "西镇桃李路")
    assert (answer.status, answer.level, answer.assigns) == ("review", "road", ())
    assert answer.candidates[0].error_m == pytest.approx(300, abs=1)
    assert answer.candidates[0].lon is not None


def test_a_village_may_be_assigned_by_its_name_alone(street):
    answer = geocode(street, "西镇一村")
    assert (answer.status, answer.level, answer.assigns) == ("review", "village", ("village", "town"))
