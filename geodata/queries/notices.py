"""Who is told of what happens to a ticket, and what somebody has been told."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, TextClause, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Session

from geodata.queries.scope import Scope
from geodata.queries.tickets import answering_grid

# People by the word `r.whom`, about a row `i` of ticket. Each part begins with the word, so that the others cost
# nothing. Whoever has no area of their own works for the whole district; an officer without duty grids hears
# of their whole area. What has no town is the district's.
PEOPLE = f"""
        SELECT u.id, u.name, u.is_active
          FROM user_account AS u
         WHERE r.whom = 'unit' AND u.role = 'unit' AND u.unit_id = i.unit_id
         UNION ALL
        SELECT u.id, u.name, u.is_active
          FROM user_account AS u, installation AS n
         WHERE r.whom = 'unit' AND i.unit_id IS NULL
           AND (   (u.role = 'town_office' AND i.office_code <> n.code
                                           AND (u.area_code IS NULL OR u.area_code IN (i.office_code, n.code)))
                OR (u.role = 'district' AND i.office_code = n.code))
         UNION ALL
        SELECT u.id, u.name, u.is_active
          FROM duty_grid AS g
          JOIN user_duty_grid AS w ON w.duty_grid_id = g.id
          JOIN user_account AS u ON u.id = w.user_id
         WHERE r.whom = 'post' AND u.role = 'officer' AND g.code = i.duty_grid_code
           AND g.id = ({answering_grid("i.cell_code", "i.reported_at", "g.id")})
         UNION ALL
        SELECT u.id, u.name, u.is_active
          FROM user_account AS u, installation AS n
         WHERE r.whom = 'post' AND u.role = 'officer'
           AND (u.area_code IS NULL OR u.area_code IN (i.town_code, i.village_code, n.code))
           AND NOT EXISTS (SELECT FROM user_duty_grid AS w WHERE w.user_id = u.id)
         UNION ALL
        SELECT u.id, u.name, u.is_active
          FROM user_account AS u, installation AS n
         WHERE r.whom = 'town_office'
           AND (   (u.role = 'town_office' AND (u.area_code IS NULL OR u.area_code IN (i.town_code, n.code)))
                OR (u.role = 'district' AND i.town_code IS NULL))
         UNION ALL
        SELECT u.id, u.name, u.is_active
          FROM user_account AS u
         WHERE r.whom = 'district' AND u.role = 'district'
         UNION ALL
        SELECT u.id, u.name, u.is_active
          FROM ticket_follow AS f
          JOIN user_account AS u ON u.id = f.user_id
         WHERE r.whom = 'follower' AND f.ticket_id = i.id
"""

# Further people that only an event `e` knows: who handled the ticket before, who asked for what is answered now,
# and the unit that had it until this moment. The last of the three moves that give and take says who had it.
PEOPLE_OF_EVENT = """
         UNION ALL
        SELECT u.id, u.name, u.is_active
          FROM ticket_event AS h
          JOIN user_account AS u ON u.name = h.actor
         WHERE r.whom = 'handler' AND h.ticket_id = e.ticket_id AND h.seq < e.seq AND h.action = ANY(:handling)
         UNION ALL
        SELECT u.id, u.name, u.is_active
          FROM (SELECT a.actor
                  FROM ticket_event AS a
                  JOIN unnest(CAST(:answers AS text[]), CAST(:asks AS text[])) AS q (answer, ask)
                    ON q.ask = a.action AND q.answer = e.action
                 WHERE a.ticket_id = e.ticket_id AND a.seq < e.seq
                 ORDER BY a.seq DESC
                 LIMIT 1) AS a
          JOIN user_account AS u ON u.name = a.actor
         WHERE r.whom = 'asker'
         UNION ALL
        SELECT u.id, u.name, u.is_active
          FROM (SELECT a.facts ->> 'unit_code' AS code
                  FROM ticket_event AS a
                 WHERE a.ticket_id = e.ticket_id AND a.seq < e.seq AND a.action IN ('assign', 'choose', 'return')
                 ORDER BY a.seq DESC
                 LIMIT 1) AS a
          JOIN member_unit AS m ON m.code = a.code
          JOIN user_account AS u ON u.unit_id = m.id
         WHERE r.whom = 'former_unit' AND u.role = 'unit' AND m.id IS DISTINCT FROM i.unit_id
"""

# However many events there are, one statement; nobody is told of what they did themselves, or of one thing twice.
TELL = text(f"""
    INSERT INTO notice (user_id, ticket_id, word, facts, created_at)
    SELECT DISTINCT ON (e.id, p.id) p.id, e.ticket_id, e.action, jsonb_build_object('seq', e.seq), e.at
      FROM ticket_event AS e
      JOIN ticket AS i ON i.id = e.ticket_id
      JOIN unnest(CAST(:words AS text[]), CAST(:whoms AS text[])) AS r (word, whom) ON r.word = e.action
     CROSS JOIN LATERAL ({PEOPLE}{PEOPLE_OF_EVENT}) AS p
     WHERE e.id = ANY(:ids)
       AND p.is_active
       AND p.name <> e.actor
     ORDER BY e.id, p.id
""").bindparams(bindparam("ids", type_=ARRAY(BigInteger)))

WARN = text(f"""
    INSERT INTO notice (user_id, ticket_id, word, facts, created_at)
    SELECT DISTINCT ON (w.ticket_id, w.facts, p.id) p.id, w.ticket_id, 'warning', w.facts, :at
      FROM unnest(CAST(:ticket_ids AS bigint[]), CAST(:whoms AS text[]), CAST(:facts AS jsonb[]))
           AS w (ticket_id, whom, facts)
      JOIN ticket AS i ON i.id = w.ticket_id
     CROSS JOIN LATERAL (SELECT w.whom) AS r
     CROSS JOIN LATERAL ({PEOPLE}) AS p
     WHERE p.is_active
     ORDER BY w.ticket_id, w.facts, p.id
""").bindparams(bindparam("ticket_ids", type_=ARRAY(BigInteger)), bindparam("facts", type_=ARRAY(JSONB)))

# People of the units and offices that are called, or of the one of them that `seq` names. An office is that of a town
# or of the district, as with tickets.
TELL_CALLED = text("""
    INSERT INTO notice (user_id, word, facts, created_at)
    SELECT DISTINCT ON (u.id) u.id, CAST(:word AS text), CAST(:facts AS jsonb), CAST(:at AS timestamptz)
      FROM whistle_invitee AS n
     CROSS JOIN installation AS i
      JOIN user_account AS u
        ON (u.role = 'unit' AND u.unit_id = n.unit_id)
        OR (u.role = 'town_office' AND n.office_code <> i.code
            AND (u.area_code IS NULL OR u.area_code IN (n.office_code, i.code)))
        OR (u.role = 'district' AND n.office_code = i.code)
     WHERE n.call_id = :call_id
       AND (CAST(:seq AS integer) IS NULL OR n.seq = :seq)
       AND u.is_active
       AND u.name <> :actor
     ORDER BY u.id
""").bindparams(bindparam("facts", type_=JSONB))

# Whoever reports something wants to hear what becomes of it.
FOLLOW_OWN = text("""
    INSERT INTO ticket_follow (ticket_id, user_id)
    SELECT e.ticket_id, u.id
      FROM ticket_event AS e
      JOIN user_account AS u ON u.name = e.actor
     WHERE e.id = ANY(:ids)
       AND e.action = 'report'
        ON CONFLICT DO NOTHING
""").bindparams(bindparam("ids", type_=ARRAY(BigInteger)))

# Whoever may no longer see a ticket keeps what they were told of it, without its words.
LINES = """
    SELECT n.id, n.word, n.facts, n.created_at, n.read_at, i.number,
           CASE WHEN {scope} THEN i.title END AS title,
           c.name_zh, c.name_en, e.actor, u.name, o.name
      FROM (SELECT n.*
              FROM notice AS n
             WHERE n.user_id = :user_id
             ORDER BY n.read_at IS NOT NULL, n.id DESC
             LIMIT :limit OFFSET :skip) AS n
      LEFT JOIN ticket AS i ON i.id = n.ticket_id
      LEFT JOIN category AS c ON c.code = i.category_code
      LEFT JOIN ticket_event AS e ON e.ticket_id = n.ticket_id AND e.seq = CAST(n.facts ->> 'seq' AS integer)
      LEFT JOIN member_unit AS u ON u.code = e.facts ->> 'unit_code'
      LEFT JOIN area AS o
        ON o.code = e.facts ->> 'office_code' AND o.level IN ('district', 'town')
       AND o.valid_from <= CURRENT_DATE AND (o.valid_to IS NULL OR o.valid_to > CURRENT_DATE)
     ORDER BY n.read_at IS NOT NULL, n.id DESC
"""

# Beyond the limit nobody counts: every page of everybody asks this.
UNREAD = text("""
    SELECT count(*)
      FROM (SELECT FROM notice AS n WHERE n.user_id = :user_id AND n.read_at IS NULL LIMIT :limit) AS n
""")

TOTAL = text("SELECT count(*) FROM notice AS n WHERE n.user_id = :user_id")

READ_ONE = text("""
    UPDATE notice SET read_at = COALESCE(read_at, :at) WHERE id = :id AND user_id = :user_id
""")

READ_UNTIL = text("""
    UPDATE notice SET read_at = :at WHERE user_id = :user_id AND read_at IS NULL AND id <= :until
""")

PRUNE = text("DELETE FROM notice WHERE created_at < :before")


class NoticeLine(NamedTuple):
    """One notice as its reader sees it; of its event, who made the move and to whom the ticket went by it.

    `facts` of a warning say stage, share and when it is due. What is not known of a ticket or event is None, and so
    is the title of a ticket that its reader may not see (any longer).
    """

    id: int
    word: str
    facts: dict[str, Any]
    created_at: datetime
    read_at: datetime | None
    number: str | None
    title: str | None
    category_zh: str | None
    category_en: str | None
    actor: str | None
    unit_name: str | None
    office_name: str | None


class Warned(NamedTuple):
    """Who is warned about which ticket; `facts` are what the notice keeps."""

    ticket_id: int
    whom: str
    facts: dict[str, Any]


def tell(
    session: Session,
    ids: Sequence[int],
    *,
    rules: Sequence[tuple[str, str]],
    answers: Mapping[str, str],
    handling: Sequence[str],
) -> None:
    """Write the notices of events.

    ids       of events that are in the table, with their tickets as they stand after them.
    rules     pairs of a move and whom it is told, as `PEOPLE` knows them.
    answers   a move → the move that had asked for it.
    handling  moves by which somebody has handled a ticket.
    """
    values = {
        "ids": list(ids),
        "words": [word for word, _ in rules],
        "whoms": [whom for _, whom in rules],
        "answers": list(answers),
        "asks": list(answers.values()),
        "handling": list(handling),
    }
    session.execute(TELL, values)


def tell_called(
    session: Session,
    call_id: int,
    *,
    word: str,
    facts: Mapping[str, Any],
    actor: str,
    at: datetime,
    seq: int | None = None,
) -> None:
    """Write a notice to people of all that a whistle call names, or of the one numbered `seq`; never to the actor."""
    values = {"call_id": call_id, "word": word, "facts": dict(facts), "actor": actor, "at": at, "seq": seq}
    session.execute(TELL_CALLED, values)


def warn(session: Session, warned: Sequence[Warned], *, at: datetime) -> None:
    """Write the notice `warning` to people of tickets."""
    values = {
        "ticket_ids": [one.ticket_id for one in warned],
        "whoms": [one.whom for one in warned],
        "facts": [one.facts for one in warned],
        "at": at,
    }
    session.execute(WARN, values)


def follow_own(session: Session, ids: Sequence[int]) -> None:
    """Let those who made the reports among these events follow their tickets."""
    session.execute(FOLLOW_OWN, {"ids": list(ids)})


def lines(session: Session, *, user_id: int, scope: Scope, limit: int, skip: int) -> list[NoticeLine]:
    """Notices of somebody, unread ones first, then the newest first; `scope` is of the tickets they may see."""
    values = {"user_id": user_id, "limit": limit, "skip": skip, **scope.values()}
    return [NoticeLine(*row) for row in session.execute(text(LINES.format(scope=scope.clause())), values)]


def unread(session: Session, *, user_id: int, limit: int) -> int:
    """How many notices somebody has not read, counted up to the limit."""
    return int(session.execute(UNREAD, {"user_id": user_id, "limit": limit}).scalar_one())


def total(session: Session, *, user_id: int) -> int:
    """How many notices somebody has."""
    return int(session.execute(TOTAL, {"user_id": user_id}).scalar_one())


def read_one(session: Session, *, user_id: int, notice_id: int, at: datetime) -> bool:
    """Mark a notice read; whether it is theirs."""
    return _changed(session, READ_ONE, {"user_id": user_id, "id": notice_id, "at": at}) > 0


def read_until(session: Session, *, user_id: int, until: int, at: datetime) -> int:
    """Mark all notices of somebody up to one read; returns how many."""
    return _changed(session, READ_UNTIL, {"user_id": user_id, "until": until, "at": at})


def prune(session: Session, *, before: datetime) -> int:
    """Delete notices from before a moment; returns how many."""
    return _changed(session, PRUNE, {"before": before})


def _changed(session: Session, statement: TextClause, values: Mapping[str, Any]) -> int:
    return int(session.execute(statement, values).rowcount)  # type: ignore[attr-defined] # a cursor's result has it
