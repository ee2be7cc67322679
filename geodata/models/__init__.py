"""Tables only, a file per noun."""

from geodata.models.areas import Area
from geodata.models.base import LEVELS, OPEN_START, Base
from geodata.models.basemap import AREA_THEMES, LINE_THEMES, BasemapFeature
from geodata.models.categories import Category, DutyRule, UnitKind
from geodata.models.cooperation import JOINTS, STAGES, Project, Resource
from geodata.models.coverage import CoverageArea, CoverageCell, CoverageGap, CoverageRun
from geodata.models.gazetteer import GazetteerEntry, GeocodeResult
from geodata.models.grids import CellSuccession, DutyGrid, DutyGridCell, GridCell
from geodata.models.imports import ImportRun
from geodata.models.installation import DataVersion, Installation
from geodata.models.points import Region, ResponsibilityBlock, ResponsibilityPoint, ServiceTeam
from geodata.models.pyramid import CoverageBin, TicketBin, TicketBinChange
from geodata.models.search import SearchIndex, SearchName
from geodata.models.tickets import Assignment, Ticket, TicketEvent
from geodata.models.units import Membership, MemberUnit
from geodata.models.users import ROLES, User

__all__ = [
    "AREA_THEMES",
    "JOINTS",
    "LEVELS",
    "LINE_THEMES",
    "OPEN_START",
    "ROLES",
    "STAGES",
    "Area",
    "Assignment",
    "Base",
    "BasemapFeature",
    "Category",
    "CellSuccession",
    "CoverageArea",
    "CoverageBin",
    "CoverageCell",
    "CoverageGap",
    "CoverageRun",
    "DataVersion",
    "DutyGrid",
    "DutyGridCell",
    "DutyRule",
    "GazetteerEntry",
    "GeocodeResult",
    "GridCell",
    "ImportRun",
    "Installation",
    "MemberUnit",
    "Membership",
    "Project",
    "Region",
    "Resource",
    "ResponsibilityBlock",
    "ResponsibilityPoint",
    "SearchIndex",
    "SearchName",
    "ServiceTeam",
    "Ticket",
    "TicketBin",
    "TicketBinChange",
    "TicketEvent",
    "UnitKind",
    "User",
]
