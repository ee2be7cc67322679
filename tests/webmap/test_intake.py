import re
from datetime import UTC, datetime, timedelta

import pytest
from makers import add_areas, add_unit, at
from pictures import photo_file
from sqlalchemy import func, select

from geodata.models import Photo, Ticket

LON, LAT = at(0.5, 0.5)
GOOD = {
    "source": "hotline",
    "source_ref": "SH-1",
    "category": "0501",
    "title": "路边摆摊",
    "lon": f"{LON}",
    "lat": f"{LAT}",
}
JSON = {"Accept": "application/json"}


@pytest.fixture
def office(signed_in, records):
    with records() as session:
        add_areas(session)
        add_unit(session, "MARKET", 0.51, 0.5, kind="market", town_code="310112101000", name="集市")
    return signed_in("town_office")


def stored(records):
    with records() as session:
        made = session.scalars(select(Ticket).order_by(Ticket.id)).all()
        session.expunge_all()
        return made


def test_what_others_told_is_written_down_and_given_to_a_unit(office, records):
    assert "12345 热线" in office.get("/intake?lang=zh_Hans&source=hotline").text
    answer = office.post("/intake", data={**GOOD, "photos": photo_file()})
    assert answer.status_code == 302
    page = office.get(answer.location).text
    assert "集市" in page
    assert "12345 热线 SH-1" in page
    (made,) = stored(records)
    assert (made.source, made.source_ref, made.reported_by, made.state) == (
        "hotline",
        "SH-1",
        "town_office",
        "dispatched",
    )
    with records() as session:
        assert session.scalar(select(func.count()).select_from(Photo)) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"source": ""}, "请选择案件来源"),
        ({"source": "rumour"}, "请选择案件来源"),
        ({"source_ref": "9" * 61}, "最多 60 字"),
        ({"title": ""}, "请用几个字说明问题"),
        ({"category": ""}, "请选择问题类别"),
        ({"lon": "", "lat": ""}, "请确定位置"),
        ({"lon": "10", "lat": "10"}, "本区之外"),
        ({"reported_at": "yesterday"}, "一年以内的时间"),
        ({"reported_at": "2001-01-01T08:00"}, "一年以内的时间"),
        ({"reported_at": "2999-01-01T08:00"}, "一年以内的时间"),
    ],
)
def test_what_is_wrong_is_said(office, records, changes, words):
    answer = office.post("/intake?lang=zh_Hans", data={**GOOD, "address": "某路9号", **changes})
    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="某路9号"' in answer.text
    assert stored(records) == []


def test_the_same_number_of_a_source_is_one_ticket(office, records):
    number = office.post("/intake", data=GOOD).location.rsplit("/", 1)[1]
    again = office.post("/intake?lang=zh_Hans", data={**GOOD, "seen": number, "title": "又来了"})
    assert again.status_code == 422
    assert f"工单号 {number}" in again.text
    assert len(stored(records)) == 1


def test_a_form_sent_twice_is_one_ticket(office, records):
    data = {**GOOD, "source_ref": "", "key": "0123456789abcdefghij"}
    first, again = office.post("/intake", data=data), office.post("/intake", data=data)
    assert first.location == again.location
    assert len(stored(records)) == 1


def test_when_it_was_told_is_when_it_was_reported(office, records):
    told = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(days=2)
    local = told + timedelta(hours=8)
    office.post("/intake", data={**GOOD, "reported_at": f"{local:%Y-%m-%dT%H:%M}"})
    (made,) = stored(records)
    assert made.reported_at == told


def test_a_coordinate_of_another_datum_is_kept_as_it_came(office, records):
    office.post("/intake", data={**GOOD, "datum": "gcj02"})
    (made,) = stored(records)
    assert (made.datum, made.raw_x, made.raw_y) == ("gcj02", pytest.approx(LON), pytest.approx(LAT))
    with records() as session:
        assert abs(session.scalar(select(func.st_x(Ticket.geom))) - LON) > 0.003


def test_what_nobody_can_place_goes_to_the_districts_office(office, records):
    answer = office.post("/intake", data={**GOOD, "lon": "", "lat": "", "nowhere": "yes"})
    assert answer.status_code == 302
    (made,) = stored(records)
    assert (made.geom, made.office_code, made.unit_id) == (None, "310112", None)


def test_a_place_is_found_by_its_name(office, records):
    page = office.post("/intake", data={"find": "集市", "look": "yes", "source": "media"})
    spot = re.search(r'name="spot" value="([^"]+)"', page.text)[1]
    assert re.search(r'value="media" selected', page.text)
    assert office.post("/intake", data={**GOOD, "lon": "", "lat": "", "find": "集市", "spot": spot}).status_code == 302


def test_details_of_a_person_are_not_written_down_by_the_way(office, records):
    data = {**GOOD, "description": "王阿姨，电话１３８ 1234 5678，车牌沪A12345"}
    warned = office.post("/intake?lang=zh_Hans", data=data)
    assert warned.status_code == 422
    assert "文字中含个人信息：电话号码、车牌号" in warned.text
    assert stored(records) == []
    assert office.post("/intake", data={**data, "personal": "mask"}).status_code == 302
    (made,) = stored(records)
    assert made.description == "王阿姨，电话１３８ **** 5678，车牌沪A***45"


def test_what_the_work_needs_is_kept_on_purpose(office, records):
    data = {**GOOD, "title": "废弃车辆沪A12345", "category": "0107"}
    assert office.post("/intake", data={**data, "personal": "keep"}).status_code == 302
    assert stored(records)[0].title == "废弃车辆沪A12345"


def test_what_is_reported_already_is_shown_first(office, records):
    number = office.post("/intake", data=GOOD).location.rsplit("/", 1)[1]
    seen = office.post("/intake", data={**GOOD, "source_ref": "SH-2"})
    assert (seen.status_code, number in seen.text) == (200, True)
    assert office.post("/intake", data={**GOOD, "source_ref": "SH-2", "seen": number}).status_code == 302
    assert len(stored(records)) == 2


def test_only_offices_write_down_what_others_told(client, signed_in, office):
    assert client.get("/intake", headers=JSON).status_code == 401
    for role in ("viewer", "officer", "planner"):
        browser = signed_in(role)
        assert browser.get("/intake", headers=JSON).status_code == 403
        assert browser.post("/intake", data=GOOD, headers=JSON).status_code == 403
