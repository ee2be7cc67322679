"""Tables only, a file per noun."""

from geodata.models.areas import Area
from geodata.models.base import LEVELS, OPEN_START, Base
from geodata.models.categories import Category, DutyRule, UnitKind
from geodata.models.coverage import CoverageArea, CoverageCell, CoverageGap, CoverageRun
from geodata.models.gazetteer import GazetteerEntry, GeocodeResult
from geodata.models.grids import CellSuccession, DutyGrid, DutyGridCell, GridCell
from geodata.models.imports import ImportRun
from geodata.models.installation import DataVersion, Installation
from geodata.models.points import Region, ResponsibilityBlock, ResponsibilityPoint, ServiceTeam
from geodata.models.tickets import Assignment, Ticket, TicketEvent
from geodata.models.units import Membership, MemberUnit
from geodata.models.users import ROLES, User

__all__ = [
    "LEVELS",
    "OPEN_START",
    "ROLES",
    "Area",
    "Assignment",
    "Base",
    "Category",
    "CellSuccession",
    "CoverageArea",
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
    "Region",
    "ResponsibilityBlock",
    "ResponsibilityPoint",
    "ServiceTeam",
    "Ticket",
    "TicketEvent",
    "UnitKind",
    "User",
]
