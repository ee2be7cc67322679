"""A database that is put back is as good as a new one, or is not used again."""

import pytest
from databases import Stand
from makers import add_areas, add_unit
from sqlalchemy import text

from geodata.db import session_on
from geodata.services.tickets import open_ticket
from geodata.services.users import add_user


@pytest.fixture
def stand_of(shelf):
    """A function from a copy to all that stands in it."""

    def read(copy):
        return Stand.of(copy.keeper, copy.marks)

    return read


@pytest.fixture
def take(shelf, templates):
    """A function that takes a copy of a district of these tests' own; `take.put_back` puts one back before the end."""
    taken = []

    def one():
        taken.append(shelf.take(templates(code="310199")))
        return taken[-1]

    def put_back(copy):
        taken.remove(copy)
        shelf.put_back(copy)

    one.put_back = put_back
    yield one
    for copy in taken:
        shelf.put_back(copy)


def work_in(copy):
    """What people do in a district."""
    with session_on(copy.engine) as session:
        add_areas(session)
        add_unit(session, "U1", 0.5, 1.1, town_code="310112101000")
        add_user(session, "anna", password="a long password", role="officer")
        open_ticket(session, category="0102", title="垃圾", actor="officer")
        session.execute(text("UPDATE category SET name_zh = 'other'"))
        session.execute(text("DELETE FROM calendar_day"))
        session.execute(text("UPDATE installation SET name = 'elsewhere'"))


def test_what_was_added_altered_and_removed_is_undone(take, stand_of):
    copy = take()
    new = stand_of(copy)
    work_in(copy)
    assert stand_of(copy) != new
    take.put_back(copy)
    again = take()
    assert again.engine is copy.engine
    assert stand_of(again) == new
    # and a second time, of rows that were put back
    with session_on(again.engine) as session:
        session.execute(text("UPDATE category SET name_zh = 'another'"))
    take.put_back(again)
    assert stand_of(take()) == new


def test_each_has_an_address_of_its_own_that_leads_to_it(take, make_bare_engine):
    copy = take()
    first = copy.engine.url
    take.put_back(copy)
    again = take()
    assert again.engine is copy.engine
    assert again.engine.url != first
    with make_bare_engine(again.engine.url).connect() as connection:
        assert connection.scalar(text("SELECT current_database()")) == first.database


MORE_THAN_ROWS = {
    "a table": "CREATE TABLE other (id int)",
    "a column": "ALTER TABLE ticket ADD COLUMN other int",
    "a column that may be empty": "ALTER TABLE ticket ALTER COLUMN title DROP NOT NULL",
    "a default": "ALTER TABLE category ALTER COLUMN similar_m SET DEFAULT 1",
    "an index gone": "DROP INDEX ix_ticket_town_code",
    "a check gone": "ALTER TABLE ticket DROP CONSTRAINT ck_ticket_state",
    "a trigger switched off": "ALTER TABLE ticket_event DISABLE TRIGGER USER",
    "a function": "CREATE FUNCTION other() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "a table of the session": "CREATE TEMP TABLE other (id int)",
    "a lock of the session": "SELECT pg_advisory_lock(1)",
    "a table emptied whole": "TRUNCATE calendar_day",
    "a schema": "CREATE SCHEMA other",
}


@pytest.mark.parametrize("statement", MORE_THAN_ROWS.values(), ids=MORE_THAN_ROWS)
def test_after_more_than_rows_it_is_not_used_again(take, statement):
    copy = take()
    with session_on(copy.engine) as session:
        session.execute(text(statement))
    take.put_back(copy)
    assert take().engine is not copy.engine


def test_while_somebody_is_connected_it_is_not_used_again(take, make_bare_engine):
    copy = take()
    connection = make_bare_engine(copy.engine.url).connect()
    connection.execute(text("SELECT 1"))
    take.put_back(copy)
    connection.invalidate()
    assert take().engine is not copy.engine


def test_a_connection_that_was_not_given_back_is_no_hindrance(take):
    copy = take()
    connection = copy.engine.connect()
    connection.execute(text("SELECT * FROM category"))
    take.put_back(copy)
    connection.invalidate()
    assert take().engine is not copy.engine


def test_one_that_is_gone_is_no_hindrance(take, cluster):
    copy = take()
    copy.engine.dispose()
    cluster.drop_database(copy.engine.url.database)
    take.put_back(copy)
    assert take().engine is not copy.engine
