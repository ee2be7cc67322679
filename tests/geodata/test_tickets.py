"""Tickets: what a report stores, and the moves of their life."""

from datetime import UTC, datetime, timedelta

import pytest
from makers import add_areas, add_unit, at, square
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, IntegrityError

from geodata.errors import BadSetting, MoveRefused, NotFound
from geodata.models import ROLES, Area
from geodata.queries.scope import ALL
from geodata.queries.tickets import of_number
from geodata.services.grids import make_grid
from geodata.services.history import events
from geodata.services.moves import Step, move_through, move_ticket
from geodata.services.stamps import check_stamps
from geodata.services.tickets import (
    Position,
    Report,
    open_ticket,
    open_tickets,
    ticket,
)
from geodata.services.workflow import MOVES, STATES, moves_from
from spatial.coordinates import Coordinates
from spatial.crs import WGS84, Datum
from spatial.errors import BadGeometry, UnknownDatum

# One o'clock in the morning of the 15th in Shanghai, still the 14th in Greenwich.
NIGHT = datetime(2026, 1, 14, 17, 0, tzinfo=UTC)
DUE = NIGHT + timedelta(days=3)
WEST_TOWN, FIRST = "310112101000", "310112101001"


def report(session, **facts):
    lon, lat = at(0.5, 1.0)
    plain = {"category": "0102", "title": "路边垃圾", "actor": "officer", "position": Position(lon, lat, "wgs84")}
    return open_ticket(session, **{**plain, **facts})


def dispatched(session):
    add_areas(session)
    add_unit(session, "U1", 0.5, 1.1, town_code=WEST_TOWN, opening_hours="24/7")
    return report(session)


def walk(session, number, *actions, actor="officer", role="officer"):
    for action in actions:
        photos = ("after",) if action == "done" else ()
        move_ticket(session, number, action, actor=actor, role=role, photos=photos)


def test_a_report_has_number_codes_and_first_event(session):
    add_areas(session)
    make_grid(session, size_m=500.0)
    made = report(
        session, reported_at=NIGHT, description="三袋", address="临河路", source="phone", source_ref="A-1", due_at=DUE
    )
    assert (made.town_code, made.village_code) == (WEST_TOWN, FIRST)
    assert made.cell_code.startswith(FIRST)
    first = events(session, made)[0]
    assert (first.seq, first.action, first.to_state, first.actor) == (1, "report", "reported", "officer")
    assert made.due_at == DUE
    assert ticket(session, made.number) is made
    assert check_stamps(session) == []


def test_numbers_carry_the_districts_day_and_rise(session):
    add_areas(session)
    one, two = report(session, reported_at=NIGHT), report(session, reported_at=NIGHT)
    assert one.number.startswith("20260115-")
    assert len(one.number) == 15
    assert one.number < two.number


@pytest.mark.parametrize("name", ["gcj02", "bd09", "epsg:4549", "cgcs2000"])
def test_a_place_in_any_datum_is_kept_as_received_and_stands_where_it_is(session, name):
    add_areas(session)
    lon, lat = at(0.5, 1.0)
    raw = Coordinates(lon, lat, WGS84).to_wgs84().written_in(Datum.parse(name))
    x, y = float(raw.x[0]), float(raw.y[0])
    made = report(session, position=Position(x, y, name, accuracy_m=20.0))
    session.refresh(made)
    where = session.execute(text("SELECT ST_X(geom), ST_Y(geom) FROM ticket")).one()
    assert tuple(where) == pytest.approx((lon, lat), abs=1e-7)
    assert (made.raw_x, made.raw_y, made.datum, made.accuracy_m) == (x, y, name, 20.0)
    assert made.village_code == FIRST


def test_the_codes_are_those_of_the_day_of_report(session):
    add_areas(session)
    session.execute(text("UPDATE area SET valid_to = '2026-01-01' WHERE code = :code"), {"code": FIRST})
    session.add(
        Area(
            level="village",
            code="310112101009",
            name="新村",
            parent_code=WEST_TOWN,
            valid_from=datetime(2026, 1, 1).date(),  # noqa: DTZ001 - a plain day
            geom=square(0, 0, 1, 2),
        )
    )
    session.flush()
    assert report(session, reported_at=NIGHT).village_code == "310112101009"
    assert report(session, reported_at=datetime(2025, 6, 1, tzinfo=UTC)).village_code == FIRST


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        pytest.param({"category": "9999"}, NotFound, id="unknown category"),
        pytest.param({"title": "   "}, BadSetting, id="no title"),
        pytest.param({"position": Position(1, 1, "nad27")}, UnknownDatum, id="unknown datum"),
        pytest.param({"position": Position(1, 100, "wgs84")}, BadGeometry, id="nowhere on the globe"),
        pytest.param({"position": Position(float("nan"), 1, "wgs84")}, BadGeometry, id="not a number"),
    ],
)
def test_a_report_that_cannot_be_stored_is_refused(session, facts, error):
    with pytest.raises(error):
        report(session, **facts)
    assert session.execute(text("SELECT count(*) FROM ticket")).scalar_one() == 0


def test_the_same_report_from_a_source_is_stored_once(session):
    add_areas(session)
    report(session, source="city", source_ref="17")
    with pytest.raises(IntegrityError):
        report(session, source="city", source_ref="17")


def test_a_ticket_goes_its_way_and_every_step_is_kept(session):
    made = dispatched(session)
    walk(session, made.number, "accept", "handle", "done")
    walk(session, made.number, "check", "close", actor="town", role="town_office")
    assert made.state == "closed"
    assert made.closed_at is not None
    history = events(session, made)
    assert [event.seq for event in history] == [1, 2, 3, 4, 5, 6, 7]
    # the state is what the events add up to
    assert [event.from_state for event in history[1:]] == [event.to_state for event in history[:-1]]
    assert history[-1].to_state == made.state


def test_several_moves_are_made_together_or_not_at_all(session):
    made = dispatched(session)
    steps = [Step(action, "officer", "officer", NIGHT, photos=("after",)) for action in ("accept", "handle", "done")]
    assert move_through(session, made.number, steps).state == "done"
    with pytest.raises(MoveRefused), session.begin_nested():
        move_through(session, made.number, [Step("close", "town", "town_office", NIGHT), steps[0]])
    assert ticket(session, made.number).state == "done"


def test_a_returned_ticket_lies_with_the_office_of_its_town(session):
    made = dispatched(session)
    unit_id = made.unit_id
    move_ticket(session, made.number, "return", actor="officer", role="officer", reason="不归我们管")
    assert (made.state, made.unit_id, made.office_code) == ("returned", None, WEST_TOWN)
    last = events(session, made)[-1]
    assert last.facts == {
        "reason": "不归我们管",
        "code": "other",
        "office_code": WEST_TOWN,
        "returned_by_id": unit_id,
        "returned_by": "U1",
    }


@pytest.mark.parametrize(
    ("before", "action", "actor", "role", "reason", "said"),
    [
        pytest.param((), "done", "officer", "officer", None, "dispatched", id="out of turn"),
        pytest.param((), "accept", "viewer", "viewer", None, "role", id="not with this role"),
        pytest.param((), "return", "officer", "officer", None, "reason", id="no reason given"),
        pytest.param((), "return", "officer", "officer", "  ", "reason", id="an empty reason"),
        pytest.param(
            ("accept", "done"), "close", "officer", "town_office", None, "somebody else", id="four eyes on close"
        ),
        pytest.param(("accept", "done"), "check", "officer", "officer", None, "somebody else", id="four eyes on check"),
    ],
)
def test_a_move_that_may_not_be_made_is_refused_and_leaves_nothing(session, before, action, actor, role, reason, said):
    made = dispatched(session)
    walk(session, made.number, *before)
    state, count = made.state, len(events(session, made))
    with pytest.raises(MoveRefused, match=said):
        move_ticket(session, made.number, action, actor=actor, role=role, reason=reason)
    assert (made.state, len(events(session, made))) == (state, count)


@pytest.mark.parametrize("action", ["fly", *(move.action for move in MOVES.values() if move.is_by_rule)])
def test_only_moves_of_the_table_are_made_by_hand(session, action):
    made = dispatched(session)
    with pytest.raises(NotFound):
        move_ticket(session, made.number, action, actor="admin", role="admin")


def test_each_ticket_is_read_by_the_same_alias():
    """With one of its own, SQLAlchemy matches all its columns anew each time, which takes longer than asking."""
    one, other = (of_number(number, ALL).column_descriptions[0]["entity"] for number in ("1", "2"))
    assert one is other


def test_a_ticket_that_is_not_there_cannot_be_moved(session):
    with pytest.raises(NotFound):
        move_ticket(session, "20260101-000000", "accept", actor="officer", role="officer")


@pytest.mark.parametrize("change", ["UPDATE ticket_event SET actor = 'x'", "DELETE FROM ticket_event"])
def test_history_is_never_edited(session, change):
    dispatched(session)
    with pytest.raises(DatabaseError, match="only ever added"):
        session.execute(text(change))


def test_the_table_of_moves_speaks_of_known_states(session):
    for move in MOVES.values():
        assert move.sources <= set(STATES)
        assert move.target in {"", *STATES}
        assert move.roles <= set(ROLES)
        assert move.answers is None or move.answers in {each.asks for each in MOVES.values()}
    may = {move.action for move in moves_from("dispatched", "officer")}
    assert may == {"accept", "handle", "return", "ask_extend", "answer", "appeal", "note"}
    assert moves_from("dispatched", "viewer") == []
    assert {move.action for move in moves_from("merged", "admin")} == set()


def test_many_reports_are_stored_at_once_like_one_by_one(session):
    add_areas(session)
    make_grid(session, size_m=500.0)
    (west, south), outside = at(0.5, 1.0), at(9.0, 9.0)
    places = [Position(west, south, "wgs84"), Position(*outside, "wgs84"), None]
    made = open_tickets(
        session, [Report("0102", f"第{n}件", "officer", NIGHT, place) for n, place in enumerate(places)]
    )
    alone = report(session, reported_at=NIGHT)
    assert [each.number for each in made] == sorted(each.number for each in made)
    assert [each.town_code for each in made] == [WEST_TOWN, None, None]
    assert (made[0].village_code, made[0].cell_code) == (alone.village_code, alone.cell_code)
    assert {each.state for each in made} == {"reported"}
    assert [[event.action for event in events(session, each)] for each in made] == [["report"]] * 3


def test_of_many_reports_none_is_stored_when_one_cannot_be(session):
    with pytest.raises(NotFound):
        open_tickets(session, [Report(code, "路边垃圾", "officer", NIGHT) for code in ("0102", "9999")])
    assert session.execute(text("SELECT count(*) FROM ticket")).scalar_one() == 0
