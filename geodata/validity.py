"""Versions of a record, each from a day until before another: which holds when, and how one begins or ends.

The past is never rewritten: a change ends the version in force on its day and begins another. Only a version that began
on that very day is corrected in place.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from geodata.models import DutyRule, FilingRule, StageLimit

V = TypeVar("V", DutyRule, FilingRule, StageLimit)


def holds(version: V, day: date) -> bool:
    """Whether a version is in force on a day."""
    return version.valid_from <= day and (version.valid_to is None or version.valid_to > day)


def holding(versions: Sequence[V], day: date) -> V | None:
    """The one of a record's versions that is in force on a day."""
    return next((one for one in versions if holds(one, day)), None)


def begun(versions: Sequence[V], day: date) -> V | None:
    """The one of a record's versions that begins on a day."""
    return next((one for one in versions if one.valid_from == day), None)


def begin(
    session: Session,
    versions: Sequence[V],
    day: date,
    *,
    model: type[V],
    key: Mapping[str, Any],
    values: Mapping[str, Any],
) -> V:
    """Have a record say this from a day on, until the next version that is planned; returns the version that does.

    versions   all that the record has; `key` and `values` are columns of the model. A version in force on the day that
               says the same already stays as it is.
    """
    former = holding(versions, day)
    if former is not None and all(getattr(former, name) == value for name, value in values.items()):
        return former
    if former is not None and former.valid_from == day:
        made = former
        for name, value in values.items():
            setattr(made, name, value)
    else:
        next_day = min((one.valid_from for one in versions if one.valid_from > day), default=None)
        if former is not None:
            former.valid_to = day
        made = model(**key, **values, valid_from=day, valid_to=next_day)
        session.add(made)
    session.flush()
    return made


def end(session: Session, versions: Sequence[V], day: date, *, is_used: bool = False) -> int:
    """Let a record hold no longer from a day on, and plan no later version of it; returns how many versions it took.

    is_used   whether something refers to the version in force: where it began on that very day, it then ends the day
              after instead of being taken out.
    """
    touched = 0
    for one in versions:
        if one.valid_to is not None and one.valid_to <= day:
            continue
        touched += 1
        if one.valid_from < day:
            one.valid_to = day
        elif one.valid_from == day and is_used:
            one.valid_to = day + timedelta(days=1)
        else:
            session.delete(one)
    session.flush()
    return touched
