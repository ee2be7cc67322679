"""Other houses' geocoders: what is sent, what of an answer is believed, and that none is ever asked unbidden.

No test here opens a connection, but for those that say so and speak to this machine.
"""

import socket
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from makers import add_unit, at
from online_replies import (
    Wire,
    amap,
    amap_failure,
    amap_nothing,
    baidu,
    baidu_failure,
    baidu_nothing,
    tianditu,
    tianditu_gate,
    tianditu_nothing,
)
from pytest_socket import SocketBlockedError

from geodata.geocode.adapters import ADAPTERS
from geodata.geocode.adapters.asking import Reply
from geodata.geocode.errors import BadReply, GeocoderError, GeocoderRefused, GeocoderUnreachable, QuotaExceeded
from geodata.geocode.parse import Dictionary, Named, parse_address
from geodata.geocode.scores import ACCEPTED_FROM
from geodata.services.geocoding import geocode_records

pytestmark = pytest.mark.disable_socket

KEY = "k3y-that-nobody-may-see"
WEST_TOWN, EAST_TOWN = "310112101000", "310112102000"
DICTIONARY = Dictionary(
    (Named(WEST_TOWN, "西镇"), Named(EAST_TOWN, "东镇")), (), ("临河路", "中山路"), district="试验区"
)
NOON = datetime(2026, 3, 10, 4, tzinfo=UTC)
LON, LAT = at(0.5, 0.5)
FOUND = {"amap": amap, "baidu": baidu, "tianditu": tianditu}
NOTHING = {"amap": amap_nothing, "baidu": baidu_nothing, "tianditu": tianditu_nothing}


def geocoder(name, *replies, around="试验区"):
    wire = Wire(*replies)
    return ADAPTERS[name](wire, key=KEY, around=around), wire


def read(text):
    return parse_address(text, DICTIONARY)


def answer(name, reply, text="西镇临河路200号"):
    return geocoder(name, reply)[0].geocode(read(text))


# -- what is sent ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        pytest.param("西镇临河路200号", "试验区西镇临河路200号", id="door"),
        pytest.param("临河路1150弄23号302室", "试验区临河路1150弄23号", id="the room stays in the house"),
        pytest.param("临河路中山路路口", "试验区临河路与中山路交叉口", id="crossing"),
        pytest.param("临河路中山路路口南约50米", "试验区临河路与中山路交叉口", id="offset"),
        pytest.param("星海广场", "试验区星海广场", id="place"),
        pytest.param("星海广场南约50米", "试验区星海广场", id="beside a place"),
        pytest.param("杨家村3组12号", "试验区杨家村3组12号", id="door in a village"),
        pytest.param("临河路200号3幢底商王家面馆", "试验区临河路200号", id="neither building nor shop"),
        pytest.param("西镇", None, id="only a town"),
        pytest.param("临河路", None, id="only a road"),
        pytest.param("", None, id="nothing"),
        pytest.param("15 MAIN STREET", None, id="not Chinese"),
        pytest.param("联系13812345678找王家", None, id="a telephone number"),
    ],
)
def test_only_the_parts_that_say_where_it_is_are_sent(text, sent):
    assert geocoder("amap", amap_nothing())[0].question(read(text)) == sent


def test_each_is_asked_as_it_documents():
    for name, target, fields in (
        ("amap", "/v3/geocode/geo?", {"address": "试验区西镇临河路200号", "output": "JSON", "key": KEY}),
        ("baidu", "/geocoding/v3/?", {"address": "试验区西镇临河路200号", "output": "json", "ak": KEY}),
        ("tianditu", "/geocoder?", {"ds": '{"keyWord":"试验区西镇临河路200号"}', "tk": KEY}),
    ):
        asked, wire = geocoder(name, NOTHING[name]())
        assert asked.geocode(read("西镇临河路200号")) == []
        assert (wire.sent[0].startswith(target), wire.sent[0].isascii()) == (True, True)
        assert wire.questions == [fields]


def test_an_address_too_long_for_one_of_them_is_not_sent_to_it():
    text = read("西镇" + "长" * 24 + "广场")
    assert geocoder("baidu", baidu_nothing())[0].question(text) is None
    assert geocoder("amap", amap_nothing())[0].question(text) is not None


# -- what is believed --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(ADAPTERS))
def test_an_answer_leaves_its_datum_behind(name):
    (one,) = answer(name, FOUND[name](LON, LAT))
    assert (one.lon, one.lat) == pytest.approx((LON, LAT), abs=2e-6)
    assert (one.level, one.error_m) == ("door", 100.0)
    assert one.reasons[0].word == "asked_online"
    assert one.reasons[0].facts["source"] == ADAPTERS[name].title
    assert 0 < one.score < ACCEPTED_FROM


@pytest.mark.parametrize("name", sorted(ADAPTERS))
def test_not_found_is_an_empty_answer(name):
    assert answer(name, NOTHING[name]()) == []


@pytest.mark.parametrize(
    ("name", "level", "ours", "error_m"),
    [
        pytest.param("amap", "道路交叉路口", "crossing", 80.0, id="crossing"),
        pytest.param("amap", "兴趣点", "place", 300.0, id="place"),
        pytest.param("amap", "道路", "road", 1500.0, id="road"),
        pytest.param("baidu", "交叉路口", "crossing", 100.0, id="crossing of Baidu"),
        pytest.param("baidu", "地产小区", "place", 300.0, id="estate"),
        pytest.param("tianditu", "兴趣点", "place", 300.0, id="place of Tianditu"),
    ],
)
def test_levels_are_ours_with_an_honest_error(name, level, ours, error_m):
    (one,) = answer(name, FOUND[name](LON, LAT, level))
    assert (one.level, one.error_m) == (ours, error_m)


@pytest.mark.parametrize("name", sorted(ADAPTERS))
@pytest.mark.parametrize("level", ["", "区县", "乡镇", "城市", "UNKNOWN", None, [], 7])
def test_without_a_level_or_with_only_a_district_there_is_no_place(name, level):
    assert answer(name, FOUND[name](LON, LAT, level)) == []


@pytest.mark.parametrize("name", sorted(ADAPTERS))
def test_a_village_is_a_candidate_without_a_position(name):
    (one,) = answer(name, FOUND[name](LON, LAT, "村庄"))
    assert (one.level, one.lon, one.lat, one.error_m) == ("village", None, None, None)


@pytest.mark.parametrize(("confidence", "error_m"), [(100, 100.0), (70, 300.0), (30, 5000.0), (7, 1e4), (None, 1e4)])
def test_the_doubts_of_baidu_are_its_error(confidence, error_m):
    assert answer("baidu", baidu(LON, LAT, confidence=confidence))[0].error_m == error_m


def test_what_baidu_calls_not_exact_counts_half():
    exact, vague = (answer("baidu", baidu(LON, LAT, precise=precise))[0].score for precise in (1, 0))
    assert vague == pytest.approx(exact / 2)


def test_a_distance_from_a_crossing_is_added_to_the_error():
    (one,) = answer("amap", amap(LON, LAT, "道路交叉路口"), "临河路中山路路口南约250米")
    assert one.error_m == 330.0
    assert "online_without_offset" in [reason.word for reason in one.reasons]


def test_an_answer_on_another_road_is_a_contradiction():
    (one,) = answer("amap", amap(LON, LAT, street="中山路"))
    assert one.score <= 0.5
    assert one.reasons[-1].facts == {"says": "临河路", "answered": "中山路"}


def test_the_best_of_several_answers_stands_first_and_five_are_kept():
    many = amap(LON, LAT, "道路")
    many["geocodes"] += amap(LON, LAT)["geocodes"] * 7
    assert [one.level for one in answer("amap", many)] == ["door"] * 5


# -- failures ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "reply", "error", "word"),
    [
        pytest.param("amap", amap_failure("10003"), QuotaExceeded, "day", id="AMap, day"),
        pytest.param("amap", amap_failure("10021"), QuotaExceeded, "rate", id="AMap, rate"),
        pytest.param("amap", amap_failure("10001"), GeocoderRefused, "key", id="AMap, key"),
        pytest.param("amap", amap_failure("10005"), GeocoderRefused, "address", id="AMap, our address"),
        pytest.param("amap", amap_failure("10009"), GeocoderRefused, "service", id="AMap, kind of key"),
        pytest.param("amap", amap_failure("20000"), GeocoderRefused, "request", id="AMap, question"),
        pytest.param("amap", amap_failure("10016"), GeocoderUnreachable, None, id="AMap, fault"),
        pytest.param("amap", amap_failure("30001"), BadReply, None, id="AMap, engine"),
        pytest.param("baidu", baidu_failure(302), QuotaExceeded, "day", id="Baidu, day"),
        pytest.param("baidu", baidu_failure(401), QuotaExceeded, "rate", id="Baidu, rate"),
        pytest.param("baidu", baidu_failure(200), GeocoderRefused, "key", id="Baidu, key"),
        pytest.param("baidu", baidu_failure(210), GeocoderRefused, "address", id="Baidu, our address"),
        pytest.param("baidu", baidu_failure(240), GeocoderRefused, "service", id="Baidu, service"),
        pytest.param("baidu", baidu_failure(2), GeocoderRefused, "request", id="Baidu, question"),
        pytest.param("baidu", baidu_failure(1, "fault"), GeocoderUnreachable, None, id="Baidu, fault"),
        pytest.param("tianditu", tianditu_gate(12, "配额已用完"), QuotaExceeded, "day", id="Tianditu, day"),
        pytest.param("tianditu", tianditu_gate(1, "非法Key"), GeocoderRefused, "key", id="Tianditu, key"),
        pytest.param("tianditu", tianditu_gate(12, "权限类型错误"), GeocoderRefused, "service", id="Tianditu, kind"),
        pytest.param("tianditu", tianditu_gate(3, "IP不在白名单"), GeocoderRefused, "address", id="Tianditu, address"),
        pytest.param("tianditu", {"status": "404", "msg": "x"}, GeocoderUnreachable, None, id="Tianditu, fault"),
    ],
)
def test_failures_are_told_apart(name, reply, error, word):
    with pytest.raises(error) as caught:
        answer(name, reply)
    assert getattr(caught.value, "word", None) == word
    assert KEY not in str(caught.value)
    assert str(caught.value).startswith(f"{name}: ")


@pytest.mark.parametrize("name", sorted(ADAPTERS))
@pytest.mark.parametrize(
    ("reply", "error"),
    [
        pytest.param(Reply(502, b"<html>"), GeocoderUnreachable, id="502"),
        pytest.param(Reply(302, b""), GeocoderUnreachable, id="redirect"),
        pytest.param(Reply(403, b"no"), GeocoderRefused, id="403"),
        pytest.param(Reply(403, b"{}"), GeocoderRefused, id="403 with a reply"),
        pytest.param(Reply(429, b""), QuotaExceeded, id="429"),
        pytest.param(b"<html>sign in to the network</html>", GeocoderUnreachable, id="a page instead"),
        pytest.param(b'{"status": NaN}', GeocoderUnreachable, id="NaN"),
        pytest.param(b"[" * 60_000, GeocoderUnreachable, id="nested without end"),
        pytest.param(b"\xff\xfe{}", GeocoderUnreachable, id="not UTF-8"),
        pytest.param(b'{"status":' + b"9" * 5000 + b"}", GeocoderUnreachable, id="a number without end"),
        pytest.param(b"[]", BadReply, id="a list"),
        pytest.param(b'"ok"', BadReply, id="a text"),
    ],
)
def test_what_is_no_reply_is_refused(name, reply, error):
    with pytest.raises(error):
        answer(name, reply)


def broken(name, x, y):
    """A reply whose place is these two values, as its format would write them."""
    if name == "amap":
        return amap(LON, LAT, location=f"{x},{y}")
    if name == "baidu":
        return baidu(LON, LAT, location={"lng": x, "lat": y})
    reply = tianditu(LON, LAT)
    reply["location"] |= {"lon": x, "lat": y}
    return reply


@pytest.mark.parametrize("name", sorted(ADAPTERS))
@pytest.mark.parametrize(
    ("x", "y"),
    [
        pytest.param(LAT, LON, id="lat before lon"),
        pytest.param(0, 0, id="nowhere"),
        pytest.param(2.35, 48.85, id="Paris"),
        pytest.param("12e1", "31", id="a text that is no decimal"),
        pytest.param(True, 31, id="true"),
        pytest.param(None, None, id="null"),
        pytest.param([], {}, id="lists"),
        pytest.param(10**400, 31, id="a number without end"),
    ],
)
def test_a_place_that_cannot_be_one_is_refused(name, x, y):
    with pytest.raises(BadReply):
        answer(name, broken(name, x, y))


def test_baidu_writes_numbers_and_texts_in_their_stead_are_refused():
    with pytest.raises(BadReply):
        answer("baidu", broken("baidu", f"{LON}", f"{LAT}"))


@pytest.mark.parametrize(
    ("name", "reply"),
    [
        pytest.param("amap", {"status": "1", "geocodes": {}}, id="AMap, no list"),
        pytest.param("amap", {"status": "1", "geocodes": [7]}, id="AMap, no object"),
        pytest.param("amap", {"status": "1", "geocodes": [{"level": "门牌号"}]}, id="AMap, no location"),
        pytest.param("baidu", {"status": [0]}, id="Baidu, status"),
        pytest.param("baidu", {"status": 0, "result": 7}, id="Baidu, result"),
        pytest.param("tianditu", {"status": ["0"], "location": []}, id="Tianditu, location"),
        pytest.param("tianditu", {"status": {}}, id="Tianditu, status"),
    ],
)
def test_a_reply_of_another_shape_is_refused(name, reply):
    with pytest.raises(BadReply):
        answer(name, reply)


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.sampled_from(
        ["0", "1", 0, 1, 101, "101", "121.4,31.1", "1e5,7", 1e308, -0.0, "门址", [[]], {"lon": 1}, {"lng": []}]
    ),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.sampled_from(["status", "code", "msg", "location", "level"]), st.integers(), max_size=2),
)


def spots(value, path=()):
    """Where in a reply something could stand that does not belong there."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(spot for key, part in inner for spot in spots(part, (*path, key)))]


@pytest.mark.parametrize("name", sorted(ADAPTERS))
@given(data=st.data())
def test_whatever_stands_in_a_reply_it_is_an_answer_or_a_failure_that_is_told(name, data):
    reply = FOUND[name](LON, LAT)
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(spots(reply)))
        if not path:
            reply = deepcopy(data.draw(ODD))
            break
        holder = reply
        for key in path[:-1]:
            holder = holder[key]
        # a copy: what was drawn may be broken further, and the strategy hands the same object out again
        holder[path[-1]] = deepcopy(data.draw(ODD))
    try:
        found = answer(name, reply)
    except GeocoderError as error:
        assert KEY not in str(error)  # noqa: PT017 - most replies raise nothing
        return
    for one in found:
        assert one.score < ACCEPTED_FROM
        assert one.lon is None or (73 <= one.lon <= 136 and 3 <= one.lat <= 54)


def test_a_name_comes_in_one_short_line_without_our_key():
    (one,) = answer("amap", amap(LON, LAT, formatted_address=f"临河路\n\u202e{KEY}" + "长" * 500))
    assert KEY not in one.name
    assert one.name.startswith("临河路…长")
    assert len(one.name) == 80


# -- the wire ----------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:A test tried to use socket")
def test_the_guard_of_these_tests_holds():
    with pytest.raises(SocketBlockedError):
        socket.socket(socket.AF_INET, socket.SOCK_STREAM)


def test_geocoding_as_it_is_installed_opens_no_connection(places, monkeypatch):
    for name in ("amap", "baidu", "tianditu"):
        monkeypatch.setattr(ADAPTERS[name], "geocode", lambda *_: pytest.fail("asked unbidden"))
    add_unit(places, "U1", address="临河路100号")
    add_unit(places, "U2", address="无名路1号")
    assert geocode_records(places).rows == 2


def test_adapters_import_nothing_that_could_open_one():
    folder = Path(__file__).parents[2] / "geodata" / "geocode" / "adapters"
    text = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    assert [name for name in ("socket", "http.client", "urllib.request", "requests", "ssl") if name in text] == []
