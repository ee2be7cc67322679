"""Names to search by: kept beside the records they were made from, and matched in several ways."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

# Kinds of names and the table whose version says whether the names of the kind may be stale.
TABLES = {
    "district": "area",
    "town": "area",
    "village": "area",
    "unit": "member_unit",
    "point": "responsibility_point",
    "block": "responsibility_block",
    "duty_grid": "duty_grid",
    "place": "gazetteer_entry",
    "road": "gazetteer_entry",
    "basemap": "basemap_feature",
}

# Between a name, its pinyin and its pairs of signs; no name holds one, as folding turns every blank into a space.
DIVIDER = "\t"

# One row a record that can be found by name; the folding here and in `fold` of the service are one.
# Of the base map each name counts once a theme, however many pieces the road is cut into.
NAMED = """
    WITH named AS (
        SELECT kind, key, lower(btrim(regexp_replace(normalize(name, NFKC), '\\s+', ' ', 'g'))) AS name
          FROM (SELECT a.level AS kind, a.code AS key, a.name
                  FROM area AS a
                 WHERE a.valid_from <= CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
                UNION ALL
                SELECT 'unit', code, name FROM member_unit
                UNION ALL
                SELECT 'point', code, name FROM responsibility_point
                UNION ALL
                SELECT 'block', code, name FROM responsibility_block
                UNION ALL
                SELECT 'duty_grid', code || '|' || scheme, name FROM duty_grid
                UNION ALL
                SELECT 'place', CAST(id AS text), name FROM gazetteer_entry WHERE geom IS NOT NULL
                UNION ALL
                SELECT DISTINCT 'road', r.name, r.name
                  FROM gazetteer_entry AS e, LATERAL (VALUES (e.road), (e.cross_road)) AS r (name)
                 WHERE r.name IS NOT NULL AND e.geom IS NOT NULL
                UNION ALL
                SELECT 'basemap', CAST(min(id) AS text), name
                  FROM basemap_feature
                 WHERE name IS NOT NULL
                 GROUP BY theme, name) AS record
         WHERE kind = ANY(CAST(:kinds AS text[])) AND name <> '')
"""

UNMADE = text(
    NAMED
    + """
    SELECT d.kind, d.key, d.name
      FROM named AS d
      LEFT JOIN search_name AS n ON n.kind = d.kind AND n.key = d.key
     WHERE n.key IS NULL OR split_part(n.name, chr(9), 1) <> d.name
     ORDER BY d.kind, d.key
     LIMIT CAST(:limit AS bigint)
"""
)

# NOT IN makes a hash of the names whatever the planner believes of their number; NOT EXISTS was planned as a
# loop in a loop, which for a hundred thousand names never ends.
FORGET = text(
    NAMED
    + """
    DELETE FROM search_name AS n
     WHERE n.kind = ANY(CAST(:kinds AS text[]))
       AND (n.kind, n.key) NOT IN (SELECT kind, key FROM named)
"""
)

KEEP = text("""
    INSERT INTO search_name (kind, key, name, initials)
    SELECT *
      FROM unnest(CAST(:kinds AS text[]), CAST(:keys AS text[]), CAST(:names AS text[]), CAST(:initials AS text[]))
        ON CONFLICT (kind, key) DO UPDATE SET name = EXCLUDED.name, initials = EXCLUDED.initials
""")

NOTE_VERSION = text("""
    INSERT INTO search_index (kind, data_key)
    SELECT * FROM unnest(CAST(:kinds AS text[]), CAST(:data_keys AS text[]))
        ON CONFLICT (kind) DO UPDATE SET data_key = EXCLUDED.data_key
""")

# Villages come into force and out of it by the day, so the day is part of what their names were made from.
VERSIONS = text("""
    SELECT k.kind, COALESCE(v.version, 0) || CASE WHEN k.table_name = 'area' THEN ' ' || CURRENT_DATE ELSE '' END,
           i.data_key
      FROM unnest(CAST(:kinds AS text[]), CAST(:tables AS text[])) AS k (kind, table_name)
      LEFT JOIN data_version AS v ON v.table_name = k.table_name
      LEFT JOIN search_index AS i ON i.kind = k.kind
     ORDER BY k.kind
""")

# One at a time makes names; whoever comes second answers without them rather than waits.
LOCK = text("SELECT pg_try_advisory_xact_lock(hashtext('search_name'))")

ANALYZE = text("ANALYZE search_name")

# The few best of each kind: the whole name, then one that begins so, then one that holds it; the shorter first, as
# a name that holds little beside the words asked for is the better answer.
BEST = """
    SELECT kind, key, grade
      FROM (SELECT g.kind, g.key, g.grade,
                   row_number() OVER (PARTITION BY g.kind ORDER BY g.grade, length(g.name), g.name, g.key) AS place
              FROM (SELECT n.kind, n.key, n.name,
                           CASE WHEN split_part(n.name, chr(9), 1) = CAST(:word AS text) THEN 0
                                WHEN n.name LIKE CAST(:like AS text) || '%' THEN 1
                                ELSE 2
                           END AS grade
                      FROM {names} AS n
                     WHERE n.kind = ANY(CAST(:kinds AS text[])) AND {condition}) AS g) AS ranked
     WHERE place <= :most
     ORDER BY grade, array_position(CAST(:kinds AS text[]), kind), place
"""

# A word that thousands of names hold says little: of so many the first few thousand are looked at. Places
# are the many, so that what is not one has its own turn.
HOLDING = """(
        (SELECT s.* FROM search_name AS s
          WHERE s.kind = ANY(CAST(:kinds AS text[])) AND s.kind <> 'place' AND s.name LIKE CAST(:pattern AS text)
          LIMIT 3000)
        UNION ALL
        (SELECT s.* FROM search_name AS s
          WHERE s.kind = 'place' AND s.name LIKE CAST(:pattern AS text)
          LIMIT 3000))
"""

# A Chinese word that names begin with is found by its initials, which a plain index holds in order;
# `inside` is narrowed by a pattern that the trigram index serves however short the word is, see `_pattern`.
RUNGS = {
    rung: text(BEST.format(names="search_name", condition=condition))
    for rung, condition in {
        "code": "n.key = ANY(CAST(:words AS text[]))",
        "code_prefix": "n.key LIKE CAST(:like AS text) || '%'",
        "prefix": "n.name LIKE CAST(:like AS text) || '%'",
        "initials": "n.initials LIKE CAST(:like AS text) || '%'",
        "initials_prefix": "n.initials LIKE CAST(:initials AS text) || '%'"
        " AND starts_with(n.name, CAST(:word AS text))",
        "pinyin": "n.name LIKE '%' || chr(9) || CAST(:like AS text) || '%'",
        "alike": "CAST(:word AS text) <% n.name",
    }.items()
} | {
    "inside": text(
        BEST.format(names=HOLDING, condition="strpos(split_part(n.name, chr(9), 1), CAST(:word AS text)) > 0")
    )
}

# Where names are still to be made, the records themselves are asked: slower, and only by what stands in the name.
IN_RECORDS = text(
    NAMED
    + """
    SELECT kind, key
      FROM (SELECT d.kind, d.key,
                   row_number() OVER (PARTITION BY d.kind ORDER BY length(d.name), d.name, d.key) AS place
              FROM named AS d
             WHERE strpos(d.name, CAST(:word AS text)) > 0) AS ranked
     WHERE place <= :most
     ORDER BY array_position(CAST(:kinds AS text[]), kind), place
"""
)

# A range, so that the index on the code serves whatever collation the database has; then the plain test.
CELLS_BY_CODE = text("""
    SELECT c.code
      FROM grid_cell AS c
     WHERE c.code >= CAST(:word AS text) AND c.code < CAST(:word AS text) || chr(1114111)
       AND starts_with(c.code, CAST(:word AS text))
       AND c.valid_to IS NULL
     ORDER BY c.code
     LIMIT :most
""")

TICKETS_BY_NUMBER = text("""
    SELECT i.number
      FROM ticket AS i
     WHERE i.number >= CAST(:word AS text) AND i.number < CAST(:word AS text) || chr(1114111)
       AND starts_with(i.number, CAST(:word AS text))
     ORDER BY i.number DESC
     LIMIT :most
""")

# Words are looked for among the newest reports only: two Chinese signs have no index that a million
# tickets could be searched by while somebody types.
TICKETS_BY_WORDS = text("""
    SELECT n.number
      FROM (SELECT i.number, i.title, i.address, i.reported_at
              FROM ticket AS i
             ORDER BY i.reported_at DESC
             LIMIT :newest) AS n
     WHERE strpos(lower(n.title), CAST(:word AS text)) > 0 OR strpos(lower(n.address), CAST(:word AS text)) > 0
     ORDER BY n.reported_at DESC, n.number DESC
     LIMIT :most
""")


class NameRow(NamedTuple):
    """One name of one record, with the first letters of its reading.

    Behind a DIVIDER `name` holds the pinyin, and behind another the pairs of signs between spaces: an index of
    trigrams finds no two signs in the middle of a word, but a word of two signs it finds.
    """

    kind: str
    key: str
    name: str
    initials: str


class Unmade(NamedTuple):
    """A record whose folded name is new or has changed."""

    kind: str
    key: str
    name: str


class Version(NamedTuple):
    """What a kind's records stand at now, and what its names were made from (None: never made)."""

    kind: str
    now: str
    made_from: str | None


class Match(NamedTuple):
    """A record that answers: by its whole name (`grade` 0), one that begins so (1), or in another way (2)."""

    kind: str
    key: str
    grade: int = 2


def versions(session: Session) -> list[Version]:
    """All kinds of names with the versions that tell whether they are stale, by kind."""
    values = {"kinds": list(TABLES), "tables": list(TABLES.values())}
    return [Version(*row) for row in session.execute(VERSIONS, values)]


def note_versions(session: Session, made: Sequence[Version]) -> None:
    """Write down what the names of these kinds were made from."""
    values = {"kinds": [one.kind for one in made], "data_keys": [one.now for one in made]}
    session.execute(NOTE_VERSION, values)


def is_mine_to_make(session: Session) -> bool:
    """Whether nobody else is making names; holds until the transaction ends."""
    return bool(session.scalar(LOCK))


def unmade(session: Session, kinds: Sequence[str], *, limit: int | None = None) -> list[Unmade]:
    """Records of these kinds whose names are missing or old, by kind and key."""
    return [Unmade(*row) for row in session.execute(UNMADE, {"kinds": list(kinds), "limit": limit})]


def keep(session: Session, rows: Sequence[NameRow]) -> None:
    """Store names, each in place of the one that its record had."""
    kinds, keys, names, initials = (list(column) for column in zip(*rows, strict=True))
    session.execute(KEEP, {"kinds": kinds, "keys": keys, "names": names, "initials": initials})


def forget(session: Session, kinds: Sequence[str]) -> None:
    """Drop the names of these kinds whose records are gone."""
    session.execute(FORGET, {"kinds": list(kinds)})


def analyze(session: Session) -> None:
    """Tell the planner about many new names."""
    session.execute(ANALYZE)


def matches(
    session: Session, rung: str, word: str, *, kinds: Sequence[str], most: int, initials: str = ""
) -> list[Match]:
    """At most `most` records of each kind that answer on a rung of RUNGS, by grade, the order of `kinds`, and length.

    word       folded text, whatever signs it holds.
    initials   first letters of its pinyin, for the rung that goes by them.
    """
    like = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    values = {
        "kinds": list(kinds),
        "most": most,
        "word": word,
        "like": like,
        "initials": initials,
        "pattern": _pattern(word, like),
        "words": [word, word.upper(), word.lower()],
    }
    return [Match(*row) for row in session.execute(RUNGS[rung], values)]


def pairs(folded: str) -> str:
    """Each two neighbouring signs of a name of which one is no Latin letter, and the last sign, between spaces."""
    found = [folded[at : at + 2].strip() for at in range(len(folded)) if not folded[at : at + 2].isascii()]
    return f" {' '.join(found)} "


def _pattern(word: str, like: str) -> str:
    """What names that hold a word look like; a word of one or two Chinese signs is looked for among the pairs."""
    if word.isascii() or len(word) > 2:
        return f"%{like}%"
    return f"%{DIVIDER}% {like} %" if len(word) == 2 else f"%{DIVIDER}% {like}%"


def in_records(session: Session, word: str, *, kinds: Sequence[str], most: int) -> list[Match]:
    """Records of kinds whose names are still to be made, by plain comparison; see `matches`."""
    return [Match(*row) for row in session.execute(IN_RECORDS, {"kinds": list(kinds), "word": word, "most": most})]


def cells_by_code(session: Session, word: str, *, most: int) -> list[str]:
    """Codes of current cells that begin with a text, in order."""
    return list(session.scalars(CELLS_BY_CODE, {"word": word, "most": most}))


def tickets_by_number(session: Session, word: str, *, most: int) -> list[str]:
    """Numbers of tickets that begin with a text, the newest first."""
    return list(session.scalars(TICKETS_BY_NUMBER, {"word": word, "most": most}))


def tickets_by_words(session: Session, word: str, *, newest: int, most: int) -> list[str]:
    """Numbers of tickets among the `newest` reports with a text in title or address, the newest first."""
    return list(session.scalars(TICKETS_BY_WORDS, {"word": word, "newest": newest, "most": most}))
