"""What imports changed, kept row by row, and taken back in a few statements however many rows there are.

The functions of the database that write the statements for a table are those of migration 0016.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import BigInteger, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Session
from sqlalchemy.types import Interval, Text

_LOCK = 7_310_016
HOLD_IMPORTS = text("SELECT pg_advisory_xact_lock_shared(:number)")
TRY_TAKE_IMPORTS = text("SELECT pg_try_advisory_xact_lock(:number)")

MAKE_KEPT = text("""
    CREATE TEMPORARY TABLE kept_row (
        table_name text, key text, is_new boolean NOT NULL, before jsonb, PRIMARY KEY (table_name, key)
    ) ON COMMIT DROP
""")
IS_KEEPING = text("SELECT coalesce(current_setting('wangge.keeping', true), '') = 'on'")
SWITCH = text("SELECT set_config('wangge.keeping', :to, true)")
COUNT_KEPT = text("SELECT count(*) FROM pg_temp.kept_row")
SETTLE = text("SELECT settle_import_changes(:run, :derived)").bindparams(bindparam("derived", type_=JSONB))

# The newest runs within so many rows, and none older than so long.
PRUNE = text("""
    WITH aged AS (
        SELECT id, at, sum(kept_rows) OVER (ORDER BY id DESC) AS rows_since
          FROM import_run WHERE kept_rows IS NOT NULL
    ), dropped AS (
        UPDATE import_run AS r SET kept_rows = NULL
          FROM aged WHERE aged.id = r.id AND (aged.at < now() - :age OR aged.rows_since > :most)
        RETURNING r.id
    )
    DELETE FROM import_change AS c USING dropped WHERE c.run_id = dropped.id
""").bindparams(bindparam("age", type_=Interval))

MAKE_UNDONE = text("""
    CREATE TEMPORARY TABLE undo_row (
        table_name text, key text, is_new boolean NOT NULL, is_removed boolean NOT NULL, state text NOT NULL,
        label text, name text, by_table text, by_label text, uses bigint, by_run bigint, PRIMARY KEY (table_name, key)
    ) ON COMMIT DROP
""")
LIST = text("SELECT list_undo_rows(:run, :derived, :following, true)").bindparams(
    bindparam("derived", type_=JSONB), bindparam("following", type_=ARRAY(Text))
)
# Their history is only added to: they end, and stay.
END = text("UPDATE pg_temp.undo_row SET state = 'ended' WHERE is_new AND state = 'same' AND table_name = ANY(:tables)")
NAME_RUNS = text("""
    UPDATE pg_temp.undo_row AS u
       SET by_run = later.run_id
      FROM (SELECT table_name, key, min(run_id) AS run_id FROM import_change WHERE run_id > :run GROUP BY 1, 2) AS later
     WHERE u.state IN ('changed', 'gone') AND later.table_name = u.table_name AND later.key = u.key
""")
MARK_BY_FOREIGN_KEYS = text("SELECT mark_rows_by_foreign_keys()")
MARK_BY_CODE = text("SELECT mark_used_rows(:of_table, :of_column, :by_table, :by_column, :condition, true)")
TABLES_TO_REMOVE = text("SELECT DISTINCT table_name FROM pg_temp.undo_row WHERE is_new AND state = 'same'")
UNDO = text("SELECT undo_rows(:run, :tables, :parts)").bindparams(
    bindparam("tables", type_=ARRAY(Text)), bindparam("parts", type_=JSONB)
)
COUNTS = text("""
    SELECT table_name,
           count(*) FILTER (WHERE is_new AND state = 'same'),
           count(*) FILTER (WHERE NOT is_new AND state = 'same'),
           count(*) FILTER (WHERE state = 'ended'),
           count(*) FILTER (WHERE state NOT IN ('same', 'ended'))
      FROM pg_temp.undo_row GROUP BY table_name ORDER BY table_name
""")
CONFLICTS = text("""
    SELECT table_name, label, name, state, by_run, by_table, by_label, uses
      FROM pg_temp.undo_row
     WHERE state NOT IN ('same', 'ended')
     ORDER BY table_name, label, key
     LIMIT :most
""")
KEYS = text("SELECT CAST(key AS bigint) FROM pg_temp.undo_row WHERE table_name = :table AND state = ANY(:states) "
            "AND (is_new = :is_new) ORDER BY 1")  # fmt: skip
FORGET = text("DELETE FROM import_change WHERE run_id = :run")
CANCEL_TICKETS = text("""
    UPDATE ticket
       SET state = 'cancelled', closed_at = NULL, pending = NULL, is_supervised = false, updated_at = now()
     WHERE id = ANY(:ids)
""").bindparams(bindparam("ids", type_=ARRAY(BigInteger)))
ANALYZE_KEPT = text("ANALYZE pg_temp.kept_row")
DROP_KEPT = text("DROP TABLE pg_temp.kept_row")
DROP_UNDONE = text("DROP TABLE pg_temp.undo_row")

# Columns that hold a code of another table's record without a foreign key: (table, column, condition on its row `r`).
BY_CODE: Mapping[tuple[str, str], Sequence[tuple[str, str, str]]] = {
    ("area", "code"): (
        *((table, "area_code", "true") for table in (
            *("area_contact", "conference_seat", "convener_term", "demand", "meeting", "membership", "pilot_area"),
            *("pledge", "project", "shared_service", "stated_figure", "user_account", "whistle_call"),
        )),
        *((table, "town_code", "true") for table in (
            *("assignment_policy", "duty_grid", "duty_rule", "filing_rule", "grid_cell", "region"),
            *("responsibility_block", "service_team", "stage_limit", "warning_step", "webhook"),
        )),
        ("area", "parent_code", "true"),
        ("grid_cell", "village_code", "true"),
        ("registration_count", "of_code", "r.of_kind <> 'unit'"),
        ("whistle_invitee", "office_code", "true"),
        ("ticket", "office_code", "r.office_code IS DISTINCT FROM r.town_code"),
    ),
    ("grid_cell", "code"): (("duty_grid_cell", "cell_code", "true"), ("cell_visit", "cell_code", "true")),
    ("duty_grid", "code"): (("cell_visit", "duty_grid_code", "true"),),
    ("filing_rule", "code"): (("duty_rule", "rule_code", "true"),),
    ("member_unit", "code"): (
        ("registration_count", "of_code", "r.of_kind = 'unit'"),
        ("geocode_decision", "target_code", "r.target_kind = 'units' AND r.ended IS NULL"),
    ),
    ("region", "code"): (
        ("responsibility_block", "region_code", "true"),
        ("duty_deputy", "of_code", "r.of_kind = 'region'"),
    ),
    ("responsibility_block", "code"): (
        ("responsibility_point", "block_code", "true"),
        ("duty_deputy", "of_code", "r.of_kind = 'block'"),
    ),
    ("responsibility_point", "code"): (
        ("duty_deputy", "of_code", "r.of_kind = 'point'"),
        ("roster_turn", "of_code", "r.of_kind = 'point'"),
        ("shared_service", "of_code", "r.of_kind = 'point'"),
        ("geocode_decision", "target_code", "r.target_kind = 'points' AND r.ended IS NULL"),
    ),
    ("service_team", "code"): (
        ("duty_deputy", "of_code", "r.of_kind = 'team'"),
        ("roster_turn", "of_code", "r.of_kind = 'team'"),
        ("shared_service", "of_code", "r.of_kind = 'team'"),
    ),
    ("demand", "code"): (("resolution", "target_code", "r.target_kind = 'demand'"),),
}  # fmt: skip


class Count(NamedTuple):
    """Rows of one table: how many go, are put back, end and stay, and how many something stands in the way of."""

    table: str
    removed: int
    put_back: int
    ended: int
    conflicts: int


class ConflictRow(NamedTuple):
    """A row that cannot be taken back.

    state   `changed` or `gone` since the import, or `used` by `uses` rows of `by_table`, one of them `by_label`.
    by_run  the import after it that changed the row, None where a person did.
    """

    table: str
    label: str
    name: str | None
    state: str
    by_run: int | None
    by_table: str | None
    by_label: str | None
    uses: int | None


def hold_imports(session: Session) -> None:
    """Let nobody take an import back until this transaction ends; waits while somebody does."""
    session.execute(HOLD_IMPORTS, {"number": _LOCK})


def try_take_imports(session: Session) -> bool:
    """Have imports for this transaction alone; False while somebody imports or takes one back."""
    return bool(session.execute(TRY_TAKE_IMPORTS, {"number": _LOCK}).scalar_one())


def is_keeping(session: Session) -> bool:
    """Whether what this transaction changes is being kept."""
    return bool(session.execute(IS_KEEPING).scalar_one())


def begin_keeping(session: Session) -> None:
    """Keep from now on what this transaction changes, until `settle`."""
    session.execute(MAKE_KEPT)
    session.execute(SWITCH, {"to": "on"})


def settle(session: Session, run: int, *, most: int, derived: Mapping[str, Sequence[str]]) -> int | None:
    """Write down what was kept as changes of a run; how many rows, None where there are more than `most`."""
    session.execute(SWITCH, {"to": "off"})
    session.execute(ANALYZE_KEPT)
    count = session.execute(COUNT_KEPT).scalar_one()
    settled = None
    if count <= most:
        settled = int(session.execute(SETTLE, {"run": run, "derived": derived}).scalar_one())
    session.execute(DROP_KEPT)
    return settled


def prune(session: Session, *, age: timedelta, most: int) -> None:
    """Forget the changes of runs that are older, or lie behind so many rows of newer ones."""
    session.execute(PRUNE, {"age": age, "most": most})


def list_rows(
    session: Session,
    run: int,
    *,
    derived: Mapping[str, Sequence[str]],
    following: Collection[str],
    lasting: Collection[str],
) -> None:
    """List the rows of a run with what stands in the way of each, and hold them until this transaction ends.

    following   tables whose rows only follow from others: no conflict.
    lasting     tables whose rows never go.
    """
    session.execute(MAKE_UNDONE)
    session.execute(LIST, {"run": run, "derived": derived, "following": list(following)})
    session.execute(END, {"tables": list(lasting)})
    session.execute(NAME_RUNS, {"run": run})
    while _mark(session):
        pass


def _mark(session: Session) -> int:
    marked = int(session.execute(MARK_BY_FOREIGN_KEYS).scalar_one())
    removed = set(session.scalars(TABLES_TO_REMOVE))
    for (table, column), users in BY_CODE.items():
        if table not in removed:
            continue
        for by_table, by_column, condition in users:
            values = {"of_table": table, "of_column": column, "by_table": by_table, "by_column": by_column}
            marked += int(session.execute(MARK_BY_CODE, {**values, "condition": condition}).scalar_one())
    return marked


def undo_rows(session: Session, run: int, *, tables: Sequence[str], parts: Mapping[str, Sequence[str]]) -> None:
    """Take the listed rows back that nothing stands in the way of; `parts` are the columns put back, by table.

    tables   those of the run, those that others refer to first.
    """
    session.execute(UNDO, {"run": run, "tables": list(tables), "parts": {k: list(v) for k, v in parts.items()}})


def counts(session: Session) -> list[Count]:
    """The listed rows counted, by table."""
    return [Count(*row) for row in session.execute(COUNTS)]


def conflicts(session: Session, *, most: int) -> list[ConflictRow]:
    """The first listed rows that cannot be taken back, by table and code."""
    return [ConflictRow(*row) for row in session.execute(CONFLICTS, {"most": most})]


def keys(session: Session, table: str, *, states: Sequence[str], is_new: bool) -> list[int]:
    """Ids of listed rows of a table with one number as key."""
    return list(session.scalars(KEYS, {"table": table, "states": list(states), "is_new": is_new}))


def unlist(session: Session) -> None:
    """Drop the list."""
    session.execute(DROP_UNDONE)


def forget(session: Session, run: int) -> None:
    """Forget the changes of a run."""
    session.execute(FORGET, {"run": run})


def cancel_tickets(session: Session, ids: Sequence[int]) -> None:
    """Let tickets be cancelled, whatever they were; their events are the caller's."""
    session.execute(CANCEL_TICKETS, {"ids": list(ids)})
