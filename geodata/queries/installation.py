"""The clock of the database."""

from sqlalchemy import text
from sqlalchemy.orm import Session

# "Today" in SQL must be the district's day. PostgreSQL itself quotes the two names.
SET_CLOCK = text("SELECT format('ALTER DATABASE %I SET timezone TO %L', current_database(), CAST(:zone AS text))")


def set_clock(session: Session, zone: str) -> None:
    """Make `zone` (such as Asia/Shanghai) the time zone of all later sessions on this database."""
    statement = session.execute(SET_CLOCK, {"zone": zone}).scalar_one()
    session.execute(text(statement))
