"""What an import of tickets leaves beside the rows: offices and events."""

from collections.abc import Sequence

from sqlalchemy import BigInteger, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Session

from geodata.models import Ticket

# A ticket always lies with somebody: until the rule finds a unit, with the office of its town.
SET_OFFICES = text("""
    UPDATE ticket
       SET office_code = coalesce(town_code, :district)
     WHERE id = ANY(:ids) AND unit_id IS NULL
       AND office_code IS DISTINCT FROM coalesce(town_code, :district)
""").bindparams(bindparam("ids", type_=ARRAY(BigInteger)))

TOUCH = text("UPDATE ticket SET updated_at = now() WHERE id = ANY(:ids)").bindparams(
    bindparam("ids", type_=ARRAY(BigInteger))
)

# The state before is that of the last event, so that the chain of events stays whole; the facts say what the columns
# of the ticket say, which are the fold of its events.
ADD_EVENTS = text("""
    INSERT INTO ticket_event (ticket_id, seq, action, from_state, to_state, actor, facts)
    SELECT t.id, coalesce(e.seq, 0) + 1, 'import', e.to_state, t.state, :actor,
           :facts || jsonb_strip_nulls(jsonb_build_object(
               'closed_at', t.closed_at, 'unit_code', u.code, 'office_code', t.office_code))
      FROM ticket AS t
      LEFT JOIN member_unit AS u ON u.id = t.unit_id
      LEFT JOIN LATERAL (
        SELECT seq, to_state FROM ticket_event WHERE ticket_id = t.id ORDER BY seq DESC LIMIT 1) AS e ON true
     WHERE t.id = ANY(:ids)
     ORDER BY t.id
    RETURNING id
""").bindparams(bindparam("ids", type_=ARRAY(BigInteger)), bindparam("facts", type_=JSONB))


def numbers_there(session: Session, source: str) -> dict[str, str]:
    """Numbers of the tickets that came from a source, by their number there."""
    rows = session.execute(select(Ticket.source_ref, Ticket.number).where(Ticket.source == source))
    return {str(ref): number for ref, number in rows}


def set_offices(session: Session, ids: Sequence[int], *, district_code: str) -> None:
    """Put tickets that no unit has with the office of their town, or where that is unknown, of the district."""
    session.execute(SET_OFFICES, {"ids": list(ids), "district": district_code})


def add_events(session: Session, ids: Sequence[int], *, actor: str, facts: dict[str, object]) -> list[int]:
    """One event `import` for each of these tickets, from the state of its last event to its state now; their ids."""
    if not ids:
        return []
    return list(session.scalars(ADD_EVENTS, {"ids": list(ids), "actor": actor, "facts": facts}))


def touch(session: Session, ids: Sequence[int]) -> None:
    """Tell that these tickets have changed now."""
    if ids:
        session.execute(TOUCH, {"ids": list(ids)})


# Of the transaction alone. Rows are read from the file while it waits, which is not idleness.
SET_LIMITS = text("""
    SELECT set_config('statement_timeout', :statement, true),
           set_config('lock_timeout', :lock, true),
           set_config('idle_in_transaction_session_timeout', :idle, true)
""")


def set_limits(session: Session, *, statement_s: int, lock_s: int, idle_s: int) -> None:
    """How long, in this transaction, a statement may take, a lock may be waited for, and nothing may be asked."""
    session.execute(SET_LIMITS, {"statement": f"{statement_s}s", "lock": f"{lock_s}s", "idle": f"{idle_s}s"})
