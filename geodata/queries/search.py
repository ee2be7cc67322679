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
    "region": "region",
    "team": "service_team",
    "project": "project",
    "resource": "resource",
    "demand": "demand",
    "pledge": "pledge",
    "meeting": "meeting",
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
                SELECT 'region', code, name FROM region
                UNION ALL
                SELECT 'team', code, name FROM service_team
                UNION ALL
                SELECT 'project', code, name FROM project
                UNION ALL
                SELECT 'resource', code, name FROM resource
                UNION ALL
                SELECT 'demand', code, name FROM demand
                UNION ALL
                SELECT 'pledge', code, name FROM pledge
                UNION ALL
                SELECT 'meeting', code, name FROM meeting
                UNION ALL
                SELECT 'place', CAST(id AS text), name FROM gazetteer_entry
                 WHERE geom IS NOT NULL AND kind IN ('place', 'crossing')
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

# What a rung asks of a row of names. Beginnings are ranges, which an index serves whatever the planner knows of the
# word, and then the plain test. What stands inside a name is narrowed by a pattern that the trigram index serves
# however short the word is, see `_pattern`; what begins so has been found before and is left out there.
CONDITIONS = {
    "code": "n.key = ANY(CAST(:words AS text[]))",
    "code_beginning": "(n.key >= CAST(:code AS text) AND n.key < CAST(:code AS text) || chr(1114111)"
    " OR n.key >= CAST(:word AS text) AND n.key < CAST(:word AS text) || chr(1114111))"
    " AND (starts_with(n.key, CAST(:code AS text)) OR starts_with(n.key, CAST(:word AS text)))",
    "whole": "left(n.name, 100) ~>=~ left(CAST(:word AS text), 100)"
    " AND left(n.name, 100) ~<~ (left(CAST(:word AS text), 100) || chr(10))"
    " AND split_part(n.name, chr(9), 1) = CAST(:word AS text)",
    "beginning": "left(n.name, 100) ~>=~ left(CAST(:word AS text), 100)"
    " AND left(n.name, 100) ~<~ (left(CAST(:word AS text), 100) || chr(1114111))"
    " AND starts_with(n.name, CAST(:word AS text))",
    "initials": "n.initials ~>=~ CAST(:word AS text) AND n.initials ~<~ (CAST(:word AS text) || chr(1114111))",
    "pinyin": "n.name LIKE '%' || chr(9) || CAST(:like AS text) || '%'",
    "inside": "n.name LIKE CAST(:pattern AS text) AND NOT starts_with(n.name, CAST(:word AS text))"
    " AND strpos(split_part(n.name, chr(9), 1), CAST(:word AS text)) > 0",
    "alike": "CAST(:word AS text) <% n.name",
}

# The few best of each kind, the shorter first, as a name that holds little beside the words asked for is the better
# answer. Of names that answer so many are looked at; places are the many, so that what is not one has its own turn
# and its own indexes. The last column tells of a record's group whether all of it were looked at.
BEST = """
    WITH held AS MATERIALIZED (
        (SELECT n.kind, n.key, n.name
           FROM search_name AS n
          WHERE n.kind = ANY(CAST(:kinds AS text[])) AND n.kind <> 'place' AND {condition}
          LIMIT :many)
        UNION ALL
        (SELECT n.kind, n.key, n.name
           FROM search_name AS n
          WHERE n.kind = ANY(CAST(:kinds AS text[])) AND n.kind = 'place' AND {condition}
          LIMIT :many))
    SELECT r.kind, r.key, (SELECT count(*) FROM held AS h WHERE (h.kind = 'place') = (r.kind = 'place')) < :many
      FROM (SELECT h.*, row_number() OVER (PARTITION BY h.kind ORDER BY length(h.name), h.name, h.key) AS place
              FROM held AS h) AS r
     WHERE r.place <= :most
     ORDER BY array_position(CAST(:kinds AS text[]), r.kind), r.place
"""

# Where more answer, the first few in the order of length are found sooner than all of them.
SHORTEST = """
    SELECT k.kind, r.key
      FROM unnest(CAST(:kinds AS text[])) WITH ORDINALITY AS k (kind, place),
           LATERAL (SELECT n.key, n.name
                      FROM search_name AS n
                     WHERE n.kind = k.kind AND {condition}
                     ORDER BY length(n.name), left(n.name, 100), n.name, n.key
                     LIMIT :most) AS r
     ORDER BY k.place, length(r.name), r.name, r.key
"""

RUNGS = {
    rung: (text(BEST.format(condition=condition)), text(SHORTEST.format(condition=condition)))
    for rung, condition in CONDITIONS.items()
}

# So many names that answer are sorted. More of them where the way in the order of length is long: what stands inside
# a name is often the end of long ones, and of one length what begins alike stands together.
MANY = dict.fromkeys(CONDITIONS, 1000) | {"inside": 2500, "beginning": 3000}

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
    """A record that answers."""

    kind: str
    key: str


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


def matches(session: Session, rung: str, word: str, *, kinds: Sequence[str], most: int) -> list[Match]:
    """At most `most` records of each kind that answer on a rung of RUNGS, in the order of `kinds`.

    Of a kind the shorter ones come first, then by name and key.

    word   folded text, whatever signs it holds.
    """
    values = _values(word, kinds, most)
    best, shortest = RUNGS[rung]
    rows = session.execute(best, values | {"many": MANY[rung]}).all()
    found = [Match(*row[:2]) for row in rows if row[2]]
    for are_places in {row.kind == "place" for row in rows if not row[2]}:
        group = [kind for kind in kinds if (kind == "place") == are_places]
        found += [Match(*row) for row in session.execute(shortest, values | {"kinds": group})]
    return sorted(found, key=lambda match: kinds.index(match.kind))


def _values(word: str, kinds: Sequence[str], most: int) -> dict[str, object]:
    """What the statements of a rung are bound to."""
    like = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return {
        "kinds": list(kinds),
        "most": most,
        "word": word,
        "like": like,
        "pattern": _pattern(word, like),
        "code": word.upper(),
        "words": [word, word.upper(), word.lower()],
    }


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
