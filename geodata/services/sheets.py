"""Records that stand on no map as sheets, in the headings of their import: what is given out comes in again unchanged.

To add one: a statement in `geodata/queries/sheets.py`, and one line in SHEETS.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import TextClause
from sqlalchemy.orm import Session

from geodata.errors import NotFound
from geodata.formats.filetable import FileTable
from geodata.formats.table import Value
from geodata.ingest.contacts import CONTACTS
from geodata.ingest.conveners import CONVENERS
from geodata.ingest.demands import DEMAND_STATE_WORDS, DEMANDS
from geodata.ingest.deputies import DEPUTIES, GROUND_WORDS
from geodata.ingest.duty import DUTY
from geodata.ingest.figures import FIGURE_WORDS, STATED_FIGURES
from geodata.ingest.kinds import Kind
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
from geodata.models import OPEN_START
from geodata.queries import sheets as queries
from geodata.services.installation import installation
from geodata.services.rule_tables import duty_lines


class Column(NamedTuple):
    """One column: the field's name, its Chinese heading, and for closed lists the spellings of the import."""

    name: str
    title_zh: str
    words: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Sheet:
    """The sheet of one importable kind, open to those who hold the permission `read`.

    make   what writes it; of what is for few eyes, the rows of these towns alone (None: of all).
    """

    kind: Kind
    read: str
    make: "Make"


def sheet(name: str) -> Sheet:
    """The sheet of that kind. Raises NotFound, which lists those there are."""
    if name not in SHEETS:
        raise NotFound("sheet", name, list(SHEETS))
    return SHEETS[name]


class Make(Protocol):
    """What writes a sheet."""

    def __call__(
        self, session: Session, *, towns: Sequence[str] | None = None, codes: Collection[str] | None = None
    ) -> FileTable:
        """The sheet with the rows of these towns and with these codes, or of all."""


def made_by(statement: TextClause, *columns: Column) -> Make:
    """What makes a table of a statement: headings and words in the language of the installation."""

    def make(
        session: Session, *, towns: Sequence[str] | None = None, codes: Collection[str] | None = None
    ) -> FileTable:
        place = installation(session)
        is_english = place.lang.startswith("en")
        zone = ZoneInfo(place.timezone)
        headings = [column.name if is_english else column.title_zh for column in columns]
        spelled = {column.name: _spelled(column.words or {}, is_english=is_english) for column in columns}
        found = [
            [_cell(row[column.name], spelled[column.name], zone) for column in columns]
            for row in queries.rows(session, statement, towns=towns)
            if codes is None or row["code"] in codes
        ]
        return FileTable(headings, found)

    return make


def _spelled(words: Mapping[str, str], *, is_english: bool) -> dict[str, str]:
    """How each word is written: of the spellings an import knows the word itself, or the first in Chinese."""
    found: dict[str, str] = {}
    for spelling, word in words.items():
        if spelling != word:
            found.setdefault(word, word if is_english else spelling)
    return found


def _cell(value: Any, spelled: Mapping[str, str], zone: ZoneInfo) -> Value:  # noqa: ANN401 - whatever a column holds
    found = value
    if isinstance(value, list | tuple):
        found = "、".join(str(one) for one in value) or None
    elif isinstance(value, datetime):
        found = value.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    elif isinstance(value, date):
        # a day as text: spreadsheets read those before March 1900 each in their own way
        found = None if value == OPEN_START else value.isoformat()
    elif isinstance(value, time):
        found = value.strftime("%H:%M")
    elif isinstance(value, float) and value.is_integer():
        found = int(value)
    elif isinstance(value, str):
        found = spelled.get(value, value)
    return found  # type: ignore[no-any-return] # numbers and flags are as they are


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
_RESOLUTIONS = made_by(
    queries.RESOLUTIONS,
    Column("meeting", "会议编码"),
    Column("meeting_name", "会议名称"),
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

# Words of meetings stand in these sheets as they were written.
_READS_WORDS = "contact.read"

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
    )
}
