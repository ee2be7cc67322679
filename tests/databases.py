"""Databases that are put back as they were, a tenth of the work of another: a test changes few rows of few tables.

A connection stays open with its database, as it does in a server: what it has read of the catalogue is read once.
So does another, by which it is put back: what is asked after each test is planned once.
"""

from collections import defaultdict
from dataclasses import dataclass
from itertools import count

import psycopg
from sqlalchemy import Engine

from geodata.db import make_engine

# What was made, altered or taken away, of tables and all that hangs on them. A table that was truncated is among it.
SHAPE = """
    SELECT
        (SELECT array[count(*), max(xmin::text::bigint)] FROM pg_class WHERE relnamespace = 'public'::regnamespace),
        (SELECT array[count(*), max(xmin::text::bigint)] FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp'),
        (SELECT array[count(*), max(xmin::text::bigint)] FROM pg_proc WHERE pronamespace = 'public'::regnamespace),
        (SELECT array[count(*), max(xmin::text::bigint)] FROM pg_attribute),
        (SELECT array[count(*), max(xmin::text::bigint)] FROM pg_attrdef),
        (SELECT array[count(*), max(xmin::text::bigint)] FROM pg_constraint),
        (SELECT array[count(*), max(xmin::text::bigint)] FROM pg_rewrite),
        (SELECT array[count(*), max(xmin::text::bigint)] FROM pg_trigger)
    """
# Others in the database, locks that outlive their transaction, tables that outlive it.
OTHERS = """
    SELECT
        (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()),
        (SELECT count(*) FROM pg_locks JOIN pg_database AS d ON d.oid = pg_locks.database
            WHERE locktype = 'advisory' AND datname = current_database()),
        (SELECT count(*) FROM pg_class WHERE relpersistence = 't')
    """
TABLES = """
    SELECT quote_ident(relname) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
        AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')
    ORDER BY relname
    """
SEQUENCES = "SELECT sequencename::text, coalesce(last_value, start_value), last_value IS NOT NULL FROM pg_sequences"
SET_SEQUENCE = "SELECT setval(quote_ident(%s), %s, %s)"


def keeper_of(engine) -> psycopg.Connection:
    """A connection of its own to an engine's database, for which no trigger fires and no key is checked."""
    address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    options = "-c session_replication_role=replica -c jit=off"
    return psycopg.connect(address, options=options, autocommit=True, prepare_threshold=0)


def marks_of(connection, tables) -> dict[str, tuple]:
    """How many rows each table has, and which transaction wrote last: any row added, changed or gone alters it."""
    parts = (f"SELECT '{table}', count(*), max(xmin::text::bigint) FROM {table}" for table in tables)
    return {name: (rows, last) for name, rows, last in connection.execute(" UNION ALL ".join(parts))}


@dataclass
class Stand:
    """How a template stands: its shape, its sequences, and the rows of each table as COPY tells them."""

    shape: tuple
    sequences: dict[str, tuple]
    rows: dict[str, bytes]

    @classmethod
    def of(cls, connection, tables) -> "Stand":
        """Read it from a copy that nobody has worked in."""
        rows = {}
        for table in tables:
            with connection.cursor().copy(f"COPY {table} TO STDOUT (FORMAT binary)") as told:
                rows[table] = b"".join(told)
        return cls(connection.execute(SHAPE).fetchone(), sequences_of(connection), rows)


def sequences_of(connection):
    return {name: (value, is_called) for name, value, is_called in connection.execute(SEQUENCES)}


@dataclass
class Copy:
    """A copy of a template with the engine that works on it, and how its tables were left."""

    template: str
    engine: Engine
    keeper: psycopg.Connection
    marks: dict[str, tuple]

    def close(self) -> None:
        """Close its connections."""
        self.engine.dispose()
        self.keeper.close()


class Shelf:
    """Copies of templates that wait for the next test."""

    def __init__(self, make_database, drop_database) -> None:
        self._make_database, self._drop_database = make_database, drop_database
        self._waiting = defaultdict(list)
        self._stands: dict[str, Stand] = {}
        self._taken = count(1)

    def take(self, template: str) -> Copy:
        """A copy of a template, as good as new."""
        copy = self._waiting[template].pop() if self._waiting[template] else self._new(template)
        # caches of the application go by the address, and another test's must not be found in them
        copy.engine.url = copy.engine.url.update_query_dict({"application_name": f"test {next(self._taken)}"})
        return copy

    def put_back(self, copy: Copy) -> None:
        """Undo what a test did; where that is more than rows, the copy is dropped."""
        try:
            is_undone = self._undone(copy)
        except psycopg.OperationalError:
            # the test took the database away
            is_undone = False
        if is_undone:
            self._waiting[copy.template].append(copy)
        else:
            copy.close()
            self._drop_database(copy.engine.url.database)

    def close(self) -> None:
        """Close the connections of all that wait; their server ends with the tests."""
        for copies in self._waiting.values():
            for copy in copies:
                copy.close()

    def _new(self, template: str) -> Copy:
        engine = make_engine(self._make_database(template))
        keeper = keeper_of(engine)
        tables = [table for (table,) in keeper.execute(TABLES)]
        if template not in self._stands:
            self._stands[template] = Stand.of(keeper, tables)
        return Copy(template, engine, keeper, marks_of(keeper, tables))

    def _undone(self, copy: Copy) -> bool:
        stand, pool, keeper = self._stands[copy.template], copy.engine.pool, copy.keeper
        others, locks, leftovers = keeper.execute(OTHERS).fetchone()
        is_ours = pool.checkedout() == 0 and others == pool.checkedin()
        if not is_ours or locks or leftovers or keeper.execute(SHAPE).fetchone() != stand.shape:
            return False
        found = marks_of(keeper, copy.marks)
        changed = [table for table, mark in found.items() if mark != copy.marks[table]]
        with keeper.transaction():
            for table in changed:
                keeper.execute(f"DELETE FROM {table}")
                with keeper.cursor().copy(f"COPY {table} FROM STDIN (FORMAT binary)") as told:
                    told.write(stand.rows[table])
        for name, (value, is_called) in sequences_of(keeper).items():
            if stand.sequences[name] != (value, is_called):
                keeper.execute(SET_SEQUENCE, (name, *stand.sequences[name]))
        copy.marks = marks_of(keeper, copy.marks) if changed else found
        if "installation" in changed:
            # a connection sets its clock by it when it begins
            copy.engine.dispose()
        return True
