"""How PostgreSQL is to read when an answer counts many rows of a large table."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

# To find a few rows by an index is quick; to count a large part of them so takes three times as long as
# reading them in the order in which they are stored, whatever the server has been told of its disks.
# Of a shape the planner always expects few, so an index of places may only say which pages to read. And
# where it cannot guess how many groups there will be, it would rather sort all rows than gather them.
BEGIN = text("""
    SELECT set_config('random_page_cost', '4', true), set_config('enable_sort', 'off', true),
           set_config('enable_indexscan', :row_by_row, true)
""")
END = (
    text("SET LOCAL random_page_cost TO DEFAULT"),
    text("SET LOCAL enable_sort TO DEFAULT"),
    text("SET LOCAL enable_indexscan TO DEFAULT"),
)


LIMIT = text("SELECT set_config('statement_timeout', :milliseconds, true)")

_CANCELLED = "57014"

R = TypeVar("R")


def within(session: Session, milliseconds: int, ask: Callable[[], R]) -> R | None:
    """What `ask` reads, none of its statements longer than so many milliseconds; None where one would be."""
    savepoint = session.begin_nested()
    try:
        session.execute(LIMIT, {"milliseconds": str(milliseconds)})
        return ask()
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _CANCELLED:
            raise
        return None
    finally:
        # with it goes the limit
        savepoint.rollback()


@contextmanager
def counting(session: Session, *, by_place: bool) -> Iterator[None]:
    """Statements inside count many rows, `by_place` if a shape says which.

    After an error the transaction ends, and the settings with it.
    """
    session.execute(BEGIN, {"row_by_row": "off" if by_place else "on"})
    yield
    for each in END:
        session.execute(each)
