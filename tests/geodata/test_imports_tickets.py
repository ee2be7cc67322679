"""Tickets of another system: numbers, states, times, places, and what happens when they come again."""

from datetime import UTC, datetime

import files
import makers
import pytest
from sqlalchemy import select

from geodata.models import Ticket, TicketEvent
from geodata.services.imports import import_file
from geodata.services.stamps import check_stamps

HEAD = "工单号,类别,标题,状态,上报时间,结案时间,地址,经度,纬度"
PLAIN = "7,0501,占道,open,2024-04-16 08:00,,春申路1号,121.405,31.105"


@pytest.fixture
def tickets(tmp_path):
    """A function that makes a file of tickets from its lines."""
    return lambda *lines, head=HEAD: files.table(tmp_path / "tickets.csv", head, *lines)


def take(session, path, **options):
    return import_file(session, "tickets", path, **{"datum": "wgs84", "source": "hotline", **options})


def ticket(session, ref="7"):
    return session.scalars(select(Ticket).where(Ticket.source_ref == ref)).one()


def history(session, ref="7"):
    found = select(TicketEvent).where(TicketEvent.ticket_id == ticket(session, ref).id).order_by(TicketEvent.seq)
    return [(event.seq, event.action, event.from_state, event.to_state) for event in session.scalars(found)]


def test_it_works(session, tickets):
    makers.add_areas(session)
    report = take(session, tickets(PLAIN), actor="officer")
    assert (report.stored, report.problems, report.refused) == (1, [], None)
    kept = ticket(session)
    assert (kept.source, kept.category_code, kept.title, kept.state) == ("hotline", "0501", "占道", "reported")
    assert kept.reported_at == datetime(2024, 4, 16, 0, 0, tzinfo=UTC)  # eight o'clock in Shanghai
    assert kept.number.startswith("20240416-")
    assert (kept.town_code, kept.village_code, kept.office_code) == (
        "310112101000",
        "310112101001",
        "310112101000",
    )
    assert history(session) == [(1, "import", None, "reported")]
    assert check_stamps(session) == []


def test_the_limit_comes_along_and_follows_the_other_system(session, tickets):
    head = HEAD.replace("结案时间", "办结期限")
    take(session, tickets(PLAIN.replace("08:00,,", "08:00,2024-04-18 17:30,"), head=head))
    assert ticket(session).due_at == datetime(2024, 4, 18, 9, 30, tzinfo=UTC)
    # a file that says nothing of limits leaves them alone
    assert take(session, tickets(PLAIN)).unchanged == 1
    assert take(session, tickets(PLAIN.replace("08:00,,", "08:00,2024-04-20,"), head=head)).changed == 1
    session.expire_all()
    assert ticket(session).due_at == datetime(2024, 4, 19, 16, 0, tzinfo=UTC)


def test_the_same_file_again_changes_nothing(session, tickets):
    path = tickets(PLAIN)
    take(session, path)
    number = ticket(session).number
    assert take(session, path).unchanged == 1
    assert ticket(session).number == number
    assert len(history(session)) == 1


def test_a_ticket_without_place_is_kept_for_the_district(session, tickets):
    report = take(session, tickets("7,0501,占道,open,2024-04-16,,春申路1号,,"))
    note = next(note for note in report.notes if note.word == "no_position")
    assert (report.stored, note.facts) == (1, {"count": 1, "rows": [2]})
    assert (ticket(session).town_code, ticket(session).office_code) == (None, "310112")


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("Open", "reported"),
        ("In Progress", "handling"),
        ("Assigned", "filed"),
        ("Pending", "waiting"),
        ("Closed", "closed"),
        ("已结案", "closed"),
        ("处置中", "handling"),
        ("dispatched", "dispatched"),
        ("", "reported"),
    ],
)
def test_states_of_other_systems(word, state, session, tickets):
    take(session, tickets(f"7,0501,占道,{word},2024-04-16,,,121.405,31.105"))
    assert ticket(session).state == state


def test_categories_are_known_by_name(session, tickets):
    take(session, tickets("7,illegal structure,违建,open,2024-04-16,,,,", "8,暴露垃圾,垃圾,open,2024-04-16,,,,"))
    assert (ticket(session).category_code, ticket(session, "8").category_code) == ("0101", "0102")


@pytest.mark.parametrize(
    ("line", "field", "reason"),
    [
        pytest.param("7,UFO,x,open,2024-04-16,,,,", "category_code", "no category", id="an unknown category"),
        pytest.param("7,501,x,open,2024-04-16,,,,", "category_code", "0501 was perhaps meant", id="a zero lost"),
        pytest.param("7,0501,x,lost,2024-04-16,,,,", "state", "must be one of reported", id="an unknown state"),
        pytest.param("7,0501,x,open,,,,,", "reported_at", "it is empty", id="no time"),
        pytest.param("7,0501,x,open,16/04/2024,,,,", "reported_at", "2024-04-16", id="another calendar"),
    ],
)
def test_a_row_that_is_not_understood_is_a_problem(line, field, reason, session, tickets):
    report = take(session, tickets(line))
    assert [(p.row, p.field) for p in report.problems] == [(2, field)]
    assert reason in report.problems[0].reason


def test_a_ticket_without_title_bears_its_category(session, tickets):
    take(session, tickets("7,0501,,open,2024-04-16,,,,"))
    assert ticket(session).title == "无照经营游商"


def test_tickets_without_numbers_are_told_apart_by_content(session, tickets):
    path = tickets("0501,2024-04-16 08:00", "0501,2024-04-16 09:00", head="类别,上报时间")
    report = take(session, path)
    assert (report.stored, take(session, path).unchanged) == (2, 2)
    assert "made_refs" in report.words()


def test_the_source_keeps_numbers_of_two_systems_apart(session, tickets):
    path = tickets(PLAIN)
    take(session, path, source="hotline")
    assert take(session, path, source="patrol").stored == 1


def test_a_state_that_moved_there_moves_here_with_an_event(session, tickets):
    take(session, tickets(PLAIN))
    assert take(session, tickets(PLAIN.replace("open", "closed"))).changed == 1
    assert history(session) == [(1, "import", None, "reported"), (2, "import", "reported", "closed")]


def test_a_ticket_our_people_worked_on_keeps_its_state(session, tickets):
    path = tickets(PLAIN)
    take(session, path)
    held = ticket(session)
    session.add(
        TicketEvent(ticket_id=held.id, seq=2, action="handle", from_state="reported", to_state="handling", actor="x")
    )
    held.state = "handling"
    session.flush()
    report = take(session, path)
    assert report.unchanged == 1
    assert ticket(session).state == "handling"
    assert "state_kept" in report.words()


def test_a_ticket_that_moves_is_stamped_anew(session, tickets):
    makers.add_areas(session)
    take(session, tickets(PLAIN))
    take(session, tickets(PLAIN.replace("121.405", "121.435")))
    assert (ticket(session).town_code, ticket(session).office_code) == ("310112102000", "310112102000")
    assert check_stamps(session) == []


def test_closed_before_reported_is_told(session, tickets):
    report = take(session, tickets("7,0501,x,closed,2024-04-16,2024-04-15,,,"))
    assert (report.stored, "closed_before_reported" in report.words()) == (1, True)


def test_numbers_rise_in_the_order_of_the_file(session, tickets):
    take(session, tickets(PLAIN, PLAIN.replace("7,", "8,", 1), PLAIN.replace("7,", "9,", 1)))
    numbers = [ticket(session, ref).number for ref in "789"]
    assert numbers == sorted(numbers)
    assert len(set(numbers)) == 3
