"""Tables only, a file per noun."""

from geodata.models.areas import Area
from geodata.models.base import LEVELS, OPEN_START, Base
from geodata.models.basemap import AREA_THEMES, LINE_THEMES, BasemapFeature
from geodata.models.categories import Category, DutyRule, UnitKind
from geodata.models.cooperation import JOINTS, STAGES, Project, Resource
from geodata.models.coverage import CoverageArea, CoverageCell, CoverageGap, CoverageRun
from geodata.models.evidence import CellVisit, Handover, Photo, RequestKey
from geodata.models.gazetteer import GazetteerAlias, GazetteerEntry, GazetteerRoad, GeocodeDecision, GeocodeResult
from geodata.models.geocoder_use import GeocoderUse
from geodata.models.grids import CellSuccession, DutyGrid, DutyGridCell, GridCell
from geodata.models.imports import ImportRun, LocalDatum
from geodata.models.installation import DataVersion, Installation
from geodata.models.messages import Notice, OutboxMessage, Webhook
from geodata.models.points import Region, ResponsibilityBlock, ResponsibilityPoint, ServiceTeam
from geodata.models.pyramid import CoverageBin, TicketBin, TicketBinChange
from geodata.models.rules import (
    STAGES_OF_WORK,
    AssignmentPolicy,
    CalendarDay,
    FilingRule,
    ReturnReason,
    StageClock,
    StageLimit,
    WarningSent,
    WarningStep,
    WorkingHours,
)
from geodata.models.search import SearchIndex, SearchName
from geodata.models.tickets import Assignment, ChainAnchor, Ticket, TicketEvent, TicketFollow
from geodata.models.units import Membership, MemberUnit
from geodata.models.users import ROLES, SavedView, User, UserDutyGrid

__all__ = [
    "AREA_THEMES",
    "JOINTS",
    "LEVELS",
    "LINE_THEMES",
    "OPEN_START",
    "ROLES",
    "STAGES",
    "STAGES_OF_WORK",
    "Area",
    "Assignment",
    "AssignmentPolicy",
    "Base",
    "BasemapFeature",
    "CalendarDay",
    "Category",
    "CellSuccession",
    "CellVisit",
    "ChainAnchor",
    "CoverageArea",
    "CoverageBin",
    "CoverageCell",
    "CoverageGap",
    "CoverageRun",
    "DataVersion",
    "DutyGrid",
    "DutyGridCell",
    "DutyRule",
    "FilingRule",
    "GazetteerAlias",
    "GazetteerEntry",
    "GazetteerRoad",
    "GeocodeDecision",
    "GeocodeResult",
    "GeocoderUse",
    "GridCell",
    "Handover",
    "ImportRun",
    "Installation",
    "LocalDatum",
    "MemberUnit",
    "Membership",
    "Notice",
    "OutboxMessage",
    "Photo",
    "Project",
    "Region",
    "RequestKey",
    "Resource",
    "ResponsibilityBlock",
    "ResponsibilityPoint",
    "ReturnReason",
    "SavedView",
    "SearchIndex",
    "SearchName",
    "ServiceTeam",
    "StageClock",
    "StageLimit",
    "Ticket",
    "TicketBin",
    "TicketBinChange",
    "TicketEvent",
    "TicketFollow",
    "UnitKind",
    "User",
    "UserDutyGrid",
    "WarningSent",
    "WarningStep",
    "Webhook",
    "WorkingHours",
]
