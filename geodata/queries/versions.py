"""How fresh the data behind a cached answer are."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

VERSIONS = text("""
    SELECT table_name, version
      FROM data_version
     WHERE table_name = ANY(:tables)
     ORDER BY table_name
""")


def data_version(session: Session, tables: Sequence[str]) -> str:
    """A text that is another one whenever one of the tables has changed; tables never touched count as 0."""
    found = {row.table_name: row.version for row in session.execute(VERSIONS, {"tables": list(tables)})}
    return ".".join(str(found.get(table, 0)) for table in sorted(tables))


# Whoever has the same snapshot sees the same records.
SNAPSHOT = text("SELECT CAST(pg_current_snapshot() AS text)")


def snapshot(session: Session) -> str:
    """A text that is another one whenever anything has changed, in any table: for records that change often."""
    found: str = session.execute(SNAPSHOT).scalar_one()
    return found
