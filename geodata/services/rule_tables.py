"""Filing rules, governance list and calendar as tables that an import takes back unchanged: CSV or XLSX."""

from collections.abc import Callable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.formats.filetable import FileTable
from geodata.formats.table import Value
from geodata.ingest.calendar import OFF, WORK
from geodata.ingest.duty import ROLES
from geodata.ingest.rules import UNITS
from geodata.models import CalendarDay, FilingRule
from geodata.queries import duty_list
from geodata.queries import rules as queries
from geodata.services.categories import categories, unit_kinds
from geodata.services.installation import installation
from geodata.services.rules import DISTRICT, check_town, today
from geodata.validity import holds

_RULE_HEADS = (
    ("category_code", "类别编码"),
    ("category_name", "类别名称"),
    ("town_code", "街镇编码"),
    ("code", "编号"),
    ("rank", "顺序"),
    ("condition_zh", "立案条件"),
    ("condition_en", "立案条件（英文）"),
    ("closing_zh", "结案条件"),
    ("closing_en", "结案条件（英文）"),
    ("amount", "时限"),
    ("unit", "时限单位"),
    ("needs_photo", "需要照片"),
    ("source", "来源"),
)
_DAY_HEADS = (
    ("day", "日期"),
    ("is_workday", "安排"),
    ("as_weekday", "按星期"),
    ("name_zh", "名称"),
    ("name_en", "英文名称"),
)
_DUTY_HEADS = (
    ("category_code", "类别编码"),
    ("category_name", "类别名称"),
    ("unit_kind", "单位类型"),
    ("role", "职责"),
    ("town_code", "街镇编码"),
    ("rule_code", "立案条件编号"),
)
_SPAN_HEADS = (("valid_from", "生效日期"), ("valid_to", "失效日期"))


def filing_rules(session: Session, *, town_code: str | None = None, with_history: bool = False) -> FileTable:
    """The rules in force today, of the district ('') or a town alone, or (None) of all; by category, town and code.

    With history also the versions of other days, each with its first day and the one before which it ends; without,
    the days are left out, so that a file with changes can be taken in again. Headings and words are in the language
    of the installation. Raises NotFound for the town.
    """
    check_town(session, town_code or DISTRICT)
    is_english = _is_english(session)
    heads = [*_RULE_HEADS, *(_SPAN_HEADS if with_history else ())]
    names = {one.code: one.name_en if is_english else one.name_zh for one in categories(session)}
    now = today(session)
    towns = None if town_code is None else [town_code]
    say = _english if is_english else _chinese
    rows = [
        _row(version, [field for field, _ in heads], names, say)
        for version in queries.rule_versions(session, towns=towns)
        if with_history or holds(version, now)
    ]
    return FileTable(_headings(heads, is_english=is_english), rows)


def duty_lines(session: Session, *, town_code: str | None = None, with_history: bool = False) -> FileTable:
    """The lines of the governance list in force today; what is told of `filing_rules` holds here too."""
    check_town(session, town_code or DISTRICT)
    is_english = _is_english(session)
    heads = [*_DUTY_HEADS, *(_SPAN_HEADS if with_history else ())]
    words = {one.code: one.name_en if is_english else one.name_zh for one in categories(session)}
    words |= {one.code: one.name_en if is_english else one.name_zh for one in unit_kinds(session)}
    words |= {role: role if is_english else spellings[0] for role, spellings in ROLES.items()}
    now = today(session)
    rows: list[list[Value]] = []
    for line in duty_list.versions(session, towns=None if town_code is None else [town_code]):
        if not with_history and not holds(line, now):
            continue
        named = [line.category_code, words[line.category_code], words[line.unit_kind], words[line.role]]
        days = [_english("valid_from", line.valid_from), _english("valid_to", line.valid_to)] if with_history else []
        rows.append([*named, line.town_code or None, line.rule_code or None, *days])
    return FileTable(_headings(heads, is_english=is_english), rows)


def calendar_days(session: Session, *, year: int | None = None) -> FileTable:
    """The days that do not follow their weekday, of a year or (None) of all, in order."""
    is_english = _is_english(session)
    off, work = (OFF[is_english], WORK[is_english])
    wanted = select(CalendarDay).order_by(CalendarDay.day)
    rows: list[list[Value]] = [
        [one.day.isoformat(), work if one.is_workday else off, one.as_weekday, one.name_zh, one.name_en]
        for one in session.scalars(wanted)
        if year in {None, one.day.year}
    ]
    return FileTable(_headings(_DAY_HEADS, is_english=is_english), rows)


def _is_english(session: Session) -> bool:
    return installation(session).lang.startswith("en")


def _headings(heads: Sequence[tuple[str, str]], *, is_english: bool) -> list[str]:
    return [english if is_english else chinese for english, chinese in heads]


def _row(
    version: FilingRule, fields: Sequence[str], names: dict[str, str], say: Callable[[str, object], Value]
) -> list[Value]:
    return [
        names[version.category_code] if name == "category_name" else say(name, getattr(version, name))
        for name in fields
    ]


def _english(name: str, value: object) -> Value:
    if name == "amount":
        return _plain(value)
    # a day as text: spreadsheets read those before March 1900 each in their own way
    if name in {"valid_from", "valid_to"}:
        return None if value is None else str(value)
    return value  # type: ignore[return-value] # the other columns are text, numbers and flags


def _chinese(name: str, value: object) -> Value:
    if name == "unit":
        return UNITS[str(value)][0]
    if name == "needs_photo":
        return "是" if value else "否"
    return _english(name, value)


def _plain(value: object) -> Value:
    return int(value) if isinstance(value, float) and value.is_integer() else value  # type: ignore[return-value] # a number
