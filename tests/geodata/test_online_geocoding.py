"""Asking another house's geocoder: turned on, paced, within its quota, and offering candidates to a person only."""

import json
import threading
from datetime import UTC, datetime

import pytest
from lookups import result, unit
from makers import add_areas, add_unit, at
from online_replies import Wire, amap, amap_failure, amap_nothing, baidu_nothing, saying
from receivers import listener
from sqlalchemy import select

from geodata.db import session_on
from geodata.errors import BadSetting
from geodata.geocode.adapters import ADAPTERS
from geodata.geocode.adapters.asking import Reply
from geodata.geocode.errors import BadReply, GeocoderOff, GeocoderRefused, GeocoderUnreachable, QuotaExceeded
from geodata.geocode.parse import Dictionary, parse_address
from geodata.models import GeocoderUse
from geodata.queries import geocoder_use
from geodata.services import destinations, online_geocoding
from geodata.services.geocoding import decide, geocode_records, review_rows
from geodata.services.online_answers import merged
from geodata.services.online_geocoding import House, Pace, ask, house, plan
from geodata.settings import GeocoderSettings, Settings
from spatial.errors import UnknownDatum

pytestmark = pytest.mark.disable_socket

KEY = "k3y-that-nobody-may-see"
WEST_TOWN = "310112101000"
NOON = datetime(2026, 3, 10, 4, tzinfo=UTC)
LON, LAT = at(0.5, 0.5)
SWAPPED = amap(LON, LAT, location=f"{LAT},{LON}")

# -- turned on ---------------------------------------------------------------------------------------


def on(name="amap", **more):
    return GeocoderSettings(name=name, key=KEY, **more)


def test_nobody_is_asked_unless_it_is_turned_on(session):
    with pytest.raises(GeocoderOff, match="set WANGGE_GEOCODER to one of tianditu, amap, baidu"):
        house(session, Settings.from_environment(env={}).geocoder, "amap")
    with pytest.raises(GeocoderOff, match="it allows amap only"):
        house(session, on(), "baidu")
    with pytest.raises(BadSetting, match="one of tianditu, amap, baidu"):
        house(session, on("google"), "google")


def test_the_key_comes_from_the_environment_or_a_file_and_is_never_shown(tmp_path):
    file = tmp_path / "key"
    file.write_text(f"{KEY}\n", encoding="utf-8")
    given = Settings.from_environment(env={"WANGGE_GEOCODER": "amap", "WANGGE_GEOCODER_KEY": KEY})
    filed = Settings.from_environment(env={"WANGGE_GEOCODER": "amap", "WANGGE_GEOCODER_KEY_FILE": str(file)})
    assert (given.geocoder.secret(), filed.geocoder.secret()) == (KEY, KEY)
    assert KEY not in repr(given) + str(given)
    with pytest.raises(BadSetting, match="WANGGE_GEOCODER_KEY is ''"):
        GeocoderSettings(name="amap", key="two words").secret()


@pytest.mark.parametrize(
    "wrong",
    [
        {"quota": "0"},
        {"quota": "many"},
        {"url": "ftp://a.cn"},
        {"url": "https://user:secret@a.cn"},
        {"url": f"https://a.cn/?key={KEY}"},
        {"network": "inside"},
    ],
    ids=str,
)
def test_settings_that_cannot_be_used_are_named(session, wrong):
    with pytest.raises(BadSetting) as caught:
        house(session, on(**wrong), "amap")
    assert KEY not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_an_installation_that_does_not_decode_their_datum_sends_nothing(session, monkeypatch):
    def off(*_, **__):
        raise UnknownDatum("gcj02", "it is not decoded here")

    monkeypatch.setattr(online_geocoding, "placed", off)
    with pytest.raises(UnknownDatum, match="not decoded here"):
        house(session, on(), "amap")


# -- asking ------------------------------------------------------------------------------------------


class Clock:
    """A clock that moves only when somebody waits."""

    def __init__(self):
        self.now = 100.0
        self.waits = []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.waits.append(round(seconds, 3))
        self.now += seconds


def test_questions_keep_their_distance():
    clock = Clock()
    pace = Pace(4.0, clock=clock, sleep=clock.sleep)
    pace.wait()
    pace.wait()
    clock.now += 0.1
    pace.wait()
    clock.now += 5.0
    pace.wait()
    assert clock.waits == [0.25, 0.15]


def fill(session):
    """Two towns, and four units whose addresses nobody here knows."""
    add_areas(session)
    addresses = {"U1": "西镇临河路200号", "U2": "西镇星海广场", "U3": "西镇", "U4": "临河路300号"}
    for code, address in addresses.items():
        add_unit(session, code, address=address)
    geocode_records(session)


FILLED_BY = {"fresh_engine": fill}


def at_house(wire, name="amap", quota=100):
    return House(ADAPTERS[name](wire, key=KEY, around="试验区"), "https://example.cn", quota)


def run(engine, wire, *, quota=100, name="amap"):
    with session_on(engine) as session:
        what = plan(session, at_house(wire, name, quota), "units", now=NOON)
    clock = Clock()
    return ask(engine, what, pace=Pace(3.0, clock=clock, sleep=clock.sleep), now=lambda: NOON)


def words_of(candidate):
    return [reason["word"] for reason in candidate["reasons"]]


def test_a_plan_says_what_would_be_sent_and_sends_nothing(fresh_engine):
    wire = Wire(amap_nothing())
    with session_on(fresh_engine) as session:
        what = plan(session, at_house(wire), "units", now=NOON)
    sent = ["试验区西镇临河路200号", "试验区西镇星海广场", "试验区临河路300号"]
    assert [question.sent for question in what.questions] == sent
    assert (what.before, what.unasked, what.left, wire.sent) == (0, 1, 100, [])


def test_answers_wait_as_candidates_with_their_source_and_place_nothing(fresh_engine):
    summary = run(fresh_engine, Wire(amap(LON, LAT), amap_nothing(), amap(*at(3.5, 0.5))))
    assert (summary.asked, summary.found, summary.bad, summary.left, summary.stopped) == (3, 2, 0, 0, None)
    with session_on(fresh_engine) as session:
        assert [row.target_code for row in review_rows(session)] == ["U1", "U2", "U3", "U4"]
        assert unit(session, "U1").geom is None
        found = result(session, "U1")
        best = found.candidates[0]
        assert (best["lon"], best["lat"]) == pytest.approx((LON, LAT), abs=2e-6)
        assert best["town_code"] == WEST_TOWN
        assert words_of(best) == ["asked_online", "town_agrees"]
        assert (found.status, found.why["online"]) == ("review", {"amap": 1})
        assert result(session, "U2").why["online"] == {"amap": 0}
        assert "online" not in result(session, "U3").why


@pytest.mark.parametrize(
    ("place", "word"),
    [
        pytest.param(at(3.5, 0.5), "town_contradicts", id="other town"),
        pytest.param(at(9, 9), "outside_district", id="out"),
    ],
)
def test_what_contradicts_the_address_is_capped(fresh_engine, place, word):
    run(fresh_engine, Wire(amap(*place)))
    with session_on(fresh_engine) as session:
        best = next(one for one in result(session, "U1").candidates if "asked_online" in words_of(one))
    assert (best["score"] <= 0.5, words_of(best)[-1]) == (True, word)


def test_a_person_accepts_one(fresh_engine):
    run(fresh_engine, Wire(amap(LON, LAT)))
    with session_on(fresh_engine) as session:
        decide(session, "units", "U1", actor="desk", candidate=1)
        placed = unit(session, "U1")
        assert (placed.place_level, placed.town_code, placed.accuracy_m) == ("door", WEST_TOWN, 100.0)


def test_nothing_is_asked_twice_and_a_run_of_our_own_keeps_what_came(fresh_engine):
    run(fresh_engine, Wire(amap(LON, LAT)))
    with session_on(fresh_engine) as session:
        geocode_records(session)
        assert "asked_online" in words_of(result(session, "U1").candidates[0])
        assert result(session, "U1").why["online"] == {"amap": 1}
    wire = Wire(amap(LON, LAT))
    assert (run(fresh_engine, wire).asked, wire.sent) == (0, [])
    assert run(fresh_engine, Wire(baidu_nothing()), name="baidu").asked == 3


def test_an_address_that_changed_is_asked_for_again(fresh_engine):
    run(fresh_engine, Wire(amap(LON, LAT)))
    with session_on(fresh_engine) as session:
        unit(session, "U1").address = "西镇临河路202号"
        geocode_records(session)
        assert [one for one in result(session, "U1").candidates if "asked_online" in words_of(one)] == []
    wire = Wire(amap(LON, LAT))
    run(fresh_engine, wire)
    assert [fields["address"] for fields in wire.questions] == ["试验区西镇临河路202号"]


def test_what_was_decided_meanwhile_stays_decided(fresh_engine):
    def slow(target):
        with session_on(fresh_engine) as session:
            decide(session, "units", "U1", actor="desk", nowhere=True)
        return Reply(200, json.dumps(amap(LON, LAT)).encode())

    with session_on(fresh_engine) as session:
        what = plan(session, at_house(slow), "units", now=NOON)
    ask(fresh_engine, what, pace=Pace(1e9), now=lambda: NOON)
    with session_on(fresh_engine) as session:
        assert (result(session, "U1").status, "online" in result(session, "U1").why) == ("decided", False)


def test_what_was_settled_before_its_turn_is_not_asked(fresh_engine):
    wire = Wire(amap(LON, LAT))
    with session_on(fresh_engine) as session:
        what = plan(session, at_house(wire), "units", now=NOON)
        decide(session, "units", "U2", actor="desk", nowhere=True)
    summary = ask(fresh_engine, what, pace=Pace(1e9), now=lambda: NOON)
    assert (summary.asked, summary.settled, len(wire.sent)) == (2, 1, 2)


def test_an_address_of_elsewhere_is_not_sent(fresh_engine):
    with session_on(fresh_engine) as session:
        add_unit(session, "U7", address="徐汇区漕溪路7号")
        add_unit(session, "U8", address="莘庄镇七莘路8号")
        geocode_records(session)
        what = plan(session, at_house(Wire(amap_nothing())), "units", now=NOON)
    assert [question.text for question in what.questions if question.text[-2] in "78"] == []
    assert what.unasked == 3


def test_the_quota_of_the_day_is_kept_to_over_all_runs(fresh_engine):
    first = Wire(amap(LON, LAT))
    summary = run(fresh_engine, first, quota=2)
    assert (len(first.sent), summary.asked, summary.left) == (2, 2, 1)
    assert isinstance(summary.stopped, QuotaExceeded)
    assert "WANGGE_GEOCODER_QUOTA" in str(summary.stopped)
    second = Wire(amap(LON, LAT))
    assert (run(fresh_engine, second, quota=2).asked, second.sent) == (0, [])
    with session_on(fresh_engine) as session:
        assert session.get(GeocoderUse, ("amap", NOON.date())).asked == 2
        assert result(session, "U1").why["online"] == {"amap": 1}


def test_two_processes_do_not_go_over_it_together(fresh_engine):
    inner = Wire(amap(LON, LAT))

    def outer(target):
        run(fresh_engine, inner, quota=3)
        return Reply(200, json.dumps(amap_nothing()).encode())

    with session_on(fresh_engine) as session:
        what = plan(session, at_house(outer, quota=3), "units", now=NOON)
    summary = ask(fresh_engine, what, pace=Pace(1e9), now=lambda: NOON)
    assert (summary.asked, len(inner.sent)) == (1, 2)
    assert isinstance(summary.stopped, QuotaExceeded)


def test_a_day_begins_at_midnight_in_china(fresh_engine):
    with session_on(fresh_engine) as session:
        what = plan(session, at_house(Wire(amap_nothing()), quota=9), "units", now=NOON)
    ask(fresh_engine, what, pace=Pace(1e9), now=lambda: datetime(2026, 3, 10, 16, 30, tzinfo=UTC))
    with session_on(fresh_engine) as session:
        assert session.scalar(select(GeocoderUse.day)) == datetime(2026, 3, 11, tzinfo=UTC).date()


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(amap_failure("10003"), id="quota"),
        pytest.param(amap_failure("10001"), id="key"),
        pytest.param(GeocoderUnreachable("amap", "no network"), id="network"),
    ],
)
def test_a_failure_stops_with_what_was_answered_kept(fresh_engine, failure):
    wire = Wire(amap(LON, LAT), failure)
    summary = run(fresh_engine, wire)
    assert (summary.asked, summary.left, len(wire.sent)) == (1, 2, 2)
    assert summary.to_json()["stopped"].startswith("amap: ")
    with session_on(fresh_engine) as session:
        assert result(session, "U1").why["online"] == {"amap": 1}
        assert "online" not in result(session, "U2").why
    assert run(fresh_engine, Wire(amap_nothing())).asked == 2


def test_one_answer_that_cannot_be_used_stops_nothing_and_three_in_a_row_do(fresh_engine):
    summary = run(fresh_engine, Wire(SWAPPED, amap_nothing()))
    assert (summary.asked, summary.bad, summary.stopped) == (2, 1, None)
    assert "lat before lon" in summary.why_bad
    with session_on(fresh_engine) as session:
        add_unit(session, "U5", address="临河路500号")
        add_unit(session, "U6", address="临河路600号")
        geocode_records(session)
    summary = run(fresh_engine, Wire(SWAPPED))
    assert (summary.bad, summary.left, isinstance(summary.stopped, BadReply)) == (3, 0, True)


def test_of_both_houses_the_best_candidate_is_kept():
    own = [{"score": 0.5 - i / 100, "of": "own", "i": i} for i in range(5)]
    assert [one["of"] for one in merged(own, [{"score": 0.1, "of": "online"}])] == ["own"] * 4 + ["online"]
    assert [one["of"] for one in merged(own, [{"score": 0.5, "of": "online"}])][:2] == ["own", "online"]
    assert merged(own, []) == own
    assert [one["of"] for one in merged([], [{"score": 0.1, "of": "online"}])] == ["online"]


# -- the real wire, to this machine --------------------------------------------------------------------


def ask_really(session, port):
    one = house(session, on(url=f"http://127.0.0.1:{port}/amap/"), "amap").geocoder
    return one.geocode(parse_address("临河路200号", Dictionary(roads=("临河路",))))


@pytest.mark.enable_socket
def test_a_gateway_is_asked_and_its_answer_believed(session):
    heard = []
    with listener(saying(amap(LON, LAT), heard=heard)) as port:
        (one,) = ask_really(session, port)
    assert (one.lon, one.lat) == pytest.approx((LON, LAT), abs=2e-6)
    assert heard[0].startswith("GET /amap/v3/geocode/geo?address=%E8%AF%95")
    assert f"key={KEY} HTTP/1.1" in heard[0]


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param(saying(b"", status="302 Found"), GeocoderUnreachable, id="redirect"),
        pytest.param(saying(b"fault", status="503 Busy"), GeocoderUnreachable, id="fault"),
        pytest.param(saying(b" " * 70_000), GeocoderUnreachable, id="too long"),
        pytest.param(saying(b"", status="403 Forbidden"), GeocoderRefused, id="refused"),
        pytest.param(lambda connection, _stop: connection.recv(10), GeocoderUnreachable, id="hung up"),
        pytest.param(
            lambda connection, _stop: connection.sendall(connection.recv(8192)), GeocoderUnreachable, id="an echo"
        ),
    ],
)
def test_what_goes_wrong_on_the_wire_is_told_without_the_key(session, answer, error):
    with listener(answer) as port, pytest.raises(error) as caught:
        ask_really(session, port)
    assert KEY not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.enable_socket
def test_a_closed_port_is_unreachable(session):
    with listener(saying({})) as port:
        pass
    with pytest.raises(GeocoderUnreachable, match="check the way out of this network"):
        ask_really(session, port)


def test_a_name_that_leads_inside_is_not_followed_unless_its_network_is_named(session, monkeypatch):
    monkeypatch.setattr(destinations, "resolve", lambda *_: ["10.20.3.4"])
    one = house(session, on(), "amap").geocoder
    with pytest.raises(GeocoderUnreachable, match="WANGGE_GEOCODER_NETWORK"):
        one.geocode(parse_address("临河路200号", Dictionary(roads=("临河路",))))


def test_two_who_count_at_once_do_not_go_over_the_quota(fresh_engine):
    taken, lock = [], threading.Lock()

    def take():
        for _ in range(10):
            with session_on(fresh_engine) as session:
                good = geocoder_use.take(session, name="amap", day=NOON.date(), quota=25)
            with lock:
                taken.append(good)

    both = [threading.Thread(target=take) for _ in range(4)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert (taken.count(True), taken.count(False)) == (25, 15)
