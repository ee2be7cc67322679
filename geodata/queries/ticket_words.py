"""Tickets by their number, by words of their title and address, and by the names of their categories."""

import itertools
from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.queries.scope import Scope
from geodata.queries.ticket_filter import GROUPS, OPEN_GROUPS

# A word that stands in many tickets stands in six of these, and the newest are all that is asked for.
NEWEST = 400

# The states in which a ticket may be, those of open ones first.
STATES = [state for group in sorted(GROUPS, key=lambda group: group not in OPEN_GROUPS) for state in GROUPS[group]]
OPEN_STATES = [state for group in OPEN_GROUPS for state in GROUPS[group]]

BY_NUMBER = """
    SELECT i.number
      FROM ticket AS i
     WHERE i.number >= CAST(:word AS text) AND i.number < CAST(:word AS text) || chr(1114111)
       AND starts_with(i.number, CAST(:word AS text))
       AND {scope}
     ORDER BY i.number DESC
     LIMIT :most
"""

# The same folding as in the function ticket_words, which is what the index holds; see migration 0003.
HOLDS = """strpos(lower(regexp_replace(normalize(concat(i.title, chr(1), i.address), NFKC), '\\s+', ' ', 'g')),
                    CAST(:word AS text)) > 0"""

IN_NEWEST = f"""
    SELECT i.number
      FROM (SELECT i.number, i.title, i.address, i.reported_at
              FROM ticket AS i
             WHERE {{scope}}
             ORDER BY i.reported_at DESC, i.number DESC
             LIMIT :newest) AS i
     WHERE {HOLDS}
     ORDER BY i.reported_at DESC, i.number DESC
     LIMIT :most
"""

# Spell by spell of some 24 days, the newest first, until there are enough: neither a word of every ticket nor one
# of many, but old, tickets is ever gathered as a whole. Only spells that hold tickets are gone through. OFFSET 0
# keeps the planner from reading all tickets in the order of time instead. The spell itself is compared as well,
# for its number in the index comes round after 136 years.
IN_SPELLS = f"""
    WITH RECURSIVE spell (number) AS (
        SELECT CAST(floor(date_part('epoch', max(reported_at)) / 2097152) AS bigint)
          FROM ticket
        UNION ALL
        SELECT (SELECT CAST(floor(date_part('epoch', max(t.reported_at)) / 2097152) AS bigint)
                  FROM ticket AS t
                 WHERE t.reported_at < to_timestamp(s.number * 2097152))
          FROM spell AS s
         WHERE s.number IS NOT NULL)
    SELECT n.number
      FROM spell AS s,
           LATERAL (SELECT h.number
                      FROM (SELECT i.number, i.reported_at
                              FROM ticket AS i
                             WHERE ticket_words(i.title, i.address, i.reported_at)
                                   @> ARRAY(SELECT CAST((s.number & 2047) << 20 AS integer) | p.pair
                                              FROM unnest(CAST(:pairs AS integer[])) AS p (pair))
                               AND floor(date_part('epoch', i.reported_at) / 2097152) = s.number
                               AND {{scope}}
                               AND {HOLDS}
                            OFFSET 0) AS h
                     ORDER BY h.reported_at DESC, h.number DESC
                     LIMIT :most) AS n
     WHERE s.number IS NOT NULL
     LIMIT :most
"""

# Of English names a word begins so; in Chinese ones it stands anywhere.
CATEGORIES = text("""
    SELECT k.code
      FROM category AS k
     WHERE EXISTS (
               SELECT
                 FROM unnest(CAST(:words AS text[])) AS w (word)
                WHERE strpos(lower(k.name_zh), w.word) > 0 OR strpos(lower(k.major_zh), w.word) > 0
                   OR strpos(' ' || translate(lower(k.name_en), '()-,', '    '), ' ' || w.word) > 0
                   OR strpos(' ' || lower(k.major_en), ' ' || w.word) > 0)
     ORDER BY k.code
""")

# The few newest of each category and state, which an index has in order; of those the best.
OF_CATEGORIES = """
    SELECT n.number
      FROM unnest(CAST(:codes AS text[])) AS k (code),
           unnest(CAST(:states AS text[])) AS s (state),
           LATERAL (SELECT i.number, i.reported_at
                      FROM ticket AS i
                     WHERE i.category_code = k.code AND i.state = s.state
                       AND {scope}
                     ORDER BY i.reported_at DESC, i.number DESC
                     LIMIT :most) AS n
     ORDER BY s.state = ANY(CAST(:open_states AS text[])) DESC, n.reported_at DESC, n.number DESC
     LIMIT :most
"""


def tickets_by_number(session: Session, word: str, *, scope: Scope, most: int) -> list[str]:
    """Numbers of tickets of a scope that begin with a text, the newest first."""
    return _numbers(session, BY_NUMBER, scope, word=word, most=most)


def tickets_by_words(session: Session, word: str, *, scope: Scope, most: int) -> list[str]:
    """Numbers of tickets of a scope with a folded text of two signs or more in title or address, the newest first."""
    found = _numbers(session, IN_NEWEST, scope, word=word, newest=NEWEST, most=most)
    if len(found) == most:
        return found
    return _numbers(session, IN_SPELLS, scope, word=word, pairs=_pairs(word), most=most)


def categories_named(session: Session, words: Sequence[str]) -> list[str]:
    """Codes of the categories whose names, or whose group's, hold one of some folded words; in order."""
    return list(session.scalars(CATEGORIES, {"words": list(words)}))


def tickets_of_categories(session: Session, codes: Sequence[str], *, scope: Scope, most: int) -> list[str]:
    """Numbers of tickets of a scope and of these categories, open ones first, the newest first of either."""
    values = {"codes": list(codes), "states": STATES, "open_states": OPEN_STATES, "most": most}
    return _numbers(session, OF_CATEGORIES, scope, **values)


def _numbers(session: Session, statement: str, scope: Scope, **values: object) -> list[str]:
    return list(session.scalars(text(statement.format(scope=scope.clause())), {**values, **scope.values()}))


def _pairs(word: str) -> list[int]:
    """The neighbouring signs of a word as the numbers of the index, without the spell."""
    return [(ord(former) * 1009 + ord(sign)) & 1048575 for former, sign in itertools.pairwise(word)]
