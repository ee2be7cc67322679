"""How often other houses' geocoders were asked, counted so that no two processes go over a quota together."""

from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

# One statement, so that the row's lock orders those who ask at the same time; at the quota it changes nothing.
TAKE = text("""
    INSERT INTO geocoder_use AS u (name, day, asked)
    VALUES (:name, :day, 1)
        ON CONFLICT (name, day) DO UPDATE SET asked = u.asked + 1
     WHERE u.asked < :quota
    RETURNING u.asked
""")

ASKED = text("""
    SELECT u.asked
      FROM geocoder_use AS u
     WHERE u.name = :name AND u.day = :day
     ORDER BY u.name, u.day
""")


def take(session: Session, *, name: str, day: date, quota: int) -> bool:
    """Count one question of a day; False, and nothing counted, where `quota` (1 or more) of them have been asked."""
    return session.scalar(TAKE, {"name": name, "day": day, "quota": quota}) is not None


def asked(session: Session, *, name: str, day: date) -> int:
    """How many questions have been counted on a day."""
    return session.scalar(ASKED, {"name": name, "day": day}) or 0
