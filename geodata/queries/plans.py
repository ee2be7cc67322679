"""How PostgreSQL is to read when an answer counts many rows of a large table."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text
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


@contextmanager
def counting(session: Session, *, by_place: bool) -> Iterator[None]:
    """Statements inside count many rows, `by_place` if a shape says which.

    After an error the transaction ends, and the settings with it.
    """
    session.execute(BEGIN, {"row_by_row": "off" if by_place else "on"})
    yield
    for each in END:
        session.execute(each)
