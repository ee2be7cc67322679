"""Whether the process lives, and whether it can do its work."""

import shutil

from flask import Blueprint, Response, current_app
from sqlalchemy.exc import SQLAlchemyError

from spatial.errors import WanggeError
from webmap.records import district
from webmap.responses import as_json

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def alive() -> Response:
    """200 while the process answers; nothing else is asked."""
    return as_json({"status": "ok"})


@bp.get("/readyz")
def ready() -> Response:
    """200 when the database answers and holds a district, else 503 with the part that fails."""
    try:
        database = "ok" if district() else "empty"
    except WanggeError:
        database = "empty"
    except SQLAlchemyError:
        database = "away"
    disk = shutil.disk_usage(current_app.config["DATA_DIR"])
    checks = {"database": database, "disk": "ok" if disk.free > 200 * 1024 * 1024 else "full"}
    good = all(state == "ok" for state in checks.values())
    return as_json({"status": "ok" if good else "failing", "checks": checks}, status=200 if good else 503)
