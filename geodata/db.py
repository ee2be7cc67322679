"""The connection to PostGIS: found or started, checked, and handed out as sessions."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from geodata import migrations
from geodata.cluster import Cluster
from geodata.errors import DatabaseUnreachable, WrongLocale
from geodata.settings import Settings
from spatial.errors import NoSuchPlace

DATABASE = "wangge"

# The state of errors that PostGIS hands on from PROJ.
_INTERNAL = "XX000"

# pg_trgm finds no letters in Chinese text where LC_CTYPE is C, and would then call any two
# addresses with the same house number equal.
LETTERS_SEEN = text("SELECT cardinality(show_trgm('东川路')) > 0")


def private_cluster(settings: Settings) -> Cluster:
    """The cluster in the data folder, started or not."""
    return Cluster(settings.data_dir)


def server_url(settings: Settings) -> str:
    """Address of the database, after creating and starting the private cluster where none is named."""
    if settings.database_url:
        # psycopg 3 is the only driver here, however the address was written
        return (
            make_url(settings.database_url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        )
    cluster = private_cluster(settings)
    cluster.ensure()
    cluster.create_database(DATABASE)
    return cluster.url(DATABASE)


# "Today" and every time shown are those of the district, whatever zone the server keeps.
SET_CLOCK = """
    DO $$ BEGIN
        IF to_regclass('installation') IS NOT NULL THEN
            PERFORM set_config('TimeZone', timezone, false) FROM installation;
        END IF;
    END $$
"""


def make_engine(url: str, *, statement_timeout_s: float = 0.0, pool_size: int = 5) -> Engine:
    """An engine on psycopg 3; a statement that runs longer than the limit is cancelled (0: no limit).

    With a limit, for a server, a transaction that nobody works in for a minute is ended as well. Without one, for
    a command, it may rest as long as the command calculates.
    """
    idle_ms = 60_000 if statement_timeout_s else 0
    options = (
        f"-c statement_timeout={int(statement_timeout_s * 1000)} "
        f"-c idle_in_transaction_session_timeout={idle_ms} -c jit=off"
    )
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=2.0 if statement_timeout_s else 30.0,
        pool_pre_ping=True,
        connect_args={"options": options, "connect_timeout": 5},
    )
    event.listen(engine, "connect", _set_clock)
    event.listen(engine, "handle_error", _tell_no_place)
    return engine


def _tell_no_place(context: ExceptionContext) -> None:
    """A place that PROJ has no numbers for is what somebody asked about, not a fault of the database."""
    error = context.original_exception
    if getattr(error, "sqlstate", None) == _INTERNAL and str(error).startswith("transform:"):
        raise NoSuchPlace from error


def _set_clock(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute(SET_CLOCK)
    cursor.close()
    connection.commit()


def open_engine(settings: Settings, *, statement_timeout_s: float = 0.0, pool_size: int = 5) -> Engine:
    """An engine on a database that answers and can read Chinese; its schema is not looked at."""
    engine = make_engine(server_url(settings), statement_timeout_s=statement_timeout_s, pool_size=pool_size)
    try:
        with engine.connect():
            pass
    except OperationalError as error:
        where = engine.url.render_as_string(hide_password=True)
        raise DatabaseUnreachable(where, str(error.orig)) from error
    return engine


def check_letters(engine: Engine) -> None:
    """Raise WrongLocale where text search is blind to Chinese; needs the schema's extensions."""
    with engine.connect() as connection:
        if not connection.execute(LETTERS_SEEN).scalar_one():
            raise WrongLocale(str(engine.url.database))


def open_records(settings: Settings, *, statement_timeout_s: float = 0.0, pool_size: int = 5) -> Engine:
    """An engine on a database whose schema is this program's and that reads Chinese.

    Raises DatabaseUnreachable, SchemaBehind or WrongLocale.
    """
    engine = open_engine(settings, statement_timeout_s=statement_timeout_s, pool_size=pool_size)
    with engine.connect() as connection:
        migrations.require_newest(connection)
    check_letters(engine)
    return engine


@contextmanager
def session_on(engine: Engine) -> Iterator[Session]:
    """A session in one transaction: committed at the end, undone on any error."""
    with Session(engine) as session, session.begin():
        yield session
