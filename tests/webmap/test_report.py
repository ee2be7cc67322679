import errno
import re
import threading
from datetime import UTC, datetime, timedelta

import pytest
from makers import add_areas, add_point, add_unit, at
from pictures import large_form, photo_bytes, photo_file
from sqlalchemy import func, select, update
from werkzeug.wrappers import Request

from geodata.models import Category, Photo, RequestKey, Ticket, TicketEvent, TicketFollow
from geodata.services.grids import make_grid
from webmap import files

PLACE = {"lon": "121.405", "lat": "31.105"}
GOOD = {**PLACE, "category": "0501", "title": "路边摆摊"}
JSON = {"Accept": "application/json"}
KEY = "0123456789abcdefghij"


def fill(session):
    add_areas(session)
    add_unit(session, "MARKET", 0.51, 0.5, kind="market", town_code="310112101000", name="集市", address="某路9号")
    add_point(session, "P1", 0.6, 0.5)
    make_grid(session, size_m=100)


FILLED_BY = {"officer": fill}


@pytest.fixture
def officer(signed_in):
    return signed_in("officer")


def count(records, model=Ticket):
    with records() as session:
        return session.scalar(select(func.count()).select_from(model))


def only_ticket(records):
    with records() as session:
        made = session.scalars(select(Ticket)).one()
        session.expunge(made)
        return made


# --- the form without scripts ----------------------------------------------------------------------


def test_a_report_becomes_a_ticket_with_its_unit(officer, records):
    page = officer.get("/report?lon=121.405&lat=31.105&category=0501")
    assert "一村" in page.text
    assert re.search(r'value="0501" checked', page.text)
    answer = officer.post("/report", data={**GOOD, "description": "每天傍晚\r\n都有", "address": "某路9号"})
    assert answer.status_code == 302
    assert "集市" in officer.get(answer.location).text
    made = only_ticket(records)
    assert (made.title, made.description, made.address, made.source) == ("路边摆摊", "每天傍晚\n都有", "某路9号", "map")
    assert (made.datum, made.datum_evidence, made.accuracy_m) == ("wgs84", "declared", None)
    assert (made.town_code, made.reported_by) == ("310112101000", "officer")


def test_the_position_of_a_device_is_kept_as_such(officer, records):
    page = officer.get("/report?lang=zh_Hans&lon=121.405&lat=31.105&accuracy=12")
    assert 'name="accuracy_m" value="12.0"' in page.text
    assert "精度约 12 米，在本网格内" in page.text
    officer.post("/report", data={**GOOD, "accuracy_m": "12", "origin": "device"})
    made = only_ticket(records)
    assert (made.datum_evidence, made.accuracy_m) == ("device", 12)


def test_a_title_that_nobody_wrote_is_the_name_of_the_kind(officer, records):
    officer.post("/report?lang=zh_Hans", data={**GOOD, "title": " "})
    assert only_ticket(records).title == "无照经营游商"


@pytest.mark.parametrize(
    ("query", "find", "origin"), [("unit=MARKET", "集市", "unit"), ("point=P1", "责任点P1", "point")]
)
def test_a_unit_or_a_duty_point_is_a_place(officer, records, query, find, origin):
    page = officer.get(f"/report?{query}").text
    assert f'value="{find}"' in page
    assert f'name="origin" value="{origin}"' in page
    assert re.search(r'name="lon" value="121\.40', page)


def test_a_unit_without_a_place_is_not_found(officer):
    assert officer.get("/report?unit=NOBODY").status_code == 404


def test_a_place_is_found_by_its_name_without_scripts(officer, records):
    page = officer.post("/report?lang=zh_Hans", data={"find": "集市", "look": "yes", "title": "摆摊"})
    assert page.status_code == 200
    spot = re.search(r'name="spot" value="([^"]+)"', page.text)[1]
    assert spot.endswith(",unit")
    assert 'value="摆摊"' in page.text
    answer = officer.post("/report", data={"category": "0501", "title": "摆摊", "find": "集市", "spot": spot})
    assert answer.status_code == 302
    with records() as session:
        lon, lat = session.scalar(select(func.st_x(Ticket.geom))), session.scalar(select(func.st_y(Ticket.geom)))
    assert (lon, lat) == pytest.approx(at(0.51, 0.5))


def test_whoever_forgets_to_look_is_asked_which_place_is_meant(officer, records):
    page = officer.post("/report?lang=zh_Hans", data={"category": "0501", "find": "集市"})
    assert page.status_code == 422
    assert 'name="spot"' in page.text
    nothing = officer.post("/report?lang=zh_Hans", data={"find": "没有这个地方", "look": "yes"})
    assert "本区没有找到" in nothing.text
    assert count(records) == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"category": ""}, "请选择问题类别"),
        ({"category": "9999"}, "请选择问题类别"),
        ({"title": "长" * 101}, "最多 100 字"),
        ({"description": "长" * 2001}, "最多 2000 字"),
        ({"lon": "", "lat": ""}, "请确定位置"),
        ({"lon": "nan"}, "请确定位置"),
        ({"lon": "1e400"}, "请确定位置"),
        ({"lon": "10", "lat": "10"}, "本区之外"),
        ({"accuracy_m": "300"}, "定位误差 300 米"),
        ({"accuracy_m": "300", "origin": "address"}, "该地址误差约 300 米"),
        ({"handled": "yes"}, "处置前、处置后照片各一张"),
        ({"datum": "venus"}, "没有“venus”这种坐标系"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(officer, records, changes, words):
    answer = officer.post("/report?lang=zh_Hans", data={**GOOD, "address": "某路9号", **changes})
    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="某路9号"' in answer.text
    told = officer.post("/report?lang=zh_Hans", data={**GOOD, **changes}, headers=JSON)
    assert told.status_code == 422
    assert words in " ".join(told.json["wrong"].values())
    assert count(records) == 0


# --- what is reported already -------------------------------------------------------------------------


def test_what_is_reported_already_is_shown_before_another_is_sent(officer, records):
    number = officer.post("/report", data={**GOOD, "photos": photo_file()}).location.rsplit("/", 1)[1]
    seen_first = officer.post("/report", data=GOOD)
    assert seen_first.status_code == 200
    assert number in seen_first.text
    assert re.search(rf"/tickets/{number}/photos/\d+-small.jpg", seen_first.text)
    told = officer.post("/report", data=GOOD, headers=JSON)
    assert (told.status_code, told.json["wrong"]) == (409, {})
    assert [(one["number"], one["metres"], len(one["photos"])) for one in told.json["alike"]] == [(number, 0, 1)]
    assert count(records) == 1
    assert number in officer.get("/report?lon=121.405&lat=31.105&category=0501").text
    assert officer.post("/report", data={**GOOD, "seen": number}).status_code == 302
    assert count(records) == 2


def test_how_near_is_near_is_the_categorys_own(officer, records):
    officer.post("/report", data=GOOD)
    north = {**GOOD, "lat": "31.10620"}
    assert officer.post("/report", data=north).status_code == 302
    with records() as session:
        session.execute(update(Category).values(similar_m=300))
    assert officer.post("/report", data=north).status_code == 200
    assert count(records) == 2


def test_instead_of_reporting_twice_one_follows(officer, records):
    number = officer.post("/report", data=GOOD).location.rsplit("/", 1)[1]
    followed = officer.post("/report/follow", data={**GOOD, "number": number, "photos": photo_file()})
    assert followed.location == f"/tickets/{number}"
    assert officer.post("/report/follow", data={"number": number}, headers=JSON).json["number"] == number
    assert (count(records), count(records, TicketFollow)) == (1, 1)
    assert officer.post("/report/follow", data={"number": "20200101-000001"}).status_code == 404


def test_what_is_at_a_place_is_told_before_anything_is_sent(officer, records):
    number = officer.post("/report", data=GOOD).location.rsplit("/", 1)[1]
    told = officer.get("/report/check?lang=zh_Hans&lon=121.405&lat=31.105&accuracy=60&category=0501").json
    assert (told["names"], told["is_inside"], told["level"]) == (["西镇", "一村"], True, "neighbour")
    assert told["said"] == "精度约 60 米，可能在相邻网格"
    assert len(told["cell"]) == 15
    assert told["border"] is None
    assert [one["number"] for one in told["alike"]] == [number]
    lon, lat = at(1, 1)
    border = officer.get(f"/report/check?lon={lon + 0.00002}&lat={lat}").json["border"]
    assert "一村" in border
    assert "二村" in border
    assert officer.get("/report/check?lon=10&lat=10").json["is_inside"] is False
    assert officer.get("/report/check").status_code == 400


# --- photos ---------------------------------------------------------------------------------------------


def test_photos_are_kept_with_the_report(officer, records):
    answer = officer.post("/report", data={**GOOD, "photos": [photo_file(), photo_file("blue", "二.png", form="PNG")]})
    with records() as session:
        photos = session.scalars(select(Photo).order_by(Photo.id)).all()
        event = session.scalars(select(TicketEvent).order_by(TicketEvent.seq)).first()
        assert [(one.kind, one.seq, one.width, one.actor) for one in photos] == [("report", 1, 400, "officer")] * 2
        assert event.facts["photo_sha256"] == [one.sha256 for one in photos]
    page = officer.get(answer.location).text
    assert len(set(re.findall(r"/photos/\d+-small.jpg", page))) == 2
    assert "IMG_0001" not in page
    assert "二.png" not in page


@pytest.mark.parametrize(
    ("photos", "words"),
    [
        ([(b"GIF89a", "x.jpg")], "第 1 张照片：这不是 JPEG"),
        ([(photo_bytes(), "1.jpg"), (photo_bytes()[:-99], "2.jpg")], "第 2 张照片：照片已损坏"),
        ([(b"", "leer.jpg")], "第 1 张照片：照片是空的"),
        ([(photo_bytes(), "x.jpg")] * 7, "最多 6 张照片，现有 7 张"),
        ([(photo_bytes() + b"\0" * 13_000_000, "x.jpg")], "照片超过 12 MB"),
    ],
)
def test_a_photo_that_is_not_taken_stores_nothing(officer, records, photos, words):
    form = large_form(GOOD, [("photos", content, name) for content, name in photos])
    answer = officer.post("/report?lang=zh_Hans", **form)
    assert answer.status_code == 422
    assert words in answer.text
    assert (count(records), count(records, Photo)) == (0, 0)


def test_a_form_with_photos_may_be_large_and_others_may_not(officer, records):
    photo = photo_bytes() + b"\0" * 5_000_000
    files = [("photos", photo, f"{n}.jpg") for n in range(6)]
    assert officer.post("/report", **large_form(GOOD, files)).status_code == 302
    more = [("photos", photo + photo, f"{n}.jpg") for n in range(6)]
    assert officer.post("/report", **large_form(GOOD, more), headers=JSON).status_code == 413
    assert officer.post("/login", **large_form({}, [("x", photo, "x")]), headers=JSON).status_code == 413


def test_without_room_for_uploads_nothing_is_stored(officer, records, monkeypatch):
    def full(*_args, **_more):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Request, "_get_file_stream", full)
    answer = officer.post("/report", data={**GOOD, "photos": photo_file()}, headers=JSON)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert count(records) == 0


# --- put right at once -----------------------------------------------------------------------------------


def test_what_was_put_right_at_once_is_done_in_one_step(officer, records):
    given = {"before": photo_file("red"), "after": photo_file("green")}
    answer = officer.post("/report", data={**GOOD, "handled": "yes", **given})
    assert answer.status_code == 302
    made = only_ticket(records)
    assert (made.state, made.is_self_handled) == ("done", True)
    with records() as session:
        events = session.scalars(select(TicketEvent).order_by(TicketEvent.seq)).all()
        assert [event.action for event in events] == ["report", "self_handle"]
        assert {(one.kind, one.seq) for one in session.scalars(select(Photo))} == {("before", 2), ("after", 2)}


# --- once, however often it is sent -------------------------------------------------------------------------


def test_the_same_form_sent_twice_is_one_ticket(officer, records):
    data = lambda: {**GOOD, "key": KEY, "photos": photo_file()}  # noqa: E731 - a file is read once
    first, again = officer.post("/report", data=data()), officer.post("/report", data=data())
    assert first.status_code == again.status_code == 302
    assert first.location == again.location
    assert count(records) == 1


def test_the_key_may_come_in_the_header_and_counts_for_its_sender_alone(officer, signed_in, records):
    headers = {**JSON, "Idempotency-Key": KEY}
    first = officer.post("/report", data=GOOD, headers=headers)
    assert (first.status_code, set(first.json)) == (201, {"number", "href"})
    assert officer.post("/report", data=GOOD, headers=headers).json == first.json
    other = signed_in("district").post("/report", data={**GOOD, "seen": first.json["number"]}, headers=headers)
    assert other.json["number"] != first.json["number"]


def test_a_key_with_something_else_is_refused_and_names_the_ticket(officer, records):
    headers = {**JSON, "Idempotency-Key": KEY}
    number = officer.post("/report", data=GOOD, headers=headers).json["number"]
    for changes in ({"title": "别的"}, {"photos": photo_file()}):
        answer = officer.post("/report?lang=zh_Hans", data={**GOOD, **changes}, headers=headers)
        assert answer.status_code == 422
        assert number in answer.json["said"]
    assert officer.post("/report", data=GOOD, headers={**JSON, "Idempotency-Key": "short"}).status_code == 400
    assert count(records) == 1


def test_what_was_not_taken_may_come_again_corrected_under_its_key(officer, records):
    headers = {**JSON, "Idempotency-Key": KEY}
    assert officer.post("/report", data={**GOOD, "category": ""}, headers=headers).status_code == 422
    assert officer.post("/report", data={**GOOD, "photos": photo_file(size=(1, 1))}, headers=headers).status_code == 201
    assert count(records, RequestKey) == 1


def test_one_key_twenty_times_at_once_is_one_ticket(app, officer, records):
    cookie = officer.get_cookie("wangge").value
    answers, lock = [], threading.Barrier(20)

    def send():
        browser = app.test_client()
        browser.set_cookie("wangge", cookie)
        lock.wait()
        data = {**GOOD, "photos": photo_file(size=(40, 30))}
        got = browser.post("/report", data=data, headers={**JSON, "Idempotency-Key": KEY})
        # a pool of eight may have no place for all; whoever is told so comes again, as the phone does
        while got.status_code in {409, 503}:
            got = browser.post(
                "/report", data={**GOOD, "photos": photo_file(size=(40, 30))}, headers={**JSON, "Idempotency-Key": KEY}
            )
        answers.append((got.status_code, got.json["number"]))

    senders = [threading.Thread(target=send) for _ in range(20)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert len(answers) == 20
    assert len(set(answers)) == 1
    assert answers[0][0] == 201
    assert (count(records), count(records, Photo), count(records, TicketEvent)) == (1, 1, 2)


# --- who may ------------------------------------------------------------------------------------------------


def test_who_may_not_report_is_refused(client, signed_in, officer):
    assert client.get("/report", headers=JSON).status_code == 401
    for role in ("viewer", "planner"):
        browser = signed_in(role)
        for path in ("/report", "/report/token", "/report/check?lon=121.4&lat=31.1"):
            assert browser.get(path, headers=JSON).status_code == 403
        assert browser.post("/report", data=GOOD, headers=JSON).status_code == 403
        assert browser.post("/report/follow", data={"number": "x"}, headers=JSON).status_code == 403


def test_a_form_that_is_not_ours_is_refused(app, officer, records):
    app.config["WTF_CSRF_ENABLED"] = True
    assert officer.post("/report", data={**GOOD, "photos": photo_file()}).status_code == 403
    assert officer.post("/report/follow", data={"number": "x"}).status_code == 403
    token = officer.get("/report/token", headers=JSON).json
    assert token["user"] == "officer"
    sent = officer.post("/report", data=GOOD, headers={**JSON, "X-CSRFToken": token["csrf"]})
    assert sent.status_code == 201
    assert count(records) == 1


def test_fields_that_are_not_asked_for_change_nothing(officer, records):
    officer.post(
        "/report",
        data={**GOOD, "state": "closed", "number": "X", "town_code": "310112102000", "actor": "admin", "source": "x"},
    )
    made = only_ticket(records)
    assert (made.state, made.town_code, made.reported_by, made.source) == (
        "dispatched",
        "310112101000",
        "officer",
        "map",
    )
    assert made.number != "X"


def test_the_worker_keeps_this_page_and_no_other(client):
    answer = client.get("/report/worker.js")
    assert answer.headers["Service-Worker-Allowed"] == "/report"
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cache-Control"] == "no-cache"
    kept = re.findall(r'^  "(/static/[^"]+)",$', answer.text, re.M)
    assert {files.address(f"js/{name}.js") for name in ("report", "report-outbox")} <= set(kept)
    assert files.address("css/report.css") in kept
    for name in kept:
        assert client.get(name, buffered=True).status_code == 200, name
    assert client.get("/report/worker.js").text == answer.text


@pytest.mark.parametrize(
    ("waited_s", "counts_s"),
    [("7200", 7200), ("59", 0), ("-5", 0), ("nan", 0), (str(8 * 86_400), 0), ("", 0)],
)
def test_a_report_that_waited_for_a_network_is_of_when_it_was_made(officer, records, waited_s, counts_s):
    form = {"lon": "121.405", "lat": "31.105", "category": "0501", "waited_s": waited_s}
    before = datetime.now(UTC)
    assert officer.post("/report", data=form).status_code == 302
    made = only_ticket(records)
    assert timedelta(0) <= made.reported_at - (before - timedelta(seconds=counts_s)) < timedelta(seconds=60)


def test_the_same_report_sent_again_later_is_the_same_request(officer, records):
    form = {"lon": "121.405", "lat": "31.105", "category": "0501", "key": KEY}
    answers = [officer.post("/report", data={**form, "waited_s": waited}).location for waited in ("100", "4000")]
    assert answers[0] == answers[1]
    assert count(records) == 1
