"""Warnings: which steps running clocks may have reached, and which have gone out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

# Steps that have not gone out and may have been reached; the exact share is worked out from calendar and pauses
# afterwards. A share counts in a known time at least: hours of work are hours, and so many working days touch as many
# days of the calendar. From the deadline on the clock's own column says it all; a clock that stands has none. The
# steps of a town stand in the place of the district's, for all of a stage.
NEARLY = text("""
    SELECT k.id, k.ticket_id, k.stage, k.amount, k.unit, k.started_at, k.pauses, k.due_at, s.share, s.whom,
           (SELECT max(w.share) FROM warning_sent AS w WHERE w.clock_id = k.id AND w.whom = s.whom) AS told
      FROM stage_clock AS k
      JOIN ticket AS i ON i.id = k.ticket_id
      JOIN warning_step AS s
        ON s.stage = k.stage
       AND s.town_code = CASE WHEN EXISTS (SELECT FROM warning_step AS t
                                            WHERE t.stage = k.stage AND t.town_code = i.town_code)
                              THEN i.town_code ELSE '' END
     WHERE k.stopped_at IS NULL
       AND k.due_at IS NOT NULL
       AND k.started_at <= :now
       AND CASE WHEN s.share >= 1 THEN k.due_at <= :now
                WHEN k.unit IN ('urgent_hours', 'working_hours')
                THEN k.started_at + make_interval(secs => 3600 * s.share * k.amount) <= :now
                WHEN k.unit = 'natural_days'
                THEN k.started_at + make_interval(secs => 86400 * s.share * k.amount) <= :now
                ELSE k.started_at + make_interval(secs => 86400 * (ceil(s.share * k.amount) - 2)) <= :now END
       AND NOT EXISTS (SELECT FROM warning_sent AS w
                        WHERE w.clock_id = k.id AND w.share = s.share AND w.whom = s.whom)
     ORDER BY k.id, s.whom, s.share
""")

# What somebody else has marked meanwhile does not come back: one of two who warn at once does it.
MARK = text("""
    INSERT INTO warning_sent (clock_id, share, whom, sent_at)
    SELECT m.clock_id, m.share, m.whom, :at
      FROM unnest(CAST(:clock_ids AS bigint[]), CAST(:shares AS double precision[]), CAST(:whoms AS text[]))
           AS m (clock_id, share, whom)
     ORDER BY m.clock_id, m.whom, m.share
        ON CONFLICT DO NOTHING
    RETURNING clock_id, share, whom
""")

FORGET_ABOVE = text("DELETE FROM warning_sent WHERE clock_id = :clock_id AND share > :share")


class NearStep(NamedTuple):
    """A step that a running clock may have reached, to be told to `whom`; `told` is the highest they have heard."""

    clock_id: int
    ticket_id: int
    stage: str
    amount: float
    unit: str
    started_at: datetime
    pauses: list[Any]
    due_at: datetime
    share: float
    whom: str
    told: float | None


def nearly_reached(session: Session, *, now: datetime) -> list[NearStep]:
    """Steps that running clocks may have reached and that have not gone out, by clock, whom and share."""
    return [NearStep(*row) for row in session.execute(NEARLY, {"now": now})]


def mark(session: Session, steps: Sequence[NearStep], *, at: datetime) -> set[tuple[int, float, str]]:
    """Note that steps go out; returns (clock, share, whom) of those that nobody had noted."""
    values = {
        "clock_ids": [one.clock_id for one in steps],
        "shares": [one.share for one in steps],
        "whoms": [one.whom for one in steps],
        "at": at,
    }
    return {(row[0], row[1], row[2]) for row in session.execute(MARK, values)}


def forget_above(session: Session, clock_id: int, share: float) -> None:
    """Let steps of a clock above a share go out once more."""
    session.execute(FORGET_ABOVE, {"clock_id": clock_id, "share": share})
