"""The governance list: which of its lines hold on a day in a town, and every version of them."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from geodata.models import DutyRule

# THE rule by which lines of the list hold, for all statements that read it. {row} is the line, {category}, {town} (the
# code, '' for the district), {day} and {rule} (the code of the filing rule, null where it is not known) what is asked.
# A town that has lines of its own for the category, whatever they say, has them instead of the district's. The town is
# looked for in an array and not by EXISTS, so that where the category is bound the array is made once for all rows.
IN_FORCE = "{row}.valid_from <= {day} AND ({row}.valid_to IS NULL OR {row}.valid_to > {day})"
_OWN = IN_FORCE.replace("{row}", "own")
HOLDS = f"""
           {IN_FORCE}
       AND ({{row}}.rule_code = '' OR {{rule}} IS NULL OR {{row}}.rule_code = {{rule}})
       AND {{row}}.town_code = CASE WHEN {{town}} = ANY (ARRAY (
                SELECT own.town_code
                  FROM duty_rule AS own
                 WHERE own.category_code = {{category}} AND own.town_code <> '' AND {_OWN})) THEN {{town}} ELSE '' END
"""
ANY_RULE = "CAST(NULL AS text)"

_HANDLING = text(f"""
    SELECT DISTINCT w.number, d.unit_kind
      FROM unnest(CAST(:categories AS text[]), CAST(:towns AS text[]), CAST(:rules AS text[]))
           WITH ORDINALITY AS w (category_code, town_code, rule_code, number)
      JOIN duty_rule AS d ON d.category_code = w.category_code
     WHERE d.role = 'handle'
       AND {HOLDS.format(row="d", category="w.category_code", town="w.town_code", rule="w.rule_code", day=":day")}
     ORDER BY w.number, d.unit_kind
""")

# For a statement that asks for one category and town, of the rule with the bound id (null: not known yet): with the
# category bound, own towns are looked up once.
_HOLDS_ONE = HOLDS.format(
    row="d",
    category=":category",
    town=":town",
    rule="(SELECT f.code FROM filing_rule AS f WHERE f.id = CAST(:rule_id AS integer))",
    day=":day",
)
HANDLING_ONE = f"""
    SELECT DISTINCT d.unit_kind
      FROM duty_rule AS d
     WHERE d.category_code = :category
       AND d.role = 'handle'
       AND {_HOLDS_ONE}
     ORDER BY d.unit_kind
"""

_HANDLED_BY = text(f"""
    SELECT DISTINCT d.category_code
      FROM duty_rule AS d
     WHERE d.unit_kind = :kind
       AND d.role = 'handle'
       AND {HOLDS.format(row="d", category="d.category_code", town="CAST(:town AS text)", rule=ANY_RULE, day=":day")}
     ORDER BY d.category_code
""")

# A version that a file brings ends the one before it on its own first day.
_CLOSE_VERSIONS = text("""
    UPDATE duty_rule AS r
       SET valid_to = later.begins
      FROM (SELECT id, LEAD(valid_from) OVER (PARTITION BY category_code, unit_kind, role, town_code, rule_code
                                                  ORDER BY valid_from) AS begins
              FROM duty_rule) AS later
     WHERE later.id = r.id
       AND later.begins IS NOT NULL
       AND (r.valid_to IS NULL OR r.valid_to > later.begins)
""")


class Wanted(NamedTuple):
    """What the list is asked about: a category in a town ('' none), filed under a rule (None: not known yet)."""

    category: str
    town_code: str = ""
    rule_code: str | None = None


def handling(session: Session, wanted: Collection[Wanted], *, day: date) -> dict[Wanted, frozenset[str]]:
    """Kinds of unit that handle each of these on a day; an empty set where nobody does."""
    asked = list(dict.fromkeys(wanted))
    found: dict[Wanted, set[str]] = {one: set() for one in asked}
    values = {
        "categories": [one.category for one in asked],
        "towns": [one.town_code for one in asked],
        "rules": [one.rule_code for one in asked],
        "day": day,
    }
    for number, kind in session.execute(_HANDLING, values):
        found[asked[number - 1]].add(kind)
    return {one: frozenset(kinds) for one, kinds in found.items()}


def handled_by(session: Session, kind: str, *, town_code: str, day: date) -> list[str]:
    """Codes of the categories that units of a kind handle in a town ('' none) on a day, under any filing rule."""
    return list(session.scalars(_HANDLED_BY, {"kind": kind, "town": town_code, "day": day}))


def versions(
    session: Session, *, towns: Sequence[str] | None = None, category: str | None = None
) -> Sequence[DutyRule]:
    """Every version of the lines of a category (None: all) in the district ('') and towns (None: all).

    By category, town, kind, role and filing rule, the oldest version first.
    """
    wanted = select(DutyRule)
    if category is not None:
        wanted = wanted.where(DutyRule.category_code == category)
    if towns is not None:
        wanted = wanted.where(DutyRule.town_code.in_(towns))
    columns = ("category_code", "town_code", "unit_kind", "role", "rule_code", "valid_from")
    return session.scalars(wanted.order_by(*(getattr(DutyRule, name) for name in columns))).all()


def close_versions(session: Session) -> None:
    """End each version of a line on the day on which the next begins."""
    session.execute(_CLOSE_VERSIONS)
