"""Which photos tickets have."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

FIRST_PHOTOS = text("""
    SELECT i.number, p.id
      FROM ticket AS i,
           LATERAL (SELECT p.id
                      FROM photo AS p
                     WHERE p.ticket_id = i.id
                     ORDER BY p.id
                     LIMIT :most) AS p
     WHERE i.number = ANY(CAST(:numbers AS text[]))
     ORDER BY i.number, p.id
""")


def first_photos(session: Session, numbers: Sequence[str], *, most: int) -> dict[str, list[int]]:
    """Ids of the first photos of tickets by number, at most so many each; tickets without any are absent."""
    found: dict[str, list[int]] = {}
    for number, id_ in session.execute(FIRST_PHOTOS, {"numbers": list(numbers), "most": most}):
        found.setdefault(number, []).append(id_)
    return found
