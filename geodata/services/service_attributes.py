"""What is asked with reports of a category: the questions as data, and the answers checked against them."""

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from geodata import seed
from geodata.errors import BadSetting, NotFound
from geodata.formats.errors import FileRefused
from geodata.models import DATATYPES, Category, ServiceAttribute
from geodata.record_errors import FieldProblem

SERVICE_TYPES = ("realtime", "batch")
LISTS = ("singlevaluelist", "multivaluelist")
LONGEST = {"string": 200, "text": 4000}
LARGEST_FILE_BYTES = 1024 * 1024

# An answer as it is kept: text, or the keys of a list of several.
Kept = str | list[str]


class Answered(NamedTuple):
    """One question with what was answered, the words of choices in both languages."""

    attribute: ServiceAttribute
    kept: Kept

    def words(self, *, in_english: bool) -> list[str]:
        """The answer as people read it, one text or one for each choice."""
        names = {one["key"]: one["name_en" if in_english else "name_zh"] for one in self.attribute.choices}
        return [names.get(one, one) for one in ([self.kept] if isinstance(self.kept, str) else self.kept)]


def planted() -> list[dict[str, Any]]:
    """The questions every district starts from, as values of columns."""
    return [_columns(row) for row in seed.rows("service_attributes")]


def questions(session: Session) -> dict[str, list[ServiceAttribute]]:
    """All questions by category, in their order; categories without any are absent."""
    wanted = select(ServiceAttribute).order_by(ServiceAttribute.category_code, ServiceAttribute.position)
    return {code: list(of_it) for code, of_it in groupby(session.scalars(wanted), attrgetter("category_code"))}


def questions_of(session: Session, category: str) -> list[ServiceAttribute]:
    """The questions of a category, in their order. Raises NotFound for a category that is not on the list."""
    if session.get(Category, category) is None:
        raise NotFound("service_code", category)
    wanted = select(ServiceAttribute).where(ServiceAttribute.category_code == category)
    return list(session.scalars(wanted.order_by(ServiceAttribute.position)))


def answered(session: Session, category: str, kept: Mapping[str, Kept]) -> list[Answered]:
    """Answers of a ticket with their questions, in the order of these; what is no longer asked is left out."""
    if not kept:
        return []
    wanted = select(ServiceAttribute).where(ServiceAttribute.category_code == category)
    asked = session.scalars(wanted.order_by(ServiceAttribute.position))
    return [Answered(one, kept[one.code]) for one in asked if one.code in kept]


def checked(
    asked: Sequence[ServiceAttribute], given: Mapping[str, Sequence[str]]
) -> tuple[dict[str, Kept], list[FieldProblem]]:
    """The answers as they are kept, by code, and what is wrong with them; what nobody asks is passed over.

    given   values by code, empty ones as good as none.
    """
    kept: dict[str, Kept] = {}
    problems = []
    for one in asked:
        told = [value for each in given.get(one.code, ()) if (value := each.strip())]
        if not one.is_variable:
            continue
        if not told:
            if one.is_required:
                problems.append(FieldProblem(_field(one), "is required with this service_code"))
            continue
        wrong = _wrong(one, told)
        if wrong:
            problems.append(FieldProblem(_field(one), wrong))
        else:
            kept[one.code] = list(dict.fromkeys(told)) if one.datatype == "multivaluelist" else told[0]
    return kept, problems


def set_type(session: Session, category: str, service_type: str) -> Category:
    """Say whether applications are told the number of their ticket at once (`realtime`) or when it is filed (`batch`).

    Raises NotFound and BadSetting.
    """
    found = session.get(Category, category)
    if found is None:
        raise NotFound("category", category)
    if service_type not in SERVICE_TYPES:
        raise BadSetting("--type", service_type, "one of " + ", ".join(SERVICE_TYPES))
    found.service_type = service_type
    session.flush()
    return found


def read_questions(session: Session, path: Path) -> int:
    """Take the questions of a CSV file, whose categories then ask these and no others; returns how many.

    The headings are those of `geodata/seed/service_attributes.csv`; a line with a category alone leaves it without
    questions. All or nothing: raises FileRefused, NotFound for a category, and BadSetting with the line and its value.
    """
    if not path.is_file() or path.stat().st_size > LARGEST_FILE_BYTES:
        raise FileRefused(path.name, f"it is no file of at most {LARGEST_FILE_BYTES:,} bytes", "name another one")
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
    except (UnicodeDecodeError, csv.Error) as error:
        raise FileRefused(path.name, f"it cannot be read ({error})", "save it as CSV in UTF-8") from error
    columns = [_checked_row(session, number, row) for number, row in enumerate(rows, start=2)]
    named = sorted({row["category_code"] for row in columns})
    session.execute(delete(ServiceAttribute).where(ServiceAttribute.category_code.in_(named)))
    made = [ServiceAttribute(**row) for row in columns if row["code"]]
    keys = [(one.category_code, one.code) for one in made] + [(one.category_code, one.position) for one in made]
    if len(set(keys)) < len(keys):
        raise BadSetting("code", path.name, "codes and positions that each stand once in a category")
    session.add_all(made)
    session.flush()
    return len(made)


def _checked_row(session: Session, number: int, row: Mapping[str, str | None]) -> dict[str, Any]:
    told = {name: (value or "").strip() for name, value in row.items() if name}
    category = told.get("category_code", "")
    if session.get(Category, category) is None:
        raise NotFound("category", f"{category} (line {number})")
    if not told.get("code"):
        return {"category_code": category, "code": ""}
    try:
        made = _columns(told)
    except (KeyError, ValueError) as error:
        wanted = "the headings and values of the example in the guide"
        raise BadSetting(f"line {number}", str(error), wanted) from error
    code, datatype = str(made["code"]), str(made["datatype"])
    if not (code.isascii() and code.replace("_", "").replace("-", "").isalnum() and len(code) <= 40):
        raise BadSetting(f"code in line {number}", code[:60], "at most 40 letters, digits, - or _")
    if datatype not in DATATYPES:
        raise BadSetting(f"datatype in line {number}", datatype[:60], "one of " + ", ".join(DATATYPES))
    if (datatype in LISTS) != bool(made["choices"]):
        raise BadSetting(f"choices in line {number}", told.get("choices", "")[:60], "key=zh/en;… for lists alone")
    return made


def _columns(row: Mapping[str, str]) -> dict[str, Any]:
    return {
        **{name: row[name] for name in ("category_code", "code", "datatype", "name_zh", "name_en")},
        **{name: row.get(name, "") for name in ("hint_zh", "hint_en")},
        "is_variable": row["is_variable"] == "true",
        "is_required": row["is_required"] == "true",
        "position": int(row["position"]),
        "choices": [_choice(part) for part in row.get("choices", "").split(";") if part.strip()],
    }


def _choice(part: str) -> dict[str, str]:
    key, divider, names = part.strip().partition("=")
    name_zh, _, name_en = names.partition("/")
    if not divider or not key.strip() or not name_zh.strip():
        raise ValueError(part)
    return {"key": key.strip(), "name_zh": name_zh.strip(), "name_en": (name_en or name_zh).strip()}


def _field(one: ServiceAttribute) -> str:
    return f"attribute[{one.code}]"


def _wrong(one: ServiceAttribute, told: Sequence[str]) -> str | None:
    """Why an answer cannot be used; None for a good one."""
    if len(told) > 1 and one.datatype != "multivaluelist":
        return "takes one value"
    if one.datatype in LISTS:
        return _not_among((choice["key"] for choice in one.choices), told)
    if one.datatype == "number":
        return None if _is_number(told[0]) else "must be a number"
    if one.datatype == "datetime":
        return None if _is_moment(told[0]) else "must be a date and time like 2026-03-02T14:00:00+08:00"
    most = LONGEST[one.datatype]
    return f"takes at most {most} characters" if len(told[0]) > most else None


def _not_among(known: Iterable[str], told: Sequence[str]) -> str | None:
    keys = list(known)
    return None if set(told) <= set(keys) else f"must be of the keys {', '.join(keys)}"


def _is_number(told: str) -> bool:
    try:
        return told.isascii() and "_" not in told and len(told) <= 40 and math.isfinite(float(told))
    except ValueError:
        return False


def _is_moment(told: str) -> bool:
    # a + that was not encoded arrives as a blank
    try:
        datetime.fromisoformat(told.replace(" ", "+") if "T" in told else told)
    except ValueError:
        return False
    return len(told) <= 40
