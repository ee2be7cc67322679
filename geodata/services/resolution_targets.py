"""What a resolution becomes: the ticket, project or demand that is made of it, and the code that this one has."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.models import JOINTS, Category, Meeting, Resolution, ResourceKind, WhistleCall
from geodata.record_errors import BadValue
from geodata.services import demands, projects, tickets
from geodata.services.clocks import day_of
from geodata.services.demands import DemandDraft
from geodata.services.meetings import LonLat, check_place
from geodata.services.projects import ProjectDraft
from geodata.services.tickets import Position

Origin = Meeting | WhistleCall


@dataclass(frozen=True)
class TicketWanted:
    """The ticket a resolution becomes; `place` is WGS 84 degrees (lon, lat)."""

    category: str
    title: str
    place: LonLat
    address: str | None = None


@dataclass(frozen=True)
class ProjectWanted:
    """The project a resolution becomes: of which of the six joints, and what it is called."""

    joint: str
    name: str


@dataclass(frozen=True)
class DemandWanted:
    """The demand a resolution becomes: for a resource of which kind, and what it is called."""

    kind_code: str
    name: str


def open_ticket(
    session: Session, resolution: Resolution, origin: Origin, wanted: TicketWanted, *, actor: str, at: datetime | None
) -> str:
    """Open the ticket; its first event and its source say of which resolution it is. Returns its number."""
    if session.get(Category, wanted.category) is None:
        raise BadValue("category", "unknown", wanted.category)
    _demand_words("title", wanted.title)
    check_place(session, wanted.place)
    kind = origin_kind(origin)
    made = tickets.open_ticket(
        session,
        category=wanted.category,
        title=wanted.title,
        actor=actor,
        position=Position(*wanted.place, "wgs84"),
        address=wanted.address,
        description=resolution.words,
        source=kind,
        # no two tickets of one source have the same reference
        source_ref=reference(resolution, origin),
        reported_at=at,
        facts={"resolution": {"of": kind, "code": origin.code, "seq": resolution.seq}},
    )
    return made.number


def start_project(
    session: Session, resolution: Resolution, origin: Origin, wanted: ProjectWanted, *, actor: str
) -> str:
    """Start the project, proposed and led by the unit that the resolution names. Returns its code."""
    if wanted.joint not in JOINTS:
        raise BadValue("joint", "choice", wanted.joint, known=", ".join(JOINTS))
    _demand_words("name", wanted.name)
    draft = ProjectDraft(
        name=wanted.name.strip(),
        joint=wanted.joint,
        level=origin.level,
        area_code=origin.area_code,
        lead_unit_id=resolution.unit_id,
    )
    return projects.start(session, draft, actor=actor, note=reference(resolution, origin)).code


def post_demand(session: Session, resolution: Resolution, origin: Origin, wanted: DemandWanted, *, actor: str) -> str:
    """Post the demand, needed until the resolution is due. Returns its code."""
    if session.get(ResourceKind, wanted.kind_code) is None:
        raise BadValue("kind_code", "unknown", wanted.kind_code)
    _demand_words("name", wanted.name)
    due = resolution.due_on
    draft = DemandDraft(
        name=wanted.name.strip(),
        kind_code=wanted.kind_code,
        level=origin.level,
        area_code=origin.area_code,
        details=resolution.words,
        # a day that is over is nobody's wish any more
        needed_until=due if due is not None and due >= day_of(session, datetime.now(UTC)) else None,
    )
    return demands.post(session, draft, actor=actor).code


def resource_kinds(session: Session) -> list[ResourceKind]:
    """Kinds of resources that a demand can ask for, by code."""
    return list(session.scalars(select(ResourceKind).order_by(ResourceKind.code)))


def origin_kind(origin: Origin) -> str:
    """Whether a resolution is of a `meeting` or of the call of a `whistle`."""
    return "meeting" if isinstance(origin, Meeting) else "whistle"


def reference(resolution: Resolution, origin: Origin) -> str:
    """How a resolution is called elsewhere: M202603-001-2 is the second of that meeting."""
    return f"{origin.code}-{resolution.seq}"


def _demand_words(field: str, words: str) -> None:
    if not words.strip():
        raise BadValue(field, "missing")
