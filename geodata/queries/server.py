"""Questions to the server itself, not to the records."""

from sqlalchemy import Connection, Engine, text

OTHERS = text("""
    SELECT count(*)
      FROM pg_stat_activity
     WHERE backend_type = 'client backend'
       AND pid <> pg_backend_pid()
""")

# PostgreSQL itself quotes the names.
RENAME = text("SELECT format('ALTER DATABASE %I RENAME TO %I', CAST(:old AS text), CAST(:new AS text))")


def other_clients(connection: Connection) -> int:
    """How many other connections the server has at this moment."""
    found: int = connection.execute(OTHERS).scalar_one()
    return found


def rename_database(engine: Engine, old: str, *, new: str) -> None:
    """Give a database another name; nobody may be connected to it, and `engine` is on another one."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        statement = connection.execute(RENAME, {"old": old, "new": new}).scalar_one()
        connection.execute(text(statement))
