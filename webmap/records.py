"""The records as one request sees them: one session, kept when the answer is good, undone when not."""

from flask import Flask, Response, current_app, g
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from geodata.models import Installation
from geodata.services.installation import installation
from spatial.errors import WanggeError

ENGINE = "wangge.engine"


def init_records(app: Flask, engine: Engine) -> None:
    """Tie the engine to the application, and the life of a session to that of a request."""
    app.extensions[ENGINE] = engine
    app.after_request(_keep)
    app.teardown_appcontext(_close)


def current_engine() -> Engine:
    """The engine of this application."""
    engine = current_app.extensions[ENGINE]
    if not isinstance(engine, Engine):
        raise TypeError(engine)
    return engine


def current_session() -> Session:
    """The session of this request, begun with its first use."""
    if "records" not in g:
        g.records = Session(current_engine(), expire_on_commit=False)
    session: Session = g.records
    return session


def let_go() -> None:
    """Store what this request has done so far, and give its connection back: before an answer that takes its own.

    Who holds one while waiting for a second waits for others who do the same, for ever.
    """
    if "records" in g:
        g.records.commit()


def district() -> Installation:
    """The settings of this district, read once a request."""
    if "district" not in g:
        g.district = installation(current_session())
    found: Installation = g.district
    return found


def district_if_there() -> Installation | None:
    """The settings of this district, or None while the database is away or empty: for pages that must show anyway."""
    if is_database_away():
        return None
    try:
        return district()
    except (WanggeError, SQLAlchemyError):
        note_database_away()
        return None


def note_database_away() -> None:
    """Ask the database nothing more in this request: each try would cost the reader the whole time limit."""
    g.is_database_away = True


def is_database_away() -> bool:
    """Whether this request has found the database away."""
    return bool(g.get("is_database_away"))


def _keep(response: Response) -> Response:
    # before the answer leaves, so that nobody is told of something that was not stored
    if "records" in g:
        if response.status_code < 400:
            g.records.commit()
        else:
            g.records.rollback()
    return response


def _close(_error: BaseException | None) -> None:
    session = g.pop("records", None)
    if session is not None:
        session.close()
