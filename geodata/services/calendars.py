"""The district's working calendar, as its tables have it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.models import CalendarDay, WorkingHours
from geodata.services.installation import installation
from geodata.worktime import Calendar, calendar_of

_KEPT = "working calendar"


def calendar(session: Session) -> Calendar:
    """Days off, make-up workdays and working hours of the district, read once a session.

    Whoever changes them in a session calls `forget` there.
    """
    if _KEPT not in session.info:
        days = session.scalars(select(CalendarDay).order_by(CalendarDay.day))
        hours = session.scalars(select(WorkingHours).order_by(WorkingHours.weekday, WorkingHours.opens))
        session.info[_KEPT] = calendar_of(
            [{"day": one.day, "is_workday": one.is_workday, "as_weekday": one.as_weekday} for one in days],
            [{"weekday": one.weekday, "opens": one.opens, "closes": one.closes} for one in hours],
            installation(session).timezone,
        )
    found: Calendar = session.info[_KEPT]
    return found


def forget(session: Session) -> None:
    """Read the tables again the next time."""
    session.info.pop(_KEPT, None)
