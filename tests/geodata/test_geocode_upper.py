"""What a district lies in: read in full and in short, and an address of another city or province is not taken."""

import makers
import pytest
from sqlalchemy import text

from geodata.errors import BadSetting
from geodata.geocode.geocoder import Geocoder
from geodata.geocode.parse import Dictionary, Named, parse_address
from geodata.geocode.writing import write_address
from geodata.models import GazetteerEntry
from geodata.services.gazetteer import learn_from_records
from geodata.services.installation import init_district, installation, set_within

ROADS = ["桃李路", "上海路", "浙江路", "江西中路", "舟山路"]
TOWNS = [Named("1", "沈家门街道")]
IN_SHANGHAI = Dictionary(TOWNS, [], ROADS, district="普陀区", within=["上海市"])
IN_ZHOUSHAN = Dictionary(TOWNS, [], ROADS, district="普陀区", within=["浙江省", "舟山市"])
IN_ENSHI = Dictionary([], [], ROADS, district="利川市", within=["湖北", "恩施土家族苗族自治州/恩施州"])


def read(address, dictionary):
    parsed = parse_address(address, dictionary)
    against = dictionary.upper.against(parsed)
    return parsed.province, parsed.city, parsed.district, parsed.road, against and against[0]


@pytest.mark.parametrize(
    ("address", "found"),
    [
        pytest.param("上海市普陀区桃李路8号", (None, "上海市", "普陀区", "桃李路", None), id="in full"),
        pytest.param(
            "上海普陀区桃李路8号", (None, "上海", "普陀区", "桃李路", None), id="in short before the district"
        ),
        pytest.param("上海桃李路8号", (None, "上海", None, "桃李路", None), id="in short before a known road"),
        pytest.param("上海沈家门街道", (None, "上海", None, None, None), id="in short before a town"),
        pytest.param("上海路8号", (None, None, None, "上海路", None), id="a road of that name"),
        pytest.param("上海市场", (None, None, None, None, None), id="a market"),
        pytest.param("浙江路8号", (None, None, None, "浙江路", None), id="a road named after a province"),
        pytest.param("江西中路8号", (None, None, None, "江西中路", None), id="another"),
        pytest.param("桃李路8号", (None, None, None, "桃李路", None), id="nothing told"),
        pytest.param("舟山市普陀区桃李路8号", (None, "舟山市", "普陀区", "桃李路", "舟山市"), id="another city"),
        pytest.param("浙江省桃李路8号", ("浙江省", None, None, "桃李路", "浙江省"), id="another province"),
        pytest.param("浙江舟山市桃李路8号", ("浙江", "舟山市", None, "桃李路", "浙江"), id="another province in short"),
        pytest.param("北京市桃李路8号", (None, "北京市", None, "桃李路", "北京市"), id="another municipality"),
        pytest.param("上海市普陀区上海市普陀区桃李路8号", (None, "上海市", "普陀区", "桃李路", None), id="told twice"),
    ],
)
def test_in_a_municipality(address, found):
    assert read(address, IN_SHANGHAI) == found


@pytest.mark.parametrize(
    ("address", "against"),
    [
        ("浙江省舟山市普陀区桃李路8号", None),
        ("浙江舟山普陀区桃李路8号", None),
        ("舟山桃李路8号", None),
        ("浙江舟山路8号", None),
        ("上海市普陀区桃李路8号", "上海市"),
        ("浙江省宁波市桃李路8号", "宁波市"),
        ("江苏省舟山市桃李路8号", "江苏省"),
    ],
)
def test_in_a_city_of_a_province(address, against):
    assert read(address, IN_ZHOUSHAN)[-1] == against


@pytest.mark.parametrize(
    ("address", "against"),
    [
        ("湖北省恩施土家族苗族自治州利川市桃李路8号", None),
        ("湖北恩施州利川市桃李路8号", None),
        ("利川市桃李路8号", None),
        ("湖南省桃李路8号", "湖南省"),
        ("宜昌市桃李路8号", "宜昌市"),
    ],
)
def test_forms_that_do_not_follow_from_the_name_are_told(address, against):
    assert read(address, IN_ENSHI)[-1] == against


def test_of_a_level_that_is_not_told_nothing_is_known():
    only_city = Dictionary([], [], ROADS, district="普陀区", within=["舟山市"])
    assert read("江苏省桃李路8号", only_city)[-1] is None
    assert read("杭州市桃李路8号", only_city)[-1] == "杭州市"
    only_province = Dictionary([], [], ROADS, district="普陀区", within=["浙江省"])
    assert read("杭州市桃李路8号", only_province)[-1] is None
    assert read("上海市桃李路8号", only_province)[-1] == "上海市"
    # 吉林市 lies in 吉林省
    jilin = Dictionary([], [], ROADS, district="船营区", within=["吉林省", "吉林市"])
    assert read("吉林省吉林市船营区桃李路8号", jilin)[-1] is None
    assert read("吉林省长春市桃李路8号", jilin)[-1] == "长春市"


def test_without_the_setting_an_address_is_read_as_it_was():
    untold = Dictionary(TOWNS, [], ROADS, district="普陀区")
    assert read("舟山市普陀区桃李路8号", untold) == (None, "舟山市", "普陀区", "桃李路", None)
    assert read("上海桃李路8号", untold)[3] == "上海桃李路"
    assert parse_address("12 Main St, Boston, MA 02110", untold).city is None


def test_a_province_is_written_out_and_read_again():
    parsed = parse_address("浙江省舟山市普陀区沈家门街道桃李路8号", IN_ZHOUSHAN)
    assert parsed.spans["province"] == (0, 3)
    assert parse_address(write_address(parsed), IN_ZHOUSHAN).parts() == parsed.parts()


NEW_YORK = {"towns": [Named("1", "Brooklyn")], "roads": ["MAIN STREET"]}


@pytest.mark.parametrize(
    ("address", "of_the_state", "of_the_city"),
    [
        pytest.param("12 Main St, Brooklyn, NY 11201", None, None, id="a town of ours"),
        pytest.param("12 Main St, New York, NY 10002-1234, USA", None, None, id="the city"),
        pytest.param("12 Main St, New York", None, None, id="the name alone"),
        pytest.param("12 Main St", None, None, id="nothing told"),
        pytest.param("12 Main St, Boston, MA 02110", "MA", "MA", id="another state"),
        pytest.param("12 Main St, Boston MA 02110", "MA", "MA", id="in one stretch"),
        pytest.param("12 Main St, Boston, Massachusetts", "MASSACHUSETTS", "MASSACHUSETTS", id="in full"),
        pytest.param("12 Main St, Albany, NY 12207", None, "ALBANY", id="another city of the state"),
        pytest.param("12 Main St, Elm St", None, None, id="a street is no state"),
    ],
)
def test_american_addresses(address, of_the_state, of_the_city):
    state = Dictionary(**NEW_YORK, district="Manhattan", within=["New York"])
    city = Dictionary(**NEW_YORK, district="Manhattan", within=["New York", "New York City/New York"])
    assert [read(address, one)[-1] for one in (state, city)] == [of_the_state, of_the_city]


# -- a district ---------------------------------------------------------------------------------------


@pytest.fixture
def door(session):
    makers.add_areas(session)
    lon, lat = makers.at(0.5, 0.5)
    parts = {"name": "桃李路8号", "name_norm": "桃李路8号", "road": "桃李路", "number": "8", "source": "survey"}
    session.add(GazetteerEntry(kind="door", geom=f"SRID=4326;POINT({lon} {lat})", **parts))
    session.flush()


def test_an_address_of_another_city_is_not_taken(session, door):
    ours, theirs = "上海市试验区桃李路8号", "舟山市试验区桃李路8号"
    assert [one.status for one in Geocoder(session).geocode_many([ours, theirs])] == ["accepted", "accepted"]
    set_within(session, ["上海市"])
    ours, theirs = Geocoder(session).geocode_many([ours, theirs])
    assert ours.status == "accepted"
    assert (theirs.status, theirs.candidates, theirs.assigns) == ("review", (), ())
    assert [(one.word, one.facts) for one in theirs.why] == [("other_city", {"says": "舟山市", "own": "上海市"})]
    set_within(session, [])
    assert Geocoder(session).geocode("舟山市试验区桃李路8号").status == "accepted"


def test_nothing_is_learned_from_a_record_of_another_city(session, door):
    set_within(session, ["上海市"])
    for code, city in (("U1", "上海市"), ("U2", "舟山市")):
        unit = makers.add_unit(session, code, 0.5, 0.5, address=f"{city}桃李路{code[1]}号")
        unit.datum_evidence = "declared"
    assert learn_from_records(session).added == 1
    sources = session.scalars(text("SELECT source FROM gazetteer_entry WHERE source LIKE 'units/%'")).all()
    assert sources == ["units/U1"]


def test_the_setting_is_kept_as_names_are_compared(session):
    assert set_within(session, [" 浙江省 ", "舟山市／舟山"]) == ["浙江省", "舟山市/舟山"]
    assert installation(session).within == ["浙江省", "舟山市/舟山"]


@pytest.mark.parametrize(
    "names",
    [
        pytest.param([""], id="nothing"),
        pytest.param(["/"], id="no name"),
        pytest.param(["海"], id="one sign"),
        pytest.param(["试验区"], id="the district itself"),
        pytest.param(["上海市", "上海市"], id="twice"),
        pytest.param(["中国", "华东", "上海市", "浦西", "城区"], id="too many"),
        pytest.param(["长" * 101], id="too long"),
    ],
)
def test_what_a_district_cannot_lie_in_is_refused(session, names):
    with pytest.raises(BadSetting, match="--within"):
        set_within(session, names)
    assert installation(session).within == []


def test_a_district_may_begin_with_it(new_database, make_bare_engine):
    asked = {"code": "310112", "name": "试验区", "metre_crs": "EPSG:4549"}
    made = init_district(make_bare_engine(new_database()), **asked, within=["上海市"])
    assert made.within == ["上海市"]
