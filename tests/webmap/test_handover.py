"""A ticket handed to a unit without a sign-in: the sheet, the page of the link, and all that it does not give."""

import html
import io
import re

import pytest
from makers import add_areas, add_unit, at
from pictures import photo_bytes, photo_file
from sqlalchemy import select, text, update

from geodata.models import FilingRule, Handover, Photo
from geodata.pictures import clean_picture
from geodata.services.assignment import assign
from geodata.services.moves import move_ticket
from geodata.services.photos import NewPhoto, add_photos
from geodata.services.tickets import Position, events, open_ticket, ticket

WEST, EAST = "310112101000", "310112102000"
PHONE, NAME = "021-5550-7001", "联络岗甲"


def fill(session):
    """A ticket that lies with a unit in the western town, next to another unit."""
    add_areas(session)
    for code, east in (("U1", 0.6), ("U2", 0.9)):
        contact = {"liaison_role": NAME, "liaison_phone": PHONE}
        add_unit(session, code, east, 0.5, kind="market", town_code=WEST, **contact)
    made = open_ticket(
        session,
        category="0501",
        title="占道<i>",
        description="请打13800138000",
        actor="anna",
        position=Position(*at(0.5, 0.5), "wgs84"),
    )
    return made.number


FILLED_BY = {"number": fill}


@pytest.fixture
def number(ground):
    return ground.told


@pytest.fixture
def office(signed_in):
    return signed_in("town_office", area_code=WEST)


@pytest.fixture
def unit(app):
    """Somebody with nothing but a link."""
    return app.test_client()


@pytest.fixture
def link(office, number):
    """The path of a link that the office has made."""
    return path_on(office.post(f"/tickets/{number}/handover").text)


def path_on(sheet):
    address = html.unescape(re.search(r'class="address" id="address">([^<]+)<', sheet)[1])
    assert address.startswith("http://localhost/h/")
    return address.removeprefix("http://localhost")


def state(records, number):
    with records() as session:
        return ticket(session, number).state


def test_the_sheet_has_the_link_as_text_and_as_a_code(office, number):
    answer = office.post(f"/tickets/{number}/handover")
    assert answer.status_code == 200
    assert "<svg" in answer.text
    assert "交办单位：单位U1" in answer.text
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "style=" not in re.search(r'class="code".*?</svg>', answer.text, re.S)[0]


def test_the_unit_accepts_and_reports_it_done_and_the_link_has_done_its_work(link, unit, number, records):
    page = unit.get(link)
    assert page.status_code == 200
    assert "占道&lt;i&gt;" in page.text
    for action in ("accept", "handle"):
        assert unit.post(f"{link}/{action}").headers["Location"] == link
    answer = unit.post(f"{link}/done", data={"photo": photo_file()})
    assert (answer.status_code, "已上报办结" in answer.text) == (200, True)
    assert state(records, number) == "done"
    again = unit.get(link)
    assert (again.status_code, "链接已用过" in again.text) == (410, True)
    assert unit.post(f"{link}/accept").status_code == 410
    with records() as session:
        actors = [event.actor for event in events(session, ticket(session, number))]
    assert actors[-3:] == ["unit:U1"] * 3


def test_it_is_returned_with_a_reason_of_the_list(link, unit, number, records):
    answer = unit.post(f"{link}/return", data={"code": "not_responsible", "reason": " "})
    assert (answer.status_code, 'role="alert"' in answer.text) == (409, True)
    assert state(records, number) == "dispatched"
    answer = unit.post(f"{link}/return", data={"code": "not_responsible", "reason": "不归我们"})
    assert (answer.status_code, "已退回" in answer.text) == (200, True)
    assert state(records, number) == "returned"


def test_more_time_is_asked_for_and_the_link_stays_good(link, unit, number, records):
    answer = unit.post(f"{link}/ask_extend", data={"amount": "2", "reason": "要调车"})
    assert answer.status_code == 302
    assert "已申请延期" in unit.get(link).text or "延期" in unit.get(link).text
    with records() as session:
        assert ticket(session, number).pending == "extend"


def test_looking_changes_nothing(link, unit, records):
    def kept():
        with records() as session:
            return session.execute(
                text("SELECT h.*, i.updated_at, (SELECT count(*) FROM ticket_event) FROM handover AS h, ticket AS i")
            ).all()

    before = kept()
    for method in ("GET", "HEAD", "OPTIONS"):
        unit.open(link, method=method)
    assert unit.get(f"{link}/done").status_code == 405
    assert kept() == before


def test_the_page_leads_nowhere_else_and_tells_nobodys_contact(link, unit):
    page = unit.get(link).text
    assert set(re.findall(r'(?:href|action)="([^"]+)"', page)) <= {
        "#main",
        "?lang=en",
        *(f"{link}/{action}" for action in ("accept", "handle", "done", "return", "ask_extend")),
        *re.findall(r'href="(/static/[^"]+)"', page),
    }
    for secret in (PHONE, NAME, "anna", "13800138000", "单位U2", "town_office"):
        assert secret not in page


def test_its_address_is_told_to_nobody(link, unit):
    for path in (link, "/h/AAAA.AAAA"):
        headers = unit.get(path).headers
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Robots-Tag"] == "noindex, nofollow"
        assert headers["Cache-Control"] == "private, no-store"
    page = unit.get(link).text
    assert '<meta name="robots" content="noindex, nofollow">' in page
    assert '<meta name="referrer" content="no-referrer">' in page


@pytest.mark.parametrize("action", ["close", "assign", "cancel", "note", "supervise", "fly"])
def test_no_other_move_is_there(link, unit, number, records, action):
    assert unit.post(f"{link}/{action}", data={"reason": "x"}).status_code == 404
    assert state(records, number) == "dispatched"


@pytest.mark.parametrize("spoil", [lambda path: path[:-1], lambda path: path[:3] + "A" + path[4:], lambda _p: "/h/x"])
def test_a_link_that_was_made_up_is_not_there(link, unit, spoil):
    answer = unit.get(spoil(link))
    assert (answer.status_code, "没有这个链接" in answer.text) == (404, True)


def test_guessing_is_stopped_and_a_good_link_is_stopped_with_it_for_a_while(link, unit):
    codes = [unit.get(f"/h/{number:04d}.AAAA").status_code for number in range(31)]
    assert codes == [404] * 30 + [429]
    answer = unit.get(link)
    assert (answer.status_code, "请过一刻钟" in answer.text) == (429, True)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        pytest.param("UPDATE handover SET expires_at = now()", "链接已过期", id="too old"),
        pytest.param("UPDATE handover SET revoked_at = now()", "链接已作废", id="revoked"),
        pytest.param("UPDATE ticket SET unit_id = NULL", "工单已不在贵单位", id="taken back"),
    ],
)
def test_a_link_that_has_ended_says_why(link, unit, records, how, said):
    with records() as session:
        session.execute(text(how))
    answer = unit.get(link)
    assert (answer.status_code, said in answer.text) == (410, True)


def test_a_ticket_that_is_given_on_takes_the_link_with_it(link, unit, number, records):
    with records() as session:
        session.execute(text("UPDATE member_unit SET is_active = false WHERE code = 'U1'"))
        assign(session, ticket(session, number), actor="office")
    assert unit.get(link).status_code == 410
    assert unit.post(f"{link}/accept").status_code == 410
    assert state(records, number) == "dispatched"


def test_the_page_of_the_ticket_offers_the_link_and_its_end(office, number, link, unit):
    page = office.get(f"/tickets/{number}").text
    assert f'action="/tickets/{number}/handover"' in page
    assert office.post(f"/tickets/{number}/handover/revoke").status_code == 302
    assert unit.get(link).status_code == 410
    assert f'action="/tickets/{number}/handover/revoke"' not in office.get(f"/tickets/{number}").text


def test_without_a_unit_no_link_is_offered_or_made(office, number, records):
    with records() as session:
        move_ticket(session, number, "return", actor="officer", role="officer", reason="x")
    assert "/handover" not in office.get(f"/tickets/{number}").text
    assert office.post(f"/tickets/{number}/handover").status_code == 409
    with records() as session:
        assert session.query(Handover).all() == []


@pytest.mark.parametrize(
    ("role", "area", "status"),
    [("viewer", WEST, 403), ("officer", WEST, 403), ("town_office", EAST, 404), ("district", None, 200)],
)
def test_who_makes_links(signed_in, number, role, area, status):
    assert signed_in(role, area_code=area).post(f"/tickets/{number}/handover").status_code == status


def test_a_form_without_its_token_is_refused_and_one_with_it_needs_no_referrer(app, link, number, records):
    app.config["WTF_CSRF_ENABLED"] = True
    unit = app.test_client()
    https = {"base_url": "https://localhost"}
    assert unit.post(f"{link}/accept", **https).status_code == 403
    assert state(records, number) == "dispatched"
    page = unit.get(link, **https).text
    mark = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    assert unit.post(f"{link}/accept", data={"csrf_token": mark}, **https).status_code == 302
    assert state(records, number) == "accepted"


# -- photos --------------------------------------------------------------------------------------------


def test_it_is_reported_done_with_a_photo_that_is_kept_with_its_event(link, unit, number, records):
    unit.post(f"{link}/accept")
    answer = unit.post(f"{link}/done", data={"photo": photo_file()})
    assert answer.status_code == 200
    with records() as session:
        kept = session.scalars(select(Photo)).one()
        last = events(session, ticket(session, number))[-1]
        assert (kept.kind, kept.actor, kept.seq) == ("after", "unit:U1", last.seq)
        assert last.facts["photo_sha256"] == [kept.sha256]


def test_where_the_rule_asks_for_a_photo_it_is_not_done_without_one(link, unit, number, records):
    with records() as session:
        session.execute(update(FilingRule).values(needs_photo=True))
    unit.post(f"{link}/accept")
    answer = unit.post(f"{link}/done")
    assert (answer.status_code, 'role="alert"' in answer.text) == (409, True)
    assert state(records, number) == "accepted"
    assert unit.post(f"{link}/done", data={"photo": photo_file()}).status_code == 200


def test_what_is_no_photo_is_refused_on_the_same_page_and_the_link_stays_good(link, unit, number, records):
    unit.post(f"{link}/accept")
    answer = unit.post(f"{link}/done", data={"photo": (io.BytesIO(b"<svg/>"), "x.jpg")})
    assert (answer.status_code, 'role="alert"' in answer.text) == (422, True)
    assert 'class="places"' not in answer.text
    assert state(records, number) == "accepted"
    assert unit.get(link).status_code == 200


def test_a_photo_of_the_report_is_shown_by_the_link_and_by_nothing_else(link, unit, number, records, app):
    with records() as session:
        photo = NewPhoto("report", clean_picture(photo_bytes()))
        add_photos(session, ticket(session, number), [photo], actor="anna", seq=1)
        photo_id = session.scalars(select(Photo.id)).one()
    assert f"{link}/photos/{photo_id}.jpg" in unit.get(link).text
    for address in (f"{link}/photos/{photo_id}.jpg", f"{link}/photos/{photo_id}.jpg?size=small"):
        answer = unit.get(address)
        assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert unit.get(f"{link}/photos/{photo_id + 1}.jpg").status_code == 404
    assert unit.get(f"/h/AAAA.AAAA/photos/{photo_id}.jpg").status_code == 404
    assert app.test_client().get(f"/tickets/{number}/photos/{photo_id}.jpg").status_code == 401


def test_photos_end_with_the_link(link, unit, office, number, records):
    with records() as session:
        photo = NewPhoto("report", clean_picture(photo_bytes()))
        add_photos(session, ticket(session, number), [photo], actor="anna", seq=1)
        photo_id = session.scalars(select(Photo.id)).one()
    office.post(f"/tickets/{number}/handover/revoke")
    assert unit.get(f"{link}/photos/{photo_id}.jpg").status_code == 410


def test_no_picture_is_drawn_anew_for_a_link_that_is_none(office, unit, monkeypatch):
    drawn = []
    monkeypatch.setattr("webmap.pages.handover.clean_photos", lambda uploads: drawn.append(uploads) or [])
    assert unit.post("/h/AAAA.AAAA/done", data={"photo": photo_file()}).status_code == 404
    assert drawn == []
