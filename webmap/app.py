"""The application: everything tied together, nothing decided here."""

import errno
import logging
import os
import secrets
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFError
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.middleware.proxy_fix import ProxyFix

from geodata.db import open_records
from geodata.settings import Settings
from spatial.errors import WanggeError
from webmap import api, pages, params
from webmap.access import init_access, may
from webmap.api.open311 import init_open311
from webmap.api_keys import FormGuard, init_api_keys
from webmap.files import init_files
from webmap.languages import init_languages, language
from webmap.maps import assets
from webmap.pages.notices import unread
from webmap.records import district_if_there, init_records, note_database_away
from webmap.responses import pack, problem, problem_of, protect
from webmap.uploads import init_uploads

# No answer is worth more of the database's time than this.
STATEMENT_LIMIT_S = 5.0

LARGEST_FORM_BYTES = 2 * 1024 * 1024

log = logging.getLogger("wangge")


def create_app(settings: Settings | None = None, *, engine: Engine | None = None, testing: bool = False) -> Flask:
    """The web application on one district.

    Without `engine` the database of the settings is opened (and the private cluster started).
    Raises DatabaseUnreachable, SchemaBehind, WrongLocale, or MissingAsset where a script or style
    that the pages need was not installed.
    """
    settings = settings or Settings.from_environment()
    assets.check()
    app = Flask("webmap")
    app.config.update(
        SECRET_KEY=settings.secret_key(),
        DATA_DIR=settings.data_dir,
        WEBHOOK_HOSTS=settings.webhook_hosts,
        IMPORT_MB=settings.import_mb,
        SESSION_COOKIE_NAME="wangge",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=os.environ.get("WANGGE_TLS") == "1",
        PERMANENT_SESSION_LIFETIME=8 * 3600,
        SESSION_REFRESH_EACH_REQUEST=False,  # access.py does it now and then
        MAX_CONTENT_LENGTH=LARGEST_FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=LARGEST_FORM_BYTES,
        TESTING=testing,
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # the default provider has it
    if os.environ.get("WANGGE_BEHIND_PROXY") == "1":
        app.wsgi_app = ProxyFix(app.wsgi_app)  # type: ignore[method-assign]  # Flask's own way to wrap
    app.before_request(_new_nonce)
    # they run last to first: packed is what everything else has left behind
    app.after_request(pack)
    app.after_request(protect)
    init_records(app, engine or open_records(settings, statement_timeout_s=STATEMENT_LIMIT_S, pool_size=8))
    app.url_map.converters["int"] = params.RowNumber
    init_files(app)
    init_languages(app)
    init_access(app)
    init_uploads(app)
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://")
    init_api_keys(app, limiter)
    app.before_request(params.storable)
    guard = FormGuard(app)
    _init_templates(app)
    _init_errors(app)
    for blueprint in (*api.blueprints(), *pages.blueprints(limiter)):
        app.register_blueprint(blueprint)
    init_open311(app, settings.open311, guard)
    return app


def _new_nonce() -> None:
    g.csp_nonce = secrets.token_urlsafe(16)


def _init_templates(app: Flask) -> None:
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True

    @app.context_processor
    def names() -> dict[str, Any]:
        return {
            "asset": assets.url,
            "csp_nonce": lambda: g.csp_nonce,
            "may": may,
            "lang": language(),
            "district": district_if_there(),
            "unread": unread,
        }


def _with_methods(answer: Response, error: HTTPException) -> Response:
    """The answer, which says what can be done instead where that is the question."""
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        answer.allow.update(error.valid_methods)
    return answer


def _init_errors(app: Flask) -> None:
    @app.errorhandler(WanggeError)
    def ours(error: WanggeError) -> Response:
        return problem_of(error)

    @app.errorhandler(CSRFError)
    def forged(_error: CSRFError) -> Response:
        return problem(HTTPStatus.FORBIDDEN, "the form is out of date; open the page again and send it once more")

    @app.errorhandler(HTTPException)
    def plain(error: HTTPException) -> Response:
        status = HTTPStatus(error.code or 500)
        if 300 <= status < 400:
            return Response(error.get_response().get_data(), status, error.get_response().headers)
        return _with_methods(problem(status, error.description or status.phrase), error)

    @app.errorhandler(PoolTimeout)
    @app.errorhandler(OperationalError)
    def busy(error: Exception) -> Response:
        note_database_away()
        log.warning("database busy or away: %s", type(error).__name__)
        answer = problem(HTTPStatus.SERVICE_UNAVAILABLE, "the database does not answer in time; try again soon")
        answer.headers["Retry-After"] = "2"
        return answer

    @app.errorhandler(OSError)
    def full(error: OSError) -> Response:
        """Uploads and exports wait in files; without room for them nothing is stored, and nothing sent, at all."""
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            return unexpected(error)
        log.error("no room left for files: %s", error.strerror)
        answer = problem(HTTPStatus.SERVICE_UNAVAILABLE, "the server has no room for files; try again later")
        answer.headers["Retry-After"] = "60"
        return answer

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        log.error("unexpected error in %s %s", request.method, request.endpoint, exc_info=error)
        if app.testing and not isinstance(error, DBAPIError):
            raise error
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "an error of the program; it has been written to the log")
