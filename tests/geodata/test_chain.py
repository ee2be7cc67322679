"""The events of a ticket are a chain that the table itself forges."""

import pytest
from alembic import command
from makers import add_areas, at
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from geodata import migrations
from geodata.services.moves import move_ticket
from geodata.services.tickets import Position, open_ticket

LINKS = text("SELECT seq, hash FROM ticket_event ORDER BY ticket_id, seq")

BROKEN = text("""
    SELECT e.ticket_id, e.seq
      FROM ticket_event AS e
      LEFT JOIN ticket_event AS p ON p.ticket_id = e.ticket_id AND p.seq = e.seq - 1
     WHERE e.hash <> ticket_event_hash(COALESCE(p.hash, ''), e)
     ORDER BY 1, 2
""")


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
    assert session.execute(BROKEN).all() == []


@pytest.mark.parametrize("change", ["actor = 'somebody'", "at = at + INTERVAL '1 second'", "facts = '{\"x\": 1}'"])
def test_a_change_behind_the_tables_back_breaks_the_chain(session, made, change):
    session.execute(text("ALTER TABLE ticket_event DISABLE TRIGGER ticket_event_is_only_added"))
    session.execute(text(f"UPDATE ticket_event SET {change} WHERE seq = 2"))
    assert [row.seq for row in session.execute(BROKEN)] == [2]


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
        assert connection.execute(BROKEN).all() == []
        assert connection.execute(text("SELECT count(*) FROM ticket_event WHERE hash IS NOT NULL")).scalar() == 3
        folded = connection.execute(
            text("SELECT reported_by, filed_at = dispatched_at, done_at, return_count, duty_grid_code FROM ticket")
        ).one()
        assert tuple(folded) == ("anna", True, None, 1, "D1")
        assert migrations.differences(connection) == []


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
