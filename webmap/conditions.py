"""The conditions of the lists of cooperation, read from the address: the same for the page and for the sheet of it."""

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import url_for
from sqlalchemy.orm import Session

from geodata.models import BODIES, JOINTS, LEVELS, MEETING_STATES, STAGES
from geodata.queries import meetings, pledges
from geodata.queries import projects as project_queries
from geodata.queries import resources as resource_queries
from geodata.queries.demands import DemandFilter
from geodata.queries.projects import ProjectFilter
from geodata.queries.resources import ResourceFilter
from geodata.services import demands, joint_records
from geodata.services.installation import installation
from geodata.services.joint_records import FIRST_DAY, LAST_DAY
from geodata.services.periods import DAYS, Period
from webmap import params

# The conditions of each list that has some.
NAMES: Mapping[str, tuple[str, ...]] = {
    "projects": ("joint", "level", "area", "stage", "unit", "year", "q"),
    "demands": ("kind", "area", "state", "q"),
    "resources": ("kind", "town", "unit", "state", "q"),
    "pledges": ("unit", "town", "category", "ended"),
    "meetings": ("since", "until", "body", "area", "state"),
}

# A project has days of these years only.
FIRST_YEAR, LAST_YEAR = FIRST_DAY.year, LAST_DAY.year - 1
ALWAYS = Period(DAYS, FIRST_DAY, LAST_DAY)

OFFERED, ENDED = "offered", "ended"

# What stands for the whole district where a page would else begin with one's own area.
WHOLE = "all"

# More than any district has.
_MOST = 1_000_000


def of_projects() -> ProjectFilter:
    """Which projects are meant."""
    return ProjectFilter(
        joint=params.one_of("joint", JOINTS) or "",
        level=params.one_of("level", LEVELS) or "",
        stage=params.one_of("stage", STAGES) or "",
        area=params.text("area") or "",
        unit=params.text("unit") or "",
        year=params.whole("year", low=FIRST_YEAR, high=LAST_YEAR),
        words=params.text("q") or "",
    )


def of_demands() -> DemandFilter:
    """Which demands are meant."""
    return DemandFilter(
        kind=params.text("kind"),
        state=params.one_of("state", demands.STATES),
        area=params.text("area"),
        words=params.text("q"),
    )


def of_resources() -> ResourceFilter:
    """Which resources are meant."""
    state = params.one_of("state", (OFFERED, ENDED))
    return ResourceFilter(
        kind=params.text("kind"),
        town=params.text("town"),
        unit=params.text("unit"),
        words=params.text("q"),
        is_ended=None if state is None else state == ENDED,
    )


def sheet_address(kind: str, **changed: str | None) -> str:
    """Where the list that is shown is had as a workbook; `changed` tells conditions otherwise than the address does."""
    query = urlencode(_asked(kind, changed))
    address = url_for("exports.sheet", kind=kind, form="xlsx")
    return f"{address}?{query}" if query else address


def export_address(kind: str, **changed: str | None) -> str:
    """Where the same features are had in other formats, with their places."""
    return f"{url_for('export_page.index')}?{urlencode({'collection': kind, **_asked(kind, changed)})}"


def _asked(kind: str, changed: dict[str, str | None]) -> dict[str, str]:
    asked = {name: params.text(name) for name in NAMES[kind]} | changed
    return {name: value for name, value in asked.items() if value}


def codes(session: Session, kind: str, *beside: str) -> frozenset[str] | None:
    """Codes of what the conditions of the address leave of a list; None where there are none, or the list has none.

    beside   what else the address may say.

    Raises BadParameter for a condition that the list does not know.
    """
    names = NAMES.get(kind, ())
    params.only(*names, *beside)
    if not any(params.text(name) for name in names):
        return None
    return frozenset(_LEFT[kind](session))


def _projects(session: Session) -> list[str]:
    return [one.code for one in project_queries.listed(session, of_projects(), most=_MOST)]


def _demands(session: Session) -> list[str]:
    return [one.code for one in demands.listed(session, of_demands(), limit=_MOST)]


def _resources(session: Session) -> list[str]:
    today = joint_records.today(session)
    return [one.code for one in resource_queries.listed(session, of_resources(), today=today, limit=_MOST)]


def _pledges(session: Session) -> list[str]:
    unit, town, category = params.text("unit"), params.text("town"), params.text("category")
    day = joint_records.today(session) if params.one_of("ended", ("yes", "no")) == "no" else None
    found = pledges.listed(session, unit=unit, town=town, category=category, day=day, limit=_MOST)
    return [one.code for one in found]


def _meetings(session: Session) -> list[str]:
    place, area = installation(session), params.text("area")
    period, zone = params.period(ALWAYS), ZoneInfo(place.timezone)
    found = meetings.listed(
        session,
        since=datetime.combine(period.since, time(), zone),
        before=datetime.combine(period.until + timedelta(days=1), time(), zone),
        body=params.one_of("body", BODIES),
        state=params.one_of("state", MEETING_STATES),
        area=None if area in {WHOLE, place.code} else area,
        most=_MOST,
    )
    return [one.code for one in found]


_LEFT: Mapping[str, Callable[[Session], list[str]]] = {
    "projects": _projects,
    "demands": _demands,
    "resources": _resources,
    "pledges": _pledges,
    "meetings": _meetings,
}
