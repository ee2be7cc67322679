"""Which records name an area or a cell by its code, told from the tables themselves."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from geodata.models.base import Base

# What is calculated, follows the ground by itself, or tells of the past.
PASSED_OVER = frozenset({"coverage_area", "coverage_cell", "coverage_gap", "gazetteer_entry", "ticket_event"})

# Columns that name an area of any level, and what of them tells the level.
_OF_ANY_LEVEL = ("area_code", "of_code", "office_code", "parent_code")


class Namers(NamedTuple):
    """How many rows of a table name the area or cell."""

    table: str
    rows: int

    @property
    def words(self) -> str:
        """What these rows are, in English: `member units`."""
        return f"{self.table.replace('_', ' ')}s"


def namers(session: Session, level: str, code: str) -> list[Namers]:
    """Tables with rows in force today that name an area of a level (district, town, village), or a `cell`, by code.

    The table with the most rows first; empty where nothing names it.
    """
    counted = session.execute(union_all(*_counts(level, code))).all()
    found = [Namers(*row) for row in counted if row[1]]
    return sorted(found, key=lambda one: (-one.rows, one.table))


def _counts(level: str, code: str) -> Iterator[Select[str, int]]:
    for table in Base.metadata.sorted_tables:
        if table.name in PASSED_OVER:
            continue
        names = [one for one in (f"{level}_code", *_any_level(level)) if one in table.c]
        if not names:
            continue
        told: ColumnElement[bool] = or_(*(table.c[name] == code for name in names))
        if "valid_to" in table.c:
            told = and_(told, or_(table.c.valid_to.is_(None), table.c.valid_to > func.current_date()))
        if table.name == "area":
            told = and_(told, table.c.level != level)
        yield select(literal(table.name), func.count()).select_from(table).where(told)


def _any_level(level: str) -> tuple[str, ...]:
    return () if level == "cell" else _OF_ANY_LEVEL
