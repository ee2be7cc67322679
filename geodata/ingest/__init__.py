"""Importable kinds of record: a file each, and one register line."""

from geodata.ingest.areas import AREAS
from geodata.ingest.basemap import BASEMAP
from geodata.ingest.blocks import BLOCKS
from geodata.ingest.calendar import CALENDAR
from geodata.ingest.contacts import CONTACTS
from geodata.ingest.conveners import CONVENERS
from geodata.ingest.demands import DEMANDS
from geodata.ingest.deputies import DEPUTIES
from geodata.ingest.duty import DUTY
from geodata.ingest.duty_grids import DUTY_GRIDS
from geodata.ingest.errors import UnknownKind
from geodata.ingest.figures import STATED_FIGURES
from geodata.ingest.gazetteer import GAZETTEER
from geodata.ingest.grid import GRID
from geodata.ingest.kinds import Kind
from geodata.ingest.meeting_seats import MEETING_SEATS
from geodata.ingest.meetings import MEETINGS
from geodata.ingest.memberships import MEMBERSHIPS
from geodata.ingest.pilots import PILOTS
from geodata.ingest.pledges import PLEDGES
from geodata.ingest.points import POINTS
from geodata.ingest.projects import PROJECTS
from geodata.ingest.regions import REGIONS
from geodata.ingest.registrations import REGISTRATIONS
from geodata.ingest.resolutions import RESOLUTIONS
from geodata.ingest.resource_kinds import RESOURCE_KINDS
from geodata.ingest.resources import RESOURCES
from geodata.ingest.roster import ROSTER, SHARED_SERVICES
from geodata.ingest.rules import FILING_RULES
from geodata.ingest.seats import SEATS
from geodata.ingest.teams import TEAMS
from geodata.ingest.tickets import TICKETS
from geodata.ingest.units import UNITS
from geodata.ingest.weights import WEIGHTS
from geodata.ingest.whistle import WHISTLE_CALLS, WHISTLE_INVITEES, WHISTLE_TASKS

KINDS: tuple[Kind, ...] = (
    AREAS,
    GRID,
    UNITS,
    MEMBERSHIPS,
    CONVENERS,
    SEATS,
    CONTACTS,
    PILOTS,
    TEAMS,
    REGIONS,
    BLOCKS,
    POINTS,
    DEPUTIES,
    TICKETS,
    GAZETTEER,
    DUTY,
    DUTY_GRIDS,
    PROJECTS,
    RESOURCE_KINDS,
    RESOURCES,
    PLEDGES,
    DEMANDS,
    MEETINGS,
    MEETING_SEATS,
    RESOLUTIONS,
    WHISTLE_CALLS,
    WHISTLE_INVITEES,
    WHISTLE_TASKS,
    BASEMAP,
    FILING_RULES,
    CALENDAR,
    REGISTRATIONS,
    STATED_FIGURES,
    WEIGHTS,
    ROSTER,
    SHARED_SERVICES,
)

_BY_NAME = {kind.name: kind for kind in KINDS}


def kind_of(name: str) -> Kind:
    """The kind of that name. Raises UnknownKind, which lists those there are."""
    try:
        return _BY_NAME[name]
    except KeyError:
        raise UnknownKind(name, tuple(_BY_NAME)) from None
