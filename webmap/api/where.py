"""Who is responsible here."""

from typing import Any

from flask import Blueprint, Response, render_template

from geodata.services.places import PlaceAnswer, where
from webmap import params
from webmap.access import may
from webmap.records import current_session
from webmap.responses import as_json, wants_json

bp = Blueprint("where", __name__)


@bp.get("/where")
def here() -> Response | str:
    """What lies at `lon`, `lat` and who answers for it, as JSON or as a page; `category` asks about a kind of issue."""
    params.only("lon", "lat", "category")
    lon, lat = params.lon_lat()
    answer = where(current_session(), lon=lon, lat=lat, category=params.text("category"))
    if wants_json():
        return as_json(facts(answer))
    return render_template("where.html", place=facts(answer))


def facts(answer: PlaceAnswer) -> dict[str, Any]:
    """The answer as plain values, less what the caller's role does not see."""
    found: dict[str, Any] = {
        "lon": answer.lon,
        "lat": answer.lat,
        "is_inside": answer.is_inside,
        **{level: hit._asdict() if hit else None for level, hit in answer.areas.items()},
        "cell": answer.cell._asdict() if answer.cell else None,
        "duty_grids": [hit._asdict() for hit in answer.duty_grids],
        "blocks": [hit._asdict() for hit in answer.blocks],
        "points": [_rounded(hit._asdict()) for hit in answer.points],
        "units": [_rounded(hit._asdict()) for hit in answer.units],
        "unheld": answer.unheld,
        "tickets": None,
    }
    if may("ticket.read"):
        found["tickets"] = [_rounded(hit._asdict()) for hit in answer.tickets]
    if not may("contact.read"):
        for block in found["blocks"]:
            block["contact_role"] = block["contact_phone"] = None
    return found


def _rounded(hit: dict[str, Any]) -> dict[str, Any]:
    return {**hit, "metres": round(hit["metres"])}
