"""Tables only, a file per noun."""

from geodata.models.api_keys import ApiKey
from geodata.models.areas import Area
from geodata.models.base import LEVELS, OPEN_START, Base
from geodata.models.basemap import AREA_THEMES, LINE_THEMES, BasemapFeature
from geodata.models.categories import Category, DutyRule, UnitKind
from geodata.models.cooperation import (
    DEMAND_STATES,
    JOINTS,
    MATCH_STATES,
    STAGES,
    Demand,
    JointMatch,
    Project,
    ProjectEvent,
    ProjectPartner,
    Resource,
    ResourceKind,
)
from geodata.models.coverage import CoverageArea, CoverageCell, CoverageGap, CoverageRun
from geodata.models.evaluation import SUBJECTS, EvaluationRow, EvaluationRun, IndexWeight
from geodata.models.evidence import CellVisit, Handover, Photo, RequestKey
from geodata.models.feeds import FEED_LEVELS, FeedLink
from geodata.models.figures import StatedFigure
from geodata.models.gazetteer import GazetteerAlias, GazetteerEntry, GazetteerRoad, GeocodeDecision, GeocodeResult
from geodata.models.geocoder_use import GeocoderUse
from geodata.models.grids import CellSuccession, DutyGrid, DutyGridCell, GridCell
from geodata.models.import_changes import ImportChange
from geodata.models.imports import ImportRun, LocalDatum
from geodata.models.installation import DataVersion, Installation
from geodata.models.meetings import MEETING_STATES, RESOLUTION_STATES, TARGETS, Meeting, MeetingSeat, Resolution
from geodata.models.messages import Notice, OutboxMessage, Webhook
from geodata.models.network import BODIES, BODIES_OF, POSITIONS, AreaContact, ConferenceSeat, ConvenerTerm, PilotArea
from geodata.models.pledges import Pledge, PledgeKept
from geodata.models.points import (
    DUTY_KINDS,
    DUTY_MODELS,
    Duty,
    DutyDeputy,
    Region,
    ResponsibilityBlock,
    ResponsibilityPoint,
    ServiceTeam,
)
from geodata.models.pyramid import CoverageBin, TicketBin, TicketBinChange
from geodata.models.registrations import REGISTRARS, RegistrationCount
from geodata.models.roster import RosterTurn, SharedService
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
from geodata.models.service_requests import DATATYPES, ServiceAttribute, ServiceRequest, ServiceUpdate
from geodata.models.tickets import Assignment, ChainAnchor, Ticket, TicketEvent, TicketFollow
from geodata.models.units import Membership, MemberUnit
from geodata.models.users import ROLES, SavedView, User, UserDutyGrid
from geodata.models.whistle import WHISTLE_STATES, WhistleCall, WhistleInvitee

__all__ = [
    "AREA_THEMES",
    "BODIES",
    "BODIES_OF",
    "DATATYPES",
    "DEMAND_STATES",
    "DUTY_KINDS",
    "DUTY_MODELS",
    "FEED_LEVELS",
    "JOINTS",
    "LEVELS",
    "LINE_THEMES",
    "MATCH_STATES",
    "MEETING_STATES",
    "OPEN_START",
    "POSITIONS",
    "REGISTRARS",
    "RESOLUTION_STATES",
    "ROLES",
    "STAGES",
    "STAGES_OF_WORK",
    "SUBJECTS",
    "TARGETS",
    "WHISTLE_STATES",
    "ApiKey",
    "Area",
    "AreaContact",
    "Assignment",
    "AssignmentPolicy",
    "Base",
    "BasemapFeature",
    "CalendarDay",
    "Category",
    "CellSuccession",
    "CellVisit",
    "ChainAnchor",
    "ConferenceSeat",
    "ConvenerTerm",
    "CoverageArea",
    "CoverageBin",
    "CoverageCell",
    "CoverageGap",
    "CoverageRun",
    "DataVersion",
    "Demand",
    "Duty",
    "DutyDeputy",
    "DutyGrid",
    "DutyGridCell",
    "DutyRule",
    "EvaluationRow",
    "EvaluationRun",
    "FeedLink",
    "FilingRule",
    "GazetteerAlias",
    "GazetteerEntry",
    "GazetteerRoad",
    "GeocodeDecision",
    "GeocodeResult",
    "GeocoderUse",
    "GridCell",
    "Handover",
    "ImportChange",
    "ImportRun",
    "IndexWeight",
    "Installation",
    "JointMatch",
    "LocalDatum",
    "Meeting",
    "MeetingSeat",
    "MemberUnit",
    "Membership",
    "Notice",
    "OutboxMessage",
    "Photo",
    "PilotArea",
    "Pledge",
    "PledgeKept",
    "Project",
    "ProjectEvent",
    "ProjectPartner",
    "Region",
    "RegistrationCount",
    "RequestKey",
    "Resolution",
    "Resource",
    "ResourceKind",
    "ResponsibilityBlock",
    "ResponsibilityPoint",
    "ReturnReason",
    "RosterTurn",
    "SavedView",
    "SearchIndex",
    "SearchName",
    "ServiceAttribute",
    "ServiceRequest",
    "ServiceTeam",
    "ServiceUpdate",
    "SharedService",
    "StageClock",
    "StageLimit",
    "StatedFigure",
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
    "WhistleCall",
    "WhistleInvitee",
    "WorkingHours",
]
