"""Saved views: conditions on tickets under a name, each person's own."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geodata.errors import BadSetting, NotFound, TooMany, ViewNameTaken
from geodata.models import SavedView

LONGEST_NAME = 40
MOST_VIEWS = 50


def list_views(session: Session, user_id: int) -> list[SavedView]:
    """Views of a person by name, maybe none."""
    wanted = select(SavedView).where(SavedView.user_id == user_id)
    return list(session.scalars(wanted.order_by(SavedView.name, SavedView.id)))


def save_view(session: Session, user_id: int, *, name: str, query: str) -> SavedView:
    """Keep a query string under a name; one of that name is replaced.

    Raises BadSetting for a name that cannot be used, TooMany above MOST_VIEWS.
    """
    clean = _checked(name)
    found = _named(session, user_id, clean)
    if found is None:
        count = session.scalar(select(func.count()).select_from(SavedView).where(SavedView.user_id == user_id)) or 0
        if count >= MOST_VIEWS:
            raise TooMany("saved views", count + 1, MOST_VIEWS)
        found = SavedView(user_id=user_id, name=clean, query=query)
        session.add(found)
    found.query = query
    session.flush()
    return found


def rename_view(session: Session, user_id: int, view_id: int, *, name: str) -> SavedView:
    """Give a view another name. Raises NotFound, BadSetting, or ViewNameTaken."""
    view = _own(session, user_id, view_id)
    clean = _checked(name)
    other = _named(session, user_id, clean)
    if other is not None and other.id != view.id:
        raise ViewNameTaken(clean)
    view.name = clean
    session.flush()
    return view


def delete_view(session: Session, user_id: int, view_id: int) -> None:
    """Forget a view. Raises NotFound, also for somebody else's."""
    session.delete(_own(session, user_id, view_id))
    session.flush()


def _own(session: Session, user_id: int, view_id: int) -> SavedView:
    found = session.get(SavedView, view_id)
    if found is None or found.user_id != user_id:
        raise NotFound("saved view", str(view_id))
    return found


def _named(session: Session, user_id: int, name: str) -> SavedView | None:
    wanted = select(SavedView).where(SavedView.user_id == user_id, SavedView.name == name)
    return session.scalars(wanted).first()


def _checked(name: str) -> str:
    clean = " ".join(name.split())
    if not clean or len(clean) > LONGEST_NAME or not clean.isprintable():
        raise BadSetting("name of a view", name[:LONGEST_NAME], f"1 to {LONGEST_NAME} printable characters")
    return clean
