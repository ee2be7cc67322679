"""Records that stand on no map as sheets, in the headings of their import: what is given out comes in again unchanged.

To add one: a statement in `geodata/queries/sheets.py`, and one line in SHEETS.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from geodata.errors import NotFound
from geodata.formats.filetable import FileTable
from geodata.ingest.contacts import CONTACTS
from geodata.ingest.conveners import CONVENERS
from geodata.ingest.demands import DEMAND_STATE_WORDS, DEMANDS
from geodata.ingest.deputies import DEPUTIES, GROUND_WORDS
from geodata.ingest.duty import DUTY
from geodata.ingest.figures import FIGURE_WORDS, STATED_FIGURES
from geodata.ingest.kinds import Kind
from geodata.ingest.meeting_seats import MEETING_SEATS
from geodata.ingest.meetings import BODY_WORDS as MEETING_BODY_WORDS
from geodata.ingest.meetings import MEETINGS
from geodata.ingest.meetings import STATE_WORDS as MEETING_STATE_WORDS
from geodata.ingest.memberships import MEMBERSHIPS
from geodata.ingest.pilots import PILOTS
from geodata.ingest.pledges import PLEDGES
from geodata.ingest.projects import JOINT_WORDS, PROJECTS, STAGE_WORDS
from geodata.ingest.registrations import REGISTRATIONS
from geodata.ingest.resolutions import RESOLUTIONS, TARGET_WORDS
from geodata.ingest.resolutions import STATE_WORDS as RESOLUTION_STATE_WORDS
from geodata.ingest.resource_kinds import RESOURCE_KINDS
from geodata.ingest.resources import RESOURCES
from geodata.ingest.roster import ROSTER, SERVICE_WORDS, SHARED_SERVICES
from geodata.ingest.seats import BODY_WORDS, POSITION_WORDS, SEATS
from geodata.ingest.spellings import LEVEL_WORDS
from geodata.ingest.teams import TEAMS
from geodata.ingest.weights import INDEX_WORDS, SUBJECT_WORDS, WEIGHTS
from geodata.ingest.whistle import CALL_STATE_WORDS, WHISTLE_CALLS, WHISTLE_INVITEES, WHISTLE_TASKS
from geodata.queries import sheets as queries
from geodata.services.rule_tables import duty_lines
from geodata.services.sheet_tables import Column, Make, made_by


@dataclass(frozen=True)
class Sheet:
    """The sheet of one importable kind, open to those who hold the permission `read`.

    make   what writes it; of what is for few eyes, the rows of these towns alone (None: of all).
    """

    kind: Kind
    read: str
    make: Make


def sheet(name: str) -> Sheet:
    """The sheet of that kind. Raises NotFound, which lists those there are."""
    if name not in SHEETS:
        raise NotFound("sheet", name, list(SHEETS))
    return SHEETS[name]


UNIT = Column("unit", "单位编码")
UNIT_NAME = Column("unit_name", "单位名称")
LEVEL = Column("level", "层级", LEVEL_WORDS)
AREA = Column("area_code", "区域编码")
AREA_NAME = Column("area_name", "区域名称")
VALID_FROM = Column("valid_from", "开始日期")
VALID_TO = Column("valid_to", "结束日期")

PERIOD = Column("period", "期间")
SOURCE = Column("source", "来源")

_REGISTRATIONS = made_by(
    queries.REGISTRATIONS,
    UNIT,
    LEVEL,
    AREA,
    Column("area_name", "名称"),
    PERIOD,
    Column("members_total", "应报到党员数"),
    Column("members_registered", "已报到党员数"),
    Column("units_registered", "已报到单位数"),
    Column("pledges_claimed", "认领承诺数"),
    SOURCE,
)
_FIGURES = made_by(
    queries.FIGURES,
    Column("figure", "指标", FIGURE_WORDS),
    LEVEL,
    AREA,
    AREA_NAME,
    PERIOD,
    Column("value", "数值"),
    SOURCE,
)
_WEIGHTS = made_by(
    queries.WEIGHTS,
    Column("subject", "评价对象", SUBJECT_WORDS),
    Column("index", "指标", INDEX_WORDS),
    Column("weight", "权重"),
    Column("valid_from", "生效日期"),
    Column("valid_to", "失效日期"),
)
_SERVICE = (Column("of_kind", "服务类型", SERVICE_WORDS), Column("of_code", "服务编码"))
_ROSTER = made_by(
    queries.ROSTER,
    *_SERVICE,
    Column("day", "日期"),
    Column("opens", "开始时间"),
    Column("closes", "结束时间"),
    UNIT,
    UNIT_NAME,
    Column("role", "值班岗位"),
)
_SHARED = made_by(queries.SHARED_SERVICES, *_SERVICE, LEVEL, AREA, AREA_NAME)
_MEMBERSHIPS = made_by(queries.MEMBERSHIPS, UNIT, UNIT_NAME, LEVEL, AREA, AREA_NAME, VALID_FROM, VALID_TO)

# Where a project is stays with it; the collection of the map gives that out.
_PROJECTS = made_by(
    queries.PROJECTS,
    Column("code", "项目编码"),
    Column("name", "项目名称"),
    Column("joint", "六联", JOINT_WORDS),
    LEVEL,
    AREA,
    AREA_NAME,
    Column("stage", "阶段", STAGE_WORDS),
    Column("lead", "牵头单位编码"),
    Column("lead_name", "牵头单位名称"),
    Column("partners", "参与单位编码"),
    Column("support", "支持单位编码"),
    Column("starts_on", "开始日期"),
    Column("ends_on", "结束日期"),
    Column("outcome", "成效"),
    Column("people_served", "服务人次"),
    Column("address", "地址"),
)

LAST_DAY = Column("last_day", "截止日期")

_CONVENERS = made_by(
    queries.CONVENERS,
    *(LEVEL, AREA, AREA_NAME, Column("unit", "轮值召集人"), UNIT_NAME, VALID_FROM, LAST_DAY),
)

_SEATS = made_by(
    queries.SEATS,
    *(LEVEL, AREA, AREA_NAME, Column("body", "会议", BODY_WORDS), UNIT, UNIT_NAME),
    *(Column("position", "席位", POSITION_WORDS), VALID_FROM, LAST_DAY),
)

_CONTACTS = made_by(
    queries.CONTACTS,
    *(LEVEL, AREA, AREA_NAME, Column("topic", "事项"), Column("role", "联系岗位")),
    *(Column("phone", "电话"), Column("hours", "时间")),
)

_PILOTS = made_by(queries.PILOTS, LEVEL, AREA, AREA_NAME, Column("note", "试点内容"), VALID_FROM, LAST_DAY)
_MEETINGS = made_by(
    queries.MEETINGS,
    Column("code", "会议编码"),
    Column("name", "会议名称"),
    Column("body", "会议类型", MEETING_BODY_WORDS),
    LEVEL,
    AREA,
    AREA_NAME,
    Column("held_at", "会议时间"),
    Column("state", "会议状态", MEETING_STATE_WORDS),
    Column("agenda", "议程"),
    Column("minutes", "会议纪要"),
    Column("address", "地点"),
)
_RESOLVED = (
    Column("seq", "序号"),
    Column("words", "议定事项"),
    Column("unit", "责任单位编码"),
    Column("unit_name", "责任单位名称"),
    Column("due_on", "完成期限"),
    Column("state", "办理结果", RESOLUTION_STATE_WORDS),
    Column("target_kind", "转为", TARGET_WORDS),
    Column("target_code", "转办编号"),
    Column("note", "备注"),
)
_MEETING = (Column("meeting", "会议编码"), Column("meeting_name", "会议名称"))
_RESOLUTIONS = made_by(queries.RESOLUTIONS, *_MEETING, *_RESOLVED)
_MEETING_SEATS = made_by(
    queries.MEETING_SEATS,
    *(*_MEETING, UNIT, UNIT_NAME),
    *(Column("position", "席位", POSITION_WORDS), Column("attended", "到会")),
)

_CALL = Column("call", "吹哨编码")
_WHISTLE_CALLS = made_by(
    queries.WHISTLE_CALLS,
    Column("code", "吹哨编码"),
    Column("reason", "事由"),
    LEVEL,
    AREA,
    AREA_NAME,
    Column("meet_at", "到场时限"),
    Column("state", "状态", CALL_STATE_WORDS),
    Column("minutes", "现场结论"),
    Column("closed_at", "办结时间"),
    Column("ticket", "工单编号"),
    Column("address", "地址"),
)
_WHISTLE_INVITEES = made_by(
    queries.WHISTLE_INVITEES,
    _CALL,
    Column("seq", "序号"),
    UNIT,
    UNIT_NAME,
    Column("office", "办公室区域编码"),
    Column("part", "科室或岗位"),
    Column("arrived_at", "到场时间"),
    Column("arrived_m", "距现场米数"),
    Column("note", "备注"),
)
_WHISTLE_TASKS = made_by(queries.WHISTLE_TASKS, _CALL, *_RESOLVED)

# Words of meetings stand in these sheets as they were written.
_READS_WORDS = "contact.read"
# Who leads calls, each of their own town, reads the words of them.
_CALLS = "whistle.call"

HOLDER = Column("holder", "责任单位编码")
HOLDER_NAME = Column("holder_name", "责任单位名称")

_TEAMS = made_by(
    queries.TEAMS,
    Column("code", "团队编码"),
    Column("name", "团队名称"),
    Column("town_code", "街镇编码"),
    HOLDER,
    HOLDER_NAME,
    Column("holder_role", "责任岗位"),
    Column("contact_role", "联络岗位"),
    Column("contact_phone", "值班电话"),
)

_DEPUTIES = made_by(
    queries.DEPUTIES,
    Column("of_kind", "责任类别", GROUND_WORDS),
    Column("of_code", "责任对象编码"),
    Column("of_name", "责任对象名称"),
    Column("rank", "次序"),
    UNIT,
    UNIT_NAME,
    Column("role", "递补岗位"),
)

_PLEDGES = made_by(
    queries.PLEDGES,
    Column("code", "承诺编码"),
    Column("name", "承诺名称"),
    UNIT,
    UNIT_NAME,
    Column("category_codes", "问题类别"),
    LEVEL,
    AREA,
    AREA_NAME,
    Column("radius_m", "半径"),
    Column("hours", "时段"),
    Column("address", "地址"),
    VALID_FROM,
    VALID_TO,
)


def _duty(session: Session, *, towns: Sequence[str] | None = None, codes: Collection[str] | None = None) -> FileTable:
    del towns, codes
    return duty_lines(session)


_RESOURCE_KINDS = made_by(
    queries.RESOURCE_KINDS,
    Column("code", "类型编码"),
    Column("name_zh", "中文名称"),
    Column("name_en", "英文名称"),
)

KIND_CODE = Column("kind_code", "类型编码")
KIND_NAME = Column("kind_name", "类型名称")
AUDIENCE = Column("audience", "服务对象")
ADDRESS = Column("address", "地址")

_RESOURCES = made_by(
    queries.RESOURCES,
    Column("code", "资源编码"),
    Column("name", "资源名称"),
    Column("kind", "类型"),
    KIND_CODE,
    KIND_NAME,
    UNIT,
    UNIT_NAME,
    Column("capacity", "容量"),
    Column("capacity_count", "容纳人数"),
    Column("available", "开放时间"),
    Column("hours", "开放规则"),
    AUDIENCE,
    VALID_FROM,
    VALID_TO,
    ADDRESS,
)

_DEMANDS = made_by(
    queries.DEMANDS,
    Column("code", "需求编码"),
    Column("name", "需求名称"),
    KIND_CODE,
    KIND_NAME,
    LEVEL,
    AREA,
    AREA_NAME,
    Column("details", "需求内容"),
    AUDIENCE,
    Column("people", "人数"),
    Column("needed_from", "开始日期"),
    Column("needed_until", "截止日期"),
    Column("state", "状态", DEMAND_STATE_WORDS),
    ADDRESS,
    Column("posted_by", "提出岗位"),
)

SHEETS: dict[str, Sheet] = {
    one.kind.name: one
    for one in (
        Sheet(MEMBERSHIPS, "map.read", _MEMBERSHIPS),
        Sheet(REGISTRATIONS, "registration.set", _REGISTRATIONS),
        Sheet(STATED_FIGURES, "map.read", _FIGURES),
        Sheet(WEIGHTS, "evaluation.read", _WEIGHTS),
        Sheet(ROSTER, "map.read", _ROSTER),
        Sheet(SHARED_SERVICES, "map.read", _SHARED),
        Sheet(PROJECTS, "map.read", _PROJECTS),
        Sheet(CONVENERS, "map.read", _CONVENERS),
        Sheet(SEATS, "map.read", _SEATS),
        Sheet(CONTACTS, "contact.read", _CONTACTS),
        Sheet(PILOTS, "map.read", _PILOTS),
        Sheet(TEAMS, "contact.read", _TEAMS),
        Sheet(DEPUTIES, "map.read", _DEPUTIES),
        Sheet(DUTY, "ticket.read", _duty),
        Sheet(PLEDGES, "map.read", _PLEDGES),
        Sheet(RESOURCE_KINDS, "map.read", _RESOURCE_KINDS),
        Sheet(RESOURCES, "map.read", _RESOURCES),
        Sheet(DEMANDS, "map.read", _DEMANDS),
        Sheet(MEETINGS, _READS_WORDS, _MEETINGS),
        Sheet(RESOLUTIONS, _READS_WORDS, _RESOLUTIONS),
        Sheet(MEETING_SEATS, "meeting.read", _MEETING_SEATS),
        Sheet(WHISTLE_CALLS, _CALLS, _WHISTLE_CALLS),
        Sheet(WHISTLE_INVITEES, _CALLS, _WHISTLE_INVITEES),
        Sheet(WHISTLE_TASKS, _CALLS, _WHISTLE_TASKS),
    )
}
