"""The events of a ticket are a chain that the table itself forges."""

import json

import pytest
from alembic import command
from makers import add_areas, at
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from geodata import migrations
from geodata.db import session_on
from geodata.services.chain import anchor, verify
from geodata.services.moves import move_ticket
from geodata.services.tickets import Position, open_ticket
from webmap.cli import run

LINKS = text("SELECT seq, hash FROM ticket_event ORDER BY ticket_id, seq")


def behind_the_tables_back(session, statement):
    session.execute(text("ALTER TABLE ticket_event DISABLE TRIGGER ticket_event_is_only_added"))
    session.execute(text(statement))


@pytest.fixture
def made(session):
    add_areas(session)
    ticket = open_ticket(
        session, category="0102", title="垃圾", actor="officer", position=Position(*at(0.5, 0.5), "wgs84")
    )
    move_ticket(session, ticket.number, "accept", actor="officer", role="officer")
    return ticket


def test_each_event_holds_the_hash_before_it(session, made):
    links = session.execute(LINKS).all()
    assert [row.seq for row in links] == [1, 2, 3]
    assert len({row.hash for row in links}) == 3
    assert all(len(row.hash) == 64 for row in links)
    assert verify(session).is_whole


@pytest.mark.parametrize("change", ["actor = 'somebody'", "at = at + INTERVAL '1 second'", "facts = '{\"x\": 1}'"])
def test_a_change_behind_the_tables_back_breaks_the_chain(session, made, change):
    behind_the_tables_back(session, f"UPDATE ticket_event SET {change} WHERE seq = 2")
    assert [(fault.what, fault.detail) for fault in verify(session).faults if fault.what == "hash"] == [
        ("hash", "event 2")
    ]


def test_a_missing_event_is_a_gap(session, made):
    behind_the_tables_back(session, "DELETE FROM ticket_event WHERE seq = 2")
    assert {fault.what for fault in verify(session).faults} >= {"gap", "hash"}


def test_a_ticket_that_says_other_than_its_events_is_told(session, made):
    session.execute(text("UPDATE ticket SET state = 'closed', return_count = 3"))
    session.expire_all()
    told = {(fault.what, fault.number, fault.detail.split()[0]) for fault in verify(session).faults}
    assert told == {("fold", made.number, "state"), ("fold", made.number, "return_count")}


def test_an_end_cut_off_shows_by_the_anchor(session, made):
    anchored = anchor(session)
    assert (anchored.events, verify(session).is_whole) == (3, True)
    move_ticket(session, made.number, "handle", actor="officer", role="officer")
    assert verify(session).is_whole
    behind_the_tables_back(session, "DELETE FROM ticket_event WHERE seq >= 3")
    session.execute(text("UPDATE ticket SET state = 'dispatched'"))
    session.expire_all()
    assert {fault.what for fault in verify(session).faults} == {"anchor"}


def test_the_command_says_what_is_wrong(fresh_engine, monkeypatch, capsys):
    with session_on(fresh_engine) as session:
        add_areas(session)
        open_ticket(session, category="0102", title="垃圾", actor="officer")
        behind_the_tables_back(session, "UPDATE ticket_event SET actor = 'x' WHERE seq = 1")
    monkeypatch.setenv("WANGGE_DATABASE_URL", fresh_engine.url.render_as_string(hide_password=False))
    assert run(["tickets", "verify"]) == 1
    assert "hash" in capsys.readouterr().err
    assert run(["tickets", "anchor", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["events"] == 2


@pytest.mark.parametrize("seq", [1, 3, 5])
def test_a_number_out_of_turn_is_refused(session, made, seq):
    with pytest.raises(DBAPIError, match=r"does not follow|unique"):
        session.execute(
            text(
                "INSERT INTO ticket_event (ticket_id, seq, action, to_state, actor)"
                " VALUES (:id, :seq, 'note', 'accepted', 'x')"
            ),
            {"id": made.id, "seq": seq},
        )


def test_an_older_district_is_chained_and_folded(new_database, make_bare_engine):
    engine = make_bare_engine(new_database())
    config = migrations._config()
    with engine.begin() as connection:
        config.attributes.update(connection=connection, metre_srid=4549)
        command.upgrade(config, "0003")
        connection.execute(text(OLD_DISTRICT))
    migrations.upgrade(engine)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT array_agg(action ORDER BY seq) FROM ticket_event")).scalar() == [
            *("report", "assign", "return", "import")
        ]
        folded = connection.execute(
            text("SELECT reported_by, filed_at = dispatched_at, done_at, return_count, duty_grid_code FROM ticket")
        ).one()
        assert tuple(folded) == ("anna", True, None, 1, "D1")
        assert migrations.differences(connection) == []
    with Session(engine) as session:
        assert verify(session).is_whole


OLD_DISTRICT = """
    INSERT INTO installation (id, code, name, metre_srid, timezone, lang, code_pattern)
    VALUES (1, '310112', 'x', 4549, 'Asia/Shanghai', 'zh_Hans', '{district:6}');
    INSERT INTO category (code, major_zh, major_en, name_zh, name_en) VALUES ('0102', 'a', 'a', 'b', 'b');
    INSERT INTO duty_grid (scheme, code, name) VALUES ('responsibility', 'D2', 'x'), ('responsibility', 'D1', 'x');
    INSERT INTO duty_grid_cell (duty_grid_id, cell_code) SELECT id, 'C1' FROM duty_grid;
    INSERT INTO ticket (number, source, category_code, title, state, reported_at, cell_code)
    VALUES ('1', 'desk', '0102', 'x', 'returned', now(), 'C1');
    INSERT INTO ticket_event (ticket_id, seq, action, from_state, to_state, actor)
    SELECT t.id, e.* FROM ticket AS t,
           (VALUES (1, 'report', NULL, 'reported', 'anna'), (2, 'assign', 'reported', 'dispatched', 'town'),
                   (3, 'return', 'dispatched', 'returned', 'town')) AS e;
"""
