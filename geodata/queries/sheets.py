"""Records as the rows of a sheet that an import takes back; the names of the columns are the fields of its kind."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

# The name of the area a row is of; whoever reads the sheet knows it by that.
AREA_OF = """
      LEFT JOIN area AS a
        ON a.level = {row}.level AND a.code = {row}.area_code
       AND a.valid_from <= CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
"""

MEMBERSHIPS = text(f"""
    SELECT u.code AS unit, u.name AS unit_name, m.level, m.area_code, a.name AS area_name, m.valid_from, m.valid_to
      FROM membership AS m
      JOIN member_unit AS u ON u.id = m.unit_id
      {AREA_OF.format(row="m")}
     ORDER BY m.level, m.area_code, u.code, m.valid_from, m.id
""")


def rows(session: Session, statement: TextClause) -> list[Mapping[str, Any]]:
    """The rows of one of these statements, each a mapping by column."""
    return [row._asdict() for row in session.execute(statement)]
