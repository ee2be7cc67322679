"""`wangge geocode --online`: off until it is turned on, and it says what leaves the house before anything does."""

import json

import pytest
from lookups import result
from makers import add_areas, add_unit, at
from online_replies import Wire, amap, amap_failure, saying
from receivers import listener

from geodata.db import session_on
from geodata.services import online_geocoding
from geodata.services.online_geocoding import Pace
from webmap.cli import FINE, REFUSED

pytestmark = pytest.mark.disable_socket

KEY = "k3y-that-nobody-may-see"


def fill(session):
    add_areas(session)
    for number in range(1, 6):
        add_unit(session, f"U{number}", address=f"西镇临河路{number}00号302室")


FILLED_BY = {"fresh_engine": fill}


@pytest.fixture
def wangge(wangge_on, fresh_engine):
    return lambda *arguments: wangge_on(fresh_engine, *arguments)


@pytest.fixture
def wire(monkeypatch):
    """AMap turned on, with a wire that reaches nobody."""
    made = Wire(amap(*at(0.5, 0.5)))
    monkeypatch.setenv("WANGGE_GEOCODER", "amap")
    monkeypatch.setenv("WANGGE_GEOCODER_KEY", KEY)
    monkeypatch.setattr(online_geocoding, "_transport", lambda *_, **__: made)
    monkeypatch.setattr(online_geocoding, "Pace", lambda _: Pace(1e9))
    return made


def test_it_is_refused_until_it_is_turned_on(wangge):
    code, out, err = wangge("geocode", "--online", "amap", "--yes")
    assert (code, out) == (REFUSED, "")
    assert "set WANGGE_GEOCODER to one of tianditu, amap, baidu" in err
    assert err.count("\n") == 1


def test_without_it_nobody_is_asked_even_where_it_is_turned_on(wangge, wire):
    assert wangge("geocode")[0] == FINE
    assert wire.sent == []


def test_another_geocoder_than_the_one_turned_on_is_refused(wangge, wire):
    code, _, err = wangge("geocode", "--online", "baidu", "--yes")
    assert (code, "it allows amap only" in err, wire.sent) == (REFUSED, True, [])


def test_a_missing_key_is_named_before_anything_is_done(wangge, wire, monkeypatch):
    monkeypatch.delenv("WANGGE_GEOCODER_KEY")
    code, out, err = wangge("geocode", "--online", "amap", "--yes")
    assert (code, out, "WANGGE_GEOCODER_KEY" in err) == (REFUSED, "", True)


def test_nobody_there_to_agree_means_no(wangge, wire):
    code, _, err = wangge("geocode", "--online", "amap")
    assert (code, wire.sent) == (REFUSED, [])
    assert "add --yes" in err


def test_it_says_what_is_sent_to_whom_and_on_what_terms(wangge, wire, fresh_engine, tmp_path):
    review = tmp_path / "review.csv"
    code, out, err = wangge("geocode", "--online", "amap", "--yes", "--review", str(review))
    assert code == FINE
    assert "5 addresses of units leave this house for 高德地图 (restapi.amap.com)" in err
    assert "试验区西镇临河路100号\n" in err
    assert "302" not in err
    assert "Today 5000 of 5000 questions are left. AMap's terms" in err
    assert "amap: 5 answered, 5 of them with a candidate to review" in out
    assert len(wire.sent) == 5
    assert "±100 m, 高德地图)" in review.read_text(encoding="utf-8-sig")
    with session_on(fresh_engine) as session:
        assert result(session, "U1").status == "review"


def test_json_has_the_figures_and_no_key(wangge, wire):
    wire.replies = [amap(*at(0.5, 0.5)), amap_failure("10001")]
    code, out, err = wangge("geocode", "--online", "amap", "--yes", "--json")
    told = json.loads(out)
    assert (code, told["review"]) == (REFUSED, 5)
    assert (told["online"]["asked"], told["online"]["left"]) == (1, 4)
    assert "does not accept the key" in told["online"]["stopped"]
    assert KEY not in out + err


def test_the_quota_of_the_day_is_a_clean_end_and_the_next_day_goes_on(wangge, wire, monkeypatch):
    monkeypatch.setenv("WANGGE_GEOCODER_QUOTA", "2")
    code, out, err = wangge("geocode", "--online", "amap", "--yes")
    assert (code, "amap: 2 answered" in out, "stopped with 3 left" in err) == (FINE, True, True)
    monkeypatch.setenv("WANGGE_GEOCODER_QUOTA", "4")
    code, out, err = wangge("geocode", "--online", "amap", "--yes")
    assert "3 addresses of units leave this house" in err
    assert "Today 2 of 4 questions are left" in err
    assert (code, "amap: 2 answered" in out, len(wire.sent)) == (FINE, True, 4)


def test_with_nothing_left_to_ask_nobody_is_troubled(wangge, wire):
    wangge("geocode", "--online", "amap", "--yes")
    wire.sent.clear()
    code, out, err = wangge("geocode", "--online", "amap")
    assert (code, wire.sent, err) == (FINE, [], "")
    assert "amap: 0 answered" in out


@pytest.mark.enable_socket
def test_a_gateway_inside_carries_the_questions(wangge, monkeypatch):
    monkeypatch.setenv("WANGGE_GEOCODER", "amap")
    monkeypatch.setenv("WANGGE_GEOCODER_KEY", KEY)
    monkeypatch.setenv("WANGGE_GEOCODER_AROUND", "上海市试验区")
    monkeypatch.setattr(online_geocoding, "Pace", lambda _: Pace(1e9))
    heard = []
    with listener(saying(amap(*at(0.5, 0.5)), heard=heard)) as port:
        monkeypatch.setenv("WANGGE_GEOCODER_URL", f"http://127.0.0.1:{port}/map")
        code, out, err = wangge("geocode", "--online", "amap", "--yes")
    assert (code, len(heard)) == (FINE, 5)
    assert all(one.startswith("GET /map/v3/geocode/geo?") for one in heard)
    assert f"for 高德地图 (127.0.0.1:{port})" in err
    assert "  上海市试验区西镇临河路100号\n" in err
    assert KEY not in out + err
