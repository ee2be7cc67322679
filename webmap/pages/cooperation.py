"""Co-governance at a glance: the pages there are."""

from flask import Blueprint, render_template

from webmap import params
from webmap.access import needs

bp = Blueprint("cooperation", __name__, url_prefix="/cooperation")


@bp.get("")
@needs("map.read")
def index() -> str:
    """What units do together in this district."""
    params.only()
    return render_template("cooperation.html")
