"""How fresh the data behind a cached answer are."""

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.catalog import Collection

VERSIONS = text("SELECT table_name, version FROM data_version")


def data_version(session: Session, tables: Sequence[str]) -> str:
    """A text that is another one whenever one of the tables has changed; tables never touched count as 0."""
    return _joined(tables, _table_versions(session))


def collection_versions(session: Session) -> Callable[[Collection], str]:
    """A function that says each collection's data version as of now, from one statement.

    It says nothing ("") of a collection that changes too often to be counted.
    """
    known = _table_versions(session)
    return lambda collection: _joined(collection.tables, known)


def _table_versions(session: Session) -> dict[str, int]:
    return {row.table_name: row.version for row in session.execute(VERSIONS)}


def _joined(tables: Sequence[str], known: Mapping[str, int]) -> str:
    return ".".join(str(known.get(table, 0)) for table in sorted(tables))


# Whoever has the same snapshot sees the same records.
SNAPSHOT = text("SELECT CAST(pg_current_snapshot() AS text)")


def snapshot(session: Session) -> str:
    """A text that is another one whenever anything has changed, in any table: for records that change often."""
    found: str = session.execute(SNAPSHOT).scalar_one()
    return found
