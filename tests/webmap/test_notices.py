"""The page of notices, the figure in the head of every page, and following a ticket."""

import re

import pytest
from makers import add_areas, add_unit, at
from sqlalchemy import event, select, text

from geodata.models import Notice, TicketFollow, User
from geodata.services.moves import move_ticket
from geodata.services.notices import HEARS
from geodata.services.tickets import Position, open_ticket
from geodata.services.users import add_user
from webmap.pages import ticket_words

WEST, EAST = "310112101000", "310112102000"


@pytest.fixture
def number(records):
    """A ticket in the western town, which a unit there will be given."""
    with records() as session:
        add_areas(session)
        add_unit(session, "U1", 0.6, 0.5, kind="market", town_code=WEST)
        lon, lat = at(0.5, 0.5)
        made = open_ticket(
            session,
            category="0501",
            title="占道<b>",
            actor="anna",
            position=Position(lon, lat, "wgs84"),
            assign_now=False,
        )
        return made.number


def supervise(records, number, times=1):
    with records() as session:
        for _ in range(times):
            move_ticket(session, number, "supervise", actor="centre", role="district", reason="请说明")


def badge(page):
    found = re.search(r'class="badge"><span aria-hidden="true">([^<]+)<', page)
    return found[1] if found else None


def test_what_happens_is_told_with_a_link_and_a_figure_in_the_head(signed_in, number, records):
    office = signed_in("town_office", area_code=WEST)
    assert badge(office.get("/units").text) is None
    supervise(records, number, 2)
    assert badge(office.get("/units").text) == "2"
    page = office.get("/notices").text
    assert page.count('<li class="unread">') == 2
    assert f'href="/tickets/{number}"' in page
    assert "占道&lt;b&gt;" in page
    assert "centre 操作" in page


def test_one_is_marked_as_read(signed_in, number, records):
    office = signed_in("town_office", area_code=WEST)
    supervise(records, number, 2)
    newest = re.search(r'action="/notices/(\d+)/read"', office.get("/notices").text)[1]
    answer = office.post(f"/notices/{newest}/read", follow_redirects=True)
    assert answer.text.count('<li class="unread">') == 1
    assert badge(answer.text) == "1"


def test_all_are_marked_as_read_up_to_what_was_shown(signed_in, number, records):
    office = signed_in("town_office", area_code=WEST)
    supervise(records, number, 2)
    until = re.search(r'name="until" value="(\d+)"', office.get("/notices").text)[1]
    supervise(records, number)
    office.post("/notices/read", data={"until": until})
    assert badge(office.get("/units").text) == "1"
    for wrong in ("", "x", "-1", "9" * 30):
        assert office.post("/notices/read", data={"until": wrong}).status_code == 302
    assert badge(office.get("/units").text) == "1"


def test_more_than_ninety_nine_are_not_counted(signed_in, number, records):
    office = signed_in("town_office", area_code=WEST)
    supervise(records, number, 101)
    assert badge(office.get("/units").text) == "99+"
    assert office.get("/notices").text.count('<li class="unread">') == 50
    assert office.get("/notices?page=3").text.count('<li class="unread">') == 1


def test_an_empty_list_says_what_will_come(signed_in):
    assert "暂无提醒" in signed_in("viewer").get("/notices").text


def test_of_a_ticket_out_of_sight_the_page_tells_number_and_kind_alone(signed_in, number, records):
    office = signed_in("town_office", area_code=WEST)
    supervise(records, number)
    with records() as session:
        session.execute(text("UPDATE ticket SET town_code = :town, office_code = :town"), {"town": EAST})
    page = office.get("/notices").text
    assert number in page
    assert f'href="/tickets/{number}"' not in page
    assert "占道" not in re.search(r'<ul class="notices">.*?</ul>', page, re.S)[0].replace("占道经营", "").replace(
        "流动摊贩", ""
    )


def test_every_move_that_is_told_has_its_words(app):
    with app.test_request_context("/?lang=en"):
        assert set(HEARS) <= set(ticket_words.moves())


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.8, "处置时限已用 80%"), (1.0, "处置时限已到"), (1.5, "处置严重超期：已达时限的 150%")],
)
def test_a_warning_says_stage_share_and_deadline(signed_in, records, share, said):
    office = signed_in("town_office", area_code=WEST)
    with records() as session:
        user = session.scalars(select(User.id)).one()
        facts = {"stage": "handle", "share": share, "due_at": "2026-03-10T09:30:00+00:00"}
        session.add(Notice(user_id=user, word="warning", facts=facts))
    page = office.get("/notices").text
    assert said in page
    assert "期限 2026-03-10 17:30" in page
    assert ("urgent" in page) == (share >= 1)


def test_nobody_marks_what_is_not_theirs(signed_in, number, records):
    office = signed_in("town_office", area_code=WEST)
    supervise(records, number)
    theirs = re.search(r'action="/notices/(\d+)/read"', office.get("/notices").text)[1]
    assert signed_in("viewer").post(f"/notices/{theirs}/read").status_code == 404
    assert badge(office.get("/units").text) == "1"


def test_a_visitor_costs_no_question(app, number):
    seen = []
    engine = app.extensions["wangge.engine"]
    event.listen(engine, "before_cursor_execute", lambda *facts: seen.append(facts[2]))
    assert app.test_client().get("/units").status_code == 200
    assert [statement for statement in seen if "notice" in statement] == []


# -- following -----------------------------------------------------------------------------------------


def test_whoever_follows_hears_of_the_end_and_whoever_stops_does_not(signed_in, number, records):
    viewer = signed_in("viewer", area_code=WEST)
    page = viewer.get(f"/tickets/{number}").text
    assert f'action="/tickets/{number}/follow"' in page
    answer = viewer.post(f"/tickets/{number}/follow", follow_redirects=True)
    assert f'action="/tickets/{number}/unfollow"' in answer.text
    assert viewer.post(f"/tickets/{number}/follow").status_code == 302
    with records() as session:
        move_ticket(session, number, "cancel", actor="office", role="town_office", reason="x")
        assert len(session.scalars(select(TicketFollow)).all()) == 1
    assert badge(viewer.get("/units").text) == "1"
    viewer.post(f"/tickets/{number}/unfollow")
    with records() as session:
        move_ticket(session, number, "reopen", actor="office", role="town_office", reason="x")
    assert badge(viewer.get("/units").text) == "1"


def test_a_ticket_out_of_sight_cannot_be_followed(signed_in, number, records):
    assert signed_in("viewer", area_code=EAST).post(f"/tickets/{number}/follow").status_code == 404
    with records() as session:
        assert session.scalars(select(TicketFollow)).all() == []


def test_whoever_reports_follows_by_it(signed_in, records):
    with records() as session:
        add_areas(session)
        add_user(session, "anna", password="a long password", role="officer", area_code=WEST)
        number = open_ticket(
            session, category="0501", title="占道", actor="anna", position=Position(*at(0.5, 0.5), "wgs84")
        ).number
    assert f'action="/tickets/{number}/follow"' in signed_in("district").get(f"/tickets/{number}").text
    with records() as session:
        assert (
            session.scalars(select(TicketFollow.user_id)).one()
            == session.scalars(select(User.id).where(User.name == "anna")).one()
        )
