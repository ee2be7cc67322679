"""A mark of the state of a feature: another one as soon as anything of it that is published changes."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.catalog import Collection
from geodata.queries.sources import source

# Of the record, not of a text: the same in every CRS, language and encoding.
STATE = """
    SELECT encode(sha256(convert_to(
               concat(CAST(row_to_json(p) AS text), '|', encode(ST_AsEWKB(f.geom), 'hex')), 'UTF8')), 'hex') AS state
      FROM (SELECT s.* FROM ({source}) AS s WHERE s.{key} = :key) AS f,
           LATERAL (SELECT {properties}) AS p
"""


def state(session: Session, collection: Collection, key: str) -> str | None:
    """32 hexadecimal digits that stand for a feature as it is; None where there is none of that key (text)."""
    statement = STATE.format(
        source=source(collection.id),
        key=collection.key,
        properties=", ".join(f"f.{one.name}" for one in collection.properties),
    )
    found = session.execute(text(statement), {"key": key}).scalar_one_or_none()
    return None if found is None else found[:32]
