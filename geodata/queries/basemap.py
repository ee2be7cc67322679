"""What an import of base map features leaves of those before it."""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import Text, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

# NOT IN makes a hash of the list whatever the planner believes of its length; NOT EXISTS was planned as
# a loop in a loop, which for 200,000 features never ends.
REMOVE_GONE = text("""
    DELETE FROM basemap_feature AS b
     WHERE b.source = :source
       AND b.theme = ANY(:themes)
       AND b.source_ref NOT IN (SELECT unnest(:refs))
""").bindparams(bindparam("themes", type_=ARRAY(Text)), bindparam("refs", type_=ARRAY(Text)))

OTHER_SOURCES = text("""
    SELECT b.source, count(*)
      FROM basemap_feature AS b
     WHERE b.source <> :source AND b.theme = ANY(:themes)
     GROUP BY b.source
     ORDER BY b.source
""").bindparams(bindparam("themes", type_=ARRAY(Text)))


class OtherSource(NamedTuple):
    """A source whose features are drawn as well."""

    source: str
    features: int


def remove_gone(session: Session, *, source: str, themes: Collection[str], refs: Collection[str]) -> int:
    """Remove the features of a source and of these themes that are none of `refs`; returns how many."""
    facts = {"source": source, "themes": sorted(themes), "refs": list(refs)}
    return int(session.execute(REMOVE_GONE, facts).rowcount)  # type: ignore[attr-defined] # a cursor's result has it


def other_sources(session: Session, *, source: str, themes: Collection[str]) -> list[OtherSource]:
    """Other sources with features of these themes, by name."""
    rows = session.execute(OTHER_SOURCES, {"source": source, "themes": sorted(themes)})
    return [OtherSource(*row) for row in rows]
